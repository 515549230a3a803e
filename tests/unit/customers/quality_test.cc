// Scores of quality by hand.
#include "patron/customers/quality.hpp"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

namespace patron::customers {
namespace {

TEST(QualityTest, TimelinessOfBothForms) {
  EXPECT_DOUBLE_EQ(TimelinessOf(25, TimelinessForm::kBallou, 100, 1), 0.75);
  EXPECT_DOUBLE_EQ(TimelinessOf(50, TimelinessForm::kBallou, 100, 2), 0.25);
  EXPECT_DOUBLE_EQ(TimelinessOf(200, TimelinessForm::kBallou, 100, 1), 0);
  EXPECT_DOUBLE_EQ(TimelinessOf(-5, TimelinessForm::kBallou, 100, 1), 1);
  EXPECT_DOUBLE_EQ(TimelinessOf(100, TimelinessForm::kHeinrich, 100, 1), std::exp(-1.0));
}

TEST(QualityTest, WhatIsNotKnownDoesNotCount) {
  QualityParts parts;
  EXPECT_TRUE(std::isnan(OverallQuality(parts, {})));
  parts.completeness = 0.5;
  EXPECT_DOUBLE_EQ(OverallQuality(parts, {}), 0.5);
  parts.timeliness = 0.8;  // Weights 0.25 and 0.2.
  EXPECT_NEAR(OverallQuality(parts, {}), std::pow(0.5, 5.0 / 9) * std::pow(0.8, 4.0 / 9), 1e-15);
  parts.validity = 0;
  EXPECT_EQ(OverallQuality(parts, {}), 0);
  EXPECT_EQ(OverallQuality(parts, {.each = {1, 0, 0, 0, 0}}), 0.5);
}

TEST(QualityTest, CountsAddUp) {
  const FieldChecks name{.weight = 2,
                         .filled = {1, 1, 0},
                         .valid = {1, 0, 0},
                         .timeliness = {},
                         .checked = {},
                         .correct = {}};
  const FieldChecks mail{.weight = 1,
                         .filled = {1, 0, 1},
                         .valid = {1, 0, 1},
                         .timeliness = {},
                         .checked = {1, 0, 1},
                         .correct = {1, 0, 0}};
  const std::vector<uint32_t> source = {0, 1, 1}, entity = {0, 0, 0};
  const Quality found =
      MeasureQuality(std::vector<FieldChecks>{name, mail}, {.rows = 3,
                                                            .source = source,
                                                            .sources = 2,
                                                            .entity = entity,
                                                            .rules_kept = {},
                                                            .rules_applicable = {}});
  EXPECT_DOUBLE_EQ(found.base.Parts().completeness, 6.0 / 9);
  EXPECT_DOUBLE_EQ(found.base.Parts().validity, 4.0 / 6);
  EXPECT_DOUBLE_EQ(found.base.Parts().uniqueness, 1.0 / 3);
  EXPECT_DOUBLE_EQ(found.sources[1].Parts().uniqueness, 1.0 / 2);
  EXPECT_DOUBLE_EQ(found.sources[1].Parts().completeness, 3.0 / 6);
  EXPECT_DOUBLE_EQ(found.records[2].Parts().completeness, 1.0 / 3);
  EXPECT_EQ(found.fields[1].checked, 2U);
  EXPECT_NEAR(found.base.Trust({}, 1.959963984540054), 0.094531, 1e-6);  // Wilson, 1 of 2.
  EXPECT_TRUE(std::isnan(found.base.Parts().consistency));
}

}  // namespace
}  // namespace patron::customers
