// The built-in parameters: claims, definitions and conventions with their sources.
#ifndef PATRON_BASE_DEFAULTS_TABLE_HPP_
#define PATRON_BASE_DEFAULTS_TABLE_HPP_

#include <algorithm>
#include <cstdint>
#include <span>
#include <string_view>

namespace patron {

// What a built-in value rests on.
enum class Confidence : uint8_t {
  kSeedClaim,       // A claim of management literature, repeated without a study.
  kSeedDefinition,  // A definition of that literature: right by agreement.
  kFieldMeasured,   // Measured in a published study of other customers.
  kConvention,      // A habit of the field, or a choice of ours where the field has none.
};

// "seed_claim" and so on.
std::string_view ConfidenceName(Confidence confidence);

// A parameter as it is built in. Texts of the source field are cited by number of claim (N-01)
// and code of the text it is found in (001).
struct ParameterDefinition {
  std::string_view name;
  double value;
  std::string_view unit;
  double low;  // The range that other values must keep to, ends included.
  double high;
  bool whole;  // Only whole numbers make sense.
  Confidence confidence;
  std::string_view source;
};

// All of them in the order of their names.
std::span<const ParameterDefinition> BuiltInParameters();

namespace detail {

inline constexpr ParameterDefinition kParameters[] = {
    {"acquisition_cost_multiple", 5, "multiple", 1, 25, false, Confidence::kSeedClaim,
     "N-11: text 001, segment 71; its own arithmetic uses 6, the field quotes 5 to 10"},
    {"churn_service_cause_share", 0.83, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-19: text 003, line 96; a line to compare with, no more"},
    {"complaint_voice_rate", 0.04, "share", 0.01, 0.50, false, Confidence::kSeedClaim,
     "N-01: text 001, segments 72 and 77; text 003 says 0.05 to 0.30, TARP 1 in 27"},
    {"concentration_targets.1.customers", 0.04, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-18: text 003, line 75, written 4=30; the reading is ours"},
    {"concentration_targets.1.value", 0.30, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-18: text 003, line 75, written 4=30; the reading is ours"},
    {"concentration_targets.2.customers", 0.22, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-18: text 003, line 75, written 78:22"},
    {"concentration_targets.2.value", 0.78, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-18: text 003, line 75, written 78:22"},
    {"concentration_targets.3.customers", 0.20, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-18: text 003, line 75, written 80:20"},
    {"concentration_targets.3.value", 0.80, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-18: text 003, line 75, written 80:20"},
    {"good_services_per_bad", 12, "services", 0, 100, false, Confidence::kSeedClaim,
     "N-14: text 001, segment 72"},
    {"loyal_customer_repeat_equivalent", 10, "purchases", 0, 1000, false, Confidence::kSeedClaim,
     "N-12: text 001, segment 71"},
    {"loyalty_min_repeat_purchases", 3, "purchases", 0, 1000, true, Confidence::kSeedDefinition,
     "N-16: text 003, line 71; 3 repeats are 4 purchases, and 3 counts"},
    {"personal_circle_size", 250, "people", 0, 100000, false, Confidence::kSeedClaim,
     "N-17: text 003, line 125 (J. Girard); a ceiling on reach"},
    {"prospect_contact_limit", 12, "contacts", 1, 1000, true, Confidence::kSeedClaim,
     "N-15: text 003, line 45; a mean used as a limit"},
    {"prospect_contacts_mean", 12, "contacts", 0, 1000, false, Confidence::kSeedClaim,
     "N-15: text 003, line 45"},
    {"pyramid.abc.a", 0.80, "share", 0, 1, false, Confidence::kConvention,
     "ABC analysis; share of value down to the end of the class"},
    {"pyramid.abc.b", 0.95, "share", 0, 1, false, Confidence::kConvention,
     "ABC analysis; share of value down to the end of the class"},
    {"pyramid.classes.high", 0.20, "share", 0, 1, false, Confidence::kConvention,
     "three value classes of text 004, 3.2.1, which gives no shares; 20/30/50 is common practice"},
    {"pyramid.classes.low", 0.50, "share", 0, 1, false, Confidence::kConvention,
     "three value classes of text 004, 3.2.1, which gives no shares; 20/30/50 is common practice"},
    {"pyramid.classes.medium", 0.30, "share", 0, 1, false, Confidence::kConvention,
     "three value classes of text 004, 3.2.1, which gives no shares; 20/30/50 is common practice"},
    {"pyramid.curry.large", 0.04, "share", 0, 1, false, Confidence::kConvention,
     "Curry and Curry (2000), The Customer Marketing Method; share of active customers"},
    {"pyramid.curry.medium", 0.15, "share", 0, 1, false, Confidence::kConvention,
     "Curry and Curry (2000), The Customer Marketing Method; share of active customers"},
    {"pyramid.curry.small", 0.80, "share", 0, 1, false, Confidence::kConvention,
     "Curry and Curry (2000), The Customer Marketing Method; share of active customers"},
    {"pyramid.curry.top", 0.01, "share", 0, 1, false, Confidence::kConvention,
     "Curry and Curry (2000), The Customer Marketing Method; share of active customers"},
    {"pyramid.zeithaml.gold", 0.15, "share", 0, 1, false, Confidence::kConvention,
     "tiers of Zeithaml, Rust and Lemon (2001), who give no shares; this share is ours"},
    {"pyramid.zeithaml.platinum", 0.05, "share", 0, 1, false, Confidence::kConvention,
     "tiers of Zeithaml, Rust and Lemon (2001), who give no shares; this share is ours"},
    {"recovery_target_minutes", 3, "minutes", 0, 1440, false, Confidence::kSeedClaim,
     "N-21: text 001, segment 28; what the front line can set right at once"},
    {"return_rate_resolved.major", 0.54, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-05: text 001, segment 77; read as the large-loss figure of the TARP table"},
    {"return_rate_resolved.minor", 0.70, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-05: text 001, segment 77; read as the small-loss figure of the TARP table"},
    {"return_rate_resolved_fast.major", 0.82, "share", 0, 1, false, Confidence::kFieldMeasured,
     "N-06: TARP table as quoted in Fast Company, 2003; large loss"},
    {"return_rate_resolved_fast.minor", 0.95, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-06: text 001, segment 77; small loss"},
    {"return_rate_silent.major", 0.09, "share", 0, 1, false, Confidence::kFieldMeasured,
     "N-07: TARP table as quoted in Fast Company, 2003; large loss"},
    {"return_rate_silent.minor", 0.37, "share", 0, 1, false, Confidence::kFieldMeasured,
     "N-07: TARP table as quoted in Fast Company, 2003; small loss"},
    {"return_rate_unresolved.major", 0.19, "share", 0, 1, false, Confidence::kFieldMeasured,
     "N-07: TARP table as quoted in Fast Company, 2003; large loss"},
    {"return_rate_unresolved.minor", 0.46, "share", 0, 1, false, Confidence::kFieldMeasured,
     "N-07: TARP table as quoted in Fast Company, 2003; small loss"},
    {"rfm.bins", 5, "bins", 2, 100, true, Confidence::kConvention,
     "quintiles, as in Hughes (1994), Strategic Database Marketing"},
    {"rfm.weight.frequency", 1.0 / 3.0, "weight", 0, 1000000, false, Confidence::kConvention,
     "equal weights"},
    {"rfm.weight.monetary", 1.0 / 3.0, "weight", 0, 1000000, false, Confidence::kConvention,
     "equal weights"},
    {"rfm.weight.recency", 1.0 / 3.0, "weight", 0, 1000000, false, Confidence::kConvention,
     "equal weights"},
    {"satisfaction_model.telecom8.classes", 8, "classes", 1, 100, true, Confidence::kSeedDefinition,
     "N-20: text 003, lines 68 and 69"},
    {"satisfaction_model.telecom8.indicators", 40, "indicators", 1, 1000, true,
     Confidence::kSeedDefinition, "N-20: text 003, lines 68 and 69"},
    {"silent_dissatisfied_range.high", 0.95, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-01: text 003, line 95"},
    {"silent_dissatisfied_range.low", 0.70, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-01: text 003, line 95"},
    {"silent_leave_rate", 0.96, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-02: text 003, line 96"},
    {"silent_never_return_rate", 0.91, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-03: text 003, line 96; of those who leave silently"},
    {"tier.consecutive_evaluations", 2, "evaluations", 1, 1000, true, Confidence::kConvention,
     "evaluations below that before a tier is lost; ours"},
    {"tier.hysteresis", 0.8, "share of the floor", 0, 1, false, Confidence::kConvention,
     "a tier is kept above this share of its floor; ours"},
    {"unresolved_complainer_loss_rate", 0.81, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-04: text 001, segment 72; complaints left unresolved or badly handled"},
    {"wom_negative_heavy_reach", 20, "people", 0, 1000, false, Confidence::kSeedClaim,
     "N-09: text 001, segments 72 and 77; text 003, line 96"},
    {"wom_negative_heavy_share", 0.13, "share", 0, 1, false, Confidence::kSeedClaim,
     "N-09: text 001, segment 77; segment 72 and text 003 say 0.20"},
    {"wom_negative_mean", 9.5, "people", 0, 50, false, Confidence::kSeedClaim,
     "N-08: text 001, segments 72 and 77 (10; 9 to 10); text 003, line 96 (8 to 10)"},
    {"wom_positive_good_service", 5, "people", 0, 50, false, Confidence::kSeedClaim,
     "N-10: text 001, segment 71"},
    {"wom_positive_recovered", 5, "people", 0, 50, false, Confidence::kSeedClaim,
     "N-10: text 001, segment 77"},
};

static_assert(std::ranges::is_sorted(kParameters, {}, &ParameterDefinition::name));

}  // namespace detail

inline std::string_view ConfidenceName(Confidence confidence) {
  switch (confidence) {
    case Confidence::kSeedClaim: return "seed_claim";
    case Confidence::kSeedDefinition: return "seed_definition";
    case Confidence::kFieldMeasured: return "field_measured";
    case Confidence::kConvention: break;
  }
  return "convention";
}

inline std::span<const ParameterDefinition> BuiltInParameters() { return detail::kParameters; }

}  // namespace patron

#endif  // PATRON_BASE_DEFAULTS_TABLE_HPP_
