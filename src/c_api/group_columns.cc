#include "c_api/group_columns.hpp"

#include <algorithm>
#include <functional>
#include <numeric>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "arrow/reader.hpp"
#include "arrow/type.hpp"
#include "c_api/columns.hpp"
#include "c_api/guard.hpp"
#include "patron/base/status.hpp"

namespace patron::c_api {
namespace {

// A column as ids; booleans as 0 and 1.
struct ReadColumn {
  arrow::LoadedIds ids;
  std::vector<int64_t> flags;
  bool is_flags = false;

  IdSpan span() const { return is_flags ? IdSpan(std::span<const int64_t>(flags)) : ids.ids; }
};

absl::StatusOr<ReadColumn> ReadIds(const arrow::Table &table, const std::string &name,
                                   const Execution &execution) {
  ReadColumn column;
  PATRON_ASSIGN_OR_RETURN(const size_t index, table.Require(name));
  column.is_flags = table.fields()[index].values().kind == arrow::Kind::kBool;
  if (column.is_flags) {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenFlags(table, name));
    PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader, execution));
    column.flags.assign(loaded.values.begin(), loaded.values.end());
  } else {
    PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, name));
    PATRON_ASSIGN_OR_RETURN(column.ids, arrow::Load(reader, execution));
  }
  return column;
}

