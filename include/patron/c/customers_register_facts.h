/* Customers: what hangs on the records of a register, and how it is erased. */
#ifndef PATRON_C_CUSTOMERS_REGISTER_FACTS_H_
#define PATRON_C_CUSTOMERS_REGISTER_FACTS_H_

#include "patron/c/customers_register.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PATRON_FACT_CONTACT = 0, PATRON_FACT_TIE = 1 };

/* Adds contact points to records: all or none. They hang on the record, and so move with it.
 *
 * reg     borrowed; not NULL.
 * table   columns record (ids), type ("phone", "email", "post", "im", "device") and value (text that is
 *         not empty), and where wanted label (text), preference (1, the most preferred, to 100),
 *         verified_at (time), bounced and shared (flags), valid_from and valid_to (times). Borrowed; not
 *         NULL. Values are kept as they are, and as keys: phones as E.164, e-mail, postal addresses and
 *         other texts as patron_keys_read has them.
 * region  of phones without a country code, such as "CN"; NULL = none.
 * note    borrowed; not NULL. Its time is when the register came to know them.
 * Thread class EXCLUSIVE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT (naming column and row),
 * NOT_FOUND (an id that no record has), FAILED_PRECONDITION (someone who was erased; or tombstones and no
 * key), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_add_contacts(patron_register *reg,
                                                      const patron_table *table, const char *region,
                                                      const patron_register_note *note,
                                                      patron_error *error);

/* The contact points.
 *
 * reg  borrowed; not NULL.
 * at   an instant: those that held then; INT64_MAX: all that were ever told.
 * out  receives one row a contact point that was not erased, in the order in which they were told: number
 *      int64, record (id), entity int64, type, value text, key text or null, label text or null,
 *      preference int64 or null, verified_at timestamp or null, bounced, shared bool, entities int64 (how
 *      many have the same key now), valid_from, valid_to timestamp or null. Release it with
 *      patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(contact points). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_register_contacts(const patron_register *reg, int64_t at,
                                                  patron_table **out, patron_error *error);

/* Adds ties between records: all or none. Relations ("member_of", "employee_of", "parent_of", "spouse",
 * "referred_by", "supplies") go from one record to another; roles ("user", "payer", "decider",
 * "influencer", "gatekeeper", "buyer") from a person to an account.
 *
 * reg    borrowed; not NULL.
 * table  columns from and to (ids) and type (text), and where wanted valid_from and valid_to (times).
 *        Borrowed; not NULL.
 * note   borrowed; not NULL.
 * Thread class EXCLUSIVE. Cost O(rows). Statuses: OK, INVALID_ARGUMENT (naming column and row),
 * NOT_FOUND, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_add_ties(patron_register *reg, const patron_table *table,
                                                  const patron_register_note *note,
                                                  patron_error *error);

/* The relations, or the roles.
 *
 * reg    borrowed; not NULL.
 * roles  1: the roles; 0: the relations.
 * at     an instant: those that held then; INT64_MAX: all that were ever told.
 * out    receives one row a tie that was not erased, in the order in which they were told: number int64,
 *        from, to (ids), from_entity, to_entity int64, type text, valid_from, valid_to timestamp or null.
 *        Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(ties). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_ties(const patron_register *reg, int32_t roles, int64_t at,
                                              patron_table **out, patron_error *error);

/* Ends a contact point or a tie. What was known before stays to be seen at instants before.
 *
 * reg       borrowed; not NULL.
 * fact      PATRON_FACT_*.
 * number    of it.
 * valid_to  the first instant when it does not hold.
 * note      borrowed; not NULL.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: OK, INVALID_ARGUMENT (before it began), NOT_FOUND,
 * FAILED_PRECONDITION (ended before), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_end(patron_register *reg, int32_t fact, uint64_t number,
                                             int64_t valid_to, const patron_register_note *note,
                                             patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_REGISTER_FACTS_H_ */
