// What the log of a case answers to the questions of a form.
#ifndef PATRON_COMPLAINTS_FORM_QUESTIONS_HPP_
#define PATRON_COMPLAINTS_FORM_QUESTIONS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "patron/base/ids.hpp"
#include "patron/base/money.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/complaints/case_file.hpp"
#include "patron/complaints/casebook.hpp"
#include "patron/complaints/form.hpp"

namespace patron::complaints::detail {

struct LogAnswer {
  std::optional<std::string> value;  // "yes" or "no" of a predicate; none if it does not apply.
  std::string why;
  std::vector<uint32_t> evidence;
};

class CaseQuestions {
 public:
  // Both must live as long.
  CaseQuestions(const Casebook &book, const CaseFile &file) : book_(book), file_(file) {
    ended_.resize(file.events.size());
    int policy = -1;
    StateKind before = StateKind::kOpen;
    for (size_t i = 0; i < file.events.size(); ++i) {
      const EventRecord &event = file.events[i].event;
      const EventKind kind = Kind(i);
      if (kind == EventKind::kReceive || kind == EventKind::kMigrate) policy = event.detail;
      if (policy < 0 || event.after >= kMostStates) continue;
      const StateKind now = PolicyAt(policy).states[event.after].kind;
      ended_[i] = now == StateKind::kClosed && before != StateKind::kClosed;
      before = now;
    }
  }

  LogAnswer Ask(const FieldSource &source) const {
    switch (source.kind) {
      case SourceKind::kNone: return {};
      case SourceKind::kCase: return {CasePart(source.part), "", {}};
      case SourceKind::kFirst:
      case SourceKind::kLast:
      case SourceKind::kEach: return OfEvents(source);
      case SourceKind::kClock: return OfClock(source);
      case SourceKind::kLines: return Lines(source.part);
      case SourceKind::kInTime: return InTime(source);
      case SourceKind::kFollowed: return Ordered(source, true);
      case SourceKind::kPreceded: return Ordered(source, false);
      case SourceKind::kWithin: return Within(source);
      case SourceKind::kReasons: return Reasons();
      case SourceKind::kPromisesKept: return PromisesKept();
      case SourceKind::kHandovers: return Handovers(source.most);
      case SourceKind::kExplained: return Explained();
      case SourceKind::kOneVoice: return OneVoice();
    }
    return {};
  }

 private:
  using Found = std::optional<std::string>;

  const Policy &PolicyAt(int number) const {
    return book_.shelf().policy(static_cast<uint16_t>(number)).lifecycle.policy();
  }
  const Policy &policy() const { return PolicyAt(file_.row.fields.policy); }
  EventKind Kind(size_t i) const { return book_.shelf().kind(file_.events[i].event.type); }
  const std::string &TypeOf(size_t i) const {
    return book_.shelf().types()[file_.events[i].event.type].name;
  }
  bool IsOutward(size_t i) const {
    const ShelvedPolicy &shelved = book_.shelf().policy(file_.row.fields.policy);
    const uint8_t number = shelved.event_of_type[file_.events[i].event.type];
    return number != Lifecycle::kNone && shelved.lifecycle.policy().events[number].outward;
  }
  bool IsInward(size_t i) const {
    switch (Kind(i)) {
      case EventKind::kReceive:
      case EventKind::kMessageIn:
      case EventKind::kAnswerReceived:
      case EventKind::kAccept:
      case EventKind::kReject:
      case EventKind::kWithdraw:
      case EventKind::kReopen:
      case EventKind::kReferExternal: return true;
      default: return false;
    }
  }
  // What tells of the matter itself, rather than of what was done about it.
  bool IsKnowledge(size_t i) const {
    switch (Kind(i)) {
      case EventKind::kSetSeverity:
      case EventKind::kSetMedia:
      case EventKind::kRecordCause:
      case EventKind::kNote:
      case EventKind::kExternalDecision:
      case EventKind::kOther: return true;
      default: return IsInward(i);
    }
  }
  bool Matches(size_t i, std::string_view event) const {
    if (event == "@inward") return IsInward(i);
    if (event == "@outward") return IsOutward(i);
    if (event == "@end") return ended_[i];
    return TypeOf(i) == event;
  }
  std::vector<size_t> All(std::string_view event) const {
    std::vector<size_t> found;
    for (size_t i = 0; i < file_.events.size(); ++i) {
      if (Matches(i, event)) found.push_back(i);
    }
    return found;
  }
  uint32_t Position(size_t i) const { return file_.events[i].position; }
  int64_t Occurred(size_t i) const { return file_.events[i].event.occurred; }

