// What a model says of one customer, whatever its kind.
#ifndef PATRON_SRC_C_API_CLV_OUTLOOK_HPP_
#define PATRON_SRC_C_API_CLV_OUTLOOK_HPP_

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <utility>

#include "c_api/clv_kernels.hpp"
#include "c_api/clv_terms.hpp"
#include "patron/c/clv_model.h"
#include "patron/clv/bgbb_predictions.hpp"
#include "patron/clv/bgnbd_outlook.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/pareto_nbd_outlook.hpp"
#include "patron/clv/retention_predictions.hpp"

namespace patron::c_api {

// One customer, in the columns of a summary; all zero for a new one.
struct ClvCustomer {
  double frequency = 0;
  double recency = 0;
  double age = 0;
  bool churned = false;
};

// Longest time ahead of the kinds that count periods.
inline constexpr double kMostPeriods = 100'000;

// Further kinds in the form of the concept Outlook. Times of discrete kinds are whole numbers of
// periods, and their discount rates effective ones for a period.

class NbdOutlook {
 public:
  NbdOutlook(const clv::NbdParameters &model, const ClvCustomer &customer)
      : rate_(clv::Posterior(model, customer.frequency, customer.age)) {}

  double ProbabilityAlive(double = 0) const { return 1; }
  double ExpectedPurchases(double from, double to) const {
    return clv::ExpectedPurchases(rate_, to - from);
  }
  double DiscountedPurchases(double rate, double horizon) const {
    return clv::DiscountedPurchases(rate_, horizon, rate);
  }
  double ProbabilityOfPurchases(double count, double within) const {
    return clv::ProbabilityOfPurchases(rate_, count, within);
  }
  double ProbabilityOfNoPurchase(double from, double to) const {
    return ProbabilityOfPurchases(0, to - from);
  }

 private:
  clv::NbdParameters rate_;
};

class BgbbOutlook {
 public:
  BgbbOutlook(const clv::BgbbParameters &model, const ClvCustomer &customer)
      : model_(model),
        history_{customer.frequency, customer.recency, customer.age},
        life_{model.gamma, model.delta},
        alive_(clv::ProbabilityAlive(model_, history_)) {}

  double ProbabilityAlive(double ahead = 0) const {
    return alive_ * clv::Survival(life_, ahead, history_.occasions);
  }
  double ExpectedPurchases(double from, double to) const {
    const double later = clv::ExpectedRenewals(life_, history_.occasions, to);
    const double before = clv::ExpectedRenewals(life_, history_.occasions, from);
    return PurchaseRate() * (later - before);
  }
  double DiscountedPurchases(double rate, double horizon) const {
    if (rate == 0) return ExpectedPurchases(0, horizon);
    return PurchaseRate() * WidestRenewals()(life_, history_.occasions, rate, horizon);
  }
  double ProbabilityOfPurchases(double count, double within) const {
    return clv::ProbabilityOfPurchases(model_, history_, count, within);
  }

  // One minus the chance that the first purchase after n + from comes at n + from + i, over i.
  double ProbabilityOfNoPurchase(double from, double to) const {
    const double buys = model_.alpha + history_.count;
    const double misses = model_.beta + history_.occasions - history_.count;
    const double stays = model_.delta + history_.occasions + from;
    double alive = ProbabilityAlive(from), none = 1, some = 0;
    for (double i = 0; i < to - from; i += 1) {
      alive *= (stays + i) / (model_.gamma + stays + i);
      some += alive * none * (buys / (buys + misses + i));
      none *= (misses + i) / (buys + misses + i);
    }
    return 1 - some;
  }

 private:
  double PurchaseRate() const { return alive_ * clv::PurchaseRate(model_, history_); }

  clv::BgbbParameters model_;
  clv::DiscreteHistory history_;
  clv::RetentionParameters life_;  // A life is a contract that is renewed at each occasion.
  double alive_;
};

class RetentionOutlook {
 public:
  RetentionOutlook(const clv::RetentionParameters &model, const ClvCustomer &customer)
      : model_(model), before_(customer.age), gone_(customer.churned) {}

