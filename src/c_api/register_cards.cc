// Cards, lists and completeness by a catalogue of fields.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <map>
#include <numeric>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "c_api/nan.hpp"
#include "c_api/register.hpp"
#include "c_api/register_rules.hpp"
#include "patron/c/customers_register_views.h"
#include "patron/customers/field_catalogue.hpp"
#include "patron/customers/survivorship.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

using customers::CatalogueField;
using customers::EntityGroups;
using customers::FieldClass;
using customers::FieldCoverage;
using customers::FieldValue;
using customers::kNoInstant;
using customers::RecordIndex;
using customers::Register;

constexpr uint32_t kNoPlace = std::numeric_limits<uint32_t>::max();

std::string_view ClassName(const CatalogueField &field) {
  return customers::kFieldClassNames[static_cast<size_t>(field.cls)];
}

// The place in a catalogue of each field of a register, or kNoPlace.
std::vector<uint32_t> PlacesOf(const Register &reg, const std::vector<CatalogueField> &catalogue) {
  std::vector<uint32_t> places;
  for (const std::string &name : reg.field_names()) {
    const auto found = std::ranges::find(catalogue, name, &CatalogueField::name);
    places.push_back(found == catalogue.end() ? kNoPlace
                                              : static_cast<uint32_t>(found - catalogue.begin()));
  }
  return places;
}

// The rows of a card.
struct CardRows {
  std::vector<std::string_view> field, cls, value, rule, source, captured_by;
  std::vector<uint8_t> required, missing;
  std::vector<uint32_t> record;
  std::vector<int64_t> captured_at;

  void Add(const CatalogueField &own, std::string_view text, std::string_view why) {
    field.push_back(own.name);
    cls.push_back(ClassName(own));
    required.push_back(own.required ? 1 : 0);
    value.push_back(text);
    rule.push_back(why);
    missing.push_back(own.required && text.empty() ? 1 : 0);
  }
  void AddSource(const Register &reg, uint32_t from, int64_t at) {
    const customers::Provenance *own =
        from == RecordIndex::kUnknown ? nullptr : &reg.BatchOf(from).provenance;
    record.push_back(from);
    source.push_back(own == nullptr ? std::string_view() : own->source);
    captured_by.push_back(own == nullptr ? std::string_view() : own->captured_by);
    captured_at.push_back(at);
  }
};

absl::StatusOr<arrow::Table> CardTable(const Register &reg, uint32_t entity,
                                       const std::vector<CatalogueField> &catalogue,
                                       const customers::Survivorship &rules, int64_t at,
                                       patron_card_summary *summary) {
  const EntityGroups groups =
      at == customers::kLatest ? EntityGroups() : customers::GroupByEntity(reg, at);
  std::vector<uint32_t> records;
  if (at == customers::kLatest) {
    records = reg.log().RecordsOf(entity);
  } else {
    const auto found = std::ranges::lower_bound(groups.entities, entity);
    if (found == groups.entities.end() || *found != entity) {
      return absl::NotFoundError(absl::StrCat("entity: ", entity, "; it had no record then"));
    }
    const auto own = groups.Of(static_cast<size_t>(found - groups.entities.begin()));
    records.assign(own.begin(), own.end());
  }
  const FieldCoverage coverage(reg, catalogue, at);
  std::vector<uint8_t> has(catalogue.size());
  for (const uint32_t record : records) coverage.Add(record, has);
  customers::Survivors survivors(reg, rules, at);
  const auto values = survivors.Choose(records);
  const std::vector<uint32_t> places = PlacesOf(reg, catalogue);
  CardRows rows;
  uint64_t missing = 0, unauthored = 0;
  for (uint32_t place = 0; place < catalogue.size(); ++place) {
    const CatalogueField &field = catalogue[place];
    bool there = false;
    for (const FieldValue &value : values) {
      if (!value.won || places[value.field] != place) continue;
      rows.Add(field, value.value, customers::kSurvivorReasonNames[value.reason]);
      const customers::RecordBatch &batch = reg.BatchOf(value.record);
      rows.AddSource(reg, value.record, batch.CapturedAt(reg.RowOf(value.record)));
      if (field.cls == FieldClass::kSubjective && batch.provenance.captured_by.empty()) {
        ++unauthored;
      }
      there = true;
    }
    if (there) continue;
    const customers::Contact *contact = coverage.ContactFor(place, records);
    rows.Add(field, contact == nullptr ? std::string_view() : contact->raw,
             contact == nullptr ? std::string_view() : "contact");
    rows.AddSource(reg, contact == nullptr ? RecordIndex::kUnknown : contact->record,
                   contact == nullptr ? kNoInstant : contact->times.known);
    missing += rows.missing.back();
  }
  summary->entity = entity;
  summary->completeness = coverage.Completeness(has);
  summary->missing = missing;
  summary->unauthored = unauthored;
  arrow::TableBuilder builder;
  builder.AddText("field", rows.field);
  builder.AddText("class", rows.cls);
  builder.AddBool("required", rows.required);
  AddTexts("value", rows.value, builder);
  AddTexts("rule", rows.rule, builder);
  AddIds(reg, "record", rows.record, builder);
  AddTexts("source", rows.source, builder);
  AddTexts("captured_by", rows.captured_by, builder);
  AddInstants("captured_at", std::move(rows.captured_at), builder);
  builder.AddBool("missing", rows.missing);
  return builder.Finish();
}

