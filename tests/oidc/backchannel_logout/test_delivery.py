"""Section 2.8: what courts answer, and what is done about it."""

import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select, update
from structlog.testing import capture_logs

from signon.clients.models import clients
from signon.oidc.logout_notices import outstanding
from signon.outbox.models import outbox
from signon.signin import session as sessions
from signon.signin.models import sessions as sessions_table
from tests.infra.clock import FrozenClock
from tests.infra.receiver import Receiver, answer, receiving
from tests.infra.world import World
from tests.oidc.backchannel_logout.acts import deliver, queued, sign_in, sign_out, tokens_of, told
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty


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
    assert (event.payload, event.sealed) == ({}, None)


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


def test_a_failure_is_retried_for_as_long_as_a_session_lives(
    world: World, casb: RelyingParty, court: Receiver
):
    """With growing pauses; each attempt has a token of its own with the same `jti`."""
    court.answering = answer(503)
    sign_in(casb)
    sign_out(casb)
    began = world.clock.now
    seen: list[int] = []
    # finer than the pauses, which grow
    for second in (*range(0, 400, 5), *range(400, 1270, 30), *range(1270, 15 * 3600, 300)):
        world.clock.set(began)
        world.clock.advance(seconds=second)
        before = len(court.requests)
        deliver(world)
        seen += [second] * (len(court.requests) - before)
    assert world.settings.session_absolute_seconds == 12 * 3600
    assert seen[:7] == [0, 10, 70, 370, 1270, 3070, 6670]
    assert {later - sooner for sooner, later in pairwise(seen[6:])} == {3600}
    assert 11 * 3600 < seen[-1] <= 12 * 3600
    claims = [casb.verified(token, "logout+jwt") for token in tokens_of(court)]
    assert len({one["jti"] for one in claims}) == 1
    assert [one["iat"] - int(began.timestamp()) for one in claims] == seen
    assert all(one["exp"] - one["iat"] == 120 for one in claims)
    (event,) = queued(world)
    assert event.failed_at is not None
    assert event.last_error == f"{casb.client_id} answered 503."


def test_what_is_outstanding_is_listed(world: World, casb: RelyingParty, court: Receiver):
    """With its next attempt and why it was not taken; what was given up stays listed."""
    court.answering = answer(503)
    sign_in(casb)
    sign_out(casb)
    began = world.clock.now
    with world.database.reading() as unit:
        assert outstanding(unit, limit=9) == []
    deliver(world)
    next_one = began + timedelta(seconds=10)
    why = f"{casb.client_id} answered 503."
    with world.database.reading() as unit:
        assert outstanding(unit, limit=9) == [(casb.client_id, began, 1, next_one, None, why)]
    court.answering = answer(400)
    world.clock.advance(seconds=10)
    deliver(world)
    with world.database.reading() as unit:
        (gone,) = outstanding(unit, limit=9)
    assert (gone.attempts, gone.next_attempt_at, gone.given_up_at) == (2, None, next_one)


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
    done: list[str] = []
    told = threading.Event()

    def by_path(handler: BaseHTTPRequestHandler) -> None:
        if handler.path == "/casb":
            told.wait(30)
        answer(200)(handler)
        done.append(handler.path)
        told.set()

    court.answering = by_path
    for _ in range(6):
        sign_in(casb)
        sign_out(casb)
    sign_in(cacd)
    sign_out(cacd)
    deliver(world)
    assert done[0] == "/cacd"
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
