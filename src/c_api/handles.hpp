// The handles of the C interface, and what they hold.
#ifndef PATRON_SRC_C_API_HANDLES_HPP_
#define PATRON_SRC_C_API_HANDLES_HPP_

#include <memory>
#include <utility>

#include "arrow/table.hpp"
#include "patron/base/defaults.hpp"
#include "patron/base/parallel.hpp"
#include "patron/c/base.h"
#include "patron/c/table.h"

struct patron_table {
  patron::arrow::Table table;
};

struct patron_defaults {
  patron::Defaults defaults;
};

namespace patron::c_api {

// A handle for a result. A function with several results makes all handles first and then releases
// them into its outputs, which cannot fail.
inline std::unique_ptr<patron_table> NewTable(arrow::Table table) {
  return std::unique_ptr<patron_table>(new patron_table{std::move(table)});
}

// How to run under `context`; serial and silent for null. Valid as long as the context.
Execution ToExecution(const patron_context *context);

// The defaults of `context`; the built-in ones for null.
const Defaults &DefaultsOf(const patron_context *context);

}  // namespace patron::c_api

#endif  // PATRON_SRC_C_API_HANDLES_HPP_
