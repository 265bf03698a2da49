"""A house with courts, people and legacy logins, and browsers in it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from starlette.testclient import TestClient

from signon.accounts import foreign_hashes
from signon.accounts.creation import NewAccount, create
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.accounts.models import AccountKind
from signon.app import create_app, wire
from signon.audit.models import events
from signon.config import Settings
from signon.courts import loading
from signon.courts.registry import Court, read_one
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import RefusedError
from signon.filing.legacy_logins import importing
from signon.filing.legacy_logins.importing import Means, Report
from signon.filing.linking import linking, proving
from signon.filing.linking.linking import Linked
from signon.filing.linking.proving import Attempt
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.web.visitor import Source
from tests.infra import queued
from tests.infra.clock import FrozenClock
from tests.infra.command_line import CommandLine
from tests.infra.refusals import caught

HEADER = "login,password_hash,first_name,last_name,bar_id,email,role,status,cases,override"
# DES crypt of "secret99", which no court would use today.
DES = "abpbCocLh43.I"
PASSWORD = "old Secret 1"
CHEAP_KIB = 8
ORIGIN = Source("192.0.2.1", "test", "request")


def argon2(password: str = PASSWORD) -> str:
    """A hash that a careful court hands over, and that `house` takes to be strong."""
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=1, memory_cost=CHEAP_KIB, parallelism=1).hash(password)


STRONG = argon2()


def line(login: str, password_hash: str = STRONG, **changes: str) -> str:
    """One line of a court's file."""
    cells = {
        "first_name": "Jane",
        "last_name": "Doe",
        "bar_id": "CA100",
        "email": f"{login}@court.example.com",
        "role": "attorney",
        "status": "active",
        "cases": "",
        "override": "",
        **changes,
    }
    password = f'"{password_hash}"' if "," in password_hash else password_hash
    return ",".join([login, password, *cells.values()])


@dataclass(frozen=True, slots=True)
class House:
    """Everything that the linking rules need, at hand."""

    database: Database
    settings: Settings
    ring: KeyRing
    hasher: Hasher
    clock: FrozenClock
    people: dict[str, Account] = field(default_factory=dict)

    @property
    def means(self) -> Means:
        return Means(self.database, self.ring, self.hasher, 2)

    def load(self, court: str, *lines: str, **how: Any) -> Report:
        """Import lines under the usual header."""
        data = "\r\n".join([HEADER, *lines, ""]).encode()
        return importing.run(self.means, court, data, **how)

    def account(
        self,
        username: str = "jane.doe1",
        kind: AccountKind = AccountKind.INDIVIDUAL,
        created_on: date | None = None,
    ) -> Account:
        """An account without a usable password."""
        wanted = NewAccount(
            kind=kind,
            username=username,
            email=f"{username}@mail.example.com",
            first_name="Jane",
            last_name="Doe",
            date_of_birth=date(1980, 1, 1),
            firm_name="Doe LLP",
            created_on=created_on,
        )
        with self.database.writing() as unit:
            return create(unit, self.ring, wanted, password_hash="none", actor="system")

    def sign_in(self, account: Account) -> str:
        """The cookie of a fresh session."""
        with self.database.writing() as unit:
            return sessions.start(
                unit, account, settings=self.settings, previous=None, source=ORIGIN
            )

    def session(self, token: str) -> Session:
        """The session of a cookie, which must be alive."""
        with self.database.reading() as unit:
            found = sessions.current(unit, token, self.settings)
        assert found is not None
        return found

    def fresh(self, username: str = "jane.doe1") -> Session:
        """A new account, just signed in."""
        return self.session(self.sign_in(self.account(username)))

    def court(self, court_id: str) -> Court:
        with self.database.reading() as unit:
            return read_one(unit, court_id)

    @caught
    def attempt(self, session: Session, court: str, login: str, source: Source = ORIGIN) -> Attempt:
        """The first unit of a proof."""
        with self.database.writing() as unit:
            return proving.attempt(
                unit,
                session,
                self.court(court),
                login,
                ring=self.ring,
                settings=self.settings,
                source=source,
            )

    @caught
    def prove(
        self,
        session: Session,
        court: str,
        login: str,
        password: str = PASSWORD,
        source: Source = ORIGIN,
    ) -> Journey:
        """All three steps of a proof, on a new journey."""
        made = self.attempt(session, court, login, source)
        if isinstance(made, RefusedError):
            raise made
        matched = proving.matches(made, password, self.ring, self.hasher)
        how: dict[str, Any] = {"ring": self.ring, "settings": self.settings, "source": source}
        at = self.court(court)
        with self.database.writing() as unit:
            if not matched:
                proving.fail(unit, session, at, made, **how)
            journey = store.start(unit, JourneyKind.LINK, lasts=self.clock.now - self.clock.now)
            return proving.prove(unit, session, at, made, journey=journey, password=password, **how)

    def proved(self, session: Session, court: str, login: str) -> str:
        """The journey of a proof that must succeed."""
        journey = self.prove(session, court, login)
        assert isinstance(journey, Journey), journey
        return journey.id

    @caught
    def confirm(self, session: Session, court: str, journey_id: str) -> Linked:
        """The confirmation."""
        at = self.court(court)
        with self.database.writing() as unit:
            return linking.confirm(
                unit, session, at, journey_id, settings=self.settings, source=ORIGIN
            )

    def link(self, session: Session, court: str, login: str) -> Linked:
        """The whole way, which must succeed."""
        made = self.confirm(session, court, self.proved(session, court, login))
        assert isinstance(made, Linked), made
        return made

    def rows(self, table: Any) -> list[Any]:
        """A table's rows."""
        with self.database.reading() as unit:
            return list(unit.execute(select(*table.c)).all())

    def mails(self) -> list[dict[str, Any]]:
        """What waits to be mailed."""
        return queued.payloads(self.database, "mail")

    def audited(self, event: str) -> list[Any]:
        """Audit events of one kind, in their order."""
        found = [row for row in self.rows(events) if row.event == event]
        return sorted(found, key=lambda row: int(row.seq))


@pytest.fixture
def house(
    database: Database, settings: Settings, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> House:
    """The registry's courts, and nobody yet; a cheap hash is strong, or each guess takes 20 ms."""
    for bound in ("MEMORY", "WORK"):
        monkeypatch.setattr(foreign_hashes, f"_STRONG_ARGON2_{bound}", CHEAP_KIB)
    wire(database)
    with database.writing() as unit:
        loading.load(unit, loading.shipped(), actor="system")
    return House(database, settings, KeyRing(settings.key_bytes), Hasher(settings), clock)


Browse = Callable[..., TestClient]


@pytest.fixture
def browse(house: House) -> Iterator[Browse]:
    """Opens browsers at one server; given a session's cookie, signed in."""
    with ExitStack() as stack:
        app = create_app(house.settings, clock=house.clock)
        first = TestClient(app, base_url=house.settings.issuer, follow_redirects=False)
        stack.enter_context(first)

        def opened(token: str | None = None) -> TestClient:
            made = TestClient(app, base_url=house.settings.issuer, follow_redirects=False)
            made.headers["accept"] = "text/html"
            if token:
                made.cookies.set("signon_session", token)
            return made

        yield opened


@pytest.fixture
def signon(
    house: House,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> CommandLine:
    """`signon …` over the house's database, hashing cheaply."""
    monkeypatch.setenv("SIGNON_ARGON2_MEMORY_KIB", "8")
    monkeypatch.setenv("SIGNON_ARGON2_TIME", "1")
    return CommandLine(house.settings, tmp_path, monkeypatch, capsys)
