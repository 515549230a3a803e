// Everything a casebook remembers: the log, the ids, the cases, the chain.
#ifndef PATRON_COMPLAINTS_CASEBOOK_STORE_HPP_
#define PATRON_COMPLAINTS_CASEBOOK_STORE_HPP_

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patron/base/blake2b.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/large_vector.hpp"
#include "patron/base/pieces.hpp"
#include "patron/complaints/case_clocks.hpp"
#include "patron/complaints/case_event.hpp"
#include "patron/complaints/case_state.hpp"
#include "patron/complaints/policy_shelf.hpp"

namespace patron::complaints::detail::casebook {

inline constexpr uint32_t kNone = EventRecord::kNone;

// What stands for texts and for ids of customers in the chain, so that it holds when they are erased.
using ShortDigest = std::array<uint8_t, 16>;

inline ShortDigest ShortDigestOf(std::string_view text) {
  Blake2b hash;
  hash.Add(text);
  const Digest digest = hash.digest();
  ShortDigest half;
  std::copy_n(digest.begin(), half.size(), half.begin());
  return half;
}

// Free text of events. What was erased keeps its digest, so that the chain still holds.
struct Payload {
  uint64_t offset = 0;
  uint32_t size = 0;
  bool erased = false;
  ShortDigest digest{};
};

struct PayloadStore {
  std::vector<Payload> payloads;
  LargeVector<char> bytes;

  std::string_view text(uint32_t place) const {
    return {bytes.data() + payloads[place].offset, payloads[place].size};
  }
};

struct ErasedCustomer {
  uint32_t code;
  ShortDigest digest;
};

// A case and the instant at which something happens in it by itself.
struct DueCase {
  int64_t instant;
  uint32_t code;

  // The heap has the earliest on top; equal instants in the order of cases.
  friend bool operator<(const DueCase &a, const DueCase &b) {
    return a.instant != b.instant ? a.instant > b.instant : a.code > b.code;
  }
};

struct CasebookStore;

// The hash of all events in the order of the log: every 1,024 of them leave a mark.
class Chain {
 public:
  static constexpr size_t kStride = 1024;

  // Where a chain stood.
  struct Place {
    Blake2b running;
    size_t count = 0;
  };

  // Adds the next event of the log. If it throws, nothing has changed.
  void Add(const CasebookStore &store);
  // Goes back to where it was.
  void Return(const Place &place);

  const Place &place() const { return place_; }
  size_t count() const { return place_.count; }
  Digest head() const { return place_.running.digest(); }
  const std::vector<Digest> &marks() const { return marks_; }

 private:
  Place place_;
  std::vector<Digest> marks_;
};

// The chain of a log, which takes in events when somebody asks for it: only who has seen a digest
// can hold it against the log later. Threads may ask at once.
class AskedChain {
 public:
  // The chain of all events of the log. It holds until events are added. Cost: O(events since).
  const Chain &Of(const CasebookStore &store) const;

  // Where it stands; a change that fails returns to that.
  Chain::Place place() const;
  void Return(const Chain::Place &place);
  size_t memory_bytes() const;

 private:
  struct Guarded {
    std::mutex mutex;
    Chain chain;
  };
  std::unique_ptr<Guarded> guarded_ = std::make_unique<Guarded>();
};

struct CasebookStore {
  PolicyShelf shelf;
  int standard = -1;  // Policy of cases that name none.
  IdIndex events, cases, customers, actors;
  IdIndex references;                   // Ids of events that other events speak of.
  Pieces<EventRecord> log;              // By code of the event.
  Pieces<CaseState> states;             // By code of the case.
  std::vector<uint32_t> customer_case;  // By code of the customer: one of its cases.
  std::vector<ErasedCustomer> erased;   // Customers whose id is gone.
  PayloadStore payloads;
  AskedChain chain;
  int64_t last_recorded = kNever;
  int64_t advanced_to = kNever;  // What was due to happen by then has happened, or may not.
  uint32_t call = 0;
  std::vector<uint32_t> unsettled;  // Cases.
  std::vector<DueCase> queue;       // A heap; entries that are out of date are passed over.

  bool Before(const EventRecord &a, uint32_t a_code, const EventRecord &b, uint32_t b_code) const {
    if (a.occurred != b.occurred) return a.occurred < b.occurred;
    const EventKind a_kind = shelf.kind(a.type);
    const EventKind b_kind = shelf.kind(b.type);
    if (a_kind != b_kind) return a_kind < b_kind;
    return a_code != b_code && events.Less(a_code, b_code);
  }
  bool Before(uint32_t a, uint32_t b) const { return Before(log[a], a, log[b], b); }

