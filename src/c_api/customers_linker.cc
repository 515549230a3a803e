// Linkers: made from fields and rules, and taught.
#include <charconv>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
#include "c_api/columns.hpp"
#include "c_api/customers_linker.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

using customers::BlockRule;
using customers::FieldModel;
using customers::KeyPart;
using customers::LinkField;

size_t ColumnIndex(patron_linker &linker, std::string_view name) {
  for (size_t c = 0; c < linker.columns.size(); ++c) {
    if (linker.columns[c] == name) return c;
  }
  linker.columns.emplace_back(name);
  return linker.columns.size() - 1;
}

// "surname", "surname[:4]", "date[4:6]", "code[2:]".
absl::StatusOr<KeyPart> ParsePart(std::string_view name, std::string_view text,
                                  patron_linker &linker) {
  KeyPart part;
  std::string_view column = text;
  const size_t open = text.rfind('[');
  if (text.ends_with(']') && open != std::string_view::npos && open > 0) {
    const std::string_view inside = text.substr(open + 1, text.size() - open - 2);
    const size_t colon = inside.find(':');
    const auto number = [](std::string_view digits, uint32_t *value) {
      if (digits.empty()) return true;
      const auto [end, error] =
          std::from_chars(digits.data(), digits.data() + digits.size(), *value);
      return error == std::errc() && end == digits.data() + digits.size();
    };
    if (colon == std::string_view::npos || !number(inside.substr(0, colon), &part.begin) ||
        !number(inside.substr(colon + 1), &part.end) || part.begin >= part.end) {
      return InvalidOption(name, Quoted(text), "a column, or code points of it as 'surname[:4]'");
    }
    column = text.substr(0, open);
  }
  part.column = ColumnIndex(linker, column);
  return part;
}

absl::StatusOr<std::vector<BlockRule>> ReadBlockRules(std::string_view name,
                                                      const patron_link_rule *rules, size_t count,
                                                      patron_linker &linker) {
  std::vector<BlockRule> read;
  if (count > 0) PATRON_RETURN_IF_ERROR(RequirePointer(name, rules));
  for (size_t r = 0; r < count; ++r) {
    const std::string own = absl::StrCat(Text(name), "[", r, "]");
    patron_link_rule full{};
    PATRON_RETURN_IF_ERROR(ReadElement(own, rules, r, &full));
    PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
    if (full.part_count == 0) return InvalidOption(own, "no column", "at least one");
    PATRON_RETURN_IF_ERROR(RequirePointer(own, full.parts));
    BlockRule rule;
    for (size_t p = 0; p < full.part_count; ++p) {
      PATRON_ASSIGN_OR_RETURN(const std::string text, ReadName(own, full.parts[p]));
      PATRON_ASSIGN_OR_RETURN(const KeyPart part, ParsePart(own, text, linker));
      rule.parts.push_back(part);
      rule.text += (p == 0 ? "" : " + ") + text;
    }
    read.push_back(std::move(rule));
  }
  return read;
}

absl::StatusOr<std::unique_ptr<patron_linker>> MakeLinker(const patron_linker_options &full) {
  auto linker = std::make_unique<patron_linker>();
  PATRON_ASSIGN_OR_RETURN(linker->id, ReadName("id", full.id));
  if (full.source != nullptr) {
    PATRON_ASSIGN_OR_RETURN(linker->source, ReadName("source", full.source));
  }
  if (full.cap < 2) return InvalidOption("cap", std::to_string(full.cap), "2 or more");
  if (!(full.recall > 0 && full.recall <= 1)) {
    return InvalidOption("recall", FormatNumber(full.recall), "above 0, at most 1");
  }
  if (full.most_pairs < 1) return InvalidOption("most_pairs", "0", "1 or more");
  if (full.field_count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("fields", full.fields));
  for (size_t k = 0; k < full.field_count; ++k) {
    const std::string name = absl::StrCat("fields[", k, "]");
    patron_link_field read{};
    PATRON_RETURN_IF_ERROR(ReadElement(name, full.fields, k, &read));
    PATRON_RETURN_IF_ERROR(CheckEnum(name + ".missing", read.missing, 2));
    LinkField field;
    PATRON_ASSIGN_OR_RETURN(field.column, ReadName(name + ".column", read.column));
    field.missing = static_cast<customers::Missing>(read.missing);
    field.term_frequency = read.term_frequency;
    field.fuzzy_term_frequency = read.fuzzy_term_frequency;
    if (read.level_count > 0) PATRON_RETURN_IF_ERROR(RequirePointer(name + ".levels", read.levels));
    for (size_t l = 0; l < read.level_count; ++l) {
      const std::string own = absl::StrCat(name, ".levels[", l, "]");
      PATRON_ASSIGN_OR_RETURN(const std::string text, ReadName(own, read.levels[l]));
      PATRON_ASSIGN_OR_RETURN(customers::Level level, customers::ParseLevel(own, text));
      field.levels.push_back(std::move(level));
    }
    linker->plan.field_columns.push_back(ColumnIndex(*linker, field.column));
    linker->plan.fields.push_back(std::move(field));
  }
  PATRON_RETURN_IF_ERROR(customers::CheckFields(linker->plan.fields));
  PATRON_ASSIGN_OR_RETURN(linker->plan.blocks,
                          ReadBlockRules("blocks", full.blocks, full.block_count, *linker));
  if (linker->plan.blocks.empty()) {
    return InvalidOption("blocks", "none", "at least one rule; pairs are compared within blocks");
  }
  PATRON_ASSIGN_OR_RETURN(linker->plan.training,
                          ReadBlockRules("training", full.training, full.training_count, *linker));
  PATRON_ASSIGN_OR_RETURN(linker->plan.certain,
                          ReadBlockRules("certain", full.certain, full.certain_count, *linker));
  linker->plan.cap = full.cap;
  linker->options.recall = full.recall;
  linker->options.chance.most_pairs = full.most_pairs;
  return linker;
}

