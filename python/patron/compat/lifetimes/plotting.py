"""Pictures of models and of what they predict; they need matplotlib."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from patron.compat.lifetimes import _density
from patron.compat.lifetimes._periods import offset_name
from patron.compat.lifetimes.utils import calculate_alive_path, expected_cumulative_transactions

__all__ = [
    "plot_calibration_purchases_vs_holdout_purchases",
    "plot_cumulative_transactions",
    "plot_dropout_rate_heterogeneity",
    "plot_expected_repeat_purchases",
    "plot_frequency_recency_matrix",
    "plot_history_alive",
    "plot_incremental_transactions",
    "plot_period_transactions",
    "plot_probability_alive_matrix",
    "plot_transaction_rate_heterogeneity",
]


def _pyplot() -> Any:
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            'patron.compat.lifetimes.plotting needs matplotlib: pip install "patron[plot]"'
        ) from error
    return pyplot


def _legend(ax: Any, **options: Any) -> None:
    ax.legend(*ax.get_legend_handles_labels(), **options)


def coalesce(*args: Any) -> Any:
    """Return the first argument that is not None."""
    return next(value for value in args if value is not None)


def plot_period_transactions(
    model: Any,
    max_frequency: int = 7,
    title: str = "Frequency of Repeat Transactions",
    xlabel: str = "Number of Calibration Period Transactions",
    ylabel: str = "Customers",
    **kwargs: Any,
) -> Any:
    """Draw how many customers bought how often, beside as many simulated by the model.

    Parameters
    ----------
    model
        A fitted model.
    max_frequency : int
        Number of frequencies drawn.
    title, xlabel, ylabel : str
        Texts.
    **kwargs
        For ``pandas.DataFrame.plot``; ``label`` is the pair of names in the legend.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _pyplot()
    labels = kwargs.pop("label", ["Actual", "Model"])
    customers = model.data.shape[0]
    columns = [
        data["frequency"].value_counts().sort_index().iloc[:max_frequency]
        for data in (model.data, model.generate_new_data(size=customers))
    ]
    counts = pd.concat(columns, axis=1, keys=range(2)).sort_index().fillna(0)
    counts.columns = labels
    ax = counts.plot(kind="bar", **kwargs)
    _legend(ax)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    return ax


