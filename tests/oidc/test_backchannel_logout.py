"""OpenID Connect Back-Channel Logout 1.0: who is told of what, how, and how often."""

import asyncio
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest
from joserfc import jws
from sqlalchemy import select, update
from structlog.testing import capture_logs

from signon import app
from signon.accounts import status
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.app import wire
from signon.clients.models import clients
from signon.config import Settings
from signon.db import Database
from signon.filing import importing
from signon.filing.importing import Means
from signon.filing.models import legacy_logins
from signon.jobs import pruning
from signon.oidc import logout_notices
from signon.oidc.logout_notices import LogoutNotices
from signon.outbound import Outbound
from signon.outbox import events
from signon.outbox.models import outbox
from signon.signin import session as sessions
from signon.signin.models import sessions as sessions_table
from signon.tokens.keys import SigningKeys
from signon.web.visitor import Origin
from tests.filing.conftest import HEADER, line
from tests.infra.clock import FrozenClock
from tests.infra.receiver import Receiver, answer, receiving, slowly
from tests.infra.world import PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty, Tokens

ORIGIN = Origin("192.0.2.1", "test", "request")
GOODBYE = "https://ecf.casb.test/goodbye"


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider whose outbox waits for the test to deliver."""
    monkeypatch.setattr(app, "background", lambda *_: [])
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture
def court() -> Iterator[Receiver]:
    """The web server of the courts: one path for each."""
    with receiving() as made:
        yield made


@pytest.fixture
def casb(world: World, party: MakeParty, court: Receiver) -> RelyingParty:
    """A court that wants to be told, and one person with an account."""
    world.account()
    return party(backchannel_logout_uri=court.url("/casb"))


@pytest.fixture
def cacd(casb: RelyingParty, party: MakeParty, court: Receiver) -> RelyingParty:
    """A second court, visited with the same browser."""
    return party(
        "cacd-cmecf",
        browser=casb.browser,
        court_id="cacd",
        redirect_uris=["https://ecf.cacd.test/callback"],
        backchannel_logout_uri=court.url("/cacd"),
    )


def sign_in(rp: RelyingParty, username: str = "a.attorney") -> Tokens:
    """A sign-in at a relying party, with the password if the provider asks."""
    if rp.begin().status_code == 200:
        rp.browser.sign_in(username, PASSWORD)
    return rp.tokens()


def sign_out(rp: RelyingParty) -> None:
    """The provider's own sign-out page."""
    rp.browser.get("/logout")
    rp.browser.submit(rp.browser.page.forms[0])


def disable(world: World, account: Account) -> None:
    with world.database.writing() as unit:
        status.disable(unit, account.number, reason="test", actor="system")


def enable(world: World, account: Account) -> None:
    with world.database.writing() as unit:
        status.enable(unit, world.ring, account.number, actor="system")


def deliver(world: World, *, loopback: bool = True) -> None:
    """Deliver everything that is due."""

    async def once() -> None:
        guard = Outbound(allow_loopback=loopback)
        keys = SigningKeys(world.database, world.ring)
        notices = LogoutNotices(world.settings.issuer, world.database, keys, guard)
        patience = {logout_notices.KIND: logout_notices.patience}
        try:
            await events.deliver_due(world.database, notices.handlers(), patience)
        finally:
            await guard.close()

    asyncio.run(once())


def told(world: World, court: Receiver) -> list[str]:
    """Deliver, and say which addresses have been told of something altogether."""
    deliver(world)
    return sorted(seen.path for seen in court.requests)


def tokens_of(court: Receiver) -> list[str]:
    """The logout tokens that arrived."""
    return [seen.form["logout_token"] for seen in court.requests]


def queued(world: World, kind: str = logout_notices.KIND) -> list[Any]:
    """Events of one kind."""
    with world.database.reading() as unit:
        rows = unit.execute(select(*outbox.c).where(outbox.c.kind == kind))
        return list(rows.all())


# ── The token, and how it is sent ────────────────────────────────────────────


def test_discovery_announces_it(casb: RelyingParty):
    """Section 2.1, `oidcc-backchannel-logout-discovery-endpoint-verification`."""
    assert casb.metadata["backchannel_logout_supported"] is True
    assert casb.metadata["backchannel_logout_session_supported"] is True
    assert casb.metadata["end_session_endpoint"]


