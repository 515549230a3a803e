// Forms of complaints.
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "arrow/builder.hpp"
#include "c_api/bytes.hpp"
#include "c_api/casebook.hpp"
#include "c_api/guard.hpp"
#include "c_api/handles.hpp"
#include "c_api/optional_columns.hpp"
#include "c_api/policy.hpp"
#include "json/form.hpp"
#include "patron/base/status.hpp"
#include "patron/c/form.h"
#include "patron/complaints/form_check.hpp"
#include "patron/complaints/form_fill.hpp"
#include "patron/complaints/form_presets.hpp"

struct patron_form {
  patron::complaints::Form form;
};

// With the ids of its evidence, so that it does not need the casebook any more.
struct patron_filled_form {
  patron::complaints::Form form;
  patron::complaints::FilledForm filled;
  bool text_ids = false;
  std::vector<int64_t> integers;
  std::vector<std::string> texts;
};

namespace c_api = patron::c_api;
namespace arrow = patron::arrow;
namespace complaints = patron::complaints;

namespace patron::c_api {
namespace {

int64_t BoundOf(int64_t instant) {
  return instant == PATRON_NO_TIME ? std::numeric_limits<int64_t>::max() : instant;
}

absl::StatusOr<std::vector<complaints::FormAnswer>> ToAnswers(
    const arrow::Loaded<std::string_view> &fields, const arrow::Loaded<std::string_view> &values) {
  std::vector<complaints::FormAnswer> answers(fields.values.size());
  for (size_t i = 0; i < answers.size(); ++i) answers[i] = {fields.values[i], values.values[i]};
  return answers;
}

absl::Status FillInto(const patron_form &form, const complaints::Casebook &book,
                      const patron_form_moment &moment, const patron_table *answers,
                      patron_filled_form *out) {
  PATRON_ASSIGN_OR_RETURN(const uint32_t code,
                          CodeOf(book.case_ids(), "case", moment.case_id, moment.case_text));
  const complaints::CaseMoment when{moment.now, BoundOf(moment.recorded), BoundOf(moment.occurred)};
  arrow::Loaded<std::string_view> fields, values;
  if (answers != nullptr) {
    PATRON_ASSIGN_OR_RETURN(fields, LoadText(answers->table, "field"));
    PATRON_ASSIGN_OR_RETURN(values, LoadText(answers->table, "answer"));
  }
  PATRON_ASSIGN_OR_RETURN(const auto given, ToAnswers(fields, values));
  PATRON_ASSIGN_OR_RETURN(out->filled, complaints::FillForm(form.form, book, code, when, given));
  out->form = form.form;
  const IdIndex &ids = book.event_ids();
  out->text_ids = ids.is_text();
  for (const complaints::FilledField &field : out->filled.fields) {
    for (const uint32_t position : field.evidence) {
      if (out->text_ids) {
        out->texts.emplace_back(ids.text(position));
      } else {
        out->integers.push_back(ids.integer(position));
      }
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<arrow::Table> FormFields(const patron_filled_form &filled) {
  const size_t n = filled.form.fields.size();
  std::vector<std::string_view> names(n), questions(n), types(n), values(n), origins(n), whys(n);
  std::vector<uint8_t> required(n), valued(n), reasoned(n);
  for (size_t i = 0; i < n; ++i) {
    const complaints::FormField &field = filled.form.fields[i];
    const complaints::FilledField &one = filled.filled.fields[i];
    names[i] = field.name;
    questions[i] = field.question;
    types[i] = complaints::TypeName(field.type);
    required[i] = field.required ? 1 : 0;
    values[i] = one.value;
    valued[i] = one.value.empty() ? 0 : 1;
    origins[i] = complaints::OriginName(one.origin);
    whys[i] = one.why;
    reasoned[i] = one.why.empty() ? 0 : 1;
  }
  arrow::TableBuilder builder;
  builder.AddText("field", names);
  builder.AddText("question", questions);
  builder.AddText("type", types);
  builder.AddBool("required", required);
  builder.AddText("value", values, valued);
  builder.AddText("origin", origins);
  builder.AddText("why", whys, reasoned);
  return builder.Finish();
}

absl::StatusOr<arrow::Table> FormEvidence(const patron_filled_form &filled) {
  std::vector<std::string_view> names;
  for (size_t i = 0; i < filled.form.fields.size(); ++i) {
    names.insert(names.end(), filled.filled.fields[i].evidence.size(), filled.form.fields[i].name);
  }
  arrow::TableBuilder builder;
  builder.AddText("field", std::span<const std::string_view>(names));
  if (filled.text_ids) {
    builder.AddText("event", std::span<const std::string>(filled.texts));
  } else {
    builder.AddInt64("event", filled.integers);
  }
  return builder.Finish();
}

}  // namespace
}  // namespace patron::c_api

extern "C" patron_status patron_form_preset(const char *name, patron_form **out,
                                            patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("name", name));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(complaints::Form form, complaints::PresetForm(name));
    *out = new patron_form{std::move(form)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_form_from_json(const void *text, size_t size, patron_form **out,
                                               patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("text", text));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_ASSIGN_OR_RETURN(complaints::Form form,
                            patron::json::ToForm({static_cast<const char *>(text), size}));
    *out = new patron_form{std::move(form)};
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_form_to_json(const patron_form *form, patron_bytes **out,
                                             patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("form", form));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    *out = new patron_bytes{patron::json::FromForm(form->form)};
    return absl::OkStatus();
  });
}

extern "C" void patron_form_free(patron_form *form) { delete form; }

extern "C" patron_status patron_form_check(const patron_form *form, const patron_policy *policy,
                                           patron_table **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("form", form));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    std::vector<std::string_view> problems;
    std::vector<std::string> fields, messages;
    for (complaints::FormFinding &finding :
         complaints::CheckForm(form->form, policy == nullptr ? nullptr : &policy->lifecycle)) {
      problems.push_back(complaints::ProblemName(finding.problem));
      fields.push_back(std::move(finding.field));
      messages.push_back(std::move(finding.message));
    }
    arrow::TableBuilder builder;
    builder.AddText("problem", std::span<const std::string_view>(problems));
    builder.AddText("field", std::span<const std::string>(fields));
    builder.AddText("message", std::span<const std::string>(messages));
    PATRON_ASSIGN_OR_RETURN(arrow::Table table, builder.Finish());
    *out = c_api::NewTable(std::move(table)).release();
    return absl::OkStatus();
  });
}

