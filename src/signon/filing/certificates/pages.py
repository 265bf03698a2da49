"""The console's training certificates: the list; recording one, many, and withdrawing on pages of
their own.
"""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.certificates import certificate_file, certificate_lists, certification
from signon.filing.certificates.certificate_file import LineReport
from signon.filing.certificates.certification import Certificate
from signon.filing.court.court_policy import offered_roles
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.roles import ROLES
from signon.signin.shell import problem
from signon.web import paging, parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError

SHOWN = 50
DONE = {act.name: act.done for act in (certification.RECORD, certification.WITHDRAW)}
FIELDS = ("account_number", "role", "certified_on", "expires_on")
OUTCOMES = {
    certificate_file.RECORDED: "Recorded",
    certificate_file.ALREADY: "Was there already",
    certificate_file.REFUSED: "Refused",
}


class CertificatesSection:
    """Everybody of the staff looks; clerks and administrators record."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def routes(self) -> list[Route]:
        """The list, recording one or many, and withdrawing."""
        route = self._console.route
        return [
            route("/certificates", self.show),
            route("/certificates", self.record, method="POST"),
            route("/certificates/record", self.show_record),
            route("/certificates/list", self.show_list),
            route("/certificates/list", self.record_list, method="POST"),
            route("/certificates/{certificate}", self.show_withdraw),
            route("/certificates/{certificate}", self.withdraw, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/certificates`."""
        return await self._page(request, done=DONE.get(parameters.query(request).text("done"), ""))

    async def show_record(self, request: Request) -> Response:
        """GET: the form for one, for the account that the address may name."""
        asked = parameters.query(request).text("account_number")
        return await self._record(request, {"account_number": asked})

    async def record(self, request: Request) -> Response:
        """POST: one certificate."""
        fields = await self._console.submitted(request)
        typed = {name: fields.text(name) for name in FIELDS}
        try:
            wanted = certificate_file.wanted_of(certificate_file.numbered(1, typed))
            seen, _ = await self._console.do(request, certification.RECORD, wanted)
        except NotFoundError as error:
            wrong = FieldError("account_number", error.told)
            return await self._record(request, typed, [wrong])
        except (InputError, RefusedError) as error:
            return await self._record(request, typed, [problem(error)])
        return self._console.go(seen, f"certificates?done={certification.RECORD.name}")

    async def show_list(self, request: Request) -> Response:
        """GET: the form for many."""
        return await self._many(request)

    async def record_list(self, request: Request) -> Response:
        """POST: the lines of a CSV file; the page reports each of them."""
        fields = await self._console.submitted(request)
        text = fields.get("lines") or ""
        try:
            lines = certificate_file.read(text.encode())
        except InputError as error:
            return await self._many(request, text, errors=[FieldError("lines", error.sentence)])
        _, reports = await self._console.do(request, certificate_file.RECORD, lines)
        return await self._many(request, reports=reports)

    async def show_withdraw(self, request: Request) -> Response:
        """GET: what withdrawing does; the list where there is nothing to withdraw."""
        seen, found = await self._console.read(request, _one, request.path_params["certificate"])
        is_own = found.account.id == seen.who.actor
        if found.withdrawn_at or is_own or not seen.who.may(Power.CERTIFY):
            return await self._page(request)
        return self._withdraw(seen, found)

    async def withdraw(self, request: Request) -> Response:
        """POST: it counts no more."""
        fields = await self._console.submitted(request)
        certificate, reason = request.path_params["certificate"], fields.text("reason")
        try:
            seen, _ = await self._console.do(request, certification.WITHDRAW, certificate, reason)
        except InputError as error:
            seen, found = await self._console.read(request, _one, certificate)
            return self._withdraw(seen, found, [problem(error)], reason)
        except RefusedError as error:
            return await self._page(request, errors=[problem(error)])
        return self._console.go(seen, f"certificates?done={certification.WITHDRAW.name}")

    async def _page(
        self, request: Request, *, done: str = "", errors: Sequence[FieldError] = ()
    ) -> Response:
        asked = parameters.query(request)
        seen, found = await self._console.read(request, _list, asked)
        shown = found[:SHOWN]
        more = paging.encode(certificate_lists.key(shown[-1])) if len(found) > SHOWN else None
        return self._console.page(
            seen,
            "certificates",
            "court_certificates.html",
            errors=errors,
            done=done,
            found=shown,
            roles=ROLES,
            next_after=more,
            asked=asked.text("account_number"),
        )

    async def _record(
        self, request: Request, typed: Mapping[str, str], errors: Sequence[FieldError] = ()
    ) -> Response:
        seen, _ = await self._console.read(request, _nothing)
        offered = offered_roles(seen.who.court)
        return self._console.page(
            seen,
            "certificates",
            "court_certificate_new.html",
            errors=errors,
            options=[("", "Choose one"), *((role.value, ROLES[role].label) for role in offered)],
            typed=dict.fromkeys(FIELDS, "") | dict(typed),
        )

    async def _many(
        self,
        request: Request,
        lines: str = "",
        *,
        errors: Sequence[FieldError] = (),
        reports: Sequence[LineReport] = (),
    ) -> Response:
        seen, _ = await self._console.read(request, _nothing)
        return self._console.page(
            seen,
            "certificates",
            "court_certificate_lines.html",
            errors=errors,
            lines=lines,
            reports=[(one.line, OUTCOMES[one.outcome], one.reason or "") for one in reports],
        )

    def _withdraw(
        self,
        seen: Seen,
        found: Certificate,
        errors: Sequence[FieldError] = (),
        reason: str = "",
    ) -> Response:
        return self._console.page(
            seen,
            "certificates",
            "court_certificate_withdraw.html",
            errors=errors,
            one=found,
            certified_for=ROLES[found.role].label,
            reason=reason,
        )


def _one(unit: Unit, desk: Desk, certificate_id: str) -> Certificate:
    return certification.find(unit, desk.court, certificate_id)


def _nothing(_unit: Unit, _desk: Desk) -> None:
    return None


def _list(unit: Unit, desk: Desk, asked: Parameters) -> list[Certificate]:
    after = asked.text("after")
    return certificate_lists.find(
        unit,
        desk.court,
        number=asked.text("account_number"),
        after=paging.decode(after) if after else "",
        limit=SHOWN + 1,
    )
