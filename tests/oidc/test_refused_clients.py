"""Whoever guesses at a client leaves a trace at every endpoint, and sees nothing of it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from signon.app import wire
from signon.clients import life, refusals, secrets
from signon.clients.models import refusals as kept_refusals
from signon.config import Settings
from signon.db import Database
from tests.infra.browser import ACCEPT
from tests.infra.clock import FrozenClock
from tests.infra.world import World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty
from tests.oidc.test_rfc6749_token_endpoint import basic

DOORS = ("/oauth2/token", "/oauth2/introspect", "/oauth2/revoke")
SECRET = "SECRET-THAT-NOBODY-KEEPS"


@pytest.fixture(autouse=True)
def _often(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was refused is stored at once, so to speak."""
    monkeypatch.setattr(refusals, "EVERY", timedelta(milliseconds=50))


Trace = Callable[[httpx2.Response], Any]


@pytest.fixture
def trace(world: World) -> Trace:
    """What was kept under the number of an answer."""

    def look(response: httpx2.Response) -> Any:
        number = response.headers["x-request-id"]
        found = kept_refusals.c.request_id == number
        rows: list[Any] = []

        def is_there() -> bool:
            with world.database.reading() as unit:
                rows[:] = unit.execute(select(*kept_refusals.c).where(found)).all()
            return bool(rows)

        assert world.eventually(is_there, seconds=30), response.text
        assert SECRET not in repr(rows[0])
        return rows[0]

    return look


def post(rp: RelyingParty, path: str, header: str | None = None, **form: str) -> httpx2.Response:
    headers = {} if header is None else {"authorization": header}
    return rp.browser.http.post(path, data=form, headers=headers)


def seen(response: httpx2.Response) -> tuple[int, bytes, Mapping[str, str]]:
    """Everything that an answer shows, but its own number."""
    headers = {name: value for name, value in response.headers.items() if name != "x-request-id"}
    return response.status_code, response.content, headers


# ── Authentication ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", DOORS)
def test_refused_authentication_leaves_a_trace_and_one_answer(
    rp: RelyingParty, party: MakeParty, world: World, trace: Trace, path: str
):
    """Every way to be nobody: the operator sees which it was, the outside sees one answer."""
    secret = rp.secret or ""
    party("casb-poster", auth_method="client_secret_post")
    closed = party("casb-closed")
    with world.database.writing() as unit:
        life.disable(unit, closed.client_id)
        secrets.rotate(unit, rp.client_id, overlap=timedelta(hours=1))
    world.clock.advance(hours=2)
    named = {"client_id": rp.client_id}
    assertion = {
        "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
        "client_assertion": "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJjYXNiLXNpZ25lciJ9.U0VDUkVU",
    }
    party("casb-signer", auth_method="private_key_jwt", jwks={"keys": []})
    tries = {
        "client_secret": post(rp, path, basic(rp.client_id, SECRET)),
        "expired_secret": post(rp, path, basic(rp.client_id, secret)),
        "auth_method": post(rp, path, client_secret=SECRET, **named),
        "unknown_client": post(rp, path, basic(SECRET, SECRET)),
        "no_client": post(rp, path, client_secret=SECRET),
        "assertion": post(rp, path, **assertion),
    }
    for reason, answer in tries.items():
        assert answer.status_code == 401, reason
        assert seen(answer) == seen(tries["client_secret"]), reason
        row = trace(answer)
        known = {"unknown_client": "", "no_client": "", "assertion": "casb-signer"}
        assert (row.reason, row.endpoint) == (reason, path)
        assert row.client_id == known.get(reason, rp.client_id)
    gone = post(rp, path, basic(closed.client_id, closed.secret or ""))
    assert seen(gone) == seen(tries["client_secret"])
    assert trace(gone).reason == "unknown_client"


def test_a_flood_changes_no_answer(rp: RelyingParty):
    """The hundredth guess is answered like the first."""
    answers = [post(rp, "/oauth2/token", basic(rp.client_id, SECRET)) for _ in range(100)]
    assert all(seen(one) == seen(answers[0]) for one in answers)


