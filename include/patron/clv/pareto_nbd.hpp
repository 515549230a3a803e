// The likelihood of the Pareto/NBD model: purchases at random until an unseen death at random.
#ifndef PATRON_CLV_PARETO_NBD_HPP_
#define PATRON_CLV_PARETO_NBD_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "patron/base/parallel.hpp"
#include "patron/clv/elementary.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/clv/limits.hpp"
#include "patron/clv/log_gamma.hpp"
#include "patron/clv/pareto_integral.hpp"

namespace patron::clv {

// While alive customers buy at a rate that is Gamma(r, alpha) over customers; they die at a rate
// that is Gamma(s, beta). Schmittlein, Morrison and Colombo (1987).
struct ParetoNbdParameters {
  double r = 1;
  double alpha = 1;  // In the unit of the history's times, as is beta.
  double s = 1;
  double beta = 1;
};

// The log-likelihood in ln r, ln alpha, ln s, ln beta; see the concept Likelihood.
//
// Covariates: alpha_i = alpha exp(-c'z) for those of purchases, beta_i = beta exp(-d'z) for those
// of dropout (Fader and Hardie 2007).
class ParetoNbdLikelihood {
 public:
  static constexpr size_t kParameters = 4;
  static constexpr std::array<std::string_view, 4> kNames = {"r", "alpha", "s", "beta"};
  static constexpr std::array<CovariateLink, 4> kLinks = {
      CovariateLink{}, CovariateLink{Process::kTransaction, -1}, CovariateLink{},
      CovariateLink{Process::kDropout, -1}};

  // Borrows `history`.
  static absl::StatusOr<ParetoNbdLikelihood> Make(const GroupedHistory &history) {
    return ParetoNbdLikelihood(history);
  }

  class Prepared;

  size_t rows() const { return history_->size(); }
  std::span<const double> weights() const { return history_->weight; }
  std::array<double, 4> LogScale() const {
    const double time = std::log(history_->mean_T);
    return {0, time, 0, time};
  }
  Prepared Prepare(std::span<const double, 4> eta) const;

  std::vector<std::array<double, 4>> Starts() const;
  static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                         std::vector<Limit> &limits);

  const GroupedHistory &history() const { return *history_; }

 private:
  explicit ParetoNbdLikelihood(const GroupedHistory &history) : history_(&history) {}

  const GroupedHistory *history_;
};

// The likelihood at one point.
class ParetoNbdLikelihood::Prepared {
 public:
  template <typename V = NativePack>
  void Evaluate(Range rows, const BlockParameters<4> &parameters, bool derivatives,
                BlockResult<4> &result) const;

 private:
  friend class ParetoNbdLikelihood;
  struct Scratch;

  template <typename V>
  void Fill(Range rows, const BlockParameters<4> &parameters, Scratch &scratch) const;
  template <typename V>
  void Differentiate(size_t lanes, const Scratch &scratch, BlockResult<4> &result) const;

  const GroupedHistory *history_ = nullptr;
  double r_ = 1;
  double s_ = 1;
  double log_s_ = 0;
  std::vector<LogRising> rising_;
};

inline std::vector<std::array<double, 4>> ParetoNbdLikelihood::Starts() const {
  const double time = std::log(history_->mean_T);
  const double alpha = time - std::log(history_->mean_frequency + 0.1);
  return {{-0.4, alpha - 0.4, -0.4, time}, {0, alpha, -2, time}, {0.7, alpha + 0.7, 1, time + 2}};
}

inline void ParetoNbdLikelihood::NameLimits(std::span<const Reach> reach,
                                            std::span<const double> theta,
                                            std::vector<Limit> &limits) {
  NamePurchasingLimit(reach[0], reach[1], theta[0], theta[1], limits);
  NameLifetimeLimit(reach[2], reach[3], theta[2] / theta[3], limits);
}

inline ParetoNbdLikelihood::Prepared ParetoNbdLikelihood::Prepare(
    std::span<const double, 4> eta) const {
  Prepared prepared;
  prepared.history_ = history_;
  prepared.r_ = std::exp(eta[0]);
  prepared.s_ = std::exp(eta[2]);
  prepared.log_s_ = eta[2];
  prepared.rising_ = LogRisingFactorials(prepared.r_, history_->counts);
  return prepared;
}

struct ParetoNbdLikelihood::Prepared::Scratch {
  template <typename T>
  using Lanes = T[kBlockRows];