// The class of each entity, as a number in `names`; -1 = none.
struct Classes {
  std::vector<std::string> names;  // Ascending.
  std::map<uint32_t, uint32_t> of;
};

absl::StatusOr<Classes> ReadClasses(const Register &reg, const patron_table *table) {
  Classes classes;
  if (table == nullptr) return classes;
  PATRON_ASSIGN_OR_RETURN(const auto entity_reader, arrow::OpenIntegers(table->table, "entity"));
  PATRON_ASSIGN_OR_RETURN(const auto entities, arrow::Load(entity_reader));
  PATRON_ASSIGN_OR_RETURN(const auto texts, SparseText(table->table, "class"));
  PATRON_RETURN_IF_ERROR(table->table.Require("class").status());
  for (size_t row = 0; row < entities.values.size(); ++row) {
    if (texts.has(row)) classes.names.emplace_back(texts.loaded.values[row]);
  }
  std::ranges::sort(classes.names);
  classes.names.erase(std::unique(classes.names.begin(), classes.names.end()), classes.names.end());
  for (size_t row = 0; row < entities.values.size(); ++row) {
    const int64_t id = entities.values[row];
    const uint32_t entity = id < 0 ? 0 : reg.log().Resolve(static_cast<uint64_t>(id));
    if (entity == 0) {
      return absl::NotFoundError(
          absl::StrCat("entity: row ", row, " is ", id, "; there is no such entity"));
    }
    if (!texts.has(row)) continue;
    const auto name = std::ranges::lower_bound(classes.names, texts.loaded.values[row]);
    const auto number = static_cast<uint32_t>(name - classes.names.begin());
    const auto [known, fresh] = classes.of.emplace(entity, number);
    if (!fresh && known->second != number) {
      return InvalidRow("class", row, Quoted(*name),
                        Quoted(classes.names[known->second]).append(", as before of entity ") +
                            std::to_string(entity));
    }
  }
  return classes;
}

