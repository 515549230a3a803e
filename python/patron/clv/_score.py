"""One customer at a time, as a live host asks."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from patron.clv._base import Model
from patron.clv._inputs import TimeUnit, check_given, period_of
from patron.clv._predict import OUTPUTS, PurchaseModel, output_bits, spend_model
from patron.errors import InvalidArgumentError
from patron.value import CustomerSummary, Ledger

if TYPE_CHECKING:
    from patron._typing import InstantLike, Merge, Refunds, Zeros

_P_ALIVE, _EXPECTED_PURCHASES, _, _DISCOUNTED_PURCHASES, _EXPECTED_SPEND, _LIFETIME_VALUE = (
    1 << place for place in range(len(OUTPUTS))
)


class ScoredModel(PurchaseModel):
    """A model of purchases that can be asked about a single customer."""

    def score(
        self,
        customer: Ledger | CustomerSummary | Mapping[str, float],
        horizon: float | None = None,
        *,
        customer_id: int | str | None = None,
        observation_end: InstantLike | None = None,
        unit: TimeUnit | None = None,
        merge: Merge = "day",
        refunds: Refunds = "net",
        zeros: Zeros = "count",
        discount_rate: float | None = None,
        discount_unit: TimeUnit | None = None,
        discount_period: float | None = None,
        discount_horizon: float | None = None,
        spend: Model | None = None,
        margin: float = 1.0,
        start: float = 0.0,
        later: float = 0.0,
        outputs: Sequence[str] | None = None,
        covariates: Mapping[str, float] | None = None,
    ) -> dict[str, float]:
        """Predict for one customer, such as after each transaction.

        Parameters
        ----------
        customer : Ledger, CustomerSummary or mapping
            A ledger, of which `customer_id` names the customer; or the figures of one by name:
            frequency, recency, T, monetary_value (with `spend`), churned (contracts).
        horizon : float, optional
            Length of the time ahead, in the unit of T.
        customer_id : int or str, optional
            With a ledger: whom.
        observation_end : instant, optional
            With a ledger: now, the end of T.
        unit : str, optional
            With a ledger: the unit of T; ``time_unit`` of the model by default.
        merge, refunds, zeros
            With a ledger: what is a purchase, as in `patron.value.summarize` when the model was
            fitted.
        discount_rate, discount_unit, discount_period, discount_horizon, spend, margin, start, later
            As in `predict`.
        outputs : sequence of str, optional
            As in `predict`.
        covariates : mapping, optional
            Values of the covariates of the model.

        Returns
        -------
        dict
            What `predict` gives for the row of the customer, by name.

        Raises
        ------
        ValueError
            For figures that are no customer's, or a ledger without what is needed to read it.
        KeyError
            For a customer whom the ledger does not know.
        """
        known: Mapping[str, Any]
        if isinstance(customer, Ledger):
            known = self._of_ledger(
                customer, customer_id, observation_end, unit, (merge, refunds, zeros)
            )
        elif customer_id is not None or observation_end is not None:
            raise InvalidArgumentError(
                "customer_id, observation_end: given without a ledger; expected a Ledger as customer"
            )
        else:
            known = customer._asdict() if isinstance(customer, CustomerSummary) else customer
        check_given(horizon, "horizon")
        period = period_of(discount_rate, discount_unit, discount_period, self.time_unit)
        bits = output_bits(outputs)
        answers = self._model().score(
            self._figures(known),
            self._values(self._transaction_covariates(), covariates),
            self._values(self._dropout_covariates(), covariates),
            (
                bits,
                0,
                start,
                horizon,
                later,
                discount_rate,
                period,
                discount_horizon,
                margin,
            ),
            spend_model(spend),
        )
        wanted = bits or _by_default(horizon, discount_rate, spend)
        return {name: answers[place] for name, place in _places(wanted)}

    def _of_ledger(
        self,
        ledger: Ledger,
        customer_id: int | str | None,
        observation_end: InstantLike | None,
        unit: TimeUnit | None,
        rules: tuple[Any, Any, Any],
    ) -> dict[str, Any]:
        unit = unit or self.time_unit  # type: ignore[assignment]
        for name, given in (
            ("customer_id", customer_id),
            ("observation_end", observation_end),
            ("unit", unit),
        ):
            if given is None:
                raise InvalidArgumentError(f"{name}: None; expected one with a ledger")
        merge, refunds, zeros = rules
        return ledger.summary(
            customer_id,  # type: ignore[arg-type]
            observation_end=observation_end,  # type: ignore[arg-type]
            unit=unit,  # type: ignore[arg-type]
            merge=merge,
            refunds=refunds,
            zeros=zeros,
        )._asdict()

    def _figures(self, known: Mapping[str, Any]) -> tuple[object, ...]:
        for role in self._roles:
            if role not in known:
                raise InvalidArgumentError(
                    f"customer: no {role}; expected {', '.join(self._roles)}"
                )
        given = known.get
        return (
            float(given("frequency", 0.0)),
            float(given("recency", 0.0)),
            float(given("T", 0.0)),
            float(given("monetary_value", 0.0)),
            int(given("churned", 0)),
        )

    _roles: ClassVar[tuple[str, ...]] = ("frequency", "recency", "T")

    @staticmethod
    def _values(names: Sequence[str], covariates: Mapping[str, float] | None) -> list[float]:
        if not names:
            return []
        given = covariates or {}
        for name in names:
            if name not in given:
                raise InvalidArgumentError(f"covariates: no {name}; expected {', '.join(names)}")
        return [float(given[name]) for name in names]


@functools.cache
def _places(bits: int) -> tuple[tuple[str, int], ...]:
    """Return the outputs of the bits with their places among all."""
    return tuple((name, place) for place, name in enumerate(OUTPUTS) if bits >> place & 1)


def _by_default(horizon: float | None, rate: float | None, spend: Model | None) -> int:
    """Return the bits of what is answered where no outputs are named."""
    bits = _P_ALIVE
    if horizon is not None:
        bits |= _EXPECTED_PURCHASES
    if rate is not None:
        bits |= _DISCOUNTED_PURCHASES
    if spend is not None:
        bits |= _EXPECTED_SPEND
        if horizon is not None or rate is not None:
            bits |= _LIFETIME_VALUE
    return bits
