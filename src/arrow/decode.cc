#include "arrow/decode.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <span>

#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::arrow::detail {
namespace {

constexpr int64_t kLeast = std::numeric_limits<int64_t>::min();
constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
constexpr int64_t kChunk = 512;
constexpr int64_t kMillisPerDay = kMicrosPerDay / 1000;

// Calls `run` with a value of the C++ type of an integer kind.
template <typename Function>
auto ForInteger(Kind kind, Function run) {
  switch (kind) {
    case Kind::kInt8: return run(int8_t{});
    case Kind::kInt16: return run(int16_t{});
    case Kind::kInt32: return run(int32_t{});
    case Kind::kUint8: return run(uint8_t{});
    case Kind::kUint16: return run(uint16_t{});
    case Kind::kUint32: return run(uint32_t{});
    case Kind::kUint64: return run(uint64_t{});
    default: return run(int64_t{});
  }
}

// Integers of any width as int64; false if an uint64 does not fit.
bool Widen(const Column &column, Kind kind, int64_t row, int64_t count, int64_t *values) {
  const int64_t at = column.offset + row;
  ForInteger(kind, [&](auto type) {
    using Source = decltype(type);
    const void *data = column.data();
    for (int64_t i = 0; i < count; ++i)
      values[i] = static_cast<int64_t>(Load<Source>(data, at + i));
  });
  if (kind != Kind::kUint64) return true;
  int64_t signs = 0;
  for (int64_t i = 0; i < count; ++i) signs |= values[i];
  return signs >= 0;
}

// Multiplies; false if a value is beyond `limit` either way.
bool Multiply(int64_t factor, int64_t limit, int64_t count, int64_t *values) {
  bool bad = false;
  for (int64_t i = 0; i < count; ++i) {
    const int64_t value = values[i];
    bad |= value > limit || value < -limit;
    values[i] = static_cast<int64_t>(static_cast<uint64_t>(value) * static_cast<uint64_t>(factor));
  }
  return !bad;
}

// value x 10^-scale, correctly rounded.
double DecimalToDouble(Int128 value, int scale) {
  if (scale >= 0 && scale <= 18) return CurrencyFromUnits(value, scale);
  const std::string text = absl::StrCat(FormatMoney(value, 0), "e", -scale);
  double result = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), result);
  if (read.ec == std::errc::result_out_of_range) {
    return scale > 0 ? 0.0 : std::copysign(HUGE_VAL, value < 0 ? -1.0 : 1.0);
  }
  return result;
}

Int128 LoadDecimal(const Column &column, int64_t row) {
  return LoadDecimal128(static_cast<const char *>(column.data()) + (column.offset + row) * 16);
}

TimeUnit UnitOf(Kind kind) {
  switch (kind) {
    case Kind::kDate32: return TimeUnit::kDay;
    case Kind::kSeconds: return TimeUnit::kSecond;
    case Kind::kDate64:
    case Kind::kMillis: return TimeUnit::kMilli;
    case Kind::kNanos: return TimeUnit::kNano;
    default: return TimeUnit::kMicro;
  }
}

int64_t LoadTime(const Column &column, Kind kind, int64_t row) {
  const int64_t at = column.offset + row;
  return kind == Kind::kDate32 ? Load<int32_t>(column.data(), at)
                               : Load<int64_t>(column.data(), at);
}

bool IsNumber(Kind kind) {
  return IsInteger(kind) || kind == Kind::kFloat32 || kind == Kind::kFloat64 ||
         kind == Kind::kDecimal128;
}

}  // namespace

