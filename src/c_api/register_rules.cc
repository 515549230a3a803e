#include "c_api/register_rules.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "patron/c/customers_register_views.h"

namespace patron::c_api {
namespace {

using customers::CatalogueField;
using customers::FieldClass;
using customers::FieldRules;
using customers::SurvivorRule;
using customers::Survivorship;

}  // namespace

absl::StatusOr<Survivorship> ReadRules(const patron_table *rules) {
  Survivorship read;
  if (rules == nullptr) return read;
  PATRON_ASSIGN_OR_RETURN(const auto field_reader, arrow::OpenText(rules->table, "field"));
  PATRON_ASSIGN_OR_RETURN(const auto rule_reader, arrow::OpenText(rules->table, "rule"));
  PATRON_ASSIGN_OR_RETURN(const auto fields, arrow::Load(field_reader));
  PATRON_ASSIGN_OR_RETURN(const auto names, arrow::Load(rule_reader));
  bool has_standard = false;
  for (size_t row = 0; row < fields.values.size(); ++row) {
    const std::string_view field = fields.values[row], name = names.values[row];
    if (field.empty()) return InvalidRow("field", row, "empty", "the name of a field, or *");
    FieldRules *own = &read.standard;
    if (field == "*") {
      if (!has_standard) own->order.clear();
      has_standard = true;
    } else {
      auto known =
          std::ranges::find_if(read.fields, [&](const auto &f) { return f.first == field; });
      if (known == read.fields.end()) {
        read.fields.push_back({std::string(field), {.all = false, .order = {}}});
        known = read.fields.end() - 1;
      }
      own = &known->second;
    }
    if (name == "union") {
      if (own->all) return InvalidRow("rule", row, "'union' again", "each rule of a field once");
      own->all = true;
      continue;
    }
    PATRON_ASSIGN_OR_RETURN(const size_t rule,
                            PlaceOf("rule", row, name, customers::kSurvivorRuleNames, " or union"));
    const auto chosen = static_cast<SurvivorRule>(rule);
    if (std::ranges::find(own->order, chosen) != own->order.end()) {
      return InvalidRow("rule", row, Quoted(name) + " again", "each rule of a field once");
    }
    own->order.push_back(chosen);
  }
  return read;
}

absl::StatusOr<std::vector<CatalogueField>> ReadCatalogue(const patron_table *catalogue) {
  PATRON_RETURN_IF_ERROR(RequirePointer("catalogue", catalogue));
  const arrow::Table &table = catalogue->table;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, "field"));
  PATRON_ASSIGN_OR_RETURN(const auto names, arrow::Load(reader));
  PATRON_ASSIGN_OR_RETURN(const auto classes, SparseText(table, "class"));
  PATRON_ASSIGN_OR_RETURN(const auto required, SparseFlags(table, "required"));
  PATRON_ASSIGN_OR_RETURN(const auto weights, SparseNumbers(table, "weight"));
  PATRON_ASSIGN_OR_RETURN(const auto volatility, SparseNumbers(table, "volatility"));
  std::vector<CatalogueField> fields(names.values.size());
  for (size_t row = 0; row < fields.size(); ++row) {
    CatalogueField &field = fields[row];
    field.name = names.values[row];
    if (classes.has(row)) {
      PATRON_ASSIGN_OR_RETURN(const size_t place, PlaceOf("class", row, classes.loaded.values[row],
                                                          customers::kFieldClassNames));
      field.cls = static_cast<FieldClass>(place);
    }
    field.required = required.value(row, 0) != 0;
    field.weight = weights.value(row, 1);
    field.volatility = volatility.value(row, 0);
  }
  PATRON_RETURN_IF_ERROR(customers::CheckCatalogue(fields));
  return fields;
}

}  // namespace patron::c_api
