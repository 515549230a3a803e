// The likelihood of the BG/NBD family: dropout by the flip of a coin after each purchase.
#ifndef PATRON_CLV_BGNBD_HPP_
#define PATRON_CLV_BGNBD_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/elementary.hpp"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/fit.hpp"
#include "patron/clv/history.hpp"
#include "patron/clv/lanes.hpp"
#include "patron/clv/limits.hpp"
#include "patron/clv/log_gamma.hpp"

namespace patron::clv {

// Which member of the family.
//
// While alive, customers pass through events of a Poisson process with a rate that is
// Gamma(r, alpha) over customers; each k-th event is a purchase, so that the times between
// purchases are Erlang-k. After a purchase they drop out with a probability that is Beta(a, b)
// over customers. BG/NBD: Fader, Hardie and Lee (2005); MBG/NBD: Batislam, Denizel and Filiztekin
// (2007), Hoppe and Wagner (2007); BG/CNBD-k and MBG/CNBD-k: Platzer and Reutterer (2016),
// Reutterer, Platzer and Schroeder (2021).
struct BetaGeometricModel {
  bool dropout_at_zero = false;  // True for MBG: the first purchase may be the last as well.
  int regularity = 1;            // k, at least 1; 1 is the plain model.
};

inline constexpr int kMaxRegularity = 64;

struct BetaGeometricParameters {
  double r = 1;
  double alpha = 1;  // In the unit of the history's times.
  double a = 1;
  double b = 1;
};

// Errors: InvalidArgument if the regularity is not within 1 and kMaxRegularity.
absl::Status CheckModel(const BetaGeometricModel &model);

// The log-likelihood in ln r, ln alpha, ln a, ln b; see the concept Likelihood.
//
// Covariates: alpha_i = alpha exp(-c'z) for those of purchases, a_i = a exp(d'z) and
// b_i = b exp(d'z) for those of dropout. With k > 1 the value of a row holds, instead of its own
// sum of log intervals, the mean of them: their total is right.
class BetaGeometricLikelihood {
 public:
  static constexpr size_t kParameters = 4;
  static constexpr std::array<std::string_view, 4> kNames = {"r", "alpha", "a", "b"};
  static constexpr std::array<CovariateLink, 4> kLinks = {
      CovariateLink{}, CovariateLink{Process::kTransaction, -1},
      CovariateLink{Process::kDropout, 1}, CovariateLink{Process::kDropout, 1}};

  // Borrows `history`. Errors: InvalidArgument as CheckModel, or if the regularity is above 1 and
  // the history has no log intervals.
  static absl::StatusOr<BetaGeometricLikelihood> Make(const GroupedHistory &history,
                                                      const BetaGeometricModel &model);

  class Prepared;

  size_t rows() const { return history_->size(); }
  std::span<const double> weights() const { return history_->weight; }
  std::array<double, 4> LogScale() const { return {0, std::log(history_->mean_T), 0, 0}; }
  Prepared Prepare(std::span<const double, 4> eta) const;

  std::vector<std::array<double, 4>> Starts() const;
  static void NameLimits(std::span<const Reach> reach, std::span<const double> theta,
                         std::vector<Limit> &limits);

  const GroupedHistory &history() const { return *history_; }
  const BetaGeometricModel &model() const { return model_; }

 private:
  BetaGeometricLikelihood(const GroupedHistory &history, const BetaGeometricModel &model);

  const GroupedHistory *history_;
  BetaGeometricModel model_;
  std::vector<double> events_;     // Poisson events that the purchases took, by count.
  std::vector<double> survivals_;  // Coin flips survived if alive, by count.
  std::vector<double> timing_;     // Log-likelihood that holds no parameter, by count.
};

// The likelihood at one point: tables by the number of purchases.
class BetaGeometricLikelihood::Prepared {
 public:
  template <typename V = NativePack>
  void Evaluate(Range rows, const BlockParameters<4> &parameters, bool derivatives,
                BlockResult<4> &result) const;

