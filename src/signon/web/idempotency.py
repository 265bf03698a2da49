"""`Idempotency-Key`: a call that is sent again does nothing again and gets the same answer.

The key is claimed by an insert in the very unit that does the work, so of two calls at once the
second waits for the first; what was rolled back has claimed nothing.
(draft-ietf-httpapi-idempotency-key-header.)
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Delete, Select, Update, delete, null, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert

from signon.crypto import KeyRing
from signon.db import Unit
from signon.prepared import change, one, value
from signon.web.models import idempotent_answers
from signon.web.problems import ApiError

LASTS = timedelta(hours=24)
LONGEST_KEY = 255


@dataclass(frozen=True, slots=True)
class Rendered:
    """An answer as it goes out."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """A caller's key and what it was sent with; both as digests."""

    digest: bytes
    fingerprint: bytes


def claim_of(key: str, caller: str, *request: str | bytes) -> Claim:
    """The claim of a key in a request. Raises ApiError (400): no such key can be."""
    if not 0 < len(key) <= LONGEST_KEY or not key.isascii() or not key.isprintable():
        raise ApiError(
            400,
            "bad_idempotency_key",
            f"The Idempotency-Key must be 1 to {LONGEST_KEY} printable ASCII characters.",
        )
    return Claim(_digest(caller, key), _digest(*request))


def claim(unit: Unit, ring: KeyRing, claimed: Claim) -> Rendered | None:
    """Take the key; the stored answer if it was taken by the same request before.

    Raises ApiError (422) when it was taken by another.
    """
    lasts = unit.now + LASTS
    if _claim(unit, claimed.digest, claimed.fingerprint, unit.now, lasts) is not None:
        return None
    found = _find(unit, claimed.digest)
    is_same = found is not None and found.fingerprint == claimed.fingerprint
    if found is None or found.status is None or found.body is None or not is_same:
        raise ApiError(
            422,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request: take a new one.",
        )
    body = ring.open(found.body, seal_context(claimed.digest))
    return Rendered(found.status, body, found.headers or {})


def give_back(unit: Unit, claimed: Claim) -> None:
    """The work was refused, and the refusal leaves a trace: the key was used for nothing."""
    _give_back(unit, claimed.digest)


def keep(unit: Unit, ring: KeyRing, claimed: Claim, answer: Rendered) -> None:
    """Store the answer with the work that it tells of."""
    sealed = ring.seal(answer.body, seal_context(claimed.digest))
    _keep(unit, claimed.digest, answer.status, answer.headers, sealed)


def seal_context(digest: bytes) -> str:
    """What an answer is sealed for."""
    return f"idempotent-answer:{digest.hex()}"


def _digest(*parts: str | bytes) -> bytes:
    whole = hashlib.sha256()
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        whole.update(len(encoded).to_bytes(8, "big") + encoded)
    return whole.digest()


class _Answer(NamedTuple):
    fingerprint: bytes
    status: int | None
    headers: dict[str, Any] | None
    body: bytes | None


@value
def _claim(
    digest: bytes, fingerprint: bytes, now: datetime, until: datetime
) -> ReturningInsert[bytes]:
    fresh = insert(idempotent_answers).values(
        digest=digest, fingerprint=fingerprint, created_at=now, expires_at=until
    )
    renewed = {name: fresh.excluded[name] for name in ("fingerprint", "created_at", "expires_at")}
    # a key whose day is over may be used anew
    return fresh.on_conflict_do_update(
        index_elements=["digest"],
        set_={**renewed, "status": null(), "headers": null(), "body": null()},
        where=idempotent_answers.c.expires_at <= now,
    ).returning(idempotent_answers.c.digest)


@one(_Answer)
def _find(
    digest: bytes,
) -> Select[bytes, int | None, dict[str, Any] | None, bytes | None]:
    return select(
        idempotent_answers.c.fingerprint,
        idempotent_answers.c.status,
        idempotent_answers.c.headers,
        idempotent_answers.c.body,
    ).where(idempotent_answers.c.digest == digest)


@change
def _give_back(digest: bytes) -> Delete:
    return delete(idempotent_answers).where(idempotent_answers.c.digest == digest)


@change
def _keep(digest: bytes, status: int, headers: Mapping[str, str], sealed: bytes) -> Update:
    return (
        update(idempotent_answers)
        .where(idempotent_answers.c.digest == digest)
        .values(status=status, headers=headers, body=sealed)
    )
