// Suggestions of categories.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/optional_columns.hpp"
#include "patron/base/status.hpp"
#include "patron/c/category.h"
#include "patron/complaints/category_model.hpp"
#include "patron/v1/category.pb.h"
#include "proto/envelope.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;
namespace proto = patron::proto;

struct patron_category_model {
  complaints::CategoryModel model;
};

namespace patron::c_api {
namespace {

using complaints::CategoryModel;

absl::StatusOr<arrow::Loaded<std::string_view>> LoadTexts(const arrow::Table &table,
                                                          std::string_view argument,
                                                          const char *column,
                                                          const char *standard) {
  PATRON_ASSIGN_OR_RETURN(const std::string name, NameOr(argument, column, standard));
  return LoadText(table, name);
}

absl::Status CheckLeast(double least) {
  if (least >= 0 && least <= 1) return absl::OkStatus();
  return InvalidOption("least", FormatNumber(least), "0 to 1");
}

// Calls answer(row, probabilities) for each text.
template <typename Answer>
void ForEachText(const CategoryModel &model, std::span<const std::string_view> texts,
                 Answer answer) {
  std::vector<complaints::TextFeature> scratch;
  std::vector<double> probabilities(model.categories().size());
  for (size_t row = 0; row < texts.size(); ++row) {
    model.Probabilities(texts[row], scratch, probabilities);
    answer(row, std::span<const double>(probabilities));
  }
}

size_t Likeliest(std::span<const double> probabilities) {
  return static_cast<size_t>(std::ranges::max_element(probabilities) - probabilities.begin());
}

absl::StatusOr<arrow::Table> Suggest(const CategoryModel &model,
                                     std::span<const std::string_view> texts, double least) {
  std::vector<std::string_view> first(texts.size()), second(texts.size());
  std::vector<uint8_t> given(texts.size());
  std::vector<double> sure(texts.size()), next(texts.size());
  ForEachText(model, texts, [&](size_t row, std::span<const double> probabilities) {
    const size_t best = Likeliest(probabilities);
    size_t runner_up = best == 0 ? 1 : 0;
    for (size_t c = 0; c < probabilities.size(); ++c) {
      if (c != best && probabilities[c] > probabilities[runner_up]) runner_up = c;
    }
    sure[row] = probabilities[best];
    next[row] = probabilities[runner_up];
    given[row] = sure[row] >= least ? 1 : 0;
    if (given[row] != 0) first[row] = model.categories()[best];
    second[row] = model.categories()[runner_up];
  });
  arrow::TableBuilder builder;
  builder.AddText("category", first, given);
  builder.AddFloat64("probability", std::move(sure));
  builder.AddText("runner_up", second);
  builder.AddFloat64("runner_up_probability", std::move(next));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> AllProbabilities(const CategoryModel &model,
                                              std::span<const std::string_view> texts) {
  const size_t count = model.categories().size();
  std::vector<std::vector<double>> columns(count, std::vector<double>(texts.size()));
  ForEachText(model, texts, [&](size_t row, std::span<const double> probabilities) {
    for (size_t c = 0; c < count; ++c) columns[c][row] = probabilities[c];
  });
  arrow::TableBuilder builder;
  for (size_t c = 0; c < count; ++c) {
    builder.AddFloat64(model.categories()[c], std::move(columns[c]));
  }
  return builder.Finish();
}

absl::StatusOr<arrow::Table> Evaluate(const CategoryModel &model,
                                      std::span<const std::string_view> texts,
                                      std::span<const std::string_view> categories, double least,
                                      patron_category_scores *result) {
  std::vector<int32_t> truth(texts.size(), -1), suggested(texts.size(), -1);
  const auto &names = model.categories();
  ForEachText(model, texts, [&](size_t row, std::span<const double> probabilities) {
    const auto at = std::ranges::lower_bound(
        names, categories[row], {}, [](const std::string &name) { return std::string_view(name); });
    if (at != names.end() && *at == categories[row]) {
      truth[row] = static_cast<int32_t>(at - names.begin());
    }
    const size_t best = Likeliest(probabilities);
    if (probabilities[best] >= least) suggested[row] = static_cast<int32_t>(best);
  });
  complaints::CategoryScores scores = complaints::ScoreCategories(truth, suggested, names.size());
  result->accuracy = scores.accuracy;
  result->coverage = scores.coverage;
  result->macro_f1 = scores.macro_f1;
  arrow::TableBuilder builder;
  builder.AddText("category", names);
  builder.AddInt64("support", std::move(scores.support));
  builder.AddFloat64("precision", std::move(scores.precision));
  builder.AddFloat64("recall", std::move(scores.recall));
  builder.AddFloat64("f1", std::move(scores.f1));
  return builder.Finish();
}

v1::CategoryModel ToMessage(const CategoryModel &model) {
  v1::CategoryModel message;
  message.set_bits(static_cast<uint32_t>(model.bits()));
  // A list of strings that cannot grow would lose the string it was to take.
  message.mutable_category()->Reserve(static_cast<int>(model.categories().size()));
  for (const std::string &name : model.categories()) message.add_category(name);
  message.mutable_bias()->Add(model.bias().begin(), model.bias().end());
  message.mutable_place()->Add(model.places().begin(), model.places().end());
  message.mutable_weight()->Add(model.weights().begin(), model.weights().end());
  return message;
}

absl::StatusOr<CategoryModel> FromMessage(const v1::CategoryModel &message) {
  if (!message.unknown_fields().empty()) return proto::NotOurs("model: unknown field");
  if (message.bits() > 22) return proto::NotOurs("model: bits out of range");
  for (const std::string &name : message.category()) {
    PATRON_RETURN_IF_ERROR(proto::CheckName("model: category", name));
  }
  auto model = CategoryModel::FromParts({message.category().begin(), message.category().end()},
                                        static_cast<int>(message.bits()),
                                        {message.bias().begin(), message.bias().end()},
                                        {message.place().begin(), message.place().end()},
                                        {message.weight().begin(), message.weight().end()});
  if (!model.ok()) return proto::AsDataLoss(model.status());
  return model;
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_category_options_init(patron_category_options *options) {
  const complaints::CategoryOptions standard;
  *options = {};
  options->struct_size = sizeof *options;
  options->bits = standard.bits;
  options->epochs = standard.epochs;
  options->rate = standard.rate;
  options->penalty = standard.penalty;
  options->seed = standard.seed;
  options->text = "text";
  options->category = "category";
}

extern "C" patron_status patron_category_fit(const patron_table *table,
                                             const patron_category_options *options,
                                             patron_category_model **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_category_options full;
    patron_category_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(const std::string text, c_api::ReadName("text", full.text));
    PATRON_ASSIGN_OR_RETURN(const std::string category, c_api::ReadName("category", full.category));
    PATRON_ASSIGN_OR_RETURN(const auto texts, c_api::LoadText(table->table, text));
    PATRON_ASSIGN_OR_RETURN(const auto categories, c_api::LoadText(table->table, category));
    auto model = complaints::CategoryModel::Fit(texts.values, categories.values,
                                                {.bits = full.bits,
                                                 .epochs = full.epochs,
                                                 .rate = full.rate,
                                                 .penalty = full.penalty,
                                                 .seed = full.seed});
    if (!model.ok()) return c_api::InWords({{"category", category}}, model.status());
    *out = new patron_category_model{*std::move(model)};
    return absl::OkStatus();
  });
}

extern "C" void patron_category_free(patron_category_model *model) { delete model; }

extern "C" patron_status patron_category_names(const patron_category_model *model,
                                               patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    arrow::TableBuilder builder;
    builder.AddText("category", model->model.categories());
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, builder.Finish());
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_category_suggest(const patron_category_model *model,
                                                 const patron_table *table, const char *text,
                                                 double least, patron_table **out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckLeast(least));
    PATRON_ASSIGN_OR_RETURN(const auto texts, c_api::LoadTexts(table->table, "text", text, "text"));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::Suggest(model->model, texts.values, least));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_category_probabilities(const patron_category_model *model,
                                                       const patron_table *table, const char *text,
                                                       patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto texts, c_api::LoadTexts(table->table, "text", text, "text"));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result,
                            c_api::AllProbabilities(model->model, texts.values));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_category_evaluate(const patron_category_model *model,
                                                  const patron_table *table, const char *text,
                                                  const char *category, double least,
                                                  patron_category_scores *scores,
                                                  patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("scores", scores));
    PATRON_RETURN_IF_ERROR(c_api::CheckLeast(least));
    PATRON_ASSIGN_OR_RETURN(const auto texts, c_api::LoadTexts(table->table, "text", text, "text"));
    PATRON_ASSIGN_OR_RETURN(const auto categories,
                            c_api::LoadTexts(table->table, "category", category, "category"));
    patron_category_scores found{};
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, c_api::Evaluate(model->model, texts.values,
                                                                 categories.values, least, &found));
    *out = c_api::NewTable(std::move(result)).release();
    c_api::WriteOut(found, scores);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_category_serialize(const patron_category_model *model,
                                                   patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("model", model));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::WriteBytes(patron::v1::KIND_CATEGORY_MODEL, c_api::ToMessage(model->model), out);
  });
}

extern "C" patron_status patron_category_deserialize(const void *bytes, size_t size,
                                                     patron_category_model **out,
                                                     patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::CategoryModel message;
    PATRON_RETURN_IF_ERROR(proto::Unwrap({static_cast<const char *>(bytes), size},
                                         patron::v1::KIND_CATEGORY_MODEL, message));
    PATRON_ASSIGN_OR_RETURN(auto model, c_api::FromMessage(message));
    *out = new patron_category_model{std::move(model)};
    return absl::OkStatus();
  });
}