 private:
  friend class BetaGeometricLikelihood;
  struct Scratch;

  // What depends on a, b and the count only.
  struct Dropout {
    LogKeeping keeping;
    double log_odds;  // ln of a / (b + n - 1): dead after the last flip against alive.
    double b_share;   // b / (b + n - 1).
    double b_curve;   // Its derivative by ln b.
  };
  static Dropout DropoutOf(double a, double b, double flips, const LogKeeping &keeping);

  void Fill(Range rows, const BlockParameters<4> &parameters, Scratch &scratch) const;
  template <typename V>
  void FillRegular(size_t lanes, Scratch &scratch) const;
  template <typename V>
  void Differentiate(size_t lanes, const Scratch &scratch, BlockResult<4> &result) const;

  const BetaGeometricLikelihood *likelihood_ = nullptr;
  double r_ = 1;
  std::vector<LogRising> rising_;
  std::vector<Dropout> dropout_;
};

inline absl::Status CheckModel(const BetaGeometricModel &model) {
  if (model.regularity >= 1 && model.regularity <= kMaxRegularity) return absl::OkStatus();
  return InvalidOption("regularity", absl::StrCat(model.regularity),
                       absl::StrCat("1 to ", kMaxRegularity));
}

inline absl::StatusOr<BetaGeometricLikelihood> BetaGeometricLikelihood::Make(
    const GroupedHistory &history, const BetaGeometricModel &model) {
  PATRON_RETURN_IF_ERROR(CheckModel(model));
  if (model.regularity > 1 && !history.has_log_intervals) {
    return absl::InvalidArgumentError(
        "log_intervals: not given; expected them, because the regularity is above 1");
  }
  return BetaGeometricLikelihood(history, model);
}

inline BetaGeometricLikelihood::BetaGeometricLikelihood(const GroupedHistory &history,
                                                        const BetaGeometricModel &model)
    : history_(&history), model_(model) {
  const double k = model.regularity;
  const double constant = k == 1 ? 0 : (k - 1) * history.log_intervals / history.customers;
  for (const double x : history.counts) {
    events_.push_back(k * x);
    survivals_.push_back(model.dropout_at_zero ? x + 1 : x);
    timing_.push_back(constant - x * LogGamma(k));
  }
}

inline std::vector<std::array<double, 4>> BetaGeometricLikelihood::Starts() const {
  const double alpha = std::log(history_->mean_T) - std::log(history_->mean_frequency + 0.1) +
                       std::log(model_.regularity);
  return {{-0.7, alpha - 0.7, 0, 0.7}, {0, alpha, -2, 1}, {0.7, alpha + 0.7, 0, 3}};
}

inline void BetaGeometricLikelihood::NameLimits(std::span<const Reach> reach,
                                                std::span<const double> theta,
                                                std::vector<Limit> &limits) {
  NamePurchasingLimit(reach[0], reach[1], theta[0], theta[1], limits);
  if (theta[2] < kNegligible * theta[3]) {
    limits.push_back(Limit::kNoDropout);
    return;
  }
  if (reach[2] == Reach::kInside && reach[3] == Reach::kInside) return;
  // Where a and b fall together, some leave at once and the others never.
  limits.push_back(reach[3] == Reach::kHigh ? Limit::kHomogeneousDropout
                                            : Limit::kNoInteriorMaximum);
}

inline BetaGeometricLikelihood::Prepared BetaGeometricLikelihood::Prepare(
    std::span<const double, 4> eta) const {
  Prepared prepared;
  prepared.likelihood_ = this;
  prepared.r_ = std::exp(eta[0]);
  prepared.rising_ = LogRisingFactorials(prepared.r_, events_);
  const double a = std::exp(eta[2]);
  const double b = std::exp(eta[3]);
  const std::vector<LogKeeping> keeping = LogKeepingProbabilities(a, b, survivals_);
  prepared.dropout_.reserve(keeping.size());
  for (size_t i = 0; i < keeping.size(); ++i) {
    prepared.dropout_.push_back(Prepared::DropoutOf(a, b, survivals_[i], keeping[i]));
  }
  return prepared;
}

inline BetaGeometricLikelihood::Prepared::Dropout BetaGeometricLikelihood::Prepared::DropoutOf(
    double a, double b, double flips, const LogKeeping &keeping) {
  constexpr double kNever = -1e300;
  if (flips == 0) return {keeping, kNever, 0, 0};
  const double rest = b + (flips - 1);
  const double share = b / rest;
  return {keeping, std::log(a) - std::log(rest), share, share * ((flips - 1) / rest)};
}

struct BetaGeometricLikelihood::Prepared::Scratch {
  template <typename T>
  using Lanes = T[kBlockRows];

