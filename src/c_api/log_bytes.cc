// Counts of event logs as bytes.
#include <cstddef>
#include <utility>

#include "absl/status/status.h"
#include "c_api/bytes.hpp"
#include "c_api/guard.hpp"
#include "c_api/log.hpp"
#include "patron/base/status.hpp"
#include "proto/log_counts.hpp"

namespace c_api = patron::c_api;
namespace proto = patron::proto;

extern "C" patron_status patron_log_serialize(const patron_log *log, patron_bytes **out,
                                              patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("log", log));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const patron::v1::LogCounts message, proto::ToMessage(log->counts));
    return c_api::WriteBytes(patron::v1::KIND_LOG_COUNTS, message, out);
  });
}

extern "C" patron_status patron_log_deserialize(const void *bytes, size_t size, patron_log **out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::LogCounts message;
    PATRON_RETURN_IF_ERROR(proto::Unwrap({static_cast<const char *>(bytes), size},
                                         patron::v1::KIND_LOG_COUNTS, message));
    PATRON_ASSIGN_OR_RETURN(auto counts, proto::FromMessage(message));
    *out = new patron_log{std::move(counts)};
    return absl::OkStatus();
  });
}
