"""Imports whose passwords take long to wrap: worked off in the background, written in one unit.

The list is kept, sealed, until then. What was wrapped is kept in parts, so that a process that takes over
goes on from them; the unit that writes the list ends the import too, so that none is written twice.
"""

import asyncio
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Self

from sqlalchemy import Delete, Insert, Select, Update, delete, null, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from signon import ids
from signon.accounts import directory
from signon.config import Settings
from signon.courts import staff
from signon.courts.registry import read_one
from signon.db import Unit
from signon.errors import BusyError, NotFoundError, RefusedError, SignonError
from signon.filing.court import second_member
from signon.filing.court.desk import NOT_PERMITTED, POWERS, Desk, Power
from signon.filing.court.second_member import Kind, SecondMemberError
from signon.filing.legacy_logins import import_requests, importing
from signon.filing.legacy_logins.import_file import CourtList
from signon.filing.legacy_logins.import_requests import Sender
from signon.filing.legacy_logins.importing import Means, Report
from signon.filing.legacy_logins.models import legacy_import_parts as parts
from signon.filing.legacy_logins.models import legacy_imports as table
from signon.prepared import change, every, one, value
from signon.web.acts import Act

LEASE = timedelta(minutes=2)
"""For so long nobody else takes an import; each part renews it."""
PART = 25
"""Passwords in a part: seconds of work, that much is lost with a process."""
GIVEN_UP = timedelta(days=1)
TOO_LATE = "It could not be finished within a day, so nothing was changed: send the list again."
FAULTY = "Lines of the list cannot be imported any more: look at it again."
NEEDS_COLLEAGUE = "The court wants a second member of the staff now: send the list again."
RUNNING = "import_running"


@dataclass(frozen=True, slots=True)
class AgreedList:
    """A list that was looked at and agreed to: its file, and what it would do."""

    content: bytes
    encoding: str
    name: str
    report: Report

    @property
    def total(self) -> int:
        """How many passwords have to be wrapped."""
        return self.report.passwords_wrapped


@dataclass(frozen=True, slots=True)
class Progress:
    """How far an import is; it has ended with `counts` or with a `refusal`."""

    id: str
    name: str
    total: int
    done: int
    asked_at: datetime
    ended_at: datetime | None
    counts: Mapping[str, int] | None
    refusal: str | None


class Leased(NamedTuple):
    """An import that this process works on."""

    id: str
    court_id: str
    account_id: str
    encoding: str
    agreed: str
    content: bytes


def content_context(import_id: str) -> str:
    """What a kept list is sealed for."""
    return f"legacy_imports.content:{import_id}"


def part_context(part_id: str) -> str:
    """What a part is sealed for."""
    return f"legacy_import_parts.wrapped:{part_id}"


def start(unit: Unit, desk: Desk, wanted: AgreedList) -> str:
    """Keep the list; answers the import's id.

    Raises RefusedError (`import_running`): a court has one at a time; SecondMemberError unless a
    colleague has asked for this very list.
    """
    digest = wanted.report.file_sha256
    if not import_requests.is_asked(unit, desk, digest):
        second_member.require(desk, Kind.IMPORT, import_requests.asked(digest, wanted.report))
    import_id = ids.new_id()
    row = _New(
        import_id,
        desk.court.id,
        desk.actor,
        wanted.name[:200],
        digest,
        wanted.encoding,
        wanted.report.agreement,
        unit.ring.seal(wanted.content, content_context(import_id)),
        wanted.total,
        0,
        unit.now,
    )
    if _start(unit, row) != 1:
        raise RefusedError(
            RUNNING, "An import of your court is under way: wait until it has ended."
        )
    return import_id


START = Act("start-import", start, needs=Power.IMPORT)


def progress(unit: Unit, desk: Desk, import_id: str) -> Progress:
    """How far one of the court's is. Raises NotFoundError."""
    desk.require(Power.IMPORT)
    found = _progress(unit, desk.court.id, import_id)
    if found is None:
        raise NotFoundError("There is no such import.")
    return found


