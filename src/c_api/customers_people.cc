// Generated people.
#include "patron/c/customers_people.h"

#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/people.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace {

absl::StatusOr<arrow::Table> PeopleTable(customers::People people) {
  const size_t rows = people.person.size();
  std::vector<int64_t> ids(rows);
  std::iota(ids.begin(), ids.end(), int64_t{1});
  arrow::TableBuilder builder;
  builder.AddInt64("id", std::move(ids));
  const auto text = [&](const char *name, const std::vector<std::string> &cells) {
    std::vector<uint8_t> valid(rows);
    for (size_t i = 0; i < rows; ++i) valid[i] = cells[i].empty() ? 0 : 1;
    builder.AddText(name, std::span<const std::string>(cells), valid);
  };
  text("name", people.name);
  text("phone", people.phone);
  text("birth", people.birth);
  text("address", people.address);
  builder.AddInt64("entity", std::move(people.person));
  builder.AddInt64("household", std::move(people.household));
  std::vector<uint8_t> flags(rows);
  for (size_t bit = 0; bit < customers::kPersonErrorNames.size(); ++bit) {
    for (size_t i = 0; i < rows; ++i) flags[i] = (people.errors[i] >> bit & 1) != 0 ? 1 : 0;
    builder.AddBool(customers::kPersonErrorNames[bit], flags);
  }
  return builder.Finish();
}

}  // namespace

extern "C" void patron_people_options_init(patron_people_options *options) {
  const customers::PeopleOptions standard;
  *options = {};
  options->struct_size = sizeof *options;
  options->people = standard.people;
  options->seed = standard.seed;
  options->repeat = standard.repeat;
  options->household = standard.household;
  options->shared_phone = standard.shared_phone;
  options->homophone = standard.homophone;
  options->variant = standard.variant;
  options->romanised = standard.romanised;
  options->reversed = standard.reversed;
  options->typo = standard.typo;
  options->damaged = standard.damaged;
  options->new_phone = standard.new_phone;
  options->phone_form = standard.phone_form;
  options->new_address = standard.new_address;
  options->address_form = standard.address_form;
  options->birth_error = standard.birth_error;
  options->missing = standard.missing;
}

extern "C" patron_status patron_customers_generate_people(const patron_people_options *options,
                                                          patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_people_options full;
    patron_people_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    const customers::PeopleOptions asked = {.people = full.people,
                                            .seed = full.seed,
                                            .repeat = full.repeat,
                                            .household = full.household,
                                            .shared_phone = full.shared_phone,
                                            .homophone = full.homophone,
                                            .variant = full.variant,
                                            .romanised = full.romanised,
                                            .reversed = full.reversed,
                                            .typo = full.typo,
                                            .damaged = full.damaged,
                                            .new_phone = full.new_phone,
                                            .phone_form = full.phone_form,
                                            .new_address = full.new_address,
                                            .address_form = full.address_form,
                                            .birth_error = full.birth_error,
                                            .missing = full.missing};
    PATRON_ASSIGN_OR_RETURN(auto people,
                            customers::GeneratePeople(asked, c_api::ToExecution(full.context)));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, PeopleTable(std::move(people)));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
