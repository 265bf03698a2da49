"""The console's training certificates: the list, one more, many from a list, withdrawing."""

from collections.abc import Mapping, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import Settings
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.certificates import certificate_file, certificate_lists, certification
from signon.filing.certificates.certificate_file import LineReport, Numbered
from signon.filing.certificates.certification import Certificate, Wanted
from signon.filing.court.court_policy import offered_roles
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console
from signon.filing.roles import ROLES
from signon.web import paging, parameters
from signon.web.parameters import Parameters
from signon.web.site import FieldError

SHOWN = 50
DONE = {
    "recorded": "The certificate is recorded.",
    "withdrawn": "The certificate is withdrawn; rights that need it rest.",
}
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
        self._settings = console.site.settings

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
            seen, _ = await self._console.write(
                request, Power.CERTIFY, _record, self._settings, wanted
            )
        except NotFoundError as error:
            return await self._page(
                request, errors=[FieldError("account_number", error.sentence)], typed=typed
            )
        except InputError as error:
            return await self._page(
                request, errors=[FieldError(error.field, error.sentence)], typed=typed
            )
        except RefusedError as error:
            return await self._page(request, errors=[FieldError(None, error.told)], typed=typed)
        return self._console.go(seen, "certificates?done=recorded")

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
        _, reports = await self._console.write(
            request, Power.CERTIFY, _record_all, self._settings, lines
        )
        return await self._page(request, reports=reports)

    async def withdraw(self, request: Request) -> Response:
        """POST: it counts no more."""
        fields = await self._console.submitted(request)
        certificate, reason = request.path_params["certificate"], fields.text("reason")
        try:
            seen, _ = await self._console.write(
                request, Power.CERTIFY, _withdraw, self._settings, certificate, reason
            )
        except NotFoundError:
            raise
        except (InputError, RefusedError) as error:
            return await self._page(request, errors=[FieldError(None, error.told)])
        return self._console.go(seen, "certificates?done=withdrawn")

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
            status=400 if errors else 200,
            errors=errors,
            done=done,
            found=shown,
            roles=ROLES,
            next_after=more,
            asked=asked.text("account_number"),
            options=[
                ("", "Choose one"),
                *((role.value, ROLES[role].label) for role in offered_roles(seen.desk.court)),
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


def _record(unit: Unit, desk: Desk, settings: Settings, wanted: Wanted) -> Certificate:
    return certification.record(unit, desk, settings, wanted)


def _record_all(
    unit: Unit, desk: Desk, settings: Settings, lines: list[Numbered]
) -> list[LineReport]:
    return certificate_file.record(unit, desk, settings, lines)


def _withdraw(
    unit: Unit, desk: Desk, settings: Settings, certificate_id: str, reason: str
) -> Certificate:
    return certification.withdraw(unit, desk, settings, certificate_id, reason)
