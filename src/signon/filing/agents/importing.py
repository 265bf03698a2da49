"""Importing the pairs that a court's own system has: all of them or none.

A pair waits between its two logins until both are linked; then both people are mailed, and it holds a
day later (`upkeep`). What is there already stays as it is, and what one of the two has ended is not
brought back: a file knows less than they do.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.dialects.postgresql import insert

from signon import ids
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court, read_one
from signon.db import Database, Unit
from signon.errors import RefusedError
from signon.filing.agents import import_file
from signon.filing.agents.import_file import Keys, PairFile, PairLine
from signon.filing.agents.models import agent_pairs as table
from signon.filing.agents.pairs import PairState, Side
from signon.filing.agents.party import NO_AGENTS
from signon.filing.court import court_policy
from signon.filing.legacy_logins.importing import IsOwn, Progress, quietly
from signon.filing.models import legacy_logins, rights
from signon.filing.roles import ROLES, Role, in_order, permissions_of
from signon.prepared import constants, every
from signon.rows import BadLine

BATCH = 500
OWN_LINE = "is your own pair: somebody else has to import it"


@dataclass(frozen=True, slots=True)
class PairReport:
    """What an import did, or on a dry run would do; with bad lines, nothing.

    `known` stand there already, `ended` were ended by one of the two and stay so.
    """

    court: str
    file_sha256: str
    dry_run: bool
    lines: int
    bad_lines: Sequence[BadLine]
    added: int = 0
    known: int = 0
    ended: int = 0

    @property
    def counts(self) -> dict[str, int]:
        """What stands in the audit trail."""
        return {name: getattr(self, name) for name in ("lines", "added", "known", "ended")}


class Login(NamedTuple):
    """A court's login, as far as a pair has to know it."""

    key: str
    id: str
    email: str
    roles: Sequence[str]
    holder: str | None


@dataclass(frozen=True, slots=True)
class Importing:
    """How and by whom: as of legacy logins, `is_own` says which logins are those of whoever imports,
    `require` raises in the writing unit when they may no more and answers the colleague who asked,
    `finish` raises there when one has to.
    """

    database: Database
    actor: str = trail.COMMAND_LINE
    is_own: IsOwn = lambda _holder, _email: False
    require: Callable[[Unit], str | None] = lambda _unit: None
    finish: Callable[[Unit, PairReport], object] = lambda _unit, _report: None


def run(
    how: Importing, court_id: str, data: bytes, *, dry_run: bool, progress: Progress = quietly
) -> PairReport:
    """Import a file into a court, or with bad lines report them and change nothing.

    Raises NotFoundError (no such court), InputError (not such a file), RefusedError.
    """
    with how.database.reading() as unit:
        court = read_one(unit, court_id)
        logins = _logins(unit, court)
    if not court_policy.has_agents(court):
        raise RefusedError(NO_AGENTS, f"There are no filing agents at {court.name}.")
    file = import_file.read(data, court)
    bad = sorted([*file.bad, *_bad(file.lines, logins, how.is_own)], key=lambda one: one.line)
    lines = len(file.lines) + len(file.bad)
    if bad:
        return PairReport(court.id, file.digest, dry_run, lines, bad)
    with how.database.reading() as unit:
        report = _report(unit, court, file, logins, dry_run=dry_run)
    if dry_run:
        return report
    with how.database.writing() as unit, progress("Pairs", lines) as advance:
        return _write(unit, how, court, file, advance)


def _write(
    unit: Unit, how: Importing, court: Court, file: PairFile, advance: Callable[[], object]
) -> PairReport:
    asked_by = how.require(unit)
    logins = _logins(unit, court)
    if _bad(file.lines, logins, how.is_own):
        told = "The court’s logins changed while the file was read, so nothing was: import again."
        raise RefusedError("changed_meanwhile", told)
    report = _report(unit, court, file, logins, dry_run=False)
    there = _there(unit, court)
    new = [one for one in file.lines if _ids(one, logins) not in there]
    for start in range(0, len(new), BATCH):
        some = new[start : start + BATCH]
        made = [_row(unit, how.actor, asked_by, court, one, logins) for one in some]
        unit.execute(insert(table).on_conflict_do_nothing(), made)
        for _ in some:
            advance()
    trail.record(
        unit,
        Event.AGENTS_IMPORTED,
        actor=how.actor,
        court_id=court.id,
        file_sha256=file.digest,
        counts=report.counts,
    )
    how.finish(unit, report)
    return report