def test_a_logout_by_the_client_is_told_to_it(world: World, casb: RelyingParty, court: Receiver):
    """Sections 2.4 to 2.6, `oidcc-backchannel-rp-initiated-logout`: every claim, and no other;
    the browser ends at the post-logout address.
    """
    tokens = sign_in(casb)
    hint = {"id_token_hint": tokens.body["id_token"], "post_logout_redirect_uri": GOODBYE}
    casb.browser.get(f"{casb.metadata['end_session_endpoint']}?{urlencode(hint)}")
    assert casb.browser.location == GOODBYE
    world.clock.advance(seconds=3)
    deliver(world)
    (seen,) = court.requests
    assert (seen.method, seen.path) == ("POST", "/casb")
    assert seen.headers["content-type"] == "application/x-www-form-urlencoded"
    assert list(seen.form) == ["logout_token"]
    claims = casb.verified(seen.form["logout_token"], "logout+jwt")
    now = int(world.clock().timestamp())
    (event,) = queued(world)
    assert claims == {
        "iss": world.settings.issuer,
        "sub": tokens.claims["sub"],
        "aud": casb.client_id,
        "iat": now,
        "exp": now + 120,
        "jti": event.id,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
        "sid": tokens.claims["sid"],
    }


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_it_is_signed_as_the_clients_id_tokens_are(
    world: World, party: MakeParty, court: Receiver, alg: str
):
    """Section 2.6: "the same keys" and algorithm that ID tokens have."""
    world.account()
    rp = party(id_token_alg=alg, backchannel_logout_uri=court.url())
    sign_in(rp)
    sign_out(rp)
    deliver(world)
    (token,) = tokens_of(court)
    header = jws.extract_compact(token.encode()).headers()
    assert set(header) == {"alg", "kid", "typ"}
    assert (header["alg"], header["typ"]) == (alg, "logout+jwt")


def test_it_is_no_id_token(world: World, casb: RelyingParty, court: Receiver):
    """RFC 8725 section 3.11: its type keeps it from being taken for a hint."""
    sign_in(casb)
    sign_out(casb)
    deliver(world)
    (token,) = tokens_of(court)
    hint = {"id_token_hint": token, "post_logout_redirect_uri": GOODBYE}
    refused = casb.browser.get(f"{casb.metadata['end_session_endpoint']}?{urlencode(hint)}")
    assert refused.status_code == 400


def test_the_running_server_sends_it(
    settings: Settings, database: Database, clock: FrozenClock, court: Receiver
):
    """Everything is wired: soon after the sign-out the court knows."""
    served = World.make(settings, wire(database), clock)
    with served.http:
        served.account()
        secret = served.client(backchannel_logout_uri=court.url("/casb"))
        browser = served.browser()
        callback = "https://ecf.casb.test/callback"
        rp = RelyingParty(browser, clock, "casb-cmecf", secret, callback)
        sign_in(rp)
        sign_out(rp)
        assert served.eventually(lambda: len(court.requests) == 1, seconds=10)


# ── A session that an act has ended ──────────────────────────────────────────


def test_signing_out_is_told_to_every_client_of_the_session(
    world: World, casb: RelyingParty, cacd: RelyingParty, court: Receiver
):
    """One token for each, with the same `sid`."""
    sign_in(casb)
    sign_in(cacd)
    sign_in(casb)
    sign_out(casb)
    assert told(world, court) == ["/cacd", "/casb"]
    claims = [casb.verified(token, "logout+jwt") for token in tokens_of(court)]
    assert {one["aud"] for one in claims} == {casb.client_id, cacd.client_id}
    assert len({one["sid"] for one in claims}) == 1
    assert len({one["jti"] for one in claims}) == 2


def test_another_browsers_session_is_not_told_of(world: World, casb: RelyingParty, court: Receiver):
    """A session is one browser's: signing out at the desk does not sign out at home."""
    at_home = RelyingParty(
        world.browser(), world.clock, casb.client_id, casb.secret, casb.redirect_uri
    )
    home, desk = sign_in(at_home).claims["sid"], sign_in(casb).claims["sid"]
    sign_out(casb)
    deliver(world)
    (token,) = tokens_of(court)
    assert casb.verified(token, "logout+jwt")["sid"] == desk != home


