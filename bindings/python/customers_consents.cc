// patron._core.Consents and patron._core.AccessLog.
#include "patron/c/customers_consents.h"

#include <pybind11/pybind11.h>

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "arguments.hpp"
#include "customers.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "instant.hpp"
#include "module.hpp"
#include "patron/c/customers_access.h"
#include "patron/c/customers_requests.h"
#include "table.hpp"

namespace patron::python {

namespace {

// A person's id: an integer or a text, which must outlive it.
struct Subject {
  int64_t integer = 0;
  const char *name = nullptr;

  Subject(py::handle id, const char *option) {
    if (py::isinstance<py::str>(id)) {
      name = Name(id, option);
    } else {
      integer = Integer(id, option);
    }
  }
};

// Ids of persons; None for all.
std::optional<InputColumn> SubjectsOf(py::handle ids) {
  if (ids.is_none()) return std::nullopt;
  return std::optional<InputColumn>(std::in_place, "subjects", ids, Role::kId);
}

constexpr Wanted kPurposeColumns[] = {{"name", Role::kText},           {"text", Role::kText},
                                      {"bases", Role::kText},          {"fields", Role::kText},
                                      {"sensitive", Role::kText},      {"channels", Role::kText},
                                      {"retention_days", Role::kCount}};

class Consents {
 public:
  explicit Consents(patron_consents *handle) : handle_(handle) {}

  static std::unique_ptr<Consents> Create(py::handle purposes) {
    const InputTable input(purposes, kPurposeColumns, "purposes");
    patron_consents *made = nullptr;
    ErrorText error;
    Check(patron_consents_create(input.get(), &made, &error), error);
    return std::make_unique<Consents>(made);
  }

  static std::unique_ptr<Consents> FromBytes(py::handle bytes) {
    return std::make_unique<Consents>(Deserialized(bytes, patron_consents_deserialize));
  }
  py::bytes ToBytes() const {
    const auto hold = handle_.Lock();
    return Serialized<patron_consents>(handle_.get(), patron_consents_serialize);
  }

  void AddPurposes(py::handle purposes) {
    const InputTable input(purposes, kPurposeColumns, "purposes");
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_consents_add_purposes(handle_.get(), input.get(), &error), error);
  }

  py::tuple Record(py::handle table) {
    const InputTable input(table,
                           {{"subject", Role::kId},
                            {"purpose", Role::kText},
                            {"status", Role::kText},
                            {"time", Role::kTime},
                            {"basis", Role::kText},
                            {"fields", Role::kText},
                            {"channels", Role::kText},
                            {"sensitive", Role::kCount},
                            {"expires_at", Role::kTime},
                            {"withdrawn_at", Role::kTime},
                            {"text_version", Role::kText},
                            {"evidence", Role::kText},
                            {"minor", Role::kCount},
                            {"guardian", Role::kText}},
                           "facts");
    auto report = Sized<patron_consent_report>();
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_consents_record(handle_.get(), input.get(), &report, &error), error);
    return py::make_tuple(report.recorded, report.duplicates);
  }

  py::tuple May(py::handle subject, py::handle purpose, py::handle field, py::handle channel,
                py::handle time) const {
    const Subject who(subject, "subject");
    const char *purpose_name = Name(purpose, "purpose"), *field_name = Name(field, "field"),
               *channel_name = Name(channel, "channel");
    const int64_t at = Instant(time, "time");
    auto found = Sized<patron_permission>();
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_consents_may(handle_.get(), who.integer, who.name, purpose_name, field_name,
                              channel_name, at, &found, &error),
          error);
    return py::make_tuple(found.allowed != 0, patron_consent_reason_name(found.reason), found.basis,
                          found.line, found.since, found.until);
  }

  py::object MayAll(py::handle questions, py::handle time) const {
    const InputTable input(questions,
                           {{"subject", Role::kId},
                            {"purpose", Role::kText},
                            {"field", Role::kText},
                            {"channel", Role::kText},
                            {"time", Role::kTime}},
                           "questions");
    const int64_t at = Instant(time, "time");
    patron_table *out = nullptr;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_consents_may_all(handle_.get(), input.get(), at, &out, &error), error);
    return ToPython(TablePtr(out));
  }

  py::object Facts(py::handle subjects) const {
    const auto wanted = SubjectsOf(subjects);
    patron_table *out = nullptr;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_consents_facts(handle_.get(), wanted ? wanted->get() : nullptr, &out, &error),
          error);
    return ToPython(TablePtr(out));
  }

  py::object Purposes() const {
    patron_table *out = nullptr;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_consents_purposes(handle_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }

  py::object RetentionDue(py::handle items, py::handle as_of) const {
    const InputTable input(items,
                           {{"subject", Role::kId},
                            {"purpose", Role::kText},
                            {"since", Role::kTime},
                            {"hold", Role::kText}},
                           "items");
    const int64_t at = Instant(as_of, "as_of");
    patron_table *out = nullptr;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_retention_due(handle_.get(), input.get(), at, &out, &error), error);
    return ToPython(TablePtr(out));
  }

  uint64_t Erase(py::handle subjects) {
    const InputColumn gone("subjects", subjects, Role::kId);
    uint64_t facts = 0;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_consents_erase(handle_.get(), gone.get(), &facts, &error), error);
    return facts;
  }

  py::tuple Size() const {
    uint64_t facts = 0, subjects = 0;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_consents_get_size(handle_.get(), &facts, &subjects, &error), error);
    return py::make_tuple(facts, subjects);
  }

 private:
  mutable Exclusive<patron_consents, patron_consents_free> handle_;
};

