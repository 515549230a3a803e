/* Customers: linked records in memory, to which new ones are linked as they come. */
#ifndef PATRON_C_CUSTOMERS_INDEX_H_
#define PATRON_C_CUSTOMERS_INDEX_H_

#include "patron/c/customers_link.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct patron_link_index patron_link_index;
typedef struct patron_link_change patron_link_change;

typedef struct patron_link_index_options {
  uint32_t struct_size;
  uint32_t most;                   /* records; a larger entity is marked for review; 50 */
  double threshold;                /* least weight of a pair that counts; 0 */
  int32_t split_bridges;           /* as patron_cluster_options; 1 */
  uint32_t reserved;               /* zero */
  const patron_table *must_link;   /* as patron_cluster_options */
  const patron_table *cannot_link; /* the same */
  const patron_link_hub *hubs;
  size_t hub_count;
  const patron_context *context; /* of the making alone */
} patron_link_index_options;

/* Fills the defaults named in the struct. `options` is not NULL.
 * Thread class PURE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_link_index_options_init(patron_link_index_options *options);

/* Links records and keeps them, so that others can be added and taken out. Whatever comes and goes, in
 * any order, the entities are the clusters that patron_linker_cluster gives of all records at once under
 * the same model, guards and pairs. Ids of entities stay: of a new cluster the id that most of its
 * records had survives, of equal ones the older; the others are retired and resolve for ever.
 *
 * linker   fitted; copied, so that it may change or go. Not NULL.
 * table    the first records, borrowed; may have no rows. Not NULL.
 * options  borrowed; NULL means the defaults.
 * out      receives the handle; release it with patron_link_index_free. Not NULL.
 * Thread class SHARED. Cost: pairs of the blocks. Statuses: OK, CANCELLED, INVALID_ARGUMENT, NOT_FOUND
 * (an id of a guard that no record has), FAILED_PRECONDITION (not yet fitted), RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_link_index_create(const patron_linker *linker,
                                                  const patron_table *table,
                                                  const patron_link_index_options *options,
                                                  patron_link_index **out, patron_error *error);

/* Releases `index`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(records). Statuses: none. Since 0.1.
 */
PATRON_API void patron_link_index_free(patron_link_index *index);

/* ---- What a change came to ---- */

enum {
  /* left (a record that was added), right, weight, probability, and weight_<field> for each field;
     of a value that stopped counting the weight is 0 */
  PATRON_CHANGE_LINKS = 0,
  /* the records of all entities that changed: id, entity int64, before int64 (null for a record that
     is new), size int64, review bool */
  PATRON_CHANGE_TOUCHED = 1,
  /* left, right: records whose entities became one, as patron_register_merge takes them */
  PATRON_CHANGE_MERGES = 2,
  /* id, entity int64: records that left their entity, and where they are now */
  PATRON_CHANGE_SPLITS = 3,
  /* as patron_linker_refusals, of the components that were clustered again */
  PATRON_CHANGE_REFUSALS = 4
};

/* One of the tables of a change.
 *
 * change  borrowed; not NULL.
 * which   PATRON_CHANGE_*.
 * out     receives a table of its own; release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(columns). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_link_change_table(const patron_link_change *change, int32_t which,
                                                  patron_table **out, patron_error *error);

/* Releases `change`; NULL does nothing.
 * Thread class EXCLUSIVE. Cost O(1). Statuses: none. Since 0.1.
 */
PATRON_API void patron_link_change_free(patron_link_change *change);

/* ---- Coming and going. A call that fails changes nothing; but if memory runs out after the change
 * was made, while it is told, it stays. ---- */

