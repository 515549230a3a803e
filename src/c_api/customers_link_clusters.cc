// Clusters of records, and how well they agree with the truth.
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

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
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

// What clustering needs, and what it comes to.
struct Clustered {
  std::shared_ptr<const LinkInput> input;
  std::optional<customers::PairScorer> scorer;
  std::vector<customers::HubGuard> guards;
  customers::Groups groups;
};

absl::StatusOr<patron_cluster_options> ReadClusterOptions(const patron_cluster_options *options) {
  patron_cluster_options full;
  patron_cluster_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  PATRON_RETURN_IF_ERROR(CheckEnum("split_bridges", full.split_bridges, 2));
  if (full.most < 1) return InvalidOption("most", "0", "1 or more");
  if (std::isnan(full.threshold)) {
    return InvalidOption("threshold", "nan", "a weight, log2 of the odds");
  }
  return full;
}

absl::Status Cluster(const patron_linker &linker, const patron_table *left,
                     const patron_table *right, const patron_table &pairs,
                     const patron_cluster_options *options, Clustered &out) {
  PATRON_ASSIGN_OR_RETURN(const patron_cluster_options full, ReadClusterOptions(options));
  PATRON_RETURN_IF_ERROR(CheckFitted(linker));
  const Execution execution = ToExecution(full.context);
  PATRON_ASSIGN_OR_RETURN(out.guards, ReadHubs(linker, full.hubs, full.hub_count));
  PATRON_ASSIGN_OR_RETURN(out.input, linker.last.Read(linker, left, right, execution));
  const LinkInput &input = *out.input;
  PATRON_ASSIGN_OR_RETURN(auto found, input.Pairs("pairs", pairs.table, execution));
  PATRON_ASSIGN_OR_RETURN(auto weights, PairWeights(pairs.table, found.size(), execution));
  customers::GroupOptions group = {.threshold = full.threshold,
                                   .cluster = {.most = full.most,
                                               .split_bridges = full.split_bridges != 0,
                                               .prior = linker.fitted->model.PriorWeight(),
                                               .must_link = {},
                                               .cannot_link = {}},
                                   .hubs = out.guards};
  if (full.must_link != nullptr) {
    PATRON_ASSIGN_OR_RETURN(group.cluster.must_link,
                            input.Pairs("must_link", full.must_link->table, execution));
  }
  if (full.cannot_link != nullptr) {
    PATRON_ASSIGN_OR_RETURN(group.cluster.cannot_link,
                            input.Pairs("cannot_link", full.cannot_link->table, execution));
  }
  out.scorer.emplace(input.records(), linker.plan, linker.fitted->model,
                     linker.fitted->terms.get());
  const auto before = [&](uint32_t i, uint32_t j) { return input.Less(i, j); };
  out.groups = customers::GroupRecords(input.records(), linker.plan, *out.scorer, std::move(found),
                                       std::move(weights), group, before);
  return absl::OkStatus();
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

}  // namespace

absl::StatusOr<std::vector<double>> PairWeights(const arrow::Table &pairs, size_t rows,
                                                const Execution &execution) {
  std::vector<double> weights;
  if (rows == 0) return weights;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(pairs, "weight"));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
  weights.assign(loaded.values.begin(), loaded.values.end());
  return weights;
}

absl::StatusOr<std::vector<customers::HubGuard>> ReadHubs(const patron_linker &linker,
                                                          const patron_link_hub *hubs,
                                                          size_t count) {
  std::vector<customers::HubGuard> guards;
  if (count > 0) PATRON_RETURN_IF_ERROR(RequirePointer("hubs", hubs));
  for (size_t h = 0; h < count; ++h) {
    const std::string name = absl::StrCat("hubs[", h, "]");
    patron_link_hub full{};
    PATRON_RETURN_IF_ERROR(ReadElement(name, hubs, h, &full));
    PATRON_ASSIGN_OR_RETURN(const std::string field, ReadName(name + ".field", full.field));
    if (full.most < 1) return InvalidOption(name + ".most", "0", "1 or more");
    customers::HubGuard guard = {.field = linker.plan.fields.size(), .most = full.most};
    for (size_t k = 0; k < linker.plan.fields.size(); ++k) {
      if (linker.plan.fields[k].column == field) guard.field = k;
    }
    if (guard.field == linker.plan.fields.size()) {
      return InvalidOption(name + ".field", Quoted(field), "a field of the linker");
    }
    for (const customers::HubGuard &other : guards) {
      if (other.field == guard.field) {
        return InvalidOption(name + ".field", Quoted(field) + " again", "each field once");
      }
    }
    guards.push_back(guard);
  }
  return guards;
}

