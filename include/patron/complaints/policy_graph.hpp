// A policy as a picture: the text of a Graphviz graph.
#ifndef PATRON_COMPLAINTS_POLICY_GRAPH_HPP_
#define PATRON_COMPLAINTS_POLICY_GRAPH_HPP_

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/complaints/lifecycle.hpp"

namespace patron::complaints {

// States as nodes, closed ones with a double line; transitions that move the case as edges, with
// their guards in brackets; events between the same two states on one edge. Returns are dashed, to
// every state that the last transition may have left. Equal policies give equal text.
std::string PolicyGraph(const Lifecycle &lifecycle);

namespace detail {

inline std::string GraphText(std::string_view text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    result += c == '\n' || c == '\r' ? ' ' : c;
  }
  return result + "\"";
}

inline std::string GuardsText(uint32_t guards) {
  std::string text;
  for (int bit = 0; bit < kGuardBits; ++bit) {
    if ((guards >> bit & 1U) == 0) continue;
    absl::StrAppend(&text, text.empty() ? " [" : ", ", Text(GuardName(1U << bit)));
  }
  return text.empty() ? text : text + "]";
}

}  // namespace detail

inline std::string PolicyGraph(const Lifecycle &lifecycle) {
  using detail::GraphText;
  const Policy &policy = lifecycle.policy();
  std::string text = absl::StrCat("digraph ", GraphText(policy.name), " {\n  rankdir=TB;\n",
                                  "  node [shape=box, style=rounded];\n  start [shape=point];\n");
  for (const StateRule &state : policy.states) {
    absl::StrAppend(&text, "  ", GraphText(state.name));
    switch (state.kind) {
      case StateKind::kOpen: break;
      case StateKind::kDecided: text += " [style=\"rounded,bold\"]"; break;
      case StateKind::kExternal: text += " [style=\"rounded,dashed\"]"; break;
      case StateKind::kClosed:
      case StateKind::kMerged: text += " [peripheries=2]"; break;
      case StateKind::kVoid: text += " [peripheries=2, style=\"rounded,dotted\"]"; break;
    }
    text += ";\n";
  }
  // Labels by from, to and whether it is a return.
  std::map<std::pair<std::pair<uint8_t, uint8_t>, bool>, std::string> edges;
  const auto add = [&](uint8_t from, uint8_t to, bool back, std::string_view event,
                       uint32_t guards) {
    std::string &label = edges[{{from, to}, back}];
    absl::StrAppend(&label, label.empty() ? "" : "\n", Text(event), detail::GuardsText(guards));
  };
  for (uint8_t event = 0; event < policy.events.size(); ++event) {
    for (uint8_t state = 0; state <= kMostStates; ++state) {
      for (const Lifecycle::Move &move : lifecycle.MovesOf(event, state)) {
        const std::string_view name = policy.events[event].name;
        if (move.kind == MoveKind::kTo) add(state, move.to, false, name, move.guards);
        if (move.kind != MoveKind::kReturn) continue;
        for (uint8_t origin = 0; origin < policy.states.size(); ++origin) {
          bool left = false;
          for (uint8_t other = 0; other < policy.events.size(); ++other) {
            for (const Lifecycle::Move &way : lifecycle.MovesOf(other, origin)) {
              left = left || (way.remember && way.to == state);
            }
          }
          if (left) add(state, origin, true, name, move.guards);
        }
      }
    }
  }
  for (const auto &[ends, label] : edges) {
    const auto [from, to] = ends.first;
    std::string lines;  // Graphviz takes \n, the two characters, as the end of a line.
    for (const char c : label) {
      if (c == '\n') {
        lines += "\\n";
      } else {
        if (c == '"' || c == '\\') lines += '\\';
        lines += c;
      }
    }
    absl::StrAppend(&text, "  ",
                    from == Lifecycle::kNoCase ? "start" : GraphText(policy.states[from].name),
                    " -> ", GraphText(policy.states[to].name), " [label=\"", lines, "\"",
                    ends.second ? ", style=dashed" : "", "];\n");
  }
  return text + "}\n";
}

}  // namespace patron::complaints

#endif  // PATRON_COMPLAINTS_POLICY_GRAPH_HPP_
