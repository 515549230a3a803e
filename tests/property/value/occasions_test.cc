// Occasions: any order, split and merge of equal rows gives equal content.
#include "patron/value/occasions.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "gtest/gtest.h"
#include "patron/value/occasion_content.hpp"
#include "property/value/occasion_rows.hpp"
#include "rapidcheck/gtest.h"

namespace patron::value {
namespace {

using occasion_rows::AnyRow;
using occasion_rows::AnyRows;
using occasion_rows::AnyRule;
using occasion_rows::Columns;
using occasion_rows::Row;
using occasion_rows::StateOf;

// The content with text that outlives the state.
struct Owned {
  explicit Owned(Occasions s) : state(std::move(s)), content(*state.Content()) {}
  Occasions state;
  OccasionContent content;
};

RC_GTEST_PROP(OccasionsProperty, AnyOrderAndSplitGivesEqualContent, (bool text)) {
  const auto rule = *AnyRule();
  auto rows = *AnyRows();
  const Owned whole(StateOf(rows, rule, text));

  // Deal the shuffled rows to parts, update the parts in pieces, and merge them in any order.
  std::mt19937_64 random(*rc::gen::arbitrary<uint64_t>());
  std::shuffle(rows.begin(), rows.end(), random);
  const size_t count = *rc::gen::inRange<size_t>(1, 6);
  std::vector<Occasions> parts(count, *Occasions::Create(rule));
  for (size_t begin = 0; begin < rows.size();) {
    const size_t size = std::min<size_t>(rows.size() - begin, 1 + random() % 4);
    const std::vector<Row> piece(rows.begin() + static_cast<ptrdiff_t>(begin),
                                 rows.begin() + static_cast<ptrdiff_t>(begin + size));
    Occasions &part = parts[random() % count];
    RC_ASSERT(part.Update(Columns(piece, text).batch()).ok());
    if (random() % 3 == 0) RC_ASSERT(part.Compact().ok());
    begin += size;
  }
  while (parts.size() > 1) {
    std::swap(parts[random() % parts.size()], parts.back());
    const size_t into = random() % (parts.size() - 1);
    RC_ASSERT(parts[into].Merge(parts.back()).ok());
    parts.pop_back();
    if (random() % 3 == 0) RC_ASSERT(parts[into].Compact().ok());
  }
  const Owned merged(parts[0]);
  RC_ASSERT(merged.content == whole.content);
  RC_ASSERT(merged.state.rows() == rows.size());
}

RC_GTEST_PROP(OccasionsProperty, ContentIsReadBackAsItWas, (bool text)) {
  const auto rule = *AnyRule();
  const Owned written(StateOf(*AnyRows(), rule, text));
  const auto read = Occasions::FromContent(rule, written.content);
  RC_ASSERT(read.ok());
  RC_ASSERT(*read->Content() == written.content);
  RC_ASSERT(read->rows() == written.state.rows());
}

// Whatever one number of the content becomes, reading refuses it or gives back exactly that
// content.
RC_GTEST_PROP(OccasionsProperty, DamagedContentIsRefusedOrCanonical, (bool text)) {
  const auto rule = *AnyRule();
  const auto rows = *rc::gen::suchThat(AnyRows(), [](const auto &r) { return !r.empty(); });
  const Owned written(StateOf(rows, rule, text));
  OccasionContent content = written.content;
  const size_t at = *rc::gen::inRange<size_t>(0, content.time.size());
  const auto value =
      *rc::gen::oneOf(rc::gen::inRange<int64_t>(-3, 10), rc::gen::arbitrary<int64_t>());
  switch (*rc::gen::inRange(0, 8)) {
    case 0: content.time[at] = value; break;
    case 1: content.amount[at] = value; break;
    case 2: content.rows[at] = static_cast<uint32_t>(value); break;
    case 3: content.entries[at % content.entries.size()] = static_cast<uint32_t>(value); break;
    case 4:
      if (!content.order.empty()) content.order[at] = value;
      break;
    case 5:
      if (!content.customers.integers.empty()) content.customers.integers[0] = value;
      break;
    case 6: content.has_orders = !content.has_orders; break;
    case 7: content.rows.push_back(1); break;
  }
  const auto read = Occasions::FromContent(rule, content);
  if (read.ok())
    RC_ASSERT(*read->Content() == content);
  else
    RC_ASSERT(read.status().code() == absl::StatusCode::kDataLoss);
}

// Sums past int64 and counts past uint32 stay exact, in one form.
RC_GTEST_PROP(OccasionsProperty, HugeSumsHaveOneForm, ()) {
  const auto refund = *rc::gen::arbitrary<bool>();
  const int64_t most =
      refund ? std::numeric_limits<int64_t>::min() : std::numeric_limits<int64_t>::max();
  const int64_t one = refund ? -1 : 1;
  const auto amounts = *rc::gen::container<std::vector<int64_t>>(
      rc::gen::element(most, most - one, most / 2, one, 2 * one));
  const auto counts = *rc::gen::container<std::vector<uint32_t>>(
      amounts.size(),
      rc::gen::element<uint32_t>(1, 2, 1u << 31, std::numeric_limits<uint32_t>::max()));
  std::vector<Entry> all;
  for (size_t i = 0; i < amounts.size(); ++i) all.push_back({5, 7, amounts[i], 0, counts[i]});

  const auto sums = [](std::vector<Entry> entries) {
    Int128 amount = 0;
    uint64_t rows = 0;
    for (const Entry &entry : entries) {
      amount += entry.amount;
      rows += entry.rows;
    }
    return std::pair(amount, rows);
  };
  const auto compact = [](std::vector<Entry> entries) {
    SortEntries(entries);
    entries.resize(CompactEntries(entries, MergeBy::kDay));
    return entries;
  };
  const std::vector<Entry> at_once = compact(all);
  std::vector<Entry> one_by_one;
  for (auto at = all.rbegin(); at != all.rend(); ++at) {
    one_by_one.push_back(*at);
    one_by_one = compact(one_by_one);
  }
  RC_ASSERT(at_once == one_by_one);
  RC_ASSERT(sums(at_once) == sums(all));
  RC_ASSERT(std::ranges::is_sorted(at_once, EntryBefore));
  for (const Entry &entry : at_once) {
    RC_ASSERT(entry.rows > 0u);
    RC_ASSERT(KindOf(entry.amount) == KindOf(one));
  }
}

}  // namespace
}  // namespace patron::value
