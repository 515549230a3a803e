// Keys of columns of text.
#include "patron/c/customers_keys.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/builder.hpp"
#include "arrow/reader.hpp"
#include "c_api/columns.hpp"
#include "c_api/customers_text.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "customers/text_keys.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/compare.hpp"
#include "patron/customers/identity_number.hpp"
#include "patron/customers/phone.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

namespace patron::c_api {
namespace {

// The columns of a result while rows are written, by several threads.
class KeyColumns {
 public:
  explicit KeyColumns(size_t rows) : rows_(rows) {}

  std::vector<std::string> &Text(const char *name) {
    return columns_.emplace_back(Column{name, std::vector<std::string>(rows_), {}}).texts;
  }
  std::vector<uint8_t> &Flag(const char *name) {
    return columns_.emplace_back(Column{name, {}, std::vector<uint8_t>(rows_)}).flags;
  }

  absl::StatusOr<arrow::Table> Finish(const std::vector<uint8_t> &valid) const {
    arrow::TableBuilder builder;
    for (const Column &column : columns_) {
      if (column.texts.empty() && rows_ > 0) {
        builder.AddBool(column.name, column.flags, valid);
        continue;
      }
      std::vector<uint8_t> present(rows_);
      for (size_t i = 0; i < rows_; ++i) present[i] = column.texts[i].empty() ? 0 : 1;
      builder.AddText(column.name, std::span<const std::string>(column.texts), present);
    }
    return builder.Finish();
  }

