// Export: each struct owns a share of the table, so the consumer may keep, move and release any of them in
// any order and on any thread.
#include <cerrno>
#include <memory>
#include <utility>
#include <vector>

#include "arrow/table.hpp"
#include "arrow/table_data.hpp"

namespace patron::arrow {
namespace {

template <typename Struct>
void ReleaseStruct(Struct &part) {
  if (part.release != nullptr) part.release(&part);
}

// Children and a dictionary that are released with their parent unless they have been moved away.
template <typename Struct>
struct Parts {
  std::vector<Struct> children;
  std::vector<Struct *> pointers;
  Struct dictionary = {};

  Parts() = default;
  Parts(const Parts &) = delete;
  Parts &operator=(const Parts &) = delete;
  ~Parts() {
    for (Struct &child : children) ReleaseStruct(child);
    ReleaseStruct(dictionary);
  }

  void Resize(size_t count) {
    children.resize(count);
    pointers.reserve(count);
    for (Struct &child : children) pointers.push_back(&child);
  }
};

struct SchemaParts : Parts<ArrowSchema> {
  std::string format, name;
};

struct ArrayParts : Parts<ArrowArray> {
  std::shared_ptr<const void> owner;
  Buffers buffers;
};

template <typename Struct, typename Private>
void Release(Struct *self) {
  delete static_cast<Private *>(self->private_data);
  self->release = nullptr;
}

// Hands `parts` to `out`, which fits them.
template <typename Struct, typename Private>
void Adopt(std::unique_ptr<Private> parts, Struct *out) {
  out->n_children = static_cast<int64_t>(parts->children.size());
  out->children = parts->pointers.empty() ? nullptr : parts->pointers.data();
  out->dictionary = parts->dictionary.release == nullptr ? nullptr : &parts->dictionary;
  out->release = &Release<Struct, Private>;
  out->private_data = parts.release();
}

void ExportSchema(const Field &field, ArrowSchema *out);

void ExportColumns(std::span<const Field> fields, SchemaParts &parts) {
  parts.Resize(fields.size());
  for (size_t i = 0; i < fields.size(); ++i) ExportSchema(fields[i], &parts.children[i]);
}

void Finish(std::unique_ptr<SchemaParts> parts, int64_t flags, ArrowSchema *out) {
  *out = {};
  out->format = parts->format.c_str();
  out->name = parts->name.c_str();
  out->flags = flags;
  Adopt(std::move(parts), out);
}

void ExportSchema(const Field &field, ArrowSchema *out) {
  auto parts = std::make_unique<SchemaParts>();
  parts->format = field.format;
  parts->name = field.name;
  ExportColumns(field.children, *parts);
  if (field.dictionary != nullptr) ExportSchema(*field.dictionary, &parts->dictionary);
  Finish(std::move(parts), field.flags, out);
}

void ExportArray(const Column &column, const std::shared_ptr<const void> &owner, ArrowArray *out) {
  auto parts = std::make_unique<ArrayParts>();
  parts->owner = owner;
  parts->buffers = column.buffers;
  parts->Resize(column.children.size());
  for (size_t i = 0; i < column.children.size(); ++i) {
    ExportArray(column.children[i], owner, &parts->children[i]);
  }
  if (column.dictionary != nullptr) ExportArray(*column.dictionary, owner, &parts->dictionary);
  *out = {};
  out->length = column.length;
  out->null_count = column.null_count;
  out->offset = column.offset;
  out->n_buffers = static_cast<int64_t>(parts->buffers.size());
  out->buffers = parts->buffers.data();
  Adopt(std::move(parts), out);
}

void ExportBatch(const Batch &batch, const std::shared_ptr<const void> &owner, ArrowArray *out) {
  auto parts = std::make_unique<ArrayParts>();
  parts->owner = owner;
  parts->buffers = {nullptr};
  parts->Resize(batch.columns.size());
  for (size_t i = 0; i < batch.columns.size(); ++i)
    ExportArray(batch.columns[i], owner, &parts->children[i]);
  *out = {};
  out->length = batch.rows;
  out->n_buffers = 1;
  out->buffers = parts->buffers.data();
  Adopt(std::move(parts), out);
}

template <typename DataPointer>
struct StreamParts {
  DataPointer data;
  size_t next = 0;
  const char *error = nullptr;
};

}  // namespace

void Table::Export(ArrowArrayStream *out) const {
  using Parts = StreamParts<std::shared_ptr<const Data>>;
  auto parts = std::make_unique<Parts>();
  parts->data = data_;
  *out = {};
  out->get_schema = [](ArrowArrayStream *self, ArrowSchema *schema) noexcept {
    auto *stream = static_cast<Parts *>(self->private_data);
    try {
      auto root = std::make_unique<SchemaParts>();
      root->format = "+s";
      ExportColumns(stream->data->fields, *root);
      Finish(std::move(root), 0, schema);
      return 0;
    } catch (...) {
      stream->error = "out of memory";
      return ENOMEM;
    }
  };
  out->get_next = [](ArrowArrayStream *self, ArrowArray *array) noexcept {
    auto *stream = static_cast<Parts *>(self->private_data);
    try {
      if (stream->next == stream->data->batches.size()) {
        *array = {};
        return 0;
      }
      ExportBatch(stream->data->batches[stream->next], stream->data, array);
      ++stream->next;
      return 0;
    } catch (...) {
      stream->error = "out of memory";
      return ENOMEM;
    }
  };
  out->get_last_error = [](ArrowArrayStream *self) noexcept {
    return static_cast<Parts *>(self->private_data)->error;
  };
  out->release = &Release<ArrowArrayStream, Parts>;
  out->private_data = parts.release();
}

}  // namespace patron::arrow