def test_a_client_without_a_grant_in_the_session_is_not_told(
    world: World, casb: RelyingParty, cacd: RelyingParty, court: Receiver
):
    """It never learnt of the session, and must not learn who signs out."""
    sign_in(casb)
    cacd.begin()
    cacd.code()  # never redeemed
    sign_out(casb)
    assert told(world, court) == ["/casb"]


def test_a_client_without_an_address_is_not_told(world: World, party: MakeParty, court: Receiver):
    """Nothing waits for it either."""
    world.account()
    rp = party()
    sign_in(rp)
    sign_out(rp)
    assert told(world, court) == []
    assert queued(world) == []


def test_a_client_whose_grant_was_revoked_is_told(
    world: World, casb: RelyingParty, court: Receiver
):
    """It gave its tokens back, but may still have the person signed in."""
    tokens = sign_in(casb)
    revoked = casb.browser.http.post(
        casb.metadata["revocation_endpoint"],
        data={"token": tokens.refresh_token},
        auth=(casb.client_id, str(casb.secret)),
    )
    assert revoked.status_code == 200
    sign_out(casb)
    assert told(world, court) == ["/casb"]


def test_another_person_at_the_same_browser_ends_the_session(
    world: World, casb: RelyingParty, court: Receiver
):
    """As if the first had signed out."""
    world.account("b.barrister")
    first = sign_in(casb)
    casb.begin(prompt="login")
    casb.browser.sign_in("b.barrister", PASSWORD)
    second = casb.tokens()
    deliver(world)
    (token,) = tokens_of(court)
    claims = casb.verified(token, "logout+jwt")
    assert claims["sid"] == first.claims["sid"] != second.claims["sid"]
    assert claims["sub"] == first.claims["sub"]


def test_signing_in_again_ends_nothing(world: World, casb: RelyingParty, court: Receiver):
    """The same person's session goes on under the same `sid`."""
    sign_in(casb)
    casb.begin(prompt="login")
    casb.browser.sign_in("a.attorney", PASSWORD)
    casb.tokens()
    assert told(world, court) == []


