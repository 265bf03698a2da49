"""The session's limits and its cookie's value."""

from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from signon.accounts.directory import Account
from signon.config import Settings
from signon.db import Database, Unit
from signon.signin import session as sessions
from signon.signin.models import sessions as table
from signon.tokens import grants
from signon.tokens.grants import NewGrant
from signon.web.visitor import Origin
from tests.infra.clock import FrozenClock


def start(
    unit: Unit, account: Account, settings: Settings, previous: sessions.Session | None = None
) -> str:
    return sessions.start(unit, account, settings=settings, previous=previous, origin=Origin())


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
        sessions.end(unit, session, reason="signed_out", origin=Origin())
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
