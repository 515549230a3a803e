// Tier programmes out of memory.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

const char *const kNames[] = {"basic, which is a long name", "silver", "gold"};
const double kFloors[] = {0, 100, 300};

Own<patron_tier_policy> MakePolicy() {
  patron_tier_policy_options options;
  patron_tier_policy_options_init(&options);
  options.length = 1;
  options.grace = 1;
  return Made<patron_tier_policy>([&](auto out) {
    return patron_tier_policy_create(kNames, kFloors, 3, nullptr, &options, out, nullptr);
  });
}

TEST(TiersAllocationTest, Policies) {
  const TextColumn tiers({"gold", "silver"}), rights({"a lounge with a view of the sea", "post"});
  const auto entitlements = TableOf({tiers.As("tier"), rights.As("entitlement")});
  const int32_t days[] = {10, 20, 30};
  patron_tier_policy_options options;
  patron_tier_policy_options_init(&options);
  options.calendar = PATRON_EVALUATE_ON_DAYS;
  options.days = days;
  options.day_count = 3;
  const auto create = [&](auto out) {
    return patron_tier_policy_create(kNames, kFloors, 3, entitlements.get(), &options, out,
                                     nullptr);
  };
  FailMaking<patron_tier_policy>("patron_tier_policy_create", create);
  const auto policy = Made<patron_tier_policy>(create);
  FailMakingTwo<patron_table>("patron_tier_policy_show", [&](auto levels, auto granted) {
    return patron_tier_policy_show(policy.get(), nullptr, levels, granted, nullptr);
  });
  const auto serialize = [&](auto out) {
    return patron_tier_policy_serialize(policy.get(), out, nullptr);
  };
  // Protobuf loses an element of a repeated field when there is no memory for its place.
  FailMaking<patron_bytes>("patron_tier_policy_serialize", serialize, 1);
  const auto bytes = Made<patron_bytes>(serialize);
  FailMaking<patron_tier_policy>(
      "patron_tier_policy_deserialize",
      [&](auto out) {
        return patron_tier_policy_deserialize(patron_bytes_data(bytes.get()),
                                              patron_bytes_size(bytes.get()), out, nullptr);
      },
      1);
}

TEST(TiersAllocationTest, Books) {
  const auto policy = MakePolicy();
  const auto make_book = [&](auto out) {
    return patron_tier_book_create(policy.get(), "Europe/Berlin", out, nullptr);
  };
  FailMaking<patron_tier_book>("patron_tier_book_create", make_book);

  const TextColumn customers({"ann with a long name", "bob", "bob", "ann with a long name"});
  const std::vector<int32_t> days = {10, 40, 70, 80};
  const std::vector<double> amounts = {300, 120, 50, -300};
  const std::vector<int64_t> ids = {1, 2, 3, 4};
  const uint8_t last = 0b1000;
  const std::vector<int64_t> of = {0, 0, 0, 1};
  patron_column reverses = ColumnOf("of", PATRON_TYPE_INT64, of);
  reverses.validity = &last;
  const auto table =
      TableOf({customers.As("customer_id"), ColumnOf("date", PATRON_TYPE_DATE32, days),
               ColumnOf("amount", PATRON_TYPE_FLOAT64, amounts),
               ColumnOf("id", PATRON_TYPE_INT64, ids), reverses});
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.transaction = "id";
  // A book that has refused can be appended to.
  FailEach("patron_tier_book_append", [&](Armed &armed) {
    const auto book = Made<patron_tier_book>(make_book);
    const auto append = [&] {
      return patron_tier_book_append(book.get(), table.get(), &columns, "of", nullptr, nullptr);
    };
    if (armed(append) == PATRON_OK) return;
    EXPECT_EQ(append(), PATRON_OK);
  });

  const TextColumn lifted({"bob"}), tier({"silver"}), kind({"floor"});
  const std::vector<int32_t> start = {60}, end = {90};
  const auto by_hand = TableOf({lifted.As("customer_id"), tier.As("tier"), kind.As("kind"),
                                ColumnOf("start", PATRON_TYPE_DATE32, start),
                                ColumnOf("end", PATRON_TYPE_DATE32, end)});
  FailEach("patron_tier_book_set", [&](Armed &armed) {
    const auto book = Made<patron_tier_book>(make_book);
    const auto set = [&] {
      return patron_tier_book_set(book.get(), by_hand.get(), nullptr, nullptr);
    };
    if (armed(set) == PATRON_OK) return;
    EXPECT_EQ(set(), PATRON_OK);
  });

  const auto book = Made<patron_tier_book>(make_book);
  ASSERT_EQ(patron_tier_book_append(book.get(), table.get(), &columns, "of", nullptr, nullptr),
            PATRON_OK);
  ASSERT_EQ(patron_tier_book_set(book.get(), by_hand.get(), nullptr, nullptr), PATRON_OK);
  FailMakingTwo<patron_table>("patron_tier_book_history", [&](auto standings, auto changes) {
    return patron_tier_book_history(book.get(), 200, PATRON_MONEY_FLOAT64, nullptr, standings,
                                    changes, nullptr, nullptr);
  });
  FailCall("patron_tier_book_standing", [&] {
    patron_tier_standing standing{};
    standing.struct_size = sizeof standing;
    return patron_tier_book_standing(book.get(), 0, "bob", 200, &standing, nullptr);
  });
}

TEST(TiersAllocationTest, MigrationAndChains) {
  const TextColumn before({"silver", "gold"}), after({"gold", "gold"});
  const auto table = TableOf({before.As("before"), after.As("after")});
  const char *const tiers[] = {"silver", "gold"};
  FailMaking<patron_table>("patron_tier_migration", [&](auto out) {
    return patron_tier_migration(table.get(), nullptr, nullptr, nullptr, tiers, 2, 0.5, out,
                                 nullptr);
  });
  const double p[] = {0.9, 0.1, 0.3, 0.7}, rewards[] = {1, 2};
  const double leaving[] = {0.9, 0.1, 0, 1};
  const uint8_t ends[] = {0, 1};
  double out[2], periods[4];
  FailCall("patron_markov_steady_state",
           [&] { return patron_markov_steady_state(p, 2, out, nullptr); });
  FailCall("patron_markov_tenure",
           [&] { return patron_markov_tenure(leaving, 2, ends, periods, out, nullptr); });
  FailCall("patron_markov_value",
           [&] { return patron_markov_value(p, rewards, 2, 0.1, -1, out, nullptr); });
}

}  // namespace
}  // namespace patron::faults
