// ICU behind the few questions that the module has.
#include "customers/unicode.hpp"

#include <unicode/uchar.h>
#include <unicode/uidna.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>
#include <unicode/ustring.h>
#include <unicode/utrans.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace patron::customers {
namespace {

std::u16string ToUtf16(std::u32string_view text) {
  std::u16string units;
  units.reserve(text.size());
  for (const char32_t c : text) {
    if (c < 0x10000) {
      units.push_back(static_cast<char16_t>(c));
    } else {
      units.push_back(static_cast<char16_t>(0xD7C0 + (c >> 10)));
      units.push_back(static_cast<char16_t>(0xDC00 + (c & 0x3FF)));
    }
  }
  return units;
}

std::u32string FromUtf16(std::u16string_view units) {
  std::u32string text;
  text.reserve(units.size());
  for (size_t i = 0; i < units.size(); ++i) {
    const char32_t c = units[i];
    if (c >= 0xD800 && c < 0xDC00 && i + 1 < units.size()) {
      text.push_back((c - 0xD7C0) << 10 | (units[++i] & 0x3FF));
    } else {
      text.push_back(c);
    }
  }
  return text;
}

// The basic block of Han characters and its first extension.
constexpr char32_t kFirstHan = 0x3400, kLastHan = 0x9FFF;

bool InTables(char32_t c) { return c >= kFirstHan && c <= kLastHan; }

using Transliterator = std::unique_ptr<UTransliterator, void (*)(UTransliterator *)>;

Transliterator Open(std::u16string_view id) {
  UErrorCode status = U_ZERO_ERROR;
  Transliterator open(utrans_openU(id.data(), static_cast<int32_t>(id.size()), UTRANS_FORWARD,
                                   nullptr, 0, nullptr, &status),
                      utrans_close);
  if (U_FAILURE(status)) throw std::bad_alloc();
  return open;
}

// Transforms `length` code units of `text`, which has room for more; returns how many they are then.
size_t Transform(const Transliterator &transliterator, std::span<char16_t> text, size_t length) {
  UErrorCode status = U_ZERO_ERROR;
  auto size = static_cast<int32_t>(length), limit = size;
  utrans_transUChars(transliterator.get(), text.data(), &size, static_cast<int32_t>(text.size()), 0,
                     &limit, &status);
  if (U_FAILURE(status)) throw std::bad_alloc();
  return static_cast<size_t>(size);
}

// Simplified forms, found for all at once.
class SimplifiedForms {
 public:
  SimplifiedForms() : forms_(kLastHan - kFirstHan + 1) {
    const Transliterator transliterator = Open(u"Traditional-Simplified");
    // Lines of one character each: calls are dear, and so are long texts.
    constexpr char32_t kLines = 64;
    std::array<char16_t, kLines * 8> text;
    for (char32_t first = kFirstHan; first <= kLastHan; first += kLines) {
      const char32_t end = std::min(first + kLines, kLastHan + 1);
      size_t length = 0;
      for (char32_t c = first; c < end; ++c) {
        forms_[c - kFirstHan] = static_cast<char16_t>(c);
        text[length++] = static_cast<char16_t>(c);
        text[length++] = u'\n';
      }
      std::u16string_view lines(text.data(), Transform(transliterator, text, length));
      for (char32_t c = first; c < end; ++c) {
        const size_t line = lines.find(u'\n');
        if (line == 1) forms_[c - kFirstHan] = lines[0];
        lines.remove_prefix(std::min(lines.size(), line + 1));
      }
    }
  }
  char32_t operator[](char32_t c) const { return forms_[c - kFirstHan]; }

 private:
  std::vector<char16_t> forms_;
};

// Syllables, each found when it is first asked for: the rules are many.
class Syllables {
 public:
  Syllables()
      : transliterator_(Open(u"Han-Latin")),
        syllables_(kLastHan - kFirstHan + 1),
        known_(syllables_.size()) {}

  std::string_view operator[](char32_t c) {
    const size_t place = c - kFirstHan;
    const std::lock_guard lock(mutex_);
    Letters &letters = syllables_[place];
    if (known_[place] == 0) {
      std::array<char16_t, 32> text = {static_cast<char16_t>(c)};
      const size_t length = Transform(transliterator_, text, 1);
      const std::string plain = ToAscii(FromUtf16({text.data(), length}));
      const bool sound =
          plain.size() < letters.size() &&
          std::ranges::all_of(plain, [](char letter) { return letter >= 'a' && letter <= 'z'; });
      if (sound) std::ranges::copy(plain, letters.begin());
      known_[place] = 1;
    }
    return letters.data();
  }

