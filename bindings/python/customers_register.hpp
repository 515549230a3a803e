// patron._core.Register.
#ifndef PATRON_BINDINGS_PYTHON_CUSTOMERS_REGISTER_HPP_
#define PATRON_BINDINGS_PYTHON_CUSTOMERS_REGISTER_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>

#include "exclusive.hpp"
#include "patron/c/customers_register.h"

namespace patron::python {

class Register {
 public:
  explicit Register(patron_register *handle) : handle_(handle) {}

  static std::unique_ptr<Register> Make();
  static std::unique_ptr<Register> Open(py::handle path);
  static std::unique_ptr<Register> FromBytes(py::handle bytes);
  py::bytes ToBytes() const;
  py::tuple Size() const;

  // ---- Changes ----

  uint64_t Add(py::handle table, py::handle source);
  py::tuple Merge(py::handle pairs, py::handle note, bool skip_refused);
  void AssertDifferent(py::handle pairs, py::handle note);
  uint64_t Split(py::handle ids, py::handle note);
  uint64_t Unmerge(py::handle line, py::handle note);
  void AddContacts(py::handle table, py::handle region, py::handle note);
  void AddTies(py::handle table, py::handle note);
  void End(bool tie, py::handle number, py::handle valid_to, py::handle note);

  void SetKey(py::handle key, py::handle region);
  void Erase(py::handle ids, py::handle identifiers, py::handle held, py::handle hold_purpose,
             py::handle note);

  // ---- Views ----

  py::object Erasures() const;
  uint64_t Entity(py::handle id, py::handle at) const;
  uint64_t Resolve(py::handle entity) const;
  py::object Entities(py::handle at) const;
  py::object Records(py::handle entity) const;
  py::object Log() const;
  py::object Evidence() const;
  py::object Values(py::handle rules, py::handle at, bool losers) const;
  py::object Contacts(py::handle at) const;
  py::object Ties(bool roles, py::handle at) const;
  py::tuple Card(py::handle entity, py::handle catalogue, py::handle rules, py::handle at) const;
  py::object List(py::handle classes, py::handle catalogue, py::handle rules, py::handle at) const;
  py::tuple Completeness(py::handle catalogue, py::handle by, py::handle at) const;

 private:
  // Calls `call(handle, &table, &error)`.
  template <typename Call>
  py::object Give(Call call) const;
  template <typename Call>
  void Do(Call call) const;

  mutable Exclusive<patron_register, patron_register_free> handle_;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_CUSTOMERS_REGISTER_HPP_
