// Indexes of linked records.
#include "patron/c/customers_index.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
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
#include "c_api/columns.hpp"
#include "c_api/customers_linker.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/link_ids.hpp"
#include "patron/base/ids.hpp"
#include "patron/base/status.hpp"
#include "patron/customers/link_index.hpp"

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace customers = patron::customers;

struct patron_link_index {
  patron_linker linker;
  std::unique_ptr<customers::LinkIndex> index;
  patron::c_api::LinkIds ids;
  std::vector<uint32_t> row_of;  // By record of the first ones; the others stand as they came.
  patron::IdIndex source_texts{true};
};

struct patron_link_change {
  std::array<arrow::Table, 5> tables;
};

namespace patron::c_api {
namespace {

using customers::IndexChange;
using customers::kNoValue;
using customers::RecordPair;

IdList IdsOfRecords(const patron_link_index &index, const std::vector<uint32_t> &records) {
  return index.ids.List(records);
}

// The records of a column of ids. Errors: NotFound; InvalidArgument for ids of another kind.
absl::StatusOr<std::vector<uint32_t>> Records(const patron_link_index &index,
                                              const arrow::Table &table, std::string_view name,
                                              std::string_view column) {
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, column));
  PATRON_ASSIGN_OR_RETURN(const auto loaded, arrow::Load(reader));
  const IdSpan &ids = loaded.ids;
  std::vector<uint32_t> records(ids.size());
  for (size_t i = 0; i < records.size(); ++i) {
    records[i] = index.ids.Find(ids, i);
    if (records[i] == LinkIds::kUnknown) {
      return absl::NotFoundError(absl::StrCat(Text(name), ": row ", i, " is ", FormatId(ids, i),
                                              "; no record has this id"));
    }
  }
  return records;
}

absl::StatusOr<uint32_t> OneRecord(const patron_link_index &index, const patron_column *id) {
  patron_column named = *id;
  named.name = "id";
  PATRON_ASSIGN_OR_RETURN(const arrow::Table table, arrow::Table::Borrow(&named, 1));
  PATRON_ASSIGN_OR_RETURN(const auto records, Records(index, table, "id", "id"));
  if (records.size() != 1) {
    return InvalidOption("id", absl::StrCat(records.size(), " rows"), "one");
  }
  return records[0];
}

absl::StatusOr<std::vector<RecordPair>> Pairs(const patron_link_index &index,
                                              const arrow::Table &table) {
  PATRON_ASSIGN_OR_RETURN(const auto left, Records(index, table, "pairs.left", "left"));
  PATRON_ASSIGN_OR_RETURN(const auto right, Records(index, table, "pairs.right", "right"));
  std::vector<RecordPair> pairs;
  for (size_t i = 0; i < left.size(); ++i) pairs.push_back({left[i], right[i]});
  return pairs;
}

// What a pair weighs without what hubs give it.
double PairWeight(const customers::LinkIndex &index, uint32_t i, uint32_t j) {
  std::vector<double> by_field(index.scorer().fields());
  return index.scorer().Score(i, j, by_field.data()) - index.HubWeight(i, j);
}

absl::StatusOr<arrow::Table> LinkTable(const patron_link_index &handle, const IndexChange &change,
                                       const IdsOf &ids) {
  const customers::LinkIndex &index = *handle.index;
  const size_t n = change.links.size(), fields = index.plan().fields.size();
  std::vector<double> probability(n), by_field(fields);
  std::vector<std::vector<double>> columns(fields, std::vector<double>(n));
  for (size_t p = 0; p < n; ++p) {
    const auto [i, j] = change.links[p];
    probability[p] = customers::ProbabilityOf(change.weights[p]);
    index.scorer().Score(i, j, by_field.data());
    for (size_t g = 0; g < index.options().hubs.size(); ++g) {
      const size_t field = index.options().hubs[g].field;
      const auto &codes = index.records().columns[index.plan().field_columns[field]].codes;
      if (codes[i] == codes[j] && codes[i] != kNoValue && index.IsHub(g, codes[i])) {
        by_field[field] = 0;
      }
    }
    for (size_t k = 0; k < fields; ++k) columns[k][p] = by_field[k];
  }
  arrow::TableBuilder builder;
  AddSides(ids, change.links, "left", "right", builder);
  builder.AddFloat64("weight", change.weights);
  builder.AddFloat64("probability", std::move(probability));
  for (size_t k = 0; k < fields; ++k) {
    builder.AddFloat64("weight_" + index.plan().fields[k].column, std::move(columns[k]));
  }
  return builder.Finish();
}

