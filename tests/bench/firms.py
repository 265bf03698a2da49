"""What a page of a firm's 100,000 members costs, and how long 5,000 invitations take.

`.venv/bin/python -m tests.bench.firms [--members 100000] [--lines 5000] [--sqlite]`
"""

import argparse
import json
import os
import secrets
import statistics
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, select, text, update

from signon import config
from signon.accounts import creation
from signon.accounts.creation import NewAccount
from signon.accounts.models import AccountKind, SearchStatus, accounts
from signon.app import wire
from signon.crypto import KeyRing
from signon.db import BULK, Database, Unit
from signon.firms import bulk, cost_centers, delivery, directory, figures, members
from signon.firms.access import ActedAs, Authority
from signon.firms.bulk import Mode
from signon.firms.cost_centers import CostCenterBody
from signon.firms.invitation_lines import InvitationLine
from signon.firms.invitations import SENT
from signon.firms.members import MembersWanted, Order
from signon.ids import new_id
from tests.infra import postgres, queued
from tests.infra.databases import PostgresDatabases, SqliteDatabases

KEY = bytes(range(32))
BATCH = 5000
PAGES = 60
"""Pages of each list, spread over all of it."""
LISTS = {
    "by name": MembersWanted(),
    "by name, backwards": MembersWanted(order=Order.NAME_DOWN),
    "by number": MembersWanted(order=Order.NUMBER),
    "joined last": MembersWanted(order=Order.JOINED_DOWN),
    "search inactive (1 %)": MembersWanted(search_status=SearchStatus.INACTIVE),
    "a cost center (0.1 %)": MembersWanted(cost_center="C7"),
    "a cost center, by number": MembersWanted(cost_center="C7", order=Order.NUMBER),
    "in no cost center, inactive": MembersWanted(
        cost_center="none", search_status=SearchStatus.INACTIVE
    ),
    "beginning of a name": MembersWanted(q="s"),
}


