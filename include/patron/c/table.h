/* Tables: how columns come in and results go out. */
#ifndef PATRON_C_TABLE_H_
#define PATRON_C_TABLE_H_

#include "patron/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The Arrow C data interface, as its specification gives it. */
#ifndef ARROW_C_DATA_INTERFACE
#define ARROW_C_DATA_INTERFACE

#define ARROW_FLAG_DICTIONARY_ORDERED 1
#define ARROW_FLAG_NULLABLE 2
#define ARROW_FLAG_MAP_KEYS_SORTED 4

struct ArrowSchema {
  const char *format;
  const char *name;
  const char *metadata;
  int64_t flags;
  int64_t n_children;
  struct ArrowSchema **children;
  struct ArrowSchema *dictionary;
  void (*release)(struct ArrowSchema *);
  void *private_data;
};

struct ArrowArray {
  int64_t length;
  int64_t null_count;
  int64_t offset;
  int64_t n_buffers;
  int64_t n_children;
  const void **buffers;
  struct ArrowArray **children;
  struct ArrowArray *dictionary;
  void (*release)(struct ArrowArray *);
  void *private_data;
};

#endif /* ARROW_C_DATA_INTERFACE */

#ifndef ARROW_C_STREAM_INTERFACE
#define ARROW_C_STREAM_INTERFACE

struct ArrowArrayStream {
  int (*get_schema)(struct ArrowArrayStream *, struct ArrowSchema *out);
  int (*get_next)(struct ArrowArrayStream *, struct ArrowArray *out);
  const char *(*get_last_error)(struct ArrowArrayStream *);
  void (*release)(struct ArrowArrayStream *);
  void *private_data;
};

#endif /* ARROW_C_STREAM_INTERFACE */

/* Types of a column. */
enum {
  PATRON_TYPE_BOOL = 1, /* one bit a row, least significant first */
  PATRON_TYPE_INT8 = 2,
  PATRON_TYPE_INT16 = 3,
  PATRON_TYPE_INT32 = 4,
  PATRON_TYPE_INT64 = 5,
  PATRON_TYPE_UINT8 = 6,
  PATRON_TYPE_UINT16 = 7,
  PATRON_TYPE_UINT32 = 8,
  PATRON_TYPE_UINT64 = 9,
  PATRON_TYPE_FLOAT32 = 10,
  PATRON_TYPE_FLOAT64 = 11,
  PATRON_TYPE_TEXT = 12,        /* UTF-8, int32 offsets */
  PATRON_TYPE_LARGE_TEXT = 13,  /* UTF-8, int64 offsets */
  PATRON_TYPE_DATE32 = 14,      /* int32 days since 1970-01-01 */
  PATRON_TYPE_TIMESTAMP_S = 15, /* int64 seconds since 1970-01-01 UTC; MS, US, NS the same, finer */
  PATRON_TYPE_TIMESTAMP_MS = 16,
  PATRON_TYPE_TIMESTAMP_US = 17,
  PATRON_TYPE_TIMESTAMP_NS = 18
};

/* A view of one column: memory of the caller's on the way in, of the table's on the way out. */
typedef struct patron_column {
  uint32_t struct_size;
  int32_t type; /* PATRON_TYPE_* */
  const char *name;
  int64_t length;          /* rows */
  int64_t offset;          /* rows skipped at the start of each buffer */
  const void *data;        /* values; for text the characters */
  const uint8_t *validity; /* one bit a row, 1 = present; NULL = no nulls */
  const void *offsets;     /* text only: length + 1 offsets into data */
} patron_column;

typedef struct patron_table patron_table;

/* Makes a table of all batches of an Arrow stream, without copying their buffers.
 *
 * stream  a stream of structs; on success it has been moved (its release is NULL) and the table
 *         holds the batches until freed. On failure it is still the caller's to release; batches
 *         already taken from it have been released.
 * out     receives the table; release it with patron_table_free. Not NULL.
 * Formats: integers of any width, float32, float64, decimal128, bool, utf8, large and view strings,
 * date32, date64, timestamps of any unit and zone, dictionaries of these. Columns of other formats
 * are accepted and refused only when a function reads them.
 * Thread class PURE. Cost O(batches x columns), plus O(rows) to check text offsets. Statuses: OK,
 * INVALID_ARGUMENT, RESOURCE_EXHAUSTED, UNKNOWN (the stream failed). Since 0.1.
 */
