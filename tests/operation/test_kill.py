"""`kill -9` in the middle of it all: what was acknowledged stays, what was spent stays spent."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from threading import Event
from time import sleep

import httpx2
import pytest
from sqlalchemy import select

from signon.clock import utc_now
from signon.filing.models import rights
from signon.oidc.models import codes
from signon.opaque_tokens import digest
from signon.tokens.models import refresh_tokens
from tests.infra.served import Databases, Served
from tests.infra.world import PASSWORD
from tests.oidc.relying_party import RelyingParty

PEOPLE = 8
COURTS = ("casb", "cacd", "nysd", "txwd", "miwb")
CALLBACK = "https://ecf.casb.test/callback"
ENOUGH_SECONDS = 1.0
"""How long the burst goes on after everybody's first round."""


@pytest.fixture(params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest, served_databases: Databases, tmp_path: Path
) -> Iterator[Served]:
    """A provider with two worker processes."""
    with served_databases.serving(request.param, tmp_path, workers=2) as made:
        yield made


@dataclass
class Person:
    """Somebody at work, and what the provider has acknowledged to them.

    While a request is on its way nobody can know whether it was done: `is_waiting` says that
    the newest refresh token went out with it, `linking` which court was asked for last.
    """

    rp: RelyingParty
    name: str
    linked: list[str] = field(default_factory=list)
    linking: str = ""
    is_waiting: bool = False
    newest: str = ""
    of_earlier_sign_ins: list[str] = field(default_factory=list)
    spent_codes: list[tuple[str, str]] = field(default_factory=list)
    spent_refresh_tokens: list[str] = field(default_factory=list)
    finished: Event = field(default_factory=Event)

    def work(self, stop: Event) -> None:
        """Sign in, redeem, link, and refresh until the provider is gone."""
        try:
            self._sign_in()
            if not self.linked:
                self._link("casb")
            for court in cycle(COURTS):
                self._refresh()
                # whoever has just become a filer is shown the redaction notice once
                self._sign_in()
                self.finished.set()
                if court not in self.linked:
                    self._link(court)
        except httpx2.TransportError:
            assert stop.is_set(), "the provider went away before it was killed"

    def begin_anew(self) -> None:
        """After a kill, when everything was looked at: what is linked stays, the rest is told."""
        self.newest, self.is_waiting = "", False
        self.finished.clear()
        for told in (self.of_earlier_sign_ins, self.spent_codes, self.spent_refresh_tokens):
            told.clear()

    def _sign_in(self) -> None:
        """Again and again: single sign-on, or with the password the first time."""
        rp = self.rp
        if rp.begin().status_code == 200:
            rp.browser.sign_in(self.name, PASSWORD)
        code = rp.code()
        self.is_waiting = True
        tokens = rp.redeem(code)
        assert tokens.status_code == 200, tokens.text
        self.spent_codes.append((code, rp.started.verifier))
        self.of_earlier_sign_ins += [self.newest] if self.newest else []
        self.newest = tokens.json()["refresh_token"]
        self.is_waiting = False

    def _link(self, court: str) -> None:
        browser = self.rp.browser
        browser.get(f"/courts/{court}/link")
        if court == self.linking and not browser.page.forms:
            # it was on its way when the end came, and was done
            self.linked.append(court)
            return
        self.linking = court
        if "ecf_login" not in browser.page.forms[0].fields:
            # fifty kills take longer than a sign-in is fresh
            browser.submit(browser.page.forms[0], password=PASSWORD)
        browser.submit(browser.page.forms[0], ecf_login=self.name, ecf_password=PASSWORD)
        done = browser.submit(browser.page.forms[0])
        assert done.status_code == 200, done.text
        self.linked.append(court)

    def _refresh(self) -> None:
        self.is_waiting = True
        answer = self.rp.refresh(self.newest)
        assert answer.status_code == 200, answer.text
        self.spent_refresh_tokens.append(self.newest)
        self.newest = answer.json()["refresh_token"]
        self.is_waiting = False


@pytest.mark.timeout(180)
def test_a_killed_provider_has_lost_nothing(served: Served):
    """Issue 2: nothing acknowledged is lost, nothing single-use is usable again, the chain holds."""
    _live_through(served, kills=1)


@pytest.mark.drill
@pytest.mark.timeout(7200)
def test_fifty_kills_have_lost_nothing(served: Served):
    """The ledger over a hundred kills, fifty on each database, every one under load."""
    _live_through(served, kills=50)


def _live_through(served: Served, *, kills: int) -> None:
    people = _people(served)
    for _ in range(kills):
        _kill_at_work(served, people)
        served.start()
        for person in people:
            _check_what_was_acknowledged(served, person)
        # later, because a replay ends what it belongs to
        for person in people:
            _check_what_was_spent(served, person)
            person.begin_anew()
    verified = served.command("audit", "verify")
    assert verified.returncode == 0, verified.stderr


def _people(served: Served) -> list[Person]:
    secret = served.client(redirect_uris=[CALLBACK])
    names = [f"filer{number:04}" for number in range(PEOPLE)]
    for court in COURTS:
        served.go_live(court, datetime(2020, 1, 1, tzinfo=UTC))
        served.legacy_logins(court, names)
    people = []
    for name in names:
        served.account(name)
        rp = RelyingParty(served.browser(), utc_now, "casb-cmecf", secret, CALLBACK)
        people.append(Person(rp, name))
    return people


def _kill_at_work(served: Served, people: list[Person]) -> None:
    stop = Event()
    with ThreadPoolExecutor(PEOPLE) as pool:
        working = [pool.submit(person.work, stop) for person in people]
        assert all(person.finished.wait(timeout=300) for person in people)
        sleep(ENOUGH_SECONDS)
        stop.set()
        served.kill()
    for work in working:
        work.result()


def _check_what_was_acknowledged(served: Served, person: Person) -> None:
    """The session, refresh tokens and links."""
    rp = person.rp
    assert person.spent_refresh_tokens
    rp.begin(prompt="none")
    claims = rp.tokens().claims
    assert claims["ecf_status"] == "active"
    assert claims["ecf_login"] == person.name
    linked = select(rights.c.court_id).where(rights.c.login == person.name)
    with served.database.reading() as unit:
        courts = unit.execute(linked).scalars().all()
    assert len(set(courts)) == len(courts)
    assert set(courts) >= set(person.linked)
    for token in person.of_earlier_sign_ins:
        assert rp.refresh(token).status_code == 200
    answer = rp.refresh(person.newest)
    # one that was on its way when the end came may have been spent; it is never half spent
    assert answer.status_code == 200 or (person.is_waiting and answer.status_code == 400)


def _check_what_was_spent(served: Served, person: Person) -> None:
    """Codes and refresh tokens: each is known as used, and refused."""
    used_codes = select(codes.c.digest).where(codes.c.used_at.is_not(None))
    used_tokens = select(refresh_tokens.c.digest).where(refresh_tokens.c.used_at.is_not(None))
    with served.database.reading() as unit:
        used = {*unit.execute(used_codes).scalars(), *unit.execute(used_tokens).scalars()}
    spent = [code for code, _ in person.spent_codes] + person.spent_refresh_tokens
    assert used.issuperset(digest(token) for token in spent)
    for code, verifier in person.spent_codes:
        again = person.rp.redeem(code, code_verifier=verifier)
        assert again.json()["error"] == "invalid_grant"
    for token in person.spent_refresh_tokens:
        assert person.rp.refresh(token).json()["error"] == "invalid_grant"
