"""The primary is lost under load: a standby takes over, with everything that was acknowledged."""

import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from time import monotonic, sleep

import httpx2
import psycopg
import pytest

from signon import schema
from signon.clock import utc_now
from tests.deployment import replicated
from tests.deployment.replicated import Node, Replicated
from tests.infra.served import Served, serving
from tests.infra.world import PASSWORD
from tests.oidc.relying_party import RelyingParty

PEOPLE = 4
CALLBACK = "https://ecf.casb.test/callback"
SERVED_AGAIN_SECONDS = 10
"""After the promotion."""
FURTHER_ROUNDS = 3

pytestmark = [pytest.mark.drill, pytest.mark.timeout(1200)]


class AwayError(Exception):
    """The provider said 503, or nothing: what was asked for may have been done."""


@dataclass
class Person:
    """Signs in again and again, redeems and refreshes, and keeps account of what was acknowledged."""

    rp: RelyingParty
    name: str
    newest: str = ""
    codes: list[tuple[str, str]] = field(default_factory=list)
    refresh_tokens: list[str] = field(default_factory=list)
    served_at: list[float] = field(default_factory=list)
    away_at: list[float] = field(default_factory=list)
    clicks: int = 0

    def work(self, over: Event) -> None:
        """Until it is over; whoever finds the provider away begins anew."""
        while not over.is_set():
            began = monotonic()
            try:
                self._round()
            except (AwayError, httpx2.TransportError):
                self.newest = ""
                self.away_at.append(monotonic())
                sleep(0.2)
            else:
                self.served_at.append(began)

    def _round(self) -> None:
        rp = self.rp
        if rp.begin().status_code == 200:
            assert not self.codes, "the session was lost"
            rp.browser.sign_in(self.name, PASSWORD)
        code = rp.code()
        answer = rp.redeem(code)
        if answer.status_code == 400 and self.away_at:
            # codes are not replicated: the way back to a court is one click more
            self.clicks += 1
            return
        assert answer.status_code == 200, answer.text
        self.codes.append((code, rp.started.verifier))
        self.newest = answer.json()["refresh_token"]
        for _ in range(3):
            used = self.newest
            answer = rp.refresh(used)
            assert answer.status_code == 200, answer.text
            self.refresh_tokens.append(used)
            self.newest = answer.json()["refresh_token"]

    def settle_account(self) -> None:
        """What was acknowledged is so, and what was spent is spent."""
        assert self.codes
        if self.newest:
            assert self.rp.refresh(self.newest).status_code == 200
        # later, because a replay ends what it belongs to
        for token in self.refresh_tokens:
            assert self.rp.refresh(token).json()["error"] == "invalid_grant"
        for code, verifier in self.codes:
            again = self.rp.redeem(code, code_verifier=verifier)
            assert again.json()["error"] == "invalid_grant"


@pytest.fixture
def three() -> Iterator[Replicated]:
    """PostgreSQL on three nodes."""
    with replicated.running() as made:
        yield made


@pytest.fixture
def served(three: Replicated, tmp_path: Path) -> Iterator[Served]:
    """A provider with two workers, as docs/examples/ha/signon.env says."""
    schema.upgrade(three.url)
    with serving(three.url, tmp_path, 2, three.url) as made:
        yield made


def _kill(node: Node) -> None:
    node.send(signal.SIGKILL)


def _freeze(node: Node) -> None:
    node.send(signal.SIGSTOP)


def _fill(node: Node) -> None:
    if not node.has_own_disk:
        pytest.skip("no disk can be made here to fill: mount is not allowed")
    node.fill()
    # what is set aside for the log is used up at once; ends when the server does
    with suppress(psycopg.Error), psycopg.connect(node.address, autocommit=True) as connection:
        for _ in range(40):
            connection.execute("SELECT txid_current(), pg_switch_wal()")


@pytest.mark.parametrize("lose", [_kill, _freeze, _fill])
def test_nothing_acknowledged_is_lost_when_the_primary_is(
    three: Replicated,
    served: Served,
    lose: Callable[[Node], None],
    record_property: Callable[[str, object], None],
):
    """Issue 9 item 3: killed, black-holed, its disk full."""
    people = _people(served)
    lost, over = three.leader(), Event()
    with ThreadPoolExecutor(PEOPLE) as pool:
        working = [pool.submit(person.work, over) for person in people]
        _wait_for_rounds(people, since=monotonic())
        lost_at = monotonic()
        lose(lost)
        three.leader(but=lost)
        promoted_at = monotonic()
        _wait_for_rounds(people, since=promoted_at)
        over.set()
    for work in working:
        work.result()
    served_at = min(at for person in people for at in person.served_at if at >= promoted_at)
    away = max((at for person in people for at in person.away_at), default=lost_at)
    record_property("promoted after", f"{promoted_at - lost_at:.1f} s")
    record_property("first served, after that", f"{served_at - promoted_at:.1f} s")
    record_property("last refused, after that", f"{away - promoted_at:.1f} s")
    record_property("sign-ins", sum(len(person.codes) for person in people))
    record_property("refreshes", sum(len(person.refresh_tokens) for person in people))
    record_property("clicked once more", sum(person.clicks for person in people))
    _come_back(lost, three)
    for person in people:
        person.settle_account()
        assert person.clicks <= 1
    verified = served.command("audit", "verify", "--all")
    assert verified.returncode == 0, verified.stderr
    assert away - promoted_at <= SERVED_AGAIN_SECONDS


def _come_back(lost: Node, three: Replicated) -> None:
    """The one that was lost is a standby from now on, whatever it still believed."""
    lost.send(signal.SIGCONT)
    if lost.has_own_disk:
        lost.make_room()
    if not lost.leads() and not lost.follows():
        with suppress(ProcessLookupError):
            lost.send(signal.SIGKILL)
        lost.start()
    three.wait("it does not come back", lambda node: node is lost and node.follows())


def _people(served: Served) -> list[Person]:
    secret = served.client(redirect_uris=[CALLBACK])
    found = []
    for name in [f"filer{number:04}" for number in range(PEOPLE)]:
        served.account(name)
        browser = served.browser()
        rp = RelyingParty(browser, utc_now, "casb-cmecf", secret, CALLBACK)
        browser.http.event_hooks = {"response": [_is_there]}
        found.append(Person(rp, name))
    return found


def _is_there(response: httpx2.Response) -> None:
    if response.status_code >= 500:
        raise AwayError(response.status_code)


def _wait_for_rounds(people: list[Person], since: float) -> None:
    """Until everybody has gone on for some rounds."""
    ends = monotonic() + replicated.PATIENCE_SECONDS
    while any(sum(at >= since for at in one.served_at) < FURTHER_ROUNDS for one in people):
        assert monotonic() < ends, "nobody is served"
        sleep(0.1)
