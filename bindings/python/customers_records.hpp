// What the linkers take: records, and guards of clusters.
#ifndef PATRON_BINDINGS_PYTHON_CUSTOMERS_RECORDS_HPP_
#define PATRON_BINDINGS_PYTHON_CUSTOMERS_RECORDS_HPP_

#include <pybind11/pybind11.h>

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "arguments.hpp"
#include "exclusive.hpp"
#include "input_table.hpp"
#include "objects.hpp"
#include "patron/c/patron.h"
#include "runtime.hpp"

namespace patron::python {

// A table of records, or none.
class Records {
 public:
  Records(py::handle table, py::handle columns, const char *what) {
    if (table.is_none()) return;
    std::vector<Wanted> wanted;
    for (const py::handle column : columns) wanted.push_back({Name(column, what), Role::kText});
    if (!wanted.empty()) wanted.front().role = Role::kId;
    input_ = std::make_unique<InputTable>(table, wanted, what);
  }
  const patron_table *get() const { return input_ == nullptr ? nullptr : input_->get(); }
  int64_t rows() const { return input_ == nullptr ? 0 : input_->rows(); }

 private:
  std::unique_ptr<InputTable> input_;
};

// Guards, packed as (threshold, most, split_bridges, must_link, cannot_link, hubs), hubs as pairs of a
// field and a number. Kept for a call.
class Guards {
 public:
  template <typename Options>
  Guards(py::handle packed, Options &options) {
    Arguments next(packed);
    options.threshold = next.Real("threshold");
    options.most = Count(next.Next(), "most");
    options.split_bridges = next.Int32("split_bridges");
    options.must_link = Pairs(next.Next(), "must_link");
    options.cannot_link = Pairs(next.Next(), "cannot_link");
    for (const py::handle hub : next.Next()) {
      Arguments of(hub);
      auto read = Sized<patron_link_hub>();
      read.field = of.Text("hubs");
      read.most = Count(of.Next(), "hubs['" + std::string(read.field) + "']");
      hubs_.push_back(read);
    }
    options.hubs = hubs_.data();
    options.hub_count = hubs_.size();
  }

 private:
  static uint32_t Count(py::handle value, const std::string &option) {
    const int64_t count = Integer(value, option.c_str());
    if (count < 1 || count > 0xFFFFFFFF) {
      RaiseInvalid(option + ": " + std::to_string(count) + "; expected 1 or more");
    }
    return static_cast<uint32_t>(count);
  }
  const patron_table *Pairs(py::handle given, const char *name) {
    if (given.is_none()) return nullptr;
    const Wanted wanted[] = {{"left", Role::kId}, {"right", Role::kId}};
    return inputs_.emplace_back(given, wanted, name).get();
  }

  std::deque<InputTable> inputs_;
  std::vector<patron_link_hub> hubs_;
};

// Linked records in memory.
class LinkIndex {
 public:
  explicit LinkIndex(patron_link_index *handle) : handle_(handle) {}

  // (links, touched, merges, splits, refusals).
  py::tuple Add(py::handle table, py::handle columns);
  py::tuple Remove(py::handle id);
  py::tuple Pair(py::handle pair, py::handle what);
  py::object Entities() const;
  uint64_t Entity(py::handle id) const;
  uint64_t Resolve(py::handle entity) const;
  uint64_t Size() const;
  py::object Hubs() const;
  py::object Explain(py::handle pairs) const;

 private:
  mutable Exclusive<patron_link_index, patron_link_index_free> handle_;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_CUSTOMERS_RECORDS_HPP_
