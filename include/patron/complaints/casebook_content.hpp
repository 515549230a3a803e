// A casebook in canonical form, its chain of digests, and what is erased.
#ifndef PATRON_COMPLAINTS_CASEBOOK_CONTENT_HPP_
#define PATRON_COMPLAINTS_CASEBOOK_CONTENT_HPP_

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <numeric>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/blake2b.hpp"
#include "patron/base/column.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/casebook_apply.hpp"
#include "patron/complaints/casebook_rows.hpp"
#include "patron/complaints/casebook_store.hpp"

namespace patron::complaints {

// Everything that a casebook is made of: calendars, policies, the log in its order, and the states
// that it folds to. Ids by code; text is borrowed.
struct CasebookContent {
  struct CalendarEntry {
    std::string name;
    int64_t from;  // PolicyShelf::kBeginning for the first of a name.
    Calendar calendar;
  };
  struct ErasedEntry {
    uint32_t customer;
    std::array<uint8_t, 16> digest;
  };
  struct TextEntry {
    std::string_view text;
    bool erased;
    std::array<uint8_t, 16> digest;
  };

  std::vector<CalendarEntry> calendars;  // By name in order of arrival, and version.
  std::vector<Policy> policies;
  int32_t standard = -1;
  IdList events, cases, customers, actors, references;
  std::vector<ErasedEntry> erased;  // By customer.
  std::vector<EventRecord> log;     // `before` is not read.
  std::vector<TextEntry> texts;     // In the order of the events that have one.
  std::vector<CaseFields> states;   // By code of the case; none: only their digest is compared.
  Digest fold{};                    // Of the states.
  int64_t advanced_to = kNever;
  Digest head{};
};

namespace detail::casebook {

// The digest of what cases amount to.
inline Digest FoldDigest(const Pieces<CaseState> &states) {
  Blake2b hash;
  states.ForEach([&hash](const CaseState &state) {
    const CaseFields &f = state.fields;
    const auto u = [](int64_t value) { return static_cast<uint64_t>(value); };
    const unsigned bits = (f.regulated ? 1U : 0U) | (f.hold ? 2U : 0U) | (f.approved ? 4U : 0U) |
                          (f.noticed ? 8U : 0U) | (f.remedy ? 16U : 0U) |
                          (f.proposed_remedy ? 32U : 0U);
    uint64_t words[] = {
        u(f.received),
        u(f.ended),
        u(f.proposed),
        u(f.granted),
        u(f.compensated),
        uint64_t{f.customer} | uint64_t{f.merged_into} << 32,
        uint64_t{f.split_from} | uint64_t{f.proposer} << 32,
        uint64_t{f.policy} | uint64_t{f.decision} << 16 | uint64_t{f.reason} << 32 |
            uint64_t{f.cause} << 48,
        uint64_t{f.outcome} | uint64_t{f.cycle} << 16 | uint64_t{f.rejections} << 32 |
            uint64_t{f.state} << 48 | uint64_t{f.severity} << 56,
        uint64_t{f.media} | uint64_t{f.level} << 8 | uint64_t{f.remembered} << 16 |
            uint64_t{bits} << 24 | uint64_t{f.stack[0]} << 32 | uint64_t{f.stack[1]} << 40 |
            uint64_t{f.stack[2]} << 48 | uint64_t{f.stack[3]} << 56};
    static_assert(kMostRemembered == 4);
    if constexpr (std::endian::native != std::endian::little) {
      for (uint64_t &word : words) word = __builtin_bswap64(word);
    }
    hash.Add(words, sizeof words);
  });
  return hash.digest();
}

inline IdList AllIds(const IdIndex &index) {
  std::vector<uint32_t> codes(index.size());
  std::iota(codes.begin(), codes.end(), 0U);
  return index.List(codes);
}

inline CasebookContent ListContent(const CasebookStore &store) {
  CasebookContent content;
  for (const NamedCalendar &named : store.shelf.calendars()) {
    for (const CalendarVersion &version : named.versions) {
      content.calendars.push_back({named.name, version.from, version.calendar.calendar()});
    }
  }
  for (size_t i = 0; i < store.shelf.size(); ++i) {
    content.policies.push_back(store.shelf.policy(static_cast<uint16_t>(i)).lifecycle.policy());
  }
  content.standard = store.standard;
  content.events = AllIds(store.events);
  content.cases = AllIds(store.cases);
  content.customers = AllIds(store.customers);
  content.actors = AllIds(store.actors);
  content.references = AllIds(store.references);
  for (const ErasedCustomer &customer : store.erased) {
    content.erased.push_back({customer.code, customer.digest});
  }
  std::ranges::sort(content.erased, {}, &CasebookContent::ErasedEntry::customer);
  content.log.reserve(store.log.size());
  store.log.ForEach([&](const EventRecord &event) { content.log.push_back(event); });
  for (uint32_t i = 0; i < store.payloads.payloads.size(); ++i) {
    const Payload &payload = store.payloads.payloads[i];
    content.texts.push_back({payload.erased ? std::string_view() : store.payloads.text(i),
                             payload.erased, payload.digest});
  }
  content.states.reserve(store.states.size());
  store.states.ForEach([&](const CaseState &state) { content.states.push_back(state.fields); });
  content.fold = FoldDigest(store.states);
  content.advanced_to = store.advanced_to;
  content.head = store.chain.Of(store).head();
  return content;
}

// Errors: DataLoss naming the first stride of events that differs.
inline absl::Status VerifyChain(const CasebookStore &store, const Digest *anchor, uint64_t events) {
  if (anchor != nullptr && events > store.log.size()) {
    return absl::DataLossError(absl::StrCat(
        "log: ", store.log.size(), " events; expected at least ", events, ", as the anchor has"));
  }
  const Chain &kept = store.chain.Of(store);
  Chain chain;
  const auto differs = [&](uint64_t first, uint64_t last) {
    return absl::DataLossError(absl::StrCat("log: events ", first, " to ", last,
                                            " are not as they were written; expected the digest "
                                            "of then"));
  };
  if (anchor != nullptr && events == 0 && chain.head() != *anchor) return differs(0, 0);
  for (uint32_t i = 0; i < store.log.size(); ++i) {
    const EventRecord &event = store.log[i];
    if (event.payload != kNone) {
      const Payload &payload = store.payloads.payloads[event.payload];
      if (!payload.erased && ShortDigestOf(store.payloads.text(event.payload)) != payload.digest) {
        return absl::DataLossError(absl::StrCat("log: the text of event ", i,
                                                " is not as it was written; expected its digest"));
      }
    }
    chain.Add(store);
    if (chain.count() % Chain::kStride == 0 &&
        chain.marks().back() != kept.marks()[chain.marks().size() - 1]) {
      return differs(i + 1 - Chain::kStride, i);
    }
    if (anchor != nullptr && chain.count() == events && chain.head() != *anchor) {
      return differs(0, i);
    }
  }
  if (chain.head() == kept.head()) return absl::OkStatus();
  return differs(store.log.size() / Chain::kStride * Chain::kStride, store.log.size() - 1);
}

// What an erased customer is called.
inline std::string ErasedText(uint32_t code) { return absl::StrCat("~", code + 1); }
inline int64_t ErasedInteger(uint32_t code) {
  return std::numeric_limits<int64_t>::min() + static_cast<int64_t>(code);
}

inline absl::Status EraseCustomer(CasebookStore *store, uint32_t customer) {
  if (customer >= store->customers.size()) {
    return absl::NotFoundError("customer: unknown; expected one of the casebook");
  }
  std::vector<uint8_t> drop(store->payloads.payloads.size());
  for (uint32_t code = 0; code < store->states.size(); ++code) {
    const CaseState &state = store->states[code];
    bool own = false;
    for (uint32_t at = state.newest; at != kNone; at = store->log[at].before) {
      const EventRecord &event = store->log[at];
      own = own ||
            (store->shelf.kind(event.type) == EventKind::kReceive && event.reference == customer);
    }
    if (!own) continue;
    if (state.fields.hold) {
      return absl::FailedPreconditionError(
          "customer: has a case on legal hold; expected none that is");
    }
    for (uint32_t at = state.newest; at != kNone; at = store->log[at].before) {
      if (store->log[at].payload != kNone) drop[store->log[at].payload] = 1;
    }
  }
  // All that is new is made first; then it takes the place of the old without a failure.
  std::vector<ErasedCustomer> erased = store->erased;
  const bool again = std::ranges::find(erased, customer, &ErasedCustomer::code) != erased.end();
  if (!again) erased.push_back({customer, CustomerDigest(*store, customer)});
  IdIndex customers(store->customers.is_text());
  for (uint32_t code = 0; code < store->customers.size(); ++code) {
    const bool gone = std::ranges::find(erased, code, &ErasedCustomer::code) != erased.end();
    uint32_t place = 0;
    if (store->customers.is_text()) {
      const std::string text = ErasedText(code);
      const std::string_view ids[] = {gone ? std::string_view(text) : store->customers.text(code)};
      PATRON_RETURN_IF_ERROR(customers.Encode(std::span<const std::string_view>(ids), {&place, 1}));
    } else {
      const int64_t ids[] = {gone ? ErasedInteger(code) : store->customers.integer(code)};
      PATRON_RETURN_IF_ERROR(customers.Encode(std::span<const int64_t>(ids), {&place, 1}));
    }
  }
  PayloadStore payloads;
  payloads.payloads = store->payloads.payloads;
  for (uint32_t i = 0; i < payloads.payloads.size(); ++i) {
    Payload &payload = payloads.payloads[i];
    const std::string_view text = store->payloads.text(i);
    payload.erased = payload.erased || drop[i] != 0;
    payload.offset = payloads.bytes.size();
    if (payload.erased) payload.size = 0;
    if (!payload.erased) payloads.bytes.insert(payloads.bytes.end(), text.begin(), text.end());
  }
  std::swap(store->customers, customers);
  std::swap(store->payloads, payloads);
  std::swap(store->erased, erased);
  return absl::OkStatus();
}

// Builds a store from content that may come from anywhere.
class ContentReader {
 public:
  ContentReader(const CasebookContent &content, CasebookStore *store)
      : content_(content), store_(*store) {}

