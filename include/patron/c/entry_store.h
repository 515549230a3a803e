/* Where a casebook or another book is kept that lasts longer than the process. */
#ifndef PATRON_C_ENTRY_STORE_H_
#define PATRON_C_ENTRY_STORE_H_

#include "patron/c/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* A store of entries that a host keeps for one book, such as a casebook or a register: opaque bytes, in
 * order, each written once. The book checks all it reads, so a store has only to keep what it was
 * given. Its functions are called by the thread that uses the book, one at a time. They return
 * PATRON_OK, or a status and a text in `error`, which is not NULL; the caller of the book gets both. */
typedef struct patron_entry_store {
  uint32_t struct_size;
  uint32_t reserved; /* zero */
  void *data;        /* handed to each function */

  /* The entry at `place`, counted from 0: its bytes stay valid until the next call. Past the last
   * one PATRON_OUT_OF_RANGE. */
  patron_status (*read)(void *data, uint64_t place, const void **bytes, size_t *size,
                        patron_error *error);

  /* Adds an entry at `place`, right after the last one. It must last when this returns PATRON_OK,
   * and must not be there when it returns anything else. */
  patron_status (*append)(void *data, uint64_t place, const void *bytes, size_t size,
                          patron_error *error);

  /* Puts one entry at place 0 and removes all others, both or neither: what was there may hold what
   * a person asked to be erased. */
  patron_status (*replace)(void *data, const void *bytes, size_t size, patron_error *error);

  /* The book is gone, or has not been made. May be NULL. */
  void (*close)(void *data);
} patron_entry_store;

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_ENTRY_STORE_H_ */
