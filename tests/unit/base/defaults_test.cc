#include "patron/base/defaults.hpp"

#include <limits>
#include <map>
#include <string>

#include "gtest/gtest.h"

namespace patron {
namespace {

// The claims of the specification (N-01 to N-21) and the conventions, written down once more.
TEST(DefaultsTest, BuiltInNumbersAreThoseOfTheirSources) {
  const std::map<std::string, double> expected = {
      {"acquisition_cost_multiple", 5},
      {"churn_service_cause_share", 0.83},
      {"complaint_voice_rate", 0.04},
      {"concentration_targets.1.customers", 0.04},
      {"concentration_targets.1.value", 0.30},
      {"concentration_targets.2.customers", 0.22},
      {"concentration_targets.2.value", 0.78},
      {"concentration_targets.3.customers", 0.20},
      {"concentration_targets.3.value", 0.80},
      {"good_services_per_bad", 12},
      {"loyal_customer_repeat_equivalent", 10},
      {"loyalty_min_repeat_purchases", 3},
      {"personal_circle_size", 250},
      {"prospect_contact_limit", 12},
      {"prospect_contacts_mean", 12},
      {"pyramid.abc.a", 0.80},
      {"pyramid.abc.b", 0.95},
      {"pyramid.classes.high", 0.20},
      {"pyramid.classes.low", 0.50},
      {"pyramid.classes.medium", 0.30},
      {"pyramid.curry.large", 0.04},
      {"pyramid.curry.medium", 0.15},
      {"pyramid.curry.small", 0.80},
      {"pyramid.curry.top", 0.01},
      {"pyramid.zeithaml.gold", 0.15},
      {"pyramid.zeithaml.platinum", 0.05},
      {"recovery_target_minutes", 3},
      {"return_rate_resolved.major", 0.54},
      {"return_rate_resolved.minor", 0.70},
      {"return_rate_resolved_fast.major", 0.82},
      {"return_rate_resolved_fast.minor", 0.95},
      {"return_rate_silent.major", 0.09},
      {"return_rate_silent.minor", 0.37},
      {"return_rate_unresolved.major", 0.19},
      {"return_rate_unresolved.minor", 0.46},
      {"rfm.bins", 5},
      {"rfm.weight.frequency", 1.0 / 3},
      {"rfm.weight.monetary", 1.0 / 3},
      {"rfm.weight.recency", 1.0 / 3},
      {"satisfaction_model.telecom8.classes", 8},
      {"satisfaction_model.telecom8.indicators", 40},
      {"silent_dissatisfied_range.high", 0.95},
      {"silent_dissatisfied_range.low", 0.70},
      {"silent_leave_rate", 0.96},
      {"silent_never_return_rate", 0.91},
      {"tier.consecutive_evaluations", 2},
      {"tier.hysteresis", 0.8},
      {"unresolved_complainer_loss_rate", 0.81},
      {"wom_negative_heavy_reach", 20},
      {"wom_negative_heavy_share", 0.13},
      {"wom_negative_mean", 9.5},
      {"wom_positive_good_service", 5},
      {"wom_positive_recovered", 5},
  };
  std::map<std::string, double> actual;
  for (const Parameter &parameter : Defaults().List()) {
    actual.emplace(parameter.definition.name, parameter.value);
  }
  EXPECT_EQ(actual, expected);
}

TEST(DefaultsTest, EveryParameterHasUnitRangeAndSource) {
  for (const Parameter &parameter : Defaults().List()) {
    const ParameterDefinition &definition = parameter.definition;
    SCOPED_TRACE(std::string(definition.name));
    EXPECT_FALSE(definition.unit.empty());
    EXPECT_FALSE(definition.source.empty());
    EXPECT_LE(definition.low, definition.value);
    EXPECT_GE(definition.high, definition.value);
    EXPECT_FALSE(ConfidenceName(definition.confidence).empty());
    EXPECT_TRUE(Defaults().Set(definition.name, definition.value).ok());
  }
}

TEST(DefaultsTest, WhatIsSetIsGotAndCanBeReset) {
  Defaults defaults;
  ASSERT_TRUE(defaults.Set("complaint_voice_rate", 0.1).ok());
  EXPECT_EQ(*defaults.Get("complaint_voice_rate"), 0.1);
  EXPECT_EQ(*defaults.Get("rfm.bins"), 5);
  EXPECT_EQ(defaults.Find("complaint_voice_rate")->definition.value, 0.04);
  EXPECT_FALSE(defaults == Defaults());
  ASSERT_TRUE(defaults.Reset("complaint_voice_rate").ok());
  EXPECT_EQ(*defaults.Get("complaint_voice_rate"), 0.04);
  EXPECT_TRUE(defaults == Defaults());
}

TEST(DefaultsTest, CopiesAreIndependent) {
  Defaults ours;
  ASSERT_TRUE(ours.Set("rfm.bins", 7).ok());
  Defaults theirs = ours;
  ASSERT_TRUE(theirs.Set("rfm.bins", 9).ok());
  EXPECT_EQ(*ours.Get("rfm.bins"), 7);
}

TEST(DefaultsTest, ValuesOutOfRangeAreRefusedAndChangeNothing) {
  Defaults defaults;
  EXPECT_EQ(std::string(defaults.Set("complaint_voice_rate", 0.6).message()),
            "complaint_voice_rate: 0.6; expected 0.01 to 0.5");
  EXPECT_EQ(std::string(defaults.Set("rfm.bins", 4.5).message()),
            "rfm.bins: 4.5; expected a whole number from 2 to 100");
  EXPECT_EQ(defaults.Set("rfm.bins", std::numeric_limits<double>::quiet_NaN()).code(),
            absl::StatusCode::kInvalidArgument);
  EXPECT_TRUE(defaults == Defaults());
}

TEST(DefaultsTest, UnknownNamesAreAnsweredWithTheNearestKnownOne) {
  Defaults defaults;
  EXPECT_EQ(std::string(defaults.Get("complain_voice_rate").status().message()),
            "default 'complain_voice_rate' does not exist; the nearest is 'complaint_voice_rate'");
  EXPECT_EQ(defaults.Set("Pyramid.curry.top", 0.02).code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(defaults.Reset("").code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(defaults.Get(std::string(1 << 20, 'x')).status().code(), absl::StatusCode::kNotFound);
}

TEST(DefaultsTest, ConfidenceHasTheNamesOfTheSpecification) {
  EXPECT_EQ(ConfidenceName(Confidence::kSeedClaim), "seed_claim");
  EXPECT_EQ(ConfidenceName(Confidence::kSeedDefinition), "seed_definition");
  EXPECT_EQ(ConfidenceName(Confidence::kFieldMeasured), "field_measured");
  EXPECT_EQ(ConfidenceName(Confidence::kConvention), "convention");
}

TEST(DefaultsTest, RetentionValueMultipleIsDerived) {
  Defaults defaults;
  EXPECT_EQ(*RetentionValueMultiple(defaults), 50);
  ASSERT_TRUE(defaults.Set("acquisition_cost_multiple", 6).ok());
  EXPECT_EQ(*RetentionValueMultiple(defaults), 60);  // As the source text reckons.
}

}  // namespace
}  // namespace patron
