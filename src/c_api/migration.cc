// Migration between tiers, and Markov chains of customers.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
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
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/c/migration.h"
#include "patron/value/markov.hpp"
#include "patron/value/tier_migration.hpp"

namespace patron::c_api {
namespace {

// The places of a column of tiers, absent where null.
absl::StatusOr<std::vector<int32_t>> ReadTiers(const arrow::Table &table, std::string_view column,
                                               std::span<const std::string> tiers) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, column, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  std::vector<int32_t> codes(loaded.values.size(), value::kTierAbsent);
  uint64_t bad = 0;
  size_t first = 0;
  for (size_t i = 0; i < codes.size(); ++i) {
    if (arrow::IsNull(loaded.valid, i)) continue;
    const auto found = std::ranges::find(tiers, loaded.values[i]);
    if (found == tiers.end() && bad++ == 0) first = i;
    codes[i] = static_cast<int32_t>(found - tiers.begin());
  }
  if (bad == 0) return codes;
  return InvalidRow(column, first, Quoted(loaded.values[first]), "one of the tiers, or null", bad);
}

absl::StatusOr<arrow::Table> MigrationTable(const value::TierMigration &migration,
                                            std::span<const std::string> tiers) {
  std::vector<std::string_view> states(tiers.begin(), tiers.end());
  states.insert(states.end(), {"absent", "new"});
  std::vector<int32_t> from, to;
  std::vector<uint8_t> valid;
  for (size_t i = 0; i < migration.counts.size(); ++i) {
    from.push_back(static_cast<int32_t>(i / migration.states));
    to.push_back(static_cast<int32_t>(i % migration.states));
    valid.push_back(std::isnan(migration.shares[i]) ? 0 : 1);
  }
  arrow::TableBuilder builder;
  builder.AddDictionary("from", std::move(from), states);
  builder.AddDictionary("to", std::move(to), states);
  builder.AddInt64("customers", migration.counts);
  builder.AddFloat64("share", migration.shares, valid);
  return builder.Finish();
}

// Errors: InvalidArgument if count x count would be past all limits, before it is computed.
absl::StatusOr<std::span<const double>> ReadMatrix(const double *probabilities, size_t count) {
  PATRON_RETURN_IF_ERROR(RequirePointer("probabilities", probabilities));
  if (count == 0 || count > value::kMaxMarkovStates) {
    return InvalidOption("count", std::to_string(count),
                         absl::StrCat("1 to ", value::kMaxMarkovStates));
  }
  return std::span<const double>(probabilities, count * count);
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace value = patron::value;

extern "C" patron_status patron_tier_migration(const patron_table *table, const char *before,
                                               const char *after, const char *is_new,
                                               const char *const *tiers, size_t count,
                                               double smoothing, patron_table **out,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("tiers", tiers));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string from, c_api::NameOr("before", before, "before"));
    PATRON_ASSIGN_OR_RETURN(const std::string to, c_api::NameOr("after", after, "after"));
    if (count == 0 || count > value::kMaxMarkovStates) {
      return patron::InvalidOption("count", std::to_string(count),
                                   absl::StrCat("1 to ", value::kMaxMarkovStates));
    }
    std::vector<std::string> names;
    for (size_t i = 0; i < count; ++i) {
      PATRON_ASSIGN_OR_RETURN(std::string name,
                              c_api::ReadName(absl::StrCat("tiers[", i, "]"), tiers[i]));
      if (std::ranges::count(names, name) > 0 || name == "absent" || name == "new") {
        return patron::InvalidOption(absl::StrCat("tiers[", i, "]"), patron::Quoted(name),
                                     "distinct names, none of them 'absent' or 'new'");
      }
      names.push_back(std::move(name));
    }
    PATRON_ASSIGN_OR_RETURN(auto was, c_api::ReadTiers(table->table, from, names));
    PATRON_ASSIGN_OR_RETURN(const auto is, c_api::ReadTiers(table->table, to, names));
    if (is_new != nullptr) {
      PATRON_ASSIGN_OR_RETURN(const std::string flag, c_api::ReadName("is_new", is_new));
      PATRON_ASSIGN_OR_RETURN(const auto reader, patron::arrow::OpenFlags(table->table, flag));
      PATRON_ASSIGN_OR_RETURN(const auto flags, patron::arrow::Load(reader));
      for (size_t i = 0; i < was.size(); ++i) {
        if (flags.values[i] == 0) continue;
        if (was[i] != value::kTierAbsent) {
          return patron::InvalidRow(from, i, patron::Quoted(names[static_cast<size_t>(was[i])]),
                                    "null for a new customer");
        }
        was[i] = value::kTierNew;
      }
    }
    PATRON_ASSIGN_OR_RETURN(const value::TierMigration migration,
                            value::CountTierMigration(was, is, count, smoothing));
    PATRON_ASSIGN_OR_RETURN(auto result, c_api::MigrationTable(migration, names));
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_markov_steady_state(const double *probabilities, size_t count,
                                                    double *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto p, c_api::ReadMatrix(probabilities, count));
    PATRON_ASSIGN_OR_RETURN(const auto steady, value::SteadyState(p, count));
    std::ranges::copy(steady, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_markov_tenure(const double *probabilities, size_t count,
                                              const uint8_t *ends, double *periods, double *total,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ends", ends));
    PATRON_ASSIGN_OR_RETURN(const auto p, c_api::ReadMatrix(probabilities, count));
    PATRON_ASSIGN_OR_RETURN(const auto tenure, value::ExpectedTenure(p, count, {ends, count}));
    if (periods != nullptr) std::ranges::copy(tenure.periods, periods);
    if (total != nullptr) std::ranges::copy(tenure.total, total);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_markov_mobility(const double *probabilities, size_t count,
                                                double *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto p, c_api::ReadMatrix(probabilities, count));
    PATRON_ASSIGN_OR_RETURN(const double mobility, value::PraisMobility(p, count));
    *out = mobility;
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_markov_value(const double *probabilities, const double *rewards,
                                             size_t count, double discount, int64_t periods,
                                             double *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("rewards", rewards));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto p, c_api::ReadMatrix(probabilities, count));
    PATRON_ASSIGN_OR_RETURN(const auto values,
                            value::MarkovLifetimeValue(p, {rewards, count}, discount, periods));
    std::ranges::copy(values, out);
    return absl::OkStatus();
  });
}
