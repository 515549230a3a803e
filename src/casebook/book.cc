#include "casebook/book.hpp"

#include <algorithm>
#include <cstring>
#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "proto/calendar.hpp"
#include "proto/casebook.hpp"
#include "proto/envelope.hpp"
#include "proto/policy.hpp"

namespace patron::casebook {
namespace {

// Room comes first where a list of messages grows: Protobuf loses an element that it has made when its
// list cannot.

using complaints::ApplyReport;
using complaints::Casebook;
using complaints::LogHead;

absl::Status AsEntry(uint64_t place, const absl::Status &status) {
  const absl::Status loss = proto::AsDataLoss(status);
  if (loss.code() != absl::StatusCode::kDataLoss) return loss;
  return absl::DataLossError(absl::StrCat("casebook: entry ", place, ": ", loss.message()));
}

void Add(const LogHead &head, Blake2b *hash) {
  char events[8];
  for (size_t i = 0; i < sizeof events; ++i) {
    events[i] = static_cast<char>(head.events >> (8 * i) & 0xFF);
  }
  hash->Add(events, sizeof events);
  hash->Add(head.digest.data(), head.digest.size());
}

}  // namespace

// Of events the head of the log says all, and stays when a person's data are erased.
absl::StatusOr<Digest> Book::LinkAfter(const v1::CasebookEntry &entry) const {
  const bool whole = entry.whole_size() > 0;
  const bool events = entry.events_size() > 0;
  Blake2b hash;
  if (!whole) hash.Add(link_.data(), link_.size());
  if (whole || events) {
    hash.Add(whole ? "w" : "e");
    Add(casebook_.head(), &hash);
    return hash.digest();
  }
  std::string bytes;
  if (!entry.SerializeToString(&bytes))
    return absl::InternalError("casebook: an entry is too large");
  hash.Add("o");
  hash.Add(bytes);
  return hash.digest();
}

absl::Status Book::TakeWhole(const v1::Casebook &message) {
  if (next_ != 0) return proto::NotOurs("the whole after the first entry");
  PATRON_ASSIGN_OR_RETURN(const auto content, proto::FromMessage(message));
  PATRON_ASSIGN_OR_RETURN(casebook_, Casebook::FromContent(content));
  return absl::OkStatus();
}

absl::Status Book::Take(std::string_view bytes) {
  v1::CasebookEntry entry;
  PATRON_RETURN_IF_ERROR(proto::Unwrap(bytes, v1::KIND_CASEBOOK_ENTRY, entry));
  if (entry.place() != next_) {
    return proto::NotOurs(absl::StrCat("it says that it is entry ", entry.place()));
  }
  if (!entry.unknown_fields().empty() || entry.whole_size() + entry.calendar_size() +
                                                 entry.policy_size() + entry.use_size() +
                                                 entry.events_size() + entry.advance_size() !=
                                             1) {
    return proto::NotOurs("not one change");
  }
  if (entry.whole_size() > 0) PATRON_RETURN_IF_ERROR(TakeWhole(entry.whole(0)));
  if (entry.calendar_size() > 0) {
    PATRON_ASSIGN_OR_RETURN(auto calendar, proto::ReadCalendar(entry.calendar(0)));
    PATRON_RETURN_IF_ERROR(
        casebook_.AddCalendar(calendar.name, std::move(calendar.calendar), calendar.from));
  }
  if (entry.policy_size() > 0) {
    PATRON_ASSIGN_OR_RETURN(auto policy, proto::FromMessage(entry.policy(0)));
    PATRON_RETURN_IF_ERROR(casebook_.AddPolicy(std::move(policy)).status());
  }
  if (entry.use_size() > 0) {
    PATRON_RETURN_IF_ERROR(casebook_.UsePolicy(entry.use(0).name(), entry.use(0).version()));
  }
  if (entry.events_size() > 0) {
    proto::EventColumns columns;
    PATRON_RETURN_IF_ERROR(columns.Read(entry.events(0), casebook_.shelf()));
    const uint64_t before = casebook_.size().events;
    const complaints::EventRows rows = columns.rows();
    PATRON_RETURN_IF_ERROR(casebook_.Apply(rows, entry.events(0).recorded()).status());
    if (casebook_.size().events != before + rows.size()) {
      return proto::NotOurs("events that had been there before");
    }
  }
  if (entry.advance_size() > 0) {
    PATRON_RETURN_IF_ERROR(casebook_.Advance(entry.advance(0)).status());
  }
  const std::string written = entry.link();
  entry.set_link("");
  PATRON_ASSIGN_OR_RETURN(const Digest link, LinkAfter(entry));
  if (written.size() != link.size() || std::memcmp(written.data(), link.data(), link.size()) != 0) {
    return proto::NotOurs("not as it was written; expected the digest of then");
  }
  link_ = link;
  ++next_;
  return absl::OkStatus();
}

absl::StatusOr<Book> Book::Open(std::unique_ptr<store::EntryStore> store) {
  Book book;
  PATRON_RETURN_IF_ERROR(store->Read([&](std::string_view bytes) {
    const uint64_t place = book.next_;
    const absl::Status status = book.Take(bytes);
    return status.ok() ? status : AsEntry(place, status);
  }));
  book.store_ = std::move(store);
  return book;
}

absl::Status Book::CheckSound() const {
  if (sound_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "casebook: a change failed half way; expected one that has been opened again");
}

absl::Status Book::Write(v1::CasebookEntry &entry) {
  entry.set_place(next_);
  entry.set_link("");
  PATRON_ASSIGN_OR_RETURN(const Digest link, LinkAfter(entry));
  entry.set_link(std::string(reinterpret_cast<const char *>(link.data()), link.size()));
  PATRON_ASSIGN_OR_RETURN(const std::string bytes, proto::Wrap(v1::KIND_CASEBOOK_ENTRY, entry));
  const Unsound unless_certain(this);
  PATRON_RETURN_IF_ERROR(store_->Append(next_, bytes));
  link_ = link;
  ++next_;
  return absl::OkStatus();
}

absl::Status Book::WriteDone(v1::CasebookEntry &entry) {
  sound_ = false;
  PATRON_RETURN_IF_ERROR(Write(entry));
  sound_ = true;
  return absl::OkStatus();
}

absl::Status Book::AddCalendar(std::string_view name, complaints::Calendar calendar, int64_t from) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  v1::CasebookEntry entry;
  const auto &known = casebook_.shelf().calendars();
  const bool first =
      std::ranges::find(known, name, &complaints::NamedCalendar::name) == known.end();
  if (store_ != nullptr) {
    entry.mutable_calendar()->Reserve(1);
    proto::WriteCalendar(name, first ? complaints::PolicyShelf::kBeginning : from, calendar,
                         entry.add_calendar());
  }
  PATRON_RETURN_IF_ERROR(casebook_.AddCalendar(name, std::move(calendar), from));
  return store_ == nullptr ? absl::OkStatus() : WriteDone(entry);
}

