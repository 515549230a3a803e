// The partial likelihood of proportional hazards, with its derivatives, at a point.
#ifndef PATRON_LOYALTY_PARTIAL_LIKELIHOOD_HPP_
#define PATRON_LOYALTY_PARTIAL_LIKELIHOOD_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include <Eigen/Core>

#include "patron/base/buffer.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/loyalty/risk_kernels.hpp"
#include "patron/loyalty/risk_rows.hpp"

namespace patron::loyalty {

// How events at the same time share the risk set.
enum class Ties {
  kEfron,    // Each leaves it after the other, in every order alike: the default of R and of this.
  kBreslow,  // All see the whole set.
};

namespace detail::cox {

// The information is the sum over moments of a covariance within the risk set. Its products of
// covariates are taken row by row instead, each with the hazard that the row has been through, so
// that the risk sets carry no matrix; or, where moments are of many rows, segment by segment: those
// who leave at a moment with the event, and those who leave without.
class PartialLikelihood {
 public:
  struct Evaluation {
    double value = 0;
    Eigen::VectorXd gradient;
    Eigen::MatrixXd information;
  };
  // What each moment adds to the hazard: of those who stay, and of those who leave, which is only
  // written where it differs. `risks` is the room that an evaluation has worked in, for the next one.
  struct Hazards {
    LargeVector<double> stay, leave, risks;
  };

  PartialLikelihood() = default;

  // All columns of the rows have been taken. `kernels` change the speed, not the results.
  PartialLikelihood(RiskRows rows, Ties ties, const RiskKernels &kernels)
      : rows_(std::move(rows)), ties_(ties), kernels_(kernels), p_(rows_.columns().count) {
    event_sums_ = EventSums({}, event_offsets_);
    for (size_t m = 0; m < rows_.moments().size() && all_alone_; ++m) all_alone_ = Alone(m);
  }

  PartialLikelihood Sample() const { return {rows_.Sample(), ties_, kernels_}; }

  const RiskRows &rows() const { return rows_; }
  size_t covariates() const { return p_; }
  Ties ties() const { return ties_; }

  // weight x exp(linear predictor), place by place.
  Buffer<double> Risks(const Eigen::VectorXd &beta) const {
    Buffer<double> risks = MakeBuffer<double>(rows_.stride());
    Risks(beta, risks.get());
    return risks;
  }

  // The log-likelihood and its derivatives. With `factor`, one number a moment, what each moment gives
  // to the derivatives counts so often; the value then means nothing.
  Evaluation Evaluate(const Eigen::VectorXd &beta, std::span<const double> factor = {},
                      Hazards *hazards = nullptr) const {
    Hazards own;
    Point point(beta, hazards == nullptr ? own : *hazards, p_);
    Walk({&point, 1}, factor);
    return Result(point, factor);
  }

  // The same at two points. Where moments are of many rows, these are read once.
  std::pair<Evaluation, Evaluation> EvaluateBoth(const Eigen::VectorXd &a, Hazards &of_a,
                                                 const Eigen::VectorXd &b, Hazards &of_b) const {
    std::array<Point, 2> points = {Point(a, of_a, p_), Point(b, of_b, p_)};
    Walk(points, {});
    return {Result(points[0], {}), Result(points[1], {})};
  }