std::string Describe(const Column &column, const Field &field, int64_t row) {
  if (!IsValid(column, row)) return "null";
  const int64_t at = column.offset + row;
  if (field.dictionary != nullptr) {
    const int64_t code = LoadCode(column, field.kind, row);
    if (code >= 0) return Describe(*column.dictionary, *field.dictionary, code);
    return absl::StrCat("index ", LoadInteger(column, field.kind, row), " of a dictionary of ",
                        column.dictionary->length);
  }
  if (field.kind == Kind::kUint64) return std::to_string(Load<uint64_t>(column.data(), at));
  if (IsInteger(field.kind)) return std::to_string(LoadInteger(column, field.kind, row));
  if (IsText(field.kind)) return Quoted(LoadText(column, field.kind, row));
  switch (field.kind) {
    case Kind::kBool:
      return TestBit(static_cast<const uint8_t *>(column.data()), at) ? "true" : "false";
    case Kind::kFloat32: return FormatNumber(Load<float>(column.data(), at));
    case Kind::kFloat64: return FormatNumber(Load<double>(column.data(), at));
    case Kind::kDecimal128: {
      const Int128 value = LoadDecimal(column, row);
      return field.scale < 0 ? absl::StrCat(FormatMoney(value, 0), "e", -field.scale)
                             : FormatMoney(value, field.scale);
    }
    default: break;
  }
  const int64_t time = LoadTime(column, field.kind, row);
  if (time == kLeast) return "NaT";
  const char *unit = field.kind == Kind::kDate32    ? "days"
                     : field.kind == Kind::kSeconds ? "s"
                     : field.kind == Kind::kMicros  ? "us"
                     : field.kind == Kind::kNanos   ? "ns"
                                                    : "ms";
  return absl::StrCat(time, " ", unit, " from 1970");
}

Problem IntegerDecoder::One(const Column &column, const Field &field, int64_t row,
                            int64_t &value) const {
  value = LoadInteger(column, field.kind, row);
  return field.kind == Kind::kUint64 && value < 0 ? Problem::kOutOfRange : Problem::kNone;
}

bool IntegerDecoder::Run(const Column &column, const Field &field, int64_t row, int64_t count,
                         int64_t *values) const {
  return Widen(column, field.kind, row, count, values);
}

const int64_t *IntegerDecoder::InPlace(const Column &column, const Field &field,
                                       int64_t row) const {
  return field.kind == Kind::kInt64 ? Aligned<int64_t>(column, row) : nullptr;
}

std::string IntegerDecoder::Expected(Problem problem) const {
  if (problem == Problem::kOutOfRange) return absl::StrCat("at most ", kMost);
  return ids_ ? "an id" : "an integer";
}

bool MoneyDecoder::Accepts(Kind kind) const { return IsNumber(kind); }

Problem MoneyDecoder::One(const Column &column, const Field &field, int64_t row,
                          int64_t &value) const {
  const int64_t at = column.offset + row;
  MoneyProblem problem;
  if (field.kind == Kind::kFloat64) {
    problem = UnitsFromDouble(Load<double>(column.data(), at), decimals_, value);
  } else if (field.kind == Kind::kFloat32) {
    problem = UnitsFromDouble(Load<float>(column.data(), at), decimals_, value);
  } else if (field.kind == Kind::kDecimal128) {
    problem = UnitsFromDecimal(LoadDecimal(column, row), field.scale, decimals_, value);
  } else {
    const int64_t integer = LoadInteger(column, field.kind, row);
    const Int128 wide =
        field.kind == Kind::kUint64 ? Int128{static_cast<uint64_t>(integer)} : Int128{integer};
    problem = UnitsFromDecimal(wide, integer_decimals_, decimals_, value);
  }
  switch (problem) {
    case MoneyProblem::kNone: return Problem::kNone;
    case MoneyProblem::kNotFinite: return Problem::kNotFinite;
    case MoneyProblem::kOutOfRange: break;
  }
  return Problem::kOutOfRange;
}

