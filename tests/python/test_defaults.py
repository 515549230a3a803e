"""Named defaults: each number of the literature, with its source."""

from __future__ import annotations

import numpy as np
import pytest

import patron
from patron import value


def test_each_has_a_source_and_a_range() -> None:
    listed = patron.defaults.list()
    names = [d.name for d in listed]
    assert names == sorted(names)
    assert "rfm.bins" in names
    for d in listed:
        assert d.source
        assert d.unit
        assert d.low <= d.value <= d.high
        assert d.value == d.built_in
        assert d.confidence in ("seed_claim", "seed_definition", "field_measured", "convention")
        assert patron.defaults.get(d.name) == d


def test_a_change_is_heard_by_small_and_large_calls() -> None:
    def bins(n: int) -> int:
        table = {
            "customer_id": np.arange(n),
            "date": np.full(n, np.datetime64("2024-01-01", "s")),
            "amount": np.ones(n),
        }
        return int(value.rfm(table).bins["bin"].max())

    assert (bins(10), bins(5000)) == (5, 5)
    patron.defaults.set("rfm.bins", 3)
    assert patron.defaults.get("rfm.bins").value == 3
    assert patron.defaults.get("rfm.bins").built_in == 5
    assert (bins(10), bins(5000)) == (3, 3)
    assert (
        int(
            value.State.rfm()
            .update(
                {"customer_id": [1], "date": np.array(["2024-01-01"], "M8[D]"), "amount": [1.0]}
            )
            .finalize()
            .bins["bin"]
            .max()
        )
        == 3
    )  # type: ignore[union-attr]
    patron.defaults.reset()
    assert (bins(10), bins(5000)) == (5, 5)


def test_pyramids_take_their_shares_from_the_defaults() -> None:
    customers = {"customer_id": np.arange(100), "value": np.arange(100.0)}
    assert value.pyramid(customers)["customers"].tolist() == [1, 4, 15, 80]
    shares = [d for d in patron.defaults.list() if d.name.startswith("pyramid.curry")]
    assert len(shares) >= 3


def test_one_can_be_reset_alone() -> None:
    patron.defaults.set("rfm.bins", 7)
    patron.defaults.reset("rfm.bins")
    assert patron.defaults.get("rfm.bins").value == 5


@pytest.mark.parametrize("bad", [1000, 0, float("nan"), 4.5])
def test_out_of_range(bad: float) -> None:
    with pytest.raises(patron.errors.OutOfRangeError) as caught:
        patron.defaults.set("rfm.bins", bad)
    assert str(caught.value).startswith("rfm.bins: ")
    assert patron.defaults.get("rfm.bins").value == 5
