"""Links that are mailed: one purpose, one use, an end."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from signon.accounts import mailed_links
from signon.accounts.mailed_links import MailedLink, Purpose
from signon.db import Database
from signon.errors import RefusedError
from tests.infra.clock import FrozenClock
from tests.infra.refusals import caught

HOUR = timedelta(hours=1)


def _issued(database: Database) -> str:
    with database.writing() as unit:
        return mailed_links.issue(unit, Purpose.CONFIRM_EMAIL, email="ann@x.test", lasts=HOUR)


@caught
def _spend(database: Database, token: str | None, purpose: Purpose = Purpose.CONFIRM_EMAIL):
    with database.writing() as unit:
        return mailed_links.spend(unit, purpose, token)


def test_a_visit_uses_nothing_up(database: Database):
    """Mail scanners open links; only the button spends."""
    token = _issued(database)
    for _ in range(3):
        with database.reading() as unit:
            found = mailed_links.look(unit, Purpose.CONFIRM_EMAIL, token)
        assert isinstance(found, MailedLink)
        assert found.email == "ann@x.test"
    assert isinstance(_spend(database, token), MailedLink)


def test_of_twenty_at_once_one_gets_it(database: Database):
    """Single use is one guarded statement."""
    token = _issued(database)
    with ThreadPoolExecutor(20) as pool:
        ended = list(pool.map(lambda _: _spend(database, token), range(20)))
    assert sum(isinstance(one, MailedLink) for one in ended) == 1
    assert {one.reason for one in ended if isinstance(one, RefusedError)} == {mailed_links.USED}


@pytest.mark.parametrize("token", [None, "", "no such link", "x" * 10_000, "\ud800"])
def test_unknown(database: Database, token: str | None):
    """What is no link of ours is told apart from a used one: nothing secret is in that."""
    ended = _spend(database, token)
    assert isinstance(ended, RefusedError)
    assert ended.reason == mailed_links.UNKNOWN


def test_expired_and_for_another_purpose(database: Database, clock: FrozenClock):
    """A link is good for its hour and for its purpose only."""
    token = _issued(database)
    other = _spend(database, token, Purpose.CHOOSE_PASSWORD)
    assert isinstance(other, RefusedError)
    assert other.reason == mailed_links.UNKNOWN
    clock.advance(hours=1)
    ended = _spend(database, token)
    assert isinstance(ended, RefusedError)
    assert ended.reason == mailed_links.EXPIRED
