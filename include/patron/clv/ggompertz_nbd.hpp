// The likelihood of the GGompertz/NBD model: Pareto/NBD with a risk of dropout that grows with age.
#ifndef PATRON_CLV_GGOMPERTZ_NBD_HPP_
#define PATRON_CLV_GGOMPERTZ_NBD_HPP_

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
#include "patron/clv/gompertz_integral.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/lifetime_outlook.hpp"
#include "patron/clv/limits.hpp"
#include "patron/clv/log_gamma.hpp"

namespace patron::clv {

// While alive customers buy at a rate that is Gamma(r, alpha) over customers. They survive t with
// probability exp(-eta (e^(b t) - 1)), where eta is Gamma(s, beta) over customers. Bemmaor and
// Glady (2012). With b and beta to zero and beta / b fixed it is Pareto/NBD.
struct GGompertzNbdParameters {
  double r = 1;
  double alpha = 1;  // In the unit of the history's times.
  double b = 1;      // Per unit of the history's times.
  double s = 1;
  double beta = 1;
};

// The log-likelihood in the logarithms of r, alpha, b, s, beta; see the concept Likelihood.
//
// Covariates: alpha_i = alpha exp(-c'z) for those of purchases, beta_i = beta exp(-d'z) for those
// of dropout.
class GGompertzNbdLikelihood {
 public:
  static constexpr size_t kParameters = 5;
  static constexpr std::array<std::string_view, 5> kNames = {"r", "alpha", "b", "s", "beta"};
  static constexpr std::array<CovariateLink, 5> kLinks = {
      CovariateLink{}, CovariateLink{Process::kTransaction, -1}, CovariateLink{}, CovariateLink{},
      CovariateLink{Process::kDropout, -1}};

  // Borrows `history`.
  static absl::StatusOr<GGompertzNbdLikelihood> Make(const GroupedHistory &history) {
    return GGompertzNbdLikelihood(history);
  }

  class Prepared;

  size_t rows() const { return history_->size(); }
  std::span<const double> weights() const { return history_->weight; }
  // That of b is e^3 times the inverse of the time, so that b counts as low where the hazard
  // changes by less than a ten-thousandth over the typical time.
  std::array<double, 5> LogScale() const {
    const double time = std::log(history_->mean_T);
    return {0, time, 3 - time, 0, 0};
  }
  Prepared Prepare(std::span<const double, 5> eta) const;

  std::vector<std::array<double, 5>> Starts() const;
  static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                         std::vector<Limit> &limits);

  const GroupedHistory &history() const { return *history_; }

 private:
  explicit GGompertzNbdLikelihood(const GroupedHistory &history) : history_(&history) {}

  const GroupedHistory *history_;
};

// The likelihood at one point.
class GGompertzNbdLikelihood::Prepared {
 public:
  void Evaluate(Range rows, const BlockParameters<5> &parameters, bool derivatives,
                BlockResult<5> &result) const;

 private:
  friend class GGompertzNbdLikelihood;
  struct Scratch;

  void Fill(Range rows, const BlockParameters<5> &parameters, Scratch &scratch) const;
  void Differentiate(size_t lanes, const Scratch &scratch, BlockResult<5> &result) const;

  const GroupedHistory *history_ = nullptr;
  double r_ = 1, b_ = 1, s_ = 1, log_s_ = 0;
  std::vector<LogRising> rising_;
};

using GGompertzNbdOutlook = LifetimeOutlook<GompertzLifetime>;

// ln of the probability to be dead at T against that to be alive; -inf if T is the recency.
double LogOddsDead(const GGompertzNbdParameters &model, const CustomerHistory &history);

// What the model says of a customer. The parameters are positive and finite, the history as
// CheckCustomer wants it.
GGompertzNbdOutlook OutlookOf(const GGompertzNbdParameters &model, const CustomerHistory &history);

inline std::vector<std::array<double, 5>> GGompertzNbdLikelihood::Starts() const {
  const double time = std::log(history_->mean_T);
  const double alpha = time - std::log(history_->mean_frequency + 0.1);
  return {{-0.4, alpha - 0.4, -time, -0.4, 0},
          {-0.4, alpha - 0.4, -2 - time, -0.4, -2},
          {0.7, alpha + 0.7, 1 - time, 0, 2}};
}

