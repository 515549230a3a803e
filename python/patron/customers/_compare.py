"""How alike texts are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal, TypeAlias, overload

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from patron._typing import ColumnLike, Progress

Measure: TypeAlias = Literal[
    "exact",
    "jaro",
    "jaro_winkler",
    "levenshtein",
    "osa",
    "damerau",
    "indel",
    "lcs",
    "jaccard",
    "cosine",
    "tokens",
    "levenshtein_distance",
    "osa_distance",
    "damerau_distance",
    "indel_distance",
    "lcs_length",
]


@overload
def compare(
    left: str,
    right: str,
    measure: Measure = ...,
    *,
    cutoff: float | None = ...,
    n: int = ...,
    boost: float = ...,
    prefix_weight: float = ...,
    progress: Progress = ...,
) -> float: ...
@overload
def compare(
    left: ColumnLike,
    right: ColumnLike,
    measure: Measure = ...,
    *,
    cutoff: float | None = ...,
    n: int = ...,
    boost: float = ...,
    prefix_weight: float = ...,
    progress: Progress = ...,
) -> Any: ...
def compare(
    left: str | ColumnLike,
    right: str | ColumnLike,
    measure: Measure = "jaro_winkler",
    *,
    cutoff: float | None = None,
    n: int = 2,
    boost: float = 0.7,
    prefix_weight: float = 0.1,
    progress: Progress = None,
) -> Any:
    """Measure how alike two texts are, one text and each of a column, or two columns row by row.

    Parameters
    ----------
    left, right : str or array of shape (n_rows,)
        At most 32,768 code points each. Nulls compare as nan.
    measure : str
        Similarities lie in [0, 1], 1 for equal texts and for two empty ones: "exact", "jaro",
        "jaro_winkler"; "levenshtein", "osa" and "damerau", each 1 - distance / length of the longer
        text; "indel", 1 - distance / sum of the lengths; "lcs", the longest common subsequence over
        the length of the longer text; "jaccard" and "cosine" on n-grams; "tokens", Jaccard on words
        in any order. Distances count edits: "levenshtein_distance", "osa_distance",
        "damerau_distance", "indel_distance"; "lcs_length" counts what is common.
    cutoff : float, optional
        A similarity below it is given as 0, a distance above it as the next whole number, sooner.
    n : int
        Length of n-grams, 1 to 6. A shorter text is its own n-gram.
    boost : float
        Winkler's prefix counts where Jaro's similarity is above it: 0.7 is the convention of
        rapidfuzz, jellyfish and duckdb, 0 that of stringdist. Chinese names of two characters get
        no prefix with 0.7 unless they are equal.
    prefix_weight : float
        What each of up to four equal characters at the start adds, 0 to 0.25.
    progress : bool or callable, optional
        See `patron.set_threads` for threads.

    Returns
    -------
    float or array of shape (n_rows,)

    Raises
    ------
    ValueError
        With columns of different lengths, a text that is too long or no UTF-8, or an option out of
        its range.

    Examples
    --------
    >>> from patron.customers import compare
    >>> round(compare("MARTHA", "MARHTA"), 4)
    0.9611
    >>> compare("ca", "abc", "osa_distance"), compare("ca", "abc", "damerau_distance")
    (3.0, 2.0)
    >>> compare("张伟", ["张玮", "伟张", None])
    array([0.66666667, 0.        ,        nan])
    """
    options = (measure, n, boost, prefix_weight, cutoff)
    if isinstance(left, str) and isinstance(right, str):
        return _core.compare_texts(left, right, options)
    each = isinstance(left, str) or isinstance(right, str)
    native = _core.compare_columns(
        [left] if isinstance(left, str) else left,
        [right] if isinstance(right, str) else right,
        options,
        each,
        progress,
    )
    return Table._of(native)["value"]


def compare_all(
    left: ColumnLike,
    right: ColumnLike,
    measure: Measure = "jaro_winkler",
    *,
    cutoff: float | None = None,
    n: int = 2,
    boost: float = 0.7,
    prefix_weight: float = 0.1,
    progress: Progress = None,
) -> npt.NDArray[np.float64]:
    """Measure how alike each text of one column and each of another are.

    Parameters
    ----------
    left, right : array of shape (n_left,) and (n_right,)
        Texts; see `compare` for them and for the options.

    Returns
    -------
    array of shape (n_left, n_right)

    Examples
    --------
    >>> from patron.customers import compare_all
    >>> compare_all(["Ann", "Bob"], ["Anne", "Rob"], "levenshtein_distance")
    array([[1., 3.],
           [4., 1.]])
    """
    options = (measure, n, boost, prefix_weight, cutoff)
    values = Table._of(_core.compare_columns(left, right, options, True, progress))["value"]
    rows = len(left)  # type: ignore[arg-type]
    return values.reshape(rows, values.size // rows if rows else 0)
