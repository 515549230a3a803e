// What a trade wants to know of its customers, as data, and how much of it is there.
#ifndef PATRON_CUSTOMERS_FIELD_CATALOGUE_HPP_
#define PATRON_CUSTOMERS_FIELD_CATALOGUE_HPP_

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/customers/register.hpp"
#include "patron/customers/survivorship.hpp"

namespace patron::customers {

enum class FieldClass : uint8_t {
  kBasic = 0,        // Who they are, and how they are reached.
  kConsumption = 1,  // What they buy.
  kInteraction = 2,  // Contacts, advice, complaints.
  kSocial = 3,       // What they say in public.
  kSubjective = 4,   // What someone thinks of them: needs an author and a date.
};
inline constexpr std::array<std::string_view, 5> kFieldClassNames = {
    "basic", "consumption", "interaction", "social", "subjective"};

struct CatalogueField {
  std::string name;
  FieldClass cls = FieldClass::kBasic;
  bool required = false;
  double weight = 1;      // In completeness; above 0.
  double volatility = 0;  // Days until a value is as good as unknown; 0 = it does not age.
};

// Templates, each for a trade. Days of volatility: phone 3 years, address 5, job 2, e-mail 4, name 30;
// what people like and buy 1.
struct TemplateField {
  std::string_view name;
  FieldClass cls;
  bool required;
  double weight, volatility;
};
std::span<const TemplateField> CatalogueTemplate(
    std::string_view trade);  // Empty if there is none.
inline constexpr std::array<std::string_view, 5> kTrades = {
    "retail", "services", "business_to_business", "hotel", "finance"};

// Errors: InvalidArgument naming the row, for a name that is empty or twice there, a weight that is
// not above 0, or a volatility below 0; or no field at all.
absl::Status CheckCatalogue(std::span<const CatalogueField> catalogue);

// Whether a record has each field of a catalogue. A field whose name is a type of contact point is
// there also as a contact point.
class FieldCoverage {
 public:
  FieldCoverage(const Register &reg, std::span<const CatalogueField> catalogue, int64_t at);

  size_t size() const { return weights_.size(); }
  // Adds what a record has to `has`, one byte a field.
  void Add(uint32_t record, std::span<uint8_t> has) const;
  // Weighted share of the fields that are there.
  double Completeness(std::span<const uint8_t> has) const;
  // The best contact point of some records for a field: verified, then preferred, then the first;
  // null if there is none.
  const Contact *ContactFor(size_t field, std::span<const uint32_t> records) const;

