/* Suggests the category of a complaint from its text, in any script. */
#ifndef PATRON_C_CATEGORY_H_
#define PATRON_C_CATEGORY_H_

#include "patron/c/transactions.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Multinomial logistic regression over hashed n-grams of characters (2 to 4) and words (1 and 2), so
 * that Chinese needs no segmenter. */
typedef struct patron_category_model patron_category_model;

typedef struct patron_category_options {
  uint32_t struct_size;
  int32_t bits;         /* 2^bits weights a category, 8 to 22; 16 */
  int32_t epochs;       /* passes over the texts, 1 to 1000; 10 */
  int32_t reserved;     /* zero */
  double rate;          /* of the first step of each weight (AdaGrad), above 0; 0.5 */
  double penalty;       /* ridge, a text, 0 to 1; 1e-6 */
  uint64_t seed;        /* of the order of the texts; 1 */
  const char *text;     /* text; "text" */
  const char *category; /* text, not empty; "category" */
} patron_category_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_category_options_init(patron_category_options *options);

/* Learns from texts whose category is known: 2 to 1,000 of them.
 *
 * table    one row a text; borrowed, not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives the model; not NULL. Release it with patron_category_free.
 * Thread class PURE. Cost O(epochs * n-grams * categories). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED (also past 2^28 weights). Since 0.1.
 */
PATRON_API patron_status patron_category_fit(const patron_table *table,
                                             const patron_category_options *options,
                                             patron_category_model **out, patron_error *error);

/* Frees a model; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(weights). Statuses: none. Since 0.1.
 */
PATRON_API void patron_category_free(patron_category_model *model);

/* The categories of a model, rising.
 *
 * model  borrowed; not NULL.
 * out  receives one row each: category text. Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(categories). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_category_names(const patron_category_model *model,
                                               patron_table **out, patron_error *error);

/* Suggests categories.
 *
 * model    borrowed; not NULL.
 * table    one row a text; borrowed, not NULL.
 * text     name of the column; NULL = "text".
 * least    the probability below which the answer is withheld, 0 to 1; 0 withholds none.
 * out      receives a table in the order of the rows: category text (null if withheld), probability
 *          (of the likeliest), runner_up text, runner_up_probability float64. Release it with
 *          patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(n-grams * categories). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_category_suggest(const patron_category_model *model,
                                                 const patron_table *table, const char *text,
                                                 double least, patron_table **out,
                                                 patron_error *error);

/* The probabilities of all categories.
 *
 * model  borrowed; not NULL.
 * table  one row a text; borrowed, not NULL.
 * text   name of the column; NULL = "text". Borrowed.
 * out    receives a table in the order of the rows, a float64 column a category, named as it. Release
 *        it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(n-grams * categories). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_category_probabilities(const patron_category_model *model,
                                                       const patron_table *table, const char *text,
                                                       patron_table **out, patron_error *error);

/* Figures of a whole evaluation. */
typedef struct patron_category_scores {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  double accuracy; /* of the answers given; NaN without one */
  double coverage; /* share of texts with an answer; NaN without a text */
  double macro_f1; /* mean of F1 over categories with texts or answers; NaN without one */
} patron_category_scores;

/* Tells how well suggestions fit texts whose category is known.
 *
 * model           borrowed; not NULL.
 * table           one row a text; borrowed, not NULL.
 * text, category  names of the columns; NULL = "text", "category". A category that the model does not
 *                 know is a miss.
 * least           as above.
 * scores          filled on success; may be NULL.
 * out             receives one row a category of the model: category text, support int64, precision,
 *                 recall, f1 float64 (NaN where there is nothing to divide by). Release it with
 *                 patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(n-grams * categories). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_category_evaluate(const patron_category_model *model,
                                                  const patron_table *table, const char *text,
                                                  const char *category, double least,
                                                  patron_category_scores *scores,
                                                  patron_table **out, patron_error *error);

/* Writes a model as bytes: equal models give equal bytes.
 *
 * model  borrowed; not NULL.
 * out    receives the bytes; not NULL. Release them with patron_bytes_free.
 * Thread class SHARED. Cost O(weights). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_category_serialize(const patron_category_model *model,
                                                   patron_bytes **out, patron_error *error);

/* Reads a model from bytes that patron_category_serialize wrote. Bytes may be hostile.
 *
 * out  receives the model; not NULL. Release it with patron_category_free.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_category_deserialize(const void *bytes, size_t size,
                                                     patron_category_model **out,
                                                     patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CATEGORY_H_ */
