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
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.court import requests
from signon.filing.court.at_court import AT, AtCourt, at, court_router
from signon.filing.court.desk import Desk, Power
from signon.filing.court.requests_shown import WAITS, accepted
from signon.filing.court.second_member import SecondMemberError, Wanted
from signon.filing.legacy_logins import importing, legacy_lists
from signon.filing.legacy_logins.import_file import OPTIONAL, REQUIRED
from signon.filing.legacy_logins.import_requests import Sender
from signon.filing.legacy_logins.import_rows import Change
from signon.filing.legacy_logins.importing import Means, Report
from signon.filing.legacy_logins.legacy_lists import ListedLogin
from signon.filing.legacy_logins.legacy_logins import LoginStatus
from signon.filing.linking import proof_mails
from signon.rest import DONE, Answer, Call, Sheet, declared
from signon.rest.parameters import Asked, CourtId, Paged
from signon.web.json_bodies import Body, Shown
from signon.web.paging import Page
from signon.web.problems import ApiError

MOST_WEAK = 200
"""Slow hashes in one call."""


class CourtLogin(Shown):
    """A legacy login; `status` is `linked` once it has moved to an account."""

    id: str
    login: str
    first_name: str
    last_name: str
    bar_id: str | None
    email: str
    roles: list[str]
    cases: list[str] | None
    status: str
    account_number: str | None


class CourtLogins(Shown):
    """A page of logins, by their names."""

    legacy_logins: list[CourtLogin]


class LoginLine(Body):
    """A legacy login as the import's file has it (docs/courts.md)."""

    login: str = Field(description="The name of the login.", examples=["aattorney"])
    password_hash: str = Field(
        "",
        repr=False,
        description="The password’s hash, in one of the notations of docs/courts.md; empty when "
        "there is none.",
    )
    first_name: str = Field(description="The holder’s first name.", examples=["Ada"])
    last_name: str = Field(description="The holder’s last name.", examples=["Attorney"])
    bar_id: str = Field("", description="The holder’s bar number.", examples=["123456"])
    email: str = Field(description="The holder’s address on file.", examples=["ada@example.org"])
    roles: list[str] = Field(
        description="The filing roles; docs/roles.md lists them.", examples=[["attorney"]]
    )
    status: str = Field(
        description="Whether it may file at the court.",
        json_schema_extra={"enum": [one.value for one in LoginStatus]},
    )
    cases: list[str] = Field(
        default_factory=list,
        description="The only cases that it may file in; none: all.",
        examples=[["3:26-cv-00017"]],
    )


class ImportedLogins(Sheet):
    """Logins to be added or brought up to date: all of them or none.

    `dry_run`: only say what would happen. `confirm`: the value of the problem
    `rights-would-shrink`, by whoever has read how many filers would lose rights.
    """

    legacy_logins: list[LoginLine] = Field(description="The court’s logins, each once.")
    dry_run: bool = Field(False, description="Only say what would happen.")
    confirm: str | None = Field(
        None,
        description="What the problem `rights-would-shrink` named, to agree to it.",
        examples=["b1946ac9"],
    )


class BadImportLine(Shown):
    """A line that cannot be imported; with one of them nothing is."""

    line: int
    reason: str


class ImportReport(Shown):
    """What was done, or on a dry run would be; `confirm` if filers would lose rights."""

    dry_run: bool
    done: bool
    lines: int
    bad_lines: list[BadImportLine]
    added: int
    updated: int
    linked: int
    rights_changed: int
    rights_shrunk: int
    confirm: str | None


class LoginsAsked(Paged):
    """Which logins."""

    q: str = Field("", description="The beginning of a login or a name.", examples=["att"])


class ImportAsked(Asked):
    """What goes beside a CSV file; JSON has it in its body."""

    dry_run: bool = Field(False, description="With CSV: only say what would happen.")
    confirm: str | None = Field(
        None,
        description="With CSV: what the problem `rights-would-shrink` named, to agree to it.",
        examples=["b1946ac9"],
    )


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
    responses=declared.refusals(importing.WOULD_SHRINK) | WAITS,
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


@operations.post(
    f"{AT}/legacy-logins/{{id}}/mail-proof",
    status_code=204,
    summary="Mail a link that proves the login to the address on file",
)
async def mail_login_proof(
    call: Call,
    court: CourtId,
    id: LoginId,  # noqa: A002  # the path's name
) -> Response:
    """It goes to the login's owner; nobody else sees the link."""
    rest = call.rest
    return await at(call, court).write(
        Power.MAIL_PROOFS, _mail, rest.settings.issuer, rest.ring, id
    )


async def _import(
    here: AtCourt, data: bytes, dry_run: bool, confirm: str | None, *, shift: int
) -> Response:
    desk = await _desk(here)
    digest = hashlib.sha256(data).hexdigest()
    asked: list[tuple[str, int]] = []

    def may_shrink(changes: Sequence[Change]) -> bool:
        asked.append((importing.agreement_to(digest, changes), len(changes)))
        return confirm == asked[-1][0]

    # hashing takes its time, and whoever sent this may be signed out by then
    sender = Sender(desk, digest, lambda unit: here.desk(unit, Power.IMPORT))
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
        return await _ask(here, first.wanted)
    except RefusedError as error:
        await here.note(desk, error, "legacy-logins")
        if error.reason != importing.WOULD_SHRINK:
            raise
        [(agreement, count)] = asked
        raise _would_shrink(agreement, count) from error
    return here.call.response(Answer(_shown(report, shift)))


async def _ask(here: AtCourt, wanted: Wanted) -> Response:
    """The call's own key is spent by then; what waits already is not asked for again."""

    def ask(unit: Unit) -> Answer:
        desk = here.desk(unit, Power.IMPORT)
        return accepted(desk.court, requests.ask(unit, desk, wanted))

    return here.call.response(await here.call.rest.database.write(ask))


async def _desk(here: AtCourt) -> Desk:
    """The desk of whoever may import: the import itself runs after this unit."""
    at: list[Desk] = []
    await here.write(Power.IMPORT, _keep, at)
    if not at:
        # sent before under this key: to import the same once more changes nothing
        await here.read(_keep, at)
    [desk] = at
    desk.require(Power.IMPORT)
    return desk


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


def _mail(unit: Unit, desk: Desk, issuer: str, ring: KeyRing, login_id: str) -> Answer:
    proof_mails.send_for_staff(unit, issuer, ring, desk, login_id)
    return DONE


def _keep(_unit: Unit, desk: Desk, at: list[Desk]) -> Answer:
    """Whoever may: the import itself runs after this unit."""
    at[:] = [desk]
    return DONE


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
