// RFM from the standing state of a ledger: exact cuts after every change, no fact read again.
#ifndef PATRON_VALUE_LEDGER_RFM_HPP_
#define PATRON_VALUE_LEDGER_RFM_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/base/sort.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/value/ledger_facts.hpp"
#include "patron/value/ledger_standing.hpp"
#include "patron/value/ledger_views.hpp"
#include "patron/value/rfm.hpp"
#include "patron/value/rfm_scores.hpp"

namespace patron::value {

// Which RFM a ledger is asked for.
struct LedgerRfmOptions {
  RfmRule rule;
  RfmScoreOptions scores;
  bool mean = false;          // Monetary value is the mean of an order or day, not the sum.
  bool only_touched = false;  // Only customers touched since the last call that asked for this.
  bool keep_touched = false;  // Then they stay touched, until Ledger::ForgetTouched.
};

// Measures and scores, ascending by customer id. Reports are about all customers, whichever are
// listed.
struct LedgerRfm {
  IdList customer;
  std::vector<int64_t> recency;    // Days.
  std::vector<int64_t> frequency;  // Orders or purchase days.
  std::vector<int64_t> monetary;   // Sum in money units ...
  std::vector<double> mean;        // ... and the mean, if that was asked for.
  RfmScores scores;
  int64_t as_of = kNoTime;
  uint64_t customers = 0;  // All that have a score.
};

namespace detail::ledger {

// Integers in order: the k-th of `count`, and how many are at most a value.
struct Ascending {
  const OrderIndex &index;
  size_t count() const { return index.size(); }
  int64_t operator()(size_t k) const { return index(k); }
  size_t AtMost(int64_t value) const { return index.CountAtMost(value); }
};

// The distances of those integers from `origin`, which is at least as large as they are.
struct Mirrored {
  const OrderIndex &index;
  int64_t origin;
  size_t count() const { return index.size(); }
  int64_t operator()(size_t k) const { return origin - index(index.size() - 1 - k); }
  size_t AtMost(int64_t value) const {
    return index.size() - index.CountAtMost(origin - value - 1);
  }
};

// What the ordered integers stand for.
struct AsInteger {
  using Value = int64_t;
  int64_t operator()(int64_t ordered) const { return ordered; }
};
struct AsDouble {
  using Value = double;
  double operator()(int64_t ordered) const { return FromOrderedBits(ordered); }
};

// The greatest integer from `first` to `last` that lies in `bin` or a lower one; `first` does.
template <typename Cuts, typename As>
int64_t LastOfBin(const Cuts &cuts, int bin, int64_t first, int64_t last, const As &as) {
  if (cuts.BinOf(as(last)) <= bin) return last;
  auto low = static_cast<uint64_t>(first), high = static_cast<uint64_t>(last);
  while (high - low > 1) {
    const uint64_t middle = low + (high - low) / 2;
    (cuts.BinOf(as(static_cast<int64_t>(middle))) > bin ? high : low) = middle;
  }
  return static_cast<int64_t>(low);
}

// The report of cuts on all values in `order`, of which there is one at least.
// Cost: O(bins log n), and 64 steps a bin.
template <typename Cuts, typename Order, typename As>
ScoreReport ReportOnOrder(const Cuts &cuts, const Order &order, const As &as) {
  ScoreReport report{.cuts = cuts.cuts(), .closed = cuts.closed(), .counts = {}};
  report.counts.resize(static_cast<size_t>(cuts.labels()));
  const int64_t greatest = order(order.count() - 1);
  int64_t first = order(0);  // The least integer that is in no lower bin.
  size_t below = 0;          // Customers in lower bins.
  for (int bin = 0; bin < cuts.labels(); ++bin) {
    if (cuts.BinOf(as(first)) > bin) continue;
    const int64_t last = LastOfBin(cuts, bin, first, greatest, as);
    const size_t end = order.AtMost(last);
    report.counts[static_cast<size_t>(cuts.ScoreOfBin(bin)) - 1] =
        static_cast<int64_t>(end - below);
    // Only the ends of a bin can equal a cut.
    const auto slot = static_cast<size_t>(bin);
    if (cuts.bin_table().EqualsCut(as(first), slot) != 0) {
      report.tied_customers += static_cast<int64_t>(order.AtMost(first) - below);
    }
    if (last != first && cuts.bin_table().EqualsCut(as(last), slot) != 0) {
      report.tied_customers += static_cast<int64_t>(end - order.AtMost(last - 1));
    }
    if (last == greatest) break;
    below = end;
    first = last + 1;
  }
  report.labels = cuts.labels();
  report.empty_bins = static_cast<int>(std::ranges::count(report.counts, 0));
  return report;
}

// Scores `values`, some or all of those in `order`, by cuts on all of them.
template <typename As, typename Order>
absl::StatusOr<DimensionScores> ScoreOnOrder(std::string_view column,
                                             std::span<const typename As::Value> values,
                                             const Order &order, ScoreMethod method,
                                             const ScoreScale &scale, const Execution &execution) {
  using T = typename As::Value;
  const As as;
  if (order.count() == 0) return ScoreDimension<T>(column, {}, method, scale, execution);
  PATRON_ASSIGN_OR_RETURN(const ScoreCuts<T> cuts,
                          ScoreCutsFrom<T>(column, method, scale, order.count(),
                                           [&](size_t k) { return as(order(k)); }));
  DimensionScores scores = ApplyScoreCuts(cuts, values, execution);
  if (values.size() < order.count()) scores.report = ReportOnOrder(cuts, order, as);
  return scores;
}

// The three scores of each customer as one number, and weighted.
inline void Combine(const RfmScoreOptions &options, RfmScores *scores) {
  const auto labels = [&](const ScoreScale &scale) {
    return options.method == ScoreMethod::kFixed ? static_cast<int>(scale.cuts.size()) + 1
                                                 : scale.bins;
  };
  scores->code_base = ScoreCodeBase(
      std::max({labels(options.recency), labels(options.frequency), labels(options.monetary)}));
  const size_t count = scores->recency.scores.size();
  scores->rfm.resize(count);
  if (options.weighted) scores->weighted.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const int r = scores->recency.scores[i];
    const int f = scores->frequency.scores[i];
    const int m = scores->monetary.scores[i];
    scores->rfm[i] = (r * scores->code_base + f) * scores->code_base + m;
    if (!options.weighted) continue;
    scores->weighted[i] =
        options.recency.weight * r + options.frequency.weight * f + options.monetary.weight * m;
  }
}

inline void ForgetTouched(LedgerStore *store) {
  for (const uint32_t customer : store->touched) store->states[customer].touched = 0;
  store->touched.clear();
}

// One call for scores.
class LedgerScoring {
 public:
  LedgerScoring(LedgerStore *store, LedgerStanding *standing, CivilDays *civil,
                const LedgerRfmOptions &options, const Execution &execution)
      : store_(*store),
        standing_(*standing),
        civil_(*civil),
        options_(options),
        execution_(execution) {}

