// Named defaults and threads.
#include <pybind11/pybind11.h>

#include "arguments.hpp"
#include "module.hpp"
#include "runtime.hpp"

namespace patron::python {

namespace {

constexpr const char *kConfidence[] = {"seed_claim", "seed_definition", "field_measured",
                                       "convention"};

constexpr int32_t kMostThreads = 1024;

py::tuple Row(const patron_default &d) {
  const bool known = d.confidence >= 0 && d.confidence < 4;
  return py::make_tuple(d.name, d.value, d.unit, d.source,
                        known ? kConfidence[d.confidence] : "unknown", d.low, d.high, d.built_in);
}

const char *NameOf(py::handle name) {
  const char *text = Name(name, "name");
  if (text == nullptr) RaiseType("name: expected a str, not NoneType");
  return text;
}

}  // namespace

void DefineDefaults(py::module_ &m) {
  using py::arg;
  m.def(
      "default_get",
      [](py::handle name) {
        auto out = Sized<patron_default>();
        ErrorText error;
        Check(patron_defaults_get(Runtime::Get().defaults(), NameOf(name), &out, &error), error);
        return Row(out);
      },
      arg("name"));
  m.def(
      "default_set",
      [](py::handle name, py::handle value) {
        Runtime::Get().SetDefault(NameOf(name), Number(value, "value"));
      },
      arg("name"), arg("value"));
  m.def("default_list", [] {
    py::list rows;
    const patron_defaults *defaults = Runtime::Get().defaults();
    for (size_t i = 0; i < patron_defaults_count(defaults); ++i) {
      auto out = Sized<patron_default>();
      ErrorText error;
      Check(patron_defaults_at(defaults, i, &out, &error), error);
      rows.append(Row(out));
    }
    return rows;
  });
  m.def("threads", [] { return Runtime::Get().threads(); });
  m.def(
      "set_threads",
      [](py::handle count) {
        const int32_t threads = Integer32(count, "threads");
        if (threads < 0 || threads > kMostThreads) {
          RaiseInvalid("threads: " + std::to_string(threads) + "; expected 0 (one a core) to " +
                       std::to_string(kMostThreads));
        }
        Runtime::Get().SetThreads(static_cast<uint32_t>(threads));
      },
      arg("count"));
}

}  // namespace patron::python
