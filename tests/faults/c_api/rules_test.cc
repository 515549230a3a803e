// Segments, pyramids and policies out of memory.
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "faults/c_api/fixture.hpp"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

TEST_F(AllocationTest, Segments) {
  FailMaking<patron_segments>("patron_segments_preset", [](auto out) {
    return patron_segments_preset("putler", out, nullptr);
  });
  const Own<patron_segments> segments(Made<patron_segments>(
      [](auto out) { return patron_segments_preset("putler", out, nullptr); }));
  FailMaking<patron_table>("patron_segments_to_table", [&](auto out) {
    return patron_segments_to_table(segments.get(), out, nullptr);
  });
  const Own<patron_table> rules(Made<patron_table>(
      [&](auto out) { return patron_segments_to_table(segments.get(), out, nullptr); }));
  FailMaking<patron_segments>("patron_segments_from_table", [&](auto out) {
    return patron_segments_from_table(rules.get(), 5, "other customers, of whom there are some",
                                      out, nullptr);
  });
  FailMaking<patron_table>("patron_segments_check", [&](auto out) {
    return patron_segments_check(segments.get(), nullptr, out, nullptr);
  });
  FailMakingTwo<patron_table>("patron_segments_assign", [&](auto members, auto totals) {
    return patron_segments_assign(segments.get(), measures_.get(), nullptr, members, totals,
                                  nullptr);
  });
  FailBytes("patron_segments_serialize", patron_segments_serialize, "patron_segments_deserialize",
            patron_segments_deserialize, segments.get(), 1);
}

TEST_F(AllocationTest, Policies) {
  static constexpr char kText[] = R"({
    "name": "a policy with quite a long name", "version": "1",
    "states": [{"name": "OPEN"}, {"name": "CLOSED_WITHOUT_FURTHER_ADO", "kind": "closed"}],
    "events": [{"name": "come", "kind": "receive"}, {"name": "go", "kind": "withdraw"}],
    "transitions": [{"event": "come", "to": "OPEN"},
                    {"event": "go", "from": ["OPEN"], "to": "CLOSED_WITHOUT_FURTHER_ADO"}],
    "roles": [{"name": "clerk"}],
    "authority": [{"role": "clerk", "events": ["come", "go"]}]})";
  FailMaking<patron_policy>("patron_policy_preset",
                            [](auto out) { return patron_policy_preset("disp", 4, out, nullptr); });
  FailMaking<patron_policy>("patron_policy_from_json", [](auto out) {
    return patron_policy_from_json(kText, sizeof kText - 1, out, nullptr);
  });
  const Own<patron_policy> policy(Made<patron_policy>(
      [](auto out) { return patron_policy_from_json(kText, sizeof kText - 1, out, nullptr); }));
  FailMaking<patron_bytes>("patron_policy_to_json", [&](auto out) {
    return patron_policy_to_json(policy.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_policy_check", [&](auto out) {
    return patron_policy_check(policy.get(), out, nullptr);
  });
  FailMaking<patron_bytes>("patron_policy_graph", [&](auto out) {
    return patron_policy_graph(policy.get(), out, nullptr);
  });
  FailBytes("patron_policy_serialize", patron_policy_serialize, "patron_policy_deserialize",
            patron_policy_deserialize, policy.get(), 1);
}

TEST_F(AllocationTest, Pyramids) {
  FailMaking<patron_pyramid>("patron_pyramid_preset", [](auto out) {
    return patron_pyramid_preset("zeithaml", nullptr, out, nullptr);
  });
  const char *const names[] = {"a tier with quite a long name", "b", "c"};
  const double cuts[] = {0.2, 0.6, 1};
  FailMaking<patron_pyramid>("patron_pyramid_create", [&](auto out) {
    return patron_pyramid_create(PATRON_PYRAMID_VALUE_SHARE, 0, names, cuts, 3, "losses", out,
                                 nullptr);
  });
  for (const char *name : {"zeithaml", "abc"}) {
    const Own<patron_pyramid> pyramid(Made<patron_pyramid>(
        [&](auto out) { return patron_pyramid_preset(name, nullptr, out, nullptr); }));
    patron_pyramid_options options;
    patron_pyramid_options_init(&options);
    for (const patron_context *context : {static_cast<patron_context *>(nullptr), context_.get()}) {
      options.context = context;
      FailMakingTwo<patron_table>("patron_pyramid_build", [&](auto tiers, auto members) {
        return patron_pyramid_build(pyramid.get(), measures_.get(), &options, tiers, members,
                                    nullptr);
      });
    }
    FailBytes("patron_pyramid_serialize", patron_pyramid_serialize, "patron_pyramid_deserialize",
              patron_pyramid_deserialize, pyramid.get(), 1);
  }
}

}  // namespace
}  // namespace patron::faults