  alignas(64) Lanes<double> frequency, recency, T, alpha, log_alpha, beta;
  alignas(64) Lanes<double> constant, first, second;  // ln (r)_x and its derivatives.
  alignas(64) Lanes<double> growth, decay;            // ln((alpha + t_x) / alpha), that of beta.
  alignas(64) Lanes<double> wait_alpha, wait_beta;    // ln((alpha + T) / (alpha + t_x)), ...
  alignas(64) Lanes<double> dead, alive;              // Shares of the likelihood.
  ParetoIntegrals integrals;
};

template <typename V>
inline void ParetoNbdLikelihood::Prepared::Fill(Range rows, const BlockParameters<4> &parameters,
                                                Scratch &s) const {
  const size_t count = rows.size();
  const size_t lanes = RoundToGroup(count);
  for (size_t i = 0; i < count; ++i) {
    const LogRising &rising = rising_[history_->count_of[rows.begin + i]];
    s.frequency[i] = history_->frequency(rows.begin + i);
    s.constant[i] = rising.value;
    s.first[i] = rising.first;
    s.second[i] = rising.second;
  }
  std::copy_n(history_->recency.data() + rows.begin, count, s.recency);
  std::copy_n(history_->T.data() + rows.begin, count, s.T);
  std::copy_n(parameters.eta[1], count, s.log_alpha);
  std::copy_n(parameters.eta[3], count, s.beta);
  // Lanes beyond the rows repeat the last one.
  for (double *column :
       {s.constant, s.first, s.second, s.frequency, s.recency, s.T, s.log_alpha, s.beta}) {
    std::fill(column + count, column + lanes, column[count - 1]);
  }
  if (parameters.uniform()) {
    std::fill_n(s.alpha, lanes, std::exp(parameters.eta[1][0]));
    std::fill_n(s.beta, lanes, std::exp(parameters.eta[3][0]));
  } else {
    for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
      Store<V>(s.alpha + i, Exp(Load<V>(s.log_alpha + i)));
      Store<V>(s.beta + i, Exp(Load<V>(s.beta + i)));
    }
  }
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V alpha = Load<V>(s.alpha + i), beta = Load<V>(s.beta + i);
    const V recency = Load<V>(s.recency + i);
    const V a = alpha + recency;
    const V b = beta + recency;
    const V wait = Load<V>(s.T + i) - recency;
    const V n = r_ + Load<V>(s.frequency + i);
    const auto buying = alpha < beta;  // The smaller one belongs to the purchases.
    const V wait_alpha = Log1Plus<V>(wait / a);
    const V wait_beta = Log1Plus<V>(wait / b);
    Store<V>(s.wait_alpha + i, wait_alpha);
    Store<V>(s.wait_beta + i, wait_beta);
    Store<V>(s.integrals.p + i, Choose<V>(buying, Splat<V>(s_ + 1), n));
    Store<V>(s.integrals.q + i, Choose<V>(buying, n - 1.0, Splat<V>(s_)));
    Store<V>(s.integrals.ratio + i, Choose<V>(buying, a, b) / Choose<V>(buying, b, a));
    Store<V>(s.integrals.range + i, Choose<V>(buying, wait_alpha, wait_beta));
  }
}

