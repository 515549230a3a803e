// Registers while allocations fail: they stay as they were, and those that are kept can be opened again.
#include <cstdint>
#include <cstring>
#include <functional>
#include <iterator>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "faults/kept.hpp"
#include "patron/c/customers.h"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

// Protobuf may lose a message of a list that cannot grow.
constexpr int64_t kLost = 1;

std::string BytesOf(const patron_register *reg) {
  const auto bytes =
      Made<patron_bytes>([&](auto out) { return patron_register_serialize(reg, out, nullptr); });
  return {static_cast<const char *>(patron_bytes_data(bytes.get())),
          patron_bytes_size(bytes.get())};
}

class RegisterAllocationTest : public ::testing::Test {
 protected:
  const TextColumn names_{{"Ann", "Anne", "Bob", "a name that is too long for a short string"}};
  const TextColumn keys_{{"k1", "k2", "k3", "k4"}};
  const TextColumn types_{{"phone", "email"}};
  const TextColumn values_{{"+86 138 0013 8000", "somebody.with.a.long.name@example.com"}};
  const TextColumn tie_types_{{"employee_of", "payer"}};
  const std::vector<int64_t> ids_ = {1, 2, 3, 4}, left_ = {1, 3}, right_ = {2, 4}, leaving_ = {2};
  const Own<patron_table> table_ =
      TableOf({ColumnOf("id", PATRON_TYPE_INT64, ids_), names_.As("name"), keys_.As("key")});
  const std::vector<double> weight_ = {12, 3}, weight_of_name_ = {8, -1};
  const Own<patron_table> pairs_ = TableOf(
      {ColumnOf("left", PATRON_TYPE_INT64, left_), ColumnOf("right", PATRON_TYPE_INT64, right_),
       ColumnOf("weight", PATRON_TYPE_FLOAT64, weight_),
       ColumnOf("weight_name_that_is_longer_than_most", PATRON_TYPE_FLOAT64, weight_of_name_)});
  const Own<patron_table> contacts_ = TableOf(
      {ColumnOf("record", PATRON_TYPE_INT64, left_), types_.As("type"), values_.As("value")});
  const Own<patron_table> ties_ =
      TableOf({ColumnOf("from", PATRON_TYPE_INT64, left_),
               ColumnOf("to", PATRON_TYPE_INT64, right_), tie_types_.As("type")});
  const TextColumn fields_{{"name"}}, kinds_{{"name"}};
  const Own<patron_table> identifiers_ = TableOf({fields_.As("field"), kinds_.As("kind")});
  const patron_column gone_ = ColumnOf("ids", PATRON_TYPE_INT64, leaving_);
  patron_register_note note_ = [] {
    patron_register_note note{};
    note.struct_size = sizeof note;
    note.actor = "a clerk with a name that is long";
    note.reason = "a reason that is long as well, and more";
    return note;
  }();
  patron_record_source source_ = [] {
    patron_record_source source;
    patron_record_source_init(&source);
    source.source_key = "key";
    source.captured_by = "a clerk with a name that is long";
    return source;
  }();

  static Own<patron_register> Create() {
    return Made<patron_register>([](auto out) { return patron_register_create(out, nullptr); });
  }

  patron_status Step(patron_register *reg, int step) const {
    switch (step) {
      case 0: return patron_register_add(reg, table_.get(), &source_, nullptr, nullptr);
      case 1: return patron_register_merge(reg, pairs_.get(), &note_, 0, nullptr, nullptr, nullptr);
      case 2: return patron_register_add_contacts(reg, contacts_.get(), "CN", &note_, nullptr);
      case 3: return patron_register_add_ties(reg, ties_.get(), &note_, nullptr);
      case 4: return patron_register_end(reg, PATRON_FACT_CONTACT, 0, 5, &note_, nullptr);
      case 5: return patron_register_split(reg, &gone_, &note_, nullptr, nullptr);
      case 6: return patron_register_unmerge(reg, 1, &note_, nullptr, nullptr);
      case 8: return patron_register_set_key(reg, "0123456789abcdef and more", 25, "CN", nullptr);
      case 9:
        return patron_register_erase(reg, &gone_, identifiers_.get(), nullptr, nullptr, &note_,
                                     nullptr);
      default: return patron_register_assert_different(reg, pairs_.get(), &note_, nullptr);
    }
  }
  void Steps(patron_register *reg, int count) const {
    for (int step = 0; step < count; ++step) EXPECT_EQ(Step(reg, step), PATRON_OK) << step;
  }
};

constexpr const char *kSteps[] = {
    "patron_register_add",          "patron_register_merge",
    "patron_register_add_contacts", "patron_register_add_ties",
    "patron_register_end",          "patron_register_split",
    "patron_register_unmerge",      "patron_register_assert_different",
    "patron_register_set_key",      "patron_register_erase"};
constexpr int kStepCount = std::size(kSteps);

