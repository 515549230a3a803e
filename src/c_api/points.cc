// Ledgers of points.
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/host_store.hpp"
#include "loyalty/points_book.hpp"
#include "patron/base/normal.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/c/points.h"
#include "patron/loyalty/points_ledger.hpp"
#include "proto/points.hpp"
#include "store/entry_store.hpp"

struct patron_points_ledger {
  patron::loyalty::PointsBook book;
};

namespace patron::c_api {
namespace {

using loyalty::PointsBalance;
using loyalty::PointsEntry;
using loyalty::PointsKind;
using loyalty::PointsLedger;

struct OptionalIds {
  std::optional<arrow::IdReader> reader;
  arrow::LoadedIds loaded;
  std::vector<uint8_t> valid;

  absl::Status Read(const arrow::Table &table, std::string_view column) {
    if (!table.Find(column)) return absl::OkStatus();
    PATRON_ASSIGN_OR_RETURN(reader, arrow::OpenIds(table, column, arrow::Nulls::kMask));
    PATRON_ASSIGN_OR_RETURN(loaded, arrow::Load(*reader));
    valid = loaded.valid;
    if (valid.empty()) valid.assign(loaded.ids.size(), 1);
    return absl::OkStatus();
  }
  // A column of nulls alone says nothing, whatever its type.
  IdSpan ids() const {
    for (const uint8_t v : valid) {
      if (v != 0) return loaded.ids;
    }
    return {};
  }
  std::span<const uint8_t> mask() const {
    return ids().empty() ? std::span<const uint8_t>() : std::span<const uint8_t>(valid);
  }
};

absl::Status ReadDays(const arrow::Table &table, std::string_view column, const CivilDays &days,
                      bool required, int32_t loyalty::Posting::*field,
                      std::vector<loyalty::Posting> &postings) {
  if (!required && !table.Find(column)) return absl::OkStatus();
  const arrow::Nulls nulls = required ? arrow::Nulls::kError : arrow::Nulls::kMask;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenTimes(table, column, nulls, days));
  PATRON_ASSIGN_OR_RETURN(const auto times, arrow::Load(reader));
  CivilDays own = days;
  postings.resize(times.values.size());
  for (size_t i = 0; i < postings.size(); ++i) {
    if (times.valid.empty() || times.valid[i] != 0) postings[i].*field = own.DayOf(times.values[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<loyalty::PointsReport> Post(patron_points_ledger &ledger,
                                           const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto transaction_reader, arrow::OpenIds(table, "transaction_id"));
  PATRON_ASSIGN_OR_RETURN(const auto customer_reader, arrow::OpenIds(table, "customer_id"));
  PATRON_ASSIGN_OR_RETURN(const auto kind_reader, arrow::OpenText(table, "kind"));
  PATRON_ASSIGN_OR_RETURN(const auto points_reader,
                          arrow::OpenIntegers(table, "points", arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto transactions, arrow::Load(transaction_reader));
  PATRON_ASSIGN_OR_RETURN(const auto customers, arrow::Load(customer_reader));
  PATRON_ASSIGN_OR_RETURN(const auto kinds, arrow::Load(kind_reader));
  PATRON_ASSIGN_OR_RETURN(const auto points, arrow::Load(points_reader));
  std::vector<loyalty::Posting> postings;
  using P = loyalty::Posting;
  PATRON_RETURN_IF_ERROR(ReadDays(table, "date", ledger.book.days(), true, &P::day, postings));
  PATRON_RETURN_IF_ERROR(
      ReadDays(table, "available", ledger.book.days(), false, &P::available, postings));
  PATRON_RETURN_IF_ERROR(
      ReadDays(table, "expires", ledger.book.days(), false, &P::expires, postings));
  OptionalIds reverses, to;
  PATRON_RETURN_IF_ERROR(reverses.Read(table, "reverses"));
  PATRON_RETURN_IF_ERROR(to.Read(table, "to"));
  for (size_t i = 0; i < postings.size(); ++i) {
    size_t kind = 0;
    while (kind < loyalty::kPointsKinds.size() && loyalty::kPointsKinds[kind] != kinds.values[i]) {
      ++kind;
    }
    if (kind == loyalty::kPointsKinds.size()) {
      return InvalidRow("kind", i, Quoted(kinds.values[i]),
                        "earn, burn, hold, release, capture, reverse or transfer");
    }
    postings[i].kind = static_cast<PointsKind>(kind);
    const bool there = points.valid.empty() || points.valid[i] != 0;
    // Zero is what the kernel calls all that is left: to the caller it is no number of points.
    if (there && points.values[i] == 0) return InvalidRow("points", i, "0", "1 or more");
    postings[i].points = there ? points.values[i] : 0;
  }
  absl::StatusOr<loyalty::PointsReport> report = ledger.book.Post({.transaction = transactions.ids,
                                                                   .customer = customers.ids,
                                                                   .posting = postings,
                                                                   .reverses = reverses.ids(),
                                                                   .has_reverses = reverses.mask(),
                                                                   .to = to.ids(),
                                                                   .has_to = to.mask()});
  if (report.ok()) return report;
  return InWords({{"transaction", "transaction_id"}, {"customer", "customer_id"}, {"time", "date"}},
                 report.status());
}

absl::StatusOr<int32_t> ReadAsOf(const PointsLedger &ledger, int32_t as_of) {
  const int32_t last = ledger.last_day();
  if (as_of == PATRON_NO_DAY) return last == loyalty::kNoPointsDay ? 0 : last;
  if (last == loyalty::kNoPointsDay || as_of >= last) return as_of;
  return InvalidOption("as_of", FormatDay(as_of),
                       absl::StrCat("no day before the last posting, ", FormatDay(last)));
}

absl::StatusOr<arrow::Table> BalancesTable(const PointsLedger &ledger, int32_t day) {
  const std::vector<uint32_t> order = ledger.customers().Ascending();
  const size_t n = order.size();
  std::vector<int64_t> available(n), pending(n), held(n), expiring(n);
  std::vector<int32_t> expiry(n);
  std::vector<uint8_t> expires(n);
  for (size_t i = 0; i < n; ++i) {
    const PointsBalance balance = ledger.BalanceOf(order[i], day);
    available[i] = balance.available;
    pending[i] = balance.pending;
    held[i] = balance.held;
    expires[i] = balance.next_expiry == loyalty::kNoPointsDay ? 0 : 1;
    if (expires[i] != 0) expiry[i] = balance.next_expiry;
    expiring[i] = balance.next_expiring;
  }
  const IdList ids = ledger.customers().List(order);
  arrow::TableBuilder builder;
  builder.AddIds("customer_id", ids.span());
  builder.AddInt64("available", std::move(available));
  builder.AddInt64("pending", std::move(pending));
  builder.AddInt64("held", std::move(held));
  builder.AddDate32("next_expiry", std::move(expiry), expires);
  builder.AddInt64("next_expiring", std::move(expiring));
  return builder.Finish();
}

absl::StatusOr<arrow::Table> EntriesTable(const PointsLedger &ledger) {
  const std::span<const PointsEntry> entries = ledger.entries();
  std::vector<uint32_t> transactions, customers;
  std::vector<uint8_t> has_customer;
  std::vector<int32_t> days, accounts;
  std::vector<int64_t> points;
  for (const PointsEntry &entry : entries) {
    transactions.push_back(entry.transaction);
    has_customer.push_back(entry.customer == PointsEntry::kNoCustomer ? 0 : 1);
    customers.push_back(has_customer.back() != 0 ? entry.customer : 0);
    days.push_back(entry.day);
    accounts.push_back(static_cast<int32_t>(entry.account));
    points.push_back(entry.points);
  }
  const IdList transaction_ids = ledger.transactions().List(transactions);
  const IdList customer_ids = ledger.customers().List(customers);
  arrow::TableBuilder builder;
  builder.AddIds("transaction_id", transaction_ids.span());
  builder.AddIds("customer_id", customer_ids.span(), has_customer);
  builder.AddDate32("day", std::move(days));
  builder.AddDictionary("account", std::move(accounts), loyalty::kPointsAccounts);
  builder.AddInt64("points", std::move(points));
  return builder.Finish();
}

absl::StatusOr<patron_points_liability> LiabilityOf(const PointsLedger &ledger, int32_t day,
                                                    double cost, double level) {
  if (!(cost >= 0 && std::isfinite(cost))) {
    return InvalidOption("point_cost", FormatNumber(cost), "a finite number, 0 or more");
  }
  if (!(level > 0 && level < 1)) {
    return InvalidOption("level", FormatNumber(level), "between 0 and 1");
  }
  patron_points_liability full{};
  full.as_of = day;
  for (uint32_t customer = 0; customer < ledger.customers().size(); ++customer) {
    const PointsBalance balance = ledger.BalanceOf(customer, day);
    (balance.available >= 0 ? full.available : full.debt) += std::abs(balance.available);
    full.pending += balance.pending;
    full.held += balance.held;
  }
  const loyalty::Breakage breakage =
      ledger.EstimateBreakage(day, patron::NormalQuantile(0.5 + 0.5 * level));
  full.customers = breakage.customers;
  full.matured = breakage.matured;
  full.expired = breakage.expired;
  full.liability = static_cast<double>(full.available + full.pending + full.held) * cost;
  full.breakage = breakage.rate;
  full.breakage_low = breakage.low;
  full.breakage_high = breakage.high;
  full.expected = full.liability * (1 - breakage.rate);
  return full;
}

absl::StatusOr<loyalty::PointsOptions> ReadPointsOptions(const patron_points_options *options) {
  patron_points_options full;
  patron_points_options_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("options", options, &full));
  PATRON_RETURN_IF_ERROR(CheckEnum("allow_debt", full.allow_debt, 2));
  return loyalty::PointsOptions{.expiry_days = full.expiry_days,
                                .pending_days = full.pending_days,
                                .burn_minimum = full.burn_minimum,
                                .burn_step = full.burn_step,
                                .allow_debt = full.allow_debt != 0};
}

// Opens the store after all else has been read.
template <typename OpenStore>
absl::Status Open(OpenStore open, const patron_points_options *options, const char *zone,
                  patron_points_ledger **out) {
  std::optional<loyalty::PointsOptions> read;
  std::optional<std::string> name;
  if (options != nullptr) {
    PATRON_ASSIGN_OR_RETURN(read, ReadPointsOptions(options));
    PATRON_RETURN_IF_ERROR(PointsLedger::Create(*read).status());
  }
  if (zone != nullptr) {
    PATRON_ASSIGN_OR_RETURN(name, ReadName("zone", zone));
    PATRON_RETURN_IF_ERROR(CivilDays::In(*name).status());
  }
  PATRON_ASSIGN_OR_RETURN(auto store, open());
  PATRON_ASSIGN_OR_RETURN(auto book, loyalty::PointsBook::Open(std::move(store), read, name));
  *out = new patron_points_ledger{std::move(book)};
  return absl::OkStatus();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;
namespace loyalty = patron::loyalty;
namespace proto = patron::proto;

extern "C" void patron_points_options_init(patron_points_options *options) {
  const loyalty::PointsOptions plain;
  *options = {};
  options->struct_size = sizeof *options;
  options->expiry_days = plain.expiry_days;
  options->pending_days = plain.pending_days;
  options->allow_debt = 1;
  options->burn_minimum = plain.burn_minimum;
  options->burn_step = plain.burn_step;
}

extern "C" patron_status patron_points_ledger_create(const patron_points_options *options,
                                                     const char *zone, patron_points_ledger **out,
                                                     patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const loyalty::PointsOptions read, c_api::ReadPointsOptions(options));
    PATRON_ASSIGN_OR_RETURN(std::string name, c_api::NameOr("zone", zone, "UTC"));
    PATRON_ASSIGN_OR_RETURN(auto book, loyalty::PointsBook::Create(read, std::move(name)));
    *out = new patron_points_ledger{std::move(book)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_points_ledger_open(const char *path,
                                                   const patron_points_options *options,
                                                   const char *zone, patron_points_ledger **out,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::ReadName("path", path));
    return c_api::Open([&] { return patron::store::OpenSqlite("points", name); }, options, zone,
                       out);
  });
}

extern "C" patron_status patron_points_ledger_open_store(const patron_entry_store *store,
                                                         const patron_points_options *options,
                                                         const char *zone,
                                                         patron_points_ledger **out,
                                                         patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("store", store));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    return c_api::Open([&] { return c_api::OpenHostStore("points", store); }, options, zone, out);
  });
}

