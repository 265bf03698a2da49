"""`/api/v1/courts/{court}/certifications`: training certificates for programs."""

from datetime import date, datetime
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.config import Settings
from signon.db import Unit
from signon.filing.certificates import certificate_file, certificate_lists, certification
from signon.filing.certificates.certificate_file import LineReport, Numbered
from signon.filing.certificates.certification import Certificate, Wanted
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk, Power
from signon.filing.filers.shown import CourtReason
from signon.rest import Answer, Call, Sheet
from signon.rest.parameters import CourtId, Paged
from signon.web.json_bodies import Body, Shown
from signon.web.paging import Page


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

    account_number: str = Field(
        max_length=16, description="Whose it is: seven digits.", examples=["1000001"]
    )
    role: str = Field(
        max_length=32,
        description="The filing role that was trained for; docs/roles.md lists them.",
        examples=["attorney"],
    )
    # strict JSON knows texts only
    certified_on: str = Field(
        max_length=10, description="The day of the certificate.", examples=["2026-01-05"]
    )
    expires_on: str | None = Field(
        None,
        max_length=10,
        description="Its last day; null when it is for good.",
        examples=["2028-01-05"],
    )


class NewCertificates(Sheet):
    """Many at once, up to 500; as CSV: the same names as columns."""

    certifications: list[NewCertificate] = Field(
        description="Up to 500, in the order of the report."
    )


class CertificateLine(Shown):
    """What became of a line: `recorded` (`id`), `already_recorded` or `refused` (`reason`)."""

    line: int
    outcome: str
    id: str | None
    reason: str | None


class CertificateReport(Shown):
    """Line by line, in the order in which they were sent."""

    lines: list[CertificateLine]


class CertificatesAsked(Paged):
    """Whose."""

    account_number: str = Field(
        "", description="Only those of this account: seven digits.", examples=["1000001"]
    )


CertificateId = Annotated[
    str,
    Path(
        description="The certificate’s id, as the list has it.",
        examples=["fr6flb775s4ox65xjpqan6szia"],
    ),
]
ONE = f"{AT}/certifications/{{id}}"
operations = court_router()


@operations.get(
    f"{AT}/certifications",
    response_model=CourtCertificates,
    summary="Training certificates that the court recorded",
)
async def list_certifications(
    call: Call, court: CourtId, asked: Annotated[CertificatesAsked, Query()]
) -> Response:
    """Those of everybody, or of one account, the latest recorded first."""
    return await at(call, court).read(_list, asked.account_number, asked.page)


@operations.post(
    f"{AT}/certifications",
    response_model=CourtCertificate,
    status_code=201,
    summary="Record a certificate",
)
async def record_certification(call: Call, court: CourtId, sent: NewCertificate) -> Response:
    """Rights that waited for it are in force from then on."""
    [line] = _numbered([sent])
    wanted = certificate_file.wanted_of(line)
    return await at(call, court).write(Power.CERTIFY, _record, call.rest.settings, wanted)


@operations.post(
    f"{AT}/certifications/bulk",
    response_model=CertificateReport,
    summary="Record many certificates; every line is reported",
)
async def record_certifications(call: Call, court: CourtId, sent: NewCertificates) -> Response:
    """One that cannot be recorded keeps no other from being."""
    lines = (
        certificate_file.bounded(_numbered(sent.certifications))
        if sent.file is None
        else certificate_file.read(sent.file.encode())
    )
    return await at(call, court).write(Power.CERTIFY, _record_all, call.rest.settings, lines)


@operations.get(ONE, response_model=CourtCertificate, summary="A certificate")
async def read_certification(
    call: Call,
    court: CourtId,
    id: CertificateId,  # noqa: A002  # the path's name
) -> Response:
    """One that this court has recorded."""
    return await at(call, court).read(_read, id)


@operations.post(
    f"{ONE}/withdraw", response_model=CourtCertificate, summary="Withdraw a certificate"
)
async def withdraw_certification(
    call: Call,
    court: CourtId,
    id: CertificateId,  # noqa: A002  # the path's name
    sent: CourtReason,
) -> Response:
    """Rights that need it rest at once."""
    settings = call.rest.settings
    return await at(call, court).write(Power.CERTIFY, _withdraw, settings, id, sent.reason)


def _list(unit: Unit, desk: Desk, number: str, page: Page) -> Answer:
    rows = certificate_lists.find(
        unit,
        desk.court,
        number=number,
        after=page.after or "",
        limit=page.look_ahead,
    )
    found, cursor = page.cut(rows, certificate_lists.key)
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
