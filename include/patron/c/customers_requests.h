/* Customers: what people ask for about their data, what must go, and what they get. */
#ifndef PATRON_C_CUSTOMERS_REQUESTS_H_
#define PATRON_C_CUSTOMERS_REQUESTS_H_

#include "patron/c/calendar.h"
#include "patron/c/customers_consents.h"
#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Computes by when requests must be answered, and how they stand. The day of receipt does not count, a
 * period of months ends on the same day of the month or its last, and each with the end of its day.
 *
 * requests  borrowed; one row a request: request_id, subject (ids), kind ("access", "correction",
 *           "erasure", "portability", "objection"), received (instant); optional extended_at,
 *           answered_at (instants or null) and refused (bool: it was answered by a refusal). Not NULL.
 * rules     borrowed; one row a rule: kind (null is all others), and one of months, days and
 *           working_days; extension_months (null is none). Not NULL.
 * calendar  whose working days count, and whose zone parts the days; borrowed; NULL means Monday to
 *           Friday without holidays, and UTC.
 * as_of     instant that open requests are judged at.
 * out       receives request_id, subject, kind, received, due (the first instant too late), state
 *           ("open", "extended", "answered", "refused"), late (bool), days_left (whole days to due, below
 *           0 when late; null when answered), a row a request; release it with patron_table_free. Not
 *           NULL.
 * Thread class SHARED. Cost O(requests). Statuses: OK, INVALID_ARGUMENT (a kind without a rule, an
 * extension after the first due date or that the rule does not allow, an answer before the receipt),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_requests_due(const patron_table *requests,
                                             const patron_table *rules,
                                             const patron_calendar *calendar, int64_t as_of,
                                             patron_table **out, patron_error *error);

/* Says what data must go, and why.
 *
 * consents  whose purposes say how long data are kept, and whose facts say whether they may be; borrowed;
 *           not NULL.
 * items     borrowed; one row for what is kept: subject (id), purpose, since (instant from which the
 *           period counts, such as the last purchase); optional hold (text: why the law keeps it; null
 *           is none). Not NULL.
 * as_of     instant.
 * out       receives subject, purpose, since, due (first instant at which it must be gone; null if
 *           nothing says so), must_go (bool), reason ("period_over", "consent_ended",
 *           "unknown_purpose", "legal_hold", "within_period", "no_period") and hold, a row an item;
 *           release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(items x facts of a person). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_retention_due(const patron_consents *consents,
                                              const patron_table *items, int64_t as_of,
                                              patron_table **out, patron_error *error);

/* Writes all there is about a person as JSON (RFC 8259): an object with format "patron.export.1",
 * subject, made_at, and parts: by name a list of objects, in the order of rows and columns. Instants are
 * text in ISO 8601, what is not there and what is no finite number is null.
 *
 * subject  id, where ids are integers.
 * text     id, where they are text; borrowed; NULL means `subject`.
 * by       column of the tables that says whom a row is about; borrowed; not NULL.
 * names    of the parts, `count` borrowed texts, distinct; not NULL unless there are none.
 * tables   of the parts, `count` borrowed tables, each with the column `by`; only rows of the person are
 *          written. Not NULL unless there are none.
 * made_at  instant.
 * out      receives UTF-8 bytes; release them with patron_bytes_free. Not NULL.
 * Thread class PURE. Cost O(cells). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_export_json(int64_t subject, const char *text, const char *by,
                                            const char *const *names,
                                            const patron_table *const *tables, size_t count,
                                            int64_t made_at, patron_bytes **out,
                                            patron_error *error);

/* Writes contacts as vCard 4.0 (RFC 6350): escaped, folded at 75 octets between characters, in UTF-8.
 *
 * table  borrowed; one row a contact: name (FN, must be there); optional, null where it says nothing:
 *        uid, kind ("individual", "org", "group", "location"), surname, given, phone, phone_2 to
 *        phone_9, email, email_2 to email_9 (the first is preferred), organisation, title, street, city,
 *        region, postcode, country, birthday (date), url, note, revised (instant). Control characters
 *        are left out, line ends kept. Not NULL.
 * out    receives the bytes of all cards; release them with patron_bytes_free. Not NULL.
 * Thread class PURE. Cost O(bytes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_export_vcard(const patron_table *table, patron_bytes **out,
                                             patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_REQUESTS_H_ */
