#include "arrow/reader.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "arrow/load.hpp"
#include "arrow/table.hpp"
#include "patron/base/money.hpp"
#include "support/arrow_producer.hpp"

namespace patron::arrow {
namespace {

using test::Alive;
using test::Dictionary;
using test::Fixed;
using test::Made;
using test::Nulls;
using test::Sliced;
using test::Struct;
using test::Text;
using test::Texts;
using test::TextViews;
using test::Unaligned;

constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

class ReaderTest : public ::testing::Test {
 protected:
  void TearDown() override {
    tables_.clear();
    EXPECT_EQ(alive_.total(), 0);
  }

  // A table of one batch for each of `batches`, which are columns of equal names and types.
  Table MakeTable(const std::vector<Made> &batches) {
    test::MadeStream made{.schema = Struct({batches[0]}), .batches = {}};
    for (const Made &batch : batches) made.batches.push_back(Struct({batch}));
    ArrowArrayStream stream;
    test::MakeStream(made, &alive_, &stream);
    auto table = Table::ImportStream(&stream);
    EXPECT_TRUE(table.ok()) << table.status();
    if (!table.ok()) {
      stream.release(&stream);
      return Table();
    }
    EXPECT_EQ(stream.release, nullptr);
    tables_.push_back(*table);
    return *table;
  }

  Alive alive_;
  std::vector<Table> tables_;
};

template <typename T>
std::vector<T> All(const absl::StatusOr<Reader<T>> &reader, std::vector<uint8_t> *valid = nullptr) {
  EXPECT_TRUE(reader.ok()) << reader.status();
  if (!reader.ok()) return {};
  auto loaded = Load(*reader);
  EXPECT_TRUE(loaded.ok()) << loaded.status();
  if (!loaded.ok()) return {};
  if (valid != nullptr) *valid = loaded->valid;
  const std::vector<T> all(loaded->values.begin(), loaded->values.end());
  // Any pieces give the same.
  const auto rows = static_cast<int64_t>(all.size());
  for (const int64_t step : {int64_t{1}, int64_t{3}, rows}) {
    std::vector<T> scratch;
    for (int64_t begin = 0; begin < rows; begin += step) {
      const int64_t end = std::min(begin + step, rows);
      std::vector<uint8_t> mask;
      std::span<const T> piece;
      EXPECT_TRUE(reader->Read(begin, end, scratch, &mask, piece).ok());
      EXPECT_EQ(piece.size(), static_cast<size_t>(end - begin));
      for (int64_t i = begin; i < end; ++i) {
        const auto at = static_cast<size_t>(i);
        const bool present = mask.empty() || mask[static_cast<size_t>(i - begin)] != 0;
        EXPECT_EQ(present, loaded->valid.empty() || loaded->valid[at] != 0);
        EXPECT_TRUE(!present || piece[static_cast<size_t>(i - begin)] == all[at]);
      }
    }
  }
  return all;
}

template <typename T>
std::string Refusal(const absl::StatusOr<Reader<T>> &reader) {
  EXPECT_TRUE(reader.ok()) << reader.status();
  if (!reader.ok()) return "";
  return std::string(Load(*reader).status().message());
}

using Int64s = std::vector<int64_t>;
using Doubles = std::vector<double>;
using Views = std::vector<std::string_view>;
using Mask = std::vector<uint8_t>;

TEST_F(ReaderTest, IntegersOfAnyWidth) {
  const Int64s expected = {5, 0, 100, 7};
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<int8_t>("n", "c", {5, 0, 100, 7})}), "n")), expected);
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<int16_t>("n", "s", {5, 0, 100, 7})}), "n")),
            expected);
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<int32_t>("n", "i", {5, 0, 100, 7})}), "n")),
            expected);
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<int64_t>("n", "l", {5, 0, 100, 7})}), "n")),
            expected);
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<uint8_t>("n", "C", {5, 0, 100, 7})}), "n")),
            expected);
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<uint16_t>("n", "S", {5, 0, 100, 7})}), "n")),
            expected);
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<uint32_t>("n", "I", {5, 0, 100, 7})}), "n")),
            expected);
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<uint64_t>("n", "L", {5, 0, 100, 7})}), "n")),
            expected);
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<int8_t>("n", "c", {-128, -1})}), "n")),
            (Int64s{-128, -1}));
  EXPECT_EQ(All(OpenIntegers(MakeTable({Fixed<uint32_t>("n", "I", {4294967295u})}), "n")),
            (Int64s{4294967295}));
}