def main() -> None:
    """Print the figures as JSON, a line each."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--lines", type=int, default=5000)
    parser.add_argument("--sqlite", action="store_true")
    asked = parser.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        if asked.sqlite:
            url = SqliteDatabases(folder).copied(folder / "firm.db")
        else:
            url = PostgresDatabases(stack.enter_context(postgres.running())).restored()
        database = wire(Database(url, timeouts=BULK, ring=KeyRing([KEY])))
        stack.callback(database.close)
        firm = make_firm(database, asked.members)
        for name, wanted in LISTS.items():
            print(json.dumps({"list": name, **measured(database, firm, wanted)}))
        print(json.dumps({"overview": once(database, lambda unit: figures.of(unit, firm))}))
        print(json.dumps({"cost centers": once(database, lambda u: cost_centers.listed(u, firm))}))
        print(json.dumps(invited(database, firm, asked.lines)))


def make_firm(database: Database, count: int) -> Authority:
    """A firm with so many members; one in a hundred cannot search, one in two has a cost center."""
    ring = KeyRing([KEY])
    wanted = NewAccount(AccountKind.FIRM, "firm.large", "firm@example.org", firm_name="Large")
    with database.writing() as unit:
        made = creation.create(unit, ring, wanted, password_hash=None, actor="system")
        firm = directory.by_id(unit, made.id)
        authority = Authority(firm, made.id, ActedAs.ADMINISTRATOR, proved_recently=True)
        for place in range(1000):
            center = CostCenterBody(code=f"C{place}", name=f"Centre {place}")
            cost_centers.add(unit, authority, center)
        codes = cost_centers.codes(unit, authority)
    for start in range(0, count, BATCH):
        with database.writing() as unit:
            rows = [
                _member(unit, place, firm.number, codes) for place in range(start, start + BATCH)
            ]
            unit.execute(insert(accounts), rows)
    with database.writing() as unit:
        unit.execute(text("ANALYZE"))
    return authority


def _member(unit: Unit, place: int, firm: str, codes: dict[str, str]) -> dict[str, Any]:
    first, last = (
        secrets.choice("abcdefghijklmnoprstuvw").upper() + secrets.token_hex(4) for _ in "12"
    )
    new = NewAccount(
        AccountKind.INDIVIDUAL, f"member.{place}", f"m{place}@example.org",
        first_name=first, last_name=last, created_on=date(2020, 1, 1),
    )  # fmt: skip
    return creation.row_of(unit, new, new_id())._asdict() | {
        # scattered as drawn numbers are
        "number": str(1_000_000 + place * 4_999_999 % 9_000_000),
        "status": "active",
        "search_status": "inactive" if place % 100 == 0 else "active",
        "firm_number": firm,
        "firm_joined_at": unit.now - timedelta(minutes=place),
        "cost_center_id": codes[f"C{place % 1000}"] if place % 2 else None,
    }


def measured(database: Database, firm: Authority, wanted: MembersWanted) -> dict[str, float]:
    """CPU milliseconds of pages from the first to the last, in this process and in PostgreSQL."""
    with database.reading() as unit:
        places: list[str | None] = [None]
        everything = list(members.all_of(unit, firm, wanted))
        step = max(1, len(everything) // PAGES)
        places += [members.cursor_of(wanted, one) for one in everything[step - 1 : -1 : step]]

    def look(after: str | None) -> None:
        there = MembersWanted(
            wanted.q, wanted.search_status, wanted.cost_center, wanted.order, after
        )
        with database.reading() as unit:
            members.listed(unit, firm, there, 51)

    look(None)
    own, walls = time.process_time(), []
    theirs = _server_cpu(database)
    for after in places:
        began = time.perf_counter()
        look(after)
        walls.append(time.perf_counter() - began)
    own = time.process_time() - own
    theirs = _server_cpu(database) - theirs
    return {
        "members": len(everything),
        "pages": len(places),
        "cpu_ms": round((own + theirs) / len(places) * 1000, 2),
        "wall_ms_median": round(statistics.median(walls) * 1000, 2),
        "wall_ms_worst": round(max(walls) * 1000, 2),
    }


def once(database: Database, rule: Callable[[Unit], object]) -> dict[str, float]:
    """The CPU milliseconds of a rule."""
    times = 10
    own, theirs = time.process_time(), _server_cpu(database)
    for _ in range(times):
        with database.reading() as unit:
            rule(unit)
    spent = time.process_time() - own + _server_cpu(database) - theirs
    return {"cpu_ms": round(spent / times * 1000, 1)}


def invited(database: Database, firm: Authority, lines: int) -> dict[str, float]:
    """Seconds until a bulk invitation is answered, and until every mail of it is written."""
    with database.writing() as unit:
        # half of them are somebody: members of the firm that are none for a moment
        some = select(accounts.c.number, accounts.c.last_name).where(
            accounts.c.firm_number == firm.firm.number
        )
        people = unit.execute(some.limit(lines // 2)).all()
        numbers = [one.number for one in people]
        unit.execute(
            update(accounts).where(accounts.c.number.in_(numbers)).values(firm_number=None)
        )
    asked = [
        InvitationLine(last_name=one.last_name or "", remark="joins", account_number=one.number)
        for one in people
    ]
    asked += [
        InvitationLine(last_name="Nobody", remark="joins", account_number=str(1_000_000 + place))
        for place in range(lines - len(asked))
    ]
    began, own = time.perf_counter(), time.process_time()
    with database.writing() as unit:
        outcome = bulk.invite(unit, firm, asked, Mode.PARTIAL, is_acknowledged=True)
    answered = time.perf_counter() - began
    settings = _settings(str(database.url))
    for payload in queued.payloads(database, SENT):
        with database.writing() as unit:
            delivery.deliver(unit, settings, payload["invitations"])
    return {
        "lines": lines,
        "done": outcome.done,
        "answered_seconds": round(answered, 2),
        "all_mails_written_seconds": round(time.perf_counter() - began, 2),
        "of_which_cpu_here_seconds": round(time.process_time() - own, 2),
    }


def _settings(url: str) -> config.Settings:
    return config.load(
        _env_file=None,
        issuer="http://localhost:8000",
        database_url=url if url.startswith("sqlite") else "sqlite:///x",
        secret_keys="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        smtp_url="file:/tmp",
    )


def _server_cpu(database: Database) -> float:
    """CPU seconds of PostgreSQL's processes that serve us; zero for SQLite, which is this process."""
    if database.is_sqlite:
        return 0.0
    with database.reading() as unit:
        pids = unit.execute(
            text("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        ).scalars()
        ticks = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(one[11]) + int(one[12]) for one in ticks) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
