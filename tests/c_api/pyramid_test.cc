// Pyramids: presets, own definitions, ties, statuses and bytes.
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct FreePyramid {
  void operator()(patron_pyramid *pyramid) const { patron_pyramid_free(pyramid); }
};
using Pyramid = std::unique_ptr<patron_pyramid, FreePyramid>;

Pyramid Preset(const char *name, const patron_context *context = nullptr) {
  Error error;
  patron_pyramid *out = nullptr;
  EXPECT_EQ(patron_pyramid_preset(name, context, &out, error.get()), PATRON_OK) << error.message();
  return Pyramid(out);
}

Pyramid Create(int32_t method, const std::vector<const char *> &names,
               const std::vector<double> &cuts, int32_t boundary = PATRON_BOUNDARY_BEFORE,
               const char *losses = nullptr) {
  Error error;
  patron_pyramid *out = nullptr;
  EXPECT_EQ(patron_pyramid_create(method, boundary, names.data(), cuts.data(), names.size(), losses,
                                  &out, error.get()),
            PATRON_OK)
      << error.message();
  return Pyramid(out);
}

struct Built {
  Table tiers, membership;
  Error error;
  patron_status status;

  Built(const Pyramid &pyramid, const patron_table *table,
        const patron_pyramid_options *options = nullptr) {
    patron_table *tier_table = Untouched<patron_table>(), *members = Untouched<patron_table>();
    status =
        patron_pyramid_build(pyramid.get(), table, options, &tier_table, &members, error.get());
    if (status == PATRON_OK) {
      tiers.reset(tier_table);
      membership.reset(members);
    } else {
      EXPECT_EQ(tier_table, Untouched<patron_table>());
      EXPECT_EQ(members, Untouched<patron_table>());
    }
  }
};

