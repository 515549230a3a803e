// What complaints cost and what handling them brings back.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
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
#include "patron/base/defaults.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/c/patron.h"
#include "patron/complaints/recovery.hpp"

namespace patron::c_api {
namespace {

using complaints::PriorityInputs;

// Numbers of a column that may be left out: then none.
absl::StatusOr<std::vector<double>> SomeNumbers(const arrow::Table &table, const char *column,
                                                std::string_view argument) {
  std::vector<double> values;
  if (column == nullptr) return values;
  PATRON_ASSIGN_OR_RETURN(const std::string name, ReadName(argument, column));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenNumbers(table, name));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  values.assign(loaded.values.begin(), loaded.values.end());
  return values;
}

absl::StatusOr<std::vector<int64_t>> SomeIntegers(const arrow::Table &table, const char *column,
                                                  std::string_view argument) {
  std::vector<int64_t> values;
  if (column == nullptr) return values;
  PATRON_ASSIGN_OR_RETURN(const std::string name, ReadName(argument, column));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, name));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  values.assign(loaded.values.begin(), loaded.values.end());
  return values;
}

// "severity: 5; expected 0 to 4" as "severity: row 3 is 5; expected 0 to 4", as the caller says it.
absl::Status AtRow(const absl::Status &status, const patron_priority_options &options, size_t row) {
  const std::string_view message(status.message().data(), status.message().size());
  const size_t colon = message.find(": ");
  const std::pair<std::string_view, const char *> names[] = {{"severity", options.severity},
                                                             {"media", options.media},
                                                             {"tier", options.tier},
                                                             {"repeats", options.repeats},
                                                             {"age", options.age}};
  std::string_view name = message.substr(0, colon);
  for (const auto &[kernel, caller] : names) {
    if (name == kernel && caller != nullptr) {
      name = caller;
      break;
    }
  }
  return absl::InvalidArgumentError(
      absl::StrCat(Text(name), ": row ", row, " is ", Text(message.substr(colon + 2))));
}

absl::StatusOr<arrow::Table> PriorityTable(const arrow::Table &table,
                                           const patron_priority_options &options) {
  PATRON_RETURN_IF_ERROR(CheckReserved(options.reserved));
  PATRON_ASSIGN_OR_RETURN(const auto severity, SomeIntegers(table, options.severity, "severity"));
  PATRON_ASSIGN_OR_RETURN(const auto media, SomeIntegers(table, options.media, "media"));
  PATRON_ASSIGN_OR_RETURN(const auto tier, SomeNumbers(table, options.tier, "tier"));
  PATRON_ASSIGN_OR_RETURN(const auto repeats, SomeNumbers(table, options.repeats, "repeats"));
  PATRON_ASSIGN_OR_RETURN(const auto age, SomeNumbers(table, options.age, "age"));
  std::vector<double> scores(static_cast<size_t>(table.rows()));
  for (size_t i = 0; i < scores.size(); ++i) {
    const auto narrow = [&](const std::vector<int64_t> &values) {
      return values.empty() ? 0 : static_cast<int>(std::clamp<int64_t>(values[i], -1'000, 1'000));
    };
    const auto number = [&](const std::vector<double> &values) {
      return values.empty() ? 0.0 : values[i];
    };
    const absl::StatusOr<double> score = complaints::PriorityScore({.severity = narrow(severity),
                                                                    .media = narrow(media),
                                                                    .tier = number(tier),
                                                                    .repeats = number(repeats),
                                                                    .age = number(age)});
    if (!score.ok()) return AtRow(score.status(), options, i);
    scores[i] = *score;
  }
  arrow::TableBuilder builder;
  builder.AddFloat64("priority", std::move(scores));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> ParetoTable(const arrow::Table &table,
                                         const patron_pareto_options &options) {
  PATRON_RETURN_IF_ERROR(CheckEnum("by", options.by, 3));
  if (!(options.share > 0 && options.share <= 1)) {
    return InvalidOption("share", FormatNumber(options.share), "above 0, at most 1");
  }
  PATRON_ASSIGN_OR_RETURN(const std::string cause, ReadName("cause", options.cause));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, cause));
  PATRON_ASSIGN_OR_RETURN(const auto causes, arrow::Load(reader));
  const char *column = options.by == PATRON_PARETO_SEVERITY ? options.severity : options.cost;
  const std::string_view argument = options.by == PATRON_PARETO_SEVERITY ? "severity" : "cost";
  std::vector<double> weights(static_cast<size_t>(table.rows()), 1.0);
  if (options.by != PATRON_PARETO_COUNT) {
    if (column == nullptr) return InvalidOption(argument, "NULL", "the name of a column");
    PATRON_ASSIGN_OR_RETURN(weights, SomeNumbers(table, column, argument));
  }
  IdIndex index(reader.is_text());
  std::vector<uint32_t> codes(weights.size());
  PATRON_RETURN_IF_ERROR(index.Encode(causes.ids, codes));
  std::vector<double> sums(index.size());
  std::vector<int64_t> cases(index.size());
  double total = 0;
  for (size_t i = 0; i < weights.size(); ++i) {
    if (!(weights[i] >= 0)) {
      return InvalidRow(column == nullptr ? argument : column, i, FormatNumber(weights[i]),
                        "0 or more");
    }
    sums[codes[i]] += weights[i];
    ++cases[codes[i]];
    total += weights[i];
  }
  std::vector<uint32_t> order = index.Ascending();
  std::ranges::stable_sort(order, std::ranges::greater(),
                           [&](uint32_t code) { return sums[code]; });
  std::vector<double> weight, share, cumulative;
  std::vector<int64_t> counts;
  std::vector<uint8_t> vital;
  double so_far = 0;
  for (const uint32_t code : order) {
    // Those before do not have enough yet.
    vital.push_back(total > 0 && so_far < options.share * total * (1 - 1e-12) ? 1 : 0);
    so_far += sums[code];
    weight.push_back(sums[code]);
    counts.push_back(cases[code]);
    share.push_back(total > 0 ? sums[code] / total : 0);
    cumulative.push_back(total > 0 ? so_far / total : 0);
  }
  arrow::TableBuilder builder;
  builder.AddIds("cause", index.List(order).span());
  builder.AddInt64("cases", std::move(counts));
  builder.AddFloat64("weight", std::move(weight));
  builder.AddFloat64("share", std::move(share));
  builder.AddFloat64("cumulative", std::move(cumulative));
  builder.AddBool("vital", vital);
  return builder.Finish();
}

