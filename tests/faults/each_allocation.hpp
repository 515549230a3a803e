// Calls each exported function with allocation 0, 1, 2, ... failing, alone or with all after it. It must
// end with a status, leak nothing, leave its outputs alone and its handles usable.
#ifndef PATRON_TESTS_FAULTS_EACH_ALLOCATION_HPP_
#define PATRON_TESTS_FAULTS_EACH_ALLOCATION_HPP_

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/fail_allocation.hpp"
#include "patron/c/customers_register.h"
#include "patron/c/form.h"
#include "patron/c/lifecycle.h"
#include "patron/c/patron.h"

namespace patron::faults {

// Functions that have been tried, over all tests of the program.
inline std::set<std::string> &Tried() {
  static auto *tried = new std::set<std::string>;
  return *tried;
}

// Calls the function under test while an allocation may fail.
class Armed {
 public:
  Armed(int64_t n, bool on) : n_(n), on_(on) {}

  template <typename Call>
  patron_status operator()(Call call) {
    const FailAllocation fail(n_, on_);
    status_ = call();
    return status_;
  }
  patron_status status() const { return status_; }

 private:
  int64_t n_;
  bool on_;
  patron_status status_ = PATRON_OK;
};

// Runs `body` once for each n until nothing fails any more. `body` makes what it needs, calls the
// function through the Armed it is given, checks, and frees everything. At most `lost` blocks may
// be left by a call that fails.
inline void FailEach(const char *function, const std::function<void(Armed &)> &body,
                     int64_t lost = 0) {
  SCOPED_TRACE(function);
  Tried().insert(function);
  for (const bool on : {false, true}) {
    Armed warm(-1, false);
    body(warm);  // What is made once and kept, such as buffers of the test program, is made here.
    ASSERT_EQ(warm.status(), PATRON_OK);
    for (int64_t n = 0;; ++n) {
      ASSERT_LT(n, 200'000) << "no end";
      const int64_t before = live;
      Armed armed(n, on);
      body(armed);
      ASSERT_GE(live - before, 0);
      ASSERT_LE(live - before, armed.status() == PATRON_OK ? 0 : lost)
          << "blocks left after allocation " << n << " failed";
      if (!failed) {
        ASSERT_EQ(armed.status(), PATRON_OK);
        ASSERT_GT(n, 0) << "allocates nothing";
        break;
      }
      // A function may do without the memory that it did not get.
      if (armed.status() != PATRON_OK) {
        ASSERT_EQ(armed.status(), PATRON_RESOURCE_EXHAUSTED) << "allocation " << n;
      }
      if (::testing::Test::HasFailure()) return;
    }
  }
}

// The same for a call that makes nothing, or frees itself what it makes.
inline void FailCall(const char *function, const std::function<patron_status()> &call) {
  FailEach(function, [&](Armed &armed) { armed(call); });
}

struct FreeAny {
  void operator()(patron_table *p) const { patron_table_free(p); }
  void operator()(patron_bytes *p) const { patron_bytes_free(p); }
  void operator()(patron_context *p) const { patron_context_free(p); }
  void operator()(patron_defaults *p) const { patron_defaults_free(p); }
  void operator()(patron_ledger *p) const { patron_ledger_free(p); }
  void operator()(patron_state *p) const { patron_state_free(p); }
  void operator()(patron_segments *p) const { patron_segments_free(p); }
  void operator()(patron_pyramid *p) const { patron_pyramid_free(p); }
  void operator()(patron_clv_model *p) const { patron_clv_model_free(p); }
  void operator()(patron_category_model *p) const { patron_category_free(p); }
  void operator()(patron_calendar *p) const { patron_calendar_free(p); }
  void operator()(patron_log *p) const { patron_log_free(p); }
  void operator()(patron_policy *p) const { patron_policy_free(p); }
  void operator()(patron_tier_policy *p) const { patron_tier_policy_free(p); }
  void operator()(patron_tier_book *p) const { patron_tier_book_free(p); }
  void operator()(patron_casebook *p) const { patron_casebook_free(p); }
  void operator()(patron_form *p) const { patron_form_free(p); }
  void operator()(patron_lifecycle *p) const { patron_lifecycle_free(p); }
  void operator()(patron_filled_form *p) const { patron_filled_form_free(p); }
  void operator()(patron_kaplan_meier *p) const { patron_kaplan_meier_free(p); }
  void operator()(patron_cox *p) const { patron_cox_free(p); }
  void operator()(patron_aft *p) const { patron_aft_free(p); }
  void operator()(patron_discrete_hazard *p) const { patron_discrete_hazard_free(p); }
  void operator()(patron_loyalty_index *p) const { patron_loyalty_index_free(p); }
  void operator()(patron_signal_book *p) const { patron_signal_book_free(p); }
  void operator()(patron_points_ledger *p) const { patron_points_ledger_free(p); }
  void operator()(patron_linker *p) const { patron_linker_free(p); }
  void operator()(patron_register *p) const { patron_register_free(p); }
};
template <typename T>
using Own = std::unique_ptr<T, FreeAny>;

// Fails for a function of the form call(T **out): out is set if, and only if, it succeeds.
template <typename T>
void FailMaking(const char *function, const std::function<patron_status(T **)> &call,
                int64_t lost = 0) {
  FailEach(
      function,
      [&](Armed &armed) {
        T *out = nullptr;
        const patron_status status = armed([&] { return call(&out); });
        EXPECT_EQ(status == PATRON_OK, out != nullptr);
        Own<T>{out};
      },
      lost);
}

// The same with two outputs.
template <typename T>
void FailMakingTwo(const char *function, const std::function<patron_status(T **, T **)> &call) {
  FailEach(function, [&](Armed &armed) {
    T *first = nullptr, *second = nullptr;
    const patron_status status = armed([&] { return call(&first, &second); });
    EXPECT_EQ(status == PATRON_OK, first != nullptr);
    EXPECT_EQ(first == nullptr, second == nullptr);
    Own<T>{first};
    Own<T>{second};
  });
}

// What call(&out) makes, with no allocation failing.
template <typename T>
Own<T> Made(const std::function<patron_status(T **)> &call) {
  T *out = nullptr;
  const patron_status status = call(&out);
  if (status != PATRON_OK) ADD_FAILURE() << "status " << status;
  return Own<T>(out);
}

template <typename T>
patron_column ColumnOf(const char *name, int32_t type, const std::vector<T> &values) {
  patron_column column{};
  column.struct_size = sizeof column;
  column.type = type;
  column.name = name;
  column.length = static_cast<int64_t>(values.size());
  column.data = values.data();
  return column;
}

// A column of text over memory of its own.
struct TextColumn {
  std::string characters;
  std::vector<int32_t> offsets = {0};

  explicit TextColumn(const std::vector<std::string> &values) {
    for (const std::string &value : values) {
      characters += value;
      offsets.push_back(static_cast<int32_t>(characters.size()));
    }
  }
  patron_column As(const char *name) const {
    patron_column column{};
    column.struct_size = sizeof column;
    column.type = PATRON_TYPE_TEXT;
    column.name = name;
    column.length = static_cast<int64_t>(offsets.size()) - 1;
    column.data = characters.data();
    column.offsets = offsets.data();
    return column;
  }
};

inline Own<patron_table> TableOf(const std::vector<patron_column> &columns) {
  return Made<patron_table>(
      [&](auto out) { return patron_table_borrow(columns.data(), columns.size(), out, nullptr); });
}

}  // namespace patron::faults

#endif  // PATRON_TESTS_FAULTS_EACH_ALLOCATION_HPP_
