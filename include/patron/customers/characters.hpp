// Characters: texts as code points, narrow where all are below 256, in memory that kernels may read past.
#ifndef PATRON_CUSTOMERS_CHARACTERS_HPP_
#define PATRON_CUSTOMERS_CHARACTERS_HPP_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
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
};

// A view of the same text, for `body(span of uint8_t or char32_t)`.
template <typename Body>
decltype(auto) VisitCharacters(const Characters &text, Body &&body) {
  return text.wide ? body(text.all()) : body(text.narrow());
}

// Texts, decoded once. A byte that begins no well-formed UTF-8 sequence is U+FFFD.
// Memory: one byte a code point for narrow texts, four for others. Views stay valid for its life.
class CharacterPool {
 public:
  CharacterPool() = default;
  CharacterPool(CharacterPool &&) noexcept = default;
  CharacterPool &operator=(CharacterPool &&) noexcept = default;

  size_t size() const { return texts_.size(); }
  const Characters &operator[](size_t i) const { return texts_[i]; }
  std::span<const Characters> all() const { return texts_; }

  // Its index. Time O(bytes).
  size_t Add(std::string_view utf8);
  size_t Add(std::u32string_view text);

  // Room for `texts` more.
  void Reserve(size_t texts) { texts_.reserve(texts_.size() + texts); }

 private:
  static constexpr size_t kReadable = 64;
  static constexpr size_t kBlock = size_t{1} << 16;

  std::byte *Room(size_t bytes);

  std::vector<Characters> texts_;
  std::vector<std::unique_ptr<std::byte[]>> blocks_;
  size_t used_ = 0, capacity_ = 0;
  std::u32string scratch_;
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

inline std::byte *CharacterPool::Room(size_t bytes) {
  const size_t needed = (bytes + 15) / 16 * 16;
  if (capacity_ - used_ < needed + kReadable || blocks_.empty()) {
    const size_t capacity = needed + kReadable > kBlock ? needed + kReadable : kBlock;
    blocks_.push_back(std::make_unique<std::byte[]>(capacity));
    capacity_ = capacity;
    used_ = 0;
  }
  std::byte *room = blocks_.back().get() + used_;
  used_ += needed;
  return room;
}

inline size_t CharacterPool::Add(std::string_view utf8) {
  scratch_.clear();
  ForEachCodePoint(utf8, [&](char32_t c) { scratch_.push_back(c); });
  return Add(std::u32string_view(scratch_));
}

inline size_t CharacterPool::Add(std::u32string_view text) {
  char32_t high = 0;
  for (const char32_t c : text) high |= c;
  const bool wide = high > 0xFF;
  texts_.emplace_back();
  std::byte *room;
  try {
    room = Room(text.size() * (wide ? sizeof(char32_t) : 1));
  } catch (...) {
    texts_.pop_back();
    throw;
  }
  if (wide) {
    auto *to = reinterpret_cast<char32_t *>(room);
    for (size_t i = 0; i < text.size(); ++i) to[i] = text[i];
  } else {
    auto *to = reinterpret_cast<uint8_t *>(room);
    for (size_t i = 0; i < text.size(); ++i) to[i] = static_cast<uint8_t>(text[i]);
  }
  texts_.back() = {.data = room, .size = static_cast<uint32_t>(text.size()), .wide = wide};
  return texts_.size() - 1;
}

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_CHARACTERS_HPP_
