// Indexes of linked records and generated people through the C interface.
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "c_api/tables.hpp"
#include "patron/c/customers_index.h"
#include "patron/c/customers_people.h"

namespace patron::c_api_test {
namespace {

struct Free {
  void operator()(patron_linker *p) const { patron_linker_free(p); }
  void operator()(patron_link_index *p) const { patron_link_index_free(p); }
  void operator()(patron_link_change *p) const { patron_link_change_free(p); }
};
template <typename T>
using Own = std::unique_ptr<T, Free>;

class CustomersIndexTest : public ::testing::Test {
 protected:
  CustomersIndexTest() {
    fields_[0] = {sizeof fields_[0], PATRON_MISSING_NULL, "name", levels_, 2, 0, 0};
    fields_[1] = {sizeof fields_[1], PATRON_MISSING_NULL, "city", levels_, 1, 0, 0};
    rule_ = {sizeof rule_, 0, parts_, 1};
    patron_linker_options options;
    patron_linker_options_init(&options);
    options.fields = fields_;
    options.field_count = 2;
    options.blocks = &rule_;
    options.block_count = 1;
    patron_linker *made = nullptr;
    EXPECT_EQ(patron_linker_create(&options, &made, nullptr), PATRON_OK);
    linker_.reset(made);
    people_.Integers("id", std::vector<int64_t>{10, 20, 30, 40})
        .Texts("name", {"Ann Lee", "Anne Lee", "Bob Ray", "Cy"})
        .Texts("city", {"Bath", "Bath", "Bath", "York"});
    EXPECT_EQ(patron_linker_fit(made, people_.get(), nullptr, nullptr, nullptr), PATRON_OK);
  }

  Own<patron_link_index> Make() {
    patron_link_index_options options;
    patron_link_index_options_init(&options);
    patron_link_index *made = nullptr;
    EXPECT_EQ(patron_link_index_create(linker_.get(), people_.get(), &options, &made, error_.get()),
              PATRON_OK)
        << error_.message();
    return Own<patron_link_index>(made);
  }

  const char *levels_[2] = {"exact", "jaro_winkler >= 0.9"};
  const char *parts_[1] = {"city"};
  patron_link_field fields_[2];
  patron_link_rule rule_;
  Own<patron_linker> linker_;
  TableOf people_;
  Error error_;
};

TEST_F(CustomersIndexTest, RecordsComeAndGo) {
  const auto index = Make();
  TableOf together;
  together.Integers("left", std::vector<int64_t>{10}).Integers("right", std::vector<int64_t>{20});
  patron_link_change *told = nullptr;
  ASSERT_EQ(patron_link_index_pair(index.get(), together.get(), PATRON_PAIR_KEEP_TOGETHER, &told,
                                   error_.get()),
            PATRON_OK)
      << error_.message();
  Own<patron_link_change> change(told);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_link_change_table(change.get(), PATRON_CHANGE_TOUCHED, &out, error_.get()),
            PATRON_OK);
  const Table touched(out);
  EXPECT_EQ(Integers(touched, "id"), (std::vector<int64_t>{10, 20}));
  EXPECT_EQ(Integers(touched, "entity"), (std::vector<int64_t>{1, 1}));
  EXPECT_EQ(Integers(touched, "size"), (std::vector<int64_t>{2, 2}));

