// Characters: texts as code points, narrow where all are below 256, in memory that kernels may read past.
#ifndef PATRON_CUSTOMERS_CHARACTERS_HPP_
#define PATRON_CUSTOMERS_CHARACTERS_HPP_

#include <algorithm>
#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace patron::customers {

// One text as code points: uint8_t each if narrow, else char32_t. Kernels read whole packs of
// kReadable bytes from its first element on; only CharacterPool makes sure that they may.
struct Characters {
  const void *data = nullptr;
  uint32_t size = 0;
  bool wide = false;

  std::span<const uint8_t> narrow() const { return {static_cast<const uint8_t *>(data), size}; }
  std::span<const char32_t> all() const { return {static_cast<const char32_t *>(data), size}; }
  char32_t operator[](size_t i) const { return wide ? all()[i] : narrow()[i]; }
  size_t bytes() const { return size * (wide ? sizeof(char32_t) : 1); }
  // The code points [begin, end), as far as there are any.
  Characters Slice(uint32_t begin, uint32_t end) const {
    begin = std::min(begin, size);
    end = std::clamp(end, begin, size);
    const size_t step = wide ? sizeof(char32_t) : 1;
    const auto *first = static_cast<const std::byte *>(data) + begin * step;
    return {.data = first, .size = end - begin, .wide = wide};
  }
};

// Overwrites memory with zeros, also where nobody reads it again.
inline void Wipe(void *data, size_t bytes) {
  if (bytes > 0) std::memset(data, 0, bytes);
  std::atomic_signal_fence(std::memory_order_seq_cst);
}

// A view of the same text, for `body(span of uint8_t or char32_t)`.
template <typename Body>
decltype(auto) VisitCharacters(const Characters &text, Body &&body) {
  return text.wide ? body(text.all()) : body(text.narrow());
}

// Texts, decoded once. A byte that begins no well-formed UTF-8 sequence is U+FFFD. Each text stands in
// one place, and views of it stay valid until it is forgotten; all are overwritten in the end.
// Memory: one byte a code point for narrow texts, four for others.
class CharacterPool {
 public:
  CharacterPool() = default;
  CharacterPool(CharacterPool &&) noexcept = default;
  CharacterPool &operator=(CharacterPool &&other) noexcept {
    std::swap(texts_, other.texts_);
    std::swap(blocks_, other.blocks_);
    std::swap(used_, other.used_);
    std::swap(forgotten_, other.forgotten_);
    return *this;
  }
  ~CharacterPool() {
    for (const Block &block : blocks_) Wipe(block.bytes.get(), block.size);
  }

  size_t size() const { return texts_.size(); }
  const Characters &operator[](size_t i) const { return texts_[i]; }
  std::span<const Characters> all() const { return texts_; }

  // Its index: that of a text that was forgotten, or the next. Time O(bytes). Throws std::bad_alloc
  // without effect.
  size_t Add(std::string_view utf8);
  size_t Add(std::u32string_view text) {
    return Add({.data = text.data(), .size = static_cast<uint32_t>(text.size()), .wide = true});
  }
  size_t Add(const Characters &text);

  // Overwrites a text with zeros. Its index is that of an empty text until Add gives it again.
  void Forget(size_t i);

  // Room for `texts` more.
  void Reserve(size_t texts) { texts_.reserve(texts_.size() + texts); }

 private:
  static constexpr size_t kReadable = 64;
  static constexpr size_t kBlock = size_t{1} << 16;

  static constexpr size_t kStep = 16;  // Room is in steps of so many bytes.
  static constexpr uint32_t kNone = 0xFFFFFFFF;

  static size_t StepsOf(size_t bytes) { return (bytes + kStep - 1) / kStep; }
  std::byte *Room(size_t steps);

  struct Block {
    std::unique_ptr<std::byte[]> bytes;
    size_t size;
  };

  std::vector<Characters> texts_;
  std::vector<Block> blocks_;
  size_t used_ = 0;  // Of the last block.
  // By steps of their room, the texts that were forgotten: the last, in whose room the one before
  // stands.
  std::array<uint32_t, 65> forgotten_ = MakeForgotten();
  std::u32string scratch_;

  static constexpr std::array<uint32_t, 65> MakeForgotten() {
    std::array<uint32_t, 65> none{};
    none.fill(kNone);
    return none;
  }
};

// Calls `take(code point)` for each of `utf8`.
template <typename Take>
void ForEachCodePoint(std::string_view utf8, Take take);

// The code points as UTF-8. Surrogates and numbers above U+10FFFF become U+FFFD.
std::string ToUtf8(std::u32string_view text);
std::u32string ToCodePoints(std::string_view utf8);

