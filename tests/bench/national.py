"""A nation in a database, and what each of its lists costs: `make bench ARGS="--rights 3000000"`."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from sqlalchemy import text

from signon import config
from signon.app import FOUND_BY, wire
from signon.courts import loading
from signon.crypto import KeyRing
from signon.db import BULK, Database
from signon.searching import filling
from tests.bench import lists, nation
from tests.bench.lists import LIMIT_MS
from tests.bench.nation import BUSIEST, Nation
from tests.infra import postgres
from tests.infra.databases import PostgresDatabases, SqliteDatabases

_FAST = {**postgres.HURRIED, "maintenance_work_mem": "512MB", "max_wal_size": "8GB"}


def run(kind: str, accounts: int, rights: int, say: Callable[[str], None]) -> bool:
    """Print a line for each list, with the plans of those that read much; False when one is dear."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if kind == "sqlite":
            url = SqliteDatabases(folder).copied(folder / "nation.db")
        else:
            url = PostgresDatabases(stack.enter_context(postgres.running(_FAST))).restored()
        database = wire(Database(url, timeouts=BULK, ring=KeyRing([bytes(range(32))])))
        stack.callback(database.close)
        _fill(database, url, accounts, rights, say)
        is_cheap = True
        for one in lists.measure(database, _settings(folder)):
            is_cheap &= one.cpu_ms <= LIMIT_MS
            print(f"{one.name:45} {one.cpu_ms:9} ms CPU  {one.rows:4} rows", flush=True)
            for plan in one.plans:
                print("    " + plan.replace("\n", "\n    "))
        return is_cheap


def _fill(
    database: Database, url: str, accounts: int, rights: int, say: Callable[[str], None]
) -> None:
    began = time.monotonic()
    with database.writing() as unit:
        loading.load(unit, loading.shipped(), actor="system")
    with database.reading() as unit:
        others = unit.execute(text("SELECT id FROM courts ORDER BY id")).scalars().all()
    courts = [BUSIEST, *(one for one in others if one != BUSIEST)]
    nation.fill(url, Nation(accounts, rights, courts), say)
    say("search entries")
    asyncio.run(filling.fill(database, FOUND_BY))
    with database.writing() as unit:
        unit.execute(text("ANALYZE"))
    print(f"{accounts:,} accounts and {rights:,} rights in {time.monotonic() - began:.0f} s")


def _settings(folder: Path) -> config.Settings:
    return config.load(
        _env_file=None,
        issuer="http://localhost:8000",
        database_url="sqlite:///x",
        secret_keys="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        smtp_url=f"file:{folder}",
    )
