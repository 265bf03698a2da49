"""A provider with a court's staff at their desks, programs of courts, and filers."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest
from sqlalchemy import select, update

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.app import wire
from signon.audit.models import events
from signon.config import Settings
from signon.courts import staff
from signon.courts.registry import read_one
from signon.courts.staff import StaffRole
from signon.db import Database
from signon.filing.court.desk import POWERS, Desk
from signon.signin.models import sessions
from signon.signin.session import AAL2
from tests.infra.browser import Browser
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty

CALLBACK = "https://tool.example/callback"


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider whose background does nothing; `casb`, `cacd` and `nysb` are live."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    made = World.make(settings, wire(database), clock)
    for court in ("casb", "cacd", "nysb"):
        made.go_live(court, clock())
    with made.http:
        yield made


@dataclass
class CourtHouse:
    """A court's people and programs."""

    world: World

    def person(self, username: str, **given: Any) -> Account:
        """A person, made at the first time."""
        try:
            return self.world.find(username)
        except AssertionError:
            return self.world.account(username, **given)

    def staff(self, role: str, court: str = "casb", username: str = "") -> Desk:
        """The desk of somebody with that role; by default `clerk.casb` and so on."""
        name = username or f"{role.replace('_', '.')}.{court}"
        account = self.person(name)
        with self.world.database.writing() as unit:
            staff.add(unit, court, name, StaffRole(role), actor="system")
            return Desk(
                read_one(unit, court),
                account.id,
                POWERS[StaffRole(role)],
                self.world.settings,
                StaffRole(role),
                account,
            )

    def sign_in(self, username: str, *, acr: str = AAL2) -> Browser:
        """A browser in which somebody is signed in, with two factors unless said otherwise."""
        browser = self.world.browser()
        browser.get("/login")
        browser.sign_in(username, PASSWORD)
        account = self.world.find(username)
        with self.world.database.writing() as unit:
            # as if with two factors: proving them is the business of other tests
            unit.execute(
                update(sessions).where(sessions.c.account_id == account.id).values(acr=acr)
            )
        return browser

    def service(self, court: str = "casb") -> "Caller":
        """The court's own program."""
        secret = self.world.client(
            f"{court}-service",
            court_id=court,
            grants=["client_credentials"],
            scopes=["court"],
            redirect_uris=[],
        )
        party = RelyingParty(
            self.world.browser(), self.world.clock, f"{court}-service", secret, CALLBACK, "court"
        )
        answer = party.post(grant_type="client_credentials", scope="court")
        return Caller(self.world, answer.json()["access_token"])

    def tool(self, username: str, court: str = "casb", scope: str = "openid court") -> "Caller":
        """A court's tool in which one of the staff is signed in with two factors."""
        client_id = f"{court}-tool-{username}"
        secret = self.world.client(
            client_id,
            court_id=court,
            scopes=["openid", "court", "account"],
            redirect_uris=[CALLBACK],
        )
        browser = self.sign_in(username)
        party = RelyingParty(browser, self.world.clock, client_id, secret, CALLBACK, scope)
        party.begin()
        return Caller(self.world, party.tokens().access_token)

    def operator(self, *, as_program: bool = False) -> "Caller":
        """An operator's program, or the service's own."""
        given = {"court_id": None, "scopes": ["openid", "admin"], "trusted": True}
        grants = ["client_credentials"] if as_program else ["authorization_code"]
        client_id = f"admin-{'program' if as_program else 'tool'}"
        secret = self.world.client(
            client_id, **given, grants=grants, redirect_uris=[] if as_program else [CALLBACK]
        )
        name = "olive.operator"
        self.person(name, kind=AccountKind.OPERATOR)
        browser = self.world.browser() if as_program else self.sign_in(name)
        party = RelyingParty(browser, self.world.clock, client_id, secret, CALLBACK, "openid admin")
        if as_program:
            answer = party.post(grant_type="client_credentials", scope="admin")
            return Caller(self.world, answer.json()["access_token"])
        party.begin()
        return Caller(self.world, party.tokens().access_token)

    def refusals(self) -> list[str]:
        """Why things were refused at desks, in their order."""
        with self.world.database.reading() as unit:
            rows = unit.execute(
                select(events.c.reason)
                .where(events.c.event == "filing:desk:refused")
                .order_by(events.c.seq)
            )
            return [str(reason) for reason in rows.scalars()]


@dataclass
class Caller:
    """Whoever holds an access token."""

    world: World
    token: str

    def call(self, method: str, path: str, **given: Any) -> httpx2.Response:
        """Call the REST interface; `json` is the body."""
        headers = {"authorization": f"Bearer {self.token}"} | given.pop("headers", {})
        return self.world.http.request(method, f"/api/v1{path}", headers=headers, **given)


@pytest.fixture
def courthouse(world: World) -> CourtHouse:
    """The court's people."""
    return CourtHouse(world)
