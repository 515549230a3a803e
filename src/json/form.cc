#include "json/form.hpp"

#include <array>
#include <cstddef>

#include "json/archive.hpp"

namespace patron::json {
namespace {

using complaints::FieldSource;
using complaints::FieldType;
using complaints::Form;
using complaints::FormField;
using complaints::SourceKind;

std::array<std::string_view, 5> TypeNames() {
  std::array<std::string_view, 5> names{};
  for (size_t i = 0; i < names.size(); ++i) {
    names[i] = complaints::TypeName(static_cast<FieldType>(i));
  }
  return names;
}
std::array<std::string_view, complaints::kSourceKinds> SourceNames() {
  std::array<std::string_view, complaints::kSourceKinds> names{};
  for (size_t i = 0; i < names.size(); ++i) {
    names[i] = complaints::SourceName(static_cast<SourceKind>(i));
  }
  return names;
}

}  // namespace

template <typename Archive>
void Describe(Archive &a, FieldSource &source) {
  a.Enum("kind", source.kind, SourceNames());
  a.Field("part", source.part);
  a.Field("event", source.event);
  a.Field("other", source.other);
  a.Field("clock", source.clock);
  a.Field("minutes", source.minutes);
  a.Field("most", source.most);
}
template <typename Archive>
void Describe(Archive &a, FormField &field) {
  a.Field("name", field.name);
  a.Field("question", field.question);
  a.Enum("type", field.type, TypeNames());
  a.Field("required", field.required);
  a.Field("choices", field.choices);
  a.Object("source", field.source);
}
template <typename Archive>
void Describe(Archive &a, Form &form) {
  a.Field("name", form.name);
  a.Field("version", form.version);
  a.Field("title", form.title);
  a.Field("source", form.source);
  a.List("fields", form.fields);
  a.Field("body", form.body);
}

std::string FromForm(const Form &form) { return WriteJson(form); }

absl::StatusOr<Form> ToForm(std::string_view text) {
  PATRON_ASSIGN_OR_RETURN(Form form, ReadJson<Form>("form", text));
  PATRON_RETURN_IF_ERROR(complaints::CheckFormData(form));
  return form;
}

}  // namespace patron::json
