"""A provider with a firm, its programs, and people to invite."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx2
import pytest
from sqlalchemy import update

from signon.accounts import directory as accounts
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.app import wire
from signon.config import Settings
from signon.db import Database
from signon.firms import answering, delivery, directory, invitations
from signon.firms.access import ActedAs, Authority
from signon.firms.directory import Firm
from signon.firms.invitation_lines import NewInvitation
from signon.firms.invitation_list import Invitation
from signon.firms.models import InvitationKind
from signon.outbox.models import outbox
from signon.web.visitor import Source
from tests.infra import queued
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty, Tokens

FIRM_SCOPES = ("firm:read", "firm:members", "firm:settings")
CALLBACK = "https://office.example/callback"
HERE = Source()


@dataclass
class Office:
    """A firm of the world, and what happens there."""

    world: World
    account: Account
    _clients: list[str] = field(default_factory=list)

    @property
    def number(self) -> str:
        """The firm's account number."""
        return self.account.number

    @property
    def firm(self) -> Firm:
        """As it is now."""
        with self.world.database.reading() as unit:
            return directory.by_id(unit, self.account.id)

    def authority(self, by: Account | None = None) -> Authority:
        """An administrator who signed in just now; the firm's own sign-in unless named."""
        actor = (by or self.account).id
        return Authority(self.firm, actor, ActedAs.ADMINISTRATOR, proved_recently=True)

    def ask(self, person: Account, kind: InvitationKind = InvitationKind.MEMBER) -> NewInvitation:
        """What inviting a person takes."""
        return asking(
            kind=kind.value,
            last_name=person.last_name or "",
            remark="joins us",
            account_number=person.number,
        )

    def invite(self, person: Account, kind: InvitationKind = InvitationKind.MEMBER) -> Invitation:
        """Invite somebody, and let the mail go."""
        with self.world.database.writing() as unit:
            made = invitations.invite(unit, self.authority(), self.ask(person, kind))
        self.deliver()
        return made

    def accept(self, person: Account, invitation_id: str, leaves: str | None = None) -> None:
        """The person accepts."""
        now = self.world.find(person.username)
        with self.world.database.writing() as unit:
            answering.accept(unit, now, invitation_id, leaves=leaves, source=HERE)

    def join(self, person: Account, leaves: str | None = None) -> None:
        """Invite somebody who accepts."""
        self.accept(person, self.invite(person).id, leaves)

    def administrate(self, person: Account) -> None:
        """Make somebody an administrator."""
        self.accept(person, self.invite(person, InvitationKind.ADMINISTRATOR).id)

    def deliver(self) -> None:
        """What the background does with the outbox's events of firms."""
        handled = {
            invitations.SENT: lambda unit, payload: delivery.deliver(
                unit, self.world.settings, payload["invitations"]
            ),
            "firms:told": delivery.tell,
        }
        with self.world.database.writing() as unit:
            for row in queued.rows(unit):
                if row.kind not in handled or row.done_at is not None:
                    continue
                handled[row.kind](unit, queued.payload(unit, row))
                unit.execute(update(outbox).where(outbox.c.id == row.id).values(done_at=unit.now))

    def mails(self, message: str) -> list[dict[str, Any]]:
        """What was mailed of a kind: the values with `to`."""
        found = [one for one in self.world.queued("mail") if one["message"] == message]
        return [{**one["values"], "to": one["to"]} for one in found]

    # ── Programs ─────────────────────────────────────────────────────────────

    def service(self, scope: str = " ".join(FIRM_SCOPES)) -> "Program":
        """The firm's own program."""
        client_id = f"office-{self.number}-{len(self._clients)}"
        self._clients.append(client_id)
        return service(
            self.world, client_id, scope, firm_id=self.account.id, scopes=[*FIRM_SCOPES, "firm"]
        )

    def program(self, username: str, scope: str = "openid firm") -> "Program":
        """A program of the firm in which somebody has signed in with two factors."""
        client_id = f"office-{self.number}-{len(self._clients)}"
        self._clients.append(client_id)
        return signed_in(
            self.world, client_id, username, scope, firm_id=self.account.id,
            scopes=["openid", "pacer", *FIRM_SCOPES, "firm", "account"],
        )  # fmt: skip


@dataclass
class Program:
    """Who holds a token."""

    world: World
    token: str
    party: RelyingParty | None = None
    tokens: Tokens = field(default_factory=lambda: Tokens({}))

    def call(self, method: str, path: str, **given: Any) -> httpx2.Response:
        """Call the REST interface."""
        headers = {"authorization": f"Bearer {self.token}", **given.pop("headers", {})}
        return self.world.http.request(method, f"/api/v1{path}", headers=headers, **given)

    def get(self, path: str) -> Any:
        """What a reading call answers."""
        answer = self.call("GET", path)
        assert answer.status_code == 200, answer.text
        return answer.json()


def service(world: World, client_id: str, scope: str, **given: Any) -> Program:
    """A program that speaks for itself."""
    secret = world.client(
        client_id, **{"court_id": None, "grants": ["client_credentials"], **given}
    )
    answer = world.http.post(
        "/oauth2/token",
        data={"grant_type": "client_credentials", "scope": scope},
        auth=(client_id, secret or ""),
    )
    assert answer.status_code == 200, answer.text
    return Program(world, str(answer.json()["access_token"]))


def signed_in(world: World, client_id: str, username: str, scope: str, **given: Any) -> Program:
    """A program in which somebody has signed in; with two factors, if they have an app."""
    secret = world.client(
        client_id,
        **{"court_id": None, "redirect_uris": [CALLBACK], "trusted": True, **given},
    )
    party = RelyingParty(world.browser(), world.clock, client_id, secret, CALLBACK, scope)
    party.begin()
    party.browser.sign_in(username, PASSWORD)
    if "otp" in party.browser.page.ids:
        party.browser.submit(party.browser.page.forms[0], otp=world.code())
        # the next one shows another code
        world.clock.advance(seconds=30)
    tokens = party.tokens()
    return Program(world, tokens.access_token, party, tokens)


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider whose background does nothing."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


def asking(**given: Any) -> NewInvitation:
    """What inviting takes, confirmed; a name and a remark unless given."""
    usual = {"last_name": "Attorney", "remark": "x", "acknowledged": True}
    return NewInvitation.model_validate(usual | given)


MakeOffice = Callable[..., Office]


@pytest.fixture
def make_office(world: World) -> MakeOffice:
    """A firm with a second factor, by its username."""

    def make(username: str = "firm.one", firm_name: str = "Attorney & Daughters") -> Office:
        account = world.account(username, AccountKind.FIRM, firm_name=firm_name)
        world.enrol(username)
        return Office(world, account)

    return make


@pytest.fixture
def office(make_office: MakeOffice) -> Office:
    """`firm.one`."""
    return make_office()


@pytest.fixture
def ada(world: World) -> Account:
    """`a.attorney`, Ada Attorney."""
    return world.account()


@pytest.fixture
def bob(world: World) -> Account:
    """`b.barrister`, Bob Barrister."""
    return world.account("b.barrister", first_name="Bob", last_name="Barrister")


def now(world: World, person: Account) -> Account:
    """The account as it is."""
    with world.database.reading() as unit:
        found = accounts.by_id(unit, person.id)
    assert found is not None
    return found
