// A host that has Abseil and the full Protobuf runtime of the system, and the messages of Patron
// compiled for it, uses the library in the same process. Bytes pass both ways between the two.
#include <cstdint>
#include <cstdio>
#include <string>

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "patron/c/patron.h"
#include "patron/v1/envelope.pb.h"

namespace {

bool Check(bool condition, const char *what) {
  if (!condition) std::fprintf(stderr, "failed: %s\n", what);
  return condition;
}

bool Run() {
  patron_error error = {};
  patron_pyramid *pyramid = nullptr;
  if (!Check(patron_pyramid_preset("curry", nullptr, &pyramid, &error) == PATRON_OK,
             error.message)) {
    return false;
  }
  patron_bytes *written = nullptr;
  const patron_status status = patron_pyramid_serialize(pyramid, &written, &error);
  patron_pyramid_free(pyramid);
  const std::string bytes(static_cast<const char *>(patron_bytes_data(written)),
                          patron_bytes_size(written));
  patron_bytes_free(written);
  if (!Check(status == PATRON_OK && !bytes.empty(), error.message)) return false;

  // The host's own message reads them, by reflection, which the library does not have.
  patron::v1::Envelope envelope;
  const google::protobuf::Descriptor *descriptor = envelope.GetDescriptor();
  if (!Check(envelope.ParseFromString(bytes), "parsing") ||
      !Check(descriptor->full_name() == "patron.v1.Envelope", "the descriptor") ||
      !Check(envelope.kind() == patron::v1::KIND_PYRAMID, "the kind")) {
    return false;
  }
  absl::flat_hash_map<std::string, int> fields;
  for (int i = 0; i < descriptor->field_count(); ++i) {
    fields[std::string(descriptor->field(i)->name())] = i;
  }
  if (!Check(fields.contains("payload"), "the fields")) return false;
  if (!Check(absl::DataLossError("x").code() == absl::StatusCode::kDataLoss, "Abseil"))
    return false;

  const std::string again = envelope.SerializeAsString();
  if (!Check(again == bytes, "the same bytes")) return false;
  if (!Check(patron_pyramid_deserialize(again.data(), again.size(), &pyramid, &error) == PATRON_OK,
             error.message)) {
    return false;
  }
  patron_pyramid_free(pyramid);
  return true;
}

}  // namespace

int main() {
  if (!Run()) return 1;
  std::printf("host and library exchanged an envelope\n");
  return 0;
}