absl::StatusOr<arrow::Table> ListTable(const Register &reg, const Classes &classes,
                                       const std::vector<CatalogueField> &catalogue,
                                       const customers::Survivorship &rules, int64_t at) {
  const EntityGroups groups = customers::GroupByEntity(reg, at);
  const size_t n = groups.entities.size();
  const auto none = static_cast<uint32_t>(classes.names.size());
  std::vector<uint32_t> numbers(n), order(n);
  for (size_t i = 0; i < n; ++i) {
    const auto known = classes.of.find(groups.entities[i]);
    numbers[i] = known == classes.of.end() ? none : known->second;
  }
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, [&](uint32_t i) { return numbers[i]; });
  std::vector<uint32_t> required;
  for (uint32_t place = 0; place < catalogue.size(); ++place) {
    if (catalogue[place].required) required.push_back(place);
  }
  const FieldCoverage coverage(reg, catalogue, at);
  customers::Survivors survivors(reg, rules, at);
  const std::vector<uint32_t> places = PlacesOf(reg, catalogue);
  std::vector<std::string_view> cls;
  std::vector<int64_t> entities, records, missing;
  std::vector<double> completeness;
  std::vector<std::string> missing_fields;
  std::vector<std::vector<std::string_view>> columns(catalogue.size());
  std::vector<uint8_t> has(catalogue.size());
  for (const uint32_t i : order) {
    const auto own = groups.Of(i);
    std::ranges::fill(has, 0);
    for (const uint32_t record : own) coverage.Add(record, has);
    cls.push_back(numbers[i] == none ? std::string_view() : classes.names[numbers[i]]);
    entities.push_back(groups.entities[i]);
    records.push_back(static_cast<int64_t>(own.size()));
    completeness.push_back(coverage.Completeness(has));
    std::string &names = missing_fields.emplace_back();
    missing.push_back(0);
    for (const uint32_t place : required) {
      columns[place].emplace_back();
      if (has[place] != 0) continue;
      ++missing.back();
      absl::StrAppend(&names, names.empty() ? "" : ", ", catalogue[place].name);
    }
    for (const FieldValue &value : survivors.Choose(own)) {
      const uint32_t place = places[value.field];
      if (place == kNoPlace || !catalogue[place].required || !value.won) continue;
      if (columns[place].back().empty()) columns[place].back() = value.value;
    }
    for (const uint32_t place : required) {
      if (has[place] == 0 || !columns[place].back().empty()) continue;
      const customers::Contact *contact = coverage.ContactFor(place, own);
      if (contact != nullptr) columns[place].back() = contact->raw;
    }
  }
  std::vector<std::string_view> named(missing_fields.begin(), missing_fields.end());
  arrow::TableBuilder builder;
  AddTexts("class", cls, builder);
  builder.AddInt64("entity", std::move(entities));
  builder.AddInt64("records", std::move(records));
  builder.AddFloat64("completeness", std::move(completeness));
  builder.AddInt64("missing", std::move(missing));
  AddTexts("missing_fields", named, builder);
  for (const uint32_t place : required) {
    AddTexts(absl::StrCat("field.", catalogue[place].name).c_str(), columns[place], builder);
  }
  return builder.Finish();
}

int64_t MissingOf(const std::vector<CatalogueField> &catalogue, const std::vector<uint8_t> &has) {
  int64_t missing = 0;
  for (size_t place = 0; place < has.size(); ++place) {
    missing += catalogue[place].required && has[place] == 0 ? 1 : 0;
  }
  return missing;
}

