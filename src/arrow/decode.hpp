// Decoders: how one type of column becomes one form of value. A decoder knows a value, or a run of values
// without nulls; nulls, dictionaries, batches and messages are the business of the reader.
#ifndef PATRON_SRC_ARROW_DECODE_HPP_
#define PATRON_SRC_ARROW_DECODE_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "arrow/load.hpp"
#include "arrow/table.hpp"
#include "patron/base/time.hpp"

namespace patron::arrow::detail {

// What is wrong with a value.
enum class Problem : uint8_t {
  kNone,
  kNull,
  kBadCode,  // Its place in the dictionary does not exist.
  kNotFinite,
  kOutOfRange,
  kNotTime,
  kNotUtf8,
  kEmpty,
  kNotFlag,
};

template <typename T>
class Decoder {
 public:
  virtual ~Decoder() = default;

  // Whether columns of this type can be read, and what to say if not: "expected numbers".
  virtual bool Accepts(Kind kind) const = 0;
  virtual const char *accepted() const = 0;

  // One value, which is not null.
  virtual Problem One(const Column &column, const Field &field, int64_t row, T &value) const = 0;

  // Rows [row, row + count), none of which is null. False if any of them has a problem.
  virtual bool Run(const Column &column, const Field &field, int64_t row, int64_t count,
                   T *values) const = 0;

  // Where these values stand in memory as T, if they do; and whether they have no problem.
  virtual const T *InPlace(const Column &, const Field &, int64_t) const { return nullptr; }
  virtual bool Sound(const T *, int64_t) const { return true; }

  // What was expected of a value that has `problem`, which none of the other decoders' words say.
  virtual std::string Expected(Problem problem) const = 0;
};

// Element `row` of a buffer of T, if it is aligned.
template <typename T>
const T *Aligned(const Column &column, int64_t row) {
  const auto *values = static_cast<const char *>(column.data()) +
                       (column.offset + row) * static_cast<int64_t>(sizeof(T));
  return reinterpret_cast<uintptr_t>(values) % alignof(T) == 0 ? reinterpret_cast<const T *>(values)
                                                               : nullptr;
}

// The value of a row in words, for messages.
std::string Describe(const Column &column, const Field &field, int64_t row);

class IntegerDecoder final : public Decoder<int64_t> {
 public:
  explicit IntegerDecoder(bool ids) : ids_(ids) {}
  bool Accepts(Kind kind) const override { return IsInteger(kind); }
  const char *accepted() const override { return ids_ ? "integers or text" : "integers"; }
  Problem One(const Column &column, const Field &field, int64_t row, int64_t &value) const override;
  bool Run(const Column &column, const Field &field, int64_t row, int64_t count,
           int64_t *values) const override;
  const int64_t *InPlace(const Column &column, const Field &field, int64_t row) const override;
  std::string Expected(Problem problem) const override;

 private:
  bool ids_;
};

class MoneyDecoder final : public Decoder<int64_t> {
 public:
  MoneyDecoder(int decimals, int integer_decimals)
      : decimals_(decimals), integer_decimals_(integer_decimals) {}
  bool Accepts(Kind kind) const override;
  const char *accepted() const override { return "numbers"; }
  Problem One(const Column &column, const Field &field, int64_t row, int64_t &value) const override;
  bool Run(const Column &column, const Field &field, int64_t row, int64_t count,
           int64_t *values) const override;
  const int64_t *InPlace(const Column &column, const Field &field, int64_t row) const override;
  bool Sound(const int64_t *values, int64_t count) const override;
  std::string Expected(Problem problem) const override;

 private:
  int decimals_, integer_decimals_;
};

class TimeDecoder final : public Decoder<int64_t> {
 public:
  // Dates begin with the civil days of `days`.
  explicit TimeDecoder(CivilDays days) : days_(std::move(days)) {}
  bool Accepts(Kind kind) const override { return IsTime(kind); }
  const char *accepted() const override { return "dates or timestamps"; }
  Problem One(const Column &column, const Field &field, int64_t row, int64_t &value) const override;
  bool Run(const Column &column, const Field &field, int64_t row, int64_t count,
           int64_t *values) const override;
  const int64_t *InPlace(const Column &column, const Field &field, int64_t row) const override;
  bool Sound(const int64_t *values, int64_t count) const override;
  std::string Expected(Problem problem) const override;

 private:
  bool IsCivil(Kind kind) const {
    return !days_.is_utc() && (kind == Kind::kDate32 || kind == Kind::kDate64);
  }
  Problem StartOfDate(int64_t date, TimeUnit unit, int64_t &micros) const;

  CivilDays days_;
};

// True and false are the numbers 1 and 0.
class NumberDecoder final : public Decoder<double> {
 public:
  explicit NumberDecoder(bool finite) : finite_(finite) {}
  bool Accepts(Kind kind) const override;
  const char *accepted() const override { return "numbers"; }
  Problem One(const Column &column, const Field &field, int64_t row, double &value) const override;
  bool Run(const Column &column, const Field &field, int64_t row, int64_t count,
           double *values) const override;
  const double *InPlace(const Column &column, const Field &field, int64_t row) const override;
  bool Sound(const double *values, int64_t count) const override;
  std::string Expected(Problem problem) const override;

 private:
  bool finite_;
};

// The numbers 1 and 0 are true and false.
class FlagDecoder final : public Decoder<uint8_t> {
 public:
  bool Accepts(Kind kind) const override;
  const char *accepted() const override { return "booleans"; }
  Problem One(const Column &column, const Field &field, int64_t row, uint8_t &value) const override;
  bool Run(const Column &column, const Field &field, int64_t row, int64_t count,
           uint8_t *values) const override;
  std::string Expected(Problem problem) const override;
};

class TextDecoder final : public Decoder<std::string_view> {
 public:
  explicit TextDecoder(bool ids) : ids_(ids) {}
  bool Accepts(Kind kind) const override { return IsText(kind); }
  const char *accepted() const override { return ids_ ? "integers or text" : "text"; }
  Problem One(const Column &column, const Field &field, int64_t row,
              std::string_view &value) const override;
  bool Run(const Column &column, const Field &field, int64_t row, int64_t count,
           std::string_view *values) const override;
  std::string Expected(Problem problem) const override;

 private:
  bool ids_;
};

}  // namespace patron::arrow::detail

#endif  // PATRON_SRC_ARROW_DECODE_HPP_
