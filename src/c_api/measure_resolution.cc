// Measures: first-contact resolution and reopening.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/c/measure.h"
#include "patron/complaints/resolution.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

absl::StatusOr<std::vector<uint32_t>> Codes(const arrow::Table &table, const char *argument,
                                            const char *column) {
  PATRON_ASSIGN_OR_RETURN(const std::string name, ReadName(argument, column));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, name));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  IdIndex index(reader.is_text(), loaded.ids.size());
  std::vector<uint32_t> codes(loaded.ids.size());
  PATRON_RETURN_IF_ERROR(index.Encode(loaded.ids, codes));
  return codes;
}

absl::StatusOr<arrow::Loaded<int64_t>> Whole(const arrow::Table &table, const char *argument,
                                             const char *column) {
  PATRON_ASSIGN_OR_RETURN(const std::string name, ReadName(argument, column));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIntegers(table, name));
  return arrow::Load(reader);
}

absl::StatusOr<complaints::ResolutionRates> ResolutionOf(const arrow::Table &table,
                                                         const patron_resolution_options &options) {
  PATRON_ASSIGN_OR_RETURN(const auto customers, Codes(table, "customer", options.customer));
  PATRON_ASSIGN_OR_RETURN(const auto causes, Codes(table, "cause", options.cause));
  PATRON_ASSIGN_OR_RETURN(const std::string received, ReadName("received", options.received));
  PATRON_ASSIGN_OR_RETURN(const std::string closed, ReadName("closed", options.closed));
  PATRON_ASSIGN_OR_RETURN(const std::string accepted, ReadName("accepted", options.accepted));
  PATRON_ASSIGN_OR_RETURN(const auto received_reader, arrow::OpenTimes(table, received));
  PATRON_ASSIGN_OR_RETURN(const auto starts, arrow::Load(received_reader));
  PATRON_ASSIGN_OR_RETURN(const auto closed_reader,
                          arrow::OpenTimes(table, closed, arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto closings, arrow::Load(closed_reader));
  std::vector<int64_t> ends(closings.values.begin(), closings.values.end());
  for (size_t i = 0; i < closings.valid.size(); ++i) {
    if (closings.valid[i] == 0) ends[i] = complaints::kNever;
  }
  PATRON_ASSIGN_OR_RETURN(const auto flag_reader, arrow::OpenFlags(table, accepted));
  PATRON_ASSIGN_OR_RETURN(const auto flags, arrow::Load(flag_reader));
  PATRON_ASSIGN_OR_RETURN(const auto contacts, Whole(table, "contacts", options.contacts));
  PATRON_ASSIGN_OR_RETURN(const auto reopens, Whole(table, "reopens", options.reopens));
  const complaints::CaseOutcomes cases = {.customers = customers,
                                          .causes = causes,
                                          .received = starts.values,
                                          .closed = ends,
                                          .accepted = flags.values,
                                          .contacts = contacts.values,
                                          .reopens = reopens.values};
  auto rates = complaints::MeasureResolution(cases, options.cutoff, options.window);
  if (!rates.ok()) return InWords({{"received", received}, {"closed", closed}}, rates.status());
  return rates;
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_resolution_options_init(patron_resolution_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->customer = "customer";
  options->cause = "cause";
  options->received = "received";
  options->closed = "closed";
  options->accepted = "accepted";
  options->contacts = "contacts";
  options->reopens = "reopens";
  options->cutoff = PATRON_NO_TIME;
  options->window = 30 * patron::kMicrosPerDay;
}

extern "C" patron_status patron_measure_resolution(const patron_table *table,
                                                   const patron_resolution_options *options,
                                                   patron_resolution *out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    patron_resolution_options full;
    patron_resolution_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_ASSIGN_OR_RETURN(const auto rates, c_api::ResolutionOf(table->table, full));
    patron_resolution result{};
    result.known = static_cast<uint64_t>(rates.known);
    result.unknown = static_cast<uint64_t>(rates.unknown);
    result.first_contact = static_cast<uint64_t>(rates.first_contact);
    result.reopened = static_cast<uint64_t>(rates.reopened);
    result.first_contact_rate = rates.first_contact_rate();
    result.reopen_rate = rates.reopen_rate();
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}
