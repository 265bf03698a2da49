"""What stands between somebody and filing at a court: a checklist, in the order of its steps.

The same list is the person's own, the answer of the REST interface and what the court's help
desk sees of one of its filers: it says what is so and what to do next, and holds no secret.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from signon.accounts.directory import ACCOUNT_COLUMNS, from_row
from signon.accounts.models import SearchStatus, accounts
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.models import efile_registrations, rights
from signon.filing.readiness.readiness_lines import (
    BLOCKING,
    LINES,
    Facts,
    Line,
    LineState,
    live_line,
)
from signon.filing.rights import filers, filing_status, training
from signon.filing.rights.filing_status import RIGHT_COLUMNS, EcfStatus, right_at


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole list; `is_ready`: nothing in it stands in the way."""

    court: Court
    status: EcfStatus
    lines: tuple[Line, ...]

    @property
    def is_ready(self) -> bool:
        """Whether the person may file there now."""
        return not any(line.state in BLOCKING for line in self.lines)

    @property
    def next_line(self) -> Line | None:
        """The first line that stands in the way."""
        return next((line for line in self.lines if line.state in BLOCKING), None)


def of(unit: Unit, settings: Settings, account_id: str, court: Court) -> Readiness:
    """The list for one account, which must exist, at one court."""
    facts = _facts(unit, settings, account_id, court)
    return Readiness(court, facts.filing_status.status, tuple(line(facts) for line in LINES))


def _facts(unit: Unit, settings: Settings, account_id: str, court: Court) -> Facts:
    values = {"account_id": account_id, "court_id": court.id}
    row = unit.execute(_FIND, values).mappings().one()
    right = dict(row) if row["right_id"] is not None else None
    roles = right["right_roles"] if right else ()
    return Facts(
        account=from_row(row),
        court=court,
        now=unit.now,
        filing_status=filing_status.find(unit, account_id, court),
        right=right,
        registration=unit.scalar(_REGISTRATION, values),
        lacking=training.lacking(unit, court, account_id, roles),
        is_search_active=row["search_status"] == SearchStatus.ACTIVE,
        search_reason=row["search_status_reason"],
        is_blocked=row["filing_blocked_at"] is not None,
        is_factor_required=settings.filer_second_factor == "required"
        or court.policy.sign_in_level == "aal2",
    )


def of_filer(unit: Unit, settings: Settings, court: Court, number: str) -> Readiness:
    """The list for one of the court's own filers, for its help desk.

    Raises NotFoundError for an account that never had anything to do with the court, exactly as
    for one that does not exist.
    """
    account = filers.known(unit, court, number)
    return of(unit, settings, account.id, court)


def in_general(court: Court, now: datetime) -> tuple[Line, ...]:
    """What anybody needs there, told to whoever has not signed in."""
    return (
        Line(
            "individual_account",
            LineState.TO_DO,
            "You need a PACER account of your own. Shared and firm accounts cannot file.",
            "Register for one if you have none.",
            "/register",
        ),
        Line(
            "upgraded",
            LineState.TO_DO,
            "The account must be an upgraded one. Those made since August 11, 2014 are.",
            "Upgrade an older one: that takes a few minutes, once.",
            "/upgrade",
        ),
        Line(
            "second_factor",
            LineState.TO_DO,
            "You need a second factor: an authenticator app or a passkey.",
            "Set it up on your account’s page.",
            "/account/factors",
        ),
        live_line(court, now),
        Line(
            "linked_or_registered",
            LineState.TO_DO,
            "Your account needs filing rights at this court. Those at another court do not count.",
            "If the court ever gave you a CM/ECF login, link it, once. If it did not, register "
            "for e-filing.",
            f"/courts/{court.id}/link" if court.is_live(now) else None,
        ),
        Line(
            "training",
            LineState.TO_DO,
            "For some roles the court wants a training certificate before the rights come into "
            "force.",
            "The court’s training page says for which.",
            court.policy.training_url,
        ),
        Line(
            "search_active",
            LineState.ADVICE,
            "Case search and filing are separate: an inactive search keeps nobody from filing.",
        ),
    )


_FIND = (
    select(
        *ACCOUNT_COLUMNS,
        *RIGHT_COLUMNS,
        accounts.c.search_status,
        accounts.c.search_status_reason,
        rights.c.legacy_login_id,
        rights.c.pending_for,
        rights.c.suspended_by,
        rights.c.suspension_reason,
    )
    .select_from(accounts)
    .outerjoin(rights, right_at(accounts.c.id, bindparam("court_id")))
    .where(accounts.c.id == bindparam("account_id"))
)
_REGISTRATION = (
    select(efile_registrations.c.state)
    .where(
        efile_registrations.c.account_id == bindparam("account_id"),
        efile_registrations.c.court_id == bindparam("court_id"),
    )
    .order_by(efile_registrations.c.updated_at.desc())
    .limit(1)
)
