#include "xes/log_builder.hpp"

#include <algorithm>
#include <span>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"

namespace patron::xes {

bool ParseTime(std::string_view text, int64_t &micros, bool &has_zone) {
  const auto digits = [&](size_t at, size_t count, int64_t low, int64_t high, int64_t &out) {
    if (text.size() < at + count) return false;
    out = 0;
    for (const char c : text.substr(at, count)) {
      if (c < '0' || c > '9') return false;
      out = out * 10 + (c - '0');
    }
    return out >= low && out <= high;
  };
  const auto is = [&](size_t at, char c) { return at < text.size() && text[at] == c; };
  int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (!digits(0, 4, 1, 9999, year) || !is(4, '-') || !digits(5, 2, 1, 12, month) || !is(7, '-') ||
      !digits(8, 2, 1, 31, day) || !is(10, 'T') || !digits(11, 2, 0, 24, hour) || !is(13, ':') ||
      !digits(14, 2, 0, 59, minute) || !is(16, ':') || !digits(17, 2, 0, 59, second)) {
    return false;
  }
  const int64_t date = DayOfDate(year, static_cast<int>(month), static_cast<int>(day));
  if (DateOfDay(date).day != day) return false;
  size_t at = 19;
  int64_t fraction = 0;
  if (is(at, '.')) {
    const size_t first = ++at;
    for (int64_t unit = 100'000; at < text.size() && text[at] >= '0' && text[at] <= '9'; ++at) {
      fraction += unit * (text[at] - '0');
      unit /= 10;
    }
    if (at == first) return false;
  }
  if (hour == 24 && (minute != 0 || second != 0 || fraction != 0)) return false;
  int64_t offset = 0;
  has_zone = at < text.size();
  if (is(at, 'Z')) {
    ++at;
  } else if (has_zone) {
    int64_t hours = 0, minutes = 0;
    if ((!is(at, '+') && !is(at, '-')) || !digits(at + 1, 2, 0, 14, hours)) return false;
    const size_t colon = is(at + 3, ':') ? 1 : 0;
    if (!digits(at + 3 + colon, 2, 0, 59, minutes)) return false;
    offset = (hours * 60 + minutes) * (is(at, '-') ? -60 : 60);
    at += 5 + colon;
  }
  if (at != text.size()) return false;
  micros = ((date * 24 + hour) * 60 + minute) * 60 * kMicrosPerSecond +
           (second - offset) * kMicrosPerSecond + fraction;
  return true;
}

LogBuilder::LogBuilder(const Options &options) : activity_parts_(options.activity.size()) {
  for (const std::string &key : options.activity) event_keys_.push_back({key, {}, false});
  event_keys_.push_back({options.resource, {}, false});
  for (const std::string &key : options.event_attributes) event_keys_.push_back({key, {}, false});
  trace_keys_.push_back({"concept:name", {}, false});
  for (const std::string &key : options.trace_attributes) trace_keys_.push_back({key, {}, false});
  log_.event_attributes.resize(options.event_attributes.size());
  log_.trace_attributes.resize(options.trace_attributes.size());
}

absl::Status LogBuilder::Start(std::string_view name, std::span<const XmlAttribute> attributes) {
  if (++depth_ > kMostDepth) {
    return absl::InvalidArgumentError(
        absl::StrCat("elements nested ", depth_, " deep; expected ", kMostDepth, " at most"));
  }
  if (depth_ == 1) {
    if (name != "log")
      return absl::InvalidArgumentError(absl::StrCat(Quoted(name), "; expected an element 'log'"));
    scope_ = Scope::kLog;
    scope_depth_ = depth_;
    return absl::OkStatus();
  }
  if (depth_ != scope_depth_ + 1) return absl::OkStatus();  // Inside another attribute.
  if (scope_ == Scope::kLog && name == "trace") {
    scope_ = Scope::kTrace;
    scope_depth_ = depth_;
    for (Key &key : trace_keys_) key.seen = false;
    trace_events_ = 0;
    return absl::OkStatus();
  }
  if (scope_ == Scope::kTrace && name == "event") {
    scope_ = Scope::kEvent;
    scope_depth_ = depth_;
    for (Key &key : event_keys_) key.seen = false;
    has_time_ = false;
    return absl::OkStatus();
  }
  if (scope_ == Scope::kLog) return absl::OkStatus();
  std::string_view key, value;
  for (const XmlAttribute &attribute : attributes) {
    if (attribute.name == "key") key = attribute.value;
    if (attribute.name == "value") value = attribute.value;
  }
  return Attribute(name, key, value);
}

absl::Status LogBuilder::Attribute(std::string_view type, std::string_view key,
                                   std::string_view value) {
  if (scope_ == Scope::kEvent && key == "time:timestamp" && type == "date") {
    if (has_time_) return absl::InvalidArgumentError("'time:timestamp' twice in one event");
    bool has_zone = false;
    if (!ParseTime(value, time_, has_zone)) {
      return absl::InvalidArgumentError(
          absl::StrCat("time:timestamp: ", Quoted(value),
                       "; expected a time such as 2010-12-30T11:02:00.000+01:00"));
    }
    if (!has_zone) ++log_.zoneless_times;
    has_time_ = true;
    return absl::OkStatus();
  }
  for (Key &wanted : scope_ == Scope::kEvent ? event_keys_ : trace_keys_) {
    if (wanted.name == key) PATRON_RETURN_IF_ERROR(Keep(wanted, value));
  }
  return absl::OkStatus();
}

absl::Status LogBuilder::Keep(Key &key, std::string_view value) {
  if (key.seen)
    return absl::InvalidArgumentError(absl::StrCat(Quoted(key.name), " twice in one element"));
  if (value.size() > kMostName) {
    return absl::InvalidArgumentError(absl::StrCat(Quoted(key.name), ": ", value.size(),
                                                   " bytes; expected ", kMostName, " at most"));
  }
  key.value.assign(value);
  key.seen = true;
  return absl::OkStatus();
}

absl::Status LogBuilder::End() {
  if (depth_-- != scope_depth_) return absl::OkStatus();
  switch (scope_) {
    case Scope::kEvent:
      scope_ = Scope::kTrace;
      --scope_depth_;
      return EndEvent();
    case Scope::kTrace:
      scope_ = Scope::kLog;
      --scope_depth_;
      return EndTrace();
    default: return absl::OkStatus();
  }
}

absl::Status LogBuilder::Append(const Key &key, TextColumn &column) {
  uint32_t code = kMissing;
  if (key.seen) {
    const std::string_view value = key.value;
    PATRON_RETURN_IF_ERROR(column.values.Encode(std::span(&value, 1), std::span(&code, 1)));
  }
  column.codes.push_back(code);
  return absl::OkStatus();
}

absl::Status LogBuilder::EndEvent() {
  const size_t parts = activity_parts_;
  const auto activity = std::span(event_keys_).first(parts);
  if (parts == 1) {
    PATRON_RETURN_IF_ERROR(Append(activity[0], log_.activities));
  } else {
    Key whole;
    whole.seen = std::ranges::all_of(activity, &Key::seen);
    for (const Key &part : activity) {
      if (&part != &activity[0]) whole.value += '+';
      whole.value += part.value;
    }
    PATRON_RETURN_IF_ERROR(Append(whole, log_.activities));
  }
  if (log_.activities.codes.back() == kMissing) ++log_.nameless_events;
  PATRON_RETURN_IF_ERROR(Append(event_keys_[parts], log_.resources));
  for (size_t i = 0; i < log_.event_attributes.size(); ++i) {
    PATRON_RETURN_IF_ERROR(Append(event_keys_[parts + 1 + i], log_.event_attributes[i]));
  }
  log_.times.push_back(has_time_ ? time_ : 0);
  log_.has_time.push_back(has_time_ ? 1 : 0);
  if (!has_time_) ++log_.timeless_events;
  ++trace_events_;
  return absl::OkStatus();
}

absl::Status LogBuilder::EndTrace() {
  ++log_.traces;
  if (trace_events_ == 0) {
    ++log_.empty_traces;
    return absl::OkStatus();
  }
  Key &name = trace_keys_[0];
  if (!name.seen || name.value.empty()) {
    ++log_.unnamed_traces;
    name.value = absl::StrCat("trace ", log_.traces);
    name.seen = true;
  }
  const auto fill = [&](const Key &key, TextColumn &column) {
    PATRON_RETURN_IF_ERROR(Append(key, column));
    column.codes.resize(log_.times.size(), column.codes.back());
    return absl::OkStatus();
  };
  const size_t known = log_.cases.values.size();
  PATRON_RETURN_IF_ERROR(fill(name, log_.cases));
  if (log_.cases.values.size() == known) ++log_.repeated_traces;
  for (size_t i = 0; i < log_.trace_attributes.size(); ++i) {
    PATRON_RETURN_IF_ERROR(fill(trace_keys_[1 + i], log_.trace_attributes[i]));
  }
  return absl::OkStatus();
}

}  // namespace patron::xes
