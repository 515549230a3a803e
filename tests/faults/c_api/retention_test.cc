// Keeping and winning back customers, out of memory.
#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

TEST(RetentionAllocationTest, Tables) {
  const TextColumn ids({"ann with a long name", "bob"}), parents({"bob", ""}),
      reasons({"pricing", ""});
  const uint8_t first = 0b01;
  patron_column parent = parents.As("parent"), by = parents.As("referred_by"),
                reason = reasons.As("reason");
  parent.validity = by.validity = reason.validity = &first;
  const std::vector<double> shares = {.4, .5}, values = {100, 200};
  const auto number = [](const char *name, const std::vector<double> &of) {
    return ColumnOf(name, PATRON_TYPE_FLOAT64, of);
  };
  const auto table =
      TableOf({ids.As("customer_id"), ids.As("referrer"), parent, by, reason,
               number("p_churn", shares), number("save_rate", shares), number("value", values),
               number("offer", shares), number("p_win", shares), number("second_value", values),
               number("margin", values), number("loyalty", shares), number("risk", shares),
               number("satisfaction", shares), number("purchase_value", values)});
  FailMaking<patron_table>("patron_churn_reasons",
                           [](auto out) { return patron_churn_reasons(out, nullptr); });
  FailMaking<patron_table>("patron_save_offers",
                           [&](auto out) { return patron_save_offers(table.get(), out, nullptr); });
  FailMaking<patron_table>("patron_win_back", [&](auto out) {
    return patron_win_back(table.get(), nullptr, out, nullptr);
  });
  FailMaking<patron_table>("patron_work_lists", [&](auto out) {
    return patron_work_lists(table.get(), nullptr, out, nullptr, nullptr);
  });
  FailMaking<patron_table>("patron_referral_value", [&](auto out) {
    return patron_referral_value(table.get(), .1, out, nullptr);
  });
  const double weights[] = {1, .5};
  FailMaking<patron_table>("patron_referral_credit", [&](auto out) {
    return patron_referral_credit(table.get(), weights, 2, out, nullptr);
  });
  FailMaking<patron_table>("patron_customer_worth", [&](auto out) {
    return patron_customer_worth(table.get(), out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
