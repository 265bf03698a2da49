"""Production's time-outs, out of the way: on a busy machine they turn away whoever did nothing wrong."""

from typing import Any

from signon import db, engines, outbound, pools, snapshots
from signon.web import probes

TimeOut = tuple[dict[str, Any], str, float]
PATIENCE_SECONDS = 50
"""Less than the time in which a test must be done."""
TIME_OUTS: tuple[TimeOut, ...] = (
    (vars(pools), "WAIT_SECONDS", 1),
    (vars(pools), "UNIT_SECONDS", 1),
    (vars(engines), "SQLITE_WAIT_SECONDS", 1),
    (db.SERVING, "statement_timeout", 1000),
    (db.SERVING, "lock_timeout", 1000),
    (db.BULK, "lock_timeout", 1000),
    (vars(outbound), "TIMEOUT_SECONDS", 1),
    (vars(outbound), "CONNECT_SECONDS", 1),
    (vars(snapshots), "PATIENCE_SECONDS", 1),
    (vars(snapshots), "LONGEST_SECONDS", 1),
    (vars(probes), "LOOK_SECONDS", 1),
    (vars(probes), "AGAIN_SECONDS", 1),
    (vars(probes), "MEASURE_SECONDS", 1),
)
"""Where production's time-outs stand, and their units in a second."""


def have() -> list[TimeOut]:
    """Let everything take its time; answers what `lose` puts back."""
    before: list[TimeOut] = [(where, name, where[name]) for where, name, _ in TIME_OUTS]
    for where, name, per_second in TIME_OUTS:
        where[name] = PATIENCE_SECONDS * per_second
    return before


def lose(before: list[TimeOut]) -> None:
    """Put production's time-outs back."""
    for where, name, value in before:
        where[name] = value
