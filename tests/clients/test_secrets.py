"""Secrets take turns; a disabled client is nobody."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import func, select

from signon.audit.models import events
from signon.clients import life, models, secrets
from signon.clients.registry import read_client
from signon.db import Database
from signon.errors import InputError, NotFoundError, RefusedError
from tests.clients.conftest import Register
from tests.infra.clock import FrozenClock

Accepts = Callable[[str | None], bool]


@pytest.fixture
def client_id(register: Register) -> str:
    return register().client_id


@pytest.fixture
def accepts(database: Database, client_id: str) -> Accepts:
    """Whether the token endpoint would take a secret at this moment."""

    def accepts(secret: str | None) -> bool:
        with database.reading() as unit:
            client = read_client(unit, client_id)
            return client is not None and client.check_secret(secret or "", unit.now)

    return accepts


def rotate(database: Database, client_id: str, overlap: timedelta = secrets.OVERLAP) -> str:
    with database.writing() as unit:
        return secrets.rotate(unit, client_id, overlap=overlap)


def test_two_secrets_live_at_once(
    database: Database, client_id: str, accepts: Accepts, clock: FrozenClock
):
    """The old one goes on for a day beside the new one."""
    first = rotate(database, client_id)
    second = rotate(database, client_id)
    assert accepts(first)
    assert accepts(second)
    clock.advance(hours=23.9)
    assert accepts(first)
    clock.advance(hours=0.1)
    assert not accepts(first)
    assert accepts(second)


def test_a_third_secret_ends_the_oldest_at_once(
    database: Database, client_id: str, accepts: Accepts
):
    """Never more than two."""
    first, second, third = (rotate(database, client_id) for _ in range(3))
    assert [accepts(secret) for secret in (first, second, third)] == [False, True, True]


def test_an_overlap_of_nothing_ends_the_old_secret_now(
    database: Database, client_id: str, accepts: Accepts
):
    """For a secret that has leaked."""
    first = rotate(database, client_id)
    second = rotate(database, client_id, timedelta(0))
    assert [accepts(secret) for secret in (first, second)] == [False, True]


def test_rotations_at_once_leave_two_secrets(database: Database, client_id: str):
    """However many rotate at the same time, two live afterwards, one of them without an end."""
    together = Barrier(4, timeout=60)

    def attempt(_: int) -> str:
        together.wait()
        return rotate(database, client_id)

    with ThreadPoolExecutor(4) as threads:
        assert len(set(threads.map(attempt, range(4)))) == 4
    with database.reading() as unit:
        ends = unit.execute(select(models.secrets.c.expires_at)).scalars().all()
    assert len(ends) == 2
    assert ends.count(None) == 1


@pytest.mark.parametrize("overlap", [timedelta(seconds=-1), timedelta(days=31)])
def test_an_overlap_has_bounds(database: Database, client_id: str, overlap: timedelta):
    """An old secret that never ends would make rotating idle."""
    with pytest.raises(InputError, match="0 to 720 hours"):
        rotate(database, client_id, overlap)


def test_who_has_no_secret_gets_none(database: Database, register: Register):
    """Public, unknown and disabled clients."""
    with pytest.raises(RefusedError, match="public client"):
        rotate(database, register(auth_method="none").client_id)
    with pytest.raises(NotFoundError, match="signon clients list"):
        rotate(database, "casb-nobody")
    gone = register().client_id
    with database.writing() as unit:
        life.disable(unit, gone)
    with pytest.raises(RefusedError, match="disabled"):
        rotate(database, gone)


def test_a_disabled_client_is_unknown_at_once(
    database: Database, client_id: str, clock: FrozenClock
):
    """The registry does not find it; the operator still sees it, and when it ended."""
    with database.writing() as unit:
        assert life.disable(unit, client_id) == clock()
    with database.reading() as unit:
        assert read_client(unit, client_id) is None
        assert life.show(unit, client_id)["disabled_at"] == clock()
        assert [client["client_id"] for client in life.all_clients(unit)] == [client_id]
    with database.writing() as unit, pytest.raises(RefusedError, match="already"):
        life.disable(unit, client_id)
    with database.writing() as unit, pytest.raises(NotFoundError):
        life.disable(unit, "casb-nobody")


def test_showing_tells_of_secrets_without_them(
    database: Database, client_id: str, clock: FrozenClock
):
    """When they were made and when they end, and of the living only."""
    rotate(database, client_id)
    clock.advance(hours=25)
    rotate(database, client_id)
    with database.reading() as unit:
        living = life.show(unit, client_id)["secrets"]
        stored = unit.scalar(select(func.count()).select_from(models.secrets))
    assert [(secret["expires_at"] is None) for secret in living] == [False, True]
    assert all(set(secret) == {"created_at", "expires_at"} for secret in living)
    assert stored == 2


def test_enabling_is_for_the_disabled(database: Database, client_id: str, accepts: Accepts):
    """It is found again with its secrets; who is not disabled or unknown is told so."""
    secret = rotate(database, client_id)
    with database.writing() as unit:
        life.disable(unit, client_id)
    assert not accepts(secret)
    with database.writing() as unit:
        life.enable(unit, client_id)
    assert accepts(secret)
    with database.writing() as unit, pytest.raises(RefusedError, match="not disabled"):
        life.enable(unit, client_id)
    with database.writing() as unit, pytest.raises(NotFoundError):
        life.enable(unit, "casb-nobody")
    with database.reading() as unit:
        written = unit.execute(select(events.c.event).order_by(events.c.seq)).scalars().all()
    assert written[-2:] == ["clients:client:disabled", "clients:client:enabled"]
