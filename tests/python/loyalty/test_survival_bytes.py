"""Fits of survival as bytes and pickles: the same answers, the same bytes, nothing else loads."""

from __future__ import annotations

import pickle
from typing import Any

import numpy as np
import pytest

from patron import errors
from patron.loyalty import AFT, Cox, DiscreteHazard, KaplanMeier, NelsonAalen
from patron.table import Table


def rows(n: int = 300, seed: int = 1) -> dict[str, Any]:
    random = np.random.default_rng(seed)
    x, z = random.normal(size=n), random.integers(0, 2, n).astype(float)
    duration = np.ceil(random.exponential(10 * np.exp(-0.5 * x + 0.3 * z)))
    return {
        "time": np.minimum(duration, 40.0),
        "left": duration <= 40,
        "x": x,
        "z": z,
        "weight": random.uniform(0.5, 2.0, n),
        "entry": np.floor(np.minimum(duration, 40.0) * random.uniform(0, 0.5, n)) * 0.5,
        "offset": 0.1 * random.normal(size=n),
        "shop": random.choice(["north", "south", "östlich"], n),
        "member": random.integers(0, 2, n).astype(bool),
        "house": random.integers(0, 40, n),
    }


def fitted() -> list[Any]:
    table = rows()
    time, left = table["time"], table["left"]
    groups = {"shop": table["shop"], "member": table["member"], "house": table["house"] // 20}
    names = {"duration": "time", "event": "left"}
    full: dict[str, Any] = {"entry": "entry", "weights": "weight", "strata": ["shop", "member"]}
    covariates = ["x", "z"]
    return [
        KaplanMeier().fit(time, left),
        KaplanMeier("log-log", level=0.8).fit(
            time, left, entry=table["entry"], weights=table["weight"], groups=groups
        ),
        NelsonAalen(level=0.5).fit(time, left, groups=table["member"]),
        Cox().fit(table, covariates="x", **names),
        Cox("breslow", penalty={"z": 3.0}, level=0.9, survival_errors=True).fit(
            table, covariates=covariates, offset="offset", cluster="house", **names, **full
        ),
        Cox(robust=True, penalty=2.0, max_iterations=20).fit(table, covariates=covariates, **names),
        AFT().fit(table, covariates=covariates, entry="entry", weights="weight", **names),
        AFT("exponential", level=0.5).fit(table, **names),
        AFT("log-logistic").fit(table, covariates="x", **names),
        DiscreteHazard().fit(table, covariates=covariates, **names),
        DiscreteHazard("cloglog", level=0.8).fit(table, weights="weight", **names),
    ]


def answers(model: Any) -> list[Any]:
    """Everything that a model says."""
    table = rows(20, seed=2)
    said: list[Any] = [
        value
        for name, value in sorted(vars(model).items())
        if name.endswith("_") and name != "n_iter_"
    ]
    if isinstance(model, (KaplanMeier, NelsonAalen)):
        said += [model.curve_, model.at([0, 3.5, 12, 99])]
        if isinstance(model, KaplanMeier):
            said += [model.quantile([0.1, 0.5]), model.restricted_mean(10), model.summary()]
        return said
    said += [model.confidence_intervals(), model.predict(table)]
    if isinstance(model, Cox):
        said += [
            model.predict_survival(table, [1, 5, 30], elapsed="entry"),
            model.predict_remaining(table),
            model.baseline(centred=True),
            model.score(rows(100, seed=3)),
            model.proportional_hazards_test(rows()),
        ]
        if model.survival_errors:
            said.append(model.predict_survival_intervals(table, [1, 5, 30]))
    elif isinstance(model, AFT):
        said += [model.predict_survival(table, [1, 5, 30], elapsed="entry"), model.summary()]
    else:
        said += [model.predict_survival(table, 12), model.baseline_, model.summary()]
    return said


def same(a: Any, b: Any) -> bool:
    if isinstance(a, Table):
        return a.columns == b.columns and all(same(a[name], b[name]) for name in a.columns)
    if isinstance(a, np.ndarray):
        if a.dtype.kind == "f":
            return bool(np.array_equal(a, b, equal_nan=True))
        return bool(a.tolist() == b.tolist())
    return bool(a == b) or (a != a and b != b)


@pytest.mark.parametrize("index", range(11))
def test_bytes_and_pickles_say_the_same(index: int) -> None:
    model = fitted()[index]
    data = model.to_bytes()
    assert fitted()[index].to_bytes() == data
    told = answers(model)
    unpickled = pickle.loads(pickle.dumps(model))
    assert unpickled.get_params() == model.get_params()
    assert unpickled.to_bytes() == data
    assert all(map(same, answers(unpickled), told))
    read = type(model).from_bytes(data)
    assert read.to_bytes() == data
    settings = {"interval", "level", "max_iterations"}
    given = {name: value for name, value in model.get_params().items() if name not in settings}
    found = {name: value for name, value in read.get_params().items() if name not in settings}
    if isinstance(model, Cox) and index == 4:
        assert found.pop("penalty") == {"x": 0.0, "z": 3.0}
        given.pop("penalty")
    if isinstance(model, Cox) and index == 5:
        assert found.pop("penalty") == {"x": 2.0, "z": 2.0}
        given.pop("penalty")
    assert found == given
    read.set_params(**{name: model.get_params()[name] for name in model.get_params()})
    assert all(map(same, answers(read), told))
    # What was read can be fitted again.
    if isinstance(model, Cox):
        assert unpickled.summary() == model.summary()
        with pytest.raises(errors.FailedPreconditionError, match="concordance_: the rows of the"):
            _ = read.concordance_
        assert "concordance" not in read.summary()


def test_other_bytes_are_refused() -> None:
    models = fitted()
    kinds = [KaplanMeier, Cox, AFT, DiscreteHazard]
    for model in (models[1], models[4], models[6], models[10]):
        data = model.to_bytes()
        for place in range(0, len(data), max(1, len(data) // 60)):
            altered = bytearray(data)
            altered[place] ^= 0x10
            with pytest.raises(errors.DataLossError):
                type(model).from_bytes(bytes(altered))
        with pytest.raises(errors.DataLossError):
            type(model).from_bytes(data[:-1])
        for kind in kinds:
            if kind is not type(model):
                with pytest.raises(errors.DataLossError, match="another model of survival"):
                    kind.from_bytes(data)


def test_unfitted_models_have_no_bytes_but_pickles() -> None:
    for model in (KaplanMeier(level=0.5), Cox("breslow"), AFT("log-normal"), DiscreteHazard()):
        with pytest.raises(AttributeError, match="not fitted yet"):
            model.to_bytes()
        again = pickle.loads(pickle.dumps(model))
        assert again.get_params() == model.get_params()
        with pytest.raises(AttributeError, match="not fitted yet"):
            again.to_bytes()
