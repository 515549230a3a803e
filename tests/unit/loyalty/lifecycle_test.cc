// The life of a customer relationship: each rule by hand, and the fold against a day by day oracle.
#include "patron/loyalty/lifecycle.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "patron/base/random.hpp"
#include "patron/loyalty/lifecycle_book.hpp"

namespace patron::loyalty {
namespace {

using Kind = LifeFactKind;
constexpr int32_t kEver = std::numeric_limits<int32_t>::max();

std::string Word(const LifeChange &change) {
  const auto name = [&](uint8_t place) {
    return change.whose ? BelongsName(static_cast<Belongs>(place))
                        : StageName(static_cast<LifeStage>(place));
  };
  return std::to_string(change.day) + " " + std::string(name(change.before)) + ">" +
         std::string(name(change.after)) + " " + std::string(CauseName(change.cause));
}

std::vector<std::string> Lives(const std::vector<LifeFact> &facts, int32_t as_of,
                               const LifeRules &rules = {}) {
  std::vector<std::string> words;
  FoldLife(rules, facts, as_of, [&](const LifeChange &change) { words.push_back(Word(change)); });
  return words;
}

using Words = std::vector<std::string>;

TEST(LifecycleTest, FromTheListToTheFirstPurchase) {
  EXPECT_EQ(
      Lives(
          {{1, Kind::kPotential}, {5, Kind::kContact}, {9, Kind::kContact}, {20, Kind::kPurchase}},
          30),
      (Words{"1 none>potential listed", "5 potential>prospect contact",
             "20 prospect>new first_purchase"}));
  EXPECT_EQ(
      Lives({{1, Kind::kContact}, {2, Kind::kLost}, {3, Kind::kContact}}, 30),
      (Words{"1 none>prospect contact", "2 prospect>lost reported", "3 lost>prospect contact"}));
}

TEST(LifecycleTest, MatureByPurchasesOrByAge) {
  EXPECT_EQ(Lives({{0, Kind::kPurchase}, {10, Kind::kPurchase}}, 20),
            (Words{"0 none>new first_purchase", "10 new>mature purchases"}));
  // On one day a second purchase adds nothing. A gap of 90 is usual: 180 days of silence are not yet
  // too many on day 90.
  EXPECT_EQ(Lives({{0, Kind::kPurchase}, {0, Kind::kPurchase}}, 89),
            (Words{"0 none>new first_purchase"}));
  EXPECT_EQ(Lives({{0, Kind::kPurchase}}, 90),
            (Words{"0 none>new first_purchase", "90 new>mature age"}));
}

TEST(LifecycleTest, SilenceIsHeldAgainstTheOwnGap) {
  // Gaps of 10, 20 and 12: the median is 12, so that more than 24 days are dormant and more than 72
  // lost.
  const std::vector<LifeFact> facts = {
      {0, Kind::kPurchase}, {10, Kind::kPurchase}, {30, Kind::kPurchase}, {42, Kind::kPurchase}};
  std::vector<LifeChange> changes;
  const auto visit = [&](const LifeChange &change) { changes.push_back(change); };
  const LifeState state = FoldLife({}, facts, 200, visit);
  ASSERT_EQ(changes.size(), 4U);
  EXPECT_EQ(Word(changes[2]), "67 mature>dormant silence");
  EXPECT_EQ(changes[2].measured, 25);
  EXPECT_EQ(changes[2].limit, 24);
  EXPECT_EQ(Word(changes[3]), "115 dormant>lost silence");
  EXPECT_EQ(changes[3].measured, 73);
  EXPECT_EQ(changes[3].limit, 72);
  EXPECT_EQ(state.stage, LifeStage::kLost);
  EXPECT_EQ(state.since, 115);
  EXPECT_EQ(state.usual_gap, 12);
  EXPECT_EQ(state.next, LifeState::kNoPurchase);
  const LifeState earlier = FoldLife({}, facts, 66, [](const LifeChange &) {});
  EXPECT_EQ(earlier.stage, LifeStage::kMature);
  EXPECT_EQ(earlier.next, 67);
  // A purchase on the very day comes first.
  std::vector<LifeFact> bought = facts;
  bought.push_back({67, Kind::kPurchase});
  EXPECT_EQ(Lives(bought, 67).size(), 2U);
}

TEST(LifecycleTest, WonBackAndMatureAgain) {
  const LifeRules rules{.default_gap = 10};
  // Dormant after more than 20 days, lost after more than 60.
  EXPECT_EQ(
      Lives({{0, Kind::kPurchase}, {61, Kind::kPurchase}, {70, Kind::kPurchase}}, 71, rules),
      (Words{"0 none>new first_purchase", "21 new>dormant silence", "61 dormant>mature return"}));
  EXPECT_EQ(Lives({{0, Kind::kPurchase}, {62, Kind::kPurchase}, {70, Kind::kPurchase}}, 71, rules),
            (Words{"0 none>new first_purchase", "21 new>dormant silence", "61 dormant>lost silence",
                   "62 lost>won_back return", "70 won_back>mature purchases"}));
}

TEST(LifecycleTest, UnlikelyOrReportedLoss) {
  EXPECT_EQ(
      Lives(
          {{0, Kind::kPurchase}, {5, Kind::kAlive, 0.2}, {6, Kind::kAlive, 0.19}, {7, Kind::kLost}},
          9),
      (Words{"0 none>new first_purchase", "6 new>lost unlikely"}));
  // Who has never bought is not lost by a model of purchases.
  EXPECT_EQ(Lives({{0, Kind::kContact}, {5, Kind::kAlive, 0.0}}, 9),
            (Words{"0 none>prospect contact"}));
}

TEST(LifecycleTest, WhoseByShareOfWallet) {
  EXPECT_EQ(Lives({{0, Kind::kWallet, 0.5},
                   {1, Kind::kWallet, 0.8},
                   {2, Kind::kWallet, 0.9},
                   {3, Kind::kWallet, 0.2},
                   {4, Kind::kWallet, 0.3}},
                  9),
            (Words{"0 undetermined>shared wallet", "1 shared>ours wallet",
                   "3 ours>competitors wallet", "4 competitors>shared wallet"}));
}

TEST(LifecycleTest, BadRulesAreNamed) {
  const auto message = [](const LifeRules &rules) {
    return std::string(CheckRules(rules).message());
  };
  EXPECT_EQ(message({}), "");
  EXPECT_EQ(message({.new_days = 0}), "new_days: 0; expected 1 to 1000000");
  EXPECT_EQ(message({.mature_purchases = 1}), "mature_purchases: 1; expected 2 to 1000000");
  EXPECT_EQ(message({.lost_gaps = 1}), "lost_gaps: 1; expected at least dormant_gaps, 2");
  EXPECT_EQ(message({.competitors_share = 0.8}),
            "competitors_share: 0.8; expected less than ours_share, 0.8");
  EXPECT_EQ(message({.alive_floor = std::nan("")}), "alive_floor: nan; expected 0 to 1");
  EXPECT_EQ(message({.lost_gaps = std::numeric_limits<double>::infinity()}), "");
}

// The same rules, read day by day from the facts so far.
class Oracle {
 public:
  explicit Oracle(const LifeRules &rules) : rules_(rules) {}