def under_way(unit: Unit, desk: Desk) -> str | None:
    """The one that the court waits for."""
    return _under_way(unit, desk.court.id)


class ImportJobs:
    """The background's work. Each import is leased by itself, so asking costs no write."""

    def __init__(self, means: Means, settings: Settings) -> None:
        self._means = means
        self._settings = settings

    async def look(self) -> int:
        """Work off what waits; answers how many imports have ended."""
        ended = 0
        database = self._means.database
        while due := await database.read(_due):
            leased = await database.write(_lease, due)
            if leased is None:
                return ended
            work = _Work(self._means, self._settings, leased)
            try:
                await asyncio.to_thread(work.run)
            except asyncio.CancelledError:
                work.stop()
                raise
            ended += 1
        return ended


class _OverError(Exception):
    """The import has ended: another process was faster."""


class _StoppedError(Exception):
    """The process ends: somebody else goes on."""


class _Work:
    """One import, in a thread; it is also what keeps the wrapped passwords (`importing.Wrapped`)."""

    def __init__(self, means: Means, settings: Settings, leased: Leased) -> None:
        self._means = means
        self._settings = settings
        self._import = leased
        self._part: dict[str, str] = {}
        self._stopped = False

    def stop(self) -> None:
        """Let the thread end at the next password."""
        self._stopped = True

    def run(self) -> None:
        """Import, or write down why not. Raises nothing that the next turn could not mend."""
        try:
            report = self._imported()
        except (BusyError, _OverError, _StoppedError):
            return
        except SecondMemberError:
            self._refuse(NEEDS_COLLEAGUE)
        except SignonError as error:
            self._refuse(error.told)
        else:
            if report.bad_lines:
                self._refuse(FAULTY)

    def _imported(self) -> Report:
        there = self._import
        context = content_context(there.id)
        listed = CourtList(self._means.ring.open(there.content, context), there.encoding)
        with self._means.database.reading() as unit:
            desk = self._desk(unit)
        sender = Sender(desk, listed.digest, self._desk)

        def finish(unit: Unit, report: Report) -> None:
            sender.finish(unit, report)
            _end(unit, there.id, counts=report.counts)

        return importing.run(
            self._means,
            there.court_id,
            listed,
            may_shrink=lambda some: there.agreed == importing.agreement_to(listed.digest, some),
            actor=there.account_id,
            is_own=sender.is_own,
            wrapped=self,
            require=sender.require,
            finish=finish,
        )

    def _desk(self, unit: Unit) -> Desk:
        """Whoever has sent it may still import. Raises RefusedError, NotFoundError."""
        there = self._import
        account = directory.by_id(unit, there.account_id)
        role = staff.role_of(unit, there.court_id, there.account_id)
        if account is None or not account.is_active or role is None:
            raise RefusedError(NOT_PERMITTED, "Whoever sent the list may not import any more.")
        court = read_one(unit, there.court_id)
        desk = Desk(court, account.id, POWERS[role], self._settings, role, account)
        desk.require(Power.IMPORT)
        return desk

    def _refuse(self, told: str) -> None:
        """Unless another process has ended it meanwhile."""
        with suppress(_OverError), self._means.database.writing() as unit:
            _end(unit, self._import.id, refusal=told)

    # ── The wrapped passwords ────────────────────────────────────────────────

    def known(self) -> Mapping[str, str]:
        """What processes before this one have wrapped."""
        found: dict[str, str] = {}
        with self._means.database.reading() as unit:
            kept = _parts(unit, self._import.id)
        for part in kept:
            plain = self._means.ring.open(part.wrapped, part_context(part.id))
            found |= json.loads(plain)
        return found

    def add(self, key: str, stored: str) -> None:
        """Keep one with others of its part. Raises _StoppedError."""
        if self._stopped:
            raise _StoppedError
        self._part[key] = stored
        if len(self._part) == PART:
            self.keep()

    def keep(self) -> None:
        """Write down what was wrapped since the last time, and hold the lease on."""
        if not self._part:
            return
        part_id, plain = ids.new_id(), json.dumps(self._part).encode()
        sealed = self._means.ring.seal(plain, part_context(part_id))
        with self._means.database.writing() as unit:
            _keep(unit, part_id, self._import.id, sealed)
            _advance(unit, self._import.id, len(self._part), unit.now + LEASE)
        self._part = {}