  // Calls visit(moment, S0, S1, D0, D1) from the last moment of the stratum down, wherever there is an
  // event: sums over the risk set and over the events of the risks, and of the risks x covariates.
  template <typename Visit>
  void ForEachRiskSet(size_t stratum, const double *risks, Visit visit) const {
    double s0 = 0;
    Eigen::VectorXd s1 = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(p_)), d1 = s1;
    std::vector<double> sums(p_ + 1);
    const auto add = [&](size_t begin, size_t end, double &to0, Eigen::VectorXd &to1) {
      std::ranges::fill(sums, 0.0);
      kernels_.sums(rows_.columns(), risks, begin, end, sums.data());
      to0 += sums[0];
      to1 += Eigen::Map<const Eigen::VectorXd>(sums.data() + 1, static_cast<Eigen::Index>(p_));
    };
    const auto ends = rows_.entry_ends();
    size_t waiting = ends.empty() ? 0 : ends[stratum + 1];
    const size_t no_more = ends.empty() ? 0 : ends[stratum];
    for (size_t m = last_of(stratum); m-- > first_of(stratum);) {
      const Moment &moment = rows_.moments()[m];
      for (; waiting > no_more && rows_.entry_moments()[rows_.by_entry()[waiting - 1]] > m;
           --waiting) {
        const size_t place = rows_.by_entry()[waiting - 1];
        s0 -= risks[place];
        for (size_t k = 0; k < p_; ++k) {
          s1[static_cast<Eigen::Index>(k)] -= risks[place] * rows_.column(k)[place];
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
  // What an evaluation adds up. Triangles are row by row.
  struct Sums {
    explicit Sums(size_t p) : expected(p + 1), products(p * (p + 1) / 2), means(products.size()) {}

    double value = 0;
    std::vector<double> expected;  // Of risk x hazard, and that x covariates.
    std::vector<double> products;  // Of risk x hazard x covariates x covariates.
    std::vector<double> means;     // Of the means of risk sets x themselves.

    // by a b' joins the triangle of means.
    void AddMeans(double by, const double *a, const double *b) {
      for (size_t k = 0, at = 0; at < means.size(); ++k) {
        const double times = by * a[k];
        for (size_t l = 0; l <= k; ++l, ++at) means[at] += times * b[l];
      }
    }
  };

  // Coefficients, and what an evaluation there comes to.
  struct Point {
    Point(const Eigen::VectorXd &at, Hazards &hazards, size_t p) : beta(at), h(hazards), sums(p) {}

    const Eigen::VectorXd &beta;
    Hazards &h;
    Sums sums;
  };

  void Walk(std::span<Point> points, std::span<const double> factor) const {
    const bool few = AreFew(), late = !rows_.entry_moments().empty();
    for (Point &point : points) {
      Hazards &h = point.h;
      h.stay.resize(rows_.moments().size());
      h.leave.resize(all_alone_ ? 0 : rows_.moments().size());
      h.risks.resize(few ? 0 : rows_.stride());
      if (late) Risks(point.beta, h.risks.data());
      for (size_t s = 0; !few && s + 1 < rows_.stratum_moments().size(); ++s) {
        if (late) {
          WalkRiskSets(s, h.risks.data(), factor, h, point.sums);
        } else {
          WalkRows(s, point.beta, factor, h, point.sums, h.risks.data());
        }
      }
      if (!few) AddRows(h.risks.data(), h, point.sums);
    }
    for (size_t s = 0; few && s + 1 < rows_.stratum_moments().size(); ++s) {
      WalkSegments(s, points, factor);
    }
  }

  Evaluation Result(const Point &point, std::span<const double> factor) const {
    const auto p = static_cast<Eigen::Index>(p_);
    const Sums &sums = point.sums;
    Evaluation result;
    double offsets = event_offsets_;
    result.gradient = factor.empty() ? event_sums_ : EventSums(factor, offsets);
    result.value = sums.value + event_sums_.dot(point.beta) + event_offsets_;
    result.information = Eigen::MatrixXd::Zero(p, p);
    for (size_t k = 0, at = 0; k < p_; ++k) {
      const auto row = static_cast<Eigen::Index>(k);
      result.gradient[row] -= sums.expected[1 + k];
      for (Eigen::Index l = 0; l <= row; ++l, ++at) {
        result.information(row, l) = sums.products[at] - sums.means[at];
      }
    }
    result.information.triangularView<Eigen::StrictlyUpper>() = result.information.transpose();
    return result;
  }

  void Risks(const Eigen::VectorXd &beta, double *risks) const {
    kernels_.risks(rows_.columns(), beta.data(), rows_.offsets(), rows_.weights(), rows_.stride(),
                   risks);
  }

  size_t first_of(size_t stratum) const { return rows_.stratum_moments()[stratum]; }
  size_t last_of(size_t stratum) const { return rows_.stratum_moments()[stratum + 1]; }

  // Moments are of so many rows, and so few for the products of each, that they are worth sums of
  // their own.
  bool AreFew() const {
    const size_t moments = rows_.moments().size(), n = rows_.size();
    return rows_.entry_moments().empty() && moments <= n / 128 &&
           2 * moments * SegmentSize() <= n * p_;
  }
  size_t SegmentSize() const { return 1 + p_ + p_ * (p_ + 1) / 2; }

  // Whether those who stay and those who leave have the same hazard.
  bool Alone(size_t m) const { return ties_ == Ties::kBreslow || rows_.moments()[m].count() < 2; }
  double LeaveOf(const Hazards &h, size_t m) const { return Alone(m) ? h.stay[m] : h.leave[m]; }

  // One moment: its part of the value, of the hazards and of the means. S is of the risk
  // set, D of the events: risks, then risks x covariates.
  void AddMoment(size_t m, const double *s, const double *d, std::span<const double> factor,
                 Hazards &h, Sums &sums) const {
    const double often = factor.empty() ? 1 : factor[m], weight = rows_.weight_of(m);
    const size_t count = rows_.moments()[m].count();
    if (Alone(m)) {
      const double hazard = often * weight / s[0];
      h.stay[m] = hazard;
      if (count == 0) return;
      sums.value -= weight * std::log(s[0]);
      sums.AddMeans(hazard / s[0], s + 1, s + 1);
      return;
    }
    const double each = weight / static_cast<double>(count);
    const EfronSums efron = kernels_.efron(s[0], d[0], count);
    sums.value += each * efron.logarithm;
    const double by = often * each;
    h.stay[m] = by * efron.stay;
    h.leave[m] = by * efron.leave;
    sums.AddMeans(by * efron.square, s + 1, s + 1);
    sums.AddMeans(-by * efron.cross, s + 1, d + 1);
    sums.AddMeans(-by * efron.cross, d + 1, s + 1);
    sums.AddMeans(by * efron.own, d + 1, d + 1);
  }

  void WalkRiskSets(size_t stratum, const double *risks, std::span<const double> factor, Hazards &h,
                    Sums &sums) const {
    std::vector<double> s(p_ + 1), d(p_ + 1);
    const auto stay =
        std::span(h.stay).subspan(first_of(stratum), last_of(stratum) - first_of(stratum));
    std::ranges::fill(stay, 0.0);
    ForEachRiskSet(
        stratum, risks,
        [&](size_t m, double s0, const Eigen::VectorXd &s1, double d0, const Eigen::VectorXd &d1) {
          s[0] = s0;
          d[0] = d0;
          std::ranges::copy(s1, s.begin() + 1);
          std::ranges::copy(d1, d.begin() + 1);
          AddMoment(m, s.data(), d.data(), factor, h, sums);
        });
  }

  // The covariates are read once: sums and products are kept until the hazards are known.
  void WalkSegments(size_t stratum, std::span<Point> points, std::span<const double> factor) const {
    const size_t first = first_of(stratum), last = last_of(stratum), size = SegmentSize();
    const size_t each = 2 * (last - first) * size;
    std::vector<double> kept(points.size() * each), s(p_ + 1);
    const double *offset = rows_.offsets(), *weight = rows_.weights();
    const auto add = [&](size_t begin, size_t end, double *to) {
      for (; begin < end; begin += kRiskBlock) {
        for (size_t i = 0; i < points.size(); ++i) {
          const bool null = offset == nullptr && points[i].beta.isZero(0);
          kernels_.segment(rows_.columns().From(begin), null ? nullptr : points[i].beta.data(),
                           offset == nullptr ? nullptr : offset + begin,
                           weight == nullptr ? nullptr : weight + begin,
                           std::min(kRiskBlock, end - begin), to + i * each,
                           to + i * each + p_ + 1);
        }
      }
    };
    for (size_t m = first; m < last; ++m) {
      const Moment &moment = rows_.moments()[m];
      double *leave = &kept[2 * (m - first) * size];
      add(moment.begin, moment.events, leave);
      add(moment.events, moment.end, leave + size);
    }
    for (size_t i = 0; i < points.size(); ++i) {
      Hazards &h = points[i].h;
      Sums &sums = points[i].sums;
      std::ranges::fill(s, 0.0);
      for (size_t m = last; m-- > first;) {
        const double *leave = &kept[i * each + 2 * (m - first) * size];
        for (size_t k = 0; k <= p_; ++k) s[k] += leave[size + k];
        for (size_t k = 0; k <= p_; ++k) s[k] += leave[k];
        AddMoment(m, s.data(), leave, factor, h, sums);
      }
      double total = 0;
      for (size_t m = first; m < last; ++m) {
        const double *segment = &kept[i * each + 2 * (m - first) * size];
        const double leaving = total + LeaveOf(h, m);
        total += h.stay[m];
        for (size_t k = 0; k <= p_; ++k) {
          sums.expected[k] += leaving * segment[k] + total * segment[size + k];
        }
        for (size_t at = 0; at < sums.products.size(); ++at) {
          const double *product = segment + p_ + 1 + at;
          sums.products[at] += leaving * product[0] + total * product[size];
        }
      }
    }
  }

  // Sums over [i, end) of the block of risks and of risks x covariates, for each of its rows, and over
  // what came before them in `carry`: columns of kRiskBlock.
  void SumFromEnd(const RiskColumns &x, const double *risks, size_t rows, double *carry,
                  double *sets) const {
    double s0 = carry[0];
    for (size_t i = rows; i-- > 0;) sets[i] = s0 += risks[i];
    carry[0] = s0;
    size_t k = 0;
    // Each sum waits for the one before it: three at a time fill the waits.
    for (; k + 3 <= p_; k += 3) {
      const double *a = x.column(k), *b = x.column(k + 1), *c = x.column(k + 2);
      double *to = sets + (1 + k) * kRiskBlock;
      double sa = carry[1 + k], sb = carry[2 + k], sc = carry[3 + k];
      for (size_t i = rows; i-- > 0;) {
        to[i] = sa += risks[i] * a[i];
        to[kRiskBlock + i] = sb += risks[i] * b[i];
        to[2 * kRiskBlock + i] = sc += risks[i] * c[i];
      }
      carry[1 + k] = sa;
      carry[2 + k] = sb;
      carry[3 + k] = sc;
    }
    for (; k < p_; ++k) {
      const double *a = x.column(k);
      double *to = sets + (1 + k) * kRiskBlock;
      double sum = carry[1 + k];
      for (size_t i = rows; i-- > 0;) to[i] = sum += risks[i] * a[i];
      carry[1 + k] = sum;
    }
  }

  // Where moments are of few rows, most of them of one. Writes the risks.
  void WalkRows(size_t stratum, const Eigen::VectorXd &beta, std::span<const double> factor,
                Hazards &h, Sums &sums, double *risks) const {
    size_t m = last_of(stratum);
    const size_t first_moment = first_of(stratum);
    if (m == first_moment) return;
    const std::span<const Moment> moments = rows_.moments();
    const size_t first = moments[first_moment].begin;
    const double *offset = rows_.offsets(), *weight = rows_.weights();
    std::vector<double> carry(p_ + 1), s(p_ + 1), d(p_ + 1), unused(p_ + 1);
    const Buffer<double> sets = MakeBuffer<double>((p_ + 1) * kRiskBlock);
    std::fill(sets.get(), sets.get() + (p_ + 1) * kRiskBlock, 0.0);
    alignas(64) double alone[kRiskBlock], squares[kRiskBlock];
    for (size_t end = moments[m - 1].end, begin = end; end > first; end = begin) {
      begin = end - first > kRiskBlock ? end - kRiskBlock : first;
      const size_t rows = end - begin, groups = clv::RoundToGroup(rows);
      const RiskColumns x = rows_.columns().From(begin);
      kernels_.risks(x, beta.data(), offset == nullptr ? nullptr : offset + begin,
                     weight == nullptr ? nullptr : weight + begin, groups, risks + begin);
      SumFromEnd(x, risks + begin, rows, carry.data(), sets.get());
      std::fill(sets.get() + rows, sets.get() + groups, 1.0);
      std::fill(alone, alone + groups, 0.0);
      std::fill(squares, squares + groups, 0.0);
      // Risks are above 0, so the sums of a block lie between its last and its first.
      const bool ordinary = sets[rows - 1] > 1e-300 && sets[0] < 1e300;
      for (; m > first_moment && moments[m - 1].begin >= begin; --m) {
        const Moment &moment = moments[m - 1];
        const size_t at = moment.begin - begin;
        if (ordinary && Alone(m - 1)) {
          // Without an event the weight is 0.
          const double inverse = 1 / sets[at], weight_here = rows_.weight_of(m - 1);
          const double hazard = (factor.empty() ? 1 : factor[m - 1]) * weight_here * inverse;
          h.stay[m - 1] = hazard;
          alone[at] = weight_here;
          squares[at] = hazard * inverse;
          continue;
        }
        std::ranges::fill(d, 0.0);
        for (size_t i = moment.begin; i < moment.events; ++i) {
          d[0] += risks[i];
          for (size_t k = 0; k < p_; ++k) d[1 + k] += risks[i] * rows_.column(k)[i];
        }
        for (size_t k = 0; k <= p_; ++k) s[k] = sets[k * kRiskBlock + at];
        AddMoment(m - 1, s.data(), d.data(), factor, h, sums);
      }
      if (!ordinary) continue;
      sums.value -= kernels_.logarithms(sets.get(), alone, groups);
      kernels_.products({sets.get() + kRiskBlock, kRiskBlock, p_}, squares, groups, unused.data(),
                        sums.means.data());
    }
  }

  // What rows give by the hazard that they have been through, which takes the place of their risks.
  void AddRows(double *risks, const Hazards &h, Sums &sums) const {
    const std::span<const uint32_t> entries = rows_.entry_moments();
    std::vector<double> through;  // Before each moment, of all strata together.
    if (!entries.empty()) {
      through.resize(rows_.moments().size() + 1);
      for (size_t m = 0; m + 1 < through.size(); ++m) through[m + 1] = through[m] + h.stay[m];
    }
    size_t added = 0;
    const auto add_to = [&](size_t end) {
      kernels_.products(rows_.columns().From(added), risks + added, end - added,
                        sums.expected.data(), sums.products.data());
      added = end;
    };
    for (size_t s = 0; s + 1 < rows_.stratum_moments().size(); ++s) {
      double total = 0;  // Within the stratum, which keeps it small.
      for (size_t m = first_of(s); m < last_of(s); ++m) {
        const Moment &moment = rows_.moments()[m];
        if (entries.empty() && moment.rows() == 1) {
          total += h.stay[m];
          risks[moment.begin] *= total;
        } else if (entries.empty()) {
          const double leaving = total + LeaveOf(h, m);
          total += h.stay[m];
          for (size_t i = moment.begin; i < moment.events; ++i) risks[i] *= leaving;
          for (size_t i = moment.events; i < moment.end; ++i) risks[i] *= total;
        } else {
          const double leaving = total + LeaveOf(h, m);
          total += h.stay[m];
          for (size_t i = moment.begin; i < moment.end; ++i) {
            risks[i] *= (i < moment.events ? leaving : total) -
                        (through[entries[i]] - through[first_of(s)]);
          }
        }
        if (moment.end - added >= 4 * kRiskBlock) add_to(moment.end);
      }
    }
    add_to(rows_.size());
  }

  // The sums of covariates and offsets of the events, by weight and factor: their linear predictors add
  // up to that.
  Eigen::VectorXd EventSums(std::span<const double> factor, double &offsets) const {
    Eigen::VectorXd event_sums = Eigen::VectorXd::Zero(static_cast<Eigen::Index>(p_));
    offsets = 0;
    std::vector<double> sums(p_ + 1);
    alignas(64) double counted[kRiskBlock];
    size_t filled = 0, added = 0;
    bool any = false;
    const auto add = [&] {
      if (any) kernels_.sums(rows_.columns().From(added), counted, 0, filled, sums.data());
      for (size_t i = 0; rows_.offsets() != nullptr && i < filled; ++i) {
        offsets += counted[i] * rows_.offsets()[added + i];
      }
      added += filled;
      filled = 0;
      any = false;
    };
    for (size_t m = 0; m < rows_.moments().size(); ++m) {
      const Moment &moment = rows_.moments()[m];
      const double often = factor.empty() ? 1 : factor[m];
      for (size_t i = moment.begin; i < moment.end; ++i) {
        counted[filled] = i < moment.events ? often * rows_.weight_at(i) : 0;
        any |= i < moment.events;
        if (++filled == kRiskBlock) add();
      }
    }
    add();
    for (size_t k = 0; k < p_; ++k) event_sums[static_cast<Eigen::Index>(k)] = sums[1 + k];
    return event_sums;
  }

  RiskRows rows_;
  Ties ties_ = Ties::kEfron;
  RiskKernels kernels_ = RiskKernelsOf<clv::NativePack>();
  size_t p_ = 0;
  bool all_alone_ = true;  // No moment has hazards that differ.
  Eigen::VectorXd event_sums_;
  double event_offsets_ = 0;
};

}  // namespace detail::cox
}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_PARTIAL_LIKELIHOOD_HPP_