class AccessLog {
 public:
  explicit AccessLog(patron_access_log *handle) : handle_(handle) {}

  static std::unique_ptr<AccessLog> Make() {
    patron_access_log *made = nullptr;
    ErrorText error;
    Check(patron_access_log_create(&made, &error), error);
    return std::make_unique<AccessLog>(made);
  }

  static std::unique_ptr<AccessLog> Restore(py::handle table) {
    const InputTable input(table,
                           {{"line", Role::kCount},
                            {"time", Role::kTime},
                            {"actor", Role::kText},
                            {"subject", Role::kId},
                            {"purpose", Role::kText},
                            {"allowed", Role::kCount},
                            {"fields", Role::kText},
                            {"recipient", Role::kText},
                            {"note", Role::kText},
                            {"hash", Role::kText}},
                           "table");
    patron_access_log *made = nullptr;
    ErrorText error;
    Check(patron_access_log_restore(input.get(), &made, &error), error);
    return std::make_unique<AccessLog>(made);
  }

  static std::unique_ptr<AccessLog> FromBytes(py::handle bytes) {
    return std::make_unique<AccessLog>(Deserialized(bytes, patron_access_log_deserialize));
  }
  py::bytes ToBytes() const {
    const auto hold = handle_.Lock();
    return Serialized<patron_access_log>(handle_.get(), patron_access_log_serialize);
  }

  void Append(py::handle table) {
    const InputTable input(table,
                           {{"time", Role::kTime},
                            {"actor", Role::kText},
                            {"subject", Role::kId},
                            {"purpose", Role::kText},
                            {"allowed", Role::kCount},
                            {"fields", Role::kText},
                            {"recipient", Role::kText},
                            {"note", Role::kText}},
                           "accesses");
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_access_log_append(handle_.get(), input.get(), &error), error);
  }

  // The head as (lines, hash).
  py::tuple Head() const {
    auto head = Sized<patron_access_head>();
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_access_log_head(handle_.get(), &head, &error), error);
    return py::make_tuple(head.lines,
                          py::bytes(reinterpret_cast<const char *>(head.hash), sizeof head.hash));
  }

  py::tuple Verify(py::handle lines, py::handle hash) const {
    auto head = Sized<patron_access_head>();
    const bool noted = !lines.is_none();
    if (noted) {
      const int64_t count = Integer(lines, "head");
      const std::string bytes = py::cast<std::string>(py::cast<py::bytes>(hash));
      if (count < 0 || bytes.size() != sizeof head.hash) {
        RaiseInvalid("head: not a head; expected what the property head gave");
      }
      head.lines = static_cast<uint64_t>(count);
      for (size_t i = 0; i < bytes.size(); ++i) head.hash[i] = static_cast<uint8_t>(bytes[i]);
    }
    auto found = Sized<patron_access_verdict>();
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_access_log_verify(handle_.get(), noted ? &head : nullptr, &found, &error), error);
    return py::make_tuple(found.fault, found.line);
  }

  py::object Lines(py::handle subjects) const {
    const auto wanted = SubjectsOf(subjects);
    patron_table *out = nullptr;
    const auto hold = handle_.Lock();
    ErrorText error;
    Check(patron_access_log_lines(handle_.get(), wanted ? wanted->get() : nullptr, &out, &error),
          error);
    return ToPython(TablePtr(out));
  }

 private:
  mutable Exclusive<patron_access_log, patron_access_log_free> handle_;
};

}  // namespace

void DefineConsents(py::module_ &m) {
  using py::arg;
  DefineClass<Consents>(m, "Consents")
      .def_static("create", &Consents::Create, arg("purposes"))
      .def_static("from_bytes", &Consents::FromBytes, arg("data"))
      .def("to_bytes", &Consents::ToBytes)
      .def("add_purposes", &Consents::AddPurposes, arg("purposes"))
      .def("record", &Consents::Record, arg("table"))
      .def("may", &Consents::May, arg("subject"), arg("purpose"), arg("field"), arg("channel"),
           arg("time"))
      .def("may_all", &Consents::MayAll, arg("questions"), arg("time"))
      .def("facts", &Consents::Facts, arg("subjects"))
      .def("purposes", &Consents::Purposes)
      .def("retention_due", &Consents::RetentionDue, arg("items"), arg("as_of"))
      .def("erase", &Consents::Erase, arg("subjects"))
      .def("size", &Consents::Size);
  DefineClass<AccessLog>(m, "AccessLog")
      .def_static("make", &AccessLog::Make)
      .def_static("restore", &AccessLog::Restore, arg("table"))
      .def_static("from_bytes", &AccessLog::FromBytes, arg("data"))
      .def("to_bytes", &AccessLog::ToBytes)
      .def("append", &AccessLog::Append, arg("table"))
      .def("head", &AccessLog::Head)
      .def("verify", &AccessLog::Verify, arg("lines"), arg("hash"))
      .def("lines", &AccessLog::Lines, arg("subjects"));
}

}  // namespace patron::python
