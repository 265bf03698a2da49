"""The console's training certificates: the list, one more, many from a list, withdrawing."""

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
from signon.filing.court.desk import Desk
from signon.filing.court.pages.shell import Console
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
        """The list with its forms, and withdrawing."""
        route = self._console.route
        return [
            route("/certificates", self.show),
            route("/certificates", self.record, method="POST"),
            route("/certificates/list", self.show),
            route("/certificates/list", self.record_list, method="POST"),
            route("/certificates/{certificate}", self.show),
            route("/certificates/{certificate}", self.withdraw, method="POST"),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/court/casb/certificates`."""
        return await self._page(request, done=DONE.get(parameters.query(request).text("done"), ""))

    async def record(self, request: Request) -> Response:
        """POST: one certificate."""
        fields = await self._console.submitted(request)
        typed = {name: fields.text(name) for name in FIELDS}
        try:
            wanted = certificate_file.wanted_of(certificate_file.numbered(1, typed))
            seen, _ = await self._console.do(request, certification.RECORD, wanted)
        except NotFoundError as error:
            wrong = FieldError("account_number", error.told)
            return await self._page(request, errors=[wrong], typed=typed)
        except (InputError, RefusedError) as error:
            return await self._page(request, errors=[problem(error)], typed=typed)
        return self._console.go(seen, f"certificates?done={certification.RECORD.name}")

    async def record_list(self, request: Request) -> Response:
        """POST: the lines of a CSV file; the page reports each of them."""
        fields = await self._console.submitted(request)
        text = fields.get("lines") or ""
        try:
            lines = certificate_file.read(text.encode())
        except InputError as error:
            return await self._page(
                request, errors=[FieldError("lines", error.sentence)], typed={"lines": text}
            )
        _, reports = await self._console.do(request, certificate_file.RECORD, lines)
        return await self._page(request, reports=reports)

    async def withdraw(self, request: Request) -> Response:
        """POST: it counts no more."""
        fields = await self._console.submitted(request)
        certificate, reason = request.path_params["certificate"], fields.text("reason")
        try:
            seen, _ = await self._console.do(request, certification.WITHDRAW, certificate, reason)
        except (InputError, RefusedError) as error:
            # the page holds many such forms: the summary alone says what is wrong
            wrong = problem(error, {"reason": None})
            return await self._page(request, errors=[wrong])
        return self._console.go(seen, f"certificates?done={certification.WITHDRAW.name}")

    async def _page(
        self,
        request: Request,
        *,
        done: str = "",
        errors: Sequence[FieldError] = (),
        typed: Mapping[str, str] | None = None,
        reports: Sequence[LineReport] = (),
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
            options=[
                ("", "Choose one"),
                *((role.value, ROLES[role].label) for role in offered_roles(seen.who.court)),
            ],
            typed=dict.fromkeys((*FIELDS, "lines"), "") | dict(typed or {}),
            reports=[(one.line, OUTCOMES[one.outcome], one.reason or "") for one in reports],
        )


def _list(unit: Unit, desk: Desk, asked: Parameters) -> list[Certificate]:
    after = asked.text("after")
    return certificate_lists.find(
        unit,
        desk.court,
        number=asked.text("account_number"),
        after=paging.decode(after) if after else "",
        limit=SHOWN + 1,
    )