absl::Status Book::AddPolicy(complaints::Policy policy) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  v1::CasebookEntry entry;
  if (store_ != nullptr) {
    entry.mutable_policy()->Reserve(1);
    *entry.add_policy() = proto::ToMessage(policy);
  }
  const size_t before = casebook_.shelf().size();
  PATRON_RETURN_IF_ERROR(casebook_.AddPolicy(std::move(policy)).status());
  const bool added = casebook_.shelf().size() > before;
  return store_ == nullptr || !added ? absl::OkStatus() : WriteDone(entry);
}

absl::Status Book::UsePolicy(std::string_view name, std::string_view version) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  v1::CasebookEntry entry;
  entry.mutable_use()->Reserve(1);
  v1::CasebookUse *use = entry.add_use();
  use->set_name(std::string(name));
  use->set_version(std::string(version));
  const int before = casebook_.standard_policy();
  PATRON_RETURN_IF_ERROR(casebook_.UsePolicy(name, version));
  const bool changed = casebook_.standard_policy() != before;
  return store_ == nullptr || !changed ? absl::OkStatus() : WriteDone(entry);
}

absl::StatusOr<ApplyReport> Book::Apply(const complaints::EventRows &rows, int64_t recorded,
                                        complaints::ApplyMode mode, const Execution &execution,
                                        complaints::KeepEvents keep) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  if (store_ == nullptr) return casebook_.Apply(rows, recorded, mode, execution, keep);
  return casebook_.Apply(
      rows, recorded, mode, execution,
      [&](uint64_t first, const ApplyReport &report) -> absl::Status {
        PATRON_RETURN_IF_ERROR(keep(first, report));
        v1::CasebookEntry entry;
        entry.mutable_events()->Reserve(1);
        PATRON_RETURN_IF_ERROR(proto::WriteEvents(casebook_, first, entry.add_events()));
        return Write(entry);
      });
}

