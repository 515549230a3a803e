"""Artificial customers by the assumptions of each model.

The draws come from numpy's global generator in the order in which lifetimes makes them, so that
``numpy.random.seed`` gives the same customers. `patron.clv` simulates by streams of its own, which
do not depend on one another.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from numpy import random

from patron.compat.lifetimes._periods import unit_nanoseconds

Floats = npt.NDArray[np.float64]


def _per_customer(value: Any, size: int) -> Floats:
    return np.full(size, value, dtype=float) if np.ndim(value) == 0 else np.asarray(value, float)


def _scales(rates: Floats) -> Floats:
    """Return mean times between events; a rate may have come out as zero."""
    return np.divide(1.0, rates, out=np.full_like(rates, np.inf), where=rates > 0)


def _purchases(
    T: float, scale: float, p: float, dropout_at_birth: bool
) -> tuple[list[float], bool]:
    """Return the times of one customer's purchases, and whether the customer is alive after."""
    times: list[float] = []
    time = random.exponential(scale=scale)
    alive = bool(random.random() > p) if dropout_at_birth else True
    while time < T and alive:
        times.append(time)
        time += random.exponential(scale=scale)
        alive = bool(random.random() > p)
    return times, alive


def _history(times: list[float]) -> tuple[int, float]:
    """Return the units of time with a purchase, and the time of the last one."""
    return len({int(time) for time in times}), times[-1] if times else 0.0


def _customers(columns: list[str], rows: list[tuple[Any, ...]]) -> Any:
    table = np.array(rows, dtype=float).reshape(len(rows), len(columns))
    return pd.DataFrame(table, columns=columns)


def _beta_geometric(
    T: Any, r: float, alpha: float, a: float, b: float, size: int, dropout_at_birth: bool
) -> Any:
    ages = _per_customer(T, size)
    p = random.beta(a, b, size=size)
    rates = random.gamma(r, scale=1.0 / alpha, size=size)
    scales = _scales(rates)
    rows = []
    for i in range(size):
        times, alive = _purchases(ages[i], scales[i], p[i], dropout_at_birth)
        rows.append((*_history(times), ages[i], rates[i], p[i], alive, i))
    columns = ["frequency", "recency", "T", "lambda", "p", "alive", "customer_id"]
    return _customers(columns, rows).set_index("customer_id")


def beta_geometric_nbd_model(
    T: Any, r: float, alpha: float, a: float, b: float, size: int = 1
) -> Any:
    """Return customers of the BG/NBD model.

    Parameters
    ----------
    T : float or array_like
        Age of the customers at the end of observation.
    r, alpha, a, b : float
        Parameters of the model.
    size : int
        Number of customers.

    Returns
    -------
    pandas.DataFrame
        Columns frequency (units of time with a repeat purchase), recency, T, lambda, p and alive,
        indexed by customer_id.
    """
    return _beta_geometric(T, r, alpha, a, b, size, dropout_at_birth=False)


def modified_beta_geometric_nbd_model(
    T: Any, r: float, alpha: float, a: float, b: float, size: int = 1
) -> Any:
    """Return customers of the MBG/NBD model, who may drop out at birth too.

    Parameters
    ----------
    T, r, alpha, a, b, size
        As in `beta_geometric_nbd_model`.

    Returns
    -------
    pandas.DataFrame
        As `beta_geometric_nbd_model` returns.
    """
    return _beta_geometric(T, r, alpha, a, b, size, dropout_at_birth=True)


def beta_geometric_nbd_model_transactional_data(
    T: Any,
    r: float,
    alpha: float,
    a: float,
    b: float,
    observation_period_end: Any = "2019-1-1",
    freq: str = "D",
    size: int = 1,
) -> Any:
    """Return transactions of customers of the BG/NBD model.

    Parameters
    ----------
    T, r, alpha, a, b, size
        As in `beta_geometric_nbd_model`.
    observation_period_end : datetime or str
        When observation ends; a customer's first transaction is T units before.
    freq : str
        The unit of time: D, W, h, ...

    Returns
    -------
    pandas.DataFrame
        Columns customer_id and date, the first transaction of each customer included.
    """
    unit = unit_nanoseconds(freq)
    end = pd.Timestamp(observation_period_end).as_unit("ns").value
    ages = _per_customer(T, size)
    p = random.beta(a, b, size=size)
    scales = _scales(random.gamma(r, scale=1.0 / alpha, size=size))
    ids: list[int] = []
    offsets: list[float] = []
    for i in range(size):
        times, _ = _purchases(ages[i], scales[i], p[i], dropout_at_birth=False)
        # The first unit of time belongs to the first transaction alone.
        offsets.append(-ages[i])
        offsets.extend(time - (ages[i] - 1) for time in times)
        ids.extend([i] * (1 + len(times)))
    instants = end + (np.array(offsets) * unit).astype(np.int64)
    return pd.DataFrame(
        {
            "customer_id": np.array(ids, dtype=np.int64),
            "date": instants.astype("datetime64[ns]"),
        }
    )


def pareto_nbd_model(T: Any, r: float, alpha: float, s: float, beta: float, size: int = 1) -> Any:
    """Return customers of the Pareto/NBD model.

    Parameters
    ----------
    T, size
        As in `beta_geometric_nbd_model`.
    r, alpha, s, beta : float
        Parameters of the model.

    Returns
    -------
    pandas.DataFrame
        Columns frequency (units of time with a repeat purchase), recency, T, lambda, mu and alive,
        indexed by customer_id.
    """
    ages = _per_customer(T, size)
    rates = random.gamma(r, scale=1.0 / alpha, size=size)
    deaths = random.gamma(s, scale=1.0 / beta, size=size)
    scales = _scales(rates)
    lives = _scales(deaths)
    rows = []
    for i in range(size):
        life = random.exponential(scale=lives[i])
        end = min(life, ages[i])
        times: list[float] = []
        time = random.exponential(scale=scales[i])
        while time < end:
            times.append(time)
            time += random.exponential(scale=scales[i])
        rows.append((*_history(times), ages[i], rates[i], deaths[i], life > ages[i], i))
    columns = ["frequency", "recency", "T", "lambda", "mu", "alive", "customer_id"]
    return _customers(columns, rows).set_index("customer_id")


def beta_geometric_beta_binom_model(
    N: Any, alpha: float, beta: float, gamma: float, delta: float, size: int = 1
) -> Any:
    """Return customers of the BG/BB model.

    Parameters
    ----------
    N : int or array_like
        Opportunities to buy after the first purchase.
    alpha, beta, gamma, delta : float
        Parameters of the model.
    size : int
        Number of customers.

    Returns
    -------
    pandas.DataFrame
        Columns frequency, recency (the last opportunity taken), n_periods, p, theta, alive (at the
        opportunity after the last) and customer_id.
    """
    opportunities = _per_customer(N, size)
    buys = random.beta(alpha, beta, size=size)
    drops = random.beta(gamma, delta, size=size)
    rows = []
    for i in range(size):
        frequency = recency = period = 0
        alive = True
        while period < opportunities[i] and alive:
            alive = random.binomial(1, drops[i]) == 0
            period += 1
            if alive and random.binomial(1, buys[i]) == 1:
                frequency += 1
                recency = period
        if alive:
            alive = random.binomial(1, drops[i]) == 0
        rows.append((frequency, recency, opportunities[i], buys[i], drops[i], alive, i))
    columns = ["frequency", "recency", "n_periods", "p", "theta", "alive", "customer_id"]
    return _customers(columns, rows)
