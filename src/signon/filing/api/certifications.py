"""`/api/v1/courts/{court}/certifications`: training certificates for programs."""

from datetime import date, datetime

from pydantic import Field
from starlette.routing import Route

from signon.config import Settings
from signon.db import Unit
from signon.filing import certificate_file, certificate_lists, certification
from signon.filing.api.court import CourtRest, court_operation
from signon.filing.api.filers_shown import CourtReason
from signon.filing.certificate_file import LineReport, Numbered
from signon.filing.certification import Certificate, Wanted
from signon.filing.desk import Desk, Power
from signon.tokens.api import Answer, Call, Rendered
from signon.web.json_bodies import Body, Shown


class CourtCertificate(Shown):
    """A certificate; good through `expires_on`, null: for good, unless it was withdrawn."""

    id: str
    account_number: str
    name: str
    role: str
    certified_on: date
    expires_on: date | None
    recorded_at: datetime
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


class CourtCertificates(Shown):
    """A page of certificates, the latest recorded first."""

    certifications: list[CourtCertificate]


class NewCertificate(Body):
    """What is to be recorded."""

    account_number: str = Field(max_length=16)
    role: str = Field(max_length=32)
    # strict JSON knows texts only
    certified_on: str = Field(max_length=10)
    expires_on: str | None = Field(None, max_length=10)


class NewCertificates(Body):
    """Many at once, up to 500; as CSV: the same names as columns."""

    certifications: list[NewCertificate]


class CertificateLine(Shown):
    """What became of a line: `recorded` (`id`), `already_recorded` or `refused` (`reason`)."""

    line: int
    outcome: str
    id: str | None
    reason: str | None


class CertificateReport(Shown):
    """Line by line, in the order in which they were sent."""

    lines: list[CertificateLine]


class CertificationsApi:
    """Certificates by the rules of the console."""

    def __init__(self, rest: CourtRest) -> None:
        self._rest = rest
        self._settings = rest.rest.settings

    def routes(self) -> list[Route]:
        """The list, one, recording one and many, withdrawing."""
        one = "/certifications/{id}"
        return self._rest.routes(
            [
                court_operation(
                    "GET", "/certifications", self.list_certifications,
                    "Training certificates that the court recorded", answer=CourtCertificates,
                    query=("account_number",), is_paged=True,
                ),
                court_operation(
                    "POST", "/certifications", self.record_certification, "Record a certificate",
                    body=NewCertificate, answer=CourtCertificate, status=201,
                ),
                court_operation(
                    "POST", "/certifications/bulk", self.record_certifications,
                    "Record many certificates; every line is reported",
                    body=NewCertificates, answer=CertificateReport, takes_csv=True,
                ),
                court_operation(
                    "GET", one, self.read_certification, "A certificate", answer=CourtCertificate
                ),
                court_operation(
                    "POST", f"{one}/withdraw", self.withdraw_certification,
                    "Withdraw a certificate", body=CourtReason, answer=CourtCertificate,
                ),
            ]
        )  # fmt: skip

    async def list_certifications(self, call: Call) -> Rendered:
        """Of everybody, or of one account."""
        return await self._rest.read(call, _list, call)

    async def record_certification(self, call: Call) -> Rendered:
        """Rights that waited for it are in force."""
        [line] = _numbered([call.body(NewCertificate)])
        wanted = certificate_file.wanted_of(line)
        return await self._rest.write(call, Power.CERTIFY, _record, self._settings, wanted)

    async def record_certifications(self, call: Call) -> Rendered:
        """One that cannot be recorded keeps no other from being."""
        lines = (
            certificate_file.read(call.text.encode())
            if call.is_csv
            else certificate_file.bounded(_numbered(call.body(NewCertificates).certifications))
        )
        return await self._rest.write(call, Power.CERTIFY, _record_all, self._settings, lines)

    async def read_certification(self, call: Call) -> Rendered:
        """One of the court's."""
        return await self._rest.read(call, _read, call.path_params["id"])

    async def withdraw_certification(self, call: Call) -> Rendered:
        """Rights that need it rest at once."""
        reason = call.body(CourtReason).reason
        return await self._rest.write(
            call, Power.CERTIFY, _withdraw, self._settings, call.path_params["id"], reason
        )


def _list(unit: Unit, desk: Desk, call: Call) -> Answer:
    rows = certificate_lists.find(
        unit,
        desk.court,
        number=call.query.text("account_number"),
        after=call.page.after or "",
        limit=call.page.look_ahead,
    )
    found, cursor = call.page.cut(rows, certificate_lists.key)
    shown = CourtCertificates(certifications=[_shown(one) for one in found])
    return Answer(shown, next_cursor=cursor)


def _record(unit: Unit, desk: Desk, settings: Settings, wanted: Wanted) -> Answer:
    made = certification.record(unit, desk, settings, wanted)
    where = f"/api/v1/courts/{desk.court.id}/certifications/{made.id}"
    return Answer(_shown(made), status=201, location=where)


def _record_all(unit: Unit, desk: Desk, settings: Settings, lines: list[Numbered]) -> Answer:
    reports = certificate_file.record(unit, desk, settings, lines)
    return Answer(CertificateReport(lines=[_reported(one) for one in reports]))


def _read(unit: Unit, desk: Desk, certificate_id: str) -> Answer:
    return Answer(_shown(certification.find(unit, desk.court, certificate_id)))


def _withdraw(
    unit: Unit, desk: Desk, settings: Settings, certificate_id: str, reason: str
) -> Answer:
    return Answer(_shown(certification.withdraw(unit, desk, settings, certificate_id, reason)))


def _numbered(wanted: list[NewCertificate]) -> list[Numbered]:
    return [
        certificate_file.numbered(
            number,
            {name: value or "" for name, value in one.model_dump().items()},
        )
        for number, one in enumerate(wanted, 1)
    ]


def _reported(one: LineReport) -> CertificateLine:
    return CertificateLine(line=one.line, outcome=one.outcome, id=one.id, reason=one.reason)


def _shown(one: Certificate) -> CourtCertificate:
    return CourtCertificate(
        id=one.id,
        account_number=one.account.number,
        name=one.account.display_name,
        role=one.role.value,
        certified_on=one.certified_on,
        expires_on=one.expires_on,
        recorded_at=one.recorded_at,
        withdrawn_at=one.withdrawn_at,
        withdrawn_reason=one.reason,
    )
