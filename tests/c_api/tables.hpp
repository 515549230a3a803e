// Tables for tests of the C interface: made from vectors, read back as vectors.
#ifndef PATRON_TESTS_C_API_TABLES_HPP_
#define PATRON_TESTS_C_API_TABLES_HPP_

#include <cstdint>
#include <cstring>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "patron/c/patron.h"

namespace patron::c_api_test {

inline constexpr int64_t kDay = int64_t{86'400} * 1'000'000;

// An error to hand in, and its message.
struct Error {
  patron_error raw{};
  patron_error *get() { return &raw; }
  std::string message() const { return raw.message; }
};

// A pointer that no function gives: outputs hold it until they are written.
template <typename T>
T *Untouched() {
  return reinterpret_cast<T *>(uintptr_t{0x5EED});
}

struct FreeTable {
  void operator()(patron_table *table) const { patron_table_free(table); }
};
using Table = std::unique_ptr<patron_table, FreeTable>;

// Builds a table from columns; it keeps their memory. Columns with nulls take optionals.
class TableOf {
 public:
  TableOf() = default;
  TableOf(const TableOf &) = delete;
  TableOf &operator=(const TableOf &) = delete;
  ~TableOf() { patron_table_free(table_); }

  template <typename T>
  TableOf &Add(const char *name, int32_t type, const std::vector<T> &values) {
    return AddBytes(name, type, values.size(), values.data(), values.size() * sizeof(T), {});
  }
  TableOf &Integers(const char *name, const std::vector<int64_t> &values) {
    return Add(name, PATRON_TYPE_INT64, values);
  }
  TableOf &Numbers(const char *name, const std::vector<double> &values) {
    return Add(name, PATRON_TYPE_FLOAT64, values);
  }
  TableOf &Times(const char *name, const std::vector<int64_t> &micros) {
    return Add(name, PATRON_TYPE_TIMESTAMP_US, micros);
  }
  TableOf &Days(const char *name, const std::vector<int32_t> &days) {
    return Add(name, PATRON_TYPE_DATE32, days);
  }
  TableOf &Integers(const char *name, const std::vector<std::optional<int64_t>> &values) {
    return AddOptional(name, PATRON_TYPE_INT64, values);
  }
  TableOf &Numbers(const char *name, const std::vector<std::optional<double>> &values) {
    return AddOptional(name, PATRON_TYPE_FLOAT64, values);
  }
  TableOf &Times(const char *name, const std::vector<std::optional<int64_t>> &micros) {
    return AddOptional(name, PATRON_TYPE_TIMESTAMP_US, micros);
  }
  TableOf &Texts(const char *name, const std::vector<std::string> &values) {
    std::vector<std::optional<std::string>> all(values.begin(), values.end());
    return OptionalTexts(name, all);
  }
  TableOf &OptionalTexts(const char *name, const std::vector<std::optional<std::string>> &values) {
    std::vector<int32_t> offsets = {0};
    std::string characters;
    bool nulls = false;
    std::vector<bool> valid;
    for (const auto &value : values) {
      characters += value.value_or("");
      offsets.push_back(static_cast<int32_t>(characters.size()));
      valid.push_back(value.has_value());
      nulls |= !value.has_value();
    }
    AddBytes(name, PATRON_TYPE_TEXT, values.size(), characters.data(), characters.size(),
             nulls ? valid : std::vector<bool>());
    std::vector<char> &copy = memory_.emplace_back(offsets.size() * sizeof(int32_t));
    std::memcpy(copy.data(), offsets.data(), copy.size());
    columns_.back().offsets = copy.data();
    return *this;
  }

  const patron_table *get() {
    if (table_ == nullptr) {
      Error error;
      EXPECT_EQ(patron_table_borrow(columns_.data(), columns_.size(), &table_, error.get()),
                PATRON_OK)
          << error.message();
    }
    return table_;
  }
  const patron_column *column(size_t index) const { return &columns_[index]; }

 private:
  template <typename T>
  TableOf &AddOptional(const char *name, int32_t type,
                       const std::vector<std::optional<T>> &values) {
    std::vector<T> plain;
    std::vector<bool> valid;
    for (const auto &value : values) {
      plain.push_back(value.value_or(T{77}));
      valid.push_back(value.has_value());
    }
    return AddBytes(name, type, plain.size(), plain.data(), plain.size() * sizeof(T), valid);
  }

  TableOf &AddBytes(const char *name, int32_t type, size_t rows, const void *data, size_t bytes,
                    const std::vector<bool> &valid) {
    std::vector<char> &copy = memory_.emplace_back(bytes + 8);
    if (bytes > 0) std::memcpy(copy.data(), data, bytes);
    patron_column column{};
    column.struct_size = sizeof column;
    column.type = type;
    column.name = name;
    column.length = static_cast<int64_t>(rows);
    column.data = copy.data();
    if (!valid.empty()) {
      std::vector<char> &bits = memory_.emplace_back((rows + 7) / 8 + 1);
      for (size_t i = 0; i < rows; ++i)
        bits[i / 8] = static_cast<char>(bits[i / 8] | valid[i] << i % 8);
      column.validity = reinterpret_cast<const uint8_t *>(bits.data());
    }
    columns_.push_back(column);
    return *this;
  }

  std::deque<std::vector<char>> memory_;
  std::vector<patron_column> columns_;
  patron_table *table_ = nullptr;
};

inline patron_column ColumnOf(const patron_table *table, const char *name) {
  size_t index = 0;
  Error error;
  patron_column column{};
  column.struct_size = sizeof column;
  EXPECT_EQ(patron_table_find(table, name, &index, error.get()), PATRON_OK) << error.message();
  EXPECT_EQ(patron_table_column(table, index, 0, &column, error.get()), PATRON_OK)
      << error.message();
  return column;
}

inline bool IsNull(const patron_column &column, int64_t row) {
  const int64_t at = column.offset + row;
  return column.validity != nullptr && (column.validity[at / 8] >> at % 8 & 1) == 0;
}

// A column of a result. Nulls are nullopt.
template <typename T>
std::vector<std::optional<T>> Optional(const patron_table *table, const char *name, int32_t type) {
  const patron_column column = ColumnOf(table, name);
  EXPECT_EQ(column.type, type) << name;
  std::vector<std::optional<T>> values;
  for (int64_t i = 0; i < column.length; ++i) {
    T value;
    std::memcpy(&value, static_cast<const char *>(column.data) + (column.offset + i) * sizeof(T),
                sizeof(T));
    values.push_back(IsNull(column, i) ? std::nullopt : std::optional<T>(value));
  }
  return values;
}

template <typename T>
std::vector<T> Plain(const patron_table *table, const char *name, int32_t type) {
  std::vector<T> values;
  for (const auto &value : Optional<T>(table, name, type)) {
    EXPECT_TRUE(value.has_value()) << name << " has a null";
    values.push_back(value.value_or(T{}));
  }
  return values;
}

inline std::vector<int64_t> Integers(const patron_table *table, const char *name) {
  return Plain<int64_t>(table, name, PATRON_TYPE_INT64);
}
inline std::vector<int64_t> Integers(const Table &table, const char *name) {
  return Integers(table.get(), name);
}
inline std::vector<int32_t> Integers32(const Table &table, const char *name) {
  return Plain<int32_t>(table.get(), name, PATRON_TYPE_INT32);
}
inline std::vector<double> Numbers(const Table &table, const char *name) {
  return Plain<double>(table.get(), name, PATRON_TYPE_FLOAT64);
}
inline std::vector<int64_t> Times(const Table &table, const char *name) {
  return Plain<int64_t>(table.get(), name, PATRON_TYPE_TIMESTAMP_US);
}

// A column of text, or a dictionary of it.
inline std::vector<std::optional<std::string>> OptionalTexts(const Table &table, const char *name) {
  size_t index = 0;
  patron_table *plain = nullptr;
  Error error;
  EXPECT_EQ(patron_table_find(table.get(), name, &index, error.get()), PATRON_OK)
      << error.message();
  EXPECT_EQ(patron_table_flatten_column(table.get(), index, &plain, error.get()), PATRON_OK)
      << error.message();
  const Table flat(plain);
  const patron_column column = ColumnOf(plain, name);
  EXPECT_EQ(column.type, PATRON_TYPE_TEXT) << name;
  std::vector<std::optional<std::string>> values;
  const auto *offsets = static_cast<const int32_t *>(column.offsets) + column.offset;
  const auto *characters = static_cast<const char *>(column.data);
  for (int64_t i = 0; i < column.length; ++i) {
    if (IsNull(column, i)) {
      values.push_back(std::nullopt);
    } else {
      values.emplace_back(std::string(characters + offsets[i], characters + offsets[i + 1]));
    }
  }
  return values;
}
inline std::vector<std::string> Texts(const Table &table, const char *name) {
  std::vector<std::string> values;
  for (const auto &value : OptionalTexts(table, name)) {
    EXPECT_TRUE(value.has_value()) << name << " has a null";
    values.push_back(value.value_or(""));
  }
  return values;
}

inline std::vector<std::string> NamesOf(const Table &table) {
  std::vector<std::string> names;
  for (size_t i = 0; i < patron_table_columns(table.get()); ++i) {
    names.emplace_back(patron_table_name(table.get(), i));
  }
  return names;
}

}  // namespace patron::c_api_test

#endif  // PATRON_TESTS_C_API_TABLES_HPP_
