"""The ledger: facts that are appended, corrected and taken back."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from patron import errors, value


def facts(**changes: Any) -> dict[str, Any]:
    columns = {
        "transaction_id": [1, 2],
        "customer_id": [1, 2],
        "date": np.array(["2024-01-01", "2024-01-02"], dtype="datetime64[D]"),
        "amount": [10.0, 20.0],
    }
    return {**columns, **changes}


def reversal(**changes: Any) -> dict[str, Any]:
    columns = {
        "transaction_id": [9],
        "reverses": [1],
        "date": np.array(["2024-02-01"], dtype="datetime64[D]"),
        "amount": [4.0],
    }
    columns.update(changes)
    return {name: values for name, values in columns.items() if values is not None}


@pytest.fixture
def ledger() -> value.Ledger:
    ledger = value.Ledger()
    ledger.append(facts())
    return ledger


def test_state_of_each_customer(ledger: value.Ledger) -> None:
    ledger.reverse(reversal())
    state = ledger.customers()
    assert state.columns == [
        "customer_id",
        "orders",
        "gross",
        "refunds",
        "net",
        "first",
        "last",
    ]
    assert state["gross"].tolist() == [10.0, 20.0]
    assert state["refunds"].tolist() == [-4.0, 0.0]
    assert state["net"].tolist() == [6.0, 20.0]
    assert ledger.customers(money="units")["net"].tolist() == [60_000, 200_000]
    assert ledger.as_of("2024-01-31")["net"].tolist() == [10.0, 20.0]
    assert ledger.as_of("2024-01-01")["customer_id"].tolist() == [1]
    assert repr(ledger) == "Ledger(2 customers, 2 transactions, 1 reversals)"
    assert ledger.size.memory_bytes > 0


def test_transactions_come_back(ledger: value.Ledger) -> None:
    ledger.reverse(reversal())
    table = ledger.transactions()
    assert table["transaction_id"].tolist() == [1, 2, 9]
    assert table["amount"].tolist() == [10.0, 20.0, -4.0]
    assert table["reverses"].tolist() == [None, None, 1]
    assert ledger.transactions("2024-01-01")["amount"].tolist() == [10.0]


def test_appending_again_changes_nothing(ledger: value.Ledger) -> None:
    before = ledger.to_bytes()
    report = ledger.append(facts())
    assert (report.rows, report.applied, report.duplicates) == (2, 0, 2)
    assert ledger.to_bytes() == before


def test_a_conflict_refuses_the_table(ledger: value.Ledger) -> None:
    before = ledger.to_bytes()
    changed = facts(transaction_id=[7, 2], amount=[10.0, 21.0])
    with pytest.raises(errors.AlreadyExistsError) as caught:
        ledger.append(changed)
    assert str(caught.value) == (
        "transaction_id: row 1 is 2, known with another amount; "
        "expected equal content or an id of its own"
    )
    assert ledger.to_bytes() == before
    report = ledger.append(changed, conflicts="report")
    assert (report.applied, report.conflicts) == (1, 1)
    assert ledger.customers()["net"].tolist() == [20.0, 20.0]


def test_corrections(ledger: value.Ledger) -> None:
    report = ledger.correct(facts(amount=[11.0, 20.0]))
    assert (report.applied, report.duplicates) == (1, 1)
    assert ledger.customers()["net"].tolist() == [11.0, 20.0]
    with pytest.raises(errors.NotFoundError) as caught:
        ledger.correct(facts(transaction_id=[1, 99]))
    assert str(caught.value) == "transaction_id: row 1 is 99; expected a known transaction"


def test_a_correction_below_what_was_taken_back(ledger: value.Ledger) -> None:
    ledger.reverse(reversal(amount=[8.0]))
    with pytest.raises(errors.FailedPreconditionError) as caught:
        ledger.correct(facts(amount=[5.0, 20.0]))
    assert str(caught.value) == (
        "amount: row 0 is 5.0000; expected reversals of at most the 5.0000 of transaction 1, "
        "not 8.0000"
    )


BAD_REVERSALS = [
    (
        {"reverses": [77]},
        errors.NotFoundError,
        "reverses: row 0 is 77; expected a known transaction",
    ),
    (
        {"amount": [10.01]},
        errors.InvalidArgumentError,
        "amount: row 0 is 10.0100; expected at most 10.0000, which is left of transaction 1",
    ),
    (
        {"amount": [-1.0]},
        errors.InvalidArgumentError,
        "amount: row 0 is -1.0000; expected more than 0: what is taken back",
    ),
    (
        {"reverses": [None]},
        errors.InvalidArgumentError,
        "customer: row 0 is null; expected a customer, as the row stands alone",
    ),
    (
        {"amount": None},
        errors.InvalidArgumentError,
        "column 'amount' is missing; the table has transaction_id, reverses, date",
    ),
    (
        {"reverses": None},
        errors.InvalidArgumentError,
        "column 'reverses' is missing; the table has transaction_id, date, amount",
    ),
]


@pytest.mark.parametrize(("changes", "kind", "message"), BAD_REVERSALS)
def test_bad_reversals(
    ledger: value.Ledger, changes: dict[str, Any], kind: type[Exception], message: str
) -> None:
    before = ledger.to_bytes()
    with pytest.raises(kind) as caught:
        ledger.reverse(reversal(**changes))
    assert str(caught.value) == message
    assert ledger.to_bytes() == before


def test_all_that_is_left(ledger: value.Ledger) -> None:
    ledger.reverse(reversal(amount=[4.0]))
    ledger.reverse(reversal(transaction_id=[10], amount=None), amount=None)
    assert ledger.customers()["net"].tolist() == [0.0, 20.0]
    with pytest.raises(errors.InvalidArgumentError) as caught:
        ledger.reverse(reversal(transaction_id=[11], amount=None), amount=None)
    assert str(caught.value) == (
        "reverses: row 0 is 1; expected a transaction of which something is left"
    )


def test_a_reversal_can_stand_alone(ledger: value.Ledger) -> None:
    alone = reversal(reverses=[None], customer_id=[2], amount=[3.0])
    ledger.reverse(alone, customer="customer_id")
    assert ledger.customers()["net"].tolist() == [10.0, 17.0]


def test_a_reversal_can_wait_for_its_transaction(ledger: value.Ledger) -> None:
    report = ledger.reverse(reversal(reverses=[3]), unknown="hold")
    assert (report.applied, report.held) == (0, 1)
    assert ledger.size.held == 1
    assert ledger.customers()["net"].tolist() == [10.0, 20.0]
    ledger.append(facts(transaction_id=[3, 4], amount=[100.0, 1.0]))
    assert ledger.size.held == 0
    assert ledger.customers()["net"].tolist() == [106.0, 21.0]


def test_kinds_of_ids_are_kept(ledger: value.Ledger) -> None:
    with pytest.raises(errors.InvalidArgumentError) as caught:
        ledger.append(facts(transaction_id=[5, 6], customer_id=["a", "b"]))
    assert str(caught.value) == "customer_id: text; expected integers, as before"


def test_text_ids_and_orders() -> None:
    ledger = value.Ledger(decimals=2, zone="Europe/Berlin")
    table = facts(transaction_id=["t1", "t2"], customer_id=["a", "a"], order_id=["o1", "o1"])
    ledger.append(table, order="order_id")
    assert ledger.customers()["orders"].tolist() == [1]
    assert ledger.transactions()["order_id"].tolist() == ["o1", "o1"]
    again = value.Ledger.from_bytes(ledger.to_bytes())
    assert again.to_bytes() == ledger.to_bytes()
    assert again.customers(money="units")["net"].tolist() == [3000]


def test_scores_of_touched_customers(ledger: value.Ledger) -> None:
    rng = np.random.default_rng(5)
    n = 2_000
    ledger = value.Ledger()
    ledger.append(
        {
            "transaction_id": np.arange(n),
            "customer_id": rng.integers(0, 300, n),
            "date": np.datetime64("2024-01-01", "s") + rng.integers(0, 10**7, n),
            "amount": np.round(rng.gamma(2.0, 30.0, n), 2),
        }
    )
    ledger.rfm(only_touched=True)
    ledger.append(facts(transaction_id=[n, n + 1], customer_id=[3, 5]))
    touched = ledger.rfm(only_touched=True)
    everyone = ledger.rfm()
    assert touched["customer_id"].tolist() == [3, 5]
    rows = np.searchsorted(everyone["customer_id"], touched["customer_id"])
    for name in touched.columns:
        np.testing.assert_array_equal(touched[name], everyone[name][rows])
    assert {n: c.tolist() for n, c in touched.cuts.items()} == {
        n: c.tolist() for n, c in everyone.cuts.items()
    }
    assert everyone.to_arrow().equals(value.rfm(ledger.transactions()).to_arrow())


@pytest.mark.parametrize("method", ["ntile", "nested", "midrank", "percent_rank", "rpkg"])
def test_every_method_is_that_of_the_transactions(ledger: value.Ledger, method: Any) -> None:
    scores = ledger.rfm(method=method, bins=2)
    assert scores.to_arrow().equals(
        value.rfm(ledger.transactions(), method=method, bins=2).to_arrow()
    )
