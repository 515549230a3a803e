// The partial likelihood of proportional hazards, with its derivatives, at a point.
#ifndef PATRON_LOYALTY_PARTIAL_LIKELIHOOD_HPP_
#define PATRON_LOYALTY_PARTIAL_LIKELIHOOD_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "patron/base/buffer.hpp"
#include "patron/base/parallel.hpp"
#include "patron/clv/elementary.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/loyalty/risk_kernels.hpp"
#include "patron/loyalty/risk_table.hpp"

namespace patron::loyalty {

// How events at the same time share the risk set.
enum class Ties {
  kEfron,    // Each leaves it after the other, in every order alike: the default of R and of this.
  kBreslow,  // All see the whole set.
};

namespace detail::cox {

// Rows at one distinct time of one stratum: [begin, events) had the event, [events, end) not.
struct Moment {
  uint32_t begin, events, end;
  double time;
  double weight;  // Of the events.
};

// Rows sorted by stratum, time, and events before the others, with covariates in columns.
//
// The information is the sum over moments of a covariance within the risk set. Its products of
// covariates are taken row by row instead, each with the hazard that the row has been through, so
// that the risk sets carry no matrix.
class PartialLikelihood {
 public:
  struct Evaluation {
    double value = 0;
    Eigen::VectorXd gradient;
    Eigen::MatrixXd information;
  };
  // What each moment adds to the hazard: of those who stay, and of those who leave.
  struct Hazards {
    std::vector<double> stay, leave;
  };

  // `covariates` are columns of as many rows as `observed`; they are stored less `center` and divided
  // by `scale`. `kernels` change the speed, not the results.
  static PartialLikelihood Of(const Observed &observed, const TimeOrder &order, Ties ties,
                              std::span<const std::span<const double>> covariates,
                              std::span<const double> center, std::span<const double> scale,
                              std::span<const double> offset, const RiskKernels &kernels) {
    PartialLikelihood result;
    result.kernels_ = kernels;
    const size_t n = observed.size();
    result.ties_ = ties;
    result.p_ = covariates.size();
    result.stride_ = clv::RoundToGroup(n);
    result.rows_ = order.rows;
    // In the order of the places once, for the input is read at random.
    std::vector<double> times(n);
    std::vector<uint8_t> events(n);
    for (size_t i = 0; i < n; ++i) times[i] = observed.duration[result.rows_[i]];
    for (size_t i = 0; i < n; ++i) events[i] = observed.event[result.rows_[i]];
    size_t distinct = order.starts.size();
    for (size_t i = 1; i < n; ++i) distinct += times[i] != times[i - 1] ? 1 : 0;
    result.moments_.reserve(distinct);
    for (size_t s = 0; s + 1 < order.starts.size(); ++s) {
      result.AddStratum(observed, order, s, times, events);
    }
    result.x_ = MakeBuffer<double>(result.p_ * result.stride_);
    // Rows of equal times make few streams of writes: then it is faster to read in a row and to write
    // where it belongs.
    const bool scatter = result.moments_.size() < n / 16;
    std::vector<uint32_t> place_of;
    if (scatter || !observed.entry.empty()) {
      place_of.resize(n);
      for (size_t i = 0; i < n; ++i) place_of[result.rows_[i]] = static_cast<uint32_t>(i);
    }
    for (size_t k = 0; k < result.p_; ++k) {
      double *to = result.x_.get() + k * result.stride_;
      const double *from = covariates[k].data();
      const double mean = center[k], factor = 1 / scale[k];
      if (scatter) {
        for (size_t i = 0; i < n; ++i) to[place_of[i]] = (from[i] - mean) * factor;
      } else {
        for (size_t i = 0; i < n; ++i) to[i] = (from[result.rows_[i]] - mean) * factor;
      }
      std::fill(to + n, to + result.stride_, 0.0);
    }
    result.TakeRows(observed, offset);
    if (!observed.entry.empty()) result.TakeEntries(observed, order, place_of);
    result.SumEvents();
    return result;
  }

