// A policy as an automaton: which events may follow which, whoever does them.
#ifndef PATRON_COMPLAINTS_POLICY_AUTOMATON_HPP_
#define PATRON_COMPLAINTS_POLICY_AUTOMATON_HPP_

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/complaints/conformance.hpp"
#include "patron/complaints/lifecycle.hpp"

namespace patron::complaints {

// The state of a case before there is one, by name.
inline constexpr std::string_view kNotReceived = "not received";

// Where the cases of a log begin and may end: states of the policy by name, or kNotReceived.
struct CaseSpan {
  std::vector<std::string> starts;  // None: before it is received.
  std::vector<std::string> ends;  // None: any in which a case is over: closed, merged, in external
                                  // dispute, void.
};

// What the transitions of a policy allow, in any order; guards are not asked, and authority neither.
// A state that is left to be returned to is as many states as a case can have come from.
//
// Activities are the events of the policy by name, with the codes that `activities` has of them;
// those it does not have get codes that it does not have either. Errors: InvalidArgument for states
// to which no case can come, costs out of range, and more states than an automaton may have;
// FailedPrecondition for activities that are integers. Cost: as Automaton::Create.
absl::StatusOr<Automaton> PolicyAutomaton(const Lifecycle &lifecycle, const IdIndex &activities,
                                          const CaseSpan &span = {}, const EditCosts &costs = {});

namespace detail {

// The states a case can come to, each with what it remembers, and the steps between them.
class PolicySteps {
 public:
  // `codes` are those of the events of the policy. Errors: InvalidArgument for too many states.
  static absl::StatusOr<PolicySteps> Of(const Lifecycle &lifecycle,
                                        std::span<const uint32_t> codes);

  size_t states() const { return states_.size(); }
  std::span<const AutomatonStep> steps() const { return steps_; }

  // All that are the state `name`. Errors: InvalidArgument naming `role` where no case comes to it.
  absl::Status AddNamed(std::string_view role, std::string_view name,
                        std::vector<uint32_t> &found) const;
  // All in which a case is over.
  std::vector<uint32_t> Over() const;

 private:
  // The state a case is in, and those that it can return to, the nearest first: a byte each, the
  // lowest first, which is one more than the number of the state. 0 is none.
  using State = uint64_t;
  static_assert(kMostRemembered < sizeof(State));
  static constexpr int kByte = 8;
  static State Just(uint8_t state) { return State{state} + 1; }
  static uint8_t Top(State state) { return static_cast<uint8_t>((state & 0xFF) - 1); }

  explicit PolicySteps(const Lifecycle &lifecycle) : lifecycle_(lifecycle) {}

  // None: the move is not possible.
  static State After(State state, const Lifecycle::Move &move);
  uint32_t CodeOf(State state);
  absl::Status Explore(std::span<const uint32_t> codes);

  const Lifecycle &lifecycle_;
  std::map<State, uint32_t> codes_;
  std::vector<State> states_;
  std::vector<AutomatonStep> steps_;
};

inline PolicySteps::State PolicySteps::After(State state, const Lifecycle::Move &move) {
  switch (move.kind) {
    case MoveKind::kStay: return state;
    case MoveKind::kReturn: return state >> kByte;
    case MoveKind::kTo: break;
  }
  if (!move.remember || Top(state) == Lifecycle::kNoCase) return Just(move.to);
  const bool full = state >> (kByte * kMostRemembered) != 0;
  return full ? 0 : Just(move.to) | state << kByte;
}

inline uint32_t PolicySteps::CodeOf(State state) {
  const auto [place, added] = codes_.try_emplace(state, static_cast<uint32_t>(states_.size()));
  if (added) states_.push_back(state);
  return place->second;
}

inline absl::Status PolicySteps::Explore(std::span<const uint32_t> codes) {
  CodeOf(Just(Lifecycle::kNoCase));
  for (uint32_t from = 0; from < states_.size(); ++from) {
    for (uint8_t event = 0; event < codes.size(); ++event) {
      for (const Lifecycle::Move &move : lifecycle_.MovesOf(event, Top(states_[from]))) {
        const State after = After(states_[from], move);
        if (after == 0) continue;
        steps_.push_back({from, codes[event], CodeOf(after)});
      }
    }
    if (states_.size() > Automaton::kMostStates) {
      return InvalidOption("policy", "more states with what they remember",
                           absl::StrCat("at most ", Automaton::kMostStates));
    }
  }
  return absl::OkStatus();
}

inline absl::StatusOr<PolicySteps> PolicySteps::Of(const Lifecycle &lifecycle,
                                                   std::span<const uint32_t> codes) {
  PolicySteps steps(lifecycle);
  PATRON_RETURN_IF_ERROR(steps.Explore(codes));
  return steps;
}

inline absl::Status PolicySteps::AddNamed(std::string_view role, std::string_view name,
                                          std::vector<uint32_t> &found) const {
  const uint8_t state = name == kNotReceived ? Lifecycle::kNoCase : lifecycle_.StateNamed(name);
  const size_t before = found.size();
  for (uint32_t code = 0; code < states_.size(); ++code) {
    if (Top(states_[code]) == state) found.push_back(code);
  }
  if (found.size() > before) return absl::OkStatus();
  return InvalidOption(role, Quoted(name), "states that the policy can come to");
}

inline std::vector<uint32_t> PolicySteps::Over() const {
  std::vector<uint32_t> over;
  for (uint32_t code = 0; code < states_.size(); ++code) {
    const uint8_t state = Top(states_[code]);
    if (state == Lifecycle::kNoCase) continue;
    const StateKind kind = lifecycle_.state_kind(state);
    if (kind != StateKind::kOpen && kind != StateKind::kDecided) over.push_back(code);
  }
  return over;
}

}  // namespace detail

inline absl::StatusOr<Automaton> PolicyAutomaton(const Lifecycle &lifecycle,
                                                 const IdIndex &activities, const CaseSpan &span,
                                                 const EditCosts &costs) {
  if (!activities.is_text()) {
    return absl::FailedPreconditionError("log: its activities are integers; expected text");
  }
  std::vector<uint32_t> codes;
  for (const EventRule &event : lifecycle.policy().events) {
    const uint32_t code = activities.Find(event.name);
    codes.push_back(
        code != IdIndex::kUnknown ? code : static_cast<uint32_t>(activities.size() + codes.size()));
  }
  PATRON_ASSIGN_OR_RETURN(const auto steps, detail::PolicySteps::Of(lifecycle, codes));
  std::vector<uint32_t> starts, ends;
  for (const std::string &name : span.starts) {
    PATRON_RETURN_IF_ERROR(steps.AddNamed("starts", name, starts));
  }
  if (span.starts.empty()) PATRON_RETURN_IF_ERROR(steps.AddNamed("starts", kNotReceived, starts));
  for (const std::string &name : span.ends) {
    PATRON_RETURN_IF_ERROR(steps.AddNamed("ends", name, ends));
  }
  if (span.ends.empty()) ends = steps.Over();
  return Automaton::Create(steps.states(), steps.steps(), starts, ends, costs);
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_POLICY_AUTOMATON_HPP_
