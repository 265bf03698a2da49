"""Proving a legacy login: unit (count, read) → the gate (hash) → unit (check again, write).

A wrong password and an unknown login get the same answer. Attempts are counted for account
and court before anything is hashed; after `link_failures` wrong ones there is a wait.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, insert, select, update

from signon import ids
from signon.accounts import foreign_hashes
from signon.accounts.hashing import Hasher, is_too_long
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import Refusal
from signon.filing import conditions, legacy_logins
from signon.filing.legacy_logins import LegacyLogin
from signon.filing.models import link_proofs
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.limits import counters
from signon.signin.session import Session
from signon.web.visitor import Origin

ATTEMPTS, WAIT = "link_attempts", "link_wait"
PASSWORD, MAIL = "password", "mail"
"""By what means a login was proved, for the audit trail."""
WRONG_LOGIN = "wrong_login"
TOO_MANY = "too_many_attempts"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted attempt; `login` is None for a name that the court does not have."""

    login: LegacyLogin | None


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody proved this login and has not confirmed yet."""

    id: str
    login: LegacyLogin


def wait_seconds(unit: Unit, session: Session, court: Court) -> int:
    """How long this account has to wait at this court; 0 for not at all."""
    ends_at = counters.look(unit, WAIT, _counted(session, court)).ends_at
    return _seconds_until(ends_at, unit.now)


def attempt(
    unit: Unit,
    session: Session,
    court: Court,
    login: str,
    *,
    settings: Settings,
    origin: Origin,
) -> Attempt | Refusal:
    """Count an attempt and read what it needs. The refusal is `TOO_MANY` or a condition's."""
    refusal = conditions.refuse(unit, session, court, settings)
    if refusal is None and _may_try(unit, session, court, settings):
        return Attempt(legacy_logins.by_login(unit, court.id, login))
    refusal = refusal or _TOO_MANY
    note_refusal(unit, refusal, session, court, origin=origin)
    return refusal


def matches(made: Attempt, password: str, ring: KeyRing, hasher: Hasher) -> bool:
    """Whether the password is the login's. Slow: run it through the gate."""
    if made.login is None or is_too_long(password):
        return hasher.verify(None, password)
    stored = legacy_logins.open_password(ring, made.login)
    return foreign_hashes.verify(stored, password, hasher.argon2)


def release(unit: Unit, session: Session, court: Court) -> None:
    """The gate had no turn for it: it was no attempt."""
    counters.take_back(unit, ATTEMPTS, _counted(session, court))


def fail(
    unit: Unit, session: Session, court: Court, *, settings: Settings, origin: Origin
) -> Refusal:
    """Answer a password that did not match; the last one allowed starts the wait."""
    count = counters.look(unit, ATTEMPTS, _counted(session, court)).count
    if count >= settings.link_failures:
        _start_wait(unit, session, court, settings)
    note_refusal(unit, _WRONG, session, court, origin=origin)
    return _WRONG


def prove(
    unit: Unit,
    session: Session,
    court: Court,
    proved: LegacyLogin,
    *,
    journey: Journey,
    settings: Settings,
    origin: Origin,
) -> Journey | Refusal:
    """Write down that this person knows the password of a login as it was read for the attempt.

    Answers a journey of its own for the proof, so that two tabs never confirm each other's.
    """
    counters.take_back(unit, ATTEMPTS, _counted(session, court))
    login = legacy_logins.by_id(unit, proved.id)
    refusal = conditions.refuse(unit, session, court, settings)
    if refusal is None and login is not None:
        refusal = conditions.refuse_login(
            login, court, session.account
        ) or conditions.refuse_outdated(login, proved.proof_version)
    if refusal is not None or login is None:
        refusal = refusal or _WRONG
        note_refusal(unit, refusal, session, court, origin=origin)
        return refusal
    return keep(
        unit, session, login, journey=journey, settings=settings, origin=origin, means=PASSWORD
    )


