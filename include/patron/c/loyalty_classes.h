/* Classes of loyalty, each with its reason: by attitude and behaviour, satisfaction, stages. */
#ifndef PATRON_C_LOYALTY_CLASSES_H_
#define PATRON_C_LOYALTY_CLASSES_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Schemes, with the columns that they read. A null, or a NaN, is a value that is not known: where the
 * others do not decide, the class is "undetermined". */
enum {
  /* attitude, patronage (0 to 1): true, latent, spurious, none (Dick and Basu 1994) */
  PATRON_CLASSES_DICK_BASU = 0,
  /* satisfaction, loyalty (1 to 5), and bound (booleans or 0 and 1: tied by contract or switching
   * costs), which is optional: loyalist, apostle (both 5), mercenary, hostage, defector, terrorist
   * (both 1) (Jones and Sasser 1995) */
  PATRON_CLASSES_JONES_SASSER = 1,
  /* cognitive, affective, conative, action (0 to 1): the last stage reached without a gap; none before
   * the first (Oliver 1999) */
  PATRON_CLASSES_OLIVER = 2,
  /* repeats (0 or more), attitude (0 to 1): loyal, not loyal: satisfied trust and three repeat
   * purchases */
  PATRON_CLASSES_TEXTBOOK = 3,
  /* the same: loyal, potentially loyal (the attitude without the purchases), not loyal */
  PATRON_CLASSES_POTENTIAL = 4
};

typedef struct patron_classes_options {
  uint32_t struct_size;
  int32_t scheme;         /* PATRON_CLASSES_*; must be set: -1 */
  int32_t medians;        /* 1, DICK_BASU: cuts are the medians of the known values; 0 */
  int32_t reserved;       /* zero */
  const char *columns[4]; /* names of the columns of the scheme, in order; NULL = as above, but for
                             bound, which is then not read */
  double cut; /* from which a value is high: of 0 to 1, 0.5; of JONES_SASSER, 4; NaN = these; NaN */
  double repeats; /* from which repeat purchases are enough; 3 */
  const patron_context *context;
} patron_classes_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_classes_options_init(patron_classes_options *options);

/* Puts customers into classes.
 *
 * table    one row a customer, borrowed; not NULL.
 * options  borrowed; not NULL, for the scheme must be set.
 * out      receives one row a row: class and reason, dictionaries of text. Not NULL. Release it with
 *          patron_table_free.
 * counts   receives a row a class of the scheme, "undetermined" last: class text, customers int64. May
 *          be NULL. Release it with patron_table_free.
 * Thread class PURE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT (also for values outside their
 * scale), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_loyalty_classes(const patron_table *table,
                                                const patron_classes_options *options,
                                                patron_table **out, patron_table **counts,
                                                patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_LOYALTY_CLASSES_H_ */
