/* Customers: which records are the same person. */
#ifndef PATRON_C_CUSTOMERS_LINK_H_
#define PATRON_C_CUSTOMERS_LINK_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- What is compared ---- */

enum {
  PATRON_MISSING_NULL = 0, /* a field without a value on either side says nothing */
  PATRON_MISSING_ELSE = 1  /* it disagrees */
};

/* One field, compared at levels from strictest to loosest; below the last one is "else". A level is
 * "exact", "swapped" (dates with day and month exchanged), "reversed" (names in another order), or a
 * measure with its threshold: "jaro_winkler >= 0.9", "levenshtein_distance <= 1", "difference <= 2",
 * "percent <= 5", "days <= 30", "kilometres <= 1" (texts "latitude,longitude"). Measures are those of
 * PATRON_MEASURE_*, in lower case.
 */
typedef struct patron_link_field {
  uint32_t struct_size;
  int32_t missing; /* PATRON_MISSING_* */
  const char *column;
  const char *const *levels;
  size_t level_count;
  double term_frequency;       /* power with which rare values weigh more where they are equal, 0
                                  to 1; 0 = not at all */
  double fuzzy_term_frequency; /* the same where they are only alike */
} patron_link_field;

/* Records that agree in all parts. A part is a column, or code points of it: "surname[:2]",
 * "date[0:4]". A record without a value in one of them agrees with none.
 */
typedef struct patron_link_rule {
  uint32_t struct_size;
  uint32_t reserved; /* zero */
  const char *const *parts;
  size_t part_count;
} patron_link_rule;

typedef struct patron_linker_options {
  uint32_t struct_size;
  uint32_t cap;   /* records that agree in a block; more are left out; 1,000 */
  const char *id; /* integers or text, each once a table; "id" */
  const char
      *source; /* column of one table: only records of different sources are compared; NULL */
  const patron_link_field *fields;
  size_t field_count;
  const patron_link_rule *blocks; /* a pair is compared if it agrees in one of these */
  size_t block_count;
  const patron_link_rule *training; /* one round of estimation each; none = the blocks */
  size_t training_count;
  const patron_link_rule *certain; /* pairs that agree in one of these are almost surely matches */
  size_t certain_count;
  double recall;       /* share of all matches that `certain` finds, or else the blocks; 0.7 */
  uint64_t most_pairs; /* pairs of values compared for the chance of a level; above, a part of the
                          values is taken; 2^20 */
} patron_linker_options;

/* Fills the defaults named in the struct; no field, no block. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_linker_options_init(patron_linker_options *options);

typedef struct patron_linker patron_linker;

/* Makes a linker: the model of Fellegi and Sunter (1969) over the fields. Cells are compared as text;
 * spaces at the ends do not count, and a text of nothing else is no value.
 *
 * options  borrowed with all it points to; not NULL.
 * out      receives the handle; release it with patron_linker_free. Not NULL.
 * Thread class PURE. Cost O(fields + rules). Statuses: OK, INVALID_ARGUMENT (naming the field or
 * level, also for a level that an earlier one leaves nothing to), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_create(const patron_linker_options *options,
                                              patron_linker **out, patron_error *error);

/* Releases `linker`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(fields). Statuses: none. Since 0.1.
 */
PATRON_API void patron_linker_free(patron_linker *linker);

/* What each block would compare, counted before anything is.
 *
 * linker       borrowed; not NULL.
 * left, right  records, borrowed; right may be NULL: records of left with each other.
 * context      borrowed; may be NULL.
 * out          receives one row a block: rule text, keys int64 (with a pair), largest int64 (records
 *              of a key), pairs int64, capped_keys, capped_records and capped_pairs int64 (left out).
 *              Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(records) a block. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_linker_plan(const patron_linker *linker, const patron_table *left,
                                            const patron_table *right,
                                            const patron_context *context, patron_table **out,
                                            patron_error *error);

/* ---- The model ---- */

/* Learns the model. The chance u of each level is counted over all pairs of records; m is estimated
 * by expectation and maximisation with u held, one round a training rule, without the fields of that
 * rule, and averaged.
 *
 * linker       borrowed; changed only on success. Not NULL.
 * left, right  as patron_linker_plan.
 * context      borrowed; may be NULL.
 * Thread class EXCLUSIVE. Cost: pairs of distinct values of each field, and pairs of the training
 * rules. Statuses: OK, CANCELLED, INVALID_ARGUMENT, FAILED_PRECONDITION (nothing to compare),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_fit(patron_linker *linker, const patron_table *left,
                                           const patron_table *right, const patron_context *context,
                                           patron_error *error);

/* The model as a table.
 *
 * linker  borrowed; not NULL.
 * out     receives one row a field and level, "else" last: field, level text, m, u and weight
 *         float64 (log2 of m / u), learned bool (false: m is a guess). Release it with
 *         patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(levels). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (not yet
 * fitted), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_parameters(const patron_linker *linker, patron_table **out,
                                                  patron_error *error);

/* Takes a model from elsewhere.
 *
 * linker      borrowed; changed only on success. Not NULL.
 * parameters  one row a field and level, as patron_linker_parameters gives them: m and u float64 in
 *             [0, 1], which sum to 1 for each field within 1e-6. Borrowed; not NULL.
 * match_rate  in (0, 1).
 * Thread class EXCLUSIVE. Cost O(levels). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_linker_set_parameters(patron_linker *linker,
                                                      const patron_table *parameters,
                                                      double match_rate, patron_error *error);

/* The probability that two records match, of all pairs.
 *
 * linker  borrowed; not NULL.
 * out     filled on success; not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION. Since 0.1.
 */