  // Every `step`-th row: what it says is about the same, at a part of the cost. Not for rows that
  // enter late.
  PartialLikelihood Sample(size_t step) const {
    PartialLikelihood sample;
    sample.kernels_ = kernels_;
    sample.ties_ = ties_;
    sample.p_ = p_;
    sample.stratum_moments_.push_back(0);
    std::vector<size_t> taken;
    for (size_t s = 0; s + 1 < stratum_moments_.size(); ++s) {
      for (size_t m = stratum_moments_[s]; m < stratum_moments_[s + 1]; ++m) {
        Moment moment = moments_[m];
        const auto begin = static_cast<uint32_t>(taken.size());
        uint32_t events = begin;
        moment.weight = 0;
        for (size_t i = (moment.begin + step - 1) / step * step; i < moment.end; i += step) {
          taken.push_back(i);
          if (i < moment.events) moment.weight += weight_[i];
          events += i < moment.events ? 1 : 0;
        }
        if (taken.size() == begin) continue;
        moment.begin = begin;
        moment.events = events;
        moment.end = static_cast<uint32_t>(taken.size());
        sample.moments_.push_back(moment);
      }
      sample.stratum_moments_.push_back(sample.moments_.size());
    }
    sample.stride_ = clv::RoundToGroup(taken.size());
    sample.x_ = MakeBuffer<double>(p_ * sample.stride_);
    for (size_t k = 0; k < p_; ++k) {
      double *to = sample.x_.get() + k * sample.stride_;
      std::fill(to + taken.size(), to + sample.stride_, 0.0);
    }
    sample.weight_.resize(sample.stride_);
    if (!offset_.empty()) sample.offset_.resize(sample.stride_);
    for (size_t i = 0; i < taken.size(); ++i) {
      for (size_t k = 0; k < p_; ++k) sample.x_[k * sample.stride_ + i] = column(k)[taken[i]];
      sample.weight_[i] = weight_[taken[i]];
      if (!offset_.empty()) sample.offset_[i] = offset_[taken[i]];
    }
    sample.rows_.resize(taken.size());
    sample.SumEvents();
    return sample;
  }

  size_t rows() const { return rows_.size(); }
  size_t covariates() const { return p_; }
  Ties ties() const { return ties_; }
  const double *column(size_t k) const { return x_.get() + k * stride_; }
  std::span<const uint32_t> row_of() const { return rows_; }  // Row of the input at each place.
  std::span<const double> weights() const { return {weight_.data(), rows_.size()}; }
  std::span<const Moment> moments() const { return moments_; }
  // Moments of stratum s: from stratum_moments()[s] on.
  std::span<const size_t> stratum_moments() const { return stratum_moments_; }
  bool has_entries() const { return !entry_moment_.empty(); }
  // The first moment at which the row at a place is at risk; with entries only.
  size_t first_moment(size_t place) const { return entry_moment_[place]; }

  // weight x exp(linear predictor), place by place.
  std::vector<double> Risks(const Eigen::VectorXd &beta) const {
    std::vector<double> risks(stride_);
    kernels_.risks(columns(), beta.data(), offset_.empty() ? nullptr : offset_.data(),
                   weight_.data(), stride_, risks.data());
    return risks;
  }

  // The log-likelihood and its derivatives. With `factor`, one number a moment, what each moment gives
  // to the derivatives counts so often; the value then means nothing.
  Evaluation Evaluate(const Eigen::VectorXd &beta, std::span<const double> factor = {},
                      Hazards *hazards = nullptr) const {
    const bool null = beta.isZero(0) && offset_.empty();
    std::vector<double> risks = null ? weight_ : Risks(beta);
    Evaluation result;
    const auto p = static_cast<Eigen::Index>(p_);
    result.gradient = Eigen::VectorXd::Zero(p);
    result.information = Eigen::MatrixXd::Zero(p, p);
    Hazards own;
    Hazards &h = hazards == nullptr ? own : *hazards;
    h.stay.assign(moments_.size(), 0);
    h.leave.assign(moments_.size(), 0);
    for (size_t s = 0; s + 1 < stratum_moments_.size(); ++s) {
      WalkRiskSets(s, risks, factor, h, result);
    }
    if (!null) result.value += event_sums_.dot(beta) + event_offsets_;
    AddRows(risks, factor, h, result);
    result.information.triangularView<Eigen::StrictlyUpper>() = result.information.transpose();
    return result;
  }

