// Casebooks for tests of the C interface: in memory, in a file, kept by a host.
#ifndef PATRON_TESTS_C_API_CASEBOOKS_HPP_
#define PATRON_TESTS_C_API_CASEBOOKS_HPP_

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {

inline constexpr int64_t kHour = int64_t{3'600} * 1'000'000;
inline constexpr int64_t kMonday = 1'717'398'000'000'000;  // 2024-06-03 07:00 UTC, a Monday.

struct FreeCasebook {
  void operator()(patron_casebook *book) const { patron_casebook_free(book); }
  void operator()(patron_calendar *calendar) const { patron_calendar_free(calendar); }
  void operator()(patron_policy *policy) const { patron_policy_free(policy); }
};
using BookPointer = std::unique_ptr<patron_casebook, FreeCasebook>;

// One event, by names.
struct Event {
  std::string id;
  std::string case_id;
  std::string type;
  int64_t time = kMonday;
  std::optional<std::string> actor{}, customer{};
  std::optional<std::string> role = "supervisor";
  std::optional<double> amount{};
  std::optional<int64_t> due{};
  std::optional<int64_t> code{}, reason{};
  std::optional<std::string> related_case{}, related_event{}, text{};
};

inline void AddColumns(const std::vector<Event> &events, TableOf &table) {
  std::vector<std::string> ids, cases, types;
  std::vector<int64_t> times;
  std::vector<std::optional<std::string>> actors, customers, roles, related_cases, related_events,
      texts;
  std::vector<std::optional<double>> amounts;
  std::vector<std::optional<int64_t>> dues, codes, reasons;
  for (const Event &event : events) {
    ids.push_back(event.id);
    cases.push_back(event.case_id);
    types.push_back(event.type);
    times.push_back(event.time);
    actors.push_back(event.actor);
    customers.push_back(event.customer);
    roles.push_back(event.role);
    amounts.push_back(event.amount);
    dues.push_back(event.due);
    codes.push_back(event.code);
    reasons.push_back(event.reason);
    related_cases.push_back(event.related_case);
    related_events.push_back(event.related_event);
    texts.push_back(event.text);
  }
  table.Texts("event", ids)
      .Texts("case", cases)
      .Texts("type", types)
      .Times("time", times)
      .OptionalTexts("actor", actors)
      .OptionalTexts("customer", customers)
      .OptionalTexts("role", roles)
      .Numbers("amount", amounts)
      .Times("due", dues)
      .Integers("code", codes)
      .Integers("reason", reasons)
      .OptionalTexts("related_case", related_cases)
      .OptionalTexts("related_event", related_events)
      .OptionalTexts("text", texts);
}

// The calendar and the policy that cases have, in a new casebook.
inline void AddRules(patron_casebook *book) {
  TableOf hours;
  hours.Texts("day", {"mon", "tue", "wed", "thu", "fri"})
      .Texts("open", std::vector<std::string>(5, "09:00"))
      .Texts("close", std::vector<std::string>(5, "17:00"));
  patron_calendar *calendar = nullptr;
  patron_policy *policy = nullptr;
  Error error;
  ASSERT_EQ(patron_calendar_create("UTC", hours.get(), &calendar, error.get()), PATRON_OK);
  ASSERT_EQ(patron_policy_preset("default", 4, &policy, error.get()), PATRON_OK);
  EXPECT_EQ(patron_casebook_add_calendar(book, "service", calendar, 0, error.get()), PATRON_OK)
      << error.message();
  EXPECT_EQ(patron_casebook_add_policy(book, policy, error.get()), PATRON_OK) << error.message();
  patron_calendar_free(calendar);
  patron_policy_free(policy);
}

struct Applied {
  patron_status status = PATRON_OK;
  std::string message;
  std::vector<std::string> verdicts;
  std::vector<std::optional<std::string>> refusals;
  patron_apply_report report{};
};

inline Applied Apply(patron_casebook *book, const std::vector<Event> &events, int64_t recorded,
                     int32_t mode = PATRON_APPLY_ROWS) {
  TableOf table;
  AddColumns(events, table);
  patron_apply_options options;
  patron_apply_options_init(&options);
  options.recorded = recorded;
  options.mode = mode;
  auto *raw = Untouched<patron_table>();
  Applied result;
  result.report.struct_size = sizeof result.report;
  Error error;
  result.status =
      patron_casebook_apply(book, table.get(), &options, &raw, &result.report, error.get());
  result.message = error.message();
  if (result.status != PATRON_OK) {
    EXPECT_EQ(raw, Untouched<patron_table>());
    return result;
  }
  const Table verdicts(raw);
  result.verdicts = Texts(verdicts, "verdict");
  result.refusals = OptionalTexts(verdicts, "refusal");
  return result;
}

inline patron_casebook_size SizeOf(const patron_casebook *book) {
  patron_casebook_size size{};
  size.struct_size = sizeof size;
  EXPECT_EQ(patron_casebook_get_size(book, &size, nullptr), PATRON_OK);
  return size;
}

inline std::string SnapshotOf(const patron_casebook *book) {
  patron_bytes *bytes = nullptr;
  Error error;
  EXPECT_EQ(patron_casebook_serialize(book, &bytes, error.get()), PATRON_OK) << error.message();
  std::string text(static_cast<const char *>(patron_bytes_data(bytes)), patron_bytes_size(bytes));
  patron_bytes_free(bytes);
  return text;
}

inline std::string StateOf(const patron_casebook *book, const char *id) {
  patron_table *raw = nullptr;
  Error error;
  if (patron_casebook_case(book, 0, id, kMonday, PATRON_MONEY_FLOAT64, &raw, nullptr, nullptr,
                           nullptr, error.get()) != PATRON_OK) {
    return error.message();
  }
  const Table table(raw);
  return Texts(table, "state")[0];
}

// A folder that is removed with all that is in it.
class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "casebook-XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    path_ = name;
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder &) = delete;
  Folder &operator=(const Folder &) = delete;
  std::string File(const char *name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

// What a host keeps in memory, and what it does when it is told to fail.
struct HostMemory {
  std::vector<std::string> entries;
  int fail_appends = 0;
  int opened = 0, closed = 0;

  patron_entry_store Store() {
    patron_entry_store store{};
    store.struct_size = sizeof store;
    store.data = this;
    store.read = [](void *data, uint64_t place, const void **bytes, size_t *size, patron_error *) {
      const auto &entries = static_cast<HostMemory *>(data)->entries;
      if (place >= entries.size()) return patron_status{PATRON_OUT_OF_RANGE};
      *bytes = entries[place].data();
      *size = entries[place].size();
      return patron_status{PATRON_OK};
    };
    store.append = [](void *data, uint64_t place, const void *bytes, size_t size,
                      patron_error *error) {
      auto &host = *static_cast<HostMemory *>(data);
      if (host.fail_appends > 0) {
        --host.fail_appends;
        std::strcpy(error->message, "no room");
        return patron_status{PATRON_RESOURCE_EXHAUSTED};
      }
      if (place != host.entries.size()) return patron_status{PATRON_INTERNAL};
      host.entries.emplace_back(static_cast<const char *>(bytes), size);
      return patron_status{PATRON_OK};
    };
    store.replace = [](void *data, const void *bytes, size_t size, patron_error *) {
      auto &host = *static_cast<HostMemory *>(data);
      host.entries = {std::string(static_cast<const char *>(bytes), size)};
      return patron_status{PATRON_OK};
    };
    store.close = [](void *data) { ++static_cast<HostMemory *>(data)->closed; };
    return store;
  }
};

}  // namespace patron::c_api_test

#endif  // PATRON_TESTS_C_API_CASEBOOKS_HPP_