def test_two_ways_and_unreadable_ones(rp: RelyingParty, trace: Trace):
    """Told to the client as `invalid_request` (RFC 6749 2.3), and kept."""
    both = {"client_id": rp.client_id, "client_secret": SECRET}
    row = trace(post(rp, "/oauth2/token", basic(rp.client_id, SECRET), **both))
    assert (row.reason, row.client_id) == ("presentation", rp.client_id)
    assert "two ways" in row.detail
    odd = {"client_id": rp.client_id, "client_assertion": SECRET}
    row = trace(post(rp, "/oauth2/token", **odd))
    assert (row.reason, row.client_id) == ("presentation", rp.client_id)


def test_a_public_client_may_not_introspect(party: MakeParty, trace: Trace):
    """RFC 7662 2.1; nor ask for tokens of its own."""
    native = party("casb-native", auth_method="none", grants=["client_credentials"])
    refused = native.at("introspection_endpoint", token=SECRET)
    assert (refused.status_code, trace(refused).reason) == (401, "auth_method")
    refused = native.post(grant_type="client_credentials")
    assert (refused.status_code, trace(refused).reason) == (401, "auth_method")


# ── Addresses, scopes, PKCE ──────────────────────────────────────────────────


def test_a_refused_redirect_address_leaves_a_trace(rp: RelyingParty, world: World, trace: Trace):
    """The page shows the number; the address is kept without what it may tell."""
    address = f"https://me:{SECRET}@evil.example/cb?code={SECRET}#{SECRET}"
    answer = rp.begin(redirect_uri=address)
    assert answer.status_code == 400
    assert answer.headers["x-request-id"] in answer.text
    row = trace(answer)
    assert (row.client_id, row.reason) == (rp.client_id, "redirect_uri")
    assert (row.detail, row.endpoint) == ("https://evil.example/cb", "/oauth2/authorize")
    again = rp.begin(redirect_uri=address)
    numbers = [one.headers["x-request-id"].encode() for one in (answer, again)]
    pages = [one.content.replace(n, b"") for one, n in zip((answer, again), numbers, strict=True)]
    forms = [page.partition(b"csrf_token")[0] for page in pages]
    assert forms[0] == forms[1]
    assert trace(rp.begin(drop=["redirect_uri"])).reason == "redirect_uri"
    twice = rp.begin(also=[("redirect_uri", address)])
    assert trace(twice).detail == "redirect_uri is repeated"


def test_a_client_that_nobody_has(rp: RelyingParty, trace: Trace):
    """At the authorization endpoint and at the end of a session."""
    row = trace(rp.begin(client_id=SECRET))
    assert (row.client_id, row.reason) == ("", "unknown_client")
    back = {"post_logout_redirect_uri": "https://evil.example/", "client_id": SECRET}
    answer = rp.browser.http.get("/oauth2/end_session", params=back, headers={"accept": ACCEPT})
    row = trace(answer)
    assert (row.client_id, row.reason) == ("", "unknown_client")
    assert answer.headers["x-request-id"] in answer.text


def test_an_address_after_signing_out(rp: RelyingParty, trace: Trace):
    """Only registered ones; what was sent is kept without its query."""
    back = {"post_logout_redirect_uri": f"https://evil.example/?x={SECRET}"}
    for named in ({"client_id": rp.client_id}, {}):
        answer = rp.browser.http.get("/oauth2/end_session", params={**back, **named})
        assert answer.status_code == 400
        row = trace(answer)
        assert (row.reason, row.detail) == ("post_logout_redirect_uri", "https://evil.example/")
        assert row.client_id == named.get("client_id", "")


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"scope": "openid court"}, "scope"),
        ({"scope": f"profile {SECRET}"}, "scope"),
        ({"code_challenge_method": "plain"}, "code_challenge"),
        ({"code_challenge": SECRET}, "code_challenge"),
        ({"code_challenge": "", "code_challenge_method": ""}, "code_challenge"),
    ],
)
def test_what_the_client_is_told_has_the_number(
    rp: RelyingParty, trace: Trace, changes: dict[str, str], reason: str
):
    """The header goes to the browser only, so the error_description ends with it."""
    answer = rp.begin(drop=(), also=(), **changes)
    row = trace(answer)
    assert (row.client_id, row.reason) == (rp.client_id, reason)
    told = rp.answer()["error_description"]
    assert told == f"{row.detail} (request {answer.headers['x-request-id']})"


