// Entries of a store from untrusted bytes: events, and whatever else a casebook writes.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bytes_fuzz.hpp"
#include "store_fuzz.hpp"

namespace {

using namespace patron::fuzz;  // NOLINT

// The entries of a policy without a calendar, so that events can follow.
const std::vector<std::string> &Begin() {
  static const auto *const kBegin = [] {
    static const std::string kText =
        R"({"name": "s", "version": "1", "states": [{"name": "O"}, {"name": "C", "kind": "closed"}],
        "events": [{"name": "come", "kind": "receive"}, {"name": "note", "kind": "note"},
          {"name": "merge", "kind": "merge_into"}, {"name": "pay", "kind": "compensate"},
          {"name": "promise", "kind": "promise"}, {"name": "kept", "kind": "promise_kept"},
          {"name": "back", "kind": "reverse"}, {"name": "go", "kind": "withdraw"}],
        "transitions": [{"event": "come", "to": "O"}, {"event": "note", "from": ["O"], "move": "stay"},
          {"event": "merge", "from": ["O"], "to": "C", "guards": ["case"], "remember": false},
          {"event": "pay", "from": ["O"], "move": "stay", "guards": ["authority"]},
          {"event": "promise", "from": ["O"], "move": "stay"},
          {"event": "kept", "from": ["O"], "move": "stay"},
          {"event": "back", "from": ["O", "C"], "move": "stay"},
          {"event": "go", "from": ["O"], "to": "C"}],
        "roles": [{"name": "r"}], "authority": [{"role": "r",
          "events": ["come", "note", "merge", "pay", "promise", "kept", "back", "go"]}]})";
    auto *entries = new std::vector<std::string>;
    patron_policy *policy = nullptr;
    patron_casebook *book = nullptr;
    patron_error error{};
    const patron_entry_store store = StoreOf(entries);
    Require(patron_policy_from_json(kText.data(), kText.size(), &policy, &error) == PATRON_OK,
            error.message);
    Require(patron_casebook_open_store(&store, &book, nullptr) == PATRON_OK, "an empty store");
    Require(patron_casebook_add_policy(book, policy, nullptr) == PATRON_OK, "its policy");
    patron_casebook_free(book);
    patron_policy_free(policy);
    return entries;
  }();
  return *kBegin;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  constexpr uint8_t kKind = 19;
  const std::string entry = Envelope(data, size, kKind);
  // As the first entry, and as one that follows.
  for (const bool follows : {false, true}) {
    std::vector<std::string> entries;
    if (follows) entries = Begin();
    entries.push_back(entry);
    const patron_entry_store store = StoreOf(&entries);
    patron_casebook *book = nullptr;
    const patron_status status = patron_casebook_open_store(&store, &book, nullptr);
    Require(
        status == PATRON_OK || status == PATRON_DATA_LOSS || status == PATRON_RESOURCE_EXHAUSTED,
        "bad entries are DATA_LOSS");
    if (status != PATRON_OK) continue;
    Require(patron_casebook_verify(book, 0, nullptr, nullptr) == PATRON_OK, "what opens is sound");
    Require(patron_casebook_compact(book, nullptr) == PATRON_OK, "it can be compacted");
    const std::string before =
        Serialized(patron_casebook_serialize, static_cast<const patron_casebook *>(book));
    patron_casebook_free(book);
    Require(patron_casebook_open_store(&store, &book, nullptr) == PATRON_OK, "and opened again");
    Require(
        Serialized(patron_casebook_serialize, static_cast<const patron_casebook *>(book)) == before,
        "and is the same");
    patron_casebook_free(book);
  }
  return 0;
}