  double ProbabilityAlive(double ahead = 0) const {
    return gone_ ? 0 : clv::Survival(model_, ahead, before_);
  }
  double ExpectedPurchases(double from, double to) const {
    if (gone_) return 0;
    const double periods = to - from;
    const double if_alive = model_.c == 1 ? clv::ExpectedRenewals(model_, before_ + from, periods)
                                          : WidestRenewals()(model_, before_ + from, 0, periods);
    return ProbabilityAlive(from) * if_alive;
  }
  double DiscountedPurchases(double rate, double horizon) const {
    if (gone_) return 0;
    if (rate == 0) return ExpectedPurchases(0, horizon);
    return WidestRenewals()(model_, before_, rate, horizon);
  }
  double ProbabilityOfPurchases(double count, double within) const {
    if (gone_ || count > within) return gone_ && count == 0 ? 1 : 0;
    const double reached = ProbabilityAlive(count);
    if (count == within) return reached;
    return reached * (1 - clv::RetentionRate(model_, before_ + count + 1));
  }
  double ProbabilityOfNoPurchase(double from, double to) const {
    return to == from ? 1 : 1 - ProbabilityAlive(from + 1);
  }

 private:
  clv::RetentionParameters model_;
  double before_;
  bool gone_;
};

// The outlook of Pareto/NBD with the widest kernels.
class WideParetoOutlook : public clv::ParetoNbdOutlook {
 public:
  WideParetoOutlook(const clv::ParetoNbdParameters &model, const clv::CustomerHistory &history)
      : clv::ParetoNbdOutlook(
            clv::OutlookGivenOdds(model, history, WidestPareto().log_odds_dead(model, history))) {}

  double DiscountedPurchases(double rate, double horizon) const {
    return PurchaseRate() * WidestPareto().discounted_life(lifetime(), rate, horizon);
  }
};

// The same of GGompertz/NBD, whose expectations are integrals too.
class WideGompertzOutlook : public clv::GGompertzNbdOutlook {
 public:
  WideGompertzOutlook(const clv::GGompertzNbdParameters &model, const clv::CustomerHistory &history)
      : clv::GGompertzNbdOutlook(clv::OutlookGivenOdds(
            model, history, WidestGompertz().log_odds_dead(model, history))) {}

  double ExpectedPurchases(double from, double to) const {
    if (from > 0) return clv::GGompertzNbdOutlook::ExpectedPurchases(from, to);
    return DiscountedPurchases(0, to);
  }
  double DiscountedPurchases(double rate, double horizon) const {
    return PurchaseRate() * WidestGompertz().discounted_life(lifetime(), rate, horizon);
  }
};

// Calls `body` with the outlook of a customer. `theta` holds the parameters of the kind, with what
// covariates make of them.
template <typename Body>
auto WithOutlook(const ClvTerms &terms, std::span<const double, kMostParameters> theta,
                 const ClvCustomer &customer, Body &&body) {
  const clv::CustomerHistory history{customer.frequency, customer.recency, customer.age};
  switch (terms.kind) {
    case PATRON_CLV_NBD: return body(NbdOutlook({theta[0], theta[1]}, customer));
    case PATRON_CLV_PARETO_NBD:
      return body(WideParetoOutlook({theta[0], theta[1], theta[2], theta[3]}, history));
    case PATRON_CLV_GGOMPERTZ_NBD:
      return body(WideGompertzOutlook({theta[0], theta[1], theta[2], theta[3], theta[4]}, history));
    case PATRON_CLV_BG_BB:
      return body(BgbbOutlook({theta[0], theta[1], theta[2], theta[3]}, customer));
    case PATRON_CLV_SBG: return body(RetentionOutlook({theta[0], theta[1], 1}, customer));
    case PATRON_CLV_BETA_DISCRETE_WEIBULL:
      return body(RetentionOutlook({theta[0], theta[1], theta[2]}, customer));
    default: break;
  }
  const bool at_zero = terms.kind == PATRON_CLV_MBG_NBD || terms.kind == PATRON_CLV_MBG_CNBD;
  return body(clv::BetaGeometricOutlook(
      {theta[0], theta[1], theta[2], theta[3]},
      {.dropout_at_zero = at_zero, .regularity = terms.regularity}, history));
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_OUTLOOK_HPP_
