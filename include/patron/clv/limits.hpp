// The limits that models with Gamma distributed rates share.
#ifndef PATRON_CLV_LIMITS_HPP_
#define PATRON_CLV_LIMITS_HPP_

#include <vector>

#include "patron/clv/fit.hpp"

namespace patron::clv {

// Names what r and alpha, of these reaches and sizes, stand for; nothing if both are inside and
// customers buy.
inline void NamePurchasingLimit(Reach r, Reach alpha, double size_of_r, double size_of_alpha,
                                std::vector<Limit> &limits) {
  if (size_of_r < kNegligible * size_of_alpha) {
    limits.push_back(Limit::kNoPurchases);
    return;
  }
  if (r == Reach::kInside && alpha == Reach::kInside) return;
  limits.push_back(r == Reach::kHigh && alpha == Reach::kHigh ? Limit::kHomogeneousPurchasing
                                                              : Limit::kNoInteriorMaximum);
}

// The same for lifetimes with s and beta, by which the death rate is Gamma distributed; `lost` is
// about the share of customers who drop out within the mean T.
inline void NameLifetimeLimit(Reach s, Reach beta, double lost, std::vector<Limit> &limits) {
  if (lost < kNegligible) {
    limits.push_back(Limit::kNoDropout);
    return;
  }
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