  absl::Status Run() {
    PATRON_RETURN_IF_ERROR(AddShelf());
    PATRON_RETURN_IF_ERROR(AddIds());
    PATRON_RETURN_IF_ERROR(AddTexts());
    PATRON_RETURN_IF_ERROR(CheckLog());
    Application application(&store_, kNever);
    for (const EventRecord &event : content_.log) application.Replay(event);
    application.Finish();
    store_.advanced_to = content_.advanced_to;
    if (content_.log.empty()) store_.last_recorded = kNever;
    if (store_.chain.Of(store_).head() != content_.head)
      return Bad("the log does not hash to its digest");
    if (content_.fold != FoldDigest(store_.states)) {
      return Bad("the cases are not what their events make them");
    }
    if (content_.states.empty()) return absl::OkStatus();
    if (content_.states.size() != store_.states.size()) return Bad("as many states as cases");
    for (size_t i = 0; i < store_.states.size(); ++i) {
      if (content_.states[i] != store_.states[i].fields) {
        return Bad(absl::StrCat("case ", i, " is not what its events make it"));
      }
    }
    return absl::OkStatus();
  }

 private:
  static absl::Status Bad(std::string_view what) {
    return absl::DataLossError(absl::StrCat("casebook: ", Text(what)));
  }
  static absl::Status AsLoss(const absl::Status &status) {
    if (status.ok() || status.code() == absl::StatusCode::kResourceExhausted) return status;
    return absl::DataLossError(absl::StrCat("casebook: ", status.message()));
  }

