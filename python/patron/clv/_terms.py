"""What a model consists of: the arguments of its constructor."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, Self

from patron.clv._inputs import names_in, names_of
from patron.errors import InvalidArgumentError

if TYPE_CHECKING:
    from patron.clv._inputs import Covariates


def _read_arguments(model: type) -> Mapping[str, inspect.Parameter]:
    return inspect.signature(model).parameters


_arguments_of: Callable[[type], Mapping[str, inspect.Parameter]] = functools.cache(_read_arguments)


class Terms:
    """Hyperparameters, by scikit-learn's rules for estimators."""

    _kind: ClassVar[int]
    _names: ClassVar[tuple[str, ...]]
    _title: ClassVar[str]

    # Hyperparameters that not every model has.
    penalty: Any = None
    transaction_covariates: Sequence[str] = ()
    dropout_covariates: Sequence[str] = ()
    equal_covariates: Sequence[str] = ()
    k: int | None = 1
    start: Any = None
    max_iterations: int | None = None
    time_unit: str | None = None

    # Covariates of the fit where the constructor names none: of each process that the model has.
    _fit_covariates: tuple[str, ...] = ()

    @classmethod
    def _get_param_names(cls) -> list[str]:
        return sorted(_arguments_of(cls))

    def get_params(self, deep: bool = True) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {name: getattr(self, name) for name in self._get_param_names()}

    def set_params(self, **params: Any) -> Self:
        """Change arguments of the constructor; a fit stays as it is.

        Raises
        ------
        ValueError
            For an argument that the constructor does not have.
        """
        known = self._get_param_names()
        for name in params:
            if name not in known:
                raise InvalidArgumentError(
                    f"{name}: no parameter of {type(self).__name__}; expected one of "
                    f"{', '.join(known)}"
                )
        for name, value in params.items():
            setattr(self, name, value)
        return self

    def __repr__(self) -> str:
        defaults = _arguments_of(type(self))
        given = [
            f"{name}={value!r}"
            for name, value in self.get_params().items()
            if value is not defaults[name].default and value != defaults[name].default
        ]
        return f"{type(self).__name__}({', '.join(given)})"

    def _terms(self) -> tuple[object, ...]:
        transaction, dropout, own = self._penalties()
        return (
            self._kind,
            0 if self.k is None else self.k,
            names_of(self._transaction_covariates(), "transaction_covariates"),
            names_of(self._dropout_covariates(), "dropout_covariates"),
            names_of(self.equal_covariates, "equal_covariates"),
            transaction,
            dropout,
            own,
            self.time_unit,
        )

    def _penalties(self) -> tuple[float, float, list[float] | None]:
        penalty = self.penalty
        if penalty is None:
            return 0.0, 0.0, None
        if not isinstance(penalty, Mapping):
            return float(penalty), float(penalty), None
        known = (*self._names, "transaction", "dropout")
        for name in penalty:
            if name not in known:
                raise InvalidArgumentError(
                    f"penalty: {name!r}; expected a mapping of {', '.join(known)}"
                )
        own = [float(penalty.get(name, 0.0)) for name in self._names]
        return (
            float(penalty.get("transaction", 0.0)),
            float(penalty.get("dropout", 0.0)),
            own if any(own) else None,
        )

    def _all_names(self) -> list[str]:
        """Names of the free parameters in order."""
        equal = set(self.equal_covariates)
        names = list(self._names)
        names += [
            f"both.{c}" if c in equal else f"transaction.{c}"
            for c in self._transaction_covariates()
        ]
        names += [f"dropout.{c}" for c in self._dropout_covariates() if c not in equal]
        return names

    def _in_order(self, values: Mapping[str, float] | Sequence[float], what: str) -> list[float]:
        names = self._all_names()
        if not isinstance(values, Mapping):
            return [float(value) for value in values]
        odd = [name for name in values if name not in names]
        odd += [name for name in names if name not in values]
        if odd:
            raise InvalidArgumentError(f"{what}: {odd[0]!r}; expected values of {', '.join(names)}")
        return [float(values[name]) for name in names]

    def _covariate_names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self._transaction_covariates(), *self._dropout_covariates())))

    def _transaction_covariates(self) -> Sequence[str]:
        if self.transaction_covariates or self.dropout_covariates:
            return self.transaction_covariates
        return self._fit_covariates if self._has_process("transaction") else ()

    def _dropout_covariates(self) -> Sequence[str]:
        if self.transaction_covariates or self.dropout_covariates:
            return self.dropout_covariates
        return self._fit_covariates if self._has_process("dropout") else ()

    @classmethod
    def _has_process(cls, process: str) -> bool:
        return f"{process}_covariates" in _arguments_of(cls)

    @contextmanager
    def _with_covariates(self, covariates: Covariates | None) -> Iterator[None]:
        """Take the covariates of a fit, all of them where the constructor names none; if it fails, not."""
        before = self._fit_covariates
        self._fit_covariates = () if covariates is None else tuple(names_in(covariates))
        try:
            if self._fit_covariates and not (
                self._has_process("transaction") or self._has_process("dropout")
            ):
                raise InvalidArgumentError(
                    f"covariates: given; {type(self).__name__} is a model without covariates"
                )
            yield
        except BaseException:
            self._fit_covariates = before
            raise