inline void GGompertzNbdLikelihood::NameLimits(std::span<const Reach> reach,
                                               std::span<const double> theta,
                                               std::vector<Limit> &limits) {
  NamePurchasingLimit(reach[0], reach[1], theta[0], theta[1], limits);
  const double lost = theta[3] / theta[4] * std::expm1(std::min(theta[2], 700.0));
  if (reach[2] == Reach::kLow && lost >= kNegligible) {
    limits.push_back(Limit::kCollapsedGompertz);
    return;
  }
  NameLifetimeLimit(reach[3], reach[4], lost, limits);
  if (reach[2] == Reach::kHigh) limits.push_back(Limit::kNoInteriorMaximum);
}

inline GGompertzNbdLikelihood::Prepared GGompertzNbdLikelihood::Prepare(
    std::span<const double, 5> eta) const {
  Prepared prepared;
  prepared.history_ = history_;
  prepared.r_ = std::exp(eta[0]);
  prepared.b_ = std::exp(eta[2]);
  prepared.s_ = std::exp(eta[3]);
  prepared.log_s_ = eta[3];
  prepared.rising_ = LogRisingFactorials(prepared.r_, history_->counts);
  return prepared;
}

struct GGompertzNbdLikelihood::Prepared::Scratch {
  template <typename T>
  using Lanes = T[kBlockRows];

  alignas(64) Lanes<double> frequency, recency, T, alpha, log_alpha;
  alignas(64) Lanes<double> constant, first, second;  // ln (r)_x and its derivatives.
  alignas(64) Lanes<double> growth, wait;             // ln((alpha + t_x) / alpha), from t_x to T.
  alignas(64) Lanes<double> decline, decline_wait;    // G(t_x), G(T) - G(t_x).
  alignas(64) Lanes<double> dead, alive;              // Shares of the likelihood.
  GompertzIntegrals integrals;
};

namespace detail {

// e^(b t) / (beta + e^(b t) - 1), given b t.
inline double GompertzSteepness(double beta, double bt) { return 1 / (1 + (beta - 1) * Exp(-bt)); }

// At a time y, given b y, of G = ln((beta + e^(b y) - 1) / beta).
struct GompertzSlopes {
  double rest;    // 1 - e^(b y) / (beta + e^(b y) - 1).
  double e;       // dG / d ln beta + 1.
  double rest_e;  // 1 - e.
  double g;       // dG / d ln b.
  double gg;      // Its derivative by ln b.

  GompertzSlopes(double beta, double by) {
    const double k = GompertzSteepness(beta, by);
    const double fade = Exp(-by);
    rest = (beta - 1) * fade * k;
    e = beta * fade * k;
    rest_e = -k * ExpMinus1(-by);
    g = by * k;
    gg = g * (1 + by * rest);
  }
};

// Fills what the integral needs of a lane, given all above `steepness` but for it.
inline void PrepareGompertz(double alpha, double recency, double T, GompertzIntegrals &in,
                            size_t i) {
  in.steepness[i] = GompertzSteepness(in.beta[i], in.age[i]);
  in.before[i] = alpha + recency;
  const double turn = 1 / (in.b[i] * std::max(1.0, in.steepness[i]));
  in.scale[i] = std::min(in.before[i], turn);
  in.range[i] = Log1Plus((T - recency) / in.scale[i]);
}

}  // namespace detail

inline void GGompertzNbdLikelihood::Prepared::Fill(Range rows, const BlockParameters<5> &parameters,
                                                   Scratch &s) const {
  for (size_t i = 0; i < rows.size(); ++i) {
    const size_t row = rows.begin + i;
    const LogRising &rising = rising_[history_->count_of[row]];
    s.frequency[i] = history_->frequency[row];
    s.recency[i] = history_->recency[row];
    s.T[i] = history_->T[row];
    s.constant[i] = rising.value;
    s.first[i] = rising.first;
    s.second[i] = rising.second;
    s.log_alpha[i] = parameters.eta[1][i];
    s.alpha[i] = Exp(s.log_alpha[i]);
    GompertzIntegrals &in = s.integrals;
    in.n[i] = r_ + s.frequency[i];
    in.m[i] = s_ + 1;
    in.b[i] = b_;
    in.beta[i] = Exp(parameters.eta[4][i]);
    in.age[i] = b_ * s.recency[i];
    detail::PrepareGompertz(s.alpha[i], s.recency[i], s.T[i], in, i);
    s.wait[i] = Log1Plus((s.T[i] - s.recency[i]) / in.before[i]);
    s.growth[i] = Log1Plus(s.recency[i] / s.alpha[i]);
    s.decline[i] = detail::GompertzDecline(1 / in.beta[i], in.age[i]);
    s.decline_wait[i] = detail::GompertzDecline(in.steepness[i], b_ * (s.T[i] - s.recency[i]));
  }
}

