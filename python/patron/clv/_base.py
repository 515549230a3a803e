"""What all models share: terms, fitting, what is known of the fit, bytes."""

from __future__ import annotations

import warnings
from typing import Any, Self

from patron import _core
from patron.clv._known import Known
from patron.errors import DegenerateFitWarning
from patron.table import Table


class Model(Known):
    """What the models of this module share; scikit-learn's rules for estimators hold."""

    def to_bytes(self) -> bytes:
        """Return canonical bytes of the model: parameters, covariance and figures of the fit."""
        return self._model().to_bytes()

    @classmethod
    def from_bytes(cls, data: bytes, *, time_unit: str | None = None) -> Self:
        """Read what `to_bytes` wrote.

        Parameters
        ----------
        data : bytes
            May come from anywhere.
        time_unit : str, optional
            The unit of T, instead of that which the bytes hold.

        Raises
        ------
        patron.errors.DataLossError
            If the bytes are anything else.
        ValueError
            If they are those of another kind of model.
        """
        native = _core.ClvModel.from_bytes(data)
        model = cls()
        model.time_unit = native.time_unit() if time_unit is None else time_unit
        if native.info()[0] == cls._kind:
            model._read_terms(native)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DegenerateFitWarning)
            return model._take(native, stacklevel=2)

    def _read_terms(self, native: _core.ClvModel) -> None:
        """Take the arguments of the constructor from a model."""
        names = Table._of(native.parameters(0.95, "log"))["name"].tolist()
        of: dict[str, list[str]] = {"transaction": [], "dropout": [], "both": []}
        for name in names[len(self._names) :]:
            process, covariate = name.split(".", 1)
            of[process].append(covariate)
            if process == "both":
                of["transaction"].append(covariate)
        for argument, covariates in (
            ("transaction_covariates", of["transaction"]),
            ("dropout_covariates", of["both"] + of["dropout"]),
            ("equal_covariates", of["both"]),
        ):
            if covariates:
                setattr(self, argument, tuple(covariates))
        if "k" in self._get_param_names():
            self.k = native.info()[1]

    def __getstate__(self) -> dict[str, Any]:
        state: dict[str, Any] = {
            "params": self.get_params(),
            "columns": self._columns,
            "covariates": self._fit_covariates,
        }
        if hasattr(self, "_native"):
            state["bytes"] = self.to_bytes()
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state["params"].items():
            setattr(self, name, value)
        self._columns = state["columns"]
        self._fit_covariates = state["covariates"]
        if "bytes" in state:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", DegenerateFitWarning)
                self._take(_core.ClvModel.from_bytes(state["bytes"]), stacklevel=2)
