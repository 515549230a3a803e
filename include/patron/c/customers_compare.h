/* Customers: how alike two texts are. */
#ifndef PATRON_C_CUSTOMERS_COMPARE_H_
#define PATRON_C_CUSTOMERS_COMPARE_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Measures, on code points. Similarities lie in [0, 1]: 1 for equal texts and for two empty ones.
 * Distances count.
 */
enum {
  PATRON_MEASURE_EXACT = 0, /* 1 if equal, else 0 */
  PATRON_MEASURE_JARO = 1,
  PATRON_MEASURE_JARO_WINKLER = 2,
  PATRON_MEASURE_LEVENSHTEIN = 3, /* 1 - distance / length of the longer text; so 4 and 5 */
  PATRON_MEASURE_OSA = 4,
  PATRON_MEASURE_DAMERAU = 5,
  PATRON_MEASURE_INDEL = 6,   /* 1 - distance / sum of the lengths */
  PATRON_MEASURE_LCS = 7,     /* longest common subsequence / length of the longer text */
  PATRON_MEASURE_JACCARD = 8, /* of the sets of n-grams; a shorter text is its own n-gram */
  PATRON_MEASURE_COSINE = 9,  /* of the counts of n-grams */
  PATRON_MEASURE_TOKENS = 10, /* Jaccard of the sets of words */
  PATRON_MEASURE_LEVENSHTEIN_DISTANCE = 11, /* insert, remove, change */
  PATRON_MEASURE_OSA_DISTANCE = 12,         /* also exchange neighbours; nothing is edited twice */
  PATRON_MEASURE_DAMERAU_DISTANCE = 13,     /* without that restriction */
  PATRON_MEASURE_INDEL_DISTANCE = 14,       /* insert, remove */
  PATRON_MEASURE_LCS_LENGTH = 15
};

typedef struct patron_compare_options {
  uint32_t struct_size;
  int32_t measure;      /* PATRON_MEASURE_JARO_WINKLER */
  int32_t n;            /* of n-grams, 1 to 6; 2 */
  int32_t reserved;     /* zero */
  double boost;         /* Winkler's prefix counts above this Jaro similarity; 0.7, and 0 for the
                           other convention, where it always counts */
  double prefix_weight; /* of one code point, 0 to 0.25; 0.1 */
  double cutoff;        /* a similarity below becomes 0, a distance above the next whole number; NaN
                           = none */
  const patron_context *context; /* NULL = serial */
} patron_compare_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_compare_options_init(patron_compare_options *options);

/* Compares two texts.
 *
 * a, b     UTF-8 of a_size and b_size bytes, borrowed; at most 32,768 code points each. NULL only
 *          with size 0.
 * options  borrowed; NULL means the defaults.
 * out      filled on success; not NULL.
 * Thread class PURE. Cost O(a_size + b_size) for texts of at most 64 code points, else O(a_size x
 * b_size / 64), for OSA, DAMERAU and JARO without the 64. Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_compare_texts(const char *a, size_t a_size, const char *b,
                                              size_t b_size, const patron_compare_options *options,
                                              double *out, patron_error *error);

/* Compares two columns row by row.
 *
 * left, right  text of equal length, borrowed; not NULL.
 * options      borrowed; NULL means the defaults.
 * out          receives one row a row: value float64, null where a text is. Release it with
 *              patron_table_free. Not NULL.
 * Thread class PURE. Cost as patron_compare_texts for each row. Statuses: OK, CANCELLED,
 * INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_compare_rows(const patron_column *left, const patron_column *right,
                                             const patron_compare_options *options,
                                             patron_table **out, patron_error *error);

/* Compares each text of one column with each of another.
 *
 * left, right  text, borrowed; not NULL.
 * options      borrowed; NULL means the defaults.
 * out          receives rows(left) x rows(right) rows, all of the first text of `left` first: value
 *              float64, null where a text is. Release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost as patron_compare_texts for each pair; Jaro and Jaro-Winkler of texts of
 * at most 16 code points take 16 pairs at once. Statuses: OK, CANCELLED, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_compare_all(const patron_column *left, const patron_column *right,
                                            const patron_compare_options *options,
                                            patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_COMPARE_H_ */
