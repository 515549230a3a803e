// What the customers module takes from ICU.
#ifndef PATRON_SRC_CUSTOMERS_UNICODE_HPP_
#define PATRON_SRC_CUSTOMERS_UNICODE_HPP_

#include <string>
#include <string_view>

namespace patron::customers {

// NFKC with case folded and default ignorables dropped. Throws std::bad_alloc.
std::u32string FoldText(std::u32string_view text);

bool IsMark(char32_t c);     // A combining mark.
bool IsHidden(char32_t c);   // A control, format or unassigned character.
bool IsPrivate(char32_t c);  // For private use.
bool IsHan(char32_t c);
bool IsLetter(char32_t c);

// The simplified form of a Han character, by character; others as they are.
char32_t Simplified(char32_t c);

// The toneless syllable of a Han character; empty for others and where there is none.
std::string_view Syllable(char32_t c);

// An ASCII form of Latin letters with marks: "é" as "e".
std::string ToAscii(std::u32string_view text);

// A domain by IDNA (UTS 46); empty if it is none.
std::string DomainToAscii(std::u32string_view domain);

}  // namespace patron::customers

#endif  // PATRON_SRC_CUSTOMERS_UNICODE_HPP_