  // Calls visit(moment, S0, S1, D0, D1) from the last moment of the stratum down, wherever there is an
  // event: sums over the risk set and over the events of the risks, and of the risks x covariates.
  template <typename Visit>
  void ForEachRiskSet(size_t stratum, std::span<const double> risks, Visit visit) const {
    double s0 = 0;
    Eigen::VectorXd s1 = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(p_)), d1 = s1;
    std::vector<double> sums(p_ + 1);
    const auto add = [&](size_t begin, size_t end, double &to0, Eigen::VectorXd &to1) {
      if (end - begin == 1) {
        to0 += risks[begin];
        for (size_t k = 0; k < p_; ++k) {
          to1[static_cast<Eigen::Index>(k)] += risks[begin] * column(k)[begin];
        }
        return;
      }
      std::ranges::fill(sums, 0.0);
      kernels_.sums(columns(), risks.data(), begin, end, sums.data());
      to0 += sums[0];
      to1 += Eigen::Map<const Eigen::VectorXd>(sums.data() + 1, static_cast<Eigen::Index>(p_));
    };
    size_t waiting = entry_ends_.empty() ? 0 : entry_ends_[stratum + 1];
    const size_t no_more = entry_ends_.empty() ? 0 : entry_ends_[stratum];
    for (size_t m = stratum_moments_[stratum + 1]; m-- > stratum_moments_[stratum];) {
      const Moment &moment = moments_[m];
      for (; waiting > no_more && entry_moment_[by_entry_[waiting - 1]] > m; --waiting) {
        const size_t place = by_entry_[waiting - 1];
        s0 -= risks[place];
        for (size_t k = 0; k < p_; ++k) {
          s1[static_cast<Eigen::Index>(k)] -= risks[place] * column(k)[place];
        }
      }
      if (moment.events < moment.end) add(moment.events, moment.end, s0, s1);
      if (moment.begin == moment.events) continue;
      double d0 = 0;
      d1.setZero();
      add(moment.begin, moment.events, d0, d1);
      s0 += d0;
      s1 += d1;
      visit(m, s0, s1, d0, d1);
    }
  }

 private:
  void AddStratum(const Observed &observed, const TimeOrder &order, size_t stratum,
                  std::span<const double> times, std::span<const uint8_t> had_event) {
    if (stratum_moments_.empty()) stratum_moments_.push_back(0);
    const size_t first = order.starts[stratum], last = order.starts[stratum + 1];
    for (size_t begin = first; begin < last;) {
      const double time = times[begin];
      size_t end = begin + 1;
      while (end < last && times[end] == time) ++end;
      size_t events = begin;
      if (end - begin == 1) {
        events += had_event[begin];
      } else {
        const auto middle =
            std::stable_partition(rows_.begin() + static_cast<ptrdiff_t>(begin),
                                  rows_.begin() + static_cast<ptrdiff_t>(end),
                                  [&](uint32_t row) { return observed.event[row] != 0; });
        events = static_cast<size_t>(middle - rows_.begin());
      }
      double weight = static_cast<double>(events - begin);
      if (!observed.weight.empty()) {
        weight = 0;
        for (size_t i = begin; i < events; ++i) weight += observed.weight[rows_[i]];
      }
      moments_.push_back({static_cast<uint32_t>(begin), static_cast<uint32_t>(events),
                          static_cast<uint32_t>(end), time, weight});
      begin = end;
    }
    stratum_moments_.push_back(moments_.size());
  }

  void TakeRows(const Observed &observed, std::span<const double> offset) {
    weight_.resize(stride_);
    for (size_t i = 0; i < rows_.size(); ++i) {
      weight_[i] = observed.weight.empty() ? 1 : observed.weight[rows_[i]];
    }
    if (offset.empty()) return;
    offset_.resize(stride_);
    for (size_t i = 0; i < rows_.size(); ++i) offset_[i] = offset[rows_[i]];
  }