  absl::StatusOr<LedgerRfm> Run() {
    const bool stands = Stands();
    if (stands || options_.only_touched) {
      const StandingNeeds needs{.days = by_day(), .means = options_.mean};
      PATRON_RETURN_IF_ERROR(standing_.Update(&store_, &civil_, needs, execution_));
    }
    PATRON_ASSIGN_OR_RETURN(LedgerRfm result, stands ? ScoreStanding() : ScoreFacts());
    if (options_.only_touched && !options_.keep_touched) ForgetTouched(&store_);
    return result;
  }

 private:
  bool by_day() const { return options_.rule.frequency == PurchaseUnit::kDay; }

  // Whether the standing measures are those asked for; if not, the facts are read.
  bool Stands() {
    const RfmRule &rule = options_.rule;
    const ScoreMethod method = options_.scores.method;
    return rule.refunds == Refunds::kNet && rule.zeros == Zeros::kCount && rule.window_days == 0 &&
           (rule.frequency != PurchaseUnit::kRow || store_.ordered == 0) &&
           method != ScoreMethod::kNtile && method != ScoreMethod::kNested &&
           (rule.as_of == kNoTime || rule.as_of > store_.LastTime());
  }

  std::vector<uint32_t> Listed() const;
  absl::StatusOr<LedgerRfm> ScoreStanding();
  absl::StatusOr<LedgerRfm> ScoreFacts();

