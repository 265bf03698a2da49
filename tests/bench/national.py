"""A nation in a database, and what each of its lists costs: `make bench ARGS="--rights 3000000"`."""

import asyncio
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from sqlalchemy import text

from signon import config
from signon.app import COUNTED, wire
from signon.courts import loading
from signon.courts.registry import read_one
from signon.crypto import KeyRing
from signon.db import BULK, Database
from signon.filing.court import kept_counts
from tests.bench import lists, nation
from tests.bench.lists import LIMIT_MS
from tests.bench.nation import BUSIEST, NOW, Nation
from tests.infra import postgres
from tests.infra.databases import PostgresDatabases, SqliteDatabases

_FAST = {
    **postgres.HURRIED,
    "maintenance_work_mem": "512MB",
    "max_wal_size": "8GB",
    # what a parallel worker spends would not be seen
    "max_parallel_workers_per_gather": "0",
}


def run(kind: str, accounts: int, rights: int, say: Callable[[str], None]) -> bool:
    """Print a line for each list, with the plans of those that read much; False when one is dear."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if kind == "sqlite":
            url = SqliteDatabases(folder).copied(folder / "nation.db")
        else:
            url = PostgresDatabases(stack.enter_context(postgres.running(_FAST))).restored()
        ring = KeyRing([bytes(range(32))])
        database = wire(Database(url, clock=lambda: NOW, timeouts=BULK, ring=ring))
        stack.callback(database.close)
        _fill(database, url, accounts, rights, say)
        is_cheap = True
        for one in lists.measure(database, _settings(folder)):
            is_cheap &= one.cpu_ms <= LIMIT_MS
            over = "" if one.cpu_ms <= LIMIT_MS else "  OVER"
            print(f"{one.name:45} {one.cpu_ms:9} ms CPU  {one.rows:4} rows{over}", flush=True)
            for plan in one.plans:
                print("    " + plan.replace("\n", "\n    "))
        return is_cheap


def _fill(
    database: Database, url: str, accounts: int, rights: int, say: Callable[[str], None]
) -> None:
    began = time.monotonic()
    with database.writing() as unit:
        loading.load(unit, loading.shipped(), actor="system")
        went_live = {"at": NOW - timedelta(hours=4), "id": BUSIEST}
        unit.execute(text("UPDATE courts SET go_live = :at WHERE id = :id"), went_live)
    with database.reading() as unit:
        others = unit.execute(text("SELECT id FROM courts ORDER BY id")).scalars().all()
    courts = [BUSIEST, *(one for one in others if one != BUSIEST)]
    nation.fill(url, Nation(accounts, rights, courts), say)
    say("counts")
    with database.reading() as unit:
        busiest = read_one(unit, BUSIEST)
    for kind in COUNTED:
        asyncio.run(kept_counts.renew(database, busiest, kind))
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
