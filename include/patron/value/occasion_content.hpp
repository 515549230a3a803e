// The canonical content of occasions: plain sorted columns, for writing down and reading back.
#ifndef PATRON_VALUE_OCCASION_CONTENT_HPP_
#define PATRON_VALUE_OCCASION_CONTENT_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/column.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/parallel.hpp"
#include "patron/base/status.hpp"
#include "patron/value/occasion_entries.hpp"
#include "patron/value/occasion_groups.hpp"
#include "patron/value/occasions.hpp"

namespace patron::value {

// What an Occasions holds besides its rule. Equal rows have equal content, field by field.
struct OccasionContent {
  IdList customers;               // All customers seen, ascending and distinct.
  std::vector<uint32_t> entries;  // How many entries each customer has; at least 1.
  std::vector<int64_t> time;      // The entries, customer by customer, in the order of EntryBefore.
  std::vector<int64_t> amount;    // Not empty sums: see Entry.
  std::vector<uint32_t> rows;
  bool has_orders = false;     // With MergeBy::kOrder.
  std::vector<int64_t> order;  // With orders: the order of each entry, or its place in order_text.
  IdList order_text;           // Orders that are text, ascending, each of them used.
  uint64_t skipped_null = 0;

  friend bool operator==(const OccasionContent &, const OccasionContent &) = default;
};

namespace detail {

inline absl::Status NotCanonical(std::string_view what) {
  return absl::DataLossError(absl::StrCat("occasions: ", Text(what)));
}

inline absl::Status CheckSortedIds(const IdList &ids, std::string_view what) {
  const auto rising = [](const auto &values) {
    return std::ranges::adjacent_find(values, std::ranges::greater_equal{}) == values.end();
  };
  const bool other_empty = ids.is_text ? ids.integers.empty() : ids.text.empty();
  if (other_empty && rising(ids.integers) && rising(ids.text)) return absl::OkStatus();
  return NotCanonical(absl::StrCat(Text(what), " not ascending and distinct"));
}

// Everything that can be told without looking at the entries of one customer.
inline absl::Status CheckShape(const OccasionRule &rule, const OccasionContent &content) {
  PATRON_RETURN_IF_ERROR(CheckSortedIds(content.customers, "customers"));
  PATRON_RETURN_IF_ERROR(CheckSortedIds(content.order_text, "orders"));
  const size_t count = content.time.size();
  uint64_t owned = 0;
  for (const uint32_t entries : content.entries) {
    if (entries == 0) return NotCanonical("a customer without rows");
    owned += entries;
  }
  if (content.entries.size() != content.customers.size() || owned != count ||
      content.amount.size() != count || content.rows.size() != count || count > kMostEntries ||
      content.customers.size() >= IdIndex::kUnknown) {
    return NotCanonical("columns differ in length");
  }
  uint64_t rows = 0;
  for (const uint32_t of_entry : content.rows) {
    if (of_entry == 0) return NotCanonical("an entry without rows");
    rows += of_entry;
  }
  if (content.skipped_null > std::numeric_limits<uint64_t>::max() - rows)
    return NotCanonical("too many rows");

  // Which customers, and whether rows have orders, is known from rows alone.
  const bool orders = rule.merge == MergeBy::kOrder && count > 0 && content.has_orders;
  if (content.has_orders != orders || content.order.size() != (orders ? count : 0) ||
      (content.order_text.is_text && !orders) || !content.order_text.integers.empty() ||
      (content.customers.is_text && content.customers.size() == 0)) {
    return NotCanonical("orders or kinds of ids that no row has");
  }
  if (!content.order_text.is_text) return absl::OkStatus();
  std::vector<bool> used(content.order_text.size());
  for (const int64_t order : content.order) {
    if (order < 0 || static_cast<uint64_t>(order) >= used.size())
      return NotCanonical("an unknown order");
    used[static_cast<size_t>(order)] = true;
  }
  if (std::ranges::count(used, false) > 0) return NotCanonical("an order without rows");
  return absl::OkStatus();
}

}  // namespace detail

inline absl::StatusOr<OccasionContent> Occasions::Content(const Execution &execution) const {
  const MergeBy merge = this->merge();
  const bool text_orders = has_orders_ && orders_.is_text();
  OccasionContent content;
  const std::vector<uint32_t> codes = customers_.Ascending();
  content.customers = customers_.List(codes);
  content.skipped_null = skipped_null_;
  if (codes.empty()) {
    content.customers.is_text = false;
    return content;
  }
  content.has_orders = has_orders_;
  content.entries.resize(codes.size());

  std::vector<uint32_t> place(orders_.size());  // Of an order's code among the sorted orders.
  if (text_orders) {
    const std::vector<uint32_t> ascending = orders_.Ascending();
    for (uint32_t i = 0; i < ascending.size(); ++i) place[ascending[i]] = i;
    content.order_text = orders_.List(ascending);
  }

  const detail::EntryGroups groups(entries_, codes, execution);
  std::vector<std::vector<Entry>> parts(groups.Slots(execution));
  PATRON_RETURN_IF_ERROR(groups.ForEach(
      execution,
      [&](size_t slot, size_t customer, std::span<Entry> entries) {
        if (text_orders) {
          for (Entry &entry : entries) entry.key = place[static_cast<size_t>(entry.key)];
          SortEntries(entries);
        }
        const auto kept = entries.first(CompactEntries(entries, merge));
        content.entries[customer] = static_cast<uint32_t>(kept.size());
        parts[slot].insert(parts[slot].end(), kept.begin(), kept.end());
        return absl::OkStatus();
      },
      [&] {
        for (std::vector<Entry> &part : parts) {
          for (const Entry &entry : part) {
            content.time.push_back(entry.time);
            content.amount.push_back(entry.amount);
            content.rows.push_back(entry.rows);
            if (has_orders_) content.order.push_back(entry.key);
          }
          part.clear();
        }
      }));
  return content;
}

inline absl::StatusOr<Occasions> Occasions::FromContent(OccasionRule rule,
                                                        const OccasionContent &content) {
  PATRON_ASSIGN_OR_RETURN(Occasions state, Create(std::move(rule)));
  PATRON_RETURN_IF_ERROR(detail::CheckShape(state.rule_, content));
  PATRON_RETURN_IF_ERROR(
      state.Admit(content.customers.is_text, content.has_orders, content.order_text.is_text));
  const auto encode = [](const IdList &ids, IdIndex &index) {
    std::vector<uint32_t> codes(ids.size());  // 0, 1, 2, ..., as the ids are distinct.
    return index.Encode(ids.span(), codes);
  };
  PATRON_RETURN_IF_ERROR(encode(content.customers, state.customers_));
  if (content.order_text.is_text) PATRON_RETURN_IF_ERROR(encode(content.order_text, state.orders_));

  const MergeBy merge = state.merge();
  const bool refuse_refunds = state.rule_.refunds == Refunds::kError;
  state.entries_.resize(content.time.size());
  std::vector<Entry> sums;
  size_t begin = 0;
  for (uint32_t customer = 0; customer < content.entries.size(); ++customer) {
    const auto entries = std::span(state.entries_).subspan(begin, content.entries[customer]);
    for (size_t i = 0; i < entries.size(); ++i) {
      const size_t at = begin + i;
      Entry &entry = entries[i];
      entry = {content.time[at], content.time[at], content.amount[at], customer, content.rows[at]};
      if (merge == MergeBy::kDay) entry.key = state.days_.DayOf(entry.time);
      if (merge == MergeBy::kOrder) entry.key = content.order[at];
      if ((merge == MergeBy::kNone && entry.rows > 1) || (refuse_refunds && entry.amount < 0)) {
        return detail::NotCanonical("an entry that the rule does not allow");
      }
      state.rows_ += entry.rows;
    }
    // Canonical is what summing up again leaves as it is.
    sums.assign(entries.begin(), entries.end());
    const bool sorted = std::ranges::is_sorted(sums, EntryBefore);
    if (sorted) sums.resize(CompactEntries(sums, merge));
    if (!sorted || !std::ranges::equal(sums, entries)) {
      return detail::NotCanonical("entries of a customer that are not sorted and summed up");
    }
    begin += entries.size();
  }
  state.compacted_ = state.entries_.size();
  state.skipped_null_ = content.skipped_null;
  return state;
}

}  // namespace patron::value

#endif  // PATRON_VALUE_OCCASION_CONTENT_HPP_
