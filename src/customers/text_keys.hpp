// From text to keys: what is compared instead of what people wrote. Unicode's data come from ICU.
#ifndef PATRON_SRC_CUSTOMERS_TEXT_KEYS_HPP_
#define PATRON_SRC_CUSTOMERS_TEXT_KEYS_HPP_

#include <string>
#include <string_view>

namespace patron::customers {

// A text for matching: NFKC with case folded (so full width becomes half width), without characters
// that nobody sees, marks above the 30th in a row, and spaces at the ends; spaces within become one.
// "(pinyin)" behind a Han character is dropped.
struct TextKey {
  std::string key;
  bool damaged = false;  // U+FFFD, private use, ill-formed bytes, or "?" beside Han characters.
};
TextKey ReadText(std::string_view utf8);

// The same with traditional characters as simplified ones, and without any space.
std::string HanKey(std::string_view utf8);

// A person's name.
struct NameKey {
  std::string key;      // HanKey of the whole; of romanised names the words in order.
  std::string surname;  // Simplified, or folded.
  std::string given;
  std::string pinyin;    // Toneless, surname first: "zhangwei". Of a romanised name the letters.
  std::string reversed;  // The same, given name first.
  std::string sounds;    // At most four, with a space between: `pinyin`, and what it is where given
                         // names have characters that are read in several ways.
  bool ambiguous = false;  // Which part is the surname could not be told.
  bool damaged = false;
};
NameKey ReadName(std::string_view utf8);

struct EmailKey {
  std::string key;  // Folded, the domain as ASCII (IDNA); empty if it is none.
  std::string domain;
  bool valid = false;
};
EmailKey ReadEmail(std::string_view utf8);

// An organisation: "腾讯科技(深圳)有限公司" has the core "腾讯科技", the place "深圳" and the form
// "有限公司".
struct OrganisationKey {
  std::string core, place, form;
};
OrganisationKey ReadOrganisation(std::string_view utf8);

// A mainland address: its parts, and a key in which Han numerals are digits, 幢, 栋 and 号楼 are equal,
// and the words for province, city and district are dropped. A city that is known tells its province.
struct AddressKey {
  std::string key, province, city, district, rest;           // `rest` is all behind the district,
  std::string township, road, number, building, unit, room;  // as far as it could be read.
  std::string code;  // GB/T 2260: four digits of a prefecture, or two of a province.
};
AddressKey ReadAddress(std::string_view utf8);

}  // namespace patron::customers

#endif  // PATRON_SRC_CUSTOMERS_TEXT_KEYS_HPP_
