"""`Idempotency-Key`: a call that is sent again does nothing again and gets the same answer.

The key is claimed by an insert in the very unit that does the work, so of two calls at once the
second waits for the first; what was rolled back has claimed nothing.
(draft-ietf-httpapi-idempotency-key-header.)
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import LargeBinary, bindparam, delete, null, select, update

from signon.crypto import KeyRing
from signon.db import Json, Unit, insert_for
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
    row = {
        "digest": claimed.digest,
        "fingerprint": claimed.fingerprint,
        "created_at": unit.now,
        "expires_at": unit.now + LASTS,
    }
    fresh = insert_for(unit)(idempotent_answers)
    renewed = {name: fresh.excluded[name] for name in ("fingerprint", "created_at", "expires_at")}
    # a key whose day is over may be used anew
    fresh = fresh.on_conflict_do_update(
        index_elements=["digest"],
        set_={**renewed, "status": None, "headers": null(), "body": None},
        where=idempotent_answers.c.expires_at <= fresh.excluded.created_at,
    )
    taken = unit.execute(fresh.returning(idempotent_answers.c.digest), row)
    if taken.first() is not None:
        return None
    found = unit.execute(_FIND, {"of": claimed.digest}).one()
    if found.fingerprint != claimed.fingerprint or found.body is None:
        raise ApiError(
            422,
            "idempotency_key_reused",
            "This Idempotency-Key was used for another request: take a new one.",
        )
    return Rendered(
        found.status, ring.open(found.body, seal_context(claimed.digest)), found.headers
    )


def give_back(unit: Unit, claimed: Claim) -> None:
    """The work was refused, and the refusal leaves a trace: the key was used for nothing."""
    unit.execute(_GIVE_BACK, {"of": claimed.digest})


def keep(unit: Unit, ring: KeyRing, claimed: Claim, answer: Rendered) -> None:
    """Store the answer with the work that it tells of."""
    unit.execute(
        _KEEP,
        {
            "of": claimed.digest,
            "answered": answer.status,
            "with_headers": dict(answer.headers),
            "sealed": ring.seal(answer.body, seal_context(claimed.digest)),
        },
    )


def seal_context(digest: bytes) -> str:
    """What an answer is sealed for."""
    return f"idempotent-answer:{digest.hex()}"


def _digest(*parts: str | bytes) -> bytes:
    whole = hashlib.sha256()
    for part in parts:
        encoded = part.encode() if isinstance(part, str) else part
        whole.update(len(encoded).to_bytes(8, "big") + encoded)
    return whole.digest()


_OF = idempotent_answers.c.digest == bindparam("of", type_=LargeBinary)
_FIND = select(*idempotent_answers.c).where(_OF)
_GIVE_BACK = delete(idempotent_answers).where(_OF)
_KEEP = (
    update(idempotent_answers)
    .where(_OF)
    .values(
        status=bindparam("answered"),
        headers=bindparam("with_headers", type_=Json),
        body=bindparam("sealed", type_=LargeBinary),
    )
)
