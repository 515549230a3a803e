/* Forms of complaints as data: checklists, reports, records, letters; filled from the case. */
#ifndef PATRON_C_FORM_H_
#define PATRON_C_FORM_H_

#include "patron/c/casebook.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A form. It cannot be changed once made, and any number of threads may use it. */
typedef struct patron_form patron_form;

/* A form with what is known of one case at one moment. */
typedef struct patron_filled_form patron_filled_form;

/* Makes a form that comes with the library.
 *
 * name  "nine_questions", "investigation", "phone", "crisis" (3W4R8F), "audit", "wrong_ways", or a
 *       letter: "acknowledgement", "holding", "information_request", "upheld", "partly_upheld",
 *       "rejected", "summary_resolution", "goodwill", "external_remedy", "crisis_statement",
 *       "closure". Borrowed; not NULL.
 * out   receives the handle; release it with patron_form_free. Not NULL.
 * Thread class PURE. Cost O(fields). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_form_preset(const char *name, patron_form **out,
                                            patron_error *error);

/* Makes a form of JSON text: name, version, title, source, body and the list fields, each with name,
 * question, type ("text", "number", "time", "flag", "choice"), required, choices, and source: kind,
 * and what that needs of part, event, other, clock, minutes and most. Fields that are left out are
 * empty.
 *
 * text  `size` bytes of UTF-8, borrowed; may come from anywhere. Not NULL.
 * out   receives the handle; release it with patron_form_free. Not NULL.
 * Thread class PURE. Cost O(size + fields^2). Statuses: OK, INVALID_ARGUMENT (naming line and column,
 * the field and what is wrong with it, or the line of the body), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_form_from_json(const void *text, size_t size, patron_form **out,
                                               patron_error *error);

/* Writes `form` as JSON text: equal forms give equal text.
 *
 * form  borrowed; not NULL.
 * out   receives UTF-8 text without a zero at its end; release it with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(form). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_form_to_json(const patron_form *form, patron_bytes **out,
                                             patron_error *error);

/* Releases `form`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(fields). Statuses: none. Since 0.1.
 */
PATRON_API void patron_form_free(patron_form *form);

/* Finds what is unwise in a form: fields without a question, or that its body does not print;
 * required ones that cannot be missing; events and clocks that the policy does not have.
 *
 * form    borrowed; not NULL.
 * policy  borrowed; NULL leaves out the last two.
 * out     receives a table, one row a finding: problem ("no_question", "not_printed",
 *         "never_missing", "unknown_event", "unknown_clock"), field, message. Release it with
 *         patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(form * events). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_form_check(const patron_form *form, const patron_policy *policy,
                                           patron_table **out, patron_error *error);

/* Whose case at which moment. */
typedef struct patron_form_moment {
  uint32_t struct_size;
  uint32_t reserved;     /* zero */
  int64_t case_id;       /* not read if case_text is there; 0 */
  const char *case_text; /* NULL = the integer */
  int64_t now;           /* at which clocks are read; 0 */
  int64_t recorded;      /* only what was recorded, */
  int64_t occurred;      /* and had occurred by then; PATRON_NO_TIME = all */
} patron_form_moment;

/* Fills the defaults named in the struct. `moment` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_form_moment_init(patron_form_moment *moment);

/* Fills a form: from the case where the log knows the answer, from `answers` where it does not.
 *
 * form      borrowed, copied; not NULL.
 * casebook  borrowed; not NULL.
 * moment    borrowed; not NULL.
 * answers   columns field and answer, both text; an answer wins over what the log says, but none is
 *           taken where the log decides (yes, no or not applicable). Borrowed; NULL for none.
 * out       receives the handle; release it with patron_filled_form_free. Not NULL.
 * Thread class SHARED. Cost O(fields * events of the case). Statuses: OK, INVALID_ARGUMENT (an answer
 * that no field of the form takes, naming field and value), NOT_FOUND (a case that had not been
 * received by then), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_form_fill(const patron_form *form, const patron_casebook *casebook,
                                          const patron_form_moment *moment,
                                          const patron_table *answers, patron_filled_form **out,
                                          patron_error *error);

/* Releases `filled`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(fields). Statuses: none. Since 0.1.
 */
PATRON_API void patron_filled_form_free(patron_filled_form *filled);

/* How far a form is filled. */
typedef struct patron_form_summary {
  uint32_t struct_size; /* set by the caller before the call */
  uint32_t reserved;
  uint64_t missing; /* required, and nobody knows */
  uint64_t asked;   /* flags that are yes or no, */
  uint64_t met;     /* and those that are yes: the score is met / asked */
} patron_form_summary;

/* The fields with their values.
 *
 * filled    borrowed; not NULL.
 * fields    receives a table in the order of the form: field, question, type, required bool, value
 *           (text; null if there is none), origin ("log", "answer", "missing", "empty",
 *           "not_applicable"), why (of a flag that the log denies; else null). Release it with
 *           patron_table_free. May be NULL.
 * evidence  receives a table, one row an event that shows the value of a field: field, event (an id
 *           of the casebook). Release it with patron_table_free. May be NULL.
 * summary   filled on success; may be NULL.
 * Thread class SHARED. Cost O(fields). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_filled_form_read(const patron_filled_form *filled,
                                                 patron_table **fields, patron_table **evidence,
                                                 patron_form_summary *summary, patron_error *error);

enum {
  PATRON_FORM_TEXT = 0, /* values as they are */
  PATRON_FORM_HTML = 1  /* values escaped for HTML, line ends as <br> */
};

/* Prints a filled form by its body, or as questions with values.
 *
 * filled  borrowed; not NULL.
 * target  PATRON_FORM_*.
 * out     receives UTF-8 text without a zero at its end; release it with patron_bytes_free. Not NULL.
 * Thread class SHARED. Cost O(text). Statuses: OK, INVALID_ARGUMENT, FAILED_PRECONDITION (required
 * fields are missing, naming the first), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_filled_form_print(const patron_filled_form *filled, int32_t target,
                                                  patron_bytes **out, patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_FORM_H_ */
