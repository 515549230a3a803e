// How records come to an index and leave it: bodies of link_index.hpp.
#ifndef PATRON_CUSTOMERS_LINK_INDEX_RECORDS_HPP_
#define PATRON_CUSTOMERS_LINK_INDEX_RECORDS_HPP_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <numeric>
#include <span>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "patron/customers/link_index.hpp"

namespace patron::customers {

// Room for a record, so that nothing that follows allocates for it.
inline void LinkIndex::Prepare(uint32_t record) {
  const size_t size = size_t{record} + 1;
  const auto reserve = [&](auto &vector) {
    if (vector.capacity() < size) vector.reserve(std::max(size, 2 * vector.capacity()));
  };
  reserve(edges_);
  reserve(alive_);
  reserve(mark_);
  reserve(place_);
  entities_.Reserve(size);
  for (size_t g = 0; g < groups_.size(); ++g) {
    groups_[g].Grow(size, GuardColumn(g).values.size());
  }
}

inline absl::Status LinkIndex::Build(LinkRecords records, const Execution &execution) {
  records_ = std::move(records);
  if (terms_ == nullptr) {
    // A model from elsewhere: values weigh what they do among the first records.
    auto terms = std::make_shared<LinkTerms>();
    PATRON_RETURN_IF_ERROR(CountTerms(records_, plan_, terms.get()));
    terms_ = std::move(terms);
  }
  const size_t columns = records_.columns.size();
  texts_.resize(columns);
  holders_.resize(columns);
  ParallelFor(execution, columns, [&](size_t c) {
    const LinkColumn &column = records_.columns[c];
    texts_[c].AddAll(column.values);
    holders_[c].resize(column.values.size());
    for (const uint32_t code : column.codes) {
      if (code != kNoValue) ++holders_[c][code];
    }
  });
  scorer_ = std::make_unique<PairScorer>(records_, plan_, model_, terms_.get());
  PATRON_ASSIGN_OR_RETURN(
      const FoundPairs found,
      FindPairs(records_, plan_, model_,
                FindOptions{
                    .threshold = options_.threshold, .field_weights = false, .terms = terms_.get()},
                execution));
  const auto n = static_cast<uint32_t>(records_.size);
  if (n > 0) Prepare(n - 1);
  edges_.resize(n);
  alive_.assign(n, 1);
  mark_.assign(n, 0);
  place_.assign(n, 0);
  count_ = n;
  for (uint32_t i = 0; i < n; ++i) {
    entities_.AddRecord();
    for (RuleBlocks &blocks : blocks_) {
      blocks.Prepare(records_, i);
      blocks.Insert(i);
    }
    for (size_t g = 0; g < groups_.size(); ++g) {
      if (GuardColumn(g).codes[i] != kNoValue) groups_[g].Insert(i, GuardColumn(g).codes[i]);
    }
  }
  for (size_t p = 0; p < found.pairs.size(); ++p) {
    const auto [i, j] = found.pairs[p];
    edges_[i].push_back({j, false, found.weights[p]});
    edges_[j].push_back({i, false, found.weights[p]});
    for (size_t g = 0; g < groups_.size(); ++g) {
      const uint32_t value = Shared(g, i, j);
      if (value != kNoValue) JoinGroup(g, value, i, edges_[i].back());
    }
  }
  for (const auto &[partners, pairs] :
       {std::pair(&must_, &options_.must_link), std::pair(&apart_, &options_.cannot_link)}) {
    for (const RecordPair &pair : *pairs) {
      if (pair.left == pair.right) continue;
      (*partners)[pair.left].push_back(pair.right);
      (*partners)[pair.right].push_back(pair.left);
    }
  }
  std::vector<uint32_t> all(n);
  std::iota(all.begin(), all.end(), 0U);
  const Next next = Recluster(all);
  entities_.Take(next.step);
  return absl::OkStatus();
}

inline uint32_t LinkIndex::Encode(size_t column, std::string_view utf8) {
  scratch_.clear();
  scratch_.reserve(utf8.size());
  ForEachCodePoint(utf8, [&](char32_t c) { scratch_.push_back(c); });
  const Characters text = {
      .data = scratch_.data(), .size = static_cast<uint32_t>(scratch_.size()), .wide = true};
  CharacterPool &values = records_.columns[column].values;
  std::vector<uint32_t> &holders = holders_[column];
  uint32_t code = texts_[column].Find(values, text);
  if (code == TextCodes::kUnknown) {
    encoded_.emplace_back();
    try {
      holders.resize(std::max(holders.size(), values.size() + 1));
      code = texts_[column].Add(values, text);
    } catch (...) {
      encoded_.pop_back();
      throw;
    }
    encoded_.back() = {column, code};
  }
  customers::Wipe(scratch_.data(), scratch_.size() * sizeof(char32_t));
  return code;
}

inline void LinkIndex::ForgetUnused() {
  for (const auto &[column, code] : encoded_) {
    if (holders_[column][code] == 0) ForgetValue(column, code);
  }
  encoded_.clear();
  customers::Wipe(scratch_.data(), scratch_.size() * sizeof(char32_t));  // If Encode threw.
}

inline void LinkIndex::LetGo(size_t column, uint32_t code) {
  if (--holders_[column][code] == 0) ForgetValue(column, code);
}

inline void LinkIndex::ForgetValue(size_t column, uint32_t code) {
  for (RuleBlocks &blocks : blocks_) blocks.ForgetValue(column, code);
  scorer_->ForgetValue(column, code);
  texts_[column].Forget(records_.columns[column].values, code);
}

inline void LinkIndex::Insert(std::span<const uint32_t> codes, uint32_t source,
                              std::vector<uint32_t> &seeds) {
  const auto x = static_cast<uint32_t>(records_.size);
  // Takes the record's cells away again unless it comes in.
  struct Undo {
    LinkIndex *index;
    bool done = false;
    ~Undo() {
      if (done) return;
      const size_t size = index->records_.size;
      for (LinkColumn &column : index->records_.columns) {
        if (column.codes.size() > size) column.codes.resize(size);
      }
      if (index->records_.sources.size() > size) index->records_.sources.resize(size);
    }
  } undo{this};
  Prepare(x);
  for (size_t c = 0; c < codes.size(); ++c) records_.columns[c].codes.push_back(codes[c]);
  if (source != kNoValue) records_.sources.push_back(source);
  for (size_t c = 0; c < codes.size(); ++c) {
    if (codes[c] != kNoValue && holders_[c][codes[c]] == 0) scorer_->AddValue(c, codes[c]);
  }
  for (RuleBlocks &blocks : blocks_) blocks.Prepare(records_, x);
  // Pairs of blocks that have room for the record.
  std::vector<Edge> fresh;
  std::vector<double> by_field(scorer_->fields());
  const auto open = [&](size_t r) {
    const uint32_t key = blocks_[r].key(x);
    return key != kNoValue && blocks_[r].count(key) < plan_.cap;
  };
  for (size_t r = 0; r < blocks_.size(); ++r) {
    if (!open(r)) continue;
    blocks_[r].ForEach(blocks_[r].key(x), [&](uint32_t j) {
      if (SameSource(x, j)) return;
      for (size_t q = 0; q < r; ++q) {
        if (open(q) && blocks_[q].key(j) == blocks_[q].key(x)) return;
      }
      const double weight = scorer_->Score(x, j, by_field.data());
      if (weight >= options_.threshold) fresh.push_back({j, false, weight});
    });
  }
  std::ranges::sort(fresh, {}, &Edge::other);
  for (const Edge &edge : fresh) {
    std::vector<Edge> &list = edges_[edge.other];
    if (list.size() == list.capacity()) list.reserve(std::max<size_t>(2, 2 * list.size()));
  }
  // Links that count no more, as a block grows above the cap.
  std::vector<uint32_t> crossed;
  for (const RuleBlocks &blocks : blocks_) {
    const uint32_t key = blocks.key(x);
    if (key == kNoValue || blocks.count(key) != plan_.cap) continue;
    blocks.ForEach(key, [&](uint32_t i) {
      const auto by_key = [&](const Edge &edge) { return blocks.key(edge.other) == key; };
      if (std::ranges::any_of(edges_[i], by_key)) crossed.push_back(i);
    });
  }
  seeds.push_back(x);
  seeds.insert(seeds.end(), crossed.begin(), crossed.end());
  std::vector<uint8_t> was_hub(groups_.size());

  // From here on the record is in, and DropLast takes it out if something fails.
  undo.done = true;
  ++records_.size;
  for (size_t c = 0; c < codes.size(); ++c) {
    if (codes[c] != kNoValue) ++holders_[c][codes[c]];
  }
  ++count_;
  alive_.push_back(1);
  mark_.push_back(0);
  place_.push_back(0);
  entities_.AddRecord();
  for (const Edge &edge : fresh) edges_[edge.other].push_back({x, false, edge.weight});
  edges_.push_back(std::move(fresh));
  for (RuleBlocks &blocks : blocks_) blocks.Insert(x);
  for (size_t g = 0; g < groups_.size(); ++g) {
    const uint32_t value = GuardColumn(g).codes[x];
    if (value == kNoValue) continue;
    was_hub[g] = IsHub(g, value) ? 1 : 0;
    groups_[g].Insert(x, value);
    for (const Edge &edge : edges_[x]) JoinGroup(g, value, x, edge);
  }
  for (size_t g = 0; g < groups_.size(); ++g) {
    const uint32_t value = GuardColumn(g).codes[x];
    if (value != kNoValue && IsHub(g, value) != (was_hub[g] != 0)) SeedGroup(g, value, seeds);
  }
  if (!crossed.empty()) Refresh(crossed, seeds);
}

// Takes back the last Insert, but for the people of its values. Does not allocate.
inline void LinkIndex::DropLast() {
  const auto x = static_cast<uint32_t>(records_.size - 1);
  for (RuleBlocks &blocks : blocks_) blocks.Remove(x);
  for (const Edge &edge : edges_[x]) edges_[edge.other].pop_back();
  edges_.pop_back();
  for (size_t g = 0; g < groups_.size(); ++g) {
    const uint32_t value = GuardColumn(g).codes[x];
    if (value != kNoValue) groups_[g].Remove(x, value);
  }
  alive_.pop_back();
  mark_.pop_back();
  place_.pop_back();
  entities_.DropLastRecord();
  for (size_t c = 0; c < records_.columns.size(); ++c) {
    std::vector<uint32_t> &codes = records_.columns[c].codes;
    if (codes.back() != kNoValue) --holders_[c][codes.back()];
    codes.pop_back();
  }
  if (!records_.sources.empty()) records_.sources.pop_back();
  --records_.size;
  --count_;
}

inline absl::StatusOr<IndexChange> LinkIndex::Add(std::span<const uint32_t> codes,
                                                  std::span<const uint32_t> sources) {
  const size_t columns = records_.columns.size();
  const size_t rows = columns == 0 ? 0 : codes.size() / columns;
  const size_t first = records_.size;
  const auto take_back = [&] {
    while (records_.size > first) DropLast();
    RecountAll();
  };
  std::vector<uint32_t> seeds;
  try {
    for (size_t row = 0; row < rows; ++row) {
      Insert(codes.subspan(row * columns, columns), sources.empty() ? kNoValue : sources[row],
             seeds);
    }
    Next next = Recluster(seeds);
    for (auto i = static_cast<uint32_t>(first); i < records_.size; ++i) {
      for (const Edge &edge : edges_[i]) {
        if (edge.other > i || !Counts(i, edge)) continue;
        next.change.links.push_back({i, edge.other});
        next.change.weights.push_back(edge.weight - HubWeight(i, edge.other));
      }
    }
    IndexChange change = Commit(std::move(next));
    ForgetUnused();
    return change;
  } catch (...) {
    take_back();
    ForgetUnused();
    throw;
  }
}

// The pairs of blocks that come back under the cap without the record, with what they weigh; and the
// records of these blocks.
inline std::vector<LinkIndex::Opened> LinkIndex::OpenBlocks(uint32_t record,
                                                            std::vector<uint32_t> &members) const {
  std::vector<Opened> pairs;
  std::vector<double> by_field(scorer_->fields());
  const auto opens = [&](size_t r) {
    const uint32_t key = blocks_[r].key(record);
    return key != kNoValue && blocks_[r].count(key) == plan_.cap + 1;
  };
  for (size_t r = 0; r < blocks_.size(); ++r) {
    if (!opens(r)) continue;
    std::vector<uint32_t> own, known;
    blocks_[r].ForEach(blocks_[r].key(record), [&](uint32_t i) {
      if (i != record) own.push_back(i);
    });
    std::ranges::sort(own);
    members.insert(members.end(), own.begin(), own.end());
    const auto earlier = [&](uint32_t i, uint32_t j) {
      for (size_t q = 0; q < r; ++q) {
        const uint32_t key = blocks_[q].key(record);
        if (opens(q) && blocks_[q].key(i) == key && blocks_[q].key(j) == key) return true;
      }
      return false;
    };
    for (size_t a = 0; a < own.size(); ++a) {
      const uint32_t i = own[a];
      known.clear();
      for (const Edge &edge : edges_[i]) known.push_back(edge.other);
      std::ranges::sort(known);
      for (size_t b = a + 1; b < own.size(); ++b) {
        const uint32_t j = own[b];
        if (SameSource(i, j) || Compared(i, j) || std::ranges::binary_search(known, j)) continue;
        if (earlier(i, j)) continue;
        const double weight = scorer_->Score(i, j, by_field.data());
        if (weight >= options_.threshold) pairs.push_back({i, j, weight});
      }
    }
  }
  return pairs;
}

inline absl::StatusOr<IndexChange> LinkIndex::Remove(uint32_t record) {
  if (!alive(record)) {
    return absl::NotFoundError(absl::StrCat("record: ", record, "; there is none"));
  }
  std::vector<uint32_t> seeds, opened;
  const std::vector<Opened> fresh = OpenBlocks(record, opened);
  std::unordered_map<uint32_t, size_t> more;
  for (const Opened &pair : fresh) {
    ++more[pair.left];
    ++more[pair.right];
  }
  for (const auto &[i, count] : more) edges_[i].reserve(edges_[i].size() + count);
  for (const Edge &edge : edges_[record]) seeds.push_back(edge.other);
  if (const auto partners = must_.find(record); partners != must_.end()) {
    seeds.insert(seeds.end(), partners->second.begin(), partners->second.end());
  }
  seeds.insert(seeds.end(), opened.begin(), opened.end());
  std::vector<uint8_t> was_hub;
  for (size_t g = 0; g < groups_.size(); ++g) {
    const uint32_t value = GuardColumn(g).codes[record];
    was_hub.push_back(value != kNoValue && IsHub(g, value) ? 1 : 0);
  }
  const uint64_t entity = entities_.EntityOf(record);

  alive_[record] = 0;
  --count_;
  for (RuleBlocks &blocks : blocks_) blocks.Remove(record);
  for (const Opened &pair : fresh) {
    edges_[pair.left].push_back({pair.right, false, pair.weight});
    edges_[pair.right].push_back({pair.left, false, pair.weight});
  }
  entities_.TakeOut(record);
  for (size_t g = 0; g < groups_.size(); ++g) {
    const uint32_t value = GuardColumn(g).codes[record];
    if (value == kNoValue) continue;
    groups_[g].Remove(record, value);
    Recount(g, value);
  }
  try {
    for (size_t g = 0; g < groups_.size(); ++g) {
      const uint32_t value = GuardColumn(g).codes[record];
      if (value != kNoValue && IsHub(g, value) != (was_hub[g] != 0)) SeedGroup(g, value, seeds);
    }
    if (!opened.empty()) Refresh(opened, seeds);
    IndexChange change = Commit(Recluster(seeds), entity);
    for (const Edge &edge : edges_[record]) {
      std::erase_if(edges_[edge.other], [&](const Edge &back) { return back.other == record; });
    }
    edges_[record] = {};
    entities_.Forget(record);
    for (RuleBlocks &blocks : blocks_) blocks.ForgetKey(record);
    for (Partners *partners : {&must_, &apart_}) {
      const auto own = partners->find(record);
      if (own == partners->end()) continue;
      for (const uint32_t other : own->second) std::erase((*partners)[other], record);
      partners->erase(record);
    }
    for (size_t c = 0; c < records_.columns.size(); ++c) {
      const uint32_t code = std::exchange(records_.columns[c].codes[record], kNoValue);
      if (code != kNoValue) LetGo(c, code);
    }
    return change;
  } catch (...) {
    for (size_t p = fresh.size(); p-- > 0;) {
      edges_[fresh[p].left].pop_back();
      edges_[fresh[p].right].pop_back();
    }
    alive_[record] = 1;
    ++count_;
    for (RuleBlocks &blocks : blocks_) blocks.Insert(record);
    entities_.PutBack(record);
    for (size_t g = 0; g < groups_.size(); ++g) {
      const uint32_t value = GuardColumn(g).codes[record];
      if (value != kNoValue) groups_[g].Insert(record, value);
    }
    RecountAll();
    throw;
  }
}

inline absl::Status LinkIndex::CheckPair(const RecordPair &pair) const {
  for (const uint32_t i : {pair.left, pair.right}) {
    if (!alive(i)) return absl::NotFoundError(absl::StrCat("record: ", i, "; there is none"));
  }
  if (pair.left != pair.right) return absl::OkStatus();
  return InvalidOption("right", "the record on the left", "another one");
}

inline absl::StatusOr<IndexChange> LinkIndex::Unlink(const RecordPair &pair) {
  PATRON_RETURN_IF_ERROR(CheckPair(pair));
  const auto link = [&](uint32_t i, uint32_t j) {
    const auto at = std::ranges::find(edges_[i], j, &Edge::other);
    return at == edges_[i].end() ? nullptr : &*at;
  };
  Edge *here = link(pair.left, pair.right), *there = link(pair.right, pair.left);
  if (here == nullptr || there == nullptr || here->unlinked) {
    return absl::NotFoundError("pair: no link between the two records; expected one to take away");
  }
  std::vector<uint32_t> seeds = {pair.left, pair.right};
  const std::vector<uint32_t> ends = seeds;
  here->unlinked = there->unlinked = true;
  try {
    Refresh(ends, seeds);
    return Commit(Recluster(seeds));
  } catch (...) {
    here->unlinked = there->unlinked = false;
    RecountAll();
    throw;
  }
}

inline absl::StatusOr<IndexChange> LinkIndex::Keep(const RecordPair &pair, Partners &partners) {
  PATRON_RETURN_IF_ERROR(CheckPair(pair));
  for (const uint32_t i : {pair.left, pair.right}) {
    std::vector<uint32_t> &list = partners[i];
    list.reserve(list.size() + 1);
  }
  const std::vector<uint32_t> seeds = {pair.left, pair.right};
  partners[pair.left].push_back(pair.right);
  partners[pair.right].push_back(pair.left);
  try {
    return Commit(Recluster(seeds));
  } catch (...) {
    partners[pair.left].pop_back();
    partners[pair.right].pop_back();
    throw;
  }
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_LINK_INDEX_RECORDS_HPP_
