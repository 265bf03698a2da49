"""A court records that somebody was trained for a role, and withdraws it; the rights follow.

A certificate never gives a right: it lets one that the court approved come into force, and one
that lapsed come back. What is lacking is `rights.training`'s question; nothing here is decided by
a certificate's row alone, so that recording, withdrawing and expiry may come in any order.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, Update, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon import ids
from signon.accounts import directory
from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.court.court_policy import help_desk
from signon.filing.court.desk import Desk, Power
from signon.filing.models import certifications
from signon.filing.rights import filers, rights, second_factor, training
from signon.filing.rights.rights import Right
from signon.filing.rights.training import CERTIFICATION
from signon.filing.roles import Role, labels, of_court
from signon.prepared import change, one, value
from signon.web.acts import Act

ALREADY, GONE = "already_recorded", "certificate_withdrawn"


@dataclass(frozen=True, slots=True)
class WantedCertificate:
    """A certificate that is to be recorded; it is good through `expires_on`, None: for good."""

    account_number: str
    role: str
    certified_on: date
    expires_on: date | None = None


@dataclass(frozen=True, slots=True)
class Certificate:
    """One that was recorded; `account` is whose it is."""

    id: str
    court_id: str
    account: Account
    role: Role
    certified_on: date
    expires_on: date | None
    recorded_at: datetime
    withdrawn_at: datetime | None = None
    reason: str | None = None


def record(unit: Unit, desk: Desk, wanted: WantedCertificate) -> Certificate:
    """Write it down; a right that waited for it, or rested for want of it, is in force.

    Raises InputError for a role or a day that cannot be, NotFoundError for whoever has nothing
    to do with the court, RefusedError (`ALREADY`, `own_account`).
    """
    role = _checked(desk.court, wanted, training.today(desk.court, unit.now))
    account = filers.known(unit, desk.court, wanted.account_number)
    desk.require_another(account.id)
    made = Certificate(
        id=ids.new_id(),
        court_id=desk.court.id,
        account=account,
        role=role,
        certified_on=wanted.certified_on,
        expires_on=wanted.expires_on,
        recorded_at=unit.now,
    )
    if not _write(unit, desk, made):
        raise RefusedError(
            ALREADY, f"This certificate of {wanted.account_number} is recorded already."
        )
    _note(unit, desk, Event.CERTIFICATE_RECORDED, made)
    reconsider(unit, desk.settings, desk.court, account, actor=desk.actor)
    return made


def withdraw(unit: Unit, desk: Desk, certificate_id: str, reason: str) -> Certificate:
    """It counts no more; a right that needs it rests at once.

    Raises InputError for the reason, NotFoundError, RefusedError (`GONE`, `own_account`).
    """
    tidy = filers.reason_of(reason)
    before = find(unit, desk.court, certificate_id)
    desk.require_another(before.account.id)
    if _withdraw(unit, before.id, tidy, unit.now) != 1:
        raise RefusedError(GONE, "This certificate was withdrawn already.")
    _note(unit, desk, Event.CERTIFICATE_WITHDRAWN, before)
    reconsider(unit, desk.settings, desk.court, before.account, actor=desk.actor)
    return find(unit, desk.court, certificate_id)


RECORD = Act("recorded", record, needs=Power.CERTIFY, done="The certificate is recorded.")
WITHDRAW = Act(
    "withdrawn",
    withdraw,
    needs=Power.CERTIFY,
    done="The certificate is withdrawn; rights that need it rest.",
)


def reconsider(
    unit: Unit, settings: Settings, court: Court, account: Account, *, actor: str
) -> Right | None:
    """Let the account's right follow the certificates there are now; answers the right, if any."""
    right = rights.held(unit, account.id, court.id)
    if right is None:
        return None
    right = rights.keep_certified(unit, right)
    lacking = training.lacking(unit, court, account.id, right.roles)
    if CERTIFICATION in right.pending_for:
        waits = lacking or account.frozen_at
        return right if waits else _begin(unit, settings, court, account, right, actor)
    rests = training.rests(unit, court, account.id, right.roles)
    if rests == (CERTIFICATION in right.suspended_by):
        return right
    if rests:
        return _rest(unit, court, account, right, lacking, actor)
    # a frozen account gains nothing; the job looks again
    return right if account.frozen_at else _go_on(unit, settings, court, account, right, actor)


def find(unit: Unit, court: Court, certificate_id: str) -> Certificate:
    """One of the court's. Raises NotFoundError."""
    found = _find(unit, certificate_id, court.id)
    if found is None:
        raise NotFoundError("The court has no such certificate.")
    return found


