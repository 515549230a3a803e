// Parts of registers as messages, and back: records, and what hangs on them.
#ifndef PATRON_PROTO_REGISTER_PARTS_HPP_
#define PATRON_PROTO_REGISTER_PARTS_HPP_

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "patron/customers/register.hpp"
#include "patron/v1/register.pb.h"
#include "proto/lists.hpp"

// Room comes first where a list of messages or texts grows: Protobuf loses an element that it has made
// when its list cannot.
namespace patron::proto {

// Errors here and below: ResourceExhausted for a column of more than a GiB; DataLoss for what is not
// written so.
absl::Status WriteRecords(const customers::Register &reg, const customers::RecordBatch &batch,
                          v1::RegisterBatch *message);
// Fields are numbers in `names`, which gets theirs.
absl::StatusOr<customers::RecordBatch> ReadRecords(const v1::RegisterBatch &message,
                                                   std::vector<std::string> *names);

void WriteContacts(std::span<const customers::Contact> contacts, v1::RegisterContacts *message);
absl::Status ReadContacts(const v1::RegisterContacts &message, const customers::ChangeNote &note,
                          customers::Register *reg);

void WriteTies(std::span<const customers::Tie> ties, v1::RegisterTies *message);
absl::Status ReadTies(const v1::RegisterTies &message, const customers::ChangeNote &note,
                      customers::Register *reg);

void WriteErasure(const customers::Erasure &erasure, v1::RegisterErasure *message);
absl::Status ReadErasure(const v1::RegisterErasure &message, const customers::ChangeNote &note,
                         customers::Register *reg);

}  // namespace patron::proto

#endif  // PATRON_PROTO_REGISTER_PARTS_HPP_