bool MoneyDecoder::Run(const Column &column, const Field &field, int64_t row, int64_t count,
                       int64_t *values) const {
  const auto size = static_cast<size_t>(count);
  if (field.kind == Kind::kFloat64) {
    if (const double *source = Aligned<double>(column, row); source != nullptr) {
      return UnitsFromDoubles({source, size}, decimals_, {values, size}) == size;
    }
  }
  if (field.kind == Kind::kFloat32 || field.kind == Kind::kFloat64) {
    std::array<double, kChunk> chunk;
    for (int64_t begin = 0; begin < count; begin += kChunk) {
      const int64_t length = std::min(kChunk, count - begin);
      const int64_t at = column.offset + row + begin;
      for (int64_t i = 0; i < length; ++i) {
        chunk[static_cast<size_t>(i)] =
            field.kind == Kind::kFloat32 ? static_cast<double>(Load<float>(column.data(), at + i))
                                         : Load<double>(column.data(), at + i);
      }
      const auto part = static_cast<size_t>(length);
      if (UnitsFromDoubles({chunk.data(), part}, decimals_, {values + begin, part}) != part)
        return false;
    }
    return true;
  }
  const int shift = decimals_ - integer_decimals_;
  if (field.kind == Kind::kDecimal128 || shift < 0) {
    for (int64_t i = 0; i < count; ++i) {
      if (One(column, field, row + i, values[i]) != Problem::kNone) return false;
    }
    return true;
  }
  const int64_t factor = PowerOfTen(shift);
  return Widen(column, field.kind, row, count, values) &&
         Multiply(factor, kMaxMoney / factor, count, values);
}

const int64_t *MoneyDecoder::InPlace(const Column &column, const Field &field, int64_t row) const {
  return field.kind == Kind::kInt64 && decimals_ == integer_decimals_
             ? Aligned<int64_t>(column, row)
             : nullptr;
}

bool MoneyDecoder::Sound(const int64_t *values, int64_t count) const {
  return std::find(values, values + count, kLeast) == values + count;
}

std::string MoneyDecoder::Expected(Problem problem) const {
  if (problem == Problem::kNotFinite) return "a finite number";
  if (problem != Problem::kOutOfRange) return "an amount";
  const std::string most = FormatMoney(kMaxMoney, decimals_);
  return absl::StrCat("an amount between -", most, " and ", most);
}

// The zone's offset is less than a day: a date a day from the ends still has a first instant.
Problem TimeDecoder::StartOfDate(int64_t date, TimeUnit unit, int64_t &micros) const {
  const int64_t day = unit == TimeUnit::kDay ? date : FloorDivide(date, kMillisPerDay);
  constexpr int64_t kFarthest = std::numeric_limits<int64_t>::max() / kMicrosPerDay - 2;
  if (day < -kFarthest || day > kFarthest) return Problem::kOutOfRange;
  micros = days_.StartOf(day);
  return Problem::kNone;
}

Problem TimeDecoder::One(const Column &column, const Field &field, int64_t row,
                         int64_t &value) const {
  const int64_t time = LoadTime(column, field.kind, row);
  if (time == kLeast) return Problem::kNotTime;
  if (IsCivil(field.kind)) return StartOfDate(time, UnitOf(field.kind), value);
  return MicrosFrom(time, UnitOf(field.kind), value) ? Problem::kNone : Problem::kOutOfRange;
}

bool TimeDecoder::Run(const Column &column, const Field &field, int64_t row, int64_t count,
                      int64_t *values) const {
  Widen(column, field.kind == Kind::kDate32 ? Kind::kInt32 : Kind::kInt64, row, count, values);
  if (!Sound(values, count)) return false;
  const TimeUnit unit = UnitOf(field.kind);
  if (unit == TimeUnit::kMicro) return true;
  if (IsCivil(field.kind)) {
    // Rows have few different dates: those met last are remembered.
    struct Known {
      int64_t date = kLeast, start = 0;
    };
    std::array<Known, 1024> known;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t days =
          unit == TimeUnit::kDay ? values[i] : FloorDivide(values[i], kMillisPerDay);
      Known &one = known[static_cast<uint64_t>(days) % known.size()];
      if (one.date != values[i]) {
        if (StartOfDate(values[i], unit, one.start) != Problem::kNone) return false;
        one.date = values[i];
      }
      values[i] = one.start;
    }
    return true;
  }
  bool good = true;
  for (int64_t i = 0; i < count; ++i) good &= MicrosFrom(values[i], unit, values[i]);
  return good;
}

