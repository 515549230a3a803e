// Counts of event logs as handles.
#ifndef PATRON_SRC_C_API_LOG_HPP_
#define PATRON_SRC_C_API_LOG_HPP_

#include "patron/c/log.h"
#include "patron/complaints/log_counts.hpp"

struct patron_log {
  patron::complaints::LogCounts counts;
};

#endif  // PATRON_SRC_C_API_LOG_HPP_
