// Registers of entities.
#include "patron/c/customers_register.h"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <utility>

#include "arguments.hpp"
#include "customers.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "instant.hpp"
#include "module.hpp"
#include "table.hpp"

namespace patron::python {

namespace {

// A note packed as (time, actor, reason); the texts live as long as the tuple.
patron_register_note NoteOf(py::handle packed) {
  Arguments next(packed);
  auto note = Sized<patron_register_note>();
  note.time = next.Time("time");
  note.actor = next.Text("actor");
  note.reason = next.Text("reason");
  return note;
}

class Register {
 public:
  explicit Register(patron_register *handle) : handle_(handle) {}

  static std::unique_ptr<Register> Make() {
    patron_register *made = nullptr;
    ErrorText error;
    Check(patron_register_create(&made, &error), error);
    return std::make_unique<Register>(made);
  }

  void Add(py::handle table, py::handle id, py::handle source, py::handle trust, py::handle time) {
    const InputTable input(table, "table");
    const char *id_name = Name(id, "id"), *source_name = Name(source, "source");
    const double trusted = Number(trust, "trust");
    const int64_t at = Instant(time, "time");
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(
        patron_register_add(handle_.get(), input.get(), id_name, source_name, trusted, at, &error),
        error);
  }

  py::tuple Merge(py::handle pairs, py::handle note, bool skip_refused) {
    const InputTable input(pairs, kPair, "pairs");
    const patron_register_note read = NoteOf(note);
    uint64_t merged = 0, refused = 0;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_register_merge(handle_.get(), input.get(), &read, skip_refused ? 1 : 0, &merged,
                                &refused, &error),
          error);
    return py::make_tuple(merged, refused);
  }

  void AssertDifferent(py::handle pairs, py::handle note) {
    const InputTable input(pairs, kPair, "pairs");
    const patron_register_note read = NoteOf(note);
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_register_assert_different(handle_.get(), input.get(), &read, &error), error);
  }

  uint64_t Split(py::handle ids, py::handle note) {
    const InputColumn column("ids", ids, Role::kId);
    const patron_register_note read = NoteOf(note);
    uint64_t entity = 0;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_register_split(handle_.get(), column.get(), &read, &entity, &error), error);
    return entity;
  }

  uint64_t Unmerge(py::handle line, py::handle note) {
    const int64_t at = Integer(line, "line");
    if (at < 0) RaiseInvalid("line: " + std::to_string(at) + "; expected 0 or more");
    const patron_register_note read = NoteOf(note);
    uint64_t entity = 0;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_register_unmerge(handle_.get(), static_cast<uint64_t>(at), &read, &entity, &error),
          error);
    return entity;
  }

  uint64_t Resolve(py::handle entity) const {
    const int64_t id = Integer(entity, "entity");
    uint64_t found = 0;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_register_resolve(handle_.get(), id < 0 ? 0 : static_cast<uint64_t>(id), &found,
                                  &error),
          error);
    return found;
  }

  py::object Entities(py::handle at) const {
    const int64_t time = at.is_none() ? std::numeric_limits<int64_t>::max() : Instant(at, "at");
    patron_table *out = nullptr;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_register_entities(handle_.get(), time, &out, &error), error);
    return ToPython(TablePtr(out));
  }

  py::object Log() const { return Give(patron_register_log); }
  py::object Values() const { return Give(patron_register_values); }

 private:
  static constexpr Wanted kPair[] = {{"left", Role::kId}, {"right", Role::kId}};

  using Giver = patron_status (*)(const patron_register *, patron_table **, patron_error *);
  py::object Give(Giver function) const {
    patron_table *out = nullptr;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(function(handle_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }

  mutable Exclusive<patron_register, patron_register_free> handle_;
};

}  // namespace

void DefineRegister(py::module_ &m) {
  using py::arg;
  DefineClass<Register>(m, "Register")
      .def_static("make", &Register::Make)
      .def("add", &Register::Add, arg("table"), arg("id"), arg("source"), arg("trust"), arg("time"))
      .def("merge", &Register::Merge, arg("pairs"), arg("note"), arg("skip_refused"))
      .def("assert_different", &Register::AssertDifferent, arg("pairs"), arg("note"))
      .def("split", &Register::Split, arg("ids"), arg("note"))
      .def("unmerge", &Register::Unmerge, arg("line"), arg("note"))
      .def("resolve", &Register::Resolve, arg("entity"))
      .def("entities", &Register::Entities, arg("at"))
      .def("log", &Register::Log)
      .def("values", &Register::Values);
}

}  // namespace patron::python
