// Partial states out of memory.
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

// ---- States ----

using Create = std::function<patron_status(patron_state **)>;

class StateAllocationTest : public AllocationTest {
 protected:
  std::vector<std::pair<const char *, Create>> Kinds() {
    return {
        {"patron_state_create_summary",
         [this](patron_state **out) {
           return patron_state_create_summary(&columns_, nullptr, out, nullptr);
         }},
        {"patron_state_create_summary",
         [this](patron_state **out) {
           patron_summary_options options;
           patron_summary_options_init(&options);
           options.merge = PATRON_MERGE_ORDER;
           return patron_state_create_summary(&columns_, &options, out, nullptr);
         }},
        {"patron_state_create_rfm",
         [this](patron_state **out) {
           return patron_state_create_rfm(&columns_, nullptr, out, nullptr);
         }},
        {"patron_state_create_rfm",
         [this](patron_state **out) {
           patron_rfm_options options;
           patron_rfm_options_init(&options);
           options.frequency = PATRON_FREQUENCY_DAYS;
           return patron_state_create_rfm(&columns_, &options, out, nullptr);
         }},
        {"patron_state_create_concentration",
         [this](patron_state **out) {
           return patron_state_create_concentration(&columns_, out, nullptr);
         }},
    };
  }

  Own<patron_state> With(const Create &create, const patron_table *rows) {
    Own<patron_state> state = Made<patron_state>(create);
    if (rows != nullptr) {
      EXPECT_EQ(patron_state_update(state.get(), rows, nullptr, nullptr), PATRON_OK);
    }
    return state;
  }
};

TEST_F(StateAllocationTest, CreationAndBytes) {
  for (const auto &[name, create] : Kinds()) {
    FailMaking<patron_state>(name, create);
    for (const patron_table *rows : {rows_.get(), text_rows_.get()}) {
      const Own<patron_state> state(With(create, rows));
      FailBytes("patron_state_serialize", patron_state_serialize, "patron_state_deserialize",
                patron_state_deserialize, state.get());
    }
  }
}

TEST_F(StateAllocationTest, Changes) {
  for (const auto &[name, create] : Kinds()) {
    ForEachInput([&, &create = create](const patron_table *rows, const patron_context *context) {
      // Half of the rows stand already.
      const Own<patron_state> source(With(create, rows));
      for (const bool filled : {false, true}) {
        const auto usable = [&](const Own<patron_state> &state, const std::string &before,
                                auto again) {
          EXPECT_EQ(BytesOf(patron_state_serialize, state.get()), before);
          EXPECT_EQ(again(), PATRON_OK);
        };
        FailEach("patron_state_update", [&](Armed &armed) {
          const Own<patron_state> state(With(create, filled ? rows : nullptr));
          const std::string before = BytesOf(patron_state_serialize, state.get());
          const auto update = [&] {
            return patron_state_update(state.get(), rows, context, nullptr);
          };
          if (armed(update) != PATRON_OK) usable(state, before, update);
        });
        FailEach("patron_state_merge", [&](Armed &armed) {
          const Own<patron_state> state(With(create, filled ? rows : nullptr));
          const std::string before = BytesOf(patron_state_serialize, state.get());
          const auto merge = [&] { return patron_state_merge(state.get(), source.get(), nullptr); };
          if (armed(merge) != PATRON_OK) usable(state, before, merge);
        });
      }
    });
  }
}

TEST_F(StateAllocationTest, Answers) {
  for (const auto &[name, create] : Kinds()) {
    for (const patron_context *context : {static_cast<patron_context *>(nullptr), context_.get()}) {
      const Own<patron_state> state(With(create, text_rows_.get()));
      FailEach("patron_state_finalize", [&](Armed &armed) {
        patron_table *out = nullptr, *extra = nullptr;
        const patron_status status = armed([&] {
          return patron_state_finalize(state.get(), context, &out, &extra, &report_, nullptr);
        });
        EXPECT_EQ(status == PATRON_OK, out != nullptr);
        if (status != PATRON_OK) {
          EXPECT_EQ(extra, nullptr);
        }
        patron_table_free(out);
        patron_table_free(extra);
      });
    }
  }
}

}  // namespace
}  // namespace patron::faults
