// The limits that models with Gamma distributed rates share.
#ifndef PATRON_CLV_LIMITS_HPP_
#define PATRON_CLV_LIMITS_HPP_

#include <vector>

#include "patron/clv/fit.hpp"

namespace patron::clv {

// Names what r and alpha in these reaches stand for; nothing if both are inside.
inline void NamePurchasingLimit(Reach r, Reach alpha, std::vector<Limit> &limits) {
  if (r == Reach::kInside && alpha == Reach::kInside) return;
  limits.push_back(r == Reach::kHigh && alpha == Reach::kHigh ? Limit::kHomogeneousPurchasing
                                                              : Limit::kNoInteriorMaximum);
}

// The same for lifetimes with s and beta, by which the death rate is Gamma distributed.
inline void NameLifetimeLimit(Reach s, Reach beta, std::vector<Limit> &limits) {
  if (s == Reach::kInside && beta == Reach::kInside) return;
  if (s == Reach::kHigh && beta == Reach::kHigh) {
    limits.push_back(Limit::kHomogeneousDropout);
  } else if (s == Reach::kLow || (s == Reach::kInside && beta == Reach::kHigh)) {
    limits.push_back(Limit::kNoDropout);
  } else {
    limits.push_back(Limit::kNoInteriorMaximum);
  }
}

}  // namespace patron::clv

#endif  // PATRON_CLV_LIMITS_HPP_
