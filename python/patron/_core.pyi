# The C interface, converted. The modules of patron document what these do; `reading`, `names` and
# `options` are tuples whose items their callers there name.

from typing import Any, Never, final

import numpy.typing as npt

version: str
abi_version: int

@final
class Table:
    def __init__(self, data: object) -> None: ...
    def __len__(self) -> int: ...
    @property
    def columns(self) -> list[str]: ...
    def column(self, name: object, rows: int = ...) -> npt.NDArray[Any]: ...
    def __arrow_c_stream__(self, requested_schema: object = ...) -> object: ...
    def __getstate__(self) -> tuple[Any, ...]: ...
    def __setstate__(self, state: tuple[Any, ...]) -> None: ...

def summarize(
    transactions: object,
    reading: tuple[object, ...],
    options: tuple[object, ...],
    progress: object,
) -> tuple[Table, tuple[int, ...]]: ...
def rfm(
    transactions: object,
    reading: tuple[object, ...],
    options: tuple[object, ...],
    progress: object,
) -> tuple[Table, Table, tuple[int, ...]]: ...
def score_rfm(
    measures: object, names: tuple[object, ...], options: tuple[object, ...], progress: object
) -> tuple[Table, Table]: ...
def cohorts(
    transactions: object,
    reading: tuple[object, ...],
    options: tuple[object, ...],
    progress: object,
) -> tuple[Table, tuple[int, ...]]: ...
def concentration(values: object, progress: object) -> tuple[Any, ...]: ...
def lorenz(values: object, points: object, progress: object) -> Table: ...
def share_curve(values: object, shares: object, progress: object) -> Table: ...
def customers_for_share(values: object, shares: object, progress: object) -> Table: ...
def whale_curve(
    values: object, points: object, progress: object
) -> tuple[Table, tuple[Any, ...]]: ...
def profitability(
    table: object, drivers: dict[str, float], options: tuple[object, ...], progress: object
) -> Table: ...
def lifetime_value(
    margin: object,
    retention: object,
    discount: object,
    growth: object,
    periods: object,
    timing: object,
) -> tuple[float, float, float, float]: ...
def customer_equity(
    acquired: object,
    margins: object,
    retention: object,
    discount: object,
    acquisition_cost: object,
) -> float: ...
def microseconds(instant: object, name: str) -> int: ...
def simulate_shop(options: tuple[object, ...], progress: object) -> tuple[Table, Table]: ...

@final
class Segments:
    def __init__(self, *args: Never, **kwargs: Never) -> None: ...
    @staticmethod
    def preset(name: object) -> Segments: ...
    @staticmethod
    def from_table(table: object, bins: object, others: object) -> Segments: ...
    @staticmethod
    def from_bytes(data: object) -> Segments: ...
    def to_bytes(self) -> bytes: ...
    def rules(self) -> Table: ...
    def check(self) -> tuple[int, int, int, int, Table]: ...
    def assign(self, scores: object, progress: object) -> tuple[Table, Table]: ...

@final
class Pyramid:
    def __init__(self, *args: Never, **kwargs: Never) -> None: ...
    @staticmethod
    def preset(name: object) -> Pyramid: ...
    @staticmethod
    def create(
        method: object, boundary: object, names: object, cuts: object, losses: object
    ) -> Pyramid: ...
    @staticmethod
    def from_bytes(data: object) -> Pyramid: ...
    def to_bytes(self) -> bytes: ...
    def build(
        self, table: object, options: tuple[object, ...], progress: object
    ) -> tuple[Table, Table]: ...

@final
class Ledger:
    def __init__(self, *args: Never, **kwargs: Never) -> None: ...
    @staticmethod
    def create(decimals: object, zone: object) -> Ledger: ...
    @staticmethod
    def from_bytes(data: object) -> Ledger: ...
    def to_bytes(self) -> bytes: ...
    def append(
        self,
        table: object,
        reading: tuple[object, ...],
        options: tuple[object, ...],
        progress: object,
    ) -> tuple[int, ...]: ...
    def correct(
        self,
        table: object,
        reading: tuple[object, ...],
        options: tuple[object, ...],
        progress: object,
    ) -> tuple[int, ...]: ...
    def reverse(
        self,
        table: object,
        reading: tuple[object, ...],
        options: tuple[object, ...],
        progress: object,
    ) -> tuple[int, ...]: ...
    def size(self) -> tuple[int, int, int, int, int]: ...
    def customers(self, as_of: object, money: object) -> Table: ...
    def summary(self, customer: object, options: tuple[object, ...]) -> tuple[Any, ...]: ...
    def transactions(self, as_of: object, money: object) -> Table: ...
    def rfm(
        self, options: tuple[object, ...], only_touched: bool, progress: object
    ) -> tuple[Table, Table]: ...

