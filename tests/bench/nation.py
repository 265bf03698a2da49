"""A nation of people, rights and events, written straight into the tables: COPY or executemany.

Its rows are plain and repeat from run to run. A fifth of the rights are those of one court, half of
the people have the same first name, and a twentieth are the members of one firm.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import psycopg
from sqlalchemy import make_url

from signon.accounts import found_by
from signon.filing.legacy_logins.found_by import NamedLogin
from signon.filing.registrations.found_by import bar_key, bars_at
from signon.searching import words

BUSIEST = "casb"
FIRM = "9999999"
FIRM_ID = "a" * 26
BATCH = 20_000
NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
_FIRST = ("James", "Mary", "Robert", "María", "Ann Marie", "Wei", "Olu", "Jean-Luc", "Ada", "Ivo")
_PARTS = ("sm", "ith", "gar", "cia", "lo", "pez", "and", "er", "son", "mil", "wil", "ba", "ker",
          "ro", "dri", "guez", "hall", "ford", "ste", "vens")  # fmt: skip
_RARE = ("trustee", "filing_agent", "limited_creditor", "pro_se", "interested_party")
_EVENTS = ("signin:password:accepted", "signin:session:created", "oidc:code:issued",
           "filing:right:changed", "signin:password:refused", "filing:right:linked")  # fmt: skip

Cell = str | None
Rows = Iterator[Sequence[Cell]]


@dataclass(frozen=True, slots=True)
class Nation:
    """How many there are of each; `courts` are the ids of all courts, the busiest one's first."""

    accounts: int
    rights: int
    courts: Sequence[str]

    @property
    def busiest(self) -> int:
        """Filers of one court."""
        return self.rights // 5

    @property
    def logins(self) -> int:
        """Legacy logins: the last tenth is nobody's yet."""
        return self.rights + self.rights // 10

    def court(self, n: int) -> str:
        """Whose right number `n` is; an account has one at a court."""
        if n < self.busiest:
            return self.courts[0]
        return self.courts[1 + (n + n // self.accounts) % (len(self.courts) - 1)]


def fill(url: str, nation: Nation, say: Callable[[str], None]) -> None:
    """Write all of it; indexes that nothing hangs on are made at the end."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(sqlite3.connect(address.database or "")) as light:
            _fill_sqlite(light, nation, say)
        return
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        _fill_postgresql(connection, nation, say)


def _fill_postgresql(
    connection: psycopg.Connection, nation: Nation, say: Callable[[str], None]
) -> None:
    connection.execute("SET session_replication_role = replica")
    connection.execute("SET maintenance_work_mem = '512MB'")
    for table, (columns, rows) in _tables(nation).items():
        say(table)
        made_after = [
            *_dropped(connection, table, _INDEXES, "DROP INDEX"),
            *_dropped(connection, table, _KEYS, f"ALTER TABLE {table} DROP CONSTRAINT"),
        ]
        copy_to = f"COPY {table} ({', '.join(columns)}) FROM STDIN".encode()
        with connection.cursor().copy(copy_to) as copy:
            for some in _batches(rows):
                copy.write("".join(map(_line, some)))
        for definition in made_after:
            connection.execute(definition.encode())
    connection.execute("VACUUM (ANALYZE)")


_INDEXES = """
SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = %s
AND indexname NOT IN (SELECT conname FROM pg_constraint)
"""
_KEYS = """
SELECT conname, format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname,
pg_get_constraintdef(oid)) FROM pg_constraint AS own WHERE conrelid = %s::regclass
AND contype IN ('p', 'u')
AND NOT EXISTS (SELECT FROM pg_constraint WHERE confrelid = own.conrelid)
"""
"""Keys that no other table refers to."""


def _dropped(connection: psycopg.Connection, table: str, listed: str, drop: str) -> list[str]:
    """Take those away; answers how they are made again."""
    found = connection.execute(listed.encode(), (table,)).fetchall()
    for name, _ in found:
        connection.execute(f'{drop} "{name}"'.encode())
    return [definition for _, definition in found]


def _fill_sqlite(
    connection: sqlite3.Connection, nation: Nation, say: Callable[[str], None]
) -> None:
    connection.isolation_level = None
    for pragma in ("synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000"):
        connection.execute(f"PRAGMA {pragma}")
    for table, (columns, rows) in _tables(nation).items():
        say(table)
        indexes = connection.execute(
            "SELECT sql, name FROM sqlite_master WHERE type = 'index' AND tbl_name = ?"
            " AND sql IS NOT NULL",
            (table,),
        ).fetchall()
        for _, name in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        marks = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({marks})"  # our names
        for some in _batches(rows):
            connection.execute("BEGIN")
            connection.executemany(statement, some)
            connection.execute("COMMIT")
        for definition, _ in indexes:
            connection.execute(definition)
    connection.execute("ANALYZE")


def _batches(rows: Rows) -> Iterator[list[Sequence[Cell]]]:
    some: list[Sequence[Cell]] = []
    for row in rows:
        some.append(row)
        if len(some) == BATCH:
            yield some
            some = []
    yield some


def _line(row: Sequence[Cell]) -> str:
    return "\t".join("\\N" if cell is None else cell for cell in row) + "\n"


# ── The rows ─────────────────────────────────────────────────────────────────


def _tables(nation: Nation) -> dict[str, tuple[Sequence[str], Rows]]:
    return {
        "accounts": (_ACCOUNT, _accounts(nation)),
        "legacy_logins": (_LOGIN, _logins(nation)),
        "efile_registrations": (_REGISTRATION, _registrations(nation)),
        "filing_rights": (_RIGHT, _rights(nation)),
        "certifications": (_CERTIFICATE, _certificates(nation)),
        "agent_pairs": (_PAIR, _pairs(nation)),
        "firm_invitations": (_INVITATION, _invitations(nation)),
        "audit_events": (_EVENT, _events(nation)),
        "audit_origins": (_ORIGIN, _origins(nation)),
        "prepared_links": (_PREPARED, _prepared(nation)),
        "search_entries": (("place", "key", "subject"), _entries(nation)),
        "search_fillings": (("name", "after", "is_done"), _filled()),
    }


def _id(kind: str, n: int) -> str:
    """Scattered as drawn ones are."""
    return f"{kind}{n * 2654435761 % 4294967296:010d}{n:015d}"


def _moment(n: int, days: int) -> str:
    """Some moment of so many days before now."""
    seconds = n * 7_368_787 % (days * 86_400)
    return (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S.000000")


def _day(n: int, days: int) -> str:
    """A day at most so many before or after today."""
    return (NOW.date() + timedelta(days=n * 7919 % (2 * days) - days)).isoformat()


def name(n: int) -> tuple[str, str]:
    """First and last name of a person: every other one is a Pat."""
    last = _PARTS[n % 20] + _PARTS[n // 20 % 20] + _PARTS[n // 400 % 20] + _PARTS[n * 13 % 20]
    return ("Pat" if n % 2 else _FIRST[n // 2 % 10]), last.capitalize()


_ACCOUNT = (
    "id", "number", "kind", "username", "username_key", "status", "valid_from", "created_on",
    "created_at", "updated_at", "upgraded_at", "last_signed_in_at", "search_status", "email",
    "email_key", "email_verified", "first_name", "last_name", "name_key", "list_name",
    "firm_number", "firm_joined_at", "password_work",
)  # fmt: skip


def _accounts(nation: Nation) -> Rows:
    long_ago = "2020-01-01 00:00:00.000000"
    firm = ("firm.large", "firm@example.org", "the large firm")
    yield (
        FIRM_ID, FIRM, "firm", firm[0], firm[0], "active", long_ago, "2020-01-01", long_ago,
        long_ago, long_ago, None, "inactive", firm[1], firm[1], "1", None, None, None, firm[2],
        None, None, "",
    )  # fmt: skip
    for n in range(nation.accounts):
        first, last = name(n)
        username = f"{first[0]}{last}.{n}"
        key, at = username.casefold(), f"{username.casefold()}@example.org"
        made = _moment(n, 2000)
        status = "held" if n % 5000 == 0 else "disabled" if n % 100 == 1 else "active"
        is_member = n % 20 == 3
        yield (
            _id("a", n), str(1_000_000 + n * 4_999_999 % 8_999_999), "individual", username, key,
            status, made, made[:10], made, made, made, _moment(n * 3, 400),
            "inactive" if n % 100 == 7 else "active", at, at, "1", first, last,
            f"{first} {last}".casefold(), f"{last}, {first}".casefold(),
            FIRM if is_member else None, made if is_member else None, "",
        )  # fmt: skip


_LOGIN = (
    "id", "court_id", "login", "login_key", "password", "first_name", "last_name", "bar_id",
    "email", "email_key", "status", "roles", "imported_at", "password_work",
)  # fmt: skip


def _logins(nation: Nation) -> Rows:
    for n in range(nation.logins):
        first, last = name(n % nation.accounts)
        login = f"{first[0]}{last}{n}"
        at = f"{login}@example.org".casefold()
        court = nation.court(n) if n < nation.rights else nation.courts[n % 2]
        status = "disabled" if n % 50 == 9 else "active"
        yield (
            _id("l", n), court, login, login.casefold(), "", first, last, f"{n:06d}", at, at, status,
            '["attorney"]', "2026-06-01 00:00:00.000000", "",
        )  # fmt: skip


_REGISTRATION = (
    "id", "account_id", "court_id", "kind", "type", "roles", "answers", "state", "version",
    "created_at", "updated_at", "submitted_at", "decided_at",
)  # fmt: skip


def _is_registered(n: int) -> bool:
    return n % 5 == 2


def _registrations(nation: Nation) -> Rows:
    for n in range(nation.rights):
        if not _is_registered(n):
            continue
        is_open = n % 1000 == 2
        at = _moment(n, 60 if is_open else 1500)
        yield (
            _id("g", n), _id("a", n % nation.accounts), nation.court(n), "attorney",
            "admission", '["attorney"]', f'{{"state_bars": "B{n:06d}"}}',
            "pending" if is_open else "approved", "2", at, at, at, None if is_open else at,
        )  # fmt: skip


_RIGHT = (
    "id", "account_id", "court_id", "legacy_login_id", "login", "status", "roles", "admission",
    "pending_for", "suspended_by", "created_at", "last_day",
)  # fmt: skip


def _rights(nation: Nation) -> Rows:
    for n in range(nation.rights):
        first, last = name(n % nation.accounts)
        rests, waits, is_linked = n % 100 == 11, n % 200 == 22, not _is_registered(n)
        role = "mediator" if n % 50_000 == 5 else _RARE[n % 5] if n % 25 == 6 else "attorney"
        yield (
            _id("r", n), _id("a", n % nation.accounts), nation.court(n),
            _id("l", n) if is_linked else None, f"{first[0]}{last}{n}" if is_linked else None,
            "suspended" if rests else "pending" if waits else "active", f'["{role}"]', "full",
            '["certification"]' if waits else None, '["court"]' if rests else "[]",
            _moment(n, 1800), _day(n, 200) if n % 100 == 4 else None,
        )  # fmt: skip


_CERTIFICATE = (
    "id", "account_id", "court_id", "role", "certified_on", "expires_on", "recorded_by",
    "recorded_at",
)  # fmt: skip


def _certificates(nation: Nation) -> Rows:
    for n in range(nation.rights):
        if n % 5 < 3:
            yield (
                _id("c", n), _id("a", n % nation.accounts), nation.court(n), "attorney",
                "2024-01-01", _day(n, 400) if n % 5 == 0 else None, "clerk", _moment(n, 1000),
            )  # fmt: skip


_PAIR = (
    "id", "court_id", "state", "principal_id", "agent_id", "agent_number", "agent_last_name",
    "may_pay", "version", "created_at", "handled_at", "active_from",
)  # fmt: skip


def _pairs(nation: Nation) -> Rows:
    for n in range(0, nation.rights, 40):
        other, at = (n + 17) % nation.accounts, _moment(n, 300)
        yield (
            _id("p", n), nation.court(n), "active", _id("a", n % nation.accounts), _id("a", other),
            str(1_000_000 + other * 4_999_999 % 8_999_999), name(other)[1], "0", "1", at, at, at,
        )  # fmt: skip


_INVITATION = (
    "id", "firm_id", "kind", "target", "account_number", "last_name", "remark", "status",
    "invited_by", "created_at", "sent_at", "expires_at",
)  # fmt: skip


def _invitations(nation: Nation) -> Rows:
    for n in range(nation.accounts // 40):
        at = _moment(n, 300)
        number = str(1_000_000 + n)
        yield (
            _id("i", n), FIRM_ID, "member", number, number, name(n)[1], "joins",
            "pending" if n % 4 == 0 else "accepted", FIRM_ID, at, at, _day(n, 30) + at[10:],
        )  # fmt: skip


_ORIGIN = ("event_id", "at", "address", "user_agent", "request_id")
_EVENT = ("seq", "id", "at", "event", "actor", "account_id", "court_id", "detail", "hash")


def _events(nation: Nation) -> Rows:
    for n in range(nation.rights):
        account = _id("a", n * 7 % nation.accounts)
        at = (NOW - timedelta(seconds=10 * (nation.rights - n))).strftime(
            "%Y-%m-%d %H:%M:%S.000000"
        )
        yield (
            str(n + 1001), _id("e", n), at, _EVENTS[n % 6], account, account,
            nation.court(n * 7 % nation.rights), "{}", "",
        )  # fmt: skip
    yield from _day_of_going_live(nation)


def _day_of_going_live(nation: Nation) -> Rows:
    """A tenth of the busiest court's filers came since the morning; a link was made for a fourth."""
    for n in range(nation.busiest // 10):
        account, event = _id("a", n * 11 % nation.accounts), "signin:password:accepted"
        at = (NOW - timedelta(seconds=n * 7919 % 14_400)).strftime("%Y-%m-%d %H:%M:%S.000000")
        for kind in (event, "filing:right:linked") if n % 4 == 0 else (event,):
            seq = nation.rights + 2001 + 2 * n + (kind == event)
            yield (
                str(seq), _id("e", seq), at, kind, account, account, nation.courts[0], "{}", "",
            )  # fmt: skip


def _origins(nation: Nation) -> Rows:
    """Of the first event of that day alone: where a count of the day begins."""
    seq, at = nation.rights + 2002, (NOW - timedelta(hours=4)).strftime("%Y-%m-%d %H:%M:%S.000000")
    yield _id("e", seq), at, "198.51.100.7", "bench", "bench"


_PREPARED = (
    "id", "account_id", "court_id", "legacy_login_id", "login_version", "prepared_at", "login_mac",
)  # fmt: skip


def _prepared(nation: Nation) -> Rows:
    """A third of the busiest court's logins that are nobody's yet."""
    for n in range(nation.rights, nation.logins):
        if n % 6 == 0:
            yield (
                _id("q", n), _id("a", n % nation.accounts), nation.courts[0], _id("l", n), "1",
                _moment(n, 100), "",
            )  # fmt: skip


@lru_cache(maxsize=20_000)
def _turns(first: str, last: str) -> list[str]:
    return sorted(words.turns(first, last))


def _entries(nation: Nation) -> Rows:
    """What the job would make of those rows (`searching.filling`), which takes ten times as long."""
    for n in range(nation.accounts):
        first, last = name(n)
        yield from ((found_by.NAMES, key, _id("a", n)) for key in _turns(first, last))
        yield found_by.LOGINS, f"{first[0]}{last}.{n}@example.org".casefold(), _id("a", n)
    for n in range(nation.rights):
        account = n % nation.accounts
        place = found_by.at_court(nation.court(n))
        yield from ((place, key, _id("a", account)) for key in _turns(*name(account)))
        if _is_registered(n):
            yield bars_at(nation.court(n)), bar_key(f"B{n:06d}"), _id("a", account)
    for row in _logins(nation):
        login = NamedLogin(*(str(row[_LOGIN.index(one)]) for one in NamedLogin._fields))
        yield from login.entries()


def _filled() -> Rows:
    for table in ("accounts", "legacy_logins", "filing_rights", "efile_registrations"):
        yield table, "", "t"
