// Ledgers of points out of memory.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "faults/kept.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

// Points of what has been posted, to the last one.
std::string BytesOf(const patron_points_ledger *ledger) {
  const auto bytes = Made<patron_bytes>(
      [&](auto out) { return patron_points_ledger_serialize(ledger, out, nullptr); });
  return {static_cast<const char *>(patron_bytes_data(bytes.get())),
          patron_bytes_size(bytes.get())};
}

TEST(PointsAllocationTest, Ledgers) {
  const auto make = [](auto out) {
    return patron_points_ledger_create(nullptr, "Europe/Berlin", out, nullptr);
  };
  FailMaking<patron_points_ledger>("patron_points_ledger_create", make);

  const std::string ann = "ann with a long name", bob = "bob with a long name";
  const TextColumn ids({"t1", "t2", "t3", "t4", "t5", "t6"});
  const TextColumn customers({ann, ann, ann, ann, ann, ann});
  const TextColumn kinds({"earn", "burn", "hold", "release", "transfer", "reverse"});
  const TextColumn targets({"", "", "", "t3", "", "t2"}), others({"", "", "", "", bob, ""});
  const uint8_t with_target = 0b101000, with_other = 0b010000;
  patron_column reverses = targets.As("reverses"), to = others.As("to");
  reverses.validity = &with_target;
  to.validity = &with_other;
  const std::vector<int32_t> days = {10, 20, 30, 40, 50, 60};
  const std::vector<int64_t> points = {100, 30, 20, 20, 10, 5};
  const auto table = TableOf({ids.As("transaction_id"), customers.As("customer_id"),
                              kinds.As("kind"), ColumnOf("date", PATRON_TYPE_DATE32, days),
                              ColumnOf("points", PATRON_TYPE_INT64, points), reverses, to});
  const auto ledger = Made<patron_points_ledger>(make);
  ASSERT_EQ(patron_points_ledger_post(ledger.get(), table.get(), nullptr, nullptr), PATRON_OK);
  const std::string expected = BytesOf(ledger.get());

  // What has been refused can be posted again, and gives what it would have given.
  FailEach("patron_points_ledger_post", [&](Armed &armed) {
    const auto tried = Made<patron_points_ledger>(make);
    const auto post = [&] {
      return patron_points_ledger_post(tried.get(), table.get(), nullptr, nullptr);
    };
    if (armed(post) != PATRON_OK) {
      EXPECT_EQ(post(), PATRON_OK);
    }
    EXPECT_EQ(BytesOf(tried.get()), expected);
  });
  // As many lots as a ledger that grows by doubling has no room for when all expire.
  std::vector<std::string> many_kinds(100, "earn");
  std::vector<int64_t> numbers, customer(100, 7), point(100, 1);
  for (int64_t i = 0; i < 100; ++i) numbers.push_back(i);
  const std::vector<int32_t> day(100, 10);
  const TextColumn earn(many_kinds);
  const auto earnings = TableOf({ColumnOf("transaction_id", PATRON_TYPE_INT64, numbers),
                                 ColumnOf("customer_id", PATRON_TYPE_INT64, customer),
                                 earn.As("kind"), ColumnOf("date", PATRON_TYPE_DATE32, day),
                                 ColumnOf("points", PATRON_TYPE_INT64, point)});
  patron_points_options options;
  patron_points_options_init(&options);
  options.expiry_days = 100;
  FailEach("patron_points_ledger_expire", [&](Armed &armed) {
    const auto tried = Made<patron_points_ledger>(
        [&](auto out) { return patron_points_ledger_create(&options, nullptr, out, nullptr); });
    ASSERT_EQ(patron_points_ledger_post(tried.get(), earnings.get(), nullptr, nullptr), PATRON_OK);
    armed([&] { return patron_points_ledger_expire(tried.get(), 200, nullptr); });
  });

  FailMaking<patron_table>("patron_points_ledger_balances", [&](auto out) {
    return patron_points_ledger_balances(ledger.get(), 100, out, nullptr);
  });
  FailMaking<patron_table>("patron_points_ledger_entries", [&](auto out) {
    return patron_points_ledger_entries(ledger.get(), out, nullptr);
  });
  FailCall("patron_points_ledger_liability", [&] {
    patron_points_liability liability{};
    liability.struct_size = sizeof liability;
    return patron_points_ledger_liability(ledger.get(), 100, 0.01, 0.95, &liability, nullptr);
  });
  FailMaking<patron_bytes>("patron_points_ledger_serialize", [&](auto out) {
    return patron_points_ledger_serialize(ledger.get(), out, nullptr);
  });
  FailMaking<patron_points_ledger>("patron_points_ledger_deserialize", [&](auto out) {
    return patron_points_ledger_deserialize(expected.data(), expected.size(), out, nullptr);
  });
}

