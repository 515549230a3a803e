// Indexes of linked records, refusals, sweeps and generated people out of memory.
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/customers_index.h"
#include "patron/c/customers_people.h"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

struct FreeIndex {
  void operator()(patron_link_index *index) const { patron_link_index_free(index); }
};
using Index = std::unique_ptr<patron_link_index, FreeIndex>;
struct FreeChange {
  void operator()(patron_link_change *change) const { patron_link_change_free(change); }
};
using Change = std::unique_ptr<patron_link_change, FreeChange>;

// A linker, its records, and pairs to keep apart.
class CustomersIndexAllocationTest : public ::testing::Test {
 protected:
  CustomersIndexAllocationTest() {
    fields_[0] = {sizeof fields_[0], PATRON_MISSING_NULL, "name", levels_, 2, 1, 0};
    fields_[1] = {sizeof fields_[1], PATRON_MISSING_ELSE, "city", levels_, 1, 0, 0};
    hub_ = {sizeof hub_, 1, "city"};
    rule_ = {sizeof rule_, 0, parts_, 2};
    patron_linker_options options;
    patron_linker_options_init(&options);
    options.fields = fields_;
    options.field_count = 2;
    options.blocks = &rule_;
    options.block_count = 1;
    options.cap = 4;
    linker_ =
        Made<patron_linker>([&](auto out) { return patron_linker_create(&options, out, nullptr); });
    EXPECT_EQ(patron_linker_fit(linker_.get(), table_.get(), nullptr, nullptr, nullptr), PATRON_OK);
    patron_link_index_options_init(&index_options_);
    index_options_.threshold = -100;
    index_options_.hubs = &hub_;
    index_options_.hub_count = 1;
    index_options_.cannot_link = apart_.get();
  }

  patron_status Create(patron_link_index **out) const {
    return patron_link_index_create(linker_.get(), table_.get(), &index_options_, out, nullptr);
  }
  Index MadeIndex() const {
    patron_link_index *index = nullptr;
    EXPECT_EQ(Create(&index), PATRON_OK);
    return Index(index);
  }

  // A call that changes an index, which must be as it was if it fails before it is told.
  void FailChange(
      const char *function,
      const std::function<patron_status(patron_link_index *, patron_link_change **)> &call) {
    FailEach(function, [&](Armed &armed) {
      const Index index = MadeIndex();
      patron_link_change *change = nullptr;
      const patron_status status = armed([&] { return call(index.get(), &change); });
      const Change own(change);
      EXPECT_EQ(status == PATRON_OK, change != nullptr);
      // It is still sound: what was not done can be done.
      if (status != PATRON_OK) {
        patron_link_change *again = nullptr;
        const patron_status second = call(index.get(), &again);
        const Change own_again(again);
        EXPECT_TRUE(second == PATRON_OK || second == PATRON_ALREADY_EXISTS ||
                    second == PATRON_NOT_FOUND)
            << second;
      }
      const auto entities = Made<patron_table>(
          [&](auto out) { return patron_link_index_entities(index.get(), out, nullptr); });
      uint64_t size = 0;
      EXPECT_EQ(patron_link_index_size(index.get(), &size, nullptr), PATRON_OK);
      EXPECT_EQ(static_cast<uint64_t>(patron_table_rows(entities.get())), size);
    });
  }

  const std::vector<int64_t> ids_ = {1, 2, 3, 4, 5}, more_ids_ = {6, 7}, left_ = {1}, right_ = {2};
  const TextColumn names_{{"Ann Lee", "Anne Lee", "Bob Ray", "Bob Ray", "Cy Dow"}},
      cities_{{"Bath", "Bath", "Bath", "Bath", "York"}},
      more_names_{{"Bob Ray", "A name that is longer than what fits beside"}},
      more_cities_{{"Bath", "Bath in the county of Somerset"}};
  const Own<patron_table> table_ = TableOf({ColumnOf("id", PATRON_TYPE_INT64, ids_),
                                            names_.As("name"), cities_.As("city")}),
                          more_ = TableOf({ColumnOf("id", PATRON_TYPE_INT64, more_ids_),
                                           more_names_.As("name"), more_cities_.As("city")}),
                          apart_ = TableOf({ColumnOf("left", PATRON_TYPE_INT64, left_),
                                            ColumnOf("right", PATRON_TYPE_INT64, right_)});
  const char *levels_[2] = {"exact", "jaro_winkler >= 0.9"};
  const char *parts_[2] = {"city[:3]", "city[:1]"};
  patron_link_field fields_[2];
  patron_link_hub hub_;
  patron_link_rule rule_;
  Own<patron_linker> linker_;
  patron_link_index_options index_options_;
};

