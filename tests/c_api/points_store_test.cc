// Ledgers of points that last: killed at any point, without room, altered, opened with other options.
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "c_api/bytes.hpp"
#include "c_api/casebooks.hpp"
#include "c_api/lasting.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::HasSubstr;
using LedgerPointer = std::unique_ptr<patron_points_ledger, decltype(&patron_points_ledger_free)>;

struct OpenedLedger {
  LedgerPointer ledger{nullptr, patron_points_ledger_free};
  patron_status status = PATRON_OK;
  std::string message;

  patron_points_ledger *get() const { return ledger.get(); }
};

patron_points_options WithExpiry(int32_t days) {
  patron_points_options options;
  patron_points_options_init(&options);
  options.expiry_days = days;
  return options;
}

OpenedLedger OpenPath(const std::string &path, const patron_points_options *options = nullptr,
                      const char *zone = nullptr) {
  OpenedLedger opened;
  patron_points_ledger *raw = nullptr;
  Error error;
  opened.status = patron_points_ledger_open(path.c_str(), options, zone, &raw, error.get());
  opened.ledger.reset(raw);
  opened.message = error.message();
  return opened;
}

OpenedLedger OpenIn(HostMemory &host, const patron_points_options *options = nullptr,
                    const char *zone = nullptr) {
  OpenedLedger opened;
  patron_points_ledger *raw = nullptr;
  Error error;
  const patron_entry_store store = host.Store();
  opened.status = patron_points_ledger_open_store(&store, options, zone, &raw, error.get());
  opened.ledger.reset(raw);
  opened.message = error.message();
  return opened;
}

struct Posted {
  patron_status status;
  std::string message;
  patron_points_report report;
};

// Transactions 50n to 50n + 49 on day n, of customers of whom some come again: they earn 20 each, every
// third day some spend 10 each, and every second day the last one of the day before is taken back.
Posted PostBatch(patron_points_ledger *ledger, int n, int rows = 50) {
  std::vector<std::string> ids, customers, kinds;
  std::vector<int32_t> days;
  std::vector<std::optional<int64_t>> points;
  std::vector<std::optional<std::string>> reverses;
  for (int i = 50 * n; i < 50 * n + rows; ++i) {
    const bool back = i % 50 == 49 && n % 2 == 1;
    const int customer = back ? (i - 50) % 20 : i % 20;
    ids.push_back("t" + std::to_string(i));
    customers.push_back("customer " + std::to_string(back || i % 20 != 7 ? customer : i));
    kinds.push_back(back ? "reverse" : i % 5 == 4 && n % 3 == 2 ? "burn" : "earn");
    days.push_back(n);
    points.push_back(back ? std::nullopt
                          : std::optional<int64_t>(kinds.back() == "burn" ? 10 : 20));
    reverses.push_back(back ? std::optional("t" + std::to_string(i - 50)) : std::nullopt);
  }
  TableOf table;
  table.Texts("transaction_id", ids)
      .Texts("customer_id", customers)
      .Texts("kind", kinds)
      .Days("date", days)
      .Integers("points", points)
      .OptionalTexts("reverses", reverses);
  Posted posted{};
  posted.report.struct_size = sizeof posted.report;
  Error error;
  posted.status = patron_points_ledger_post(ledger, table.get(), &posted.report, error.get());
  posted.message = error.message();
  return posted;
}

std::string LedgerBytes(const patron_points_ledger *ledger) {
  return BytesOf<patron_points_ledger>(patron_points_ledger_serialize, ledger);
}

int64_t SumOfEntries(const patron_points_ledger *ledger) {
  patron_table *out = nullptr;
  EXPECT_EQ(patron_points_ledger_entries(ledger, &out, nullptr), PATRON_OK);
  const Table table(out);
  int64_t sum = 0;
  for (const int64_t points : Integers(out, "points")) sum += points;
  return sum;
}