// Customers 1, 2, ... with these values.
class Customers : public TableOf {
 public:
  explicit Customers(const std::vector<double> &values) {
    std::vector<int64_t> ids(values.size());
    for (size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int64_t>(i) + 1;
    Integers("customer_id", ids);
    Numbers("value", values);
  }
};

TEST(PyramidTest, CurryCutsByShareOfCustomers) {
  std::vector<double> values;
  for (int i = 1; i <= 100; ++i) values.push_back(i);
  Customers customers(values);
  const Built built(Preset(nullptr), customers.get());
  ASSERT_EQ(built.status, PATRON_OK) << built.error.message();
  EXPECT_THAT(Texts(built.tiers, "tier"), ElementsAre("top", "large", "medium", "small"));
  EXPECT_THAT(Integers(built.tiers, "customers"), ElementsAre(1, 4, 15, 80));
  EXPECT_THAT(Numbers(built.tiers, "customer_share"), ElementsAre(0.01, 0.04, 0.15, 0.8));
  // 100; 96 to 99; 81 to 95; 1 to 80.
  EXPECT_THAT(Numbers(built.tiers, "value"), ElementsAre(100, 390, 1320, 3240));
  EXPECT_THAT(Numbers(built.tiers, "entry_threshold"), ElementsAre(100, 96, 81, 1));
  EXPECT_THAT(Numbers(built.tiers, "mean"), ElementsAre(100, 97.5, 88, 40.5));
  EXPECT_NEAR(Numbers(built.tiers, "value_share")[3], 3240.0 / 5050, 1e-15);
  EXPECT_EQ(Texts(built.membership, "tier")[99], "top");
  EXPECT_EQ(Numbers(built.membership, "value")[0], 1);
}

TEST(PyramidTest, TiesGoByIdWhateverTheOrderOfRows) {
  TableOf customers;
  customers.Texts("who", {"e", "c", "d", "a", "b"}).Integers("worth", std::vector<int64_t>(5, 10));
  patron_pyramid_options options;
  patron_pyramid_options_init(&options);
  options.customer = "who";
  options.value = "worth";
  const Built built(Create(PATRON_PYRAMID_CUSTOMER_SHARE, {"gold", "rest"}, {0.4, 1}),
                    customers.get(), &options);
  ASSERT_EQ(built.status, PATRON_OK) << built.error.message();
  EXPECT_THAT(Texts(built.membership, "customer_id"), ElementsAre("e", "c", "d", "a", "b"));
  EXPECT_THAT(Texts(built.membership, "tier"), ElementsAre("rest", "rest", "rest", "gold", "gold"));
}

TEST(PyramidTest, BothBoundariesOfAnAbcAnalysis) {
  Customers customers({50, 40, 6, 4});
  const std::vector<const char *> names = {"A", "B", "C"};
  const std::vector<double> cuts = {0.8, 0.95, 1};
  // Shares before: 0, 0.5, 0.9, 0.96; with: 0.5, 0.9, 0.96, 1.
  const Built before(Create(PATRON_PYRAMID_VALUE_SHARE, names, cuts), customers.get());
  EXPECT_THAT(Integers(before.tiers, "customers"), ElementsAre(2, 1, 1));
  const Built with(Create(PATRON_PYRAMID_VALUE_SHARE, names, cuts, PATRON_BOUNDARY_INCLUDING),
                   customers.get());
  EXPECT_THAT(Integers(with.tiers, "customers"), ElementsAre(1, 1, 2));
  EXPECT_EQ(
      BytesOf(patron_pyramid_serialize, Preset("abc").get()),
      BytesOf(patron_pyramid_serialize, Create(PATRON_PYRAMID_VALUE_SHARE, names, cuts).get()));
}

TEST(PyramidTest, FloorsAreInCurrencyAndMayLeaveCustomersOut) {
  TableOf customers;
  customers.Integers("customer_id", std::vector<int64_t>{1, 2, 3, 4})
      .Integers("value", std::vector<int64_t>{7, 6, 200, -3});
  patron_pyramid_options options;
  patron_pyramid_options_init(&options);
  options.decimals = 2;
  // 0.07 in binary is a little more than 7 hundredths; customer 1 still reaches it.
  const Built built(Create(PATRON_PYRAMID_VALUE_FLOOR, {"gold", "iron"}, {1, 0.07}, 0, "lead"),
                    customers.get(), &options);
  ASSERT_EQ(built.status, PATRON_OK) << built.error.message();
  EXPECT_THAT(Texts(built.tiers, "tier"), ElementsAre("gold", "iron", "lead"));
  EXPECT_THAT(Numbers(built.tiers, "value"), ElementsAre(2, 0.07, -0.03));
  EXPECT_THAT(OptionalTexts(built.membership, "tier"),
              ElementsAre("iron", std::nullopt, "gold", "lead"));
  EXPECT_THAT(Integers(built.membership, "value"), ElementsAre(7, 6, 200, -3));
}

TEST(PyramidTest, ZeithamlPutsLossesAtTheBase) {
  Customers customers({-5, 10, 20, 0});
  const Built built(Preset("zeithaml"), customers.get());
  EXPECT_THAT(Texts(built.tiers, "tier"), ElementsAre("platinum", "gold", "iron", "lead"));
  // ceil(0.05 x 4) = 1 and ceil(0.20 x 4) = 1: gold stays empty.
  EXPECT_THAT(Integers(built.tiers, "customers"), ElementsAre(1, 0, 2, 1));
  EXPECT_THAT(Optional<double>(built.tiers.get(), "entry_threshold", PATRON_TYPE_FLOAT64),
              ElementsAre(20, std::nullopt, 0, -5));
  EXPECT_THAT(Optional<double>(built.tiers.get(), "mean", PATRON_TYPE_FLOAT64),
              ElementsAre(20, std::nullopt, 5, -5));
}

TEST(PyramidTest, OnlyActiveCustomersCompete) {
  const Pyramid pyramid = Create(PATRON_PYRAMID_CUSTOMER_SHARE, {"gold", "rest"}, {0.5, 1});
  patron_pyramid_options options;
  patron_pyramid_options_init(&options);
  options.status = "status";
  TableOf text, numbers, unknown;
  const std::vector<int64_t> ids = {1, 2, 3, 4, 5};
  const std::vector<double> values = {5, 9, 7, 0, 0};
  text.Integers("customer_id", ids)
      .Numbers("value", values)
      .Texts("status", {"active", "inactive", "active", "prospect", "suspect"});
  numbers.Integers("customer_id", ids)
      .Numbers("value", values)
      .Integers("status", std::vector<int64_t>{0, 1, 0, 2, 3});
  unknown.Integers("customer_id", ids)
      .Numbers("value", values)
      .Integers("status", std::vector<int64_t>{0, 1, 4, 2, 9});
  for (TableOf *customers : {&text, &numbers}) {
    const Built built(pyramid, customers->get(), &options);
    ASSERT_EQ(built.status, PATRON_OK) << built.error.message();
    EXPECT_THAT(Texts(built.tiers, "tier"),
                ElementsAre("gold", "rest", "inactive", "prospects", "suspects"));
    EXPECT_THAT(Integers(built.tiers, "customers"), ElementsAre(1, 1, 1, 1, 1));
    EXPECT_THAT(Optional<double>(built.tiers.get(), "customer_share", PATRON_TYPE_FLOAT64),
                ElementsAre(0.5, 0.5, std::nullopt, std::nullopt, std::nullopt));
    EXPECT_THAT(Texts(built.membership, "tier"),
                ElementsAre("rest", "inactive", "gold", "prospects", "suspects"));
  }
  EXPECT_THAT(Built(pyramid, unknown.get(), &options).error.message(),
              StartsWith("status: row 2 is 4; expected active (0)"));
}

TEST(PyramidTest, NobodyMakesEmptyTiers) {
  Customers nobody({});
  const Built built(Preset("curry"), nobody.get());
  ASSERT_EQ(built.status, PATRON_OK) << built.error.message();
  EXPECT_THAT(Integers(built.tiers, "customers"), ElementsAre(0, 0, 0, 0));
  EXPECT_EQ(patron_table_rows(built.membership.get()), 0);
}

TEST(PyramidTest, PresetsTakeTheirSharesFromTheContext) {
  patron_defaults *defaults = nullptr;
  ASSERT_EQ(patron_defaults_create(&defaults, nullptr), PATRON_OK);
  ASSERT_EQ(patron_defaults_set(defaults, "pyramid.abc.a", 0.5, nullptr), PATRON_OK);
  patron_context_options with;
  patron_context_options_init(&with);
  with.defaults = defaults;
  patron_context *context = nullptr;
  ASSERT_EQ(patron_context_create(&with, &context, nullptr), PATRON_OK);
  Customers customers({50, 40, 6, 4});
  EXPECT_THAT(Integers(Built(Preset("abc", context), customers.get()).tiers, "customers"),
              ElementsAre(1, 2, 1));
  patron_context_free(context);
  patron_defaults_free(defaults);
}

TEST(PyramidTest, RefusesDefinitionsThatAreNone) {
  Error error;
  patron_pyramid *out = Untouched<patron_pyramid>();
  const auto refuse = [&](int32_t method, int32_t boundary, std::vector<const char *> names,
                          std::vector<double> cuts, const char *losses = nullptr) {
    EXPECT_EQ(patron_pyramid_create(method, boundary, names.data(), cuts.data(), names.size(),
                                    losses, &out, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(out, Untouched<patron_pyramid>());
    return error.message();
  };
  EXPECT_EQ(refuse(3, 0, {"a"}, {1}), "method: 3; expected 0 to 2");
  EXPECT_EQ(refuse(2, 2, {"a"}, {1}), "boundary: 2; expected 0 to 1");
  EXPECT_THAT(refuse(0, 1, {"a"}, {1}), StartsWith("boundary: 1; expected 0 unless"));
  EXPECT_EQ(refuse(0, 0, {}, {}), "count: 0; expected 1 to 200");
  EXPECT_EQ(refuse(0, 0, std::vector<const char *>(201, "a"), std::vector<double>(201)),
            "count: 201; expected 1 to 200");
  EXPECT_EQ(refuse(0, 0, {"a", nullptr}, {0.5, 1}), "names[1]: NULL; expected a name");
  EXPECT_EQ(refuse(0, 0, {"", "b"}, {0.5, 1}), "names[0]: empty; expected a name");
  EXPECT_EQ(refuse(0, 0, {"\xC0", "b"}, {0.5, 1}), "names[0]: '\\xc0'; expected UTF-8");
  EXPECT_THAT(refuse(0, 0, {"a", "a"}, {0.5, 1}), HasSubstr("has the name of another tier"));
  EXPECT_THAT(refuse(0, 0, {"a"}, {1}, "a"), HasSubstr("has the name of another tier"));
  EXPECT_THAT(refuse(0, 0, {"a", "b"}, {0.5, 0.9}), HasSubstr("expected 1 for the last tier"));
  EXPECT_THAT(refuse(0, 0, {"a", "b"}, {std::nan(""), 1}), HasSubstr("ends at nan"));
  EXPECT_THAT(refuse(1, 0, {"a", "b"}, {1, 2}), HasSubstr("expected one below"));
  EXPECT_EQ(refuse(0, 0, {"a"}, {1}, ""), "losses: empty; expected a name");
  const double cuts[] = {1};
  const char *const names[] = {"a"};
  EXPECT_EQ(patron_pyramid_create(0, 0, nullptr, cuts, 1, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_pyramid_create(0, 0, names, nullptr, 1, nullptr, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_pyramid_create(0, 0, names, cuts, 1, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_pyramid_preset("egypt", nullptr, &out, error.get()), PATRON_NOT_FOUND);
  EXPECT_THAT(error.message(), StartsWith("name: 'egypt'; expected 'curry'"));
}

TEST(PyramidTest, RefusesCustomersItCannotPlace) {
  const Pyramid curry = Preset("curry");
  Customers nan({1, std::nan("")});
  EXPECT_EQ(Built(curry, nan.get()).error.message(),
            "value: row 1 is nan; expected a finite number");
  TableOf twice;
  twice.Integers("customer_id", std::vector<int64_t>{1, 1})
      .Numbers("value", std::vector<double>{1, 2});
  EXPECT_EQ(Built(curry, twice.get()).error.message(),
            "customer_id: row 1 is 1 again; expected every customer once");
  TableOf empty_id;
  empty_id.Texts("customer_id", {"a", ""}).Numbers("value", std::vector<double>{1, 2});
  EXPECT_THAT(Built(curry, empty_id.get()).error.message(), StartsWith("customer_id: row 1 is "));
  Customers losses({-1, -2});
  EXPECT_EQ(Built(Preset("abc"), losses.get()).error.message(),
            "value: the total is -3; expected a positive one for tiers by share of value");
  EXPECT_EQ(Built(curry, nullptr).error.message(), "table: NULL; expected a pointer");
  EXPECT_EQ(Built(Pyramid(), losses.get()).error.message(), "pyramid: NULL; expected a pointer");
  Customers good({1});
  patron_pyramid_options options;
  patron_pyramid_options_init(&options);
  options.decimals = 10;
  EXPECT_EQ(Built(curry, good.get(), &options).error.message(), "decimals: 10; expected 0 to 9");
  patron_pyramid_options_init(&options);
  options.status = "status";
  EXPECT_THAT(Built(curry, good.get(), &options).error.message(), HasSubstr("'status' is missing"));
  options.struct_size = 0;
  EXPECT_EQ(Built(curry, good.get(), &options).status, PATRON_INVALID_ARGUMENT);
}

TEST(PyramidTest, BytesComeBackAndNothingElseLoads) {
  const Pyramid own =
      Create(PATRON_PYRAMID_VALUE_FLOOR, {"über", "rest"}, {10.5, -kInfinity}, 0, "losses");
  for (const char *name : {"curry", "abc", "zeithaml", "classes"}) {
    const Pyramid pyramid = Preset(name);
    const std::string bytes = BytesOf(patron_pyramid_serialize, pyramid.get());
    patron_pyramid *again = nullptr;
    ASSERT_EQ(patron_pyramid_deserialize(bytes.data(), bytes.size(), &again, nullptr), PATRON_OK);
    EXPECT_EQ(BytesOf(patron_pyramid_serialize, Pyramid(again).get()), bytes);
  }
  ExpectOnlyTheseBytesLoad(patron_pyramid_deserialize,
                           BytesOf(patron_pyramid_serialize, own.get()));
}

}  // namespace
}  // namespace patron::c_api_test
