/* Customers: what a register says. */
#ifndef PATRON_C_CUSTOMERS_REGISTER_VIEWS_H_
#define PATRON_C_CUSTOMERS_REGISTER_VIEWS_H_

#include "patron/c/customers_register.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Which record belongs to which entity.
 *
 * reg  borrowed; not NULL.
 * at   an instant, or INT64_MAX.
 * out  receives one row a record that was there and was not erased, in order of arrival: id, source text,
 *      entity int64, kind text ("person", "organisation", "household", "internal_unit"). Release it with
 *      patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(records). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_entities(const patron_register *reg, int64_t at,
                                                  patron_table **out, patron_error *error);

/* Where records came from.
 *
 * reg     borrowed; not NULL.
 * entity  whose records; 0 = all. A retired id stands for what it was merged into.
 * out     receives one row a record that was not erased, in order of arrival: id, entity int64, source,
 *         source_key text or null, captured_at timestamp, captured_by, method, purpose text or null, trust,
 *         confidence float64, verified bool, valid_from, valid_to timestamp or null, hold text or null
 *         (the purpose for which the law keeps what is left of it), kind text. Release it with
 *         patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(records). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND (no such entity),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_records(const patron_register *reg, uint64_t entity,
                                                 patron_table **out, patron_error *error);

/* The log.
 *
 * reg  borrowed; not NULL.
 * out  receives one row a line: line int64, op text ("merge", "split", "unmerge", "assert_different"),
 *      time timestamp, actor and reason text, survivor and other int64 (entities), left_records and
 *      right_records int64 (how many each side had), undone_by and undoes int64 (lines, or null),
 *      weight float64 (of the pair that a merge rests on, or null). Release it with patron_table_free. Not
 *      NULL.
 * Thread class SHARED. Cost O(lines). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_log(const patron_register *reg, patron_table **out,
                                             patron_error *error);

/* What spoke for the merges, as it was told with their pairs.
 *
 * reg  borrowed; not NULL.
 * out  receives one row a merge and weight: line int64, left and right (ids of the pair; null if erased),
 *      field text (null: the pair as a whole), weight float64 (log2 of the odds). Release it with
 *      patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(changes + rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_register_evidence(const patron_register *reg, patron_table **out,
                                                  patron_error *error);

/* The value of each field of each entity, by rules: "verified", "trusted" (trust times confidence),
 * "recent", "complete" (from the record with the most fields), "frequent", "longest", in this order where
 * nothing else is said; of values that tie in all, that of the least record id.
 *
 * reg     borrowed; not NULL.
 * rules   columns field and rule, both text: the rules of each field in the order of the rows; field "*"
 *         stands for those that are not named, and rule "union" keeps all values. Borrowed; NULL = the
 *         order above.
 * at      an instant, or INT64_MAX.
 * losers  1: also a row for each value that lost.
 * out     receives one row an entity and field that has a value, by entity and then field: entity int64,
 *         field, value, rule text (what decided; "only" without another value, "id" by the record id,
 *         "union"), record (the id of the best record that has it), source text, won bool, losers int64
 *         (how many other values lost). The rule of a loser is the one it lost by. Release it with
 *         patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(cells log cells). Statuses: OK, INVALID_ARGUMENT (an unknown rule, with its
 * row; a rule twice), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_values(const patron_register *reg,
                                                const patron_table *rules, int64_t at,
                                                int32_t losers, patron_table **out,
                                                patron_error *error);

/* What a trade wants to know of its customers: "retail", "services", "business_to_business", "hotel" or
 * "finance".
 *
 * trade  borrowed; not NULL.
 * out    receives one row a field: field, class text ("basic", "consumption", "interaction", "social",
 *        "subjective"), required bool, weight float64 (in completeness), volatility float64 (days until a
 *        value is as good as unknown; 0 = it does not age). Such a table is a catalogue, and a caller may
 *        make one. Release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_field_catalogue(const char *trade, patron_table **out,
                                                patron_error *error);

/* What a card says in sum. */
typedef struct patron_card_summary {
  uint32_t struct_size;
  uint32_t reserved;
  uint64_t entity;
  double completeness; /* weighted share of the fields that are there */
  uint64_t missing;    /* required fields that are not */
  uint64_t unauthored; /* subjective values of which nobody knows who said them */
} patron_card_summary;

