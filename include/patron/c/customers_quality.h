/* Customers: how good data are. */
#ifndef PATRON_C_CUSTOMERS_QUALITY_H_
#define PATRON_C_CUSTOMERS_QUALITY_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* How a value ages: max(0, 1 - age / volatility)^exponent (Ballou et al. 1998), or
 * exp(-age / volatility) (Heinrich et al. 2007). */
enum { PATRON_TIMELINESS_BALLOU = 0, PATRON_TIMELINESS_HEINRICH = 1 };

typedef struct patron_quality_options {
  uint32_t struct_size;
  int32_t timeliness; /* PATRON_TIMELINESS_BALLOU */
  double exponent;    /* of Ballou's form; 1 */
  double weights[5];  /* of completeness, validity, uniqueness, timeliness, consistency in the
                            overall score; 0 or more; 0.25, 0.25, 0.2, 0.2, 0.1 */
  double level;       /* of Wilson's intervals; 0.95 */
  int64_t as_of;      /* instant that ages are counted to, microseconds since 1970-01-01 UTC */
  const char *source; /* column that says where a record comes from; NULL = all from one */
  const char *entity; /* column that says who a record is of; NULL = uniqueness is not known */
  const char *id;     /* column of ids of records, where `verified` is given; "id" */
  const char *region; /* of phone numbers, as patron_keys_options; "CN" */
} patron_quality_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_quality_options_init(patron_quality_options *options);

/* Measures the quality of records: completeness (filled cells by weight), validity (valid of the filled
 * ones), uniqueness (entities by records), timeliness (mean over dated filled cells), consistency
 * (rules kept of those that apply), accuracy (against a verified sample), and a weighted geometric mean
 * of those parts that are known. Empty text is not filled.
 *
 * table     one row a record, borrowed; not NULL.
 * fields    borrowed; one row a field: field (name of its column, distinct); weight (above 0; null is
 *           1); kind ("text", "name", "phone", "email", "identity", "address", "job", "number", "date";
 *           null is "text"), which says what is valid and how fast it ages; pattern (a regular
 *           expression of ICU that the whole value must match), low and high (ends of a number's
 *           range), updated (name of a column with the instant at which the value was seen to be
 *           right), volatility_days (null: phone 3 years, address 5, job 2, email 4, name 30; others
 *           are not timed). Text with signs of damage (U+FFFD, private use, "?" beside Han) is not
 *           valid. All but field may be missing. Not NULL.
 * rules     borrowed; one row a rule: name, left (a column), op ("<", "<=", "=", "!=", ">", ">="), and
 *           either right (a column) or value (text or number as text); when and equals: it applies only
 *           where that column has that text. It applies where both sides are there. NULL: no rules.
 * verified  borrowed; columns id and fields, with values that were found right; NULL: no sample.
 * options   borrowed; not NULL, as as_of has no default.
 * by_field  receives field, cells, filled, valid, completeness, validity, timeliness, checked, correct,
 *           accuracy, accuracy_low, accuracy_high, overall; may be NULL, as the next three.
 * by_record receives row, completeness, validity, timeliness, consistency, overall.
 * by_source receives source, records, completeness, validity, uniqueness, timeliness, consistency,
 *           checked, correct, accuracy, accuracy_low, accuracy_high, overall, trust: the lower end of
 *           the interval of the accuracy, without a sample the mean of validity, timeliness and
 *           consistency.
 * base      receives the same of all in one row, without source. What is not known is null. Release
 *           all four with patron_table_free.
 * Thread class PURE. Cost O(cells). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_quality(const patron_table *table, const patron_table *fields,
                                        const patron_table *rules, const patron_table *verified,
                                        const patron_quality_options *options,
                                        patron_table **by_field, patron_table **by_record,
                                        patron_table **by_source, patron_table **base,
                                        patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_QUALITY_H_ */