extern "C" void patron_form_moment_init(patron_form_moment *moment) {
  *moment = {sizeof *moment, 0, 0, nullptr, 0, PATRON_NO_TIME, PATRON_NO_TIME};
}

extern "C" patron_status patron_form_fill(const patron_form *form, const patron_casebook *casebook,
                                          const patron_form_moment *moment,
                                          const patron_table *answers, patron_filled_form **out,
                                          patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("form", form));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("casebook", casebook));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("moment", moment));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    patron_form_moment full;
    patron_form_moment_init(&full);
    PATRON_RETURN_IF_ERROR(c_api::ReadOptions("moment", moment, &full));
    PATRON_RETURN_IF_ERROR(c_api::CheckReserved(full.reserved));
    auto filled = std::make_unique<patron_filled_form>();
    PATRON_RETURN_IF_ERROR(
        c_api::FillInto(*form, casebook->book.casebook(), full, answers, filled.get()));
    *out = filled.release();
    return absl::OkStatus();
  });
}

extern "C" void patron_filled_form_free(patron_filled_form *filled) { delete filled; }

extern "C" patron_status patron_filled_form_read(const patron_filled_form *filled,
                                                 patron_table **fields, patron_table **evidence,
                                                 patron_form_summary *summary,
                                                 patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("filled", filled));
    PATRON_RETURN_IF_ERROR(c_api::CheckOut("summary", summary));
    std::unique_ptr<patron_table> tables[2];
    if (fields != nullptr) {
      PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::FormFields(*filled));
      tables[0] = c_api::NewTable(std::move(table));
    }
    if (evidence != nullptr) {
      PATRON_ASSIGN_OR_RETURN(arrow::Table table, c_api::FormEvidence(*filled));
      tables[1] = c_api::NewTable(std::move(table));
    }
    if (fields != nullptr) *fields = tables[0].release();
    if (evidence != nullptr) *evidence = tables[1].release();
    c_api::WriteOut(
        {sizeof *summary, 0, filled->filled.missing, filled->filled.asked, filled->filled.met},
        summary);
    return absl::OkStatus();
  });
}

extern "C" patron_status patron_filled_form_print(const patron_filled_form *filled, int32_t target,
                                                  patron_bytes **out, patron_error *error) {
  return c_api::Guard(error, [&]() -> absl::Status {
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("filled", filled));
    PATRON_RETURN_IF_ERROR(c_api::RequirePointer("out", out));
    PATRON_RETURN_IF_ERROR(c_api::CheckEnum("target", target, 2));
    PATRON_ASSIGN_OR_RETURN(std::string text,
                            complaints::PrintForm(filled->form, filled->filled,
                                                  static_cast<complaints::Escape>(target)));
    *out = new patron_bytes{std::move(text)};
    return absl::OkStatus();
  });
}
