#include "patron/c/table.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/arrow_producer.hpp"

namespace {

using patron::test::Alive;
using patron::test::BitsOf;
using patron::test::BytesOf;
using patron::test::Dictionary;
using patron::test::Fixed;
using patron::test::Made;
using patron::test::MadeStream;
using patron::test::MakeArray;
using patron::test::MakeSchema;
using patron::test::MakeStream;
using patron::test::Nulls;
using patron::test::Sliced;
using patron::test::Struct;
using patron::test::Text;
using patron::test::Texts;
using patron::test::TextViews;
using patron::test::Unaligned;

class TableTest : public ::testing::Test {
 protected:
  void TearDown() override {
    for (patron_table *table : tables_) patron_table_free(table);
    EXPECT_EQ(alive_.schemas, 0);
    EXPECT_EQ(alive_.arrays, 0);
    EXPECT_EQ(alive_.streams, 0);
  }

  patron_table *Keep(patron_table *table) {
    tables_.push_back(table);
    return table;
  }

  // Imports batches as a stream; null, with error_ filled, if that fails.
  patron_table *Import(const std::vector<Made> &batches) {
    ArrowArrayStream stream;
    MakeStream({.schema = batches[0], .batches = batches}, &alive_, &stream);
    patron_table *table = nullptr;
    if (patron_table_import_stream(&stream, &table, &error_) != PATRON_OK) {
      EXPECT_EQ(table, nullptr);
      EXPECT_NE(stream.release, nullptr);
      stream.release(&stream);
      return nullptr;
    }
    EXPECT_EQ(stream.release, nullptr);
    EXPECT_EQ(alive_.streams, 0);
    return Keep(table);
  }

  // Imports one batch as an array. A refusal leaves both structs as they were.
  patron_table *ImportArray(const Made &batch) {
    ArrowSchema schema;
    ArrowArray array;
    MakeSchema(batch, &alive_, &schema);
    MakeArray(batch, &alive_, &array);
    const ArrowSchema schema_before = schema;
    const ArrowArray array_before = array;
    patron_table *table = nullptr;
    if (patron_table_import_array(&schema, &array, &table, &error_) != PATRON_OK) {
      EXPECT_EQ(table, nullptr);
      EXPECT_EQ(std::memcmp(&schema, &schema_before, sizeof schema), 0);
      EXPECT_EQ(std::memcmp(&array, &array_before, sizeof array), 0);
      if (schema.release != nullptr) schema.release(&schema);
      if (array.release != nullptr) array.release(&array);
      return nullptr;
    }
    EXPECT_EQ(schema.release, nullptr);
    EXPECT_EQ(array.release, nullptr);
    return Keep(table);
  }

  // The message with which a column is refused, and the same by stream and by array.
  std::string Refusal(const Made &column) { return RefusalOfBatch(Struct({column})); }
  std::string RefusalOfBatch(const Made &batch) {
    EXPECT_EQ(ImportArray(batch), nullptr);
    EXPECT_EQ(error_.code, PATRON_INVALID_ARGUMENT);
    const std::string message = error_.message;
    EXPECT_EQ(Import({batch}), nullptr);
    EXPECT_NE(std::string(error_.message).find(message), std::string::npos) << error_.message;
    EXPECT_EQ(alive_.total(), 0);
    return message;
  }

  patron_column Column(const patron_table *table, size_t index, size_t batch = 0) {
    patron_column column = {};
    column.struct_size = sizeof column;
    EXPECT_EQ(patron_table_column(table, index, batch, &column, &error_), PATRON_OK)
        << error_.message;
    return column;
  }

  patron_table *Flatten(const patron_table *table) {
    patron_table *flat = nullptr;
    EXPECT_EQ(patron_table_flatten(table, &flat, &error_), PATRON_OK) << error_.message;
    return flat == nullptr ? nullptr : Keep(flat);
  }

  template <typename T>
  std::vector<T> Values(const patron_column &column) {
    std::vector<T> values(static_cast<size_t>(column.length));
    if (values.empty()) return values;
    std::memcpy(values.data(), static_cast<const T *>(column.data) + column.offset,
                values.size() * sizeof(T));
    return values;
  }

  template <typename Offset>
  std::vector<std::string> Words(const patron_column &column) {
    std::vector<std::string> words;
    const auto *offsets = static_cast<const Offset *>(column.offsets) + column.offset;
    for (int64_t i = 0; i < column.length; ++i) {
      words.emplace_back(static_cast<const char *>(column.data) + offsets[i],
                         static_cast<size_t>(offsets[i + 1] - offsets[i]));
    }
    return words;
  }

