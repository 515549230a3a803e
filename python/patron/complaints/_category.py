"""Suggests the category of a complaint from its text, in any script."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Self

import numpy as np

from patron import _core
from patron.table import Table

if TYPE_CHECKING:
    import numpy.typing as npt

    from patron._typing import ColumnLike


class CategoryScores(Table):
    """One row a category: category, support, precision, recall, f1.

    Attributes
    ----------
    accuracy : float
        Of the answers that were given.
    coverage : float
        Share of texts with an answer.
    macro_f1 : float
        Mean of F1 over categories that have texts or answers.
    """

    __slots__ = ("accuracy", "coverage", "macro_f1")
    accuracy: float
    coverage: float
    macro_f1: float


class CategoryModel:
    """Multinomial logistic regression over hashed n-grams of characters and words.

    Characters are taken 2 to 4 at a time, so Chinese needs no segmenter; words one and two at a
    time. Equal data, options and seed give the same model.

    Parameters
    ----------
    bits : int
        2**bits places that n-grams are hashed to, 8 to 22.
    epochs : int
        Passes over the texts.
    rate : float
        Of the first step of each weight (AdaGrad).
    penalty : float
        Ridge, a text.
    seed : int
        Of the order of the texts.

    Attributes
    ----------
    classes_ : ndarray of str
        The categories, rising.

    Examples
    --------
    >>> from patron.complaints import CategoryModel
    >>> texts = ["parcel came late", "late again", "charged twice", "wrong price on the bill"]
    >>> model = CategoryModel(bits=12).fit(texts, ["delivery", "delivery", "price", "price"])
    >>> model.predict(["so late", "a wrong bill"]).tolist()
    ['delivery', 'price']
    """

    def __init__(
        self,
        bits: int = 16,
        *,
        epochs: int = 10,
        rate: float = 0.5,
        penalty: float = 1e-6,
        seed: int = 1,
    ) -> None:
        self.bits = bits
        self.epochs = epochs
        self.rate = rate
        self.penalty = penalty
        self.seed = seed
        self._native: _core.CategoryModel | None = None

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the parameters by name."""
        return {name: getattr(self, name) for name in ("bits", "epochs", "rate", "penalty", "seed")}

    def set_params(self, **params: Any) -> Self:
        """Set parameters by name."""
        for name, value in params.items():
            if name not in self.get_params():
                raise ValueError(f"{name}: no parameter; expected {', '.join(self.get_params())}")
            setattr(self, name, value)
        return self

    def fit(self, texts: ColumnLike, categories: ColumnLike) -> Self:
        """Learn from texts whose category is known.

        Parameters
        ----------
        texts : array of str, shape (n,)
        categories : array of str, shape (n,)
            2 to 1,000 different ones, not empty.
        """
        options = (self.bits, self.epochs, self.rate, self.penalty, self.seed)
        self._native = _core.CategoryModel.fit({"text": texts, "category": categories}, options)
        return self

    @property
    def _model(self) -> _core.CategoryModel:
        if self._native is None:
            raise ValueError("CategoryModel: not fitted; call fit first")
        return self._native

    @property
    def classes_(self) -> npt.NDArray[Any]:
        """The categories, rising."""
        return np.asarray(Table._of(self._model.names())["category"])

    def suggest(self, texts: ColumnLike, *, least: float = 0.0) -> Table:
        """Suggest a category for each text.

        Parameters
        ----------
        texts : array of str, shape (n,)
        least : float
            The probability below which the answer is withheld.

        Returns
        -------
        Table
            category (null where it is withheld), probability, runner_up, runner_up_probability.
        """
        return Table._of(self._model.suggest({"text": texts}, least))

    def predict(self, texts: ColumnLike, *, least: float = 0.0) -> npt.NDArray[Any]:
        """Return the likeliest category of each text; None where it is withheld."""
        return np.asarray(self.suggest(texts, least=least)["category"])

    def predict_proba(self, texts: ColumnLike) -> npt.NDArray[np.float64]:
        """Return the probabilities of all categories: shape (n, categories)."""
        table = Table._of(self._model.probabilities({"text": texts}))
        return np.column_stack([table[name] for name in self.classes_])

    def evaluate(
        self, texts: ColumnLike, categories: ColumnLike, *, least: float = 0.0
    ) -> CategoryScores:
        """Tell how well suggestions fit texts whose category is known.

        A category that the model does not know is a miss. Split by time: complaints of one day are
        alike.
        """
        native, accuracy, coverage, macro_f1 = self._model.evaluate(
            {"text": texts, "category": categories}, least
        )
        scores = CategoryScores._of(native)
        scores.accuracy, scores.coverage, scores.macro_f1 = accuracy, coverage, macro_f1
        return scores

    def score(self, texts: ColumnLike, categories: ColumnLike) -> float:
        """Return the accuracy."""
        return self.evaluate(texts, categories).accuracy

    def to_bytes(self) -> bytes:
        """Return the fitted model as bytes: equal models give equal bytes."""
        return self._model.to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Read a model from bytes that `to_bytes` wrote; they may be hostile.

        Parameters of the training are not stored: those of the result are the defaults.
        """
        model = cls()
        model._native = _core.CategoryModel.from_bytes(data)
        return model

    def __reduce__(self) -> tuple[Any, ...]:
        if self._native is None:
            return (_unfitted, (type(self), self.get_params()))
        return (_fitted, (type(self), self.get_params(), self.to_bytes()))

    def __repr__(self) -> str:
        if self._native is None:
            return f"CategoryModel(bits={self.bits})"
        return f"CategoryModel of {len(self.classes_)} categories"


def _unfitted(cls: type[CategoryModel], params: dict[str, Any]) -> CategoryModel:
    return cls(**params)


def _fitted(cls: type[CategoryModel], params: dict[str, Any], data: bytes) -> CategoryModel:
    model = cls(**params)
    model._native = _core.CategoryModel.from_bytes(data)
    return model
