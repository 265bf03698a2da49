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

from pydantic import Field
from starlette.routing import Route

from signon.accounts.hashing import Hasher
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing import desk as desks
from signon.filing import importing, legacy_lists, proof_mails, requests
from signon.filing.api.court import CourtRest, court_operation
from signon.filing.api.requests_shown import CourtRequest, accepted
from signon.filing.desk import Desk, Power
from signon.filing.import_file import OPTIONAL, REQUIRED
from signon.filing.import_requests import Sender
from signon.filing.import_rows import Change
from signon.filing.importing import Means, Report
from signon.filing.legacy_lists import ListedLogin
from signon.filing.second_member import SecondMemberError, Wanted
from signon.tokens.api import DONE, Answer, Call, Rendered
from signon.web.json_bodies import Body, Shown
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

    login: str
    password_hash: str = Field("", repr=False)
    first_name: str
    last_name: str
    bar_id: str = ""
    email: str
    roles: list[str]
    status: str
    cases: list[str] = Field(default_factory=list)


class ImportedLogins(Body):
    """Logins to be added or brought up to date: all of them or none.

    `dry_run`: only say what would happen. `confirm`: the value of the problem
    `rights-would-shrink`, by whoever has read how many filers would lose rights.
    """

    legacy_logins: list[LoginLine]
    dry_run: bool = False
    confirm: str | None = None


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


class LegacyLoginsApi:
    """Legacy logins for programs."""

    def __init__(self, rest: CourtRest) -> None:
        self._rest = rest
        base = rest.rest
        self._settings = base.settings
        self._ring = base.ring
        self._means = Means(base.database, base.ring, Hasher(base.settings), 1)

    def routes(self) -> list[Route]:
        """The list, the import, and the mail that proves one."""
        return self._rest.routes(
            [
                court_operation(
                    "GET", "/legacy-logins", self.list_legacy_logins,
                    "The court’s own filer logins", answer=CourtLogins, query=("q",),
                    is_paged=True,
                ),
                court_operation(
                    "POST", "/legacy-logins", self.import_legacy_logins,
                    "Add legacy logins or bring them up to date: all or none",
                    body=ImportedLogins, answer=ImportReport, takes_csv=True,
                    waits=CourtRequest,
                    query=("dry_run", "confirm"),
                ),
                court_operation(
                    "POST", "/legacy-logins/{id}/mail-proof", self.mail_login_proof,
                    "Mail a link that proves the login to the address on file", status=204,
                ),
            ]
        )  # fmt: skip

    async def list_legacy_logins(self, call: Call) -> Rendered:
        """By login or name."""
        return await self._rest.read(call, _list, call)

    async def import_legacy_logins(self, call: Call) -> Rendered:
        """JSON, or the command's CSV with `dry_run` and `confirm` in the address."""
        data, dry_run, confirm = _asked(call)
        # a file's first line names the columns
        shift = 0 if call.is_csv else 1
        at: list[Desk] = []
        await self._rest.write(call, Power.IMPORT, _keep, at)
        if not at:
            # sent before under this key: to import the same once more changes nothing
            await self._rest.read(call, _keep, at)
        [desk] = at
        desk.require(Power.IMPORT)
        digest = hashlib.sha256(data).hexdigest()
        asked: list[tuple[str, int]] = []

        def may_shrink(changes: Sequence[Change]) -> bool:
            asked.append((importing.agreement_to(digest, changes), len(changes)))
            return confirm == asked[-1][0]

        sender = Sender(
            # hashing takes its time, and whoever sent this may be signed out by then
            desk,
            digest,
            lambda unit: self._rest.desk(unit, call, Power.IMPORT),
        )
        run = partial(
            importing.run,
            self._means,
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
            return await self._ask(call, first.wanted)
        except RefusedError as error:
            note = partial(desks.note_refusal, desk=desk, error=error, origin=call.origin)
            await self._rest.rest.database.write(note, subject="legacy-logins")
            if error.reason != importing.WOULD_SHRINK:
                raise
            [(agreement, count)] = asked
            raise _would_shrink(agreement, count) from error
        return _rendered(_shown(report, shift))

    async def _ask(self, call: Call, wanted: Wanted) -> Rendered:
        """The call's own key is spent by then; what waits already is not asked for again."""

        def ask(unit: Unit) -> Answer:
            desk = self._rest.desk(unit, call, Power.IMPORT)
            return accepted(desk.court, requests.ask(unit, desk, wanted))

        return call.rendered(await self._rest.rest.database.write(ask))

    async def mail_login_proof(self, call: Call) -> Rendered:
        """To the login's owner; nobody else sees the link."""
        return await self._rest.write(
            call,
            Power.MAIL_PROOFS,
            _mail,
            self._settings.issuer,
            self._ring,
            call.path_params["id"],
        )


def _list(unit: Unit, desk: Desk, call: Call) -> Answer:
    rows = legacy_lists.find(
        unit,
        desk.court,
        words=call.query.text("q"),
        after=call.page.after or "",
        limit=call.page.look_ahead,
    )
    found, cursor = call.page.cut(rows, lambda one: one.key)
    return Answer(CourtLogins(legacy_logins=[_login(one) for one in found]), next_cursor=cursor)


def _mail(unit: Unit, desk: Desk, issuer: str, ring: KeyRing, login_id: str) -> Answer:
    proof_mails.send_for_staff(unit, issuer, ring, desk, login_id)
    return DONE


def _keep(_unit: Unit, desk: Desk, at: list[Desk]) -> Answer:
    """Whoever may: the import itself runs after this unit."""
    at[:] = [desk]
    return DONE


def _asked(call: Call) -> tuple[bytes, bool, str | None]:
    """The command's file, whether it is a dry run, and what was agreed to."""
    if call.is_csv:
        dry_run = call.query.get("dry_run") in {"true", "1"}
        return call.text.encode(), dry_run, call.query.get("confirm")
    body = call.body(ImportedLogins)
    return _as_file(body.legacy_logins), body.dry_run, body.confirm


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


def _rendered(body: ImportReport) -> Rendered:
    headers = {"content-type": "application/json", "cache-control": "no-store"}
    return Rendered(200, body.model_dump_json().encode(), headers)


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