  LedgerStore &store_;
  LedgerStanding &standing_;
  CivilDays &civil_;
  const LedgerRfmOptions &options_;
  const Execution &execution_;
};

// The customers to be listed, ascending by id.
inline std::vector<uint32_t> LedgerScoring::Listed() const {
  std::vector<uint32_t> listed =
      options_.only_touched ? store_.touched : store_.customers.Ascending();
  std::erase_if(listed, [this](uint32_t code) { return standing_.of(code).orders == 0; });
  if (!options_.only_touched) return listed;
  const IdIndex &ids = store_.customers;
  if (ids.is_text()) {
    std::ranges::sort(listed, [&](uint32_t a, uint32_t b) { return ids.Less(a, b); });
    return listed;
  }
  std::vector<int64_t> keys(listed.size()), sorted_keys(listed.size());
  std::vector<uint32_t> sorted(listed.size());
  for (size_t i = 0; i < listed.size(); ++i) keys[i] = ids.integer(listed[i]);
  SortPairs<int64_t>(keys, listed, sorted_keys, sorted);
  return sorted;
}

inline absl::StatusOr<LedgerRfm> LedgerScoring::ScoreStanding() {
  LedgerRfm result;
  result.as_of = options_.rule.as_of;
  if (result.as_of == kNoTime) {
    PATRON_ASSIGN_OR_RETURN(result.as_of, MidnightAfter(store_.LastTime(), civil_));
  }
  result.customers = standing_.nets().size();
  const int64_t today = result.customers == 0 ? 0 : civil_.DayOf(result.as_of);
  const std::vector<uint32_t> listed = Listed();
  const size_t count = listed.size();
  result.customer = ListFor(store_.customers, count);
  for (auto *column : {&result.recency, &result.frequency, &result.monetary}) column->resize(count);
  if (options_.mean) result.mean.resize(count);
  for (size_t i = 0; i < count; ++i) {
    const Standing &one = standing_.of(listed[i]);
    AppendId(store_.customers, listed[i], &result.customer);
    result.recency[i] = today - one.last_day;
    result.frequency[i] = by_day() ? one.days : one.orders;
    result.monetary[i] = one.net;
    if (options_.mean) result.mean[i] = one.Mean(by_day());
  }
  PATRON_RETURN_IF_ERROR(ReportProgress(execution_, 1, 4));

  const RfmScoreOptions &options = options_.scores;
  RfmScores &scores = result.scores;
  PATRON_ASSIGN_OR_RETURN(
      scores.recency,
      ScoreOnOrder<AsInteger>("recency", result.recency, Mirrored{standing_.last_days(), today},
                              options.method, options.recency, execution_));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution_, 2, 4));
  PATRON_ASSIGN_OR_RETURN(
      scores.frequency,
      ScoreOnOrder<AsInteger>("frequency", result.frequency,
                              Ascending{by_day() ? standing_.days() : standing_.orders()},
                              options.method, options.frequency, execution_));
  PATRON_RETURN_IF_ERROR(ReportProgress(execution_, 3, 4));
  if (options_.mean) {
    PATRON_ASSIGN_OR_RETURN(
        scores.monetary,
        ScoreOnOrder<AsDouble>("monetary", result.mean, Ascending{standing_.means()},
                               options.method, options.monetary, execution_));
  } else {
    PATRON_ASSIGN_OR_RETURN(
        scores.monetary,
        ScoreOnOrder<AsInteger>("monetary", result.monetary, Ascending{standing_.nets()},
                                options.method, options.monetary, execution_));
  }
  Combine(options, &scores);
  PATRON_RETURN_IF_ERROR(ReportProgress(execution_, 4, 4));
  return result;
}

// Keeps the elements of a column that are to be listed; an empty column stays empty.
template <typename T>
void KeepListed(const std::vector<uint32_t> &rows, std::vector<T> *column) {
  if (column->empty()) return;
  size_t kept = 0;
  for (const uint32_t row : rows) (*column)[kept++] = (*column)[row];
  column->resize(kept);
}

inline absl::StatusOr<LedgerRfm> LedgerScoring::ScoreFacts() {
  const LedgerSource source(store_);
  PATRON_ASSIGN_OR_RETURN(const CustomerTotals totals,
                          TotalForRfm(source, options_.rule, civil_, execution_));
  PATRON_ASSIGN_OR_RETURN(RfmMeasures measures, MeasureRfm(totals, options_.rule));
  LedgerRfm result;
  result.as_of = measures.as_of;
  result.customers = measures.customer.size();
  const RfmScoreOptions &options = options_.scores;
  const std::span<const int64_t> recency = measures.recency, frequency = measures.frequency;
  if (options_.mean) {
    result.mean = measures.MeanMonetary();
    PATRON_ASSIGN_OR_RETURN(
        result.scores,
        (ScoreRfm<int64_t, double>(recency, frequency, result.mean, options, execution_)));
  } else {
    PATRON_ASSIGN_OR_RETURN(
        result.scores,
        (ScoreRfm<int64_t, int64_t>(recency, frequency, measures.monetary, options, execution_)));
  }
  std::vector<uint32_t> rows;  // To be listed.
  for (uint32_t row = 0; row < measures.customer.size(); ++row) {
    const uint32_t code = measures.customer[row];
    if (options_.only_touched) {
      const uint32_t customer = totals.customers().is_text()
                                    ? store_.customers.Find(totals.customers().text(code))
                                    : store_.customers.Find(totals.customers().integer(code));
      if (!store_.states[customer].touched) continue;
    }
    rows.push_back(row);
    AppendId(totals.customers(), code, &result.customer);
  }
  // Text of the totals does not outlive them.
  for (std::string_view &text : result.customer.text) {
    text = store_.customers.text(store_.customers.Find(text));
  }
  result.recency = std::move(measures.recency);
  result.frequency = std::move(measures.frequency);
  result.monetary = std::move(measures.monetary);
  if (rows.size() == result.recency.size()) return result;
  for (auto *column : {&result.recency, &result.frequency, &result.monetary})
    KeepListed(rows, column);
  for (auto *column : {&result.mean, &result.scores.weighted}) KeepListed(rows, column);
  RfmScores &scores = result.scores;
  for (DimensionScores *dimension : {&scores.recency, &scores.frequency, &scores.monetary}) {
    KeepListed(rows, &dimension->scores);
  }
  KeepListed(rows, &scores.rfm);
  return result;
}

}  // namespace detail::ledger

}  // namespace patron::value

#endif  // PATRON_VALUE_LEDGER_RFM_HPP_
