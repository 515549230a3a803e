// Columns of the tables that casebooks tell, built row by row.
#ifndef PATRON_SRC_C_API_CASEBOOK_COLUMNS_HPP_
#define PATRON_SRC_C_API_CASEBOOK_COLUMNS_HPP_

#include <algorithm>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "arrow/builder.hpp"
#include "patron/base/ids.hpp"
#include "patron/complaints/pauses.hpp"

namespace patron::c_api {

// Values that may be null, and which are.
template <typename T>
class Nullable {
 public:
  void Add(T value) {
    values_.push_back(value);
    valid_.push_back(1);
  }
  void AddNull() {
    values_.push_back(T{});
    valid_.push_back(0);
    nulls_ = true;
  }
  void AddIf(bool there, T value) {
    if (there) {
      Add(value);
    } else {
      AddNull();
    }
  }
  std::vector<T> &values() { return values_; }
  std::span<const uint8_t> valid() const {
    return nulls_ ? std::span<const uint8_t>(valid_) : std::span<const uint8_t>();
  }

 private:
  std::vector<T> values_;
  std::vector<uint8_t> valid_;
  bool nulls_ = false;
};

// Instants; kNever is null.
class TimeColumn {
 public:
  void Add(int64_t instant) { column_.AddIf(instant != complaints::kNever, instant); }
  void Finish(std::string_view name, arrow::TableBuilder &builder) {
    builder.AddTimestamp(name, std::move(column_.values()), column_.valid());
  }

 private:
  Nullable<int64_t> column_;
};

// Text from few names.
class NameColumn {
 public:
  void Add(std::string_view name) {
    if (names_.empty() || names_[last_] != name) {
      const auto found = std::ranges::find(names_, name);
      last_ = static_cast<size_t>(found - names_.begin());
      if (found == names_.end()) names_.push_back(name);
    }
    codes_.Add(static_cast<int32_t>(last_));
  }
  void AddIf(bool there, std::string_view name) {
    if (there) {
      Add(name);
    } else {
      codes_.AddNull();
    }
  }
  void Finish(std::string_view name, arrow::TableBuilder &builder) {
    if (names_.empty()) names_.emplace_back();
    builder.AddDictionary(name, std::move(codes_.values()), names_, codes_.valid());
  }

 private:
  std::vector<std::string_view> names_;
  Nullable<int32_t> codes_;
  size_t last_ = 0;
};

// Ids of an index; codes past it are null.
class IdColumn {
 public:
  explicit IdColumn(const IdIndex &index) : index_(index) {}

  void Add(uint32_t code) {
    const bool there = code < index_.size();
    if (index_.is_text()) {
      text_.AddIf(there, there ? index_.text(code) : std::string_view());
    } else {
      integers_.AddIf(there, there ? index_.integer(code) : 0);
    }
  }
  void AddNull() { Add(IdIndex::kUnknown); }
  void Finish(std::string_view name, arrow::TableBuilder &builder) {
    if (index_.is_text()) {
      builder.AddIds(name, std::span<const std::string_view>(text_.values()), text_.valid());
    } else {
      builder.AddIds(name, std::span<const int64_t>(integers_.values()), integers_.valid());
    }
  }

 private:
  const IdIndex &index_;
  Nullable<int64_t> integers_;
  Nullable<std::string_view> text_;
};

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CASEBOOK_COLUMNS_HPP_
