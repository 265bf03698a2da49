"""PgBouncer in transaction mode between the provider and PostgreSQL."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from pydantic import SecretStr
from sqlalchemy import Select, make_url, select, text

from signon import config, poolers
from signon.db import SERVING, Database
from signon.errors import BusyError, NotReadyError
from signon.prepared import value
from tests.deployment import processes
from tests.infra.clock import FrozenClock
from tests.oidc.relying_party import RelyingParty

CONFIGURATION = """
[databases]
* = host={host} port={port} user={user} password={password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {own}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 3
"""


@pytest.fixture
def pooled_url(postgresql_url: str) -> Iterator[str]:
    """The test's database behind a pooler with three connections, Debian's as it comes."""
    there = make_url(postgresql_url)
    program = processes.program("pgbouncer", package="pgbouncer")
    (own,) = processes.free_ports(1)
    with processes.folder("pgbouncer") as folder:
        told = {"host": there.host, "port": there.port, "user": there.username}
        written = CONFIGURATION.format(password=there.password, own=own, **told)
        (folder / "pgbouncer.ini").write_text(written)
        run_as = processes.hand_over(folder)
        command = [program, str(folder / "pgbouncer.ini")]
        with processes.running(
            command,
            Path(os.devnull),
            ready=lambda: processes.listens(own),
            run_as=run_as,
        ):
            yield there.set(port=own).render_as_string(hide_password=False)


@pytest.fixture
def settings(settings: config.Settings, pooled_url: str) -> config.Settings:
    """The provider's way to the database leads through the pooler."""
    update = {"database_url": SecretStr(pooled_url), "database_prepared": False}
    return settings.model_copy(update=update)


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """What the tests furnish directly."""
    return postgresql_url


@value
def _backend() -> Select[str]:
    return select(text("pg_backend_pid()::text")).where(text("true"))


def test_a_person_signs_in_and_the_court_refreshes(signed_in: RelyingParty):
    """On connections that belong to nobody for longer than a transaction; reuse is found."""
    signed_in.begin()
    tokens = signed_in.tokens()
    assert signed_in.userinfo(tokens.access_token).status_code == 200
    assert signed_in.refresh(tokens.refresh_token).status_code == 200
    assert signed_in.refresh(tokens.refresh_token).status_code == 400


def test_nothing_is_bound_to_a_lent_connection(
    time_outs_of_production: None, pooled_url: str, clock: FrozenClock
):
    """Limits go with the transaction; what one unit has set, no other finds."""
    with closing(Database(pooled_url, clock=clock, pool=10, prepares=False)) as database:

        async def crowd() -> list[object]:
            units = [database.write(lambda unit: unit.scalar(text(SHOW))) for _ in range(20)]
            units += [database.read(_backend) for _ in range(20)]
            return list(await asyncio.gather(*units))

        found = asyncio.run(crowd())
        assert set(found[:20]) == {"2500ms"}
        assert len(set(found[20:])) <= 3
        with database.reading() as unit:
            assert unit.scalar(text(SHOW)) == "0"


SHOW = "SELECT current_setting('statement_timeout')"


def test_a_statement_that_takes_too_long_says_busy(pooled_url: str):
    """As without a pooler."""
    limits = SERVING | {"statement_timeout": 100}
    with (
        closing(Database(pooled_url, timeouts=limits, prepares=False)) as database,
        pytest.raises(BusyError),
        database.writing() as unit,
    ):
        unit.execute(text("SELECT pg_sleep(5)"))


def test_a_pooler_that_loses_statements_stops_the_start(pooled_url: str, postgresql_url: str):
    """And the error names the setting; PostgreSQL itself carries them."""
    poolers.require_prepared(postgresql_url, SERVING)
    with pytest.raises(NotReadyError, match="SIGNON_DATABASE_PREPARED=false"):
        poolers.require_prepared(pooled_url, SERVING)