def keep(
    unit: Unit,
    session: Session,
    login: LegacyLogin,
    *,
    journey: Journey,
    settings: Settings,
    origin: Origin,
    means: str,
) -> Journey:
    """Write the proof down, by whatever `means`; answers the journey that it belongs to."""
    onward = store.start(
        unit,
        JourneyKind.LINK,
        lasts=timedelta(seconds=settings.journey_seconds),
        client_id=journey.client_id,
        court_id=login.court_id,
        return_to=journey.return_to,
    )
    proof = {
        "id": ids.new_id(),
        "account_id": session.account.id,
        "session_id": session.id,
        "court_id": login.court_id,
        "legacy_login_id": login.id,
        "login_version": login.proof_version,
        "journey_id": onward.id,
        "created_at": unit.now,
        "expires_at": unit.now + timedelta(seconds=settings.link_proof_seconds),
    }
    unit.execute(insert(link_proofs), proof)
    trail.record(
        unit,
        Event.LINK_PROVED,
        actor=session.account.id,
        account_id=session.account.id,
        court_id=login.court_id,
        origin=origin,
        legacy_login=login.id,
        means=means,
    )
    return onward


def find_proof(unit: Unit, session: Session, court: Court, journey_id: str) -> Proof | None:
    """What this person has proved on this journey and may still confirm."""
    values = {**bound_to(session, court, journey_id), "now": unit.now}
    row = unit.execute(_FIND, values).one_or_none()
    login = legacy_logins.by_id(unit, row.legacy_login_id) if row else None
    if row is None or login is None or conditions.refuse_outdated(login, row.login_version):
        return None
    return Proof(row.id, login)


def drop_proof(unit: Unit, session: Session, court: Court, journey_id: str) -> None:
    """Cancel: what was proved on this journey cannot be confirmed any more."""
    unit.execute(_DROP, {**bound_to(session, court, journey_id), "now": unit.now})


def bound_to(session: Session, court: Court, journey_id: str) -> dict[str, str]:
    """What a proof is bound to, as the parameters of `IS_BOUND`."""
    return {
        "account": session.account.id,
        "session": session.id,
        "court": court.id,
        "journey": journey_id,
    }


def note_refusal(
    unit: Unit, refusal: Refusal, session: Session, court: Court, *, origin: Origin
) -> None:
    """Leave a trace of a refusal; what was typed is no part of it."""
    trail.record(
        unit,
        Event.LINK_REFUSED,
        actor=session.account.id,
        account_id=session.account.id,
        court_id=court.id,
        reason=refusal.reason,
        origin=origin,
    )


def _may_try(unit: Unit, session: Session, court: Court, settings: Settings) -> bool:
    """Count, then look: the count holds its row, so whoever comes second sees the wait."""
    counted = _counted(session, court)
    count = counters.hit(unit, ATTEMPTS, counted, window=_window(settings)).count
    if wait_seconds(unit, session, court):
        counters.forgive(unit, ATTEMPTS, counted)
        return False
    if count > settings.link_failures:
        # the ones before it are being hashed at this moment
        _start_wait(unit, session, court, settings)
        return False
    return True


def _start_wait(unit: Unit, session: Session, court: Court, settings: Settings) -> None:
    """Begin the wait; after it the count starts anew."""
    counters.forgive(unit, ATTEMPTS, _counted(session, court))
    counters.hit(unit, WAIT, _counted(session, court), window=_window(settings))


def _window(settings: Settings) -> timedelta:
    return timedelta(seconds=settings.link_failures_wait_seconds)


def _counted(session: Session, court: Court) -> bytes:
    return counters.key(f"{session.account.id}:{court.id}")


def _seconds_until(moment: datetime | None, now: datetime) -> int:
    return max(0, -int((now - moment).total_seconds() // 1)) if moment else 0


_WRONG = Refusal(
    WRONG_LOGIN,
    "The login or the password is not right.",
    "Check both. If you do not know them, we can mail a link to the address that the court has "
    "on file for the login.",
)
_TOO_MANY = Refusal(
    TOO_MANY,
    "There were several attempts that did not succeed.",
    "Wait, then try again.",
)

IS_BOUND = (
    (link_proofs.c.account_id == bindparam("account"))
    & (link_proofs.c.session_id == bindparam("session"))
    & (link_proofs.c.court_id == bindparam("court"))
    & (link_proofs.c.journey_id == bindparam("journey"))
)
IS_OPEN = link_proofs.c.used_at.is_(None) & (link_proofs.c.expires_at > bindparam("now"))
_FIND = select(link_proofs.c.id, link_proofs.c.legacy_login_id, link_proofs.c.login_version).where(
    IS_BOUND, IS_OPEN
)
_DROP = update(link_proofs).where(IS_BOUND, IS_OPEN).values(expires_at=bindparam("now"))
