// Priority, causes and return of complaints out of memory.
#include "faults/failing_allocator.hpp"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

TEST(RecoveryAllocationTest, Tables) {
  const std::vector<int64_t> severity = {1, 3, 2}, media = {0, 1, 0}, returned = {1, 0, 1};
  const TextColumn causes({"a cause with a long name", "another one with a long name", "c"});
  const TextColumn outcomes({"resolved", "silent", "resolved"}),
      losses({"major", "minor", "minor"});
  const auto cases =
      TableOf({causes.As("cause"), ColumnOf("severity", PATRON_TYPE_INT64, severity),
               ColumnOf("media", PATRON_TYPE_INT64, media), outcomes.As("outcome"),
               losses.As("loss"), ColumnOf("returned", PATRON_TYPE_INT64, returned)});
  FailMaking<patron_table>("patron_recovery_priority", [&](auto out) {
    return patron_recovery_priority(cases.get(), nullptr, out, nullptr);
  });
  patron_pareto_options options;
  patron_pareto_options_init(&options);
  options.by = PATRON_PARETO_SEVERITY;
  FailMaking<patron_table>("patron_recovery_pareto", [&](auto out) {
    return patron_recovery_pareto(cases.get(), &options, out, nullptr);
  });
  FailMaking<patron_table>("patron_recovery_return_rates", [&](auto out) {
    return patron_recovery_return_rates(cases.get(), 20, 0.95, nullptr, out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