// With n = r + x and G(y) = ln((beta + e^(b y) - 1) / beta) the likelihood of a row is
//   (r)_x alpha^r (alpha + t_x)^-n e^(-s G(t_x)) (e^A + e^D),
// where e^A = ((alpha + t_x) / (alpha + T))^n e^(s G(t_x) - s G(T)) stands for those alive at T,
// and e^D for those who died in (t_x, T]: the integral over that time of
// ((alpha + t_x) / (alpha + y))^n e^(s G(t_x) - s G(y)) s G'(y) dy.
inline void GGompertzNbdLikelihood::Prepared::Evaluate(Range rows,
                                                       const BlockParameters<5> &parameters,
                                                       bool derivatives,
                                                       BlockResult<5> &result) const {
  const size_t count = rows.size();
  Scratch s;
  Fill(rows, parameters, s);
  s.integrals.Compute(count, derivatives);
  for (size_t i = 0; i < count; ++i) {
    const GompertzIntegrals &in = s.integrals;
    const double area = in.integral[i] * (b_ * in.steepness[i] * in.scale[i]);
    const double alive = -in.n[i] * s.wait[i] - s_ * s.decline_wait[i];
    const double dead = log_s_ + Log(Choose(area > 0x1p-1000, area, 0x1p-1000));
    const double d = dead - alive;
    const double e = Exp(Choose(d < 0, d, -d));
    const double larger = 1 / (1 + e);
    s.dead[i] = Choose(d < 0, e * larger, larger);
    s.alive[i] = Choose(d < 0, larger, e * larger);
    result.value[i] = s.constant[i] - r_ * s.growth[i] -
                      s.frequency[i] * (s.log_alpha[i] + s.growth[i]) - s_ * s.decline[i] +
                      (Choose(d < 0, alive, dead) + Log1Plus(e));
  }
  if (derivatives) Differentiate(count, s, result);
}

