"""`/api/v1/courts/{court}/certifications`: training certificates for programs."""

from collections.abc import Sequence
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.filing.certificates import certificate_file, certificate_lists, certification
from signon.filing.certificates.certificate_file import LineReport, Numbered
from signon.filing.certificates.certification import Certificate
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.filers.shown import CourtReason
from signon.rest import Answer, Call, Sheet
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId, Paged
from signon.rest.values import Day, Id, Number, When
from signon.web.json_bodies import Body, Shown
from signon.web.paging import Page


class CourtCertificate(Shown):
    """A certificate that the court recorded."""

    id: Id
    """The certificate’s id, for reading and withdrawing it."""
    account_number: Number
    name: str
    """The holder’s name for people."""
    role: str
    """Filing role that was trained for (docs/roles.md lists them)."""
    certified_on: Day
    """Day of the certificate."""
    expires_on: Day | None
    """Its last day; null when it is good for ever."""
    recorded_at: When
    """When the court recorded it."""
    withdrawn_at: When | None
    """When it was withdrawn; null while it stands."""
    withdrawn_reason: str | None
    """Why it was withdrawn; null while it stands."""


class CourtCertificates(Shown):
    """A page of certificates, the latest recorded first."""

    certifications: list[CourtCertificate]
    """Certificates of this page, the latest recorded first."""


class NewCertificate(Body):
    """What is to be recorded."""

    account_number: str = Field(max_length=16, examples=["1000001"])
    """Whose it is: seven digits."""
    role: str = Field(max_length=32, examples=["attorney"])
    """The filing role that was trained for; docs/roles.md lists them."""
    # strict JSON knows texts only
    certified_on: str = Field(max_length=10, examples=["2026-01-05"])
    """The day of the certificate."""
    expires_on: str | None = Field(None, max_length=10, examples=["2028-01-05"])
    """Its last day; null when it is for good."""


class NewCertificates(Sheet):
    """Many at once, up to 500; as CSV: the same names as columns."""

    certifications: list[NewCertificate]
    """Up to 500, in the order of the report."""


class CertificateLine(Shown):
    """What became of a line."""

    line: int
    """Number of the line as it was sent; the first is 1, of a CSV file the heading."""
    outcome: str
    """What became of it: `recorded`, `already_recorded` or `refused`."""
    id: Id | None
    """Id of the certificate; null when the line was refused."""
    reason: str | None
    """Why the line was refused, in a sentence; null when it was not."""


class CertificateReport(Shown):
    """Line by line, in the order in which they were sent."""

    lines: list[CertificateLine]
    """What became of each line, in the order in which they were sent."""


class CertificatesAsked(Paged):
    """Whose certificates are asked for."""

    account_number: str = Field("", examples=["1000001"])
    """Only those of this account: seven digits."""


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
    responses=refusals("own_account", "already_recorded"),
)
async def record_certification(call: Call, court: CourtId, sent: NewCertificate) -> Response:
    """Rights that waited for it are in force from then on."""
    [line] = _numbered([sent])
    wanted = certificate_file.wanted_of(line)
    return await at(call, court).do(certification.RECORD, _recorded, wanted)


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
    return await at(call, court).do(certificate_file.RECORD, _reported, lines)


@operations.get(ONE, response_model=CourtCertificate, summary="A certificate")
async def read_certification(
    call: Call,
    court: CourtId,
    id: CertificateId,  # noqa: A002  # the path's name
) -> Response:
    """One that this court has recorded."""
    return await at(call, court).read(_read, id)


@operations.post(
    f"{ONE}/withdraw",
    response_model=CourtCertificate,
    summary="Withdraw a certificate",
    responses=refusals("own_account", "certificate_withdrawn"),
)
async def withdraw_certification(
    call: Call,
    court: CourtId,
    id: CertificateId,  # noqa: A002  # the path's name
    sent: CourtReason,
) -> Response:
    """Rights that need it rest at once."""
    return await at(call, court).do(certification.WITHDRAW, _answer, id, sent.reason)


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


def _read(unit: Unit, desk: Desk, certificate_id: str) -> Answer:
    return _answer(certification.find(unit, desk.court, certificate_id))


def _answer(one: Certificate) -> Answer:
    return Answer(_shown(one))


def _recorded(one: Certificate) -> Answer:
    where = f"/api/v1/courts/{one.court_id}/certifications/{one.id}"
    return Answer(_shown(one), status=201, location=where)


def _reported(reports: Sequence[LineReport]) -> Answer:
    return Answer(CertificateReport(lines=[_line(one) for one in reports]))


def _numbered(wanted: list[NewCertificate]) -> list[Numbered]:
    return [
        certificate_file.numbered(
            number,
            {name: value or "" for name, value in one.model_dump().items()},
        )
        for number, one in enumerate(wanted, 1)
    ]


def _line(one: LineReport) -> CertificateLine:
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
