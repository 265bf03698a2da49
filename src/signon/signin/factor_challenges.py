"""What is under way with a factor: a new app's secret, a passkey's challenge. Used once."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, insert, select, update

from signon import ids
from signon.crypto import KeyRing
from signon.db import Unit
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
    unit.execute(
        insert(factor_challenges),
        {
            "id": challenge_id,
            "purpose": purpose.value,
            "account_id": account_id,
            "session_id": session_id,
            "secret": ring.seal(secret, seal_context(challenge_id)),
            "created_at": unit.now,
            "expires_at": unit.now + lasts,
        },
    )
    return challenge_id


def look(
    unit: Unit, ring: KeyRing, purpose: ChallengePurpose, challenge_id: str | None
) -> Challenge | None:
    """The open challenge, without using it up."""
    return _opened(ring, unit.execute(_LOOK, _values(unit, purpose, challenge_id)))


def take(
    unit: Unit, ring: KeyRing, purpose: ChallengePurpose, challenge_id: str | None
) -> Challenge | None:
    """Use it up; of any number at the same moment one gets it."""
    return _opened(ring, unit.execute(_TAKE, _values(unit, purpose, challenge_id)))


def seal_context(challenge_id: str) -> str:
    """What a challenge's secret is sealed for."""
    return f"challenge:{challenge_id}"


def _values(unit: Unit, purpose: ChallengePurpose, challenge_id: str | None) -> Mapping[str, Any]:
    return {"of": challenge_id or "", "for": purpose.value, "now": unit.now}


def _opened(ring: KeyRing, rows: Any) -> Challenge | None:
    row = rows.one_or_none()
    if row is None:
        return None
    secret = ring.open(row.secret, seal_context(row.id))
    return Challenge(row.id, row.account_id, row.session_id, secret)


_COLUMNS = (
    factor_challenges.c.id,
    factor_challenges.c.account_id,
    factor_challenges.c.session_id,
    factor_challenges.c.secret,
)
_OPEN = (
    factor_challenges.c.id == bindparam("of"),
    factor_challenges.c.purpose == bindparam("for"),
    factor_challenges.c.used_at.is_(None),
    factor_challenges.c.expires_at > bindparam("now"),
)
_LOOK = select(*_COLUMNS).where(*_OPEN)
_TAKE = (
    update(factor_challenges).where(*_OPEN).values(used_at=bindparam("now")).returning(*_COLUMNS)
)
