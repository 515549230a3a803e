// Columns of durations, as the functions of patron.loyalty take them.
#ifndef PATRON_BINDINGS_PYTHON_DURATIONS_HPP_
#define PATRON_BINDINGS_PYTHON_DURATIONS_HPP_

#include <pybind11/pybind11.h>

#include <initializer_list>
#include <vector>

#include "arguments.hpp"
#include "input_table.hpp"
#include "patron/c/patron.h"
#include "patron/c/survival.h"
#include "table.hpp"

namespace patron::python {

inline constexpr Choice kSurvivalIntervals[] = {{"plain", PATRON_INTERVAL_PLAIN},
                                                {"log", PATRON_INTERVAL_LOG},
                                                {"log-log", PATRON_INTERVAL_LOG_LOG}};

// The texts of a tuple, which must outlive them.
inline std::vector<const char *> NamesIn(py::handle names, const char *option) {
  std::vector<const char *> list;
  for (const py::handle name : names) {
    const char *text = Name(name, option);
    if (text == nullptr) RaiseType(std::string(option) + ": expected names, not None");
    list.push_back(text);
  }
  return list;
}

// The table that a function gives of a model.
template <typename Model>
py::object AskModel(const Model *model,
                    patron_status (*ask)(const Model *, patron_table **, patron_error *)) {
  patron_table *out = nullptr;
  ErrorText error;
  Check(ask(model, &out, &error), error);
  return ToPython(TablePtr(out));
}

// Which columns to read: the tuple (duration, event, entry, weight, strata), the last a tuple. Text
// borrows from it.
class DurationColumns {
 public:
  explicit DurationColumns(py::handle arguments) {
    patron_duration_columns_init(&columns_);
    Arguments next(arguments);
    columns_.duration = next.Text("duration");
    columns_.event = next.Text("event");
    columns_.entry = next.Text("entry");
    columns_.weight = next.Text("weights");
    strata_ = NamesIn(next.Next(), "strata");
    columns_.strata = strata_.data();
    columns_.strata_count = strata_.size();
  }
  DurationColumns(const DurationColumns &) = delete;
  DurationColumns &operator=(const DurationColumns &) = delete;

  const patron_duration_columns *get() const { return &columns_; }
  const std::vector<const char *> &strata() const { return strata_; }

  // The columns to read, and further ones of numbers and of ids.
  std::vector<Wanted> Wants(const std::vector<const char *> &numbers = {},
                            const std::vector<const char *> &ids = {}) const {
    std::vector<Wanted> wanted = {{columns_.duration, Role::kNumber},
                                  {columns_.event, Role::kCount},
                                  {columns_.entry, Role::kNumber},
                                  {columns_.weight, Role::kNumber}};
    for (const char *name : strata_) wanted.push_back({name, Role::kId});
    for (const char *name : numbers) wanted.push_back({name, Role::kNumber});
    for (const char *name : ids) wanted.push_back({name, Role::kId});
    return wanted;
  }

 private:
  patron_duration_columns columns_;
  std::vector<const char *> strata_;
};

}  // namespace patron::python

#endif  // PATRON_BINDINGS_PYTHON_DURATIONS_HPP_