 private:
  const Register &reg_;
  int64_t at_;
  std::vector<double> weights_;
  double total_ = 0;
  std::vector<int32_t> place_of_;  // By number of the register's field; -1 = none.
  std::array<int32_t, kContactTypeNames.size()> type_of_{};  // By type of contact point.
  std::vector<std::pair<uint32_t, uint32_t>> contacts_;      // Record, place; ascending.
};

namespace detail {

inline constexpr double kYear = 365;
inline constexpr TemplateField kRetail[] = {
    {"name", FieldClass::kBasic, true, 3, 30 * kYear},
    {"phone", FieldClass::kBasic, true, 3, 3 * kYear},
    {"email", FieldClass::kBasic, false, 2, 4 * kYear},
    {"address", FieldClass::kBasic, false, 2, 5 * kYear},
    {"sex", FieldClass::kBasic, false, 1, 0},
    {"birth_date", FieldClass::kBasic, false, 1, 0},
    {"household_size", FieldClass::kBasic, false, 1, 2 * kYear},
    {"preferred_channel", FieldClass::kConsumption, false, 1, kYear},
    {"favourite_category", FieldClass::kConsumption, false, 1, kYear},
    {"card_number", FieldClass::kConsumption, false, 1, 0},
    {"last_complaint", FieldClass::kInteraction, false, 1, kYear},
    {"social_account", FieldClass::kSocial, false, 1, 4 * kYear},
    {"remark", FieldClass::kSubjective, false, 1, kYear}};
inline constexpr TemplateField kServices[] = {
    {"name", FieldClass::kBasic, true, 3, 30 * kYear},
    {"phone", FieldClass::kBasic, true, 3, 3 * kYear},
    {"email", FieldClass::kBasic, false, 2, 4 * kYear},
    {"address", FieldClass::kBasic, true, 2, 5 * kYear},
    {"birth_date", FieldClass::kBasic, false, 1, 0},
    {"service_interval", FieldClass::kConsumption, false, 2, kYear},
    {"preferred_staff", FieldClass::kConsumption, false, 1, kYear},
    {"preferred_time", FieldClass::kInteraction, false, 1, kYear},
    {"last_visit", FieldClass::kInteraction, false, 1, kYear},
    {"social_account", FieldClass::kSocial, false, 1, 4 * kYear},
    {"likes", FieldClass::kSubjective, false, 1, kYear},
    {"dislikes", FieldClass::kSubjective, false, 1, kYear}};
inline constexpr TemplateField kBusiness[] = {
    {"organisation", FieldClass::kBasic, true, 3, 10 * kYear},
    {"registration_number", FieldClass::kBasic, true, 3, 0},
    {"address", FieldClass::kBasic, true, 2, 5 * kYear},
    {"contact_name", FieldClass::kBasic, true, 2, 2 * kYear},
    {"contact_job", FieldClass::kBasic, false, 1, 2 * kYear},
    {"phone", FieldClass::kBasic, true, 2, 3 * kYear},
    {"email", FieldClass::kBasic, false, 2, 4 * kYear},
    {"industry", FieldClass::kBasic, false, 1, 10 * kYear},
    {"employees", FieldClass::kBasic, false, 1, 2 * kYear},
    {"payment_terms", FieldClass::kConsumption, false, 2, kYear},
    {"credit_limit", FieldClass::kConsumption, false, 1, kYear},
    {"annual_purchases", FieldClass::kConsumption, false, 1, kYear},
    {"account_manager", FieldClass::kInteraction, false, 1, 2 * kYear},
    {"last_visit", FieldClass::kInteraction, false, 1, kYear},
    {"website", FieldClass::kSocial, false, 1, 4 * kYear},
    {"proud_of", FieldClass::kSubjective, false, 1, 2 * kYear},
    {"view_of_us", FieldClass::kSubjective, false, 1, kYear}};
inline constexpr TemplateField kHotel[] = {
    {"name", FieldClass::kBasic, true, 3, 30 * kYear},
    {"phone", FieldClass::kBasic, true, 2, 3 * kYear},
    {"email", FieldClass::kBasic, true, 2, 4 * kYear},
    {"nationality", FieldClass::kBasic, false, 1, 0},
    {"language", FieldClass::kBasic, false, 1, 0},
    {"company", FieldClass::kBasic, false, 1, 2 * kYear},
    {"room_preference", FieldClass::kConsumption, false, 2, 2 * kYear},
    {"rate_code", FieldClass::kConsumption, false, 1, kYear},
    {"last_stay", FieldClass::kInteraction, false, 1, kYear},
    {"last_complaint", FieldClass::kInteraction, false, 1, kYear},
    {"social_account", FieldClass::kSocial, false, 1, 4 * kYear},
    {"likes", FieldClass::kSubjective, false, 1, 2 * kYear}};
inline constexpr TemplateField kFinance[] = {
    {"name", FieldClass::kBasic, true, 3, 30 * kYear},
    {"birth_date", FieldClass::kBasic, true, 2, 0},
    {"identity_number", FieldClass::kBasic, true, 3, 0},
    {"phone", FieldClass::kBasic, true, 2, 3 * kYear},
    {"email", FieldClass::kBasic, false, 1, 4 * kYear},
    {"address", FieldClass::kBasic, true, 2, 5 * kYear},
    {"job", FieldClass::kBasic, false, 1, 2 * kYear},
    {"income", FieldClass::kBasic, false, 2, 2 * kYear},
    {"products", FieldClass::kConsumption, false, 2, kYear},
    {"risk_profile", FieldClass::kConsumption, false, 1, 2 * kYear},
    {"last_advice", FieldClass::kInteraction, false, 1, kYear},
    {"social_account", FieldClass::kSocial, false, 1, 4 * kYear},
    {"plans", FieldClass::kSubjective, false, 1, 2 * kYear}};

}  // namespace detail

inline std::span<const TemplateField> CatalogueTemplate(std::string_view trade) {
  const std::array<std::span<const TemplateField>, kTrades.size()> all = {
      detail::kRetail, detail::kServices, detail::kBusiness, detail::kHotel, detail::kFinance};
  const auto found = std::ranges::find(kTrades, trade);
  if (found == kTrades.end()) return {};
  return all[static_cast<size_t>(found - kTrades.begin())];
}

inline absl::Status CheckCatalogue(std::span<const CatalogueField> catalogue) {
  if (catalogue.empty()) return InvalidOption("catalogue", "no field", "one or more");
  for (size_t i = 0; i < catalogue.size(); ++i) {
    const CatalogueField &field = catalogue[i];
    if (field.name.empty()) return InvalidRow("field", i, "empty", "a name");
    const auto first = std::ranges::find(catalogue, field.name, &CatalogueField::name);
    if (static_cast<size_t>(first - catalogue.begin()) != i) {
      return InvalidRow("field", i, Quoted(field.name) + " again", "each name once");
    }
    if (!(field.weight > 0) || !std::isfinite(field.weight)) {
      return InvalidRow("weight", i, FormatNumber(field.weight), "a finite number above 0");
    }
    if (!(field.volatility >= 0) || !std::isfinite(field.volatility)) {
      return InvalidRow("volatility", i, FormatNumber(field.volatility),
                        "a finite number of days, 0 or more");
    }
  }
  return absl::OkStatus();
}

inline FieldCoverage::FieldCoverage(const Register &reg, std::span<const CatalogueField> catalogue,
                                    int64_t at)
    : reg_(reg), at_(at), place_of_(reg.field_names().size(), -1) {
  type_of_.fill(-1);
  for (size_t i = 0; i < catalogue.size(); ++i) {
    weights_.push_back(catalogue[i].weight);
    total_ += catalogue[i].weight;
    const auto place = static_cast<int32_t>(i);
    const auto known = std::ranges::find(reg.field_names(), catalogue[i].name);
    if (known != reg.field_names().end()) {
      place_of_[static_cast<size_t>(known - reg.field_names().begin())] = place;
    }
    const auto type = std::ranges::find(kContactTypeNames, catalogue[i].name);
    if (type != kContactTypeNames.end()) {
      type_of_[static_cast<size_t>(type - kContactTypeNames.begin())] = place;
    }
  }
  for (uint32_t i = 0; i < reg.contacts().size(); ++i) {
    const Contact &contact = reg.contacts()[i];
    const bool holds = at == kLatest ? !contact.times.ended() : contact.times.HoldsAt(at);
    if (!contact.erased && holds && type_of_[static_cast<size_t>(contact.type)] >= 0) {
      contacts_.emplace_back(contact.record, i);
    }
  }
  std::ranges::sort(contacts_);
}

inline void FieldCoverage::Add(uint32_t record, std::span<uint8_t> has) const {
  const RecordBatch &batch = reg_.BatchOf(record);
  const uint32_t row = record - batch.first;
  if (at_ == kLatest || batch.IsValidAt(row, at_)) {
    for (const FieldCells &cells : batch.fields) {
      const int32_t place = place_of_[cells.field];
      if (place >= 0 && cells.cells.has(row)) has[static_cast<size_t>(place)] = 1;
    }
  }
  auto own = std::ranges::lower_bound(contacts_, std::pair(record, uint32_t{0}));
  for (; own != contacts_.end() && own->first == record; ++own) {
    const Contact &contact = reg_.contacts()[own->second];
    has[static_cast<size_t>(type_of_[static_cast<size_t>(contact.type)])] = 1;
  }
}

inline double FieldCoverage::Completeness(std::span<const uint8_t> has) const {
  double sum = 0;
  for (size_t i = 0; i < has.size(); ++i) sum += has[i] != 0 ? weights_[i] : 0;
  return sum / total_;
}

inline const Contact *FieldCoverage::ContactFor(size_t field,
                                                std::span<const uint32_t> records) const {
  const Contact *best = nullptr;
  const auto rank = [](const Contact &contact) {
    return std::pair(contact.verified_at == kNoInstant ? 1 : 0,
                     contact.preference == 0 ? 101 : int{contact.preference});
  };
  for (const uint32_t record : records) {
    auto own = std::ranges::lower_bound(contacts_, std::pair(record, uint32_t{0}));
    for (; own != contacts_.end() && own->first == record; ++own) {
      const Contact &contact = reg_.contacts()[own->second];
      if (type_of_[static_cast<size_t>(contact.type)] != static_cast<int32_t>(field)) continue;
      if (best == nullptr || rank(contact) < rank(*best)) best = &contact;
    }
  }
  return best;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_FIELD_CATALOGUE_HPP_
