/* The life of customer relationships: potential, prospect, new, mature, dormant, lost, won back. */
#ifndef PATRON_C_LIFECYCLE_H_
#define PATRON_C_LIFECYCLE_H_

#include "patron/c/table.h"
#include "patron/c/tiers.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Facts of customer relationships and the stage of each as their fold: in which pieces and order
 * facts come, and how often, does not matter. Ids are integers or text, as the first ones are. */
typedef struct patron_lifecycle patron_lifecycle;

/* The rules. Gaps are the days between purchase days; a customer's usual gap is the median of its
 * own, if there are min_gaps of them, else default_gap. */
typedef struct patron_lifecycle_rules {
  uint32_t struct_size;
  int32_t new_days;         /* after which who is new, or won back, is mature; 90 */
  int32_t mature_purchases; /* or on so many purchase days since; 2 */
  int32_t min_gaps;         /* 2 */
  double default_gap;       /* days; 90 */
  double dormant_gaps;      /* dormant when silent for more than so many usual gaps; 2 */
  double lost_gaps;         /* lost, the same; infinity: never by silence; 6 */
  double alive_floor;       /* lost below this probability of being alive; 0.2 */
  double ours_share;        /* ours from this share of wallet on; 0.8 */
  double competitors_share; /* a competitor's up to this one; 0.2 */
} patron_lifecycle_rules;

/* Fills the defaults named in the struct. `rules` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_lifecycle_rules_init(patron_lifecycle_rules *rules);

/* Makes an empty one.
 *
 * rules  borrowed; NULL means the defaults.
 * zone   IANA zone whose midnights part the days; borrowed; NULL means "UTC".
 * out    receives the handle; release it with patron_lifecycle_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT (a rule out of its range, or one that
 * contradicts another), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_lifecycle_create(const patron_lifecycle_rules *rules,
                                                 const char *zone, patron_lifecycle **out,
                                                 patron_error *error);

/* Releases `lifecycle`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(customers). Statuses: none. Since 0.1.
 */
PATRON_API void patron_lifecycle_free(patron_lifecycle *lifecycle);

/* Takes facts.
 *
 * lifecycle  not NULL.
 * facts      columns customer_id, ids; time, dates or timestamps; kind, text: "potential" (is on a
 *            list), "contact", "purchase", "wallet" (value: our share of what the customer spends),
 *            "alive" (value: the probability that it will buy again) or "lost" (said so); value,
 *            numbers, 0 to 1 where needed, not read else; may be left out. Borrowed; not NULL.
 * Thread class EXCLUSIVE. Cost O(rows) for facts that are the latest of their customers. If it fails,
 * nothing was taken. Statuses: OK, INVALID_ARGUMENT (naming column, row and value),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_lifecycle_append(patron_lifecycle *lifecycle,
                                                 const patron_table *facts, patron_error *error);

/* Takes purchases: the days on which customers bought.
 *
 * lifecycle  not NULL.
 * purchases  borrowed; not NULL. Rows with an amount below 0 are returns, and left out: a purchase that
 *            was taken back is not to be among the rows.
 * columns    borrowed; NULL means the defaults. Customer, time and amount are read.
 * Thread class EXCLUSIVE. Cost and failure as patron_lifecycle_append. Statuses: OK,
 * INVALID_ARGUMENT, OUT_OF_RANGE (money), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status
patron_lifecycle_append_purchases(patron_lifecycle *lifecycle, const patron_table *purchases,
                                  const patron_transaction_columns *columns, patron_error *error);

/* Where each customer stands.
 *
 * lifecycle  borrowed; not NULL.
 * as_of      day, included; PATRON_NO_DAY = that of the last fact.
 * out        receives a table, one row a customer with facts by then, ids ascending: customer_id,
 *            stage, since date, whose ("undetermined", "ours", "shared", "competitors"),
 *            share_of_wallet (null if it is not known), purchase_days, first_purchase and
 *            last_purchase dates (null without any), usual_gap (days), next_change (date on which the
 *            stage changes by itself; null if it does not). Release it with patron_table_free. Not
 *            NULL.
 * Thread class SHARED. Cost O(facts log facts). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_lifecycle_customers(const patron_lifecycle *lifecycle,
                                                    int32_t as_of, patron_table **out,
                                                    patron_error *error);

/* The changes, each with its cause.
 *
 * lifecycle  borrowed; not NULL.
 * since      day, included; PATRON_NO_DAY = from the beginning.
 * as_of      day, included; PATRON_NO_DAY = that of the last fact.
 * out        receives a table by customer, ids ascending, then by time: customer_id, date, axis
 *            ("stage" or "whose"), before, after, cause ("listed", "contact", "first_purchase",
 *            "purchases", "age", "silence", "unlikely", "reported", "return", "wallet"), measured and
 *            limit (what was measured and the limit that it passed; null where there is none).
 *            Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(facts log facts). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_lifecycle_changes(const patron_lifecycle *lifecycle, int32_t since,
                                                  int32_t as_of, patron_table **out,
                                                  patron_error *error);

/* The facts, each once: what patron_lifecycle_append takes to make an equal one.
 *
 * lifecycle  borrowed; not NULL.
 * out        receives a table by customer, ids ascending, then by time: customer_id, time (dates),
 *            kind, value (null where it is not read). Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(facts). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_lifecycle_facts(const patron_lifecycle *lifecycle,
                                                patron_table **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_LIFECYCLE_H_ */
