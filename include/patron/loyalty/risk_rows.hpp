// Rows in the order in which the partial likelihood of proportional hazards goes through them.
#ifndef PATRON_LOYALTY_RISK_ROWS_HPP_
#define PATRON_LOYALTY_RISK_ROWS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "patron/base/buffer.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/base/parallel.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/loyalty/risk_kernels.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty::detail::cox {

// Rows at one distinct time of one stratum: [begin, events) had the event, [events, end) not.
struct Moment {
  uint32_t begin, events, end;

  size_t rows() const { return end - begin; }
  size_t count() const { return events - begin; }  // Of events.
};

// Rows sorted by stratum, time, and events before the others, with covariates in columns.
class RiskRows {
 public:
  RiskRows() = default;

  // Room for `covariates` columns, which are still to be taken.
  RiskRows(const Observed &observed, const Groups &strata, size_t covariates,
           std::span<const double> offset, const Execution &execution)
      : p_(covariates),
        rows_(observed.size()),
        stride_(StrideOf(rows_)),
        x_(MakeBuffer<double>(p_ * stride_)) {
    if (!OrderByCounts(observed, strata)) OrderBySort(observed, strata, execution);
    weight_ = Ordered(observed.weight);
    offset_ = Ordered(offset);
    SumWeights();
  }

  // Sums over all rows, by weight, of a column as it was taken.
  struct Spread {
    double sum = 0, square = 0;
  };

  // Takes the columns `from`, a number a row of the input, less their `center`, divided by their `scale`.
  // `weight` is that of the input.
  std::vector<Spread> Take(std::span<const std::span<const double>> from,
                           std::span<const double> weight, std::span<const double> center,
                           std::span<const double> scale) {
    std::vector<Spread> spreads;
    // Rows in no order are found at once with all their columns, not one by one.
    Buffer<double> packed;
    if (!scatter_) packed = MakeBuffer<double>(p_ * rows_);
    for (size_t k = 0; k < p_; ++k) {
      double *to = x_.get() + k * stride_;
      double *into = packed.get() + k;
      const auto put = [&](size_t begin, size_t size, const double *block) {
        if (!scatter_) {
          for (size_t i = 0; i < size; ++i) into[(begin + i) * p_] = block[i];
          return;
        }
        const uint32_t *places = &place_of_[begin];
        for (size_t i = 0; i < size; ++i) {
          PrefetchToWrite(to + places[i] + 2 * clv::kLaneGroup);
          to[places[i]] = block[i];
        }
      };
      spreads.push_back(TakeColumn(from[k], weight, center[k], 1 / scale[k], put));
      std::fill(to + rows_, to + stride_, 0.0);
    }
    for (size_t i = 0; !scatter_ && i < rows_; ++i) {
      const double *row = packed.get() + row_of_[i] * p_;
      for (size_t k = 0; k < p_; ++k) x_[k * stride_ + i] = row[k];
    }
    return spreads;
  }

