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

enum class Takes { kNothing, kCovariates, kCovariatesAndRegularity };

template <typename T>
ClvKind Describe(std::string_view name, Takes takes) {
  return {name, T::kNames, T::kLinks, takes != Takes::kNothing,
          takes == Takes::kCovariatesAndRegularity};
}

absl::StatusOr<std::vector<std::string>> ReadNames(std::string_view field, const char *const *names,
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

absl::StatusOr<size_t> PlaceOf(std::string_view argument, std::string_view list,
                               std::span<const std::string> names, const std::string &name) {
  const auto found = std::ranges::find(names, name);
  if (found == names.end()) {
    return InvalidOption(argument, Quoted(name), absl::StrCat("a name among ", Text(list)));
  }
  return static_cast<size_t>(found - names.begin());
}

}  // namespace

const ClvKind &KindOf(int32_t kind) {
  using enum Takes;
  static const std::array<ClvKind, PATRON_CLV_GAMMA_GAMMA> kKinds = {
      Describe<clv::NbdLikelihood>("NBD", kNothing),
      Describe<clv::ParetoNbdLikelihood>("PARETO_NBD", kCovariates),
      Describe<clv::BetaGeometricLikelihood>("BG_NBD", kCovariates),
      Describe<clv::BetaGeometricLikelihood>("MBG_NBD", kCovariates),
      Describe<clv::BetaGeometricLikelihood>("BG_CNBD", kCovariatesAndRegularity),
      Describe<clv::BetaGeometricLikelihood>("MBG_CNBD", kCovariatesAndRegularity),
      Describe<clv::GGompertzNbdLikelihood>("GGOMPERTZ_NBD", kCovariates),
      Describe<clv::BgbbLikelihood>("BG_BB", kNothing),
      Describe<clv::SbgLikelihood>("SBG", kNothing),
      Describe<clv::BetaDiscreteWeibullLikelihood>("BETA_DISCRETE_WEIBULL", kNothing),
      Describe<clv::GammaGammaLikelihood>("GAMMA_GAMMA", kNothing)};
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
                          ReadNames("transaction_covariates", full.transaction_covariates,
                                    full.transaction_covariate_count));
  PATRON_ASSIGN_OR_RETURN(result.dropout, ReadNames("dropout_covariates", full.dropout_covariates,
                                                    full.dropout_covariate_count));
  PATRON_ASSIGN_OR_RETURN(
      const std::vector<std::string> equal,
      ReadNames("equal_covariates", full.equal_covariates, full.equal_covariate_count));
  PATRON_RETURN_IF_ERROR(CheckDistinct("equal_covariates", equal));
  for (size_t i = 0; i < equal.size(); ++i) {
    const std::string argument = absl::StrCat("equal_covariates[", i, "]");
    PATRON_ASSIGN_OR_RETURN(const size_t transaction, PlaceOf(argument, "transaction_covariates",
                                                              result.transaction, equal[i]));
    PATRON_ASSIGN_OR_RETURN(const size_t dropout,
                            PlaceOf(argument, "dropout_covariates", result.dropout, equal[i]));
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
  if (!kind.takes_covariates && !(terms.transaction.empty() && terms.dropout.empty())) {
    return InvalidOption("covariates",
                         absl::StrCat(terms.transaction.size() + terms.dropout.size()),
                         absl::StrCat("none for ", Text(kind.name)));
  }
  return absl::OkStatus();
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