constexpr std::array<std::string_view, 4> kOutcomes = {"silent", "unresolved", "resolved",
                                                       "resolved_fast"};
constexpr std::array<std::string_view, 2> kLosses = {"minor", "major"};

struct OwnCases {
  std::array<int64_t, 8> cases{}, returned{};  // By outcome and loss.
};

template <size_t n>
absl::StatusOr<std::vector<size_t>> Words(const arrow::Table &table, std::string_view column,
                                          const std::array<std::string_view, n> &words) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  std::vector<size_t> places;
  for (const std::string_view value : loaded.values) {
    const auto found = std::ranges::find(words, value);
    if (found == words.end()) {
      std::string known;
      for (const std::string_view word : words) {
        absl::StrAppend(&known, known.empty() ? "" : ", ", Text(word));
      }
      return InvalidRow(column, places.size(), Quoted(value), known);
    }
    places.push_back(static_cast<size_t>(found - words.begin()));
  }
  return places;
}

absl::StatusOr<OwnCases> ReadOwn(const patron_table *own) {
  OwnCases counts;
  if (own == nullptr) return counts;
  PATRON_ASSIGN_OR_RETURN(const auto outcomes, Words(own->table, "outcome", kOutcomes));
  PATRON_ASSIGN_OR_RETURN(const auto losses, Words(own->table, "loss", kLosses));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(own->table, "returned"));
  PATRON_ASSIGN_OR_RETURN(const auto returned, arrow::Load(reader));
  for (size_t i = 0; i < outcomes.size(); ++i) {
    const size_t place = outcomes[i] * 2 + losses[i];
    ++counts.cases[place];
    counts.returned[place] += returned.values[i];
  }
  return counts;
}

absl::StatusOr<arrow::Table> ReturnTable(const OwnCases &own, double weight, double level,
                                         const Defaults &defaults) {
  std::vector<std::string_view> outcomes, losses;
  std::vector<double> priors, means, lows, highs;
  std::vector<int64_t> cases, returned;
  for (size_t place = 0; place < 8; ++place) {
    outcomes.push_back(kOutcomes[place / 2]);
    losses.push_back(kLosses[place % 2]);
    PATRON_ASSIGN_OR_RETURN(const double prior,
                            defaults.Get(absl::StrCat("return_rate_", Text(outcomes.back()), ".",
                                                      Text(losses.back()))));
    PATRON_ASSIGN_OR_RETURN(
        const auto rate,
        complaints::UpdatedReturnRate(prior, weight, own.returned[place], own.cases[place], level));
    priors.push_back(prior);
    cases.push_back(own.cases[place]);
    returned.push_back(own.returned[place]);
    means.push_back(rate.mean);
    lows.push_back(rate.range.low);
    highs.push_back(rate.range.high);
  }
  arrow::TableBuilder builder;
  builder.AddText("outcome", std::span<const std::string_view>(outcomes));
  builder.AddText("loss", std::span<const std::string_view>(losses));
  builder.AddFloat64("prior", std::move(priors));
  builder.AddInt64("cases", std::move(cases));
  builder.AddInt64("returned", std::move(returned));
  builder.AddFloat64("mean", std::move(means));
  builder.AddFloat64("low", std::move(lows));
  builder.AddFloat64("high", std::move(highs));
  return builder.Finish();
}