absl::StatusOr<complaints::AdvanceReport> Book::Advance(int64_t now) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  if (store_ == nullptr) return casebook_.Advance(now);
  PATRON_RETURN_IF_ERROR(casebook_.CheckAdvance(now));
  v1::CasebookEntry entry;
  entry.add_advance(now);
  PATRON_RETURN_IF_ERROR(Write(entry));
  sound_ = false;  // Until it is done, which only lack of memory prevents.
  PATRON_ASSIGN_OR_RETURN(const complaints::AdvanceReport report, casebook_.Advance(now));
  sound_ = true;
  return report;
}

absl::Status Book::Compact() {
  PATRON_RETURN_IF_ERROR(CheckSound());
  if (store_ == nullptr) return absl::OkStatus();
  v1::CasebookEntry entry;
  entry.mutable_whole()->Reserve(1);
  PATRON_ASSIGN_OR_RETURN(*entry.add_whole(), proto::ToMessage(casebook_.Content()));
  entry.set_place(0);
  entry.set_link("");
  PATRON_ASSIGN_OR_RETURN(const Digest link, LinkAfter(entry));
  entry.set_link(std::string(reinterpret_cast<const char *>(link.data()), link.size()));
  PATRON_ASSIGN_OR_RETURN(const std::string bytes, proto::Wrap(v1::KIND_CASEBOOK_ENTRY, entry));
  const Unsound unless_certain(this);
  PATRON_RETURN_IF_ERROR(store_->Replace(bytes));
  link_ = link;
  next_ = 1;
  return absl::OkStatus();
}

absl::Status Book::EraseCustomer(uint32_t customer) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  PATRON_RETURN_IF_ERROR(casebook_.EraseCustomer(customer));
  if (store_ == nullptr) return absl::OkStatus();
  const absl::Status status = Compact();
  sound_ = status.ok();
  return status;
}

absl::Status Book::Verify(const std::optional<LogHead> &anchor) const {
  PATRON_RETURN_IF_ERROR(casebook_.Verify(anchor));
  if (store_ == nullptr) return absl::OkStatus();
  PATRON_RETURN_IF_ERROR(CheckSound());
  Book kept;
  PATRON_RETURN_IF_ERROR(store_->Read([&](std::string_view bytes) {
    const uint64_t place = kept.next_;
    const absl::Status status = kept.Take(bytes);
    return status.ok() ? status : AsEntry(place, status);
  }));
  if (kept.next_ == next_ && kept.link_ == link_ &&
      kept.casebook_.fold_digest() == casebook_.fold_digest()) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat("casebook: the store has ", kept.next_,
                                          " entries that lead elsewhere; expected ", next_,
                                          ", as this casebook has written"));
}

}  // namespace patron::casebook
