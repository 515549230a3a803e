// Registers of who is who: how they are made and changed.
#include "customers_register.hpp"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "customers.hpp"
#include "input_table.hpp"
#include "instant.hpp"
#include "module.hpp"
#include "patron/c/customers_register_erase.h"
#include "patron/c/customers_register_facts.h"
#include "patron/c/customers_register_views.h"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Wanted kPair[] = {{"left", Role::kId}, {"right", Role::kId}};
constexpr Choice kEntityKinds[] = {{"person", PATRON_ENTITY_PERSON},
                                   {"organisation", PATRON_ENTITY_ORGANISATION},
                                   {"household", PATRON_ENTITY_HOUSEHOLD},
                                   {"internal_unit", PATRON_ENTITY_INTERNAL_UNIT}};
constexpr Choice kErased[] = {{"refuse", PATRON_ERASED_REFUSE}, {"skip", PATRON_ERASED_SKIP}};

// A note packed as (time, actor, reason); the texts live as long as the tuple.
patron_register_note NoteOf(py::handle packed) {
  Arguments next(packed);
  auto note = Sized<patron_register_note>();
  note.time = next.Time("time");
  note.actor = next.Text("actor");
  note.reason = next.Text("reason");
  return note;
}

// Packed as (id, source, captured_by, method, purpose, trust, confidence, verified, time, source_key,
// captured_at, valid_from, valid_to, erased, kind).
patron_record_source SourceOf(py::handle packed) {
  Arguments next(packed);
  patron_record_source source;
  patron_record_source_init(&source);
  source.id = next.Text("id");
  source.source = next.Text("source");
  source.captured_by = next.Text("captured_by");
  source.method = next.Text("method");
  source.purpose = next.Text("purpose");
  source.trust = next.Real("trust");
  source.confidence = next.Real("confidence");
  source.verified = next.Int32("verified");
  source.time = next.Time("time");
  source.source_key = next.Text("source_key");
  source.captured_at = next.Text("captured_at");
  source.valid_from = next.Text("valid_from");
  source.valid_to = next.Text("valid_to");
  source.erased = next.Word("erased", kErased);
  source.kind = next.Word("kind", kEntityKinds);
  return source;
}

uint64_t Natural(py::handle value, const char *option) {
  const int64_t number = Integer(value, option);
  if (number < 0) {
    RaiseInvalid(std::string(option) + ": " + std::to_string(number) + "; expected 0 or more");
  }
  return static_cast<uint64_t>(number);
}

}  // namespace

template <typename Call>
void Register::Do(Call call) const {
  const auto hold = handle_.Lock();
  ErrorText error;
  patron_status status;
  {
    py::gil_scoped_release without_gil;
    status = call(handle_.get(), &error);
  }
  Check(status, error);
}

std::unique_ptr<Register> Register::Make() {
  patron_register *made = nullptr;
  ErrorText error;
  Check(patron_register_create(&made, &error), error);
  return std::make_unique<Register>(made);
}

std::unique_ptr<Register> Register::Open(py::handle path) {
  const char *name = Name(path, "path");
  patron_register *made = nullptr;
  ErrorText error;
  patron_status status;
  {
    py::gil_scoped_release without_gil;
    status = patron_register_open(name, &made, &error);
  }
  Check(status, error);
  return std::make_unique<Register>(made);
}

std::unique_ptr<Register> Register::FromBytes(py::handle bytes) {
  return std::make_unique<Register>(Deserialized(bytes, patron_register_deserialize));
}

py::bytes Register::ToBytes() const {
  const auto hold = handle_.Lock();
  return Serialized<patron_register>(handle_.get(), patron_register_serialize);
}

py::tuple Register::Size() const {
  auto size = Sized<patron_register_size>();
  const auto hold = handle_.Lock();
  ErrorText error;
  Check(patron_register_get_size(handle_.get(), &size, &error), error);
  return py::make_tuple(size.records, size.entities, size.lines, size.contacts, size.ties,
                        size.erasures);
}

uint64_t Register::Add(py::handle table, py::handle source) {
  const InputTable input(table, "table");
  const patron_record_source read = SourceOf(source);
  uint64_t added = 0;
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_add(reg, input.get(), &read, &added, error);
  });
  return added;
}

py::tuple Register::Merge(py::handle pairs, py::handle note, bool skip_refused) {
  const InputTable input(pairs, "pairs");
  const patron_register_note read = NoteOf(note);
  uint64_t merged = 0, refused = 0;
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_merge(reg, input.get(), &read, skip_refused ? 1 : 0, &merged, &refused,
                                 error);
  });
  return py::make_tuple(merged, refused);
}

void Register::AssertDifferent(py::handle pairs, py::handle note) {
  const InputTable input(pairs, kPair, "pairs");
  const patron_register_note read = NoteOf(note);
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_assert_different(reg, input.get(), &read, error);
  });
}

uint64_t Register::Split(py::handle ids, py::handle note) {
  const InputColumn column("ids", ids, Role::kId);
  const patron_register_note read = NoteOf(note);
  uint64_t entity = 0;
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_split(reg, column.get(), &read, &entity, error);
  });
  return entity;
}

uint64_t Register::Unmerge(py::handle line, py::handle note) {
  const uint64_t at = Natural(line, "line");
  const patron_register_note read = NoteOf(note);
  uint64_t entity = 0;
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_unmerge(reg, at, &read, &entity, error);
  });
  return entity;
}