absl::StatusOr<arrow::Table> RefusalTable(
    const std::vector<customers::Refusal> &refusals, const IdsOf &ids,
    const absl::FunctionRef<double(uint32_t, uint32_t)> &weight) {
  std::vector<RecordPair> pairs, apart;
  std::vector<double> weights, across;
  std::vector<std::string_view> reasons;
  std::vector<uint8_t> has_apart, has_across;
  for (const customers::Refusal &refusal : refusals) {
    const bool bridge = refusal.reason == customers::RefusalReason::kBridge;
    pairs.push_back(refusal.pair);
    weights.push_back(weight(refusal.pair.left, refusal.pair.right));
    reasons.push_back(bridge ? "bridge" : "cannot_link");
    apart.push_back(bridge ? refusal.pair : refusal.apart);
    across.push_back(refusal.across);
    has_apart.push_back(bridge ? 0 : 1);
    has_across.push_back(bridge ? 1 : 0);
  }
  arrow::TableBuilder builder;
  AddSides(ids, pairs, "left", "right", builder);
  builder.AddFloat64("weight", std::move(weights));
  builder.AddText("reason", reasons);
  AddSides(ids, apart, "left_apart", "right_apart", builder, has_apart);
  builder.AddFloat64("across", std::move(across), has_across);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> HubTable(const patron_linker &linker,
                                      const customers::LinkRecords &records,
                                      std::span<const customers::HubGuard> guards,
                                      const std::vector<customers::Hub> &hubs) {
  std::vector<std::string_view> fields;
  std::vector<std::string> values;
  std::vector<int64_t> counts, people;
  for (const customers::Hub &hub : hubs) {
    const size_t field = guards[hub.guard].field;
    fields.push_back(linker.plan.fields[field].column);
    const customers::LinkColumn &column = records.columns[linker.plan.field_columns[field]];
    values.push_back(customers::TextOf(column.values[hub.value]));
    counts.push_back(hub.records);
    people.push_back(hub.people);
  }
  arrow::TableBuilder builder;
  builder.AddText("field", fields);
  builder.AddText("value", std::span<const std::string>(values));
  builder.AddInt64("records", std::move(counts));
  builder.AddInt64("people", std::move(people));
  return builder.Finish();
}

// The code of each row by its value.
absl::StatusOr<std::vector<uint32_t>> GroupCodes(std::string_view name,
                                                 const patron_column *column) {
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
    c_api::Clustered clustered;
    PATRON_RETURN_IF_ERROR(c_api::Cluster(*linker, left, right, *pairs, options, clustered));
    patron_cluster_report counted{};
    counted.hubs = clustered.groups.hubs.size();
    PATRON_ASSIGN_OR_RETURN(
        arrow::Table table,
        c_api::ClusterTable(*clustered.input, clustered.groups.clusters, &counted));
    *out = c_api::NewTable(std::move(table)).release();
    c_api::WriteOut(counted, report);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_linker_refusals(const patron_linker *linker,
                                                const patron_table *left, const patron_table *right,
                                                const patron_table *pairs,
                                                const patron_cluster_options *options,
                                                patron_table **refusals, patron_table **hubs,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("left", left));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pairs", pairs));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("refusals", refusals));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("hubs", hubs));
    c_api::Clustered clustered;
    PATRON_RETURN_IF_ERROR(c_api::Cluster(*linker, left, right, *pairs, options, clustered));
    const c_api::LinkInput &input = *clustered.input;
    std::vector<double> by_field(clustered.scorer->fields());
    const auto weight = [&](uint32_t i, uint32_t j) {
      return clustered.scorer->Score(i, j, by_field.data());
    };
    const auto ids = [&](const std::vector<uint32_t> &records) { return input.Ids(records); };
    PATRON_ASSIGN_OR_RETURN(arrow::Table refused,
                            c_api::RefusalTable(clustered.groups.clusters.refusals, ids, weight));
    PATRON_ASSIGN_OR_RETURN(
        arrow::Table shared,
        c_api::HubTable(*linker, input.records(), clustered.guards, clustered.groups.hubs));
    auto first = c_api::NewTable(std::move(refused));
    auto second = c_api::NewTable(std::move(shared));
    *refusals = first.release();
    *hubs = second.release();
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
    PATRON_ASSIGN_OR_RETURN(const auto clusters, c_api::GroupCodes("found", found));
    PATRON_ASSIGN_OR_RETURN(const auto people, c_api::GroupCodes("truth", truth));
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