  Alive alive_;
  patron_error error_ = {};
  std::vector<patron_table *> tables_;
};

patron_column Borrowed(const char *name, int32_t type, int64_t length, const void *data) {
  patron_column column = {};
  column.struct_size = sizeof column;
  column.name = name;
  column.type = type;
  column.length = length;
  column.data = data;
  return column;
}

TEST_F(TableTest, AStreamBecomesATable) {
  const Made batch = Struct({Fixed<int64_t>("a", "l", {1, 2}), Text("b", {"x", "y"})});
  const Made empty = Struct({Fixed<int64_t>("a", "l", {}), Text("b", {})});
  const patron_table *table = Import({empty, batch, empty, batch, batch});
  ASSERT_NE(table, nullptr) << error_.message;
  EXPECT_EQ(patron_table_rows(table), 6);
  EXPECT_EQ(patron_table_columns(table), 2u);
  EXPECT_EQ(patron_table_batches(table), 5u);
  EXPECT_STREQ(patron_table_name(table, 0), "a");
  EXPECT_STREQ(patron_table_name(table, 1), "b");
  EXPECT_EQ(patron_table_name(table, 2), nullptr);
  size_t index = 99;
  EXPECT_EQ(patron_table_find(table, "b", &index, &error_), PATRON_OK);
  EXPECT_EQ(index, 1u);
  EXPECT_EQ(patron_table_find(table, "c", &index, &error_), PATRON_NOT_FOUND);
  EXPECT_STREQ(error_.message, "column 'c' is missing; the table has a, b");
  EXPECT_EQ(index, 1u);
}

TEST_F(TableTest, BuffersAreNotCopied) {
  const Made batch = Struct({Fixed<int64_t>("a", "l", {1, 2, 3})});
  ArrowSchema schema;
  ArrowArray array;
  MakeSchema(batch, &alive_, &schema);
  MakeArray(batch, &alive_, &array);
  const void *data = array.children[0]->buffers[1];
  patron_table *table = nullptr;
  ASSERT_EQ(patron_table_import_array(&schema, &array, &table, &error_), PATRON_OK);
  Keep(table);
  EXPECT_EQ(alive_.schemas, 0);
  EXPECT_GT(alive_.arrays, 0);
  EXPECT_EQ(Column(table, 0).data, data);
}

TEST_F(TableTest, AStreamThatFailsInTheMiddleSaysWhy) {
  const Made batch = Struct({Fixed<int64_t>("a", "l", {1, 2})});
  ArrowArrayStream stream;
  MakeStream({.schema = batch,
              .batches = {batch, batch},
              .error_code = EIO,
              .error_text = "the disk\nis gone"},
             &alive_, &stream);
  patron_table *table = nullptr;
  EXPECT_EQ(patron_table_import_stream(&stream, &table, &error_), PATRON_UNKNOWN);
  EXPECT_STREQ(error_.message, "the stream failed with code 5: the disk\\x0ais gone");
  EXPECT_EQ(table, nullptr);
  EXPECT_EQ(alive_.arrays, 0);  // The batches taken have been released; the stream has not.
  ASSERT_NE(stream.release, nullptr);
  stream.release(&stream);

  MakeStream({.schema = batch, .batches = {}, .error_code = ENOMEM, .schema_fails = true}, &alive_,
             &stream);
  EXPECT_EQ(patron_table_import_stream(&stream, &table, &error_), PATRON_RESOURCE_EXHAUSTED);
  EXPECT_STREQ(error_.message, "the stream failed with code 12");
  stream.get_last_error = nullptr;
  EXPECT_EQ(patron_table_import_stream(&stream, &table, &error_), PATRON_RESOURCE_EXHAUSTED);
  stream.release(&stream);
}

TEST_F(TableTest, ABadBatchInTheMiddleIsNamed) {
  const Made good = Struct({Fixed<int64_t>("a", "l", {1, 2})});
  Made bad = good;
  bad.children[0].length = -1;
  ArrowArrayStream stream;
  MakeStream({.schema = good, .batches = {good, bad}}, &alive_, &stream);
  patron_table *table = nullptr;
  EXPECT_EQ(patron_table_import_stream(&stream, &table, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "batch 1: column 'a': length is -1");
  EXPECT_EQ(alive_.arrays, 0);
  stream.release(&stream);
}

TEST_F(TableTest, AnEmptyStreamIsAnEmptyTable) {
  ArrowArrayStream stream;
  MakeStream({.schema = Struct({Fixed<int64_t>("a", "l", {})}), .batches = {}}, &alive_, &stream);
  patron_table *table = nullptr;
  ASSERT_EQ(patron_table_import_stream(&stream, &table, &error_), PATRON_OK);
  Keep(table);
  EXPECT_EQ(patron_table_rows(table), 0);
  EXPECT_EQ(patron_table_columns(table), 1u);
  EXPECT_EQ(patron_table_batches(table), 0u);
  const patron_table *flat = Flatten(table);
  EXPECT_EQ(patron_table_batches(flat), 1u);
  EXPECT_EQ(Column(flat, 0).length, 0);
}

TEST_F(TableTest, RowsOfASlicedStructAreThoseOfItsWindow) {
  Made batch = Struct({Sliced(Fixed<int64_t>("a", "l", {1, 2, 3, 4, 5, 6}), 1),
                       Text("b", {"p", "q", "r", "s", "t"})});
  batch.offset = 2;
  batch.length = 3;
  batch.children[0] = Nulls(batch.children[0], "111011", 1);
  const patron_table *table = ImportArray(batch);
  ASSERT_NE(table, nullptr) << error_.message;
  EXPECT_EQ(patron_table_rows(table), 3);
  const patron_column a = Column(table, 0);
  EXPECT_EQ(Values<int64_t>(a), (std::vector<int64_t>{4, 5, 6}));
  EXPECT_EQ(a.offset, 3);
  EXPECT_NE(a.validity, nullptr);
  EXPECT_EQ(Words<int32_t>(Column(table, 1)), (std::vector<std::string>{"r", "s", "t"}));
  const patron_column flat = Column(Flatten(table), 0);
  EXPECT_EQ(flat.validity[0] & 7, 0b110);
}

TEST_F(TableTest, EveryTypeHasAView) {
  const patron_table *table = ImportArray(Struct({
      Fixed<int8_t>("c", "c", {1}),
      Fixed<int16_t>("s", "s", {1}),
      Fixed<int32_t>("i", "i", {1}),
      Fixed<int64_t>("l", "l", {1}),
      Fixed<uint8_t>("C", "C", {1}),
      Fixed<uint16_t>("S", "S", {1}),
      Fixed<uint32_t>("I", "I", {1}),
      Fixed<uint64_t>("L", "L", {1}),
      Fixed<float>("f", "f", {1}),
      Fixed<double>("g", "g", {1}),
      Text("u", {"x"}),
      Texts<int64_t>("U", {"x"}),
      Fixed<int32_t>("tdD", "tdD", {1}),
      Fixed<int64_t>("tss", "tss:", {1}),
      Fixed<int64_t>("tsm", "tsm:UTC", {1}),
      Fixed<int64_t>("tsu", "tsu:Europe/Berlin", {1}),
      Fixed<int64_t>("tsn", "tsn:", {1}),
  }));
  ASSERT_NE(table, nullptr) << error_.message;
  const std::vector<int32_t> types = {
      PATRON_TYPE_INT8,         PATRON_TYPE_INT16,        PATRON_TYPE_INT32,
      PATRON_TYPE_INT64,        PATRON_TYPE_UINT8,        PATRON_TYPE_UINT16,
      PATRON_TYPE_UINT32,       PATRON_TYPE_UINT64,       PATRON_TYPE_FLOAT32,
      PATRON_TYPE_FLOAT64,      PATRON_TYPE_TEXT,         PATRON_TYPE_LARGE_TEXT,
      PATRON_TYPE_DATE32,       PATRON_TYPE_TIMESTAMP_S,  PATRON_TYPE_TIMESTAMP_MS,
      PATRON_TYPE_TIMESTAMP_US, PATRON_TYPE_TIMESTAMP_NS,
  };
  ASSERT_EQ(patron_table_columns(table), types.size());
  for (size_t i = 0; i < types.size(); ++i)
    EXPECT_EQ(Column(table, i).type, types[i]) << patron_table_name(table, i);
}

TEST_F(TableTest, FlattenMakesEveryColumnPlain) {
  Made bits;
  bits.name = "bits";
  bits.format = "b";
  bits.length = 3;
  bits.buffers = {std::nullopt, BitsOf("101")};
  const std::string lengthy = "a text longer than twelve bytes";
  const auto batch = [&] {
    return Struct(
        {Dictionary<int8_t>("tier", "c", {1, 0, 1}, Text("", {"gold", "iron"})),
         Nulls(TextViews("view", {"x", "", lengthy}), "101", 1),
         Texts<int64_t>("large", {"1", "22", "333"}),
         Fixed<__int128>("decimal", "d:10,2", {150, -25, 7}),
         Fixed<int64_t>("date64", "tdm", {0, 86'400'000, -1}), bits,
         Fixed<int32_t>("n", "i", {1, 2, 3}), Fixed<int64_t>("t", "tsu:Asia/Tokyo", {7, 8, 9}),
         Dictionary<uint16_t>("d", "S", {0, 0, 0}, Nulls(Fixed<int64_t>("", "l", {5}), "0"))});
  };
  const patron_table *table = Import({batch(), batch()});
  ASSERT_NE(table, nullptr) << error_.message;
  patron_column none = {};
  none.struct_size = sizeof none;
  for (const size_t index : {0u, 1u, 3u, 4u, 8u}) {
    EXPECT_EQ(patron_table_column(table, index, 0, &none, &error_), PATRON_FAILED_PRECONDITION);
    EXPECT_EQ(none.data, nullptr);
  }
  EXPECT_STREQ(error_.message, "column 'd' is dictionary of int64; flatten the table to read it");

  const patron_table *flat = Flatten(table);
  ASSERT_NE(flat, nullptr);
  EXPECT_EQ(patron_table_batches(flat), 1u);
  EXPECT_EQ(patron_table_rows(flat), 6);
  using Texts = std::vector<std::string>;
  EXPECT_EQ(Column(flat, 0).type, PATRON_TYPE_TEXT);
  EXPECT_EQ(Words<int32_t>(Column(flat, 0)),
            (Texts{"iron", "gold", "iron", "iron", "gold", "iron"}));
  EXPECT_EQ(Column(flat, 1).type, PATRON_TYPE_LARGE_TEXT);
  EXPECT_EQ(Words<int64_t>(Column(flat, 1)), (Texts{"x", "", lengthy, "x", "", lengthy}));
  EXPECT_EQ(Column(flat, 1).validity[0] & 63, 0b101101);
  EXPECT_EQ(Column(flat, 2).type, PATRON_TYPE_LARGE_TEXT);
  EXPECT_EQ(Column(flat, 3).type, PATRON_TYPE_FLOAT64);
  EXPECT_EQ(Values<double>(Column(flat, 3)),
            (std::vector<double>{1.5, -0.25, 0.07, 1.5, -0.25, 0.07}));
  EXPECT_EQ(Column(flat, 4).type, PATRON_TYPE_TIMESTAMP_MS);
  EXPECT_EQ(Values<int64_t>(Column(flat, 4))[1], 86'400'000);
  EXPECT_EQ(*static_cast<const uint8_t *>(Column(flat, 5).data) & 63, 0b101101);
  EXPECT_EQ(Values<int32_t>(Column(flat, 6)), (std::vector<int32_t>{1, 2, 3, 1, 2, 3}));
  EXPECT_EQ(Values<int64_t>(Column(flat, 7)), (std::vector<int64_t>{7, 8, 9, 7, 8, 9}));
  EXPECT_EQ(Column(flat, 8).validity[0] & 63, 0);
}

TEST_F(TableTest, FlattenRefusesWhatItCannotRead) {
  Made list;
  list.name = "basket";
  list.format = "+l";
  list.length = 1;
  list.buffers = {std::nullopt, BytesOf<int32_t>({0, 2})};
  list.children = {Fixed<int64_t>("item", "l", {1, 2})};
  patron_table *flat = nullptr;
  const patron_table *table = ImportArray(Struct({list}));
  ASSERT_NE(table, nullptr) << error_.message;
  EXPECT_EQ(patron_table_flatten(table, &flat, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "column 'basket' is list; it cannot be flattened");
  table = ImportArray(Struct({Dictionary<int8_t>("tier", "c", {0, 5}, Text("", {"gold"}))}));
  ASSERT_NE(table, nullptr);
  EXPECT_EQ(patron_table_flatten(table, &flat, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(
      error_.message,
      "tier: row 1 is index 5 of a dictionary of 1; expected an index into the dictionary");
  EXPECT_EQ(flat, nullptr);
}

// A copy of the text of a whole column of an exported stream, read by hand.
std::vector<std::string> ReadWords(ArrowArrayStream *stream, int64_t column) {
  std::vector<std::string> words;
  while (true) {
    ArrowArray array;
    EXPECT_EQ(stream->get_next(stream, &array), 0);
    if (array.release == nullptr) return words;
    const ArrowArray *child = array.children[column];
    const auto *offsets = static_cast<const int32_t *>(child->buffers[1]) + child->offset;
    for (int64_t i = 0; i < child->length; ++i) {
      words.emplace_back(static_cast<const char *>(child->buffers[2]) + offsets[i],
                         static_cast<size_t>(offsets[i + 1] - offsets[i]));
    }
    array.release(&array);
    EXPECT_EQ(array.release, nullptr);
  }
}

TEST_F(TableTest, ATableExportsAsOftenAsWanted) {
  const patron_table *table =
      Import({Struct({Fixed<int64_t>("n", "l", {1, 2}), Text("s", {"a", "b"})}),
              Struct({Fixed<int64_t>("n", "l", {3}), Text("s", {"c"})})});
  ASSERT_NE(table, nullptr);
  for (int i = 0; i < 3; ++i) {
    ArrowArrayStream stream;
    ASSERT_EQ(patron_table_export(table, &stream, &error_), PATRON_OK);
    ArrowSchema schema;
    ASSERT_EQ(stream.get_schema(&stream, &schema), 0);
    EXPECT_STREQ(schema.format, "+s");
    ASSERT_EQ(schema.n_children, 2);
    EXPECT_STREQ(schema.children[0]->format, "l");
    EXPECT_STREQ(schema.children[1]->name, "s");
    EXPECT_EQ(schema.children[1]->flags, ARROW_FLAG_NULLABLE);
    schema.release(&schema);
    EXPECT_EQ(ReadWords(&stream, 1), (std::vector<std::string>{"a", "b", "c"}));
    ArrowArray end;
    EXPECT_EQ(stream.get_next(&stream, &end), 0);  // The end stays the end.
    EXPECT_EQ(end.release, nullptr);
    EXPECT_EQ(stream.get_last_error(&stream), nullptr);
    stream.release(&stream);
    EXPECT_EQ(stream.release, nullptr);
  }
}

TEST_F(TableTest, AStreamOutlivesItsTable) {
  ArrowArrayStream stream;
  ArrowArray array;
  {
    const Made batch =
        Struct({Text("s", {"a", "b"}), Dictionary<int8_t>("d", "c", {0, 0}, Text("", {"x"}))});
    ASSERT_NE(Import({batch, batch}), nullptr);
    ASSERT_EQ(patron_table_export(tables_.back(), &stream, &error_), PATRON_OK);
    patron_table_free(tables_.back());
    tables_.pop_back();
  }
  ASSERT_EQ(stream.get_next(&stream, &array), 0);
  stream.release(&stream);
  // A child that is moved away outlives its parent, the stream and the table.
  ArrowArray child = *array.children[0];
  array.children[0]->release = nullptr;
  array.release(&array);
  EXPECT_GT(alive_.arrays, 0);
  EXPECT_EQ(static_cast<const char *>(child.buffers[2])[1], 'b');
  child.release(&child);
  EXPECT_EQ(alive_.arrays, 0);
}

TEST_F(TableTest, WhatIsExportedImportsAgain) {
  Made list;
  list.name = "basket";
  list.format = "+l";
  list.length = 2;
  list.buffers = {std::nullopt, BytesOf<int32_t>({0, 2, 3})};
  list.children = {Fixed<int64_t>("item", "l", {1, 2, 3})};
  const Made batch = Struct({Nulls(Fixed<int64_t>("n", "l", {1, 2}), "01", 1), list,
                             Dictionary<int8_t>("d", "c", {1, 0}, Text("", {"x", "y"})),
                             Sliced(Text("s", {"p", "q", "r"}), 1)});
  const patron_table *table = Import({batch, batch});
  ASSERT_NE(table, nullptr) << error_.message;
  ArrowArrayStream stream;
  ASSERT_EQ(patron_table_export(table, &stream, &error_), PATRON_OK);
  patron_table *again = nullptr;
  ASSERT_EQ(patron_table_import_stream(&stream, &again, &error_), PATRON_OK) << error_.message;
  Keep(again);
  EXPECT_EQ(patron_table_rows(again), 4);
  EXPECT_EQ(Column(again, 0).data, Column(table, 0).data);
  EXPECT_EQ(Words<int32_t>(Column(again, 3, 1)), (std::vector<std::string>{"q", "r"}));
  ArrowSchema schema;
  ArrowArray array;
  ASSERT_EQ(patron_table_export(again, &stream, &error_), PATRON_OK);
  ASSERT_EQ(stream.get_schema(&stream, &schema), 0);
  EXPECT_STREQ(schema.children[1]->children[0]->name, "item");
  EXPECT_STREQ(schema.children[2]->dictionary->format, "u");
  schema.release(&schema);
  ASSERT_EQ(stream.get_next(&stream, &array), 0);
  EXPECT_EQ(array.children[0]->null_count, 1);
  EXPECT_EQ(static_cast<const int64_t *>(array.children[1]->children[0]->buffers[1])[2], 3);
  EXPECT_EQ(array.children[2]->dictionary->length, 2);
  EXPECT_EQ(array.children[3]->offset, 1);
  array.release(&array);
  stream.release(&stream);
}

TEST_F(TableTest, ManyThreadsExportOneTable) {
  const Made batch = Struct({Text("s", {"a", "b"})});
  const patron_table *table = Import({batch, batch, batch});
  ASSERT_NE(table, nullptr);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([table] {
      for (int i = 0; i < 200; ++i) {
        ArrowArrayStream stream;
        EXPECT_EQ(patron_table_export(table, &stream, nullptr), PATRON_OK);
        EXPECT_EQ(ReadWords(&stream, 0).size(), 6u);
        stream.release(&stream);
      }
    });
  }
  for (std::thread &thread : threads) thread.join();
}

TEST_F(TableTest, ColumnsOfTheCallersAreBorrowed) {
  const std::vector<int64_t> ids = {9, 1, 2, 3};
  const std::vector<int32_t> offsets = {0, 1, 3, 3};
  const uint8_t validity = 0b1101;
  patron_column columns[2] = {Borrowed("id", PATRON_TYPE_INT64, 3, ids.data()),
                              Borrowed("name", PATRON_TYPE_TEXT, 3, "abc")};
  columns[0].offset = 1;
  columns[0].validity = &validity;
  columns[1].offsets = offsets.data();
  patron_table *table = nullptr;
  ASSERT_EQ(patron_table_borrow(columns, 2, &table, &error_), PATRON_OK) << error_.message;
  Keep(table);
  const patron_column id = Column(table, 0);
  EXPECT_EQ(id.data, ids.data());
  EXPECT_EQ(id.offset, 1);
  EXPECT_EQ(id.validity, &validity);
  EXPECT_EQ(Values<int64_t>(id), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(Words<int32_t>(Column(table, 1)), (std::vector<std::string>{"a", "bc", ""}));
  ArrowArrayStream stream;
  ASSERT_EQ(patron_table_export(table, &stream, &error_), PATRON_OK);
  EXPECT_EQ(ReadWords(&stream, 1).size(), 3u);
  stream.release(&stream);
}

TEST_F(TableTest, BadBorrowedColumnsAreRefused) {
  const int64_t values[4] = {};
  const int32_t falling[3] = {0, 2, 1};
  patron_table *table = nullptr;
  const auto refusal = [&](std::vector<patron_column> columns) {
    EXPECT_EQ(patron_table_borrow(columns.data(), columns.size(), &table, &error_),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(table, nullptr);
    return std::string(error_.message);
  };
  const patron_column good = Borrowed("a", PATRON_TYPE_INT64, 4, values);
  patron_column bad = good;
  bad.struct_size = 0;
  EXPECT_EQ(refusal({bad}), "columns[0]: struct_size is 0; expected 56");
  EXPECT_EQ(refusal({good, bad}), "columns[1]: struct_size is 0; expected 56");
  bad = good;
  bad.name = nullptr;
  EXPECT_EQ(refusal({bad}), "columns[0]: name is NULL");
  bad = good;
  bad.name = "\xFF";
  EXPECT_EQ(refusal({bad}), "column '\\xff': the name is not UTF-8");
  bad = good;
  bad.type = 99;
  EXPECT_EQ(refusal({bad}), "column 'a': type is 99");
  bad.type = 0;
  EXPECT_EQ(refusal({bad}), "column 'a': type is 0");
  bad = good;
  bad.length = -1;
  EXPECT_EQ(refusal({bad}), "column 'a': length is -1");
  bad = good;
  bad.offset = -1;
  EXPECT_EQ(refusal({bad}), "column 'a': offset is -1");
  bad = good;
  bad.offset = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(refusal({bad}), "column 'a': offset is 9223372036854775807");
  bad = good;
  bad.data = nullptr;
  EXPECT_EQ(refusal({bad}), "column 'a': a buffer is NULL");
  bad = Borrowed("b", PATRON_TYPE_INT64, 3, values);
  EXPECT_EQ(refusal({good, bad}), "column 'b': 3 rows; column 'a' has 4");
  EXPECT_EQ(refusal({good, good}), "column 'a': the name occurs twice");
  bad = Borrowed("t", PATRON_TYPE_TEXT, 2, "xyz");
  EXPECT_EQ(refusal({bad}), "column 't': a buffer is NULL");
  bad.offsets = falling;
  EXPECT_EQ(refusal({bad}), "column 't': the text offsets fall at row 1");
  EXPECT_EQ(patron_table_borrow(nullptr, 1, &table, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_borrow(nullptr, 0, &table, &error_), PATRON_OK);
  EXPECT_EQ(patron_table_columns(Keep(table)), 0u);
  EXPECT_EQ(patron_table_rows(table), 0);
}

TEST_F(TableTest, ANewerCallersColumnsAreFurtherApart) {
  struct Newer {
    patron_column column;
    int64_t more;
  };
  const int64_t values[2] = {4, 5};
  Newer columns[2] = {{Borrowed("a", PATRON_TYPE_INT64, 2, values), 0},
                      {Borrowed("b", PATRON_TYPE_INT64, 2, values), 0}};
  columns[0].column.struct_size = columns[1].column.struct_size = sizeof(Newer);
  patron_table *table = nullptr;
  ASSERT_EQ(patron_table_borrow(&columns[0].column, 2, &table, &error_), PATRON_OK)
      << error_.message;
  Keep(table);
  EXPECT_STREQ(patron_table_name(table, 1), "b");
  columns[1].more = 1;
  patron_table *other = nullptr;
  EXPECT_EQ(patron_table_borrow(&columns[0].column, 2, &other, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(other, nullptr);
}

TEST_F(TableTest, ManyMoreRowsThanMemoryMayBeNamed) {
  // 2^31 rows and more, of which none is read here.
  const int64_t value = 0;
  const patron_column column = Borrowed("a", PATRON_TYPE_INT64, (int64_t{1} << 33) + 5, &value);
  patron_table *table = nullptr;
  ASSERT_EQ(patron_table_borrow(&column, 1, &table, &error_), PATRON_OK) << error_.message;
  Keep(table);
  EXPECT_EQ(patron_table_rows(table), (int64_t{1} << 33) + 5);
  EXPECT_EQ(Column(table, 0).length, (int64_t{1} << 33) + 5);
}

TEST_F(TableTest, HostileSchemasAreRefused) {
  const auto spoiled = [](std::function<void(ArrowSchema &)> spoil) {
    Made column = Fixed<int64_t>("a", "l", {1, 2});
    column.spoil_schema = std::move(spoil);
    return column;
  };
  EXPECT_EQ(Refusal(spoiled([](ArrowSchema &s) { s.format = nullptr; })),
            "column 'a': the schema has no format");
  EXPECT_EQ(Refusal(spoiled([](ArrowSchema &s) { s.release(&s); })),
            "schema: child 0: the schema has been released");
  EXPECT_EQ(Refusal(spoiled([](ArrowSchema &s) { s.n_children = -1; })),
            "column 'a': n_children is -1");
  EXPECT_EQ(Refusal(spoiled([](ArrowSchema &s) { s.n_children = int64_t{1} << 40; })),
            "column 'a': n_children is 1099511627776");
  EXPECT_EQ(Refusal(spoiled([](ArrowSchema &s) { s.n_children = 2, s.children = nullptr; })),
            "column 'a': children is NULL");
  EXPECT_EQ(Refusal(spoiled([](ArrowSchema &s) { s.name = "\xC3("; })),
            "column '\\xc3(': the name is not UTF-8");
  Made parent = Fixed<int64_t>("a", "l", {1, 2});
  parent.children = {Fixed<int64_t>("x", "l", {1})};
  EXPECT_EQ(Refusal(parent), "column 'a': has children, but is int64");
  EXPECT_EQ(Refusal(Dictionary<double>("a", "g", {0}, Text("", {"x"}))),
            "column 'a': has a dictionary, but its indices are float64");
  Made nested = Fixed<int64_t>("a", "l", {1});
  for (int i = 0; i < 70; ++i) {
    Made outer;
    outer.name = "a";
    outer.format = "+s";
    outer.length = 1;
    outer.buffers = {std::nullopt};
    outer.children = {nested};
    nested = outer;
  }
  EXPECT_NE(Refusal(nested).find("nested too deeply"), std::string::npos);
  Made plain = Fixed<int64_t>("a", "l", {1});
  EXPECT_EQ(RefusalOfBatch(plain), "schema: is int64; expected a struct of columns");
  Made hole = Struct({Fixed<int64_t>("a", "l", {1})});
  hole.spoil_schema = [](ArrowSchema &s) {
    static ArrowSchema *none[1] = {nullptr};
    s.children = none;
  };
  EXPECT_EQ(RefusalOfBatch(hole), "schema: child 0: the schema is NULL");
}

TEST_F(TableTest, HostileArraysAreRefused) {
  const auto spoiled = [](std::function<void(ArrowArray &)> spoil) {
    Made column = Fixed<int64_t>("a", "l", {1, 2});
    column.spoil_array = std::move(spoil);
    return column;
  };
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.length = -5; })), "column 'a': length is -5");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.length = kMost; })),
            "column 'a': length is 9223372036854775807");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.offset = -1; })), "column 'a': offset is -1");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.offset = kMost; })),
            "column 'a': offset is 9223372036854775807");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.null_count = 3; })),
            "column 'a': null_count is 3 of 2 rows");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.null_count = -2; })),
            "column 'a': null_count is -2 of 2 rows");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.null_count = 1; })),
            "column 'a': null_count is 1 without a validity buffer");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.n_buffers = 1; })),
            "column 'a': n_buffers is 1; expected 2");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.n_buffers = -1; })),
            "column 'a': n_buffers is -1");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.n_buffers = kMost; })),
            "column 'a': n_buffers is 9223372036854775807");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.buffers = nullptr; })),
            "column 'a': buffers is NULL");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.buffers[1] = nullptr; })),
            "column 'a': a buffer is NULL");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.n_children = 1; })),
            "column 'a': n_children is 1; the schema has 0");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) { a.release(&a); })),
            "column 'a': the array has been released");
  EXPECT_EQ(Refusal(spoiled([](ArrowArray &a) {
              static ArrowArray other = {};
              a.dictionary = &other;
            })),
            "column 'a': has a dictionary that the schema does not have");
  Made coded = Dictionary<int8_t>("a", "c", {0}, Text("", {"x"}));
  coded.spoil_array = [](ArrowArray &a) { a.dictionary = nullptr; };
  EXPECT_EQ(Refusal(coded), "column 'a': has no dictionary, but the schema has one");
  coded = Dictionary<int8_t>("a", "c", {0}, Text("", {"x"}));
  coded.dictionary->length = -1;
  EXPECT_EQ(Refusal(coded), "column 'a': dictionary: length is -1");
}

