// Clusters of records, and how well they agree with the truth.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/customers_linker.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_clusters.hpp"
#include "patron/customers/link_quality.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

using customers::Clusters;
using customers::RecordPair;

absl::StatusOr<Clusters> Cluster(const patron_linker &linker, const LinkInput &input,
                                 const arrow::Table &pairs, const patron_cluster_options &full,
                                 const Execution &execution) {
  PATRON_ASSIGN_OR_RETURN(auto found, input.Pairs("pairs", pairs, execution));
  std::vector<double> weights;
  if (!found.empty()) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(pairs, "weight"));
    PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
    size_t kept = 0;
    for (size_t p = 0; p < found.size(); ++p) {
      if (loaded.values[p] < full.threshold) continue;
      found[kept++] = found[p];
      weights.push_back(loaded.values[p]);
    }
    found.resize(kept);
  }
  customers::ClusterOptions options = {.most = full.most,
                                       .split_bridges = full.split_bridges != 0,
                                       .prior = linker.fitted->model.PriorWeight(),
                                       .must_link = {},
                                       .cannot_link = {}};
  if (full.must_link != nullptr) {
    PATRON_ASSIGN_OR_RETURN(options.must_link,
                            input.Pairs("must_link", full.must_link->table, execution));
  }
  if (full.cannot_link != nullptr) {
    PATRON_ASSIGN_OR_RETURN(options.cannot_link,
                            input.Pairs("cannot_link", full.cannot_link->table, execution));
  }
  const customers::PairScorer scorer(input.records(), linker.plan, linker.fitted->model);
  std::vector<double> by_field(scorer.fields());
  const auto score = [&](uint32_t i, uint32_t j) { return scorer.Score(i, j, by_field.data()); };
  const absl::FunctionRef<double(uint32_t, uint32_t)> reference(score);
  return customers::FindClusters(input.records().size, found, weights, options, &reference);
}

absl::StatusOr<arrow::Table> ClusterTable(const LinkInput &input, const Clusters &clusters,
                                          patron_cluster_report *report) {
  const auto n = static_cast<uint32_t>(input.records().size);
  std::vector<uint32_t> records(n), sizes(n), first(n, customers::kNoValue);
  std::vector<int64_t> source(n), number(n), size(n);
  std::vector<uint8_t> review(n);
  for (const uint32_t root : clusters.cluster_of) ++sizes[root];
  uint32_t next = 0;
  for (uint32_t row = 0; row < n; ++row) {
    const uint32_t record = input.record(row);
    const uint32_t root = clusters.cluster_of[record];
    if (first[root] == customers::kNoValue) {
      first[root] = next++;
      if (clusters.review[record] != 0) ++report->review;
    }
    records[row] = record;
    source[row] = input.has_two_tables() && row >= input.left_rows() ? 1 : 0;
    number[row] = first[root];
    size[row] = sizes[root];
    review[row] = clusters.review[record];
  }
  report->clusters = next;
  report->refused = clusters.refused;
  report->bridges = clusters.bridges;
  arrow::TableBuilder builder;
  builder.AddIds("id", input.Ids(records).span());
  builder.AddInt64("source", std::move(source));
  builder.AddInt64("cluster", std::move(number));
  builder.AddInt64("size", std::move(size));
  builder.AddBool("review", review);
  return builder.Finish();
}

// The code of each row by its value.
absl::StatusOr<std::vector<uint32_t>> Codes(std::string_view name, const patron_column *column) {
  patron_column named = *column;
  const std::string own(name);
  named.name = own.c_str();
  PATRON_ASSIGN_OR_RETURN(const arrow::Table table, arrow::Table::Borrow(&named, 1));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, name));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  IdIndex index(reader.is_text(), loaded.ids.size());
  std::vector<uint32_t> codes(loaded.ids.size());
  PATRON_RETURN_IF_ERROR(index.Encode(loaded.ids, codes));
  return codes;
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_cluster_options_init(patron_cluster_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->most = 50;
  options->split_bridges = 1;
}

extern "C" patron_status patron_linker_cluster(const patron_linker *linker,
                                               const patron_table *left, const patron_table *right,
                                               const patron_table *pairs,
                                               const patron_cluster_options *options,
                                               patron_table **out, patron_cluster_report *report,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("left", left));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pairs", pairs));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    patron_cluster_options full;
    patron_cluster_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("split_bridges", full.split_bridges, 2));
    if (full.most < 1) return patron::InvalidOption("most", "0", "1 or more");
    if (std::isnan(full.threshold)) {
      return patron::InvalidOption("threshold", "nan", "a weight, log2 of the odds");
    }
    PATRON_RETURN_IF_ERROR(c_api::CheckFitted(*linker));
    const patron::Execution execution = c_api::ToExecution(full.context);
    PATRON_ASSIGN_OR_RETURN(const auto input,
                            c_api::LinkInput::Read(*linker, left, right, execution));
    PATRON_ASSIGN_OR_RETURN(const auto clusters,
                            c_api::Cluster(*linker, input, pairs->table, full, execution));
    patron_cluster_report counted{};
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::ClusterTable(input, clusters, &counted));
    *out = c_api::NewTable(std::move(table)).release();
    c_api::WriteOut(counted, report);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_measure(const patron_column *found, const patron_column *truth,
                                             double level, patron_link_quality *out,
                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("found", found));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("truth", truth));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    if (!(level > 0 && level < 1)) {
      return patron::InvalidOption("level", patron::FormatNumber(level), "above 0 and below 1");
    }
    PATRON_ASSIGN_OR_RETURN(const auto clusters, c_api::Codes("found", found));
    PATRON_ASSIGN_OR_RETURN(const auto people, c_api::Codes("truth", truth));
    PATRON_ASSIGN_OR_RETURN(
        const auto quality,
        customers::MeasureLinks(clusters, people, patron::NormalQuantile((1 + level) / 2)));
    patron_link_quality full{};
    full.records = quality.records;
    full.clusters = quality.clusters;
    full.people = quality.people;
    full.truth_pairs = quality.truth_pairs;
    full.found_pairs = quality.found_pairs;
    full.right_pairs = quality.right_pairs;
    full.precision = quality.precision.value;
    full.precision_low = quality.precision.low;
    full.precision_high = quality.precision.high;
    full.recall = quality.recall.value;
    full.recall_low = quality.recall.low;
    full.recall_high = quality.recall.high;
    full.f1 = quality.f1;
    full.bcubed_precision = quality.bcubed_precision;
    full.bcubed_recall = quality.bcubed_recall;
    full.bcubed_f1 = quality.bcubed_f1;
    full.exact = quality.exact;
    full.over_merged = quality.over_merged;
    full.under_merged = quality.under_merged;
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}
