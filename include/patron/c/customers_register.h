/* Customers: a register of who is who, which can take things back. */
#ifndef PATRON_C_CUSTOMERS_REGISTER_H_
#define PATRON_C_CUSTOMERS_REGISTER_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_register patron_register;

/* Who did something, and when. */
typedef struct patron_register_note {
  uint32_t struct_size;
  uint32_t reserved;  /* zero */
  int64_t time;       /* microseconds since 1970-01-01 UTC, no earlier than the last of the log */
  const char *actor;  /* UTF-8; NULL = nobody named */
  const char *reason; /* UTF-8; NULL = none */
} patron_register_note;

/* Makes an empty register. Source records are never changed; entities are sets of records, and every
 * change of them is a line of a log that only grows.
 *
 * out  receives the handle; release it with patron_register_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_create(patron_register **out, patron_error *error);

/* Releases `reg`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(records). Statuses: none. Since 0.1.
 */
PATRON_API void patron_register_free(patron_register *reg);

/* Adds records, each an entity of its own.
 *
 * reg     borrowed; not NULL. After a failure nothing has been added.
 * table   one row a record, borrowed; not NULL. All columns but the id are fields, kept as text.
 * id      column of integers or text, the same kind in all tables; each id once. Borrowed; not NULL.
 * source  name of the source, borrowed; not NULL.
 * trust   how far the source is trusted, 0 to 1.
 * time    when the records were captured, microseconds since 1970-01-01 UTC.
 * Thread class EXCLUSIVE. Cost O(register + cells), as a copy takes the records, and replaces the
 * register when it has them all. Statuses: OK, INVALID_ARGUMENT, ALREADY_EXISTS (an id that
 * the register has), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_add(patron_register *reg, const patron_table *table,
                                             const char *id, const char *source, double trust,
                                             int64_t time, patron_error *error);

/* Makes the entities of pairs of records one. The entity with more records survives, of equal ones the
 * older; the id of the other is retired and resolves for ever.
 *
 * reg           borrowed; not NULL.
 * pairs         columns left and right with ids, borrowed; not NULL. Taken in order.
 * note          borrowed; not NULL.
 * skip_refused  1: pairs that must stay apart are passed over; 0: the first is an error, and the pairs
 *               before it stand.
 * merged        filled with the number of merges; may be NULL.
 * refused       filled with the number of pairs passed over; may be NULL.
 * Thread class EXCLUSIVE. Cost O(records of the smaller entity) a merge. Statuses: OK,
 * INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION (naming the line of the log that keeps them apart),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_merge(patron_register *reg, const patron_table *pairs,
                                               const patron_register_note *note,
                                               int32_t skip_refused, uint64_t *merged,
                                               uint64_t *refused, patron_error *error);

/* Keeps the entities of pairs of records apart, from now on.
 *
 * reg    borrowed; not NULL.
 * pairs  columns left and right with ids, borrowed; not NULL.
 * note   borrowed; not NULL.
 * Thread class EXCLUSIVE. Cost O(pairs). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * FAILED_PRECONDITION (they are one entity), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_assert_different(patron_register *reg,
                                                          const patron_table *pairs,
                                                          const patron_register_note *note,
                                                          patron_error *error);

/* Parts some records of an entity from the rest; both must stay apart.
 *
 * reg     borrowed; not NULL.
 * ids     of the records that leave, borrowed; not NULL.
 * note    borrowed; not NULL.
 * entity  filled with the id of the new entity; may be NULL.
 * Thread class EXCLUSIVE. Cost O(records of the entity). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_split(patron_register *reg, const patron_column *ids,
                                               const patron_register_note *note, uint64_t *entity,
                                               patron_error *error);

/* Takes back a merge: the retired side leaves under the id that it had, and both must stay apart.
 *
 * reg     borrowed; not NULL.
 * line    of the log.
 * note    borrowed; not NULL.
 * entity  filled with the id that came back; may be NULL.
 * Thread class EXCLUSIVE. Cost O(records of the entity). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * FAILED_PRECONDITION (no merge, taken back already, or parted since), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_unmerge(patron_register *reg, uint64_t line,
                                                 const patron_register_note *note, uint64_t *entity,
                                                 patron_error *error);

/* The entity that an id stands for now: itself, or what it was merged into.
 *
 * reg     borrowed; not NULL.
 * entity  an id that the register has given.
 * out     filled on success; not NULL.
 * Thread class SHARED. Cost O(merges of it). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND. Since 0.1.
 */
PATRON_API patron_status patron_register_resolve(const patron_register *reg, uint64_t entity,
                                                 uint64_t *out, patron_error *error);

/* Which record belongs to which entity.
 *
 * reg   borrowed; not NULL.
 * time  at an instant; INT64_MAX = now.
 * out   receives one row a record that was there, in order of arrival: id, source text, entity int64.
 *       Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(records). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_entities(const patron_register *reg, int64_t time,
                                                  patron_table **out, patron_error *error);

/* The log.
 *
 * reg  borrowed; not NULL.
 * out  receives one row a line: line int64, op text ("merge", "split", "unmerge",
 *      "assert_different"), time timestamp, actor and reason text, survivor and other int64 (entities),
 *      left_records and right_records int64 (how many each side had), undone_by and undoes int64 (lines,
 *      or null). Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(lines). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_log(const patron_register *reg, patron_table **out,
                                             patron_error *error);

/* The best value of each field of each entity: of the most trusted source, then the most recent, then
 * the most frequent, then the longest, then of the first record.
 *
 * reg  borrowed; not NULL.
 * out  receives one row an entity and field that has a value, by entity and then field: entity int64,
 *      field, value, rule text (what decided: "only", "trust", "recent", "frequent", "longest",
 *      "first"), record (the id it came from), source text, losers int64 (other values). Release it
 *      with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(cells log cells). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_register_values(const patron_register *reg, patron_table **out,
                                                patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_REGISTER_H_ */
