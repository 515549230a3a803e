// Partial states: whatever the split and the order of merging, the same bytes and the same answers.
#include <algorithm>
#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "c_api/bytes.hpp"
#include "c_api/tables.hpp"
#include "patron/c/patron.h"

namespace patron::c_api_test {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct FreeState {
  void operator()(patron_state *state) const { patron_state_free(state); }
};
using State = std::unique_ptr<patron_state, FreeState>;

std::string Bytes(const State &state) { return BytesOf(patron_state_serialize, state.get()); }

State Read(const std::string &bytes) {
  Error error;
  patron_state *out = nullptr;
  EXPECT_EQ(patron_state_deserialize(bytes.data(), bytes.size(), &out, error.get()), PATRON_OK)
      << error.message();
  return State(out);
}

// Transactions of a small shop, some of them awkward: refunds, zeros, equal rows, orders that
// several customers share, instants around midnight.
struct Rows {
  std::vector<int64_t> customer, time, order;
  std::vector<double> amount;

  size_t size() const { return customer.size(); }

  static Rows Random(uint64_t seed, size_t count) {
    std::mt19937_64 random(seed);
    Rows rows;
    for (size_t i = 0; i < count; ++i) {
      rows.customer.push_back(static_cast<int64_t>(random() % 12));
      rows.time.push_back(static_cast<int64_t>(random() % 8) * kDay +
                          static_cast<int64_t>(random() % 3) - 1);
      rows.order.push_back(static_cast<int64_t>(random() % 20));
      rows.amount.push_back(static_cast<double>(static_cast<int64_t>(random() % 40) - 8) / 4);
    }
    return rows;
  }

  // The rows at `places`, with ids as integers or as text.
  std::unique_ptr<TableOf> At(const std::vector<size_t> &places, bool text) const {
    auto table = std::make_unique<TableOf>();
    std::vector<int64_t> customers, times, orders;
    std::vector<std::string> customer_text, order_text;
    std::vector<double> amounts;
    for (const size_t i : places) {
      customers.push_back(customer[i]);
      customer_text.push_back("c" + std::to_string(customer[i]));
      times.push_back(time[i]);
      orders.push_back(order[i]);
      order_text.push_back("o" + std::to_string(order[i]));
      amounts.push_back(amount[i]);
    }
    text ? table->Texts("customer_id", customer_text) : table->Integers("customer_id", customers);
    text ? table->Texts("order", order_text) : table->Integers("order", orders);
    table->Times("date", times).Numbers("amount", amounts);
    return table;
  }