  static std::string IdText(const IdIndex &index, uint32_t code) {
    return index.is_text() ? std::string(index.text(code)) : absl::StrCat(index.integer(code));
  }
  static Found TimeText(int64_t instant) {
    if (instant == kNever) return std::nullopt;
    return FormatTime(instant);
  }
  static Found Flag(bool flag) { return flag ? "yes" : "no"; }
  static Found Number(int64_t value, bool known) {
    if (!known) return std::nullopt;
    return absl::StrCat(value);
  }
  Found Money(int64_t units) const {
    if (units == 0) return std::nullopt;
    return FormatMoney(units, policy().decimals);
  }

  Found CasePart(std::string_view part) const {
    const CaseFields &f = file_.row.fields;
    if (part == "case") return IdText(book_.case_ids(), file_.row.code);
    if (part == "customer") {
      if (f.customer == EventRecord::kNone || book_.IsErased(f.customer)) return std::nullopt;
      return IdText(book_.customer_ids(), f.customer);
    }
    if (part == "state") return policy().states[f.state].name;
    if (part == "policy") return absl::StrCat(policy().name, " ", policy().version);
    if (part == "received") return TimeText(f.received);
    if (part == "ended") return TimeText(f.ended);
    if (part == "severity") return Number(f.severity, f.severity != 0);
    if (part == "media") {
      constexpr std::array<std::string_view, 3> kMedia = {"none", "watch", "crisis"};
      return std::string(kMedia[std::min<size_t>(f.media, 2)]);
    }
    if (part == "level") return Number(f.level, true);
    if (part == "cycle") return Number(f.cycle, true);
    if (part == "rejections") return Number(f.rejections, true);
    if (part == "decision") return Number(f.decision, f.decision != 0);
    if (part == "reason") return Number(f.reason, f.reason != 0);
    if (part == "cause") return Number(f.cause, f.cause != 0);
    if (part == "outcome") return Number(f.outcome, f.outcome != 0);
    if (part == "proposed") return Money(f.proposed);
    if (part == "granted") return Money(f.granted);
    if (part == "compensated") return Money(f.compensated);
    if (part == "regulated") return Flag(f.regulated);
    if (part == "hold") return Flag(f.hold);
    if (part == "remedy_due") return Flag(f.RemedyDue());
    if (f.merged_into == EventRecord::kNone) return std::nullopt;
    return IdText(book_.case_ids(), f.merged_into);
  }

  Found EventPart(size_t i, std::string_view part) const {
    const EventRecord &event = file_.events[i].event;
    const EventKind kind = Kind(i);
    if (part == "event") return IdText(book_.event_ids(), Position(i));
    if (part == "time") return TimeText(event.occurred);
    if (part == "recorded") return TimeText(event.recorded);
    if (part == "actor") {
      if (event.actor == EventRecord::kNone) return std::nullopt;
      return IdText(book_.actor_ids(), event.actor);
    }
    if (part == "role") {
      if (event.role == EventRecord::kNoRole) return std::nullopt;
      return book_.shelf().roles()[event.role];
    }
    if (part == "text") {
      const auto text = book_.TextOf(event);
      if (!text || text->empty()) return std::nullopt;
      return std::string(*text);
    }
    if (part == "due") {
      if (kind != EventKind::kPromise) return std::nullopt;
      return TimeText(event.value);
    }
    if (part == "amount") return kind == EventKind::kPromise ? std::nullopt : Money(event.value);
    return Number(event.code, event.code != 0);
  }

  LogAnswer OfEvents(const FieldSource &source) const {
    LogAnswer answer;
    std::vector<size_t> found = All(source.event);
    if (source.kind == SourceKind::kFirst && found.size() > 1)
      found.erase(found.begin() + 1, found.end());
    if (source.kind == SourceKind::kLast && found.size() > 1)
      found.erase(found.begin(), found.end() - 1);
    for (const size_t i : found) {
      const Found part = EventPart(i, source.part);
      if (!part) continue;
      answer.evidence.push_back(Position(i));
      answer.value = answer.value ? absl::StrCat(*answer.value, "\n", *part) : *part;
    }
    return answer;
  }

