"""Tiers over time, migration between them, and Markov chains."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from patron import errors, value

Columns = dict[str, np.ndarray]
LEVELS = {"basic": 0, "silver": 100, "gold": 300}


@pytest.fixture(scope="module")
def expected(reference: Callable[[str], Any]) -> Any:
    return reference("online_retail")


def days(*text: str) -> np.ndarray:
    return np.array(text, dtype="datetime64[D]")


def retail_policy(**options: Any) -> value.TierPolicy:
    return value.TierPolicy(
        {"basic": 0, "silver": 500, "gold": 1500, "platinum": 5000},
        length=3,
        begin="2011-03-01",
        decimals=3,
        **options,
    )


@pytest.mark.parametrize(
    ("options", "name"),
    [
        ({"demotion": "to_earned", "margin": 1.0, "grace": 1}, "no_hysteresis"),
        ({}, "with_hysteresis"),
    ],
)
def test_online_retail(
    purchases: Columns, expected: Any, options: dict[str, Any], name: str
) -> None:
    history = value.tiers(
        purchases, retail_policy(**options), until="2011-12-10", amount_decimals=3
    )
    reference = expected["hysteresis"][name]
    assert history.counts.changes == len(history.changes) == reference["changes"]
    assert history.counts.promotions == reference["promotions"]
    assert history.counts.reversals == reference["one_step_reversals"]
    tiers = ["basic", "silver", "gold", "platinum"]
    assert [int((history["tier"] == t).sum()) for t in tiers] == reference["final_counts"]


def test_online_retail_migration(purchases: Columns, expected: Any) -> None:
    def standing(begin: str, end: str) -> dict[int, str]:
        when = purchases["date"].astype("datetime64[D]")
        rows = (when >= np.datetime64(begin)) & (when < np.datetime64(end))
        ids, where = np.unique(purchases["customer_id"][rows], return_inverse=True)
        total = np.zeros(len(ids), dtype=np.int64)
        np.add.at(total, where, purchases["amount"][rows])
        members = value.pyramid({"customer_id": ids, "value": total}, "curry").membership
        return dict(zip(members["customer_id"].tolist(), members["tier"].tolist(), strict=True))

    before = standing("2010-12-01", "2011-06-01")
    after = standing("2011-06-01", "2011-12-01")
    reference = expected["migration"]
    assert (len(before), len(after)) == (reference["n_from"], reference["n_to"])
    ids = sorted(before.keys() | after.keys())
    names = value.pyramid({"customer_id": [1, 2], "value": [1, 2]}, "curry")["tier"][:4].tolist()
    table = {"before": [before.get(i) for i in ids], "after": [after.get(i) for i in ids]}
    moved = value.migration(table, tiers=names)
    assert moved.counts[:-1].tolist() == reference["counts_rows_from_1_to_5"]
    assert moved.counts[-1].sum() == 0
    p = moved.probabilities
    np.testing.assert_allclose(moved.steady_state() @ p, moved.steady_state(), atol=1e-12)
    assert moved.mobility() == pytest.approx((5 - np.trace(p)) / 4)
    q = p[:4, :4]
    np.testing.assert_allclose(
        moved.expected_tenure().periods[:4, :4], np.linalg.inv(np.eye(4) - q), rtol=1e-9
    )


def test_entitlements_and_levels() -> None:
    policy = value.TierPolicy(LEVELS, entitlements={"gold": ["lounge", "hotline"]})
    assert policy.tiers == ["basic", "silver", "gold"]
    assert policy.entitlements("gold") == ["lounge", "hotline"]
    assert policy.entitlements("basic") == []
    assert policy.levels["threshold"].tolist()[1:] == [80, 240]
    with pytest.raises(ValueError, match="tier: 'iron'"):
        policy.entitlements("iron")
    with pytest.raises(ValueError, match="tier: row 0 is 'iron'; expected the name of a level"):
        value.TierPolicy(LEVELS, entitlements={"iron": ["lounge"]})


def test_policies_are_data() -> None:
    policies = [
        value.TierPolicy(LEVELS),
        value.TierPolicy(LEVELS, evaluate=["2024-01-01", "2024-07-01"], begin="2024-01-01"),
        value.TierPolicy(LEVELS, evaluate=45, metric="purchases", window="lifetime"),
        value.TierPolicy(LEVELS, evaluate="anniversary", window="anniversary", grace=1),
        value.TierPolicy(LEVELS, window="calendar", window_period="quarter", decimals=2),
        value.TierPolicy(
            LEVELS,
            window="trailing_days",
            length=90,
            promotion="purchase",
            demotion="never",
            revoke_on_return=True,
            stay_days=30,
            entitlements={"silver": ["post"]},
        ),
    ]
    assert len(set(policies)) == len(policies)
    for policy in policies:
        assert value.TierPolicy.from_bytes(policy.to_bytes()) == policy
        assert pickle.loads(pickle.dumps(policy)) == policy
        assert value.TierPolicy(**policy.to_dict()) == policy
    assert repr(policies[0]) == "TierPolicy({basic: 0, silver: 100, gold: 300})"
    with pytest.raises(errors.DataLossError):
        value.TierPolicy.from_bytes(policies[0].to_bytes()[:-1])


def test_a_customer_just_under_a_cut_stays_until_the_margin_is_passed() -> None:
    purchases = {
        "customer_id": [1, 1, 1, 1],
        "date": days("2024-01-05", "2024-02-05", "2024-03-05", "2024-04-05"),
        "amount": [300.0, 290.0, 239.99, 239.99],
    }
    history = value.tiers(purchases, value.TierPolicy(LEVELS, length=1), until="2024-05-01")
    changes = history.changes
    assert changes["cause"].tolist() == ["promoted", "demoted"]
    assert changes["day"].tolist() == [date(2024, 2, 1), date(2024, 5, 1)]
    assert changes["from"].tolist() == ["basic", "gold"]
    assert changes["to"].tolist() == ["gold", "silver"]
    assert changes["metric"].tolist() == [300, 239.99]
    assert changes["floor"].tolist() == [300, 300]
    assert changes["threshold"][1] == 240
    assert changes["evaluations_below"].tolist() == [0, 2]


def test_levels_by_hand_expire() -> None:
    book = value.TierBook(value.TierPolicy(LEVELS, length=1))
    book.append({"customer_id": ["a", "b"], "date": days(*["2024-01-05"] * 2), "amount": [1, 1]})
    book.set_by_hand(
        {
            "customer_id": ["a", "b"],
            "tier": ["silver", "gold"],
            "kind": ["floor", "override"],
            "start": days("2024-02-01", "2024-02-01"),
            "end": np.array(["2024-03-01", "NaT"], dtype="datetime64[D]"),
        }
    )
    assert book.standing("a", "2024-02-15").tier == "silver"
    standing = book.standing("a", "2024-03-01")
    assert (standing.tier, standing.by_hand, standing.since) == ("basic", False, date(2024, 3, 1))
    assert book.standing("b", "2030-01-01").tier == "gold"
    assert book.standing("b", "2030-01-01").automatic == "basic"
    causes = book.history("2024-06-01").changes
    assert causes["cause"].tolist() == ["floor", "floor_ended", "override"]
    assert np.isnan(causes["metric"]).all()
    with pytest.raises(ValueError, match="kind: row 0 is 'wish'; expected floor or override"):
        book.set_by_hand(
            {
                "customer_id": ["a"],
                "tier": ["gold"],
                "kind": ["wish"],
                "start": days("2024-02-01"),
                "end": days("2024-03-01"),
            }
        )
    with pytest.raises(KeyError):
        book.standing("nobody")


def test_returns_take_back_what_they_gave() -> None:
    book = value.TierBook(value.TierPolicy(LEVELS, revoke_on_return=True))
    names = {"transaction": "id", "reverses": "of"}
    book.append(
        {
            "customer_id": [1, 1],
            "date": days("2024-01-05", "2024-03-05"),
            "amount": [300.0, 120.0],
            "id": [1, 2],
            "of": np.ma.masked_all(2, dtype=np.int64),
        },
        **names,
    )
    assert book.standing(1, "2024-04-01").tier == "gold"
    book.append(
        {
            "customer_id": [1],
            "date": days("2024-04-10"),
            "amount": [-300.0],
            "id": [3],
            "of": [1],
        },
        **names,
    )
    changes = book.history("2024-05-01").changes
    assert changes["cause"].tolist() == ["promoted", "returned", "promoted"]
    assert changes["to"].tolist() == ["gold", "basic", "silver"]
    assert book.standing(1, "2024-05-01").metric == 120
    with pytest.raises(ValueError, match="of: row 0 is 9; expected a purchase"):
        book.append(
            {"customer_id": [1], "date": days("2024-05-10"), "amount": [-1], "id": [4], "of": [9]},
            **names,
        )


def test_pieces_equal_the_whole(purchases: Columns) -> None:
    policy = retail_policy()
    whole = value.tiers(purchases, policy, amount_decimals=3)
    book = value.TierBook(policy)
    order = np.random.default_rng(1).permutation(len(purchases["amount"]))
    for part in np.array_split(order, 7):
        book.append({k: v[part] for k, v in purchases.items()}, amount_decimals=3)
        book.history()
    pieces = book.history()
    assert pieces.counts == whole.counts
    for name in whole.columns:
        np.testing.assert_array_equal(pieces[name], whole[name])
    for name in whole.changes.columns:
        np.testing.assert_array_equal(pieces.changes[name], whole.changes[name])


def test_migration_of_a_book() -> None:
    book = value.TierBook(value.TierPolicy(LEVELS, length=1))
    book.append(
        {
            "customer_id": [1, 2, 3],
            "date": days("2024-01-05", "2024-01-06", "2024-04-07"),
            "amount": [300, 100, 100],
        }
    )
    moved = book.migration("2024-02-01", "2024-05-01")
    assert moved.states == ["basic", "silver", "gold", "absent"]
    assert moved.counts.tolist() == [
        [0, 0, 0, 0],
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 0, 0],
        [0, 1, 0, 0],
    ]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"levels": {"a": 0, "b": 5, "c": 5}}, "levels: floor of 'c' is 5.0000, not above that"),
        ({"length": 0}, "length: 0; expected 1 to 1200"),
        ({"evaluate": "fortnight"}, "evaluate: 'fortnight'; expected one of"),
        ({"evaluate": 0}, "every_days: 0; expected 1 to 36525"),
        ({"evaluate": ["2024-02-01", "2024-01-01"]}, "days: row 1 is 2024-01-01; expected days"),
        ({"margin": 1.5}, "margin: 1.5; expected above 0, up to 1"),
        (
            {"metric": "purchases", "levels": {"a": 0, "b": 1.5}},
            "floors: row 1 is 1.5; expected a w",
        ),
        ({"levels": {"a": 0, "b": float("nan")}}, "floors: row 1 is nan"),
    ],
)
def test_policies_refused(options: dict[str, Any], message: str) -> None:
    arguments: dict[str, Any] = {"levels": LEVELS} | options
    with pytest.raises(ValueError, match=re.escape(message)):
        value.TierPolicy(**arguments)


def test_markov_refusals() -> None:
    with pytest.raises(ValueError, match="not a square matrix"):
        value.steady_state([[1.0, 0.0]])
    with pytest.raises(ValueError, match=r"row 0 has the sum 0\.5; expected 1"):
        value.mobility([[0.5, 0.0], [0.0, 1.0]])
    with pytest.raises(errors.FailedPreconditionError, match="state 0 ever"):
        value.expected_tenure([[1.0, 0.0], [0.0, 1.0]], [False, True])
    with pytest.raises(ValueError, match="rewards: 1 numbers; expected 2"):
        value.markov_lifetime_value([[1.0, 0.0], [0.0, 1.0]], [1.0], 0.1)


def test_frames_in_which_few_rows_take_something_back() -> None:
    pandas = pytest.importorskip("pandas")
    rows = pandas.DataFrame(
        {
            "customer_id": [1, 1],
            "date": pandas.to_datetime(["2024-01-05", "2024-04-10"]),
            "amount": [300.0, -300.0],
            "id": [1, 2],
            "takes_back": [None, 1],
        }
    )
    assert rows["takes_back"].dtype == float
    book = value.TierBook(value.TierPolicy(LEVELS, revoke_on_return=True))
    book.append(rows, transaction="id", reverses="takes_back")
    changes = book.history(until=date(2024, 5, 1)).changes
    assert changes["cause"].tolist() == ["promoted", "returned"]
