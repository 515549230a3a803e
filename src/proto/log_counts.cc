#include "proto/log_counts.hpp"

#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include <google/protobuf/repeated_field.h>

#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/log_content.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/lists.hpp"

namespace patron::proto {
namespace {

using complaints::LogContent;
using complaints::LogCounts;

template <typename To, typename From>
void WriteNumbers(const std::vector<From> &values, google::protobuf::RepeatedField<To> *field) {
  field->Reserve(static_cast<int>(values.size()));
  for (const From value : values) field->AddAlreadyReserved(static_cast<To>(value));
}

// Differences wrap around, so that each list of numbers has one list of differences.
void WriteTimes(const std::vector<int64_t> &times,
                google::protobuf::RepeatedField<int64_t> *field) {
  uint64_t before = 0;
  field->Reserve(static_cast<int>(times.size()));
  for (const int64_t time : times) {
    field->AddAlreadyReserved(static_cast<int64_t>(static_cast<uint64_t>(time) - before));
    before = static_cast<uint64_t>(time);
  }
}

std::vector<int64_t> ReadTimes(const google::protobuf::RepeatedField<int64_t> &field) {
  std::vector<int64_t> times;
  times.reserve(static_cast<size_t>(field.size()));
  uint64_t before = 0;
  for (const int64_t difference : field) {
    before += static_cast<uint64_t>(difference);
    times.push_back(static_cast<int64_t>(before));
  }
  return times;
}

// What is too large becomes negative, and is refused as that.
std::vector<int64_t> ReadCounts(const google::protobuf::RepeatedField<uint64_t> &field) {
  std::vector<int64_t> counts;
  counts.reserve(static_cast<size_t>(field.size()));
  for (const uint64_t count : field) counts.push_back(static_cast<int64_t>(count));
  return counts;
}

}  // namespace

absl::StatusOr<v1::LogCounts> ToMessage(const LogCounts &counts) {
  PATRON_RETURN_IF_ERROR(CheckRows(static_cast<size_t>(counts.event_count())));
  PATRON_ASSIGN_OR_RETURN(const LogContent content, counts.Content());
  v1::LogCounts message;
  message.set_text(content.activities.is_text());
  std::vector<uint32_t> codes(content.activities.size());
  std::iota(codes.begin(), codes.end(), uint32_t{0});
  WriteIds(content.activities.List(codes).span(), *message.mutable_activities());
  WriteNumbers(content.redo_self_loops, message.mutable_redo_self_loops());
  WriteNumbers(content.redo_repetitions, message.mutable_redo_repetitions());
  message.set_handovers(static_cast<uint64_t>(content.handovers));
  WriteNumbers(content.lengths, message.mutable_length());
  WriteNumbers(content.steps, message.mutable_step());
  WriteNumbers(content.cases, message.mutable_cases());
  WriteTimes(content.times, message.mutable_time());
  WriteTimes(content.durations, message.mutable_duration());
  message.set_has_working(content.has_working);
  WriteTimes(content.working, message.mutable_working());
  return message;
}

absl::StatusOr<LogCounts> FromMessage(const v1::LogCounts &message) {
  if (!message.unknown_fields().empty()) return NotOurs("log: unknown field");
  PATRON_ASSIGN_OR_RETURN(const IdList ids, ReadIds(message.activities(), "log: activities"));
  if (ids.size() > 0 && ids.is_text != message.text()) {
    return NotOurs("log: activities of the other kind");
  }
  if (message.handovers() > uint64_t{std::numeric_limits<int64_t>::max()}) {
    return NotOurs("log: handovers that cannot be");
  }
  LogContent content;
  content.activities = IdIndex(message.text());
  std::vector<uint32_t> codes(ids.size());
  if (!codes.empty()) PATRON_RETURN_IF_ERROR(content.activities.Encode(ids.span(), codes));
  content.has_working = message.has_working();
  content.redo_self_loops = ReadCounts(message.redo_self_loops());
  content.redo_repetitions = ReadCounts(message.redo_repetitions());
  content.handovers = static_cast<int64_t>(message.handovers());
  content.lengths = ReadList(message.length());
  content.steps = ReadList(message.step());
  content.cases = ReadCounts(message.cases());
  content.times = ReadTimes(message.time());
  content.durations = ReadTimes(message.duration());
  content.working = ReadTimes(message.working());
  absl::StatusOr<LogCounts> counts = LogCounts::FromContent(content);
  if (!counts.ok()) return AsDataLoss(counts.status());
  return counts;
}

}  // namespace patron::proto
