"""`signon accounts`: making and finding accounts, and what operators do with them."""

import sys
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from signon.accounts import (
    creation,
    credentials,
    directory,
    finding,
    history,
    importing,
    passwords,
)
from signon.accounts.hashing import Hasher
from signon.accounts.importing import Report
from signon.accounts.models import AccountKind, AccountStatus
from signon.audit.trail import COMMAND_LINE
from signon.cli import account_acts
from signon.cli.account_acts import Number, summary
from signon.cli.terminal import AsJson, Workplace, progress, say, show, show_all, workplace
from signon.errors import InputError
from signon.recovery import starting
from signon.web.paging import decode, encode

commands = typer.Typer()

commands.add_typer(account_acts.commands)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(f"{text!r} is not a day: write it as 1980-01-31.") from None


Day = Annotated[date | None, typer.Option(parser=_day, metavar="YYYY-MM-DD")]
LIST_COLUMNS = ("account_number", "kind", "username", "name", "status", "upgraded")


@commands.command()
def create(
    kind: Annotated[AccountKind, typer.Option()],
    username: Annotated[str, typer.Option()],
    email: Annotated[str, typer.Option()],
    first_name: Annotated[str | None, typer.Option()] = None,
    last_name: Annotated[str | None, typer.Option()] = None,
    date_of_birth: Day = None,
    firm_name: Annotated[str | None, typer.Option()] = None,
    created_on: Day = None,
    email_verified: Annotated[
        bool, typer.Option("--email-verified", help="You answer for the address: no proof by mail.")
    ] = False,
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help="Read the password from standard input.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Make an account and print its number.

    Individuals need names and a date of birth, firms --firm-name. An individual or firm
    created on a day before 2014-08-11 is a legacy account. Without --password-stdin the person
    is mailed a link to choose a password, which works once within a day.
    """
    wanted = creation.NewAccount(
        kind=kind,
        username=username,
        email=email,
        first_name=first_name,
        last_name=last_name,
        date_of_birth=date_of_birth,
        firm_name=firm_name,
        created_on=created_on,
    )
    with workplace() as at:
        creation.checked(wanted, at.database.clock().date())
        hashed = _hashed(at, wanted, _read_password()) if password_stdin else None
        with at.database.writing() as unit:
            made = creation.create(
                unit,
                at.ring,
                wanted,
                password_hash=hashed,
                actor=COMMAND_LINE,
                email_verified=email_verified,
            )
            if hashed is None:
                starting.invite(unit, at.settings, made, actor=COMMAND_LINE)
    show(summary(made), as_json=as_json)
    if hashed is None:
        say(f"A link to choose a password is mailed to {made.email}.")


@commands.command("show")
def show_one(number: Number, as_json: AsJson = False) -> None:
    """Show one account."""
    with workplace() as at, at.database.reading() as unit:
        found = directory.details(unit, number)
        left = credentials.guesses_left(unit, found["sub"], at.settings.login_failures_cap)
    show(found | {"password_guesses_left": left}, as_json=as_json)


@commands.command("list")
def list_all(
    kind: Annotated[AccountKind | None, typer.Option()] = None,
    account_status: Annotated[AccountStatus | None, typer.Option("--status")] = None,
    after: Annotated[str, typer.Option(metavar="N", help="Go on after this number.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 100,
    as_json: AsJson = False,
) -> None:
    """List accounts in the order of their numbers, --limit of them at a time."""
    with workplace() as at, at.database.reading() as unit:
        found = directory.listed(
            unit, kind=kind, status=account_status, after=after, limit=limit + 1
        )
    page = found[:limit]
    show_all([summary(account) for account in page], LIST_COLUMNS, as_json=as_json)
    if len(found) > limit:
        say(f"There are more: add --after {page[-1].number}.")


@commands.command()
def find(
    text: Annotated[str, typer.Argument(help="Number, username, e-mail address or name.")],
    after: Annotated[str, typer.Option(metavar="CURSOR", help="Go on where a page ended.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1_000)] = 100,
    as_json: AsJson = False,
) -> None:
    """Find accounts: what is exactly so, else what begins so in a name, username or address."""
    place = decode(after) if after else ""
    with workplace() as at, at.database.reading() as unit:
        found = finding.find(unit, text, after=place, limit=limit + 1)
    page = found[:limit]
    show_all([summary(one.row) for one in page], LIST_COLUMNS, as_json=as_json)
    if len(found) > limit:
        say(f"There are more: add --after {encode(page[-1].after)}.")


@commands.command("history")
def history_of(
    number: Number,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    as_json: AsJson = False,
) -> None:
    """Show what was changed of an account, newest first, with the values before and after."""
    with workplace() as at, at.database.reading() as unit:
        account_id = directory.details(unit, number)["sub"]
        rows = [change.shown() for change in history.changes(unit, account_id, limit=limit)]
    show_all(rows, ("id", "at", "actor", "subject", "before", "after"), as_json=as_json)


@commands.command("import")
def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.csv", help="CSV, usually in UTF-8.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Check every line and change nothing.")
    ] = False,
    skip_bad_lines: Annotated[
        bool, typer.Option("--skip-bad-lines", help="Import the good lines all the same.")
    ] = False,
    encoding: Annotated[
        str, typer.Option("--encoding", help="Of the file, such as windows-1252.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Import accounts in bulk; run it again after it was interrupted, and it goes on.

    Columns: username,email,kind (individual, shared or firm) and, as far as they are known,
    account_number, first_name,middle_name,last_name,date_of_birth,firm_name,user_type,
    created_on,upgraded_on,last_signed_in_on, status (active or disabled), password_hash,
    email_verified (yes where you answer for the address, else no),
    phone,street,city,state,postal_code,county,country. Days are like 1975-12-10.
    Password hashes: Argon2id, bcrypt, crypt's $1$ $5$ $6$ and DES, $pbkdf2-sha256$, LDAP's
    {SHA} {SSHA} {MD5}; weak ones are wrapped in Argon2id, and each becomes one of ours at its
    first right use. Whoever has none gets a link by `accounts recover` or asks for it.
    Lines whose account is there already are passed over. With a bad line nothing is changed,
    unless --skip-bad-lines is given.
    """
    with workplace() as at:
        means = importing.Means(
            at.database, at.ring, Hasher(at.settings), at.settings.hashing_threads
        )
        report = importing.run(
            means,
            file,
            dry_run=dry_run,
            skip_bad_lines=skip_bad_lines,
            encoding=encoding,
            progress=progress,
        )
    _show_report(report, as_json=as_json)
    if report.bad_lines:
        done = "the others were imported" if skip_bad_lines else "nothing was changed"
        raise InputError(
            f"{len(report.bad_lines)} of {report.lines} lines cannot be imported; {done}: "
            "correct them and import the file again."
        )


def _show_report(report: Report, *, as_json: bool) -> None:
    values = asdict(report)
    if not as_json:
        for bad in report.bad_lines:
            typer.echo(f"line {bad.line}: {bad.reason}")
        values["bad_lines"] = len(report.bad_lines)
    show(values, as_json=as_json)


def _hashed(at: Workplace, wanted: creation.NewAccount, password: str) -> str:
    """The password's hash. Raises InputError when the policy does not take it."""
    words = passwords.words_of(
        username=wanted.username,
        email=wanted.email,
        names=(wanted.first_name, wanted.last_name, wanted.firm_name),
    )
    passwords.require_acceptable(password, at.settings.password_policy, words)
    return Hasher(at.settings).hash(password)


def _read_password() -> str:
    """All of standard input, without one final newline."""
    try:
        return sys.stdin.buffer.read().decode().removesuffix("\n")
    except UnicodeDecodeError:
        raise InputError("The password on standard input is not UTF-8.") from None