// With n = r + x the likelihood of a row is
//   (r)_x alpha^r (alpha + t_x)^-n (beta / (beta + t_x))^s (e^A + e^D),
// where e^A = ((alpha + t_x) / (alpha + T))^n ((beta + t_x) / (beta + T))^s stands for those alive
// at T and e^D = s J for those who died in (t_x, T]; J is the integral over that time of
// ((alpha + t_x) / (alpha + y))^n ((beta + t_x) / (beta + y))^s dy / (beta + y)
// (after Fader and Hardie 2005). Nothing large cancels, whichever of the two prevails.
template <typename V>
inline void ParetoNbdLikelihood::Prepared::Evaluate(Range rows,
                                                    const BlockParameters<4> &parameters,
                                                    bool derivatives,
                                                    BlockResult<4> &result) const {
  const size_t lanes = RoundToGroup(rows.size());
  Scratch s;
  Fill<V>(rows, parameters, s);
  s.integrals.Compute<V>(lanes, derivatives);
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V alpha = Load<V>(s.alpha + i), beta = Load<V>(s.beta + i);
    const V recency = Load<V>(s.recency + i), frequency = Load<V>(s.frequency + i);
    const V growth = Log1Plus<V>(recency / alpha);
    const V decay = Log1Plus<V>(recency / beta);
    const V smaller = Choose<V>(alpha < beta, Load<V>(s.integrals.ratio + i), Splat<V>(1));
    const V area = Load<V>(s.integrals.integral + i) * smaller;
    const V alive = -(r_ + frequency) * Load<V>(s.wait_alpha + i) - s_ * Load<V>(s.wait_beta + i);
    const V dead = log_s_ + Log<V>(Choose<V>(area > 0x1p-1000, area, Splat<V>(0x1p-1000)));
    const V d = dead - alive;
    const V e = Exp<V>(Choose<V>(d < 0.0, d, -d));
    const V larger = 1.0 / (1.0 + e);
    Store<V>(s.growth + i, growth);
    Store<V>(s.decay + i, decay);
    Store<V>(s.dead + i, Choose<V>(d < 0.0, e * larger, larger));
    Store<V>(s.alive + i, Choose<V>(d < 0.0, larger, e * larger));
    Store<V>(result.value + i, Load<V>(s.constant + i) - r_ * growth -
                                   frequency * (Load<V>(s.log_alpha + i) + growth) - s_ * decay +
                                   (Choose<V>(d < 0.0, alive, dead) + Log1Plus(e)));
  }
  if (derivatives) Differentiate<V>(lanes, s, result);
}