TEST_F(TableTest, HostileStructsAreRefused) {
  Made batch = Struct({Fixed<int64_t>("a", "l", {1, 2}), Fixed<int64_t>("b", "l", {1})});
  EXPECT_EQ(RefusalOfBatch(batch), "column 'b': 1 rows; the struct needs 0 + 2");
  batch = Struct({Fixed<int64_t>("a", "l", {1, 2})});
  batch.offset = 1;
  EXPECT_EQ(RefusalOfBatch(batch), "column 'a': 2 rows; the struct needs 1 + 2");
  batch = Struct({Fixed<int64_t>("a", "l", {1, 2})});
  batch.buffers = {BitsOf("10")};
  batch.null_count = -1;
  EXPECT_EQ(RefusalOfBatch(batch), "array: 1 rows of the struct are null; expected none");
  batch.null_count = 0;
  batch.buffers = {std::nullopt, std::nullopt};
  EXPECT_EQ(RefusalOfBatch(batch), "array: n_buffers is 2; expected 1");
  batch.buffers = {std::nullopt};
  batch.null_count = 1;
  EXPECT_EQ(RefusalOfBatch(batch), "array: null_count without a validity buffer");
  batch.null_count = 0;
  batch.spoil_array = [](ArrowArray &a) { a.n_children = 2; };
  EXPECT_EQ(RefusalOfBatch(batch), "array: n_children is 2; the schema has 1");
  batch.spoil_array = [](ArrowArray &a) { a.children = nullptr; };
  EXPECT_EQ(RefusalOfBatch(batch), "array: children is NULL");
  batch.spoil_array = [](ArrowArray &a) {
    static ArrowArray *none[1] = {nullptr};
    a.children = none;
  };
  EXPECT_EQ(RefusalOfBatch(batch), "column 'a': the array is NULL");
}

