"""What is under way with a factor: a new app's secret, a passkey's challenge. Used once."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import ColumnElement, Insert, Select, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon import ids
from signon.crypto import KeyRing
from signon.db import Unit
from signon.prepared import change, one
from signon.signin.models import factor_challenges

LASTS = timedelta(minutes=10)


class ChallengePurpose(StrEnum):
    """What a challenge is for, and for nothing else."""

    ADD_APP = "add_app"
    ADD_PASSKEY = "add_passkey"
    USE_PASSKEY = "use_passkey"
    NEW_CODES = "new_codes"
    CONFIRM_BY_MAIL = "confirm_by_mail"


@dataclass(frozen=True, slots=True)
class Challenge:
    """One that is still open. Without an account it is anybody's who holds its id."""

    id: str
    account_id: str | None
    session_id: str | None
    secret: bytes


def issue(
    unit: Unit,
    ring: KeyRing,
    purpose: ChallengePurpose,
    secret: bytes,
    *,
    account_id: str | None = None,
    session_id: str | None = None,
    lasts: timedelta = LASTS,
) -> str:
    """Keep a secret until it is answered; the challenge's id."""
    challenge_id = ids.new_id()
    _issue(
        unit,
        challenge_id,
        purpose,
        account_id=account_id,
        session_id=session_id,
        sealed=ring.seal(secret, seal_context(challenge_id)),
        now=unit.now,
        until=unit.now + lasts,
    )
    return challenge_id


def look(
    unit: Unit, ring: KeyRing, purpose: ChallengePurpose, challenge_id: str | None
) -> Challenge | None:
    """The open challenge, without using it up."""
    return _opened(ring, _look(unit, challenge_id or "", purpose, unit.now))


def take(
    unit: Unit, ring: KeyRing, purpose: ChallengePurpose, challenge_id: str | None
) -> Challenge | None:
    """Use it up; of any number at the same moment one gets it."""
    return _opened(ring, _take(unit, challenge_id or "", purpose, unit.now))


def seal_context(challenge_id: str) -> str:
    """What a challenge's secret is sealed for."""
    return f"challenge:{challenge_id}"


def _opened(ring: KeyRing, found: Challenge | None) -> Challenge | None:
    if found is None:
        return None
    return replace(found, secret=ring.open(found.secret, seal_context(found.id)))


_COLUMNS = (
    factor_challenges.c.id,
    factor_challenges.c.account_id,
    factor_challenges.c.session_id,
    factor_challenges.c.secret,
)


def _is_open(challenge_id: str, purpose: str, now: datetime) -> Sequence[ColumnElement[bool]]:
    return (
        factor_challenges.c.id == challenge_id,
        factor_challenges.c.purpose == purpose,
        factor_challenges.c.used_at.is_(None),
        factor_challenges.c.expires_at > now,
    )


@one(Challenge)
def _look(
    challenge_id: str, purpose: str, now: datetime
) -> Select[str, str | None, str | None, bytes]:
    return select(*_COLUMNS).where(*_is_open(challenge_id, purpose, now))


@one(Challenge)
def _take(
    challenge_id: str, purpose: str, now: datetime
) -> ReturningUpdate[str, str | None, str | None, bytes]:
    taken = update(factor_challenges).where(*_is_open(challenge_id, purpose, now))
    return taken.values(used_at=now).returning(*_COLUMNS)


@change
def _issue(
    challenge_id: str,
    purpose: str,
    *,
    account_id: str | None,
    session_id: str | None,
    sealed: bytes,
    now: datetime,
    until: datetime,
) -> Insert:
    return insert(factor_challenges).values(
        id=challenge_id,
        purpose=purpose,
        account_id=account_id,
        session_id=session_id,
        secret=sealed,
        created_at=now,
        expires_at=until,
    )