def test_what_is_no_guess_leaves_no_number(rp: RelyingParty):
    """Nobody signed in, a person who cancels: those are no refusals of the client."""
    rp.begin(prompt="none")
    assert rp.error() == "login_required"
    assert "request" not in rp.answer()["error_description"]


def test_a_verifier_that_does_not_fit(signed_in: RelyingParty, trace: Trace):
    """Wrong, missing, or one where there was no challenge; the verifier is not kept."""
    for wrong in (SECRET * 2, "", "short"):
        signed_in.begin()
        row = trace(signed_in.redeem(code_verifier=wrong))
        assert (row.client_id, row.reason) == (signed_in.client_id, "code_verifier")
        assert row.endpoint == "/oauth2/token"


def test_a_code_that_comes_from_another_address(signed_in: RelyingParty, trace: Trace):
    """RFC 6749 4.1.3."""
    signed_in.begin()
    answer = signed_in.redeem(redirect_uri=f"https://evil.example/?{SECRET}")
    assert answer.json()["error"] == "invalid_grant"
    assert trace(answer).reason == "redirect_uri"


def test_scopes_at_the_token_endpoint(signed_in: RelyingParty, party: MakeParty, trace: Trace):
    """A refresh that wants more, a service that asks for what it does not hold."""
    signed_in.begin(scope="openid")
    tokens = signed_in.tokens()
    assert trace(signed_in.refresh(tokens.refresh_token, scope="openid email")).reason == "scope"
    service = party("casb-service", grants=["client_credentials"], scopes=["court"])
    refused = service.post(grant_type="client_credentials", scope="admin")
    assert trace(refused).reason == "scope"


# ── What it costs ────────────────────────────────────────────────────────────


def test_a_good_request_leaves_nothing(
    signed_in: RelyingParty, world: World, monkeypatch: pytest.MonkeyPatch
):
    """From the authorization request to introspection, revocation and sign-out."""
    noted: list[Any] = []
    monkeypatch.setattr(refusals.Refusals, "note", lambda *a, **_: noted.append(a))
    signed_in.begin()
    tokens = signed_in.tokens()
    refreshed = signed_in.refresh(tokens.refresh_token).json()
    signed_in.at("introspection_endpoint", token=refreshed["access_token"])
    signed_in.at("revocation_endpoint", token=refreshed["refresh_token"])
    back = {"post_logout_redirect_uri": "https://ecf.casb.test/goodbye"}
    hint = {"id_token_hint": tokens.body["id_token"]}
    out = signed_in.browser.http.get(
        "/oauth2/end_session", params={**back, **hint}, follow_redirects=False
    )
    assert out.headers["location"] == back["post_logout_redirect_uri"]
    assert noted == []


def test_a_refused_request_writes_nothing_itself(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
):
    """Guessing at the door costs a look into memory, whatever it leaves behind."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    world = World.make(settings, wire(database), clock)
    secret = world.client()
    written: list[Any] = []
    write = Database.write

    async def watched(self: Database, rule: Any, /, *args: Any, **named: Any) -> Any:
        written.append(rule)
        return await write(self, rule, *args, **named)

    with world.http:
        rp = RelyingParty(
            world.browser(), clock, "casb-cmecf", secret, "https://ecf.casb.test/callback"
        )
        monkeypatch.setattr(Database, "write", watched)
        for path in DOORS:
            post(rp, path, basic(rp.client_id, SECRET))
        rp.begin(redirect_uri="https://evil.example/")
        rp.begin(scope="profile")
        assert written == []
        rp.begin()
        assert len(written) == 1


def test_a_stop_keeps_what_was_noted(settings: Settings, database: Database, clock: FrozenClock):
    """The last seconds before a server is stopped."""
    made = World.make(settings, wire(database), clock)
    with made.http as http:
        number = http.post("/oauth2/token").headers["x-request-id"]
    with database.reading() as unit:
        assert number in unit.execute(select(kept_refusals.c.request_id)).scalars().all()
