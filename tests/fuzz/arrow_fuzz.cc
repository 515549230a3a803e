// Arrow structs of every shape, right and wrong, through import, read, flatten, export and import again.
//
// The bytes choose formats, lengths, offsets, null counts and the contents of buffers. Buffers are as long
// as the structs say wherever a consumer has to take their word; what it can check may be anything.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "patron/c/patron.h"

namespace {

void Require(bool holds, const char *what) {
  if (holds) return;
  std::fprintf(stderr, "does not hold: %s\n", what);
  std::abort();
}

// Takes bytes from the input until it is used up, and zeros from there on.
class Input {
 public:
  Input(const uint8_t *data, size_t size) : data_(data), size_(size) {}

  uint8_t Byte() { return at_ < size_ ? data_[at_++] : 0; }
  size_t Below(size_t bound) { return Byte() % bound; }
  bool Rarely() { return Byte() >= 0xF0; }
  bool empty() const { return at_ >= size_; }

 private:
  const uint8_t *data_;
  size_t size_;
  size_t at_ = 0;
};

constexpr const char *kFormats[] = {
    "l",      "g",       "u", "i",  "tdD", "tsu:", "U",   "vu",   "b",    "c",
    "s",      "C",       "S", "I",  "L",   "f",    "tdm", "tss:", "tsm:", "tsn:Europe/Berlin",
    "d:10,2", "d:38,-3", "n", "+l", "w:3", "d:",   "d:5", "xyz",  "",     "ts",
    "e",
};
constexpr const char *kNames[] = {"customer_id", "date", "amount", "order_id", "x", "\xFF", ""};

size_t WidthOf(const std::string &format) {
  if (format.empty()) return 8;
  if (format.starts_with("d:") || format == "vu") return 16;
  if (format == "c" || format == "C") return 1;
  if (format == "s" || format == "S") return 2;
  if (format == "i" || format == "I" || format == "f" || format == "tdD") return 4;
  return 8;
}

constexpr int64_t kHostile[] = {-1, INT64_MIN, INT64_MAX, int64_t{1} << 60, -2};

int alive = 0;  // Structs that have been made and not been released.

// A column, or a struct of columns: what makes its schema and its arrays.
struct Shape {
  std::string format, name;
  std::vector<Shape> children;
  std::unique_ptr<Shape> dictionary;
};

struct SchemaKeep {
  std::string format, name;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema *> pointers;
  ArrowSchema dictionary = {};
};

struct ArrayKeep {
  std::vector<std::unique_ptr<uint8_t[]>> memory;
  std::vector<const void *> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray *> pointers;
  ArrowArray dictionary = {};
};

template <typename Struct, typename Keep>
void Release(Struct *self) {
  auto *keep = static_cast<Keep *>(self->private_data);
  for (Struct &child : keep->children) {
    if (child.release != nullptr) child.release(&child);
  }
  if (keep->dictionary.release != nullptr) keep->dictionary.release(&keep->dictionary);
  delete keep;
  self->release = nullptr;
  --alive;
}

Shape MakeShape(Input &input, int depth) {
  Shape shape;
  shape.format = kFormats[input.Below(std::size(kFormats))];
  shape.name = kNames[input.Below(std::size(kNames))];
  if (shape.format == "+l")
    shape.children.push_back(depth < 4 ? MakeShape(input, depth + 1) : Shape{"l", "", {}, {}});
  if (depth < 4 && input.Byte() % 4 == 1)
    shape.dictionary = std::make_unique<Shape>(MakeShape(input, depth + 1));
  return shape;
}

void MakeSchema(const Shape &shape, ArrowSchema *out) {
  auto *keep = new SchemaKeep{shape.format, shape.name, {}, {}, {}};
  keep->children.resize(shape.children.size());
  for (size_t i = 0; i < shape.children.size(); ++i) {
    MakeSchema(shape.children[i], &keep->children[i]);
    keep->pointers.push_back(&keep->children[i]);
  }
  *out = {};
  out->format = keep->format.c_str();
  out->name = keep->name.c_str();
  out->flags = ARROW_FLAG_NULLABLE;
  out->n_children = static_cast<int64_t>(keep->children.size());
  out->children = keep->pointers.data();
  if (shape.dictionary != nullptr) {
    MakeSchema(*shape.dictionary, &keep->dictionary);
    out->dictionary = &keep->dictionary;
  }
  out->private_data = keep;
  out->release = &Release<ArrowSchema, SchemaKeep>;
  ++alive;
}

// Some bytes at an address that may be unaligned.
uint8_t *AddBuffer(Input &input, ArrayKeep &keep, size_t size, bool unaligned) {
  auto memory = std::make_unique<uint8_t[]>(size + (unaligned ? 1 : 0));
  uint8_t *bytes = memory.get() + (unaligned ? 1 : 0);
  for (size_t i = 0; i < size && !input.empty(); ++i) bytes[i] = input.Byte();
  keep.memory.push_back(std::move(memory));
  keep.buffers.push_back(bytes);
  return bytes;
}

// Offsets anywhere in `characters` bytes, rising mostly, and negative rarely.
template <typename Offset>
void AddOffsets(Input &input, ArrayKeep &keep, size_t count, size_t characters, bool unaligned) {
  uint8_t *bytes = AddBuffer(input, keep, 0, unaligned);
  keep.memory.back() = std::make_unique<uint8_t[]>(count * sizeof(Offset) + 1);
  bytes = keep.memory.back().get() + (unaligned ? 1 : 0);
  keep.buffers.back() = bytes;
  Offset last = 0;
  for (size_t i = 0; i < count; ++i) {
    const uint8_t step = input.Byte();
    if (step == 0xFF) {
      last = -1;
    } else if (step >= 0xF0) {
      last = static_cast<Offset>(step % (characters + 1));
    } else {
      last =
          std::min<Offset>(static_cast<Offset>(last + step % 8), static_cast<Offset>(characters));
    }
    std::memcpy(bytes + i * sizeof(Offset), &last, sizeof last);
  }
}

void AddBuffers(Input &input, const Shape &shape, ArrayKeep &keep, size_t rows) {
  constexpr size_t kCharacters = 40;
  const bool unaligned = input.Byte() % 4 == 1;
  const std::string &format = shape.format;
  if (input.Byte() % 2 == 0) {
    keep.buffers.push_back(nullptr);
  } else {
    AddBuffer(input, keep, (rows + 7) / 8, unaligned);
  }
  if (format == "u" || format == "+l")
    AddOffsets<int32_t>(input, keep, rows + 1, kCharacters, unaligned);
  if (format == "U") AddOffsets<int64_t>(input, keep, rows + 1, kCharacters, unaligned);
  if (format == "u" || format == "U") {
    AddBuffer(input, keep, kCharacters, unaligned);
  } else if (format == "b") {
    AddBuffer(input, keep, (rows + 7) / 8, unaligned);
  } else if (format == "vu") {
    AddBuffer(input, keep, rows * 16, unaligned);
    std::vector<int64_t> sizes;
    for (size_t parts = input.Below(3); parts > 0; --parts) {
      sizes.push_back(static_cast<int64_t>(input.Below(kCharacters)));
      AddBuffer(input, keep, static_cast<size_t>(sizes.back()), false);
    }
    uint8_t *bytes = AddBuffer(input, keep, 0, false);
    keep.memory.back() = std::make_unique<uint8_t[]>(sizes.size() * 8 + 1);
    bytes = keep.memory.back().get();
    keep.buffers.back() = bytes;
    if (!sizes.empty()) std::memcpy(bytes, sizes.data(), sizes.size() * 8);
  } else if (format != "n" && format != "+l" && format != "+s") {
    AddBuffer(input, keep, rows * WidthOf(format), unaligned);
  }
}

void MakeArray(Input &input, const Shape &shape, size_t rows, ArrowArray *out) {
  auto *keep = new ArrayKeep;
  const size_t offset = input.Byte() % 4 == 1 ? input.Below(10) : 0;
  const size_t length = input.Rarely() ? input.Below(20) : rows;
  if (shape.format == "+s") {
    keep->buffers.push_back(nullptr);
  } else {
    AddBuffers(input, shape, *keep, offset + length);
  }
  keep->children.resize(shape.children.size());
  for (size_t i = 0; i < shape.children.size(); ++i) {
    MakeArray(input, shape.children[i], offset + length, &keep->children[i]);
    keep->pointers.push_back(&keep->children[i]);
  }
  *out = {};
  if (shape.dictionary != nullptr) {
    MakeArray(input, *shape.dictionary, input.Below(6), &keep->dictionary);
    out->dictionary = &keep->dictionary;
  }
  out->length = static_cast<int64_t>(length);
  out->offset = static_cast<int64_t>(offset);
  out->null_count = keep->buffers[0] == nullptr ? 0 : -1;
  out->n_buffers = static_cast<int64_t>(keep->buffers.size());
  // Room for what n_buffers may claim.
  keep->buffers.resize(keep->buffers.size() + 8);
  out->buffers = keep->buffers.data();
  out->n_children = static_cast<int64_t>(keep->children.size());
  out->children = keep->pointers.data();
  if (input.Rarely()) {
    const int64_t hostile = kHostile[input.Below(std::size(kHostile))];
    switch (input.Below(9)) {
      case 0: out->length = hostile; break;
      case 1: out->offset = hostile; break;
      case 2: out->null_count = hostile; break;
      case 3: out->null_count = static_cast<int64_t>(input.Below(20)); break;
      case 4: out->n_buffers = hostile; break;
      case 5: out->n_buffers = static_cast<int64_t>(input.Below(3)); break;
      case 6: out->n_children = hostile; break;
      case 7: out->buffers[input.Below(3)] = nullptr; break;
      case 8: out->buffers = nullptr; break;
    }
  }
  out->private_data = keep;
  out->release = &Release<ArrowArray, ArrayKeep>;
  ++alive;
}

struct StreamKeep {
  Input *input;
  Shape root;
  size_t batches;
  bool fails;
};

void MakeStream(Input &input, ArrowArrayStream *out) {
  auto *keep = new StreamKeep{&input, {}, input.Below(4), input.Rarely()};
  keep->root.format = input.Rarely() ? "l" : "+s";
  for (size_t columns = input.Below(5); columns > 0; --columns)
    keep->root.children.push_back(MakeShape(input, 0));
  if (keep->root.format != "+s") keep->root.children.clear();
  *out = {};
  out->private_data = keep;
  out->get_schema = [](ArrowArrayStream *self, ArrowSchema *schema) {
    MakeSchema(static_cast<StreamKeep *>(self->private_data)->root, schema);
    return 0;
  };
  out->get_next = [](ArrowArrayStream *self, ArrowArray *array) {
    auto *kept = static_cast<StreamKeep *>(self->private_data);
    *array = {};
    if (kept->batches == 0) return kept->fails ? 5 : 0;
    --kept->batches;
    MakeArray(*kept->input, kept->root, kept->input->Below(20), array);
    return 0;
  };
  out->get_last_error = [](ArrowArrayStream *) -> const char * { return "no more"; };
  out->release = [](ArrowArrayStream *self) {
    delete static_cast<StreamKeep *>(self->private_data);
    self->release = nullptr;
    --alive;
  };
  ++alive;
}

uint64_t touched = 0;

void Touch(const void *data, size_t size) {
  for (size_t i = 0; i < size; ++i) touched += static_cast<const uint8_t *>(data)[i];
}

// Reads every byte that a view promises.
void ReadColumn(const patron_column &column) {
  const auto rows = static_cast<size_t>(column.length);
  const auto begin = static_cast<size_t>(column.offset);
  if (rows == 0) return;
  if (column.validity != nullptr)
    Touch(column.validity + begin / 8, (begin + rows + 7) / 8 - begin / 8);
  if (column.type == PATRON_TYPE_TEXT || column.type == PATRON_TYPE_LARGE_TEXT) {
    const size_t width = column.type == PATRON_TYPE_TEXT ? 4 : 8;
    int64_t first = 0, last = 0;
    std::memcpy(&first, static_cast<const char *>(column.offsets) + begin * width, width);
    std::memcpy(&last, static_cast<const char *>(column.offsets) + (begin + rows) * width, width);
    Require(first >= 0 && last >= first, "text offsets rise");
    if (last > first)
      Touch(static_cast<const char *>(column.data) + first, static_cast<size_t>(last - first));
  } else if (column.type == PATRON_TYPE_BOOL) {
    Touch(static_cast<const uint8_t *>(column.data) + begin / 8,
          (begin + rows + 7) / 8 - begin / 8);
  } else {
    constexpr size_t kWidths[] = {0, 0, 1, 2, 4, 8, 1, 2, 4, 8, 4, 8, 0, 0, 4, 8, 8, 8, 8};
    const size_t width = kWidths[column.type];
    Touch(static_cast<const char *>(column.data) + begin * width, rows * width);
  }
}

void ReadTable(const patron_table *table) {
  patron_error error;
  for (size_t i = 0; i < patron_table_columns(table); ++i) {
    Require(patron_table_name(table, i) != nullptr, "each column has a name");
    size_t index = 0;
    patron_table_find(table, patron_table_name(table, i), &index, &error);
    for (size_t batch = 0; batch < patron_table_batches(table); ++batch) {
      patron_column column = {};
      column.struct_size = sizeof column;
      if (patron_table_column(table, i, batch, &column, &error) == PATRON_OK) ReadColumn(column);
    }
  }
}

void Summarize(const patron_table *table, int32_t nulls) {
  patron_error error;
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.nulls = nulls;
  columns.order = "order_id";
  patron_table *summary = nullptr;
  if (patron_value_summarize(table, &columns, nullptr, &summary, nullptr, &error) == PATRON_OK) {
    ReadTable(summary);
  } else {
    Require(error.code != PATRON_INTERNAL, error.message);
  }
  patron_table_free(summary);
}

// What can be done with a table that was imported.
void Use(patron_table *table) {
  patron_error error;
  ReadTable(table);
  Summarize(table, PATRON_NULLS_ERROR);
  Summarize(table, PATRON_NULLS_SKIP);
  patron_table *flat = nullptr;
  const patron_status flattened = patron_table_flatten(table, &flat, &error);
  if (flattened == PATRON_OK) {
    Require(patron_table_rows(flat) == patron_table_rows(table), "flattening keeps the rows");
    for (size_t i = 0; i < patron_table_columns(flat); ++i) {
      patron_column column = {};
      column.struct_size = sizeof column;
      Require(patron_table_column(flat, i, 0, &column, &error) == PATRON_OK,
              "flat columns can be shown");
    }
    ReadTable(flat);
  }
  ArrowArrayStream stream;
  Require(patron_table_export(table, &stream, &error) == PATRON_OK, "a table exports");
  patron_table *again = nullptr;
  Require(patron_table_import_stream(&stream, &again, &error) == PATRON_OK,
          "what is exported imports");
  Require(patron_table_rows(again) == patron_table_rows(table), "a round trip keeps the rows");
  patron_table_free(table);
  ReadTable(again);
  patron_table *flat_again = nullptr;
  Require(patron_table_flatten(again, &flat_again, &error) == flattened,
          "a round trip keeps the values");
  patron_table_free(again);
  patron_table_free(flat);
  if (flat_again != nullptr) ReadTable(flat_again);
  patron_table_free(flat_again);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  Input input(data, size);
  patron_error error;
  patron_table *table = nullptr;
  if (input.Byte() % 2 == 0) {
    ArrowArrayStream stream;
    MakeStream(input, &stream);
    if (patron_table_import_stream(&stream, &table, &error) == PATRON_OK) {
      Require(stream.release == nullptr, "a stream is moved");
      Use(table);
    } else {
      Require(table == nullptr && stream.release != nullptr, "a refused stream stays the caller's");
      Require(error.code != PATRON_INTERNAL, error.message);
      stream.release(&stream);
    }
  } else {
    Shape root;
    root.format = "+s";
    for (size_t columns = input.Below(5); columns > 0; --columns)
      root.children.push_back(MakeShape(input, 0));
    ArrowSchema schema;
    ArrowArray array;
    MakeSchema(root, &schema);
    MakeArray(input, root, input.Below(40), &array);
    if (patron_table_import_array(&schema, &array, &table, &error) == PATRON_OK) {
      Require(schema.release == nullptr && array.release == nullptr, "structs are moved");
      Use(table);
    } else {
      Require(table == nullptr && schema.release != nullptr && array.release != nullptr,
              "refused structs stay the caller's");
      Require(error.code != PATRON_INTERNAL, error.message);
      schema.release(&schema);
      array.release(&array);
    }
  }
  Require(alive == 0, "all is released once");
  return 0;
}
