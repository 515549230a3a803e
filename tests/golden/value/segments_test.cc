// Segments against published runs: customers, orders and revenue of reference.json.
#include "patron/value/segmentation.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <tuple>

#include "gtest/gtest.h"

#include "golden/value/rfm_tables.hpp"
#include "patron/value/rfm_scores.hpp"

namespace patron::value {
namespace {

using rfm_tables::CustomerTable;

// Customers, orders, revenue in units of 10^-4. Segments that are not named are empty.
using Expected = std::map<std::string, std::tuple<int64_t, int64_t, int64_t>>;

// Scores `table` as R rfm 0.3.0 does, assigns `preset` and compares every segment.
void ExpectSegments(const CustomerTable &table, SegmentPreset preset, const Expected &expected) {
  RfmScoreOptions options;
  options.method = ScoreMethod::kRpkg;
  options.monetary.unit = 10000;
  const auto scores =
      ScoreRfm(std::span<const int32_t>(table.recency), std::span<const int64_t>(table.orders),
               std::span<const int64_t>(table.revenue), options);
  ASSERT_TRUE(scores.ok()) << scores.status();
  const auto rules = PresetSegmentRules(preset);
  ASSERT_TRUE(rules.ok()) << rules.status();
  const auto compiled = SegmentTable::Compile(*rules);
  ASSERT_TRUE(compiled.ok()) << compiled.status();
  const auto found =
      AssignSegments<int64_t>(*compiled, scores->recency.scores, scores->frequency.scores,
                              scores->monetary.scores, table.orders, table.revenue);
  ASSERT_TRUE(found.ok()) << found.status();
  for (size_t s = 0; s < found->names.size(); ++s) {
    const auto &total = found->totals[s];
    const auto known = expected.find(found->names[s]);
    const auto [customers, orders, revenue] =
        known == expected.end() ? Expected::mapped_type{} : known->second;
    EXPECT_EQ(total.customers, customers) << found->names[s];
    EXPECT_EQ(total.orders, orders) << found->names[s];
    EXPECT_EQ(total.revenue, revenue) << found->names[s];
  }
  for (const auto &[name, total] : expected) {
    EXPECT_NE(std::ranges::find(found->names, name), found->names.end()) << name;
  }
}

#define LOAD_OR_SKIP(table, loader)     \
  const CustomerTable table = loader(); \
  if (table.ids.empty()) GTEST_SKIP() << "no reference data in " << rfm_tables::DataFolder()

TEST(OnlineRetailSegmentsTest, TableA) {
  LOAD_OR_SKIP(table, rfm_tables::OnlineRetail);
  ExpectSegments(table, SegmentPreset::kTableA,
                 {{"About To Sleep", {631, 701, 1991943310}},
                  {"At Risk", {63, 393, 1891526110}},
                  {"Can't Lose Them", {81, 339, 2963456400}},
                  {"Champions", {324, 6204, 38307945300}},
                  {"Lost", {772, 954, 3355764800}},
                  {"Loyal Customers", {687, 1737, 5350751610}},
                  {"Need Attention", {32, 135, 223185400}},
                  {"New Customers", {356, 504, 3038993300}},
                  {"Others", {14, 47, 212255500}},
                  {"Potential Loyalist", {1280, 7408, 30630426210}},
                  {"Promising", {98, 110, 1147831100}}});
}

TEST(OnlineRetailSegmentsTest, TableB) {
  LOAD_OR_SKIP(table, rfm_tables::OnlineRetail);
  ExpectSegments(table, SegmentPreset::kTableB,
                 {{"About To Sleep", {281, 308, 631528310}},
                  {"At Risk", {263, 736, 3529353210}},
                  {"Champions", {910, 10471, 56874638600}},
                  {"Lost", {564, 590, 1253919900}},
                  {"Loyal Customers", {903, 4156, 16498742020}},
                  {"Need Attention", {173, 371, 926468000}},
                  {"Others", {312, 488, 5937119400}},
                  {"Potential Loyalist", {932, 1412, 3462309600}}});
}

TEST(SampleOrdersSegmentsTest, TableA) {
  LOAD_OR_SKIP(table, rfm_tables::SampleOrders);
  ExpectSegments(table, SegmentPreset::kTableA,
                 {{"About To Sleep", {102, 283, 234490000}},
                  {"At Risk", {28, 216, 222270000}},
                  {"Can't Lose Them", {47, 274, 324460000}},
                  {"Champions", {35, 316, 316460000}},
                  {"Lost", {148, 393, 353240000}},
                  {"Loyal Customers", {170, 799, 765620000}},
                  {"Need Attention", {10, 57, 45620000}},
                  {"New Customers", {104, 329, 288370000}},
                  {"Potential Loyalist", {342, 2211, 2048560000}},
                  {"Promising", {9, 28, 42490000}}});
}

TEST(SampleOrdersSegmentsTest, TableB) {
  LOAD_OR_SKIP(table, rfm_tables::SampleOrders);
  ExpectSegments(table, SegmentPreset::kTableB,
                 {{"About To Sleep", {50, 127, 109140000}},
                  {"At Risk", {86, 438, 441780000}},
                  {"Champions", {158, 1234, 1201780000}},
                  {"Lost", {111, 244, 209550000}},
                  {"Loyal Customers", {278, 1708, 1667120000}},
                  {"Need Attention", {35, 144, 132870000}},
                  {"Others", {48, 210, 220610000}},
                  {"Potential Loyalist", {229, 801, 658730000}}});
}

TEST(SampleCustomersSegmentsTest, TableA) {
  LOAD_OR_SKIP(table, rfm_tables::SampleCustomers);
  ExpectSegments(table, SegmentPreset::kTableA,
                 {{"About To Sleep", {4095, 26306, 22924560000}},
                  {"At Risk", {2081, 27880, 27996400000}},
                  {"Can't Lose Them", {1471, 16342, 18134440000}},
                  {"Champions", {1571, 23602, 23850160000}},
                  {"Lost", {5535, 37658, 34491070000}},
                  {"Loyal Customers", {6965, 64247, 62119400000}},
                  {"Need Attention", {679, 7501, 6265940000}},
                  {"New Customers", {4475, 32398, 29742610000}},
                  {"Others", {68, 790, 423160000}},
                  {"Potential Loyalist", {12762, 154358, 146543240000}},
                  {"Promising", {297, 2141, 2883020000}}});
}

TEST(SampleCustomersSegmentsTest, TableB) {
  LOAD_OR_SKIP(table, rfm_tables::SampleCustomers);
  ExpectSegments(table, SegmentPreset::kTableB,
                 {{"About To Sleep", {2171, 13615, 11865370000}},
                  {"At Risk", {4660, 47582, 46660410000}},
                  {"Champions", {6477, 86809, 86445250000}},
                  {"Lost", {3502, 20236, 18011680000}},
                  {"Loyal Customers", {10181, 121256, 116757830000}},
                  {"Need Attention", {1706, 14854, 13803970000}},
                  {"Others", {1755, 16088, 16332660000}},
                  {"Potential Loyalist", {9547, 72783, 65496830000}}});
}

TEST(CdnowSegmentsTest, TableA) {
  LOAD_OR_SKIP(table, rfm_tables::Cdnow);
  ExpectSegments(table, SegmentPreset::kTableA,
                 {{"About To Sleep", {6672, 6681, 1592238600}},
                  {"At Risk", {11, 60, 34743900}},
                  {"Can't Lose Them", {184, 425, 292058400}},
                  {"Champions", {2350, 26607, 10875544900}},
                  {"Lost", {4308, 4373, 1314164700}},
                  {"Loyal Customers", {489, 1045, 268817600}},
                  {"Need Attention", {106, 226, 48296600}},
                  {"New Customers", {15, 30, 2123400}},
                  {"Others", {51, 51, 106879200}},
                  {"Potential Loyalist", {8433, 29210, 9863653900}},
                  {"Promising", {951, 951, 604635100}}});
}

}  // namespace
}  // namespace patron::value