const int64_t *TimeDecoder::InPlace(const Column &column, const Field &field, int64_t row) const {
  return field.kind == Kind::kMicros ? Aligned<int64_t>(column, row) : nullptr;
}

bool TimeDecoder::Sound(const int64_t *values, int64_t count) const {
  bool bad = false;
  for (int64_t i = 0; i < count; ++i) bad |= values[i] == kLeast;
  return !bad;
}

std::string TimeDecoder::Expected(Problem problem) const {
  if (problem == Problem::kOutOfRange) return "a time within 292,000 years of 1970";
  return "a date or time";
}

bool NumberDecoder::Accepts(Kind kind) const { return IsNumber(kind) || kind == Kind::kBool; }

Problem NumberDecoder::One(const Column &column, const Field &field, int64_t row,
                           double &value) const {
  const int64_t at = column.offset + row;
  if (field.kind == Kind::kFloat64) {
    value = Load<double>(column.data(), at);
  } else if (field.kind == Kind::kFloat32) {
    value = Load<float>(column.data(), at);
  } else if (field.kind == Kind::kDecimal128) {
    value = DecimalToDouble(LoadDecimal(column, row), field.scale);
  } else if (field.kind == Kind::kBool) {
    value = TestBit(static_cast<const uint8_t *>(column.data()), at) ? 1 : 0;
  } else if (field.kind == Kind::kUint64) {
    value = static_cast<double>(Load<uint64_t>(column.data(), at));
  } else {
    value = static_cast<double>(LoadInteger(column, field.kind, row));
  }
  return finite_ && !std::isfinite(value) ? Problem::kNotFinite : Problem::kNone;
}

bool NumberDecoder::Run(const Column &column, const Field &field, int64_t row, int64_t count,
                        double *values) const {
  const int64_t at = column.offset + row;
  const void *data = column.data();
  const auto convert = [&](auto type) {
    using Source = decltype(type);
    for (int64_t i = 0; i < count; ++i) values[i] = static_cast<double>(Load<Source>(data, at + i));
  };
  if (field.kind == Kind::kFloat64) {
    convert(double{});
  } else if (field.kind == Kind::kFloat32) {
    convert(float{});
  } else if (field.kind == Kind::kDecimal128) {
    for (int64_t i = 0; i < count; ++i)
      values[i] = DecimalToDouble(LoadDecimal(column, row + i), field.scale);
  } else if (field.kind == Kind::kBool) {
    for (int64_t i = 0; i < count; ++i) One(column, field, row + i, values[i]);
  } else {
    ForInteger(field.kind, convert);
  }
  return Sound(values, count);
}

const double *NumberDecoder::InPlace(const Column &column, const Field &field, int64_t row) const {
  return field.kind == Kind::kFloat64 ? Aligned<double>(column, row) : nullptr;
}

bool NumberDecoder::Sound(const double *values, int64_t count) const {
  if (!finite_) return true;
  bool bad = false;
  for (int64_t i = 0; i < count; ++i)
    bad |= !(std::fabs(values[i]) <= std::numeric_limits<double>::max());
  return !bad;
}

std::string NumberDecoder::Expected(Problem problem) const {
  return problem == Problem::kNotFinite ? "a finite number" : "a number";
}

bool FlagDecoder::Accepts(Kind kind) const {
  return kind == Kind::kBool || kind == Kind::kFloat64 || kind == Kind::kFloat32 || IsInteger(kind);
}