@final
class State:
    def __init__(self, *args: Never, **kwargs: Never) -> None: ...
    @staticmethod
    def summary(reading: tuple[object, ...], options: tuple[object, ...]) -> State: ...
    @staticmethod
    def rfm(reading: tuple[object, ...], options: tuple[object, ...]) -> State: ...
    @staticmethod
    def concentration(reading: tuple[object, ...]) -> State: ...
    @staticmethod
    def from_bytes(data: object) -> State: ...
    def to_bytes(self) -> bytes: ...
    def update(self, table: object, progress: object) -> None: ...
    def merge(self, source: State) -> None: ...
    def finalize(self, progress: object) -> tuple[Table, Table | None, tuple[int, ...]]: ...

def default_get(name: object) -> tuple[Any, ...]: ...
def default_set(name: object, value: object) -> None: ...
def default_list() -> list[tuple[Any, ...]]: ...
def threads() -> int: ...
def set_threads(count: object) -> None: ...

@final
class ClvModel:
    def __init__(self, *args: Never, **kwargs: Never) -> None: ...
    @staticmethod
    def fit(
        terms: tuple[object, ...],
        table: object,
        columns: tuple[object, ...],
        options: tuple[object, ...],
        progress: object,
    ) -> ClvModel: ...
    @staticmethod
    def fit_parts(
        terms: tuple[object, ...],
        sample: object,
        columns: tuple[object, ...],
        options: tuple[object, ...],
        total: object,
    ) -> ClvModel: ...
    @staticmethod
    def create(terms: tuple[object, ...], values: object) -> ClvModel: ...
    @staticmethod
    def from_bytes(data: object) -> ClvModel: ...
    def to_bytes(self) -> bytes: ...
    def info(self) -> tuple[Any, ...]: ...
    def limits(self) -> tuple[str, ...]: ...
    def time_unit(self) -> str | None: ...
    def parameters(self, level: object, scale: object) -> Table: ...
    def covariance(self, scale: object) -> Table: ...
    def predict(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        options: tuple[object, ...],
        spend: ClvModel | None,
        progress: object,
    ) -> Table: ...
    def counts(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        horizon: object,
        most: object,
        progress: object,
    ) -> Table: ...
    def new_customers(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        options: tuple[object, ...],
        progress: object,
    ) -> Table: ...
    def profile(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        parameter: object,
        level: object,
        progress: object,
    ) -> tuple[float, float]: ...
    def score(
        self,
        customer: tuple[object, ...],
        transaction: object,
        dropout: object,
        options: tuple[object, ...],
        spend: ClvModel | None,
    ) -> tuple[float, ...]: ...
    def log_likelihoods(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        progress: object,
    ) -> Table: ...
    def tracking(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        purchases: object,
        options: tuple[object, ...],
        progress: object,
    ) -> Table: ...
    def frequency_table(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        most: object,
        progress: object,
    ) -> Table: ...
    def holdout(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        options: tuple[object, ...],
        spend: ClvModel | None,
        progress: object,
    ) -> tuple[tuple[Any, ...], Table]: ...
    def simulate(
        self,
        table: object,
        columns: tuple[object, ...],
        covariates: tuple[str, ...],
        spend: ClvModel | None,
        seed: object,
        transactions: bool,
        progress: object,
    ) -> tuple[Table, Table | None]: ...
    def likelihood_ratio(self, full: ClvModel) -> tuple[float, int, float]: ...

def clv_compare(
    models: list[ClvModel],
    table: object,
    columns: tuple[object, ...],
    covariates: tuple[str, ...],
    options: tuple[object, ...],
    spend: ClvModel | None,
    progress: object,
) -> Table: ...
def clv_likelihood(
    terms: tuple[object, ...],
    table: object,
    columns: tuple[object, ...],
    point: object,
    derivatives: bool,
    progress: object,
) -> tuple[Any, ...]: ...
