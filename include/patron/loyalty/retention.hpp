// Keeping and winning back: what a customer at risk is worth, and what may be spent on it.
#ifndef PATRON_LOYALTY_RETENTION_HPP_
#define PATRON_LOYALTY_RETENTION_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::loyalty {

// Why customers leave: the taxonomy of Keaveney, Customer switching behavior in service industries,
// Journal of Marketing 59(2), 1995. Shares are of 468 who switched; answers are multiple.
struct ChurnReason {
  std::string_view name;
  double share;    // Of those who switched, as published.
  bool voluntary;  // The customer's own decision.
  bool curable;    // Something that the firm can put right; a convention of ours.
};
inline constexpr std::array<ChurnReason, 8> kChurnReasons = {{
    {"core_service_failure", 0.44, true, true},
    {"service_encounter_failure", 0.34, true, true},
    {"pricing", 0.30, true, true},
    {"inconvenience", 0.21, true, true},
    {"response_to_failure", 0.17, true, true},
    {"competition", 0.10, true, false},
    {"ethics", 0.075, true, false},
    {"involuntary", 0.06, false, false},
}};

// The place of a reason, or -1.
int FindChurnReason(std::string_view name);

// What is lost in expectation if nothing is done: residual value x probability of leaving.
inline double RetentionValue(double residual_value, double p_churn) {
  return residual_value * p_churn;
}

// By how many percent the value m r / (1 + d - r) grows with one percent of r: (1 + d) / (1 + d - r).
// Errors: InvalidArgument for a retention outside [0, 1], a discount that is not finite and above -1, or
// both so that the value has no bound.
absl::StatusOr<double> RetentionElasticity(double retention, double discount);

// A second lifetime: m / (1 - r / (1 + d)) without end, or its first `periods` terms; the first margin
// comes at once, with the return. Errors: as above; InvalidArgument for a margin that is not finite.
absl::StatusOr<double> SecondLifetimeValue(double margin, double retention, double discount,
                                           int64_t periods = -1);

struct SaveOffer {
  double cap = 0;  // p_churn x save_rate x value: above this an offer costs more than it saves.
  double expected = 0;  // cap - offer.
  bool accepted = false;
};

// Errors: InvalidArgument naming what is not a probability, not finite, or negative (offer).
absl::StatusOr<SaveOffer> DecideSaveOffer(double p_churn, double value, double save_rate,
                                          double offer);

struct WinBackOptions {
  double half_life_days = 180;  // In which the probability of a return halves; infinite = never.
  // Factors of the probability by reason.
  std::array<double, kChurnReasons.size()> by_reason = {1, 1, 1, 1, 1, 1, 1, 1};
  std::array<bool, kChurnReasons.size()> curable = {true, true,  true,  true,
                                                    true, false, false, false};
};

struct WinBack {
  double p_win = 0;  // After time and reason.
  double value = 0;  // p_win x second lifetime value - offer - contact cost.
  bool curable = true;
  bool worth = false;  // Curable, and a value above zero.
};

// `reason` is a place in kChurnReasons, or -1 for unknown, which is curable and has factor 1.
// Errors: InvalidArgument naming what is out of range.
absl::StatusOr<WinBack> ValueWinBack(const WinBackOptions &options, double p_win,
                                     double days_since_loss, int reason, double second_value,
                                     double offer, double contact_cost);

namespace detail {

inline absl::Status CheckShare(std::string_view name, double value) {
  if (value >= 0 && value <= 1) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(value), "0 to 1");
}

inline absl::Status CheckNumber(std::string_view name, double value) {
  if (std::isfinite(value)) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(value), "a finite number");
}

inline absl::Status CheckCost(std::string_view name, double value) {
  if (value >= 0 && std::isfinite(value)) return absl::OkStatus();
  return InvalidOption(name, FormatNumber(value), "a finite number, 0 or more");
}

