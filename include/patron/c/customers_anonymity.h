/* Customers: exports in which nobody stands alone. */
#ifndef PATRON_C_CUSTOMERS_ANONYMITY_H_
#define PATRON_C_CUSTOMERS_ANONYMITY_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_anonymity_options {
  uint32_t struct_size;
  uint32_t k;            /* rows that a class has at least; 5 */
  uint32_t l;            /* different values of `sensitive` in it; 1 */
  uint32_t reserved;     /* zero */
  double t;              /* most distance of its values of `sensitive` from those of all; 1 = any */
  double max_suppressed; /* share of rows that may be left out; 0 */
  const char *sensitive; /* a column; NULL = none; l and t want one */
  uint64_t most_nodes;   /* combinations of levels that may be looked at; 100,000 */
} patron_anonymity_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_anonymity_options_init(patron_anonymity_options *options);

typedef struct patron_anonymity_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t rows;
  uint64_t suppressed; /* of them */
  uint64_t classes;
  uint64_t k;        /* rows of the smallest class; 0 without any */
  uint64_t l;        /* least different values of `sensitive` in a class; 0 without such a column */
  double t;          /* greatest distance of a class; NaN without such a column */
  double loss;       /* mean over cells: (values of the group - 1) / (values - 1); 1 if left out */
  uint64_t nodes;    /* combinations of levels */
  uint64_t examined; /* those whose rows were counted */
} patron_anonymity_report;

/* Generalises whole columns, each to one level of its hierarchy, such that every row is like k - 1 others
 * (Sweeney 2002), with the least loss over all combinations of levels; exact, and the first in order of
 * levels of equal ones. Rows of classes that are too small, have fewer than l sensitive values
 * (Machanavajjhala et al. 2007) or are farther than t from all rows (half the sum of absolute
 * differences of shares) are left out. A null is a value of its own at all levels but the last, where
 * everything is "*".
 *
 * table        borrowed; not NULL.
 * quasi        borrowed; one row a quasi-identifier: field (its column) and form: "keep 4,2" (the first
 *              characters), "bands 5,10" (numbers from a multiple of the width on), "date
 *              month,year,decade", "table" (as `hierarchies` says) or "suppress" (nothing between the
 *              value and "*"). Level 0 is the value, the last is "*". Not NULL.
 * hierarchies  borrowed; rows field, value (text of the value; null for null), level (1, 2, ...) and
 *              label; each value of the column has a label at each level. NULL if no form is "table".
 * options      borrowed; NULL means the defaults.
 * rows         receives row (its number in `table`), class, the quasi-identifiers as text, and the
 *              sensitive column as text, a row for each that stays; may be NULL, as what follows.
 * classes      receives class, size, diversity and distance (null without a sensitive column), and the
 *              quasi-identifiers.
 * levels       receives field, level, levels, label (of the level), loss.
 * report       filled on success. Release the tables with patron_table_free.
 * Thread class PURE. Cost O(combinations looked at x rows x columns). Statuses: OK, INVALID_ARGUMENT (a
 * value that does not fit the form, labels that part what the level before has joined),
 * FAILED_PRECONDITION (more rows would have to be left out), OUT_OF_RANGE (too many combinations),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_k_anonymity(const patron_table *table, const patron_table *quasi,
                                            const patron_table *hierarchies,
                                            const patron_anonymity_options *options,
                                            patron_table **rows, patron_table **classes,
                                            patron_table **levels, patron_anonymity_report *report,
                                            patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_ANONYMITY_H_ */
