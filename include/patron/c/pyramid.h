/* The value pyramid: customers sorted into tiers. */
#ifndef PATRON_C_PYRAMID_H_
#define PATRON_C_PYRAMID_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_pyramid patron_pyramid;

enum {
  PATRON_PYRAMID_CUSTOMER_SHARE = 0, /* cut = cumulative share of customers, from the top */
  PATRON_PYRAMID_VALUE_FLOOR = 1,    /* cut = least value of the tier */
  PATRON_PYRAMID_VALUE_SHARE = 2     /* cut = cumulative share of value, from the top */
};

enum {
  PATRON_BOUNDARY_BEFORE = 0,   /* a customer is in if the share before it is below the cut */
  PATRON_BOUNDARY_INCLUDING = 1 /* a customer is in if the share with it is at most the cut */
};

/* Makes a preset pyramid.
 *
 * name     "curry" (1, 4, 15, 80 % of customers; the default), "abc" (80 and 95 % of value),
 *          "zeithaml" (platinum 5 %, gold 15 %, iron, lead for losses) or "classes" (high 20 %,
 *          medium 30 %, low 50 %); case does not matter; borrowed; NULL means "curry".
 * context  borrowed; its defaults give the shares; may be NULL.
 * out      receives the handle; release it with patron_pyramid_free. Not NULL.
 * Thread class PURE. Cost O(tiers). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_pyramid_preset(const char *name, const patron_context *context,
                                               patron_pyramid **out, patron_error *error);

/* Makes a pyramid of one's own.
 *
 * method    PATRON_PYRAMID_*.
 * boundary  PATRON_BOUNDARY_*; other than BEFORE only for shares of value.
 * names     `count` names from the top tier down, 1 to 200, distinct and not empty; borrowed. Those
 *           of the tiers for other statuses, "inactive", "prospects" and "suspects", are taken.
 * cuts      `count` numbers: cumulative shares rising to 1, or floors falling (the last may be
 *           -infinity); borrowed.
 * losses    name of a further tier at the base for customers with a negative value, who then take
 *           no part in the cuts' lower tiers; borrowed; NULL = none.
 * out       receives the handle; release it with patron_pyramid_free. Not NULL.
 * Thread class PURE. Cost O(count). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_pyramid_create(int32_t method, int32_t boundary,
                                               const char *const *names, const double *cuts,
                                               size_t count, const char *losses,
                                               patron_pyramid **out, patron_error *error);

/* Releases `pyramid`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(tiers). Statuses: none. Since 0.1.
 */
PATRON_API void patron_pyramid_free(patron_pyramid *pyramid);

/* Columns of the table of customers: customer_id, value, and optionally a status column of text or
 * integers: active (0), inactive (1), prospect (2), suspect (3). */
typedef struct patron_pyramid_options {
  uint32_t struct_size;
  int32_t decimals;     /* integer values are money in units of 10^-decimals; 0..9, 0 */
  const char *customer; /* "customer_id" */
  const char *value;    /* "value" */
  const char *status;   /* NULL = all are active */
  const patron_context *context;
} patron_pyramid_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_pyramid_options_init(patron_pyramid_options *options);

/* Sorts customers into the tiers of a pyramid. Ties in value go by customer id, ascending.
 *
 * pyramid     borrowed; not NULL.
 * table       borrowed; one row a customer, ids distinct.
 * options     borrowed; NULL means the defaults.
 * tiers       receives a table from the top down, with inactive, prospects and suspects below where
 *             a status is given; release it with patron_table_free. Not NULL. Columns: tier text,
 *             customers int64, customer_share, value, value_share, entry_threshold (least value in
 *             the tier; null if empty), mean (null if empty). Numbers are float64, values in
 *             currency; shares are of the active customers, and null for the others and where the
 *             total is not positive.
 * membership  receives customer_id, value (as in the input), tier (null below the last floor), in
 *             the order of `table`; may be NULL; release it with patron_table_free. The tier is a
 *             dictionary of text with int32 indices. The table may share the buffers of the first
 *             two columns with an imported `table`, which can be freed all the same.
 * Thread class SHARED. Time O(n) if the ids ascend, else a sort of the ids. Statuses: OK,
 * INVALID_ARGUMENT, OUT_OF_RANGE (a sum), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_pyramid_build(const patron_pyramid *pyramid,
                                              const patron_table *table,
                                              const patron_pyramid_options *options,
                                              patron_table **tiers, patron_table **membership,
                                              patron_error *error);

/* Writes `pyramid` as canonical patron.v1 bytes: equal definitions give equal bytes.
 *
 * pyramid  borrowed; not NULL.
 * out      receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(tiers). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_pyramid_serialize(const patron_pyramid *pyramid, patron_bytes **out,
                                                  patron_error *error);

/* Reads what patron_pyramid_serialize wrote: `size` borrowed bytes from anywhere.
 * out    receives the handle; release it with patron_pyramid_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_pyramid_deserialize(const void *bytes, size_t size,
                                                    patron_pyramid **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_PYRAMID_H_ */
