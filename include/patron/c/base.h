/* Status, error, version, context and named defaults. */
#ifndef PATRON_C_BASE_H_
#define PATRON_C_BASE_H_

#include <stddef.h>
#include <stdint.h>

#if defined(__GNUC__)
#define PATRON_API __attribute__((visibility("default")))
#else
#define PATRON_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Status and error ---- */

typedef int32_t patron_status;
enum {
  PATRON_OK = 0,
  PATRON_CANCELLED = 1,
  PATRON_UNKNOWN = 2,
  PATRON_INVALID_ARGUMENT = 3,
  PATRON_DEADLINE_EXCEEDED = 4,
  PATRON_NOT_FOUND = 5,
  PATRON_ALREADY_EXISTS = 6,
  PATRON_PERMISSION_DENIED = 7,
  PATRON_RESOURCE_EXHAUSTED = 8,
  PATRON_FAILED_PRECONDITION = 9,
  PATRON_ABORTED = 10,
  PATRON_OUT_OF_RANGE = 11,
  PATRON_UNIMPLEMENTED = 12,
  PATRON_INTERNAL = 13,
  PATRON_UNAVAILABLE = 14,
  PATRON_DATA_LOSS = 15,
  PATRON_UNAUTHENTICATED = 16
};

/* What went wrong. Belongs to the caller; `message` always ends in a zero byte. */
typedef struct patron_error {
  int32_t code;
  uint32_t reserved;
  char message[1024];
} patron_error;

/* Name of a status, such as "INVALID_ARGUMENT"; "UNKNOWN" for a number that is none. The text is
 * static.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API const char *patron_status_name(patron_status status);

/* ---- Version ---- */

/* The binary interface this library offers; grows with every addition.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API uint32_t patron_abi_version(void);

/* The oldest binary interface whose programs still run with this library.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API uint32_t patron_abi_version_min(void);

/* The release, such as "0.1.0". The text is static.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API const char *patron_version_string(void);

/* ---- Bytes: memory that the library has written ---- */

typedef struct patron_bytes patron_bytes;

/* The first of the bytes, valid until they are freed; NULL for NULL. `bytes` is borrowed.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API const void *patron_bytes_data(const patron_bytes *bytes);

/* How many there are; 0 for NULL. `bytes` is borrowed.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API size_t patron_bytes_size(const patron_bytes *bytes);

/* Releases `bytes`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_bytes_free(patron_bytes *bytes);

/* ---- Named defaults: every number taken from the literature ---- */

typedef struct patron_defaults patron_defaults;

enum {
  PATRON_CONFIDENCE_SEED_CLAIM = 0,      /* said in a management text, not measured */
  PATRON_CONFIDENCE_SEED_DEFINITION = 1, /* a definition of a management text */
  PATRON_CONFIDENCE_FIELD_MEASURED = 2,  /* measured in a published study */
  PATRON_CONFIDENCE_CONVENTION = 3       /* a convention of the field or of Patron */
};

/* One named number. The texts live as long as the patron_defaults they came from. */
typedef struct patron_default {
  uint32_t struct_size; /* set by the caller before the call */
  int32_t confidence;   /* PATRON_CONFIDENCE_* */
  const char *name;
  const char *unit;
  const char *source;
  double value;
  double built_in; /* the value before any patron_defaults_set */
  double low;      /* least value that patron_defaults_set takes */
  double high;     /* greatest */
} patron_default;

/* Makes a copy of the built-in defaults that can be changed.
 *
 * out    receives the handle; release it with patron_defaults_free. Not NULL.
 * error  may be NULL.
 * Thread class PURE. Cost O(number of defaults). Statuses: OK, INVALID_ARGUMENT,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_defaults_create(patron_defaults **out, patron_error *error);

/* Releases `defaults`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(number of defaults). Statuses: none. Since 0.1.
 */
PATRON_API void patron_defaults_free(patron_defaults *defaults);

