/* Customers: a register of who is who, which can take things back, and lasts. */
#ifndef PATRON_C_CUSTOMERS_REGISTER_H_
#define PATRON_C_CUSTOMERS_REGISTER_H_

#include "patron/c/entry_store.h"
#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Instants are microseconds since 1970-01-01 UTC. Where a function takes an instant `at`, INT64_MAX is
 * now: all that is known counts, whether it is valid or not. At an instant counts what the register
 * knew and what was valid then.
 *
 * A change of a register that is kept in a store is there when its function returns. After the failure
 * of a change that was made in memory and not written further changes are FAILED_PRECONDITION: the
 * register has to be opened again. */
typedef struct patron_register patron_register;

/* Who did something, and when. */
typedef struct patron_register_note {
  uint32_t struct_size;
  uint32_t reserved;  /* zero */
  int64_t time;       /* of changes of entities no earlier than the last of the log */
  const char *actor;  /* UTF-8; NULL = nobody named */
  const char *reason; /* UTF-8; NULL = none */
} patron_register_note;

enum {
  PATRON_ERASED_REFUSE = 0, /* Records of someone who was erased are an error. */
  PATRON_ERASED_SKIP = 1    /* They are passed over. */
};

/* What a record is of. Records of different kinds are never of one entity. */
enum {
  PATRON_ENTITY_PERSON = 0,
  PATRON_ENTITY_ORGANISATION = 1,
  PATRON_ENTITY_HOUSEHOLD = 2,
  PATRON_ENTITY_INTERNAL_UNIT = 3 /* of ourselves, as a customer of another */
};

/* Where records come from. Names of columns are NULL where there is none; null in such a column says
 * nothing of its record. */
typedef struct patron_record_source {
  uint32_t struct_size;
  int32_t verified;        /* 1: someone has checked the values */
  const char *id;          /* column of ids, not NULL: integers or text, one kind in a register */
  const char *source;      /* name of the source; not NULL */
  const char *captured_by; /* who captured them; NULL = not told */
  const char *method;      /* how; NULL = not told */
  const char *purpose;     /* what for; NULL = not told */
  double trust;            /* in the source, 0 to 1 */
  double confidence;       /* in what it says, 0 to 1 */
  int64_t time;            /* when they were captured; the register has them from then on */
  const char *source_key;  /* column of text: the record's key in its source */
  const char *captured_at; /* column of times: when each was captured */
  const char *valid_from;  /* column of times: since when it holds */
  const char *valid_to;    /* column of times: the first instant when it does not */
  int32_t erased;          /* PATRON_ERASED_* */
  int32_t kind;            /* PATRON_ENTITY_* */
} patron_record_source;

/* How much there is. */
typedef struct patron_register_size {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t records;  /* that were not erased */
  uint64_t entities; /* that have a record */
  uint64_t lines;    /* of the log */
  uint64_t contacts; /* ever told, here and below */
  uint64_t ties;
  uint64_t erasures;
} patron_register_size;

/* Fills `source`, unless it is NULL, with trust 0.5, confidence 1, id "id" and source "unnamed".
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_record_source_init(patron_record_source *source);

/* Makes an empty register in memory. Source records are never changed; entities are sets of records, and
 * every change of them is a line of a log that only grows.
 *
 * out  receives the handle; release it with patron_register_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_create(patron_register **out, patron_error *error);

/* Opens a register that is kept in a database of SQLite, or makes one. No one else can use the file until
 * the register is released.
 *
 * path  of the file, borrowed; not NULL.
 * out   receives the handle; release it with patron_register_free. Not NULL.
 * Thread class PURE. Cost O(what it holds). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND (cannot be opened),
 * FAILED_PRECONDITION (open elsewhere, or read only), DATA_LOSS (another file, or an entry that is not as
 * it was written), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_open(const char *path, patron_register **out,
                                              patron_error *error);

/* Opens a register that a host keeps.
 *
 * store  borrowed; not NULL; what its functions need must outlive the register.
 * out    receives the handle; release it with patron_register_free. Not NULL.
 * Thread class PURE. Cost O(what it holds). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS,
 * RESOURCE_EXHAUSTED, and those of the store. Since 0.1.
 */