TEST_F(ReaderTest, SlicedUnalignedAndBatchedAreTheSame) {
  const Made whole = Fixed<int64_t>("n", "l", {1, 2, 3, 4, 5});
  EXPECT_EQ(All(OpenIntegers(MakeTable({Sliced(whole, 2)}), "n")), (Int64s{3, 4, 5}));
  EXPECT_EQ(All(OpenIntegers(MakeTable({Unaligned(whole)}), "n")), (Int64s{1, 2, 3, 4, 5}));
  const Made none = Fixed<int64_t>("n", "l", {});
  EXPECT_EQ(All(OpenIntegers(MakeTable({none, whole, none, none, Sliced(whole, 3), none}), "n")),
            (Int64s{1, 2, 3, 4, 5, 4, 5}));
  EXPECT_EQ(All(OpenIntegers(MakeTable({none}), "n")), Int64s{});
}

TEST_F(ReaderTest, CanonicalColumnsAreNotCopied) {
  const Table table = MakeTable({Fixed<int64_t>("n", "l", {1, 2, 3})});
  const auto reader = OpenIntegers(table, "n");
  ASSERT_TRUE(reader.ok());
  std::vector<int64_t> scratch;
  std::span<const int64_t> values;
  ASSERT_TRUE(reader->Read(1, 3, scratch, nullptr, values).ok());
  EXPECT_TRUE(scratch.empty());
  EXPECT_EQ(values.data(), static_cast<const int64_t *>(table.batches()[0].columns[0].data()) + 1);
  const auto times = OpenTimes(MakeTable({Fixed<int64_t>("t", "tsu:UTC", {1, 2})}), "t");
  EXPECT_NE(times->InPlace(0, 2), nullptr);
  const auto numbers = OpenNumbers(MakeTable({Fixed<double>("x", "g", {1, 2})}), "x");
  EXPECT_NE(numbers->InPlace(0, 2), nullptr);
  const auto cents = OpenMoney(MakeTable({Fixed<int64_t>("x", "l", {1, 2})}), "x", 2, 2);
  EXPECT_NE(cents->InPlace(0, 2), nullptr);
  EXPECT_EQ(OpenMoney(MakeTable({Fixed<int64_t>("x", "l", {1, 2})}), "x", 4, 2)->InPlace(0, 2),
            nullptr);
}

TEST_F(ReaderTest, AReaderKeepsItsTableAlive) {
  absl::StatusOr<Reader<std::string_view>> reader = absl::UnknownError("");
  {
    reader = OpenText(MakeTable({Text("name", {"Ada", "Grace"})}), "name");
    tables_.clear();
  }
  EXPECT_EQ(All(reader), (Views{"Ada", "Grace"}));
  reader = absl::UnknownError("");
}

TEST_F(ReaderTest, NullsAreErrorsOrMasked) {
  const Made column = Nulls(Fixed<int64_t>("n", "l", {1, 0, 3, 0, 5}), "10101");
  EXPECT_EQ(Refusal(OpenIntegers(MakeTable({column}), "n")),
            "n: row 1 is null; expected an integer (2 rows in all)");
  Mask valid;
  EXPECT_EQ(All(OpenIntegers(MakeTable({column}), "n", arrow::Nulls::kMask), &valid),
            (Int64s{1, 0, 3, 0, 5}));
  EXPECT_EQ(valid, (Mask{1, 0, 1, 0, 1}));
  // Rows are those of the whole table.
  const Made sound = Fixed<int64_t>("n", "l", {8, 9});
  EXPECT_EQ(Refusal(OpenIntegers(MakeTable({sound, Sliced(column, 2)}), "n")),
            "n: row 3 is null; expected an integer");
}

TEST_F(ReaderTest, ValidityIsReadAtAnyOffset) {
  std::string bits;
  Int64s values;
  for (int i = 0; i < 300; ++i) {
    bits += (i * i % 7 < 3) ? '1' : '0';
    values.push_back(i);
  }
  const Made column = Nulls(Fixed<int64_t>("n", "l", values), bits);
  for (int64_t offset = 0; offset < 140; ++offset) {
    Mask valid;
    All(OpenIntegers(MakeTable({Sliced(column, offset)}), "n", arrow::Nulls::kMask), &valid);
    ASSERT_EQ(valid.size(), 300u - static_cast<size_t>(offset));
    for (size_t i = 0; i < valid.size(); ++i)
      ASSERT_EQ(valid[i], bits[i + static_cast<size_t>(offset)] - '0');
  }
}

