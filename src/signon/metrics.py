"""Counts and durations for `/metrics`. With several workers a shared folder sums them all.

`share` begins that, in a process that has imported all of this already and will fork.
"""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
    values,
)
from prometheus_client import Gauge as Level
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from signon import shared_counts

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

BUCKETS = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)

_requests = Counter("signon_http_requests", "Requests answered", ["method", "route", "status"])
_seconds = Histogram(
    "signon_http_request_seconds",
    "Time to answer",
    ["route"],
    buckets=BUCKETS,
)
_waits = Histogram(
    "signon_wait_seconds",
    "Time until a turn: to hash, of everybody; for a connection, of whoever had to wait",
    ["what"],
    buckets=BUCKETS,
)
_database = Histogram(
    "signon_database_seconds",
    "Time of a unit of work on its connection, or until it was refused one",
    ["unit"],
    buckets=BUCKETS,
)
events = Counter("signon_events", "Audit events recorded", ["event"])
client_refusals = Counter(
    "signon_client_refusals", "Guesses at clients that were refused", ["client", "reason"]
)
outbox_deliveries = Counter("signon_outbox_deliveries", "Outbox deliveries", ["kind", "outcome"])
throttled = Counter("signon_throttled", "Attempts and calls turned away by a limit", ["limit"])


def _level(name: str, help_: str, *labels: str) -> Level:
    """Of this moment; of several workers the sum of those that live."""
    return Level(name, help_, labels, multiprocess_mode="livesum")


connections = _level("signon_http_connections", "Clients' connections", "state")
hashing = _level("signon_hashing", "Hashes of passwords", "state")
pool = _level("signon_database_connections", "Database connections", "pool", "state")


def _without_labels() -> Counter:
    """The one that is there from the start; the others are made when something is counted."""
    return Counter("signon_hashing_refused", "Sign-ins turned away by the hashing gate")


hashing_refused = _without_labels()

_FOLDER = "PROMETHEUS_MULTIPROC_DIR"


def share(folder: str) -> None:
    """From now on count in files of this folder, together with every process that is forked."""
    global hashing_refused  # noqa: PLW0603 - a process counts in one way
    os.environ[_FOLDER] = folder
    values.ValueClass = values.MultiProcessValue()  # type: ignore[no-untyped-call]
    REGISTRY.unregister(hashing_refused)
    hashing_refused = _without_labels()


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; `route` is a pattern, so that labels stay few."""
    count, duration = _children(method, route, status)
    count.inc()
    duration.observe(seconds)


def count_wait(what: str, seconds: float) -> None:
    """Count a wait for a turn."""
    _waits.labels(what).observe(seconds)


def count_unit(kind: str, seconds: float) -> None:
    """Count a unit of work: a read, a write or one that spends."""
    _unit(kind).observe(seconds)


Values = Mapping[tuple[str, ...], float]


class Standing:
    """What a process holds at this moment. It is looked at once a second, and when it is asked for:
    whoever is answered by another worker sees it a second old.
    """

    def __init__(self, watched: Mapping[Level, Callable[[], Values]] | None = None) -> None:
        self._watched = dict(watched or {})

    def watch(self, level: Level, look: Callable[[], Values]) -> None:
        """From now on `look` says what the level is, by its labels."""
        self._watched[level] = look

    def tell(self) -> None:
        """Look, and write it down."""
        for level, labels, value in self._look():
            level.labels(*labels).set(value)

    def in_words(self) -> list[tuple[str, int]]:
        """What this process holds now, for people: “Database connections, read, in use”."""
        return [
            (", ".join((one.documentation, *labels)).replace("_", " "), int(value))
            for level, labels, value in self._look()
            for one in level.describe()
        ]

    def _look(self) -> Iterator[tuple[Level, tuple[str, ...], float]]:
        for level, look in self._watched.items():
            for labels, value in look().items():
                yield level, labels, value


@dataclass(frozen=True, slots=True)
class Gauge:
    """Something measured at this moment; each value stands under those of its labels.

    What workers share (the database's content) needs no sum over them: whoever is asked tells it.
    """

    name: str
    help: str
    labels: Sequence[str]
    values: Values


def render(gauges: Iterable[Gauge] = ()) -> bytes:
    """Everything counted so far, by all workers, and the gauges, in Prometheus' text format."""
    measured = CollectorRegistry()
    measured.register(_Measured(gauges))
    if _FOLDER in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        with shared_counts.unmoved(os.environ[_FOLDER]):
            counted = generate_latest(registry)
        return counted + generate_latest(measured)
    return generate_latest(REGISTRY) + generate_latest(measured)


class _Measured(Collector):
    def __init__(self, gauges: Iterable[Gauge]) -> None:
        self._gauges = gauges

    def collect(self) -> Iterator[GaugeMetricFamily]:
        for gauge in self._gauges:
            family = GaugeMetricFamily(gauge.name, gauge.help, labels=gauge.labels)
            for labels, value in gauge.values.items():
                family.add_metric(labels, value)
            yield family


@cache
def _unit(kind: str) -> Histogram:
    return _database.labels(kind)


@cache
def _children(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    known = method if method in {"GET", "POST", "HEAD", "OPTIONS"} else "other"
    return _requests.labels(known, route, str(status)), _seconds.labels(route)
