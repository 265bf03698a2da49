"""The courts as the house sees them, and their state by date in the court's own time zone."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Select, select

from signon.courts import policy
from signon.courts.models import courts
from signon.courts.policy import NOTHING_SAID, Policy
from signon.db import Database, Unit
from signon.errors import NotFoundError
from signon.notices.rehearsals import MARK
from signon.prepared import every, one
from signon.snapshots import Snapshot
from signon.words.sentences import _

CACHE_SECONDS = 30
OUTAGE_SECONDS = 3600
"""The same while the database is silent: the public list stays there."""


class CourtStatus(StrEnum):
    """Where a court stands on its way to central sign-on."""

    NOT_SCHEDULED = "not_scheduled"
    SCHEDULED = "scheduled"
    LIVE = "live"


class CourtType(StrEnum):
    """Kinds of courts; which filing roles exist depends on it."""

    DISTRICT = "district"
    BANKRUPTCY = "bankruptcy"
    APPELLATE = "appellate"
    BANKRUPTCY_APPELLATE_PANEL = "bankruptcy_appellate_panel"
    NATIONAL = "national"


@dataclass(frozen=True, slots=True)
class Court:
    """One CM/ECF court. `go_live` is a moment; shown in the court's own offset.

    `go_live_is_set`: an operator chose it, so loading the registry leaves it alone.
    `rehearsal_of`: the court that this one is a rehearsal of; its name says so (`rehearsals.MARK`).
    """

    id: str
    psc_id: str
    pcl_id: str
    name: str
    type: CourtType
    circuit: str
    state: str
    time_zone: str
    cmecf_url: str
    go_live: datetime | None
    go_live_is_set: bool = False
    rehearsal_of: str | None = None
    policy: Policy = NOTHING_SAID

    def status(self, now: datetime) -> CourtStatus:
        """Not scheduled, scheduled, or live from the moment of `go_live` on."""
        if self.go_live is None:
            return CourtStatus.NOT_SCHEDULED
        return CourtStatus.LIVE if self.go_live <= now else CourtStatus.SCHEDULED

    def is_live(self, now: datetime) -> bool:
        """Whether the court trusts our tokens for filing."""
        return self.status(now) is CourtStatus.LIVE

    @property
    def go_live_local(self) -> datetime | None:
        """The go-live moment with the court's offset, as RFC 3339 wants it."""
        return self.go_live.astimezone(ZoneInfo(self.time_zone)) if self.go_live else None


class CourtRegistry:
    """All courts, kept for at most `CACHE_SECONDS`."""

    def __init__(self, database: Database) -> None:
        self._snapshot = Snapshot(read_all, database, seconds=CACHE_SECONDS, outage=OUTAGE_SECONDS)

    async def all(self) -> Mapping[str, Court]:
        """Every court by its CM/ECF id, in the order of the ids."""
        return await self._snapshot.get()

    async def get(self, court_id: str) -> Court:
        """One court. Raises NotFoundError."""
        return one_of(await self.all(), court_id)

    def forget(self) -> None:
        """Read anew at the next use."""
        self._snapshot.forget()


def read_all(unit: Unit) -> dict[str, Court]:
    """Every court by its id."""
    return {court.id: court for court in _all(unit)}


def read_one(unit: Unit, court_id: str) -> Court:
    """One court. Raises NotFoundError."""
    found = _one(unit, court_id.lower())
    if found is None:
        raise unknown_court(court_id)
    return found


def one_of(known: Mapping[str, Court], court_id: str) -> Court:
    """One of the courts that are known. Raises NotFoundError."""
    found = known.get(court_id.lower())
    if found is None:
        raise unknown_court(court_id)
    return found


def unknown_court(court_id: str) -> NotFoundError:
    """What to say of an id that no court has."""
    return NotFoundError(
        _(
            "There is no court {court}: `signon courts list` and /courts show them all.",
            court=repr(court_id[:16]),
        )
    )


_COLUMNS: tuple[ColumnElement[Any], ...] = tuple(courts.c[each.name] for each in fields(Court))


def _court(*columns: Any) -> Court:
    read = Court(*columns)
    name = f"{MARK}{read.name}" if read.rehearsal_of else read.name
    kind = CourtType(read.type)
    return replace(read, name=name, type=kind, policy=policy.read(columns[-1]))


@every(_court)
def _all() -> Select[Any]:
    return select(*_COLUMNS).order_by(courts.c.id)


@one(_court)
def _one(court_id: str) -> Select[Any]:
    return select(*_COLUMNS).where(courts.c.id == court_id)
