// Consents, logs of accesses and pseudonyms out of memory.
#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "faults/each_allocation.hpp"
#include "patron/c/customers_access.h"
#include "patron/c/customers_anonymity.h"
#include "patron/c/customers_consents.h"
#include "patron/c/customers_pseudonyms.h"
#include "patron/c/customers_quality.h"
#include "patron/c/customers_requests.h"

namespace patron::faults {
namespace {

// The lite runtime may lose the object it was about to add to a list when memory ends.
constexpr int64_t kLost = 2;

struct Closer {
  void operator()(patron_consents *p) const { patron_consents_free(p); }
  void operator()(patron_access_log *p) const { patron_access_log_free(p); }
};

std::string BytesOf(const patron_consents *consents) {
  const auto bytes = Made<patron_bytes>(
      [&](auto out) { return patron_consents_serialize(consents, out, nullptr); });
  return {static_cast<const char *>(patron_bytes_data(bytes.get())),
          patron_bytes_size(bytes.get())};
}

TEST(PrivacyAllocationTest, Consents) {
  const TextColumn names({"news of the shop, in full"}), channels({"electronic mail,sms by phone"});
  const auto purposes = TableOf({names.As("name"), channels.As("channels")});
  const TextColumn more_names({"another purpose, in full"});
  const auto more = TableOf({more_names.As("name")});
  const auto create = [&](patron_consents **out) {
    return patron_consents_create(purposes.get(), out, nullptr);
  };
  const auto made = [&] {
    patron_consents *out = nullptr;
    EXPECT_EQ(create(&out), PATRON_OK);
    return std::unique_ptr<patron_consents, Closer>(out);
  };
  FailEach("patron_consents_create", [&](Armed &armed) {
    patron_consents *out = nullptr;
    const patron_status status = armed([&] { return create(&out); });
    EXPECT_EQ(status == PATRON_OK, out != nullptr);
    patron_consents_free(out);
  });
  FailEach("patron_consents_add_purposes", [&](Armed &armed) {
    const auto own = made();
    armed([&] { return patron_consents_add_purposes(own.get(), more.get(), nullptr); });
  });

  const std::string ann = "ann with a name that is long", bob = "bob with a name that is long";
  const TextColumn subjects({ann, bob, ann}), statuses({"granted", "granted", "withdrawn"});
  const std::string purpose = "news of the shop, in full";
  const TextColumn wanted({purpose, purpose, purpose});
  const TextColumn evidence({"a form of many words", "a call of many words", "a long letter home"});
  const TextColumn scopes({"sms by phone", "electronic mail", "sms by phone"});
  const TextColumn versions({"the first of the texts shown", "the first of the texts shown", ""});
  const std::vector<int64_t> times = {10, 20, 30};
  const auto table =
      TableOf({subjects.As("subject"), wanted.As("purpose"), statuses.As("status"),
               ColumnOf("time", PATRON_TYPE_TIMESTAMP_US, times), evidence.As("evidence"),
               scopes.As("channels"), versions.As("text_version")});
  const auto full = made();
  ASSERT_EQ(patron_consents_record(full.get(), table.get(), nullptr, nullptr), PATRON_OK);
  const std::string expected = BytesOf(full.get());
  // What failed has recorded nothing, and can be recorded again.
  FailEach("patron_consents_record", [&](Armed &armed) {
    const auto own = made();
    const auto record = [&] {
      return patron_consents_record(own.get(), table.get(), nullptr, nullptr);
    };
    if (armed(record) != PATRON_OK) {
      uint64_t facts = 1, persons = 1;
      EXPECT_EQ(patron_consents_get_size(own.get(), &facts, &persons, nullptr), PATRON_OK);
      EXPECT_EQ(facts + persons, 0U);
      EXPECT_EQ(record(), PATRON_OK);
    }
    EXPECT_EQ(BytesOf(own.get()), expected);
  });
  FailMaking<patron_table>("patron_consents_may_all", [&](auto out) {
    return patron_consents_may_all(full.get(), table.get(), 15, out, nullptr);
  });
  const patron_column ids = subjects.As("subjects");
  FailMaking<patron_table>("patron_consents_facts", [&](auto out) {
    return patron_consents_facts(full.get(), &ids, out, nullptr);
  });
  FailMaking<patron_table>("patron_consents_purposes", [&](auto out) {
    return patron_consents_purposes(full.get(), out, nullptr);
  });
  FailEach("patron_consents_erase", [&](Armed &armed) {
    const auto own = made();
    ASSERT_EQ(patron_consents_record(own.get(), table.get(), nullptr, nullptr), PATRON_OK);
    armed([&] { return patron_consents_erase(own.get(), &ids, nullptr, nullptr); });
  });
  FailMaking<patron_bytes>(
      "patron_consents_serialize",
      [&](auto out) { return patron_consents_serialize(full.get(), out, nullptr); }, kLost);
  FailEach(
      "patron_consents_deserialize",
      [&](Armed &armed) {
        patron_consents *out = nullptr;
        armed([&] {
          return patron_consents_deserialize(expected.data(), expected.size(), &out, nullptr);
        });
        patron_consents_free(out);
      },
      kLost);
}

TEST(PrivacyAllocationTest, AccessLogs) {
  const TextColumn actors({"a clerk with a long name", "a shop with a long name"});
  const TextColumn subjects({"ann with a name that is long", "bob with a name that is long"});
  const TextColumn purposes({"support of customers", "delivery of all goods"});
  const std::vector<int64_t> times = {10, 20};
  const uint8_t both = 3;
  patron_column allowed{};
  allowed.struct_size = sizeof allowed;
  allowed.type = PATRON_TYPE_BOOL;
  allowed.name = "allowed";
  allowed.length = 2;
  allowed.data = &both;
  const auto table = TableOf({ColumnOf("time", PATRON_TYPE_TIMESTAMP_US, times), actors.As("actor"),
                              subjects.As("subject"), purposes.As("purpose"), allowed});
  const auto made = [] {
    patron_access_log *out = nullptr;
    EXPECT_EQ(patron_access_log_create(&out, nullptr), PATRON_OK);
    return std::unique_ptr<patron_access_log, Closer>(out);
  };
  FailEach("patron_access_log_create", [&](Armed &armed) {
    patron_access_log *out = nullptr;
    armed([&] { return patron_access_log_create(&out, nullptr); });
    patron_access_log_free(out);
  });
  FailEach("patron_access_log_append", [&](Armed &armed) {
    const auto own = made();
    const auto append = [&] { return patron_access_log_append(own.get(), table.get(), nullptr); };
    if (armed(append) != PATRON_OK) {
      EXPECT_EQ(append(), PATRON_OK);
    }
    patron_access_head head{};
    head.struct_size = sizeof head;
    EXPECT_EQ(patron_access_log_head(own.get(), &head, nullptr), PATRON_OK);
    EXPECT_EQ(head.lines, 2U);
  });
  const auto log = made();
  ASSERT_EQ(patron_access_log_append(log.get(), table.get(), nullptr), PATRON_OK);
  const patron_column ids = subjects.As("subjects");
  FailMaking<patron_table>("patron_access_log_lines", [&](auto out) {
    return patron_access_log_lines(log.get(), &ids, out, nullptr);
  });
  const auto lines = Made<patron_table>(
      [&](auto out) { return patron_access_log_lines(log.get(), nullptr, out, nullptr); });
  FailEach("patron_access_log_restore", [&](Armed &armed) {
    patron_access_log *out = nullptr;
    armed([&] { return patron_access_log_restore(lines.get(), &out, nullptr); });
    patron_access_log_free(out);
  });
  FailMaking<patron_bytes>(
      "patron_access_log_serialize",
      [&](auto out) { return patron_access_log_serialize(log.get(), out, nullptr); }, kLost);
  const auto bytes = Made<patron_bytes>(
      [&](auto out) { return patron_access_log_serialize(log.get(), out, nullptr); });
  FailEach(
      "patron_access_log_deserialize",
      [&](Armed &armed) {
        patron_access_log *out = nullptr;
        armed([&] {
          return patron_access_log_deserialize(patron_bytes_data(bytes.get()),
                                               patron_bytes_size(bytes.get()), &out, nullptr);
        });
        patron_access_log_free(out);
      },
      kLost);
}

TEST(PrivacyAllocationTest, Pseudonyms) {
  const TextColumn values({"138 0013 8000", "a value of many letters, so that it allocates"});
  const patron_column column = values.As("values");
  const std::string key(32, 'k');
  FailMaking<patron_table>("patron_pseudonyms", [&](auto out) {
    patron_pseudonym_options options;
    patron_pseudonym_options_init(&options);
    options.kind = PATRON_PSEUDONYM_PHONE;
    return patron_pseudonyms(&column, key.data(), key.size(), &options, out, nullptr);
  });
  const TextColumn numbers({"11010519491231002X", "no number"});
  const patron_column identities = numbers.As("values");
  FailMaking<patron_table>("patron_identity_hashes", [&](auto out) {
    return patron_identity_hashes(&identities, key.data(), key.size(), "shop", out, nullptr);
  });
}

TEST(PrivacyAllocationTest, Quality) {
  const TextColumn names({"a name of many letters, so that it allocates", "bob", "cy"});
  const TextColumn sources({"a source with a long name", "a source with a long name", "web"});
  const std::vector<int64_t> ids = {1, 2, 3}, seen = {10, 20, 30};
  const auto table =
      TableOf({ColumnOf("id", PATRON_TYPE_INT64, ids), names.As("name"), sources.As("source"),
               ColumnOf("seen", PATRON_TYPE_TIMESTAMP_US, seen)});
  const TextColumn fields({"name"}), kinds({"name"}), updated({"seen"});
  const auto field_rows = TableOf({fields.As("field"), kinds.As("kind"), updated.As("updated")});
  const TextColumn lefts({"name"}), ops({"!="}), rights({"source"});
  const auto rules = TableOf({lefts.As("left"), ops.As("op"), rights.As("right")});
  const auto sample = TableOf({ColumnOf("id", PATRON_TYPE_INT64, ids), names.As("name")});
  patron_quality_options options;
  patron_quality_options_init(&options);
  options.source = options.entity = "source";
  FailEach("patron_quality", [&](Armed &armed) {
    patron_table *out[4] = {};
    const patron_status status = armed([&] {
      return patron_quality(table.get(), field_rows.get(), rules.get(), sample.get(), &options,
                            &out[0], &out[1], &out[2], &out[3], nullptr);
    });
    for (patron_table *one : out) {
      EXPECT_EQ(one != nullptr, status == PATRON_OK);
      patron_table_free(one);
    }
  });
}

TEST(PrivacyAllocationTest, Anonymity) {
  const TextColumn towns({"a town with a long name", "a town with another", "a town with a third"});
  const std::vector<int64_t> ages = {31, 34, 38};
  const auto table = TableOf({towns.As("town"), ColumnOf("age", PATRON_TYPE_INT64, ages)});
  const TextColumn fields({"town", "age"}), forms({"keep 20,7", "bands 5,10"});
  const auto quasi = TableOf({fields.As("field"), forms.As("form")});
  patron_anonymity_options options;
  patron_anonymity_options_init(&options);
  options.k = 2;
  options.sensitive = "age";
  FailEach("patron_k_anonymity", [&](Armed &armed) {
    patron_table *out[3] = {};
    const patron_status status = armed([&] {
      return patron_k_anonymity(table.get(), quasi.get(), nullptr, &options, &out[0], &out[1],
                                &out[2], nullptr, nullptr);
    });
    for (patron_table *one : out) {
      EXPECT_EQ(one != nullptr, status == PATRON_OK);
      patron_table_free(one);
    }
  });
}

TEST(PrivacyAllocationTest, Requests) {
  const TextColumn subjects({"ann with a name that is long", "bob with a name that is long"});
  const TextColumn kinds({"access", "erasure"}), any({"erasure", ""});
  const std::vector<int64_t> ids = {1, 2}, months = {1, 2}, received = {10, 20};
  const auto requests =
      TableOf({ColumnOf("request_id", PATRON_TYPE_INT64, ids), subjects.As("subject"),
               kinds.As("kind"), ColumnOf("received", PATRON_TYPE_TIMESTAMP_US, received)});
  const auto rules = TableOf({any.As("kind"), ColumnOf("months", PATRON_TYPE_INT64, months)});
  FailMaking<patron_table>("patron_requests_due", [&](auto out) {
    return patron_requests_due(requests.get(), rules.get(), nullptr, 0, out, nullptr);
  });

  const TextColumn names({"news of the shop, in full"});
  const auto purposes = TableOf({names.As("name")});
  patron_consents *made = nullptr;
  ASSERT_EQ(patron_consents_create(purposes.get(), &made, nullptr), PATRON_OK);
  const std::unique_ptr<patron_consents, Closer> consents(made);
  const TextColumn wanted({"news of the shop, in full", "another purpose of the shop"});
  const auto items = TableOf({subjects.As("subject"), wanted.As("purpose"),
                              ColumnOf("since", PATRON_TYPE_TIMESTAMP_US, received)});
  FailMaking<patron_table>("patron_retention_due", [&](auto out) {
    return patron_retention_due(consents.get(), items.get(), 100, out, nullptr);
  });

  const char *const part = "requests";
  const patron_table *const table = requests.get();
  FailMaking<patron_bytes>("patron_export_json", [&](auto out) {
    return patron_export_json(0, "ann with a name that is long", "subject", &part, &table, 1, 0,
                              out, nullptr);
  });
  const TextColumn phones({"+8613800138000", "ask for Bob on the second floor"});
  const auto contacts = TableOf({subjects.As("name"), phones.As("phone_2")});
  FailMaking<patron_bytes>("patron_export_vcard", [&](auto out) {
    return patron_export_vcard(contacts.get(), out, nullptr);
  });
}

}  // namespace
}  // namespace patron::faults