def plot_calibration_purchases_vs_holdout_purchases(
    model: Any,
    calibration_holdout_matrix: Any,
    kind: str = "frequency_cal",
    n: int = 7,
    **kwargs: Any,
) -> Any:
    """Draw the mean purchases of the holdout period and those predicted, by a column.

    Parameters
    ----------
    model
        A model fitted to the calibration period.
    calibration_holdout_matrix : pandas.DataFrame
        What `calibration_and_holdout_data` returned.
    kind : str
        By what: frequency_cal, recency_cal, T_cal or time_since_last_purchase.
    n : int
        Number of values drawn.
    **kwargs
        For ``pandas.DataFrame.plot``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    _pyplot()
    xlabel = {
        "frequency_cal": "Purchases in calibration period",
        "recency_cal": "Age of customer at last purchase",
        "T_cal": "Age of customer at the end of calibration period",
        "time_since_last_purchase": "Time since user made last purchase",
    }[kind]
    table = calibration_holdout_matrix.copy()
    table["model_predictions"] = model.conditional_expected_number_of_purchases_up_to_time(
        table["duration_holdout"].iloc[0],
        table["frequency_cal"],
        table["recency_cal"],
        table["T_cal"],
    )
    if kind == "time_since_last_purchase":
        table[kind] = table["T_cal"] - table["recency_cal"]
    means = table.groupby(kind)[["frequency_holdout", "model_predictions"]].mean()
    ax = means.iloc[:n].plot(**kwargs)
    ax.set(
        title="Actual Purchases in Holdout Period vs Predicted Purchases",
        xlabel=xlabel,
        ylabel="Average of Purchases in Holdout Period",
    )
    _legend(ax)
    return ax


def _heatmap(values: Any, title: str, xlabel: str, ylabel: str, kwargs: dict[str, Any]) -> Any:
    pyplot = _pyplot()
    interpolation = kwargs.pop("interpolation", "none")
    ax = pyplot.subplot(111)
    image = ax.imshow(values, interpolation=interpolation, **kwargs)
    ax.set(title=title, xlabel=xlabel, ylabel=ylabel)
    forceAspect(ax)
    pyplot.colorbar(image, ax=ax)
    return ax


def plot_frequency_recency_matrix(
    model: Any,
    T: float = 1,
    max_frequency: int | None = None,
    max_recency: int | None = None,
    title: str | None = None,
    xlabel: str = "Customer's Historical Frequency",
    ylabel: str = "Customer's Recency",
    **kwargs: Any,
) -> Any:
    """Draw the purchases expected in the next `T` units of time, by recency and frequency.

    Parameters
    ----------
    model
        A fitted model.
    T : float
        Length of the time ahead.
    max_frequency : int, optional
        By default the greatest that was fitted.
    max_recency : int, optional
        Age of the customers too; by default the greatest age that was fitted.
    title, xlabel, ylabel : str
        Texts.
    **kwargs
        For ``imshow``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    columns = int(model.data["frequency"].max()) if max_frequency is None else max_frequency
    rows = int(model.data["T"].max()) if max_recency is None else max_recency
    recency, frequency = np.mgrid[0 : rows + 1, 0 : columns + 1].astype(float)
    expected = model.conditional_expected_number_of_purchases_up_to_time(
        T, frequency.ravel(), recency.ravel(), np.full(recency.size, float(rows))
    )
    if title is None:
        unit = "Unit" if T == 1 else "Units"
        title = (
            f"Expected Number of Future Purchases for {T} {unit} of Time,"
            "\nby Frequency and Recency of a Customer"
        )
    values = np.asarray(expected).reshape(recency.shape)
    return _heatmap(values, title, xlabel, ylabel, kwargs)


def plot_probability_alive_matrix(
    model: Any,
    max_frequency: int | None = None,
    max_recency: int | None = None,
    title: str = "Probability Customer is Alive,\nby Frequency and Recency of a Customer",
    xlabel: str = "Customer's Historical Frequency",
    ylabel: str = "Customer's Recency",
    **kwargs: Any,
) -> Any:
    """Draw the probability of being alive, by recency and frequency.

    Parameters
    ----------
    model
        A fitted model.
    max_frequency : int, optional
        By default the greatest that was fitted.
    max_recency : int, optional
        Age of the customers too; by default the greatest age that was fitted.
    title, xlabel, ylabel : str
        Texts.
    **kwargs
        For ``imshow``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    values = model.conditional_probability_alive_matrix(max_frequency, max_recency)
    return _heatmap(values, title, xlabel, ylabel, kwargs)


def plot_expected_repeat_purchases(
    model: Any,
    title: str = "Expected Number of Repeat Purchases per Customer",
    xlabel: str = "Time Since First Purchase",
    ax: Any = None,
    label: str | None = None,
    **kwargs: Any,
) -> Any:
    """Draw the repeat purchases expected of a new customer, dashed past the ages fitted.

    Parameters
    ----------
    model
        A fitted model.
    title, xlabel : str
        Texts.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    label : str, optional
        Name in the legend.
    **kwargs
        For ``plot``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    if ax is None:
        ax = _pyplot().subplot(111)
    given = [color for color in (kwargs.pop("c", None), kwargs.pop("color", None)) if color]
    style = {"color": given[0]} if given else {}
    oldest = model.data["T"].max()
    times = np.linspace(0, oldest, 100)
    expected = model.expected_number_of_purchases_up_to_time(times)
    (line,) = ax.plot(times, expected, label=label, **style, **kwargs)
    times = np.linspace(oldest, 1.5 * oldest, 100)
    expected = model.expected_number_of_purchases_up_to_time(times)
    ax.plot(times, expected, color=line.get_color(), **{**kwargs, "ls": "--"})
    ax.set(title=title, xlabel=xlabel)
    _legend(ax, loc="lower right")
    return ax


