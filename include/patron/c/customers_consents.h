/* Customers: what people have agreed to, asked at the moment of use. */
#ifndef PATRON_C_CUSTOMERS_CONSENTS_H_
#define PATRON_C_CUSTOMERS_CONSENTS_H_

#include "patron/c/table.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_consents patron_consents;

/* Why data may be used or not. */
enum {
  PATRON_CONSENT_GRANTED = 0,
  PATRON_CONSENT_EXPIRED = 1,        /* the consent has ended by its term */
  PATRON_CONSENT_WITHDRAWN = 2,      /* it was taken back */
  PATRON_CONSENT_DENIED = 3,         /* it was refused, or the person objected */
  PATRON_CONSENT_NONE = 4,           /* nothing is recorded for the purpose */
  PATRON_CONSENT_NOT_YET = 5,        /* a consent begins later */
  PATRON_CONSENT_OUT_OF_SCOPE = 6,   /* there is a consent, but not for this field or channel */
  PATRON_CONSENT_NOT_SEPARATE = 7,   /* a sensitive field, and no consent for such fields */
  PATRON_CONSENT_FIELD_OUTSIDE = 8,  /* the purpose does not need this field */
  PATRON_CONSENT_CHANNEL_OUTSIDE = 9 /* the purpose does not use this channel */
};

/* What a use may rest on: GDPR article 6(1), and of PIPL article 13 what that lacks. */
enum {
  PATRON_BASIS_CONSENT = 0,
  PATRON_BASIS_CONTRACT = 1,
  PATRON_BASIS_LEGAL_OBLIGATION = 2,
  PATRON_BASIS_VITAL_INTERESTS = 3,
  PATRON_BASIS_PUBLIC_TASK = 4,
  PATRON_BASIS_LEGITIMATE_INTERESTS = 5,
  PATRON_BASIS_PUBLIC_REPORTING = 6,
  PATRON_BASIS_DISCLOSED = 7
};

typedef struct patron_permission {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t allowed;      /* 0 or 1 */
  int32_t reason;       /* PATRON_CONSENT_* */
  int32_t basis;        /* PATRON_BASIS_* of the line that decided; -1 = none named */
  int64_t line;         /* that decided; -1 = none */
  int64_t since;        /* since when, or for NOT_YET from when on; INT64_MAX without a line */
  int64_t until;        /* when an allowed use ends; INT64_MAX = open */
} patron_permission;

/* "granted", "withdrawn" and so on; "unknown" for a number that is none. The text is static.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API const char *patron_consent_reason_name(int32_t reason);

/* Makes a book without facts.
 *
 * purposes  borrowed; one row a purpose: name (text, distinct); text (as it is shown to people), bases
 *           ("consent", "contract", "legal_obligation", "vital_interests", "public_task",
 *           "legitimate_interests", "public_reporting", "disclosed"; null is "consent"), fields (that
 *           it needs; null is any), sensitive (of them those that need a consent of their own),
 *           channels (null is any), all lists of names between commas; retention_days (whole; null or
 *           0 is not said). All but name may be missing. Not NULL.
 * out       receives the handle; release it with patron_consents_free. Not NULL.
 * Thread class PURE. Cost O(purposes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_consents_create(const patron_table *purposes, patron_consents **out,
                                                patron_error *error);

/* Releases `consents`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(facts). Statuses: none. Since 0.1.
 */
PATRON_API void patron_consents_free(patron_consents *consents);

/* Adds purposes; one that is there cannot be changed, as a changed purpose needs another consent.
 *
 * consents  borrowed; not NULL. After a failure the purposes of rows before the one named are there.
 * purposes  as above.
 * Thread class EXCLUSIVE. Cost O(purposes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since
 * 0.1.
 */
PATRON_API patron_status patron_consents_add_purposes(patron_consents *consents,
                                                      const patron_table *purposes,
                                                      patron_error *error);

/* What became of the rows of a call. */
typedef struct patron_consent_report {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t recorded;
  uint64_t duplicates; /* facts that were there already, equal in all */
} patron_consent_report;

