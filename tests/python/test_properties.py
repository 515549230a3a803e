"""Properties that hold for any transactions: order, splitting, scaling, bytes."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patron import value

DAY_ZERO = np.datetime64("2024-01-01", "s")

transactions = st.lists(
    st.tuples(
        st.integers(1, 8),
        st.integers(0, 400 * 86_400),
        st.integers(-5_000, 20_000),
    ),
    min_size=1,
    max_size=40,
).filter(lambda rows: any(amount > 0 for _, _, amount in rows))


def table_of(rows: list[tuple[int, int, int]]) -> dict[str, np.ndarray]:
    customer, seconds, cents = (np.array(column) for column in zip(*rows, strict=True))
    return {
        "customer_id": customer,
        "transaction_id": np.arange(len(rows)),
        "date": DAY_ZERO + seconds.astype("timedelta64[s]"),
        "amount": cents / 100,
    }


def pick(table: dict[str, np.ndarray], rows: Any) -> dict[str, np.ndarray]:
    return {name: values[rows] for name, values in table.items()}


def same(a: Any, b: Any) -> bool:
    return bool(a.to_arrow().equals(b.to_arrow()))


@settings(max_examples=60, deadline=None)
@given(transactions, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: Any, random: Any) -> None:
    table = table_of(rows)
    order = list(range(len(rows)))
    random.shuffle(order)
    shuffled = pick(table, order)
    assert same(value.rfm(shuffled), value.rfm(table))
    assert same(value.cohorts(shuffled, period="week"), value.cohorts(table, period="week"))


@settings(max_examples=60, deadline=None)
@given(transactions, st.integers(1, 5), st.randoms(use_true_random=False))
def test_states_merge_in_any_order_to_the_same_bytes(rows: Any, parts: int, random: Any) -> None:
    table = table_of(rows)
    part = np.array([random.randrange(parts) for _ in rows])
    for make, whole in (
        (value.State.rfm, value.rfm(table)),
        (value.State.summary, value.summarize(table)),
    ):
        at_once = make().update(table)
        states = [make().update(pick(table, part == k)) for k in range(parts)]
        random.shuffle(states)
        merged = states[0]
        for state in states[1:]:
            merged = value.State.from_bytes(merged.to_bytes()).merge(state)
        assert merged.to_bytes() == at_once.to_bytes()
        assert same(merged.finalize(), whole)


@settings(max_examples=60, deadline=None)
@given(transactions, st.integers(1, 5), st.randoms(use_true_random=False))
def test_ledgers_hold_the_same_bits_however_they_were_filled(
    rows: Any, parts: int, random: Any
) -> None:
    table = table_of(rows)
    at_once = value.Ledger()
    at_once.append(table)
    order = list(range(len(rows)))
    random.shuffle(order)
    piecewise = value.Ledger()
    for k in range(parts):
        piecewise.append(pick(table, order[k::parts]))
    piecewise.append(pick(table, order[: len(order) // 2]))  # Again: nothing to do.
    assert piecewise.to_bytes() == at_once.to_bytes()
    assert same(piecewise.customers(), at_once.customers())
    assert same(pickle.loads(pickle.dumps(piecewise)).transactions(), at_once.transactions())


@settings(max_examples=40, deadline=None)
@given(transactions)
def test_a_ledger_scores_as_its_transactions_do(rows: Any) -> None:
    ledger = value.Ledger()
    ledger.append(table_of(rows))
    assert same(ledger.rfm(), value.rfm(table_of(rows)))
    assert same(ledger.rfm(), value.rfm(ledger.transactions()))


@settings(max_examples=40, deadline=None)
@given(transactions, st.integers(0, 400))
def test_as_of_is_the_ledger_of_the_facts_so_far(rows: Any, day: int) -> None:
    table = table_of(rows)
    instant = DAY_ZERO + np.timedelta64(day, "D")
    ledger, until = value.Ledger(), value.Ledger()
    ledger.append(table)
    until.append(pick(table, table["date"] <= instant))
    assert same(ledger.as_of(instant), until.customers())


@settings(max_examples=60, deadline=None)
@given(transactions, st.integers(-3_000, 9_000))
def test_a_correction_is_as_if_it_had_always_been_so(rows: Any, cents: int) -> None:
    table = table_of(rows)
    corrected = {**table, "amount": table["amount"].copy()}
    corrected["amount"][0] = cents / 100
    ledger, always = value.Ledger(), value.Ledger()
    ledger.append(table)
    ledger.correct(pick(corrected, slice(0, 1)))
    always.append(corrected)
    assert ledger.to_bytes() == always.to_bytes()


values = st.lists(st.integers(-10_000, 100_000), min_size=2, max_size=60).filter(any)


@settings(max_examples=100, deadline=None)
@given(values, st.sampled_from([2.0, 0.5, 1024.0]))
def test_concentration_does_not_depend_on_the_unit(amounts: list[int], factor: float) -> None:
    x = np.array(amounts, dtype=float)
    one, other = value.concentration(x), value.concentration(x * factor)
    assert other.total == one.total * factor
    for name in ("gini", "gini_biased", "herfindahl", "effective_number", "top_20_share"):
        np.testing.assert_allclose(getattr(other, name), getattr(one, name), rtol=1e-12)


@settings(max_examples=100, deadline=None)
@given(values)
def test_gini_is_the_mean_difference_of_all_pairs(amounts: list[int]) -> None:
    # Raffinetti, Siletti and Vernizzi (2015), by its definition over all pairs.
    x = np.array(amounts, dtype=float)
    pairs = np.abs(x[:, None] - x[None, :]).sum()
    expected = pairs / (2 * (len(x) - 1) * np.abs(x).sum())
    assert value.concentration(x).gini == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert value.concentration(np.array(amounts)).gini == pytest.approx(
        expected, rel=1e-12, abs=1e-15
    )


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=50).filter(any))
def test_share_and_its_inverse(amounts: list[int]) -> None:
    x = np.array(amounts)
    fewest = value.customers_for_share(x, [0.2, 0.5, 0.8, 1.0])
    for share, customers in zip(fewest["value_share"], fewest["customers"], strict=True):
        best = np.sort(x)[::-1]
        assert best[:customers].sum() >= share * x.sum() - 1e-9
        assert customers == 0 or best[: customers - 1].sum() < share * x.sum()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(-1000, 5000), min_size=1, max_size=60))
def test_tiers_part_the_customers(amounts: list[int]) -> None:
    customers = {"customer_id": np.arange(len(amounts)), "value": np.array(amounts)}
    for definition in ("curry", "zeithaml", "classes"):
        tiers = value.pyramid(customers, definition)
        assert tiers["customers"].sum() == len(amounts)
        assert tiers["value"].sum() == pytest.approx(sum(amounts), abs=1e-9)
        named = tiers.membership["tier"]
        for tier, count in zip(tiers["tier"], tiers["customers"], strict=True):
            assert (named == tier).sum() == count


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        *((value.Segments, name) for name in ("grid", "a", "b", "putler")),
        *((value.Pyramid, name) for name in ("curry", "abc", "zeithaml", "classes")),
    ],
)
def test_rules_through_bytes_and_pickle(kind: Any, name: str) -> None:
    rules = kind.preset(name)
    again = pickle.loads(pickle.dumps(rules))
    assert again == rules
    assert hash(again) == hash(rules)
    assert again.to_bytes() == rules.to_bytes()
    assert kind.from_bytes(bytearray(rules.to_bytes())) == rules