absl::StatusOr<arrow::Table> CompletenessTable(const Register &reg,
                                               const std::vector<CatalogueField> &catalogue,
                                               int32_t by, int64_t at, double *base) {
  const EntityGroups groups = customers::GroupByEntity(reg, at);
  const FieldCoverage coverage(reg, catalogue, at);
  std::vector<int64_t> entities, counts, filled, missing, of_field(catalogue.size());
  std::vector<double> shares;
  std::vector<uint32_t> records;
  std::vector<uint8_t> has(catalogue.size());
  double sum = 0;
  const auto add = [&](uint32_t entity) {
    entities.push_back(entity);
    shares.push_back(coverage.Completeness(has));
    filled.push_back(std::accumulate(has.begin(), has.end(), int64_t{0}));
    missing.push_back(MissingOf(catalogue, has));
  };
  for (size_t i = 0; i < groups.entities.size(); ++i) {
    std::ranges::fill(has, 0);
    for (const uint32_t record : groups.Of(i)) coverage.Add(record, has);
    sum += coverage.Completeness(has);
    for (size_t place = 0; place < has.size(); ++place) of_field[place] += has[place];
    if (by == PATRON_BY_ENTITY) {
      add(groups.entities[i]);
      counts.push_back(static_cast<int64_t>(groups.Of(i).size()));
    }
    if (by != PATRON_BY_RECORD) continue;
    for (const uint32_t record : groups.Of(i)) {
      std::ranges::fill(has, 0);
      coverage.Add(record, has);
      records.push_back(record);
      add(groups.entities[i]);
    }
  }
  const auto n = static_cast<int64_t>(groups.entities.size());
  *base = n == 0 ? kNaN : sum / static_cast<double>(n);
  arrow::TableBuilder builder;
  if (by == PATRON_BY_FIELD) {
    std::vector<std::string_view> names, classes;
    std::vector<uint8_t> required;
    std::vector<double> weights;
    for (size_t place = 0; place < catalogue.size(); ++place) {
      names.push_back(catalogue[place].name);
      classes.push_back(ClassName(catalogue[place]));
      required.push_back(catalogue[place].required ? 1 : 0);
      weights.push_back(catalogue[place].weight);
      shares.push_back(n == 0 ? kNaN
                              : static_cast<double>(of_field[place]) / static_cast<double>(n));
    }
    builder.AddText("field", names);
    builder.AddText("class", classes);
    builder.AddBool("required", required);
    builder.AddFloat64("weight", std::move(weights));
    builder.AddInt64("filled", std::move(of_field));
    builder.AddInt64("entities", std::vector<int64_t>(catalogue.size(), n));
    builder.AddFloat64("share", std::move(shares));
    return builder.Finish();
  }
  if (by == PATRON_BY_RECORD) AddIds(reg, "id", records, builder);
  builder.AddInt64("entity", std::move(entities));
  if (by == PATRON_BY_ENTITY) builder.AddInt64("records", std::move(counts));
  builder.AddFloat64("completeness", std::move(shares));
  builder.AddInt64("filled", std::move(filled));
  builder.AddInt64("missing", std::move(missing));
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_field_catalogue(const char *trade, patron_table **out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::ReadName("trade", trade));
    const auto fields = customers::CatalogueTemplate(name);
    if (fields.empty()) {
      return patron::InvalidOption("trade", patron::Quoted(name),
                                   "retail, services, business_to_business, hotel or finance");
    }
    std::vector<std::string_view> names, classes;
    std::vector<uint8_t> required;
    std::vector<double> weights, volatility;
    for (const customers::TemplateField &field : fields) {
      names.push_back(field.name);
      classes.push_back(customers::kFieldClassNames[static_cast<size_t>(field.cls)]);
      required.push_back(field.required ? 1 : 0);
      weights.push_back(field.weight);
      volatility.push_back(field.volatility);
    }
    arrow::TableBuilder builder;
    builder.AddText("field", names);
    builder.AddText("class", classes);
    builder.AddBool("required", required);
    builder.AddFloat64("weight", std::move(weights));
    builder.AddFloat64("volatility", std::move(volatility));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_register_card(const patron_register *reg, uint64_t entity,
                                              const patron_table *catalogue,
                                              const patron_table *rules, int64_t at,
                                              patron_table **out, patron_card_summary *summary,
                                              patron_error *error) {
  patron_card_summary result{};
  const patron_status status =
      c_api::GiveTable(reg, out, error, [&](const auto &own) -> absl::StatusOr<arrow::Table> {
        PATRON_RETURN_IF_ERROR(c_api::CheckOut("summary", summary));
        PATRON_ASSIGN_OR_RETURN(const auto fields, c_api::ReadCatalogue(catalogue));
        PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadRules(rules));
        PATRON_ASSIGN_OR_RETURN(const uint32_t living, c_api::Resolved(own, entity));
        // At an instant an id that is retired now was an entity's own.
        const uint32_t wanted = at == customers::kLatest ? living : static_cast<uint32_t>(entity);
        return c_api::CardTable(own, wanted, fields, read, at, &result);
      });
  if (status == PATRON_OK) c_api::WriteOut(result, summary);
  return status;
}

extern "C" patron_status patron_register_list(const patron_register *reg,
                                              const patron_table *classes,
                                              const patron_table *catalogue,
                                              const patron_table *rules, int64_t at,
                                              patron_table **out, patron_error *error) {
  return c_api::GiveTable(reg, out, error, [&](const auto &own) -> absl::StatusOr<arrow::Table> {
    PATRON_ASSIGN_OR_RETURN(const auto fields, c_api::ReadCatalogue(catalogue));
    PATRON_ASSIGN_OR_RETURN(const auto read, c_api::ReadRules(rules));
    PATRON_ASSIGN_OR_RETURN(const auto given, c_api::ReadClasses(own, classes));
    return c_api::ListTable(own, given, fields, read, at);
  });
}

extern "C" patron_status patron_register_completeness(const patron_register *reg,
                                                      const patron_table *catalogue, int32_t by,
                                                      int64_t at, patron_table **out, double *base,
                                                      patron_error *error) {
  double mean = 0;
  const patron_status status =
      c_api::GiveTable(reg, out, error, [&](const auto &own) -> absl::StatusOr<arrow::Table> {
        PATRON_RETURN_IF_ERROR(c_api::CheckEnum("by", by, 3));
        PATRON_ASSIGN_OR_RETURN(const auto fields, c_api::ReadCatalogue(catalogue));
        return c_api::CompletenessTable(own, fields, by, at, &mean);
      });
  if (status == PATRON_OK && base != nullptr) *base = mean;
  return status;
}
