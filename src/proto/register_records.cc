// Records of a register as messages, and back.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "arrow/text.hpp"
#include "patron/base/status.hpp"
#include "proto/envelope.hpp"
#include "proto/ids.hpp"
#include "proto/register_parts.hpp"

namespace patron::proto {
namespace {

using customers::FieldCells;
using customers::RecordBatch;
using customers::Register;
using customers::TextCells;

constexpr size_t kMostText = size_t{1} << 30;

void WriteCells(std::string_view name, const TextCells &cells, v1::RegisterField *message) {
  message->set_name(std::string(name));
  message->mutable_length()->Reserve(static_cast<int>(cells.size()));
  std::string &text = *message->mutable_text();
  text.reserve(cells.bytes());
  for (size_t row = 0; row < cells.size(); ++row) {
    message->add_length(cells.has(row) ? static_cast<uint32_t>(cells[row].size()) + 1 : 0);
    text.append(cells[row]);
  }
}

absl::StatusOr<TextCells> ReadCells(const v1::RegisterField &message, size_t rows) {
  if (!message.unknown_fields().empty() || SizeOf(message.length()) != rows) {
    return NotOurs("register: lists differ in length");
  }
  TextCells cells;
  cells.Reserve(rows, message.text().size());
  std::string_view rest = message.text();
  for (const uint32_t length : message.length()) {
    if (length == 0) {
      cells.AddNull();
      continue;
    }
    if (length - 1 > rest.size()) return NotOurs("register: lengths do not fit the text");
    const std::string_view text = rest.substr(0, length - 1);
    if (!arrow::IsUtf8(text)) return NotOurs("register: a text is not UTF-8");
    cells.Add(text);
    rest.remove_prefix(length - 1);
  }
  if (!rest.empty()) return NotOurs("register: lengths do not fit the text");
  return cells;
}

template <typename Field>
absl::Status ReadInstants(const Field &field, size_t rows, std::vector<int64_t> *values) {
  if (!field.empty() && SizeOf(field) != rows) return NotOurs("register: lists differ in length");
  values->assign(field.begin(), field.end());
  return absl::OkStatus();
}

bool IsShare(double value) { return value >= 0 && value <= 1; }

}  // namespace

absl::StatusOr<RecordBatch> ReadRecords(const v1::RegisterBatch &message,
                                        std::vector<std::string> *names) {
  if (!message.unknown_fields().empty()) return NotOurs("register: unknown field");
  if (!IsShare(message.trust()) || !IsShare(message.confidence()) ||
      message.kind() >= customers::kEntityKindNames.size()) {
    return NotOurs("register: a number out of range");
  }
  RecordBatch batch;
  batch.provenance = {.source = message.source(),
                      .captured_by = message.captured_by(),
                      .method = message.method(),
                      .purpose = message.purpose(),
                      .trust = message.trust(),
                      .confidence = message.confidence(),
                      .verified = message.verified(),
                      .time = message.time(),
                      .kind = static_cast<customers::EntityKind>(message.kind())};
  for (const std::string *text : {&batch.provenance.source, &batch.provenance.captured_by,
                                  &batch.provenance.method, &batch.provenance.purpose}) {
    if (!arrow::IsUtf8(*text)) return NotOurs("register: a text is not UTF-8");
  }
  batch.rows = message.rows();
  batch.erased.assign(message.erased().begin(), message.erased().end());
  const auto falls = std::ranges::adjacent_find(batch.erased, std::ranges::greater_equal());
  if (falls != batch.erased.end() || (!batch.erased.empty() && batch.erased.back() >= batch.rows)) {
    return NotOurs("register: erased rows not ascending");
  }
  PATRON_ASSIGN_OR_RETURN(const IdList ids, ReadIds(message.id(), "register: ids", false));
  if (batch.rows == 0 || ids.size() != batch.rows - batch.erased.size()) {
    return NotOurs("register: lists differ in length");
  }
  const bool none = ids.size() == 0;
  size_t next = 0;
  for (uint32_t row = 0; row < batch.rows; ++row) {
    const bool erased = batch.IsErased(row);
    if (none || !ids.is_text) batch.integer_ids.push_back(erased ? 0 : ids.integers[next]);
    if (none || (ids.is_text && erased)) {
      batch.text_ids.AddNull();
    } else if (ids.is_text) {
      batch.text_ids.Add(ids.text[next]);
    }
    next += erased ? 0 : 1;
  }
  if (message.source_key_size() > 1) return NotOurs("register: source keys twice");
  if (message.source_key_size() == 1) {
    PATRON_ASSIGN_OR_RETURN(batch.source_keys, ReadCells(message.source_key(0), batch.rows));
  }
  PATRON_RETURN_IF_ERROR(ReadInstants(message.captured_at(), batch.rows, &batch.captured_at));
  PATRON_RETURN_IF_ERROR(ReadInstants(message.valid_from(), batch.rows, &batch.valid_from));
  PATRON_RETURN_IF_ERROR(ReadInstants(message.valid_to(), batch.rows, &batch.valid_to));
  for (const v1::RegisterField &field : message.field()) {
    PATRON_RETURN_IF_ERROR(CheckName("register", field.name()));
    if (std::ranges::find(*names, field.name()) != names->end()) {
      return NotOurs("register: a field twice");
    }
    PATRON_ASSIGN_OR_RETURN(TextCells cells, ReadCells(field, batch.rows));
    batch.fields.push_back({static_cast<uint32_t>(names->size()), std::move(cells)});
    names->push_back(field.name());
  }
  return batch;
}

absl::Status WriteRecords(const Register &reg, const RecordBatch &batch,
                          v1::RegisterBatch *message) {
  message->set_source(batch.provenance.source);
  message->set_captured_by(batch.provenance.captured_by);
  message->set_method(batch.provenance.method);
  message->set_purpose(batch.provenance.purpose);
  message->set_trust(batch.provenance.trust);
  message->set_confidence(batch.provenance.confidence);
  message->set_verified(batch.provenance.verified);
  message->set_time(batch.provenance.time);
  if (batch.provenance.kind != customers::EntityKind::kPerson) {
    message->set_kind(static_cast<uint32_t>(batch.provenance.kind));
  }
  message->set_rows(batch.rows);
  message->mutable_erased()->Add(batch.erased.begin(), batch.erased.end());
  std::vector<uint32_t> records;
  for (uint32_t row = 0; row < batch.rows; ++row) {
    if (!batch.IsErased(row)) records.push_back(batch.first + row);
  }
  const IdList ids = reg.Ids(records);
  WriteIds(ids.span(), *message->mutable_id());
  if (batch.source_keys.size() > 0) {
    message->mutable_source_key()->Reserve(1);
    WriteCells("source_key", batch.source_keys, message->add_source_key());
  }
  message->mutable_captured_at()->Add(batch.captured_at.begin(), batch.captured_at.end());
  message->mutable_valid_from()->Add(batch.valid_from.begin(), batch.valid_from.end());
  message->mutable_valid_to()->Add(batch.valid_to.begin(), batch.valid_to.end());
  message->mutable_field()->Reserve(static_cast<int>(batch.fields.size()));
  for (const FieldCells &cells : batch.fields) {
    if (cells.cells.bytes() > kMostText) {
      return absl::ResourceExhaustedError(absl::StrCat(
          reg.field_names()[cells.field], ": ", cells.cells.bytes(), " bytes in ", batch.rows,
          " records; at most ", kMostText, " can be written in one piece"));
    }
    WriteCells(reg.field_names()[cells.field], cells.cells, message->add_field());
  }
  return absl::OkStatus();
}

}  // namespace patron::proto
