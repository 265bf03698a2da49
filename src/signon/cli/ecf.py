"""`signon ecf`: a court's legacy filer logins."""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any

import typer

from signon.accounts.hashing import Hasher
from signon.cli.terminal import AsJson, Workplace, progress, say, show, show_each, workplace
from signon.courts.registry import read_one
from signon.errors import InputError
from signon.filing.agents import importing as pair_importing
from signon.filing.legacy_logins import importing, legacy_logins, report_lines
from signon.filing.legacy_logins.import_changes import Change
from signon.filing.legacy_logins.import_file import CourtList
from signon.filing.legacy_logins.importing import Report, WouldShrinkError
from signon.rows import BadLine

commands = typer.Typer()

CourtId = Annotated[str, typer.Argument(metavar="COURT", help="The court's id, such as casb.")]
COLUMNS = ("login", "first_name", "last_name", "roles", "cases", "status", "account_number")


@commands.command("import")
def import_(
    court: CourtId,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="CSV, usually in UTF-8.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every line and change nothing.")
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="Let linked filers lose rights without asking.")
    ] = False,
    encoding: Annotated[
        str, typer.Option("--encoding", help="Of the file, such as windows-1252.")
    ] = "",
    report: Annotated[
        Path | None,
        typer.Option("--report", metavar="OUT.csv", help="Write bad lines and notices there."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Import a court's legacy logins: all of them or none.

    Columns: login,password_hash,first_name,last_name,bar_id,email,role,status and, where
    logins are limited to cases, cases; several roles or cases separated by semicolons; status
    active, disabled or locked. Logins that are not in the file stay as they are. For a login
    that is linked already the password is ignored; role, cases and status apply to the right,
    as far as the court has not decided by hand: over that goes a line with yes under override.
    """
    listed = CourtList(_read(file), encoding)

    def may_shrink(changes: Sequence[Change]) -> bool:
        return yes or (sys.stdin.isatty() and _agrees(changes))

    with workplace() as place:
        try:
            done = importing.run(
                _means(place),
                court,
                listed,
                dry_run=dry_run,
                may_shrink=may_shrink,
                progress=progress,
            )
        except WouldShrinkError as error:
            _show(error.report, as_json=as_json)
            raise
    if report is not None:
        _write_report(report, done)
    _show(done, as_json=as_json)
    _refuse(done.bad_lines, done.lines)


@commands.command("import-agents")
def import_agents(
    court: CourtId,
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="CSV in UTF-8.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every line and change nothing.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Import the pairs of filers and filing agents that a court has: all of them or none.

    Columns: principal_login,agent_login and, where there are bounds, permissions,cases,may_pay;
    several permissions or cases separated by semicolons; may_pay yes or no. A pair waits until both
    logins are linked; then both people are mailed, and it holds 24 hours later unless the principal
    ends it. Pairs that are there stay as they are, and those that somebody ended stay ended.
    """
    data = _read(file)
    with workplace() as place:
        how = pair_importing.Importing(place.database)
        report = pair_importing.run(how, court, data, dry_run=dry_run, progress=progress)
    values = asdict(report)
    if not as_json:
        values["bad_lines"] = _say_bad(report.bad_lines)
    show(values, as_json=as_json)
    _refuse(report.bad_lines, report.lines)


@commands.command("list")
def list_(court: CourtId, as_json: AsJson = False) -> None:
    """Show a court's legacy logins, and which accounts they are linked to."""
    with workplace() as place, place.database.reading() as unit:
        rows = legacy_logins.listed(unit, read_one(unit, court).id)
        show_each(rows, COLUMNS, as_json=as_json)


def _means(place: Workplace) -> importing.Means:
    return importing.Means(
        place.database, place.ring, Hasher(place.settings), place.settings.hashing_threads
    )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _agrees(changes: Sequence[Change]) -> bool:
    say(f"{len(changes)} linked filers would lose rights:")
    for change in changes[:20]:
        say(f"  {change.login}: {_told(change.before)} → {_told(change.after)}")
    if len(changes) > 20:
        say(f"  and {len(changes) - 20} more")
    return typer.confirm("Import all the same?", err=True)


def _told(right: Mapping[str, Any]) -> str:
    cases = ", ".join(right["cases"]) if right["cases"] else "not limited to cases"
    return f"{', '.join(right['roles'])} ({right['status']}, {cases})"


def _show(report: Report, *, as_json: bool) -> None:
    values = asdict(report)
    del values["agreement"]
    if as_json:
        values["notices"] = [one._asdict() for one in report.notices]
        values["changes"] = [one._asdict() for one in report.changes]
    else:
        for line in report_lines.of(report):
            typer.echo(line)
        for name in ("bad_lines", "notices", "changes"):
            values[name] = len(values[name])
    show(values, as_json=as_json)


def _say_bad(lines: Sequence[BadLine]) -> int:
    for bad in lines:
        typer.echo(f"line {bad.line}: {bad.reason}")
    return len(lines)


def _refuse(bad: Sequence[BadLine], lines: int) -> None:
    if bad:
        raise InputError(
            f"{len(bad)} of {lines} lines cannot be imported, so nothing was changed: correct them "
            "and import the file again."
        )


def _write_report(path: Path, report: Report) -> None:
    try:
        path.write_text(report_lines.as_csv(report), encoding="utf-8", newline="")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
