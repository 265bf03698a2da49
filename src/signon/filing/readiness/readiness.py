"""What stands between somebody and filing at a court: a checklist, in the order of its steps.

The same list is the person's own, the answer of the REST interface and what the court's help
desk sees of one of its filers: it says what is so and what to do next, and holds no secret.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.models import SearchStatus, accounts
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court.court_policy import may_prepare
from signon.filing.linking import prepared_links
from signon.filing.models import efile_registrations, rights
from signon.filing.readiness import agent_line
from signon.filing.readiness.readiness_lines import (
    BLOCKING,
    LINES,
    ChecklistLine,
    Facts,
    LineState,
    live_line,
)
from signon.filing.rights import filers, filing_status, training
from signon.filing.rights import rights as rights_of
from signon.filing.rights.filing_status import EcfStatus, right_at
from signon.filing.rights.rights import Right
from signon.filing.roles import Role
from signon.prepared import given, one, value
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class Readiness:
    """The whole list; `is_ready`: nothing in it stands in the way."""

    court: Court
    status: EcfStatus
    lines: tuple[ChecklistLine, ...]

    @property
    def is_ready(self) -> bool:
        """Whether the person may file there now."""
        return not any(line.state in BLOCKING for line in self.lines)

    @property
    def next_line(self) -> ChecklistLine | None:
        """The first line that stands in the way."""
        return next((line for line in self.lines if line.state in BLOCKING), None)


def of(unit: Unit, settings: Settings, account_id: str, court: Court) -> Readiness:
    """The list for one account, which must exist, at one court."""
    facts = _facts(unit, settings, account_id, court)
    lines = [line(facts) for line in LINES]
    if facts.right and Role.FILING_AGENT in facts.right.roles:
        lines.append(agent_line.line(unit, account_id, court, facts.filing_status))
    return Readiness(court, facts.filing_status.status, tuple(lines))


def _facts(unit: Unit, settings: Settings, account_id: str, court: Court) -> Facts:
    found = _find(unit, account_id, court.id)
    assert found is not None
    roles = found.right.roles if found.right else ()
    return Facts(
        account=found.account,
        court=court,
        now=unit.now,
        filing_status=filing_status.find(unit, account_id, court),
        right=found.right,
        registration=_registration(unit, account_id, court.id),
        lacking=training.lacking(unit, court, account_id, roles),
        is_search_active=found.search_status == SearchStatus.ACTIVE,
        search_reason=found.search_status_reason,
        is_blocked=found.filing_blocked_at is not None,
        prepared=_prepared(unit, account_id, court),
        is_factor_required=settings.filer_second_factor == "required"
        or court.policy.sign_in_level == "aal2",
    )


def _prepared(unit: Unit, account_id: str, court: Court) -> str | None:
    found = None if court.is_live(unit.now) else prepared_links.find(unit, account_id, court.id)
    return found and found.login


def of_filer(unit: Unit, settings: Settings, court: Court, number: str) -> Readiness:
    """The list for one of the court's own filers, for its help desk.

    Raises NotFoundError for an account that never had anything to do with the court, exactly as
    for one that does not exist.
    """
    account = filers.known(unit, court, number)
    return of(unit, settings, account.id, court)


def in_general(court: Court, now: datetime) -> tuple[ChecklistLine, ...]:
    """What anybody needs there, told to whoever has not signed in."""
    return (
        ChecklistLine(
            "individual_account",
            LineState.TO_DO,
            _("You need a PACER account of your own. Shared and firm accounts cannot file."),
            _("Register for one if you have none."),
            "/register",
        ),
        ChecklistLine(
            "upgraded",
            LineState.TO_DO,
            _("The account must be an upgraded one. Those made since Aug 11, 2014 are."),
            _("Upgrade an older one: that takes a few minutes, once."),
            "/upgrade",
        ),
        ChecklistLine(
            "second_factor",
            LineState.TO_DO,
            _("You need a second factor: an authenticator app or a passkey."),
            _("Set it up on your account’s page."),
            "/account/factors",
        ),
        live_line(court, now),
        ChecklistLine(
            "linked_or_registered",
            LineState.TO_DO,
            _(
                "Your account needs filing rights at this court. Those at another court do not count."
            ),
            _(
                "If the court ever gave you a CM/ECF login, link it, once. If it did not, register "
                "for e-filing."
            ),
            f"/courts/{court.id}/link" if court.is_live(now) or may_prepare(court, now) else None,
        ),
        ChecklistLine(
            "training",
            LineState.TO_DO,
            _(
                "For some roles the court wants a training certificate before the rights come into "
                "force."
            ),
            _("The court’s training page says for which."),
            court.policy.training_url,
        ),
        ChecklistLine(
            "search_active",
            LineState.ADVICE,
            _("Case search and filing are separate: an inactive search keeps nobody from filing."),
        ),
    )


class _Found(NamedTuple):
    search_status: str
    search_status_reason: str | None
    filing_blocked_at: datetime | None
    right: Right | None
    account: Account


def _found(
    search_status: str, reason: str | None, filing_blocked_at: datetime | None, *values: Any
) -> _Found:
    count = len(rights_of.COLUMNS)
    right = rights_of.of_columns(*values[:count]) if values[0] is not None else None
    account = account_of(*values[count:])
    return _Found(search_status, reason, filing_blocked_at, right, account)


@one(_found)
def _find(account_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(
            accounts.c.search_status,
            accounts.c.search_status_reason,
            accounts.c.filing_blocked_at,
            *rights_of.LABELLED,
            *ACCOUNT_COLUMNS,
        )
        .select_from(accounts)
        .outerjoin(rights, right_at(accounts.c.id, given(court_id)))
        .where(accounts.c.id == account_id)
    )


@value
def _registration(account_id: str, court_id: str) -> Select[str]:
    return (
        select(efile_registrations.c.state)
        .where(
            efile_registrations.c.account_id == account_id,
            efile_registrations.c.court_id == court_id,
        )
        .order_by(efile_registrations.c.updated_at.desc())
        .limit(1)
    )