// Folds the codes of one more column, of which there are `count`, into those of the columns before.
absl::Status Fold(std::span<const uint32_t> codes, size_t count, std::vector<int64_t> &packed) {
  for (size_t i = 0; i < codes.size(); ++i) {
    if (__builtin_mul_overflow(packed[i], static_cast<int64_t>(count), &packed[i])) {
      return absl::ResourceExhaustedError("strata: more combinations than can be numbered");
    }
    packed[i] += codes[i];
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadNames(std::string_view argument,
                                                   const char *const *names, size_t count) {
  std::vector<std::string> result;
  if (count == 0) return result;
  PATRON_RETURN_IF_ERROR(RequirePointer(argument, static_cast<const void *>(names)));
  for (size_t i = 0; i < count; ++i) {
    PATRON_ASSIGN_OR_RETURN(std::string name, ReadName(argument, names[i]));
    if (std::ranges::find(result, name) != result.end()) {
      return InvalidOption(argument, absl::StrCat(Quoted(name), " twice"), "every column once");
    }
    result.push_back(std::move(name));
  }
  return result;
}

absl::StatusOr<GroupColumns> GroupColumns::Read(const arrow::Table &table,
                                                const std::vector<std::string> &names,
                                                std::vector<uint32_t> &codes,
                                                const Execution &execution) {
  GroupColumns result;
  codes.clear();
  if (names.empty()) return result;
  result.names_ = names;
  const auto rows = static_cast<size_t>(table.rows());
  std::vector<std::vector<uint32_t>> of_column(names.size(), std::vector<uint32_t>(rows));
  std::vector<int64_t> packed(rows);
  for (size_t c = 0; c < names.size(); ++c) {
    PATRON_ASSIGN_OR_RETURN(const ReadColumn column, ReadIds(table, names[c], execution));
    result.flags_.push_back(column.is_flags);
    IdIndex &values = result.values_.emplace_back(column.span().is_text());
    PATRON_RETURN_IF_ERROR(values.Encode(column.span(), of_column[c]));
    PATRON_RETURN_IF_ERROR(Fold(of_column[c], values.size(), packed));
  }
  codes.resize(rows);
  PATRON_RETURN_IF_ERROR(result.together_.Encode(IdSpan(std::span<const int64_t>(packed)), codes));

  // The codes of the values that each combination was first seen with.
  const size_t count = result.together_.size(), width = names.size();
  std::vector<uint32_t> combined(count * width);
  for (size_t row = rows; row-- > 0;) {
    for (size_t c = 0; c < width; ++c) combined[codes[row] * width + c] = of_column[c][row];
  }
  std::vector<uint32_t> order(count);
  std::iota(order.begin(), order.end(), 0);
  std::ranges::sort(order, [&](uint32_t a, uint32_t b) {
    for (size_t c = 0; c < width; ++c) {
      const uint32_t x = combined[a * width + c], y = combined[b * width + c];
      if (x != y) return result.values_[c].Less(x, y);
    }
    return false;
  });
  result.place_.resize(count);
  for (uint32_t i = 0; i < count; ++i) {
    result.place_[order[i]] = i;
    for (size_t c = 0; c < width; ++c) result.groups_.push_back(combined[order[i] * width + c]);
  }
  for (uint32_t &code : codes) code = result.place_[code];
  return result;
}

absl::StatusOr<std::vector<uint32_t>> GroupColumns::Find(const arrow::Table &table,
                                                         const Execution &execution) const {
  std::vector<uint32_t> codes;
  if (names_.empty()) return codes;
  codes.resize(static_cast<size_t>(table.rows()));
  std::vector<int64_t> packed(codes.size());
  for (size_t c = 0; c < names_.size(); ++c) {
    PATRON_ASSIGN_OR_RETURN(const ReadColumn column, ReadIds(table, names_[c], execution));
    if (column.span().is_text() != values_[c].is_text()) {
      return InvalidOption(
          names_[c], column.span().is_text() ? "text" : "integers",
          values_[c].is_text() ? "text, as in the fit" : "integers, as in the fit");
    }
    values_[c].Find(column.span(), codes);
    for (size_t i = 0; i < codes.size(); ++i) {
      if (codes[i] == IdIndex::kUnknown) {
        return InvalidRow(names_[c], i, FormatId(column.span(), i), "a stratum of the fit");
      }
    }
    PATRON_RETURN_IF_ERROR(Fold(codes, values_[c].size(), packed));
  }
  for (size_t i = 0; i < codes.size(); ++i) {
    const uint32_t found = together_.Find(packed[i]);
    if (found == IdIndex::kUnknown) {
      return InvalidRow(names_.back(), i, "a new combination of values", "a stratum of the fit");
    }
    codes[i] = place_[found];
  }
  return codes;
}

GroupColumns::Content GroupColumns::content() const {
  Content content{.names = names_, .flags = flags_, .values = {}, .codes = groups_};
  for (size_t c = 0; c < names_.size(); ++c) {
    const std::vector<uint32_t> order = values_[c].Ascending();
    content.values.push_back(values_[c].List(order));
    std::vector<uint32_t> rank(order.size());
    for (uint32_t i = 0; i < order.size(); ++i) rank[order[i]] = i;
    for (size_t i = c; i < groups_.size(); i += names_.size()) {
      content.codes[i] = rank[groups_[i]];
    }
  }
  return content;
}

absl::StatusOr<GroupColumns> GroupColumns::FromContent(const Content &content) {
  const size_t width = content.names.size();
  if (content.flags.size() != width || content.values.size() != width ||
      (width == 0 ? !content.codes.empty()
                  : content.codes.empty() || content.codes.size() % width != 0)) {
    return absl::InvalidArgumentError("strata: lists differ in length");
  }
  GroupColumns result;
  if (width == 0) return result;
  result.names_ = content.names;
  result.flags_ = content.flags;
  result.groups_ = content.codes;
  const size_t count = content.codes.size() / width;
  std::vector<int64_t> packed(count);
  std::vector<uint32_t> codes(count);
  for (size_t c = 0; c < width; ++c) {
    const IdList &values = content.values[c];
    std::vector<uint8_t> used(values.size());
    for (size_t g = 0; g < count; ++g) {
      codes[g] = content.codes[g * width + c];
      if (codes[g] >= values.size()) return absl::InvalidArgumentError("strata: no such value");
      used[codes[g]] = 1;
    }
    if (std::ranges::count(used, 1) != std::ssize(used)) {
      return absl::InvalidArgumentError("strata: a value of no stratum");
    }
    const auto is_flag = [](int64_t value) { return value == 0 || value == 1; };
    if (content.flags[c] && (values.is_text || !std::ranges::all_of(values.integers, is_flag))) {
      return absl::InvalidArgumentError("strata: booleans other than 0 and 1");
    }
    IdIndex &index = result.values_.emplace_back(values.is_text);
    std::vector<uint32_t> places(values.size());
    PATRON_RETURN_IF_ERROR(index.Encode(values.span(), places));
    PATRON_RETURN_IF_ERROR(Fold(codes, values.size(), packed));
  }
  // Places rise as the values do, and so do they together.
  if (std::ranges::adjacent_find(packed, std::ranges::greater_equal()) != packed.end()) {
    return absl::InvalidArgumentError("strata: not ascending and distinct");
  }
  PATRON_RETURN_IF_ERROR(result.together_.Encode(IdSpan(std::span<const int64_t>(packed)), codes));
  result.place_ = codes;
  return result;
}

void GroupColumns::AddTo(arrow::TableBuilder &builder, std::span<const uint32_t> group_of) const {
  for (size_t c = 0; c < names_.size(); ++c) {
    std::vector<uint32_t> values;
    values.reserve(group_of.size());
    for (const uint32_t group : group_of) values.push_back(groups_[group * names_.size() + c]);
    if (flags_[c]) {
      std::vector<uint8_t> flags;
      for (const uint32_t value : values) {
        flags.push_back(values_[c].integer(value) != 0 ? 1 : 0);
      }
      builder.AddBool(names_[c], flags);
    } else {
      builder.AddIds(names_[c], values_[c].List(values).span());
    }
  }
}

}  // namespace patron::c_api
