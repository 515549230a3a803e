// Concentration, shares and whale curves of real shops. Expected numbers are those of
// online_retail/reference.json and cdnow/reference.json: R 4.2.2, numpy 1.24, pandas 1.5.
#include "patron/value/concentration.hpp"

#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/value/curves.hpp"
#include "support/reference_data.hpp"
#include "support/thread_executor.hpp"

namespace patron::value {
namespace {

using testing::InvoiceTotals;

// Statistics agree to 1e-9 of their size.
void ExpectClose(double actual, double expected) {
  EXPECT_NEAR(actual, expected, 1e-9 * std::abs(expected));
}

class OnlineRetailTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto &[id, totals] : testing::OnlineRetailCustomers()) {
      net_.push_back(totals.net);
      if (totals.gross > 0) gross_.push_back(totals.gross);
    }
    if (net_.empty()) GTEST_SKIP() << "online_retail is not among the reference data";
  }

  std::vector<int64_t> gross_;  // Customers with purchases.
  std::vector<int64_t> net_;    // All customers.
};

TEST_F(OnlineRetailTest, GrossRevenueIsAsConcentratedAsPublished) {
  testing::ThreadExecutor two(2);
  const auto c = MeasureConcentration<int64_t>(gross_, {&two});
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->customers, 4338u);
  EXPECT_EQ(c->total, 8911407904);
  ExpectClose(c->gini_biased, 0.7151396179369514);
  ExpectClose(c->gini_unbiased, 0.7153045106318873);
  EXPECT_EQ(c->gini_normalised, c->gini_unbiased);
  ExpectClose(c->herfindahl, 0.004643601008373125);
  ExpectClose(c->herfindahl_normalised, 0.004414097573051099);
  ExpectClose(c->effective_number, 215.35011259512748);
}

TEST_F(OnlineRetailTest, NetRevenueHasLossesAndItsOwnGini) {
  const auto c = MeasureConcentration<int64_t>(net_);
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->customers, 4372u);
  EXPECT_EQ(c->total, 8300065814);
  EXPECT_EQ(c->loss_customers, 41u);
  EXPECT_EQ(c->customers - c->loss_customers - c->gain_customers, 14u);
  ExpectClose(c->gini_biased, 0.7092835733962031);
  ExpectClose(c->gini_unbiased, 0.7094458437172729);
  ExpectClose(c->gini_normalised, 0.707191515672821);
  EXPECT_TRUE(std::isnan(c->herfindahl));
}

TEST_F(OnlineRetailTest, TopSharesAndTheirInverse) {
  const auto gross = *RankedValues<int64_t>::Make("gross", gross_);
  const std::map<double, std::pair<uint64_t, double>> expected = {
      {0.01, {44, 0.3199885586}},  {0.05, {217, 0.5037812496}}, {0.10, {434, 0.6137506575}},
      {0.20, {868, 0.7461713719}}, {0.22, {955, 0.765424783}},  {0.50, {2169, 0.9216771413}}};
  for (const auto &[share, top] : expected) {
    EXPECT_EQ(TopShare(gross, share).customers, top.first);
    EXPECT_NEAR(TopShare(gross, share).value_share, top.second, 5.1e-11);  // Given to 10 places.
  }
  EXPECT_EQ(CustomersForShare(gross, 0.80)->customers, 1133u);
  EXPECT_EQ(CustomersForShare(gross, 0.78)->customers, 1027u);

  const auto net = *RankedValues<int64_t>::Make("net", net_);
  EXPECT_EQ(TopShare(net, 0.2).customers, 875u);
  EXPECT_NEAR(TopShare(net, 0.2).value_share, 0.7384707517, 5.1e-11);
  EXPECT_EQ(CustomersForShare(net, 0.8)->customers, 1171u);
}

TEST_F(OnlineRetailTest, LorenzCurveAtItsDeciles) {
  const std::vector<double> expected = {0.0051732275, 0.0149628197, 0.029799913,  0.0499983488,
                                        0.0783228587, 0.1170075059, 0.1722361741, 0.2540597308,
                                        0.3866588289, 1.0};
  const auto curve = LorenzCurve(*RankedValues<int64_t>::Make("gross", gross_), 10);
  ASSERT_EQ(curve.size(), 11u);
  for (size_t i = 0; i < 10; ++i) EXPECT_NEAR(curve[i + 1].value_share, expected[i], 5.1e-11);
}

TEST(CdnowTest, SpendingIsAsConcentratedAsPublished) {
  // Fields of fixed width: id, date, discs, dollars.
  std::map<int64_t, int64_t> cents;
  for (const std::string &line :
       testing::LinesAfterHeader(testing::ReferencePath("cdnow/cdnow_master.txt.gz"))) {
    std::vector<std::string> fields;
    for (const std::string &field : testing::Fields(line, ' ')) {
      if (!field.empty()) fields.push_back(field);
    }
    ASSERT_EQ(fields.size(), 4u) << line;
    cents[std::stoll(fields[0])] += std::llround(std::stod(fields[3]) * 100);
  }
  if (cents.empty()) GTEST_SKIP() << "cdnow is not among the reference data";
  std::vector<int64_t> values;
  for (const auto &[id, sum] : cents) values.push_back(sum);
  const auto c = MeasureConcentration<int64_t>(values);
  ASSERT_TRUE(c.ok());
  EXPECT_EQ(c->customers, 23570u);
  EXPECT_EQ(c->total, 250031563);
  ExpectClose(c->gini_biased, 0.634571184581596);
  ExpectClose(c->gini_unbiased, 0.6345981085573515);

  std::vector<double> dollars(values.begin(), values.end());
  for (double &v : dollars) v /= 100;
  ExpectClose(MeasureConcentration<double>(dollars)->gini_unbiased, 0.6345981085573515);
}

}  // namespace
}  // namespace patron::value
