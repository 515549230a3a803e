// Event logs in XES (IEEE 1849), plain or gzip, read as a stream into columns.
#ifndef PATRON_SRC_XES_READER_HPP_
#define PATRON_SRC_XES_READER_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/ids.hpp"

namespace patron::xes {

struct Options {
  std::vector<std::string> activity = {"concept:name"};  // Joined by '+', where an event has all.
  std::string resource = "org:resource";
  std::vector<std::string> event_attributes;  // Further ones, as text.
  std::vector<std::string> trace_attributes;
};

inline constexpr int kMostDepth = 64;                 // Of elements within each other.
inline constexpr size_t kMostName = size_t{1} << 20;  // Bytes of a value that is kept.
inline constexpr uint32_t kMissing = 0xFFFFFFFF;

// Text by code, and the code of each row.
struct TextColumn {
  IdIndex values{true};
  std::vector<uint32_t> codes;  // kMissing where a row has none.
};

struct Log {
  TextColumn cases, activities, resources;
  std::vector<int64_t> times;  // Microseconds UTC.
  std::vector<uint8_t> has_time;
  std::vector<TextColumn> event_attributes, trace_attributes;

  uint64_t traces = 0;
  uint64_t unnamed_traces = 0;   // Called "trace 1", "trace 2", ... by their place in the file.
  uint64_t repeated_traces = 0;  // With events and the name of an earlier one: the same case.
  uint64_t empty_traces = 0;     // Without an event.
  uint64_t nameless_events = 0;  // Without (all of) the activity.
  uint64_t timeless_events = 0;
  uint64_t zoneless_times = 0;  // Without an offset, taken as UTC.
};

class TextParser;

// Reads a log piece by piece: Feed all bytes, then Finish.
class Reader {
 public:
  // `plain_only`: reads plain XML alone, faster; all else fails without a message.
  Reader(const Options &options, bool plain_only);
  ~Reader();
  Reader(const Reader &) = delete;
  Reader &operator=(const Reader &) = delete;

  // Errors: InvalidArgument naming the line, for text that is not well-formed XML, for entities and
  // document types, elements nested too deeply, values too long, and dates that are none;
  // ResourceExhausted.
  absl::Status Feed(std::string_view bytes);
  absl::StatusOr<Log> Finish();

 private:
  absl::Status FeedXml(std::string_view text, bool last);
  absl::Status Inflate(std::string_view bytes);

  struct Gzip;
  std::unique_ptr<TextParser> parser_;
  std::unique_ptr<Gzip> gzip_;  // If the file is zipped.
  std::string head_;            // Of a file too short to tell.
  bool started_ = false;
};

// A whole file in memory, and one by its path. What turns out not to be plain XML is read again from
// its start, a file that cannot be, a pipe, as any XML at once. Errors: as above; NotFound and Unknown for a file that
// cannot be opened or read.
absl::StatusOr<Log> ReadBytes(std::string_view bytes, const Options &options);
absl::StatusOr<Log> ReadFile(const std::string &path, const Options &options);

// "2010-12-30T11:02:00.000+01:00" as microseconds UTC, finer digits cut off. False if it is no such
// time of the years 1 to 9999.
bool ParseTime(std::string_view text, int64_t &micros, bool &has_zone);

}  // namespace patron::xes

#endif  // PATRON_SRC_XES_READER_HPP_