 private:
  using Letters = std::array<char, 8>;
  std::mutex mutex_;
  Transliterator transliterator_;
  std::vector<Letters> syllables_;
  std::vector<uint8_t> known_;
};

}  // namespace

std::u32string FoldText(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *fold = unorm2_getNFKCCasefoldInstance(&status);
  if (U_FAILURE(status)) throw std::bad_alloc();
  const std::u16string units = ToUtf16(text);
  std::u16string folded(units.size() + units.size() / 2 + 16, u'\0');
  for (;;) {
    status = U_ZERO_ERROR;
    const int32_t size =
        unorm2_normalize(fold, units.data(), static_cast<int32_t>(units.size()), folded.data(),
                         static_cast<int32_t>(folded.size()), &status);
    if (status == U_BUFFER_OVERFLOW_ERROR) {
      folded.resize(static_cast<size_t>(size) + 1);
      continue;
    }
    if (U_FAILURE(status)) throw std::bad_alloc();
    folded.resize(static_cast<size_t>(size));
    return FromUtf16(folded);
  }
}

bool IsMark(char32_t c) { return (U_GET_GC_MASK(static_cast<UChar32>(c)) & U_GC_M_MASK) != 0; }

bool IsHidden(char32_t c) {
  return (U_GET_GC_MASK(static_cast<UChar32>(c)) & (U_GC_CC_MASK | U_GC_CF_MASK | U_GC_CS_MASK)) !=
         0;
}

bool IsPrivate(char32_t c) { return u_charType(static_cast<UChar32>(c)) == U_PRIVATE_USE_CHAR; }

bool IsHan(char32_t c) {
  return u_hasBinaryProperty(static_cast<UChar32>(c), UCHAR_UNIFIED_IDEOGRAPH) != 0;
}

bool IsLetter(char32_t c) { return u_isalpha(static_cast<UChar32>(c)) != 0; }

char32_t Simplified(char32_t c) {
  if (!InTables(c)) return c;
  static const SimplifiedForms forms;
  return forms[c];
}

std::string_view Syllable(char32_t c) {
  if (!InTables(c)) return {};
  static Syllables syllables;
  return syllables[c];
}

std::string ToAscii(std::u32string_view text) {
  UErrorCode status = U_ZERO_ERROR;
  const UNormalizer2 *decompose = unorm2_getNFKDInstance(&status);
  if (U_FAILURE(status)) throw std::bad_alloc();
  std::string ascii;
  for (const char32_t c : text) {
    if (c < 0x80) {
      ascii.push_back(static_cast<char>(c));
      continue;
    }
    std::array<char16_t, 32> parts = {};
    status = U_ZERO_ERROR;
    const int32_t size = unorm2_getDecomposition(decompose, static_cast<UChar32>(c), parts.data(),
                                                 static_cast<int32_t>(parts.size()), &status);
    if (U_SUCCESS(status) && size > 0 && parts[0] < 0x80)
      ascii.push_back(static_cast<char>(parts[0]));
  }
  return ascii;
}

std::string DomainToAscii(std::u32string_view domain) {
  if (std::ranges::all_of(domain, [](char32_t c) { return c < 0x80; })) {
    return std::string(domain.begin(), domain.end());
  }
  UErrorCode status = U_ZERO_ERROR;
  const std::unique_ptr<UIDNA, void (*)(UIDNA *)> idna(
      uidna_openUTS46(UIDNA_NONTRANSITIONAL_TO_ASCII, &status), uidna_close);
  if (U_FAILURE(status)) throw std::bad_alloc();
  const std::u16string units = ToUtf16(domain);
  std::array<char16_t, 300> ascii = {};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  const int32_t size =
      uidna_nameToASCII(idna.get(), units.data(), static_cast<int32_t>(units.size()), ascii.data(),
                        static_cast<int32_t>(ascii.size()), &info, &status);
  if (status == U_MEMORY_ALLOCATION_ERROR) throw std::bad_alloc();
  if (U_FAILURE(status) || info.errors != 0) return {};
  return std::string(ascii.begin(), ascii.begin() + size);
}

}  // namespace patron::customers