  alignas(64) Lanes<double> recency, T, alpha, log_alpha, events;
  alignas(64) Lanes<double> constant, log_odds, b_share, b_curve;
  alignas(64) Lanes<double> r, rr, a, b, aa, ab, bb;
  // ln of the chance, if alive, of fewer than k events since the last purchase, relative to none;
  // and its derivatives by ln r and ln alpha.
  alignas(64) Lanes<double> idle, idle_r, idle_alpha, idle_rr, idle_ra, idle_aa;
  // ln((alpha + T) / alpha), ln((alpha + T) / (alpha + t_x)), share of those dead.
  alignas(64) Lanes<double> growth, wait, dead;
};

inline void BetaGeometricLikelihood::Prepared::Fill(Range rows,
                                                    const BlockParameters<4> &parameters,
                                                    Scratch &s) const {
  const GroupedHistory &history = *likelihood_->history_;
  const size_t count = rows.size();
  const bool own_dropout = parameters.varies[2] || parameters.varies[3];
  Dropout own{};
  for (size_t i = 0; i < count; ++i) {
    const size_t row = rows.begin + i;
    const size_t code = history.count_of[row];
    s.events[i] = likelihood_->events_[code];
    if (own_dropout) {
      const bool same = i > 0 && parameters.eta[2][i] == parameters.eta[2][i - 1] &&
                        parameters.eta[3][i] == parameters.eta[3][i - 1] &&
                        code == history.count_of[row - 1];
      if (!same) {
        const double a = std::exp(parameters.eta[2][i]);
        const double b = std::exp(parameters.eta[3][i]);
        const double flips = likelihood_->survivals_[code];
        own = DropoutOf(a, b, flips, LogKeepingProbability(a, b, flips));
      }
    }
    const Dropout &dropout = own_dropout ? own : dropout_[code];
    const LogRising &rising = rising_[code];
    s.constant[i] = rising.value + dropout.keeping.value + likelihood_->timing_[code];
    s.r[i] = rising.first;
    s.rr[i] = rising.second;
    s.log_odds[i] = dropout.log_odds;
    s.b_share[i] = dropout.b_share;
    s.b_curve[i] = dropout.b_curve;
    s.a[i] = dropout.keeping.a;
    s.b[i] = dropout.keeping.b;
    s.aa[i] = dropout.keeping.aa;
    s.ab[i] = dropout.keeping.ab;
    s.bb[i] = dropout.keeping.bb;
  }
  std::copy_n(history.recency.data() + rows.begin, count, s.recency);
  std::copy_n(history.T.data() + rows.begin, count, s.T);
  std::copy_n(parameters.eta[1], count, s.log_alpha);
  // Lanes beyond the rows repeat the last one.
  const size_t lanes = RoundToGroup(count);
  for (double *column : {s.recency, s.T, s.log_alpha, s.events, s.constant, s.log_odds, s.b_share,
                         s.b_curve, s.r, s.rr, s.a, s.b, s.aa, s.ab, s.bb}) {
    std::fill(column + count, column + lanes, column[count - 1]);
  }
}

// With p_j the chance of j events, ln p_j = ln (N)_j - ln j! + j ln((T - t_x) / (alpha + T)): the
// derivatives of ln sum p_j are means and covariances over j.
template <typename V>
inline void BetaGeometricLikelihood::Prepared::FillRegular(size_t lanes, Scratch &s) const {
  const int k = likelihood_->model_.regularity;
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V events = r_ + Load<V>(s.events + i);
    const V y =
        (Load<V>(s.T + i) - Load<V>(s.recency + i)) / (Load<V>(s.alpha + i) + Load<V>(s.T + i));
    const V share = Load<V>(s.alpha + i) / (Load<V>(s.alpha + i) + Load<V>(s.T + i));
    V p = Splat<V>(1), sum = p, r{}, curve{};
    V mean_r{}, mean_j{}, square_r{}, cross{}, square_j{}, mean_curve{};
    for (double j = 1; j < k; ++j) {
      const V term = events + (j - 1.0);
      p *= term * y / j;
      r += r_ / term;
      curve += r_ * (term - r_) / (term * term);
      sum += p;
      mean_r += p * r;
      mean_curve += p * curve;
      mean_j += p * j;
      square_r += p * r * r;
      cross += p * r * j;
      square_j += p * j * j;
    }
    mean_r /= sum;
    mean_j /= sum;
    Store<V>(s.idle + i, Log<V>(sum));
    Store<V>(s.idle_r + i, mean_r);
    Store<V>(s.idle_rr + i, mean_curve / sum + (square_r / sum - mean_r * mean_r));
    // d ln p_j / d ln alpha = -j alpha / (alpha + T).
    Store<V>(s.idle_alpha + i, -share * mean_j);
    Store<V>(s.idle_ra + i, -share * (cross / sum - mean_r * mean_j));
    Store<V>(s.idle_aa + i,
             -share * (1.0 - share) * mean_j + share * share * (square_j / sum - mean_j * mean_j));
  }
}