TEST(PointsStoreTest, WhatIsKeptGivesTheBytesOfMemory) {
  const patron_points_options options = WithExpiry(30);
  patron_points_ledger *raw = nullptr;
  ASSERT_EQ(patron_points_ledger_create(&options, "Europe/Berlin", &raw, nullptr), PATRON_OK);
  const LedgerPointer memory(raw, patron_points_ledger_free);
  HostMemory host;
  for (int n = 0; n < 40; ++n) {
    // Opened anew each time.
    const OpenedLedger kept =
        OpenIn(host, n % 2 == 0 ? &options : nullptr, n % 3 == 0 ? "Europe/Berlin" : nullptr);
    ASSERT_EQ(kept.status, PATRON_OK) << kept.message;
    EXPECT_EQ(LedgerBytes(kept.get()), LedgerBytes(memory.get())) << n;
    for (patron_points_ledger *ledger : {kept.get(), memory.get()}) {
      const Posted posted = PostBatch(ledger, n);
      ASSERT_EQ(posted.status, PATRON_OK) << n << ": " << posted.message;
      EXPECT_EQ(posted.report.posted, 50U);
      if (n % 7 == 6) {
        ASSERT_EQ(patron_points_ledger_expire(ledger, n, nullptr), PATRON_OK);
      }
    }
    EXPECT_EQ(SumOfEntries(kept.get()), 0);
  }
  // A start, forty tables, and the expiry of day 34, before which nothing was due.
  EXPECT_EQ(host.entries.size(), 42U);
  EXPECT_EQ(host.closed, 40);
  // Nothing new leaves no entry.
  const OpenedLedger kept = OpenIn(host);
  EXPECT_EQ(PostBatch(kept.get(), 3).report.duplicates, 50U);
  EXPECT_EQ(patron_points_ledger_expire(kept.get(), 39, nullptr), PATRON_OK);
  EXPECT_EQ(patron_points_ledger_expire(kept.get(), 39, nullptr), PATRON_OK);
  EXPECT_EQ(host.entries.size(), 43U);
  patron_points_ledger *copy = nullptr;
  const std::string bytes = LedgerBytes(kept.get());
  ASSERT_EQ(patron_points_ledger_deserialize(bytes.data(), bytes.size(), &copy, nullptr),
            PATRON_OK);
  const LedgerPointer again(copy, patron_points_ledger_free);
  EXPECT_EQ(LedgerBytes(again.get()), bytes);
}