PATRON_API patron_status patron_linker_match_rate(const patron_linker *linker, double *out,
                                                  patron_error *error);

/* How the rounds went.
 *
 * linker    borrowed; not NULL.
 * rounds    receives one row a training rule: rule text, pairs int64, matches float64 (expected),
 *           match_rate float64, iterations int64, converged bool. Release it with
 *           patron_table_free. Not NULL.
 * warnings  receives one row a warning: warning text. Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rounds). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_rounds(const patron_linker *linker, patron_table **rounds,
                                              patron_table **warnings, patron_error *error);

/* ---- Pairs ---- */

enum {
  PATRON_LINK_ALL = 0,       /* every pair that is heavy enough */
  PATRON_LINK_ONE_TO_ONE = 1 /* each record at most once: the pairs that together weigh most */
};

typedef struct patron_predict_options {
  uint32_t struct_size;
  int32_t matching; /* PATRON_LINK_ALL; ONE_TO_ONE needs two sources */
  double threshold; /* least weight; 0, where a match is as likely as not */
  const patron_context *context;
} patron_predict_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_predict_options_init(patron_predict_options *options);

/* Finds pairs that match.
 *
 * linker       fitted, borrowed; not NULL.
 * left, right  as patron_linker_plan.
 * options      borrowed; NULL means the defaults.
 * out          receives one row a pair, by row of left and then of right: left and right (ids, in
 *              their types), weight float64 (log2 of the odds), probability float64, and
 *              "weight_<field>" float64 for each field, which with the prior sum to weight. Release
 *              it with patron_table_free. Not NULL.
 * compared     filled with the number of pairs that were compared; may be NULL.
 * Thread class SHARED. Cost: pairs of the blocks. Statuses: OK, CANCELLED, INVALID_ARGUMENT,
 * FAILED_PRECONDITION, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_predict(const patron_linker *linker,
                                               const patron_table *left, const patron_table *right,
                                               const patron_predict_options *options,
                                               patron_table **out, uint64_t *compared,
                                               patron_error *error);

/* Why pairs weigh what they weigh, whether a block finds them or not.
 *
 * linker       fitted, borrowed; not NULL.
 * left, right  as patron_linker_plan.
 * pairs        columns left and right with ids, borrowed; not NULL.
 * context      borrowed; may be NULL.
 * out          receives, for each pair, one row for the prior, whose field and level are null, and one
 *              a field: left, right, field, level ("null" without a value), left_value and
 *              right_value text, m and u float64, and weight float64. Release it with
 *              patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(records + pairs x fields). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND
 * (an id that no record has), FAILED_PRECONDITION, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_explain(const patron_linker *linker,
                                               const patron_table *left, const patron_table *right,
                                               const patron_table *pairs,
                                               const patron_context *context, patron_table **out,
                                               patron_error *error);

/* ---- Clusters ---- */

/* A value of the field that more than `most` people share, such as a shop's own phone, says nothing
 * about pairs that agree on it. Records that have it are one person where a pair of them reaches the
 * threshold without the field.
 */
typedef struct patron_link_hub {
  uint32_t struct_size;
  uint32_t most; /* people; above 0 */
  const char *field;
} patron_link_hub;

typedef struct patron_cluster_options {
  uint32_t struct_size;
  uint32_t most;                   /* records; a larger cluster is marked for review; 50 */
  double threshold;                /* least weight of a pair that counts; 0 */
  int32_t split_bridges;           /* 1: a pair that alone holds a cluster together is cut if the
                                      fields of all pairs across it, with the prior once, weigh less
                                      than zero */
  uint32_t reserved;               /* zero */
  const patron_table *must_link;   /* columns left and right with ids; NULL = none */
  const patron_table *cannot_link; /* the same: records that must stay apart */
  const patron_context *context;
  const patron_link_hub
      *hubs; /* they count pairs at or above `threshold`, which is that of pairs */
  size_t hub_count;
} patron_cluster_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_cluster_options_init(patron_cluster_options *options);

typedef struct patron_cluster_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t clusters;
  uint64_t refused; /* pairs that would have joined records that must stay apart */
  uint64_t bridges; /* pairs cut */
  uint64_t review;  /* clusters above the size */
  uint64_t hubs;    /* values that stopped counting */
} patron_cluster_report;