  absl::Status AddShelf() {
    std::string_view last;
    for (const CasebookContent::CalendarEntry &entry : content_.calendars) {
      const size_t before = store_.shelf.calendars().size();
      PATRON_RETURN_IF_ERROR(
          AsLoss(store_.shelf.AddCalendar(entry.name, entry.calendar, entry.from)));
      const bool first = store_.shelf.calendars().size() > before;
      if (first != (entry.from == PolicyShelf::kBeginning)) return Bad("calendars out of order");
      if (!first && last != entry.name) return Bad("calendars out of order");
      last = entry.name;
    }
    for (size_t i = 0; i < content_.policies.size(); ++i) {
      const absl::StatusOr<uint16_t> number = store_.shelf.AddPolicy(content_.policies[i]);
      if (!number.ok()) return AsLoss(number.status());
      if (*number != i) return Bad("a policy stands twice");
    }
    store_.standard = content_.standard;
    const bool known = content_.standard >= 0 &&
                       content_.standard < static_cast<int32_t>(content_.policies.size());
    if (known || (content_.standard == -1 && content_.policies.empty())) return absl::OkStatus();
    return Bad("no policy to be that of new cases");
  }

  absl::Status AddIndex(const IdList &ids, std::string_view what, IdIndex &index) {
    index = IdIndex(ids.is_text);
    std::vector<uint32_t> codes(ids.size());
    if (ids.size() > 0) PATRON_RETURN_IF_ERROR(AsLoss(index.Encode(ids.span(), codes)));
    if (index.size() == ids.size()) return absl::OkStatus();
    return Bad(absl::StrCat(Text(what), ": an id stands twice"));
  }

