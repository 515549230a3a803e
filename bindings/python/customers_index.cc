// Linked records in memory.
#include <pybind11/pybind11.h>

#include <memory>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "customers.hpp"
#include "customers_records.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kPairWords[] = {{"unlink", PATRON_PAIR_UNLINK},
                                 {"keep_together", PATRON_PAIR_KEEP_TOGETHER},
                                 {"keep_apart", PATRON_PAIR_KEEP_APART}};

struct FreeChange {
  void operator()(patron_link_change *change) const { patron_link_change_free(change); }
};

py::tuple Tables(patron_link_change *change) {
  const std::unique_ptr<patron_link_change, FreeChange> own(change);
  py::tuple tables(5);
  for (int32_t which = 0; which <= PATRON_CHANGE_REFUSALS; ++which) {
    patron_table *table = nullptr;
    ErrorText error;
    Check(patron_link_change_table(own.get(), which, &table, &error), error);
    tables[static_cast<size_t>(which)] = ToPython(TablePtr(table));
  }
  return tables;
}

}  // namespace

py::tuple LinkIndex::Add(py::handle table, py::handle columns) {
  const Records records(table, columns, "table");
  patron_link_change *change = nullptr;
  {
    ErrorText error;
    const auto hold = handle_.Lock();
    Check(patron_link_index_add(handle_.get(), records.get(), &change, &error), error);
  }
  return Tables(change);
}

py::tuple LinkIndex::Remove(py::handle id) {
  const InputColumn column("id", id, Role::kId);
  patron_link_change *change = nullptr;
  {
    ErrorText error;
    const auto hold = handle_.Lock();
    Check(patron_link_index_remove(handle_.get(), column.get(), &change, &error), error);
  }
  return Tables(change);
}

py::tuple LinkIndex::Pair(py::handle pair, py::handle what) {
  const InputTable input(pair, {{"left", Role::kId}, {"right", Role::kId}}, "pair");
  const int32_t word = Choose(what, "what", kPairWords);
  patron_link_change *change = nullptr;
  {
    ErrorText error;
    const auto hold = handle_.Lock();
    Check(patron_link_index_pair(handle_.get(), input.get(), word, &change, &error), error);
  }
  return Tables(change);
}

py::object LinkIndex::Entities() const {
  patron_table *out = nullptr;
  ErrorText error;
  const auto hold = handle_.Lock();
  Check(patron_link_index_entities(handle_.get(), &out, &error), error);
  return ToPython(TablePtr(out));
}

uint64_t LinkIndex::Entity(py::handle id) const {
  const InputColumn column("id", id, Role::kId);
  uint64_t entity = 0;
  ErrorText error;
  const auto hold = handle_.Lock();
  Check(patron_link_index_entity(handle_.get(), column.get(), &entity, &error), error);
  return entity;
}

uint64_t LinkIndex::Resolve(py::handle entity) const {
  const int64_t id = Integer(entity, "entity");
  if (id < 0) RaiseInvalid("entity: " + std::to_string(id) + "; expected 1 or more");
  uint64_t now = 0;
  ErrorText error;
  const auto hold = handle_.Lock();
  Check(patron_link_index_resolve(handle_.get(), static_cast<uint64_t>(id), &now, &error), error);
  return now;
}

uint64_t LinkIndex::Size() const {
  uint64_t size = 0;
  ErrorText error;
  const auto hold = handle_.Lock();
  Check(patron_link_index_size(handle_.get(), &size, &error), error);
  return size;
}

py::object LinkIndex::Hubs() const {
  patron_table *out = nullptr;
  ErrorText error;
  const auto hold = handle_.Lock();
  Check(patron_link_index_hubs(handle_.get(), &out, &error), error);
  return ToPython(TablePtr(out));
}

py::object LinkIndex::Explain(py::handle pairs) const {
  const InputTable wanted(pairs, {{"left", Role::kId}, {"right", Role::kId}}, "pairs");
  patron_table *out = nullptr;
  ErrorText error;
  const auto hold = handle_.Lock();
  Check(patron_link_index_explain(handle_.get(), wanted.get(), &out, &error), error);
  return ToPython(TablePtr(out));
}

void DefineLinkIndex(py::module_ &m) {
  using py::arg;
  DefineClass<LinkIndex>(m, "LinkIndex")
      .def("add", &LinkIndex::Add, arg("table"), arg("columns"))
      .def("remove", &LinkIndex::Remove, arg("record"))
      .def("pair", &LinkIndex::Pair, arg("pair"), arg("what"))
      .def("entities", &LinkIndex::Entities)
      .def("entity", &LinkIndex::Entity, arg("record"))
      .def("resolve", &LinkIndex::Resolve, arg("entity"))
      .def("size", &LinkIndex::Size)
      .def("hubs", &LinkIndex::Hubs)
      .def("explain", &LinkIndex::Explain, arg("pairs"));
}

}  // namespace patron::python
