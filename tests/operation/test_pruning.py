"""Pruning: all that has expired goes, in small batches, and nothing that lives."""

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Table, func, select

from signon import pruning
from signon.app import prunable
from signon.audit.models import origins
from signon.clients.models import assertions, refusal_counts, refusals
from signon.config import Settings
from signon.db import Database
from signon.filing.models import link_proofs
from signon.firms.models import invitations as firm_invitations
from signon.journeys.models import KEPT, journeys
from signon.limits.models import counters
from signon.oidc.models import codes
from signon.outbox.models import outbox
from signon.pruning import Pruned
from signon.signin.models import known_devices, sessions
from signon.tables import metadata
from signon.tokens.models import grants, refresh_tokens, revoked_access_tokens
from tests.infra.clock import FrozenClock
from tests.operation.rows import add

Moments = Callable[[datetime], dict[str, Any]]
SECOND = timedelta(seconds=1)


def at(column: str, **ago: float) -> Moments:
    """A column that lies so long ago."""
    return lambda now: {column: now - timedelta(**ago)}


OVER: list[tuple[str, Table, Moments]] = [
    ("journeys", journeys, at("expires_at", days=7)),
    ("limit_counters", counters, at("expires_at")),
    ("link_proofs", link_proofs, at("expires_at")),
    ("firm_invitations", firm_invitations, at("expires_at", days=365)),
    ("client_assertions", assertions, at("expires_at", hours=3)),
    ("client_refusals", refusals, at("at", days=14)),
    ("client_refusal_counts", refusal_counts, lambda now: _told(now, days=14)),
    ("authorization_codes", codes, at("expires_at", days=1)),
    ("revoked_access_tokens", revoked_access_tokens, at("expires_at", hours=3)),
    ("grants", grants, at("expires_at", days=7)),
    ("sessions", sessions, at("expires_at", days=7)),
    ("sessions", sessions, lambda now: _ended(now, days=7)),
    ("known_devices", known_devices, at("expires_at")),
    ("outbox", outbox, at("done_at", days=7)),
    ("outbox", outbox, at("failed_at", days=30)),
    ("audit_origins", origins, at("at", days=365)),
]


def _ended(now: datetime, **ago: float) -> dict[str, Any]:
    return {"ended_at": now - timedelta(**ago), "expires_at": now + timedelta(hours=1)}


def _told(now: datetime, **ago: float) -> dict[str, Any]:
    return {"hour": now - timedelta(**ago), "told_at": now}


def _soon(now: datetime) -> datetime:
    return now + SECOND


LIVING: list[tuple[Table, Moments]] = [
    (journeys, lambda now: {"expires_at": _soon(now) - KEPT}),
    (counters, lambda now: {"expires_at": _soon(now)}),
    (counters, lambda now: {"expires_at": now, "blocked_until": _soon(now)}),
    (link_proofs, lambda now: {"expires_at": _soon(now)}),
    (link_proofs, lambda now: {"expires_at": _soon(now), "used_at": now}),
    (assertions, lambda now: {"expires_at": now - timedelta(hours=2)}),
    (refusals, lambda now: {"at": now - timedelta(days=13, hours=23)}),
    (refusal_counts, lambda now: _told(now, days=13, hours=23)),
    (refusal_counts, lambda now: {"hour": now - timedelta(days=15)}),
    (codes, lambda now: {"expires_at": _soon(now)}),
    (codes, lambda now: {"expires_at": now - timedelta(hours=23), "used_at": now}),
    (revoked_access_tokens, lambda now: {"expires_at": now - timedelta(hours=2)}),
    (grants, lambda now: {"expires_at": _soon(now)}),
    (grants, lambda now: {"expires_at": _soon(now), "revoked_at": now - timedelta(days=30)}),
    (grants, lambda now: {"expires_at": now - timedelta(days=6, hours=23)}),
    (sessions, lambda now: {"expires_at": _soon(now)}),
    (sessions, lambda now: {"expires_at": _soon(now), "seen_at": now - timedelta(days=30)}),
    (sessions, lambda now: _ended(now, days=6)),
    (known_devices, lambda now: {"expires_at": _soon(now), "seen_at": now - timedelta(days=89)}),
    (outbox, lambda now: {"created_at": now - timedelta(days=60), "due_at": now}),
    (outbox, lambda now: {"done_at": now - timedelta(days=6)}),
    (outbox, lambda now: {"failed_at": now - timedelta(days=29)}),
    (origins, lambda now: {"at": now - timedelta(days=364)}),
]


def prune(database: Database, settings: Settings) -> dict[str, int]:
    return asyncio.run(pruning.prune_all(database, prunable(settings)))