/* Records facts, in any order. What holds at an instant is a fold over the facts that hold from then or
 * before, in order of time; at one instant what forbids comes last. The last fact for a field, a
 * channel and a basis decides.
 *
 * consents  borrowed; not NULL. After a failure nothing has been recorded.
 * table     borrowed; one row a fact: subject (id), purpose, status ("granted", "denied", "withdrawn",
 *           "expired"), time (from when on it holds); optional, null where it says nothing: basis (of
 *           a grant null is "consent"; else all that a person can take back: consent, public_task,
 *           legitimate_interests, disclosed), fields and channels (names between commas; null is
 *           all), sensitive (bool: a grant that is also for sensitive fields, else what ends is for
 *           these alone), expires_at (of a grant), withdrawn_at (of a grant: a withdrawal of the same
 *           scope, as a second fact), text_version, evidence, minor (bool), guardian (who agreed for
 *           a minor). Not NULL.
 * report    filled on success; may be NULL.
 * Thread class EXCLUSIVE. Cost O(facts of the person) a row. Statuses: OK, INVALID_ARGUMENT (a consent
 * that ends before it begins, a purpose that is not there, a basis that it may not rest on, ...),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_consents_record(patron_consents *consents,
                                                const patron_table *table,
                                                patron_consent_report *report, patron_error *error);

/* Whether data of a person may be used for a purpose, at an instant.
 *
 * consents  borrowed; not NULL.
 * subject   id, where ids are integers.
 * name      id, where they are text; borrowed; NULL means `subject`.
 * purpose   borrowed; not NULL.
 * field     borrowed; NULL asks for all that the purpose needs, and if it does not say, for everything:
 *           then only a consent for all fields is enough.
 * channel   borrowed; NULL the same.
 * time      microseconds since 1970-01-01 UTC.
 * out       filled on success. Not NULL.
 * Thread class SHARED. Cost O(facts of the person); allocates nothing. Statuses: OK, INVALID_ARGUMENT,
 * NOT_FOUND (no such purpose). Since 0.1.
 */
PATRON_API patron_status patron_consents_may(const patron_consents *consents, int64_t subject,
                                             const char *name, const char *purpose,
                                             const char *field, const char *channel, int64_t time,
                                             patron_permission *out, patron_error *error);

/* The same for many.
 *
 * consents   borrowed; not NULL.
 * questions  borrowed; columns subject and purpose, and field, channel and time where they are asked
 *            for. Not NULL.
 * time       of questions without a time.
 * out        receives allowed (bool), reason (text), basis (text or null), line (or null), since and
 *            until (timestamps or null), a row a question; release it with patron_table_free. Not
 *            NULL.
 * Thread class SHARED. Cost O(facts of the persons). Statuses: OK, INVALID_ARGUMENT (a purpose that is
 * not there, naming the row), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_consents_may_all(const patron_consents *consents,
                                                 const patron_table *questions, int64_t time,
                                                 patron_table **out, patron_error *error);

/* The facts, in order of line: line, subject, purpose, status, basis, fields, channels, sensitive, time,
 * expires_at, text_version, evidence, minor, guardian.
 *
 * consents  borrowed; not NULL.
 * subjects  ids whose facts are wanted, borrowed; NULL means all.
 * out       receives the table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(facts log facts). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_consents_facts(const patron_consents *consents,
                                               const patron_column *subjects, patron_table **out,
                                               patron_error *error);

/* The purposes as they were given: name, text, bases, fields, sensitive, channels, retention_days.
 *
 * consents  borrowed; not NULL.
 * out       receives the table; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(purposes). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_consents_purposes(const patron_consents *consents,
                                                  patron_table **out, patron_error *error);

/* Forgets persons: their facts, evidence and ids. Lines of others keep their numbers.
 *
 * consents  borrowed; not NULL.
 * subjects  ids, borrowed; not NULL. Those that are not there are passed over.
 * facts     filled with the number of facts that were forgotten; may be NULL.
 * Thread class EXCLUSIVE. Cost O(facts of the persons). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_consents_erase(patron_consents *consents,
                                               const patron_column *subjects, uint64_t *facts,
                                               patron_error *error);

/* How many facts and persons there are.
 *
 * consents  borrowed; not NULL.
 * facts     filled; may be NULL.
 * subjects  filled; may be NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_consents_get_size(const patron_consents *consents, uint64_t *facts,
                                                  uint64_t *subjects, patron_error *error);

/* Writes `consents` as canonical patron.v1 bytes. What is read from them gives the same bytes again.
 *
 * consents  borrowed; not NULL.
 * out       receives the bytes; release them with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(facts). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_consents_serialize(const patron_consents *consents,
                                                   patron_bytes **out, patron_error *error);

/* Reads what patron_consents_serialize wrote, `size` borrowed bytes from anywhere.
 * out    receives the handle; release it with patron_consents_free. Not NULL.
 * Thread class PURE. Cost O(size). Statuses: OK, INVALID_ARGUMENT, DATA_LOSS (not such bytes),
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_consents_deserialize(const void *bytes, size_t size,
                                                     patron_consents **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_CONSENTS_H_ */
