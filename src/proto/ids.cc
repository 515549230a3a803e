#include "proto/ids.hpp"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string>

#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"

namespace patron::proto {

void WriteIds(const IdSpan &ids, v1::Ids &message) {
  message.Clear();
  std::string &text = *message.mutable_text();
  if (!ids.is_text()) {
    message.mutable_integer()->Add(ids.integers().begin(), ids.integers().end());
    return;
  }
  size_t bytes = 0;
  for (const std::string_view id : ids.text()) bytes += id.size();
  text.reserve(bytes);
  message.mutable_length()->Reserve(static_cast<int>(ids.size()));
  for (const std::string_view id : ids.text()) {
    message.add_length(static_cast<uint32_t>(id.size()));
    text.append(id);
  }
}

absl::StatusOr<IdList> ReadIds(const v1::Ids &message, std::string_view what, bool ascending) {
  const auto refuse = [&](std::string_view why) {
    return NotOurs(absl::StrCat(Text(what), ": ", Text(why)));
  };
  const auto rising = [](const auto &ids) {
    return std::ranges::adjacent_find(ids, std::ranges::greater_equal()) == ids.end();
  };
  if (!message.unknown_fields().empty()) return refuse("unknown field");
  IdList ids;
  ids.is_text = message.length_size() > 0;
  if (ids.is_text ? message.integer_size() > 0 : !message.text().empty()) {
    return refuse("integers and text at once");
  }
  ids.integers.assign(message.integer().begin(), message.integer().end());
  ids.text.reserve(static_cast<size_t>(message.length_size()));
  std::string_view rest = message.text();
  for (const uint32_t length : message.length()) {
    if (length == 0 || length > rest.size()) return refuse("lengths do not fit the text");
    ids.text.push_back(rest.substr(0, length));
    if (!arrow::IsUtf8(ids.text.back())) return refuse("an id is not UTF-8");
    rest.remove_prefix(length);
  }
  if (!rest.empty()) return refuse("lengths do not fit the text");
  if (ascending && !(rising(ids.integers) && rising(ids.text))) {
    return refuse("not ascending and distinct");
  }
  return ids;
}

}  // namespace patron::proto
