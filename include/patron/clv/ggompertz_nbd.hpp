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
#include "patron/clv/lanes.hpp"
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
  template <typename V = NativePack>
  void Evaluate(Range rows, const BlockParameters<5> &parameters, bool derivatives,
                BlockResult<5> &result) const;

 private:
  friend class GGompertzNbdLikelihood;
  struct Scratch;

  template <typename V>
  void Fill(Range rows, const BlockParameters<5> &parameters, Scratch &scratch) const;
  template <typename V>
  void Differentiate(size_t lanes, const Scratch &scratch, BlockResult<5> &result) const;

  const GroupedHistory *history_ = nullptr;
  double r_ = 1, b_ = 1, s_ = 1, log_s_ = 0;
  std::vector<LogRising> rising_;
};

using GGompertzNbdOutlook = LifetimeOutlook<GompertzLifetime>;

// ln of the probability to be dead at T against that to be alive; -inf if T is the recency. The width
// of a pack does not change it.
template <typename V = NativePack>
double LogOddsDead(const GGompertzNbdParameters &model, const CustomerHistory &history);

// What the model says of a customer. The parameters are positive and finite, the history as
// CheckCustomer wants it.
GGompertzNbdOutlook OutlookOf(const GGompertzNbdParameters &model, const CustomerHistory &history);

// The same for known odds to be dead.
GGompertzNbdOutlook OutlookGivenOdds(const GGompertzNbdParameters &model,
                                     const CustomerHistory &history, double log_odds_dead);

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
template <typename V>
inline V GompertzSteepness(const V &beta, const V &bt) {
  return 1.0 / (1.0 + (beta - 1.0) * Exp<V>(-bt));
}

// At a time y, given b y, of G = ln((beta + e^(b y) - 1) / beta).
template <typename V>
struct GompertzSlopes {
  V rest;    // 1 - e^(b y) / (beta + e^(b y) - 1).
  V e;       // dG / d ln beta + 1.
  V rest_e;  // 1 - e.
  V g;       // dG / d ln b.
  V gg;      // Its derivative by ln b.

  GompertzSlopes(const V &beta, const V &by) {
    const V fade = Exp<V>(-by);
    const V k = 1.0 / (1.0 + (beta - 1.0) * fade);
    rest = (beta - 1.0) * fade * k;
    e = beta * fade * k;
    rest_e = -k * ExpMinus1<V>(-by);
    g = by * k;
    gg = g * (1.0 + by * rest);
  }
};

// Fills what the integral needs of the lanes of a pack, given all above `steepness` but for it.
template <typename V>
inline void PrepareGompertz(const V &alpha, const V &recency, const V &T, GompertzIntegrals &in,
                            size_t lane) {
  const V steepness = GompertzSteepness(Load<V>(in.beta + lane), Load<V>(in.age + lane));
  const V before = alpha + recency;
  const V turn = 1.0 / (Load<V>(in.b + lane) * Choose<V>(steepness < 1.0, Splat<V>(1), steepness));
  const V scale = Choose<V>(turn < before, turn, before);
  Store<V>(in.steepness + lane, steepness);
  Store<V>(in.before + lane, before);
  Store<V>(in.scale + lane, scale);
  Store<V>(in.range + lane, Log1Plus<V>((T - recency) / scale));
}

}  // namespace detail

