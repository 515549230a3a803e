#include "c_api/clv_terms.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "patron/base/status.hpp"
#include "patron/clv/bgbb.hpp"
#include "patron/clv/bgnbd.hpp"
#include "patron/clv/gamma_gamma.hpp"
#include "patron/clv/ggompertz_nbd.hpp"
#include "patron/clv/nbd.hpp"
#include "patron/clv/pareto_nbd.hpp"
#include "patron/clv/retention.hpp"

namespace patron::c_api {
namespace {

template <typename T>
ClvKind Describe(std::string_view name, bool takes_regularity = false) {
  return {name, T::kNames, T::kLinks, takes_regularity};
}

absl::StatusOr<std::vector<std::string>> ReadCovariateNames(std::string_view field,
                                                            const char *const *names,
                                                            size_t count) {
  std::vector<std::string> list;
  if (count == 0) return list;
  PATRON_RETURN_IF_ERROR(RequirePointer(field, names));
  for (size_t i = 0; i < count; ++i) {
    PATRON_ASSIGN_OR_RETURN(std::string name,
                            ReadName(absl::StrCat(Text(field), "[", i, "]"), names[i]));
    list.push_back(std::move(name));
  }
  return list;
}

absl::Status CheckDistinct(std::string_view field, std::span<const std::string> names) {
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::ranges::find(names.subspan(0, i), names[i]) != names.subspan(0, i).end()) {
      return InvalidOption(absl::StrCat(Text(field), "[", i, "]"),
                           absl::StrCat(Text(Quoted(names[i])), " again"), "every column once");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> PlaceAmong(std::string_view argument, std::string_view list,
                                  std::span<const std::string> names, const std::string &name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    return InvalidOption(argument, Quoted(name), absl::StrCat("a name among ", Text(list)));
  }
  return static_cast<size_t>(found - names.begin());
}

}  // namespace

const ClvKind &KindOf(int32_t kind) {
  static const std::array<ClvKind, PATRON_CLV_GAMMA_GAMMA> kKinds = {
      Describe<clv::NbdLikelihood>("NBD"),
      Describe<clv::ParetoNbdLikelihood>("PARETO_NBD"),
      Describe<clv::BetaGeometricLikelihood>("BG_NBD"),
      Describe<clv::BetaGeometricLikelihood>("MBG_NBD"),
      Describe<clv::BetaGeometricLikelihood>("BG_CNBD", true),
      Describe<clv::BetaGeometricLikelihood>("MBG_CNBD", true),
      Describe<clv::GGompertzNbdLikelihood>("GGOMPERTZ_NBD"),
      Describe<clv::BgbbLikelihood>("BG_BB"),
      Describe<clv::SbgLikelihood>("SBG"),
      Describe<clv::BetaDiscreteWeibullLikelihood>("BETA_DISCRETE_WEIBULL"),
      Describe<clv::GammaGammaLikelihood>("GAMMA_GAMMA")};
  return kKinds[static_cast<size_t>(kind - 1)];
}

absl::StatusOr<ClvTerms> ReadTerms(const patron_clv_terms *terms) {
  PATRON_RETURN_IF_ERROR(RequirePointer("terms", terms));
  patron_clv_terms full;
  patron_clv_terms_init(&full);
  PATRON_RETURN_IF_ERROR(ReadOptions("terms", terms, &full));
  PATRON_RETURN_IF_ERROR(CheckReserved(full.reserved));
  ClvTerms result;
  result.kind = full.kind;
  result.regularity = full.regularity;
  PATRON_ASSIGN_OR_RETURN(result.transaction,
                          ReadCovariateNames("transaction_covariates", full.transaction_covariates,
                                             full.transaction_covariate_count));
  PATRON_ASSIGN_OR_RETURN(result.dropout,
                          ReadCovariateNames("dropout_covariates", full.dropout_covariates,
                                             full.dropout_covariate_count));
  PATRON_ASSIGN_OR_RETURN(
      const std::vector<std::string> equal,
      ReadCovariateNames("equal_covariates", full.equal_covariates, full.equal_covariate_count));
  PATRON_RETURN_IF_ERROR(CheckDistinct("equal_covariates", equal));
  for (size_t i = 0; i < equal.size(); ++i) {
    const std::string argument = absl::StrCat("equal_covariates[", i, "]");
    PATRON_ASSIGN_OR_RETURN(const size_t transaction, PlaceAmong(argument, "transaction_covariates",
                                                                 result.transaction, equal[i]));
    PATRON_ASSIGN_OR_RETURN(const size_t dropout,
                            PlaceAmong(argument, "dropout_covariates", result.dropout, equal[i]));
    result.tied.emplace_back(transaction, dropout);
  }
  std::ranges::sort(result.tied);
  result.penalty.transaction = full.penalty_transaction;
  result.penalty.dropout = full.penalty_dropout;
  if (full.parameter_penalty_count > 0) {
    PATRON_RETURN_IF_ERROR(RequirePointer("parameter_penalties", full.parameter_penalties));
    result.penalty.parameters.assign(full.parameter_penalties,
                                     full.parameter_penalties + full.parameter_penalty_count);
  }
  if (full.time_unit != nullptr) {
    PATRON_ASSIGN_OR_RETURN(result.time_unit, ReadName("time_unit", full.time_unit));
  }
  PATRON_RETURN_IF_ERROR(CheckTerms(result));
  if (!KindOf(result.kind).takes_regularity) result.regularity = 1;
  return result;
}

absl::Status CheckTerms(const ClvTerms &terms) {
  if (terms.kind < PATRON_CLV_NBD || terms.kind > PATRON_CLV_GAMMA_GAMMA) {
    return InvalidOption("kind", absl::StrCat(terms.kind), "1 to 11, a PATRON_CLV_*");
  }
  const ClvKind &kind = KindOf(terms.kind);
  const int most = kind.takes_regularity ? clv::kMaxRegularity : 1;
  if (terms.regularity < 0 || terms.regularity > most) {
    return InvalidOption("regularity", absl::StrCat(terms.regularity), absl::StrCat("0 to ", most));
  }
  PATRON_RETURN_IF_ERROR(CheckDistinct("transaction_covariates", terms.transaction));
  PATRON_RETURN_IF_ERROR(CheckDistinct("dropout_covariates", terms.dropout));
  const auto check_taken = [&](std::string_view field, clv::Process process, size_t count) {
    if (count == 0 || kind.Takes(process)) return absl::OkStatus();
    return InvalidOption(field, absl::StrCat(count), absl::StrCat("none for ", Text(kind.name)));
  };
  PATRON_RETURN_IF_ERROR(
      check_taken("transaction_covariates", clv::Process::kTransaction, terms.transaction.size()));
  PATRON_RETURN_IF_ERROR(
      check_taken("dropout_covariates", clv::Process::kDropout, terms.dropout.size()));
  if (terms.time_unit.empty() || IsTimeUnit(terms.time_unit)) return absl::OkStatus();
  return InvalidOption("time_unit", Quoted(terms.time_unit),
                       "second, hour, day, week, month or year");
}

bool IsTimeUnit(std::string_view unit) {
  constexpr std::array<std::string_view, 6> kUnits = {"second", "hour",  "day",
                                                      "week",   "month", "year"};
  return std::ranges::find(kUnits, unit) != kUnits.end();
}

absl::StatusOr<clv::Layout> LayoutOf(const ClvTerms &terms) {
  return clv::Layout::Make(KindOf(terms.kind).parameters, terms.transaction, terms.dropout,
                           terms.tied, terms.penalty);
}

absl::Status WrongKind(std::string_view argument, int32_t kind, std::string_view expected) {
  return InvalidOption(argument, absl::StrCat("a ", Text(KindOf(kind).name)), expected);
}

}  // namespace patron::c_api

extern "C" void patron_clv_terms_init(patron_clv_terms *terms) {
  *terms = {};
  terms->struct_size = sizeof *terms;
}
