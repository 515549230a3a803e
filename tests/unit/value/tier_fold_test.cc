// The fold of tiers against a plain computation of each day, and in pieces against all at once.
#include "patron/value/tier_fold.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <vector>

#include "gtest/gtest.h"
#include "patron/value/tier_book.hpp"

namespace patron::value {
namespace {

struct Fact {
  int64_t customer;
  int32_t day;
  int64_t amount;
  int64_t id;
  int64_t reverses;  // 0 = none.
};

struct Case {
  TierPolicy policy;
  std::vector<Fact> facts;
  int32_t until;
};

Case MakeCase(uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](int n) { return static_cast<int>(random() % static_cast<uint32_t>(n)); };
  Case made;
  TierPolicy &p = made.policy;
  p.decimals = 0;
  p.levels = {{"a", 0, {}}, {"b", 50, {}}, {"c", 120, {}}, {"d", 300, {}}};
  p.window = static_cast<TierWindow>(below(5));
  p.length = p.window == TierWindow::kTrailingDays ? 10 + below(90) : 1 + below(4);
  p.window_period = below(2) == 0 ? Period::kQuarter : Period::kMonth;
  p.calendar = static_cast<TierCalendar>(below(4));
  p.calendar_period = below(2) == 0 ? Period::kMonth : Period::kWeek;
  p.every_days = 5 + below(30);
  if (p.calendar == TierCalendar::kDays) p.days = {15, 40, 41, 90, 200, 333};
  if (below(2) == 0) p.begin = below(100);
  p.promotion = below(2) == 0 ? TierPromotion::kAtEvaluation : TierPromotion::kAtPurchase;
  p.demotion = static_cast<TierDemotion>(below(3));
  p.margin = std::array{1.0, .8, .5}[static_cast<size_t>(below(3))];
  p.grace = 1 + below(3);
  p.stay_days = below(2) * 40;
  made.until = 200 + below(900);
  int64_t id = 1;
  for (int64_t customer = 0; customer < 6; ++customer) {
    int32_t day = below(120);
    const int count = 1 + below(25);
    for (int i = 0; i < count; ++i) {
      day += below(40);
      made.facts.push_back({customer, day, below(120), id++, 0});
      if (below(5) == 0 && made.facts.back().amount > 0) {
        const Fact &bought = made.facts.back();
        const bool linked = below(2) == 0;
        made.facts.push_back({customer, day + below(60),
                              -1 - below(static_cast<int>(bought.amount)), id,
                              linked ? bought.id : 0});
        ++id;
      }
    }
  }
  return made;
}

absl::Status AppendTo(TierBook &book, const std::vector<Fact> &facts) {
  std::vector<int64_t> customer, time, amount, id, reverses;
  std::vector<uint8_t> valid;
  for (const Fact &f : facts) {
    customer.push_back(f.customer);
    time.push_back(f.day * kMicrosPerDay + 17);
    amount.push_back(f.amount);
    id.push_back(f.id);
    reverses.push_back(f.reverses);
    valid.push_back(f.reverses != 0);
  }
  return book.Append({.customer = std::span<const int64_t>(customer),
                      .time = time,
                      .amount = amount,
                      .transaction = std::span<const int64_t>(id),
                      .reverses = std::span<const int64_t>(reverses),
                      .reverses_valid = valid});
}

struct Move {
  int64_t customer;
  int32_t day;
  int from, to;
  int64_t metric;
  friend bool operator==(const Move &, const Move &) = default;
};

// Each day of each customer, with the metric summed anew from all facts.
std::vector<Move> Plain(const Case &c) {
  std::vector<Move> moves;
  const TierPolicy &p = c.policy;
  for (int64_t customer = 0; customer < 6; ++customer) {
    int32_t anchor = c.until;
    for (const Fact &f : c.facts) {
      if (f.customer == customer) anchor = std::min(anchor, f.day);
    }
    const auto metric = [&](int32_t end) {
      const int32_t start = TierWindowStart(p, end, anchor);
      int64_t sum = 0;
      for (const Fact &f : c.facts) {
        if (f.customer != customer || f.day >= end) continue;
        int32_t counts = f.day;
        for (const Fact &g : c.facts) {
          if (f.reverses != 0 && g.id == f.reverses) counts = g.day;
        }
        if (counts >= start) sum += f.amount;
      }
      return sum;
    };
    const auto is_evaluation = [&](int32_t day) {
      if (p.begin != kNoDay && day < p.begin) return false;
      switch (p.calendar) {
        case TierCalendar::kPeriods:
          return FirstDayOf(p.calendar_period, PeriodOfDay(p.calendar_period, day)) == day;
        case TierCalendar::kEveryDays:
          return (day - (p.begin == kNoDay ? 0 : p.begin)) % p.every_days == 0;
        case TierCalendar::kDays: return std::ranges::count(p.days, day) > 0;
        case TierCalendar::kAnniversaries: break;
      }
      for (int k = 1; k < 10; ++k) {
        if (Anniversary(anchor, k) == day) return true;
      }
      return false;
    };
    const auto earned = [&](int64_t sum) {
      int level = 0;
      for (int k = 1; k < 4; ++k) {
        if (sum >= p.levels[static_cast<size_t>(k)].floor) level = k;
      }
      return level;
    };
    int level = 0, below = 0;
    int32_t promoted = kNoDay;
    bool looked = p.begin == kNoDay || anchor >= p.begin;
    bool first = true;
    for (int32_t day = anchor; day <= c.until; ++day) {
      // Placement happens at the first evaluation of the programme, if it is shared.
      if (day > anchor && is_evaluation(day)) {
        const int64_t sum = metric(day);
        const int e = earned(sum);
        if (!looked && first) {
          level = e;
          if (e > 0) promoted = day;
        } else if (e > level) {
          moves.push_back({customer, day, level, e, sum});
          level = e;
          below = 0;
          promoted = day;
        } else if (level > 0 && p.demotion != TierDemotion::kNone) {
          const auto floor = static_cast<double>(p.levels[static_cast<size_t>(level)].floor);
          const bool stays = promoted != kNoDay && day < promoted + p.stay_days;
          if (stays || static_cast<double>(sum) >= p.margin * floor) {
            below = 0;
          } else if (++below == p.grace) {
            const int to = p.demotion == TierDemotion::kOneLevel ? level - 1 : e;
            moves.push_back({customer, day, level, to, sum});
            level = to;
            below = 0;
          }
        }
        looked = true;
        first = false;
      }
      if (day == c.until || p.promotion != TierPromotion::kAtPurchase) continue;
      if (p.begin != kNoDay && day < p.begin) continue;
      if (std::ranges::none_of(
              c.facts, [&](const Fact &f) { return f.customer == customer && f.day == day; })) {
        continue;
      }
      const int64_t sum = metric(day + 1);
      if (earned(sum) <= level) continue;
      moves.push_back({customer, day, level, earned(sum), sum});
      level = earned(sum);
      below = 0;
      promoted = day;
    }
  }
  return moves;
}

std::vector<Move> Moves(const TierHistory &history) {
  std::vector<Move> moves;
  for (const TierChange &c : history.changes) {
    moves.push_back({history.customers.integers[c.customer], c.day, c.from, c.to,
                     static_cast<int64_t>(c.metric)});
  }
  return moves;
}

TEST(TierFoldTest, EqualsAPlainComputation) {
  size_t moves = 0;
  for (uint32_t seed = 1; seed <= 400; ++seed) {
    const Case c = MakeCase(seed);
    auto book = *TierBook::Create(c.policy);
    ASSERT_TRUE(AppendTo(book, c.facts).ok());
    const std::vector<Move> plain = Plain(c);
    ASSERT_EQ(Moves(*book.History(c.until)), plain) << "seed " << seed;
    moves += plain.size();
  }
  EXPECT_GT(moves, 3000u);
}

TEST(TierFoldTest, PiecesInAnyOrderEqualTheWhole) {
  for (uint32_t seed = 1; seed <= 200; ++seed) {
    Case c = MakeCase(seed);
    c.policy.revoke_on_return = seed % 2 == 0;
    auto whole = *TierBook::Create(c.policy);
    ASSERT_TRUE(AppendTo(whole, c.facts).ok());
    const TierHistory expected = *whole.History(c.until);

    // Purchases in any order, then their returns in any order.
    std::mt19937 random(seed);
    std::vector<Fact> facts = c.facts;
    std::ranges::shuffle(facts, random);
    std::ranges::stable_partition(facts, [](const Fact &f) { return f.reverses == 0; });
    auto pieces = *TierBook::Create(c.policy);
    for (size_t begin = 0; begin < facts.size();) {
      const size_t end = std::min(facts.size(), begin + 1 + random() % 9);
      ASSERT_TRUE(AppendTo(pieces, {facts.begin() + static_cast<ptrdiff_t>(begin),
                                    facts.begin() + static_cast<ptrdiff_t>(end)})
                      .ok());
      ASSERT_TRUE(pieces.History(c.until / 2).ok());
      begin = end;
    }
    const TierHistory got = *pieces.History(c.until);
    ASSERT_EQ(Moves(got), Moves(expected)) << "seed " << seed;
    ASSERT_EQ(got.reversals, expected.reversals);
    for (size_t i = 0; i < got.standings.size(); ++i) {
      const int64_t customer = got.customers.integers[i];
      const TierStanding one = *pieces.Standing(customer, c.until);
      EXPECT_EQ(one.level, expected.standings[i].level);
      EXPECT_EQ(one.metric, expected.standings[i].metric);
      EXPECT_EQ(one.since, expected.standings[i].since);
      EXPECT_EQ(one.evaluations_below, expected.standings[i].evaluations_below);
    }
  }
}

}  // namespace
}  // namespace patron::value