  void TakeEntries(const Observed &observed, const TimeOrder &order,
                   std::span<const uint32_t> place_of) {
    by_entry_.resize(rows_.size());
    entry_moment_.resize(rows_.size());
    entry_ends_ = order.starts;
    for (size_t s = 0; s + 1 < order.starts.size(); ++s) {
      size_t m = stratum_moments_[s];
      for (size_t i = order.starts[s]; i < order.starts[s + 1]; ++i) {
        const double entry = observed.entry[order.by_entry[i]];
        while (m < stratum_moments_[s + 1] && moments_[m].time <= entry) ++m;
        by_entry_[i] = place_of[order.by_entry[i]];
        entry_moment_[by_entry_[i]] = static_cast<uint32_t>(m);
      }
    }
  }

  // Events that came alone, so many at a time: their logarithms and outer products wait for each other.
  class Single {
   public:
    Single(const RiskKernels &kernels, size_t p, Evaluation &result)
        : kernels_(kernels),
          p_(p),
          means_(p * kRiskBlock),
          gradient_(p),
          information_(p * (p + 1) / 2),
          result_(result) {
      std::fill(std::begin(ones_), std::end(ones_), 1.0);
    }

    // `counted` is how much of the weight the information has.
    void Add(double weight, double counted, double s0, double inverse, const Eigen::VectorXd &s1) {
      const double root = counted == 1 ? inverse : std::sqrt(counted) * inverse;
      sets_[count_] = s0;
      weights_[count_] = weight;
      for (size_t k = 0; k < p_; ++k) {
        means_[k * kRiskBlock + count_] = root * s1[static_cast<Eigen::Index>(k)];
      }
      if (++count_ == kRiskBlock) Flush();
    }
    void Flush() {
      using V = clv::Pack<2>;
      const size_t rows = clv::RoundToGroup(count_);
      for (size_t i = count_; i < rows; ++i) {
        sets_[i] = 1;
        for (size_t k = 0; k < p_; ++k) means_[k * kRiskBlock + i] = 0;
      }
      for (size_t i = 0; i < count_; i += clv::kLanesOf<V>) {
        clv::Store<V>(&sets_[i], clv::Log<V>(clv::Load<V>(&sets_[i])));
      }
      double sums[2] = {};  // Of the weights, and of the weights x logarithms.
      kernels_.sums({sets_, kRiskBlock, 1}, weights_, 0, count_, sums);
      result_.value -= sums[1];
      std::ranges::fill(information_, 0.0);
      kernels_.products({means_.data(), kRiskBlock, p_}, 0, rows, ones_, ones_, gradient_.data(),
                        information_.data());
      for (size_t k = 0, at = 0; k < p_; ++k) {
        for (size_t l = 0; l <= k; ++l, ++at) {
          result_.information(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(l)) -=
              information_[at];
        }
      }
      count_ = 0;
    }

   private:
    const RiskKernels &kernels_;
    size_t p_, count_ = 0;
    alignas(64) double sets_[kRiskBlock], weights_[kRiskBlock], ones_[kRiskBlock];
    std::vector<double> means_, gradient_, information_;  // Of the gradient nothing is wanted.
    Evaluation &result_;
  };

  void WalkRiskSets(size_t stratum, std::span<const double> risks, std::span<const double> factor,
                    Hazards &h, Evaluation &result) const {
    const auto subtract = [&](double by, const Eigen::VectorXd &a, const Eigen::VectorXd &b) {
      for (Eigen::Index k = 0; k < a.size(); ++k) {
        const double times = by * a[k];
        for (Eigen::Index l = 0; l <= k; ++l) result.information(k, l) -= times * b[l];
      }
    };
    Single single(kernels_, p_, result);
    ForEachRiskSet(
        stratum, risks,
        [&](size_t m, double s0, const Eigen::VectorXd &s1, double d0, const Eigen::VectorXd &d1) {
          const Moment &moment = moments_[m];
          const double often = factor.empty() ? 1 : factor[m];
          const auto count = static_cast<double>(moment.events - moment.begin);
          if (count == 1 || ties_ == Ties::kBreslow) {
            const double inverse = 1 / s0;
            const double hazard = often * moment.weight * inverse;
            h.stay[m] = h.leave[m] = hazard;
            // A root and a logarithm in lanes need ordinary numbers.
            if (often >= 0 && s0 > 1e-300 && s0 < 1e300) {
              single.Add(moment.weight, often * moment.weight, s0, inverse, s1);
            } else {
              result.value -= moment.weight * std::log(s0);
              subtract(hazard / s0, s1, s1);
            }
            return;
          }
          const double each = moment.weight / count;
          const EfronSums sums = kernels_.efron(s0, d0, moment.events - moment.begin);
          result.value += each * sums.logarithm;
          const double by = often * each;
          h.stay[m] += by * sums.stay;
          h.leave[m] += by * sums.leave;
          subtract(by * sums.square, s1, s1);
          subtract(-by * sums.cross, s1, d1);
          subtract(-by * sums.cross, d1, s1);
          subtract(by * sums.own, d1, d1);
        });
    single.Flush();
  }