absl::StatusOr<arrow::Table> IndexEntities(const patron_link_index &handle,
                                           const std::vector<IndexChange::Touched> &rows,
                                           const IdsOf &ids, bool before) {
  std::vector<uint32_t> records;
  std::vector<int64_t> entity, old, size;
  std::vector<uint8_t> review, had;
  for (const IndexChange::Touched &row : rows) {
    records.push_back(row.record);
    entity.push_back(static_cast<int64_t>(row.entity));
    old.push_back(static_cast<int64_t>(row.before));
    had.push_back(row.before != 0 ? 1 : 0);
    size.push_back(row.size);
    review.push_back(row.size > handle.index->options().most ? 1 : 0);
  }
  arrow::TableBuilder builder;
  builder.AddIds("id", ids(records).span());
  builder.AddInt64("entity", std::move(entity));
  if (before) builder.AddInt64("before", std::move(old), had);
  builder.AddInt64("size", std::move(size));
  builder.AddBool("review", review);
  return builder.Finish();
}

// The tables of a change. Errors leave nothing behind.
absl::StatusOr<std::unique_ptr<patron_link_change>> TellChange(const patron_link_index &handle,
                                                               const IndexChange &change) {
  const auto ids = [&](const std::vector<uint32_t> &records) {
    return IdsOfRecords(handle, records);
  };
  auto told = std::make_unique<patron_link_change>();
  PATRON_ASSIGN_OR_RETURN(told->tables[PATRON_CHANGE_LINKS], LinkTable(handle, change, ids));
  PATRON_ASSIGN_OR_RETURN(told->tables[PATRON_CHANGE_TOUCHED],
                          IndexEntities(handle, change.touched, ids, true));
  arrow::TableBuilder merges;
  AddSides(ids, change.merges, "left", "right", merges);
  PATRON_ASSIGN_OR_RETURN(told->tables[PATRON_CHANGE_MERGES], merges.Finish());
  std::vector<uint32_t> records;
  std::vector<int64_t> entities;
  for (const auto &[record, entity] : change.splits) {
    records.push_back(record);
    entities.push_back(static_cast<int64_t>(entity));
  }
  arrow::TableBuilder splits;
  splits.AddIds("id", ids(records).span());
  splits.AddInt64("entity", std::move(entities));
  PATRON_ASSIGN_OR_RETURN(told->tables[PATRON_CHANGE_SPLITS], splits.Finish());
  const auto weight = [&](uint32_t i, uint32_t j) { return PairWeight(*handle.index, i, j); };
  PATRON_ASSIGN_OR_RETURN(told->tables[PATRON_CHANGE_REFUSALS],
                          RefusalTable(change.refusals, ids, weight));
  return told;
}

absl::StatusOr<std::unique_ptr<patron_link_index>> MakeIndex(
    const patron_linker &linker, const patron_table &table, const patron_link_index_options &full) {
  const Execution execution = ToExecution(full.context);
  auto handle = std::make_unique<patron_link_index>();
  handle->linker = linker;
  PATRON_ASSIGN_OR_RETURN(LinkInput input, linker.last.Take(linker, &table, execution));
  customers::IndexOptions options = {.threshold = full.threshold,
                                     .most = full.most,
                                     .split_bridges = full.split_bridges != 0,
                                     .hubs = {},
                                     .must_link = {},
                                     .cannot_link = {}};
  PATRON_ASSIGN_OR_RETURN(options.hubs, ReadHubs(linker, full.hubs, full.hub_count));
  if (full.must_link != nullptr) {
    PATRON_ASSIGN_OR_RETURN(options.must_link,
                            input.Pairs("must_link", full.must_link->table, execution));
  }
  if (full.cannot_link != nullptr) {
    PATRON_ASSIGN_OR_RETURN(options.cannot_link,
                            input.Pairs("cannot_link", full.cannot_link->table, execution));
  }
  const auto rows = static_cast<uint32_t>(input.records().size);
  std::vector<uint32_t> all(rows);
  std::iota(all.begin(), all.end(), 0U);
  const IdList ids = input.Ids(all);
  handle->ids = LinkIds(ids.is_text);
  for (uint32_t record = 0; record < rows; ++record) {
    handle->ids.Append(ids.span(), record);
    handle->row_of.push_back(input.row(record));
  }
  handle->source_texts = input.TakeSourceTexts();
  const patron_link_index *own = handle.get();
  handle->index = std::make_unique<customers::LinkIndex>(
      linker.plan, linker.fitted->model, linker.fitted->terms, std::move(options),
      [own](uint32_t i, uint32_t j) { return own->ids.Less(i, j); });
  PATRON_RETURN_IF_ERROR(handle->index->Build(input.TakeRecords(), execution));
  return handle;
}

