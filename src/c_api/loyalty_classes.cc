// Classes of loyalty with their reasons.
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
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/known_numbers.hpp"
#include "patron/base/status.hpp"
#include "patron/c/loyalty_classes.h"
#include "patron/loyalty/classes.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

namespace patron::c_api {
namespace {

std::vector<std::string_view> Views(const std::vector<std::string> &texts) {
  return {texts.begin(), texts.end()};
}

absl::StatusOr<loyalty::Classes> Classify(const arrow::Table &table,
                                          const patron_classes_options *options) {
  patron_classes_options full;
  patron_classes_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("scheme", full.scheme, 5));
  PATRON_RETURN_IF_ERROR(CheckEnum("medians", full.medians, 2));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  const loyalty::ClassOptions request{static_cast<loyalty::ClassScheme>(full.scheme),
                                      full.medians != 0, full.cut, full.repeats};
  if (request.medians && request.scheme != loyalty::ClassScheme::kDickBasu) {
    return InvalidOption("medians", "1", "0 for this scheme");
  }
  const Execution execution = ToExecution(full.context);
  std::vector<std::string> names;
  std::vector<arrow::Loaded<double>> loaded;
  std::vector<Word> words;
  const auto known = loyalty::ColumnsOf(request.scheme);
  for (size_t c = 0; c < known.size(); ++c) {
    if (known[c] == "bound" && full.columns[c] == nullptr) continue;
    PATRON_ASSIGN_OR_RETURN(names.emplace_back(),
                            NameOr("columns", full.columns[c], std::string(known[c]).c_str()));
  }
  std::vector<std::span<const double>> columns;
  for (size_t c = 0; c < names.size(); ++c) {
    PATRON_ASSIGN_OR_RETURN(loaded.emplace_back(), ReadKnownNumbers(table, names[c], execution));
    words.push_back({known[c], names[c]});
  }
  for (const auto &column : loaded) columns.push_back(column.values);
  auto classes = loyalty::Classify(columns, request);
  if (!classes.ok()) return InWords(words, classes.status());
  return classes;
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_classes_options_init(patron_classes_options *options) {
  const loyalty::ClassOptions standard;
  *options = {};
  options->struct_size = sizeof *options;
  options->scheme = -1;
  options->cut = standard.cut;
  options->repeats = standard.repeats;
}

extern "C" patron_status patron_loyalty_classes(const patron_table *table,
                                                const patron_classes_options *options,
                                                patron_table **out, patron_table **counts,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("options", options));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(loyalty::Classes classes, c_api::Classify(table->table, options));
    arrow::TableBuilder rows, sizes;
    rows.AddDictionary("class", std::move(classes.codes), c_api::Views(classes.names));
    rows.AddDictionary("reason", std::move(classes.reason_codes), c_api::Views(classes.reasons));
    sizes.AddText("class", classes.names);
    sizes.AddInt64("customers", std::move(classes.counts));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, rows.Finish());
    PATRON_ASSIGN_OR_RETURN(arrow::Table size_table, sizes.Finish());
    auto made = c_api::NewTable(std::move(result));
    auto made_sizes = c_api::NewTable(std::move(size_table));
    *out = made.release();
    if (counts != nullptr) *counts = made_sizes.release();
    return absl::OkStatus();
  });
}
