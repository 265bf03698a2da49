"""Importing a court's legacy logins: all of them or none, nothing slow within a transaction.

Read and check the file → look at what is there → wrap weak passwords, with no connection held
→ one unit that writes everything. What was looked at may have changed meanwhile, so the last
step decides anew from the rows it holds.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Protocol

from signon.accounts import foreign_hashes, password_work
from signon.accounts.foreign_hashes import UnknownNotation
from signon.accounts.hashing import Hasher
from signon.accounts.password_work import Budget
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court, read_one
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import RefusedError
from signon.filing.legacy_logins import import_changes, import_file, import_rows
from signon.filing.legacy_logins.import_changes import Change, Known, Named, changes_of
from signon.filing.legacy_logins.import_file import CourtList, ImportFile, ImportLine, Notice
from signon.filing.legacy_logins.import_rows import (
    Importer,
    known_logins,
    write_logins,
    write_rights,
)
from signon.rows import BadLine


@dataclass(frozen=True, slots=True)
class Report:
    """What an import did, or on a dry run would do; with bad lines, nothing.

    `agreement`, if filers lose rights: what names the file and just these filers, so that a
    program can say what it agrees to. `changes` names all that it changes, by login; `notices`
    are of lines that are taken all the same.
    """

    court: str
    file_sha256: str
    dry_run: bool
    lines: int
    bad_lines: Sequence[BadLine]
    added: int = 0
    updated: int = 0
    linked: int = 0
    rights_changed: int = 0
    rights_shrunk: int = 0
    passwords_wrapped: int = 0
    agreement: str = ""
    notices: Sequence[Notice] = ()
    changes: Sequence[Named] = ()

    @property
    def counts(self) -> dict[str, int]:
        """What stands in the audit trail."""
        names = "lines added updated linked rights_changed rights_shrunk passwords_wrapped"
        return {name: getattr(self, name) for name in names.split()}


@dataclass(frozen=True, slots=True)
class Means:
    """What an import works with."""

    database: Database
    ring: KeyRing
    hasher: Hasher
    threads: int


class WouldShrinkError(RefusedError):
    """Filers would lose rights and nobody agreed to it; `report` says who, and all else."""

    def __init__(self, report: Report) -> None:
        super().__init__(
            WOULD_SHRINK,
            f"{report.rights_shrunk} linked filers would lose rights and nobody agreed to it, so "
            "nothing was changed: look with --dry-run, then import again with --yes.",
        )
        self.report = report


class TooManyWeakError(RefusedError):
    """There are more slow hashes than whoever waits for an answer may bring; `report` is the list's."""

    def __init__(self, report: Report, most: int) -> None:
        super().__init__(
            TOO_MANY_WEAK,
            f"{report.passwords_wrapped} passwords are weak hashes that must be wrapped first, which "
            f"takes long: send at most {most} of them at once, or import the list on the court’s "
            "console.",
        )
        self.report = report


class Wrapped(Protocol):
    """Keeps passwords that were wrapped, for whoever goes on after this process."""

    def known(self) -> Mapping[str, str]:
        """What there is, by the logins' keys."""
        ...

    def add(self, key: str, stored: str) -> None:
        """Keep the password of one login."""
        ...

    def keep(self) -> None:
        """Nothing follows for now."""
        ...


class _NotKept:
    def known(self) -> Mapping[str, str]:
        return {}

    def add(self, key: str, stored: str) -> None:
        return None

    def keep(self) -> None:
        return None


WOULD_SHRINK, TOO_MANY_WEAK = "rights_would_shrink", "too_many_weak_hashes"
OWN_LINE = "is your own login: somebody else has to import it"
IsOwn = Callable[[str | None, str], bool]
"""Whether whoever imports is the holder of a login, or has its address."""
NOT_KEPT: Wrapped = _NotKept()
Progress = Callable[[str, int], AbstractContextManager[Callable[[], object]]]
"""Shows how far it is: given a title and a total, a function to be called once a step."""