extern "C" void patron_points_ledger_free(patron_points_ledger *ledger) { delete ledger; }

extern "C" patron_status patron_points_ledger_post(patron_points_ledger *ledger,
                                                   const patron_table *table,
                                                   patron_points_report *report,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("report", report));
    PATRON_ASSIGN_OR_RETURN(const loyalty::PointsReport done, c_api::Post(*ledger, table->table));
    patron_points_report full{};
    full.posted = done.posted;
    full.duplicates = done.duplicates;
    c_api::WriteOut(full, report);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_points_ledger_expire(patron_points_ledger *ledger, int32_t until,
                                                     patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    return ledger->book.ExpireUntil(until);
  });
}

extern "C" patron_status patron_points_ledger_balances(const patron_points_ledger *ledger,
                                                       int32_t as_of, patron_table **out,
                                                       patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(ledger->book.CheckSound());
    PATRON_ASSIGN_OR_RETURN(const int32_t day, c_api::ReadAsOf(ledger->book.ledger(), as_of));
    PATRON_ASSIGN_OR_RETURN(auto table, c_api::BalancesTable(ledger->book.ledger(), day));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_points_ledger_entries(const patron_points_ledger *ledger,
                                                      patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(ledger->book.CheckSound());
    PATRON_ASSIGN_OR_RETURN(auto table, c_api::EntriesTable(ledger->book.ledger()));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_points_ledger_liability(const patron_points_ledger *ledger,
                                                        int32_t as_of, double point_cost,
                                                        double level, patron_points_liability *out,
                                                        patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(ledger->book.CheckSound());
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_ASSIGN_OR_RETURN(const int32_t day, c_api::ReadAsOf(ledger->book.ledger(), as_of));
    PATRON_ASSIGN_OR_RETURN(const patron_points_liability full,
                            c_api::LiabilityOf(ledger->book.ledger(), day, point_cost, level));
    c_api::WriteOut(full, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_points_ledger_serialize(const patron_points_ledger *ledger,
                                                        patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("ledger", ledger));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(ledger->book.CheckSound());
    return c_api::WriteBytes(patron::v1::KIND_POINTS,
                             proto::ToMessage(ledger->book.ledger(), ledger->book.zone()), out);
  });
}

extern "C" patron_status patron_points_ledger_deserialize(const void *bytes, size_t size,
                                                          patron_points_ledger **out,
                                                          patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("bytes", bytes));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron::v1::Points message;
    PATRON_RETURN_IF_ERROR(
        proto::Unwrap({static_cast<const char *>(bytes), size}, patron::v1::KIND_POINTS, message));
    PATRON_RETURN_IF_ERROR(proto::CheckName("points: zone", message.zone()));
    PATRON_ASSIGN_OR_RETURN(auto ledger, proto::FromMessage(message));
    auto book = loyalty::PointsBook::Of(std::move(ledger), message.zone());
    if (!book.ok()) return proto::AsDataLoss(book.status());
    *out = new patron_points_ledger{*std::move(book)};
    return absl::OkStatus();
  });
}