  uint32_t RootOf(uint32_t code) const {
    while (states[code].parent != kNone) code = states[code].parent;
    return code;
  }
  // The event that `event` refers to by its id, or kNone.
  uint32_t TargetOf(const EventRecord &event) const {
    if (event.reference == kNone) return kNone;
    const uint32_t code = references.is_text() ? events.Find(references.text(event.reference))
                                               : events.Find(references.integer(event.reference));
    return code < log.size() ? code : kNone;
  }
  // Whether the reference of such an event is a case, or an event.
  static bool NamesCase(EventKind kind) {
    return kind == EventKind::kMergeInto || kind == EventKind::kLink || kind == EventKind::kSplit;
  }
  static bool NamesEvent(EventKind kind) {
    return kind == EventKind::kPromiseKept || kind == EventKind::kPromiseBroken ||
           kind == EventKind::kBreachVoided || kind == EventKind::kReverse;
  }
  // All cases that are folded together with `code`.
  std::vector<uint32_t> CircleOf(uint32_t code) const {
    std::vector<uint32_t> circle;
    uint32_t at = code;
    do {
      circle.push_back(at);
      at = states[at].next;
    } while (at != code);
    return circle;
  }
  size_t memory_bytes() const {
    return events.memory_bytes() + cases.memory_bytes() + customers.memory_bytes() +
           actors.memory_bytes() + references.memory_bytes() +
           log.capacity() * sizeof(EventRecord) + states.capacity() * sizeof(CaseState) +
           customer_case.capacity() * 4 + erased.capacity() * sizeof(ErasedCustomer) +
           payloads.bytes.capacity() + payloads.payloads.capacity() * sizeof(Payload) +
           unsettled.capacity() * 4 + queue.capacity() * sizeof(DueCase) + chain.memory_bytes();
  }
};

inline ShortDigest CustomerDigest(std::string_view id) { return ShortDigestOf(id); }
inline ShortDigest CustomerDigest(int64_t id) {
  char bytes[8];
  for (size_t i = 0; i < 8; ++i) {
    bytes[i] = static_cast<char>(static_cast<uint64_t>(id) >> (8 * i) & 0xFF);
  }
  return ShortDigestOf({bytes, 8});
}

// That of a customer's id, the one that was kept if it is erased.
inline ShortDigest CustomerDigest(const CasebookStore &store, uint32_t code) {
  for (const ErasedCustomer &customer : store.erased) {
    if (customer.code == code) return customer.digest;
  }
  return store.customers.is_text() ? CustomerDigest(store.customers.text(code))
                                   : CustomerDigest(store.customers.integer(code));
}

inline void Chain::Add(const CasebookStore &store) {
  // Room for a mark first: then nothing can fail.
  if ((place_.count + 1) % kStride == 0 && marks_.size() == marks_.capacity()) {
    marks_.reserve(std::max<size_t>(16, marks_.size() * 2));
  }
  const auto position = static_cast<uint32_t>(place_.count);
  const EventRecord &event = store.log[position];
  uint64_t words[8];
  std::string_view texts[4];
  size_t count = 0;
  // An id, or the length of one that follows.
  const auto id = [&](const IdIndex &index, uint32_t code) -> uint64_t {
    if (code == kNone) return 0;
    if (!index.is_text()) return static_cast<uint64_t>(index.integer(code));
    texts[count] = index.text(code);
    return texts[count++].size();
  };
  const EventKind kind = store.shelf.kind(event.type);
  const bool customer = kind == EventKind::kReceive && event.reference != kNone;
  words[0] = static_cast<uint64_t>(event.occurred);
  words[1] = static_cast<uint64_t>(event.recorded);
  words[2] = static_cast<uint64_t>(event.value);
  words[3] = id(store.events, position);
  words[4] = id(store.cases, event.case_code);
  words[5] = id(store.actors, event.actor);
  words[6] =
      kind == EventKind::kReceive
          ? 0
          : id(CasebookStore::NamesCase(kind) ? store.cases : store.references, event.reference);
  const unsigned there = (event.payload != kNone ? 8U : 0U) | (event.actor != kNone ? 16U : 0U) |
                         (event.reference != kNone ? 32U : 0U);
  words[7] = uint64_t{event.code} | uint64_t{event.detail} << 16 | uint64_t{event.type} << 32 |
             uint64_t{event.role} << 40 | uint64_t{event.flags | there} << 48;
  if constexpr (std::endian::native != std::endian::little) {
    for (uint64_t &word : words) word = __builtin_bswap64(word);
  }
  Blake2b &running = place_.running;
  running.Add(words, sizeof words);
  for (size_t i = 0; i < count; ++i) running.Add(texts[i]);
  if (customer) {
    const ShortDigest digest = CustomerDigest(store, event.reference);
    running.Add(digest.data(), digest.size());
  }
  if (event.payload != kNone) {
    const ShortDigest &text = store.payloads.payloads[event.payload].digest;
    running.Add(text.data(), text.size());
  }
  if (++place_.count % kStride == 0) marks_.push_back(running.digest());
}

inline void Chain::Return(const Place &place) {
  if (place_.count == place.count) return;
  place_ = place;
  marks_.resize(place.count / kStride);
}

inline const Chain &AskedChain::Of(const CasebookStore &store) const {
  const std::lock_guard lock(guarded_->mutex);
  Chain &chain = guarded_->chain;
  const size_t size = store.log.size();
  while (chain.count() < size) chain.Add(store);
  return chain;
}

inline Chain::Place AskedChain::place() const {
  const std::lock_guard lock(guarded_->mutex);
  return guarded_->chain.place();
}

inline void AskedChain::Return(const Chain::Place &place) {
  const std::lock_guard lock(guarded_->mutex);
  guarded_->chain.Return(place);
}

inline size_t AskedChain::memory_bytes() const {
  const std::lock_guard lock(guarded_->mutex);
  return guarded_->chain.marks().capacity() * sizeof(Digest);
}

}  // namespace patron::complaints::detail::casebook

#endif  // PATRON_COMPLAINTS_CASEBOOK_STORE_HPP_
