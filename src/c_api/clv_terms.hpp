// What a model of lifetime value consists of, as callers say it and as models hold it.
#ifndef PATRON_SRC_C_API_CLV_TERMS_HPP_
#define PATRON_SRC_C_API_CLV_TERMS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/c/clv_model.h"
#include "patron/clv/evaluation.hpp"
#include "patron/clv/layout.hpp"

namespace patron::c_api {

// What the module knows of a kind of model without any data.
struct ClvKind {
  std::string_view name;  // As messages say it.
  std::span<const std::string_view> parameters;
  std::span<const clv::CovariateLink> links;  // One a parameter.
  bool takes_regularity;

  bool is_spend() const { return name == "GAMMA_GAMMA"; }
  bool Takes(clv::Process process) const {
    return std::ranges::any_of(links, [&](const auto &link) { return link.process == process; });
  }
};

// `kind` is PATRON_CLV_*.
const ClvKind &KindOf(int32_t kind);
inline bool IsContractual(int32_t kind) {
  return kind == PATRON_CLV_SBG || kind == PATRON_CLV_BETA_DISCRETE_WEIBULL;
}
inline bool IsDiscrete(int32_t kind) { return kind == PATRON_CLV_BG_BB || IsContractual(kind); }

// Most parameters of a kind.
inline constexpr size_t kMostParameters = 5;
inline constexpr int kMostChosenRegularity = 12;

struct ClvTerms {
  int32_t kind = 0;
  int regularity = 1;  // 0 = to be chosen.
  std::vector<std::string> transaction, dropout;
  std::vector<std::pair<size_t, size_t>> tied;  // Places in the two lists, in order of the first.
  clv::Penalty penalty;
  std::string time_unit;  // One of those of IsTimeUnit, or empty.
};

// "second", "hour", "day", "week", "month" or "year".
bool IsTimeUnit(std::string_view unit);

// Errors: InvalidArgument naming the field. The same for terms from elsewhere.
absl::StatusOr<ClvTerms> ReadTerms(const patron_clv_terms *terms);
absl::Status CheckTerms(const ClvTerms &terms);

// Errors: those of Layout::Make.
absl::StatusOr<clv::Layout> LayoutOf(const ClvTerms &terms);

// The model's kind is not one of those wanted. `argument` is its name.
absl::Status WrongKind(std::string_view argument, int32_t kind, std::string_view expected);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CLV_TERMS_HPP_