  std::unique_ptr<TableOf> All(bool text) const {
    std::vector<size_t> places(size());
    for (size_t i = 0; i < places.size(); ++i) places[i] = i;
    return At(places, text);
  }
};

patron_transaction_columns Columns(bool with_order) {
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  if (with_order) columns.order = "order";
  return columns;
}

// One way to make a state, and the function it finishes as.
struct Kind {
  const char *name;
  bool with_order;
  patron_status (*create)(const patron_transaction_columns *, patron_state **, patron_error *);
  patron_status (*direct)(const patron_table *, const patron_transaction_columns *, patron_table **,
                          patron_table **, patron_row_report *, patron_error *);
};

patron_rfm_options RfmOptions(int32_t frequency) {
  patron_rfm_options options;
  patron_rfm_options_init(&options);
  options.frequency = frequency;
  options.bins[0] = options.bins[1] = options.bins[2] = 3;
  return options;
}

template <int32_t kMerge, int32_t kRefunds>
Kind SummaryKind(const char *name, bool with_order) {
  static const auto options = [] {
    patron_summary_options made;
    patron_summary_options_init(&made);
    made.merge = kMerge;
    made.refunds = kRefunds;
    return made;
  };
  return {
      name, with_order,
      [](const patron_transaction_columns *columns, patron_state **out, patron_error *error) {
        const auto made = options();
        return patron_state_create_summary(columns, &made, out, error);
      },
      [](const patron_table *table, const patron_transaction_columns *columns, patron_table **out,
         patron_table **extra, patron_row_report *report, patron_error *error) {
        const auto made = options();
        *extra = nullptr;
        return patron_value_summarize(table, columns, &made, out, report, error);
      }};
}

template <int32_t kFrequency, int64_t kAsOf, int64_t kWindow>
Kind RfmKind(const char *name, bool with_order) {
  static const auto options = [] {
    auto made = RfmOptions(kFrequency);
    made.as_of = kAsOf;
    made.window_days = kWindow;
    return made;
  };
  return {
      name, with_order,
      [](const patron_transaction_columns *columns, patron_state **out, patron_error *error) {
        const auto made = options();
        return patron_state_create_rfm(columns, &made, out, error);
      },
      [](const patron_table *table, const patron_transaction_columns *columns, patron_table **out,
         patron_table **extra, patron_row_report *report, patron_error *error) {
        const auto made = options();
        return patron_value_rfm(table, columns, &made, out, extra, report, error);
      }};
}

std::vector<Kind> Kinds() {
  return {
      SummaryKind<PATRON_MERGE_DAY, PATRON_REFUNDS_NET>("summary by day", false),
      SummaryKind<PATRON_MERGE_ORDER, PATRON_REFUNDS_SEPARATE>("summary by order", true),
      SummaryKind<PATRON_MERGE_NONE, PATRON_REFUNDS_IGNORE>("summary by row", false),
      RfmKind<PATRON_FREQUENCY_ORDERS, PATRON_NO_TIME, 0>("rfm of rows", false),
      RfmKind<PATRON_FREQUENCY_ORDERS, PATRON_NO_TIME, 0>("rfm of orders", true),
      RfmKind<PATRON_FREQUENCY_DAYS, PATRON_NO_TIME, 0>("rfm of days", false),
      RfmKind<PATRON_FREQUENCY_DAYS, PATRON_NO_TIME, 0>("rfm of days, with orders", true),
      RfmKind<PATRON_FREQUENCY_ORDERS, 6 * kDay, 4>("rfm of orders in a window", true),
      {"concentration", false,
       [](const patron_transaction_columns *columns, patron_state **out, patron_error *error) {
         return patron_state_create_concentration(columns, out, error);
       },
       nullptr},
  };
}

State New(const Kind &kind) {
  const patron_transaction_columns columns = Columns(kind.with_order);
  Error error;
  patron_state *out = nullptr;
  EXPECT_EQ(kind.create(&columns, &out, error.get()), PATRON_OK)
      << kind.name << ": " << error.message();
  return State(out);
}

void Update(const State &state, TableOf &table) {
  Error error;
  EXPECT_EQ(patron_state_update(state.get(), table.get(), nullptr, error.get()), PATRON_OK)
      << error.message();
}

// All columns of a table, as text: equal only if every value is.
std::string Dump(const Table &table) {
  std::string dump;
  for (size_t i = 0; i < patron_table_columns(table.get()); ++i) {
    const char *name = patron_table_name(table.get(), i);
    const patron_column column = ColumnOf(table.get(), name);
    dump += name;
    const size_t width =
        column.type == PATRON_TYPE_INT32 || column.type == PATRON_TYPE_DATE32 ? 4 : 8;
    for (int64_t row = 0; row < column.length; ++row) {
      dump += IsNull(column, row) ? '-' : '+';
      if (IsNull(column, row)) continue;
      if (column.type == PATRON_TYPE_TEXT) {
        const auto *offsets = static_cast<const int32_t *>(column.offsets) + column.offset + row;
        dump.append(static_cast<const char *>(column.data) + offsets[0],
                    static_cast<size_t>(offsets[1] - offsets[0]));
      } else {
        dump.append(static_cast<const char *>(column.data) +
                        (column.offset + row) * static_cast<int64_t>(width),
                    width);
      }
    }
  }
  return dump;
}

std::string Dump(const patron_row_report &report) {
  return std::string(reinterpret_cast<const char *>(&report), sizeof report);
}

TEST(StateTest, AnySplitAndAnyMergeTreeGiveEqualBytes) {
  std::mt19937_64 random(1);
  for (const Kind &kind : Kinds()) {
    for (const bool text : {false, true}) {
      SCOPED_TRACE(kind.name);
      const Rows rows = Rows::Random(text ? 2 : 3, 300);
      const State whole = New(kind);
      Update(whole, *rows.All(text));
      const std::string expected = Bytes(whole);
      for (size_t parts = 1; parts <= 8; ++parts) {
        std::vector<std::vector<size_t>> places(parts);
        for (size_t i = 0; i < rows.size(); ++i) places[random() % parts].push_back(i);
        std::vector<State> states;
        for (std::vector<size_t> &part : places) {
          std::ranges::shuffle(part, random);
          State state = New(kind);
          // Each part comes in two updates; some states travel as bytes.
          const auto middle = part.begin() + static_cast<ptrdiff_t>(random() % (part.size() + 1));
          Update(state, *rows.At({part.begin(), middle}, text));
          if (random() % 2 == 0) state = Read(Bytes(state));
          Update(state, *rows.At({middle, part.end()}, text));
          states.push_back(random() % 2 == 0 ? Read(Bytes(state)) : std::move(state));
        }
        while (states.size() > 1) {
          const size_t a = random() % states.size();
          const size_t b = (a + 1 + random() % (states.size() - 1)) % states.size();
          Error error;
          ASSERT_EQ(patron_state_merge(states[a].get(), states[b].get(), error.get()), PATRON_OK)
              << error.message();
          states.erase(states.begin() + static_cast<ptrdiff_t>(b));
        }
        EXPECT_EQ(Bytes(states[0]), expected) << parts << " parts";
      }
    }
  }
}

TEST(StateTest, FinishesAsTheFunctionOfItsKind) {
  for (const Kind &kind : Kinds()) {
    if (kind.direct == nullptr) continue;
    for (const bool text : {false, true}) {
      SCOPED_TRACE(kind.name);
      const Rows rows = Rows::Random(4, 400);
      const auto all = rows.All(text);
      const State state = New(kind);
      Update(state, *all);
      patron_table *out = nullptr, *extra = nullptr, *direct = nullptr, *direct_extra = nullptr;
      patron_row_report report{}, direct_report{};
      report.struct_size = direct_report.struct_size = sizeof report;
      Error error;
      const State travelled = Read(Bytes(state));
      ASSERT_EQ(patron_state_finalize(travelled.get(), nullptr, &out, &extra, &report, error.get()),
                PATRON_OK)
          << error.message();
      const Table finished(out), finished_extra(extra);
      const patron_transaction_columns columns = Columns(kind.with_order);
      ASSERT_EQ(
          kind.direct(all->get(), &columns, &direct, &direct_extra, &direct_report, error.get()),
          PATRON_OK)
          << error.message();
      const Table expected(direct), expected_extra(direct_extra);
      EXPECT_GT(patron_table_rows(finished.get()), 0);
      EXPECT_EQ(Dump(finished), Dump(expected));
      ASSERT_EQ(extra == nullptr, direct_extra == nullptr);
      if (extra != nullptr) {
        EXPECT_EQ(Dump(finished_extra), Dump(expected_extra));
      }
      EXPECT_EQ(Dump(report), Dump(direct_report));
    }
  }
}

TEST(StateTest, ConcentrationIsThatOfTheNetValues) {
  // Net: 1 has 10 - 4 = 6, 2 has 2, 3 has -1.
  TableOf rows;
  rows.Integers("customer_id", std::vector<int64_t>{1, 2, 1, 3})
      .Numbers("amount", std::vector<double>{10, 2, -4, -1});
  patron_state *made = nullptr;
  ASSERT_EQ(patron_state_create_concentration(nullptr, &made, nullptr), PATRON_OK);
  const State state(made);
  Update(state, rows);
  patron_table *out = nullptr, *extra = Untouched<patron_table>();
  patron_row_report report{};
  report.struct_size = sizeof report;
  ASSERT_EQ(patron_state_finalize(state.get(), nullptr, &out, &extra, &report, nullptr), PATRON_OK);
  const Table measured(out);
  EXPECT_EQ(extra, nullptr);
  EXPECT_THAT(Integers(measured, "customers"), ElementsAre(3));
  EXPECT_THAT(Integers(measured, "negatives"), ElementsAre(1));
  EXPECT_THAT(Numbers(measured, "total"), ElementsAre(7));
  EXPECT_THAT(Numbers(measured, "top_20_share"), ElementsAre(6.0 / 7));
  EXPECT_EQ(report.rows, 4u);
  EXPECT_EQ(report.refunds, 2u);

  const std::vector<double> net = {6, 2, -1};
  patron_column column{};
  column.struct_size = sizeof column;
  column.type = PATRON_TYPE_FLOAT64;
  column.length = 3;
  column.data = net.data();
  patron_concentration expected{};
  expected.struct_size = sizeof expected;
  ASSERT_EQ(patron_value_concentration(&column, nullptr, &expected, nullptr), PATRON_OK);
  EXPECT_THAT(Numbers(measured, "gini"), ElementsAre(expected.gini));
}

TEST(StateTest, StatesOfOtherOptionsDoNotMerge) {
  Error error;
  const std::vector<Kind> kinds = Kinds();
  for (size_t a = 0; a < kinds.size(); ++a) {
    for (size_t b = 0; b < kinds.size(); ++b) {
      const State into = New(kinds[a]), from = New(kinds[b]);
      EXPECT_EQ(patron_state_merge(into.get(), from.get(), error.get()),
                a == b ? PATRON_OK : PATRON_FAILED_PRECONDITION)
          << kinds[a].name << ", " << kinds[b].name;
    }
  }
  // Each column and each option tells states apart.
  const auto rfm = [](auto set) {
    patron_transaction_columns columns = Columns(false);
    patron_rfm_options options = RfmOptions(PATRON_FREQUENCY_ORDERS);
    set(columns, options);
    patron_state *out = nullptr;
    EXPECT_EQ(patron_state_create_rfm(&columns, &options, &out, nullptr), PATRON_OK);
    return State(out);
  };
  const auto plain = [](auto &, auto &) {};
  const State base = rfm(plain);
  EXPECT_EQ(patron_state_merge(base.get(), rfm(plain).get(), error.get()), PATRON_OK);
  const auto differs = [&](const State &other) {
    EXPECT_EQ(patron_state_merge(base.get(), other.get(), error.get()), PATRON_FAILED_PRECONDITION);
    EXPECT_EQ(error.message(), "source: a state of other columns or options; expected the same");
  };
  differs(rfm([](auto &c, auto &) { c.customer = "x"; }));
  differs(rfm([](auto &c, auto &) { c.time = "x"; }));
  differs(rfm([](auto &c, auto &) { c.amount = "x"; }));
  differs(rfm([](auto &c, auto &) { c.order = "x"; }));
  differs(rfm([](auto &c, auto &) { c.zone = "Europe/Berlin"; }));
  differs(rfm([](auto &c, auto &) { c.decimals = 2; }));
  differs(rfm([](auto &c, auto &) { c.amount_decimals = 2; }));
  differs(rfm([](auto &c, auto &) { c.nulls = PATRON_NULLS_SKIP; }));
  differs(rfm([](auto &, auto &o) { o.method = PATRON_RFM_NTILE; }));
  differs(rfm([](auto &, auto &o) { o.bins[1] = 4; }));
  differs(rfm([](auto &, auto &o) { o.high_is_best[0] = 1; }));
  differs(rfm([](auto &, auto &o) { o.weights[2] = 1; }));
  differs(rfm([](auto &, auto &o) { o.as_of = 0; }));
  differs(rfm([](auto &, auto &o) { o.monetary = PATRON_MONETARY_MEAN; }));
  differs(rfm([](auto &, auto &o) { o.money = PATRON_MONEY_UNITS; }));
  differs(rfm([](auto &, auto &o) { o.refunds = PATRON_REFUNDS_IGNORE; }));
  differs(rfm([](auto &, auto &o) { o.zeros = PATRON_ZEROS_IGNORE; }));
}

TEST(StateTest, IdsOfAnotherKindDoNotMix) {
  const Rows rows = Rows::Random(5, 20);
  for (const Kind &kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    const State integers = New(kind), text = New(kind);
    Update(integers, *rows.All(false));
    Update(text, *rows.All(true));
    const std::string before = Bytes(integers);
    Error error;
    EXPECT_EQ(patron_state_merge(integers.get(), text.get(), error.get()),
              PATRON_FAILED_PRECONDITION);
    EXPECT_EQ(patron_state_update(integers.get(), rows.All(true)->get(), nullptr, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_EQ(Bytes(integers), before);
  }
  // Orders alone may differ in kind.
  const Kind orders = RfmKind<PATRON_FREQUENCY_ORDERS, PATRON_NO_TIME, 0>("rfm", true);
  const State state = New(orders);
  TableOf first, second;
  first.Integers("customer_id", std::vector<int64_t>{1})
      .Times("date", std::vector<int64_t>{0})
      .Numbers("amount", std::vector<double>{1})
      .Integers("order", std::vector<int64_t>{1});
  second.Integers("customer_id", std::vector<int64_t>{1})
      .Times("date", std::vector<int64_t>{0})
      .Numbers("amount", std::vector<double>{1})
      .Texts("order", {"1"});
  Update(state, first);
  Error error;
  EXPECT_EQ(patron_state_update(state.get(), second.get(), nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "order: text; expected integers, as in the rows before");
}

TEST(StateTest, ABadTableChangesNothing) {
  const Rows rows = Rows::Random(6, 30);
  for (const Kind &kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    const State state = New(kind);
    Update(state, *rows.All(false));
    const std::string before = Bytes(state);
    TableOf bad;
    bad.Integers("customer_id", std::vector<int64_t>{100, 101})
        .Times("date", std::vector<int64_t>{0, 0})
        .Integers("order", std::vector<int64_t>{100, 101})
        .Numbers("amount", std::vector<double>{1, 1e300});
    Error error;
    EXPECT_EQ(patron_state_update(state.get(), bad.get(), nullptr, error.get()),
              PATRON_OUT_OF_RANGE);
    EXPECT_THAT(error.message(), StartsWith("amount: row 1 is 1e+300"));
    TableOf missing;
    missing.Integers("customer_id", std::vector<int64_t>{1});
    EXPECT_EQ(patron_state_update(state.get(), missing.get(), nullptr, error.get()),
              PATRON_INVALID_ARGUMENT);
    EXPECT_THAT(error.message(), HasSubstr("is missing"));
    EXPECT_EQ(Bytes(state), before);
  }
}

TEST(StateTest, SkippedNullsAreCounted) {
  patron_transaction_columns columns = Columns(false);
  columns.nulls = PATRON_NULLS_SKIP;
  patron_state *made = nullptr;
  ASSERT_EQ(patron_state_create_rfm(&columns, nullptr, &made, nullptr), PATRON_OK);
  const State state(made);
  TableOf none, some;
  none.Integers("customer_id", std::vector<std::optional<int64_t>>{std::nullopt})
      .Times("date", std::vector<int64_t>{0})
      .Numbers("amount", std::vector<double>{1});
  some.Integers("customer_id", std::vector<std::optional<int64_t>>{4, std::nullopt})
      .Times("date", std::vector<int64_t>{0, 0})
      .Numbers("amount", std::vector<double>{1, 2});
  Update(state, none);
  Update(state, some);
  const State travelled = Read(Bytes(state));
  patron_table *out = nullptr;
  patron_row_report report{};
  report.struct_size = sizeof report;
  ASSERT_EQ(patron_state_finalize(travelled.get(), nullptr, &out, nullptr, &report, nullptr),
            PATRON_OK);
  const Table table(out);
  EXPECT_EQ(report.rows, 3u);
  EXPECT_EQ(report.skipped_null, 2u);
  EXPECT_EQ(report.used, 1u);
}

TEST(StateTest, SumsPast64BitsAreExact) {
  // Nine times the greatest amount: 128 bits are needed, and kept on the way.
  patron_transaction_columns columns = Columns(false);
  columns.decimals = 0;
  patron_state *made = nullptr;
  ASSERT_EQ(patron_state_create_concentration(&columns, &made, nullptr), PATRON_OK);
  State state(made);
  TableOf rows;
  rows.Integers("customer_id", std::vector<int64_t>(9, 1))
      .Integers("amount", std::vector<int64_t>(9, std::numeric_limits<int64_t>::max()));
  Update(state, rows);
  state = Read(Bytes(state));
  patron_table *out = nullptr;
  ASSERT_EQ(patron_state_finalize(state.get(), nullptr, &out, nullptr, nullptr, nullptr),
            PATRON_OK);
  EXPECT_THAT(Numbers(Table(out), "total"), ElementsAre(9 * 9223372036854775807.0));
}

TEST(StateTest, OnlyCanonicalBytesLoad) {
  const Rows rows = Rows::Random(7, 6);
  for (const Kind &kind : Kinds()) {
    SCOPED_TRACE(kind.name);
    const State state = New(kind);
    ExpectOnlyTheseBytesLoad(patron_state_deserialize, Bytes(state));
    Update(state, *rows.All(true));
    ExpectOnlyTheseBytesLoad(patron_state_deserialize, Bytes(state));
  }
}

TEST(StateTest, RefusesBadArguments) {
  Error error;
  patron_state *out = Untouched<patron_state>();
  patron_rfm_options window = RfmOptions(PATRON_FREQUENCY_ORDERS);
  window.window_days = 3;
  EXPECT_EQ(patron_state_create_rfm(nullptr, &window, &out, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_THAT(error.message(), StartsWith("window: given without as_of"));
  patron_summary_options summary;
  patron_summary_options_init(&summary);
  summary.unit = 17;
  EXPECT_EQ(patron_state_create_summary(nullptr, &summary, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "unit: 17; expected 0 to 5");
  patron_transaction_columns columns = Columns(false);
  columns.amount = "";
  EXPECT_EQ(patron_state_create_concentration(&columns, &out, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_create_summary(nullptr, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_create_rfm(nullptr, nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_create_concentration(nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(out, Untouched<patron_state>());

  const State state = New(Kinds()[3]);
  TableOf empty;
  EXPECT_EQ(patron_state_update(nullptr, empty.get(), nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_update(state.get(), nullptr, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_merge(state.get(), nullptr, error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_merge(nullptr, state.get(), error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_merge(state.get(), state.get(), error.get()), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "source: the state itself; expected another state");
  patron_table *table = Untouched<patron_table>(), *extra = Untouched<patron_table>();
  EXPECT_EQ(patron_state_finalize(nullptr, nullptr, &table, &extra, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_finalize(state.get(), nullptr, nullptr, &extra, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  patron_row_report report{};
  EXPECT_EQ(patron_state_finalize(state.get(), nullptr, &table, &extra, &report, error.get()),
            PATRON_INVALID_ARGUMENT);
  const State nobody = New(Kinds().back());
  EXPECT_EQ(patron_state_finalize(nobody.get(), nullptr, &table, &extra, nullptr, error.get()),
            PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(error.message(), "net: 0 rows; expected at least 1");
  EXPECT_EQ(table, Untouched<patron_table>());
  EXPECT_EQ(extra, Untouched<patron_table>());
  patron_state_free(nullptr);
}

TEST(StateTest, TellsWhatItReads) {
  patron_transaction_columns columns;
  patron_transaction_columns_init(&columns);
  columns.customer = "who";
  columns.order = "order";
  columns.zone = "+02:00";
  columns.nulls = PATRON_NULLS_SKIP;
  columns.decimals = 2;
  columns.amount_decimals = 1;
  patron_state *summary = nullptr, *rfm = nullptr, *concentration = nullptr;
  ASSERT_EQ(patron_state_create_summary(&columns, nullptr, &summary, nullptr), PATRON_OK);
  ASSERT_EQ(patron_state_create_rfm(&columns, nullptr, &rfm, nullptr), PATRON_OK);
  ASSERT_EQ(patron_state_create_concentration(&columns, &concentration, nullptr), PATRON_OK);
  const State made[] = {State(summary), State(rfm), State(concentration)};
  for (int32_t kind = 0; kind < 3; ++kind) {
    const State read = Read(Bytes(made[kind]));
    for (const patron_state *state : {made[kind].get(), static_cast<patron_state *>(read.get())}) {
      EXPECT_EQ(patron_state_kind(state), kind);
      patron_transaction_columns told{};
      told.struct_size = sizeof told;
      ASSERT_EQ(patron_state_columns(state, &told, nullptr), PATRON_OK);
      EXPECT_STREQ(told.customer, "who");
      EXPECT_STREQ(told.amount, "amount");
      EXPECT_EQ(told.nulls, PATRON_NULLS_SKIP);
      EXPECT_EQ(told.decimals, 2);
      EXPECT_EQ(told.amount_decimals, 1);
      EXPECT_EQ(told.transaction, nullptr);
      if (kind == PATRON_STATE_CONCENTRATION) {
        EXPECT_EQ(told.time, nullptr);
        EXPECT_EQ(told.order, nullptr);
        EXPECT_EQ(told.zone, nullptr);
      } else {
        EXPECT_STREQ(told.time, "date");
        EXPECT_STREQ(told.order, "order");
        EXPECT_STREQ(told.zone, "+02:00");
      }
    }
  }
  EXPECT_EQ(patron_state_kind(nullptr), -1);
  patron_transaction_columns told{};
  EXPECT_EQ(patron_state_columns(summary, &told, nullptr), PATRON_INVALID_ARGUMENT);
  told.struct_size = sizeof told;
  EXPECT_EQ(patron_state_columns(nullptr, &told, nullptr), PATRON_INVALID_ARGUMENT);
  EXPECT_EQ(patron_state_columns(summary, nullptr, nullptr), PATRON_INVALID_ARGUMENT);
}

TEST(StateTest, BytesOfOtherThingsAreNoState) {
  patron_pyramid *pyramid = nullptr;
  ASSERT_EQ(patron_pyramid_preset("abc", nullptr, &pyramid, nullptr), PATRON_OK);
  const std::string bytes = BytesOf(patron_pyramid_serialize, pyramid);
  patron_pyramid_free(pyramid);
  patron_state *out = Untouched<patron_state>();
  Error error;
  EXPECT_EQ(patron_state_deserialize(bytes.data(), bytes.size(), &out, error.get()),
            PATRON_DATA_LOSS);
  EXPECT_EQ(error.message(), "bytes: this is no state; expected one");
}

}  // namespace
}  // namespace patron::c_api_test