// Derivatives of the common factor, of A (suffix _a) and of D (_d); A and D are weighted by the
// shares of those alive and dead, as the derivatives of ln(e^A + e^D) are.
template <typename V>
inline void ParetoNbdLikelihood::Prepared::Differentiate(size_t lanes, const Scratch &s,
                                                         BlockResult<4> &result) const {
  const double r = r_;
  const double death = s_;
  const double m = death + 1;
  const ParetoIntegrals &in = s.integrals;
  auto &g = result.gradient;
  auto &h = result.hessian;
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V n = r + Load<V>(s.frequency + i);
    const V wait = Load<V>(s.T + i) - Load<V>(s.recency + i);
    const V before_a = Load<V>(s.alpha + i) + Load<V>(s.recency + i),
            total_a = Load<V>(s.alpha + i) + Load<V>(s.T + i);
    const V before_b = Load<V>(s.beta + i) + Load<V>(s.recency + i),
            total_b = Load<V>(s.beta + i) + Load<V>(s.T + i);
    // alpha / (alpha + t_x) and what is left of 1, the same at T, and the fall between them.
    const V at_a = Load<V>(s.alpha + i) / before_a, rest_a = Load<V>(s.recency + i) / before_a;
    const V at_b = Load<V>(s.beta + i) / before_b, rest_b = Load<V>(s.recency + i) / before_b;
    const V end_a = Load<V>(s.alpha + i) / total_a, end_b = Load<V>(s.beta + i) / total_b;
    const V fall_a = at_a * (wait / total_a), fall_b = at_b * (wait / total_b);
    const V curve_a = at_a * rest_a - end_a * (Load<V>(s.T + i) / total_a);
    const V curve_b = at_b * rest_b - end_b * (Load<V>(s.T + i) / total_b);
    // Moments by process: l of ln((. + y) / (. + t_x)), u of (y - t_x) / (. + y).
    const auto buying = Load<V>(s.alpha + i) < Load<V>(s.beta + i);
    const V la = Choose<V>(buying, Load<V>(in.mean[0] + i), Load<V>(in.mean[1] + i));
    const V lb = Choose<V>(buying, Load<V>(in.mean[1] + i), Load<V>(in.mean[0] + i));
    const V ua = Choose<V>(buying, Load<V>(in.mean[2] + i), Load<V>(in.mean[3] + i));
    const V ub = Choose<V>(buying, Load<V>(in.mean[3] + i), Load<V>(in.mean[2] + i));
    const V c00 = Load<V>(in.covariance[Packed(0, 0)] + i),
            c11 = Load<V>(in.covariance[Packed(1, 1)] + i);
    const V c22 = Load<V>(in.covariance[Packed(2, 2)] + i),
            c33 = Load<V>(in.covariance[Packed(3, 3)] + i);
    const V c20 = Load<V>(in.covariance[Packed(2, 0)] + i),
            c31 = Load<V>(in.covariance[Packed(3, 1)] + i);
    const V c21 = Load<V>(in.covariance[Packed(2, 1)] + i),
            c30 = Load<V>(in.covariance[Packed(3, 0)] + i);
    const V la_la = Choose<V>(buying, c00, c11), lb_lb = Choose<V>(buying, c11, c00);
    const V ua_ua = Choose<V>(buying, c22, c33), ub_ub = Choose<V>(buying, c33, c22);
    const V la_ua = Choose<V>(buying, c20, c31), lb_ub = Choose<V>(buying, c31, c20);
    const V lb_ua = Choose<V>(buying, c21, c30), la_ub = Choose<V>(buying, c30, c21);
    const V la_lb = Load<V>(in.covariance[Packed(1, 0)] + i);
    const V ua_ub = Load<V>(in.covariance[Packed(3, 2)] + i);
    // Mean of at (1 - at) - p (1 - p) with p = alpha / (alpha + y) = at (1 - u).
    const V pq_a = at_a * (at_a * (ua * ua + ua_ua) + (1.0 - 2.0 * at_a) * ua);
    const V pq_b = at_b * (at_b * (ub * ub + ub_ub) + (1.0 - 2.0 * at_b) * ub);

    const V r_a = -r * Load<V>(s.wait_alpha + i), r_d = -r * la;
    const V a_a = n * fall_a, a_d = n * at_a * ua;
    const V s_a = -death * Load<V>(s.wait_beta + i), s_d = 1.0 - death * lb;
    const V b_a = death * fall_b, b_d = m * at_b * ub - at_b;
    const V rr_d = r_d + r * r * la_la;
    const V ar_a = r * fall_a, ar_d = r * at_a * ua - r * n * at_a * la_ua;
    const V aa_a = n * curve_a, aa_d = n * pq_a + n * n * at_a * at_a * ua_ua;
    const V sr_d = r * death * la_lb;
    const V sa_d = -n * death * at_a * lb_ua;
    const V ss_d = -death * lb + death * death * lb_lb;
    const V br_d = -r * m * at_b * la_ub;
    const V ba_d = n * m * at_a * at_b * ua_ub;
    const V bs_a = b_a, bs_d = death * at_b * ub - death * m * at_b * lb_ub;
    const V bb_a = death * curve_b;
    const V bb_d = m * pq_b - at_b * rest_b + m * m * at_b * at_b * ub_ub;

    const V p = Load<V>(s.dead + i), q = Load<V>(s.alive + i), pq = p * q;
    const V dr = r_d - r_a, da = a_d - a_a, ds = s_d - s_a, db = b_d - b_a;
    Store<V>(g[0] + i, Load<V>(s.first + i) - r * Load<V>(s.growth + i) + p * r_d + q * r_a);
    Store<V>(g[1] + i, r * rest_a - Load<V>(s.frequency + i) * at_a + p * a_d + q * a_a);
    Store<V>(g[2] + i, -death * Load<V>(s.decay + i) + p * s_d + q * s_a);
    Store<V>(g[3] + i, death * rest_b + p * b_d + q * b_a);
    Store<V>(h[Packed(0, 0)] + i,
             Load<V>(s.second + i) - r * Load<V>(s.growth + i) + p * rr_d + q * r_a + pq * dr * dr);
    Store<V>(h[Packed(1, 0)] + i, r * rest_a + p * ar_d + q * ar_a + pq * da * dr);
    Store<V>(h[Packed(1, 1)] + i, -n * at_a * rest_a + p * aa_d + q * aa_a + pq * da * da);
    Store<V>(h[Packed(2, 0)] + i, p * sr_d + pq * ds * dr);
    Store<V>(h[Packed(2, 1)] + i, p * sa_d + pq * ds * da);
    Store<V>(h[Packed(2, 2)] + i,
             -death * Load<V>(s.decay + i) + p * ss_d + q * s_a + pq * ds * ds);
    Store<V>(h[Packed(3, 0)] + i, p * br_d + pq * db * dr);
    Store<V>(h[Packed(3, 1)] + i, p * ba_d + pq * db * da);
    Store<V>(h[Packed(3, 2)] + i, death * rest_b + p * bs_d + q * bs_a + pq * db * ds);
    Store<V>(h[Packed(3, 3)] + i, -death * at_b * rest_b + p * bb_d + q * bb_a + pq * db * db);
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_PARETO_NBD_HPP_
