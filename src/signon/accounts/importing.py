"""Importing accounts in bulk: the whole file is checked first, then batches are committed.

A batch is a unit of its own, and a line whose account is there already is passed over. So an
import that was killed goes on when it is run again, no lock is held for long, and memory does
not grow with the file (docs/decisions/0010). With a bad line nothing is imported at all, unless
the others are asked for.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import bindparam, insert, select
from sqlalchemy.exc import IntegrityError

from signon import ids, rows
from signon.accounts import credentials, foreign_hashes, import_file, numbers, password_work
from signon.accounts.creation import NewRow, row_of
from signon.accounts.directory import username_key
from signon.accounts.found_by import Named
from signon.accounts.hashing import Hasher
from signon.accounts.import_file import Line, moment
from signon.accounts.models import accounts
from signon.accounts.password_work import Budget
from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.rows import BadLine
from signon.searching import entries

Item = TypeVar("Item")

BATCH = 1000
MAX_TRIES = 5
"""A number or a name that somebody else takes in between makes a batch start again."""
IMPORTED_DISABLED = "Disabled before it was imported."

Progress = Callable[[str, int], AbstractContextManager[Callable[..., object]]]
"""Shows how far it is: given a title and a total, a function to be called with steps done."""


@dataclass
class Report:
    """What an import did, or on a dry run would do."""

    file_sha256: str
    dry_run: bool
    lines: int = 0
    added: int = 0
    already_there: int = 0
    passwords_wrapped: int = 0
    without_password: int = 0
    bad_lines: list[BadLine] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Means:
    """What an import works with."""

    database: Database
    ring: KeyRing
    hasher: Hasher
    threads: int


@contextmanager
def _quietly(_title: str, _total: int) -> Iterator[Callable[..., object]]:
    yield lambda _steps=1: None


def run(
    means: Means,
    path: Path,
    *,
    dry_run: bool = False,
    skip_bad_lines: bool = False,
    encoding: str = "",
    progress: Progress = _quietly,
) -> Report:
    """Import a file. Raises InputError: it is none of accounts."""
    report = Report(rows.digest(path), dry_run)
    today = means.database.clock().date()
    _check(means, path, today, report, progress, encoding)
    if dry_run or (report.bad_lines and not skip_bad_lines):
        return report
    report.added = report.already_there = 0
    bad = {line.line for line in report.bad_lines}
    good = (
        line
        for line in import_file.read(path, today, encoding)
        if isinstance(line, Line) and line.number not in bad
    )
    with (
        progress("Importing", report.lines - len(bad)) as advance,
        _threads(means.threads) as pool,
    ):
        for batch in _batches(good):
            _import(means, pool, batch, report)
            advance(len(batch))
    return report


@contextmanager
def _threads(threads: int) -> Iterator[ThreadPoolExecutor]:
    pool = ThreadPoolExecutor(threads, "import")
    try:
        yield pool
    finally:
        # whoever interrupts an import does not wait for what has not begun
        pool.shutdown(cancel_futures=True)


def _batches(lines: Iterable[Item]) -> Iterator[list[Item]]:
    left = iter(lines)
    while batch := list(islice(left, BATCH)):
        yield batch


# ── First: is every line sound? ──────────────────────────────────────────────


def _check(
    means: Means, path: Path, today: Any, report: Report, progress: Progress, encoding: str
) -> None:
    """Count the lines, and gather those that cannot be imported."""
    seen: set[int] = set()
    with means.database.reading() as unit:
        in_use = credentials.works_in_use(unit)
    budget = Budget({*in_use, means.hasher.work})
    # the number of lines is not known before they are read
    with progress("Checking", path.stat().st_size) as advance:
        for batch in _batches(import_file.read(path, today, encoding)):
            report.lines += len(batch)
            report.bad_lines += [line for line in batch if isinstance(line, BadLine)]
            sound = _not_repeated(batch, seen, report)
            with means.database.reading() as unit:
                new = _compare(unit, sound, report)
            report.bad_lines += _too_dear(means, budget, new)
            advance(sum(map(_size, batch)))
    report.bad_lines.sort(key=lambda bad: bad.line)


def _size(line: Line | BadLine) -> int:
    """About how many bytes of the file it stands for."""
    return 150 if isinstance(line, BadLine) else 100 + len(line.password_hash)


def _not_repeated(batch: Iterable[Line | BadLine], seen: set[int], report: Report) -> list[Line]:
    """Sound lines whose username and number are in no earlier line; eight bytes remember each."""
    sound = []
    for line in batch:
        if isinstance(line, BadLine):
            continue
        marks = {_mark("username", _key(line))}
        if line.account_number:
            marks.add(_mark("number", line.account_number))
        if marks & seen:
            report.bad_lines.append(BadLine(line.number, "repeats a username or account_number"))
        else:
            sound.append(line)
        seen |= marks
    return sound


def _mark(kind: str, text: str) -> int:
    return int.from_bytes(hashlib.blake2b(f"{kind}:{text}".encode(), digest_size=8).digest())


def _too_dear(means: Means, budget: Budget, lines: Iterable[Line]) -> Iterator[BadLine]:
    """Lines with hashes that would make every wrong password too costly."""
    for line in lines:
        if line.password_hash:
            foreign = foreign_hashes.parse(line.password_hash)
            why = budget.refusal(password_work.of_foreign(foreign, means.hasher.argon2))
            if why:
                yield BadLine(line.number, f"password_hash: {why}")


def _compare(unit: Unit, lines: Sequence[Line], report: Report) -> list[Line]:
    """Count what is there already; answers the lines that can make an account."""
    new = []
    known = _known(unit, lines)
    taken = _taken(unit, [line.account_number for line in lines if line.account_number])
    for line in lines:
        there = known.get(_key(line))
        if there is None:
            if line.account_number in taken:
                report.bad_lines.append(BadLine(line.number, "account_number is taken"))
            else:
                new.append(line)
            report.added += 1
            report.passwords_wrapped += line.is_weak
            report.without_password += not line.password_hash
        elif _is_same(there, line):
            report.already_there += 1
        else:
            report.bad_lines.append(
                BadLine(line.number, "username is taken by another person's account")
            )
    return new


# ── Then: write them ─────────────────────────────────────────────────────────


def _import(means: Means, pool: ThreadPoolExecutor, batch: Sequence[Line], report: Report) -> None:
    """One batch: look what is new, wrap weak passwords with no connection held, write."""
    with means.database.reading() as unit:
        known = _known(unit, batch)
    new = [line for line in batch if _key(line) not in known]

    def stored(line: Line) -> str:
        return foreign_hashes.prepare(foreign_hashes.parse(line.password_hash), means.hasher.argon2)

    weak = [line for line in new if line.is_weak]
    wrapped = dict(zip((_key(line) for line in weak), pool.map(stored, weak), strict=True))
    for attempt in range(MAX_TRIES):
        try:
            with means.database.writing() as unit:
                report.added += _write(unit, means.ring, new, wrapped, report)
            break
        except IntegrityError:
            if attempt + 1 == MAX_TRIES:
                raise
    report.already_there += len(batch) - len(new)


def _write(
    unit: Unit, ring: KeyRing, lines: Sequence[Line], wrapped: Mapping[str, str], report: Report
) -> int:
    """Insert what is still not there; answers how many."""
    known = _known(unit, lines)
    new = [line for line in lines if _key(line) not in known]
    if not new:
        return 0
    free = free_numbers(unit, sum(line.account_number is None for line in new))
    rows = [_row(unit, ring, line, wrapped, line.account_number or next(free)) for line in new]
    add(unit, rows)
    trail.record(
        unit,
        Event.ACCOUNTS_IMPORTED,
        actor=trail.COMMAND_LINE,
        file_sha256=report.file_sha256,
        first_line=new[0].number,
        last_line=new[-1].number,
        added=len(new),
    )
    return len(new)


def _row(unit: Unit, ring: KeyRing, line: Line, wrapped: Mapping[str, str], number: str) -> NewRow:
    account_id = ids.new_id()
    password = wrapped.get(_key(line), line.password_hash)
    row = row_of(unit, line.new, account_id)
    is_disabled = line.status.value == "disabled"
    return row._replace(
        number=number,
        **credentials.columns(ring, account_id, password)._asdict(),
        password_changed_at=moment(line.new.created_on) if password else None,
        status=line.status,
        status_reason=IMPORTED_DISABLED if is_disabled else None,
        upgraded_at=moment(line.upgraded_on) or row.upgraded_at,
        email_verified=line.email_verified,
        last_signed_in_at=moment(line.last_signed_in_on),
    )


def add(unit: Unit, rows: Sequence[NewRow]) -> None:
    """Write new accounts as they are, and what they are found by."""
    unit.execute(insert(accounts), [row._asdict() for row in rows])
    named = (Named(*(getattr(row, name) for name in Named._fields)) for row in rows)
    entries.put(unit, (entry for one in named for entry in one.entries()))


def free_numbers(unit: Unit, wanted: int) -> Iterator[str]:
    """So many account numbers that nobody has; until they are used somebody else may take one."""
    free: set[str] = set()
    while len(free) < wanted:
        drawn = {numbers.draw() for _ in range(wanted - len(free))}
        free |= drawn - _taken(unit, list(drawn))
    return iter(free)


def _key(line: Line) -> str:
    return username_key(line.new.username)


def _known(unit: Unit, lines: Sequence[Line]) -> dict[str, Any]:
    keys = [_key(line) for line in lines]
    return {row.username_key: row for row in unit.execute(_KNOWN, {"keys": keys})}


def _taken(unit: Unit, drawn: Sequence[str]) -> set[str]:
    return set(unit.execute(_TAKEN, {"numbers": list(drawn)}).scalars()) if drawn else set()


def _is_same(there: Any, line: Line) -> bool:
    """Whether the account of that username is the one that this line once made."""
    new = line.new
    return bool(
        there.kind == new.kind
        and (there.last_name, there.firm_name) == (new.last_name, new.firm_name)
        and line.account_number in {None, there.number}
    )


_KNOWN = select(
    accounts.c.username_key,
    accounts.c.number,
    accounts.c.kind,
    accounts.c.last_name,
    accounts.c.firm_name,
).where(accounts.c.username_key.in_(bindparam("keys", expanding=True)))
_TAKEN = select(accounts.c.number).where(
    accounts.c.number.in_(bindparam("numbers", expanding=True))
)
