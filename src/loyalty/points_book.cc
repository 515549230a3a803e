#include "loyalty/points_book.hpp"

#include <cstring>
#include <exception>
#include <utility>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/points.hpp"

namespace patron::loyalty {
namespace {

// Room comes first where a list of messages grows: Protobuf loses an element that it has made when its
// list cannot.

// The digest that a change without its own link leaves.
absl::StatusOr<Digest> LinkAfter(const Digest &before, const v1::PointsChange &change) {
  std::string bytes;
  if (!change.SerializeToString(&bytes)) {
    return absl::ResourceExhaustedError("points: more postings than one entry of a store can hold");
  }
  Blake2b hash;
  hash.Add(before.data(), before.size());
  hash.Add(bytes);
  return hash.digest();
}

absl::Status CheckSame(const PointsOptions &given, const PointsOptions &kept) {
  const auto check = [](std::string_view name, int64_t is, int64_t was) {
    if (is == was) return absl::OkStatus();
    return InvalidOption(name, absl::StrCat(is),
                         absl::StrCat(was, ", as the ledger was made with"));
  };
  PATRON_RETURN_IF_ERROR(check("expiry_days", given.expiry_days, kept.expiry_days));
  PATRON_RETURN_IF_ERROR(check("pending_days", given.pending_days, kept.pending_days));
  PATRON_RETURN_IF_ERROR(check("burn_minimum", given.burn_minimum, kept.burn_minimum));
  PATRON_RETURN_IF_ERROR(check("burn_step", given.burn_step, kept.burn_step));
  return check("allow_debt", given.allow_debt ? 1 : 0, kept.allow_debt ? 1 : 0);
}

}  // namespace

absl::StatusOr<PointsBook> PointsBook::Of(PointsLedger ledger, std::string zone) {
  PATRON_ASSIGN_OR_RETURN(CivilDays days, CivilDays::In(zone));
  return PointsBook(std::move(ledger), std::move(zone), std::move(days));
}

absl::StatusOr<PointsBook> PointsBook::Create(const PointsOptions &options, std::string zone) {
  PATRON_ASSIGN_OR_RETURN(PointsLedger ledger, PointsLedger::Create(options));
  return Of(std::move(ledger), std::move(zone));
}

absl::Status PointsBook::Take(std::string_view bytes, std::optional<PointsBook> *book) {
  v1::PointsChange change;
  PATRON_RETURN_IF_ERROR(proto::Unwrap(bytes, v1::KIND_POINTS_CHANGE, change));
  const uint64_t place = book->has_value() ? (*book)->next_ : 0;
  if (change.place() != place) {
    return proto::NotOurs(absl::StrCat("it says that it is entry ", change.place()));
  }
  if (!change.unknown_fields().empty() ||
      change.start_size() + change.posted_size() + change.expired_size() != 1 ||
      (change.start_size() > 0) != (place == 0)) {
    return proto::NotOurs("not one change");
  }
  if (change.start_size() > 0) {
    PATRON_ASSIGN_OR_RETURN(PointsLedger ledger, proto::ReadStart(change.start(0)));
    PATRON_RETURN_IF_ERROR(proto::CheckName("points: zone", change.start(0).zone()));
    PATRON_ASSIGN_OR_RETURN(*book, Of(std::move(ledger), change.start(0).zone()));
  }
  PointsBook &own = **book;
  if (change.posted_size() > 0) {
    PATRON_RETURN_IF_ERROR(proto::ReadPosted(change.posted(0), &own.ledger_));
  }
  if (change.expired_size() > 0) {
    const size_t before = own.ledger_.expiries().size();
    PATRON_RETURN_IF_ERROR(own.ledger_.ExpireUntil(change.expired(0)));
    if (own.ledger_.expiries().size() == before) return proto::NotOurs("an expiry of nothing");
  }
  const std::string written = change.link();
  change.set_link("");
  PATRON_ASSIGN_OR_RETURN(const Digest link, LinkAfter(own.link_, change));
  if (written.size() != link.size() || std::memcmp(written.data(), link.data(), link.size()) != 0) {
    return proto::NotOurs("not as it was written; expected the digest of then");
  }
  own.link_ = link;
  ++own.next_;
  return absl::OkStatus();
}

absl::StatusOr<std::optional<PointsBook>> PointsBook::Read(store::EntryStore &store) {
  std::optional<PointsBook> book;
  PATRON_RETURN_IF_ERROR(store.Read([&](std::string_view bytes) {
    const uint64_t place = book.has_value() ? book->next_ : 0;
    const absl::Status status = proto::AsDataLoss(Take(bytes, &book));
    if (status.ok() || status.code() != absl::StatusCode::kDataLoss) return status;
    return absl::DataLossError(absl::StrCat("points: entry ", place, ": ", status.message()));
  }));
  return book;
}

absl::StatusOr<PointsBook> PointsBook::Open(std::unique_ptr<store::EntryStore> store,
                                            const std::optional<PointsOptions> &options,
                                            const std::optional<std::string> &zone) {
  PATRON_ASSIGN_OR_RETURN(std::optional<PointsBook> kept, Read(*store));
  if (kept.has_value()) {
    if (options.has_value()) {
      PATRON_RETURN_IF_ERROR(CheckSame(*options, kept->ledger_.options()));
    }
    if (zone.has_value() && *zone != kept->zone_) {
      return InvalidOption("zone", Quoted(*zone),
                           absl::StrCat(Quoted(kept->zone_), ", as the ledger was made with"));
    }
    kept->store_ = std::move(store);
    return *std::move(kept);
  }
  PATRON_ASSIGN_OR_RETURN(PointsBook book,
                          Create(options.value_or(PointsOptions{}), zone.value_or("UTC")));
  book.store_ = std::move(store);
  v1::PointsChange change;
  change.mutable_start()->Reserve(1);
  proto::WriteStart(book.ledger_, book.zone_, change.add_start());
  PATRON_RETURN_IF_ERROR(book.Write(change));
  return book;
}

absl::Status PointsBook::CheckSound() const {
  if (sound_) return absl::OkStatus();
  return absl::FailedPreconditionError(
      "points: a change failed half way; expected a ledger that has been opened again");
}

absl::Status PointsBook::Write(v1::PointsChange &change) {
  change.set_place(next_);
  change.set_link("");
  PATRON_ASSIGN_OR_RETURN(const Digest link, LinkAfter(link_, change));
  change.set_link(std::string(reinterpret_cast<const char *>(link.data()), link.size()));
  PATRON_ASSIGN_OR_RETURN(const std::string bytes, proto::Wrap(v1::KIND_POINTS_CHANGE, change));
  PATRON_RETURN_IF_ERROR(store_->Append(next_, bytes));
  link_ = link;
  ++next_;
  return absl::OkStatus();
}

absl::Status PointsBook::WriteSince(size_t postings, size_t customers, size_t expiries) {
  v1::PointsChange change;
  if (ledger_.journal().size() > postings) {
    change.mutable_posted()->Reserve(1);
    proto::WritePosted(ledger_, postings, customers, change.add_posted());
  } else if (ledger_.expiries().size() > expiries) {
    change.add_expired(ledger_.expiries().back().until);
  } else {
    return absl::OkStatus();
  }
  return Write(change);
}

void PointsBook::Recover() noexcept {
  sound_ = false;
  try {
    absl::StatusOr<std::optional<PointsBook>> kept = Read(*store_);
    if (!kept.ok() || !kept->has_value()) return;
    ledger_ = std::move((*kept)->ledger_);
    next_ = (*kept)->next_;
    link_ = (*kept)->link_;
    sound_ = true;
  } catch (const std::exception &) {  // It stays unsound.
  }
}

template <typename Change>
absl::Status PointsBook::Do(Change change) {
  PATRON_RETURN_IF_ERROR(CheckSound());
  if (store_ == nullptr) return change();
  const size_t postings = ledger_.journal().size(), customers = ledger_.customers().size(),
               expiries = ledger_.expiries().size();
  absl::Status status, written;
  try {
    status = change();
    written = WriteSince(postings, customers, expiries);
  } catch (...) {
    Recover();
    throw;
  }
  if (written.ok()) return status;
  Recover();
  return written;
}

absl::StatusOr<PointsReport> PointsBook::Post(const PointsRows &rows) {
  PointsReport report;
  PATRON_RETURN_IF_ERROR(Do([&]() -> absl::Status {
    PATRON_ASSIGN_OR_RETURN(report, ledger_.Post(rows));
    return absl::OkStatus();
  }));
  return report;
}

absl::Status PointsBook::ExpireUntil(int32_t day) {
  return Do([&] { return ledger_.ExpireUntil(day); });
}

}  // namespace patron::loyalty
