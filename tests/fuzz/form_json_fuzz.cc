// Forms of complaints from untrusted JSON, filled from a case and printed.
#include <cstddef>
#include <cstdint>
#include <string>

#include "bytes_fuzz.hpp"
#include "patron/c/form.h"

namespace {

// A casebook with one case, 7, made once.
patron_casebook *OneCase() {
  static patron_casebook *const book = [] {
    using patron::fuzz::Require;
    const int64_t ids[] = {1}, cases[] = {7}, times[] = {1'717'398'000'000'000};
    const char *const type = "receive";
    const char *const role = "customer";
    const int32_t ends[] = {0, 7}, role_ends[] = {0, 8};
    const char *const day = "mon", *const open = "09:00", *const close = "17:00";
    const int32_t threes[] = {0, 3}, fives[] = {0, 5};
    const auto column = [](int32_t kind, const char *name, const void *data,
                           const int32_t *offsets) {
      return patron_column{sizeof(patron_column), kind, name, 1, 0, data, nullptr, offsets};
    };
    const patron_column week[] = {column(PATRON_TYPE_TEXT, "day", day, threes),
                                  column(PATRON_TYPE_TEXT, "open", open, fives),
                                  column(PATRON_TYPE_TEXT, "close", close, fives)};
    const patron_column columns[] = {column(PATRON_TYPE_INT64, "event", ids, nullptr),
                                     column(PATRON_TYPE_INT64, "case", cases, nullptr),
                                     column(PATRON_TYPE_TEXT, "type", type, ends),
                                     column(PATRON_TYPE_TIMESTAMP_US, "time", times, nullptr),
                                     column(PATRON_TYPE_TEXT, "role", role, role_ends)};
    patron_table *hours = nullptr, *events = nullptr;
    patron_calendar *calendar = nullptr;
    patron_policy *policy = nullptr;
    patron_casebook *made = nullptr;
    patron_apply_options options;
    patron_apply_options_init(&options);
    options.recorded = times[0];
    Require(
        patron_table_borrow(week, 3, &hours, nullptr) == PATRON_OK &&
            patron_table_borrow(columns, 5, &events, nullptr) == PATRON_OK &&
            patron_calendar_create("UTC", hours, &calendar, nullptr) == PATRON_OK &&
            patron_policy_preset("default", 4, &policy, nullptr) == PATRON_OK &&
            patron_casebook_create(&made, nullptr) == PATRON_OK &&
            patron_casebook_add_calendar(made, "service", calendar, 0, nullptr) == PATRON_OK &&
            patron_casebook_add_policy(made, policy, nullptr) == PATRON_OK &&
            patron_casebook_apply(made, events, &options, nullptr, nullptr, nullptr) == PATRON_OK,
        "there is a case");
    patron_table_free(hours);
    patron_table_free(events);
    patron_calendar_free(calendar);
    patron_policy_free(policy);
    return made;
  }();
  return book;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
  using namespace patron::fuzz;  // NOLINT
  const std::string text(reinterpret_cast<const char *>(data), size);
  patron_form *form = nullptr;
  const patron_status status = patron_form_from_json(text.data(), text.size(), &form, nullptr);
  if (status != PATRON_OK) {
    Require(form == nullptr, "an output is untouched on failure");
    Require(status == PATRON_INVALID_ARGUMENT || status == PATRON_RESOURCE_EXHAUSTED,
            "bad text is INVALID_ARGUMENT");
    return 0;
  }
  const std::string json = Serialized(patron_form_to_json, static_cast<const patron_form *>(form));
  patron_form *again = nullptr;
  Require(patron_form_from_json(json.data(), json.size(), &again, nullptr) == PATRON_OK,
          "what is written can be read");
  Require(Serialized(patron_form_to_json, static_cast<const patron_form *>(again)) == json,
          "and is the same form");
  patron_form_free(again);
  patron_form_moment moment;
  patron_form_moment_init(&moment);
  moment.case_id = 7;
  moment.now = 1'717'398'000'000'001;
  patron_filled_form *filled = nullptr;
  Require(patron_form_fill(form, OneCase(), &moment, nullptr, &filled, nullptr) == PATRON_OK,
          "a form can be filled");
  patron_form_summary summary{};
  summary.struct_size = sizeof summary;
  Require(patron_filled_form_read(filled, nullptr, nullptr, &summary, nullptr) == PATRON_OK &&
              summary.met <= summary.asked,
          "and read");
  patron_bytes *out = nullptr;
  const patron_status printed = patron_filled_form_print(filled, PATRON_FORM_HTML, &out, nullptr);
  Require(printed == (summary.missing == 0 ? PATRON_OK : PATRON_FAILED_PRECONDITION),
          "and printed if nothing is missing");
  patron_bytes_free(out);
  patron_filled_form_free(filled);
  patron_form_free(form);
  return 0;
}