// The two-sided normal quantile of a level, by halving.
double NormalQuantile(double level) {
  double low = 0, high = 40;
  for (int i = 0; i < 200; ++i) {
    const double middle = (low + high) / 2;
    (std::erf(middle / std::sqrt(2.0)) < level ? low : high) = middle;
  }
  return (low + high) / 2;
}

}  // namespace
}  // namespace patron::c_api

namespace arrow = patron::arrow;
namespace c_api = patron::c_api;
namespace complaints = patron::complaints;

extern "C" void patron_priority_options_init(patron_priority_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->severity = "severity";
  options->media = "media";
}

extern "C" patron_status patron_recovery_priority(const patron_table *table,
                                                  const patron_priority_options *options,
                                                  patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_priority_options full;
    patron_priority_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_ASSIGN_OR_RETURN(arrow::Table made, c_api::PriorityTable(table->table, full));
    *out = c_api::NewTable(std::move(made)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_pareto_options_init(patron_pareto_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->cause = "cause";
  options->severity = "severity";
  options->cost = "cost";
  options->share = 0.8;
}

extern "C" patron_status patron_recovery_pareto(const patron_table *table,
                                                const patron_pareto_options *options,
                                                patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_pareto_options full;
    patron_pareto_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_ASSIGN_OR_RETURN(arrow::Table made, c_api::ParetoTable(table->table, full));
    *out = c_api::NewTable(std::move(made)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_recovery_iceberg(double complaints, double share, double hits,
                                                 double trials, double level, patron_iceberg *out,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    complaints::Iceberg found;
    if (trials == 0) {
      PATRON_ASSIGN_OR_RETURN(found, complaints::IcebergOf(complaints, share));
    } else {
      if (!(level > 0 && level < 1)) {
        return patron::InvalidOption("level", patron::FormatNumber(level), "above 0 and below 1");
      }
      PATRON_ASSIGN_OR_RETURN(
          found, complaints::IcebergOf(complaints, hits, trials, c_api::NormalQuantile(level)));
    }
    patron_iceberg full{};
    full.share = found.share;
    full.multiplier = found.multiplier;
    full.problems = found.problems;
    full.silent = found.silent;
    full.share_low = found.share_range.low;
    full.share_high = found.share_range.high;
    full.multiplier_low = found.multiplier_range.low;
    full.multiplier_high = found.multiplier_range.high;
    full.problems_low = found.problems_range.low;
    full.problems_high = found.problems_range.high;
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_recovery_damage(const patron_damage_inputs *inputs,
                                                patron_damage *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("inputs", inputs));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    patron_damage_inputs full{};
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("inputs", inputs, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(const complaints::Damage damage,
                            complaints::MarketDamage({.customers = full.customers,
                                                      .problem_rate = full.problem_rate,
                                                      .voice_rate = full.voice_rate,
                                                      .satisfied = full.satisfied,
                                                      .mollified = full.mollified,
                                                      .loyal = full.loyal,
                                                      .loyal_satisfied = full.loyal_satisfied,
                                                      .loyal_mollified = full.loyal_mollified,
                                                      .loyal_dissatisfied = full.loyal_dissatisfied,
                                                      .loyal_silent = full.loyal_silent,
                                                      .value = full.value}));
    patron_damage result{};
    result.lost = damage.lost;
    result.at_risk = damage.at_risk;
    result.lost_silent = damage.lost_silent;
    result.lost_satisfied = damage.lost_satisfied;
    result.lost_mollified = damage.lost_mollified;
    result.lost_dissatisfied = damage.lost_dissatisfied;
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_recovery_return_rates(const patron_table *own, double weight,
                                                      double level, const patron_context *context,
                                                      patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const c_api::OwnCases counts, c_api::ReadOwn(own));
    PATRON_ASSIGN_OR_RETURN(arrow::Table made,
                            c_api::ReturnTable(counts, weight, level, c_api::DefaultsOf(context)));
    *out = c_api::NewTable(std::move(made)).release();
    return absl::OkStatus();
  });
}