  // About every 16th row: what they say is about the same, at a part of the cost. Not for rows that
  // enter late.
  static constexpr size_t kSampled = 16;
  RiskRows Sample() const {
    // Neighbours share lines of memory.
    constexpr size_t kRun = clv::kLaneGroup;
    RiskRows sample;
    sample.p_ = p_;
    sample.stratum_moments_.push_back(0);
    std::vector<size_t> taken;
    taken.reserve(rows_ / kSampled + kRun);
    for (size_t s = 0; s + 1 < stratum_moments_.size(); ++s) {
      for (size_t m = stratum_moments_[s]; m < stratum_moments_[s + 1]; ++m) {
        Moment moment = moments_[m];
        const auto begin = static_cast<uint32_t>(taken.size());
        uint32_t events = begin;
        for (size_t i = moment.begin; i < moment.end; ++i) {
          if (i / kRun % kSampled != 0) {
            i = (i / kRun / kSampled + 1) * kRun * kSampled - 1;
            continue;
          }
          taken.push_back(i);
          events += i < moment.events ? 1 : 0;
        }
        if (taken.size() == begin) continue;
        moment.begin = begin;
        moment.events = events;
        moment.end = static_cast<uint32_t>(taken.size());
        sample.moments_.push_back(moment);
        sample.times_.push_back(times_[m]);
      }
      sample.stratum_moments_.push_back(sample.moments_.size());
    }
    sample.rows_ = taken.size();
    sample.stride_ = StrideOf(taken.size());
    sample.x_ = MakeBuffer<double>(p_ * sample.stride_);
    const auto take = [&](const double *from, double *to) {
      for (size_t i = 0; i < taken.size(); ++i) to[i] = from[taken[i]];
      std::fill(to + taken.size(), to + sample.stride_, 0.0);
    };
    for (size_t k = 0; k < p_; ++k) take(column(k), sample.x_.get() + k * sample.stride_);
    if (!weight_.empty())
      take(weight_.data(), (sample.weight_.resize(sample.stride_), sample.weight_.data()));
    if (!offset_.empty())
      take(offset_.data(), (sample.offset_.resize(sample.stride_), sample.offset_.data()));
    sample.SumWeights();
    return sample;
  }

  size_t size() const { return rows_; }
  size_t stride() const { return stride_; }  // Of columns: whole groups of lanes, and one of zeros.
  RiskColumns columns() const { return {x_.get(), stride_, p_}; }
  const double *column(size_t k) const { return x_.get() + k * stride_; }
  // The row of the input at each place. Cost: O(rows).
  std::vector<uint32_t> RowOf() const {
    if (!row_of_.empty()) return {row_of_.begin(), row_of_.end()};
    std::vector<uint32_t> row_of(rows_);
    for (size_t i = 0; i < rows_; ++i) row_of[place_of_[i]] = static_cast<uint32_t>(i);
    return row_of;
  }
  // As long as a column; null if all are 1, or 0.
  const double *weights() const { return weight_.empty() ? nullptr : weight_.data(); }
  const double *offsets() const { return offset_.empty() ? nullptr : offset_.data(); }
  double weight_at(size_t place) const { return weight_.empty() ? 1.0 : weight_[place]; }
  std::span<const Moment> moments() const { return moments_; }
  double time_of(size_t moment) const { return times_[moment]; }
  // Of the events at a moment.
  double weight_of(size_t moment) const {
    return event_weights_.empty() ? static_cast<double>(moments_[moment].count())
                                  : event_weights_[moment];
  }
  // Moments of stratum s: from stratum_moments()[s] on.
  std::span<const size_t> stratum_moments() const { return stratum_moments_; }
  // Where rows enter late: the first moment at which the row at each place is at risk; places in that
  // order, of stratum s from entry_ends()[s] on.
  std::span<const uint32_t> entry_moments() const { return entry_moment_; }
  std::span<const uint32_t> by_entry() const { return by_entry_; }
  std::span<const size_t> entry_ends() const { return entry_ends_; }

 private:
  // Calls put(first row, rows, values) for each block of a column of the input.
  template <typename Put>
  Spread TakeColumn(std::span<const double> from, std::span<const double> weight, double center,
                    double factor, Put put) const {
    alignas(64) double block[kRiskBlock], weights[kRiskBlock];
    std::ranges::fill(weights, 1.0);
    std::array<double, clv::kLaneGroup> sums = {}, squares = {};
    for (size_t begin = 0; begin < rows_; begin += kRiskBlock) {
      const size_t size = std::min(kRiskBlock, rows_ - begin), groups = clv::RoundToGroup(size);
      for (size_t i = 0; i < size; ++i) block[i] = (from[begin + i] - center) * factor;
      put(begin, size, block);
      std::fill(block + size, block + groups, 0.0);
      if (!weight.empty()) {
        std::copy_n(&weight[begin], size, weights);
        std::fill(weights + size, weights + groups, 0.0);
      }
      for (size_t i = 0; i < groups; i += clv::kLaneGroup) {
        PrefetchToRead(from.data() + begin + 2 * kRiskBlock + i);
        for (size_t j = 0; j < clv::kLaneGroup; ++j) {
          const double counted = block[i + j] * weights[i + j];
          sums[j] += counted;
          squares[j] += counted * block[i + j];
        }
      }
    }
    Spread spread;
    for (size_t j = 0; j < clv::kLaneGroup; ++j) {
      spread.sum += sums[j];
      spread.square += squares[j];
    }
    return spread;
  }

