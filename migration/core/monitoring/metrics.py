"""Every metric: its name, unit, where it comes from, and the value from which on it alerts unless told otherwise."""

from dataclasses import dataclass
from enum import StrEnum


class Source(StrEnum):
    """Who measures it."""

    CLIENTS = "clients"  # the applications' reports
    SERVERS = "servers"  # the source and the target, asked by a worker
    OURSELVES = "ourselves"  # this application's own rows and queue


class Comparison(StrEnum):
    """On which side of a threshold it is bad to be."""

    ABOVE = "above"
    BELOW = "below"


class Kind(StrEnum):
    """How the metric is worked out of what is kept."""

    QUANTILE = "quantile"  # of calls' durations, by merged sketches
    MEAN = "mean"  # of calls' durations
    RATE = "rate"  # calls a second
    SHARE = "share"  # of calls, in thousandths
    COUNT = "count"  # added up
    GAUGE = "gauge"  # a value as it was last measured


@dataclass(frozen=True, slots=True, kw_only=True)
class Metric:
    """`threshold` is None where no value is bad by itself. `of` names what is kept, where that has another name.
    `is_yes_no`: 1 is yes, and 0 is no."""

    name: str
    title: str
    unit: str
    source: Source
    kind: Kind
    threshold: float | None = None
    comparison: Comparison = Comparison.ABOVE
    of: str = ""
    quantile: float = 0.0
    is_yes_no: bool = False

    @property
    def kept(self) -> str:
        return self.of or self.name


CALLS, ERRORS, SLOW = "calls", "errors", "slow_calls"
COMPARED, MISMATCHES = "compared_calls", "mismatches"

FALLBACKS = "fallbacks"

ERROR_KINDS: tuple[str, ...] = (
    "connection",
    "constraint",
    "database",
    "read_only",
    "refused",
    "syntax",
    "timeout",
)
"""As the data layer counts its errors; a call with a wrong argument is the caller's error, and none of these."""

SLOW_MS = 100.0
"""A call that takes longer is slow, and its statement is kept."""

POOL, WAITING = "pool_utilisation", "pool_waiting"
DRIFT, LAG, SLOT_WAL = "row_count_drift", "replication_lag", "slot_wal"
CERTIFICATE, QUEUE, OLDEST, STALLED = "certificate_expiry", "queue_depth", "oldest_job", "stalled_jobs"
STALLED_RUNS, SERVER_UP, CONNECTIONS_USED = "stalled_runs", "server_up", "connections_used"
TRANSACTIONS, ROLLED_BACK, CACHE_HITS = "transactions", "transactions_rolled_back", "cache_hits"
LONGEST, STATEMENT_MEAN = "longest_transaction", "statement_mean"
SCHEDULED = "verification_alerts"

_CLIENTS, _SERVERS, _OURSELVES = Source.CLIENTS, Source.SERVERS, Source.OURSELVES

