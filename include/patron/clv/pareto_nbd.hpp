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
  void Evaluate(Range rows, const BlockParameters<4> &parameters, bool derivatives,
                BlockResult<4> &result) const;

 private:
  friend class ParetoNbdLikelihood;
  struct Scratch;

  void Fill(Range rows, const BlockParameters<4> &parameters, Scratch &scratch) const;
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

inline void ParetoNbdLikelihood::Prepared::Fill(Range rows, const BlockParameters<4> &parameters,
                                                Scratch &s) const {
  const size_t count = rows.size();
  const size_t lanes = (count + 7) / 8 * 8;
  for (size_t i = 0; i < lanes; ++i) {
    const size_t row = rows.begin + std::min(i, count - 1);  // Lanes beyond repeat the last row.
    const LogRising &rising = rising_[history_->count_of[row]];
    s.frequency[i] = history_->frequency[row];
    s.recency[i] = history_->recency[row];
    s.T[i] = history_->T[row];
    s.constant[i] = rising.value;
    s.first[i] = rising.first;
    s.second[i] = rising.second;
    s.log_alpha[i] = parameters.eta[1][std::min(i, count - 1)];
    s.beta[i] = parameters.eta[3][std::min(i, count - 1)];
  }
  if (parameters.uniform()) {
    std::fill_n(s.alpha, lanes, std::exp(parameters.eta[1][0]));
    std::fill_n(s.beta, lanes, std::exp(parameters.eta[3][0]));
  } else {
    for (size_t i = 0; i < lanes; ++i) {
      s.alpha[i] = Exp(s.log_alpha[i]);
      s.beta[i] = Exp(s.beta[i]);
    }
  }
  for (size_t i = 0; i < lanes; ++i) {
    const double a = s.alpha[i] + s.recency[i];
    const double b = s.beta[i] + s.recency[i];
    const double wait = s.T[i] - s.recency[i];
    const double n = r_ + s.frequency[i];
    const bool buying = s.alpha[i] < s.beta[i];  // The smaller one belongs to the purchases.
    s.wait_alpha[i] = Log1Plus(wait / a);
    s.wait_beta[i] = Log1Plus(wait / b);
    s.integrals.p[i] = Choose(buying, s_ + 1, n);
    s.integrals.q[i] = Choose(buying, n - 1, s_);
    s.integrals.ratio[i] = Choose(buying, a / b, b / a);
    s.integrals.range[i] = Choose(buying, s.wait_alpha[i], s.wait_beta[i]);
  }
}

// With n = r + x the likelihood of a row is
//   (r)_x alpha^r (alpha + t_x)^-n (beta / (beta + t_x))^s (e^A + e^D),
// where e^A = ((alpha + t_x) / (alpha + T))^n ((beta + t_x) / (beta + T))^s stands for those alive
// at T and e^D = s J for those who died in (t_x, T]; J is the integral over that time of
// ((alpha + t_x) / (alpha + y))^n ((beta + t_x) / (beta + y))^s dy / (beta + y)
// (after Fader and Hardie 2005). Nothing large cancels, whichever of the two prevails.
inline void ParetoNbdLikelihood::Prepared::Evaluate(Range rows,
                                                    const BlockParameters<4> &parameters,
                                                    bool derivatives,
                                                    BlockResult<4> &result) const {
  const size_t lanes = (rows.size() + 7) / 8 * 8;
  Scratch s;
  Fill(rows, parameters, s);
  s.integrals.Compute(lanes, derivatives);
  double *value = result.value;
  for (size_t i = 0; i < lanes; ++i) {
    const double n = r_ + s.frequency[i];
    s.growth[i] = Log1Plus(s.recency[i] / s.alpha[i]);
    s.decay[i] = Log1Plus(s.recency[i] / s.beta[i]);
    const double smaller = Choose(s.alpha[i] < s.beta[i], s.integrals.ratio[i], 1);
    const double area = s.integrals.integral[i] * smaller;
    const double alive = -n * s.wait_alpha[i] - s_ * s.wait_beta[i];
    const double dead = log_s_ + Log(Choose(area > 0x1p-1000, area, 0x1p-1000));
    const double d = dead - alive;
    const double e = Exp(Choose(d < 0, d, -d));
    const double larger = 1 / (1 + e);
    s.dead[i] = Choose(d < 0, e * larger, larger);
    s.alive[i] = Choose(d < 0, larger, e * larger);
    value[i] = s.constant[i] - r_ * s.growth[i] - s.frequency[i] * (s.log_alpha[i] + s.growth[i]) -
               s_ * s.decay[i] + (Choose(d < 0, alive, dead) + Log1Plus(e));
  }
  if (derivatives) Differentiate(lanes, s, result);
}

