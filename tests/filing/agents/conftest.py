"""A court with an attorney, a trustee and a filing agent, and who signs in as whom."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from signon.accounts.directory import Account
from signon.app import wire
from signon.config import Settings
from signon.courts.registry import Court, read_one
from signon.db import Database
from signon.errors import RefusedError
from signon.filing.agents import acting, answering, ending, naming, pairs
from signon.filing.agents.acting import Acting, Principal
from signon.filing.agents.bounds import BoundsAsked
from signon.filing.agents.naming import NewAgent
from signon.filing.agents.pairs import Pair, Side
from signon.filing.agents.party import Party
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.web.visitor import Source
from tests.infra.clock import FrozenClock
from tests.infra.refusals import caught
from tests.infra.world import World

ORIGIN = Source("192.0.2.1", "test", "request")


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
class Agency:
    """Three people at `casb`: who names whom is for the test to say."""

    world: World
    attorney: Account
    trustee: Account
    agent: Account

    @property
    def database(self) -> Database:
        return self.world.database

    def court(self, court_id: str = "casb") -> Court:
        with self.database.reading() as unit:
            return read_one(unit, court_id)

    @caught
    def name(self, by: Account, account: Account | None = None, **given: Any) -> Pair:
        """Name the agent, and let whoever is meant be found."""
        whom = account or self.agent
        asked = {"court": "casb", "account_number": whom.number, "last_name": whom.last_name or ""}
        with self.database.writing() as unit:
            made = naming.name(unit, Party(by, source=ORIGIN), NewAgent(**{**asked, **given}))
        with self.database.writing() as unit:
            naming.deliver(unit, made.id)
        return self.pair(made.id)

    @caught
    def accept(
        self, pair: Pair, account: Account | None = None, version: int | None = None
    ) -> Pair:
        with self.database.writing() as unit:
            return answering.accept(unit, Party(account or self.agent), pair.id, version)

    @caught
    def decline(self, pair: Pair, *, tells: bool = False) -> None:
        with self.database.writing() as unit:
            answering.decline(unit, Party(self.agent), pair.id, tells=tells)

    @caught
    def bound(self, by: Account, pair: Pair, **asked: Any) -> Pair:
        with self.database.writing() as unit:
            return ending.set_bounds(unit, Party(by), pair.id, BoundsAsked(**asked))

    @caught
    def end(self, by: Account, pair: Pair, side: Side = Side.PRINCIPAL) -> Pair:
        with self.database.writing() as unit:
            return ending.end_own(unit, Party(by), pair.id, side, "Left the office")

    def active(self, by: Account, **given: Any) -> Pair:
        """Named and accepted."""
        named = self.name(by, **given)
        assert isinstance(named, Pair), named
        made = self.accept(named)
        assert isinstance(made, Pair), made
        return made

    def pair(self, pair_id: str) -> Pair:
        with self.database.reading() as unit:
            return pairs.by_id(unit, pair_id)

    def sign_in(self, account: Account | None = None) -> tuple[str, Session]:
        """A fresh session's cookie and the session."""
        who, settings = account or self.agent, self.world.settings
        with self.database.writing() as unit:
            token = sessions.start(unit, who, settings=settings, previous=None, source=ORIGIN)
            found = sessions.current(unit, token, settings)
        assert found is not None
        return token, found

    @caught
    def choose(self, session: Session, pair: Pair, court_id: str = "casb") -> Principal:
        with self.database.writing() as unit:
            court = read_one(unit, court_id)
            return acting.choose(unit, session, court, pair.id, source=ORIGIN)

    def acting(self, session: Session, court_id: str = "casb") -> Acting:
        with self.database.reading() as unit:
            return acting.of_session(unit, session, read_one(unit, court_id))

    def mailed(self, account: Account) -> list[str]:
        """What was mailed to somebody, in sentences."""
        found = [one for one in self.world.queued("mail") if one["to"] == account.email]
        return [one["values"]["what"] for one in found if "what" in one["values"]]


@pytest.fixture
def agency(world: World) -> Agency:
    """An attorney, a trustee and somebody with the role of an agent, all at `casb`."""
    attorney = world.account("ada.attorney", first_name="Ada", last_name="Attorney")
    trustee = world.account("theo.trustee", first_name="Theo", last_name="Trustee")
    agent = world.account("alex.agent", first_name="Alex", last_name="Agent")
    world.right(attorney)
    world.right(trustee, login="ttrustee", roles=["trustee"], admission=None)
    world.right(agent, login="aagent", roles=["filing_agent"], admission=None)
    return Agency(world, attorney, trustee, agent)


def reason(answer: object) -> str:
    """Why something was refused."""
    assert isinstance(answer, RefusedError), answer
    return answer.reason