  std::string StageAfter(int32_t day, const std::vector<LifeFact> &facts) {
    for (const LifeFact &fact : facts) {
      if (fact.day == day) Take(fact);
    }
    if (days_.empty() || stage_ == "lost") return stage_;
    const int32_t silence = day - days_.back();
    if (silence > rules_.lost_gaps * Gap()) {
      stage_ = "lost";
    } else if (silence > rules_.dormant_gaps * Gap()) {
      stage_ = "dormant";
    } else if ((stage_ == "new" || stage_ == "won_back") && day - start_ >= rules_.new_days) {
      stage_ = "mature";
    }
    return stage_;
  }

 private:
  void Take(const LifeFact &fact) {
    if (fact.kind == Kind::kPotential && stage_ == "none") stage_ = "potential";
    if (fact.kind == Kind::kContact && days_.empty() && stage_ != "prospect") stage_ = "prospect";
    if (fact.kind == Kind::kLost) stage_ = "lost";
    if (fact.kind == Kind::kAlive && !days_.empty() && fact.value < rules_.alive_floor) {
      stage_ = "lost";
    }
    if (fact.kind != Kind::kPurchase || (!days_.empty() && days_.back() == fact.day)) return;
    days_.push_back(fact.day);
    ++count_;
    if (days_.size() == 1 || stage_ == "lost") {
      stage_ = days_.size() == 1 ? "new" : "won_back";
      start_ = fact.day;
      count_ = 1;
    } else if (stage_ == "dormant" || count_ >= rules_.mature_purchases) {
      stage_ = "mature";
    }
  }
  double Gap() const {
    std::vector<double> gaps;
    for (size_t i = 1; i < days_.size(); ++i) gaps.push_back(days_[i] - days_[i - 1]);
    if (gaps.size() < static_cast<size_t>(rules_.min_gaps)) return rules_.default_gap;
    std::ranges::sort(gaps);
    return (gaps[(gaps.size() - 1) / 2] + gaps[gaps.size() / 2]) / 2;
  }

