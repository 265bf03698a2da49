"""Disabling and enabling."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from signon.accounts import credentials, directory, status
from signon.accounts.credentials import FAILURES, FOREVER, WAITS
from signon.audit.models import events
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import InputError, NotFoundError, RefusedError
from signon.limits import counters
from signon.signin import session as sessions
from signon.web.visitor import Source
from tests.accounts.making import make
from tests.infra.clock import FrozenClock

BY = {"actor": "command_line"}


def test_disable_ends_the_session_and_enable_revives_nothing(
    wired: Database, settings: Settings, ring: KeyRing, clock: FrozenClock
):
    """`valid_from` moves both times, so a session from before is worth nothing afterwards."""
    account = make(wired, settings)
    with wired.writing() as unit:
        token = sessions.start(unit, account, settings=settings, previous=None, source=Source())
        assert sessions.current(unit, token, settings)
    clock.advance(seconds=1)
    with wired.writing() as unit:
        disabled = status.disable(unit, account.number, reason="left", **BY)
        assert not disabled.is_active
        assert sessions.current(unit, token, settings) is None
    clock.advance(seconds=1)
    with wired.writing() as unit:
        enabled = status.enable(unit, ring, account.number, **BY)
        assert enabled.is_active
        assert enabled.valid_from == clock()
        assert sessions.current(unit, token, settings) is None
        fresh = sessions.start(unit, enabled, settings=settings, previous=None, source=Source())
        assert sessions.current(unit, fresh, settings)


def test_a_session_begun_while_disabling_was_under_way_stays_dead(
    wired: Database, settings: Settings, ring: KeyRing, clock: FrozenClock
):
    """Whatever order two transactions' clocks had: enabling comes after both."""
    account = make(wired, settings)
    with wired.writing() as unit:
        status.disable(unit, account.number, reason="left", **BY)
    clock.advance(seconds=1)
    with wired.writing() as unit:
        token = sessions.start(unit, account, settings=settings, previous=None, source=Source())
    clock.advance(seconds=1)
    with wired.writing() as unit:
        assert sessions.current(unit, token, settings) is None
        status.enable(unit, ring, account.number, **BY)
        assert sessions.current(unit, token, settings) is None


def test_both_stand_in_the_trail(wired: Database, settings: Settings, ring: KeyRing):
    """Who, which account, why."""
    account = make(wired, settings)
    with wired.writing() as unit:
        status.disable(unit, account.number, reason=" asked  by the firm ", **BY)
        status.enable(unit, ring, account.number, **BY)
    with wired.reading() as unit:
        rows = unit.execute(select(events).order_by(events.c.seq)).all()[1:]
    assert [(row.event, row.actor, row.account_id, row.reason) for row in rows] == [
        ("accounts:account:disabled", "command_line", account.id, "asked by the firm"),
        ("accounts:account:enabled", "command_line", account.id, None),
    ]


def test_enable_forgets_failures_and_waits(wired: Database, settings: Settings, ring: KeyRing):
    """Also for an account that was never disabled: its password may count again."""
    account = make(wired, settings)
    with wired.writing() as unit:
        for _ in range(100):
            counters.hit(unit, FAILURES, credentials.failures_key(account.id), window=FOREVER)
        key = credentials.waits_key(ring, "ADA.byron ")
        counters.hit(unit, WAITS, key, window=timedelta(hours=1))
        counters.block(unit, WAITS, key, until=unit.now + timedelta(hours=1))
        assert credentials.guesses_left(unit, account.id, 100) == 0
        before = directory.by_id(unit, account.id)
        after = status.enable(unit, ring, account.number, **BY)
        assert credentials.guesses_left(unit, account.id, 100) == 100
        assert counters.look(unit, WAITS, key).blocked_until is None
    # nobody who is signed in is signed out by it
    assert before
    assert after.valid_from == before.valid_from


def test_twice_is_refused(wired: Database, settings: Settings):
    """The first reason stands."""
    account = make(wired, settings)
    with wired.writing() as unit:
        status.disable(unit, account.number, reason="first", **BY)
        with pytest.raises(RefusedError, match="disabled already"):
            status.disable(unit, account.number, reason="second", **BY)
        assert directory.details(unit, account.number)["status_reason"] == "first"


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_reason_is_needed(wired: Database, settings: Settings, reason: str):
    """Whoever asks later must be told something."""
    account = make(wired, settings)
    with wired.writing() as unit, pytest.raises(InputError):
        status.disable(unit, account.number, reason=reason, **BY)


def test_unknown_numbers(wired: Database, ring: KeyRing):
    """Neither command invents an account."""
    with wired.writing() as unit:
        with pytest.raises(NotFoundError):
            status.disable(unit, "1234567", reason="x", **BY)
        with pytest.raises(NotFoundError):
            status.enable(unit, ring, "1234567", **BY)
