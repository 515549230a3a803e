// Cost-to-serve models of the Online Retail shop. Expected numbers are those of
// online_retail/reference.json (numpy 1.24), in thousandths of a pound.
#include "patron/value/profitability.hpp"

#include <cmath>
#include <cstdint>
#include <vector>

#include "gtest/gtest.h"
#include "patron/value/concentration.hpp"
#include "patron/value/curves.hpp"
#include "support/reference_data.hpp"

namespace patron::value {
namespace {

void ExpectClose(double actual, double expected) {
  EXPECT_NEAR(actual, expected, 1e-9 * std::abs(expected));
}

class CostToServeTest : public ::testing::Test {
 protected:
  void SetUp() override {
    for (const auto &[id, totals] : testing::OnlineRetailCustomers()) {
      net_.push_back(totals.net);
      invoices_.push_back(totals.purchases);
      credit_notes_.push_back(totals.credit_notes);
      lines_.push_back(totals.lines);
    }
    if (net_.empty()) GTEST_SKIP() << "online_retail is not among the reference data";
  }

  Profitability Model(double margin_rate, double per_invoice) const {
    ProfitabilityInput input;
    input.revenue = std::span<const int64_t>(net_);
    input.margin_rate = margin_rate;
    input.drivers = {{"invoices", std::span<const int64_t>(invoices_), per_invoice},
                     {"credit notes", std::span<const int64_t>(credit_notes_), 10000},
                     {"lines", std::span<const int64_t>(lines_), 250}};
    return *MeasureProfitability(input);
  }

  std::vector<int64_t> net_, invoices_, credit_notes_, lines_;
};

TEST_F(CostToServeTest, ModelAIsReproduced) {
  const Profitability a = Model(0.25, 15000);
  EXPECT_EQ(a.profit.size(), 4372u);
  ExpectClose(a.total_profit, 1658729203.5);
  EXPECT_EQ(a.loss_customers, 191u);
  ExpectClose(a.losses, -6473112.5);

  const auto ranked = *RankedValues<double>::Make("profit", a.profit);
  const WhaleSummary whale = SummarizeWhale(ranked);
  ExpectClose(whale.peak_value, 1665202316.0);
  EXPECT_EQ(whale.peak_customers, 4181u);
  ExpectClose(whale.peak_share, 1.0039024528454321);
  EXPECT_EQ(whale.full_customers, 3657u);
  ExpectClose(TopShare(ranked, 0.1).value_share, 0.6534273258486101);
  ExpectClose(TopShare(ranked, 0.2).value_share, 0.7846146013489417);
  ExpectClose(TopShare(ranked, 0.3).value_share, 0.8623201015764838);
  ExpectClose(TopShare(ranked, 0.5).value_share, 0.9469002757869392);
  ExpectClose(TopShare(ranked, 0.8).value_share, 0.9975232635976196);
  const Concentration c = MeasureConcentration(ranked);
  ExpectClose(c.gini_biased, 0.7638683761211307);
  ExpectClose(c.gini_normalised, 0.7581260322029532);
}

TEST_F(CostToServeTest, ModelBHasARawGiniAboveOne) {
  const Profitability b = Model(0.12, 20000);
  ExpectClose(b.total_profit, 487040647.68);
  EXPECT_EQ(b.loss_customers, 1632u);
  ExpectClose(b.losses, -44017179.88);

  const auto ranked = *RankedValues<double>::Make("profit", b.profit);
  const WhaleSummary whale = SummarizeWhale(ranked);
  EXPECT_EQ(whale.peak_customers, 2740u);
  ExpectClose(whale.peak_share, 1.090376809594176);
  EXPECT_EQ(whale.full_customers, 1015u);
  ExpectClose(TopShare(ranked, 0.2).value_share, 0.9769635647179651);
  const Concentration c = MeasureConcentration(ranked);
  ExpectClose(c.gini_biased, 1.0290370075625141);
  ExpectClose(c.gini_normalised, 0.8717080469111183);
}

TEST_F(CostToServeTest, FixedCostIsSharedToTheLastBit) {
  ProfitabilityInput input;
  input.revenue = std::span<const int64_t>(net_);
  input.drivers = {{"lines", std::span<const int64_t>(lines_), 0}};
  input.fixed_cost = {.amount = 123456789.1, .key = FixedCost::Key::kDriver, .driver = 0};
  const auto result = MeasureProfitability(input);
  double sum = 0;
  for (const double cost : result->fixed_cost) sum += cost;
  EXPECT_EQ(sum, 123456789.1);
  EXPECT_EQ(result->allocated, 123456789.1);
}

}  // namespace
}  // namespace patron::value
