// Policies as handles.
#ifndef PATRON_SRC_C_API_POLICY_HPP_
#define PATRON_SRC_C_API_POLICY_HPP_

#include "patron/c/policy.h"
#include "patron/complaints/lifecycle.hpp"

struct patron_policy {
  patron::complaints::Lifecycle lifecycle;
};

#endif  // PATRON_SRC_C_API_POLICY_HPP_
