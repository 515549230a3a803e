// Rhythms of the Online Retail shop. Expected numbers are those of online_retail/reference.json.
#include <cstdint>
#include <string>
#include <vector>

#include "gtest/gtest.h"
#include "patron/loyalty/signal_book.hpp"
#include "support/reference_data.hpp"

namespace patron::loyalty {
namespace {

int32_t Day(const std::string &text) {
  return static_cast<int32_t>(DayOfDate(std::stoi(text.substr(0, 4)), std::stoi(text.substr(5, 2)),
                                        std::stoi(text.substr(8, 2))));
}

class OnlineRetailSignalsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::vector<int64_t> customers, times, amounts;
    for (const std::string &line :
         testing::LinesAfterHeader(testing::ReferencePath("online_retail/invoices.csv.gz"))) {
      const std::vector<std::string> fields = testing::Fields(line, ',');
      if (fields.back() == "1" || std::stoll(fields[5]) <= 0) continue;
      customers.push_back(std::stoll(fields[0]));
      times.push_back(Day(fields[2]) * kMicrosPerDay);
      amounts.push_back(std::stoll(fields[5]));
    }
    if (customers.empty()) GTEST_SKIP() << "online_retail is not among the reference data";
    ASSERT_TRUE(book_.Append(std::span<const int64_t>(customers), times, amounts).ok());
  }

  size_t Flagged(const SignalOptions &options, Signal signal) const {
    const auto warnings = book_.Warn(options, Day("2011-12-10"));
    EXPECT_TRUE(warnings.ok());
    size_t count = 0;
    for (const SignalEvidence &e : warnings->evidence) count += e.signal == signal ? 1 : 0;
    return count;
  }

  SignalBook book_;
};

TEST_F(OnlineRetailSignalsTest, OwnRhythm) {
  SignalOptions options;
  EXPECT_EQ(Flagged(options, Signal::kOwnQuantile), 153u);
  EXPECT_EQ(Flagged(options, Signal::kOwnMean), 115u);
  options.quantile = 1;
  EXPECT_EQ(Flagged(options, Signal::kOwnQuantile), 133u);
  size_t with_rhythm = 0;
  const auto warnings = book_.Warn(options, Day("2011-12-10"));
  for (const Warning &w : warnings->warnings) with_rhythm += w.purchase_days >= 4 ? 1 : 0;
  EXPECT_EQ(with_rhythm, 1415u);
  EXPECT_EQ(warnings->warnings.size(), 4338u);
}

TEST_F(OnlineRetailSignalsTest, TheFlatRule) {
  SignalOptions options;
  options.min_gaps = 10000;  // Nobody has a rhythm of its own.
  EXPECT_EQ(Flagged(options, Signal::kPopulation), 1290u);
  EXPECT_EQ(book_.Warn(options, Day("2011-12-10"))->population_bound, 110);
}

TEST_F(OnlineRetailSignalsTest, EvidenceOfOneCustomer) {
  SignalOptions options;
  options.weights[static_cast<size_t>(Signal::kBasket)] = 0;
  options.weights[static_cast<size_t>(Signal::kVisits)] = 0;
  std::vector<SignalEvidence> evidence;
  // Gaps of 12347: 50, 71, 63, 54, 90, 37. Their quantile is 80.5: the day after it is too late.
  const uint32_t code = book_.customers().Find(int64_t{12347});
  const auto on_time = book_.WarnOne(options, code, Day("2011-12-07") + 80, {}, evidence);
  EXPECT_EQ(on_time->signals, 0u);
  const auto late = book_.WarnOne(options, code, Day("2011-12-07") + 81, {}, evidence);
  EXPECT_EQ(late->signals, 1u);
  ASSERT_EQ(evidence.size(), 1u);
  EXPECT_EQ(evidence[0].value, 81);
  EXPECT_EQ(evidence[0].threshold, 80.5);
  EXPECT_DOUBLE_EQ(late->rhythm, 81 / 80.5);
}

}  // namespace
}  // namespace patron::loyalty
