/* Customers: from what people wrote to keys that can be compared. */
#ifndef PATRON_C_CUSTOMERS_KEYS_H_
#define PATRON_C_CUSTOMERS_KEYS_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a column holds, and the columns that are made of it. */
enum {
  PATRON_KEYS_TEXT = 0,  /* key, damaged */
  PATRON_KEYS_NAME = 1,  /* key, surname, given, pinyin, reversed, sounds, ambiguous, damaged */
  PATRON_KEYS_PHONE = 2, /* e164, extension, type, valid, identity */
  PATRON_KEYS_EMAIL = 3, /* key, domain, valid */
  PATRON_KEYS_ORGANISATION = 4, /* core, place, form */
  PATRON_KEYS_ADDRESS = 5, /* key, province, city, district, rest, code, township, road, number,
                                   building, unit, room */
  PATRON_KEYS_IDENTITY = 6 /* type, valid */
};

typedef struct patron_keys_options {
  uint32_t struct_size;
  int32_t kind; /* PATRON_KEYS_TEXT */
  const char
      *region; /* of phone numbers without a country code: CN, HK, MO, TW, US, CA or GB; NULL =
                         such numbers are none; "CN" */
  const patron_context *context;
} patron_keys_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_keys_options_init(patron_keys_options *options);

/* Makes keys of a column.
 *
 * Keys are folded: NFKC without case and without characters that nobody sees. TEXT keeps its words;
 * NAME and ADDRESS also lose the difference between traditional and simplified characters.
 * `damaged` tells of U+FFFD, private use and "?" beside Han characters. Names are split by compound
 * surnames; `pinyin` is toneless with the surname first, with the readings that surnames have;
 * `sounds` are up to four of them, with a space between, where characters of the given name are
 * read in two ways; of romanised names capitals, a comma or known surnames tell the order, else
 * `ambiguous`. `identity` of a phone says whether it may tell people apart: short codes and shared
 * numbers may not. Of an address `code` is that of GB/T 2260, of the county or else of the prefecture
 * or of the province, and `rest` is all behind the district, which township, road, number, building,
 * unit and room are parts of as far as they could be read. IDENTITY checks resident numbers
 * (GB 11643), unified social credit codes (GB 32100) and LEIs (ISO 17442): type is one of "resident",
 * "social_credit", "lei".
 *
 * values   text, borrowed; at most 131,072 bytes each. Not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives one row a row: text, but ambiguous, damaged, valid and identity bool. What is not
 *          there is null, and so is the whole row of a null. Release it with patron_table_free. Not
 *          NULL.
 * Thread class PURE. Cost O(characters), and once a process a tenth of a second where there are Han
 * characters. Statuses: OK, CANCELLED, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_keys_read(const patron_column *values,
                                          const patron_keys_options *options, patron_table **out,
                                          patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_KEYS_H_ */
