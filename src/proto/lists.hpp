// Columns as repeated fields, and back.
#ifndef PATRON_PROTO_LISTS_HPP_
#define PATRON_PROTO_LISTS_HPP_

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include <google/protobuf/repeated_field.h>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"

namespace patron::proto {

// Rows that one message can hold at the very most: each takes 16 bytes or more.
inline constexpr size_t kMostRows = std::numeric_limits<int32_t>::max() / 16;

// Errors: ResourceExhausted if there are more.
inline absl::Status CheckRows(size_t rows) {
  if (rows <= kMostRows) return absl::OkStatus();
  return absl::ResourceExhaustedError(
      absl::StrCat("bytes: ", rows, " rows; at most ", kMostRows, " can be written in one piece"));
}

// Of a repeated field, whose own is an int.
template <typename List>
size_t SizeOf(const List &list) {
  return static_cast<size_t>(list.size());
}

template <typename T>
void WriteList(const std::vector<T> &values, google::protobuf::RepeatedField<T> *field) {
  field->Add(values.begin(), values.end());
}

template <typename T>
std::vector<T> ReadList(const google::protobuf::RepeatedField<T> &field) {
  return {field.begin(), field.end()};
}

}  // namespace patron::proto

#endif  // PATRON_PROTO_LISTS_HPP_