template <typename V>
inline void GGompertzNbdLikelihood::Prepared::Fill(Range rows, const BlockParameters<5> &parameters,
                                                   Scratch &s) const {
  const size_t count = rows.size();
  const size_t lanes = RoundToGroup(count);
  GompertzIntegrals &in = s.integrals;
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
  std::copy_n(parameters.eta[4], count, in.beta);
  // Lanes beyond the rows repeat the last one.
  for (double *column :
       {s.constant, s.first, s.second, s.frequency, s.recency, s.T, s.log_alpha, in.beta}) {
    std::fill(column + count, column + lanes, column[count - 1]);
  }
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V alpha = Exp(Load<V>(s.log_alpha + i)), beta = Exp(Load<V>(in.beta + i));
    const V recency = Load<V>(s.recency + i), end = Load<V>(s.T + i);
    Store<V>(s.alpha + i, alpha);
    Store<V>(in.n + i, r_ + Load<V>(s.frequency + i));
    Store<V>(in.m + i, Splat<V>(s_ + 1));
    Store<V>(in.b + i, Splat<V>(b_));
    Store<V>(in.beta + i, beta);
    Store<V>(in.age + i, b_ * recency);
    detail::PrepareGompertz<V>(alpha, recency, end, in, i);
    Store<V>(s.wait + i, Log1Plus<V>((end - recency) / Load<V>(in.before + i)));
    Store<V>(s.growth + i, Log1Plus<V>(recency / alpha));
    Store<V>(s.decline + i, detail::GompertzDecline<V>(1.0 / beta, b_ * recency));
    Store<V>(s.decline_wait + i,
             detail::GompertzDecline<V>(Load<V>(in.steepness + i), b_ * (end - recency)));
  }
}

// With n = r + x and G(y) = ln((beta + e^(b y) - 1) / beta) the likelihood of a row is
//   (r)_x alpha^r (alpha + t_x)^-n e^(-s G(t_x)) (e^A + e^D),
// where e^A = ((alpha + t_x) / (alpha + T))^n e^(s G(t_x) - s G(T)) stands for those alive at T,
// and e^D for those who died in (t_x, T]: the integral over that time of
// ((alpha + t_x) / (alpha + y))^n e^(s G(t_x) - s G(y)) s G'(y) dy.
template <typename V>
inline void GGompertzNbdLikelihood::Prepared::Evaluate(Range rows,
                                                       const BlockParameters<5> &parameters,
                                                       bool derivatives,
                                                       BlockResult<5> &result) const {
  const size_t lanes = RoundToGroup(rows.size());
  Scratch s;
  Fill<V>(rows, parameters, s);
  s.integrals.Compute<V>(lanes, derivatives);
  const GompertzIntegrals &in = s.integrals;
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V area =
        Load<V>(in.integral + i) * (b_ * Load<V>(in.steepness + i) * Load<V>(in.scale + i));
    const V alive = -Load<V>(in.n + i) * Load<V>(s.wait + i) - s_ * Load<V>(s.decline_wait + i);
    const V dead = log_s_ + Log<V>(Choose<V>(area > 0x1p-1000, area, Splat<V>(0x1p-1000)));
    const V d = dead - alive;
    const V e = Exp<V>(Choose<V>(d < 0.0, d, -d));
    const V larger = 1.0 / (1.0 + e);
    const V growth = Load<V>(s.growth + i);
    Store<V>(s.dead + i, Choose<V>(d < 0.0, e * larger, larger));
    Store<V>(s.alive + i, Choose<V>(d < 0.0, larger, e * larger));
    Store<V>(result.value + i, Load<V>(s.constant + i) - r_ * growth -
                                   Load<V>(s.frequency + i) * (Load<V>(s.log_alpha + i) + growth) -
                                   s_ * Load<V>(s.decline + i) +
                                   (Choose<V>(d < 0.0, alive, dead) + Log1Plus(e)));
  }
  if (derivatives) Differentiate<V>(lanes, s, result);
}

