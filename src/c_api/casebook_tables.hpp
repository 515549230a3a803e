// What casebooks tell, as tables.
#ifndef PATRON_SRC_C_API_CASEBOOK_TABLES_HPP_
#define PATRON_SRC_C_API_CASEBOOK_TABLES_HPP_

#include <cstdint>
#include <span>
#include <vector>

#include "absl/status/statusor.h"
#include "arrow/table.hpp"
#include "patron/complaints/casebook.hpp"

namespace patron::c_api {

// The decimals of all policies; those of money by default without any.
int DecimalsOf(const complaints::Casebook &book);

absl::StatusOr<arrow::Table> CaseTable(const complaints::Casebook &book,
                                       std::span<const complaints::CaseRow> rows, int32_t money);
absl::StatusOr<arrow::Table> ClockTable(const complaints::Casebook &book,
                                        std::span<const complaints::ClockRow> rows);
absl::StatusOr<arrow::Table> NextTable(std::span<const complaints::NextEvent> rows);
absl::StatusOr<arrow::Table> PromiseTable(const complaints::Casebook &book,
                                          std::span<const complaints::PromiseRow> rows);

// Events at these positions of the log. `timeline`, if there is one, has a row for each of them.
absl::StatusOr<arrow::Table> EventsTable(const complaints::Casebook &book,
                                         std::span<const uint32_t> positions, int32_t money,
                                         std::span<const complaints::TimelineRow> timeline = {});

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_CASEBOOK_TABLES_HPP_
