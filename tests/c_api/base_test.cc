#include "patron/c/base.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstring>
#include <string>

namespace {

TEST(StatusTest, EveryStatusHasItsName) {
  EXPECT_STREQ(patron_status_name(PATRON_OK), "OK");
  EXPECT_STREQ(patron_status_name(PATRON_CANCELLED), "CANCELLED");
  EXPECT_STREQ(patron_status_name(PATRON_UNKNOWN), "UNKNOWN");
  EXPECT_STREQ(patron_status_name(PATRON_INVALID_ARGUMENT), "INVALID_ARGUMENT");
  EXPECT_STREQ(patron_status_name(PATRON_DEADLINE_EXCEEDED), "DEADLINE_EXCEEDED");
  EXPECT_STREQ(patron_status_name(PATRON_NOT_FOUND), "NOT_FOUND");
  EXPECT_STREQ(patron_status_name(PATRON_ALREADY_EXISTS), "ALREADY_EXISTS");
  EXPECT_STREQ(patron_status_name(PATRON_PERMISSION_DENIED), "PERMISSION_DENIED");
  EXPECT_STREQ(patron_status_name(PATRON_RESOURCE_EXHAUSTED), "RESOURCE_EXHAUSTED");
  EXPECT_STREQ(patron_status_name(PATRON_FAILED_PRECONDITION), "FAILED_PRECONDITION");
  EXPECT_STREQ(patron_status_name(PATRON_ABORTED), "ABORTED");
  EXPECT_STREQ(patron_status_name(PATRON_OUT_OF_RANGE), "OUT_OF_RANGE");
  EXPECT_STREQ(patron_status_name(PATRON_UNIMPLEMENTED), "UNIMPLEMENTED");
  EXPECT_STREQ(patron_status_name(PATRON_INTERNAL), "INTERNAL");
  EXPECT_STREQ(patron_status_name(PATRON_UNAVAILABLE), "UNAVAILABLE");
  EXPECT_STREQ(patron_status_name(PATRON_DATA_LOSS), "DATA_LOSS");
  EXPECT_STREQ(patron_status_name(PATRON_UNAUTHENTICATED), "UNAUTHENTICATED");
  EXPECT_STREQ(patron_status_name(17), "UNKNOWN");
  EXPECT_STREQ(patron_status_name(-1), "UNKNOWN");
}

TEST(VersionTest, TheLibraryRunsProgramsOfItsOwnTime) {
  EXPECT_GE(patron_abi_version_min(), 1u);
  EXPECT_LE(patron_abi_version_min(), patron_abi_version());
  const std::string version = patron_version_string();
  int major = -1, minor = -1, patch = -1;
  EXPECT_EQ(std::sscanf(version.c_str(), "%d.%d.%d", &major, &minor, &patch), 3) << version;
}

class DefaultsTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_EQ(patron_defaults_create(&defaults_, &error_), PATRON_OK); }
  void TearDown() override { patron_defaults_free(defaults_); }

  patron_default At(const patron_defaults *from, size_t index) {
    patron_default read = {};
    read.struct_size = sizeof read;
    EXPECT_EQ(patron_defaults_at(from, index, &read, &error_), PATRON_OK) << error_.message;
    return read;
  }

  patron_defaults *defaults_ = nullptr;
  patron_error error_ = {};
};

TEST_F(DefaultsTest, AreListedInOrderOfName) {
  const size_t count = patron_defaults_count(nullptr);
  EXPECT_EQ(patron_defaults_count(defaults_), count);
  ASSERT_GT(count, 5u);
  for (size_t i = 0; i < count; ++i) {
    const patron_default one = At(nullptr, i);
    EXPECT_TRUE(i == 0 || std::strcmp(At(nullptr, i - 1).name, one.name) < 0) << one.name;
    EXPECT_EQ(one.value, one.built_in) << one.name;
    EXPECT_LE(one.low, one.value) << one.name;
    EXPECT_GE(one.high, one.value) << one.name;
    EXPECT_GT(std::strlen(one.unit), 0u) << one.name;
    EXPECT_GT(std::strlen(one.source), 0u) << one.name;
    EXPECT_GE(one.confidence, PATRON_CONFIDENCE_SEED_CLAIM);
    EXPECT_LE(one.confidence, PATRON_CONFIDENCE_CONVENTION);
    patron_default named = {};
    named.struct_size = sizeof named;
    EXPECT_EQ(patron_defaults_get(nullptr, one.name, &named, nullptr), PATRON_OK);
    EXPECT_STREQ(named.name, one.name);
  }
  patron_default none = {};
  none.struct_size = sizeof none;
  EXPECT_EQ(patron_defaults_at(nullptr, count, &none, &error_), PATRON_OUT_OF_RANGE);
}

