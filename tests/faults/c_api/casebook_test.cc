// Casebooks out of memory: after a call that fails they are as they were.
#include "faults/fail_allocation.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

constexpr int64_t kHour = int64_t{3'600} * 1'000'000;
constexpr int64_t kMonday = 1'717'398'000'000'000;
// Protobuf may lose a message of a list that cannot grow, and one of a list inside of it.
constexpr int64_t kLost = 2;
constexpr char kMemory[] = ":memory:";  // A database of SQLite without a file.

class CasebookAllocationTest : public ::testing::Test {
 protected:
  CasebookAllocationTest() {
    const TextColumn days({"mon", "tue", "wed"}), open({"09:00", "09:00", "09:00"}),
        close({"17:00", "17:00", "17:00"});
    const auto hours = TableOf({days.As("day"), open.As("open"), close.As("close")});
    calendar_ = Made<patron_calendar>(
        [&](auto out) { return patron_calendar_create("UTC", hours.get(), out, nullptr); });
    policy_ = Made<patron_policy>(
        [&](auto out) { return patron_policy_preset("default", 4, out, nullptr); });
    events_ = TableOf({ids_.As("event"), cases_.As("case"), types_.As("type"),
                       ColumnOf("time", PATRON_TYPE_TIMESTAMP_US, times_), roles_.As("role"),
                       customers_.As("customer"), texts_.As("text"),
                       ColumnOf("code", PATRON_TYPE_INT64, codes_)});
  }

  Own<patron_casebook> Empty(const char *path) {
    return Made<patron_casebook>([&](auto out) {
      return path == nullptr ? patron_casebook_create(out, nullptr)
                             : patron_casebook_open(path, out, nullptr);
    });
  }
  Own<patron_casebook> WithRules(const char *path = nullptr) {
    Own<patron_casebook> book = Empty(path);
    EXPECT_EQ(patron_casebook_add_calendar(book.get(), "service", calendar_.get(), 0, nullptr),
              PATRON_OK);
    EXPECT_EQ(patron_casebook_add_policy(book.get(), policy_.get(), nullptr), PATRON_OK);
    return book;
  }
  patron_status Apply(patron_casebook *book, patron_table **verdicts = nullptr) {
    patron_apply_options options;
    patron_apply_options_init(&options);
    options.recorded = kMonday + 3 * kHour;
    return patron_casebook_apply(book, events_.get(), &options, verdicts, nullptr, nullptr);
  }
  Own<patron_casebook> Full(const char *path = nullptr) {
    Own<patron_casebook> book = WithRules(path);
    EXPECT_EQ(Apply(book.get()), PATRON_OK);
    return book;
  }
  static uint64_t Events(const patron_casebook *book) {
    patron_casebook_size size{};
    size.struct_size = sizeof size;
    EXPECT_EQ(patron_casebook_get_size(book, &size, nullptr), PATRON_OK);
    return size.events;
  }

  Own<patron_calendar> calendar_;
  Own<patron_policy> policy_;
  Own<patron_table> events_;

 private:
  const TextColumn ids_{{"an event with a long id 1", "an event with a long id 2", "3", "4"}};
  const TextColumn cases_{{"a case with a long id, A", "a case with a long id, A", "B", "B"}};
  const TextColumn types_{{"receive", "acknowledge", "triage", "receive"}};
  const TextColumn roles_{{"customer", "frontline", "frontline", "customer"}};
  const TextColumn customers_{{"a customer with a long id", "x", "y", "a customer with a long id"}};
  const TextColumn texts_{{"", "a text that is quite long, so that it is kept apart", "", ""}};
  const std::vector<int64_t> times_ = {kMonday, kMonday + kHour, kMonday + 2 * kHour, kMonday + 1};
  const std::vector<int64_t> codes_ = {2, 0, 0, 1};
};

TEST_F(CasebookAllocationTest, Making) {
  FailMaking<patron_casebook>("patron_casebook_create",
                              [](auto out) { return patron_casebook_create(out, nullptr); });
  FailMaking<patron_casebook>("patron_casebook_open",
                              [](auto out) { return patron_casebook_open(kMemory, out, nullptr); });
  patron_entry_store store{};
  store.struct_size = sizeof store;
  store.read = [](void *, uint64_t, const void **, size_t *, patron_error *) {
    return patron_status{PATRON_OUT_OF_RANGE};
  };
  store.append = [](void *, uint64_t, const void *, size_t, patron_error *) {
    return patron_status{PATRON_OK};
  };
  store.replace = [](void *, const void *, size_t, patron_error *) {
    return patron_status{PATRON_OK};
  };
  FailMaking<patron_casebook>("patron_casebook_open_store", [&](auto out) {
    return patron_casebook_open_store(&store, out, nullptr);
  });
  const auto book = Full();
  const auto serialize = [&](auto out) {
    return patron_casebook_serialize(book.get(), out, nullptr);
  };
  FailMaking<patron_bytes>("patron_casebook_serialize", serialize);
  const auto bytes = Made<patron_bytes>(serialize);
  FailMaking<patron_casebook>(
      "patron_casebook_deserialize",
      [&](auto out) {
        return patron_casebook_deserialize(patron_bytes_data(bytes.get()),
                                           patron_bytes_size(bytes.get()), out, nullptr);
      },
      kLost);
}

TEST_F(CasebookAllocationTest, Rules) {
  for (const char *path : {static_cast<const char *>(nullptr), kMemory}) {
    FailEach("patron_casebook_add_calendar", [&](Armed &armed) {
      const auto book = Empty(path);
      armed([&] {
        return patron_casebook_add_calendar(book.get(), "a calendar with a long name",
                                            calendar_.get(), 0, nullptr);
      });
    });
    FailEach("patron_casebook_add_policy", [&](Armed &armed) {
      const auto book = Empty(path);
      ASSERT_EQ(patron_casebook_add_calendar(book.get(), "service", calendar_.get(), 0, nullptr),
                PATRON_OK);
      armed([&] { return patron_casebook_add_policy(book.get(), policy_.get(), nullptr); });
    });
  }
  const auto book = WithRules();
  FailCall("patron_casebook_use_policy",
           [&] { return patron_casebook_use_policy(book.get(), "default", "1", nullptr); });
  FailMaking<patron_policy>("patron_casebook_get_policy", [&](auto out) {
    return patron_casebook_get_policy(book.get(), "default", nullptr, out, nullptr);
  });
}

TEST_F(CasebookAllocationTest, EventsAreAllThereOrNone) {
  for (const char *path : {static_cast<const char *>(nullptr), kMemory}) {
    FailEach("patron_casebook_apply", [&](Armed &armed) {
      const auto book = WithRules(path);
      patron_table *verdicts = nullptr;
      const patron_status status = armed([&] { return Apply(book.get(), &verdicts); });
      EXPECT_EQ(status == PATRON_OK, verdicts != nullptr);
      EXPECT_EQ(Events(book.get()), status == PATRON_OK ? 4U : 0U);
      Own<patron_table>{verdicts};
      // It can be used, and the same events come once; or it has to be opened again.
      const patron_status again = Apply(book.get());
      if (again == PATRON_FAILED_PRECONDITION && path != nullptr) return;
      EXPECT_EQ(again, PATRON_OK);
      EXPECT_EQ(Events(book.get()), 4U);
      EXPECT_EQ(patron_casebook_verify(book.get(), 0, nullptr, nullptr), PATRON_OK);
    });
  }
}

TEST_F(CasebookAllocationTest, WhatHappensByItself) {
  for (const char *path : {static_cast<const char *>(nullptr), kMemory}) {
    FailEach("patron_casebook_advance", [&](Armed &armed) {
      const auto book = Full(path);
      armed([&] {
        return patron_casebook_advance(book.get(), kMonday + 30 * kHour, nullptr, nullptr);
      });
    });
  }
  FailEach("patron_casebook_next_instant", [&](Armed &armed) {
    const auto book = Full();
    int64_t next = 0;
    armed([&] { return patron_casebook_next_instant(book.get(), &next, nullptr); });
    EXPECT_EQ(patron_casebook_next_instant(book.get(), &next, nullptr), PATRON_OK);
    EXPECT_EQ(next, kMonday + 10 * kHour + 1);
  });
}

TEST_F(CasebookAllocationTest, TheLog) {
  for (const char *path : {static_cast<const char *>(nullptr), kMemory}) {
    FailEach("patron_casebook_erase_customer", [&](Armed &armed) {
      const auto book = Full(path);
      armed([&] {
        return patron_casebook_erase_customer(book.get(), 0, "a customer with a long id", nullptr);
      });
    });
  }
  const auto book = Full(kMemory);
  FailEach(
      "patron_casebook_verify",
      [&](Armed &armed) {
        armed([&] { return patron_casebook_verify(book.get(), 0, nullptr, nullptr); });
      },
      kLost);
  FailEach("patron_casebook_compact", [&](Armed &armed) {
    const auto own = Full(kMemory);
    armed([&] { return patron_casebook_compact(own.get(), nullptr); });
    EXPECT_EQ(Events(own.get()), 4U);
    const patron_status sound = patron_casebook_verify(own.get(), 0, nullptr, nullptr);
    // After a failure it may have to be opened again, and says so.
    if (armed.status() == PATRON_OK || sound != PATRON_FAILED_PRECONDITION) {
      EXPECT_EQ(sound, PATRON_OK);
    }
  });
}

TEST_F(CasebookAllocationTest, Views) {
  const auto book = Full();
  const char *id = "a case with a long id, A";
  FailMaking<patron_table>("patron_casebook_cases", [&](auto out) {
    return patron_casebook_cases(book.get(), 0, out, nullptr);
  });
  FailMaking<patron_table>("patron_casebook_as_of", [&](auto out) {
    return patron_casebook_as_of(book.get(), PATRON_NO_TIME, PATRON_NO_TIME, 0, out, nullptr);
  });
  FailEach("patron_casebook_case", [&](Armed &armed) {
    patron_table *out[4] = {};
    const patron_status status = armed([&] {
      return patron_casebook_case(book.get(), 0, id, kMonday, 0, &out[0], &out[1], &out[2], &out[3],
                                  nullptr);
    });
    for (patron_table *table : out) {
      EXPECT_EQ(status == PATRON_OK, table != nullptr);
      Own<patron_table>{table};
    }
  });
  FailMaking<patron_table>("patron_casebook_clocks", [&](auto out) {
    return patron_casebook_clocks(book.get(), PATRON_CLOCKS_ALL, kMonday, 0, out, nullptr);
  });
  FailMaking<patron_table>("patron_casebook_timeline", [&](auto out) {
    return patron_casebook_timeline(book.get(), 0, id, 0, out, nullptr);
  });
  FailMaking<patron_table>("patron_casebook_events", [&](auto out) {
    return patron_casebook_events(book.get(), 0, out, nullptr);
  });
  FailMaking<patron_table>("patron_casebook_policies", [&](auto out) {
    return patron_casebook_policies(book.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_casebook_calendars", [&](auto out) {
    return patron_casebook_calendars(book.get(), out, nullptr);
  });
}

TEST(BreachAllocationTest, Risk) {
  const std::vector<double> time = {1, 2, 3}, limit = {2, 3, 4};
  const std::vector<int64_t> observed = {1, 0, 1};
  const TextColumn strata({"a stratum with a long name", "another one with a long name", "c"});
  const auto table = TableOf({ColumnOf("time", PATRON_TYPE_FLOAT64, time),
                              ColumnOf("observed", PATRON_TYPE_INT64, observed),
                              ColumnOf("age", PATRON_TYPE_FLOAT64, time),
                              ColumnOf("limit", PATRON_TYPE_FLOAT64, limit), strata.As("stratum")});
  patron_breach_options options;
  patron_breach_options_init(&options);
  options.stratum = "stratum";
  options.least = 1;
  FailMaking<patron_table>("patron_measure_breach", [&](auto out) {
    return patron_measure_breach(table.get(), table.get(), &options, out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
