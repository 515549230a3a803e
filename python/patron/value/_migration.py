"""Migration between tiers, and Markov chains of customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Self

import numpy as np

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import TableLike

    Floats = npt.NDArray[np.float64]


class Tenure(NamedTuple):
    """How many periods customers stay.

    Attributes
    ----------
    periods : array of shape (n_states, n_states)
        Expected periods in each state before one that ends, from each state.
    total : array of shape (n_states,)
        Sums of the rows.
    """

    periods: Floats
    total: Floats


class Migration(Table):
    """One row a state before and a state after: from, to, customers, share; see `migration`."""

    __slots__ = ("tiers",)
    tiers: list[str]

    @classmethod
    def _with(cls, table: _core.Table, tiers: Sequence[str]) -> Self:
        moves = cls._of(table)
        moves.tiers = list(tiers)
        return moves

    @property
    def states(self) -> list[str]:
        """The tiers, and "absent"."""
        return [*self.tiers, "absent"]

    @property
    def counts(self) -> npt.NDArray[np.int64]:
        """Customers by state before (rows: the tiers, absent, new) and after (columns)."""
        counts: npt.NDArray[np.int64] = self["customers"].reshape(-1, len(self.states))
        return counts

    @property
    def shares(self) -> Floats:
        """`counts` as shares of their row; nan where there is nobody."""
        shares = np.asarray(self["share"], dtype=np.float64)
        return shares.reshape(-1, len(self.states))

    @property
    def probabilities(self) -> Floats:
        """The transition matrix of the tiers and the absent. A state without customers keeps its own."""
        p = self.shares[:-1].copy()
        for row in np.flatnonzero(np.isnan(p[:, 0])):
            p[row] = 0.0
            p[row, row] = 1.0
        return p

    def steady_state(self) -> Floats:
        """Return the distribution over the states that a period does not change."""
        return steady_state(self.probabilities)

    def expected_tenure(self, ends: Sequence[str] = ("absent",)) -> Tenure:
        """Return how many periods customers stay before they come to a state of `ends`."""
        unknown = [state for state in ends if state not in self.states]
        if unknown:
            raise ValueError(f"ends: {unknown[0]!r}; expected one of {', '.join(self.states)}")
        return expected_tenure(self.probabilities, [state in ends for state in self.states])

    def mobility(self) -> float:
        """Return the mobility of Prais."""
        return mobility(self.probabilities)

    def lifetime_value(
        self, rewards: npt.ArrayLike, discount: float, periods: int | None = None
    ) -> Floats:
        """Return the value of a customer in each state; see `markov_lifetime_value`."""
        return markov_lifetime_value(self.probabilities, rewards, discount, periods)


def migration(
    customers: TableLike,
    *,
    tiers: Sequence[str],
    before: str = "before",
    after: str = "after",
    new: str | None = None,
    smoothing: float = 0.0,
) -> Migration:
    """Count who went from which tier to which, between two moments.

    Parameters
    ----------
    customers : table
        One row a customer.
    tiers : sequence of str
        The tiers, which give the order of the states.
    before, after : str
        Columns of text; null for a customer in no tier: absent.
    new : str, optional
        Column of flags: those who were no customers before. They are counted in a row of their
        own, and not among the absent.
    smoothing : float
        Added to each count before shares are taken, (n + a) / (n. + a K); the row of the new is
        left alone.

    Returns
    -------
    Migration
        One row a pair of states; `counts` and `shares` are the matrix.

    Raises
    ------
    ValueError
        For a name that is none of the tiers, or a new customer with a tier before.

    Examples
    --------
    >>> import patron
    >>> moved = patron.value.migration(
    ...     {"before": ["gold", "gold", "basic", None], "after": ["gold", None, "gold", "basic"]},
    ...     tiers=["gold", "basic"],
    ... )
    >>> moved.counts.tolist()
    [[1, 0, 1], [1, 0, 0], [0, 1, 0], [0, 0, 0]]
    """
    names = list(tiers)
    return Migration._with(
        _core.tier_migration(customers, before, after, new, names, smoothing), names
    )


def _matrix(probabilities: npt.ArrayLike) -> Any:
    return np.asarray(probabilities, dtype=np.float64)


def steady_state(probabilities: npt.ArrayLike) -> Floats:
    """Return the distribution over states that a period does not change.

    Parameters
    ----------
    probabilities : array of shape (n_states, n_states)
        From each state (row) to each; rows have the sum 1.

    Raises
    ------
    ValueError
        For a row that is no distribution.
    patron.errors.FailedPreconditionError
        If there are several groups of states that are never left.

    Examples
    --------
    >>> import patron
    >>> patron.value.steady_state([[0.9, 0.1], [0.3, 0.7]]).round(6).tolist()
    [0.75, 0.25]
    """
    return _core.markov_steady_state(_matrix(probabilities))


def expected_tenure(probabilities: npt.ArrayLike, ends: Sequence[bool]) -> Tenure:
    """Return how many periods customers spend in each state before one that ends.

    Parameters
    ----------
    probabilities : array of shape (n_states, n_states)
        As in `steady_state`.
    ends : sequence of bool
        Which states end the relation: some, not all.

    Raises
    ------
    ValueError
        For a row that is no distribution.
    patron.errors.FailedPreconditionError
        If someone may stay for ever.

    Examples
    --------
    >>> import patron
    >>> patron.value.expected_tenure([[0.8, 0.2], [0.0, 1.0]], [False, True]).total.round(6).tolist()
    [5.0, 0.0]
    """
    return Tenure(*_core.markov_tenure(_matrix(probabilities), bytes(bool(e) for e in ends)))


def mobility(probabilities: npt.ArrayLike) -> float:
    """Return the mobility of Prais: (states - trace) / (states - 1).

    Parameters
    ----------
    probabilities : array of shape (n_states, n_states)
        As in `steady_state`, with two states or more.

    Notes
    -----
    0 if nobody moves; 1 if where one goes does not depend on where one is. S. J. Prais, Measuring
    social mobility, Journal of the Royal Statistical Society A 118, 1955.

    Examples
    --------
    >>> import patron
    >>> patron.value.mobility([[0.5, 0.5], [0.5, 0.5]])
    1.0
    """
    return _core.markov_mobility(_matrix(probabilities))


def markov_lifetime_value(
    probabilities: npt.ArrayLike,
    rewards: npt.ArrayLike,
    discount: float,
    periods: int | None = None,
) -> Floats:
    """Return the value of a customer in each state.

    Parameters
    ----------
    probabilities : array of shape (n_states, n_states)
        As in `steady_state`.
    rewards : array of shape (n_states,)
        Margin of a period that begins in the state; the first is received at once.
    discount : float
        Of a period; above -1, and above 0 without end.
    periods : int, optional
        How many periods follow the first; None is without end.

    Notes
    -----
    P. Pfeifer and R. Carraway, Modeling customer relationships as Markov chains, Journal of
    Interactive Marketing 14(2), 2000.

    Examples
    --------
    >>> import patron
    >>> p = [[0.3, 0.7, 0, 0, 0], [0.2, 0, 0.8, 0, 0], [0.15, 0, 0, 0.85, 0],
    ...      [0.05, 0, 0, 0, 0.95], [0, 0, 0, 0, 1]]
    >>> value = patron.value.markov_lifetime_value(p, [36, -4, -4, -4, 0], 0.2, periods=4)
    >>> value.round(4).tolist()
    [50.115, 4.2199, 0.5921, -1.9801, 0.0]
    """
    return _core.markov_value(
        _matrix(probabilities), _matrix(rewards), discount, -1 if periods is None else periods
    )
