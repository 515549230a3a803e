/* Migration between tiers, and Markov chains of customers. */
#ifndef PATRON_C_MIGRATION_H_
#define PATRON_C_MIGRATION_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Counts who went from which tier to which, between two moments.
 *
 * table      borrowed; one row a customer; text columns `before` and `after` with the tier, null for
 *            a customer in none. Not NULL.
 * before     name of the column; borrowed; NULL means "before".
 * after      name of the column; borrowed; NULL means "after".
 * is_new     name of a column of flags: 1 for those who were no customers before, and have no tier
 *            there; borrowed; NULL = nobody.
 * tiers      `count` distinct names, which are the order of the states; borrowed.
 * smoothing  added to each count of a tier or of the absent before shares are taken; 0 or more.
 * out        receives one row a state before ("absent" and "new" last) and state after ("absent"
 *            last): from, to, customers, share (null where there is nobody). Not NULL; release it
 *            with patron_table_free.
 * Thread class SHARED. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_tier_migration(const patron_table *table, const char *before,
                                               const char *after, const char *is_new,
                                               const char *const *tiers, size_t count,
                                               double smoothing, patron_table **out,
                                               patron_error *error);

/* The distribution over states that a period does not change.
 *
 * probabilities  count x count numbers, row after row: from each state to each; borrowed.
 * count          states, 1 to 1000.
 * out            filled with `count` numbers. Not NULL.
 * Thread class PURE. Cost O(count^3). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (several
 * groups of states that are never left), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_markov_steady_state(const double *probabilities, size_t count,
                                                    double *out, patron_error *error);

/* How many periods customers spend in each state before they come to one that ends.
 *
 * probabilities  as above; borrowed.
 * count          as above.
 * ends           `count` bytes, 1 for states that end; borrowed. Not all, and not none.
 * periods        filled with count x count numbers, zeros where a state ends; may be NULL.
 * total          filled with `count` numbers, the sums of the rows; may be NULL.
 * Thread class PURE. Cost O(count^3). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (a stay
 * without end), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_markov_tenure(const double *probabilities, size_t count,
                                              const uint8_t *ends, double *periods, double *total,
                                              patron_error *error);

/* Mobility of Prais: (states - trace) / (states - 1).
 *
 * probabilities  as above; borrowed.
 * count          as above, 2 or more.
 * out            filled on success. Not NULL.
 * Thread class PURE. Cost O(count^2). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_markov_mobility(const double *probabilities, size_t count,
                                                double *out, patron_error *error);

/* The value of a customer in each state (Pfeifer and Carraway, 2000): the discounted rewards of this
 * period and the next `periods`.
 *
 * probabilities  as above; borrowed.
 * rewards        `count` numbers: the margin of a period that begins in the state; borrowed.
 * count          as above.
 * discount       of a period; above -1, without end above 0.
 * periods        -1 = without end.
 * out            filled with `count` numbers. Not NULL.
 * Thread class PURE. Cost O(count^3), or O(periods x count^2). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_markov_value(const double *probabilities, const double *rewards,
                                             size_t count, double discount, int64_t periods,
                                             double *out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_MIGRATION_H_ */