/* Groups records by pairs, the heaviest first, and of equal ones those of lesser ids. Clusters of more
 * than 1,000 records are not searched for bridges.
 *
 * linker       fitted, borrowed; not NULL.
 * left, right  as patron_linker_plan.
 * pairs        of patron_linker_predict: left, right, weight; borrowed, not NULL.
 * options      borrowed; NULL means the defaults.
 * out          receives one row a record, those of left first: id, source int64 (0 for left, 1 for
 *              right), cluster int64 (numbered by first record), size int64, review bool. Release it
 *              with patron_table_free. Not NULL.
 * report       filled on success; may be NULL.
 * Thread class SHARED. Cost O(records + pairs log pairs), and the pairs across each bridge. Statuses:
 * OK, INVALID_ARGUMENT, NOT_FOUND, FAILED_PRECONDITION, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_cluster(const patron_linker *linker,
                                               const patron_table *left, const patron_table *right,
                                               const patron_table *pairs,
                                               const patron_cluster_options *options,
                                               patron_table **out, patron_cluster_report *report,
                                               patron_error *error);

/* Why pairs joined nothing, and what stopped counting, in the clusters of the same arguments.
 *
 * linker, left, right, pairs, options  as patron_linker_cluster.
 * refusals  receives one row a pair: left, right (ids), weight float64, reason text ("cannot_link" or
 *           "bridge"), left_apart and right_apart (ids that must stay apart; null for a bridge), across
 *           float64 (what all pairs across a bridge weigh, with the prior once; null otherwise).
 *           Release it with patron_table_free. Not NULL.
 * hubs      receives one row a value: field, value text, records and people int64. Release it with
 *           patron_table_free. Not NULL.
 * Thread class SHARED. Cost as patron_linker_cluster. Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * FAILED_PRECONDITION, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_refusals(const patron_linker *linker,
                                                const patron_table *left, const patron_table *right,
                                                const patron_table *pairs,
                                                const patron_cluster_options *options,
                                                patron_table **refusals, patron_table **hubs,
                                                patron_error *error);

/* How well a grouping of records agrees with the truth. Shares of nothing are NaN. */
typedef struct patron_link_quality {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t records;
  uint64_t clusters;
  uint64_t people;
  uint64_t truth_pairs;
  uint64_t found_pairs;
  uint64_t right_pairs;
  double precision; /* of pairs, with Wilson's interval */
  double precision_low;
  double precision_high;
  double recall;
  double recall_low;
  double recall_high;
  double f1;
  double bcubed_precision; /* Bagga and Baldwin (1998) */
  double bcubed_recall;
  double bcubed_f1;
  uint64_t exact;        /* clusters that are one whole person */
  uint64_t over_merged;  /* clusters of more than one person */
  uint64_t under_merged; /* people in more than one cluster */
} patron_link_quality;

/* Compares two groupings of the same records.
 *
 * found, truth  integers or text without nulls, equal for records of one group; of equal length,
 *               borrowed; not NULL.
 * level         of the intervals, in (0, 1).
 * out           filled on success; not NULL.
 * Thread class PURE. Cost O(n log n). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_link_measure(const patron_column *found, const patron_column *truth,
                                             double level, patron_link_quality *out,
                                             patron_error *error);

typedef struct patron_sweep_options {
  uint32_t struct_size;
  uint32_t threshold_count;
  const double *thresholds;   /* of weight, ascending; NULL = every whole number from the lightest
                               pair to the heaviest, at most 200 of them */
  const patron_column *truth; /* of each record, those of left first: integers or text, equal for
                                 records of one person; NULL = not known */
  double level;               /* of the intervals, in (0, 1); 0.95 */
  const patron_context *context;
} patron_sweep_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_sweep_options_init(patron_sweep_options *options);

/* What each threshold would give.
 *
 * linker       fitted, borrowed; not NULL.
 * left, right  as patron_linker_plan.
 * pairs        of patron_linker_predict: left, right, weight; borrowed, not NULL.
 * options      borrowed; NULL means the defaults.
 * out          receives one row a threshold, ascending: threshold float64, pairs int64, clusters int64
 *              (records joined by the pairs, without guards); expected_precision, expected_recall and
 *              expected_f1 float64, by the model's probabilities alone; and with `truth` right_pairs
 *              int64, precision, precision_low, precision_high, recall, recall_low, recall_high, f1 (of
 *              the pairs), bcubed_precision, bcubed_recall and bcubed_f1 float64 (of the clusters).
 *              Shares of nothing are NaN. Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(records log records) a threshold. Statuses: OK, INVALID_ARGUMENT,
 * NOT_FOUND, FAILED_PRECONDITION, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_linker_sweep(const patron_linker *linker, const patron_table *left,
                                             const patron_table *right, const patron_table *pairs,
                                             const patron_sweep_options *options,
                                             patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_LINK_H_ */
