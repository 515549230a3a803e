/* Customers: who looked at whose data, and why, in a log that shows what was done to it. */
#ifndef PATRON_C_CUSTOMERS_ACCESS_H_
#define PATRON_C_CUSTOMERS_ACCESS_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_access_log patron_access_log;

/* What is wrong with a log. */
enum {
  PATRON_ACCESS_INTACT = 0,
  PATRON_ACCESS_ALTERED = 1,   /* a line is not what its hash says */
  PATRON_ACCESS_MISSING = 2,   /* a line that should be there is not */
  PATRON_ACCESS_REORDERED = 3, /* a line stands further below than it should */
  PATRON_ACCESS_REWRITTEN = 4  /* all lines agree, but not with the head that was noted */
};

/* That a log is whole up to a line: to be kept elsewhere. */
typedef struct patron_access_head {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t lines;
  uint8_t hash[32];
} patron_access_head;

typedef struct patron_access_verdict {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t fault;        /* PATRON_ACCESS_* */
  uint64_t line;        /* the first that is not as it was; 0 if intact */
} patron_access_verdict;

/* Makes an empty log. Each line holds BLAKE2b-256 of the hash above it and of its own content, so that
 * none can be changed, left out or moved without all hashes below being made anew; that shows against
 * a head that was noted elsewhere.
 *
 * out  receives the handle; release it with patron_access_log_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_access_log_create(patron_access_log **out, patron_error *error);

/* Releases `log`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(lines). Statuses: none. Since 0.1.
 */
PATRON_API void patron_access_log_free(patron_access_log *log);

/* Adds lines.
 *
 * log    borrowed; not NULL. After a failure nothing has been added.
 * table  borrowed; columns time, actor (who looked), subject (id of the person), purpose, allowed
 *        (bool); optional fields (names between commas), recipient (who got the data, if they left)
 *        and note (all text). Times may be in any order: the lines tell what came first. Not NULL.
 * Thread class EXCLUSIVE. Cost O(bytes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_access_log_append(patron_access_log *log, const patron_table *table,
                                                  patron_error *error);

/* Reads a table that patron_access_log_lines gave, from wherever it was kept, as it is: whether it is
 * sound, patron_access_log_verify says.
 *
 * table  borrowed; all its columns are wanted. Not NULL.
 * out    receives the handle; release it with patron_access_log_free. Not NULL.
 * Thread class PURE. Cost O(bytes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_access_log_restore(const patron_table *table,
                                                   patron_access_log **out, patron_error *error);

/* Looks for the first line that was altered, is missing or stands in another place.
 *
 * log   borrowed; not NULL.
 * head  that was noted before, borrowed; NULL means none: then lines missing at the end cannot be seen.
 * out   filled on success; not NULL.
 * Thread class SHARED. Cost O(bytes). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_access_log_verify(const patron_access_log *log,
                                                  const patron_access_head *head,
                                                  patron_access_verdict *out, patron_error *error);

/* The head as it is now. `log` is borrowed; `out` is filled on success; neither is NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_access_log_head(const patron_access_log *log,
                                                patron_access_head *out, patron_error *error);

/* The lines: line, time, actor, subject, purpose, allowed, fields, recipient, note, hash (hexadecimal).
 *
 * log       borrowed; not NULL.
 * subjects  ids whose lines are wanted, borrowed; NULL means all.
 * out       receives the table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(lines). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_access_log_lines(const patron_access_log *log,
                                                 const patron_column *subjects, patron_table **out,
                                                 patron_error *error);

/* Writes `log` as canonical patron.v1 bytes. What is read from them gives the same bytes again.
 *
 * log  borrowed; not NULL.
 * out  receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(bytes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_access_log_serialize(const patron_access_log *log,
                                                     patron_bytes **out, patron_error *error);

/* Reads what patron_access_log_serialize wrote, `size` borrowed bytes from anywhere; sound or not, as
 * above.
 * out    receives the handle; release it with patron_access_log_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_access_log_deserialize(const void *bytes, size_t size,
                                                       patron_access_log **out,
                                                       patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_ACCESS_H_ */
