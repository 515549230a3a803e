// What a book of consents answers: the bodies of its questions.
#ifndef PATRON_CUSTOMERS_CONSENT_ANSWERS_HPP_
#define PATRON_CUSTOMERS_CONSENT_ANSWERS_HPP_

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "patron/customers/consent_book.hpp"

namespace patron::customers {

inline std::span<const ConsentFact> ConsentBook::OfPurpose(std::span<const ConsentFact> all,
                                                           uint32_t purpose) {
  size_t begin = 0;
  while (begin < all.size() && all[begin].purpose < purpose) ++begin;
  size_t end = begin;
  while (end < all.size() && all[end].purpose == purpose) ++end;
  return all.subspan(begin, end - begin);
}

inline Permission ConsentBook::Fold(std::span<const ConsentFact> facts, const Asked &field,
                                    bool sensitive, const Asked &channel, int64_t time) const {
  constexpr size_t kBases = kLawfulBases.size();
  std::array<const ConsentFact *, kBases> last{};
  const ConsentFact *anything = nullptr, *later = nullptr, *narrower = nullptr;
  bool separate = false;  // Whether `narrower` lacks nothing but a consent for sensitive fields.
  for (const ConsentFact &fact : facts) {
    const bool grant = fact.status == ConsentStatus::kGranted;
    if (fact.time > time) {
      if (grant && later == nullptr && (fact.sensitive || !sensitive) &&
          Covers(purposes_.fields(), fact.fields, field) &&
          Covers(purposes_.channels(), fact.channels, channel)) {
        later = &fact;
      }
      continue;
    }
    if (grant) {
      const bool in_scope = Covers(purposes_.fields(), fact.fields, field) &&
                            Covers(purposes_.channels(), fact.channels, channel);
      if (!in_scope || (sensitive && !fact.sensitive)) {
        narrower = &fact;
        separate = in_scope;
        continue;
      }
      last[fact.basis] = anything = &fact;
      continue;
    }
    if ((fact.sensitive && !sensitive) || !Touches(purposes_.fields(), fact.fields, field) ||
        !Touches(purposes_.channels(), fact.channels, channel)) {
      continue;
    }
    anything = &fact;
    if (fact.basis != kAnyBasis) {
      last[fact.basis] = &fact;
      continue;
    }
    for (size_t b = 0; b < kBases; ++b) {
      if (CanBeWithdrawn(static_cast<LawfulBasis>(b))) last[b] = &fact;
    }
  }
  const ConsentFact *best = nullptr;
  for (const ConsentFact *fact : last) {
    if (fact == nullptr || fact->status != ConsentStatus::kGranted || fact->expires <= time) {
      continue;
    }
    if (best == nullptr || fact->expires > best->expires) best = fact;
  }
  const auto answer = [](bool allowed, ConsentReason reason, const ConsentFact &fact,
                         int64_t since) {
    return Permission{.allowed = allowed,
                      .reason = reason,
                      .basis = fact.basis,
                      .line = fact.line,
                      .since = since,
                      .until = allowed ? fact.expires : kNoEnd};
  };
  if (best != nullptr) return answer(true, ConsentReason::kGranted, *best, best->time);
  if (anything != nullptr) {
    switch (anything->status) {
      case ConsentStatus::kGranted:
        return answer(false, ConsentReason::kExpired, *anything, anything->expires);
      case ConsentStatus::kExpired:
        return answer(false, ConsentReason::kExpired, *anything, anything->time);
      case ConsentStatus::kWithdrawn:
        return answer(false, ConsentReason::kWithdrawn, *anything, anything->time);
      case ConsentStatus::kDenied:
        return answer(false, ConsentReason::kDenied, *anything, anything->time);
    }
  }
  if (narrower != nullptr) {
    return answer(false, separate ? ConsentReason::kNotSeparate : ConsentReason::kOutOfScope,
                  *narrower, narrower->time);
  }
  if (later != nullptr) return answer(false, ConsentReason::kNotYet, *later, later->time);
  return {};
}

namespace detail {

// Of two answers, both of which must allow, the one that decides.
inline const Permission &Stricter(const Permission &a, const Permission &b) {
  if (a.allowed != b.allowed) return a.allowed ? b : a;
  return a.allowed && b.until < a.until ? b : a;
}

}  // namespace detail

inline Permission ConsentBook::AskChannels(std::span<const ConsentFact> facts,
                                           const Purposes::Purpose &purpose, const Asked &field,
                                           const Asked &channel, int64_t time) const {
  const bool sensitive = !field.everything && purposes_.IsSensitive(purpose, field.name);
  if (!channel.everything || purpose.channels == 0) {
    return Fold(facts, field, sensitive, channel, time);
  }
  Permission answer{.allowed = true, .reason = ConsentReason::kGranted};
  bool first = true;
  for (const uint32_t name : purposes_.channels().Names(purpose.channels)) {
    const Permission one = Fold(facts, field, sensitive, {.everything = false, .name = name}, time);
    answer = first ? one : detail::Stricter(answer, one);
    first = false;
  }
  return answer;
}

inline Permission ConsentBook::May(const Question &question) const {
  // What is known of the person comes from memory while names are looked up.
  const auto search = table_.Begin(question.subject);
  const Purposes::Purpose &purpose = purposes_[question.purpose];
  // A name, or everything; none if the purpose does not have it.
  const auto asked = [](const detail::Scopes &scopes, uint32_t most,
                        std::string_view name) -> std::optional<Asked> {
    if (name.empty()) return Asked{.everything = true, .name = 0};
    const uint32_t number = scopes.NameOf(name);
    if (most != 0 && !scopes.Has(most, number)) return std::nullopt;
    return Asked{.everything = false, .name = number};
  };
  const std::optional<Asked> field = asked(purposes_.fields(), purpose.fields, question.field);
  if (!field.has_value()) return {.reason = ConsentReason::kFieldOutside};
  const std::optional<Asked> channel =
      asked(purposes_.channels(), purpose.channels, question.channel);
  if (!channel.has_value()) return {.reason = ConsentReason::kChannelOutside};
  if (question.subject.is_text != text_ids_) return {};
  const std::span<const ConsentFact> facts = OfPurpose(table_.Find(search), question.purpose);
  if (facts.empty()) return {};
  const auto ask = [&](const Asked &one) {
    return AskChannels(facts, purpose, one, *channel, question.time);
  };
  if (!field->everything) return ask(*field);
  if (purpose.fields == 0) {
    Permission answer = ask({.everything = true, .name = 0});
    if (purpose.sensitive != 0) {
      for (const uint32_t name : purposes_.fields().Names(purpose.sensitive)) {
        answer = detail::Stricter(answer, ask({.everything = false, .name = name}));
      }
    }
    return answer;
  }
  Permission answer;
  bool first = true;
  for (const uint32_t name : purposes_.fields().Names(purpose.fields)) {
    const Permission one = ask({.everything = false, .name = name});
    answer = first ? one : detail::Stricter(answer, one);
    first = false;
  }
  return answer;
}

inline std::optional<int64_t> ConsentBook::EndedFor(const SubjectId &subject, uint32_t purpose,
                                                    int64_t time) const {
  const Purposes::Purpose &wanted = purposes_[purpose];
  if (subject.is_text != text_ids_) return std::nullopt;
  const std::span<const ConsentFact> facts = OfPurpose(table_.Find(subject), purpose);
  // A name in no scope stands for all that is not named.
  const std::vector<uint32_t> rest = {detail::Scopes::kUnknown};
  const auto names = [&](const detail::Scopes &scopes, uint32_t own,
                         uint32_t all) -> const std::vector<uint32_t> & {
    if (own != 0) return scopes.Names(own);
    return all != 0 ? scopes.Names(all) : rest;
  };
  std::optional<int64_t> ended;
  for (const ConsentFact &fact : facts) {
    if (fact.time > time) continue;
    for (const uint32_t field : names(purposes_.fields(), fact.fields, wanted.fields)) {
      const bool sensitive = purposes_.IsSensitive(wanted, field);
      if (sensitive && !fact.sensitive && fact.status == ConsentStatus::kGranted) continue;
      for (const uint32_t channel : names(purposes_.channels(), fact.channels, wanted.channels)) {
        const Permission now = Fold(facts, {.everything = false, .name = field}, sensitive,
                                    {.everything = false, .name = channel}, time);
        if (now.reason != ConsentReason::kWithdrawn && now.reason != ConsentReason::kDenied) {
          return std::nullopt;
        }
        ended = std::max(ended.value_or(now.since), now.since);
      }
    }
  }
  return ended;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_CONSENT_ANSWERS_HPP_
