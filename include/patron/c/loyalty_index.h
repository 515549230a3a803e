/* The loyalty index: components brought to one scale, weighed, and added up. */
#ifndef PATRON_C_LOYALTY_INDEX_H_
#define PATRON_C_LOYALTY_INDEX_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a component comes to a scale of 0 to 1. What the data decide is frozen by the fit. */
enum {
  PATRON_NORMALIZE_BOUNDS = 0, /* (value - low) / (high - low), cut off to 0 and 1 */
  PATRON_NORMALIZE_WINSORIZED =
      1,                       /* the same, with the 5 % and 95 % quantiles (type 7) of the data */
  PATRON_NORMALIZE_NORMAL = 2, /* the normal distribution function of the z-score */
  PATRON_NORMALIZE_RANK = 3    /* the share of the data below, half of those equal, by up to 1,001
                                     quantiles */
};

typedef struct patron_index_component {
  uint32_t struct_size; /* of each element of an array, the distance between them */
  int32_t normalize;    /* PATRON_NORMALIZE_* */
  const char *name;     /* of the column: numbers; null and NaN are not known */
  double weight;        /* above 0 */
  double low;           /* BOUNDS: what comes to 0, */
  double high;          /* and to 1; may be the lower one */
} patron_index_component;

typedef struct patron_loyalty_index patron_loyalty_index;

/* Fits the normalisers of an index to customers, and freezes them, so that scores do not drift.
 *
 * table          borrowed; not NULL.
 * components     `count` of them, borrowed; not NULL.
 * least_coverage share of the weight that must be known of a customer for an index, from 0 to 1; NaN =
 *                0.6.
 * context        borrowed; may be NULL.
 * out            receives the handle; release it with patron_loyalty_index_free. Not NULL.
 * Thread class PURE. Cost O(rows x count), of ranks a sort. Statuses: OK, INVALID_ARGUMENT,
 * FAILED_PRECONDITION (a component that is known of nobody or, without given bounds, of one value
 * only), RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_loyalty_index_fit(const patron_table *table,
                                                  const patron_index_component *components,
                                                  size_t count, double least_coverage,
                                                  const patron_context *context,
                                                  patron_loyalty_index **out, patron_error *error);

/* Releases `index`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_loyalty_index_free(patron_loyalty_index *index);

/* Scores customers: 100 x (sum of weight x value) / (sum of weight), over what is known.
 *
 * index    borrowed; not NULL.
 * table    borrowed; not NULL.
 * context  borrowed; may be NULL.
 * out      receives one row a row: index float64, null below the least coverage; coverage float64 (the
 *          share of the weight that is known); and for each component a column of float64 called like
 *          it: what it gives to the index, null where it is not known. Not NULL. Release it with
 *          patron_table_free.
 * Thread class SHARED. Cost O(rows x components). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED,
 * CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_loyalty_index_score(const patron_loyalty_index *index,
                                                    const patron_table *table,
                                                    const patron_context *context,
                                                    patron_table **out, patron_error *error);

/* The mean of scores with its interval. */
typedef struct patron_index_mean {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t customers; /* with an index */
  uint64_t refused;   /* below the least coverage */
  double mean;        /* NaN without a customer */
  double std_err;
  double lower; /* percentiles of samples drawn with replacement */
  double upper;
} patron_index_mean;

/* The mean index of customers, with a bootstrap interval.
 *
 * index       borrowed; not NULL.
 * table       borrowed; not NULL.
 * level       of the interval, in (0, 1).
 * replicates  samples, 100 to 1,000,000.
 * seed        of the samples: the same gives the same.
 * context     borrowed; may be NULL.
 * out         filled on success; not NULL.
 * Thread class SHARED. Cost O(rows x (components + replicates)). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED, CANCELLED. Since 0.1.
 */
PATRON_API patron_status patron_loyalty_index_mean(const patron_loyalty_index *index,
                                                   const patron_table *table, double level,
                                                   uint32_t replicates, uint64_t seed,
                                                   const patron_context *context,
                                                   patron_index_mean *out, patron_error *error);

/* What the fit has frozen.
 *
 * index  borrowed; not NULL.
 * out    receives a row a component: name text, normalize int64 (PATRON_NORMALIZE_*), weight, low, high
 *        float64 (of NORMAL mean and standard deviation, of RANK the least and the greatest), known
 *        int64 (customers of the fit). Not NULL. Release it with patron_table_free.
 * Thread class SHARED. Cost O(components). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_loyalty_index_components(const patron_loyalty_index *index,
                                                         patron_table **out, patron_error *error);

/* Writes the index as bytes: the same index gives the same ones.
 *
 * index  borrowed; not NULL.
 * out    receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(components). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_loyalty_index_serialize(const patron_loyalty_index *index,
                                                        patron_bytes **out, patron_error *error);

/* Reads what patron_loyalty_index_serialize wrote. The bytes may come from anywhere.
 *
 * bytes  `size` bytes, borrowed; not NULL.
 * out    receives the handle; release it with patron_loyalty_index_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (other or damaged bytes),
 * FAILED_PRECONDITION (bytes of a newer library), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_loyalty_index_deserialize(const void *bytes, size_t size,
                                                          patron_loyalty_index **out,
                                                          patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_LOYALTY_INDEX_H_ */
