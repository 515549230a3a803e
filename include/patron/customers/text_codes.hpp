// The codes of texts that can be forgotten.
#ifndef PATRON_CUSTOMERS_TEXT_CODES_HPP_
#define PATRON_CUSTOMERS_TEXT_CODES_HPP_

#include <cstddef>
#include <cstdint>

#include "patron/customers/characters.hpp"
#include "patron/customers/record_batch.hpp"

namespace patron::customers {

// Finds texts of a pool, which it is used with for good; codes are their places there, and those of
// texts that were forgotten are given again. What is forgotten leaves no trace but that there was
// something. Memory: 13 to 26 bytes a text, beside the pool.
class TextCodes {
 public:
  static constexpr uint32_t kUnknown = RecordIndex::kUnknown;

  // The code of a text, or kUnknown.
  uint32_t Find(const CharacterPool &pool, const Characters &text) const {
    return slots_.Find(HashOf(text), [&](uint32_t code) { return AreEqual(pool[code], text); });
  }

  // Adds a text that is not there. Throws std::bad_alloc without effect.
  uint32_t Add(CharacterPool &pool, const Characters &text) {
    slots_.Reserve(1);
    const auto code = static_cast<uint32_t>(pool.Add(text));
    slots_.Add(HashOf(text), code);
    return code;
  }

  // Adds all texts of the pool, which are different. Throws std::bad_alloc without effect.
  void AddAll(const CharacterPool &pool) {
    slots_.Reserve(pool.size());
    for (uint32_t code = 0; code < pool.size(); ++code) slots_.Add(HashOf(pool[code]), code);
  }

  // Forgets the text of a code that is there.
  void Forget(CharacterPool &pool, uint32_t code) {
    slots_.Remove(HashOf(pool[code]), code);
    pool.Forget(code);
  }

 private:
  static uint64_t HashOf(const Characters &text) {
    return VisitCharacters(text, [](auto points) {
      uint64_t hash = points.size();
      for (const char32_t c : points) {
        hash = (hash ^ c) * 0x9E3779B97F4A7C15U;
        hash ^= hash >> 32;
      }
      return hash * 0xD6E8FEB86659FD93U >> 16;
    });
  }

  static bool AreEqual(const Characters &a, const Characters &b) {
    if (a.size != b.size) return false;
    for (size_t i = 0; i < a.size; ++i) {
      if (a[i] != b[i]) return false;
    }
    return true;
  }

  RecordIndex slots_;
};

}  // namespace patron::customers

#endif  // PATRON_CUSTOMERS_TEXT_CODES_HPP_
