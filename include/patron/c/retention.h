/* Keeping and winning back, work lists, referral, and what customers are worth in all. */
#ifndef PATRON_C_RETENTION_H_
#define PATRON_C_RETENTION_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Lists why customers leave (Keaveney, 1995).
 *
 * out  receives reason, share (of those who switched, as published; answers are multiple), voluntary
 *      and curable (a convention); release it with patron_table_free. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_churn_reasons(patron_table **out, patron_error *error);

/* By how many percent the value m r / (1 + d - r) grows with one percent of retention.
 *
 * retention  0 to 1, below 1 + discount.
 * discount   above -1.
 * out        filled on success. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_retention_elasticity(double retention, double discount, double *out,
                                                     patron_error *error);

/* The value of a customer who has come back: the first margin comes at once.
 *
 * margin     of a period.
 * retention  0 to 1.
 * discount   above -1; without end, 1 + discount above retention.
 * periods    1 or more; -1 = without end.
 * out        filled on success. Not NULL.
 * Thread class PURE. Cost O(periods). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_second_lifetime_value(double margin, double retention,
                                                      double discount, int64_t periods, double *out,
                                                      patron_error *error);

/* Decides offers to customers at risk: none may cost more than it is expected to save.
 *
 * table  borrowed; columns p_churn and save_rate (0 to 1), value and offer (numbers). Not NULL.
 * out    receives a row a row: cap (p_churn x save_rate x value), expected (cap - offer), accepted;
 *        release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_save_offers(const patron_table *table, patron_table **out,
                                            patron_error *error);

typedef struct patron_win_back_options {
  uint32_t struct_size;
  uint32_t reserved;     /* 0 */
  double half_life_days; /* in which the probability of a return halves; may be infinite; 180 */
  double by_reason[8];   /* factors of the probability, in the order of patron_churn_reasons; 1 */
  int32_t curable[8];    /* 1 for reasons that the firm can put right; the first five */
} patron_win_back_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_win_back_options_init(patron_win_back_options *options);

/* Values the attempt to win lost customers back.
 *
 * table    borrowed; columns p_win (0 to 1, right after the loss), second_value, and where they
 *          matter days_since_loss, offer, contact_cost (0 or more) and reason (text; null = unknown,
 *          which is curable). Not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives a row a row: p_win (after time and reason), value (p_win x second_value - offer -
 *          contact_cost), curable, worth (curable, and a value above 0); release it with
 *          patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_win_back(const patron_table *table,
                                         const patron_win_back_options *options, patron_table **out,
                                         patron_error *error);

typedef struct patron_work_list_options {
  uint32_t struct_size;
  uint32_t reserved;   /* 0 */
  double loyalty;      /* the loyal: at least this; 0.6 */
  double risk;         /* about to leave: at least this; 0.5 */
  double value_share;  /* high value: so large a share of those whose value is known; 0.2 */
  double satisfaction; /* the dissatisfied: at most this; 0.4 */
} patron_work_list_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_work_list_options_init(patron_work_list_options *options);

/* Makes the four work lists of retention.
 *
 * table    borrowed; customer_id, and any of loyalty, risk, value, satisfaction (numbers; null and
 *          NaN = unknown). Not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives list ("loyal", "about_to_leave", "high_value", "dissatisfied"), rank (from 1),
 *          customer_id, measure, bound (that it has reached) and lists (bit i for each list i that
 *          the customer is on), by list and rank; release it with patron_table_free. Not NULL.
 * overlap  filled with 16 numbers: customers on both of two lists, row after row, and on the
 *          diagonal on one; may be NULL.
 * Thread class SHARED. Cost O(n log n). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_work_lists(const patron_table *table,
                                           const patron_work_list_options *options,
                                           patron_table **out, uint64_t *overlap,
                                           patron_error *error);

/* Sums what recommendations are worth (Kumar, Petersen and Leone, 2007).
 *
 * table     borrowed; one row a customer who came by a recommendation: referrer (id), margin, and
 *           where they matter referral_cost, marketing_cost, acquisition_saving, period (periods from
 *           now), would_have_come (1 = type two: the saving alone counts). Not NULL.
 * discount  of a period; above -1.
 * out       receives customer_id (the referrer), type_one, type_two (counts) and value, by id;
 *           release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows), and a sort of the ids. Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_referral_value(const patron_table *table, double discount,
                                               patron_table **out, patron_error *error);

typedef struct patron_word_of_mouth {
  uint32_t struct_size;
  uint32_t reserved;      /* 0 */
  double good;            /* experiences; 0 */
  double bad;             /* 0 */
  double value;           /* lifetime value of a customer; 0 */
  double tell_good;       /* people told; NaN = default wom_positive_good_service; NaN */
  double tell_bad;        /* NaN = default wom_negative_mean; NaN */
  double circle;          /* people that can be reached; NaN = default personal_circle_size; NaN */
  double conversion_good; /* share of those told who become customers; 0.01 */
  double loss_bad;        /* share of those told who are lost; 0.01 */
} patron_word_of_mouth;

/* Fills the defaults named in the struct. `words` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_word_of_mouth_init(patron_word_of_mouth *words);

/* What experiences bring by word of mouth: good x told x conversion x value less bad x told x loss x
 * value, where nobody tells more people than the circle.
 *
 * words    borrowed; not NULL.
 * context  borrowed; its defaults give what is NaN; may be NULL.
 * out      filled on success. Not NULL.
 * Thread class PURE. Cost O(1). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND. Since 0.1.
 */
PATRON_API patron_status patron_word_of_mouth_balance(const patron_word_of_mouth *words,
                                                      const patron_context *context, double *out,
                                                      patron_error *error);

/* Credits customers for those whom they brought, and whom those brought in turn.
 *
 * table    borrowed; customer_id (each once), referred_by (an id of these; null = nobody), value. Not
 *          NULL.
 * weights  share of the value that the referrer gets, the referrer's referrer, and so on; borrowed.
 * count    of the weights; 1 to 100.
 * out      receives customer_id, credit, depth (0 = came by nobody), in the order of `table`; release
 *          it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows x count). Statuses: OK, INVALID_ARGUMENT (a circle, or a customer
 * who brought itself), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_referral_credit(const patron_table *table, const double *weights,
                                                size_t count, patron_table **out,
                                                patron_error *error);

/* Adds up what customers are worth, and rolls it up the accounts that they belong to.
 *
 * table  borrowed; customer_id (each once), and any of purchase_value, referral_value,
 *        retention_value, cost_to_serve (numbers), parent (an id of these; null = none). Not NULL.
 * out    receives customer_id, purchase_value, referral_value, retention_value, cost_to_serve, worth
 *        (the first three less the fourth) and account_worth (with all under it), in the order of
 *        `table`; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(rows). Statuses: OK, INVALID_ARGUMENT (a circle), RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_customer_worth(const patron_table *table, patron_table **out,
                                               patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_RETENTION_H_ */
