"""`/api/v1/courts/{court}/legacy-logins`: the court's own logins, by the rules of the command.

An import hashes and stages outside of any unit of work, so it does not run in the call's own; the
call's unit says first that whoever asks may do it.
"""

import asyncio
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
from signon.filing.court.desk import Desk
from signon.filing.court.requests_shown import accepted, waits
from signon.filing.court.second_member import SecondMemberError, WantedAct
from signon.filing.legacy_logins import import_requests, importing, legacy_lists
from signon.filing.legacy_logins.import_file import CourtList
from signon.filing.legacy_logins.import_requests import MAY_IMPORT
from signon.filing.legacy_logins.importing import Means, Report, WouldShrinkError
from signon.filing.legacy_logins.legacy_lists import ListedLogin
from signon.filing.legacy_logins.legacy_logins import LoginStatus
from signon.rest import DONE, Answer, Call, Sheet
from signon.rest.parameters import Asked, CourtId, Paged
from signon.rest.values import CaseNumbers, Email, Id, Number, RoleNames
from signon.rows import Row
from signon.web.json_bodies import Body, Shown
from signon.web.paging import Page
from signon.web.problems import ApiError


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
    """The holder’s address on file at the court; empty when the court gave none."""
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
    email: str = Field("", examples=["ada@example.org"])
    """The holder’s address on file; of several, the first is used. Empty when there is none: then
    no link can prove the login.
    """
    roles: list[str] = Field(examples=[["attorney"]])
    """The filing roles; docs/roles.md lists them."""
    status: str = Field(json_schema_extra={"enum": [one.value for one in LoginStatus]})
    """Whether it may file at the court."""
    cases: list[str] = Field(default_factory=list, examples=[["3:26-cv-00017"]])
    """The only cases that it may file in; none: all."""
    override: bool = False
    """Whether the line also goes over what the court decided by hand of a linked login."""


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


class ImportNotice(Shown):
    """What to know of a line that is imported all the same."""

    line: int
    """Number of the line, as of a bad one; 0 for the whole list."""
    text: str
    """What is not as usual with it."""


class ImportChange(Shown):
    """What a list changes, by login."""

    login: str
    """Name of the login at the court."""
    what: str = Field(json_schema_extra={"enum": ["new", "login", "right"]})
    """`new`, what the list says of the login itself (`login`), or what whoever it is linked to may
    file (`right`).
    """
    told: str
    """The change in words."""
    shrinks: bool
    """Whether a filer may do less afterwards."""


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
    notices: list[ImportNotice]
    """Lines that are imported all the same, and why they are not as usual."""
    changes: list[ImportChange]
    """Everything that changes, by login; empty with bad lines."""


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
        listed = CourtList(_rows(sent.legacy_logins))
        return await _import(at(call, court), listed, sent.dry_run, sent.confirm)
    listed = CourtList(sent.file.encode(), "utf-8")
    return await _import(at(call, court), listed, asked.dry_run, asked.confirm)


async def _import(here: AtCourt, listed: CourtList, dry_run: bool, confirm: str | None) -> Response:
    desk = await importers_desk(here)
    rest = here.call.rest
    run = partial(
        import_requests.run,
        Means(rest.database, rest.ring, Hasher(rest.settings), 1),
        desk,
        listed,
        lambda unit: here.prove(unit, MAY_IMPORT),
        dry_run=dry_run,
        confirm=confirm,
    )
    try:
        report = await asyncio.to_thread(run)
    except SecondMemberError as first:
        return await ask_colleague(here, first.wanted)
    except RefusedError as error:
        await here.note(desk, error, "legacy-logins")
        if isinstance(error, WouldShrinkError):
            raise _would_shrink(error.report) from error
        raise
    return here.call.response(Answer(_shown(report)))


async def ask_colleague(here: AtCourt, wanted: WantedAct) -> Response:
    """File the request of an import: the call's own key is spent by then, and what waits already is not
    asked for again.
    """

    def ask(unit: Unit) -> Answer:
        return accepted(requests.ask(unit, here.prove(unit, MAY_IMPORT), wanted))

    return here.call.response(await here.call.rest.database.write(ask))


async def importers_desk(here: AtCourt) -> Desk:
    """The desk of whoever may import: the import itself runs after this unit."""
    found: list[Desk] = []

    def keep(desk: Desk) -> Answer:
        found[:] = [desk]
        return DONE

    await here.do(MAY_IMPORT, keep)
    if not found:
        # sent before under this key: to import the same once more changes nothing
        return await here.call.rest.database.read(here.prove, MAY_IMPORT)
    return found[0]


def _list(unit: Unit, desk: Desk, words: str, page: Page) -> Answer:
    rows = legacy_lists.find(
        unit,
        desk.court,
        words=words,
        after=page.after or "",
        limit=page.look_ahead,
    )
    found, cursor = page.cut(rows, lambda one: one.after)
    return Answer(CourtLogins(legacy_logins=[_login(one.row) for one in found]), next_cursor=cursor)


def _rows(lines: Sequence[LoginLine]) -> list[Row]:
    return [Row(number, _cells(one)) for number, one in enumerate(lines, 1)]


def _cells(one: LoginLine) -> dict[str, str]:
    sent = one.model_dump(exclude={"roles", "cases", "override"})
    return {
        **{name: text.strip() for name, text in sent.items()},
        "role": ";".join(one.roles),
        "cases": ";".join(one.cases),
        "override": "yes" if one.override else "",
    }


def _would_shrink(report: Report) -> ApiError:
    return ApiError(
        409,
        importing.WOULD_SHRINK,
        f"{report.rights_shrunk} linked filers would lose rights, so nothing was changed. Look "
        "with dry_run; to go on, send the same again with this confirm.",
        confirm=report.agreement,
        rights_shrunk=report.rights_shrunk,
    )


def _shown(report: Report) -> ImportReport:
    bad = [BadImportLine(line=one.line, reason=one.reason) for one in report.bad_lines]
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
        notices=[ImportNotice(line=one.line, text=one.text) for one in report.notices],
        changes=[ImportChange(**one._asdict()) for one in report.changes],
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
