// Registers of customers as messages, and back.
#ifndef PATRON_PROTO_REGISTER_HPP_
#define PATRON_PROTO_REGISTER_HPP_

#include <cstddef>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/customers/register.hpp"
#include "patron/v1/register.pb.h"

namespace patron::proto {

// A change of a register, and records that are staged for it.
absl::Status WriteChange(const customers::Register &reg, size_t change,
                         v1::RegisterChange *message);
absl::Status WriteBatch(const customers::Register &reg, const customers::RecordBatch &batch,
                        v1::RegisterChange *message);

// Makes the changes of a message again. Errors: DataLoss for one that WriteChange does not make.
absl::Status ReadChanges(const v1::Register &message, customers::Register *reg);

// Whether all that is marked as erased was erased by a change. Errors: DataLoss.
absl::Status CheckErased(const customers::Register &reg);

// A whole register in an envelope, and back. Errors: ResourceExhausted past 2^31 - 1 bytes; DataLoss.
absl::StatusOr<std::string> RegisterToBytes(const customers::Register &reg);
absl::StatusOr<customers::Register> RegisterFromBytes(std::string_view bytes);

}  // namespace patron::proto

#endif  // PATRON_PROTO_REGISTER_HPP_