METRICS: tuple[Metric, ...] = (
    Metric(
        name="call_mean",
        title="average duration",
        unit="ms",
        source=_CLIENTS,
        kind=Kind.MEAN,
        threshold=10,
        of=CALLS,
    ),
    Metric(
        name="call_p50", title="p50", unit="ms", source=_CLIENTS, kind=Kind.QUANTILE, of=CALLS, quantile=0.5
    ),
    Metric(
        name="call_p95",
        title="p95",
        unit="ms",
        source=_CLIENTS,
        kind=Kind.QUANTILE,
        threshold=20,
        of=CALLS,
        quantile=0.95,
    ),
    Metric(
        name="call_p99",
        title="p99",
        unit="ms",
        source=_CLIENTS,
        kind=Kind.QUANTILE,
        threshold=50,
        of=CALLS,
        quantile=0.99,
    ),
    Metric(name="call_rate", title="calls a second", unit="/s", source=_CLIENTS, kind=Kind.RATE, of=CALLS),
    Metric(
        name="error_rate",
        title="errors per 1,000 calls",
        unit="‰",
        source=_CLIENTS,
        kind=Kind.SHARE,
        threshold=1,
        of=ERRORS,
    ),
    Metric(name=SLOW, title="slow calls", unit="calls", source=_CLIENTS, kind=Kind.COUNT),
    Metric(
        name=MISMATCHES,
        title="answers that differ between the backends",
        unit="calls",
        source=_CLIENTS,
        kind=Kind.COUNT,
        threshold=0,
    ),
    Metric(
        name=FALLBACKS,
        title="calls that fell back to the source",
        unit="calls",
        source=_CLIENTS,
        kind=Kind.COUNT,
        threshold=0,
    ),
    Metric(name=POOL, title="pool in use", unit="%", source=_CLIENTS, kind=Kind.GAUGE, threshold=80),
    Metric(
        name=WAITING,
        title="waiting for a connection",
        unit="calls",
        source=_CLIENTS,
        kind=Kind.GAUGE,
        threshold=0,
    ),
    Metric(
        name=DRIFT, title="rows that differ", unit="rows", source=_OURSELVES, kind=Kind.GAUGE, threshold=1
    ),
    Metric(
        name=SCHEDULED,
        title="scheduled verifications that alert",
        unit="runs",
        source=_OURSELVES,
        kind=Kind.GAUGE,
        threshold=0,
    ),
    Metric(name=LAG, title="replication lag", unit="s", source=_SERVERS, kind=Kind.GAUGE, threshold=30),
    Metric(
        name=SLOT_WAL,
        title="WAL that slots hold",
        unit="MB",
        source=_SERVERS,
        kind=Kind.GAUGE,
        threshold=1024,
    ),
    Metric(
        name=CERTIFICATE,
        title="days until the certificate expires",
        unit="days",
        source=_SERVERS,
        kind=Kind.GAUGE,
        threshold=30,
        comparison=Comparison.BELOW,
    ),
    Metric(
        name=SERVER_UP,
        title="server answers",
        unit="",
        source=_SERVERS,
        kind=Kind.GAUGE,
        threshold=1,
        comparison=Comparison.BELOW,
        is_yes_no=True,
    ),
    Metric(
        name=CONNECTIONS_USED,
        title="connections in use",
        unit="%",
        source=_SERVERS,
        kind=Kind.GAUGE,
        threshold=80,
    ),
    Metric(name=TRANSACTIONS, title="transactions a second", unit="/s", source=_SERVERS, kind=Kind.GAUGE),
    Metric(
        name=ROLLED_BACK,
        title="transactions rolled back per 1,000",
        unit="‰",
        source=_SERVERS,
        kind=Kind.GAUGE,
    ),
    Metric(name=CACHE_HITS, title="blocks found in memory", unit="%", source=_SERVERS, kind=Kind.GAUGE),
    Metric(
        name=LONGEST,
        title="longest open transaction",
        unit="s",
        source=_SERVERS,
        kind=Kind.GAUGE,
        threshold=3600,
    ),
    Metric(
        name=STATEMENT_MEAN,
        title="average statement on the server",
        unit="ms",
        source=_SERVERS,
        kind=Kind.GAUGE,
    ),
    Metric(
        name=QUEUE, title="jobs in the queue", unit="jobs", source=_OURSELVES, kind=Kind.GAUGE, threshold=50
    ),
    Metric(
        name=OLDEST, title="oldest waiting job", unit="s", source=_OURSELVES, kind=Kind.GAUGE, threshold=300
    ),
    Metric(name=STALLED, title="stalled jobs", unit="jobs", source=_OURSELVES, kind=Kind.GAUGE, threshold=0),
    Metric(
        name=STALLED_RUNS, title="stalled runs", unit="runs", source=_OURSELVES, kind=Kind.GAUGE, threshold=0
    ),
)

BY_NAME: dict[str, Metric] = {metric.name: metric for metric in METRICS}


def amount(value: str, metric: Metric) -> str:
    """A value as it is written, with the metric's unit where it has one."""
    if metric.is_yes_no:
        return "no" if value == "0" else "yes"
    return f"{value} {metric.unit}".rstrip()


def bad_when(metric: Metric, comparison: str, threshold: str) -> str:
    """What a value has to be to be beyond the threshold: “above 20 ms”, “no”."""
    if metric.is_yes_no:
        return "no" if comparison == Comparison.BELOW else "yes"
    return f"{comparison} {amount(threshold, metric)}"


def threshold_of(name: str) -> float:
    """The default threshold of a metric that has one."""
    threshold = BY_NAME[name].threshold
    assert threshold is not None, name
    return threshold


def is_beyond(value: float, threshold: float, comparison: Comparison) -> bool:
    """Whether a value is on the bad side; the threshold itself is fine."""
    return value > threshold if comparison is Comparison.ABOVE else value < threshold