// The level as the tables show it.
std::string_view LevelText(const LinkField &field, size_t level) {
  return level < field.levels.size() ? std::string_view(field.levels[level].text) : "else";
}

absl::StatusOr<arrow::Table> ParameterTable(const patron_linker &linker) {
  std::vector<std::string_view> fields, levels;
  std::vector<double> m, u, weight;
  std::vector<uint8_t> learned;
  for (size_t k = 0; k < linker.plan.fields.size(); ++k) {
    const LinkField &field = linker.plan.fields[k];
    const FieldModel &model = linker.fitted->model.fields[k];
    for (size_t l = 0; l <= field.levels.size(); ++l) {
      fields.push_back(field.column);
      levels.push_back(LevelText(field, l));
      m.push_back(model.m[l]);
      u.push_back(model.u[l]);
      weight.push_back(model.Weight(l));
      learned.push_back(model.learned ? 1 : 0);
    }
  }
  arrow::TableBuilder builder;
  builder.AddText("field", fields);
  builder.AddText("level", levels);
  builder.AddFloat64("m", std::move(m));
  builder.AddFloat64("u", std::move(u));
  builder.AddFloat64("weight", std::move(weight));
  builder.AddBool("learned", learned);
  return builder.Finish();
}

absl::Status SetParameters(patron_linker &linker, const arrow::Table &table, double match_rate) {
  if (!(match_rate > 0 && match_rate < 1)) {
    return InvalidOption("match_rate", FormatNumber(match_rate), "above 0 and below 1");
  }
  PATRON_ASSIGN_OR_RETURN(const auto field_reader, arrow::OpenText(table, "field"));
  PATRON_ASSIGN_OR_RETURN(const auto level_reader, arrow::OpenText(table, "level"));
  PATRON_ASSIGN_OR_RETURN(const auto m_reader, arrow::OpenNumbers(table, "m"));
  PATRON_ASSIGN_OR_RETURN(const auto u_reader, arrow::OpenNumbers(table, "u"));
  PATRON_ASSIGN_OR_RETURN(const auto fields, arrow::Load(field_reader));
  PATRON_ASSIGN_OR_RETURN(const auto levels, arrow::Load(level_reader));
  PATRON_ASSIGN_OR_RETURN(const auto m, arrow::Load(m_reader));
  PATRON_ASSIGN_OR_RETURN(const auto u, arrow::Load(u_reader));
  customers::FitReport report;
  report.model.match_rate = match_rate;
  size_t row = 0;
  for (const LinkField &field : linker.plan.fields) {
    FieldModel model;
    model.learned = true;
    double sum_m = 0, sum_u = 0;
    for (size_t l = 0; l <= field.levels.size(); ++l, ++row) {
      const std::string expected =
          absl::StrCat("level ", Quoted(LevelText(field, l)), " of field ", Quoted(field.column));
      if (row >= fields.values.size()) {
        return InvalidOption("parameters", absl::StrCat(row, " rows"), expected + " in the next");
      }
      if (fields.values[row] != field.column || levels.values[row] != LevelText(field, l)) {
        return InvalidRow(
            "parameters", row,
            absl::StrCat(Quoted(levels.values[row]), " of ", Quoted(fields.values[row])), expected);
      }
      for (const auto &[name, value] :
           {std::pair("m", m.values[row]), std::pair("u", u.values[row])}) {
        if (!(value >= 0 && value <= 1)) {
          return InvalidRow(name, row, FormatNumber(value), "a probability");
        }
      }
      model.m.push_back(m.values[row]);
      model.u.push_back(u.values[row]);
      sum_m += m.values[row];
      sum_u += u.values[row];
    }
    for (const auto &[name, sum] : {std::pair("m", sum_m), std::pair("u", sum_u)}) {
      if (!(std::abs(sum - 1) <= 1e-6)) {
        return InvalidOption(absl::StrCat(name, " of field ", Quoted(field.column)),
                             "a sum of " + FormatNumber(sum), "1");
      }
    }
    model.equal = model.u[0];
    report.model.fields.push_back(std::move(model));
  }
  if (row != fields.values.size()) {
    return InvalidRow("parameters", row, Quoted(levels.values[row]), "no further row");
  }
  linker.fitted = std::move(report);
  return absl::OkStatus();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_linker_options_init(patron_linker_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->cap = 1000;
  options->id = "id";
  options->recall = 0.7;
  options->most_pairs = uint64_t{1} << 20;
}

extern "C" patron_status patron_linker_create(const patron_linker_options *options,
                                              patron_linker **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("options", options));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_linker_options full;
    patron_linker_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_ASSIGN_OR_RETURN(auto linker, c_api::MakeLinker(full));
    *out = linker.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_linker_free(patron_linker *linker) { delete linker; }

extern "C" patron_status patron_linker_fit(patron_linker *linker, const patron_table *left,
                                           const patron_table *right, const patron_context *context,
                                           patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("left", left));
    const patron::Execution execution = c_api::ToExecution(context);
    PATRON_ASSIGN_OR_RETURN(const auto read, linker->last.Read(*linker, left, right, execution));
    customers::PairPatterns patterns;
    PATRON_ASSIGN_OR_RETURN(
        auto report,
        customers::FitLinks(read->records(), linker->plan, linker->options, execution, &patterns));
    linker->last.Keep(read, std::move(patterns));
    linker->fitted = std::move(report);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_linker_parameters(const patron_linker *linker, patron_table **out,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckFitted(*linker));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::ParameterTable(*linker));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_linker_set_parameters(patron_linker *linker,
                                                      const patron_table *parameters,
                                                      double match_rate, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("parameters", parameters));
    return c_api::SetParameters(*linker, parameters->table, match_rate);
  });
}