TEST_F(ReaderTest, NullCountZeroAndMissingBitsMeanNoNulls) {
  EXPECT_EQ(All(OpenIntegers(MakeTable({Nulls(Fixed<int64_t>("n", "l", {1, 2}), "00", 0)}), "n")),
            (Int64s{1, 2}));
  Made unknown = Fixed<int64_t>("n", "l", {1, 2});
  unknown.null_count = -1;
  EXPECT_EQ(All(OpenIntegers(MakeTable({unknown}), "n")), (Int64s{1, 2}));
  Mask valid = {9};
  All(OpenIntegers(MakeTable({Nulls(Fixed<int64_t>("n", "l", {1, 2}), "11")}), "n",
                   arrow::Nulls::kMask),
      &valid);
  EXPECT_TRUE(valid.empty());
}

TEST_F(ReaderTest, WhatANullHoldsDoesNotMatter) {
  Mask valid;
  EXPECT_EQ(All(OpenNumbers(MakeTable({Nulls(Fixed<double>("x", "g", {1, kNan, 3}), "101")}), "x",
                            arrow::Nulls::kMask),
                &valid)[2],
            3);
  EXPECT_EQ(valid, (Mask{1, 0, 1}));
  All(OpenMoney(MakeTable({Nulls(Fixed<double>("x", "g", {1e300, 2}), "01")}), "x", 4, 0,
                arrow::Nulls::kMask),
      &valid);
  EXPECT_EQ(valid, (Mask{0, 1}));
  Made views = Nulls(TextViews("s", {"short", "a text that is longer than twelve"}), "10");
  std::vector<uint8_t> &bytes = *views.buffers[1];
  for (size_t i = 16; i < 32; ++i) bytes[i] = 0xEE;  // The null points nowhere.
  EXPECT_EQ(All(OpenText(MakeTable({views}), "s", arrow::Nulls::kMask), &valid)[0], "short");
  EXPECT_EQ(valid, (Mask{1, 0}));
  Made coded = Nulls(Dictionary<int8_t>("s", "c", {0, 99, 1}, Text("", {"x", "y"})), "101");
  EXPECT_EQ(All(OpenText(MakeTable({coded}), "s", arrow::Nulls::kMask), &valid)[2], "y");
  EXPECT_EQ(valid, (Mask{1, 0, 1}));
}

TEST_F(ReaderTest, TextOfEveryLayout) {
  const std::vector<std::string> words = {"Ada",
                                          "",
                                          "a name that is longer than twelve bytes",
                                          "Zo\xC3\xAB",
                                          "another long name, in the other buffer",
                                          "x"};
  const Views expected(words.begin(), words.end());
  EXPECT_EQ(All(OpenText(MakeTable({Text("s", words)}), "s")), expected);
  EXPECT_EQ(All(OpenText(MakeTable({Texts<int64_t>("s", words)}), "s")), expected);
  EXPECT_EQ(All(OpenText(MakeTable({TextViews("s", words)}), "s")), expected);
  EXPECT_EQ(All(OpenText(MakeTable({Unaligned(Text("s", words))}), "s")), expected);
  EXPECT_EQ(All(OpenText(MakeTable({Unaligned(Texts<int64_t>("s", words))}), "s")), expected);
  EXPECT_EQ(All(OpenText(MakeTable({Unaligned(TextViews("s", words))}), "s")), expected);
  const Views tail(words.begin() + 2, words.end());
  EXPECT_EQ(All(OpenText(MakeTable({Sliced(Text("s", words), 2)}), "s")), tail);
  EXPECT_EQ(All(OpenText(MakeTable({Sliced(TextViews("s", words), 2)}), "s")), tail);
  Made empty = Text("s", {"", ""});
  empty.buffers[2] = std::nullopt;
  EXPECT_EQ(All(OpenText(MakeTable({empty}), "s")), (Views{"", ""}));
}

TEST_F(ReaderTest, DictionariesOfEveryIndexType) {
  const Made names = Text("", {"gold", "iron", "lead"});
  const Views expected = {"lead", "gold", "gold", "iron"};
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<int8_t>("s", "c", {2, 0, 0, 1}, names)}), "s")),
            expected);
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<int16_t>("s", "s", {2, 0, 0, 1}, names)}), "s")),
            expected);
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<int32_t>("s", "i", {2, 0, 0, 1}, names)}), "s")),
            expected);
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<int64_t>("s", "l", {2, 0, 0, 1}, names)}), "s")),
            expected);
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<uint8_t>("s", "C", {2, 0, 0, 1}, names)}), "s")),
            expected);
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<uint16_t>("s", "S", {2, 0, 0, 1}, names)}), "s")),
            expected);
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<uint32_t>("s", "I", {2, 0, 0, 1}, names)}), "s")),
            expected);
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<uint64_t>("s", "L", {2, 0, 0, 1}, names)}), "s")),
            expected);
  EXPECT_EQ(All(OpenText(MakeTable({Unaligned(Dictionary<int32_t>("s", "i", {2, 0, 0, 1}, names))}),
                         "s")),
            expected);
  // A sliced dictionary, and another in the next batch.
  EXPECT_EQ(All(OpenText(MakeTable({Dictionary<int8_t>("s", "c", {0, 1}, Sliced(names, 1)),
                                    Dictionary<int8_t>("s", "c", {1}, Text("", {"a", "b"}))}),
                         "s")),
            (Views{"iron", "lead", "b"}));
}