  // Hints, which may point past the end.
  static void PrefetchToRead(const double *at) {
#if defined(__GNUC__)
    __builtin_prefetch(at);
#else
    (void)at;
#endif
  }
  static void PrefetchToWrite(const double *at) {
#if defined(__GNUC__)
    __builtin_prefetch(at, 1);
#else
    (void)at;
#endif
  }

  static size_t StrideOf(size_t rows) { return clv::RoundToGroup(rows) + clv::kLaneGroup; }

  // Where durations are few whole numbers and nobody enters late; false where not.
  bool OrderByCounts(const Observed &observed, const Groups &strata) {
    const size_t lengths = WholeLengths(rows_, strata.count);
    if (!observed.entry.empty() || lengths == 0) return false;
    place_of_ = MakeBuffer<uint32_t>(rows_);
    std::vector<uint32_t> next(strata.count * lengths * 2);
    constexpr size_t kBlock = 1024;
    for (size_t begin = 0; begin < rows_; begin += kBlock) {
      const size_t size = std::min(kBlock, rows_ - begin);
      uint32_t *places = &place_of_[begin];
      if (!WholePlaces(observed.duration.subspan(begin, size), observed.event.subspan(begin, size),
                       lengths, places)) {
        place_of_.reset();
        return false;
      }
      for (size_t i = 0; i < size && !strata.codes.empty(); ++i) {
        places[i] += strata.codes[begin + i] * static_cast<uint32_t>(lengths) * 2;
      }
      for (size_t i = 0; i < size; ++i) ++next[places[i]];
    }
    uint32_t place = 0;
    const auto give = [&](uint32_t &count) {
      const uint32_t first = place;
      place += count;
      count = first;
    };
    stratum_moments_.push_back(0);
    for (size_t s = 0; s < strata.count; ++s) {
      for (size_t length = 0; length < lengths; ++length) {
        uint32_t *counts = &next[(s * lengths + length) * 2];
        if (counts[0] + counts[1] == 0) continue;
        Moment moment = {place, 0, 0};
        give(counts[1]);
        moment.events = place;
        give(counts[0]);
        moment.end = place;
        moments_.push_back(moment);
        times_.push_back(static_cast<double>(length));
      }
      stratum_moments_.push_back(moments_.size());
    }
    scatter_ = true;
    for (size_t i = 0; i < rows_; ++i) place_of_[i] = next[place_of_[i]]++;
    return true;
  }