def test_a_session_ends_once(world: World, casb: RelyingParty):
    """Two sign-outs at the same moment make one event."""
    sign_in(casb)
    cookie = casb.browser.http.cookies["signon_session"]
    with world.database.reading() as unit:
        session = sessions.current(unit, cookie, world.settings)
    assert session is not None

    def end() -> None:
        with world.database.writing() as unit:
            sessions.end(unit, session, reason="signed_out", origin=ORIGIN)

    threads = [Thread(target=end) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(queued(world, sessions.ENDED)) == 1


@pytest.mark.parametrize("hours", [0.6, 13])
def test_a_time_limit_tells_nobody(world: World, casb: RelyingParty, court: Receiver, hours: float):
    """Neither the idle nor the absolute one; not when the person comes back, signs out where
    nobody is signed in, or the session's rows are removed.
    """
    sign_in(casb)
    world.clock.advance(hours=hours)
    assert casb.begin().status_code == 200
    casb.browser.get("/logout")
    assert told(world, court) == []
    world.clock.advance(days=10)
    asyncio.run(pruning.prune_all(world.database, app.prunable(world.settings)))
    assert told(world, court) == []
    assert queued(world, sessions.ENDED) == []


# ── An account that is disabled ──────────────────────────────────────────────


def test_disabling_an_account_is_told_for_all_its_sessions(
    world: World, casb: RelyingParty, cacd: RelyingParty, court: Receiver
):
    """Every client, every browser, also one that was idle for long; nobody else's."""
    at_home = RelyingParty(
        world.browser(), world.clock, casb.client_id, casb.secret, casb.redirect_uri
    )
    other = RelyingParty(
        world.browser(), world.clock, casb.client_id, casb.secret, casb.redirect_uri
    )
    world.account("b.barrister")
    sign_in(other, "b.barrister")
    home = sign_in(at_home).claims
    world.clock.advance(hours=2)
    desk = sign_in(casb).claims
    sign_in(cacd)
    disable(world, world.find("a.attorney"))
    deliver(world)
    claims = [casb.verified(token, "logout+jwt") for token in tokens_of(court)]
    assert {one["sub"] for one in claims} == {desk["sub"]}
    assert sorted((one["aud"], one["sid"]) for one in claims) == sorted(
        [
            (casb.client_id, home["sid"]),
            (casb.client_id, desk["sid"]),
            (cacd.client_id, desk["sid"]),
        ]
    )


def test_what_had_ended_before_is_not_told_of_again(
    world: World, casb: RelyingParty, court: Receiver
):
    """Neither a session that somebody signed out of, nor one whose time was over."""
    sign_in(casb)
    sign_out(casb)
    assert told(world, court) == ["/casb"]
    sign_in(casb)
    world.clock.advance(hours=13)
    disable(world, world.find("a.attorney"))
    assert told(world, court) == ["/casb"]


def test_enabling_revives_and_repeats_nothing(world: World, casb: RelyingParty, court: Receiver):
    """The session from before is ended for good; the next disabling tells of the new one only,
    and a late delivery does not end what began after it.
    """
    account = world.find("a.attorney")
    before = sign_in(casb).claims["sid"]
    disable(world, account)
    world.clock.advance(seconds=1)
    enable(world, account)
    world.clock.advance(seconds=1)
    after = sign_in(casb).claims["sid"]
    assert told(world, court) == ["/casb"]
    casb.begin(prompt="none")
    casb.tokens()
    disable(world, account)
    deliver(world)
    sids = [casb.verified(token, "logout+jwt")["sid"] for token in tokens_of(court)]
    assert sids == [before, after]


# ── Rights that shrink ───────────────────────────────────────────────────────

Load = Callable[..., None]


@pytest.fixture
def load(world: World) -> Load:
    """Imports one line into a court, as its file says."""
    means = Means(world.database, world.ring, Hasher(world.settings), 1)

    def imported(court_id: str = "casb", login: str = "aattorney", **changes: str) -> None:
        data = f"{HEADER}\r\n{line(login, **changes)}\r\n".encode()
        importing.run(means, court_id, data, may_shrink=lambda _: True)

    return imported


@pytest.fixture
def filer(world: World, casb: RelyingParty, cacd: RelyingParty, load: Load) -> Account:
    """Linked at both courts, and signed in there."""
    account = world.find("a.attorney")
    for court_id in ("casb", "cacd"):
        load(court_id, role="attorney;mediator", cases="1:26-bk-1;1:26-bk-2")
        with world.database.reading() as unit:
            login_id = unit.scalar(
                select(legacy_logins.c.id).where(legacy_logins.c.court_id == court_id)
            )
        world.right(
            account,
            court_id,
            legacy_login_id=login_id,
            roles=["attorney", "mediator"],
            cases=["1:26-bk-1", "1:26-bk-2"],
            admission="pro_hac_vice",
        )
    sign_in(casb)
    sign_in(cacd)
    return account


SAME = {"role": "attorney;mediator", "cases": "1:26-bk-1;1:26-bk-2"}
SHRINKING: list[dict[str, str]] = [
    {"role": "attorney"},
    {"role": "trustee"},
    {"cases": "1:26-bk-1"},
    {"status": "disabled"},
    {"status": "locked"},
]
GROWING: list[dict[str, str]] = [
    {},
    {"role": "attorney;mediator;court_reporter"},
    {"cases": "1:26-bk-1;1:26-bk-2;1:26-bk-3"},
    {"cases": ""},
]


@pytest.mark.parametrize("change", SHRINKING)
def test_rights_that_shrink_are_told_to_that_court(
    world: World, filer: Account, load: Load, court: Receiver, casb: RelyingParty, change: dict
):
    """With `sub` and `sid`; the other courts learn nothing, and the session goes on."""
    load(**{**SAME, **change})
    assert told(world, court) == ["/casb"]
    (token,) = tokens_of(court)
    claims = casb.verified(token, "logout+jwt")
    casb.begin(prompt="none")
    again = casb.tokens().claims
    assert (claims["sub"], claims["sid"]) == (filer.id, again["sid"])


@pytest.mark.parametrize("change", GROWING)
def test_rights_that_grow_are_told_to_nobody(
    world: World, filer: Account, load: Load, court: Receiver, change: dict
):
    """Nor those that stay."""
    load(**{**SAME, **change})
    assert told(world, court) == []


def test_every_session_at_that_court_is_told_of(
    world: World, casb: RelyingParty, filer: Account, load: Load, court: Receiver
):
    """Each browser's, as long as what it was given there lives: neither after a sign-out, nor
    after the grant's time.
    """
    others = [
        RelyingParty(world.browser(), world.clock, casb.client_id, casb.secret, casb.redirect_uri)
        for _ in range(2)
    ]
    sids = [sign_in(other).claims["sid"] for other in others]
    sign_out(others[0])
    sign_out(casb)
    deliver(world)
    court.requests.clear()
    load(**{**SAME, "role": "attorney"})
    assert told(world, court) == ["/casb"]
    (token,) = tokens_of(court)
    assert casb.verified(token, "logout+jwt")["sid"] == sids[1]
    world.clock.advance(hours=13)
    load(**{**SAME, "role": "attorney", "cases": "1:26-bk-1"})
    assert told(world, court) == ["/casb"]


def test_a_filer_who_is_not_signed_in_is_nobodys_news(
    world: World, casb: RelyingParty, filer: Account, load: Load, court: Receiver
):
    """A court's nightly file makes no storm."""
    sign_out(casb)
    deliver(world)
    court.requests.clear()
    load(**{**SAME, "status": "disabled"})
    assert told(world, court) == []


# ── Delivery ─────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("answered", [200, 202, 204])
def test_a_success_is_the_end_of_it(
    world: World, casb: RelyingParty, court: Receiver, answered: int
):
    """Section 2.8: 200, and what frameworks make of it; nothing of the person stays behind."""
    court.answering = answer(answered)
    sign_in(casb)
    sign_out(casb)
    deliver(world)
    world.clock.advance(hours=1)
    assert told(world, court) == ["/casb"]
    (event,) = queued(world)
    assert event.done_at is not None
    assert event.payload == {}


def test_a_refusal_is_not_repeated(world: World, casb: RelyingParty, court: Receiver):
    """Section 2.8: 400 says that the token is not accepted; the same one never will be."""
    body = b'{"error": "invalid_request", "error_description": "who is jane@example.org?"}'
    court.answering = answer(400, body)
    sign_in(casb)
    sign_out(casb)
    with capture_logs() as logs:
        deliver(world)
    assert {"logout token refused", "delivery failed"} == {entry["event"] for entry in logs}
    assert logs[0]["error"] == "invalid_request"
    assert "jane" not in str(logs)
    world.clock.advance(hours=1)
    assert told(world, court) == ["/casb"]
    (event,) = queued(world)
    assert event.failed_at is not None
    assert event.last_error == f"{casb.client_id} refused the logout token."


@pytest.mark.parametrize("body", [b"", b"\xff", b"[]", b'{"error": 7}', b"[" * 60_000])
def test_a_refusal_may_say_anything(world: World, casb: RelyingParty, court: Receiver, body: bytes):
    """It is not ours to be upset by."""
    court.answering = answer(400, body)
    sign_in(casb)
    sign_out(casb)
    with capture_logs() as logs:
        deliver(world)
    assert logs[0]["error"] is None


def test_a_failure_is_retried_three_times_within_ten_minutes(
    world: World, casb: RelyingParty, court: Receiver
):
    """Each attempt has a token of its own with the same `jti`; then it is given up."""
    court.answering = answer(503)
    sign_in(casb)
    sign_out(casb)
    began = world.clock.now
    seen: list[int] = []
    for second in range(0, 1200, 5):
        world.clock.set(began)
        world.clock.advance(seconds=second)
        before = len(court.requests)
        deliver(world)
        seen += [second] * (len(court.requests) - before)
    assert seen == [0, 10, 70, 370]
    claims = [casb.verified(token, "logout+jwt") for token in tokens_of(court)]
    assert len({one["jti"] for one in claims}) == 1
    assert [one["iat"] - int(began.timestamp()) for one in claims] == seen
    assert all(one["exp"] - one["iat"] == 120 for one in claims)
    (event,) = queued(world)
    assert event.failed_at is not None
    assert event.last_error == f"{casb.client_id} answered 503."


@pytest.mark.parametrize("answered", [302, 307, 401, 404, 429, 500])
def test_other_answers_are_failures(
    world: World, casb: RelyingParty, court: Receiver, answered: int
):
    """A redirect among them, which is not followed; when the court is well again it is told."""
    court.answering = answer(answered, location=court.url("/elsewhere"))
    sign_in(casb)
    sign_out(casb)
    assert told(world, court) == ["/casb"]
    court.answering = answer(200)
    world.clock.advance(seconds=10)
    assert told(world, court) == ["/casb", "/casb"]
    world.clock.advance(hours=1)
    assert told(world, court) == ["/casb", "/casb"]


def test_a_court_that_is_down_is_tried_again(world: World, party: MakeParty, clock: FrozenClock):
    """Whatever is wrong with the network; its error names no address of ours."""
    with receiving() as down:
        port = down.port
    world.account()
    rp = party(backchannel_logout_uri=f"http://127.0.0.1:{port}/")
    sign_in(rp)
    sign_out(rp)
    deliver(world)
    (event,) = queued(world)
    assert (event.failed_at, event.last_error) == (None, "127.0.0.1 could not be reached.")
    with receiving(port=port) as up:
        clock.advance(seconds=10)
        deliver(world)
        assert len(up.requests) == 1


def test_an_oversized_answer_is_a_failure(world: World, casb: RelyingParty, court: Receiver):
    """It was taken, but by nobody who speaks the protocol."""
    court.answering = answer(200, b"x" * 100_000)
    sign_in(casb)
    sign_out(casb)
    deliver(world)
    (event,) = queued(world)
    assert event.done_at is None


def test_a_private_address_is_not_called(world: World, casb: RelyingParty, court: Receiver):
    """Under an https issuer nothing on the inside is reached, whoever registered it."""
    with world.database.writing() as unit:
        inside = f"https://localhost:{court.port}/casb"
        unit.execute(update(clients).values(backchannel_logout_uri=inside))
    sign_in(casb)
    sign_out(casb)
    deliver(world, loopback=False)
    assert court.requests == []
    (event,) = queued(world)
    assert "not an address on the public network" in str(event.last_error)


def test_a_slow_court_delays_no_other(
    world: World, casb: RelyingParty, cacd: RelyingParty, court: Receiver
):
    """Its own deliveries wait for it, the other's arrive at once."""
    done: list[tuple[str, float]] = []

    def by_path(handler: BaseHTTPRequestHandler) -> None:
        (slowly(1.5, answer(200)) if handler.path == "/casb" else answer(200))(handler)
        done.append((handler.path, time.monotonic()))

    court.answering = by_path
    for _ in range(6):
        sign_in(casb)
        sign_out(casb)
    sign_in(cacd)
    sign_out(cacd)
    began = time.monotonic()
    deliver(world)
    path, at = done[0]
    assert path == "/cacd"
    assert at - began < 1.5
    assert len(done) == 7


def test_an_event_that_is_delivered_twice_tells_once(
    world: World, casb: RelyingParty, cacd: RelyingParty, court: Receiver
):
    """The process died after queueing the tokens: the next one queues none of them again."""
    sign_in(casb)
    sign_in(cacd)
    sign_out(casb)
    deliver(world)
    (ended,) = queued(world, sessions.ENDED)
    with world.database.reading() as unit:
        sid = unit.scalar(select(sessions_table.c.id))
    with world.database.writing() as unit:
        unit.execute(
            update(outbox)
            .where(outbox.c.id == ended.id)
            .values(done_at=None, due_at=unit.now, payload={"session": sid})
        )
    assert told(world, court) == ["/cacd", "/casb"]
    assert len(queued(world)) == 2


@pytest.mark.parametrize("values", [{"backchannel_logout_uri": None}, {"disabled_at": True}])
def test_a_client_that_is_gone_is_not_called(
    world: World, casb: RelyingParty, court: Receiver, values: dict[str, Any]
):
    """Its registration is read at the last moment."""
    court.answering = answer(500)
    sign_in(casb)
    sign_out(casb)
    assert told(world, court) == ["/casb"]
    if values.get("disabled_at"):
        values = {"disabled_at": world.clock.now}
    with world.database.writing() as unit:
        unit.execute(update(clients).values(**values))
    world.clock.advance(seconds=10)
    assert told(world, court) == ["/casb"]
    (event,) = queued(world)
    assert event.failed_at is not None
