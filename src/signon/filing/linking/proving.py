"""Proving a legacy login: unit (count, read) → the gate (hash) → unit (check again, write).

A wrong password and an unknown login get the same answer after the same work. Attempts are
counted before anything is hashed (`guesses`).
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple, NoReturn

from sqlalchemy import ColumnElement, Insert, Select, Update, and_, insert, select, update

from signon import ids, metrics
from signon.accounts import foreign_hashes
from signon.accounts.hashing import Hasher, is_too_long
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError, WaitError
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import conditions, guess_notices, guesses
from signon.filing.linking.folding import SECOND
from signon.filing.linking.guesses import Counted, Guesses, Held
from signon.filing.models import link_proofs
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.prepared import change, one
from signon.signin.session import Session
from signon.units import E
from signon.web.visitor import Source
from signon.words.sentences import _

PASSWORD, MAIL = "password", "mail"
"""By what means a login was proved, for the audit trail."""
WRONG_LOGIN = "wrong_login"


@dataclass(frozen=True, slots=True)
class Attempt:
    """One counted attempt; `login` is None for a name (`typed`) that the court does not have."""

    login: LegacyLogin | None
    typed: str
    counted: Counted


@dataclass(frozen=True, slots=True)
class Proof:
    """Somebody proved this login and has not confirmed yet."""

    id: str
    login: LegacyLogin


def wait_seconds(unit: Unit, session: Session, court: Court) -> int:
    """How long this account has to wait at this court; 0 for not at all."""
    return guesses.wait_seconds(unit, guesses.account_key(session, court))


def attempt(
    unit: Unit,
    session: Session,
    court: Court,
    login: str,
    *,
    ring: KeyRing,
    settings: Settings,
    source: Source,
    second: bool = False,
) -> Attempt:
    """Count an attempt and read what it needs. Raises WaitError, RefusedError by a condition."""
    if refusal := conditions.refuse(unit, session, court, settings, second=second):
        raise noted(unit, refusal, session, court, source=source)
    found = legacy_logins.by_login(unit, court.id, login)
    counts = Guesses(ring, settings)
    counted = counts.count(unit, session, court, login, found, source.network)
    if isinstance(counted, Held):
        metrics.throttled.labels("legacy_logins").inc()
        raise noted(unit, WaitError(counted.seconds), session, court, source=source)
    return Attempt(found, login, counted)


def matches(
    made: Attempt, password: str, ring: KeyRing, hasher: Hasher, in_use: Collection[str] = ()
) -> bool:
    """Whether the password is the login's, and counts. Slow: run it through the gate.

    `in_use` are the works of the court's logins: whatever does not match has spent each of them.
    """
    # a login without a password is, to whoever guesses, one that there is none of
    stored = (legacy_logins.open_password(ring, made.login) if made.login else "") or None
    if stored is None or is_too_long(password):
        is_right = hasher.verify(None, password)
    else:
        is_right = foreign_hashes.verify(stored, password, hasher.argon2)
    if is_right and not made.counted.is_off:
        return True
    hasher.spend(stored, password, in_use)
    return False


def fail(
    unit: Unit,
    session: Session,
    court: Court,
    made: Attempt,
    *,
    ring: KeyRing,
    settings: Settings,
    source: Source,
) -> NoReturn:
    """Refuse a password that did not match; the last one allowed starts the wait."""
    Guesses(ring, settings).failed(unit, session, court)
    guess_notices.report(unit, ring, settings, court, made.typed, made.counted)
    # for the court's help desk alone: whoever guesses is told the same either way
    known = {"legacy_login": made.login.id} if made.login else {}
    raise noted(unit, _wrong(), session, court, source=source, **known)


def prove(
    unit: Unit,
    session: Session,
    court: Court,
    made: Attempt,
    *,
    journey: Journey,
    ring: KeyRing,
    settings: Settings,
    source: Source,
    password: str = "",
) -> Journey:
    """Write down that this person knows the password of a login as it was read for the attempt.

    Answers a journey of its own for the proof, so that two tabs never confirm each other's.
    Of a court that is not live, the password is kept with it, sealed. Raises RefusedError.
    """
    assert made.login is not None
    Guesses(ring, settings).proved(unit, made.counted)
    login = legacy_logins.by_id(unit, made.login.id)
    second = bool(journey.request.get(SECOND))
    refusal = conditions.refuse(unit, session, court, settings, second=second)
    if refusal is None and login is not None:
        refusal = conditions.refuse_login(
            login, court, session.account
        ) or conditions.refuse_outdated(login, made.login.proof_version)
    if refusal is not None or login is None:
        refusal = refusal or _wrong()
        if login is not None and login.holder not in {None, session.account.id}:
            guess_notices.tell_taken(unit, ring, court, login, by=session.account.number)
        raise noted(unit, refusal, session, court, source=source)
    return keep(
        unit,
        session,
        login,
        journey=journey,
        settings=settings,
        source=source,
        means=PASSWORD,
        password="" if court.is_live(unit.now) else password,
    )


def keep(
    unit: Unit,
    session: Session,
    login: LegacyLogin,
    *,
    journey: Journey,
    settings: Settings,
    source: Source,
    means: str,
    password: str = "",
) -> Journey:
    """Write the proof down, by whatever `means`; answers the journey that it belongs to."""
    onward = store.start(
        unit,
        JourneyKind.LINK,
        lasts=timedelta(seconds=settings.journey_seconds),
        client_id=journey.client_id,
        court_id=login.court_id,
        request={SECOND: True} if journey.request.get(SECOND) else None,
        return_to=journey.return_to,
    )
    to = Bound(session.account.id, session.id, login.court_id, onward.id)
    until = unit.now + timedelta(seconds=settings.link_proof_seconds)
    proof_id = ids.new_id()
    sealed = unit.ring.seal(password.encode(), seal_context(proof_id)) if password else None
    _keep(unit, proof_id, to, login.id, login.proof_version, unit.now, until, sealed)
    trail.record(
        unit,
        Event.LINK_PROVED,
        actor=session.account.id,
        account_id=session.account.id,
        court_id=login.court_id,
        source=source,
        legacy_login=login.id,
        means=means,
    )
    return onward


def find_proof(unit: Unit, session: Session, court: Court, journey_id: str) -> Proof | None:
    """What this person has proved on this journey and may still confirm."""
    row = _find(unit, bound_to(session, court, journey_id), unit.now)
    login = legacy_logins.by_id(unit, row.legacy_login_id) if row else None
    if row is None or login is None or conditions.refuse_outdated(login, row.login_version):
        return None
    return Proof(row.id, login)


def drop_proof(unit: Unit, session: Session, court: Court, journey_id: str) -> None:
    """Cancel: what was proved on this journey cannot be confirmed any more."""
    _drop(unit, bound_to(session, court, journey_id), unit.now)


class Bound(NamedTuple):
    """What a proof is bound to."""

    account_id: str
    session_id: str
    court_id: str
    journey_id: str


def bound_to(session: Session, court: Court, journey_id: str) -> Bound:
    """What whatever is proved on this journey is bound to."""
    return Bound(session.account.id, session.id, court.id, journey_id)


def is_bound(to: Bound) -> ColumnElement[bool]:
    """Whether a proof is bound to exactly that."""
    return and_(*(link_proofs.c[name] == bound for name, bound in to._asdict().items()))


def is_open(now: datetime) -> ColumnElement[bool]:
    """Whether a proof can still be confirmed."""
    return link_proofs.c.used_at.is_(None) & (link_proofs.c.expires_at > now)


def noted(
    unit: Unit, refusal: E, session: Session, court: Court, *, source: Source, **known: str
) -> E:
    """A refusal to be raised, which leaves its trace; what was typed is no part of it."""
    trail.record(
        unit,
        Event.LINK_REFUSED,
        actor=session.account.id,
        account_id=session.account.id,
        court_id=court.id,
        reason=refusal.reason,
        source=source,
        **known,
    )
    return unit.keep(refusal)


def seal_context(proof_id: str) -> str:
    """What the password of a proof is sealed for."""
    return f"link-proof:{proof_id}"


def _wrong() -> RefusedError:
    return RefusedError(
        WRONG_LOGIN,
        _("The login or the password is not right."),
        _(
            "Check both. If you do not know them, we can mail a link to the address that the court "
            "has on file for the login."
        ),
    )


class _Found(NamedTuple):
    id: str
    legacy_login_id: str
    login_version: int


@change
def _keep(
    proof_id: str,
    to: Bound,
    legacy_login_id: str,
    login_version: int,
    now: datetime,
    until: datetime,
    password: bytes | None,
) -> Insert:
    return insert(link_proofs).values(
        id=proof_id,
        **to._asdict(),
        legacy_login_id=legacy_login_id,
        login_version=login_version,
        created_at=now,
        expires_at=until,
        password=password,
    )


@one(_Found)
def _find(to: Bound, now: datetime) -> Select[str, str, int]:
    return select(
        link_proofs.c.id, link_proofs.c.legacy_login_id, link_proofs.c.login_version
    ).where(is_bound(to), is_open(now))


@change
def _drop(to: Bound, now: datetime) -> Update:
    return update(link_proofs).where(is_bound(to), is_open(now)).values(expires_at=now)
