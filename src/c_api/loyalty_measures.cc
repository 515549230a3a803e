// Figures of loyalty: net promoter score, repurchase rate, share of wallet.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/durations.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/numbers.hpp"
#include "patron/base/status.hpp"
#include "patron/c/loyalty_measures.h"
#include "patron/loyalty/net_promoter.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace loyalty = patron::loyalty;

extern "C" void patron_net_promoter_options_init(patron_net_promoter_options *options) {
  const loyalty::NetPromoterOptions standard;
  *options = {};
  options->struct_size = sizeof *options;
  options->answer = "answer";
  options->level = standard.level;
  options->replicates = standard.replicates;
}

extern "C" patron_status patron_net_promoter(const patron_table *table,
                                             const patron_net_promoter_options *options,
                                             patron_net_promoter_result *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    patron_net_promoter_options full;
    patron_net_promoter_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("interval", full.interval, 3));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    const patron::Execution execution = c_api::ToExecution(full.context);
    PATRON_ASSIGN_OR_RETURN(const std::string answer, c_api::ReadName("answer", full.answer));
    PATRON_ASSIGN_OR_RETURN(const std::string weight, c_api::OptionalName("weight", full.weight));
    PATRON_ASSIGN_OR_RETURN(const auto answers,
                            c_api::ReadDoubles(table->table, answer, execution));
    arrow::Loaded<double> weights;
    if (!weight.empty()) {
      PATRON_ASSIGN_OR_RETURN(weights, c_api::ReadDoubles(table->table, weight, execution));
    }
    const auto found =
        loyalty::MeasureNetPromoter(answers.values, weights.values,
                                    {static_cast<loyalty::ScoreInterval>(full.interval), full.level,
                                     full.replicates, full.seed});
    if (!found.ok()) {
      return c_api::InWords({{"answer", answer}, {"weight", weight}}, found.status());
    }
    patron_net_promoter_result result{};
    result.score = found->score;
    result.std_err = found->std_err;
    result.lower = found->lower;
    result.upper = found->upper;
    result.promoters = found->promoters;
    result.passives = found->passives;
    result.detractors = found->detractors;
    result.answers = static_cast<uint64_t>(found->answers);
    result.effective = found->effective;
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_net_promoter_change(const patron_net_promoter_result *first,
                                                    const patron_net_promoter_result *second,
                                                    double level, patron_score_change *out,
                                                    patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("first", first));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("second", second));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_RETURN_IF_ERROR(c_api::QuantileOfLevel(level).status());
    patron_net_promoter_result a{}, b{};
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("first", first, &a));
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("second", second, &b));
    loyalty::NetPromoterScore before{}, after{};
    before.score = a.score;
    before.std_err = a.std_err;
    after.score = b.score;
    after.std_err = b.std_err;
    for (const double number : {a.score, a.std_err, b.score, b.std_err}) {
      if (std::isfinite(number)) continue;
      return patron::InvalidOption("score", patron::FormatNumber(number),
                                   "a result of patron_net_promoter");
    }
    const loyalty::ScoreChange found = loyalty::CompareWaves(before, after, level);
    patron_score_change result{};
    result.change = found.change;
    result.std_err = found.std_err;
    result.lower = found.lower;
    result.upper = found.upper;
    result.p_value = found.p_value;
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_repurchase_rate(const patron_column *purchases, double at_least,
                                                double level, patron_proportion *out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("purchases", purchases));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    if (!(at_least >= 1) || !std::isfinite(at_least)) {
      return patron::InvalidOption("at_least", patron::FormatNumber(at_least),
                                   "a number, at least 1");
    }
    PATRON_ASSIGN_OR_RETURN(const c_api::Numbers numbers, c_api::Numbers::Read(purchases));
    int64_t successes = 0;
    absl::Status bad = absl::OkStatus();
    c_api::Visit(numbers, [&](auto values) {
      for (size_t i = 0; i < values.size() && bad.ok(); ++i) {
        const auto value = static_cast<double>(values[i]);
        if (!(value >= 0) || !std::isfinite(value)) {
          bad = patron::InvalidRow(numbers.name(), i, patron::FormatNumber(value),
                                   "a number, 0 or more");
        }
        successes += value >= at_least ? 1 : 0;
      }
    });
    PATRON_RETURN_IF_ERROR(bad);
    const auto trials = static_cast<int64_t>(numbers.size());
    PATRON_ASSIGN_OR_RETURN(const loyalty::Proportion found,
                            loyalty::WilsonProportion(successes, trials, level));
    patron_proportion result{};
    result.successes = static_cast<uint64_t>(successes);
    result.trials = static_cast<uint64_t>(trials);
    result.share = found.share;
    result.lower = found.lower;
    result.upper = found.upper;
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_wallet_allocation(const patron_table *table, patron_table **out,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const auto ranks, c_api::ReadDoubles(table->table, "rank", {}));
    PATRON_ASSIGN_OR_RETURN(const auto brands, c_api::ReadDoubles(table->table, "brands", {}));
    std::vector<double> shares;
    shares.reserve(ranks.values.size());
    for (size_t i = 0; i < ranks.values.size(); ++i) {
      const auto share = loyalty::WalletAllocation(ranks.values[i], brands.values[i]);
      if (!share.ok()) {
        const bool of_rank =
            brands.values[i] >= 1 && brands.values[i] == std::floor(brands.values[i]);
        return patron::InvalidRow(
            of_rank ? "rank" : "brands", i,
            patron::FormatNumber(of_rank ? ranks.values[i] : brands.values[i]),
            of_rank ? "1 to " + patron::FormatNumber(brands.values[i])
                    : std::string("a whole number, at least 1"));
      }
      shares.push_back(*share);
    }
    arrow::TableBuilder builder;
    builder.AddFloat64("share", std::move(shares));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, builder.Finish());
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}
