// Casebooks that last: killed at any point, without room, altered, used twice.
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "c_api/casebooks.hpp"
#include "c_api/lasting.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

struct Opened {
  BookPointer book;
  patron_status status;
  std::string message;
};

Opened OpenFile(const std::string &path) {
  patron_casebook *raw = nullptr;
  Error error;
  const patron_status status = patron_casebook_open(path.c_str(), &raw, error.get());
  return {BookPointer(raw), status, error.message()};
}

Opened OpenHost(HostMemory &host) {
  patron_casebook *raw = nullptr;
  Error error;
  const patron_entry_store store = host.Store();
  const patron_status status = patron_casebook_open_store(&store, &raw, error.get());
  return {BookPointer(raw), status, error.message()};
}

// Events 50n to 50n + 49: cases that are received, and some that go on.
std::vector<Event> Batch(int n) {
  std::vector<Event> events;
  for (int i = 50 * n; i < 50 * n + 50; ++i) {
    const std::string number = std::to_string(i);
    const std::string case_id = "case " + std::to_string(i / 2);
    Event event{.id = number,
                .case_id = case_id,
                .type = i % 2 == 0 ? "receive" : "acknowledge",
                .time = kMonday + i};
    if (i % 2 == 0) event.customer = "customer " + std::to_string(i % 7);
    if (i % 5 == 0) event.text = std::string(100, static_cast<char>('a' + i % 26));
    events.push_back(std::move(event));
  }
  return events;
}