@contextmanager
def quietly(_title: str, _total: int) -> Iterator[Callable[[], object]]:
    """Shows nobody how far it is."""
    yield lambda: None


def run(
    means: Means,
    court_id: str,
    data: CourtList | bytes,
    *,
    dry_run: bool = False,
    may_shrink: Callable[[Sequence[Change]], bool] = lambda _changes: False,
    progress: Progress = quietly,
    actor: str = trail.COMMAND_LINE,
    is_own: IsOwn = lambda _holder, _email: False,
    most_weak: int | None = None,
    wrapped: Wrapped = NOT_KEPT,
    require: Callable[[Unit], str | None] = lambda _unit: None,
    finish: Callable[[Unit, Report], object] = lambda _unit, _report: None,
) -> Report:
    """Import a file into a court, or with bad lines report them and change nothing.

    `may_shrink` is asked when filers would lose rights. `is_own` says which logins are those of
    whoever imports: nobody imports their own. `most_weak`: how many weak passwords, each of which
    costs a slow hash, whoever waits for the answer may bring; `wrapped` keeps them meanwhile. `require` raises in the writing
    unit when whoever imports may no more, and answers the colleague who asked for it, if this
    confirms a request; `finish` raises there when one has to.
    Raises NotFoundError (no such court), InputError (not such a file), RefusedError.
    """
    with means.database.reading() as unit:
        court = read_one(unit, court_id)
        known = known_logins(unit, court)
    file = import_file.read(data, court.type)
    unlinked = [line for line in file.lines if not _is_linked(known, line)]
    weak, unknown = _weak_and_unknown(unlinked, _budget(means, known, unlinked), means)
    own = _own(known, file.lines, is_own)
    torn = import_changes.impossible(known, file.lines, court.type)
    bad = sorted([*file.bad, *unknown, *own, *torn], key=lambda line: line.line)
    changes = [] if bad else list(changes_of(known, file.lines))
    report = _report(court, file, bad, known, changes, wrapped=len(weak), dry_run=dry_run)
    if bad or dry_run:
        return report
    shrinking = [change for change in changes if change.shrinks]
    if shrinking and not may_shrink(shrinking):
        raise WouldShrinkError(report)
    if most_weak is not None and len(weak) > most_weak:
        raise TooManyWeakError(report, most_weak)
    with progress("Passwords", len(weak)) as advance:
        stored = _prepare(means, unlinked, weak, advance, wrapped)
    agreed = frozenset(change.right_id for change in shrinking)
    with means.database.writing() as unit:
        asked_by = require(unit)
        import_rows.hold(unit, court)
        known = known_logins(unit, court)
        if _own(known, file.lines, is_own):
            raise _changed("Whoever imports it")
        by = Importer(means.ring, court, actor, asked_by)
        report = _write(unit, by, file, known, stored, agreed, wrapped=len(weak))
        finish(unit, report)
        return report


def agreement_to(digest: str, shrinking: Sequence[Change]) -> str:
    """What names a file and the filers who lose rights by it."""
    named = "\0".join([digest, *sorted(change.right_id for change in shrinking)])
    return hashlib.sha256(named.encode()).hexdigest()[:32]


def _is_linked(known: Mapping[str, Known], line: ImportLine) -> bool:
    found = known.get(line.key)
    return found is not None and found.right_id is not None


def _budget(means: Means, known: Mapping[str, Known], unlinked: Iterable[ImportLine]) -> Budget:
    """What the passwords that stay as they are leave to the file's."""
    replaced = {line.key for line in unlinked}
    staying = {one.work for key, one in known.items() if one.work and key not in replaced}
    return Budget({*staying, means.hasher.work})


