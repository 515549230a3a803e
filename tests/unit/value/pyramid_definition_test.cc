#include "patron/value/pyramid_definition.hpp"

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "gtest/gtest.h"

namespace patron::value {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::string Problem(PyramidMethod method, std::vector<PyramidTier> tiers) {
  PyramidDefinition definition;
  definition.method = method;
  definition.tiers = std::move(tiers);
  return std::string(CheckPyramid(definition).message());
}

TEST(PyramidDefinitionTest, CurryEndsAtOneFiveTwentyAndAHundredPerCent) {
  const auto curry = MakePyramidPreset(PyramidPreset::kCurry);
  ASSERT_TRUE(curry.ok());
  EXPECT_EQ(curry->method, PyramidMethod::kCustomerShare);
  EXPECT_EQ(curry->tiers, (std::vector<PyramidTier>{
                              {"top", 0.01}, {"large", 0.05}, {"medium", 0.2}, {"small", 1}}));
  EXPECT_EQ(curry->loss_tier, "");
}

TEST(PyramidDefinitionTest, ZeithamlKeepsLossesInLead) {
  const auto zeithaml = MakePyramidPreset(PyramidPreset::kZeithaml);
  ASSERT_TRUE(zeithaml.ok());
  EXPECT_EQ(zeithaml->tiers,
            (std::vector<PyramidTier>{{"platinum", 0.05}, {"gold", 0.2}, {"iron", 1}}));
  EXPECT_EQ(zeithaml->loss_tier, "lead");
}

TEST(PyramidDefinitionTest, AbcAndThreeClassesEndWhereTheySay) {
  EXPECT_EQ(MakePyramidPreset(PyramidPreset::kAbc)->tiers,
            (std::vector<PyramidTier>{{"A", 0.8}, {"B", 0.95}, {"C", 1}}));
  EXPECT_EQ(MakePyramidPreset(PyramidPreset::kAbc)->method, PyramidMethod::kValueShare);
  EXPECT_EQ(MakePyramidPreset(PyramidPreset::kThreeClass)->tiers,
            (std::vector<PyramidTier>{{"high", 0.2}, {"medium", 0.5}, {"low", 1}}));
}

TEST(PyramidDefinitionTest, PresetsReadTheDefaultsOfTheHost) {
  Defaults defaults;
  ASSERT_TRUE(defaults.Set("pyramid.abc.a", 0.7).ok());
  EXPECT_EQ(MakePyramidPreset(PyramidPreset::kAbc, defaults)->tiers[0].cut, 0.7);
  ASSERT_TRUE(defaults.Set("pyramid.curry.top", 0.02).ok());
  EXPECT_EQ(std::string(MakePyramidPreset(PyramidPreset::kCurry, defaults).status().message()),
            "tiers: the sizes add up to 1.01; expected 1");
  ASSERT_TRUE(defaults.Set("pyramid.abc.b", 0.5).ok());
  EXPECT_EQ(std::string(MakePyramidPreset(PyramidPreset::kAbc, defaults).status().message()),
            "tiers: tier 2 ('B') ends at 0.5; expected a share above 0.7, the cut of 'A'");
}

TEST(PyramidDefinitionTest, SizesAddUpWithoutTheNoiseOfBinaryFractions) {
  const std::vector<PyramidTier> sizes = {{"a", 0.1}, {"b", 0.2}, {"c", 0.7}};
  const auto tiers = TiersOfSizes(sizes);
  ASSERT_TRUE(tiers.ok());
  EXPECT_EQ((*tiers)[1].cut, 0.3);  // 0.1 + 0.2 is not, in doubles.
  EXPECT_EQ((*tiers)[2].cut, 1.0);
  EXPECT_EQ(
      std::string(TiersOfSizes(std::vector<PyramidTier>{{"a", 0.5}, {"b", 0}}).status().message()),
      "tiers: tier 2 ('b') has size 0; expected a share above 0");
  EXPECT_FALSE(TiersOfSizes({}).ok());
}

TEST(PyramidDefinitionTest, SharesMustGrowWithinZeroAndOneAndEndAtOne) {
  constexpr auto kShare = PyramidMethod::kCustomerShare;
  EXPECT_EQ(Problem(kShare, {{"a", 0.5}, {"b", 1}}), "");
  EXPECT_EQ(Problem(kShare, {{"a", 0}, {"b", 1}}),
            "tiers: tier 1 ('a') ends at 0; expected a share above 0 and up to 1");
  EXPECT_EQ(Problem(kShare, {{"a", 1.5}}),
            "tiers: tier 1 ('a') ends at 1.5; expected a share above 0 and up to 1");
  EXPECT_EQ(Problem(kShare, {{"a", std::nan("")}}),
            "tiers: tier 1 ('a') ends at nan; expected a share above 0 and up to 1");
  EXPECT_EQ(Problem(kShare, {{"a", 0.5}, {"b", 0.5}, {"c", 1}}),
            "tiers: tier 2 ('b') ends at 0.5; expected a share above 0.5, the cut of 'a'");
  EXPECT_EQ(Problem(PyramidMethod::kValueShare, {{"a", 0.5}, {"b", 0.9}}),
            "tiers: tier 2 ('b') ends at 0.9; expected 1 for the last tier");
}

TEST(PyramidDefinitionTest, FloorsMustFall) {
  constexpr auto kFloor = PyramidMethod::kValueFloor;
  EXPECT_EQ(Problem(kFloor, {{"gold", 5000}, {"silver", 1500}, {"rest", -kInfinity}}), "");
  EXPECT_EQ(Problem(kFloor, {{"gold", 5000}, {"silver", 5000}}),
            "tiers: tier 2 ('silver') has floor 5000; expected one below 5000, the cut of 'gold'");
  EXPECT_EQ(Problem(kFloor, {{"gold", -kInfinity}, {"silver", 5000}}),
            "tiers: tier 1 ('gold') has floor -inf; expected a finite number");
  EXPECT_EQ(Problem(kFloor, {{"gold", kInfinity}}),
            "tiers: tier 1 ('gold') has floor inf; expected a finite number");
}

TEST(PyramidDefinitionTest, TiersNeedNamesOfTheirOwn) {
  constexpr auto kShare = PyramidMethod::kCustomerShare;
  EXPECT_EQ(Problem(kShare, {}), "tiers: 0 tiers; expected 1 to 200");
  EXPECT_EQ(Problem(kShare, {{"", 1}}), "tiers: tier 1 ('') has no name");
  EXPECT_EQ(Problem(kShare, {{"a", 0.5}, {"a", 1}}),
            "tiers: tier 2 ('a') has the name of another tier");
  PyramidDefinition definition;
  definition.tiers = {{"a", 1}};
  definition.loss_tier = "a";
  EXPECT_EQ(std::string(CheckPyramid(definition).message()),
            "tiers: tier 2 ('a') has the name of another tier");
  definition.loss_tier = "";
  definition.status_tiers[1] = "inactive";
  EXPECT_FALSE(CheckPyramid(definition).ok());
}

TEST(PyramidDefinitionTest, TooManyTiersAreRefused) {
  std::vector<PyramidTier> tiers;
  for (int i = 1; i <= 201; ++i) tiers.push_back({std::to_string(i), i / 201.0});
  EXPECT_EQ(Problem(PyramidMethod::kCustomerShare, tiers), "tiers: 201 tiers; expected 1 to 200");
}

}  // namespace
}  // namespace patron::value
