// A producer of Arrow structs for tests: exact buffers, any defect wanted, and a count of what is alive.
#ifndef PATRON_TESTS_SUPPORT_ARROW_PRODUCER_HPP_
#define PATRON_TESTS_SUPPORT_ARROW_PRODUCER_HPP_

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "patron/c/table.h"

namespace patron::test {

// Bytes of a buffer; none is a NULL pointer.
using Bytes = std::optional<std::vector<uint8_t>>;

template <typename T>
Bytes BytesOf(const std::vector<T> &values) {
  std::vector<uint8_t> bytes(values.size() * sizeof(T));
  if (!bytes.empty()) std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

// "1101": bits, least significant first.
inline Bytes BitsOf(std::string_view bits) {
  std::vector<uint8_t> bytes((bits.size() + 7) / 8);
  for (size_t i = 0; i < bits.size(); ++i) {
    if (bits[i] == '1') bytes[i / 8] = static_cast<uint8_t>(bytes[i / 8] | (1u << (i % 8)));
  }
  return bytes;
}

// What a column is to look like, right or wrong.
struct Made {
  std::string name;
  std::string format;
  int64_t length = 0;
  int64_t offset = 0;
  int64_t null_count = 0;
  std::vector<Bytes> buffers;
  std::vector<Made> children;
  std::shared_ptr<Made> dictionary;
  int64_t flags = ARROW_FLAG_NULLABLE;
  bool unaligned = false;
  // Changes the structs once they are filled.
  std::function<void(ArrowSchema &)> spoil_schema;
  std::function<void(ArrowArray &)> spoil_array;
};

template <typename T>
Made Fixed(std::string name, std::string format, const std::vector<T> &values) {
  Made made;
  made.name = std::move(name);
  made.format = std::move(format);
  made.length = static_cast<int64_t>(values.size());
  made.buffers = {std::nullopt, BytesOf(values)};
  return made;
}

template <typename Offset>
Made Texts(std::string name, const std::vector<std::string> &values) {
  std::vector<Offset> offsets = {0};
  std::string characters;
  for (const std::string &value : values) {
    characters += value;
    offsets.push_back(static_cast<Offset>(characters.size()));
  }
  Made made;
  made.name = std::move(name);
  made.format = sizeof(Offset) == 4 ? "u" : "U";
  made.length = static_cast<int64_t>(values.size());
  made.buffers = {std::nullopt, BytesOf(offsets),
                  BytesOf(std::vector<char>(characters.begin(), characters.end()))};
  return made;
}

inline Made Text(std::string name, const std::vector<std::string> &values) {
  return Texts<int32_t>(std::move(name), values);
}

// String views; texts longer than 12 bytes go to two buffers in turn.
inline Made TextViews(std::string name, const std::vector<std::string> &values) {
  std::vector<int32_t> views;
  std::string parts[2];
  int32_t next = 0;
  for (const std::string &value : values) {
    int32_t view[4] = {static_cast<int32_t>(value.size()), 0, 0, 0};
    if (value.size() <= 12) {
      std::memcpy(view + 1, value.data(), value.size());
    } else {
      std::memcpy(view + 1, value.data(), 4);
      view[2] = next;
      view[3] = static_cast<int32_t>(parts[next].size());
      parts[next] += value;
      next = 1 - next;
    }
    views.insert(views.end(), view, view + 4);
  }
  Made made;
  made.name = std::move(name);
  made.format = "vu";
  made.length = static_cast<int64_t>(values.size());
  made.buffers = {std::nullopt, BytesOf(views)};
  std::vector<int64_t> sizes;
  for (const std::string &part : parts) {
    made.buffers.push_back(BytesOf(std::vector<char>(part.begin(), part.end())));
    sizes.push_back(static_cast<int64_t>(part.size()));
  }
  made.buffers.push_back(BytesOf(sizes));
  return made;
}

template <typename Index>
Made Dictionary(std::string name, std::string format, const std::vector<Index> &codes,
                Made values) {
  Made made = Fixed<Index>(std::move(name), std::move(format), codes);
  made.dictionary = std::make_shared<Made>(std::move(values));
  return made;
}

inline Made Nulls(Made made, std::string_view bits, int64_t null_count = -1) {
  made.buffers[0] = BitsOf(bits);
  made.null_count = null_count;
  return made;
}

// The same buffers, seen without the first `offset` rows.
inline Made Sliced(Made made, int64_t offset) {
  made.offset = offset;
  made.length -= offset;
  return made;
}

inline Made Unaligned(Made made) {
  made.unaligned = true;
  if (made.dictionary != nullptr) made.dictionary->unaligned = true;
  return made;
}

inline Made Struct(std::vector<Made> columns) {
  Made made;
  made.format = "+s";
  made.length = columns.empty() ? 0 : columns[0].length;
  made.buffers = {std::nullopt};
  made.flags = 0;
  made.children = std::move(columns);
  return made;
}

// What has been made and not been released; more than one release of a struct makes it negative.
struct Alive {
  int schemas = 0;
  int arrays = 0;
  int streams = 0;
  int total() const { return schemas + arrays + streams; }
};

namespace detail {

struct SchemaKeep {
  Made made;
  std::vector<ArrowSchema> children;
  std::vector<ArrowSchema *> pointers;
  ArrowSchema dictionary = {};
  Alive *alive;
};

struct ArrayKeep {
  std::vector<std::unique_ptr<uint8_t[]>> memory;
  std::vector<const void *> buffers;
  std::vector<ArrowArray> children;
  std::vector<ArrowArray *> pointers;
  ArrowArray dictionary = {};
  Alive *alive;
};

}  // namespace detail

inline void MakeSchema(const Made &made, Alive *alive, ArrowSchema *out) {
  auto *keep = new detail::SchemaKeep{.made = made, .children = {}, .pointers = {}, .alive = alive};
  keep->children.resize(made.children.size());
  for (size_t i = 0; i < made.children.size(); ++i) {
    MakeSchema(made.children[i], alive, &keep->children[i]);
    keep->pointers.push_back(&keep->children[i]);
  }
  *out = {};
  out->format = keep->made.format.c_str();
  out->name = keep->made.name.c_str();
  out->flags = made.flags;
  out->n_children = static_cast<int64_t>(keep->children.size());
  out->children = keep->pointers.data();
  if (made.dictionary != nullptr) {
    MakeSchema(*made.dictionary, alive, &keep->dictionary);
    out->dictionary = &keep->dictionary;
  }
  out->private_data = keep;
  out->release = [](ArrowSchema *self) {
    auto *kept = static_cast<detail::SchemaKeep *>(self->private_data);
    for (ArrowSchema &child : kept->children) {
      if (child.release != nullptr) child.release(&child);
    }
    if (kept->dictionary.release != nullptr) kept->dictionary.release(&kept->dictionary);
    --kept->alive->schemas;
    delete kept;
    self->release = nullptr;
  };
  ++alive->schemas;
  if (made.spoil_schema) made.spoil_schema(*out);
}

inline void MakeArray(const Made &made, Alive *alive, ArrowArray *out) {
  auto *keep = new detail::ArrayKeep{
      .memory = {}, .buffers = {}, .children = {}, .pointers = {}, .alive = alive};
  for (const Bytes &bytes : made.buffers) {
    if (!bytes) {
      keep->buffers.push_back(nullptr);
      continue;
    }
    // Exactly as large as needed, so that a memory checker sees a byte too many.
    const size_t shift = made.unaligned ? 1 : 0;
    auto memory = std::make_unique<uint8_t[]>(bytes->size() + shift);
    if (!bytes->empty()) std::memcpy(memory.get() + shift, bytes->data(), bytes->size());
    keep->buffers.push_back(memory.get() + shift);
    keep->memory.push_back(std::move(memory));
  }
  keep->children.resize(made.children.size());
  for (size_t i = 0; i < made.children.size(); ++i) {
    MakeArray(made.children[i], alive, &keep->children[i]);
    keep->pointers.push_back(&keep->children[i]);
  }
  *out = {};
  out->length = made.length;
  out->null_count = made.null_count;
  out->offset = made.offset;
  out->n_buffers = static_cast<int64_t>(keep->buffers.size());
  out->buffers = keep->buffers.data();
  out->n_children = static_cast<int64_t>(keep->children.size());
  out->children = keep->pointers.data();
  if (made.dictionary != nullptr) {
    MakeArray(*made.dictionary, alive, &keep->dictionary);
    out->dictionary = &keep->dictionary;
  }
  out->private_data = keep;
  out->release = [](ArrowArray *self) {
    auto *kept = static_cast<detail::ArrayKeep *>(self->private_data);
    for (ArrowArray &child : kept->children) {
      if (child.release != nullptr) child.release(&child);
    }
    if (kept->dictionary.release != nullptr) kept->dictionary.release(&kept->dictionary);
    --kept->alive->arrays;
    delete kept;
    self->release = nullptr;
  };
  ++alive->arrays;
  if (made.spoil_array) made.spoil_array(*out);
}

// A stream of batches whose schema is that of `schema`. With an error it ends in that instead of its end.
struct MadeStream {
  Made schema;
  std::vector<Made> batches;
  int error_code = 0;
  const char *error_text = nullptr;
  bool schema_fails = false;
};

inline void MakeStream(MadeStream made, Alive *alive, ArrowArrayStream *out) {
  struct Keep {
    MadeStream made;
    Alive *alive;
    size_t next = 0;
  };
  *out = {};
  out->private_data = new Keep{.made = std::move(made), .alive = alive};
  out->get_schema = [](ArrowArrayStream *self, ArrowSchema *schema) {
    auto *kept = static_cast<Keep *>(self->private_data);
    if (kept->made.schema_fails) return kept->made.error_code;
    MakeSchema(kept->made.schema, kept->alive, schema);
    return 0;
  };
  out->get_next = [](ArrowArrayStream *self, ArrowArray *array) {
    auto *kept = static_cast<Keep *>(self->private_data);
    if (kept->next < kept->made.batches.size()) {
      MakeArray(kept->made.batches[kept->next++], kept->alive, array);
      return 0;
    }
    *array = {};
    return kept->made.error_code;
  };
  out->get_last_error = [](ArrowArrayStream *self) {
    return static_cast<Keep *>(self->private_data)->made.error_text;
  };
  out->release = [](ArrowArrayStream *self) {
    auto *kept = static_cast<Keep *>(self->private_data);
    --kept->alive->streams;
    delete kept;
    self->release = nullptr;
  };
  ++alive->streams;
}

}  // namespace patron::test

#endif  // PATRON_TESTS_SUPPORT_ARROW_PRODUCER_HPP_
