"""Many certificates at once, from a CSV file or a program: every line is reported for itself."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from signon import rows
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.filing.certificates import certification
from signon.filing.certificates.certification import WantedCertificate
from signon.filing.court.desk import Desk, Power
from signon.rows import BadLine, Row
from signon.web.acts import Act

REQUIRED = ("account_number", "role", "certified_on")
OPTIONAL = ("expires_on",)
MOST = 500
"""Lines at once: what one unit of work may hold."""
RECORDED, ALREADY, REFUSED = "recorded", "already_recorded", "refused"


@dataclass(frozen=True, slots=True)
class LineReport:
    """What became of a line; `id` of the certificate that was made, `reason` when refused."""

    line: int
    outcome: str
    id: str | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Numbered:
    """A line as read; what could not be read has a `reason` in place of a certificate."""

    line: int
    wanted: WantedCertificate | None
    reason: str = ""


def read(data: bytes) -> list[Numbered]:
    """The lines of a CSV file. Raises InputError: not such a file, or too many lines."""
    return bounded([_line(row) for row in rows.read(data, REQUIRED, OPTIONAL)])


def _line(row: Row | BadLine) -> Numbered:
    """A line with other than its columns is not guessed at: what is missing may be its expiry."""
    if isinstance(row, BadLine):
        return Numbered(row.line, None, f"The line {row.reason}.")
    return numbered(row.line, row.cells)


def bounded(lines: list[Numbered]) -> list[Numbered]:
    """The lines. Raises InputError for none and for too many."""
    if not 0 < len(lines) <= MOST:
        raise InputError(f"Send 1 to {MOST} certificates at once.", field="file")
    return lines


def record(unit: Unit, desk: Desk, lines: Sequence[Numbered]) -> list[LineReport]:
    """Record what can be; what cannot keeps nobody else's from being recorded."""
    reports = list(_record(unit, desk, lines))
    outcomes = [report.outcome for report in reports]
    trail.record(
        unit,
        Event.CERTIFICATES_IMPORTED,
        actor=desk.actor,
        court_id=desk.court.id,
        lines_sha256=hashlib.sha256(repr(list(lines)).encode()).hexdigest(),
        counts={name: outcomes.count(name) for name in (RECORDED, ALREADY, REFUSED)},
    )
    return reports


RECORD = Act("list", record, needs=Power.CERTIFY)


def _record(unit: Unit, desk: Desk, lines: Sequence[Numbered]) -> Iterator[LineReport]:
    for one in lines:
        if one.wanted is None:
            yield LineReport(one.line, REFUSED, reason=one.reason)
            continue
        # each of these is raised before the rule has written anything
        try:
            made = certification.record(unit, desk, one.wanted)
        except RefusedError as error:
            known = error.reason == certification.ALREADY
            yield LineReport(one.line, ALREADY if known else REFUSED, reason=error.told)
        except InputError as error:
            yield LineReport(one.line, REFUSED, reason=error.sentence)
        else:
            yield LineReport(one.line, RECORDED, id=made.id)


def wanted_of(one: Numbered) -> WantedCertificate:
    """What a line asks for. Raises InputError with why it could not be read."""
    if one.wanted is None:
        raise InputError(one.reason, field=one.reason.partition(" ")[0])
    return one.wanted


def numbered(line: int, cells: Mapping[str, str]) -> Numbered:
    """A line's texts, by the names of the columns, as what they ask for."""
    days: dict[str, date | None] = {}
    for name in ("certified_on", "expires_on"):
        text = cells.get(name, "")
        try:
            days[name] = date.fromisoformat(text) if text else None
        except ValueError:
            return Numbered(line, None, f"{name} must be a day such as 2026-03-02.")
    if days["certified_on"] is None:
        return Numbered(line, None, "certified_on is missing.")
    return Numbered(
        line,
        WantedCertificate(
            cells.get("account_number", ""),
            cells.get("role", ""),
            days["certified_on"],
            days["expires_on"],
        ),
    )
