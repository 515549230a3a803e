"""Which records are the same person."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Self

from patron import _core
from patron.customers._arguments import listed
from patron.customers._fields import FieldLike, RuleLike, columns_of, fields_of, rules_of
from patron.customers._index import LinkIndex
from patron.customers._link_quality import Sweep
from patron.errors import FailedPreconditionError
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress, TableLike


class LinkedPairs(Table):
    """One row a pair: left, right, weight, probability, and the weight of each field.

    Attributes
    ----------
    compared : int
        Pairs that the blocks brought together.
    """

    __slots__ = ("_least", "_other", "_records", "compared")
    compared: int
    _least: float
    _records: TableLike
    _other: TableLike | None

    def review(self, upper: float) -> dict[str, npt.NDArray[Any]]:
        """Return the pairs below `upper`, the most doubtful first: the queue for a clerk.

        Parameters
        ----------
        upper : float
            Weight from which a pair is linked without a look; see `threshold`.
        """
        weight = self["weight"]
        rows = [i for i in abs(weight).argsort(kind="stable").tolist() if weight[i] < upper]
        return {name: values[rows] for name, values in self.to_dict().items()}


class Clusters(Table):
    """One row a record: id, source, cluster, size, review.

    Attributes
    ----------
    count : int
        Clusters, those of one record included.
    refused : int
        Pairs that would have joined records that must stay apart.
    bridges : int
        Pairs cut because the rest of both sides speaks against them.
    too_large : int
        Clusters marked for review.
    """

    __slots__ = ("_why", "bridges", "count", "refused", "too_large")
    count: int
    refused: int
    bridges: int
    too_large: int
    _why: Callable[[], tuple[_core.Table, _core.Table]]

    @property
    def refusals(self) -> Table:
        """Pairs that joined nothing, and why.

        left, right, weight; reason: "cannot_link", with the ids that must stay apart (left_apart,
        right_apart), or "bridge", with what all pairs across it weigh, the prior once (across).
        """
        return Table._of(self._why()[0])

    @property
    def hubs(self) -> Table:
        """Values that too many people share, and that stopped counting.

        field, value, records, people.
        """
        return Table._of(self._why()[1])


def _made_again(
    fields: Any,
    blocks: Any,
    id: str,  # noqa: A002 - the word of the interface
    source: str | None,
    training: Any,
    certain: Any,
    recall: float,
    cap: int,
    most_pairs: int,
    learned: tuple[dict[str, Any], float] | None,
) -> Linker:
    """Make a linker of what its pickle holds."""
    linker = Linker(
        fields,
        blocks,
        id,
        source=source,
        training=training,
        certain=certain,
        recall=recall,
        cap=cap,
        most_pairs=most_pairs,
    )
    return linker if learned is None else linker.set_parameters(*learned)


class Linker:
    """Find the records that are the same person, by the model of Fellegi and Sunter (1969).

    Parameters
    ----------
    fields : sequence of Field, str or (column, levels), or mapping of columns to levels
        What is compared. A name alone means names of people: exact, Jaro-Winkler at 0.92 and at
        0.8, with term frequencies.
    blocks : sequence of str or of sequences of str
        Where pairs are looked for: a pair is compared if it agrees in all parts of one of these. A
        part is a column or code points of it, such as ``"surname[:2]"``.
    id : str
        Column of integers or text that tells records apart.
    source : str, optional
        Column of one table: only records of different sources are compared.
    training : sequence, optional
        Rules of the rounds of estimation; the blocks by default. A round says nothing about the
        fields of its own rule.
    certain : sequence, optional
        Pairs that agree in one of these rules are almost surely matches: with `recall` they tell how
        many matches there are. By default that is taken from the pairs of the blocks.
    recall : float
        Share of all matches that `certain` finds, or that the blocks find.
    cap : int
        Records that agree in a block; more are left out, as `plan` tells.
    most_pairs : int
        Pairs of values compared to find out how often chance gives a level; with more, every k-th
        value is taken.

    Raises
    ------
    ValueError
        Naming the field or level, also for a level that an earlier one leaves nothing to.

    Notes
    -----
    A linker keeps the records that it read last and how the pairs of their blocks agree (four bytes
    a pair, up to sixteen million), so that `fit`, `predict` and `cluster` of one `Table` read and
    compare it once; anything else is read and compared by each of them.

    Examples
    --------
    >>> from patron.customers import Linker
    >>> people = {
    ...     "id": [1, 2, 3, 4, 5, 6],
    ...     "name": ["Ann Lee", "Anne Lee", "Bob Ray", "Bob Ray", "Cy Dow", "Di Fox"],
    ...     "born": ["1980-01-01", "1980-01-01", "1975-05-05", "1975-05-05", "1980-01-01", "1990-09-09"],
    ...     "city": ["Bath", "Bath", "York", "York", "Leeds", "Bath"],
    ... }
    >>> linker = Linker(
    ...     {"name": ["exact", "jaro_winkler >= 0.9"], "born": ["exact"], "city": ["exact"]},
    ...     ["born", "city"],
    ... ).fit(people)
    >>> pairs = linker.predict(people, threshold=0)
    >>> pairs["left"].tolist(), pairs["right"].tolist()
    ([1, 3], [2, 4])
    >>> linker.cluster(pairs)["cluster"].tolist()
    [0, 0, 1, 1, 2, 3]
    """

    def __init__(
        self,
        fields: Mapping[str, Any] | Iterable[FieldLike],
        blocks: RuleLike | Iterable[RuleLike],
        id: str = "id",  # noqa: A002 - the word of the interface
        *,
        source: str | None = None,
        training: RuleLike | Iterable[RuleLike] = (),
        certain: RuleLike | Iterable[RuleLike] = (),
        recall: float = 0.7,
        cap: int = 1000,
        most_pairs: int = 1 << 20,
    ) -> None:
        self.fields = tuple(fields_of(fields))
        self.blocks, self.training, self.certain = map(rules_of, (blocks, training, certain))
        self.id = id
        self.source = source
        self._native = _core.Linker.make(
            tuple(
                (f.column, tuple(f.levels), f.missing, f.term_frequency, f.fuzzy_term_frequency)
                for f in self.fields
            ),
            self.blocks,
            self.training,
            self.certain,
            (id, source, cap, recall, most_pairs),
        )
        names = dict.fromkeys(
            [
                id,
                *([source] if source is not None else []),
                *(field.column for field in self.fields),
                *columns_of(self.blocks + self.training + self.certain),
            ]
        )
        self._wanted = tuple(names)
        self._sizes = (recall, cap, most_pairs)

    def __reduce__(self) -> tuple[Callable[..., Linker], tuple[Any, ...]]:
        try:
            learned = (self.parameters.to_dict(), self.match_rate)
        except FailedPreconditionError:
            learned = None
        made = (self.fields, self.blocks, self.id, self.source, self.training, self.certain)
        return _made_again, (*made, *self._sizes, learned)

    def fit(
        self, table: TableLike, *, other: TableLike | None = None, progress: Progress = None
    ) -> Self:
        """Learn from records how much agreement of each field is worth.

        How often chance gives each level is counted over all pairs of records; how often matches do
        is estimated in rounds, one a training rule. `rounds` and `warnings` tell how that went.

        Parameters
        ----------
        table : table
            Records, to be compared with each other.
        other : table, optional
            Records of another source; those of `table` are compared with these alone.

        Returns
        -------
        Linker
            Itself.

        Raises
        ------
        ValueError
            Naming column and row, for an id that occurs twice or is null, or text that is no UTF-8.
        patron.errors.FailedPreconditionError
            If there are no two records to compare.
        """
        self._native.fit(table, other, self._wanted, progress)
        return self

    @property
    def parameters(self) -> Table:
        """The model: for each field and level m, u and weight, log2(m / u)."""
        return Table._of(self._native.parameters())

    @property
    def match_rate(self) -> float:
        """Probability that two records match, of all pairs."""
        return self._native.match_rate()

    @property
    def rounds(self) -> Table:
        """How the rounds of estimation went."""
        return Table._of(self._native.rounds()[0])

    @property
    def warnings(self) -> list[str]:
        """What looks wrong in the estimates: rounds that collapsed, levels out of order."""
        texts: list[str] = Table._of(self._native.rounds()[1])["warning"].tolist()
        return texts

    def set_parameters(self, parameters: TableLike, match_rate: float) -> Self:
        """Take a model from elsewhere instead of `fit`.

        Parameters
        ----------
        parameters : table
            field, level, m and u, in the rows of `parameters`.
        match_rate : float
            Probability that two records match.
        """
        self._native.set_parameters(parameters, match_rate)
        return self

    def plan(self, table: TableLike, *, other: TableLike | None = None) -> Table:
        """Count the pairs of each block, and what the cap leaves out, before anything is compared."""
        return Table._of(self._native.plan(table, other, self._wanted))

    def predict(
        self,
        table: TableLike,
        threshold: float = 0.0,
        *,
        other: TableLike | None = None,
        one_to_one: bool = False,
        progress: Progress = None,
    ) -> LinkedPairs:
        """Find the pairs that match.

        Parameters
        ----------
        table, other : table
            As for `fit`.
        threshold : float
            Least weight, log2 of the odds: at 0 a match is as likely as not. `threshold` turns
            probabilities and costs into weights.
        one_to_one : bool
            Give each record at most one partner, such that the sum of weights above the threshold is
            as great as can be; for two sources.

        Returns
        -------
        LinkedPairs
            left, right, weight, probability, and "weight_<column>" for each field, which sum to the
            weight with the prior.
        """
        native, compared = self._native.predict(
            table, other, self._wanted, threshold, one_to_one, progress
        )
        pairs = LinkedPairs._of(native)
        pairs.compared = compared
        pairs._least = threshold
        pairs._records, pairs._other = table, other
        return pairs

    def cluster(
        self,
        pairs: LinkedPairs | TableLike,
        table: TableLike | None = None,
        *,
        other: TableLike | None = None,
        threshold: float = -math.inf,
        most: int = 50,
        split_bridges: bool = True,
        must_link: TableLike | None = None,
        cannot_link: TableLike | None = None,
        hubs: Mapping[str, int] | None = None,
    ) -> Clusters:
        """Group the records by pairs, the heaviest first, and of equal ones those of lesser ids.

        Parameters
        ----------
        pairs : LinkedPairs
            Of `predict`; or a table with left, right and weight.
        table, other : table, optional
            The records, if not those that `pairs` were found in.
        threshold : float
            Least weight of a pair that counts.
        most : int
            Records; a larger cluster is marked for review.
        split_bridges : bool
            Cut a pair that alone holds a cluster together if the fields of all pairs across it, with
            the prior once, weigh less than zero.
        must_link, cannot_link : table, optional
            Columns left and right: records that are joined first, and records that must stay apart.
        hubs : mapping of field to int, optional
            Most people that may share a value, such as ``{"phone": 5}``. A value of more stops
            counting: pairs lose its weight. Records with the value are one person where a pair of
            them reaches the threshold, or that of `predict`, without the field.

        Returns
        -------
        Clusters
            One row a record, in order of the tables: id, source (0, and 1 for `other`), cluster (a
            number, in order of first records), size, review.
        """
        table, other = _records_of(pairs, table, other)
        if hubs and threshold == -math.inf and isinstance(pairs, LinkedPairs):
            threshold = pairs._least
        guards = _guards(threshold, most, split_bridges, must_link, cannot_link, hubs)
        native, count, refused, bridges, too_large = self._native.cluster(
            table, other, self._wanted, pairs, guards
        )
        clusters = Clusters._of(native)
        clusters.count, clusters.refused = count, refused
        clusters.bridges, clusters.too_large = bridges, too_large
        clusters._why = functools.partial(
            self._native.refusals, table, other, self._wanted, pairs, guards
        )
        return clusters

    def sweep(
        self,
        pairs: LinkedPairs | TableLike,
        truth: ColumnLike | None = None,
        *,
        table: TableLike | None = None,
        other: TableLike | None = None,
        thresholds: Iterable[float] = (),
        level: float = 0.95,
    ) -> Sweep:
        """Tell what each threshold would give, by the truth and by the model alone.

        Parameters
        ----------
        pairs : LinkedPairs
            Of `predict`, best with a low threshold; or a table with left, right and weight.
        truth : array of shape (n_records,), optional
            Of each record of `table`, and then of `other`: equal for records of one person.
        table, other : table, optional
            The records, if not those that `pairs` were found in.
        thresholds : iterable of float
            Weights, ascending; by default whole numbers from the lightest pair to the heaviest.
        level : float
            Of Wilson's intervals.

        Returns
        -------
        Sweep
            threshold, pairs, clusters (without guards), expected_precision, expected_recall,
            expected_f1, which are as good as the model is; with `truth` right_pairs, precision,
            recall, their intervals (_low, _high) and f1 of the pairs, and bcubed_precision,
            bcubed_recall and bcubed_f1 of the clusters. `best` is the threshold of the greatest F1.

        Examples
        --------
        >>> from patron.customers import Linker
        >>> people = {"id": [1, 2, 3], "name": ["Ann", "Ann", "Anna"], "city": ["Bath"] * 3}
        >>> linker = Linker({"name": ["exact", "jaro_winkler >= 0.9"]}, ["city"]).fit(people)
        >>> sweep = linker.sweep(linker.predict(people, threshold=-20), ["a", "a", "b"])
        >>> float(sweep["recall"][0]), round(float(sweep["precision"][0]), 4)
        (1.0, 0.3333)
        """
        table, other = _records_of(pairs, table, other)
        return Sweep._of(
            self._native.sweep(table, other, self._wanted, pairs, truth, tuple(thresholds), level)
        )

    def index(
        self,
        table: TableLike | None = None,
        threshold: float = 0.0,
        *,
        most: int = 50,
        split_bridges: bool = True,
        must_link: TableLike | None = None,
        cannot_link: TableLike | None = None,
        hubs: Mapping[str, int] | None = None,
        progress: Progress = None,
    ) -> LinkIndex:
        """Link records and keep them in memory, to link others to them as they come.

        Parameters
        ----------
        table : table, optional
            The first records; none by default.
        threshold : float
            Least weight of a pair that counts.
        most, split_bridges, must_link, cannot_link, hubs
            As for `cluster`.

        Returns
        -------
        LinkIndex
            Whatever comes and goes, in any order, its entities are the clusters that `predict` and
            `cluster` give of all its records under this model.
        """
        guards = _guards(threshold, most, split_bridges, must_link, cannot_link, hubs)
        records = {name: [] for name in self._wanted} if table is None else table
        return LinkIndex(self._native.index(records, self._wanted, guards, progress), self._wanted)

    def explain(
        self, table: TableLike, left: Any, right: Any, *, other: TableLike | None = None
    ) -> Table:
        """Tell why pairs weigh what they weigh, whether a block finds them or not.

        Parameters
        ----------
        table, other : table
            As for `fit`.
        left, right : int or str, or array of shape (n_pairs,)
            Ids.

        Returns
        -------
        Table
            For each pair a row for the prior, whose field is null, and one a field: left, right,
            field, level, left_value, right_value, m, u, weight. The weights sum to that of the pair.

        Raises
        ------
        patron.errors.NotFoundError
            A KeyError, for an id that no record has.
        """
        pairs = {"left": listed(left), "right": listed(right)}
        return Table._of(self._native.explain(table, other, self._wanted, pairs))


def _records_of(
    pairs: LinkedPairs | TableLike, table: TableLike | None, other: TableLike | None
) -> tuple[TableLike, TableLike | None]:
    if table is not None:
        return table, other
    if not isinstance(pairs, LinkedPairs):
        raise TypeError("table: None; expected the records, as pairs are not of predict")
    return pairs._records, pairs._other


def _guards(
    threshold: float,
    most: int,
    split_bridges: bool,
    must_link: TableLike | None,
    cannot_link: TableLike | None,
    hubs: Mapping[str, int] | None,
) -> tuple[object, ...]:
    shared = tuple((hubs or {}).items())
    return (threshold, most, int(split_bridges), must_link, cannot_link, shared)
