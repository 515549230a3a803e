// What a person gets: JSON and vCard.
#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "c_api/bytes.hpp"
#include "c_api/columns.hpp"
#include "c_api/customers_cells.hpp"
#include "c_api/customers_values.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "json/json.hpp"
#include "patron/base/status.hpp"
#include "patron/base/time.hpp"
#include "patron/c/customers_requests.h"

namespace patron::c_api {
namespace {

// ---- JSON ----

absl::Status AddPart(std::string_view name, const arrow::Table &table, std::string_view by,
                     const customers::SubjectId &subject, std::string &json) {
  absl::StatusOr<SubjectColumn> whose = SubjectColumn::Read(table, by);
  if (!whose.ok()) {
    return absl::Status(whose.status().code(),
                        absl::StrCat(Text(name), ": ", whose.status().message()));
  }
  std::vector<std::pair<std::string, ValueColumn>> columns;
  for (const arrow::Field &field : table.fields()) {
    PATRON_ASSIGN_OR_RETURN(ValueColumn column, ValueColumn::Read(table, field.name));
    columns.emplace_back(json::Quote(field.name), std::move(column));
  }
  absl::StrAppend(&json, json::Quote(name), ": [");
  bool first = true;
  for (size_t row = 0; row < whose->size(); ++row) {
    if ((*whose)[row] != subject) continue;
    json += first ? "\n      {" : ",\n      {";
    first = false;
    for (size_t c = 0; c < columns.size(); ++c) {
      const ValueColumn &column = columns[c].second;
      absl::StrAppend(&json, c == 0 ? "" : ", ", columns[c].first, ": ");
      const bool text =
          column.type == ValueColumn::Type::kText || column.type == ValueColumn::Type::kTime;
      const bool finite = text || (column.filled[row] != 0 && std::isfinite(column.number[row]));
      // Empty text is told apart from null, as the column has it.
      if (text && (column.filled[row] != 0 || column.text[row].data() != nullptr)) {
        json += json::Quote(column.text[row]);
      } else if (!text && finite) {
        absl::StrAppend(&json, Text(column.text[row]));
      } else {
        json += "null";
      }
    }
    json += '}';
  }
  json += first ? "]" : "\n    ]";
  return absl::OkStatus();
}

// ---- vCard ----

class Card {
 public:
  explicit Card(std::string &to) : to_(to) {}

  // A line of content, folded so that none has more than 75 octets, between characters.
  void Line(std::string_view line) {
    constexpr size_t kMost = 75;
    size_t room = kMost;
    while (line.size() > room) {
      size_t cut = room;
      while (cut > 0 && (static_cast<unsigned char>(line[cut]) & 0xC0) == 0x80) --cut;
      to_.append(line.substr(0, cut));
      to_ += "\r\n ";
      line.remove_prefix(cut);
      room = kMost - 1;
    }
    to_.append(line);
    to_ += "\r\n";
  }

  // Text as values have it: RFC 6350, section 3.4.
  static std::string Escape(std::string_view text) {
    std::string escaped;
    for (const char c : text) {
      switch (c) {
        case '\\': escaped += "\\\\"; break;
        case ',': escaped += "\\,"; break;
        case ';': escaped += "\\;"; break;
        case '\n': escaped += "\\n"; break;
        default:
          if (static_cast<unsigned char>(c) >= 0x20 ? c != 0x7F : c == '\t') escaped += c;
      }
    }
    return escaped;
  }

 private:
  std::string &to_;
};

// A URI may not hold spaces or control characters.
bool IsUri(std::string_view text) {
  return text.find(':') != std::string_view::npos &&
         std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) > 0x20; });
}

std::string Numbered(std::string_view name, int number) {
  return number == 1 ? std::string(name) : absl::StrCat(Text(name), "_", number);
}