PATRON_API patron_status patron_register_open_store(const patron_entry_store *store,
                                                    patron_register **out, patron_error *error);

/* Writes a register. Equal registers give equal bytes; the key of tombstones is not in them.
 *
 * reg  borrowed; not NULL.
 * out  receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(what it holds). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED (also
 * past 2^31 - 1 bytes). Since 0.1.
 */
PATRON_API patron_status patron_register_serialize(const patron_register *reg, patron_bytes **out,
                                                   patron_error *error);

/* Reads a register, in memory, from bytes of any origin.
 *
 * data, size  the bytes, borrowed; not NULL.
 * out         receives the handle; release it with patron_register_free. Not NULL.
 * Thread class PURE. Cost O(bytes). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (anything that
 * patron_register_serialize does not write), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_deserialize(const void *data, size_t size,
                                                     patron_register **out, patron_error *error);

/* Releases `reg`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(records). Statuses: none. Since 0.1.
 */
PATRON_API void patron_register_free(patron_register *reg);

/* How much a register holds.
 *
 * reg   borrowed; not NULL.
 * size  filled; its struct_size is set. Not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_register_get_size(const patron_register *reg,
                                                  patron_register_size *size, patron_error *error);

/* Adds records, each an entity of its own: all or none.
 *
 * reg     borrowed; not NULL.
 * table   one row a record, borrowed; not NULL. All columns but those that `source` names are fields,
 *         kept as text; null, and text of spaces alone, is no value.
 * source  borrowed; not NULL.
 * added   filled with the number of records that were added; may be NULL.
 * Thread class EXCLUSIVE. Cost O(cells). Statuses: OK, INVALID_ARGUMENT (also a validity that ends before
 * it begins), ALREADY_EXISTS (an id that the register has), FAILED_PRECONDITION (someone who was erased,
 * naming row and column; or tombstones and no key), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_add(patron_register *reg, const patron_table *table,
                                             const patron_record_source *source, uint64_t *added,
                                             patron_error *error);

/* Makes the entities of pairs of records one. The entity with more records survives, of equal ones the
 * older; the id of the other is retired and resolves for ever.
 *
 * reg           borrowed; not NULL.
 * pairs         columns left and right with ids, borrowed; not NULL. Taken in order. Columns weight and
 *               weight_<field>, numbers, are kept as evidence of those that are merged; null and nan say
 *               nothing.
 * note          borrowed; not NULL.
 * skip_refused  1: pairs that must stay apart, or are of different kinds, are passed over; 0: the first
 *               is an error, and the pairs before it stand.
 * merged        filled with the number of merges; may be NULL.
 * refused       filled with the number of pairs passed over; may be NULL.
 * Thread class EXCLUSIVE. Cost O(records of the smaller entity) a merge. Statuses: OK,
 * INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION (naming the line of the log that keeps them apart, or
 * both kinds), RESOURCE_EXHAUSTED. Since 0.1.
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

/* Takes back a merge: the retired side leaves under the id that it had, as far as it is still with some
 * of the other, and both must stay apart. Merges may be taken back in any order.
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

/* The entity of a record.
 *
 * reg   borrowed; not NULL.
 * id    of the record, where the register has integers.
 * text  of the record, where the register has text; NULL where it has integers. Borrowed.
 * at    an instant, or INT64_MAX.
 * out   filled on success; not NULL.
 * Thread class SHARED. Cost O(1), and O(moves of the record) at an instant. Statuses: OK,
 * INVALID_ARGUMENT, NOT_FOUND (no record had this id then). Since 0.1.
 */
PATRON_API patron_status patron_register_entity(const patron_register *reg, int64_t id,
                                                const char *text, int64_t at, uint64_t *out,
                                                patron_error *error);

/* The entity that an id stands for now: itself, or what it was merged into.
 *
 * reg     borrowed; not NULL.
 * entity  an id that the register has given.
 * out     filled on success; not NULL.
 * Thread class SHARED. Cost O(merges of it). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND (there
 * never was one, or all its records were erased). Since 0.1.
 */
PATRON_API patron_status patron_register_resolve(const patron_register *reg, uint64_t entity,
                                                 uint64_t *out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_REGISTER_H_ */