PATRON_API patron_status patron_table_import_stream(struct ArrowArrayStream *stream,
                                                    patron_table **out, patron_error *error);

/* Makes a table of one Arrow struct array, without copying its buffers.
 *
 * schema, array  moved on success (their release is NULL), untouched on failure.
 * out            receives the table; release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(columns), plus O(rows) to check text offsets.
 * Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_table_import_array(struct ArrowSchema *schema,
                                                   struct ArrowArray *array, patron_table **out,
                                                   patron_error *error);

/* Makes a table over columns of the caller's, without copying.
 *
 * columns  `count` columns of equal length with distinct names; the structs and names are copied,
 *          the buffers borrowed until the table is freed. May be NULL if count is 0.
 * out      receives the table; release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(columns), plus O(rows) to check text offsets. Statuses: OK,
 * INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_table_borrow(const patron_column *columns, size_t count,
                                             patron_table **out, patron_error *error);

/* Releases `table`; NULL does nothing. Streams exported from it stay valid.
 * Thread class EXCLUSIVE. Cost O(batches x columns). Statuses: none. Since 0.1.
 */
PATRON_API void patron_table_free(patron_table *table);

/* Rows of `table`; 0 for NULL. Borrowed.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API int64_t patron_table_rows(const patron_table *table);

/* Columns of `table`; 0 for NULL. Borrowed.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API size_t patron_table_columns(const patron_table *table);

/* Batches of `table`; results have one. 0 for NULL. Borrowed.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API size_t patron_table_batches(const patron_table *table);

/* Name of the column at `index`, owned by the table and valid as long as it; NULL if there is none.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API const char *patron_table_name(const patron_table *table, size_t index);

/* Index of the column called `name`.
 *
 * table, name  borrowed; not NULL.
 * out          filled on success; not NULL.
 * Thread class SHARED. Cost O(columns). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND. Since 0.1.
 */
PATRON_API patron_status patron_table_find(const patron_table *table, const char *name, size_t *out,
                                           patron_error *error);

/* A view of one column of one batch, valid as long as the table.
 *
 * table  borrowed; not NULL.
 * out    its struct_size is set by the caller; the rest is filled on success. Not NULL.
 * A column whose format patron_column cannot show (dictionary, decimal, view strings) is
 * FAILED_PRECONDITION: patron_table_flatten makes a table without such columns.
 * Thread class SHARED. Cost O(1).
 * Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE, FAILED_PRECONDITION. Since 0.1.
 */
PATRON_API patron_status patron_table_column(const patron_table *table, size_t index, size_t batch,
                                             patron_column *out, patron_error *error);

/* Copies `table` into one batch of plain columns: dictionaries decoded, view and large strings as
 * LARGE_TEXT, decimals as FLOAT64.
 *
 * table  borrowed; not NULL.
 * out    receives the new table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows x columns); copies everything.
 * Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_table_flatten(const patron_table *table, patron_table **out,
                                              patron_error *error);

/* Copies one column of `table` in the same way, into a table of that column alone. Other columns are
 * not read, so it does not matter what they hold.
 *
 * table  borrowed; not NULL.
 * out    receives the new table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE (no such column),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_table_flatten_column(const patron_table *table, size_t index,
                                                     patron_table **out, patron_error *error);

/* Exports `table` as an Arrow stream, as often as wanted and without copying.
 *
 * table  borrowed; not NULL. Its buffers are shared with the stream and live until both are
 *        released.
 * out    an empty struct, filled on success; the caller releases it. Not NULL.
 * A table made by patron_table_borrow exports the caller's buffers, so its buffers must outlive the
 * stream as well.
 * Thread class SHARED. Cost O(columns). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_table_export(const patron_table *table,
                                             struct ArrowArrayStream *out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_TABLE_H_ */