absl::Status WriteCards(const arrow::Table &table, std::string &bytes) {
  PATRON_ASSIGN_OR_RETURN(const auto names, ReadTexts(table, "name", Presence::kRequired));
  constexpr std::array<std::string_view, 13> kTexts = {
      "uid",  "kind",   "surname",  "given",   "organisation", "title", "street",
      "city", "region", "postcode", "country", "url",          "note"};
  std::array<TextCells, kTexts.size()> texts;
  for (size_t i = 0; i < texts.size(); ++i) {
    PATRON_ASSIGN_OR_RETURN(texts[i], ReadTexts(table, kTexts[i]));
  }
  constexpr int kMostOfAKind = 9;
  std::vector<TextCells> phones, emails;
  for (int number = 1; number <= kMostOfAKind; ++number) {
    PATRON_ASSIGN_OR_RETURN(auto phone, ReadTexts(table, Numbered("phone", number)));
    PATRON_ASSIGN_OR_RETURN(auto email, ReadTexts(table, Numbered("email", number)));
    phones.push_back(std::move(phone));
    emails.push_back(std::move(email));
  }
  PATRON_ASSIGN_OR_RETURN(const auto birthdays, ReadTimes(table, "birthday"));
  PATRON_ASSIGN_OR_RETURN(const auto revised, ReadTimes(table, "revised"));
  Card card(bytes);
  for (size_t row = 0; row < static_cast<size_t>(table.rows()); ++row) {
    const auto text = [&](std::string_view column) {
      const auto *at = std::ranges::find(kTexts, column);
      return Card::Escape(texts[static_cast<size_t>(at - kTexts.begin())].Or(row, {}));
    };
    const auto line = [&](std::string_view start, const std::string &value) {
      if (!value.empty()) card.Line(absl::StrCat(Text(start), value));
    };
    const std::string name = Card::Escape(names.Or(row, {}));
    if (name.empty()) return InvalidRow("name", row, "empty", "text, as each card has a name");
    card.Line("BEGIN:VCARD");
    card.Line("VERSION:4.0");
    const std::string kind = text("kind");
    if (!kind.empty() && kind != "individual" && kind != "org" && kind != "group" &&
        kind != "location") {
      return InvalidRow("kind", row, Quoted(kind), "individual, org, group or location");
    }
    line("KIND:", kind);
    // The value of a URI is not escaped; what is none is text.
    const auto uri = [&](std::string_view property, std::string_view column) {
      const auto *at = std::ranges::find(kTexts, column);
      const std::string_view raw = texts[static_cast<size_t>(at - kTexts.begin())].Or(row, {});
      line(absl::StrCat(Text(property), IsUri(raw) ? ":" : ";VALUE=text:"),
           IsUri(raw) ? std::string(raw) : Card::Escape(raw));
    };
    uri("UID", "uid");
    line("FN:", name);
    if (!text("surname").empty() || !text("given").empty()) {
      card.Line(absl::StrCat("N:", text("surname"), ";", text("given"), ";;;"));
    }
    for (int number = 1; number <= kMostOfAKind; ++number) {
      const auto i = static_cast<size_t>(number - 1);
      const std::string phone = Card::Escape(phones[i].Or(row, {}));
      const bool plain = phone.size() > 1 && phone[0] == '+' &&
                         phone.find_first_not_of("0123456789", 1) == std::string::npos;
      line(absl::StrCat("TEL;VALUE=", plain ? "uri" : "text", ";PREF=", number,
                        plain ? ":tel:" : ":"),
           phone);
      line(absl::StrCat("EMAIL;PREF=", number, ":"), Card::Escape(emails[i].Or(row, {})));
    }
    std::string address = ";;";
    bool any = false;
    for (const std::string_view part : {"street", "city", "region", "postcode", "country"}) {
      const std::string value = text(part);
      any = any || !value.empty();
      absl::StrAppend(&address, value, part == "country" ? "" : ";");
    }
    if (any) card.Line(absl::StrCat("ADR:", address));
    line("ORG:", text("organisation"));
    line("TITLE:", text("title"));
    constexpr int64_t kDay = int64_t{86'400} * 1'000'000;
    if (birthdays.has(row)) {
      const int64_t time = birthdays.Or(row, 0);
      std::string day = FormatDay(time >= 0 ? time / kDay : (time - kDay + 1) / kDay);
      if (day.size() != 10) return InvalidRow("birthday", row, day, "a year of four digits");
      std::erase(day, '-');
      line("BDAY:", day);
    }
    uri("URL", "url");
    line("NOTE:", text("note"));
    if (revised.has(row)) {
      const int64_t time = revised.Or(row, 0);
      std::string stamp = FormatTime(time - ((time % 1'000'000) + 1'000'000) % 1'000'000);
      std::erase(stamp, '-');
      std::erase(stamp, ':');
      line("REV:", stamp);
    }
    card.Line("END:VCARD");
  }
  return absl::OkStatus();
}

}  // namespace
}  // namespace patron::c_api

namespace c_api = patron::c_api;

extern "C" patron_status patron_export_json(int64_t subject, const char *text, const char *by,
                                            const char *const *names,
                                            const patron_table *const *tables, size_t count,
                                            int64_t made_at, patron_bytes **out,
                                            patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(const std::string column, c_api::ReadName("by", by));
    std::string id = std::to_string(subject);
    patron::customers::SubjectId who(subject);
    if (text != nullptr) {
      PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::ReadName("subject", text));
      id = patron::json::Quote(name);
      who = patron::customers::SubjectId(std::string_view(text));
    }
    std::string json =
        absl::StrCat("{\n  \"format\": \"patron.export.1\",\n  \"subject\": ", id,
                     ",\n  \"made_at\": ", patron::json::Quote(patron::FormatTime(made_at)),
                     ",\n  \"parts\": {");
    std::vector<std::string> seen;
    for (size_t i = 0; i < count; ++i) {
      PATRON_RETURN_IF_ERROR(c_api::RequirePointer("names", names));
      PATRON_RETURN_IF_ERROR(c_api::RequirePointer("tables", tables));
      PATRON_RETURN_IF_ERROR(c_api::RequirePointer("tables", tables[i]));
      PATRON_ASSIGN_OR_RETURN(const std::string name, c_api::ReadName("names", names[i]));
      for (const std::string &before : seen) {
        if (before == name) {
          return patron::InvalidRow("names", i, patron::Quoted(name), "each name once");
        }
      }
      json += i == 0 ? "\n    " : ",\n    ";
      PATRON_RETURN_IF_ERROR(c_api::AddPart(name, tables[i]->table, column, who, json));
      seen.push_back(name);
    }
    json += count == 0 ? "}\n}\n" : "\n  }\n}\n";
    *out = new patron_bytes{std::move(json)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_export_vcard(const patron_table *table, patron_bytes **out,
                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    std::string bytes;
    PATRON_RETURN_IF_ERROR(c_api::WriteCards(table->table, bytes));
    *out = new patron_bytes{std::move(bytes)};
    return absl::OkStatus();
  });
}
