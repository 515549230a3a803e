// Registers of who is who: what they say.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>
#include <optional>
#include <string>

#include "arguments.hpp"
#include "customers_register.hpp"
#include "input_table.hpp"
#include "instant.hpp"
#include "patron/c/customers_register_erase.h"
#include "patron/c/customers_register_facts.h"
#include "patron/c/customers_register_views.h"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kBy[] = {
    {"record", PATRON_BY_RECORD}, {"entity", PATRON_BY_ENTITY}, {"field", PATRON_BY_FIELD}};
constexpr Wanted kRules[] = {{"field", Role::kText}, {"rule", Role::kText}};
constexpr Wanted kCatalogue[] = {{"field", Role::kText},
                                 {"class", Role::kText},
                                 {"required", Role::kCount},
                                 {"weight", Role::kNumber},
                                 {"volatility", Role::kNumber}};
constexpr Wanted kClasses[] = {{"entity", Role::kCount}, {"class", Role::kText}};

int64_t At(py::handle at) {
  return at.is_none() ? std::numeric_limits<int64_t>::max() : Instant(at, "at");
}

uint64_t EntityId(py::handle entity) {
  const int64_t id = Integer(entity, "entity");
  return id < 0 ? 0 : static_cast<uint64_t>(id);
}

// A table that may be None.
class OptionalTable {
 public:
  OptionalTable(py::handle source, std::span<const Wanted> wanted, const char *what) {
    if (!source.is_none()) table_.emplace(source, wanted, what);
  }
  const patron_table *get() const { return table_ ? table_->get() : nullptr; }

 private:
  std::optional<InputTable> table_;
};

}  // namespace

template <typename Call>
py::object Register::Give(Call call) const {
  patron_table *out = nullptr;
  const auto hold = handle_.Lock();
  ErrorText error;
  patron_status status;
  {
    py::gil_scoped_release without_gil;
    status = call(handle_.get(), &out, &error);
  }
  Check(status, error);
  return ToPython(TablePtr(out));
}

uint64_t Register::Entity(py::handle id, py::handle at) const {
  const bool is_text = PyUnicode_Check(id.ptr()) != 0;
  const char *text = is_text ? Name(id, "record") : nullptr;
  const int64_t number = is_text ? 0 : Integer(id, "record");
  const int64_t then = At(at);
  uint64_t found = 0;
  const auto hold = handle_.Lock();
  ErrorText error;
  Check(patron_register_entity(handle_.get(), number, text, then, &found, &error), error);
  return found;
}

uint64_t Register::Resolve(py::handle entity) const {
  const uint64_t id = EntityId(entity);
  uint64_t found = 0;
  const auto hold = handle_.Lock();
  ErrorText error;
  Check(patron_register_resolve(handle_.get(), id, &found, &error), error);
  return found;
}

py::object Register::Entities(py::handle at) const {
  const int64_t then = At(at);
  return Give([&](auto *reg, auto **out, auto *error) {
    return patron_register_entities(reg, then, out, error);
  });
}

py::object Register::Records(py::handle entity) const {
  uint64_t id = 0;
  if (!entity.is_none()) {
    id = EntityId(entity);
    if (id == 0) id = std::numeric_limits<uint64_t>::max();  // 0 would be all.
  }
  return Give([&](auto *reg, auto **out, auto *error) {
    return patron_register_records(reg, id, out, error);
  });
}

py::object Register::Log() const { return Give(patron_register_log); }

py::object Register::Evidence() const { return Give(patron_register_evidence); }

py::object Register::Erasures() const { return Give(patron_register_erasures); }

py::object Register::Values(py::handle rules, py::handle at, bool losers) const {
  const OptionalTable given(rules, kRules, "rules");
  const int64_t then = At(at);
  return Give([&](auto *reg, auto **out, auto *error) {
    return patron_register_values(reg, given.get(), then, losers ? 1 : 0, out, error);
  });
}

py::object Register::Contacts(py::handle at) const {
  const int64_t then = At(at);
  return Give([&](auto *reg, auto **out, auto *error) {
    return patron_register_contacts(reg, then, out, error);
  });
}

py::object Register::Ties(bool roles, py::handle at) const {
  const int64_t then = At(at);
  return Give([&](auto *reg, auto **out, auto *error) {
    return patron_register_ties(reg, roles ? 1 : 0, then, out, error);
  });
}

py::tuple Register::Card(py::handle entity, py::handle catalogue, py::handle rules,
                         py::handle at) const {
  const uint64_t id = EntityId(entity);
  const InputTable fields(catalogue, kCatalogue, "catalogue");
  const OptionalTable given(rules, kRules, "rules");
  const int64_t then = At(at);
  auto summary = Sized<patron_card_summary>();
  py::object table = Give([&](auto *reg, auto **out, auto *error) {
    return patron_register_card(reg, id, fields.get(), given.get(), then, out, &summary, error);
  });
  return py::make_tuple(table, summary.entity, summary.completeness, summary.missing,
                        summary.unauthored);
}

py::object Register::List(py::handle classes, py::handle catalogue, py::handle rules,
                          py::handle at) const {
  const OptionalTable given_classes(classes, kClasses, "classes");
  const InputTable fields(catalogue, kCatalogue, "catalogue");
  const OptionalTable given(rules, kRules, "rules");
  const int64_t then = At(at);
  return Give([&](auto *reg, auto **out, auto *error) {
    return patron_register_list(reg, given_classes.get(), fields.get(), given.get(), then, out,
                                error);
  });
}

py::tuple Register::Completeness(py::handle catalogue, py::handle by, py::handle at) const {
  const InputTable fields(catalogue, kCatalogue, "catalogue");
  const int32_t kind = Choose(by, "by", kBy);
  const int64_t then = At(at);
  double base = 0;
  py::object table = Give([&](auto *reg, auto **out, auto *error) {
    return patron_register_completeness(reg, fields.get(), kind, then, out, &base, error);
  });
  return py::make_tuple(table, base);
}

}  // namespace patron::python
