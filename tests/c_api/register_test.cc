// Registers that a host keeps: what fails, what is altered, and what is written again.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/casebooks.hpp"
#include "c_api/tables.hpp"
#include "patron/c/customers.h"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

struct Free {
  void operator()(patron_register *reg) const { patron_register_free(reg); }
};
using RegisterPointer = std::unique_ptr<patron_register, Free>;

struct OpenedRegister {
  RegisterPointer reg;
  patron_status status;
  std::string message;
};

OpenedRegister OpenHost(HostMemory &host) {
  patron_register *raw = nullptr;
  Error error;
  const patron_entry_store store = host.Store();
  const patron_status status = patron_register_open_store(&store, &raw, error.get());
  return {RegisterPointer(raw), status, error.message()};
}

patron_column Integers(const char *name, const std::vector<int64_t> &values) {
  patron_column column{};
  column.struct_size = sizeof column;
  column.type = PATRON_TYPE_INT64;
  column.name = name;
  column.length = static_cast<int64_t>(values.size());
  column.data = values.data();
  return column;
}

patron_status Add(patron_register *reg, const std::vector<int64_t> &ids, Error *error) {
  const patron_column column = Integers("id", ids);
  patron_table *raw = nullptr;
  EXPECT_EQ(patron_table_borrow(&column, 1, &raw, nullptr), PATRON_OK);
  const Table table(raw);
  patron_record_source source;
  patron_record_source_init(&source);
  return patron_register_add(reg, raw, &source, nullptr, error->get());
}

patron_status Merge(patron_register *reg, int64_t left, int64_t right, Error *error) {
  const std::vector<int64_t> lefts = {left}, rights = {right};
  const patron_column columns[] = {Integers("left", lefts), Integers("right", rights)};
  patron_table *raw = nullptr;
  EXPECT_EQ(patron_table_borrow(columns, 2, &raw, nullptr), PATRON_OK);
  const Table table(raw);
  patron_register_note note{};
  note.struct_size = sizeof note;
  return patron_register_merge(reg, raw, &note, 0, nullptr, nullptr, error->get());
}

uint64_t EntityOf(const patron_register *reg, int64_t id) {
  uint64_t entity = 0;
  EXPECT_EQ(patron_register_entity(reg, id, nullptr, INT64_MAX, &entity, nullptr), PATRON_OK);
  return entity;
}

