/* The value pyramid of a shop, through the C interface. */
#include <patron/c/patron.h>
#include <stdio.h>

static int fail(const patron_error *error) {
  fprintf(stderr, "%s: %s\n", patron_status_name(error->code), error->message);
  return 1;
}

int main(void) {
  const int64_t customer[] = {1, 2, 3, 1, 2, 1, 3};
  const int32_t day[] = {19723, 19724, 19725, 19730, 19741, 19750, 19752}; /* days since 1970 */
  const double amount[] = {20.00, 35.50, 8.25, 40.00, -35.50, 99.99, 12.00};
  const patron_column columns[] = {
      {sizeof(patron_column), PATRON_TYPE_INT64, "customer_id", 7, 0, customer, NULL, NULL},
      {sizeof(patron_column), PATRON_TYPE_DATE32, "date", 7, 0, day, NULL, NULL},
      {sizeof(patron_column), PATRON_TYPE_FLOAT64, "amount", 7, 0, amount, NULL, NULL}};
  patron_error error;
  patron_table *transactions = NULL, *scores = NULL;
  patron_column id, rfm;
  size_t index;
  int64_t i;

  if (patron_table_borrow(columns, 3, &transactions, &error) != PATRON_OK) return fail(&error);
  if (patron_value_rfm(transactions, NULL, NULL, &scores, NULL, NULL, &error) != PATRON_OK)
    return fail(&error);

  id.struct_size = rfm.struct_size = sizeof(patron_column);
  if (patron_table_column(scores, 0, 0, &id, &error) != PATRON_OK) return fail(&error);
  if (patron_table_find(scores, "rfm", &index, &error) != PATRON_OK) return fail(&error);
  if (patron_table_column(scores, index, 0, &rfm, &error) != PATRON_OK) return fail(&error);
  for (i = 0; i < rfm.length; ++i) {
    printf("customer %lld scores %d\n", (long long)((const int64_t *)id.data)[i],
           (int)((const int32_t *)rfm.data)[i]);
  }
  patron_table_free(scores);
  patron_table_free(transactions);
  return 0;
}