  LogAnswer OfClock(const FieldSource &source) const {
    LogAnswer answer;
    for (const ClockRow &row : file_.clocks) {
      if (row.clock != source.clock) continue;
      constexpr std::array<std::string_view, 3> kStates = {"running", "paused", "stopped"};
      const bool time = row.limit_kind <= LimitKind::kElapsedTime;
      if (source.part == "started") answer.value = TimeText(row.started);
      if (source.part == "stopped") answer.value = TimeText(row.stopped);
      if (source.part == "due") answer.value = TimeText(row.due);
      if (source.part == "state") answer.value = kStates[static_cast<size_t>(row.state)];
      if (source.part == "late") answer.value = Flag(row.breached);
      if (source.part == "used") {
        answer.value =
            FormatNumber(static_cast<double>(row.used) / (time ? double{kMicrosPerSecond} : 1.0));
      }
    }
    return answer;
  }

  // "2024-06-03T07:00:00Z receive by ann (frontline): the text".
  std::string Line(size_t i, int64_t instant) const {
    std::string line = absl::StrCat(FormatTime(instant), " ", TypeOf(i));
    const Found actor = EventPart(i, "actor"), role = EventPart(i, "role");
    const Found text = EventPart(i, "text"), amount = EventPart(i, "amount");
    if (actor) absl::StrAppend(&line, " by ", *actor);
    if (role) absl::StrAppend(&line, actor ? " (" : " by ", *role, actor ? ")" : "");
    if (amount) absl::StrAppend(&line, ", ", *amount);
    if (text) absl::StrAppend(&line, ": ", *text);
    return line;
  }

  LogAnswer Lines(std::string_view part) const {
    LogAnswer answer;
    for (size_t i = 0; i < file_.events.size(); ++i) {
      if (part == "done" ? IsKnowledge(i) || file_.events[i].event.automatic()
                         : part != "facts" && !IsKnowledge(i)) {
        continue;
      }
      const std::string line =
          Line(i, part == "when_known" ? file_.events[i].event.recorded : Occurred(i));
      answer.evidence.push_back(Position(i));
      answer.value = answer.value ? absl::StrCat(*answer.value, "\n", line) : line;
    }
    return answer;
  }

  static void Pass(bool passed, LogAnswer *answer) {
    // What fails anywhere has failed.
    if (answer->value != "no") answer->value = passed ? "yes" : "no";
  }
  static void Fail(std::string_view why, LogAnswer *answer) {
    Pass(false, answer);
    if (answer->why.empty()) answer->why = std::string(why);
  }

  LogAnswer InTime(const FieldSource &source) const {
    LogAnswer answer;
    for (const ClockRow &row : file_.clocks) {
      if (row.clock != source.clock) continue;
      if (!row.breached && row.state != ClockState::kStopped) continue;  // Nobody knows yet.
      if (row.breached) {
        Fail(absl::StrCat(source.clock, " was due ", FormatTime(row.due)), &answer);
      } else {
        Pass(true, &answer);
      }
      for (size_t i = 0; i < file_.events.size(); ++i) {
        if (Occurred(i) == row.started || Occurred(i) == row.stopped) {
          AddEvidence(i, &answer);
        }
      }
    }
    for (size_t i = 0; i < file_.events.size(); ++i) {
      const EventRecord &event = file_.events[i].event;
      if (Kind(i) != EventKind::kBreach) continue;
      const unsigned name = casebook::ClockOfShare(event.detail);
      if (book_.shelf().clock_names()[name] == source.clock) AddEvidence(i, &answer);
    }
    return answer;
  }

  void AddEvidence(size_t i, LogAnswer *answer) const {
    const uint32_t position = Position(i);
    if (std::ranges::find(answer->evidence, position) == answer->evidence.end()) {
      answer->evidence.push_back(position);
    }
  }

  LogAnswer Ordered(const FieldSource &source, bool after) const {
    LogAnswer answer;
    const std::vector<size_t> events = All(source.event);
    if (events.empty()) return answer;
    const size_t about = after ? events.back() : events.front();
    AddEvidence(about, &answer);
    for (const size_t other : All(source.other)) {
      if (after ? other <= about : other >= about) continue;
      Pass(true, &answer);
      AddEvidence(other, &answer);
      return answer;
    }
    Fail(absl::StrCat("no ", source.other, after ? " after " : " before ", source.event), &answer);
    return answer;
  }

