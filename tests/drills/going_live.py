"""A court from 90 days before its day to the day after: who is reminded, and what the day makes.

The drill keeps its own book of who has done what, and compares what the outbox got with it.
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select, update

from signon import ids
from signon.accounts import directory, unreachable
from signon.accounts.models import AccountKind, accounts
from signon.filing.cutover import going_live
from signon.filing.cutover.waves import kept, planning
from signon.filing.cutover.waves.models import wave_mails
from signon.filing.cutover.waves.planning import Outline
from signon.filing.linking import preparing
from signon.filing.linking.models import prepared_links
from signon.filing.models import legacy_logins, rights
from signon.notices.reports import Failed
from signon.outbox import events as outbox_events
from signon.outbox.models import outbox
from tests.filing.conftest import ORIGIN, House, line
from tests.filing.test_cutover_states import LEGACY
from tests.filing.test_linking import go_live
from tests.filing.test_waves import COURT, desk, look, to_day

ROOT = Path(__file__).parents[2]
REMINDERS = {"cutover_reminder", "cutover_missed"}
SOME = 500
"""Rows of a statement."""


@dataclass
class Drill:
    """A court of so many logins; 60 of 100 prepare until the day."""

    house: House
    size: int
    url: str
    accounts: dict[str, str] = field(default_factory=dict)
    prepared: set[str] = field(default_factory=set)
    closed: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    """Those who want no reminders, and those whose mail comes back."""
    figures: dict[str, Any] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """The logins."""
        return [f"login{number:05}" for number in range(self.size)]

    @property
    def ahead(self) -> list[str]:
        """Those who prepare, in the order in which they do."""
        return self.names[: self.size * 6 // 10]

    def run(self) -> dict[str, Any]:
        """From the ninetieth day before to the day after; answers what was counted."""
        go_live(self.house, COURT, "2026-06-01")
        to_day(self.house, 90)
        self.fill()
        with self.house.database.writing() as unit:
            planning.plan_usual(unit, desk(self.house), Outline())
        assert look(self.house) == 0
        for part, days_before in enumerate((60, 30, 14, 7, 2, 1)):
            self.go_on(part, days_before)
            to_day(self.house, days_before)
            self.wave(days_before, is_killed=days_before in {60, 7})
            if days_before == 30:
                self.move_the_date()
        self.day()
        self.wave(-1, is_killed=False)
        return self.figures

    def fill(self) -> None:
        """Logins, and accounts of all kinds; those who prepare have an upgraded one."""
        self.house.load(COURT, *(line(one, email=_at(one)) for one in self.names))
        upgraded = self._template("upgraded1")
        kinds = [
            upgraded,
            self._template("legacy1234", created_on=LEGACY),
            self._template("shared1234", kind=AccountKind.SHARED),
            None,
        ]
        rows = []
        for number, name in enumerate(self.names):
            given = upgraded if number < len(self.ahead) else kinds[number % 4]
            if given:
                self.accounts[name] = ids.new_id()
                own = {"id": self.accounts[name], "number": f"{5_000_000 + number}"}
                rows.append({**given, **own, **_named(name)})
        self._insert(accounts, rows)

    def go_on(self, part: int, days_before: int) -> None:
        """What happens until the next wave: most prepare, some undo, some are closed, one is tired
        of it, one has moved.
        """
        share = -(-len(self.ahead) // 6)
        some = self.ahead[part * share : (part + 1) * share]
        self._prepare(some)
        undone = some[0]
        self._undo(undone)
        closed = self.names[-1 - part]
        self.house.load(COURT, line(closed, email=_at(closed), status="disabled"))
        self.closed.add(closed)
        tired, gone = self.names[-20 - part], self.names[-40 - part]
        with self.house.database.writing() as unit:
            kept.unsubscribe(unit, COURT, _at(tired), unit.now)
            unreachable.note(unit, Failed(_at(gone), unit.now, "5.1.1"), how="refused")
        self.silent |= {tired, gone}
        assert (days_before, look(self.house)) == (days_before, 0)

    def wave(self, days_before: int, *, is_killed: bool) -> None:
        """One goes out; what the outbox got is what the book says, each address once."""
        begun = time.process_time()
        killed = self._kill_in_it() if is_killed else 0
        got: Counter[str] = Counter()
        while True:
            look(self.house)
            new = self._empty_the_outbox()
            if not new and not look(self.house):
                break
            got.update(new)
        left = [one for one in self.names if one not in self.prepared | self.closed | self.silent]
        assert got == Counter(map(_at, left)), (days_before, len(got), len(left))
        self.figures[f"wave {days_before}"] = {
            "mails": sum(got.values()),
            "queued when it was killed": killed,
            "cpu seconds": round(time.process_time() - begun, 1),
        }

    def move_the_date(self) -> None:
        """Ten days later; on the old day of the next wave nothing is sent."""
        to_day(self.house, 14)
        go_live(self.house, COURT, "2026-06-11")
        assert look(self.house) == 0

    def day(self) -> None:
        """What is prepared becomes rights, none twice; no wave from before it is sent."""
        to_day(self.house, 0)
        begun = time.process_time()
        database, settings = self.house.database, self.house.settings
        asyncio.run(going_live.look(database, settings, self.house.hasher))
        asyncio.run(going_live.look(database, settings, self.house.hasher))
        self.figures["rights"] = {
            "made": self._count(rights),
            "cpu seconds": round(time.process_time() - begun, 1),
        }
        assert self._count(rights) == len(self.prepared)
        with database.reading() as unit:
            logins = unit.execute(select(rights.c.legacy_login_id)).scalars().all()
        assert len(set(logins)) == len(logins)
        self._empty_the_outbox()
        assert look(self.house) == 0
        to_day(self.house, -1)

    # ── What the parts stand on ──────────────────────────────────────────────

    def _kill_in_it(self) -> int:
        """`kill -9` of a process that sends, as soon as it has queued something."""
        moment = self.house.clock.now.isoformat()
        words = [sys.executable, "-m", "tests.drills.sender", self.url, moment]
        sender = subprocess.Popen(words, cwd=ROOT)
        while not self._count(wave_mails, wave_mails.c.settled_at == self.house.clock.now):
            assert sender.poll() is None, "it ended before it was killed"
            time.sleep(0.01)
        os.kill(sender.pid, signal.SIGKILL)
        sender.wait()
        return self._count(wave_mails, wave_mails.c.settled_at == self.house.clock.now)

    def _prepare(self, some: list[str]) -> None:
        now, day = self.house.clock.now, self.house.court(COURT).go_live
        with self.house.database.reading() as unit:
            rows = unit.execute(select(legacy_logins.c.login, legacy_logins.c.id)).all()
        found = {row.login: row.id for row in rows}
        self._insert(
            prepared_links,
            [
                {
                    "id": ids.new_id(),
                    "account_id": self.accounts[one],
                    "court_id": COURT,
                    "legacy_login_id": found[one],
                    "login_version": 1,
                    "prepared_at": now,
                    "login_mac": bytes(32),
                    "told_day": day,
                }
                for one in some
            ],
        )
        self.prepared |= set(some)

    def _undo(self, name: str) -> None:
        with self.house.database.writing() as unit:
            account = directory.by_id(unit, self.accounts[name])
            assert account
            preparing.undo(unit, account, self.house.court(COURT), source=ORIGIN)
        self.prepared.discard(name)

    def _empty_the_outbox(self) -> list[str]:
        """Whom a reminder was queued for; all of it is gone afterwards, as if delivered."""
        with self.house.database.writing() as unit:
            rows = unit.execute(select(outbox.c.id, outbox.c.payload, outbox.c.sealed)).all()
            mails = [outbox_events.opened(unit.ring, *row) for row in rows]
            unit.execute(delete(outbox))
        return [one["to"] for one in mails if one.get("message") in REMINDERS]

    def _template(self, username: str, **given: Any) -> dict[str, Any]:
        made = self.house.account(username, **given)
        with self.house.database.writing() as unit:
            own = accounts.c.id == made.id
            unit.execute(update(accounts).where(own).values(email_verified=True))
            row = unit.execute(select(*accounts.c).where(own)).one()
        return dict(row._mapping)

    def _insert(self, table: Any, rows: list[dict[str, Any]]) -> None:
        for first in range(0, len(rows), SOME):
            with self.house.database.writing() as unit:
                unit.execute(insert(table), rows[first : first + SOME])

    def _count(self, table: Any, *where: Any) -> int:
        with self.house.database.reading() as unit:
            return unit.execute(select(func.count()).select_from(table).where(*where)).scalar_one()


def _at(name: str) -> str:
    return f"{name}@mail.example.com"


def _named(name: str) -> dict[str, str]:
    return {"username": name, "username_key": name, "email": _at(name), "email_key": _at(name)}
