// Untrusted records: a linker learns from them, and an index of them, however they come, has the
// clusters of all of them at once.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bytes_fuzz.hpp"
#include "patron/c/customers_index.h"

namespace {

using namespace patron::fuzz;  // NOLINT

struct Free {
  void operator()(patron_table *p) const { patron_table_free(p); }
  void operator()(patron_linker *p) const { patron_linker_free(p); }
  void operator()(patron_link_index *p) const { patron_link_index_free(p); }
  void operator()(patron_link_change *p) const { patron_link_change_free(p); }
};
template <typename T>
using Own = std::unique_ptr<T, Free>;

// Columns of text, cut from bytes at 0x1F (cells) and 0x1E (rows).
struct Cells {
  std::vector<int64_t> ids;
  std::vector<std::string> columns[3];

  void Add(int64_t id, const std::vector<std::string_view> &cells) {
    ids.push_back(id);
    for (size_t c = 0; c < 3; ++c) columns[c].emplace_back(c < cells.size() ? cells[c] : "");
  }
};

// A table over memory of its own.
class Table {
 public:
  Table(const Cells &cells, size_t begin, size_t end)
      : ids_(cells.ids.begin() + static_cast<ptrdiff_t>(begin),
             cells.ids.begin() + static_cast<ptrdiff_t>(end)) {
    static const char *const kNames[] = {"name", "phone", "city"};
    const auto n = static_cast<int64_t>(end - begin);
    std::vector<patron_column> columns = {Column("id", PATRON_TYPE_INT64, ids_.data(), n)};
    for (size_t c = 0; c < 3; ++c) {
      offsets_[c].push_back(0);
      for (size_t i = begin; i < end; ++i) {
        texts_[c] += cells.columns[c][i];
        offsets_[c].push_back(static_cast<int32_t>(texts_[c].size()));
      }
      columns.push_back(Column(kNames[c], PATRON_TYPE_TEXT, texts_[c].data(), n));
      columns.back().offsets = offsets_[c].data();
    }
    patron_table *out = nullptr;
    Require(patron_table_borrow(columns.data(), columns.size(), &out, nullptr) == PATRON_OK,
            "columns make a table");
    table_.reset(out);
  }
  const patron_table *get() const { return table_.get(); }

