// JSON (RFC 8259) as far as policies need it: objects, lists, text, whole numbers, true, false, null.
#ifndef PATRON_SRC_JSON_JSON_HPP_
#define PATRON_SRC_JSON_JSON_HPP_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace patron::json {

struct Member;

enum class Type { kNull, kBool, kInteger, kText, kList, kObject };

struct Value {
  Type type = Type::kNull;
  bool boolean = false;
  int64_t integer = 0;
  std::string text;
  std::vector<Value> items;     // Of a list.
  std::vector<Member> members;  // Of an object, in their order, keys distinct.
};

struct Member {
  std::string key;
  Value value;
};

// Reads text that may come from anywhere; at most 32 deep.
// Errors: InvalidArgument with line and column, also for numbers that are not whole or beyond int64
// and for text that is not UTF-8. Cost: O(n), and O(k^2) for k keys of one object.
absl::StatusOr<Value> Parse(std::string_view text);

// `text` in quotes, with escapes where they must be.
std::string Quote(std::string_view text);

}  // namespace patron::json

#endif  // PATRON_SRC_JSON_JSON_HPP_