 private:
  struct Column {
    const char *name;
    std::vector<std::string> texts;
    std::vector<uint8_t> flags;
  };
  size_t rows_;
  std::deque<Column> columns_;
};

// Runs `read(row, text)` over the rows that have one, in parts.
template <typename Read>
absl::Status ForRows(const arrow::Loaded<std::string_view> &values, const Execution &execution,
                     Read read) {
  constexpr size_t kPart = 4096;
  return customers::detail::InRounds(execution, values.values.size(), kPart, [&](Range rows) {
    for (size_t i = rows.begin; i < rows.end; ++i) {
      if (values.valid.empty() || values.valid[i] != 0) read(i, values.values[i]);
    }
  });
}

absl::Status FillColumns(int32_t kind, std::string_view region,
                         const arrow::Loaded<std::string_view> &values, const Execution &execution,
                         KeyColumns &columns) {
  switch (kind) {
    case PATRON_KEYS_TEXT: {
      auto &key = columns.Text("key");
      auto &damaged = columns.Flag("damaged");
      return ForRows(values, execution, [&](size_t i, std::string_view text) {
        customers::TextKey read = customers::ReadText(text);
        key[i] = std::move(read.key);
        damaged[i] = read.damaged ? 1 : 0;
      });
    }
    case PATRON_KEYS_NAME: {
      auto &key = columns.Text("key"), &surname = columns.Text("surname");
      auto &given = columns.Text("given"), &pinyin = columns.Text("pinyin");
      auto &reversed = columns.Text("reversed"), &sounds = columns.Text("sounds");
      auto &ambiguous = columns.Flag("ambiguous"), &damaged = columns.Flag("damaged");
      return ForRows(values, execution, [&](size_t i, std::string_view text) {
        customers::NameKey read = customers::ReadName(text);
        key[i] = std::move(read.key);
        surname[i] = std::move(read.surname);
        given[i] = std::move(read.given);
        pinyin[i] = std::move(read.pinyin);
        reversed[i] = std::move(read.reversed);
        sounds[i] = std::move(read.sounds);
        ambiguous[i] = read.ambiguous ? 1 : 0;
        damaged[i] = read.damaged ? 1 : 0;
      });
    }
    case PATRON_KEYS_PHONE: {
      auto &e164 = columns.Text("e164"), &extension = columns.Text("extension");
      auto &type = columns.Text("type");
      auto &valid = columns.Flag("valid"), &identity = columns.Flag("identity");
      return ForRows(values, execution, [&](size_t i, std::string_view text) {
        customers::Phone read = customers::ReadPhone(text, region);
        if (!read.e164.empty()) {
          type[i] = customers::kPhoneTypeNames[static_cast<size_t>(read.type)];
        }
        e164[i] = std::move(read.e164);
        extension[i] = std::move(read.extension);
        valid[i] = read.valid ? 1 : 0;
        identity[i] = read.identity ? 1 : 0;
      });
    }
    case PATRON_KEYS_EMAIL: {
      auto &key = columns.Text("key"), &domain = columns.Text("domain");
      auto &valid = columns.Flag("valid");
      return ForRows(values, execution, [&](size_t i, std::string_view text) {
        customers::EmailKey read = customers::ReadEmail(text);
        key[i] = std::move(read.key);
        domain[i] = std::move(read.domain);
        valid[i] = read.valid ? 1 : 0;
      });
    }
    case PATRON_KEYS_ORGANISATION: {
      auto &core = columns.Text("core"), &place = columns.Text("place");
      auto &form = columns.Text("form");
      return ForRows(values, execution, [&](size_t i, std::string_view text) {
        customers::OrganisationKey read = customers::ReadOrganisation(text);
        core[i] = std::move(read.core);
        place[i] = std::move(read.place);
        form[i] = std::move(read.form);
      });
    }
    case PATRON_KEYS_ADDRESS: {
      auto &key = columns.Text("key"), &province = columns.Text("province");
      auto &city = columns.Text("city"), &district = columns.Text("district");
      auto &rest = columns.Text("rest"), &code = columns.Text("code");
      auto &township = columns.Text("township"), &road = columns.Text("road");
      auto &number = columns.Text("number"), &building = columns.Text("building");
      auto &unit = columns.Text("unit"), &room = columns.Text("room");
      return ForRows(values, execution, [&](size_t i, std::string_view text) {
        customers::AddressKey read = customers::ReadAddress(text);
        key[i] = std::move(read.key);
        province[i] = std::move(read.province);
        city[i] = std::move(read.city);
        district[i] = std::move(read.district);
        rest[i] = std::move(read.rest);
        code[i] = std::move(read.code);
        township[i] = std::move(read.township);
        road[i] = std::move(read.road);
        number[i] = std::move(read.number);
        building[i] = std::move(read.building);
        unit[i] = std::move(read.unit);
        room[i] = std::move(read.room);
      });
    }
    default: {
      auto &type = columns.Text("type");
      auto &valid = columns.Flag("valid");
      return ForRows(values, execution, [&](size_t i, std::string_view text) {
        const customers::IdentityNumber read = customers::ReadIdentityNumber(text);
        if (read.kind != customers::IdentityKind::kNone) {
          type[i] = customers::kIdentityKindNames[static_cast<size_t>(read.kind)];
        }
        valid[i] = read.valid ? 1 : 0;
      });
    }
  }
}

absl::StatusOr<arrow::Table> ReadKeys(const patron_column &values,
                                      const patron_keys_options &full) {
  const std::string_view region = full.region == nullptr ? "" : full.region;
  if (!customers::IsPhoneRegion(region)) {
    return InvalidOption("region", Quoted(region), "CN, HK, MO, TW, US, CA or GB");
  }
  const Execution execution = ToExecution(full.context);
  patron_column named = values;
  named.name = "values";
  PATRON_ASSIGN_OR_RETURN(const arrow::Table table, arrow::Table::Borrow(&named, 1));
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenText(table, "values", arrow::Nulls::kMask));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
  for (size_t i = 0; i < loaded.values.size(); ++i) {
    if (arrow::IsNull(loaded.valid, i)) continue;
    // Four bytes a code point at most.
    if (loaded.values[i].size() > 4 * kMostCodePoints) {
      return InvalidRow("values", i, absl::StrCat(loaded.values[i].size(), " bytes"),
                        absl::StrCat("at most ", 4 * kMostCodePoints));
    }
  }
  KeyColumns columns(loaded.values.size());
  PATRON_RETURN_IF_ERROR(FillColumns(full.kind, region, loaded, execution, columns));
  return columns.Finish(loaded.valid);
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_keys_options_init(patron_keys_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->kind = PATRON_KEYS_TEXT;
  options->region = "CN";
}

extern "C" patron_status patron_keys_read(const patron_column *values,
                                          const patron_keys_options *options, patron_table **out,
                                          patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("values", values));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_keys_options full;
    patron_keys_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("kind", full.kind, 7));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::ReadKeys(*values, full));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