void Register::AddContacts(py::handle table, py::handle region, py::handle note) {
  const InputTable input(table,
                         {{"record", Role::kId},
                          {"type", Role::kText},
                          {"value", Role::kText},
                          {"label", Role::kText},
                          {"preference", Role::kCount},
                          {"verified_at", Role::kTime},
                          {"bounced", Role::kCount},
                          {"shared", Role::kCount},
                          {"valid_from", Role::kTime},
                          {"valid_to", Role::kTime}},
                         "contacts");
  const char *of = Name(region, "region");
  const patron_register_note read = NoteOf(note);
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_add_contacts(reg, input.get(), of, &read, error);
  });
}

void Register::AddTies(py::handle table, py::handle note) {
  const InputTable input(table,
                         {{"from", Role::kId},
                          {"to", Role::kId},
                          {"type", Role::kText},
                          {"valid_from", Role::kTime},
                          {"valid_to", Role::kTime}},
                         "ties");
  const patron_register_note read = NoteOf(note);
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_add_ties(reg, input.get(), &read, error);
  });
}

void Register::End(bool tie, py::handle number, py::handle valid_to, py::handle note) {
  const uint64_t of = Natural(number, "number");
  const int64_t until = Instant(valid_to, "valid_to");
  const patron_register_note read = NoteOf(note);
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_end(reg, tie ? PATRON_FACT_TIE : PATRON_FACT_CONTACT, of, until, &read,
                               error);
  });
}

void Register::SetKey(py::handle key, py::handle region) {
  Py_buffer view;
  if (PyObject_GetBuffer(key.ptr(), &view, PyBUF_SIMPLE) != 0) throw py::error_already_set();
  const std::unique_ptr<Py_buffer, void (*)(Py_buffer *)> release(&view, PyBuffer_Release);
  const char *of = Name(region, "region");
  const auto hold = handle_.Lock();
  ErrorText error;
  Check(patron_register_set_key(handle_.get(), view.buf, static_cast<size_t>(view.len), of, &error),
        error);
}

void Register::Erase(py::handle ids, py::handle identifiers, py::handle held,
                     py::handle hold_purpose, py::handle note) {
  const InputColumn column("records", ids, Role::kId);
  const InputTable fields(identifiers, {{"field", Role::kText}, {"kind", Role::kText}},
                          "identifiers");
  const InputTable kept(held, {{"field", Role::kText}}, "legal_hold");
  const char *purpose = Name(hold_purpose, "purpose");
  const patron_register_note read = NoteOf(note);
  Do([&](patron_register *reg, patron_error *error) {
    return patron_register_erase(reg, column.get(), fields.rows() > 0 ? fields.get() : nullptr,
                                 kept.rows() > 0 ? kept.get() : nullptr, purpose, &read, error);
  });
}

void DefineRegister(py::module_ &m) {
  using py::arg;
  DefineClass<Register>(m, "Register")
      .def_static("make", &Register::Make)
      .def_static("open", &Register::Open, arg("path"))
      .def_static("from_bytes", &Register::FromBytes, arg("data"))
      .def("to_bytes", &Register::ToBytes)
      .def("size", &Register::Size)
      .def("add", &Register::Add, arg("table"), arg("source"))
      .def("merge", &Register::Merge, arg("pairs"), arg("note"), arg("skip_refused"))
      .def("assert_different", &Register::AssertDifferent, arg("pairs"), arg("note"))
      .def("split", &Register::Split, arg("ids"), arg("note"))
      .def("unmerge", &Register::Unmerge, arg("line"), arg("note"))
      .def("add_contacts", &Register::AddContacts, arg("table"), arg("region"), arg("note"))
      .def("add_ties", &Register::AddTies, arg("table"), arg("note"))
      .def("end", &Register::End, arg("tie"), arg("number"), arg("valid_to"), arg("note"))
      .def("set_key", &Register::SetKey, arg("key"), arg("region"))
      .def("erase", &Register::Erase, arg("ids"), arg("identifiers"), arg("held"),
           arg("hold_purpose"), arg("note"))
      .def("erasures", &Register::Erasures)
      .def("entity", &Register::Entity, arg("id"), arg("at"))
      .def("resolve", &Register::Resolve, arg("entity"))
      .def("entities", &Register::Entities, arg("at"))
      .def("records", &Register::Records, arg("entity"))
      .def("log", &Register::Log)
      .def("evidence", &Register::Evidence)
      .def("values", &Register::Values, arg("rules"), arg("at"), arg("losers"))
      .def("contacts", &Register::Contacts, arg("at"))
      .def("ties", &Register::Ties, arg("roles"), arg("at"))
      .def("card", &Register::Card, arg("entity"), arg("catalogue"), arg("rules"), arg("at"))
      .def("list", &Register::List, arg("classes"), arg("catalogue"), arg("rules"), arg("at"))
      .def("completeness", &Register::Completeness, arg("catalogue"), arg("by"), arg("at"));
  m.def(
      "field_catalogue",
      [](py::handle trade) {
        const char *name = Name(trade, "trade");
        patron_table *out = nullptr;
        ErrorText error;
        Check(patron_field_catalogue(name, &out, &error), error);
        return ToPython(TablePtr(out));
      },
      arg("trade"));
}

}  // namespace patron::python
