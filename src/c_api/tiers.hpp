// What the functions of tier programmes share.
#ifndef PATRON_SRC_C_API_TIERS_HPP_
#define PATRON_SRC_C_API_TIERS_HPP_

#include <string>

#include "patron/c/tiers.h"
#include "patron/value/tier_book.hpp"
#include "patron/value/tier_policy.hpp"

struct patron_tier_policy {
  patron::value::TierPolicy policy;
};

struct patron_tier_book {
  std::string zone;
  patron::CivilDays days;
  patron::value::TierBook book;
};

namespace patron::c_api {

// Decimals of the policy's metric: 0 for purchases.
inline int MetricDecimals(const value::TierPolicy &policy) {
  return policy.metric == value::TierMetric::kSum ? policy.decimals : 0;
}

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_TIERS_HPP_
