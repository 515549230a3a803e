"""Early warning: which customers are about to leave, and what says so."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    from patron._typing import InstantLike, Progress, TableLike

SIGNALS = (
    "own_quantile",
    "own_mean",
    "population",
    "p_alive",
    "hazard",
    "basket",
    "visits",
    "complaint",
    "reopened_complaint",
    "score",
    "demotion",
    "contract_end",
)
LEVELS = ("green", "yellow", "orange", "red")


class SignalRules:
    """What counts as a signal, and how signals make a level.

    Parameters
    ----------
    quantile, min_gaps : float, int
        "own_quantile": days since the last purchase above this quantile (type 7) of the customer's
        own gaps between purchase days, of which there are at least `min_gaps`.
    multiple : float
        "own_mean": above so many times the mean of its own gaps.
    population_quantile : float
        "population": for customers with fewer gaps, above this quantile of everybody's.
    alive_drop : float
        "p_alive": least fall of the probability of being a customer.
    hazard_rise : float
        "hazard": least ratio of the hazard of leaving to that of before.
    decline : float
        "basket": the last three purchase days are worth less than this times the three before.
        "visits": the three gaps before are shorter than this times the last three.
    score_drop : float
        "score": least fall of the score given in surveys.
    contract_days : int
        "contract_end": days to the end of the contract.
    combination : {"max", "sum"}
        The greatest weight of the signals seen, or their sum.
    weights : mapping of str to float, optional
        Weights by signal; those left out keep their default, and 0 turns a signal off. "complaint"
        is an open one, "reopened_complaint" one opened again, "demotion" a tier lost. Defaults: 3
        for a reopened complaint, 2 for own_mean, p_alive, hazard and complaint, 1 for the others.
    cuts : sequence of three floats
        From which combined weight on the level is yellow, orange and red.
    grace : int
        A level rises at once, and falls by one after so many evaluations in a row below it.
    """

    __slots__ = ("_options",)

    def __init__(
        self,
        *,
        quantile: float = 0.9,
        min_gaps: int = 3,
        multiple: float = 2.0,
        population_quantile: float = 0.9,
        alive_drop: float = 0.2,
        hazard_rise: float = 1.5,
        decline: float = 0.5,
        score_drop: float = 2.0,
        contract_days: int = 30,
        combination: Literal["max", "sum"] = "max",
        weights: Mapping[str, float] | None = None,
        cuts: Sequence[float] = (1.0, 2.0, 3.0),
        grace: int = 2,
    ) -> None:
        given = dict(weights or {})
        unknown = [name for name in given if name not in SIGNALS]
        if unknown:
            raise ValueError(f"weights: {unknown[0]!r}; expected one of {', '.join(SIGNALS)}")
        if len(cuts) != 3:
            raise ValueError(f"cuts: {len(cuts)} numbers; expected 3: yellow, orange, red")
        self._options: tuple[object, ...] = (
            quantile,
            min_gaps,
            multiple,
            population_quantile,
            alive_drop,
            hazard_rise,
            decline,
            score_drop,
            contract_days,
            combination,
            tuple(given.get(name) for name in SIGNALS),
            tuple(cuts),
            grace,
        )


class CustomerWarnings(Table):
    """One row a customer, by id: its level and risk; see `SignalBook.warn`."""

    __slots__ = ("_evidence", "population_bound")
    _evidence: _core.Table
    population_bound: float

    @classmethod
    def _with(cls, warnings: _core.Table, evidence: _core.Table, bound: float) -> Self:
        table = cls._of(warnings)
        table._evidence = evidence
        table.population_bound = bound
        return table

    @property
    def evidence(self) -> Table:
        """One row a signal seen, by customer: customer_id, signal, value, threshold."""
        return Table._of(self._evidence)


class Evidence(NamedTuple):
    """A signal that was seen.

    Attributes
    ----------
    signal : str
        Its name.
    value, threshold : float
        What was seen, and the bound that it has passed.
    """

    signal: str
    value: float
    threshold: float


class CustomerWarning(NamedTuple):
    """One customer as its purchases alone show it.

    Attributes
    ----------
    warning : str
        "green", "yellow", "orange" or "red".
    risk : float
        Ranks customers.
    rhythm : float
        Days since the last purchase by the usual bound; nan where none is known.
    recency_days, purchase_days : int
        Days since the last purchase (-1 without any), and days with purchases.
    evidence : tuple of Evidence
        The signals seen.
    """

    warning: str
    risk: float
    rhythm: float
    recency_days: int
    purchase_days: int
    evidence: tuple[Evidence, ...]


class Estimate(NamedTuple):
    """A number with its interval; nan where there is nothing to tell from."""

    value: float
    low: float
    high: float


class WarningEvaluation(NamedTuple):
    """How well warnings foretold who left; see `evaluate_warnings`.

    Attributes
    ----------
    customers, lost, flagged, flagged_lost : int
        All, those who left, those flagged, and those flagged who left.
    precision, recall : Estimate
        flagged_lost / flagged and flagged_lost / lost, with the interval of Wilson.
    lift : Estimate
        Precision by the share of the lost.
    auc : Estimate
        Area under the curve; ties count half; interval of DeLong, DeLong and Clarke-Pearson.
    lead : Estimate
        Mean days from the warning to the last activity, among the flagged who left.
    """

    customers: int
    lost: int
    flagged: int
    flagged_lost: int
    precision: Estimate
    recall: Estimate
    lift: Estimate
    auc: Estimate
    lead: Estimate


class SignalBook:
    """Purchases of customers, and the rhythm of each, kept up to date.

    Parameters
    ----------
    zone : str
        IANA time zone whose midnights part the days.

    Examples
    --------
    >>> import numpy as np
    >>> import patron
    >>> book = patron.loyalty.SignalBook()
    >>> days = np.array(["2024-01-01", "2024-01-11", "2024-01-21", "2024-01-31"], "datetime64[D]")
    >>> book.append({"customer_id": ["ann"] * 4, "date": days, "amount": [5.0] * 4})
    >>> seen = book.warning("ann", as_of="2024-02-21")
    >>> seen.warning, seen.evidence[1]
    ('orange', Evidence(signal='own_mean', value=21.0, threshold=20.0))
    """

    __slots__ = ("_native",)

    def __init__(self, *, zone: str = "UTC") -> None:
        self._native = _core.SignalBook.create(zone)

    def append(
        self,
        transactions: TableLike,
        *,
        customer: str = "customer_id",
        time: str = "date",
        amount: str = "amount",
        decimals: int = 4,
        amount_decimals: int = 0,
        progress: Progress = None,
    ) -> None:
        """Add transactions in any order; those with a negative amount are no purchases.

        Parameters
        ----------
        transactions : table
            One row a transaction.
        customer, time, amount : str
            Columns, as in `patron.value.summarize`.
        decimals, amount_decimals, progress
            As there.

        Raises
        ------
        ValueError
            For a missing or mistyped column, or a null or non-finite value. Then nothing has been
            added.
        """
        self._native.append(
            transactions,
            (customer, time, amount, None, None, None, "error", decimals, amount_decimals),
            progress,
        )

    def warn(
        self,
        as_of: InstantLike | None = None,
        *,
        rules: SignalRules | None = None,
        known: TableLike | None = None,
        progress: Progress = None,
    ) -> CustomerWarnings:
        """Warn on one day, from what happened before it; nothing later is looked at.

        Parameters
        ----------
        as_of : date, optional
            The day after the last purchase by default.
        rules : SignalRules, optional
            What counts as a signal.
        known : table, optional
            What else is known, one row a customer: customer_id and any of p_alive, p_alive_before,
            hazard, hazard_before, score, score_before, open_complaints, reopened_complaints,
            demotions, contract_end (dates), level and evaluations_below (as the last call gave
            them). Null is unknown. Customers without a purchase appear if they are here.
        progress : bool or callable, optional
            As in `patron.value.summarize`.

        Returns
        -------
        CustomerWarnings
            One row a customer, by id: customer_id, level (0 to 3), warning, evaluations_below,
            risk, combined, recency_days, rhythm, purchase_days and signals (bit i for signal i of
            `SIGNALS`). `evidence` has one row a signal.

        Raises
        ------
        ValueError
            For rules out of range, a probability outside 0 to 1, or a customer twice in `known`.
        """
        options = (rules or SignalRules())._options
        return CustomerWarnings._with(*self._native.warn(as_of, options, known, progress))

    def warning(
        self,
        customer: int | str,
        as_of: InstantLike | None = None,
        *,
        rules: SignalRules | None = None,
    ) -> CustomerWarning:
        """Look at one customer alone, as its purchases show it.

        Raises
        ------
        KeyError
            For a customer without transactions.
        """
        options = (rules or SignalRules())._options
        level, days, recency, risk, rhythm, seen = self._native.warn_one(customer, as_of, options)
        evidence = tuple(Evidence(SIGNALS[i], value, bound) for i, value, bound in seen)
        return CustomerWarning(LEVELS[level], risk, rhythm, recency, days, evidence)

    def backtest(
        self,
        as_of: Sequence[InstantLike],
        horizon: int,
        *,
        share: float = 0.1,
        rules: SignalRules | None = None,
        level: float = 0.95,
    ) -> list[Backtest]:
        """Try the rules on history, without a look at what came later.

        On each day the warnings come from what happened before it. A customer is lost if it buys
        nothing in the `horizon` days from it on; the share of highest risk is flagged. The lead
        time is counted from the first of the days on which a customer was not green to its last
        purchase of all: it is negative where the warning came after that purchase.

        Parameters
        ----------
        as_of : sequence of dates
            Ascending; each at least `horizon` days before the end of the data.
        horizon : int
            Days without a purchase that make a customer lost.
        share : float
            Of the customers that are flagged; above 0, up to 1.
        rules : SignalRules, optional
            What counts as a signal.
        level : float
            Of the intervals.

        Raises
        ------
        ValueError
            For a day whose horizon has not passed, a share or a horizon out of range.
        """
        if horizon < 1:
            raise ValueError(f"horizon: {horizon}; expected 1 or more days")
        if not 0 < share <= 1:
            raise ValueError(f"share: {share}; expected above 0, up to 1")
        last = Table._of(self._native.last())
        ids = last["customer_id"]
        last_day = last["last"].astype("datetime64[D]")
        end = last_day.max() + 1 if len(ids) else np.datetime64("1970-01-01", "D")
        first_alert = np.full(len(ids), np.datetime64("NaT", "D"))
        results = []
        for day in as_of:
            at = _day(day)
            if at + horizon > end:
                raise ValueError(
                    f"as_of: {at}; expected a day at least {horizon} days before the end of the "
                    f"data, {end}"
                )
            warnings = self.warn(at.astype(date), rules=rules)
            if not len(warnings):
                raise ValueError(f"as_of: {at}; expected a day after the first purchase")
            later = self._bought(at, horizon)
            customers = warnings["customer_id"]
            where = np.searchsorted(ids, customers)
            alerted = where[warnings["level"] > 0]
            fresh = alerted[np.isnat(first_alert[alerted])]
            first_alert[fresh] = at
            lead = (last_day[where] - first_alert[where]).astype(float)
            lead[np.isnat(first_alert[where])] = np.nan
            k = max(1, round(share * len(customers)))
            evaluation = evaluate_warnings(
                {
                    "risk": warnings["risk"],
                    "lost": ~np.isin(customers, later),
                    "lead": lead,
                },
                k=k,
                level=level,
            )
            results.append(Backtest(at.astype(date), evaluation))
        return results

    def _bought(self, at: np.datetime64, horizon: int) -> Any:
        """Return who bought in the days from `at` on: those whose recency says so at the end."""
        rules = SignalRules(weights=dict.fromkeys(SIGNALS, 0.0))
        after = self.warn((at + horizon).astype(date), rules=rules)
        return after["customer_id"][after["recency_days"] <= horizon]


class Backtest(NamedTuple):
    """One day of a backtest.

    Attributes
    ----------
    as_of : date
        The day.
    evaluation : WarningEvaluation
        What its warnings were worth.
    """

    as_of: date
    evaluation: WarningEvaluation


def _day(value: InstantLike) -> Any:
    return np.datetime64(_core.microseconds(value, "as_of"), "us").astype("datetime64[D]")


def signals(
    transactions: TableLike,
    as_of: InstantLike | None = None,
    *,
    rules: SignalRules | None = None,
    known: TableLike | None = None,
    customer: str = "customer_id",
    time: str = "date",
    amount: str = "amount",
    zone: str = "UTC",
    decimals: int = 4,
    amount_decimals: int = 0,
    progress: Progress = None,
) -> CustomerWarnings:
    """Warn of customers who are about to leave, all at once.

    Parameters
    ----------
    transactions : table
        One row a transaction, in any order; a negative amount is a return.
    as_of, rules, known, progress
        As in `SignalBook.warn`.
    customer, time, amount, decimals, amount_decimals
        As in `SignalBook.append`.
    zone : str
        IANA time zone whose midnights part the days.

    Examples
    --------
    >>> import numpy as np
    >>> import patron
    >>> days = np.array(["2024-01-01", "2024-01-11", "2024-01-21", "2024-01-31"], "datetime64[D]")
    >>> warnings = patron.loyalty.signals(
    ...     {"customer_id": [1] * 4, "date": days, "amount": [5.0] * 4},
    ...     as_of="2024-02-15",
    ...     known={"customer_id": [1], "open_complaints": [1]},
    ... )
    >>> warnings["warning"].tolist(), warnings.evidence["signal"].tolist()
    (['orange'], ['own_quantile', 'complaint'])
    """
    book = SignalBook(zone=zone)
    book.append(
        transactions,
        customer=customer,
        time=time,
        amount=amount,
        decimals=decimals,
        amount_decimals=amount_decimals,
        progress=progress,
    )
    return book.warn(as_of, rules=rules, known=known, progress=progress)


def evaluate_warnings(warnings: TableLike, *, k: int, level: float = 0.95) -> WarningEvaluation:
    """Compare warnings with what became of customers.

    Parameters
    ----------
    warnings : table
        Columns risk (numbers), lost (flags) and, if it is there, lead: the days from the warning
        to the last activity, null where not known.
    k : int
        So many of the highest risk are flagged, equal ones in the order of rows.
    level : float
        Of the intervals.

    Raises
    ------
    ValueError
        For a risk that is not finite, or a k of 0 or past the rows.

    Examples
    --------
    >>> import patron
    >>> seen = patron.loyalty.evaluate_warnings(
    ...     {"risk": [0.9, 0.8, 0.3, 0.1], "lost": [True, False, False, False]}, k=2
    ... )
    >>> seen.precision.value, seen.recall.value, seen.lift.value, seen.auc.value
    (0.5, 1.0, 2.0, 1.0)
    """
    customers, lost, flagged, flagged_lost, *estimates = _core.evaluate_warnings(warnings, k, level)
    return WarningEvaluation(
        customers, lost, flagged, flagged_lost, *(Estimate(*e) for e in estimates)
    )