def _weak_and_unknown(
    lines: Iterable[ImportLine], budget: Budget, means: Means
) -> tuple[frozenset[str], list[BadLine]]:
    """The keys of those whose password must be wrapped, and those whose cannot be taken."""
    weak: set[str] = set()
    unknown: list[BadLine] = []
    for line in lines:
        if not line.password_hash:
            continue
        try:
            foreign = foreign_hashes.parse(line.password_hash)
            if why := budget.refusal(password_work.of_foreign(foreign, means.hasher.argon2)):
                unknown.append(BadLine(line.number, why))
            if foreign.is_weak:
                weak.add(line.key)
        except UnknownNotation as error:
            unknown.append(BadLine(line.number, str(error)))
    return frozenset(weak), unknown


def _own(known: Mapping[str, Known], lines: Iterable[ImportLine], is_own: IsOwn) -> list[BadLine]:
    """Those that are about whoever imports."""
    holders = {key: one.account_id for key, one in known.items()}
    return [
        BadLine(line.number, OWN_LINE)
        for line in lines
        if is_own(holders.get(line.key), line.email)
    ]


def _changed(who: str) -> RefusedError:
    return RefusedError(
        "changed_meanwhile",
        f"{who} linked a login while the file was read, so nothing was changed: import again.",
    )


def _prepare(
    means: Means,
    lines: Sequence[ImportLine],
    weak: frozenset[str],
    advance: Callable[[], object],
    wrapped: Wrapped,
) -> dict[str, str]:
    """Passwords as they are stored, by the logins' keys; Argon2 leaves Python to its threads."""

    def one(line: ImportLine) -> str:
        return foreign_hashes.prepare(foreign_hashes.parse(line.password_hash), means.hasher.argon2)

    stored = {line.key: line.password_hash for line in lines if line.key not in weak}
    stored |= {key: one for key, one in wrapped.known().items() if key in weak}
    left = weak - stored.keys()
    slow = [line for line in lines if line.key in left]
    pool = ThreadPoolExecutor(means.threads, "import")
    try:
        for line, password in zip(slow, pool.map(one, slow), strict=True):
            stored[line.key] = password
            wrapped.add(line.key, password)
            advance()
        wrapped.keep()
    finally:
        # whoever interrupts an import does not wait for what has not begun
        pool.shutdown(cancel_futures=True)
    return stored


def _write(
    unit: Unit,
    by: Importer,
    file: ImportFile,
    known: Mapping[str, Known],
    stored: Mapping[str, str],
    agreed: frozenset[str],
    *,
    wrapped: int,
) -> Report:
    """Write all of it, from what the rows say now that they are held."""
    changes = list(changes_of(known, file.lines))
    newly = any(change.shrinks and change.right_id not in agreed for change in changes)
    if newly or import_changes.impossible(known, file.lines, by.court.type):
        raise _changed("A filer")
    report = _report(by.court, file, (), known, changes, wrapped=wrapped, dry_run=False)
    write_logins(unit, by, file.lines, known, stored)
    event_id = trail.record(
        unit,
        Event.LEGACY_LOGINS_IMPORTED,
        actor=by.actor,
        court_id=by.court.id,
        file_sha256=file.digest,
        counts=report.counts,
    )
    write_rights(unit, by.court, changes, event_id)
    return report


def _report(
    court: Court,
    file: ImportFile,
    bad: Sequence[BadLine],
    known: Mapping[str, Known],
    changes: Sequence[Change],
    *,
    wrapped: int,
    dry_run: bool,
) -> Report:
    lines = len(file.lines) + len(file.bad)
    if bad:
        return Report(court.id, file.digest, dry_run, lines, bad, notices=file.notices)
    shrinking = [change for change in changes if change.shrinks]
    there = [known[line.key] for line in file.lines if line.key in known]
    return Report(
        court.id,
        file.digest,
        dry_run,
        lines,
        bad,
        added=lines - len(there),
        updated=len(there),
        linked=len([one for one in there if one.right_id]),
        rights_changed=len(changes),
        rights_shrunk=len(shrinking),
        passwords_wrapped=wrapped,
        agreement=agreement_to(file.digest, shrinking) if shrinking else "",
        notices=file.notices,
        changes=import_changes.named(known, file.lines),
    )