def plot_history_alive(
    model: Any,
    t: int,
    transactions: Any,
    datetime_col: str,
    freq: str = "D",
    start_date: Any = None,
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """Draw the probability that one customer is alive over time, with the purchases.

    Parameters
    ----------
    model
        A fitted model.
    t : int
        Units of time since the first purchase.
    transactions : pandas.DataFrame
        The transactions of this customer.
    datetime_col : str
        Name of the column of instants.
    freq : str
        The unit of time: D, W, ...
    start_date : datetime or str, optional
        Left end of the time axis; by default the first purchase.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    **kwargs
        For ``plot``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    if ax is None:
        ax = _pyplot().subplot(111)
    when = pd.DatetimeIndex(pd.to_datetime(transactions[datetime_col]))
    offset = offset_name(freq)
    path = calculate_alive_path(model, transactions, datetime_col, t, freq)
    dates = pd.date_range(start=when.min(), periods=len(path), freq=offset)
    ax.plot(dates, path, "-", **{"label": "P_alive", **kwargs})
    bought = pd.Series(1, index=when).resample(offset).sum()
    ax.vlines(
        bought[bought >= 1].index,
        ymin=0,
        ymax=1,
        colors="r",
        linestyles="dashed",
        label="purchases",
    )
    ax.set_ylim(0, 1.0)
    ax.set_yticks(np.arange(0, 1.1, 0.1))
    ax.set_xlim(when.min() if start_date is None else pd.Timestamp(start_date), dates[-1])
    _legend(ax, loc=3)
    ax.set(title="History of P_alive", ylabel="P_alive")
    return ax


def plot_cumulative_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    t_cal: float,
    datetime_format: str | None = None,
    freq: str = "D",
    set_index_date: bool = False,
    title: str = "Tracking Cumulative Transactions",
    xlabel: str = "day",
    ylabel: str = "Cumulative Transactions",
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """Draw the repeat transactions that happened and those expected, summed from the start.

    Parameters
    ----------
    model
        A fitted model.
    transactions : pandas.DataFrame
        One row a transaction.
    datetime_col, customer_id_col : str
        Names of columns.
    t : int
        Periods from the first transaction of all.
    t_cal : float
        Where calibration ends; a line marks it.
    datetime_format, freq, set_index_date
        As in `expected_cumulative_transactions`.
    title, xlabel, ylabel : str
        Texts; the time axis is named date if `set_index_date`.
    ax : matplotlib.axes.Axes, optional
        Where to draw.
    **kwargs
        For ``pandas.DataFrame.plot``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = expected_cumulative_transactions(
        model,
        transactions,
        datetime_col,
        customer_id_col,
        t,
        datetime_format=datetime_format,
        freq=freq,
        set_index_date=set_index_date,
    )
    return _tracking(table, t_cal, set_index_date, title, xlabel, ylabel, ax, kwargs)


def plot_incremental_transactions(
    model: Any,
    transactions: Any,
    datetime_col: str,
    customer_id_col: str,
    t: int,
    t_cal: float,
    datetime_format: str | None = None,
    freq: str = "D",
    set_index_date: bool = False,
    title: str = "Tracking Daily Transactions",
    xlabel: str = "day",
    ylabel: str = "Transactions",
    ax: Any = None,
    **kwargs: Any,
) -> Any:
    """Draw the repeat transactions of each period, those that happened and those expected.

    Parameters
    ----------
    model, transactions, datetime_col, customer_id_col, t, t_cal, datetime_format, freq, \
set_index_date, title, xlabel, ylabel, ax, **kwargs
        As in `plot_cumulative_transactions`.

    Returns
    -------
    matplotlib.axes.Axes
    """
    table = expected_cumulative_transactions(
        model,
        transactions,
        datetime_col,
        customer_id_col,
        t,
        datetime_format=datetime_format,
        freq=freq,
        set_index_date=set_index_date,
    ).diff()
    return _tracking(table, t_cal, set_index_date, title, xlabel, ylabel, ax, kwargs)


def _tracking(
    table: Any,
    t_cal: float,
    set_index_date: bool,
    title: str,
    xlabel: str,
    ylabel: str,
    ax: Any,
    kwargs: dict[str, Any],
) -> Any:
    if ax is None:
        ax = _pyplot().subplot(111)
    ax = table.plot(ax=ax, title=title, **kwargs)
    ax.axvline(x=table.index[int(t_cal)] if set_index_date else t_cal, color="r", linestyle="--")
    ax.set(xlabel="date" if set_index_date else xlabel, ylabel=ylabel)
    return ax


def plot_transaction_rate_heterogeneity(
    model: Any,
    suptitle: str = "Heterogeneity in Transaction Rate",
    xlabel: str = "Transaction Rate",
    ylabel: str = "Density",
    suptitle_fontsize: float = 14,
    **kwargs: Any,
) -> Any:
    """Draw the gamma distribution of the customers' rates of purchase.

    Parameters
    ----------
    model
        A fitted model with parameters r and alpha.
    suptitle, xlabel, ylabel : str
        Texts.
    suptitle_fontsize : float
        Size of the title.
    **kwargs
        For ``plot``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    r, alpha = map(float, model._unload_params("r", "alpha"))
    x = np.linspace(0, _density.gamma_quantile(0.99, r, alpha), 100)
    texts = (suptitle, xlabel, ylabel, suptitle_fontsize)
    density = _density.gamma_density(x, r, alpha)
    return _heterogeneity(x, density, r / alpha, r / alpha**2, texts, kwargs)


def plot_dropout_rate_heterogeneity(
    model: Any,
    suptitle: str = "Heterogeneity in Dropout Probability",
    xlabel: str = "Dropout Probability p",
    ylabel: str = "Density",
    suptitle_fontsize: float = 14,
    **kwargs: Any,
) -> Any:
    """Draw the beta distribution of the customers' probabilities of dropping out.

    Parameters
    ----------
    model
        A fitted model with parameters a and b.
    suptitle, xlabel, ylabel : str
        Texts.
    suptitle_fontsize : float
        Size of the title.
    **kwargs
        For ``plot``.

    Returns
    -------
    matplotlib.axes.Axes
    """
    a, b = map(float, model._unload_params("a", "b"))
    x = np.linspace(0, _density.beta_quantile(0.99, a, b), 100)
    texts = (suptitle, xlabel, ylabel, suptitle_fontsize)
    variance = a * b / ((a + b) ** 2) / (a + b + 1)
    return _heterogeneity(x, _density.beta_density(x, a, b), a / (a + b), variance, texts, kwargs)


def _heterogeneity(
    x: Any,
    density: Any,
    mean: float,
    variance: float,
    texts: tuple[str, str, str, float],
    kwargs: dict[str, Any],
) -> Any:
    suptitle, xlabel, ylabel, size = texts
    figure, ax = _pyplot().subplots(1)
    figure.suptitle(suptitle, fontsize=size, fontweight="bold")
    ax.set(title=f"mean: {mean:.3f}, var: {variance:.3f}", xlabel=xlabel, ylabel=ylabel)
    figure.tight_layout(rect=[0, 0.03, 1, 0.95])
    ax.plot(x, density, **kwargs)
    return ax


def forceAspect(ax: Any, aspect: float = 1) -> None:  # noqa: N802
    """Make the picture on `ax` a square, or `aspect` times as wide as high."""
    left, right, bottom, top = ax.get_images()[0].get_extent()
    ax.set_aspect(abs((right - left) / (top - bottom)) / aspect)