// What Add leaves in the index before the records come in, and takes back unless they do.
class NewRecords {
 public:
  explicit NewRecords(patron_link_index &handle) : handle_(handle), before_(handle.ids.records()) {}
  NewRecords(const NewRecords &) = delete;
  NewRecords &operator=(const NewRecords &) = delete;
  ~NewRecords() {
    if (kept_) return;
    handle_.ids.Truncate(before_);
    handle_.index->ForgetUnused();
  }

  absl::Status AddIds(const IdSpan &ids, const std::string &column) {
    if (before_ == 0 && ids.is_text() != handle_.ids.is_text()) {
      handle_.ids = LinkIds(ids.is_text());
    }
    if (ids.is_text() != handle_.ids.is_text()) {
      return InvalidOption(column, ids.is_text() ? "text" : "integers",
                           ids.is_text() ? "integers, as in the index" : "text, as in the index");
    }
    for (size_t i = 0; i < ids.size(); ++i) {
      const uint32_t record = handle_.ids.Find(ids, i);
      if (record < before_) {
        return absl::AlreadyExistsError(absl::StrCat(Text(column), ": row ", i, " is ",
                                                     FormatId(ids, i), "; the index has this id"));
      }
      if (record != LinkIds::kUnknown) {
        return InvalidRow(column, i, FormatId(ids, i) + " again", "each id once");
      }
      handle_.ids.Append(ids, i);
    }
    return absl::OkStatus();
  }

  void Keep() { kept_ = true; }

 private:
  patron_link_index &handle_;
  size_t before_;
  bool kept_ = false;
};

absl::StatusOr<std::unique_ptr<patron_link_change>> Add(patron_link_index &handle,
                                                        const arrow::Table &table) {
  const patron_linker &linker = handle.linker;
  const Execution serial;
  PATRON_ASSIGN_OR_RETURN(const auto reader, arrow::OpenIds(table, linker.id));
  PATRON_ASSIGN_OR_RETURN(const auto ids, arrow::Load(reader, serial));
  const size_t rows = ids.ids.size(), columns = linker.columns.size();
  NewRecords fresh(handle);
  PATRON_RETURN_IF_ERROR(fresh.AddIds(ids.ids, linker.id));
  std::vector<uint32_t> codes(rows * columns), sources;
  for (size_t c = 0; c < columns; ++c) {
    size_t row = 0;
    const auto take = [&](std::span<const std::string_view> texts) {
      for (const std::string_view text : texts) {
        codes[row++ * columns + c] = text.empty() ? kNoValue : handle.index->Encode(c, text);
      }
    };
    PATRON_RETURN_IF_ERROR(ForEachCell(table, linker.columns[c], take));
  }
  if (linker.source.has_value()) {
    PATRON_RETURN_IF_ERROR(
        EncodeCells(table, *linker.source, nullptr, handle.source_texts, sources));
    const auto null = std::ranges::find(sources, kNoValue);
    if (null != sources.end()) {
      return InvalidRow(*linker.source, static_cast<uint64_t>(null - sources.begin()), "null",
                        "a source");
    }
  }
  PATRON_ASSIGN_OR_RETURN(const IndexChange change, handle.index->Add(codes, sources));
  fresh.Keep();
  return TellChange(handle, change);
}

}  // namespace
}  // namespace patron::c_api

extern "C" void patron_link_index_options_init(patron_link_index_options *options) {
  *options = {};
  options->struct_size = sizeof *options;
  options->most = 50;
  options->split_bridges = 1;
}

extern "C" patron_status patron_link_index_create(const patron_linker *linker,
                                                  const patron_table *table,
                                                  const patron_link_index_options *options,
                                                  patron_link_index **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("linker", linker));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_link_index_options full;
    patron_link_index_options_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("options", options, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("split_bridges", full.split_bridges, 2));
    if (full.most < 1) return patron::InvalidOption("most", "0", "1 or more");
    if (std::isnan(full.threshold)) {
      return patron::InvalidOption("threshold", "nan", "a weight, log2 of the odds");
    }
    PATRON_RETURN_IF_ERROR(c_api::CheckFitted(*linker));
    PATRON_ASSIGN_OR_RETURN(auto handle, c_api::MakeIndex(*linker, *table, full));
    *out = handle.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_link_index_free(patron_link_index *index) { delete index; }