// As for Pareto/NBD: derivatives of the common factor, of A (suffix _a) and of D (_d). At a time y,
// e = beta / (beta + e^(b y) - 1) and g = b y e^(b y) / (beta + e^(b y) - 1) make the derivatives
// of G: e - 1 by ln beta, g by ln b.
template <typename V>
inline void GGompertzNbdLikelihood::Prepared::Differentiate(size_t lanes, const Scratch &s,
                                                            BlockResult<5> &result) const {
  const double r = r_;
  const double death = s_;
  const double m = death + 1;
  const GompertzIntegrals &in = s.integrals;
  auto &g = result.gradient;
  auto &h = result.hessian;
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const auto covariance = [&](size_t j, size_t k) {
      return Load<V>(in.covariance[Packed(j, k)] + i);
    };
    const V n = Load<V>(in.n + i);
    const V wait = Load<V>(s.T + i) - Load<V>(s.recency + i);
    const V total = Load<V>(s.alpha + i) + Load<V>(s.T + i);
    const V at = Load<V>(s.alpha + i) / Load<V>(in.before + i),
            rest = Load<V>(s.recency + i) / Load<V>(in.before + i);
    const V end = Load<V>(s.alpha + i) / total;
    const V fall = at * (wait / total);
    const V curve_alpha = at * rest - end * (Load<V>(s.T + i) / total);
    const V u = Load<V>(in.mean[1] + i);
    const V pq_alpha = at * (at * (u * u + covariance(1, 1)) + (1.0 - 2.0 * at) * u);
    const detail::GompertzSlopes<V> x(Load<V>(in.beta + i), Load<V>(in.age + i));
    const detail::GompertzSlopes<V> t(Load<V>(in.beta + i), b_ * Load<V>(s.T + i));
    // Means over the time of death, less the values at t_x for e and f = b y - (s + 1) g.
    const V e = Load<V>(in.mean[3] + i);
    const V f = Load<V>(in.mean[4] + i);
    const V mean_e = x.e + e;
    const V mean_by = Load<V>(in.age + i) - m * x.g + f + m * Load<V>(in.mean_g + i);
    const V mean_e_curve = mean_e * (1.0 - mean_e) - covariance(3, 3);

    const V r_a = -r * Load<V>(s.wait + i), r_d = -r * Load<V>(in.mean[0] + i);
    const V a_a = n * fall, a_d = n * at * u;
    const V b_a = -death * (t.g - x.g), b_d = 1.0 + f + Load<V>(in.age + i) * x.rest;
    const V s_a = -death * Load<V>(s.decline_wait + i), s_d = 1.0 - death * Load<V>(in.mean[2] + i);
    const V z_a = -death * (t.e - x.e), z_d = -m * e - x.e;
    const V rr_d = r_d + r * r * covariance(0, 0);
    const V ar_a = r * fall, ar_d = r * at * u - r * n * at * covariance(1, 0);
    const V aa_a = n * curve_alpha, aa_d = n * pq_alpha + n * n * at * at * covariance(1, 1);
    const V br_d = -r * covariance(4, 0);
    const V ba_d = n * at * covariance(4, 1);
    const V bb_a = -death * (t.gg - x.gg);
    const V bb_d = mean_by - m * Load<V>(in.mean_curve + i) + death * x.gg + covariance(4, 4);
    const V sr_d = r * death * covariance(2, 0);
    const V sa_d = -n * at * death * covariance(2, 1);
    const V sb_d = -death * (Load<V>(in.mean_g + i) - x.g) - death * covariance(4, 2);
    const V ss_d = s_d - 1.0 + death * death * covariance(2, 2);
    const V zr_d = r * m * covariance(3, 0);
    const V za_d = -n * at * m * covariance(3, 1);
    const V zb_a = death * (t.e * t.g - x.e * x.g);
    const V zb_d = m * Load<V>(in.mean_eg + i) - death * x.e * x.g - m * covariance(4, 3);
    const V zs_d = -death * e + death * m * covariance(3, 2);
    const V zz_a = -death * (t.e * t.rest_e - x.e * x.rest_e);
    const V zz_d = death * x.e * x.rest_e - m * mean_e_curve + m * m * covariance(3, 3);

    const V p = Load<V>(s.dead + i), q = Load<V>(s.alive + i), pq = p * q;
    const V dr = r_d - r_a, da = a_d - a_a, db = b_d - b_a, ds = s_d - s_a, dz = z_d - z_a;
    Store<V>(g[0] + i, Load<V>(s.first + i) - r * Load<V>(s.growth + i) + p * r_d + q * r_a);
    Store<V>(g[1] + i, r * rest - Load<V>(s.frequency + i) * at + p * a_d + q * a_a);
    Store<V>(g[2] + i, -death * x.g + p * b_d + q * b_a);
    Store<V>(g[3] + i, -death * Load<V>(s.decline + i) + p * s_d + q * s_a);
    Store<V>(g[4] + i, death * x.rest_e + p * z_d + q * z_a);
    Store<V>(h[Packed(0, 0)] + i,
             Load<V>(s.second + i) - r * Load<V>(s.growth + i) + p * rr_d + q * r_a + pq * dr * dr);
    Store<V>(h[Packed(1, 0)] + i, r * rest + p * ar_d + q * ar_a + pq * da * dr);
    Store<V>(h[Packed(1, 1)] + i, -n * at * rest + p * aa_d + q * aa_a + pq * da * da);
    Store<V>(h[Packed(2, 0)] + i, p * br_d + pq * db * dr);
    Store<V>(h[Packed(2, 1)] + i, p * ba_d + pq * db * da);
    Store<V>(h[Packed(2, 2)] + i, -death * x.gg + p * bb_d + q * bb_a + pq * db * db);
    Store<V>(h[Packed(3, 0)] + i, p * sr_d + pq * ds * dr);
    Store<V>(h[Packed(3, 1)] + i, p * sa_d + pq * ds * da);
    Store<V>(h[Packed(3, 2)] + i, -death * x.g + p * sb_d + q * b_a + pq * ds * db);
    Store<V>(h[Packed(3, 3)] + i,
             -death * Load<V>(s.decline + i) + p * ss_d + q * s_a + pq * ds * ds);
    Store<V>(h[Packed(4, 0)] + i, p * zr_d + pq * dz * dr);
    Store<V>(h[Packed(4, 1)] + i, p * za_d + pq * dz * da);
    Store<V>(h[Packed(4, 2)] + i, death * x.e * x.g + p * zb_d + q * zb_a + pq * dz * db);
    Store<V>(h[Packed(4, 3)] + i, death * x.rest_e + p * zs_d + q * z_a + pq * dz * ds);
    Store<V>(h[Packed(4, 4)] + i, -death * x.e * x.rest_e + p * zz_d + q * zz_a + pq * dz * dz);
  }
}

