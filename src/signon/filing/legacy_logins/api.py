"""`/api/v1/courts/{court}/legacy-logins`: the court's own logins, by the rules of the command.

An import hashes and stages outside of any unit of work, so it does not run in the call's own; the
call's unit says first that whoever asks may do it.
"""

import asyncio
import csv
import hashlib
import io
from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.accounts.hashing import Hasher
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court import requests
from signon.filing.court.at_court import AT, AtCourt, at, court_router
from signon.filing.court.desk import Desk, Power
from signon.filing.court.requests_shown import accepted, waits
from signon.filing.court.second_member import SecondMemberError, WantedAct
from signon.filing.legacy_logins import importing, legacy_lists
from signon.filing.legacy_logins.import_file import OPTIONAL, REQUIRED
from signon.filing.legacy_logins.import_requests import Sender
from signon.filing.legacy_logins.import_rows import Change
from signon.filing.legacy_logins.importing import Means, Report
from signon.filing.legacy_logins.legacy_lists import ListedLogin
from signon.filing.legacy_logins.legacy_logins import LoginStatus
from signon.rest import DONE, Answer, Call, Sheet
from signon.rest.parameters import Asked, CourtId, Paged
from signon.rest.values import CaseNumbers, Email, Id, Number, RoleNames
from signon.web.acts import Act
from signon.web.json_bodies import Body, Shown
from signon.web.paging import Page
from signon.web.problems import ApiError

MOST_WEAK = 200
"""Slow hashes in one call."""


class CourtLogin(Shown):
    """A legacy login of the court."""

    id: Id
    """The login’s id, for mailing its owner a proof."""
    login: str
    """Name of the login at the court."""
    first_name: str
    """First name of its holder, as the court knows it."""
    last_name: str
    """Last name of its holder, as the court knows it."""
    bar_id: str | None
    """The holder’s bar number; null when the court gave none."""
    email: Email
    """The holder’s address on file at the court."""
    roles: RoleNames
    """Filing roles that come with it (docs/roles.md lists them)."""
    cases: CaseNumbers | None
    """The only cases that it may file in, by their numbers; null when it is not limited to
    cases.
    """
    status: str
    """What the court says of it, `active`, `disabled` or `locked`; `linked` once it has moved to an
    account.
    """
    account_number: Number | None
    """Number of the account that it was linked to; null while it is not."""


class CourtLogins(Shown):
    """A page of logins, by their names."""

    legacy_logins: list[CourtLogin]
    """Logins of this page, by their names."""


class LoginLine(Body):
    """A legacy login as the import's file has it (docs/courts.md)."""

    login: str = Field(examples=["aattorney"])
    """The name of the login."""
    password_hash: str = Field("", repr=False)
    """The password’s hash, in one of the notations of docs/courts.md; empty when there is none."""
    first_name: str = Field(examples=["Ada"])
    """The holder’s first name."""
    last_name: str = Field(examples=["Attorney"])
    """The holder’s last name."""
    bar_id: str = Field("", examples=["123456"])
    """The holder’s bar number."""
    email: str = Field(examples=["ada@example.org"])
    """The holder’s address on file."""
    roles: list[str] = Field(examples=[["attorney"]])
    """The filing roles; docs/roles.md lists them."""
    status: str = Field(json_schema_extra={"enum": [one.value for one in LoginStatus]})
    """Whether it may file at the court."""
    cases: list[str] = Field(default_factory=list, examples=[["3:26-cv-00017"]])
    """The only cases that it may file in; none: all."""


class ImportedLogins(Sheet):
    """Logins to be added or brought up to date: all of them or none.

    `dry_run`: only say what would happen. `confirm`: the value of the problem
    `rights-would-shrink`, by whoever has read how many filers would lose rights.
    """

    legacy_logins: list[LoginLine]
    """The court’s logins, each once."""
    dry_run: bool = False
    """Only say what would happen."""
    confirm: str | None = Field(None, examples=["b1946ac9"])
    """What the problem `rights-would-shrink` named, to agree to it."""


class BadImportLine(Shown):
    """A line that cannot be imported; with one of them nothing is."""

    line: int
    """Number of the line as it was sent; the first is 1, of a CSV file the heading."""
    reason: str
    """What is wrong with it, naming the column and never repeating a cell."""


class ImportReport(Shown):
    """What was done, or on a dry run would be."""

    dry_run: bool
    """Whether this only says what would happen."""
    done: bool
    """Whether anything was written: false on a dry run and with bad lines."""
    lines: int
    """How many lines were sent."""
    bad_lines: list[BadImportLine]
    """Lines that cannot be imported; with one of them nothing is."""
    added: int
    """How many logins are new."""
    updated: int
    """How many of the logins were there already, linked ones among them."""
    linked: int
    """How many of those have moved to an account."""
    rights_changed: int
    """How many filers’ rights change."""
    rights_shrunk: int
    """How many filers may do less afterwards."""
    confirm: str | None
    """What to send as `confirm` to agree that filers lose rights; null when none would."""


class LoginsAsked(Paged):
    """Which of the court’s logins are asked for."""

    q: str = Field("", examples=["att"])
    """The beginning of a login or a name."""


class ImportAsked(Asked):
    """What goes beside a CSV file; JSON has it in its body."""

    dry_run: bool = False
    """With CSV: only say what would happen."""
    confirm: str | None = Field(None, examples=["b1946ac9"])
    """With CSV: what the problem `rights-would-shrink` named, to agree to it."""