Problem FlagDecoder::One(const Column &column, const Field &field, int64_t row,
                         uint8_t &value) const {
  if (field.kind == Kind::kBool) {
    value = TestBit(static_cast<const uint8_t *>(column.data()), column.offset + row) ? 1 : 0;
    return Problem::kNone;
  }
  if (!IsInteger(field.kind)) {
    const int64_t at = column.offset + row;
    const double number = field.kind == Kind::kFloat64 ? Load<double>(column.data(), at)
                                                       : Load<float>(column.data(), at);
    value = number != 0 ? 1 : 0;
    return number == 0 || number == 1 ? Problem::kNone : Problem::kNotFlag;
  }
  const int64_t integer = LoadInteger(column, field.kind, row);
  value = integer != 0 ? 1 : 0;
  return integer == 0 || integer == 1 ? Problem::kNone : Problem::kNotFlag;
}

bool FlagDecoder::Run(const Column &column, const Field &field, int64_t row, int64_t count,
                      uint8_t *values) const {
  if (field.kind == Kind::kBool) {
    SpreadBits(static_cast<const uint8_t *>(column.data()), column.offset + row, count, values);
    return true;
  }
  uint8_t bad = 0;
  const auto convert = [&](auto type) {
    using Source = decltype(type);
    const void *data = column.data();
    const int64_t at = column.offset + row;
    for (int64_t i = 0; i < count; ++i) {
      const Source number = Load<Source>(data, at + i);
      values[i] = static_cast<uint8_t>(number != 0);
      bad = static_cast<uint8_t>(bad | ((number != 0) & (number != 1)));
    }
  };
  if (field.kind == Kind::kFloat64) {
    convert(double{});
  } else if (field.kind == Kind::kFloat32) {
    convert(float{});
  } else {
    ForInteger(field.kind, convert);
  }
  return bad == 0;
}

std::string FlagDecoder::Expected(Problem) const { return "true or false"; }

Problem TextDecoder::One(const Column &column, const Field &field, int64_t row,
                         std::string_view &value) const {
  value = LoadText(column, field.kind, row);
  if (ids_ && value.empty()) return Problem::kEmpty;
  return IsUtf8(value) ? Problem::kNone : Problem::kNotUtf8;
}

bool TextDecoder::Run(const Column &column, const Field &field, int64_t row, int64_t count,
                      std::string_view *values) const {
  bool empty = false;
  bool ascii = true;
  const auto from_offsets = [&](auto type) {
    using Offset = decltype(type);
    const void *offsets = column.offsets();
    const int64_t at = column.offset + row;
    const int64_t first = Load<Offset>(offsets, at);
    int64_t begin = first;
    for (int64_t i = 0; i < count; ++i) {
      const int64_t end = Load<Offset>(offsets, at + i + 1);
      empty |= begin == end;
      values[i] = begin == end ? std::string_view()
                               : std::string_view(column.characters() + begin,
                                                  static_cast<size_t>(end - begin));
      begin = end;
    }
    if (begin > first)
      ascii = IsAscii({column.characters() + first, static_cast<size_t>(begin - first)});
  };
  if (field.kind == Kind::kText) {
    from_offsets(int32_t{});
  } else if (field.kind == Kind::kLargeText) {
    from_offsets(int64_t{});
  } else {
    for (int64_t i = 0; i < count; ++i) {
      values[i] = LoadText(column, field.kind, row + i);
      empty |= values[i].empty();
      ascii = ascii && IsAscii(values[i]);
    }
  }
  if (ids_ && empty) return false;
  return ascii || std::all_of(values, values + count, IsUtf8);
}

std::string TextDecoder::Expected(Problem problem) const {
  if (problem == Problem::kNotUtf8) return "UTF-8";
  if (problem == Problem::kEmpty) return "an id that is not empty";
  return ids_ ? "an id" : "text";
}

}  // namespace patron::arrow::detail