TEST_F(RegisterAllocationTest, ChangesAreMadeOrNot) {
  FailMaking<patron_register>("patron_register_create",
                              [](auto out) { return patron_register_create(out, nullptr); });
  FailMaking<patron_register>("patron_register_open", [](auto out) {
    return patron_register_open(":memory:", out, nullptr);
  });
  for (int step = 0; step < kStepCount; ++step) {
    const auto done = Create();
    Steps(done.get(), step + 1);
    const std::string after = BytesOf(done.get());
    FailEach(kSteps[step], [&](Armed &armed) {
      const auto reg = Create();
      Steps(reg.get(), step);
      const patron_status status = armed([&] { return Step(reg.get(), step); });
      // Pairs before the one that failed stand: the rest can follow, or all was done.
      const bool pairs = step == 1 || step == 7;
      if (status != PATRON_OK) {
        EXPECT_EQ(Step(reg.get(), step), PATRON_OK) << step;
      }
      if (!pairs) {
        EXPECT_TRUE(BytesOf(reg.get()) == after) << step;
      }
      patron_register_size size{};
      size.struct_size = sizeof size;
      EXPECT_EQ(patron_register_get_size(reg.get(), &size, nullptr), PATRON_OK);
      EXPECT_EQ(size.entities, step < 1 ? 4U : step < 5 ? 2U : step < 6 ? 3U : step < 9 ? 4U : 3U);
    });
  }
}

TEST_F(RegisterAllocationTest, WhatIsKeptCanBeOpened) {
  for (int step = 0; step < kStepCount; ++step) {
    FailEach(kSteps[step], [&](Armed &armed) {
      Kept kept;
      const patron_entry_store store = kept.Store();
      auto reg = Made<patron_register>(
          [&](auto out) { return patron_register_open_store(&store, out, nullptr); });
      Steps(reg.get(), step);
      const patron_status status = armed([&] { return Step(reg.get(), step); });
      const std::string before = status == PATRON_OK ? BytesOf(reg.get()) : std::string();
      reg.reset();
      reg = Made<patron_register>(
          [&](auto out) { return patron_register_open_store(&store, out, nullptr); });
      if (status == PATRON_OK) {
        EXPECT_TRUE(BytesOf(reg.get()) == before);
      } else {
        EXPECT_EQ(Step(reg.get(), 8), PATRON_OK);  // The key is not in the store.
        EXPECT_EQ(Step(reg.get(), step), PATRON_OK) << step;
      }
    });
  }
}

TEST_F(RegisterAllocationTest, Readers) {
  const auto reg = Create();
  Steps(reg.get(), kStepCount);
  const std::string bytes = BytesOf(reg.get());
  FailMaking<patron_bytes>("patron_register_serialize", [&](auto out) {
    return patron_register_serialize(reg.get(), out, nullptr);
  });
  FailMaking<patron_register>(
      "patron_register_deserialize",
      [&](auto out) {
        return patron_register_deserialize(bytes.data(), bytes.size(), out, nullptr);
      },
      kLost);
  Kept kept;
  const patron_entry_store store = kept.Store();
  {
    const auto own = Made<patron_register>(
        [&](auto out) { return patron_register_open_store(&store, out, nullptr); });
    Steps(own.get(), kStepCount);
  }
  FailMaking<patron_register>(
      "patron_register_open_store",
      [&](auto out) { return patron_register_open_store(&store, out, nullptr); }, kLost);
  const TextColumn fields({"name", "phone"}), rules({"recent", "union"});
  const auto rule_table = TableOf({fields.As("field"), rules.As("rule")});
  const auto catalogue =
      Made<patron_table>([](auto out) { return patron_field_catalogue("retail", out, nullptr); });
  const std::vector<int64_t> entities = {1};
  const TextColumn classes({"a class with a name that is long"});
  const auto class_table =
      TableOf({ColumnOf("entity", PATRON_TYPE_INT64, entities), classes.As("class")});
  const patron_register *own = reg.get();
  using Call = std::function<patron_status(patron_table **)>;
  const std::vector<std::pair<const char *, Call>> calls = {
      {"patron_register_entities",
       [&](auto out) { return patron_register_entities(own, INT64_MAX, out, nullptr); }},
      {"patron_register_records",
       [&](auto out) { return patron_register_records(own, 1, out, nullptr); }},
      {"patron_register_erasures",
       [&](auto out) { return patron_register_erasures(own, out, nullptr); }},
      {"patron_register_log", [&](auto out) { return patron_register_log(own, out, nullptr); }},
      {"patron_register_evidence",
       [&](auto out) { return patron_register_evidence(own, out, nullptr); }},
      {"patron_register_values",
       [&](auto out) {
         return patron_register_values(own, rule_table.get(), INT64_MAX, 1, out, nullptr);
       }},
      {"patron_register_contacts",
       [&](auto out) { return patron_register_contacts(own, INT64_MAX, out, nullptr); }},
      {"patron_register_ties",
       [&](auto out) { return patron_register_ties(own, 0, INT64_MAX, out, nullptr); }},
      {"patron_field_catalogue",
       [&](auto out) { return patron_field_catalogue("hotel", out, nullptr); }},
      {"patron_register_card",
       [&](auto out) {
         return patron_register_card(own, 1, catalogue.get(), rule_table.get(), INT64_MAX, out,
                                     nullptr, nullptr);
       }},
      {"patron_register_list",
       [&](auto out) {
         return patron_register_list(own, class_table.get(), catalogue.get(), nullptr, INT64_MAX,
                                     out, nullptr);
       }},
      {"patron_register_completeness", [&](auto out) {
         return patron_register_completeness(own, catalogue.get(), PATRON_BY_RECORD, INT64_MAX, out,
                                             nullptr, nullptr);
       }}};
  for (const auto &[name, call] : calls) FailMaking<patron_table>(name, call);
}

}  // namespace
}  // namespace patron::faults
