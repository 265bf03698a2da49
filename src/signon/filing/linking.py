"""Confirming a link: the proof is spent, and a legacy login becomes a right of an account.

The constraints of `filing_rights` decide who wins a race; the legacy login stops working in
the same transaction, since a login with a right can prove nothing any more.
"""

from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import bindparam, insert, select, update

from signon import ids
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit, insert_for
from signon.errors import Refusal
from signon.filing import conditions, legacy_logins, proving, second_factor
from signon.filing.legacy_logins import LegacyLogin
from signon.filing.models import link_proofs, rights, rights_history
from signon.filing.roles import admission_of, labels
from signon.filing.standing import RightStatus
from signon.notices import mail
from signon.signin.session import Session
from signon.web.visitor import Origin

PROOF_GONE = "proof_expired"


@dataclass(frozen=True, slots=True)
class Linked:
    """A login that this person linked."""

    login: str
    roles: tuple[str, ...]


def confirm(
    unit: Unit,
    session: Session,
    court: Court,
    journey_id: str,
    *,
    settings: Settings,
    origin: Origin,
) -> Linked | Refusal:
    """Link what was proved on this journey; asked twice, it answers the same again."""
    if done := find_linked(unit, session, court, journey_id):
        return done
    refusal = conditions.refuse(unit, session, court, settings)
    made = refusal or _spend_and_link(unit, session, court, journey_id, origin)
    if isinstance(made, Linked):
        second_factor.announce(unit, settings, session.account)
    if isinstance(made, Refusal):
        # the other half of a double click may have been a moment faster
        if done := find_linked(unit, session, court, journey_id):
            return done
        proving.note_refusal(unit, made, session, court, origin=origin)
    return made


def find_linked(unit: Unit, session: Session, court: Court, journey_id: str) -> Linked | None:
    """What this person linked on this journey, as long as the right stands."""
    row = unit.execute(_LINKED, proving.bound_to(session, court, journey_id)).one_or_none()
    return Linked(row.login, tuple(row.roles)) if row else None


def _spend_and_link(
    unit: Unit, session: Session, court: Court, journey_id: str, origin: Origin
) -> Linked | Refusal:
    login_id = unit.scalar(
        _SPEND, {**proving.bound_to(session, court, journey_id), "now": unit.now}
    )
    login = legacy_logins.hold(unit, login_id) if login_id else None
    if login is None:
        return _PROOF_GONE
    refusal = conditions.refuse_login(login, court)
    if refusal:
        return refusal
    right = _right(unit, session, login)
    if unit.scalar(_insert(unit), right) is None:
        return _beaten(unit, session, court, login)
    _tell(unit, session, court, login, right, origin)
    return Linked(login.login, login.roles)


def _right(unit: Unit, session: Session, login: LegacyLogin) -> dict[str, Any]:
    cases = None if login.cases is None else list(login.cases)
    return {
        "id": ids.new_id(),
        "account_id": session.account.id,
        "court_id": login.court_id,
        "legacy_login_id": login.id,
        "login": login.login,
        "status": RightStatus.ACTIVE,
        "roles": list(login.roles),
        "cases": cases,
        "admission": admission_of(login.roles, cases),
        "created_at": unit.now,
    }


def _insert(unit: Unit) -> Any:
    return insert_for(unit)(rights).on_conflict_do_nothing().returning(rights.c.id)


def _beaten(unit: Unit, session: Session, court: Court, login: LegacyLogin) -> Refusal:
    """A constraint said no: this account, or somebody else with this login, was faster."""
    taken = legacy_logins.by_id(unit, login.id)
    own = conditions.refuse_account(unit, session, court)
    return own or (taken and conditions.refuse_login(taken, court)) or _PROOF_GONE


def _tell(
    unit: Unit,
    session: Session,
    court: Court,
    login: LegacyLogin,
    right: dict[str, Any],
    origin: Origin,
) -> None:
    """Audit, history, and mail to both addresses."""
    event_id = trail.record(
        unit,
        Event.LINK_MADE,
        actor=session.account.id,
        account_id=session.account.id,
        court_id=court.id,
        origin=origin,
        legacy_login=login.id,
        right=right["id"],
    )
    after = {name: right[name] for name in ("status", "roles", "cases", "admission")}
    unit.execute(
        insert(rights_history),
        {"event_id": event_id, "right_id": right["id"], "at": unit.now, "after": after},
    )
    local = unit.now.astimezone(ZoneInfo(court.time_zone))
    addresses = {address.casefold(): address for address in (session.account.email, login.email)}
    for address in addresses.values():
        mail.send(
            unit,
            "link_made",
            address,
            name=session.account.display_name,
            court=court.name,
            court_url=court.cmecf_url,
            login=login.login,
            roles=labels(login.roles),
            linked_at=f"{local:%B} {local.day}, {local:%Y, %H:%M %Z}",
        )


_PROOF_GONE = Refusal(
    PROOF_GONE,
    "The page was open for too long, or it belongs to an earlier sign-in.",
    "Start again at the court, and enter the legacy login once more.",
)
_SPEND = (
    update(link_proofs)
    .where(proving.IS_BOUND, proving.IS_OPEN)
    .values(used_at=bindparam("now"))
    .returning(link_proofs.c.legacy_login_id)
)
_LINKED = (
    select(rights.c.login, rights.c.roles)
    .join(link_proofs, link_proofs.c.legacy_login_id == rights.c.legacy_login_id)
    .where(
        proving.IS_BOUND,
        link_proofs.c.used_at.is_not(None),
        rights.c.account_id == link_proofs.c.account_id,
        rights.c.ended_at.is_(None),
    )
)