template <typename V>
inline double LogOddsDead(const GGompertzNbdParameters &model, const CustomerHistory &history) {
  const double wait = history.T - history.recency;
  if (wait == 0) return -std::numeric_limits<double>::infinity();
  const double n = model.r + history.frequency;
  const double steepness = detail::GompertzSteepness(model.beta, model.b * history.recency);
  const double before = model.alpha + history.recency;
  const double scale = std::min(1 / (model.b * std::max(1.0, steepness)), before);
  GompertzIntegrand integrand{n,     model.s + 1,           model.b, steepness, before,
                              scale, Log1Plus(wait / scale)};
  const double integral = integrand.Integrate<V>();
  return std::log(model.s * model.b * steepness * scale * integral) +
         n * std::log1p(wait / before) +
         model.s * detail::GompertzDecline(steepness, model.b * wait);
}

inline GGompertzNbdOutlook OutlookOf(const GGompertzNbdParameters &model,
                                     const CustomerHistory &history) {
  return OutlookGivenOdds(model, history, LogOddsDead(model, history));
}

inline GGompertzNbdOutlook OutlookGivenOdds(const GGompertzNbdParameters &model,
                                            const CustomerHistory &history, double log_odds_dead) {
  return GGompertzNbdOutlook(
      1 / (1 + std::exp(log_odds_dead)), model.r + history.frequency, model.alpha + history.T,
      GompertzLifetime(model.s, model.b,
                       detail::GompertzSteepness(model.beta, model.b * history.T)));
}

}  // namespace patron::clv

#endif  // PATRON_CLV_GGOMPERTZ_NBD_HPP_