  LifeRules rules_;
  std::string stage_ = "none";
  std::vector<int32_t> days_;
  int32_t start_ = 0, count_ = 0;
};

TEST(LifecycleTest, IsWhatADayByDayReadingSays) {
  for (uint32_t round = 0; round < 300; ++round) {
    const RandomStream random(97, round);
    const LifeRules rules{.new_days = static_cast<int32_t>(1 + random.Below(0, 40)),
                          .mature_purchases = static_cast<int32_t>(2 + random.Below(1, 3)),
                          .min_gaps = static_cast<int32_t>(1 + random.Below(2, 4)),
                          .default_gap = 1.0 + 20 * random.Uniform(3),
                          .dormant_gaps = 0.5 + 2 * random.Uniform(4),
                          .lost_gaps = 2.5 + 3 * random.Uniform(5)};
    std::vector<LifeFact> facts;
    for (uint32_t i = 0; i < 12; ++i) {
      const auto draw = static_cast<uint32_t>(10 + 3 * i);
      const uint64_t pick = random.Below(draw, 10);
      const Kind kind = pick < 6   ? Kind::kPurchase
                        : pick < 7 ? Kind::kContact
                        : pick < 8 ? Kind::kAlive
                        : pick < 9 ? Kind::kPotential
                                   : Kind::kLost;
      facts.push_back({static_cast<int32_t>(random.Below(draw + 1, 150)), kind,
                       kind == Kind::kAlive ? 0.5 * random.Uniform(draw + 2) : 0});
    }
    std::ranges::sort(facts, [](const LifeFact &a, const LifeFact &b) { return (a <=> b) < 0; });
    Oracle oracle(rules);
    for (int32_t day = 0; day < 220; ++day) {
      const LifeState state = FoldLife(rules, facts, day, [](const LifeChange &) {});
      ASSERT_EQ(StageName(state.stage), oracle.StageAfter(day, facts)) << round << " " << day;
    }
  }
}

TEST(LifecycleBookTest, OrderPiecesAndRepetitionDoNotMatter) {
  const RandomStream random(5, 1);
  const size_t n = 400;
  std::vector<int64_t> ids;
  std::vector<int32_t> days;
  std::vector<Kind> kinds;
  std::vector<double> values;
  for (size_t i = 0; i < n; ++i) {
    const auto draw = static_cast<uint32_t>(4 * i);
    ids.push_back(static_cast<int64_t>(random.Below(draw, 30)));
    days.push_back(static_cast<int32_t>(random.Below(draw + 1, 500)));
    kinds.push_back(static_cast<Kind>(random.Below(draw + 2, kLifeFactKinds)));
    values.push_back(random.Uniform(draw + 3));
  }
  auto whole = LifecycleBook::Make({});
  ASSERT_TRUE(whole.ok());
  ASSERT_TRUE(whole->Append({std::span<const int64_t>(ids), days, kinds, values}).ok());
  auto pieces = LifecycleBook::Make({});
  ASSERT_TRUE(pieces.ok());
  for (int round = 0; round < 2; ++round) {
    for (size_t end = n; end > 0; end -= 40) {
      const size_t from = end - 40;
      ASSERT_TRUE(
          pieces
              ->Append({std::span<const int64_t>(ids).subspan(from, 40),
                        std::span(days).subspan(from, 40), std::span(kinds).subspan(from, 40),
                        std::span(values).subspan(from, 40)})
              .ok());
    }
  }
  EXPECT_EQ(pieces->size(), whole->size());
  for (const int32_t as_of : {0, 120, 499, 900}) {
    const LifeStates a = whole->States(as_of), b = pieces->States(as_of);
    ASSERT_EQ(a.customer.size(), b.customer.size());
    for (size_t i = 0; i < a.customer.size(); ++i) {
      EXPECT_EQ(whole->customers().integer(a.customer[i]),
                pieces->customers().integer(b.customer[i]));
      EXPECT_EQ(a.state[i].stage, b.state[i].stage);
      EXPECT_EQ(a.state[i].whose, b.state[i].whose);
      EXPECT_EQ(a.state[i].next, b.state[i].next);
    }
    const LifeChanges c = whole->Changes(100, as_of), d = pieces->Changes(100, as_of);
    ASSERT_EQ(c.change.size(), d.change.size());
    for (size_t i = 0; i < c.change.size(); ++i) {
      EXPECT_EQ(Word(c.change[i]), Word(d.change[i]));
      EXPECT_GE(c.change[i].day, 100);
    }
  }
}

TEST(LifecycleBookTest, BadFactsAreNamedAndNotTaken) {
  auto book = LifecycleBook::Make({});
  ASSERT_TRUE(book.ok());
  const std::vector<int64_t> ids = {1, 2};
  const std::vector<int32_t> days = {0, 0}, far = {0, kEver};
  const std::vector<Kind> kinds = {Kind::kPurchase, Kind::kWallet};
  const std::vector<double> values = {0, 1.5}, fine = {std::nan(""), 0.5};
  const std::span<const int64_t> customers(ids);
  EXPECT_EQ(book->Append({customers, days, kinds, values}).message(),
            "value: row 1 is 1.5; expected 0 to 1");
  EXPECT_EQ(book->Append({customers, far, kinds, fine}).message(),
            "day: row 1 is 2147483647; expected a day that can be counted with");
  EXPECT_EQ(book->Append({customers.first(1), days, kinds, fine}).message(),
            "facts: columns differ in length");
  EXPECT_EQ(book->size(), 0U);
  ASSERT_TRUE(book->Append({customers, days, kinds, fine}).ok());
  const std::vector<std::string_view> names = {"a", "b"};
  EXPECT_EQ(book->Append({std::span(names), days, kinds, fine}).message(),
            "customer: text; expected integers as before");
  EXPECT_EQ(book->size(), 2U);
  EXPECT_FALSE(LifecycleBook::Make({.new_days = -1}).ok());
}

}  // namespace
}  // namespace patron::loyalty