def of_columns(*values: Any) -> Certificate:
    """The certificate in the values of `COLUMNS`."""
    kept = dict(zip(_NAMES, values, strict=False))
    kept["role"] = Role(kept["role"])
    return Certificate(**kept, account=directory.account_of(*values[len(_NAMES) :]))


def _write(unit: Unit, desk: Desk, made: Certificate) -> bool:
    """False when the same one stands there: a constraint says so, whoever was faster."""
    new = _New(
        id=made.id,
        account_id=made.account.id,
        court_id=desk.court.id,
        role=made.role.value,
        certified_on=made.certified_on,
        expires_on=made.expires_on,
        recorded_by=desk.actor,
        recorded_at=unit.now,
    )
    return _record(unit, new) is not None


def _checked(court: Court, wanted: WantedCertificate, today: date) -> Role:
    if wanted.role not in of_court(court.type):
        known = ", ".join(of_court(court.type))
        raise InputError(f"The role must be one of this court’s: {known}.", field="role")
    if wanted.certified_on > today:
        raise InputError("The day of the certificate is in the future.", field="certified_on")
    if wanted.expires_on is not None and wanted.expires_on < wanted.certified_on:
        raise InputError("It expires before it was given.", field="expires_on")
    return Role(wanted.role)


def _begin(
    unit: Unit, settings: Settings, court: Court, account: Account, right: Right, actor: str
) -> Right:
    left = tuple(one for one in right.pending_for if one != CERTIFICATION)
    after = rights.change(unit, right, Event.RIGHT_CERTIFIED, actor=actor, pending_for=left)
    told = "The court has recorded your training certificate."
    if after.is_in_force:
        told += " Your filing rights are in force."
        second_factor.announce(unit, settings, account)
    filers.tell(unit, court, account, told)
    return after


def _rest(
    unit: Unit,
    court: Court,
    account: Account,
    right: Right,
    lacking: tuple[Role, ...],
    actor: str,
) -> Right:
    after = rights.change(
        unit,
        right,
        Event.RIGHT_SUSPENDED,
        actor=actor,
        noted={"reason": CERTIFICATION},
        suspended_by=(*right.suspended_by, CERTIFICATION),
    )
    filers.tell(
        unit,
        court,
        account,
        "Your filing rights rest: there is no valid training certificate any more.",
        reason=f"Needed for: {', '.join(labels(lacking))}",
        next_step="Take the court’s training"
        + (f": {court.policy.training_url}" if court.policy.training_url else "")
        + f". Questions: {help_desk(court)}.",
    )
    return after


def _go_on(
    unit: Unit, settings: Settings, court: Court, account: Account, right: Right, actor: str
) -> Right:
    left = tuple(one for one in right.suspended_by if one != CERTIFICATION)
    after = rights.change(unit, right, Event.RIGHT_RESTORED, actor=actor, suspended_by=left)
    if after.is_in_force:
        filers.tell(unit, court, account, "Your filing rights are in force again.")
        second_factor.announce(unit, settings, account)
    return after


def _note(unit: Unit, desk: Desk, event: Event, one: Certificate) -> None:
    trail.record(
        unit,
        event,
        actor=desk.actor,
        account_id=one.account.id,
        court_id=desk.court.id,
        certificate=one.id,
        role=one.role.value,
    )


_NAMES = tuple(name for name in Certificate.__slots__ if name != "account")
COLUMNS = (*(certifications.c[name] for name in _NAMES), *directory.ACCOUNT_COLUMNS)
"""What `of_columns` needs of a join of certificates and accounts."""
JOINED = certifications.join(accounts, accounts.c.id == certifications.c.account_id)


class _New(NamedTuple):
    id: str
    account_id: str
    court_id: str
    role: str
    certified_on: date
    expires_on: date | None
    recorded_by: str
    recorded_at: datetime


@value
def _record(new: _New) -> ReturningInsert[str]:
    made = insert(certifications).values(**new._asdict())
    return made.on_conflict_do_nothing().returning(certifications.c.id)


@one(of_columns)
def _find(certificate_id: str, court_id: str) -> Select[*tuple[Any, ...]]:
    found = select(*COLUMNS).select_from(JOINED)
    return found.where(certifications.c.id == certificate_id, certifications.c.court_id == court_id)


@change
def _withdraw(certificate_id: str, reason: str, now: datetime) -> Update:
    return (
        update(certifications)
        .where(certifications.c.id == certificate_id, certifications.c.withdrawn_at.is_(None))
        .values(withdrawn_at=now, reason=reason)
    )
