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

@final
class Calendar:
    def __init__(self, *args: Never, **kwargs: Never) -> None: ...
    @staticmethod
    def create(zone: object, hours: object) -> Calendar: ...
    @staticmethod
    def from_bytes(data: object) -> Calendar: ...
    def to_bytes(self) -> bytes: ...
    def zone(self) -> str: ...
    def hours(self) -> Table: ...
    def with_holidays(
        self, text: bytes, first: object, last: object
    ) -> tuple[Calendar, Table, tuple[int, int, int, int]]: ...
    def due_at(self, kind: object, start: object, amount: object, pauses: object) -> int | None: ...
    def elapsed_between(self, start: object, end: object, pauses: object) -> int: ...
    def spans(self, start: object, end: object) -> Table: ...
    def due(
        self, table: object, pauses: object, kind: object, of_all: object, progress: object
    ) -> Table: ...
    def elapsed(self, table: object, pauses: object, end_at: object, progress: object) -> Table: ...
    def recompute(
        self,
        before: Calendar,
        table: object,
        pauses: object,
        of_all: object,
        changed: bool,
        rule: object,
        at: object,
        progress: object,
    ) -> Table: ...

def read_xes(
    source: object,
    activity: object,
    resource: object,
    event_attributes: object,
    trace_attributes: object,
) -> tuple[Table, tuple[int, ...]]: ...

@final
class Log:
    def __init__(self, *args: Never, **kwargs: Never) -> None: ...
    @staticmethod
    def mine(
        table: object,
        names: tuple[object, ...],
        order: object,
        calendar: Calendar | None,
        progress: object,
    ) -> tuple[Log, Table]: ...
    def merge(self, source: Log) -> None: ...
    def summary(self) -> tuple[Any, ...]: ...
    def activities(self) -> Table: ...
    def edges(self) -> Table: ...
    def variants(self) -> tuple[Table, Table]: ...
    def durations(self, working: bool, p: object) -> list[float]: ...
    def conformance(
        self,
        steps: object,
        starts: object,
        ends: object,
        remove: object,
        insert: object,
        change: object,
    ) -> Table: ...

def survival(
    table: object, p: object, interval: object, level: object, progress: object
) -> tuple[Table, Table]: ...
def chart(
    table: object, kind: object, options: tuple[object, ...]
) -> tuple[Table, tuple[float, float, float]]: ...
def attainment(table: object, cutoff: object) -> tuple[int, int, int, int, float, float]: ...
def resolution(
    cases: object, cutoff: object, window: object
) -> tuple[int, int, int, int, float, float]: ...
def backlog(movements: object, period: object, zone: object, open_before: object) -> Table: ...
def ages(ages: object, bounds: object) -> list[int]: ...

@final
class KaplanMeier:
    @staticmethod
    def fit(table: object, columns: tuple[object, ...], progress: object) -> KaplanMeier: ...
    def curve(self, interval: object, level: object) -> Table: ...
    def at(self, times: object, interval: object, level: object) -> Table: ...
    def quantiles(self, p: object, interval: object, level: object) -> Table: ...
    def restricted_mean(self, horizon: object, level: object) -> Table: ...

def log_rank(
    table: object,
    columns: tuple[object, ...],
    groups: tuple[str, ...],
    rho: object,
    gamma: object,
    progress: object,
) -> tuple[float, int, float, Table]: ...
def concordance(
    table: object, columns: tuple[object, ...], risk: object, progress: object
) -> tuple[float, float, float, float, float]: ...
@final
class Cox:
    @staticmethod
    def fit(
        table: object, columns: tuple[object, ...], options: tuple[object, ...], progress: object
    ) -> Cox: ...
    def info(self) -> tuple[Any, ...]: ...
    def coefficients(self, level: object) -> Table: ...
    def covariance(self) -> Table: ...
    def baseline(self, centred: bool) -> Table: ...
    def predict(
        self,
        table: object,
        numbers: tuple[str, ...],
        ids: tuple[str, ...],
        options: tuple[object, ...],
        progress: object,
    ) -> Table: ...
    def proportionality(
        self,
        table: object,
        columns: tuple[object, ...],
        numbers: tuple[str, ...],
        ids: tuple[str, ...],
        scale: object,
        terms: tuple[tuple[str, tuple[str, ...]], ...],
        progress: object,
    ) -> Table: ...
@final
class Aft:
    @staticmethod
    def fit(
        table: object,
        columns: tuple[object, ...],
        distribution: object,
        covariates: tuple[str, ...],
        progress: object,
    ) -> Aft: ...
    def info(self) -> tuple[Any, ...]: ...
    def coefficients(self, level: object) -> Table: ...
    def covariance(self) -> Table: ...
    def predict(
        self,
        table: object,
        covariates: tuple[str, ...],
        times: object,
        elapsed: object,
        progress: object,
    ) -> Table: ...

def loyalty_classes(
    table: object,
    scheme: object,
    columns: tuple[str | None, ...],
    medians: bool,
    cut: object,
    repeats: object,
    progress: object,
) -> tuple[Table, Table]: ...
def net_promoter(
    table: object, weighted: bool, interval: object, level: object, replicates: object, seed: object
) -> tuple[Any, ...]: ...
def score_change(
    first: tuple[float, float], second: tuple[float, float], level: object
) -> tuple[float, float, float, float, float]: ...
def repurchase_rate(
    purchases: object, at_least: object, level: object
) -> tuple[float, float, float, int, int]: ...
def wallet_allocation(table: object) -> Table: ...
@final
class LoyaltyIndex:
    @staticmethod
    def fit(
        table: object,
        components: tuple[tuple[object, ...], ...],
        least_coverage: object,
        progress: object,
    ) -> LoyaltyIndex: ...
    @staticmethod
    def from_bytes(data: bytes) -> LoyaltyIndex: ...
    def to_bytes(self) -> bytes: ...
    def components(self) -> Table: ...
    def score(self, table: object, names: tuple[str, ...], progress: object) -> Table: ...
    def mean(
        self,
        table: object,
        names: tuple[str, ...],
        level: object,
        replicates: object,
        seed: object,
        progress: object,
    ) -> tuple[float, float, float, float, int, int]: ...
@final
class DiscreteHazard:
    @staticmethod
    def fit(
        table: object,
        columns: tuple[object, ...],
        link: object,
        covariates: tuple[str, ...],
        progress: object,
    ) -> DiscreteHazard: ...
    def info(self) -> tuple[Any, ...]: ...
    def coefficients(self, level: object) -> Table: ...
    def baseline(self) -> Table: ...
    def predict(
        self,
        table: object,
        covariates: tuple[str, ...],
        elapsed: object,
        periods: object,
        progress: object,
    ) -> Table: ...

def satisfaction_curve(
    table: object, weighted: bool, level: object
) -> tuple[Table, Table, tuple[float, float, float, float, float]]: ...
