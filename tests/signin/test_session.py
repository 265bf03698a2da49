"""The session's limits and its cookie's value."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from signon.accounts import sign_outs, status
from signon.accounts.client_codes import ClientCodeRule
from signon.accounts.directory import Account
from signon.config import Settings
from signon.db import Database, Unit
from signon.errors import SignInFirstError
from signon.signin import acting, demands
from signon.signin import session as sessions
from signon.signin.client_code import ClientCode
from signon.signin.models import sessions as table
from signon.signin.session import Session
from signon.tokens import grants
from signon.tokens.grants import NewGrant
from signon.web.visitor import Source
from tests.infra.clock import FrozenClock


def start(
    unit: Unit, account: Account, settings: Settings, previous: sessions.Session | None = None
) -> str:
    return sessions.start(unit, account, settings=settings, previous=previous, source=Source())


def test_idle_limit(wired: Database, account: Account, settings: Settings, clock: FrozenClock):
    """Half an hour without use ends it; use before that keeps it."""
    with wired.writing() as unit:
        token = start(unit, account, settings)
    for _ in range(3):
        clock.advance(seconds=settings.session_idle_seconds - 1)
        with wired.writing() as unit:
            session = sessions.current(unit, token, settings)
            assert session
            sessions.touch(unit, session)
    clock.advance(seconds=settings.session_idle_seconds)
    with wired.reading() as unit:
        assert sessions.current(unit, token, settings) is None


def test_absolute_limit(wired: Database, account: Account, settings: Settings, clock: FrozenClock):
    """Twelve hours after the sign-in it is over, however busy it was."""
    with wired.writing() as unit:
        token = start(unit, account, settings)
    ends = clock() + timedelta(seconds=settings.session_absolute_seconds)
    while clock() < ends - timedelta(minutes=20):
        clock.advance(seconds=1200)
        with wired.writing() as unit:
            session = sessions.current(unit, token, settings)
            assert session
            sessions.touch(unit, session)
    clock.set(ends)
    with wired.reading() as unit:
        assert sessions.current(unit, token, settings) is None


def test_use_is_noted_once_a_minute(
    wired: Database, account: Account, settings: Settings, clock: FrozenClock
):
    """A request within the minute writes nothing."""
    with wired.writing() as unit:
        token = start(unit, account, settings)
    clock.advance(seconds=59)
    with wired.writing() as unit:
        session = sessions.current(unit, token, settings)
        assert session
        assert not sessions.is_untouched(unit, session)
        sessions.touch(unit, session)
        assert unit.scalar(select(table.c.seen_at)) == session.seen_at


def test_signing_in_again_keeps_the_session_under_a_new_cookie(
    wired: Database, account: Account, settings: Settings, clock: FrozenClock
):
    """The same `sid`, so that grants keep their handle; the old cookie names nothing."""
    with wired.writing() as unit:
        first = start(unit, account, settings)
        before = sessions.current(unit, first, settings)
    clock.advance(seconds=600)
    with wired.writing() as unit:
        second = start(unit, account, settings, previous=before)
        assert sessions.current(unit, first, settings) is None
        after = sessions.current(unit, second, settings)
    assert before
    assert after
    assert after.id == before.id
    assert after.auth_time == clock()
    assert first != second


def test_the_cookie_is_stored_as_its_digest(wired: Database, account: Account, settings: Settings):
    """A copy of the table signs nobody in."""
    with wired.writing() as unit:
        token = start(unit, account, settings)
        row = unit.execute(select(*table.c)).one()
    assert len(token) == 43
    assert not any(token in str(value) for value in row)


@pytest.mark.parametrize("token", [None, "", "x" * 43, "é"])
def test_other_cookies_name_nobody(
    wired: Database, account: Account, settings: Settings, token: str | None
):
    """Whatever a browser sends."""
    with wired.writing() as unit:
        start(unit, account, settings)
        assert sessions.current(unit, token, settings) is None


def _sign_out(unit: Unit, session: Session, _origin: Source) -> None:
    sign_outs.sign_out_everywhere(unit, session.account.id)


def _disable(unit: Unit, session: Session, _origin: Source) -> None:
    status.disable(unit, session.account.number, reason="It was stolen.", actor="system")


def _end(unit: Unit, session: Session, source: Source) -> None:
    sessions.end(unit, session, reason="signed_out", source=source)


ENDS = (_sign_out, _disable, _end)
Ends = Callable[[Unit, Session, Source], None]


@pytest.mark.parametrize("ends", ENDS)
def test_nothing_is_written_into_a_session_that_has_ended(
    wired: Database, account: Account, settings: Settings, clock: FrozenClock, ends: Ends
):
    """What was known of it before brings it back neither by signing in nor by an answer."""
    with wired.writing() as unit:
        session = sessions.current(unit, start(unit, account, settings), settings)
        assert session
    clock.advance(seconds=61)
    with wired.writing() as unit:
        ends(unit, session, Source())
        ended = unit.execute(select(table)).one()
    clock.advance(seconds=1)
    any_code = ClientCode(lambda *_: ClientCodeRule(), (), lambda *_: ClientCodeRule())
    writes: tuple[Callable[[Unit], object], ...] = (
        lambda unit: start(unit, account, settings, session),
        lambda unit: demands.note_met(unit, session, "password"),
        lambda unit: any_code.give(unit, session, "4711"),
    )
    for write in writes:
        with pytest.raises(SignInFirstError), wired.writing() as unit:
            write(unit)
    with wired.writing() as unit:
        sessions.touch(unit, session)
        assert unit.execute(select(table)).one() == ended


@pytest.mark.parametrize("ends", ENDS)
def test_an_act_waits_for_what_ends_the_session(
    wired: Database, account: Account, settings: Settings, clock: FrozenClock, ends: Ends
):
    """Begun before it is committed, the act sees it all the same."""
    with wired.writing() as unit:
        token = start(unit, account, settings)
        session = sessions.current(unit, token, settings)
        assert session
    clock.advance(seconds=1)
    begun = threading.Event()

    def act() -> None:
        begun.set()
        with wired.writing() as unit:
            acting.proved(unit, token, settings)

    with ThreadPoolExecutor(1) as pool:
        with wired.writing() as unit:
            ends(unit, session, Source())
            acted = pool.submit(act)
            begun.wait()
            # an act that did not wait would be through by now
            wait([acted], timeout=0.3)
        with pytest.raises(SignInFirstError):
            acted.result()


def test_what_ends_a_session_waits_for_an_act(
    wired: Database, account: Account, settings: Settings, clock: FrozenClock
):
    """Begun later, it comes after the act and finds what that did."""
    with wired.writing() as unit:
        token = start(unit, account, settings)
    clock.advance(seconds=1)

    def end() -> bool:
        with wired.writing() as unit:
            sign_outs.sign_out_everywhere(unit, account.id)
            found = unit.execute(select(table.c.client_code)).scalar_one()
            return bool(found == "4711")

    with ThreadPoolExecutor(1) as pool:
        with wired.writing() as unit:
            session = acting.proved(unit, token, settings)
            ended = pool.submit(end)
            wait([ended], timeout=0.3)
            sessions.bill_under(unit, session, "4711")
        assert ended.result()


def test_ending_it_ends_its_grants(wired: Database, account: Account, settings: Settings):
    """Sign-out reaches what courts were given."""
    from signon.clients.models import clients
    from signon.tokens.models import grants as grants_table

    with wired.writing() as unit:
        token = start(unit, account, settings)
        session = sessions.current(unit, token, settings)
        assert session
        unit.execute(insert(clients), _client(unit))
        grants.begin(
            unit,
            NewGrant(
                id="g" * 26,
                account_id=account.id,
                client_id="c",
                session_id=session.id,
                scope="openid",
                auth_time=session.auth_time,
                acr=session.acr,
                amr=session.amr,
                client_code=None,
                expires_at=session.expires_at,
            ),
            refresh_token="r" * 43,
        )
        sessions.end(unit, session, reason="signed_out", source=Source())
        row = unit.execute(select(grants_table.c.revoked_at, grants_table.c.revoked_reason)).one()
        assert tuple(row) == (unit.now, "signed_out")
        assert sessions.current(unit, token, settings) is None


def _client(unit: Unit) -> dict[str, object]:
    lists = ("grants", "scopes", "redirect_uris", "post_logout_redirect_uris", "return_uris")
    return {
        "id": "c",
        "name": "C",
        "profile": "standard",
        "auth_method": "none",
        "id_token_alg": "ES256",
        "refresh_grace_seconds": 0,
        "trusted": False,
        "created_at": unit.now,
        **{name: [] for name in lists},
    }