TEST_F(CustomersIndexAllocationTest, Indexes) {
  FailEach("patron_link_index_create", [&](Armed &armed) {
    patron_link_index *index = nullptr;
    const patron_status status = armed([&] { return Create(&index); });
    EXPECT_EQ(status == PATRON_OK, index != nullptr);
    const Index own(index);
  });
  FailChange("patron_link_index_add", [&](auto *index, auto **change) {
    return patron_link_index_add(index, more_.get(), change, nullptr);
  });
  const std::vector<int64_t> gone = {3};
  const auto id = ColumnOf("id", PATRON_TYPE_INT64, gone);
  FailChange("patron_link_index_remove", [&](auto *index, auto **change) {
    return patron_link_index_remove(index, &id, change, nullptr);
  });
  for (const int32_t what :
       {PATRON_PAIR_UNLINK, PATRON_PAIR_KEEP_TOGETHER, PATRON_PAIR_KEEP_APART}) {
    FailChange("patron_link_index_pair", [&](auto *index, auto **change) {
      return patron_link_index_pair(index, apart_.get(), what, change, nullptr);
    });
  }
  const Index index = MadeIndex();
  patron_link_change *told = nullptr;
  ASSERT_EQ(patron_link_index_add(index.get(), more_.get(), &told, nullptr), PATRON_OK);
  const Change change(told);
  for (int32_t which = 0; which <= PATRON_CHANGE_REFUSALS; ++which) {
    FailMaking<patron_table>("patron_link_change_table", [&](auto out) {
      return patron_link_change_table(change.get(), which, out, nullptr);
    });
  }
  FailMaking<patron_table>("patron_link_index_entities", [&](auto out) {
    return patron_link_index_entities(index.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_link_index_hubs", [&](auto out) {
    return patron_link_index_hubs(index.get(), out, nullptr);
  });
  FailMaking<patron_table>("patron_link_index_explain", [&](auto out) {
    return patron_link_index_explain(index.get(), apart_.get(), out, nullptr);
  });
  FailCall("patron_link_index_entity", [&] {
    uint64_t entity = 0;
    return patron_link_index_entity(index.get(), &id, &entity, nullptr);
  });
}

TEST_F(CustomersIndexAllocationTest, RefusalsAndSweeps) {
  patron_predict_options predict;
  patron_predict_options_init(&predict);
  predict.threshold = -100;
  const auto pairs = Made<patron_table>([&](auto out) {
    return patron_linker_predict(linker_.get(), table_.get(), nullptr, &predict, out, nullptr,
                                 nullptr);
  });
  patron_cluster_options cluster;
  patron_cluster_options_init(&cluster);
  cluster.threshold = -100;
  cluster.cannot_link = apart_.get();
  cluster.hubs = &hub_;
  cluster.hub_count = 1;
  FailMakingTwo<patron_table>("patron_linker_refusals", [&](auto refusals, auto hubs) {
    return patron_linker_refusals(linker_.get(), table_.get(), nullptr, pairs.get(), &cluster,
                                  refusals, hubs, nullptr);
  });
  const std::vector<int64_t> truth = {1, 1, 2, 2, 3};
  const auto people = ColumnOf("truth", PATRON_TYPE_INT64, truth);
  patron_sweep_options sweep;
  patron_sweep_options_init(&sweep);
  sweep.truth = &people;
  FailMaking<patron_table>("patron_linker_sweep", [&](auto out) {
    return patron_linker_sweep(linker_.get(), table_.get(), nullptr, pairs.get(), &sweep, out,
                               nullptr);
  });
}

TEST(CustomersPeopleAllocationTest, People) {
  patron_people_options options;
  patron_people_options_init(&options);
  options.people = 12;
  options.repeat = 0.7;
  FailMaking<patron_table>("patron_customers_generate_people", [&](auto out) {
    return patron_customers_generate_people(&options, out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