// With N = r + events, flips n and D = T - t_x the likelihood of a row is
//   (r)_events alpha^r (alpha + T)^-N B(a, b + n) / B(a, b) (idle + e^d),
//   d = ln(a / (b + n - 1)) + N ln((alpha + T) / (alpha + t_x)),
// where e^d stands for those who dropped out at their last purchase (Fader and Hardie 2013).
template <typename V>
inline void BetaGeometricLikelihood::Prepared::Evaluate(Range rows,
                                                        const BlockParameters<4> &parameters,
                                                        bool derivatives,
                                                        BlockResult<4> &result) const {
  const size_t lanes = RoundToGroup(rows.size());
  const double r = r_;
  Scratch s;
  Fill(rows, parameters, s);
  if (parameters.varies[1]) {
    for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
      Store<V>(s.alpha + i, Exp(Load<V>(s.log_alpha + i)));
    }
  } else {
    std::fill_n(s.alpha, lanes, std::exp(parameters.eta[1][0]));
  }
  if (likelihood_->model_.regularity > 1) {
    FillRegular<V>(lanes, s);
  } else {
    for (double *zero : {s.idle, s.idle_r, s.idle_alpha, s.idle_rr, s.idle_ra, s.idle_aa}) {
      std::fill_n(zero, lanes, 0.0);
    }
  }
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V alpha = Load<V>(s.alpha + i), recency = Load<V>(s.recency + i);
    const V end = Load<V>(s.T + i);
    Store<V>(s.growth + i, Log1Plus<V>(end / alpha));
    Store<V>(s.wait + i, Log1Plus<V>((end - recency) / (alpha + recency)));
  }
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V events = Load<V>(s.events + i), growth = Load<V>(s.growth + i);
    const V idle = Load<V>(s.idle + i);
    const V d = Load<V>(s.log_odds + i) + (r + events) * Load<V>(s.wait + i) - idle;
    const V e = Exp<V>(Choose<V>(d < 0.0, d, -d));
    const V larger = 1.0 / (1.0 + e);
    Store<V>(s.dead + i, Choose<V>(d < 0.0, e * larger, larger));
    Store<V>(result.value + i, Load<V>(s.constant + i) - r * growth -
                                   events * (Load<V>(s.log_alpha + i) + growth) + idle +
                                   (Choose<V>(d < 0.0, V{}, d) + Log1Plus(e)));
  }
  if (derivatives) Differentiate<V>(lanes, s, result);
}