 private:
  std::vector<int64_t> ids_;
  std::string texts_[3];
  std::vector<int32_t> offsets_[3];
  Own<patron_table> table_;
};

Own<patron_linker> MakeLinker() {
  static const char *const kLevels[] = {"exact", "reversed", "jaro_winkler >= 0.85"};
  static const char *const kDates[] = {"exact", "swapped", "days <= 3", "difference <= 2"};
  patron_link_field fields[3] = {};
  fields[0] = {sizeof fields[0], PATRON_MISSING_NULL, "name", kLevels, 3, 1, 0.5};
  fields[1] = {sizeof fields[1], PATRON_MISSING_NULL, "phone", kDates, 4, 0, 0};
  fields[2] = {sizeof fields[2], PATRON_MISSING_ELSE, "city", kLevels, 1, 0, 0};
  static const char *const kFirst[] = {"name[:2]"};
  static const char *const kSecond[] = {"phone", "city[:1]"};
  const patron_link_rule rules[] = {{sizeof rules[0], 0, kFirst, 1},
                                    {sizeof rules[0], 0, kSecond, 2}};
  patron_linker_options options;
  patron_linker_options_init(&options);
  options.fields = fields;
  options.field_count = 3;
  options.blocks = rules;
  options.block_count = 2;
  options.cap = 6;
  patron_linker *linker = nullptr;
  Require(patron_linker_create(&options, &linker, nullptr) == PATRON_OK, "the linker is sound");
  return Own<patron_linker>(linker);
}

using Partition = std::set<std::set<int64_t>>;

Partition PartitionOf(const patron_table *table, const char *group) {
  const auto values = [&](const char *name) {
    size_t index = 0;
    Require(patron_table_find(table, name, &index, nullptr) == PATRON_OK, "the column is there");
    std::vector<int64_t> all;
    for (size_t batch = 0; batch < patron_table_batches(table); ++batch) {
      patron_column column{};
      column.struct_size = sizeof column;
      Require(patron_table_column(table, index, batch, &column, nullptr) == PATRON_OK, "is read");
      const auto *data = static_cast<const int64_t *>(column.data);
      all.insert(all.end(), data, data + column.length);
    }
    return all;
  };
  const std::vector<int64_t> ids = values("id"), groups = values(group);
  std::map<int64_t, std::set<int64_t>> sets;
  for (size_t i = 0; i < ids.size(); ++i) sets[groups[i]].insert(ids[i]);
  Partition partition;
  for (auto &[key, members] : sets) partition.insert(std::move(members));
  return partition;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr size_t kMostRows = 60, kMostBytes = 4000;
  const std::string_view bytes(reinterpret_cast<const char *>(data), std::min(size, kMostBytes));
  Cells cells;
  for (size_t begin = 0; begin <= bytes.size() && cells.ids.size() < kMostRows;) {
    const size_t end = std::min(bytes.find('\x1E', begin), bytes.size());
    std::vector<std::string_view> row;
    for (size_t at = begin; at <= end;) {
      const size_t stop = std::min(bytes.find('\x1F', at), end);
      row.push_back(bytes.substr(at, stop - at));
      at = stop + 1;
    }
    cells.Add(static_cast<int64_t>(cells.ids.size()) * 7 % 61, row);
    begin = end + 1;
  }
  const size_t n = cells.ids.size();
  const Table all(cells, 0, n);
  const Own<patron_linker> linker = MakeLinker();
  const patron_status fitted =
      patron_linker_fit(linker.get(), all.get(), nullptr, nullptr, nullptr);
  if (fitted != PATRON_OK) {
    Require(fitted == PATRON_INVALID_ARGUMENT || fitted == PATRON_FAILED_PRECONDITION,
            "bad records are refused");
    return 0;
  }
  patron_predict_options predict;
  patron_predict_options_init(&predict);
  predict.threshold = -2;
  patron_table *out = nullptr;
  Require(patron_linker_predict(linker.get(), all.get(), nullptr, &predict, &out, nullptr,
                                nullptr) == PATRON_OK,
          "what was learned from is predicted");
  const Own<patron_table> pairs(out);
  patron_link_hub hub = {sizeof hub, 3, "phone"};
  patron_cluster_options options;
  patron_cluster_options_init(&options);
  options.threshold = -2;
  options.hubs = &hub;
  options.hub_count = 1;
  out = nullptr;
  Require(patron_linker_cluster(linker.get(), all.get(), nullptr, pairs.get(), &options, &out,
                                nullptr, nullptr) == PATRON_OK,
          "pairs are clustered");
  const Own<patron_table> clusters(out);

  const size_t first = size > 0 ? data[size - 1] % (n + 1) : 0;
  patron_link_index_options index_options;
  patron_link_index_options_init(&index_options);
  index_options.threshold = -2;
  index_options.hubs = &hub;
  index_options.hub_count = 1;
  const Table start(cells, 0, first);
  patron_link_index *made = nullptr;
  Require(patron_link_index_create(linker.get(), start.get(), &index_options, &made, nullptr) ==
              PATRON_OK,
          "an index is made");
  const Own<patron_link_index> index(made);
  for (size_t at = first; at < n; at += 1 + at % 3) {
    const Table more(cells, at, std::min(n, at + 1 + at % 3));
    patron_link_change *change = nullptr;
    Require(patron_link_index_add(index.get(), more.get(), &change, nullptr) == PATRON_OK,
            "records come in");
    const Own<patron_link_change> own(change);
  }
  out = nullptr;
  Require(patron_link_index_entities(index.get(), &out, nullptr) == PATRON_OK, "entities");
  const Own<patron_table> entities(out);
  Require(PartitionOf(entities.get(), "entity") == PartitionOf(clusters.get(), "cluster"),
          "an index has the clusters of all at once");
  return 0;
}
