// The loyalty index.
#include <pybind11/pybind11.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "arguments.hpp"
#include "input_table.hpp"
#include "loyalty.hpp"
#include "module.hpp"
#include "patron/c/loyalty_index.h"
#include "table.hpp"

namespace patron::python {

namespace {

constexpr Choice kNormalizers[] = {{"bounds", PATRON_NORMALIZE_BOUNDS},
                                   {"winsorized", PATRON_NORMALIZE_WINSORIZED},
                                   {"normal", PATRON_NORMALIZE_NORMAL},
                                   {"rank", PATRON_NORMALIZE_RANK}};

struct FreeIndex {
  void operator()(patron_loyalty_index *index) const { patron_loyalty_index_free(index); }
};

class LoyaltyIndex {
 public:
  // Components are tuples (name, normalize, weight, low, high).
  static std::unique_ptr<LoyaltyIndex> Fit(py::handle table, py::handle components,
                                           py::handle least_coverage, py::handle progress) {
    std::vector<patron_index_component> list;
    std::vector<Wanted> wanted;
    for (const py::handle item : components) {
      Arguments next(item);
      auto component = Sized<patron_index_component>();
      component.name = next.Text("component");
      component.normalize = next.Word("normalize", kNormalizers);
      component.weight = next.Real("weight");
      component.low = next.Real("low");
      component.high = next.Real("high");
      wanted.push_back({component.name, Role::kNumber});
      list.push_back(component);
    }
    if (list.empty()) RaiseInvalid("components: none; expected at least 1");
    const double coverage = Number(least_coverage, "least_coverage");
    const InputTable input(table, wanted, "table");
    Call call(input.rows(), progress, "fit");
    patron_loyalty_index *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_loyalty_index_fit(input.get(), list.data(), list.size(), coverage,
                                      call.context(), &out, error);
    });
    return Own(out);
  }

  static std::unique_ptr<LoyaltyIndex> FromBytes(const py::bytes &data) {
    const auto bytes = static_cast<std::string_view>(data);
    patron_loyalty_index *out = nullptr;
    ErrorText error;
    Check(patron_loyalty_index_deserialize(bytes.data(), bytes.size(), &out, &error), error);
    return Own(out);
  }

  py::bytes ToBytes() const {
    patron_bytes *out = nullptr;
    ErrorText error;
    Check(patron_loyalty_index_serialize(index_.get(), &out, &error), error);
    const std::unique_ptr<patron_bytes, void (*)(patron_bytes *)> own(out, patron_bytes_free);
    return {static_cast<const char *>(patron_bytes_data(out)), patron_bytes_size(out)};
  }

  py::object Components() const {
    patron_table *out = nullptr;
    ErrorText error;
    Check(patron_loyalty_index_components(index_.get(), &out, &error), error);
    return ToPython(TablePtr(out));
  }

  py::object Score(py::handle table, py::handle names, py::handle progress) const {
    const InputTable input(table, Wants(names), "table");
    Call call(input.rows(), progress, "score");
    patron_table *out = nullptr;
    call.Run([&](patron_error *error) {
      return patron_loyalty_index_score(index_.get(), input.get(), call.context(), &out, error);
    });
    return ToPython(TablePtr(out));
  }

  py::tuple Mean(py::handle table, py::handle names, py::handle level, py::handle replicates,
                 py::handle seed, py::handle progress) const {
    const double inside = Number(level, "level");
    const int64_t samples = Integer(replicates, "replicates"), start = Integer(seed, "seed");
    if (samples < 0 || samples > INT32_MAX) {
      RaiseInvalid("replicates: " + std::to_string(samples) + "; expected 100 to 1000000");
    }
    const InputTable input(table, Wants(names), "table");
    Call call(input.rows() * samples, progress, "mean_interval");
    auto mean = Sized<patron_index_mean>();
    call.Run([&](patron_error *error) {
      return patron_loyalty_index_mean(index_.get(), input.get(), inside,
                                       static_cast<uint32_t>(samples), static_cast<uint64_t>(start),
                                       call.context(), &mean, error);
    });
    return py::make_tuple(mean.mean, mean.std_err, mean.lower, mean.upper, mean.customers,
                          mean.refused);
  }

 private:
  static std::unique_ptr<LoyaltyIndex> Own(patron_loyalty_index *out) {
    auto index = std::make_unique<LoyaltyIndex>();
    index->index_.reset(out);
    return index;
  }
  static std::vector<Wanted> Wants(py::handle names) {
    std::vector<Wanted> wanted;
    for (const py::handle name : names) wanted.push_back({Name(name, "component"), Role::kNumber});
    return wanted;
  }

  std::unique_ptr<patron_loyalty_index, FreeIndex> index_;
};

}  // namespace

void DefineLoyaltyIndex(py::module_ &m) {
  using py::arg;
  DefineClass<LoyaltyIndex>(m, "LoyaltyIndex")
      .def_static("fit", &LoyaltyIndex::Fit, arg("table"), arg("components"), arg("least_coverage"),
                  arg("progress"))
      .def_static("from_bytes", &LoyaltyIndex::FromBytes, arg("data"))
      .def("to_bytes", &LoyaltyIndex::ToBytes)
      .def("components", &LoyaltyIndex::Components)
      .def("score", &LoyaltyIndex::Score, arg("table"), arg("names"), arg("progress"))
      .def("mean", &LoyaltyIndex::Mean, arg("table"), arg("names"), arg("level"), arg("replicates"),
           arg("seed"), arg("progress"));
}

}  // namespace patron::python
