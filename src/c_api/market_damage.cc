// The complaint pyramid and market damage.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "patron/base/status.hpp"
#include "patron/c/recovery.h"
#include "patron/complaints/complaint_pyramid.hpp"
#include "patron/complaints/market_damage.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

complaints::MarketDamageTerms TermsOf(const patron_market_damage_terms &given) {
  complaints::MarketDamageTerms terms;
  terms.customers = given.customers;
  terms.value = given.value;
  terms.problem_rate = {given.problem_rate, given.problem_sample};
  terms.voice_rate = {given.voice_rate, given.voice_sample};
  terms.satisfied = {given.satisfied, given.answer_sample};
  terms.mollified = {given.mollified, given.answer_sample};
  terms.loyalty_none = {given.loyalty_none, given.loyalty_none_sample};
  for (size_t o = 0; o < complaints::kOutcomes; ++o) {
    terms.loyalty[o] = {given.loyalty[o], given.loyalty_sample[o]};
    terms.tellers[o] = given.tellers[o];
    terms.influence[o] = given.influence[o];
  }
  return terms;
}

patron_market_damage DamageToC(const complaints::MarketDamage &damage) {
  patron_market_damage result{};
  result.lost = damage.lost;
  result.at_risk = damage.at_risk;
  result.word_of_mouth = damage.word_of_mouth;
  result.total = damage.total;
  return result;
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_complaint_voice_rates(patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    std::vector<std::string_view> names, sources;
    std::vector<double> rates;
    for (const complaints::VoiceRate &rate : complaints::kVoiceRates) {
      names.push_back(rate.name);
      rates.push_back(rate.rate);
      sources.push_back(rate.source);
    }
    arrow::TableBuilder builder;
    builder.AddText("name", names);
    builder.AddFloat64("rate", std::move(rates));
    builder.AddText("source", sources);
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, builder.Finish());
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_complaint_estimate_pyramid(double complaints, double rate,
                                                           double reported, double asked,
                                                           double level,
                                                           patron_complaint_pyramid_result *out,
                                                           patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_ASSIGN_OR_RETURN(
        const auto found,
        patron::complaints::EstimateComplaintPyramid(
            complaints, {.rate = rate, .reported = reported, .asked = asked}, level));
    patron_complaint_pyramid_result result{};
    result.rate = found.rate;
    result.rate_lower = found.rate_lower;
    result.rate_upper = found.rate_upper;
    result.multiplier = found.multiplier;
    result.multiplier_lower = found.multiplier_lower;
    result.multiplier_upper = found.multiplier_upper;
    result.problems = found.problems;
    result.problems_lower = found.problems_lower;
    result.problems_upper = found.problems_upper;
    result.silent = found.silent;
    result.silent_lower = found.silent_lower;
    result.silent_upper = found.silent_upper;
    c_api::WriteOut(result, out);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_complaint_conversion(const double *counts, size_t count,
                                                     double level, patron_table **out,
                                                     patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    if (count > 0) PATRON_RETURN_IF_ERROR(c_api::RequirePointer("counts", counts));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(auto found, complaints::ConvertLevels(std::span(counts, count), level));
    arrow::TableBuilder builder;
    builder.AddFloat64("share", std::move(found.share));
    builder.AddFloat64("lower", std::move(found.lower));
    builder.AddFloat64("upper", std::move(found.upper));
    PATRON_ASSIGN_OR_RETURN(arrow::Table result, builder.Finish());
    *out = c_api::NewTable(std::move(result)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_market_damage_terms_init(patron_market_damage_terms *terms) {
  *terms = {};
  terms->struct_size = sizeof *terms;
  terms->draws = 4000;
  terms->seed = 1;
  terms->level = 0.95;
}

extern "C" patron_status patron_complaint_market_damage(const patron_market_damage_terms *terms,
                                                        patron_market_damage *out,
                                                        patron_market_damage *lower,
                                                        patron_market_damage *upper,
                                                        patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("terms", terms));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("lower", lower));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("upper", upper));
    patron_market_damage_terms full;
    patron_market_damage_terms_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("terms", terms, &full));
    const complaints::MarketDamageTerms known = c_api::TermsOf(full);
    PATRON_ASSIGN_OR_RETURN(const auto damage, complaints::EstimateMarketDamage(known));
    if (lower != nullptr || upper != nullptr) {
      PATRON_ASSIGN_OR_RETURN(const auto interval, complaints::DrawMarketDamage(
                                                       known, full.seed, full.draws, full.level));
      c_api::WriteOut(c_api::DamageToC(interval.lower), lower);
      c_api::WriteOut(c_api::DamageToC(interval.upper), upper);
    }
    c_api::WriteOut(c_api::DamageToC(damage), out);
    return absl::OkStatus();
  });
}