def count(database: Database, table: Table) -> int:
    with database.reading() as unit:
        return unit.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.parametrize(
    ("name", "table", "moments"), OVER, ids=[f"{name}-{i}" for i, (name, *_) in enumerate(OVER)]
)
def test_what_is_over_goes_and_not_a_second_earlier(
    database: Database,
    settings: Settings,
    clock: FrozenClock,
    name: str,
    table: Table,
    moments: Moments,
):
    """At its moment, and it is counted under its name."""
    with database.writing() as unit:
        add(unit, table, **moments(clock.now))
    clock.advance(seconds=-1)
    assert prune(database, settings)[name] == 0
    clock.advance(seconds=1)
    assert prune(database, settings)[name] == 1
    assert count(database, table) == 0


@pytest.mark.parametrize(
    ("table", "moments"), LIVING, ids=[f"{table.name}-{i}" for i, (table, _) in enumerate(LIVING)]
)
def test_nothing_that_lives_goes(
    database: Database, settings: Settings, clock: FrozenClock, table: Table, moments: Moments
):
    """Not what can still be used, waited for, replayed, or looked up by an operator."""
    with database.writing() as unit:
        add(unit, table, **moments(clock.now))
    assert set(prune(database, settings).values()) == {0}
    assert count(database, table) == 1


def test_every_table_whose_rows_expire_is_pruned(settings: Settings):
    """A new table must say when its rows may go, or stand here with the reason why not."""
    kept = {
        "client_secrets": "two for a client at most, and the history of its secrets",
    }
    expiring = {name for name, table in metadata.tables.items() if "expires_at" in table.c}
    assert expiring - set(prunable(settings)) == set(kept)


def test_a_row_goes_before_the_row_it_points_at(settings: Settings):
    """Or it would go uncounted with it; where it does not, it would keep it from going."""
    names = list(prunable(settings))
    pointing = {
        (name, key.column.table.name)
        for name in names
        if name in metadata.tables
        for key in metadata.tables[name].foreign_keys
        if key.column.table.name in names
    }
    pointing.add(("refresh_tokens", "grants"))  # without a foreign key
    assert [pair for pair in pointing if names.index(pair[0]) > names.index(pair[1])] == []


def test_families_go_together(database: Database, settings: Settings, clock: FrozenClock):
    """A grant with its refresh tokens, and no other's: nothing is left hanging."""
    long_ago = clock.now - timedelta(days=7)
    with database.writing() as unit:
        over = add(unit, grants, expires_at=long_ago)
        lasting = add(unit, grants, expires_at=long_ago + SECOND)
        for grant in (over, over, over, lasting):
            add(unit, refresh_tokens, grant_id=grant["id"])
    gone = prune(database, settings)
    assert (gone["refresh_tokens"], gone["grants"]) == (3, 1)
    assert [count(database, table) for table in (refresh_tokens, grants)] == [1, 1]


def test_a_grant_stays_until_its_tokens_have_gone(
    database: Database, settings: Settings, clock: FrozenClock
):
    """Whatever stops the one in the middle: what nobody would find any more is never left."""
    with database.writing() as unit:
        grant = add(unit, grants, expires_at=clock.now - timedelta(days=7))
        add(unit, refresh_tokens, grant_id=grant["id"])
        assert prunable(settings)["grants"](unit, 10) == 0
        assert prunable(settings)["refresh_tokens"](unit, 10) == 1
        assert prunable(settings)["grants"](unit, 10) == 1


def test_a_code_goes_before_the_session_that_it_was_issued_in(settings: Settings):
    """It names its session without a foreign key: however short a session, its codes go earlier."""
    keeps = {name: metadata.tables[name].info[Pruned][0].keeps for name in CODE_AND_SESSION}
    code, session = (keeps[name] for name in CODE_AND_SESSION)
    assert isinstance(code, timedelta)
    assert isinstance(session, timedelta)
    assert code + timedelta(seconds=settings.code_seconds) < session


CODE_AND_SESSION = ("authorization_codes", "sessions")


def test_batches_are_transactions_of_their_own(
    database: Database,
    settings: Settings,
    clock: FrozenClock,
    monkeypatch: pytest.MonkeyPatch,
):
    """Nobody waits long for a lock, and a stop in the middle keeps what was done."""
    monkeypatch.setattr(pruning, "BATCH", 2)
    with database.writing() as unit:
        for _ in range(5):
            add(unit, journeys, expires_at=clock.now - KEPT)
    rule = prunable(settings)["journeys"]
    removed: list[int] = []

    def stop_after_two(unit: Any, limit: int) -> int:
        if len(removed) == 2:
            raise LookupError
        removed.append(rule(unit, limit))
        return removed[-1]

    with pytest.raises(LookupError):
        asyncio.run(pruning.prune_all(database, {"journeys": stop_after_two}))
    assert removed == [2, 2]
    assert count(database, journeys) == 1
    assert prune(database, settings)["journeys"] == 1


def test_origins_are_kept_as_long_as_the_operator_says(
    database: Database, settings: Settings, clock: FrozenClock
):
    """Personal data have a retention of their own."""
    with database.writing() as unit:
        add(unit, origins, at=clock.now - timedelta(days=31))
    shorter = settings.model_copy(update={"audit_origin_days": 30})
    assert prune(database, settings)["audit_origins"] == 0
    assert prune(database, shorter)["audit_origins"] == 1