  LogAnswer Within(const FieldSource &source) const {
    LogAnswer answer;
    const std::vector<size_t> events = All(source.event);
    if (events.empty()) return answer;
    constexpr int64_t kMinute = 60 * kMicrosPerSecond;
    const int64_t until = Occurred(events.front()) + source.minutes * kMinute;
    AddEvidence(events.front(), &answer);
    for (const size_t other : All(source.other)) {
      if (other <= events.front()) continue;
      AddEvidence(other, &answer);
      if (Occurred(other) <= until) {
        Pass(true, &answer);
      } else {
        Fail(absl::StrCat(source.other, " came ", FormatTime(Occurred(other)), ", due ",
                          FormatTime(until)),
             &answer);
      }
      return answer;
    }
    if (file_.now > until) {
      Fail(absl::StrCat("no ", source.other, " by ", FormatTime(until)), &answer);
    } else {
      answer.evidence.clear();
    }
    return answer;
  }

  LogAnswer Reasons() const {
    LogAnswer answer;
    for (size_t i = 0; i < file_.events.size(); ++i) {
      if (Kind(i) != EventKind::kCommunicate) continue;
      const EventRecord &event = file_.events[i].event;
      AddEvidence(i, &answer);
      if (event.code != 0 && event.detail != 0) {
        Pass(true, &answer);
      } else {
        Fail("a decision without reason", &answer);
      }
    }
    return answer;
  }

  LogAnswer PromisesKept() const {
    LogAnswer answer;
    for (const PromiseRow &promise : file_.promises) {
      const bool late =
          promise.kept == kNever ? file_.now > promise.due : promise.kept > promise.due;
      if (promise.kept == kNever && !late && promise.broken == kNever) continue;
      answer.evidence.push_back(promise.position);
      if (late || promise.broken != kNever) {
        Fail(absl::StrCat("a promise was due ", FormatTime(promise.due)), &answer);
      } else {
        Pass(true, &answer);
      }
    }
    for (const CaseFile::Event &step : file_.events) {
      const EventKind kind = book_.shelf().kind(step.event.type);
      if (kind != EventKind::kPromiseKept && kind != EventKind::kPromiseBroken) continue;
      answer.evidence.push_back(step.position);
    }
    if (!answer.value) answer.evidence.clear();
    return answer;
  }

  LogAnswer Handovers(int64_t most) const {
    LogAnswer answer;
    uint32_t last = EventRecord::kNone;
    std::vector<uint32_t> passed;
    for (size_t i = 0; i < file_.events.size(); ++i) {
      const EventRecord &event = file_.events[i].event;
      if (event.automatic() || IsInward(i) || event.actor == EventRecord::kNone) continue;
      Pass(true, &answer);
      if (last != EventRecord::kNone && event.actor != last) passed.push_back(Position(i));
      if (IsOutward(i)) passed.clear();
      last = event.actor;
      if (static_cast<int64_t>(passed.size()) < most) continue;
      Fail(absl::StrCat("passed on ", passed.size(), " times without a word to the customer"),
           &answer);
      answer.evidence = passed;
    }
    return answer;
  }

  LogAnswer Explained() const {
    LogAnswer answer;
    const CaseFields &f = file_.row.fields;
    for (size_t i = 0; i < file_.events.size(); ++i) {
      if (ended_[i]) AddEvidence(i, &answer);
    }
    if (answer.evidence.empty()) return answer;
    bool remedied = f.compensated != 0 || f.granted != 0 || f.remedy;
    for (size_t i = 0; i < file_.events.size(); ++i) {
      remedied = remedied || Kind(i) == EventKind::kRecoveryDone;
    }
    if (f.reason != 0 || f.cause != 0 || remedied) {
      Pass(true, &answer);
    } else {
      Fail("it ended without reason, remedy or cause", &answer);
    }
    return answer;
  }

  LogAnswer OneVoice() const {
    LogAnswer answer;
    bool crisis = false;
    std::optional<uint32_t> voice;
    for (size_t i = 0; i < file_.events.size(); ++i) {
      const EventRecord &event = file_.events[i].event;
      if (Kind(i) == EventKind::kSetMedia) crisis = event.code == 2;
      if (!crisis || !IsOutward(i)) continue;
      AddEvidence(i, &answer);
      if (!voice) voice = event.actor;
      if (*voice == event.actor && event.actor != EventRecord::kNone) {
        Pass(true, &answer);
      } else {
        Fail(event.actor == EventRecord::kNone ? "a word of nobody in particular"
                                               : "words of more than one",
             &answer);
      }
    }
    return answer;
  }

  const Casebook &book_;
  const CaseFile &file_;
  std::vector<bool> ended_;
};

}  // namespace patron::complaints::detail

#endif  // PATRON_COMPLAINTS_FORM_QUESTIONS_HPP_