/* Adds records: each is compared within its blocks, and the components that it touches are clustered
 * again. Values weigh what they did when the model was learned.
 *
 * index   borrowed; not NULL.
 * table   records with the columns of the linker, borrowed; not NULL.
 * change  receives what it came to; release it with patron_link_change_free. Not NULL.
 * Thread class EXCLUSIVE. Cost: the records of the blocks, and the components. Statuses: OK,
 * INVALID_ARGUMENT, ALREADY_EXISTS (an id that the index has), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_link_index_add(patron_link_index *index, const patron_table *table,
                                               patron_link_change **change, patron_error *error);

/* Takes a record out, with all that was said of it: its id, and the texts of values that no other record
 * has, are overwritten wherever the index has them. Tables that were given out, and memory that was
 * freed before, are the caller's and the allocator's. Where its block was one above the cap, the others
 * are compared.
 *
 * index   borrowed; not NULL.
 * id      one row: the id. Borrowed; not NULL.
 * change  as patron_link_index_add.
 * Thread class EXCLUSIVE. Cost as patron_link_index_add. Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_link_index_remove(patron_link_index *index, const patron_column *id,
                                                  patron_link_change **change, patron_error *error);

enum {
  PATRON_PAIR_UNLINK = 0,        /* their link counts no more */
  PATRON_PAIR_KEEP_TOGETHER = 1, /* they are joined before any link is looked at */
  PATRON_PAIR_KEEP_APART = 2     /* they stay apart, whatever path would join them */
};

/* Says something of two records, which holds as long as both are there.
 *
 * index   borrowed; not NULL.
 * pair    one row: left and right, ids. Borrowed; not NULL.
 * what    PATRON_PAIR_*.
 * change  as patron_link_index_add.
 * Thread class EXCLUSIVE. Cost: their components. Statuses: OK, INVALID_ARGUMENT, NOT_FOUND (an id, or
 * the link), RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_link_index_pair(patron_link_index *index, const patron_table *pair,
                                                int32_t what, patron_link_change **change,
                                                patron_error *error);

/* ---- What is there ---- */

/* The entity of each record.
 *
 * index  borrowed; not NULL.
 * out    receives one row a record, in order of arrival: id, entity int64, size int64, review bool.
 *        Release it with patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(records). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_link_index_entities(const patron_link_index *index,
                                                    patron_table **out, patron_error *error);

/* The entity of one record, and how many records there are.
 *
 * index    borrowed; not NULL.
 * id       one row: the id. Borrowed; not NULL.
 * entity   filled on success; not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND, RESOURCE_EXHAUSTED.
 * Since 0.1.
 */
PATRON_API patron_status patron_link_index_entity(const patron_link_index *index,
                                                  const patron_column *id, uint64_t *entity,
                                                  patron_error *error);

/* The entity that an id stands for now: itself, or what it became.
 *
 * index    borrowed; not NULL.
 * now      filled on success: 0 if there never was such an id, or all its records are gone. Not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_link_index_resolve(const patron_link_index *index, uint64_t entity,
                                                   uint64_t *now, patron_error *error);

/* Records in the index.
 *
 * index  borrowed; not NULL.
 * out    filled on success; not NULL.
 * Thread class SHARED. Cost O(1). Statuses: OK, INVALID_ARGUMENT. Since 0.1.
 */
PATRON_API patron_status patron_link_index_size(const patron_link_index *index, uint64_t *out,
                                                patron_error *error);

/* Values that stopped counting.
 *
 * index  borrowed; not NULL.
 * out    receives one row a value: field, value text, records and people int64. Release it with
 *        patron_table_free. Not NULL.
 * Thread class SHARED. Cost O(values). Statuses: OK, INVALID_ARGUMENT, RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_link_index_hubs(const patron_link_index *index, patron_table **out,
                                                patron_error *error);

/* Why pairs weigh what they weigh.
 *
 * index  borrowed; not NULL.
 * pairs  columns left and right with ids, borrowed; not NULL.
 * out    as patron_linker_explain.
 * Thread class SHARED. Cost O(pairs x fields). Statuses: OK, INVALID_ARGUMENT, NOT_FOUND,
 * RESOURCE_EXHAUSTED. Since 0.1.
 */
PATRON_API patron_status patron_link_index_explain(const patron_link_index *index,
                                                   const patron_table *pairs, patron_table **out,
                                                   patron_error *error);

#ifdef __cplusplus
} /* extern "C" */
#endif

#endif /* PATRON_C_CUSTOMERS_INDEX_H_ */
