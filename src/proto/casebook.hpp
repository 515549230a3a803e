// Casebooks as messages, and back.
#ifndef PATRON_PROTO_CASEBOOK_HPP_
#define PATRON_PROTO_CASEBOOK_HPP_

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/base/column.hpp"
#include "patron/complaints/casebook.hpp"
#include "patron/v1/casebook.pb.h"

namespace patron::proto {

// Of the flags of an event, beside its own: it has a text.
inline constexpr uint32_t kHasText = 256;
inline constexpr std::string_view kListsDiffer = "casebook: lists differ in length";

// Errors: ResourceExhausted for more events than one message holds.
absl::StatusOr<v1::Casebook> ToMessage(const complaints::CasebookContent &content);

// Text of the content is borrowed from `message`. Whether a casebook has that content is left to
// complaints::Casebook::FromContent.
// Errors: DataLoss for a message that ToMessage does not make.
absl::StatusOr<complaints::CasebookContent> FromMessage(const v1::Casebook &message);

// `from` is PolicyShelf::kBeginning for a first version.
void WriteCalendar(std::string_view name, int64_t from, const complaints::Calendar &calendar,
                   v1::CasebookCalendar *message);
absl::StatusOr<complaints::CasebookContent::CalendarEntry> ReadCalendar(
    const v1::CasebookCalendar &message);

// The events of the log of `book` from `first` on, which one call added.
// Errors: ResourceExhausted for more events than one message holds.
absl::Status WriteEvents(const complaints::Casebook &book, uint64_t first,
                         v1::CasebookEvents *message);

// Rows of events with columns of their own; text is borrowed from the message.
class EventColumns {
 public:
  // Errors: DataLoss for a message that WriteEvents does not make for such policies.
  absl::Status Read(const v1::CasebookEvents &message, const complaints::PolicyShelf &shelf);

  // Lives as long as this.
  complaints::EventRows rows() const;

 private:
  absl::Status ReadNumbers(const v1::CasebookEvents &message, const complaints::PolicyShelf &shelf);
  absl::Status ReadTexts(const v1::CasebookEvents &message);

  // Ids of some rows, spread over all.
  struct SomeIds {
    IdList ids;
    std::vector<uint8_t> has;
    absl::Status Spread(const IdList &some, std::string_view what);
  };

  IdList event_, case_id_;
  SomeIds actor_, customer_, related_case_, related_event_;
  std::vector<int64_t> occurred_, value_;
  std::vector<int32_t> code_, reason_, policy_;
  std::vector<uint8_t> type_, role_, flags_, has_text_;
  std::vector<std::string_view> text_;
};

}  // namespace patron::proto

#endif  // PATRON_PROTO_CASEBOOK_HPP_