template <typename Take>
void ForEachCodePoint(std::string_view utf8, Take take) {
  constexpr char32_t kReplacement = 0xFFFD;
  const size_t n = utf8.size();
  const auto byte = [&](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(utf8[i]));
  };
  const auto follows = [&](size_t i) { return i < n && (byte(i) & 0xC0) == 0x80; };
  for (size_t i = 0; i < n;) {
    const uint32_t first = byte(i);
    if (first < 0x80) {
      take(static_cast<char32_t>(first));
      ++i;
      continue;
    }
    if (first >= 0xC2 && first < 0xE0 && follows(i + 1)) {
      take(static_cast<char32_t>((first & 0x1F) << 6 | (byte(i + 1) & 0x3F)));
      i += 2;
      continue;
    }
    if ((first & 0xF0) == 0xE0 && follows(i + 1) && follows(i + 2)) {
      const uint32_t c = (first & 0x0F) << 12 | (byte(i + 1) & 0x3F) << 6 | (byte(i + 2) & 0x3F);
      if (c >= 0x800 && (c < 0xD800 || c > 0xDFFF)) {
        take(static_cast<char32_t>(c));
        i += 3;
        continue;
      }
    }
    if (first >= 0xF0 && first < 0xF5 && follows(i + 1) && follows(i + 2) && follows(i + 3)) {
      const uint32_t c = (first & 0x07) << 18 | (byte(i + 1) & 0x3F) << 12 |
                         (byte(i + 2) & 0x3F) << 6 | (byte(i + 3) & 0x3F);
      if (c >= 0x10000 && c <= 0x10FFFF) {
        take(static_cast<char32_t>(c));
        i += 4;
        continue;
      }
    }
    take(kReplacement);
    ++i;
  }
}

inline std::u32string ToCodePoints(std::string_view utf8) {
  std::u32string text;
  text.reserve(utf8.size());
  ForEachCodePoint(utf8, [&](char32_t c) { text.push_back(c); });
  return text;
}

inline std::string ToUtf8(std::u32string_view text) {
  std::string utf8;
  utf8.reserve(text.size());
  const auto put = [&](uint32_t byte) { utf8.push_back(static_cast<char>(byte)); };
  for (const char32_t point : text) {
    uint32_t c = point;
    if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = 0xFFFD;
    if (c < 0x80) {
      put(c);
    } else if (c < 0x800) {
      put(0xC0 | c >> 6);
      put(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
      put(0xE0 | c >> 12);
      put(0x80 | (c >> 6 & 0x3F));
      put(0x80 | (c & 0x3F));
    } else {
      put(0xF0 | c >> 18);
      put(0x80 | (c >> 12 & 0x3F));
      put(0x80 | (c >> 6 & 0x3F));
      put(0x80 | (c & 0x3F));
    }
  }
  return utf8;
}

inline std::byte *CharacterPool::Room(size_t steps) {
  const size_t needed = steps * kStep;
  if (blocks_.empty() || blocks_.back().size - used_ < needed + kReadable) {
    const size_t size = std::max(kBlock, needed + kReadable);
    blocks_.push_back({std::make_unique<std::byte[]>(size), size});
    used_ = 0;
  }
  std::byte *room = blocks_.back().bytes.get() + used_;
  used_ += needed;
  return room;
}

inline size_t CharacterPool::Add(std::string_view utf8) {
  scratch_.clear();
  scratch_.reserve(utf8.size());
  ForEachCodePoint(utf8, [&](char32_t c) { scratch_.push_back(c); });
  const size_t added = Add(std::u32string_view(scratch_));
  Wipe(scratch_.data(), scratch_.size() * sizeof(char32_t));
  return added;
}

inline size_t CharacterPool::Add(const Characters &text) {
  const char32_t high = VisitCharacters(text, [](auto points) {
    char32_t all = 0;
    for (const char32_t c : points) all |= c;
    return all;
  });
  Characters own = {.data = nullptr, .size = text.size, .wide = high > 0xFF};
  const size_t steps = StepsOf(own.bytes());
  size_t place = texts_.size();
  std::byte *room;
  if (steps < forgotten_.size() && forgotten_[steps] != kNone) {
    place = forgotten_[steps];
    room = const_cast<std::byte *>(static_cast<const std::byte *>(texts_[place].data));
    std::memcpy(&forgotten_[steps], room, sizeof(uint32_t));
    Wipe(room, sizeof(uint32_t));
  } else {
    texts_.emplace_back();
    try {
      room = Room(steps);
    } catch (...) {
      texts_.pop_back();
      throw;
    }
  }
  VisitCharacters(text, [&](auto points) {
    if (own.wide) {
      std::ranges::copy(points, reinterpret_cast<char32_t *>(room));
    } else {
      std::ranges::transform(points, reinterpret_cast<uint8_t *>(room),
                             [](char32_t c) { return static_cast<uint8_t>(c); });
    }
  });
  own.data = room;
  texts_[place] = own;
  return place;
}

inline void CharacterPool::Forget(size_t i) {
  Characters &text = texts_[i];
  const size_t steps = StepsOf(text.bytes());
  auto *room = const_cast<std::byte *>(static_cast<const std::byte *>(text.data));
  Wipe(room, text.bytes());
  text.size = 0;
  text.wide = false;
  if (steps == 0 || steps >= forgotten_.size()) return;
  std::memcpy(room, &forgotten_[steps], sizeof(uint32_t));
  forgotten_[steps] = static_cast<uint32_t>(i);
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_CHARACTERS_HPP_