TEST(CasebookStoreTest, KilledAtAnyPointNothingToldIsLost) {
  const Folder folder;
  const std::string path = folder.File("book");
  {
    const Opened first = OpenFile(path);
    ASSERT_EQ(first.status, PATRON_OK) << first.message;
    AddRules(first.book.get());
  }
  const auto work = [&](int told, const auto &tell) {
    // Tells of each batch after it is done; never ends by itself.
    const Opened mine = OpenFile(path);
    if (mine.status != PATRON_OK) _exit(1);
    for (int n = told;; ++n) {
      if (Apply(mine.book.get(), Batch(n), kMonday + n * kHour).status != PATRON_OK) _exit(2);
      tell(n + 1);
      uint64_t ignored = 0;
      if (n % 5 == 4 && patron_casebook_advance(mine.book.get(), kMonday + n * kHour, &ignored,
                                                nullptr) != PATRON_OK) {
        _exit(4);
      }
      if (n % 20 == 19 && patron_casebook_compact(mine.book.get(), nullptr) != PATRON_OK) _exit(5);
    }
  };
  const auto check = [&](int told) {
    const Opened after = OpenFile(path);
    ASSERT_EQ(after.status, PATRON_OK) << after.message;
    Error error;
    EXPECT_EQ(patron_casebook_verify(after.book.get(), 0, nullptr, error.get()), PATRON_OK)
        << error.message();
    for (int n = 0; n < told; ++n) {
      ASSERT_EQ(Apply(after.book.get(), Batch(n), kMonday + 10'000 * kHour).report.duplicates, 50U)
          << "batch " << n << " of " << told << " is lost";
    }
  };
  KillAtAnyPoint(8, work, check);
}

TEST(CasebookStoreTest, WithoutRoomItStaysAsItWas) {
  const Folder folder;
  const std::string path = folder.File("book");
  const Opened opened = OpenFile(path);
  ASSERT_EQ(opened.status, PATRON_OK) << opened.message;
  AddRules(opened.book.get());
  std::optional<LittleRoom> little(std::in_place);
  int done = 0;
  Applied applied;
  std::string snapshot;
  for (; done < 1'000; ++done) {
    snapshot = SnapshotOf(opened.book.get());
    applied = Apply(opened.book.get(), Batch(done), kMonday + done * kHour);
    if (applied.status != PATRON_OK) break;
  }
  EXPECT_EQ(applied.status, PATRON_RESOURCE_EXHAUSTED) << applied.message;
  EXPECT_NE(applied.message.find("expected room on the disk"), std::string::npos)
      << applied.message;
  EXPECT_GT(done, 0);
  EXPECT_EQ(SnapshotOf(opened.book.get()), snapshot);
  little.reset();
  // With room again the same handle goes on.
  EXPECT_EQ(Apply(opened.book.get(), Batch(done), kMonday + done * kHour).report.applied, 50U);
  snapshot = SnapshotOf(opened.book.get());
  Error error;
  EXPECT_EQ(patron_casebook_verify(opened.book.get(), 0, nullptr, error.get()), PATRON_OK)
      << error.message();
  const_cast<BookPointer &>(opened.book).reset();
  const Opened again = OpenFile(path);
  ASSERT_EQ(again.status, PATRON_OK) << again.message;
  EXPECT_EQ(SnapshotOf(again.book.get()), snapshot);
}

TEST(CasebookStoreTest, OneHandleAtATime) {
  const Folder folder;
  const std::string path = folder.File("book");
  Opened first = OpenFile(path);
  ASSERT_EQ(first.status, PATRON_OK) << first.message;
  const Opened second = OpenFile(path);
  EXPECT_EQ(second.status, PATRON_FAILED_PRECONDITION);
  EXPECT_NE(second.message.find("is open in another process or by another handle"),
            std::string::npos)
      << second.message;
  first.book.reset();

  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Opened mine = OpenFile(path);
    const char answer = mine.status == PATRON_OK ? 'y' : 'n';
    if (write(ends[1], &answer, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  char answer = 0;
  ASSERT_EQ(read(ends[0], &answer, 1), 1);
  EXPECT_EQ(answer, 'y');
  EXPECT_EQ(OpenFile(path).status, PATRON_FAILED_PRECONDITION);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  close(ends[0]);
  close(ends[1]);
  EXPECT_EQ(OpenFile(path).status, PATRON_OK);
}

TEST(CasebookStoreTest, OtherFilesAreRefused) {
  const Folder folder;
  std::ofstream(folder.File("text")) << std::string(5'000, 'x');
  EXPECT_EQ(OpenFile(folder.File("text")).status, PATRON_DATA_LOSS);
  EXPECT_EQ(OpenFile(folder.File("no/such/folder")).status, PATRON_NOT_FOUND);
  EXPECT_EQ(OpenFile("").status, PATRON_INVALID_ARGUMENT);
}

// A page of which a part was not written: SQLite or the digests of the entries find it.
TEST(CasebookStoreTest, TornPagesAreFound) {
  const Folder folder;
  const std::string path = folder.File("book");
  std::string snapshot;
  {
    const Opened opened = OpenFile(path);
    AddRules(opened.book.get());
    for (int n = 0; n < 20; ++n) Apply(opened.book.get(), Batch(n), kMonday + n * kHour);
    snapshot = SnapshotOf(opened.book.get());
  }
  ASSERT_FALSE(std::filesystem::exists(path + "-wal"));
  std::ifstream in(path, std::ios::binary);
  const std::string whole((std::istreambuf_iterator<char>(in)), {});
  in.close();
  int found = 0;
  for (size_t at = 512; at + 512 <= whole.size(); at += 512 * 3) {
    std::string torn = whole;
    torn.replace(at, 512, 512, '\x5A');
    std::ofstream(path, std::ios::binary) << torn;
    const Opened opened = OpenFile(path);
    if (opened.status == PATRON_OK) {
      EXPECT_EQ(SnapshotOf(opened.book.get()), snapshot) << "torn at " << at;
      continue;
    }
    ++found;
    EXPECT_EQ(opened.status, PATRON_DATA_LOSS) << "torn at " << at << ": " << opened.message;
  }
  EXPECT_GT(found, 10);
}

TEST(CasebookStoreTest, WhatWasAlteredMissingOrMovedIsFound) {
  HostMemory host;
  {
    const Opened opened = OpenHost(host);
    ASSERT_EQ(opened.status, PATRON_OK) << opened.message;
    AddRules(opened.book.get());
    for (int n = 0; n < 5; ++n) Apply(opened.book.get(), Batch(n), kMonday + n * kHour);
    ASSERT_EQ(patron_casebook_advance(opened.book.get(), kMonday + 100 * kHour, nullptr, nullptr),
              PATRON_OK);
  }
  EXPECT_EQ(host.closed, 1);
  const std::vector<std::string> good = host.entries;
  ASSERT_EQ(good.size(), 8U);  // Calendar, policy, five batches, what happened by itself.
  const auto loss = [&](size_t place) {
    const Opened opened = OpenHost(host);
    EXPECT_EQ(opened.status, PATRON_DATA_LOSS);
    EXPECT_TRUE(opened.message.starts_with("casebook: entry " + std::to_string(place) + ": "))
        << opened.message;
    host.entries = good;
  };
  AlterEntries(host, 2, loss);
  // Of two logs the same entries: the digests that they follow differ.
  HostMemory other;
  {
    const Opened opened = OpenHost(other);
    AddRules(opened.book.get());
    std::vector<Event> changed = Batch(0);
    changed[0].customer = "somebody else";
    Apply(opened.book.get(), changed, kMonday);
    for (int n = 1; n < 5; ++n) Apply(opened.book.get(), Batch(n), kMonday + n * kHour);
  }
  ASSERT_EQ(other.entries[4].size(), good[4].size());
  host.entries[4] = other.entries[4];
  loss(4);
  // A tail that is missing is another log, which the head of then shows.
  const Opened whole = OpenHost(host);
  const patron_casebook_size size = SizeOf(whole.book.get());
  HostMemory less;
  less.entries.assign(good.begin(), good.begin() + 6);
  const Opened shorter = OpenHost(less);
  ASSERT_EQ(shorter.status, PATRON_OK);
  EXPECT_EQ(patron_casebook_verify(shorter.book.get(), size.events, size.head, nullptr),
            PATRON_DATA_LOSS);
  // What another changes while the casebook is open is found by asking.
  EXPECT_EQ(patron_casebook_verify(whole.book.get(), 0, nullptr, nullptr), PATRON_OK);
  host.entries.pop_back();
  EXPECT_EQ(patron_casebook_verify(whole.book.get(), 0, nullptr, nullptr), PATRON_DATA_LOSS);
}

TEST(CasebookStoreTest, AStoreThatFailsLeavesEventsOut) {
  HostMemory host;
  const Opened opened = OpenHost(host);
  AddRules(opened.book.get());
  ASSERT_EQ(Apply(opened.book.get(), Batch(0), kMonday).status, PATRON_OK);
  const std::string before = SnapshotOf(opened.book.get());
  host.fail_appends = 1;
  const Applied applied = Apply(opened.book.get(), Batch(1), kMonday);
  EXPECT_EQ(applied.status, PATRON_RESOURCE_EXHAUSTED);
  EXPECT_EQ(applied.message, "casebook: the store: append of entry 3: no room");
  EXPECT_EQ(SnapshotOf(opened.book.get()), before);
  host.fail_appends = 1;
  EXPECT_EQ(patron_casebook_advance(opened.book.get(), kMonday + 20 * kHour, nullptr, nullptr),
            PATRON_RESOURCE_EXHAUSTED);
  EXPECT_EQ(SnapshotOf(opened.book.get()), before);
  EXPECT_EQ(Apply(opened.book.get(), Batch(1), kMonday).report.applied, 50U);

  // A policy that is added in memory and not in the store: to be opened again.
  patron_policy *policy = nullptr;
  ASSERT_EQ(patron_policy_preset("default", 4, &policy, nullptr), PATRON_OK);
  EXPECT_EQ(patron_casebook_add_policy(opened.book.get(), policy, nullptr), PATRON_OK);  // Known.
  patron_policy_free(policy);
  TableOf hours;
  hours.Texts("day", {"mon"}).Texts("open", {"09:00"}).Texts("close", {"17:00"});
  patron_calendar *calendar = nullptr;
  ASSERT_EQ(patron_calendar_create("UTC", hours.get(), &calendar, nullptr), PATRON_OK);
  host.fail_appends = 1;
  EXPECT_EQ(patron_casebook_add_calendar(opened.book.get(), "other", calendar, 0, nullptr),
            PATRON_RESOURCE_EXHAUSTED);
  patron_calendar_free(calendar);
  const Applied refused = Apply(opened.book.get(), Batch(2), kMonday);
  EXPECT_EQ(refused.status, PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(refused.message,
            "casebook: a change failed half way; expected one that has been opened again");
  const Opened again = OpenHost(host);
  ASSERT_EQ(again.status, PATRON_OK) << again.message;
  EXPECT_EQ(SizeOf(again.book.get()).events, 100U);
}

TEST(CasebookStoreTest, CompactingKeepsEverything) {
  HostMemory host;
  std::string snapshot;
  {
    const Opened opened = OpenHost(host);
    AddRules(opened.book.get());
    for (int n = 0; n < 5; ++n) Apply(opened.book.get(), Batch(n), kMonday + n * kHour);
    ASSERT_EQ(patron_casebook_compact(opened.book.get(), nullptr), PATRON_OK);
    EXPECT_EQ(host.entries.size(), 1U);
    ASSERT_EQ(Apply(opened.book.get(), Batch(5), kMonday + 5 * kHour).status, PATRON_OK);
    ASSERT_EQ(patron_casebook_advance(opened.book.get(), kMonday + 50 * kHour, nullptr, nullptr),
              PATRON_OK);
    snapshot = SnapshotOf(opened.book.get());
  }
  EXPECT_EQ(host.entries.size(), 3U);
  const Opened again = OpenHost(host);
  ASSERT_EQ(again.status, PATRON_OK) << again.message;
  EXPECT_EQ(SnapshotOf(again.book.get()), snapshot);
}

TEST(CasebookStoreTest, RefusesBadStores) {
  HostMemory host;
  patron_entry_store store = host.Store();
  auto *book = Untouched<patron_casebook>();
  Error error;
  EXPECT_EQ(patron_casebook_open_store(nullptr, &book, error.get()), PATRON_INVALID_ARGUMENT);
  store.append = nullptr;
  EXPECT_EQ(patron_casebook_open_store(&store, &book, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "store: a function is NULL; expected read, append and replace");
  store = host.Store();
  store.struct_size = 0;
  EXPECT_EQ(patron_casebook_open_store(&store, &book, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(host.closed, 0);
  EXPECT_EQ(book, Untouched<patron_casebook>());
}

}  // namespace
}  // namespace patron::c_api_test