TEST_F(TableTest, HostileTextIsRefused) {
  const auto with_offsets = [](std::vector<int32_t> offsets) {
    Made text = Text("s", {"ab", "c"});
    text.buffers[1] = BytesOf(offsets);
    return text;
  };
  EXPECT_EQ(Refusal(with_offsets({0, 2, 1})), "column 's': the text offsets fall at row 1");
  EXPECT_EQ(Refusal(with_offsets({-1, 0, 1})), "column 's': the first text offset is negative");
  EXPECT_EQ(Refusal(with_offsets({0, -2, 1})), "column 's': the text offsets fall at row 0");
  Made text = Text("s", {"ab"});
  text.buffers[2] = std::nullopt;
  EXPECT_EQ(Refusal(text), "column 's': text without characters");
  text = Texts<int64_t>("s", {"ab", "c"});
  text.buffers[1] = BytesOf<int64_t>({0, 3, 2});
  EXPECT_EQ(Refusal(text), "column 's': the text offsets fall at row 1");
  // A span of offsets that no signed number holds.
  EXPECT_EQ(Refusal(with_offsets(
                {std::numeric_limits<int32_t>::min(), 0, std::numeric_limits<int32_t>::max()})),
            "column 's': the first text offset is negative");
  text.buffers[1] = BytesOf<int64_t>(
      {std::numeric_limits<int64_t>::min(), 0, std::numeric_limits<int64_t>::max()});
  EXPECT_EQ(Refusal(text), "column 's': the first text offset is negative");
  text = Text("s", {"ab"});
  text.buffers.pop_back();
  EXPECT_EQ(Refusal(text), "column 's': n_buffers is 2; expected 3");

  const std::string lengthy = "a text longer than twelve bytes";
  const auto with_view = [&](size_t word, int32_t value) {
    Made views = TextViews("s", {"x", lengthy});
    std::memcpy(views.buffers[1]->data() + 16 + word * 4, &value, 4);
    return views;
  };
  const std::string outside = "column 's': the text view of row 1 points outside its buffer";
  EXPECT_EQ(Refusal(with_view(0, -1)), "column 's': the text view of row 1 has a negative size");
  EXPECT_EQ(Refusal(with_view(0, 1000)), outside);
  EXPECT_EQ(Refusal(with_view(2, 2)), outside);
  EXPECT_EQ(Refusal(with_view(2, -1)), outside);
  EXPECT_EQ(Refusal(with_view(3, 1)), outside);
  EXPECT_EQ(Refusal(with_view(3, -1)), outside);
  EXPECT_EQ(Refusal(with_view(3, std::numeric_limits<int32_t>::max())), outside);
  Made views = TextViews("s", {lengthy});
  views.buffers.back() = std::nullopt;
  EXPECT_EQ(Refusal(views), "column 's': text views without buffer sizes");
  views = TextViews("s", {lengthy});
  views.buffers.resize(2);
  EXPECT_EQ(Refusal(views), "column 's': n_buffers is 2; expected 3 or more");
  const Made coded = Dictionary<int8_t>("a", "c", {0}, with_offsets({0, 2, 1}));
  EXPECT_EQ(Refusal(coded), "column 'a': dictionary: the text offsets fall at row 1");
}

