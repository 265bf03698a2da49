"""Whether nearly everything seems to come from one address: a proxy that nobody named.

The limits by network then count everybody as one, and the trail says nothing of anybody.
"""

from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Select, func, select

from signon.audit.models import origins
from signon.db import Database, Unit
from signon.metrics import Gauge
from signon.prepared import every

RECENT = 200
"""How many of the newest acts are looked at."""
ENOUGH = 50
"""Fewer say nothing: one person at work is one address too."""
NEARLY_ALL = 0.95


@dataclass(frozen=True, slots=True)
class Crowd:
    """The address that most of the newest acts came from; `share` is 0 where they are too few."""

    address: str = ""
    share: float = 0.0

    @property
    def is_suspicious(self) -> bool:
        """Whether people can hardly be at one address."""
        return self.share >= NEARLY_ALL


def look(unit: Unit) -> Crowd:
    """Where the newest acts came from."""
    found = _by_address(unit)
    total = sum(row.number for row in found)
    return Crowd(found[0].address, found[0].number / total) if total >= ENOUGH else Crowd()


async def measure(database: Database) -> list[Gauge]:
    """The share, for `/metrics`."""
    crowd = await database.read(look)
    return [
        Gauge(
            "signon_busiest_address_share",
            f"Share of the last {RECENT} recorded acts that came from one address: near 1 a "
            "proxy is missing from SIGNON_TRUSTED_PROXIES",
            (),
            {(): crowd.share},
        )
    ]


class _Busy(NamedTuple):
    address: str
    number: int


@every(_Busy)
def _by_address() -> Select[str, int]:
    newest = select(origins.c.address).order_by(origins.c.at.desc()).limit(RECENT).subquery()
    number = func.count().label("number")
    return select(newest.c.address, number).group_by(newest.c.address).order_by(number.desc())