TEST(RegisterStoreTest, AStoreThatFailsLosesNothingThatWasTold) {
  HostMemory host;
  OpenedRegister opened = OpenHost(host);
  ASSERT_EQ(opened.status, PATRON_OK) << opened.message;
  Error error;
  ASSERT_EQ(Add(opened.reg.get(), {1, 2, 3}, &error), PATRON_OK) << error.message();
  // Records that were not written are not there, and can be added again.
  host.fail_appends = 1;
  EXPECT_EQ(Add(opened.reg.get(), {4, 5}, &error), PATRON_RESOURCE_EXHAUSTED);
  EXPECT_EQ(error.message(), "register: the store: append of entry 1: no room");
  EXPECT_EQ(Add(opened.reg.get(), {4, 5}, &error), PATRON_OK) << error.message();
  // A merge that was made and not written: the register has to be opened again.
  host.fail_appends = 1;
  EXPECT_EQ(Merge(opened.reg.get(), 1, 2, &error), PATRON_RESOURCE_EXHAUSTED);
  EXPECT_EQ(Merge(opened.reg.get(), 1, 3, &error), PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(error.message(),
            "register: a change failed half way; expected one that has been opened again");
  opened = OpenHost(host);
  ASSERT_EQ(opened.status, PATRON_OK) << opened.message;
  EXPECT_NE(EntityOf(opened.reg.get(), 1), EntityOf(opened.reg.get(), 2));
  EXPECT_EQ(Merge(opened.reg.get(), 4, 5, &error), PATRON_OK) << error.message();
  opened = OpenHost(host);
  EXPECT_EQ(EntityOf(opened.reg.get(), 4), EntityOf(opened.reg.get(), 5));
  EXPECT_EQ(host.entries.size(), 3U);
}

TEST(RegisterStoreTest, WhatWasAlteredIsRefused) {
  HostMemory host;
  Error error;
  {
    const OpenedRegister opened = OpenHost(host);
    for (int64_t id = 0; id < 4; ++id) {
      ASSERT_EQ(Add(opened.reg.get(), {id}, &error), PATRON_OK) << error.message();
    }
  }
  const std::vector<std::string> sound = host.entries;
  std::swap(host.entries[1], host.entries[2]);
  OpenedRegister opened = OpenHost(host);
  EXPECT_EQ(opened.status, PATRON_DATA_LOSS);
  EXPECT_EQ(opened.message, "register: entry 1: bytes: it says that it is entry 2");
  host.entries = sound;
  host.entries.erase(host.entries.begin() + 2);
  EXPECT_EQ(OpenHost(host).status, PATRON_DATA_LOSS);
  host.entries = sound;
  host.entries[3] = host.entries[2];
  EXPECT_EQ(OpenHost(host).status, PATRON_DATA_LOSS);
  host.entries = sound;
  host.entries[0].back() = static_cast<char>(host.entries[0].back() ^ 1);
  EXPECT_EQ(OpenHost(host).status, PATRON_DATA_LOSS);
  host.entries = sound;
  EXPECT_EQ(OpenHost(host).status, PATRON_OK);
  // That of another book is not one of a register.
  patron_casebook *book = nullptr;
  const patron_entry_store store = host.Store();
  EXPECT_EQ(patron_casebook_open_store(&store, &book, nullptr), PATRON_DATA_LOSS);
}

TEST(RegisterStoreTest, AnErasureLeavesOneEntryOfAHost) {
  HostMemory host;
  Error error;
  OpenedRegister opened = OpenHost(host);
  constexpr int64_t kSecret = 0x5EC4E75EC4E75EC4;
  ASSERT_EQ(Add(opened.reg.get(), {1, kSecret, 3}, &error), PATRON_OK) << error.message();
  ASSERT_EQ(Merge(opened.reg.get(), 1, kSecret, &error), PATRON_OK) << error.message();
  const auto holds_secret = [&] {
    // As protobuf writes a zigzag number.
    std::string wire;
    for (uint64_t rest = uint64_t{kSecret} << 1;; rest >>= 7) {
      wire += static_cast<char>(rest < 0x80 ? rest : ((rest & 0x7F) | 0x80));
      if (rest < 0x80) break;
    }
    for (const std::string &entry : host.entries) {
      if (entry.find(wire) != std::string::npos) return true;
    }
    return false;
  };
  EXPECT_TRUE(holds_secret());
  const std::vector<int64_t> gone = {kSecret};
  const patron_column ids = Integers("ids", gone);
  patron_register_note note{};
  note.struct_size = sizeof note;
  EXPECT_EQ(
      patron_register_erase(opened.reg.get(), &ids, nullptr, nullptr, nullptr, &note, error.get()),
      PATRON_FAILED_PRECONDITION);
  ASSERT_EQ(patron_register_set_key(opened.reg.get(), "0123456789abcdef", 16, nullptr, nullptr),
            PATRON_OK);
  ASSERT_EQ(
      patron_register_erase(opened.reg.get(), &ids, nullptr, nullptr, nullptr, &note, error.get()),
      PATRON_OK)
      << error.message();
  EXPECT_FALSE(holds_secret());
  EXPECT_EQ(host.entries.size(), 1U);
  // It goes on from there.
  ASSERT_EQ(Merge(opened.reg.get(), 1, 3, &error), PATRON_OK) << error.message();
  opened = OpenHost(host);
  ASSERT_EQ(opened.status, PATRON_OK) << opened.message;
  EXPECT_EQ(EntityOf(opened.reg.get(), 1), EntityOf(opened.reg.get(), 3));
  EXPECT_EQ(Add(opened.reg.get(), {kSecret}, &error), PATRON_FAILED_PRECONDITION);
  ASSERT_EQ(patron_register_set_key(opened.reg.get(), "0123456789abcdef", 16, nullptr, nullptr),
            PATRON_OK);
  EXPECT_EQ(Add(opened.reg.get(), {8, kSecret}, &error), PATRON_FAILED_PRECONDITION);
  EXPECT_EQ(error.message(), "id: row 1 is of someone who was erased; expected no one");
  EXPECT_EQ(Add(opened.reg.get(), {8}, &error), PATRON_OK) << error.message();
}

}  // namespace
}  // namespace patron::c_api_test
