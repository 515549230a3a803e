// What the elements of XES mean: they come in, columns go out.
#ifndef PATRON_SRC_XES_LOG_BUILDER_HPP_
#define PATRON_SRC_XES_LOG_BUILDER_HPP_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "xes/reader.hpp"

namespace patron::xes {

struct XmlAttribute {
  std::string_view name, value;
};

class LogBuilder {
 public:
  explicit LogBuilder(const Options &options);

  // An element begins or ends, in the order of the text. Errors: InvalidArgument for what is no log,
  // without its line; ResourceExhausted.
  absl::Status Start(std::string_view name, std::span<const XmlAttribute> attributes);
  absl::Status End();

  Log Take() { return std::move(log_); }

 private:
  // What an attribute with a certain key is for.
  enum class Scope { kOther, kLog, kTrace, kEvent };
  struct Key {
    std::string name;
    std::string value;  // Of the trace or event that is open.
    bool seen = false;
  };

  absl::Status Attribute(std::string_view type, std::string_view key, std::string_view value);
  absl::Status Keep(Key &key, std::string_view value);
  absl::Status EndEvent();
  absl::Status EndTrace();
  absl::Status Append(const Key &key, TextColumn &column);

  const size_t activity_parts_;
  Log log_;

  int depth_ = 0;
  Scope scope_ = Scope::kOther;
  int scope_depth_ = 0;  // Of the element of the scope.

  std::vector<Key> event_keys_;  // Activity, resource, then the attributes asked for.
  std::vector<Key> trace_keys_;  // The name, then the attributes asked for.
  bool has_time_ = false;
  int64_t time_ = 0;
  uint64_t trace_events_ = 0;
};

}  // namespace patron::xes

#endif  // PATRON_SRC_XES_LOG_BUILDER_HPP_