LoginId = Annotated[
    str,
    Path(
        description="The legacy login’s id, as the list has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
operations = court_router()


@operations.get(
    f"{AT}/legacy-logins", response_model=CourtLogins, summary="The court’s own filer logins"
)
async def list_legacy_logins(
    call: Call, court: CourtId, asked: Annotated[LoginsAsked, Query()]
) -> Response:
    """Found by login or name, in the order of their names."""
    return await at(call, court).read(_list, asked.q, asked.page)


@operations.post(
    f"{AT}/legacy-logins",
    response_model=ImportReport,
    summary="Add legacy logins or bring them up to date: all or none",
    responses=waits(
        "rights_would_shrink",
        "too_many_weak_hashes",
        "changed_meanwhile",
        "asker_may_not",
        "request_over",
    ),
)
async def import_legacy_logins(
    call: Call, court: CourtId, asked: Annotated[ImportAsked, Query()], sent: ImportedLogins
) -> Response:
    """JSON, or the command's CSV with `dry_run` and `confirm` in the address."""
    if sent.file is None:
        return await _import(
            at(call, court), _as_file(sent.legacy_logins), sent.dry_run, sent.confirm, shift=1
        )
    # a file's first line names the columns
    return await _import(at(call, court), sent.file.encode(), asked.dry_run, asked.confirm, shift=0)


async def _import(
    here: AtCourt, data: bytes, dry_run: bool, confirm: str | None, *, shift: int
) -> Response:
    desk = await importers_desk(here)
    digest = hashlib.sha256(data).hexdigest()
    asked: list[tuple[str, int]] = []

    def may_shrink(changes: Sequence[Change]) -> bool:
        asked.append((importing.agreement_to(digest, changes), len(changes)))
        return confirm == asked[-1][0]

    # hashing takes its time, and whoever sent this may be signed out by then
    sender = Sender(desk, digest, lambda unit: here.prove(unit, MAY_IMPORT))
    rest = here.call.rest
    run = partial(
        importing.run,
        Means(rest.database, rest.ring, Hasher(rest.settings), 1),
        desk.court.id,
        data,
        dry_run=dry_run,
        may_shrink=may_shrink,
        actor=desk.actor,
        is_own=sender.is_own,
        most_weak=MOST_WEAK,
        require=sender.require,
        finish=sender.finish,
    )
    try:
        report = await asyncio.to_thread(run)
    except SecondMemberError as first:
        return await ask_colleague(here, first.wanted)
    except RefusedError as error:
        await here.note(desk, error, "legacy-logins")
        if error.reason != importing.WOULD_SHRINK:
            raise
        [(agreement, count)] = asked
        raise _would_shrink(agreement, count) from error
    return here.call.response(Answer(_shown(report, shift)))


async def ask_colleague(here: AtCourt, wanted: WantedAct) -> Response:
    """File the request of an import: the call's own key is spent by then, and what waits already is not
    asked for again.
    """

    def ask(unit: Unit) -> Answer:
        return accepted(requests.ask(unit, here.prove(unit, MAY_IMPORT), wanted))

    return here.call.response(await here.call.rest.database.write(ask))


async def importers_desk(here: AtCourt) -> Desk:
    """The desk of whoever may import: the import itself runs after this unit."""
    at: list[Desk] = []
    await here.do(MAY_IMPORT, _begun, at)
    if not at:
        # sent before under this key: to import the same once more changes nothing
        return await here.call.rest.database.read(here.prove, MAY_IMPORT)
    return at[0]


def _list(unit: Unit, desk: Desk, words: str, page: Page) -> Answer:
    rows = legacy_lists.find(
        unit,
        desk.court,
        words=words,
        after=page.after or "",
        limit=page.look_ahead,
    )
    found, cursor = page.cut(rows, lambda one: one.key)
    return Answer(CourtLogins(legacy_logins=[_login(one) for one in found]), next_cursor=cursor)


def _keep(_unit: Unit, desk: Desk, at: list[Desk]) -> None:
    at[:] = [desk]


def _begun(_nothing: None) -> Answer:
    return DONE


MAY_IMPORT = Act("import", _keep, needs=Power.IMPORT)
"""Whoever may: the import itself runs after this unit."""


def _as_file(lines: Sequence[LoginLine]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow([*REQUIRED, *OPTIONAL])
    for one in lines:
        cells = {**one.model_dump(), "role": ";".join(one.roles), "cases": ";".join(one.cases)}
        writer.writerow([cells[name] for name in (*REQUIRED, *OPTIONAL)])
    return made.getvalue().encode()


def _would_shrink(agreement: str, count: int) -> ApiError:
    return ApiError(
        409,
        importing.WOULD_SHRINK,
        f"{count} linked filers would lose rights, so nothing was changed. Look with dry_run; to "
        "go on, send the same again with this confirm.",
        confirm=agreement,
        rights_shrunk=count,
    )


def _shown(report: Report, shift: int) -> ImportReport:
    bad = [BadImportLine(line=one.line - shift, reason=one.reason) for one in report.bad_lines]
    return ImportReport(
        dry_run=report.dry_run,
        done=not report.dry_run and not bad,
        lines=report.lines,
        bad_lines=bad,
        added=report.added,
        updated=report.updated,
        linked=report.linked,
        rights_changed=report.rights_changed,
        rights_shrunk=report.rights_shrunk,
        confirm=report.agreement or None,
    )


def _login(one: ListedLogin) -> CourtLogin:
    return CourtLogin(
        id=one.id,
        login=one.login,
        first_name=one.first_name,
        last_name=one.last_name,
        bar_id=one.bar_id,
        email=one.email,
        roles=list(one.roles),
        cases=None if one.cases is None else list(one.cases),
        status=one.status,
        account_number=one.account_number,
    )