extern "C" patron_status patron_link_change_table(const patron_link_change *change, int32_t which,
                                                  patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("change", change));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("which", which, 5));
    *out = c_api::NewTable(change->tables[static_cast<size_t>(which)]).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_link_change_free(patron_link_change *change) { delete change; }

extern "C" patron_status patron_link_index_add(patron_link_index *index, const patron_table *table,
                                               patron_link_change **change, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("table", table));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("change", change));
    PATRON_ASSIGN_OR_RETURN(auto told, c_api::Add(*index, table->table));
    *change = told.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_index_remove(patron_link_index *index, const patron_column *id,
                                                  patron_link_change **change,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("id", id));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("change", change));
    PATRON_ASSIGN_OR_RETURN(const uint32_t record, c_api::OneRecord(*index, id));
    PATRON_ASSIGN_OR_RETURN(const auto what, index->index->Remove(record));
    index->ids.Forget(record);
    PATRON_ASSIGN_OR_RETURN(auto told, c_api::TellChange(*index, what));
    *change = told.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_index_pair(patron_link_index *index, const patron_table *pair,
                                                int32_t what, patron_link_change **change,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pair", pair));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("change", change));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("what", what, 3));
    PATRON_ASSIGN_OR_RETURN(const auto pairs, c_api::Pairs(*index, pair->table));
    if (pairs.size() != 1) {
      return patron::InvalidOption("pair", absl::StrCat(pairs.size(), " rows"), "one");
    }
    customers::LinkIndex &own = *index->index;
    PATRON_ASSIGN_OR_RETURN(const auto done, what == PATRON_PAIR_UNLINK ? own.Unlink(pairs[0])
                                             : what == PATRON_PAIR_KEEP_TOGETHER
                                                 ? own.KeepTogether(pairs[0])
                                                 : own.KeepApart(pairs[0]));
    PATRON_ASSIGN_OR_RETURN(auto told, c_api::TellChange(*index, done));
    *change = told.release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_index_entities(const patron_link_index *index,
                                                    patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const customers::LinkIndex &own = *index->index;
    std::vector<customers::IndexChange::Touched> rows;
    rows.reserve(own.alive_records());
    for (uint32_t record = 0; record < own.records().size; ++record) {
      if (!own.alive(record)) continue;
      const uint64_t entity = own.entities().EntityOf(record);
      rows.push_back({record, entity, 0, own.entities().SizeOf(entity)});
    }
    // By arrival, where records of one source stand together.
    if (index->linker.source.has_value()) {
      std::ranges::sort(rows, {}, [&](const auto &row) {
        const uint32_t record = row.record;
        return record < index->row_of.size() ? index->row_of[record] : record;
      });
    }
    const auto ids = [&](const std::vector<uint32_t> &records) {
      return c_api::IdsOfRecords(*index, records);
    };
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::IndexEntities(*index, rows, ids, false));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_index_entity(const patron_link_index *index,
                                                  const patron_column *id, uint64_t *entity,
                                                  patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("id", id));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("entity", entity));
    PATRON_ASSIGN_OR_RETURN(const uint32_t record, c_api::OneRecord(*index, id));
    *entity = index->index->entities().EntityOf(record);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_index_resolve(const patron_link_index *index, uint64_t entity,
                                                   uint64_t *now, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("now", now));
    *now = index->index->entities().Resolve(entity);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_index_size(const patron_link_index *index, uint64_t *out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    *out = index->index->alive_records();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_index_hubs(const patron_link_index *index, patron_table **out,
                                                patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const customers::LinkIndex &own = *index->index;
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::HubTable(index->linker, own.records(),
                                                                own.options().hubs, own.Hubs()));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_link_index_explain(const patron_link_index *index,
                                                   const patron_table *pairs, patron_table **out,
                                                   patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("index", index));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("pairs", pairs));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    const customers::LinkIndex &own = *index->index;
    PATRON_ASSIGN_OR_RETURN(const auto wanted, c_api::Pairs(*index, pairs->table));
    const auto ids = [&](const std::vector<uint32_t> &records) {
      return c_api::IdsOfRecords(*index, records);
    };
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::ExplainPairs(index->linker, own.records(),
                                                                    own.scorer(), ids, wanted));
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}
