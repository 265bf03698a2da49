"""Counts and durations for `/metrics`. With several workers a shared folder sums them all.

prometheus_client reads ``PROMETHEUS_MULTIPROC_DIR`` when it is imported; `signon serve`
sets it before it starts more than one worker.
"""

import os
from functools import cache

from prometheus_client import (
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

_requests = Counter("signon_http_requests", "Requests answered", ["method", "route", "status"])
_seconds = Histogram(
    "signon_http_request_seconds",
    "Time to answer",
    ["route"],
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5),
)
events = Counter("signon_events", "Audit events recorded", ["event"])
hashing_refused = Counter("signon_hashing_refused", "Sign-ins turned away by the hashing gate")
outbox_deliveries = Counter("signon_outbox_deliveries", "Outbox deliveries", ["kind", "outcome"])


def count_request(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request; `route` is a pattern, so that labels stay few."""
    count, duration = _children(method, route, status)
    count.inc()
    duration.observe(seconds)


def render() -> bytes:
    """Everything counted so far, by all workers, in Prometheus' text format."""
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        registry = CollectorRegistry()
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return generate_latest(registry)
    return generate_latest(REGISTRY)


@cache
def _children(method: str, route: str, status: int) -> tuple[Counter, Histogram]:
    known = method if method in {"GET", "POST", "HEAD", "OPTIONS"} else "other"
    return _requests.labels(known, route, str(status)), _seconds.labels(route)