template <typename V>
inline void BetaGeometricLikelihood::Prepared::Differentiate(size_t lanes, const Scratch &s,
                                                             BlockResult<4> &result) const {
  const double r = r_;
  auto &g = result.gradient;
  auto &h = result.hessian;
  for (size_t i = 0; i < lanes; i += kLanesOf<V>) {
    const V total = Load<V>(s.alpha + i) + Load<V>(s.T + i);
    const V before = Load<V>(s.alpha + i) + Load<V>(s.recency + i);
    const V n = r + Load<V>(s.events + i);
    const V share = Load<V>(s.alpha + i) / total;
    const V rest = Load<V>(s.T + i) / total;
    const V apart =
        -Load<V>(s.alpha + i) * (Load<V>(s.T + i) - Load<V>(s.recency + i)) / (total * before);
    const V curve =
        share * rest - Load<V>(s.alpha + i) * Load<V>(s.recency + i) / (before * before);
    const V growth = Load<V>(s.growth + i);
    const V p = Load<V>(s.dead + i);
    const V q = 1.0 - p;
    const V pq = p * q;
    // Derivatives of d by ln r and ln alpha, less those of the idle chance.
    const V dr = r * Load<V>(s.wait + i);
    const V da = n * apart;
    const V er = dr - Load<V>(s.idle_r + i);
    const V ea = da - Load<V>(s.idle_alpha + i);
    Store<V>(g[0] + i, Load<V>(s.r + i) - r * growth + p * dr + q * Load<V>(s.idle_r + i));
    Store<V>(g[1] + i,
             r * rest - Load<V>(s.events + i) * share + p * da + q * Load<V>(s.idle_alpha + i));
    Store<V>(g[2] + i, Load<V>(s.a + i) + p);
    Store<V>(g[3] + i, Load<V>(s.b + i) - p * Load<V>(s.b_share + i));
    Store<V>(h[Packed(0, 0)] + i,
             Load<V>(s.rr + i) - r * growth + p * dr + q * Load<V>(s.idle_rr + i) + pq * er * er);
    Store<V>(h[Packed(1, 0)] + i,
             r * rest + p * r * apart + q * Load<V>(s.idle_ra + i) + pq * er * ea);
    Store<V>(h[Packed(1, 1)] + i,
             -n * share * rest + p * n * curve + q * Load<V>(s.idle_aa + i) + pq * ea * ea);
    Store<V>(h[Packed(2, 0)] + i, pq * er);
    Store<V>(h[Packed(2, 1)] + i, pq * ea);
    Store<V>(h[Packed(2, 2)] + i, Load<V>(s.aa + i) + pq);
    Store<V>(h[Packed(3, 0)] + i, -pq * Load<V>(s.b_share + i) * er);
    Store<V>(h[Packed(3, 1)] + i, -pq * Load<V>(s.b_share + i) * ea);
    Store<V>(h[Packed(3, 2)] + i, Load<V>(s.ab + i) - pq * Load<V>(s.b_share + i));
    Store<V>(h[Packed(3, 3)] + i, Load<V>(s.bb + i) - p * Load<V>(s.b_curve + i) +
                                      pq * Load<V>(s.b_share + i) * Load<V>(s.b_share + i));
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_BGNBD_HPP_
