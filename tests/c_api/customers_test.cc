// Customers through the C interface: comparison, keys, linkers.
#include <cmath>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/customers_keys.h"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

struct FreeLinker {
  void operator()(patron_linker *linker) const { patron_linker_free(linker); }
};
using Linker = std::unique_ptr<patron_linker, FreeLinker>;

TEST(CustomersTest, TextsOfAnySizeAreCompared) {
  Error error;
  double value = -1;
  EXPECT_EQ(patron_compare_texts("MARTHA", 6, "MARHTA", 6, nullptr, &value, error.get()),
            PATRON_OK);
  EXPECT_NEAR(value, 0.961111111, 1e-9);
  EXPECT_EQ(patron_compare_texts(nullptr, 0, nullptr, 0, nullptr, &value, error.get()), PATRON_OK);
  EXPECT_EQ(value, 1);
  value = -1;
  EXPECT_EQ(patron_compare_texts(nullptr, 1, "a", 1, nullptr, &value, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "a: NULL; expected a pointer");
  EXPECT_EQ(patron_compare_texts("a", 1, "\xFF", 1, nullptr, &value, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "b: '\\xff'; expected UTF-8");
  EXPECT_EQ(value, -1);
}

TEST(CustomersTest, OptionsAreChecked) {
  Error error;
  double value = 0;
  patron_compare_options options;
  patron_compare_options_init(&options);
  options.measure = 16;
  EXPECT_EQ(patron_compare_texts("a", 1, "b", 1, &options, &value, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "measure: 16; expected 0 to 15");
  patron_compare_options_init(&options);
  options.reserved = 1;
  EXPECT_EQ(patron_compare_texts("a", 1, "b", 1, &options, &value, error.get()),
            PATRON_INVALID_ARGUMENT);
}

TEST(CustomersTest, ColumnsEachWithEach) {
  TableOf left, right;
  left.OptionalTexts("x", {"Ann", std::nullopt});
  right.Texts("y", {"Anne", "Bob", ""});
  patron_compare_options options;
  patron_compare_options_init(&options);
  options.measure = PATRON_MEASURE_LEVENSHTEIN_DISTANCE;
  patron_table *out = nullptr;
  Error error;
  ASSERT_EQ(patron_compare_all(left.column(0), right.column(0), &options, &out, error.get()),
            PATRON_OK)
      << error.message();
  const Table table(out);
  EXPECT_EQ(
      Optional<double>(out, "value", PATRON_TYPE_FLOAT64),
      (std::vector<std::optional<double>>{1, 3, 3, std::nullopt, std::nullopt, std::nullopt}));
  out = Untouched<patron_table>();
  EXPECT_EQ(patron_compare_rows(left.column(0), right.column(0), &options, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
}

TEST(CustomersTest, KeysOfPhones) {
  TableOf phones;
  phones.OptionalTexts("phone", {"０１３８-0013 8000", "138 0013 8000", std::nullopt, "95519"});
  patron_keys_options options;
  patron_keys_options_init(&options);
  options.kind = PATRON_KEYS_PHONE;
  patron_table *out = nullptr;
  Error error;
  ASSERT_EQ(patron_keys_read(phones.column(0), &options, &out, error.get()), PATRON_OK)
      << error.message();
  const Table table(out);
  EXPECT_EQ(NamesOf(table),
            (std::vector<std::string>{"e164", "extension", "type", "valid", "identity"}));
  EXPECT_EQ(OptionalTexts(table, "e164")[1], "+8613800138000");
  EXPECT_EQ(OptionalTexts(table, "e164")[2], std::nullopt);
  EXPECT_EQ(OptionalTexts(table, "type")[3], "unknown");
  options.region = "ZZ";
  EXPECT_EQ(patron_keys_read(phones.column(0), &options, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "region: 'ZZ'; expected CN, HK, MO, TW, US, CA or GB");
}

TEST(CustomersTest, ALinkerFromFieldsToClusters) {
  const char *levels[] = {"exact", "jaro_winkler >= 0.9"};
  patron_link_field fields[2] = {};
  fields[0] = {sizeof fields[0], PATRON_MISSING_NULL, "name", levels, 2, 0, 0};
  fields[1] = {sizeof fields[1], PATRON_MISSING_NULL, "born", levels, 1, 0, 0};
  const char *parts[] = {"born[:4]"};
  const patron_link_rule rule = {sizeof rule, 0, parts, 1};
  patron_linker_options options;
  patron_linker_options_init(&options);
  options.fields = fields;
  options.field_count = 2;
  options.blocks = &rule;
  options.block_count = 1;
  patron_linker *made = nullptr;
  Error error;
  ASSERT_EQ(patron_linker_create(&options, &made, error.get()), PATRON_OK) << error.message();
  const Linker linker(made);

  TableOf people;
  people.Integers("id", std::vector<int64_t>{10, 20, 30, 40})
      .Texts("name", {"Ann Lee", "Anne Lee", "Bob Ray", "Cy"})
      .Days("born", {0, 0, 0, 400});
  double rate = -1;
  EXPECT_EQ(patron_linker_match_rate(made, &rate, error.get()), PATRON_FAILED_PRECONDITION);
  ASSERT_EQ(patron_linker_fit(made, people.get(), nullptr, nullptr, error.get()), PATRON_OK)
      << error.message();
  EXPECT_EQ(patron_linker_match_rate(made, &rate, error.get()), PATRON_OK);
  EXPECT_GT(rate, 0);

  patron_predict_options predict;
  patron_predict_options_init(&predict);
  predict.threshold = -1000;
  patron_table *out = nullptr;
  uint64_t compared = 0;
  ASSERT_EQ(
      patron_linker_predict(made, people.get(), nullptr, &predict, &out, &compared, error.get()),
      PATRON_OK);
  const Table pairs(out);
  EXPECT_EQ(compared, 3U);  // All of 1970; the one of 1971 has a block of its own.
  EXPECT_EQ(Integers(pairs, "left"), (std::vector<int64_t>{10, 10, 20}));
  EXPECT_EQ(Integers(pairs, "right"), (std::vector<int64_t>{20, 30, 30}));

  patron_cluster_options cluster;
  patron_cluster_options_init(&cluster);
  cluster.threshold = Numbers(pairs, "weight")[0];
  patron_cluster_report report{};
  report.struct_size = sizeof report;
  ASSERT_EQ(patron_linker_cluster(made, people.get(), nullptr, pairs.get(), &cluster, &out, &report,
                                  error.get()),
            PATRON_OK);
  const Table clusters(out);
  EXPECT_EQ(Integers(clusters, "id"), (std::vector<int64_t>{10, 20, 30, 40}));
  EXPECT_EQ(Integers(clusters, "cluster"), (std::vector<int64_t>{0, 0, 1, 2}));
  EXPECT_EQ(report.clusters, 3U);

  fields[1].levels = nullptr;
  out = Untouched<patron_table>();
  patron_linker *none = Untouched<patron_linker>();
  EXPECT_EQ(patron_linker_create(&options, &none, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(none, Untouched<patron_linker>());
  EXPECT_EQ(error.message(), "fields[1].levels: NULL; expected a pointer");
}

}  // namespace
}  // namespace patron::c_api_test