TEST_F(DefaultsTest, AnOverrideStaysWhereItWasMade) {
  const patron_default before = At(defaults_, 0);
  ASSERT_NE(before.value, before.low);
  EXPECT_EQ(patron_defaults_set(defaults_, before.name, before.low, &error_), PATRON_OK)
      << error_.message;
  const patron_default after = At(defaults_, 0);
  EXPECT_EQ(after.value, before.low);
  EXPECT_EQ(after.built_in, before.value);
  EXPECT_EQ(At(nullptr, 0).value, before.value);
}

TEST_F(DefaultsTest, WhatIsNotADefaultOrNotInRangeIsRefused) {
  const patron_default first = At(defaults_, 0);
  EXPECT_EQ(patron_defaults_set(defaults_, first.name, first.high + 1, &error_),
            PATRON_OUT_OF_RANGE);
  EXPECT_NE(std::string(error_.message).find(first.name), std::string::npos) << error_.message;
  EXPECT_EQ(patron_defaults_set(defaults_, "no.such.number", 1, &error_), PATRON_NOT_FOUND);
  EXPECT_EQ(patron_defaults_set(nullptr, first.name, 1, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_defaults_set(defaults_, nullptr, 1, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(At(defaults_, 0).value, first.value);
  patron_default read = {};
  EXPECT_EQ(patron_defaults_get(defaults_, first.name, &read, &error_),
            PATRON_INVALID_ARGUMENT);  // No size.
  read.struct_size = sizeof read;
  EXPECT_EQ(patron_defaults_get(defaults_, "no.such.number", &read, &error_), PATRON_NOT_FOUND);
  EXPECT_EQ(read.name, nullptr);
  EXPECT_EQ(patron_defaults_get(defaults_, first.name, nullptr, &error_), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_defaults_create(nullptr, &error_), PATRON_INVALID_ARGUMENT);
}

TEST(ContextTest, OptionsAreChecked) {
  patron_error error = {};
  patron_context *context = nullptr;
  EXPECT_EQ(patron_context_create(nullptr, nullptr, &error), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "out: NULL; expected a pointer");

  patron_context_options options;
  patron_context_options_init(&options);
  EXPECT_EQ(options.struct_size, sizeof options);
  EXPECT_EQ(options.threads, 1u);
  options.threads = 5000;
  EXPECT_EQ(patron_context_create(&options, &context, &error), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "threads: 5000; expected 0 to 1024");
  options.threads = 1;
  options.executor = [](void *, size_t, patron_task, void *) {};
  options.executor_workers = 0;
  EXPECT_EQ(patron_context_create(&options, &context, &error), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message, "executor_workers: 0; expected at least 1");
  options = {};
  EXPECT_EQ(patron_context_create(&options, &context, &error), PATRON_INVALID_ARGUMENT);
  EXPECT_STREQ(error.message,
               "options: struct_size is 0; expected the size that its init function sets");
  patron_context_options_init(&options);
  options.reserved = 1;
  EXPECT_EQ(patron_context_create(&options, &context, &error), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(context, nullptr);

  EXPECT_EQ(patron_context_create(nullptr, &context, &error), PATRON_OK);
  EXPECT_NE(context, nullptr);
  EXPECT_STREQ(error.message, "");
  patron_context_free(context);
}

TEST_F(DefaultsTest, BuiltInValuesComeBack) {
  const patron_default first = At(defaults_, 0), second = At(defaults_, 1);
  ASSERT_NE(first.value, first.low);
  ASSERT_NE(second.value, second.low);
  ASSERT_EQ(patron_defaults_set(defaults_, first.name, first.low, &error_), PATRON_OK);
  ASSERT_EQ(patron_defaults_set(defaults_, second.name, second.low, &error_), PATRON_OK);
  EXPECT_EQ(patron_defaults_reset(defaults_, first.name, &error_), PATRON_OK);
  EXPECT_EQ(At(defaults_, 0).value, first.value);
  EXPECT_EQ(At(defaults_, 1).value, second.low);
  EXPECT_EQ(patron_defaults_reset(defaults_, nullptr, &error_), PATRON_OK);
  EXPECT_EQ(At(defaults_, 1).value, second.value);
  EXPECT_EQ(patron_defaults_reset(defaults_, "no.such.number", &error_), PATRON_NOT_FOUND);
  EXPECT_EQ(patron_defaults_reset(nullptr, first.name, &error_), PATRON_INVALID_ARGUMENT);
}

TEST(FreeTest, NullIsLeftAlone) {
  EXPECT_EQ(patron_bytes_data(nullptr), nullptr);
  EXPECT_EQ(patron_bytes_size(nullptr), 0u);
  patron_bytes_free(nullptr);
  patron_context_free(nullptr);
  patron_defaults_free(nullptr);
}

}  // namespace
