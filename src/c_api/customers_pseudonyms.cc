// Pseudonyms of columns of text.
#include "patron/c/customers_pseudonyms.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "arrow/text.hpp"
#include "c_api/customers_text.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "customers/keyed_hash.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/compare.hpp"
#include "patron/customers/identity_number.hpp"
#include "patron/customers/phone.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

using Key = std::span<const uint8_t>;

// An optional text. Errors: InvalidArgument if it is not UTF-8.
absl::StatusOr<std::string_view> ReadPart(std::string_view argument, const char *text) {
  const std::string_view part = text == nullptr ? "" : text;
  if (!arrow::IsUtf8(part)) return InvalidOption(argument, Quoted(part), "UTF-8");
  return part;
}

struct Values {
  arrow::Table table;
  arrow::Loaded<std::string_view> loaded;
  bool present(size_t row) const { return loaded.valid.empty() || loaded.valid[row] != 0; }
};

absl::StatusOr<Values> ReadValues(const patron_column &column, const Execution &execution) {
  patron_column named = column;
  named.name = "values";
  PATRON_ASSIGN_OR_RETURN(arrow::Table table, arrow::Table::Borrow(&named, 1));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, "values", arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(auto loaded, arrow::Load(reader, execution));
  Values values{std::move(table), std::move(loaded)};
  for (size_t i = 0; i < values.loaded.values.size(); ++i) {
    if (values.present(i) && values.loaded.values[i].size() > 4 * kMostCodePoints) {
      return InvalidRow("values", i, absl::StrCat(values.loaded.values[i].size(), " bytes"),
                        absl::StrCat("at most ", 4 * kMostCodePoints));
    }
  }
  return values;
}

absl::StatusOr<arrow::Table> MakePseudonyms(const patron_column &column, Key key,
                                            const patron_pseudonym_options &options) {
  PATRON_RETURN_IF_ERROR(customers::CheckKey(key));
  PATRON_ASSIGN_OR_RETURN(const std::string_view field, ReadPart("field", options.field));
  PATRON_ASSIGN_OR_RETURN(const std::string_view tenant, ReadPart("tenant", options.tenant));
  PATRON_ASSIGN_OR_RETURN(const std::string_view purpose, ReadPart("purpose", options.purpose));
  const std::string_view region = options.region == nullptr ? "" : options.region;
  if (!customers::IsPhoneRegion(region)) {
    return InvalidOption("region", Quoted(region), "CN, HK, MO, TW, US, CA or GB");
  }
  const Execution execution = ToExecution(options.context);
  PATRON_ASSIGN_OR_RETURN(const Values values, ReadValues(column, execution));
  const size_t n = values.loaded.values.size();
  const auto kind = static_cast<customers::ValueKind>(options.kind);
  const customers::KeyedHash hash(key, {tenant, purpose, field});
  std::vector<std::string> pseudonyms(n);
  constexpr size_t kPart = 4096;
  PATRON_RETURN_IF_ERROR(customers::detail::InRounds(execution, n, kPart, [&](Range rows) {
    for (size_t i = rows.begin; i < rows.end; ++i) {
      if (!values.present(i)) continue;
      pseudonyms[i] = customers::HexOf(
          hash.PseudonymOf(customers::ComparedAs(values.loaded.values[i], kind, region)));
    }
  }));
  arrow::TableBuilder builder;
  builder.AddText("pseudonym", std::span<const std::string>(pseudonyms), values.loaded.valid);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> HashIdentities(const patron_column &column, Key key,
                                            std::string_view tenant) {
  PATRON_RETURN_IF_ERROR(customers::CheckKey(key));
  PATRON_ASSIGN_OR_RETURN(const Values values, ReadValues(column, {}));
  const size_t n = values.loaded.values.size();
  std::vector<std::string> hashes(n);
  std::vector<std::string_view> types(n);
  std::vector<uint8_t> known(n), valid(n);
  for (size_t i = 0; i < n; ++i) {
    if (!values.present(i)) continue;
    const customers::IdentityNumber read = customers::ReadIdentityNumber(values.loaded.values[i]);
    if (read.kind == customers::IdentityKind::kNone) continue;
    types[i] = customers::kIdentityKindNames[static_cast<size_t>(read.kind)];
    const customers::KeyedHash hash(key, {tenant, "", types[i]});
    hashes[i] =
        customers::HexOf(hash.PseudonymOf(customers::IdentityCharacters(values.loaded.values[i])));
    known[i] = 1;
    valid[i] = read.valid ? 1 : 0;
  }
  arrow::TableBuilder builder;
  builder.AddText("hash", std::span<const std::string>(hashes), known);
  builder.AddText("type", std::span<const std::string_view>(types), known);
  builder.AddBool("valid", valid, values.loaded.valid);
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_pseudonym_options_init(patron_pseudonym_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->kind = PATRON_PSEUDONYM_RAW;
  options->region = "CN";
}

extern "C" patron_status patron_pseudonyms(const patron_column *values, const void *key,
                                           size_t key_size, const patron_pseudonym_options *options,
                                           patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("values", values));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("key", key));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_pseudonym_options full;
    patron_pseudonym_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("kind", full.kind, customers::kValueKinds));
    PATRON_ASSIGN_OR_RETURN(
        arrow::Table table,
        c_api::MakePseudonyms(*values, {static_cast<const uint8_t *>(key), key_size}, full));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_identity_hashes(const patron_column *values, const void *key,
                                                size_t key_size, const char *tenant,
                                                patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("values", values));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("key", key));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string_view part, c_api::ReadPart("tenant", tenant));
    PATRON_ASSIGN_OR_RETURN(
        arrow::Table table,
        c_api::HashIdentities(*values, {static_cast<const uint8_t *>(key), key_size}, part));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
