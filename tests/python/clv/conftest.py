"""CDNOW as the papers summarise it, and the reference numbers measured on it."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from patron import clv, value

Columns = dict[str, np.ndarray]


@pytest.fixture(scope="session")
def rounded(reference_folder: Callable[[str], Path]) -> Columns:
    """Return the published table of 2,357 customers: weeks, two decimals."""
    path = reference_folder("cdnow") / "summary_sample_rounded.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = [list(map(float, row)) for row in list(csv.reader(file))[1:]]
    names = ("customer_id", "frequency", "recency", "T", "monetary_value")
    columns = dict(zip(names, np.array(table).T.copy(), strict=True))
    columns["customer_id"] = columns["customer_id"].astype(np.int64)
    return columns


@pytest.fixture(scope="session")
def btyd(reference_folder: Callable[[str], Path]) -> Any:
    """Return optima and predictions measured on CDNOW."""
    path = reference_folder("cdnow") / "btyd_reference.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def weeks(cdnow_sample: Columns) -> Any:
    """Return the sample in exact weeks, with a holdout period of 39 weeks."""
    return value.summarize(
        cdnow_sample, unit="week", calibration_end="1997-09-30", observation_end="1998-06-30"
    )


@pytest.fixture(scope="session")
def fits(weeks: Any) -> dict[str, Any]:
    """Return fits to the sample in exact weeks."""
    kinds = (clv.NBD, clv.ParetoNBD, clv.BGNBD, clv.MBGNBD)
    fitted = {kind.__name__: kind(time_unit="week").fit(weeks) for kind in kinds}
    fitted["GammaGamma"] = clv.GammaGamma().fit(weeks)
    return fitted


@pytest.fixture
def customers() -> Columns:
    """Return five customers of whom nothing is wrong."""
    return {
        "customer_id": np.array([11, 12, 13, 14, 15]),
        "frequency": np.array([2, 0, 5, 1, 0]),
        "recency": np.array([30.0, 0.0, 20.0, 3.0, 0.0]),
        "T": np.array([38.0, 30.0, 35.0, 38.0, 12.0]),
        "monetary_value": np.array([20.0, 0.0, 35.0, 12.0, 0.0]),
    }


@pytest.fixture
def known() -> clv.BGNBD:
    """Return the published BG/NBD of CDNOW."""
    return clv.BGNBD.from_parameters(
        {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, time_unit="week"
    )
