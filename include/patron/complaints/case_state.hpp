// What the events of a case amount to, in the form that is kept at hand for every case.
#ifndef PATRON_COMPLAINTS_CASE_STATE_HPP_
#define PATRON_COMPLAINTS_CASE_STATE_HPP_

#include <array>
#include <cstdint>

#include "patron/complaints/case_event.hpp"
#include "patron/complaints/lifecycle.hpp"
#include "patron/complaints/pauses.hpp"

namespace patron::complaints {

// The part of a case that its events decide.
struct CaseFields {
  int64_t received = kNever;
  int64_t ended = kNever;   // When it last came to a closed state.
  int64_t proposed = 0;     // Waits for approval or for being communicated.
  int64_t granted = 0;      // Compensation that authority was used for, and
  int64_t compensated = 0;  // what of it was paid.
  uint32_t customer = EventRecord::kNone;
  uint32_t merged_into = EventRecord::kNone;
  uint32_t split_from = EventRecord::kNone;
  uint32_t proposer = EventRecord::kNone;
  uint16_t policy = 0;
  uint16_t decision = 0;
  uint16_t reason = 0;
  uint16_t cause = 0;
  uint16_t outcome = 0;  // Code of the closing event.
  uint16_t cycle = 0;    // How often it was reopened.
  uint16_t rejections = 0;
  uint8_t state = Lifecycle::kNoCase;
  uint8_t severity = 0;
  uint8_t media = 0;
  uint8_t level = 0;  // Of escalation.
  uint8_t remembered = 0;
  std::array<uint8_t, kMostRemembered> stack{};  // States to return to, the last one on top.
  bool regulated : 1 = false;
  bool hold : 1 = false;
  bool approved : 1 = false;
  bool noticed : 1 = false;
  bool remedy : 1 = false;           // Other than money, due.
  bool proposed_remedy : 1 = false;  // Would be, by what is proposed.

  bool exists() const { return state != Lifecycle::kNoCase; }
  bool RemedyDue() const { return remedy || granted > compensated; }

  friend bool operator==(const CaseFields &, const CaseFields &) = default;
};

// That and the place of the case among the others. With its id of 8 bytes a case takes 128.
struct CaseState {
  CaseFields fields;
  uint32_t newest = EventRecord::kNone;  // Event in the order of the log.
  uint32_t last = EventRecord::kNone;    // Event in canonical order.
  uint32_t parent =
      EventRecord::kNone;       // In the tree of cases that are folded together; its root has none.
  uint32_t next = 0;            // Round the circle of these cases.
  uint32_t call : 29 = 0;       // The last call that changed it.
  uint32_t stale : 1 = 0;       // Of a root: its cases are to be folded anew.
  uint32_t referenced : 1 = 0;  // Events of other cases name it.
  uint32_t unsettled : 1 = 0;   // Its next instant is not known.
  uint32_t circle = 1;          // Of a root: cases of the tree.
  int64_t last_occurred = kNever;  // Of the last event.
  int64_t instant = kNever;        // At which something happens by itself, if settled.
};
static_assert(sizeof(CaseState) <= 120);

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_CASE_STATE_HPP_
