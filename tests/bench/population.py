"""As many accounts and links as the courts have, made in PostgreSQL itself."""

from collections.abc import Callable

import psycopg

from tests.bench.provider import USERNAME

BATCH = 100_000
NAME = "crowded"
"""The database that holds them."""

# each is the filer with other names; ids and numbers are scattered as drawn ones are
ACCOUNTS = """
INSERT INTO accounts
SELECT made.* FROM accounts AS filer, generate_series(%(first)s::int, %(last)s::int) AS n,
LATERAL jsonb_populate_record(filer, jsonb_build_object(
  'id', substr(md5('account' || n), 1, 26),
  'number', 1000000 + (n::bigint * 4999999) %% 9000000,
  'username', 'Person.' || n, 'username_key', 'person.' || n,
  'email', 'Person.' || n || '@example.org', 'email_key', 'person.' || n || '@example.org',
  'name_key', 'person ' || n, 'list_name', 'person ' || n
)) AS made
WHERE filer.username_key = %(filer)s
ON CONFLICT (number) DO NOTHING
"""
LOGINS = """
WITH registry AS (SELECT array_agg(id ORDER BY id) AS courts FROM courts)
INSERT INTO legacy_logins
  (id, court_id, login, login_key, password, first_name, last_name, email, email_key, status,
   roles, imported_at)
SELECT substr(md5('login' || n), 1, 26), courts[1 + n %% cardinality(courts)],
  'Person' || n, 'person' || n, filer.password, filer.first_name, filer.last_name, filer.email,
  filer.email_key, 'active', '["attorney"]', filer.created_at
FROM registry, accounts AS filer, generate_series(%(first)s::int, %(last)s::int) AS n
WHERE filer.username_key = %(filer)s
"""
RIGHTS = """
INSERT INTO filing_rights
SELECT made.* FROM generate_series(%(first)s::int, %(last)s::int) AS n
JOIN accounts ON accounts.id = substr(md5('account' || n), 1, 26)
JOIN legacy_logins ON legacy_logins.id = substr(md5('login' || n), 1, 26),
filing_rights AS held JOIN accounts AS filer ON filer.id = held.account_id,
LATERAL jsonb_populate_record(held, jsonb_build_object(
  'id', substr(md5('right' || n), 1, 26), 'account_id', accounts.id,
  'court_id', legacy_logins.court_id, 'legacy_login_id', legacy_logins.id,
  'login', legacy_logins.login
)) AS made
WHERE filer.username_key = %(filer)s
"""


def populate(
    connection: psycopg.Connection, accounts: int, links: int, say: Callable[[str], None]
) -> None:
    """Add accounts, and for the first of them legacy logins with their links."""
    _fill(connection, "accounts", ACCOUNTS, accounts, say)
    _fill(connection, "legacy logins", LOGINS, links, say)
    _fill(connection, "links", RIGHTS, links, say)
    say("counting them for the planner")
    connection.execute("VACUUM (ANALYZE)")
    connection.execute("CHECKPOINT")


def _fill(
    connection: psycopg.Connection,
    what: str,
    statement: str,
    count: int,
    say: Callable[[str], None],
) -> None:
    for first in range(1, count + 1, BATCH):
        last = min(first + BATCH - 1, count)
        say(f"{what}: {last:,} of {count:,}")
        connection.execute(statement, {"first": first, "last": last, "filer": USERNAME})