/* The information card of an entity: each field of a catalogue. A field that is the name of a type of
 * contact point is there also as a contact point.
 *
 * reg        borrowed; not NULL.
 * entity     an id that the register has given; a retired one stands for what it was merged into.
 * catalogue  columns as of patron_field_catalogue; all but field may be missing: class "basic", not
 *            required, weight 1, volatility 0. Borrowed; not NULL.
 * rules      as of patron_register_values; may be NULL.
 * at         an instant, or INT64_MAX.
 * out        receives one row a field and value, in the order of the catalogue: field, class text,
 *            required bool, value, rule text or null ("contact": from a contact point), record (id or
 *            null), source, captured_by text or null, captured_at timestamp or null, missing bool
 *            (required and not there). Release it with patron_table_free. Not NULL.
 * summary    filled; may be NULL.
 * Thread class SHARED. Cost O(register's contact points + cells of the entity). Statuses: OK,
 * INVALID_ARGUMENT (a catalogue without fields, a name twice, a weight that is not above 0, an unknown
 * class), NOT_FOUND (no such entity), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_card(const patron_register *reg, uint64_t entity,
                                              const patron_table *catalogue,
                                              const patron_table *rules, int64_t at,
                                              patron_table **out, patron_card_summary *summary,
                                              patron_error *error);

/* The register as a list, by class.
 *
 * reg        borrowed; not NULL.
 * classes    columns entity (integers) and class (text): the class of each entity. Retired ids stand for
 *            what they were merged into; entities that it lacks have none. Borrowed; NULL = none has one.
 * catalogue  as of patron_register_card; borrowed; not NULL.
 * rules      as of patron_register_values; may be NULL.
 * at         an instant, or INT64_MAX.
 * out        receives one row an entity, by class (those without one last) and then id: class text or
 *            null, entity int64, records int64, completeness float64, missing int64 (required fields that
 *            are not there), missing_fields text (their names, with ", " between; null = none), and a
 *            column of text for each required field, named "field." and its name. Release it with
 *            patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(cells log cells). Statuses: OK, INVALID_ARGUMENT (also an entity with two
 * classes), NOT_FOUND (an entity in `classes` that there is not, with its row), RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_register_list(const patron_register *reg,
                                              const patron_table *classes,
                                              const patron_table *catalogue,
                                              const patron_table *rules, int64_t at,
                                              patron_table **out, patron_error *error);

enum { PATRON_BY_RECORD = 0, PATRON_BY_ENTITY = 1, PATRON_BY_FIELD = 2 };

/* How much of a catalogue is there.
 *
 * reg        borrowed; not NULL.
 * catalogue  as of patron_register_card; borrowed; not NULL.
 * by         PATRON_BY_*.
 * at         an instant, or INT64_MAX.
 * out        receives, by record, id and entity int64, or by entity, entity int64 and records int64, and
 *            then completeness float64, filled int64 (fields), missing int64 (required fields that are not
 *            there); or by field, field, class text, required bool, weight float64, filled int64
 *            (entities), entities int64, share float64. Release it with patron_table_free. Not NULL.
 * base       filled with the completeness of the base: the mean over its entities; NaN without one. May be
 *            NULL.
 * Thread class SHARED. Cost O(cells). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_register_completeness(const patron_register *reg,
                                                      const patron_table *catalogue, int32_t by,
                                                      int64_t at, patron_table **out, double *base,
                                                      patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_REGISTER_VIEWS_H_ */