def _lease(unit: Unit, import_id: str) -> Leased | None:
    """Take it, unless another process did; what is a day old is given up."""
    found = _take(unit, import_id, unit.now, unit.now + LEASE)
    if found is None or found.asked_at > unit.now - GIVEN_UP:
        return found.leased if found else None
    _end(unit, import_id, refusal=TOO_LATE)
    return None


def _end(
    unit: Unit,
    import_id: str,
    *,
    counts: Mapping[str, int] | None = None,
    refusal: str | None = None,
) -> None:
    """The end of an import, once. Raises _OverError: the unit is rolled back."""
    if _finish(unit, import_id, unit.now, counts, refusal) != 1:
        raise _OverError
    _forget_parts(unit, import_id)


class _New(NamedTuple):
    id: str
    court_id: str
    account_id: str
    name: str
    digest: str
    encoding: str
    agreed: str
    content: bytes
    total: int
    done: int
    asked_at: datetime


class _Part(NamedTuple):
    id: str
    wrapped: bytes


class _Taken(NamedTuple):
    leased: Leased
    asked_at: datetime

    @classmethod
    def of(cls, asked_at: datetime, *leased: Any) -> Self:
        return cls(Leased(*leased), asked_at)


@change
def _start(row: _New) -> Insert:
    return insert(table).values(**row._asdict()).on_conflict_do_nothing()


@one(Progress)
def _progress(court_id: str, import_id: str) -> Select[*tuple[Any, ...]]:
    columns = [table.c[name] for name in Progress.__dataclass_fields__]
    return select(*columns).where(table.c.id == import_id, table.c.court_id == court_id)


@value
def _under_way(court_id: str) -> Select[str]:
    return select(table.c.id).where(table.c.court_id == court_id, table.c.ended_at.is_(None))


@value
def _due_id(now: datetime) -> Select[str]:
    is_free = or_(table.c.leased_until.is_(None), table.c.leased_until <= now)
    waits = select(table.c.id).where(table.c.ended_at.is_(None), is_free)
    return waits.order_by(table.c.asked_at).limit(1)


def _due(unit: Unit) -> str | None:
    return _due_id(unit, unit.now)


@one(_Taken.of)
def _take(import_id: str, now: datetime, until: datetime) -> Any:
    is_free = or_(table.c.leased_until.is_(None), table.c.leased_until <= now)
    taken = update(table).where(table.c.id == import_id, table.c.ended_at.is_(None), is_free)
    columns = [table.c[name] for name in Leased._fields]
    return taken.values(leased_until=until).returning(table.c.asked_at, *columns)


@change
def _advance(import_id: str, more: int, until: datetime) -> Update:
    is_open = table.c.id == import_id, table.c.ended_at.is_(None)
    return update(table).where(*is_open).values(done=table.c.done + more, leased_until=until)


@change
def _finish(
    import_id: str, now: datetime, counts: Mapping[str, int] | None, refusal: str | None
) -> Update:
    is_open = table.c.id == import_id, table.c.ended_at.is_(None)
    ended = {"ended_at": now, "counts": counts, "refusal": refusal, "content": null()}
    return update(table).where(*is_open).values(**ended)


@change
def _keep(part_id: str, import_id: str, wrapped: bytes) -> Insert:
    return insert(parts).values(id=part_id, import_id=import_id, wrapped=wrapped)


@every(_Part)
def _parts(import_id: str) -> Select[str, bytes]:
    return select(parts.c.id, parts.c.wrapped).where(parts.c.import_id == import_id)


@change
def _forget_parts(import_id: str) -> Delete:
    return delete(parts).where(parts.c.import_id == import_id)
