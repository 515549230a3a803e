/* Customers: pseudonyms by keyed hashes. */
#ifndef PATRON_C_CUSTOMERS_PSEUDONYMS_H_
#define PATRON_C_CUSTOMERS_PSEUDONYMS_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What values are compared as before they are hashed. What is not of its kind is compared as TEXT. */
enum {
  PATRON_PSEUDONYM_RAW = 0,          /* as written */
  PATRON_PSEUDONYM_TEXT = 1,         /* key of PATRON_KEYS_TEXT */
  PATRON_PSEUDONYM_NAME = 2,         /* without spaces, case, traditional characters */
  PATRON_PSEUDONYM_PHONE = 3,        /* e164 of PATRON_KEYS_PHONE */
  PATRON_PSEUDONYM_EMAIL = 4,        /* key of PATRON_KEYS_EMAIL */
  PATRON_PSEUDONYM_ORGANISATION = 5, /* core of PATRON_KEYS_ORGANISATION */
  PATRON_PSEUDONYM_ADDRESS = 6,      /* key of PATRON_KEYS_ADDRESS */
  PATRON_PSEUDONYM_IDENTITY = 7      /* half width, capitals, without spaces and hyphens */
};

typedef struct patron_pseudonym_options {
  uint32_t struct_size;
  int32_t kind;        /* PATRON_PSEUDONYM_RAW */
  const char *field;   /* what the values are, such as "email"; NULL = "" */
  const char *tenant;  /* whose customers; NULL = "" */
  const char *purpose; /* what the pseudonyms are for; NULL = "" */
  const char *region;  /* of phone numbers, as patron_keys_options; "CN" */
  const patron_context *context;
} patron_pseudonym_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_pseudonym_options_init(patron_pseudonym_options *options);

/* Makes pseudonyms: the first 128 bits of HMAC-SHA-256 under `key` of tenant, purpose, field and value,
 * each preceded by its length in eight bytes, high byte first. Equal values of one field, tenant,
 * purpose and key have equal pseudonyms; without the key none can be told from a random number, nor
 * found by trying values. The key is not kept, not shown in errors, and its traces are wiped.
 *
 * values    text, borrowed; at most 131,072 bytes each. Not NULL.
 * key       borrowed; not NULL.
 * key_size  bytes of it; at least 16.
 * options   borrowed; NULL means the defaults.
 * out       receives pseudonym (text of 32 hexadecimal digits, null for null), a row a row. Release it
 *           with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(bytes). Statuses: OK, CANCELLED, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_pseudonyms(const patron_column *values, const void *key,
                                           size_t key_size, const patron_pseudonym_options *options,
                                           patron_table **out, patron_error *error);

/* Makes of identity numbers (resident, unified social credit, LEI) what may be kept of them: a keyed
 * hash, the kind and whether the check digit is right.
 *
 * values    text, borrowed; not NULL.
 * key       borrowed; not NULL.
 * key_size  bytes of it; at least 16.
 * tenant    whose customers; borrowed; NULL means "".
 * out       receives hash (the pseudonym of the number with its type as field and no purpose), type
 *           ("resident", "social_credit", "lei") and valid (bool), a row a row; hash and type are null
 *           for what is no such number, and all are for null. Release it with patron_table_free. Not
 *           NULL.
 * Thread class PURE. Cost O(bytes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_identity_hashes(const patron_column *values, const void *key,
                                                size_t key_size, const char *tenant,
                                                patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_PSEUDONYMS_H_ */