TEST_F(ReaderTest, DictionariesOfNumbersAndTimes) {
  EXPECT_EQ(
      All(OpenIntegers(
          MakeTable({Dictionary<int8_t>("n", "c", {1, 0}, Fixed<int64_t>("", "l", {10, 20}))}),
          "n")),
      (Int64s{20, 10}));
  EXPECT_EQ(
      All(OpenNumbers(
          MakeTable({Dictionary<int8_t>("n", "c", {1, 1}, Fixed<double>("", "g", {kNan, 2.5}))}),
          "n")),
      (Doubles{2.5, 2.5}));  // The NaN is not used.
  EXPECT_EQ(
      All(OpenTimes(MakeTable({Dictionary<int8_t>("n", "c", {0}, Fixed<int32_t>("", "tdD", {1}))}),
                    "n")),
      (Int64s{86'400'000'000}));
}

TEST_F(ReaderTest, DictionaryErrorsNameTheRow) {
  const Made names = Text("", {"gold", "iron"});
  EXPECT_EQ(Refusal(OpenText(MakeTable({Dictionary<int8_t>("s", "c", {0, 2, -1}, names)}), "s")),
            "s: row 1 is index 2 of a dictionary of 2; expected an index into the dictionary (2 "
            "rows in all)");
  EXPECT_EQ(
      Refusal(OpenText(MakeTable({Dictionary<uint64_t>("s", "L", {~uint64_t{0}}, names)}), "s")),
      "s: row 0 is index -1 of a dictionary of 2; expected an index into the dictionary");
  EXPECT_EQ(Refusal(OpenText(
                MakeTable({Dictionary<int8_t>("s", "c", {1, 0, 1}, Nulls(names, "01"))}), "s")),
            "s: row 1 is null; expected text");
  Mask valid;
  All(OpenText(MakeTable({Dictionary<int8_t>("s", "c", {1, 0, 1}, Nulls(names, "01"))}), "s",
               arrow::Nulls::kMask),
      &valid);
  EXPECT_EQ(valid, (Mask{1, 0, 1}));
}

// A date is a civil day: it begins with the midnight of the zone, through changes of the clocks.
TEST_F(ReaderTest, DatesBeginInTheirZone) {
  constexpr int64_t kHour = int64_t{3'600} * 1'000'000;
  constexpr int64_t kDay = 24 * kHour;
  const auto new_york = CivilDays::In("America/New_York");
  const auto kolkata = CivilDays::In("+05:30");
  ASSERT_TRUE(new_york.ok() && kolkata.ok());
  // 2024-03-10 is the day on which clocks go from -05:00 to -04:00; 2024-03-11 the first after it.
  const Made days = Fixed<int32_t>("t", "tdD", {-1, 0, 19'792, 19'793, 19'792});
  EXPECT_EQ(All(OpenTimes(MakeTable({days}), "t", arrow::Nulls::kError, *new_york)),
            (Int64s{-kDay + 5 * kHour, 5 * kHour, 19'792 * kDay + 5 * kHour,
                    19'793 * kDay + 4 * kHour, 19'792 * kDay + 5 * kHour}));
  EXPECT_EQ(All(OpenTimes(MakeTable({Fixed<int64_t>("t", "tdm", {0, 86'400'000})}), "t",
                          arrow::Nulls::kError, *kolkata)),
            (Int64s{-5 * kHour - kHour / 2, kDay - 5 * kHour - kHour / 2}));
  // Timestamps are instants, whatever the zone.
  EXPECT_EQ(All(OpenTimes(MakeTable({Fixed<int64_t>("t", "tss:", {7})}), "t", arrow::Nulls::kError,
                          *new_york)),
            (Int64s{7'000'000}));
  EXPECT_NE(Refusal(OpenTimes(MakeTable({Fixed<int32_t>("t", "tdD", {106'751'991})}), "t",
                              arrow::Nulls::kError, *new_york))
                .find("expected a time within 292,000 years of 1970"),
            std::string::npos);
}

TEST_F(ReaderTest, TimesOfEveryUnit) {
  EXPECT_EQ(All(OpenTimes(MakeTable({Fixed<int32_t>("t", "tdD", {-1, 0, 20000})}), "t")),
            (Int64s{-86'400'000'000, 0, 1'728'000'000'000'000}));
  EXPECT_EQ(All(OpenTimes(MakeTable({Fixed<int64_t>("t", "tdm", {86'400'000})}), "t")),
            (Int64s{86'400'000'000}));
  EXPECT_EQ(All(OpenTimes(MakeTable({Fixed<int64_t>("t", "tss:", {-1, 2})}), "t")),
            (Int64s{-1'000'000, 2'000'000}));
  EXPECT_EQ(All(OpenTimes(MakeTable({Fixed<int64_t>("t", "tsm:Europe/Berlin", {-1, 2})}), "t")),
            (Int64s{-1000, 2000}));
  EXPECT_EQ(All(OpenTimes(MakeTable({Fixed<int64_t>("t", "tsu:UTC", {-1, 2})}), "t")),
            (Int64s{-1, 2}));
  EXPECT_EQ(All(OpenTimes(MakeTable({Fixed<int64_t>("t", "tsn:", {-1, 1999, 2000})}), "t")),
            (Int64s{-1, 1, 2}));
  EXPECT_EQ(All(OpenTimes(MakeTable({Unaligned(Fixed<int64_t>("t", "tsu:", {-1, 2}))}), "t")),
            (Int64s{-1, 2}));
}

TEST_F(ReaderTest, TimesThatDoNotFitAreRefused) {
  EXPECT_EQ(
      Refusal(OpenTimes(MakeTable({Fixed<int32_t>("t", "tdD", {106'751'991, 106'751'992})}), "t")),
      "t: row 1 is 106751992 days from 1970; expected a time within 292,000 years of 1970");
  EXPECT_EQ(Refusal(OpenTimes(MakeTable({Fixed<int64_t>("t", "tss:", {kMost, 0, -kMost})}), "t")),
            "t: row 0 is 9223372036854775807 s from 1970; expected a time within 292,000 years of "
            "1970 (2 rows in all)");
  for (const char *format : {"tsu:", "tsn:", "tsm:", "tss:"}) {
    EXPECT_EQ(Refusal(OpenTimes(MakeTable({Fixed<int64_t>("t", format, {5, kLeast})}), "t")),
              "t: row 1 is NaT; expected a date or time");
  }
  const auto reader = OpenTimes(MakeTable({Fixed<int64_t>("t", "tss:", {kMost})}), "t");
  EXPECT_EQ(Load(*reader).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(ReaderTest, NumbersOfEveryType) {
  EXPECT_EQ(All(OpenNumbers(MakeTable({Fixed<int8_t>("x", "c", {-3, 4})}), "x")), (Doubles{-3, 4}));
  EXPECT_EQ(All(OpenNumbers(MakeTable({Fixed<uint64_t>("x", "L", {~uint64_t{0}})}), "x")),
            (Doubles{0x1p64}));
  EXPECT_EQ(All(OpenNumbers(MakeTable({Fixed<float>("x", "f", {0.5f, -2.25f})}), "x")),
            (Doubles{0.5, -2.25}));
  EXPECT_EQ(All(OpenNumbers(MakeTable({Unaligned(Fixed<double>("x", "g", {0.1, -2.25}))}), "x")),
            (Doubles{0.1, -2.25}));
  using Decimals = std::vector<Int128>;
  EXPECT_EQ(All(OpenNumbers(MakeTable({Fixed<Int128>("x", "d:10,2", Decimals{12345, -1})}), "x")),
            (Doubles{123.45, -0.01}));
  EXPECT_EQ(All(OpenNumbers(MakeTable({Fixed<Int128>("x", "d:10,-3", Decimals{12})}), "x")),
            (Doubles{12000}));
  EXPECT_EQ(All(OpenNumbers(MakeTable({Fixed<Int128>("x", "d:38,30,128", Decimals{123})}), "x")),
            (Doubles{1.23e-28}));
}

TEST_F(ReaderTest, NumbersAreFiniteUnlessAnyAreWanted) {
  const double infinity = std::numeric_limits<double>::infinity();
  const Table table = MakeTable({Fixed<double>("x", "g", {1, kNan, infinity, -infinity})});
  EXPECT_EQ(Refusal(OpenNumbers(table, "x")),
            "x: row 1 is nan; expected a finite number (3 rows in all)");
  const auto any = OpenNumbers(table, "x", arrow::Nulls::kError, Finite::kAny);
  const auto loaded = Load(*any);
  ASSERT_TRUE(loaded.ok());
  EXPECT_TRUE(std::isnan(loaded->values[1]));
  EXPECT_EQ(loaded->values[3], -infinity);
}

TEST_F(ReaderTest, MoneyOfEveryType) {
  EXPECT_EQ(
      All(OpenMoney(MakeTable({Fixed<double>("x", "g", {12.34, -0.00005, 0.03125})}), "x", 4, 0)),
      (Int64s{123400, -1, 312}));
  EXPECT_EQ(
      All(OpenMoney(MakeTable({Unaligned(Fixed<double>("x", "g", {12.34, -0.00005, 0.03125}))}),
                    "x", 4, 0)),
      (Int64s{123400, -1, 312}));
  EXPECT_EQ(All(OpenMoney(MakeTable({Fixed<float>("x", "f", {0.1f, 2.5f})}), "x", 4, 0)),
            (Int64s{1000, 25000}));
  EXPECT_EQ(All(OpenMoney(MakeTable({Fixed<int32_t>("x", "i", {7, -8})}), "x", 4, 0)),
            (Int64s{70000, -80000}));
  EXPECT_EQ(All(OpenMoney(MakeTable({Fixed<int32_t>("x", "i", {1999, -8})}), "x", 4, 2)),
            (Int64s{199900, -800}));
  EXPECT_EQ(All(OpenMoney(MakeTable({Fixed<int64_t>("x", "l", {15, 25, -25, 26})}), "x", 0, 1)),
            (Int64s{2, 2, -2, 3}));
  using Decimals = std::vector<Int128>;
  EXPECT_EQ(All(OpenMoney(MakeTable({Fixed<Int128>("x", "d:12,5", Decimals{123455, 15, -25})}), "x",
                          4, 0)),
            (Int64s{12346, 2, -2}));
  EXPECT_EQ(All(OpenMoney(MakeTable({Fixed<Int128>("x", "d:12,-2", Decimals{3})}), "x", 2, 0)),
            (Int64s{30000}));
}

TEST_F(ReaderTest, MoneyOutOfRangeHasAStatusOfItsOwn) {
  const std::string range =
      "; expected an amount between -922337203685477.5807 and 922337203685477.5807";
  const auto check = [&](const Made &column, const std::string &message) {
    const auto reader = OpenMoney(MakeTable({column}), "x", 4, 0);
    ASSERT_TRUE(reader.ok());
    const absl::Status status = Load(*reader).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kOutOfRange);
    EXPECT_EQ(status.message(), message + range);
  };
  check(Fixed<double>("x", "g", {1, 1e300}), "x: row 1 is 1e+300");
  check(Fixed<int64_t>("x", "l", {kMost}), "x: row 0 is 9223372036854775807");
  check(Fixed<int64_t>("x", "l", {kLeast}), "x: row 0 is -9223372036854775808");
  check(Fixed<uint64_t>("x", "L", {~uint64_t{0}}), "x: row 0 is 18446744073709551615");
  check(Fixed<Int128>("x", "d:38,2", {static_cast<Int128>(kMost) * 100}),
        "x: row 0 is 9223372036854775807.00");
  EXPECT_EQ(Refusal(OpenMoney(MakeTable({Fixed<int64_t>("x", "l", {kLeast})}), "x", 4, 4)),
            "x: row 0 is -9223372036854775808" + range);
  EXPECT_EQ(All(OpenMoney(MakeTable({Fixed<uint64_t>("x", "L", {~uint64_t{0}})}), "x", 0, 9)),
            (Int64s{18446744074}));
  EXPECT_EQ(Refusal(OpenMoney(MakeTable({Fixed<double>("x", "g", {1, kNan})}), "x", 4, 0)),
            "x: row 1 is nan; expected a finite number");
  EXPECT_EQ(OpenMoney(MakeTable({Fixed<double>("x", "g", {1})}), "x", 10, 0).status().message(),
            "decimals: 10; expected 0 to 9");
}

// Eight bits at a time, whatever byte they begin in and how many are left at the end.
TEST_F(ReaderTest, FlagsOfAnyOffsetAndLength) {
  std::vector<uint8_t> bytes(40);
  uint32_t state = 12345;
  for (uint8_t &byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<uint8_t>(state >> 24);
  }
  for (int64_t offset = 0; offset < 11; ++offset) {
    for (const int64_t count : {1, 7, 8, 9, 63, 64, 65, 130, 300}) {
      std::vector<uint8_t> spread(static_cast<size_t>(count) + 1, 7), expected;
      for (int64_t i = offset; i < offset + count; ++i) {
        expected.push_back(bytes[static_cast<size_t>(i / 8)] >> (i % 8) & 1);
      }
      expected.push_back(7);  // Nothing is written past the end.
      SpreadBits(bytes.data(), offset, count, spread.data());
      EXPECT_EQ(spread, expected) << offset << " " << count;
    }
  }
}

TEST_F(ReaderTest, FlagsAreBitsOrZeroAndOne) {
  Made bits;
  bits.name = "f";
  bits.format = "b";
  bits.length = 11;
  bits.buffers = {std::nullopt, test::BitsOf("10110000011")};
  EXPECT_EQ(All(OpenFlags(MakeTable({bits}), "f")), (Mask{1, 0, 1, 1, 0, 0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(All(OpenFlags(MakeTable({Sliced(bits, 3)}), "f")), (Mask{1, 0, 0, 0, 0, 0, 1, 1}));
  EXPECT_EQ(All(OpenFlags(MakeTable({Fixed<int32_t>("f", "i", {0, 1})}), "f")), (Mask{0, 1}));
  EXPECT_EQ(Refusal(OpenFlags(MakeTable({Fixed<int32_t>("f", "i", {0, 2, 256})}), "f")),
            "f: row 1 is 2; expected true or false (2 rows in all)");
  EXPECT_EQ(All(OpenFlags(MakeTable({Fixed<double>("f", "g", {0, 1})}), "f")), (Mask{0, 1}));
  EXPECT_EQ(All(OpenFlags(MakeTable({Fixed<float>("f", "f", {1, 0})}), "f")), (Mask{1, 0}));
  EXPECT_EQ(Refusal(OpenFlags(MakeTable({Fixed<double>("f", "g", {0, 0.5, -1})}), "f")),
            "f: row 1 is 0.5; expected true or false (2 rows in all)");
  EXPECT_EQ(All(OpenNumbers(MakeTable({Sliced(bits, 4)}), "f")),
            (std::vector<double>{0, 0, 0, 0, 0, 1, 1}));
}

TEST_F(ReaderTest, IdsAreIntegersOrText) {
  auto integers = OpenIds(MakeTable({Fixed<int32_t>("id", "i", {7, -8})}), "id");
  ASSERT_TRUE(integers.ok());
  EXPECT_FALSE(integers->is_text());
  const auto numbers = Load(*integers);
  ASSERT_TRUE(numbers.ok());
  EXPECT_EQ(numbers->ids.integers()[1], -8);

  auto text =
      OpenIds(MakeTable({Dictionary<int8_t>("id", "c", {1, 0}, Text("", {"a", "b"}))}), "id");
  ASSERT_TRUE(text.ok());
  EXPECT_TRUE(text->is_text());
  auto words = Load(*text);
  ASSERT_TRUE(words.ok());
  const LoadedIds moved = *std::move(words);
  EXPECT_EQ(moved.ids.text()[0], "b");
  std::vector<int64_t> integer_scratch;
  std::vector<std::string_view> text_scratch;
  IdSpan ids;
  ASSERT_TRUE(text->Read(1, 2, integer_scratch, text_scratch, nullptr, ids).ok());
  EXPECT_TRUE(ids.is_text());
  EXPECT_EQ(ids.text()[0], "a");
}

TEST_F(ReaderTest, BadIdsAreNamed) {
  const auto refusal = [&](const Made &column) {
    const auto reader = OpenIds(MakeTable({column}), "id");
    if (!reader.ok()) return std::string(reader.status().message());
    return std::string(Load(*reader).status().message());
  };
  EXPECT_EQ(refusal(Text("id", {"a", "", "b", ""})),
            "id: row 1 is ''; expected an id that is not empty (2 rows in all)");
  EXPECT_EQ(refusal(TextViews("id", {"a", ""})),
            "id: row 1 is ''; expected an id that is not empty");
  EXPECT_EQ(refusal(Text("id", {"a", "b\xFF", "c"})), "id: row 1 is 'b\\xff'; expected UTF-8");
  // Two halves of a character are no character, though their bytes stand side by side.
  EXPECT_EQ(refusal(Text("id", {"a\xC3", "\xA9"})),
            "id: row 0 is 'a\\xc3'; expected UTF-8 (2 rows in all)");
  EXPECT_EQ(refusal(Fixed<uint64_t>("id", "L", {1, uint64_t{1} << 63})),
            "id: row 1 is 9223372036854775808; expected at most 9223372036854775807");
  EXPECT_EQ(refusal(Nulls(Text("id", {"a", ""}), "10")), "id: row 1 is null; expected an id");
  EXPECT_EQ(refusal(Fixed<double>("id", "g", {1})),
            "column 'id' is float64; expected integers or text");
  EXPECT_EQ(refusal(Fixed<int32_t>("id", "tdD", {1})),
            "column 'id' is date32; expected integers or text");
}

TEST_F(ReaderTest, AnIdMayBeAMegabyteLong) {
  const std::string huge(1 << 20, 'x');
  auto reader = OpenIds(MakeTable({Text("id", {huge, "y"})}), "id");
  ASSERT_TRUE(reader.ok());
  const auto loaded = Load(*reader);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(loaded->ids.text()[0], huge);
  const auto bad = OpenIds(MakeTable({Text("id", {huge + "\xFF"})}), "id");
  const absl::Status status = Load(*bad).status();
  EXPECT_LT(status.message().size(), 200u);
  EXPECT_NE(status.message().find("(1048577 bytes); expected UTF-8"), std::string::npos) << status;
}

TEST_F(ReaderTest, ColumnsAreFoundByName) {
  ArrowSchema schema;
  ArrowArray array;
  const Made batch =
      Struct({Fixed<int64_t>("a", "l", {1}), Text("b", {"x"}), Fixed<int64_t>("b", "l", {1})});
  MakeSchema(batch, &alive_, &schema);
  MakeArray(batch, &alive_, &array);
  const auto table = Table::ImportArray(&schema, &array);
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(OpenNumbers(*table, "amount").status().message(),
            "column 'amount' is missing; the table has a, b, b");
  EXPECT_EQ(OpenNumbers(*table, "b").status().message(),
            "column 'b' occurs twice; expected distinct names");
  EXPECT_TRUE(OpenNumbers(*table, "a").ok());
  EXPECT_EQ(OpenNumbers(Table(), "a").status().message(),
            "column 'a' is missing; the table has no columns");
}

TEST_F(ReaderTest, WrongTypesAreNamed) {
  EXPECT_EQ(OpenNumbers(MakeTable({Text("x", {"1"})}), "x").status().message(),
            "column 'x' is utf8; expected numbers");
  EXPECT_EQ(OpenMoney(MakeTable({Text("x", {"1"})}), "x", 4, 0).status().message(),
            "column 'x' is utf8; expected numbers");
  EXPECT_EQ(OpenTimes(MakeTable({Fixed<int64_t>("x", "l", {1})}), "x").status().message(),
            "column 'x' is int64; expected dates or timestamps");
  EXPECT_EQ(
      OpenText(MakeTable({Dictionary<int8_t>("x", "c", {0}, Fixed<double>("", "g", {1}))}), "x")
          .status()
          .message(),
      "column 'x' is dictionary of float64; expected text");
  EXPECT_EQ(OpenIntegers(MakeTable({Fixed<float>("x", "f", {1})}), "x").status().message(),
            "column 'x' is float32; expected integers");
  EXPECT_EQ(OpenFlags(MakeTable({Text("x", {"1"})}), "x").status().message(),
            "column 'x' is utf8; expected booleans");
  Made nothing;
  nothing.name = "x";
  nothing.format = "n";
  nothing.length = 2;
  nothing.null_count = 2;
  EXPECT_EQ(OpenNumbers(MakeTable({nothing}), "x").status().message(),
            "column 'x' is null; expected numbers");
}

class Threads final : public Executor {
 public:
  size_t workers() const override { return 4; }
  void Run(size_t count, absl::FunctionRef<void(size_t)> task) override {
    std::atomic<size_t> next = 0;
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (size_t k = next++; k < count; k = next++) task(k);
      });
    }
    for (std::thread &thread : threads) thread.join();
  }
};

TEST_F(ReaderTest, ManyThreadsReadWhatOneReads) {
  std::vector<Made> batches;
  Int64s expected;
  for (int b = 0; b < 7; ++b) {
    std::vector<int32_t> values;
    std::string bits;
    for (int i = 0; i < 50'000 + b; ++i) {
      values.push_back(i * 7 + b);
      expected.push_back(i * 7 + b);
      bits += i % 1000 == 999 ? '0' : '1';
    }
    batches.push_back(Nulls(Fixed<int32_t>("n", "i", values), bits));
  }
  const Table table = MakeTable(batches);
  Threads threads;
  Execution execution;
  execution.executor = &threads;
  const auto reader = OpenIntegers(table, "n", arrow::Nulls::kMask);
  const auto loaded = Load(*reader, execution);
  ASSERT_TRUE(loaded.ok());
  EXPECT_EQ(Int64s(loaded->values.begin(), loaded->values.end()), expected);
  EXPECT_EQ(std::count(loaded->valid.begin(), loaded->valid.end(), 0), 7 * 50);
  // All threads meet a null; the message is that of the first.
  const auto strict = OpenIntegers(table, "n");
  EXPECT_EQ(Load(*strict, execution).status().message(),
            "n: row 999 is null; expected an integer (350 rows in all)");
}

}  // namespace
}  // namespace patron::arrow