  absl::Status AddIds() {
    PATRON_RETURN_IF_ERROR(AddIndex(content_.events, "events", store_.events));
    PATRON_RETURN_IF_ERROR(AddIndex(content_.cases, "cases", store_.cases));
    PATRON_RETURN_IF_ERROR(AddIndex(content_.customers, "customers", store_.customers));
    PATRON_RETURN_IF_ERROR(AddIndex(content_.actors, "actors", store_.actors));
    PATRON_RETURN_IF_ERROR(AddIndex(content_.references, "references", store_.references));
    if (store_.references.size() > 0 && store_.references.is_text() != store_.events.is_text()) {
      return Bad("references of another kind than events");
    }
    for (uint32_t code = 0; code < store_.cases.size(); ++code) {
      CaseState state;
      state.next = code;
      store_.states.push_back(state);
    }
    store_.customer_case.assign(store_.customers.size(), kNone);
    uint32_t next = 0;
    for (const CasebookContent::ErasedEntry &entry : content_.erased) {
      if (entry.customer < next || entry.customer >= store_.customers.size()) {
        return Bad("erased customers out of order");
      }
      next = entry.customer + 1;
      const bool named =
          store_.customers.is_text()
              ? store_.customers.text(entry.customer) == ErasedText(entry.customer)
              : store_.customers.integer(entry.customer) == ErasedInteger(entry.customer);
      if (!named) return Bad("an erased customer with an id");
      store_.erased.push_back({entry.customer, entry.digest});
    }
    return absl::OkStatus();
  }

  absl::Status AddTexts() {
    for (const CasebookContent::TextEntry &entry : content_.texts) {
      if (entry.erased ? !entry.text.empty() : ShortDigestOf(entry.text) != entry.digest) {
        return Bad("a text is not as its digest");
      }
      store_.payloads.payloads.push_back({store_.payloads.bytes.size(),
                                          static_cast<uint32_t>(entry.text.size()), entry.erased,
                                          entry.digest});
      store_.payloads.bytes.insert(store_.payloads.bytes.end(), entry.text.begin(),
                                   entry.text.end());
    }
    return absl::OkStatus();
  }

  absl::Status CheckLog() const {
    if (content_.log.size() != store_.events.size()) return Bad("as many ids as events");
    uint32_t texts = 0;
    int64_t recorded = kNever;
    for (size_t i = 0; i < content_.log.size(); ++i) {
      const EventRecord &event = content_.log[i];
      const auto bad = [&](std::string_view what) {
        return Bad(absl::StrCat("event ", i, ": ", Text(what)));
      };
      const auto in = [](int64_t at) { return at >= -kFarthest && at <= kFarthest; };
      if (!in(event.occurred) || !in(event.recorded) || event.recorded < recorded) {
        return bad("its instants");
      }
      recorded = event.recorded;
      if (event.type >= store_.shelf.types().size() || event.case_code >= store_.cases.size() ||
          (event.actor != kNone && event.actor >= store_.actors.size()) ||
          (event.role != EventRecord::kNoRole && event.role >= store_.shelf.roles().size()) ||
          (event.flags & ~(kCallerFlags | kAutomatic)) != 0) {
        return bad("its numbers");
      }
      const EventKind kind = store_.shelf.kind(event.type);
      const size_t known = kind == EventKind::kReceive       ? store_.customers.size()
                           : CasebookStore::NamesCase(kind)  ? store_.cases.size()
                           : CasebookStore::NamesEvent(kind) ? store_.references.size()
                                                             : 0;
      if (event.reference != kNone && event.reference >= known) return bad("what it refers to");
      const auto [least, most] = CodesOf(kind);
      if (event.code < least || event.code > most) return bad("its code");
      if ((kind == EventKind::kReceive || kind == EventKind::kMigrate) &&
          event.detail >= store_.shelf.size()) {
        return bad("its policy");
      }
      if (kind == EventKind::kPromise ? !in(event.value) : event.value < 0 && !event.automatic()) {
        return bad("its value");
      }
      // The shares of clocks name the instant at which they began.
      const bool share = kind == EventKind::kBreach || kind == EventKind::kEscalate;
      if (event.automatic() && (share ? !in(event.value) : event.value < 0))
        return bad("its value");
      const auto position = static_cast<uint32_t>(i);
      const bool own = store_.events.is_text() ? store_.events.text(position).starts_with('~')
                                               : store_.events.integer(position) < 0;
      const bool own_id = store_.events.is_text()
                              ? store_.events.text(position) == OwnTextId(position)
                              : store_.events.integer(position) == -static_cast<int64_t>(i) - 1;
      if (own != event.automatic() || (own && !own_id)) return bad("its id");
      if (event.payload != kNone && event.payload != texts++) return bad("its text");
    }
    if (texts != store_.payloads.payloads.size()) return Bad("a text without an event");
    return absl::OkStatus();
  }

  const CasebookContent &content_;
  CasebookStore &store_;
};

}  // namespace detail::casebook

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASEBOOK_CONTENT_HPP_