def _report(
    unit: Unit, court: Court, file: PairFile, logins: Mapping[str, Login], *, dry_run: bool
) -> PairReport:
    there = _there(unit, court)
    found = [there.get(_ids(line, logins)) for line in file.lines]
    ended = sum(one is False for one in found)
    known = sum(one is True for one in found)
    lines = len(file.lines)
    return PairReport(
        court.id, file.digest, dry_run, lines, (), lines - known - ended, known, ended
    )


def _bad(lines: Iterable[PairLine], logins: Mapping[str, Login], is_own: IsOwn) -> list[BadLine]:
    return [BadLine(one.number, why) for one in lines if (why := _problem(one, logins, is_own))]


def _problem(line: PairLine, logins: Mapping[str, Login], is_own: IsOwn) -> str:
    principal, agent = (logins.get(key) for key in line.keys)
    if principal is None or agent is None:
        names = zip(import_file.REQUIRED, (principal, agent), strict=True)
        missing = " and ".join(name for name, one in names if one is None)
        return f"{missing}: the court has no such login"
    if is_own(principal.holder, principal.email) or is_own(agent.holder, agent.email):
        return OWN_LINE
    if not any(ROLES[role].may_be_principal for role in in_order(principal.roles)):
        return "principal_login has a role for which nobody else may file"
    if Role.FILING_AGENT not in agent.roles:
        return "agent_login has no role of a filing agent"
    held = permissions_of(principal.roles)
    lacking = [one for one in line.bounds.permissions or () if one not in held]
    return f"permissions: the principal has not {', '.join(lacking)}" if lacking else ""


def _ids(line: PairLine, logins: Mapping[str, Login]) -> Keys:
    principal, agent = line.keys
    return logins[principal].id, logins[agent].id


def _row(
    unit: Unit,
    actor: str,
    asked_by: str | None,
    court: Court,
    line: PairLine,
    logins: Mapping[str, Login],
) -> dict[str, Any]:
    principal_id, agent_id = _ids(line, logins)
    return {
        "id": ids.new_id(),
        "court_id": court.id,
        "state": PairState.WAITING.value,
        "principal_login_id": principal_id,
        "agent_login_id": agent_id,
        "version": 1,
        "created_at": unit.now,
        "imported_by": actor,
        "import_asked_by": asked_by,
        **line.bounds.columns()._asdict(),
    }


def _logins(unit: Unit, court: Court) -> dict[str, Login]:
    return {one.key: one for one in _of_court(unit, court.id)}


def _there(unit: Unit, court: Court) -> dict[Keys, bool]:
    """The pairs of two logins, and whether they are open; what neither of the two ended may come
    again.
    """
    found: dict[Keys, bool] = {}
    for principal_id, agent_id, is_ended in _pairs(unit, court.id):
        keys = (principal_id, agent_id)
        found[keys] = found.get(keys, False) or not is_ended
    return found


@every(Login)
def _of_court(court_id: str) -> Select[*tuple[Any, ...]]:
    linked = (rights.c.legacy_login_id == legacy_logins.c.id) & rights.c.ended_at.is_(None)
    return (
        select(
            legacy_logins.c.login_key.label("key"),
            legacy_logins.c.id,
            legacy_logins.c.email,
            legacy_logins.c.roles,
            rights.c.account_id.label("holder"),
        )
        .select_from(legacy_logins.outerjoin(rights, linked))
        .where(legacy_logins.c.court_id == court_id)
    )


def _stood(principal_id: str, agent_id: str, ended_by: str | None) -> tuple[str, str, bool]:
    return principal_id, agent_id, ended_by is not None


@every(_stood)
def _pairs(court_id: str) -> Select[*tuple[Any, ...]]:
    """Open ones, and those that somebody ended."""
    by_somebody = table.c.ended_by.in_(
        constants(Side.PRINCIPAL.value, Side.AGENT.value, Side.COURT.value)
    )
    return select(table.c.principal_login_id, table.c.agent_login_id, table.c.ended_by).where(
        table.c.court_id == court_id,
        table.c.principal_login_id.is_not(None),
        table.c.ended_at.is_(None) | by_somebody,
    )