  TableOf more;
  more.Integers("id", std::vector<int64_t>{50}).Texts("name", {"Di"}).Texts("city", {"Rome"});
  ASSERT_EQ(patron_link_index_add(index.get(), more.get(), &told, error_.get()), PATRON_OK);
  change.reset(told);
  uint64_t size = 0, entity = 0;
  EXPECT_EQ(patron_link_index_size(index.get(), &size, error_.get()), PATRON_OK);
  EXPECT_EQ(size, 5U);
  ASSERT_EQ(patron_link_index_entities(index.get(), &out, error_.get()), PATRON_OK);
  const Table entities(out);
  EXPECT_EQ(Integers(entities, "id"), (std::vector<int64_t>{10, 20, 30, 40, 50}));
  EXPECT_EQ(Integers(entities, "entity"), (std::vector<int64_t>{1, 1, 3, 4, 5}));
  EXPECT_EQ(patron_link_index_resolve(index.get(), 2, &entity, error_.get()), PATRON_OK);
  EXPECT_EQ(entity, 1U);
  EXPECT_EQ(patron_link_index_entity(index.get(), more.column(0), &entity, error_.get()),
            PATRON_OK);
  EXPECT_EQ(entity, 5U);
  ASSERT_EQ(patron_link_index_remove(index.get(), more.column(0), &told, error_.get()), PATRON_OK);
  change.reset(told);
  EXPECT_EQ(patron_link_index_resolve(index.get(), 5, &entity, error_.get()), PATRON_OK);
  EXPECT_EQ(entity, 0U);
}

TEST_F(CustomersIndexTest, AnIdThatIsGoneMayComeAgain) {
  const auto index = Make();
  TableOf bob;
  bob.Integers("id", std::vector<int64_t>{30}).Texts("name", {"Bob Ray"}).Texts("city", {"Bath"});
  patron_link_change *told = nullptr;
  ASSERT_EQ(patron_link_index_remove(index.get(), bob.column(0), &told, error_.get()), PATRON_OK);
  Own<patron_link_change> change(told);
  EXPECT_EQ(patron_link_index_remove(index.get(), bob.column(0), &told, error_.get()),
            PATRON_NOT_FOUND);
  EXPECT_EQ(error_.message(), "id: row 0 is 30; no record has this id");
  // What fails takes its ids back: none of these rows is there afterwards.
  TableOf twice;
  twice.Integers("id", std::vector<int64_t>{30, 60, 30})
      .Texts("name", {"Bob", "Eve", "Bob"})
      .Texts("city", {"Bath", "Rome", "Bath"});
  EXPECT_EQ(patron_link_index_add(index.get(), twice.get(), &told, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "id: row 2 is 30 again; expected each id once");
  ASSERT_EQ(patron_link_index_add(index.get(), bob.get(), &told, error_.get()), PATRON_OK);
  change.reset(told);
  patron_table *out = nullptr;
  ASSERT_EQ(patron_link_index_entities(index.get(), &out, error_.get()), PATRON_OK);
  const Table entities(out);
  EXPECT_EQ(Integers(entities, "id"), (std::vector<int64_t>{10, 20, 40, 30}));
  EXPECT_EQ(Integers(entities, "entity"), (std::vector<int64_t>{1, 2, 4, 5}));
}

TEST_F(CustomersIndexTest, WrongArgumentsAreNamed) {
  const auto index = Make();
  auto *untold = Untouched<patron_link_change>();
  patron_link_change *told = untold;
  EXPECT_EQ(patron_link_index_add(index.get(), people_.get(), &told, error_.get()),
            PATRON_ALREADY_EXISTS);
  EXPECT_EQ(error_.message(), "id: row 0 is 10; the index has this id");
  TableOf two;
  two.Integers("left", std::vector<int64_t>{10, 20})
      .Integers("right", std::vector<int64_t>{30, 40});
  EXPECT_EQ(patron_link_index_pair(index.get(), two.get(), PATRON_PAIR_UNLINK, &told, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "pair: 2 rows; expected one");
  EXPECT_EQ(patron_link_index_pair(index.get(), two.get(), 3, &told, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "what: 3; expected 0 to 2");
  EXPECT_EQ(patron_link_index_remove(index.get(), people_.column(0), &told, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "id: 4 rows; expected one");
  EXPECT_EQ(told, untold);
  patron_link_index_options options;
  patron_link_index_options_init(&options);
  const patron_link_hub hub = {sizeof hub, 2, "phone"};
  options.hubs = &hub;
  options.hub_count = 1;
  patron_link_index *none = Untouched<patron_link_index>();
  EXPECT_EQ(patron_link_index_create(linker_.get(), people_.get(), &options, &none, error_.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error_.message(), "hubs[0].field: 'phone'; expected a field of the linker");
  EXPECT_EQ(none, Untouched<patron_link_index>());
}

TEST(CustomersPeopleTest, TheTruthStandsBesideTheRecords) {
  patron_people_options options;
  patron_people_options_init(&options);
  options.people = 20;
  Error error;
  patron_table *out = nullptr;
  ASSERT_EQ(patron_customers_generate_people(&options, &out, error.get()), PATRON_OK);
  const Table people(out);
  EXPECT_EQ(NamesOf(people),
            (std::vector<std::string>{"id", "name", "phone", "birth", "address", "entity",
                                      "household", "homophone", "variant", "romanised", "reversed",
                                      "typo", "damaged", "new_phone", "shared_phone", "phone_form",
                                      "new_address", "address_form", "birth_error"}));
  EXPECT_GE(patron_table_rows(people.get()), 20);
  options.reserved = 1;
  out = Untouched<patron_table>();
  EXPECT_EQ(patron_customers_generate_people(&options, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_table>());
}

}  // namespace
}  // namespace patron::c_api_test