TEST_F(TableTest, EmptyArraysNeedNoBuffers) {
  Made text = Text("s", {});
  text.buffers = {std::nullopt, std::nullopt, std::nullopt};
  Made number = Fixed<int64_t>("n", "l", {});
  number.buffers = {std::nullopt, std::nullopt};
  const patron_table *table = Import({Struct({text, number})});
  ASSERT_NE(table, nullptr) << error_.message;
  EXPECT_EQ(patron_table_rows(Flatten(table)), 0);
}

TEST_F(TableTest, UnalignedBuffersAreFlattened) {
  const patron_table *table = Import(
      {Struct({Unaligned(Fixed<int64_t>("n", "l", {1, 2})), Unaligned(Text("s", {"ab", "c"})),
               Unaligned(Dictionary<int32_t>("d", "i", {1, 0}, Text("", {"x", "y"})))})});
  ASSERT_NE(table, nullptr) << error_.message;
  const patron_table *flat = Flatten(table);
  EXPECT_EQ(Values<int64_t>(Column(flat, 0)), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(Words<int32_t>(Column(flat, 1)), (std::vector<std::string>{"ab", "c"}));
  EXPECT_EQ(Words<int32_t>(Column(flat, 2)), (std::vector<std::string>{"y", "x"}));
}

TEST_F(TableTest, NullArgumentsAreRefused) {
  ArrowArrayStream stream = {};
  ArrowSchema schema = {};
  ArrowArray array = {};
  patron_table *table = nullptr;
  size_t index = 0;
  patron_column column = {};
  EXPECT_EQ(patron_table_import_stream(nullptr, &table, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_import_stream(&stream, &table, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "stream: has been released or is not set");
  EXPECT_EQ(patron_table_import_stream(&stream, nullptr, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_import_array(nullptr, &array, &table, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_import_array(&schema, nullptr, &table, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_import_array(&schema, &array, &table, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(error_.message, "schema: the schema has been released");
  EXPECT_EQ(patron_table_flatten(nullptr, &table, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_export(nullptr, &stream, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_find(nullptr, "a", &index, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_column(nullptr, 0, 0, &column, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(table, nullptr);
  patron_table_free(nullptr);
  EXPECT_EQ(patron_table_rows(nullptr), 0);
  EXPECT_EQ(patron_table_columns(nullptr), 0u);
  EXPECT_EQ(patron_table_batches(nullptr), 0u);
  EXPECT_EQ(patron_table_name(nullptr, 0), nullptr);

  const patron_table *made = Import({Struct({Fixed<int64_t>("a", "l", {1})})});
  EXPECT_EQ(patron_table_find(made, nullptr, &index, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_find(made, "a", nullptr, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_column(made, 0, 0, nullptr, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_column(made, 0, 0, &column, &error_),
            PATRON_INVALID_ARGUMENT);  // No struct_size.
  column.struct_size = sizeof column;
  EXPECT_EQ(patron_table_column(made, 1, 0, &column, &error_), PATRON_OUT_OF_RANGE);
  EXPECT_STREQ(error_.message, "index: 1; the table has 1 columns");
  EXPECT_EQ(patron_table_column(made, 0, 1, &column, &error_), PATRON_OUT_OF_RANGE);
  EXPECT_EQ(patron_table_export(made, nullptr, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_table_flatten(made, nullptr, &error_), PATRON_INVALID_ARGUMENT);
}

}  // namespace
