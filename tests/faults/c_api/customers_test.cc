// The customers module out of memory: each function, with allocation 0, 1, 2, ... failing, alone or with
// all after it. It must end with a status, leak nothing, and leave its outputs alone.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/customers_keys.h"
#include "patron/c/patron.h"

namespace patron::faults {
namespace {

const std::string kLong(80, 'a');

TEST(CustomersAllocationTest, Comparison) {
  const TextColumn left({"martha", "张伟", "dwayne hicks, of a street whose name is long", kLong}),
      right({"marhta", "伟张", "duane hicks, of a street whose name is long", kLong + "b"});
  const auto a = left.As("left"), b = right.As("right");
  for (const int32_t measure :
       {PATRON_MEASURE_JARO_WINKLER, PATRON_MEASURE_LEVENSHTEIN_DISTANCE, PATRON_MEASURE_DAMERAU,
        PATRON_MEASURE_JACCARD, PATRON_MEASURE_TOKENS}) {
    patron_compare_options options;
    patron_compare_options_init(&options);
    options.measure = measure;
    FailCall("patron_compare_texts", [&] {
      double value = 0;
      return patron_compare_texts(kLong.data(), kLong.size(), "aab", 3, &options, &value, nullptr);
    });
    FailMaking<patron_table>("patron_compare_rows", [&](auto out) {
      return patron_compare_rows(&a, &b, &options, out, nullptr);
    });
    FailMaking<patron_table>("patron_compare_all", [&](auto out) {
      return patron_compare_all(&a, &b, &options, out, nullptr);
    });
  }
}

TEST(CustomersAllocationTest, Keys) {
  const TextColumn texts({"張偉", "Wei Zhang", "(021)61234567 转 12", "Ann@例子.中国",
                          "腾讯科技(深圳)有限公司", "广东省深圳市南山区科技路二十三号三幢",
                          "11010519491231002X"});
  const auto values = texts.As("values");
  for (int32_t kind = 0; kind <= PATRON_KEYS_IDENTITY; ++kind) {
    patron_keys_options options;
    patron_keys_options_init(&options);
    options.kind = kind;
    FailMaking<patron_table>("patron_keys_read", [&](auto out) {
      return patron_keys_read(&values, &options, out, nullptr);
    });
  }
}

TEST(CustomersAllocationTest, Linkers) {
  const TextColumn names({"Ann Lee", "Anne Lee", "Bob Ray", "Bob Ray", "Cy Dow"}),
      cities({"Bath", "Bath", "York", "York", "Bath"});
  const std::vector<int64_t> ids = {1, 2, 3, 4, 5}, truth = {1, 1, 2, 2, 3};
  const auto table =
      TableOf({ColumnOf("id", PATRON_TYPE_INT64, ids), names.As("name"), cities.As("city")});
  const char *levels[] = {"exact", "jaro_winkler >= 0.9"};
  patron_link_field fields[2] = {};
  fields[0] = {sizeof fields[0], PATRON_MISSING_NULL, "name", levels, 2, 1, 0};
  fields[1] = {sizeof fields[1], PATRON_MISSING_ELSE, "city", levels, 1, 0, 0};
  const char *parts[] = {"city[:3]"};
  patron_link_rule rule = {sizeof rule, 0, parts, 1};
  patron_linker_options options;
  patron_linker_options_init(&options);
  options.fields = fields;
  options.field_count = 2;
  options.blocks = &rule;
  options.block_count = 1;
  const auto create = [&](auto out) { return patron_linker_create(&options, out, nullptr); };
  FailMaking<patron_linker>("patron_linker_create", create);
  const auto linker = Made<patron_linker>(create);
  const auto fit = [&](patron_linker *one) {
    return patron_linker_fit(one, table.get(), nullptr, nullptr, nullptr);
  };
  FailEach("patron_linker_fit", [&](Armed &armed) {
    // One that has read a table does not read it again.
    const auto fresh = Made<patron_linker>(create);
    armed([&] { return fit(fresh.get()); });
  });
  ASSERT_EQ(fit(linker.get()), PATRON_OK);
  FailMaking<patron_table>("patron_linker_plan", [&](auto out) {
    return patron_linker_plan(linker.get(), table.get(), nullptr, nullptr, out, nullptr);
  });
  const auto parameters = [&](auto out) {
    return patron_linker_parameters(linker.get(), out, nullptr);
  };
  FailMaking<patron_table>("patron_linker_parameters", parameters);
  const auto model = Made<patron_table>(parameters);
  FailMakingTwo<patron_table>("patron_linker_rounds", [&](auto rounds, auto warnings) {
    return patron_linker_rounds(linker.get(), rounds, warnings, nullptr);
  });
  FailCall("patron_linker_set_parameters",
           [&] { return patron_linker_set_parameters(linker.get(), model.get(), 0.2, nullptr); });
  patron_predict_options predict;
  patron_predict_options_init(&predict);
  predict.threshold = -100;
  const auto find = [&](auto out) {
    return patron_linker_predict(linker.get(), table.get(), nullptr, &predict, out, nullptr,
                                 nullptr);
  };
  FailMaking<patron_table>("patron_linker_predict", find);
  const auto pairs = Made<patron_table>(find);
  FailMaking<patron_table>("patron_linker_explain", [&](auto out) {
    return patron_linker_explain(linker.get(), table.get(), nullptr, pairs.get(), nullptr, out,
                                 nullptr);
  });
  patron_cluster_options cluster;
  patron_cluster_options_init(&cluster);
  cluster.cannot_link = pairs.get();
  FailMaking<patron_table>("patron_linker_cluster", [&](auto out) {
    return patron_linker_cluster(linker.get(), table.get(), nullptr, pairs.get(), &cluster, out,
                                 nullptr, nullptr);
  });
  const auto found = ColumnOf("found", PATRON_TYPE_INT64, ids),
             people = ColumnOf("truth", PATRON_TYPE_INT64, truth);
  FailCall("patron_link_measure", [&] {
    patron_link_quality quality{};
    quality.struct_size = sizeof quality;
    return patron_link_measure(&found, &people, 0.95, &quality, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