// Derivatives of the common factor, of A (suffix _a) and of D (_d); A and D are weighted by the
// shares of those alive and dead, as the derivatives of ln(e^A + e^D) are.
inline void ParetoNbdLikelihood::Prepared::Differentiate(size_t lanes, const Scratch &s,
                                                         BlockResult<4> &result) const {
  const double r = r_;
  const double death = s_;
  const double m = death + 1;
  const ParetoIntegrals &in = s.integrals;
  auto &g = result.gradient;
  auto &h = result.hessian;
  for (size_t i = 0; i < lanes; ++i) {
    const double n = r + s.frequency[i];
    const double wait = s.T[i] - s.recency[i];
    const double before_a = s.alpha[i] + s.recency[i], total_a = s.alpha[i] + s.T[i];
    const double before_b = s.beta[i] + s.recency[i], total_b = s.beta[i] + s.T[i];
    // alpha / (alpha + t_x) and what is left of 1, the same at T, and the fall between them.
    const double at_a = s.alpha[i] / before_a, rest_a = s.recency[i] / before_a;
    const double at_b = s.beta[i] / before_b, rest_b = s.recency[i] / before_b;
    const double end_a = s.alpha[i] / total_a, end_b = s.beta[i] / total_b;
    const double fall_a = at_a * (wait / total_a), fall_b = at_b * (wait / total_b);
    const double curve_a = at_a * rest_a - end_a * (s.T[i] / total_a);
    const double curve_b = at_b * rest_b - end_b * (s.T[i] / total_b);
    // Moments by process: l of ln((. + y) / (. + t_x)), u of (y - t_x) / (. + y).
    const bool buying = s.alpha[i] < s.beta[i];
    const double la = Choose(buying, in.mean[0][i], in.mean[1][i]);
    const double lb = Choose(buying, in.mean[1][i], in.mean[0][i]);
    const double ua = Choose(buying, in.mean[2][i], in.mean[3][i]);
    const double ub = Choose(buying, in.mean[3][i], in.mean[2][i]);
    const double c00 = in.covariance[Packed(0, 0)][i], c11 = in.covariance[Packed(1, 1)][i];
    const double c22 = in.covariance[Packed(2, 2)][i], c33 = in.covariance[Packed(3, 3)][i];
    const double c20 = in.covariance[Packed(2, 0)][i], c31 = in.covariance[Packed(3, 1)][i];
    const double c21 = in.covariance[Packed(2, 1)][i], c30 = in.covariance[Packed(3, 0)][i];
    const double la_la = Choose(buying, c00, c11), lb_lb = Choose(buying, c11, c00);
    const double ua_ua = Choose(buying, c22, c33), ub_ub = Choose(buying, c33, c22);
    const double la_ua = Choose(buying, c20, c31), lb_ub = Choose(buying, c31, c20);
    const double lb_ua = Choose(buying, c21, c30), la_ub = Choose(buying, c30, c21);
    const double la_lb = in.covariance[Packed(1, 0)][i];
    const double ua_ub = in.covariance[Packed(3, 2)][i];
    // Mean of at (1 - at) - p (1 - p) with p = alpha / (alpha + y) = at (1 - u).
    const double pq_a = at_a * (at_a * (ua * ua + ua_ua) + (1 - 2 * at_a) * ua);
    const double pq_b = at_b * (at_b * (ub * ub + ub_ub) + (1 - 2 * at_b) * ub);

    const double r_a = -r * s.wait_alpha[i], r_d = -r * la;
    const double a_a = n * fall_a, a_d = n * at_a * ua;
    const double s_a = -death * s.wait_beta[i], s_d = 1 - death * lb;
    const double b_a = death * fall_b, b_d = m * at_b * ub - at_b;
    const double rr_d = r_d + r * r * la_la;
    const double ar_a = r * fall_a, ar_d = r * at_a * ua - r * n * at_a * la_ua;
    const double aa_a = n * curve_a, aa_d = n * pq_a + n * n * at_a * at_a * ua_ua;
    const double sr_d = r * death * la_lb;
    const double sa_d = -n * death * at_a * lb_ua;
    const double ss_d = -death * lb + death * death * lb_lb;
    const double br_d = -r * m * at_b * la_ub;
    const double ba_d = n * m * at_a * at_b * ua_ub;
    const double bs_a = b_a, bs_d = death * at_b * ub - death * m * at_b * lb_ub;
    const double bb_a = death * curve_b;
    const double bb_d = m * pq_b - at_b * rest_b + m * m * at_b * at_b * ub_ub;

    const double p = s.dead[i], q = s.alive[i], pq = p * q;
    const double dr = r_d - r_a, da = a_d - a_a, ds = s_d - s_a, db = b_d - b_a;
    g[0][i] = s.first[i] - r * s.growth[i] + p * r_d + q * r_a;
    g[1][i] = r * rest_a - s.frequency[i] * at_a + p * a_d + q * a_a;
    g[2][i] = -death * s.decay[i] + p * s_d + q * s_a;
    g[3][i] = death * rest_b + p * b_d + q * b_a;
    h[Packed(0, 0)][i] = s.second[i] - r * s.growth[i] + p * rr_d + q * r_a + pq * dr * dr;
    h[Packed(1, 0)][i] = r * rest_a + p * ar_d + q * ar_a + pq * da * dr;
    h[Packed(1, 1)][i] = -n * at_a * rest_a + p * aa_d + q * aa_a + pq * da * da;
    h[Packed(2, 0)][i] = p * sr_d + pq * ds * dr;
    h[Packed(2, 1)][i] = p * sa_d + pq * ds * da;
    h[Packed(2, 2)][i] = -death * s.decay[i] + p * ss_d + q * s_a + pq * ds * ds;
    h[Packed(3, 0)][i] = p * br_d + pq * db * dr;
    h[Packed(3, 1)][i] = p * ba_d + pq * db * da;
    h[Packed(3, 2)][i] = death * rest_b + p * bs_d + q * bs_a + pq * db * ds;
    h[Packed(3, 3)][i] = -death * at_b * rest_b + p * bb_d + q * bb_a + pq * db * db;
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_PARETO_NBD_HPP_