  // The sums of covariates and offsets of the events, by weight: their linear predictors add up to that.
  void SumEvents() {
    event_sums_ = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(p_));
    event_offsets_ = 0;
    for (const Moment &moment : moments_) {
      for (size_t i = moment.begin; i < moment.events; ++i) {
        for (size_t k = 0; k < p_; ++k) {
          event_sums_[static_cast<Eigen::Index>(k)] += weight_[i] * column(k)[i];
        }
        if (!offset_.empty()) event_offsets_ += weight_[i] * offset_[i];
      }
    }
  }

  // What rows give by the hazard that they have been through.
  void AddRows(std::span<const double> risks, std::span<const double> factor, const Hazards &h,
               Evaluation &result) const {
    std::vector<double> through;  // Before each moment, of all strata together.
    if (!entry_moment_.empty()) {
      through.resize(moments_.size() + 1);
      for (size_t m = 0; m < moments_.size(); ++m) through[m + 1] = through[m] + h.stay[m];
    }
    alignas(64) double expected[kRiskBlock], excess[kRiskBlock];
    std::vector<double> information(p_ * (p_ + 1) / 2);
    size_t filled = 0, first = 0;
    const auto flush = [&] {
      const size_t rows = clv::RoundToGroup(filled);
      std::fill(expected + filled, expected + rows, 0.0);
      std::fill(excess + filled, excess + rows, 0.0);
      kernels_.products(columns(), first, rows, expected, excess, result.gradient.data(),
                        information.data());
      first += filled;
      filled = 0;
    };
    for (size_t s = 0; s + 1 < stratum_moments_.size(); ++s) {
      double total = 0;  // Within the stratum, which keeps it small.
      for (size_t m = stratum_moments_[s]; m < stratum_moments_[s + 1]; ++m) {
        const Moment &moment = moments_[m];
        const double often = factor.empty() ? 1 : factor[m];
        const double leaving = total + h.leave[m];
        total += h.stay[m];
        for (size_t i = moment.begin; i < moment.end; ++i) {
          double hazard = i < moment.events ? leaving : total;
          if (!entry_moment_.empty()) {
            hazard -= through[entry_moment_[i]] - through[stratum_moments_[s]];
          }
          expected[filled] = risks[i] * hazard;
          excess[filled] = (i < moment.events ? often * weight_[i] : 0) - expected[filled];
          if (++filled == kRiskBlock) flush();
        }
      }
    }
    flush();
    for (size_t k = 0, at = 0; k < p_; ++k) {
      for (size_t l = 0; l <= k; ++l, ++at) {
        result.information(static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(l)) +=
            information[at];
      }
    }
  }

  RiskColumns columns() const { return {x_.get(), stride_, p_}; }

  RiskKernels kernels_ = RiskKernelsOf<clv::NativePack>();
  Ties ties_ = Ties::kEfron;
  size_t p_ = 0, stride_ = 0;
  std::vector<uint32_t> rows_;
  Buffer<double> x_;  // Column by column.
  std::vector<double> weight_, offset_;
  Eigen::VectorXd event_sums_;
  double event_offsets_ = 0;
  std::vector<Moment> moments_;
  std::vector<size_t> stratum_moments_;
  std::vector<uint32_t> by_entry_, entry_moment_;  // Places, and moments.
  std::vector<size_t> entry_ends_;
};

}  // namespace detail::cox
}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_PARTIAL_LIKELIHOOD_HPP_