extern "C" patron_status patron_linker_match_rate(const patron_linker *linker, double *out,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckFitted(*linker));
    *out = linker->fitted->model.match_rate;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_linker_rounds(const patron_linker *linker, patron_table **rounds,
                                              patron_table **warnings, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("rounds", rounds));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("warnings", warnings));
    PATRON_RETURN_IF_ERROR(c_api::CheckFitted(*linker));
    const auto &plan = linker->plan;
    const auto &rules = plan.training.empty() ? plan.blocks : plan.training;
    std::vector<std::string_view> names;
    std::vector<int64_t> pairs, iterations;
    std::vector<double> matches, rates;
    std::vector<uint8_t> converged;
    // A model from elsewhere has no rounds.
    for (size_t r = 0; r < linker->fitted->rounds.size(); ++r) {
      const customers::Round &round = linker->fitted->rounds[r];
      names.push_back(rules[r].text);
      pairs.push_back(static_cast<int64_t>(round.pairs));
      matches.push_back(round.matches);
      rates.push_back(round.match_rate);
      iterations.push_back(round.iterations);
      converged.push_back(round.converged ? 1 : 0);
    }
    arrow::TableBuilder builder;
    builder.AddText("rule", names);
    builder.AddInt64("pairs", std::move(pairs));
    builder.AddFloat64("matches", std::move(matches));
    builder.AddFloat64("match_rate", std::move(rates));
    builder.AddInt64("iterations", std::move(iterations));
    builder.AddBool("converged", converged);
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
    arrow::TableBuilder texts;
    texts.AddText("warning", std::span<const std::string>(linker->fitted->warnings));
    PATRON_ASSIGN_OR_RETURN(arrow::Table told, texts.Finish());
    auto first = c_api::NewTable(std::move(table));
    auto second = c_api::NewTable(std::move(told));
    *rounds = first.release();
    *warnings = second.release();
    return absl::OkStatus();
  });
}
