// Casebooks and rows of events for the tests of this folder.
#ifndef PATRON_TESTS_UNIT_COMPLAINTS_CASEBOOKS_HPP_
#define PATRON_TESTS_UNIT_COMPLAINTS_CASEBOOKS_HPP_

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gtest/gtest.h"
#include "patron/complaints/casebook.hpp"
#include "patron/complaints/default_policy.hpp"
#include "unit/complaints/calendars.hpp"

namespace patron::complaints {

// One event, by names.
struct Fact {
  int64_t id = 0;
  std::string case_id;
  std::string type;
  int64_t at = 0;
  std::string role = "supervisor";
  std::string actor{};
  std::string customer{};
  int64_t value = 0;
  int32_t code = 0;
  int32_t reason = 0;
  std::string other{};             // Case.
  std::optional<int64_t> about{};  // Event.
  uint8_t flags = 0;
  std::optional<std::string> text{};
  int32_t policy = -1;
};

// The columns of some facts.
class FactColumns {
 public:
  FactColumns(const Casebook &book, std::vector<Fact> facts) : facts_(std::move(facts)) {
    for (const Fact &fact : facts_) {
      id_.push_back(fact.id);
      case_.push_back(fact.case_id);
      const int type = book.shelf().TypeNamed(fact.type);
      EXPECT_GE(type, 0) << fact.type;
      type_.push_back(static_cast<uint8_t>(type));
      at_.push_back(fact.at);
      const int role = book.shelf().RoleNamed(fact.role);
      role_.push_back(role < 0 ? EventRecord::kNoRole : static_cast<uint8_t>(role));
      actor_.push_back(fact.actor);
      has_actor_.push_back(fact.actor.empty() ? 0 : 1);
      customer_.push_back(fact.customer);
      has_customer_.push_back(fact.customer.empty() ? 0 : 1);
      value_.push_back(fact.value);
      code_.push_back(fact.code);
      reason_.push_back(fact.reason);
      other_.push_back(fact.other);
      has_other_.push_back(fact.other.empty() ? 0 : 1);
      about_.push_back(fact.about.value_or(0));
      has_about_.push_back(fact.about ? 1 : 0);
      flags_.push_back(fact.flags);
      text_.push_back(fact.text ? std::string_view(*fact.text) : std::string_view());
      has_text_.push_back(fact.text ? 1 : 0);
      policy_.push_back(fact.policy);
    }
  }
  EventRows rows() const {
    EventRows rows;
    rows.event = std::span(id_);
    rows.case_id = std::span(case_);
    rows.type = type_;
    rows.occurred = at_;
    rows.actor = std::span(actor_);
    rows.has_actor = has_actor_;
    rows.role = role_;
    rows.customer = std::span(customer_);
    rows.has_customer = has_customer_;
    rows.policy = policy_;
    rows.value = value_;
    rows.code = code_;
    rows.reason = reason_;
    rows.related_case = std::span(other_);
    rows.has_related_case = has_other_;
    rows.related_event = std::span(about_);
    rows.has_related_event = has_about_;
    rows.flags = flags_;
    rows.text = text_;
    rows.has_text = has_text_;
    return rows;
  }

 private:
  std::vector<Fact> facts_;
  std::vector<int64_t> id_, at_, value_, about_;
  std::vector<std::string_view> case_, actor_, customer_, other_, text_;
  std::vector<uint8_t> type_, role_, has_actor_, has_customer_, has_other_, has_about_, flags_,
      has_text_;
  std::vector<int32_t> code_, reason_, policy_;
};

inline Casebook NewBook(Policy policy = DefaultPolicy()) {
  Casebook book;
  EXPECT_TRUE(book.AddCalendar("service", OfficeHours("UTC")).ok());
  EXPECT_TRUE(book.AddCalendar("regulator", OfficeHours("UTC")).ok());
  const auto number = book.AddPolicy(std::move(policy));
  EXPECT_TRUE(number.ok()) << number.status();
  return book;
}

inline ApplyReport Take(Casebook &book, const std::vector<Fact> &facts,
                        int64_t recorded = 4'000'000'000'000'000) {
  const FactColumns columns(book, facts);
  const auto report = book.Apply(columns.rows(), recorded);
  EXPECT_TRUE(report.ok()) << report.status();
  return report.ok() ? *report : ApplyReport{};
}

// The code of a case.
inline uint32_t CodeOf(const Casebook &book, std::string_view id) {
  const int64_t code = book.FindCase(id);
  EXPECT_GE(code, 0) << id;
  return static_cast<uint32_t>(code);
}

// The name of the state of a case; "" if it has not been received.
inline std::string StateOf(const Casebook &book, std::string_view id) {
  const CaseFields &fields = book.Case(CodeOf(book, id));
  if (!fields.exists()) return "";
  return book.shelf().policy(fields.policy).lifecycle.policy().states[fields.state].name;
}

}  // namespace patron::complaints

#endif  // PATRON_TESTS_UNIT_COMPLAINTS_CASEBOOKS_HPP_