// As for Pareto/NBD: derivatives of the common factor, of A (suffix _a) and of D (_d). At a time y,
// e = beta / (beta + e^(b y) - 1) and g = b y e^(b y) / (beta + e^(b y) - 1) make the derivatives
// of G: e - 1 by ln beta, g by ln b.
inline void GGompertzNbdLikelihood::Prepared::Differentiate(size_t lanes, const Scratch &s,
                                                            BlockResult<5> &result) const {
  const double r = r_;
  const double death = s_;
  const double m = death + 1;
  const GompertzIntegrals &in = s.integrals;
  auto &g = result.gradient;
  auto &h = result.hessian;
  for (size_t i = 0; i < lanes; ++i) {
    const auto covariance = [&](size_t j, size_t k) { return in.covariance[Packed(j, k)][i]; };
    const double n = in.n[i];
    const double wait = s.T[i] - s.recency[i];
    const double total = s.alpha[i] + s.T[i];
    const double at = s.alpha[i] / in.before[i], rest = s.recency[i] / in.before[i];
    const double end = s.alpha[i] / total;
    const double fall = at * (wait / total);
    const double curve_alpha = at * rest - end * (s.T[i] / total);
    const double u = in.mean[1][i];
    const double pq_alpha = at * (at * (u * u + covariance(1, 1)) + (1 - 2 * at) * u);
    const detail::GompertzSlopes x(in.beta[i], in.age[i]);
    const detail::GompertzSlopes t(in.beta[i], b_ * s.T[i]);
    // Means over the time of death, less the values at t_x for e and f = b y - (s + 1) g.
    const double e = in.mean[3][i];
    const double f = in.mean[4][i];
    const double mean_e = x.e + e;
    const double mean_by = in.age[i] - m * x.g + f + m * in.mean_g[i];
    const double mean_e_curve = mean_e * (1 - mean_e) - covariance(3, 3);

    const double r_a = -r * s.wait[i], r_d = -r * in.mean[0][i];
    const double a_a = n * fall, a_d = n * at * u;
    const double b_a = -death * (t.g - x.g), b_d = 1 + f + in.age[i] * x.rest;
    const double s_a = -death * s.decline_wait[i], s_d = 1 - death * in.mean[2][i];
    const double z_a = -death * (t.e - x.e), z_d = -m * e - x.e;
    const double rr_d = r_d + r * r * covariance(0, 0);
    const double ar_a = r * fall, ar_d = r * at * u - r * n * at * covariance(1, 0);
    const double aa_a = n * curve_alpha, aa_d = n * pq_alpha + n * n * at * at * covariance(1, 1);
    const double br_d = -r * covariance(4, 0);
    const double ba_d = n * at * covariance(4, 1);
    const double bb_a = -death * (t.gg - x.gg);
    const double bb_d = mean_by - m * in.mean_curve[i] + death * x.gg + covariance(4, 4);
    const double sr_d = r * death * covariance(2, 0);
    const double sa_d = -n * at * death * covariance(2, 1);
    const double sb_d = -death * (in.mean_g[i] - x.g) - death * covariance(4, 2);
    const double ss_d = s_d - 1 + death * death * covariance(2, 2);
    const double zr_d = r * m * covariance(3, 0);
    const double za_d = -n * at * m * covariance(3, 1);
    const double zb_a = death * (t.e * t.g - x.e * x.g);
    const double zb_d = m * in.mean_eg[i] - death * x.e * x.g - m * covariance(4, 3);
    const double zs_d = -death * e + death * m * covariance(3, 2);
    const double zz_a = -death * (t.e * t.rest_e - x.e * x.rest_e);
    const double zz_d = death * x.e * x.rest_e - m * mean_e_curve + m * m * covariance(3, 3);

    const double p = s.dead[i], q = s.alive[i], pq = p * q;
    const double dr = r_d - r_a, da = a_d - a_a, db = b_d - b_a, ds = s_d - s_a, dz = z_d - z_a;
    g[0][i] = s.first[i] - r * s.growth[i] + p * r_d + q * r_a;
    g[1][i] = r * rest - s.frequency[i] * at + p * a_d + q * a_a;
    g[2][i] = -death * x.g + p * b_d + q * b_a;
    g[3][i] = -death * s.decline[i] + p * s_d + q * s_a;
    g[4][i] = death * x.rest_e + p * z_d + q * z_a;
    h[Packed(0, 0)][i] = s.second[i] - r * s.growth[i] + p * rr_d + q * r_a + pq * dr * dr;
    h[Packed(1, 0)][i] = r * rest + p * ar_d + q * ar_a + pq * da * dr;
    h[Packed(1, 1)][i] = -n * at * rest + p * aa_d + q * aa_a + pq * da * da;
    h[Packed(2, 0)][i] = p * br_d + pq * db * dr;
    h[Packed(2, 1)][i] = p * ba_d + pq * db * da;
    h[Packed(2, 2)][i] = -death * x.gg + p * bb_d + q * bb_a + pq * db * db;
    h[Packed(3, 0)][i] = p * sr_d + pq * ds * dr;
    h[Packed(3, 1)][i] = p * sa_d + pq * ds * da;
    h[Packed(3, 2)][i] = -death * x.g + p * sb_d + q * b_a + pq * ds * db;
    h[Packed(3, 3)][i] = -death * s.decline[i] + p * ss_d + q * s_a + pq * ds * ds;
    h[Packed(4, 0)][i] = p * zr_d + pq * dz * dr;
    h[Packed(4, 1)][i] = p * za_d + pq * dz * da;
    h[Packed(4, 2)][i] = death * x.e * x.g + p * zb_d + q * zb_a + pq * dz * db;
    h[Packed(4, 3)][i] = death * x.rest_e + p * zs_d + q * z_a + pq * dz * ds;
    h[Packed(4, 4)][i] = -death * x.e * x.rest_e + p * zz_d + q * zz_a + pq * dz * dz;
  }
}

inline double LogOddsDead(const GGompertzNbdParameters &model, const CustomerHistory &history) {
  const double wait = history.T - history.recency;
  if (wait == 0) return -std::numeric_limits<double>::infinity();
  GompertzIntegrals in;
  in.n[0] = model.r + history.frequency;
  in.m[0] = model.s + 1;
  in.b[0] = model.b;
  in.beta[0] = model.beta;
  in.age[0] = model.b * history.recency;
  detail::PrepareGompertz(model.alpha, history.recency, history.T, in, 0);
  in.Compute(1, false);
  return std::log(model.s * model.b * in.steepness[0] * in.scale[0] * in.integral[0]) +
         in.n[0] * std::log1p(wait / in.before[0]) +
         model.s * detail::GompertzDecline(in.steepness[0], model.b * wait);
}

inline GGompertzNbdOutlook OutlookOf(const GGompertzNbdParameters &model,
                                     const CustomerHistory &history) {
  const double alive = 1 / (1 + std::exp(LogOddsDead(model, history)));
  return GGompertzNbdOutlook(
      alive, model.r + history.frequency, model.alpha + history.T,
      GompertzLifetime(model.s, model.b,
                       detail::GompertzSteepness(model.beta, model.b * history.T)));
}

}  // namespace patron::clv

#endif  // PATRON_CLV_GGOMPERTZ_NBD_HPP_