// Whatever fails, what is kept is what the ledger says, or the ledger says that it cannot be used.
TEST(PointsAllocationTest, KeptLedgers) {
  FailMaking<patron_points_ledger>("patron_points_ledger_open", [](auto out) {
    return patron_points_ledger_open(":memory:", nullptr, "Europe/Berlin", out, nullptr);
  });
  patron_points_options options;
  patron_points_options_init(&options);
  options.expiry_days = 100;
  FailEach("patron_points_ledger_open_store", [&](Armed &armed) {
    Kept kept;
    const patron_entry_store store = kept.Store();
    patron_points_ledger *ledger = nullptr;
    armed([&] {
      return patron_points_ledger_open_store(&store, &options, nullptr, &ledger, nullptr);
    });
    patron_points_ledger_free(ledger);
    const auto again = Made<patron_points_ledger>([&](auto out) {
      return patron_points_ledger_open_store(&store, &options, nullptr, out, nullptr);
    });
    EXPECT_EQ(kept.entries.size(), 1U);
  });

  const std::string ann = "ann with a long name";
  const TextColumn ids({"t1", "t2", "t3"}), customers({ann, ann, ann});
  const TextColumn kinds({"earn", "burn", "earn"});
  const std::vector<int32_t> days = {10, 20, 30};
  const std::vector<int64_t> points = {100, 30, 20};
  const auto table = TableOf({ids.As("transaction_id"), customers.As("customer_id"),
                              kinds.As("kind"), ColumnOf("date", PATRON_TYPE_DATE32, days),
                              ColumnOf("points", PATRON_TYPE_INT64, points)});
  for (const bool expire : {false, true}) {
    const char *name = expire ? "patron_points_ledger_expire" : "patron_points_ledger_post";
    FailEach(name, [&](Armed &armed) {
      Kept host;
      const patron_entry_store store = host.Store();
      const auto open = [&](auto out) {
        return patron_points_ledger_open_store(&store, &options, nullptr, out, nullptr);
      };
      auto kept = Made<patron_points_ledger>(open);
      const auto post = [&] {
        return patron_points_ledger_post(kept.get(), table.get(), nullptr, nullptr);
      };
      const auto change = [&] {
        return expire ? patron_points_ledger_expire(kept.get(), 200, nullptr) : post();
      };
      if (expire) {
        ASSERT_EQ(post(), PATRON_OK);
      }
      const std::string before = BytesOf(kept.get());
      const patron_status status = armed(change);
      const std::string there = BytesOf(Made<patron_points_ledger>(open).get());
      patron_bytes *bytes = nullptr;
      if (patron_points_ledger_serialize(kept.get(), &bytes, nullptr) == PATRON_OK) {
        patron_bytes_free(bytes);
        EXPECT_EQ(BytesOf(kept.get()), there);
      }
      if (status == PATRON_OK) return;
      EXPECT_EQ(there, before);
      kept = Made<patron_points_ledger>(open);
      EXPECT_EQ(change(), PATRON_OK);
    });
  }
}

TEST(PointsAllocationTest, Earning) {
  const TextColumn names({"a rule with a long name"}), categories({"books of every kind"});
  const std::vector<double> rates = {1.5}, amounts = {10};
  const std::vector<int32_t> days = {10};
  const auto rules = TableOf({names.As("name"), categories.As("category"),
                              ColumnOf("per_unit", PATRON_TYPE_FLOAT64, rates)});
  const auto purchases =
      TableOf({ColumnOf("amount", PATRON_TYPE_FLOAT64, amounts),
               ColumnOf("date", PATRON_TYPE_DATE32, days), categories.As("category")});
  FailMaking<patron_table>("patron_points_earned", [&](auto out) {
    return patron_points_earned(rules.get(), purchases.get(), nullptr, 2, 0, out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
