// Entries that a host keeps.
#include <cstdint>
#include <cstring>
#include <memory>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "patron/base/status.hpp"
#include "store/entry_store.hpp"

namespace patron::store {
namespace {

class HostStore final : public EntryStore {
 public:
  HostStore(std::string_view book, const patron_entry_store &host) : book_(book), host_(host) {}
  ~HostStore() override {
    if (host_.close != nullptr) host_.close(host_.data);
  }

  absl::Status Read(absl::FunctionRef<absl::Status(std::string_view)> take) override {
    for (uint64_t place = 0;; ++place) {
      const void *bytes = nullptr;
      size_t size = 0;
      Clear();
      const patron_status status = host_.read(host_.data, place, &bytes, &size, &error_);
      if (status == PATRON_OUT_OF_RANGE) return absl::OkStatus();
      if (status != PATRON_OK) return Error("read", place, status);
      if (bytes == nullptr && size > 0) return Error("read", place, PATRON_INTERNAL);
      PATRON_RETURN_IF_ERROR(take({static_cast<const char *>(bytes), size}));
    }
  }

  absl::Status Append(uint64_t place, std::string_view bytes) override {
    Clear();
    const patron_status status =
        host_.append(host_.data, place, bytes.data(), bytes.size(), &error_);
    return status == PATRON_OK ? absl::OkStatus() : Error("append", place, status);
  }

  absl::Status Replace(std::string_view bytes) override {
    Clear();
    const patron_status status = host_.replace(host_.data, bytes.data(), bytes.size(), &error_);
    return status == PATRON_OK ? absl::OkStatus() : Error("replace", 0, status);
  }

 private:
  void Clear() {
    error_.code = PATRON_OK;
    error_.message[0] = '\0';
  }

  absl::Status Error(std::string_view function, uint64_t place, patron_status status) {
    const size_t length = strnlen(error_.message, sizeof error_.message);
    const std::string_view message(error_.message, length);
    const bool known = status > PATRON_OK && status <= PATRON_UNAUTHENTICATED;
    return absl::Status(known ? static_cast<absl::StatusCode>(status) : absl::StatusCode::kUnknown,
                        absl::StrCat(Text(book_), ": the store: ", Text(function), " of entry ",
                                     place, ": ", message.empty() ? "failed" : Text(message)));
  }

  std::string_view book_;
  patron_entry_store host_;
  patron_error error_{};
};

}  // namespace

absl::StatusOr<std::unique_ptr<EntryStore>> OpenHost(std::string_view book,
                                                     const patron_entry_store &host) {
  if (host.read == nullptr || host.append == nullptr || host.replace == nullptr) {
    return absl::InvalidArgumentError(
        "store: a function is NULL; expected read, append and replace");
  }
  return std::unique_ptr<EntryStore>(new HostStore(book, host));
}

}  // namespace patron::store
