// The handle of a ledger.
#ifndef PATRON_SRC_C_API_LEDGER_HPP_
#define PATRON_SRC_C_API_LEDGER_HPP_

#include <string>

#include "patron/c/ledger.h"
#include "patron/value/ledger.hpp"

struct patron_ledger {
  std::string zone;
  int decimals;
  patron::value::Ledger ledger;
};

#endif  // PATRON_SRC_C_API_LEDGER_HPP_
