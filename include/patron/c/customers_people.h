/* Customers: generated people of the mainland, whose truth is known. */
#ifndef PATRON_C_CUSTOMERS_PEOPLE_H_
#define PATRON_C_CUSTOMERS_PEOPLE_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Shares are probabilities in [0, 1]. Errors befall each record of a person but the first, each on its
 * own. */
typedef struct patron_people_options {
  uint32_t struct_size;
  uint32_t reserved;   /* zero */
  int64_t people;      /* 0 to 100,000,000; 1,000 */
  uint64_t seed;       /* 42 */
  double repeat;       /* that a person has one more record, again and again; below 1; 0.4 */
  double household;    /* that a person lives with the one before: one address; 0.3 */
  double shared_phone; /* that such a person has the phone of the household; 0.2 */
  double homophone;    /* another character of the same sound in the name; 0.05 */
  double variant;      /* the name in traditional characters; 0.1 */
  double romanised;    /* the name in Latin letters, in either order; 0.05 */
  double reversed;     /* the given name first; 0.03 */
  double typo;         /* another character in the given name; 0.03 */
  double damaged;      /* "?" for a character, or its reading behind it in brackets; 0.03 */
  double new_phone;    /* another phone; 0.1 */
  double phone_form;   /* the phone written in another way; 0.3 */
  double new_address;  /* moved; 0.1 */
  double address_form; /* the address written in another way; 0.3 */
  double birth_error;  /* day and month exchanged, or one digit wrong; 0.05 */
  double missing;      /* no phone, birth date or address, each; 0.05 */
  const patron_context *context;
} patron_people_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_people_options_init(patron_people_options *options);

/* Generates records of people. Equal options give equal rows on any number of threads.
 *
 * Surnames occur as often as in the population; names, phones, birth dates and addresses are made up.
 *
 * options  borrowed; NULL means the defaults.
 * out      receives one row a record, in an order that says nothing of the truth: id int64, name, phone,
 *          birth and address text (null where missing), entity int64 and household int64 (the truth),
 *          and what was done to the record, bool each: homophone, variant, romanised, reversed, typo,
 *          damaged, new_phone, shared_phone, phone_form, new_address, address_form, birth_error. Release
 *          it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(records). Statuses: OK, CANCELLED, INVALID_ARGUMENT (naming the option),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_customers_generate_people(const patron_people_options *options,
                                                          patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_PEOPLE_H_ */