  void OrderBySort(const Observed &observed, const Groups &strata, const Execution &execution) {
    const TimeOrder order = OrderByTime(observed, strata, execution);
    row_of_.assign(order.rows.begin(), order.rows.end());
    // In the order of the places once, for the input is read at random.
    LargeVector<double> times(rows_);
    LargeVector<uint8_t> events(rows_);
    for (size_t i = 0; i < rows_; ++i) times[i] = observed.duration[row_of_[i]];
    for (size_t i = 0; i < rows_; ++i) events[i] = observed.event[row_of_[i]];
    size_t distinct = order.starts.size();
    for (size_t i = 1; i < rows_; ++i) distinct += times[i] != times[i - 1] ? 1 : 0;
    moments_.reserve(distinct);
    times_.reserve(distinct);
    stratum_moments_.push_back(0);
    for (size_t s = 0; s + 1 < order.starts.size(); ++s) {
      const size_t last = order.starts[s + 1];
      for (size_t begin = order.starts[s]; begin < last;) {
        size_t end = begin + 1;
        while (end < last && times[end] == times[begin]) ++end;
        const size_t had = EventsFirst(observed, begin, end, events);
        moments_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(begin + had),
                            static_cast<uint32_t>(end)});
        times_.push_back(times[begin]);
        begin = end;
      }
      stratum_moments_.push_back(moments_.size());
    }
    scatter_ = moments_.size() < rows_ / 16;
    if (!scatter_ && observed.entry.empty()) return;
    place_of_ = MakeBuffer<uint32_t>(rows_);
    for (size_t i = 0; i < rows_; ++i) place_of_[row_of_[i]] = static_cast<uint32_t>(i);
    if (!observed.entry.empty()) TakeEntries(observed, order);
  }

  // Puts the rows of one moment in order and gives how many had the event.
  size_t EventsFirst(const Observed &observed, size_t begin, size_t end,
                     std::span<const uint8_t> events) {
    if (end - begin == 1) return events[begin];
    const auto first = row_of_.begin() + static_cast<ptrdiff_t>(begin);
    const auto middle =
        std::stable_partition(first, row_of_.begin() + static_cast<ptrdiff_t>(end),
                              [&](uint32_t row) { return observed.event[row] != 0; });
    return static_cast<size_t>(middle - first);
  }

  void TakeEntries(const Observed &observed, const TimeOrder &order) {
    by_entry_.resize(rows_);
    entry_moment_.resize(rows_);
    entry_ends_ = order.starts;
    for (size_t s = 0; s + 1 < order.starts.size(); ++s) {
      size_t m = stratum_moments_[s];
      for (size_t i = order.starts[s]; i < order.starts[s + 1]; ++i) {
        const double entry = observed.entry[order.by_entry[i]];
        while (m < stratum_moments_[s + 1] && times_[m] <= entry) ++m;
        by_entry_[i] = place_of_[order.by_entry[i]];
        entry_moment_[by_entry_[i]] = static_cast<uint32_t>(m);
      }
    }
  }

  void SumWeights() {
    if (weight_.empty()) return;
    event_weights_.assign(moments_.size(), 0);
    for (size_t m = 0; m < moments_.size(); ++m) {
      for (size_t i = moments_[m].begin; i < moments_[m].events; ++i) {
        event_weights_[m] += weight_[i];
      }
    }
  }

  LargeVector<double> Ordered(std::span<const double> values) const {
    LargeVector<double> ordered;
    if (values.empty()) return ordered;
    ordered.resize(stride_);
    if (place_of_ != nullptr) {
      for (size_t i = 0; i < rows_; ++i) ordered[place_of_[i]] = values[i];
    } else {
      for (size_t i = 0; i < rows_; ++i) ordered[i] = values[row_of_[i]];
    }
    return ordered;
  }

  size_t p_ = 0, rows_ = 0, stride_ = 0;
  Buffer<double> x_;  // Column by column.
  // Rows of equal times make few streams of writes: then it is faster to read in a row and to write
  // where it belongs.
  bool scatter_ = false;
  LargeVector<uint32_t> row_of_;  // One of these two, or both.
  Buffer<uint32_t> place_of_;
  LargeVector<double> weight_, offset_;
  LargeVector<Moment> moments_;
  LargeVector<double> times_, event_weights_;  // Of moments; no weights if all are 1.
  std::vector<size_t> stratum_moments_;
  std::vector<uint32_t> by_entry_, entry_moment_;  // Places, and moments.
  std::vector<size_t> entry_ends_;
};

}  // namespace patron::loyalty::detail::cox

#endif  // PATRON_LOYALTY_RISK_ROWS_HPP_
