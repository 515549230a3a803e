/* How likely open cases are to pass their limit. */
#ifndef PATRON_C_BREACH_H_
#define PATRON_C_BREACH_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_breach_options {
  uint32_t struct_size;
  uint32_t reserved;    /* zero */
  int64_t least;        /* cases at risk below which nothing is said; 20 */
  const char *time;     /* of the history: numbers, such as seconds of working time; "time" */
  const char *observed; /* 1 if the case ended then, 0 if by then it had not; "observed" */
  const char *age;      /* of open cases, in the same unit; "age" */
  const char *limit;    /* "limit" */
  const char *stratum;  /* column of both tables, ids: cases are compared with those of the same;
                           NULL = all alike; NULL */
} patron_breach_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_breach_options_init(patron_breach_options *options);

/* The probability that cases that are open pass their limit: S(limit) / S(age), where S is the curve
 * of Kaplan and Meier of the history of their stratum.
 *
 * history, cases  borrowed; not NULL.
 * options         borrowed; NULL means the defaults.
 * out             receives a table in the order of `cases`: probability (null where fewer than
 *                 `least` cases of the history were open at that age), at_risk, late (past its limit
 *                 already: probability 1). Release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(history + cases log history). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_measure_breach(const patron_table *history,
                                               const patron_table *cases,
                                               const patron_breach_options *options,
                                               patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_BREACH_H_ */
