"""What a page of a court's lists costs beside 1.5 million filing rights on PostgreSQL.

`.venv/bin/python -m tests.bench.lists [--rights 1500000] [--busiest 60000]`
"""

import argparse
import json
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg

from signon.app import wire
from signon.config import Settings
from signon.courts import loading
from signon.courts.registry import Court, read_one
from signon.db import Database, Unit
from signon.filing.certificates import certificate_lists
from signon.filing.filers import filer_lists
from signon.filing.filers.filer_lists import Search
from signon.filing.legacy_logins import legacy_lists
from signon.filing.readiness import readiness
from tests.infra import postgres
from tests.infra.databases import PostgresDatabases

TIMES = 20
BUSIEST = "casb"
_ACCOUNTS = """
INSERT INTO accounts (id, number, kind, username, username_key, status, valid_from, created_on,
    created_at, updated_at, upgraded_at, search_status, email, email_key, first_name, last_name,
    name_key)
SELECT 'a' || lpad(n::text, 25, '0'), lpad(n::text, 7, '0'), 'individual', 'filer.' || n,
    'filer.' || n, 'active', now(), '2020-01-01', now(), now(), now(), 'active',
    'filer' || n || '@example.org', 'filer' || n || '@example.org', 'Pat', 'Filer' || n,
    'pat filer' || n
FROM generate_series(1, %(rights)s) n
"""
_LOGINS = """
INSERT INTO legacy_logins (id, court_id, login, login_key, password, first_name, last_name, email,
    email_key, status, roles, imported_at)
SELECT 'l' || lpad(n::text, 25, '0'), court, 'pfiler' || n, 'pfiler' || n, ''::bytea, 'Pat',
    'Filer' || n, 'filer' || n || '@example.org', 'filer' || n || '@example.org', 'active',
    '["attorney"]', now()
FROM (SELECT n, CASE WHEN n <= %(busiest)s THEN 'casb' ELSE
    (SELECT array_agg(id ORDER BY id) FROM courts WHERE id <> 'casb')[1 + n %% %(others)s] END court
    FROM generate_series(1, %(rights)s) n) s
"""
_RIGHTS = """
INSERT INTO filing_rights (id, account_id, court_id, legacy_login_id, login, status, roles,
    admission, suspended_by, created_at)
SELECT 'r' || substr(l.id, 2), 'a' || substr(l.id, 2), l.court_id, l.id, l.login,
    CASE WHEN random() < 0.01 THEN 'suspended' ELSE 'active' END, l.roles, 'full', '[]',
    now() - random() * interval '5 years'
FROM legacy_logins l
"""
_CERTIFICATES = """
INSERT INTO certifications (id, account_id, court_id, role, certified_on, recorded_by, recorded_at)
SELECT 'c' || substr(id, 2), account_id, court_id, 'attorney', '2026-01-01', 'x', created_at
FROM filing_rights
"""


def main() -> None:
    """Print the milliseconds of each page, as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rights", type=int, default=1_500_000)
    parser.add_argument("--busiest", type=int, default=60_000, help="of them at one court")
    asked = parser.parse_args()
    with postgres.running() as cluster, TemporaryDirectory() as folder:
        url = PostgresDatabases(cluster).restored()
        with closing(wire(Database(url))) as database:
            with database.writing() as unit:
                loading.load(unit, loading.shipped(), actor="system")
            fill(url, asked.rights, asked.busiest)
            for name, page in pages(settings(url, Path(folder))).items():
                print(json.dumps({"page": name, **measured(database, page)}))


def fill(url: str, rights: int, busiest: int) -> None:
    """People, legacy logins, rights and certificates, straight into the tables."""
    began = time.monotonic()
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        others = connection.execute("SELECT count(*) - 1 FROM courts").fetchone()
        assert others is not None
        values = {"rights": rights, "busiest": busiest, "others": others[0]}
        for statement in (_ACCOUNTS, _LOGINS, _RIGHTS, _CERTIFICATES):
            connection.execute(statement, values)
        connection.execute("ANALYZE")
    print(json.dumps({"rights": rights, "filled_in_seconds": round(time.monotonic() - began)}))


def settings(url: str, folder: Path) -> Settings:
    """What readiness asks for."""
    given = {"issuer": "http://localhost:8000", "database_url": url}
    keys = {"secret_keys": "A" * 43, "smtp_url": f"file:{folder}"}
    return Settings.model_validate({**given, **keys})


def pages(given: Settings) -> dict[str, Callable[[Unit, Court], object]]:
    """The lists, their searches, and one filer."""
    old = f"{datetime(2024, 1, 1, tzinfo=UTC).isoformat()} r"
    return {
        "filers": lambda unit, court: filer_lists.find(unit, court, Search(limit=51)),
        "filers, far down": lambda unit, court: filer_lists.find(
            unit, court, Search(after=old, limit=51)
        ),
        "filers, suspended": lambda unit, court: filer_lists.find(
            unit, court, Search(status="suspended", limit=51)
        ),
        "filers, by number": lambda unit, court: filer_lists.find(
            unit, court, Search("0001234", limit=51)
        ),
        "filers, by name": lambda unit, court: filer_lists.find(
            unit, court, Search("filer4711", limit=51)
        ),
        "filers, nobody of that name": lambda unit, court: filer_lists.find(
            unit, court, Search("zzyzx", limit=51)
        ),
        "filers, a role nobody has": lambda unit, court: filer_lists.find(
            unit, court, Search(role="mediator", limit=51)
        ),
        "certificates": lambda unit, court: certificate_lists.find(unit, court, limit=51),
        "legacy logins": lambda unit, court: legacy_lists.find(unit, court, limit=51),
        "legacy logins, by name": lambda unit, court: legacy_lists.find(
            unit, court, words="filer4711", limit=51
        ),
        "readiness": lambda unit, court: readiness.of_filer(unit, given, court, "0001234"),
    }


def measured(database: Database, page: Callable[[Unit, Court], object]) -> dict[str, float]:
    """Milliseconds of one: of the clock, which holds PostgreSQL's CPU time, and of our own CPU."""
    with database.reading() as unit:
        court = read_one(unit, BUSIEST)
        page(unit, court)
        began, cpu = time.monotonic(), time.process_time()
        for _ in range(TIMES):
            page(unit, court)
        wall, own = time.monotonic() - began, time.process_time() - cpu
    return {"ms": round(wall * 1000 / TIMES, 1), "own_cpu_ms": round(own * 1000 / TIMES, 1)}


if __name__ == "__main__":
    main()