inline absl::Status CheckRetention(double retention, double discount) {
  PATRON_RETURN_IF_ERROR(CheckShare("retention", retention));
  if (!(discount > -1 && std::isfinite(discount))) {
    return InvalidOption("discount", FormatNumber(discount), "a finite number above -1");
  }
  if (retention < 1 + discount) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("retention: ", FormatNumber(retention), " at discount ", FormatNumber(discount),
                   " has a value without bound; expected retention below 1 + discount"));
}

}  // namespace detail

inline int FindChurnReason(std::string_view name) {
  for (size_t i = 0; i < kChurnReasons.size(); ++i) {
    if (kChurnReasons[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

inline absl::StatusOr<double> RetentionElasticity(double retention, double discount) {
  PATRON_RETURN_IF_ERROR(detail::CheckRetention(retention, discount));
  return (1 + discount) / (1 + discount - retention);
}

inline absl::StatusOr<double> SecondLifetimeValue(double margin, double retention, double discount,
                                                  int64_t periods) {
  PATRON_RETURN_IF_ERROR(detail::CheckNumber("margin", margin));
  if (periods == -1) {
    PATRON_RETURN_IF_ERROR(detail::CheckRetention(retention, discount));
    return margin * (1 + discount) / (1 + discount - retention);
  }
  PATRON_RETURN_IF_ERROR(detail::CheckShare("retention", retention));
  if (!(discount > -1 && std::isfinite(discount))) {
    return InvalidOption("discount", FormatNumber(discount), "a finite number above -1");
  }
  if (periods < 1 || periods > 1'000'000) {
    return InvalidOption("periods", std::to_string(periods), "1 to 1000000, or none");
  }
  double value = 0, factor = 1;
  for (int64_t t = 0; t < periods; ++t, factor *= retention / (1 + discount)) value += factor;
  return margin * value;
}

inline absl::StatusOr<SaveOffer> DecideSaveOffer(double p_churn, double value, double save_rate,
                                                 double offer) {
  PATRON_RETURN_IF_ERROR(detail::CheckShare("p_churn", p_churn));
  PATRON_RETURN_IF_ERROR(detail::CheckNumber("value", value));
  PATRON_RETURN_IF_ERROR(detail::CheckShare("save_rate", save_rate));
  PATRON_RETURN_IF_ERROR(detail::CheckCost("offer", offer));
  SaveOffer decision;
  // A customer who costs more than it brings is not held.
  decision.cap = std::max(0.0, p_churn * save_rate * value);
  decision.expected = decision.cap - offer;
  decision.accepted = offer <= decision.cap && decision.cap > 0;
  return decision;
}

inline absl::StatusOr<WinBack> ValueWinBack(const WinBackOptions &options, double p_win,
                                            double days_since_loss, int reason, double second_value,
                                            double offer, double contact_cost) {
  PATRON_RETURN_IF_ERROR(detail::CheckShare("p_win", p_win));
  PATRON_RETURN_IF_ERROR(detail::CheckCost("days_since_loss", days_since_loss));
  PATRON_RETURN_IF_ERROR(detail::CheckNumber("second_value", second_value));
  PATRON_RETURN_IF_ERROR(detail::CheckCost("offer", offer));
  PATRON_RETURN_IF_ERROR(detail::CheckCost("contact_cost", contact_cost));
  if (!(options.half_life_days > 0)) {
    return InvalidOption("half_life_days", FormatNumber(options.half_life_days), "above 0");
  }
  WinBack result;
  const auto index = static_cast<size_t>(reason);
  const double factor = reason < 0 ? 1 : options.by_reason[index];
  if (!(factor >= 0 && p_win * factor <= 1)) {
    return InvalidOption("by_reason", FormatNumber(factor),
                         "a factor of 0 or more that leaves a probability");
  }
  result.curable = reason < 0 || options.curable[index];
  result.p_win = p_win * factor * std::exp2(-days_since_loss / options.half_life_days);
  result.value = result.p_win * second_value - offer - contact_cost;
  result.worth = result.curable && result.value > 0;
  return result;
}

}  // namespace patron::loyalty

#endif  // PATRON_LOYALTY_RETENTION_HPP_