TEST(PointsStoreTest, OptionsAndZoneAreThoseItWasMadeWith) {
  HostMemory host;
  patron_points_options options = WithExpiry(30);
  ASSERT_EQ(OpenIn(host, &options, "Europe/Berlin").status, PATRON_OK);
  EXPECT_EQ(OpenIn(host).status, PATRON_OK);
  EXPECT_EQ(OpenIn(host, &options).status, PATRON_OK);
  const OpenedLedger elsewhere = OpenIn(host, &options, "UTC");
  EXPECT_EQ(elsewhere.status, PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(elsewhere.message,
            "zone: 'UTC'; expected 'Europe/Berlin', as the ledger was made with");
  options.expiry_days = 31;
  const OpenedLedger other = OpenIn(host, &options);
  EXPECT_EQ(other.status, PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(other.message, "expiry_days: 31; expected 30, as the ledger was made with");
  EXPECT_EQ(host.entries.size(), 1U);
  options.expiry_days = -1;
  EXPECT_EQ(OpenIn(host, &options).status, PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(OpenIn(host, nullptr, "Nowhere/Here").status, PATRON_INVALID_ARGUMENT);
}

TEST(PointsStoreTest, ARefusedRowKeepsThoseBeforeIt) {
  HostMemory host;
  std::string before;
  {
    const OpenedLedger kept = OpenIn(host);
    ASSERT_EQ(PostBatch(kept.get(), 0).status, PATRON_OK);
    TableOf table;
    table.Texts("transaction_id", {"a", "b", "c"})
        .Texts("customer_id", {"customer 1", "customer 1", "customer 1"})
        .Texts("kind", {"earn", "burn", "earn"})
        .Days("date", {5, 5, 5})
        .Integers("points", std::vector<int64_t>{1, 1'000'000, 1});
    Error error;
    EXPECT_EQ(patron_points_ledger_post(kept.get(), table.get(), nullptr, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_THAT(error.message(), HasSubstr("points: row 1 is 1000000"));
    before = LedgerBytes(kept.get());
  }
  EXPECT_EQ(host.entries.size(), 3U);
  EXPECT_EQ(LedgerBytes(OpenIn(host).get()), before);
}

TEST(PointsStoreTest, AStoreThatFailsLeavesTheLedgerAsItWas) {
  HostMemory host;
  const OpenedLedger kept = OpenIn(host);
  ASSERT_EQ(PostBatch(kept.get(), 0).status, PATRON_OK);
  const std::string before = LedgerBytes(kept.get());
  host.fail_appends = 1;
  const Posted failed = PostBatch(kept.get(), 1);
  EXPECT_EQ(failed.status, PATRON_RESOURCE_EXHAUSTED);
  EXPECT_EQ(failed.message, "points: the store: append of entry 2: no room");
  EXPECT_EQ(LedgerBytes(kept.get()), before);
  EXPECT_EQ(PostBatch(kept.get(), 1).report.posted, 50U);
  // What another took away meanwhile cannot be read again.
  host.fail_appends = 1;
  const std::vector<std::string> good = host.entries;
  host.entries[1].back() ^= 1;
  EXPECT_EQ(PostBatch(kept.get(), 2).status, PATRON_RESOURCE_EXHAUSTED);
  const Posted refused = PostBatch(kept.get(), 2);
  EXPECT_EQ(refused.status, PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(refused.message,
            "points: a change failed half way; expected a ledger that has been opened again");
  patron_table *out = nullptr;
  EXPECT_EQ(patron_points_ledger_balances(kept.get(), PATRON_NO_DAY, &out, nullptr),
            PATRON_FAILED_PRECONDITION);
  host.entries = good;
  EXPECT_EQ(PostBatch(OpenIn(host).get(), 2).report.posted, 50U);
  host = HostMemory();
  host.fail_appends = 1;
  EXPECT_EQ(OpenIn(host).status, PATRON_RESOURCE_EXHAUSTED);
}

TEST(PointsStoreTest, WhatWasAlteredMissingOrMovedIsFound) {
  HostMemory host, other;
  {
    const OpenedLedger kept = OpenIn(host), second = OpenIn(other);
    for (int n = 0; n < 5; ++n) {
      ASSERT_EQ(PostBatch(kept.get(), n).status, PATRON_OK);
      ASSERT_EQ(PostBatch(second.get(), n, n == 1 ? 49 : 50).status, PATRON_OK);
    }
  }
  const std::vector<std::string> good = host.entries;
  ASSERT_EQ(good.size(), 6U);
  const auto loss = [&](size_t place) {
    const OpenedLedger opened = OpenIn(host);
    EXPECT_EQ(opened.status, PATRON_DATA_LOSS);
    EXPECT_TRUE(opened.message.starts_with("points: entry " + std::to_string(place) + ": "))
        << opened.message;
    host.entries = good;
  };
  AlterEntries(host, 3, loss);
  // Of another ledger, at the same place: the digest of what came before differs.
  host.entries[3] = other.entries[3];
  loss(3);
}

TEST(PointsStoreTest, KilledAtAnyPointNothingToldIsLost) {
  const Folder folder;
  const std::string path = folder.File("points");
  const auto work = [&](int told, const auto &tell) {
    // Tells of each batch after it is done; never ends by itself.
    const OpenedLedger mine = OpenPath(path);
    if (mine.status != PATRON_OK) _exit(1);
    for (int n = told;; ++n) {
      if (PostBatch(mine.get(), n).status != PATRON_OK) _exit(2);
      tell(n + 1);
    }
  };
  const auto check = [&](int told) {
    const OpenedLedger after = OpenPath(path);
    ASSERT_EQ(after.status, PATRON_OK) << after.message;
    EXPECT_EQ(SumOfEntries(after.get()), 0);
    for (int n = 0; n < told; ++n) {
      ASSERT_EQ(PostBatch(after.get(), n).report.duplicates, 50U)
          << "batch " << n << " of " << told << " is lost";
    }
    // A batch that was not told of is there as a whole or not at all.
    const std::string bytes = LedgerBytes(after.get());
    const LedgerPointer memory = OpenPath(":memory:").ledger;
    for (int n = 0; n < told; ++n) PostBatch(memory.get(), n);
    if (LedgerBytes(memory.get()) != bytes) {
      PostBatch(memory.get(), told);
      EXPECT_EQ(LedgerBytes(memory.get()), bytes);
    }
  };
  KillAtAnyPoint(6, work, check);
}

TEST(PointsStoreTest, WithoutRoomItStaysAsItWas) {
  const Folder folder;
  const std::string path = folder.File("points");
  OpenedLedger kept = OpenPath(path);
  ASSERT_EQ(kept.status, PATRON_OK) << kept.message;
  std::optional<LittleRoom> little(std::in_place);
  int done = 0;
  Posted posted{};
  std::string bytes;
  for (; done < 1'000; ++done) {
    bytes = LedgerBytes(kept.get());
    posted = PostBatch(kept.get(), done);
    if (posted.status != PATRON_OK) break;
  }
  EXPECT_EQ(posted.status, PATRON_RESOURCE_EXHAUSTED) << posted.message;
  EXPECT_THAT(posted.message, HasSubstr("expected room on the disk"));
  EXPECT_GT(done, 0);
  EXPECT_EQ(LedgerBytes(kept.get()), bytes);
  little.reset();
  EXPECT_EQ(PostBatch(kept.get(), done).report.posted, 50U);
  bytes = LedgerBytes(kept.get());
  kept.ledger.reset();
  EXPECT_EQ(LedgerBytes(OpenPath(path).get()), bytes);
}

TEST(PointsStoreTest, OneHandleAtATimeAndNoOtherFiles) {
  const Folder folder;
  const std::string path = folder.File("points");
  OpenedLedger first = OpenPath(path);
  ASSERT_EQ(first.status, PATRON_OK) << first.message;
  const OpenedLedger second = OpenPath(path);
  EXPECT_EQ(second.status, PATRON_FAILED_PRECONDITION);
  EXPECT_THAT(second.message, HasSubstr("is open in another process or by another handle"));
  first.ledger.reset();
  EXPECT_EQ(OpenPath(path).status, PATRON_OK);

  std::ofstream(folder.File("text")) << std::string(5'000, 'x');
  EXPECT_EQ(OpenPath(folder.File("text")).status, PATRON_DATA_LOSS);
  EXPECT_EQ(OpenPath(folder.File("no/such/folder")).status, PATRON_NOT_FOUND);
  EXPECT_EQ(OpenPath("").status, PATRON_INVALID_ARGUMENT);
  // A store of another kind of book.
  patron_register *reg = nullptr;
  ASSERT_EQ(patron_register_open(folder.File("register").c_str(), &reg, nullptr), PATRON_OK);
  std::vector<int64_t> id = {1};
  TableOf records;
  records.Integers("id", id);
  patron_record_source source;
  patron_record_source_init(&source);
  EXPECT_EQ(patron_register_add(reg, records.get(), &source, nullptr, nullptr), PATRON_OK);
  patron_register_free(reg);
  const OpenedLedger other = OpenPath(folder.File("register"));
  EXPECT_EQ(other.status, PATRON_DATA_LOSS);
  EXPECT_EQ(other.message,
            "points: entry 0: bytes: this is a register; expected a change of a ledger of points");
}

TEST(PointsStoreTest, RefusesBadStores) {
  HostMemory host;
  patron_entry_store store = host.Store();
  auto *ledger = Untouched<patron_points_ledger>();
  Error error;
  EXPECT_EQ(patron_points_ledger_open_store(nullptr, nullptr, nullptr, &ledger, error.get()),
            PATRON_INVALID_ARGUMENT);
  store.append = nullptr;
  EXPECT_EQ(patron_points_ledger_open_store(&store, nullptr, nullptr, &ledger, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "store: a function is NULL; expected read, append and replace");
  EXPECT_EQ(host.closed, 0);
  EXPECT_EQ(ledger, Untouched<patron_points_ledger>());
}

}  // namespace
}  // namespace patron::c_api_test