/* Reads one default by name.
 *
 * defaults  borrowed; NULL reads the built-in ones.
 * name      borrowed; not NULL.
 * out       filled on success; its struct_size says how much the caller has room for. Not NULL.
 * Thread class SHARED. Cost O(log number of defaults).
 * Statuses: OK, INVALID_ARGUMENT, NOT_FOUND. Since 0.1.
 */
PATRON_API patron_status patron_defaults_get(const patron_defaults *defaults, const char *name,
                                             patron_default *out, patron_error *error);

/* Overrides one default.
 *
 * defaults  borrowed; not NULL.
 * name      borrowed; not NULL.
 * value     within [low, high] of the default.
 * Thread class EXCLUSIVE. Cost O(log number of defaults).
 * Statuses: OK, INVALID_ARGUMENT, NOT_FOUND, OUT_OF_RANGE, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_defaults_set(patron_defaults *defaults, const char *name,
                                             double value, patron_error *error);

/* Gives one default its built-in value back, or all.
 *
 * defaults  borrowed; not NULL.
 * name      borrowed; NULL means all.
 * Thread class EXCLUSIVE. Cost O(log number of defaults), for all O(1). Statuses: OK,
 * INVALID_ARGUMENT, NOT_FOUND. Since 0.1.
 */
PATRON_API patron_status patron_defaults_reset(patron_defaults *defaults, const char *name,
                                               patron_error *error);

/* How many defaults there are. `defaults` is borrowed; NULL counts the built-in ones.
 * Thread class SHARED. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API size_t patron_defaults_count(const patron_defaults *defaults);

/* Reads the default at `index` in order of name; as patron_defaults_get otherwise: `defaults` is
 * borrowed and may be NULL, `out` is filled on success.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT, OUT_OF_RANGE. Since 0.1.
 */
PATRON_API patron_status patron_defaults_at(const patron_defaults *defaults, size_t index,
                                            patron_default *out, patron_error *error);

/* ---- Context: threads, progress, cancellation, defaults ---- */

typedef struct patron_context patron_context;

/* A task that an executor runs; `index` is in [0, count). Does not throw. */
typedef void (*patron_task)(void *task, size_t index);

/* Calls run(task, i) once for each i in [0, count), on any threads, and returns when all are done.
 */
typedef void (*patron_executor)(void *user, size_t count, patron_task run, void *task);

/* Told on the calling thread how far a long call is; 0 stops the call with PATRON_CANCELLED. */
typedef int32_t (*patron_progress)(void *user, uint64_t done, uint64_t total);

typedef struct patron_context_options {
  uint32_t struct_size;
  uint32_t threads;         /* of the built-in pool, the caller's included; 0 = one a core */
  patron_executor executor; /* the host's own threads instead of the pool; NULL = the pool */
  void *executor_user;
  uint32_t executor_workers; /* tasks that the host's executor runs at once; at least 1 */
  uint32_t reserved;         /* zero */
  patron_progress progress;  /* may be NULL */
  void *progress_user;
  const patron_defaults *defaults; /* copied; NULL = the built-in ones */
} patron_context_options;

/* Fills the defaults: one thread, no executor, no progress. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_context_options_init(patron_context_options *options);

/* Makes a context. Functions that take one run on its threads, ask its progress callback whether
 * to go on, and take literature numbers from its defaults. A NULL context means serial, silent and
 * built-in defaults. Results are the same bits with any context of equal defaults.
 *
 * options  borrowed; NULL means the defaults. The executor and progress users stay the caller's and
 *          must outlive the context.
 * out      receives the handle; release it with patron_context_free. Not NULL.
 * Thread class PURE. Cost: starts the threads. Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_context_create(const patron_context_options *options,
                                               patron_context **out, patron_error *error);

/* Stops the threads and releases `context`; NULL does nothing. No call may be using it.
 * Thread class EXCLUSIVE. Cost: joins the threads. Statuses: none. Since 0.1.
 */
PATRON_API void patron_context_free(patron_context *context);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_BASE_H_ */
