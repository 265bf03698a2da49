"""The life of signing keys: next → active → retired → withdrawn.

A new key is *next*: in the JWKS, so that every relying party has it before it signs. When the
overlap has passed it is *active*, and the key before it is *retired*: it signs no more, but
stays in the JWKS for one more overlap, longer than anything it signed lives. Then it is
*withdrawn*. The states follow from three moments in the row, so nobody has to be awake.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Insert, Select, Update, null, select, update
from sqlalchemy.dialects.postgresql import insert

from signon.audit import trail
from signon.audit.events import Event
from signon.clients.models import clients
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import InputError, RefusedError
from signon.prepared import change, value
from signon.tokens.models import signing_keys
from signon.tokens.stored_keys import (
    ALGORITHMS,
    AsymmetricKey,
    KeyState,
    StoredKey,
    all_keys,
    find,
    generate,
    seal_private,
)

ALWAYS_IN_USE = ("RS256", "ES256")
"""The first keys, and the last to go: Discovery 1.0 section 3 wants RS256 for ID tokens, and
access tokens are signed with ES256."""

Generator = Callable[[str], AsymmetricKey]


def rotate(
    database: Database,
    ring: KeyRing,
    alg: str | None = None,
    *,
    overlap: timedelta,
    actor: str = trail.COMMAND_LINE,
    generate: Generator = generate,
) -> list[StoredKey]:
    """Make new keys and answer them: of one algorithm, or of every one that has a key now.

    The first keys of all are active at once, RS256 and ES256; later ones after `overlap`, when
    the key before them retires, to stay published for as long again. Runs two units of its own:
    RSA keys take long to make, and no transaction waits for them.
    Raises InputError for an unknown algorithm, RefusedError while a next key is waiting
    already, as it is for the slower of two that rotate at once.
    """
    with database.reading() as unit:
        places = _places(unit, alg)
    made = [(place, generate(place.alg)) for place in places]
    with database.writing() as unit:
        for place, key in made:
            if place.replaces:
                _let_retire(unit, place, overlap)
            _store(unit, ring, place, key, overlap=overlap, actor=actor)
        return [find(unit, key.thumbprint()) for _, key in made]


def retire(
    unit: Unit,
    kid: str,
    *,
    overlap: timedelta,
    withdraw: bool = False,
    actor: str = trail.COMMAND_LINE,
) -> StoredKey:
    """Take a key out of signing at once; it stays published for `overlap`.

    With `withdraw` (the key is compromised) it leaves the JWKS at once too, what it signed is
    worth nothing any more, and the next key of its algorithm, if it was the only active one,
    becomes active now. A key that is still next is withdrawn, and its predecessor stays.
    Raises NotFoundError, and RefusedError when its algorithm would be left without a key.
    """
    key = find(unit, kid)
    state = key.state(unit.now)
    if state is KeyState.WITHDRAWN or (state is KeyState.RETIRED and not withdraw):
        raise RefusedError("retired", f"{kid} is {state} already: it signs nothing.")
    if state is KeyState.ACTIVE:
        _keep_one_active(unit, key, promote=withdraw)
    gone = withdraw or state is KeyState.NEXT
    retired_at = key.retired_at if state is KeyState.RETIRED else unit.now
    _retire(unit, kid, retired_at, unit.now if gone else unit.now + overlap)
    if state is KeyState.NEXT:
        _stay(unit, key.alg, unit.now)
    reason = "withdrawn" if gone else "retired"
    trail.record(unit, Event.KEY_RETIRED, actor=actor, reason=reason, kid=kid, alg=key.alg)
    return find(unit, kid)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a new key belongs: after which one, or among the very first."""

    alg: str
    replaces: str | None
    is_first: bool


def _places(unit: Unit, alg: str | None) -> list[_Place]:
    if alg is not None and alg not in ALGORITHMS:
        raise InputError(f"{alg!r} is not an algorithm for keys: use {', '.join(ALGORITHMS)}.")
    lasting = {key.alg: key for key in all_keys(unit) if key.retired_at is None}
    if not lasting:
        others = [alg] if alg and alg not in ALWAYS_IN_USE else []
        return [_Place(name, None, is_first=True) for name in [*ALWAYS_IN_USE, *others]]
    places = []
    for name in [alg] if alg else lasting:
        before = lasting.get(name)
        if before and before.state(unit.now) is KeyState.NEXT:
            raise _already_rotating(name)
        places.append(_Place(name, before.kid if before else None, is_first=False))
    return places


def _let_retire(unit: Unit, place: _Place, overlap: timedelta) -> None:
    """Set the end of the key before; guarded, so that of two rotations one stops here."""
    at = unit.now + overlap
    if place.replaces is None or _retire_lasting(unit, place.replaces, at, at + overlap) != 1:
        raise _already_rotating(place.alg)


def _store(
    unit: Unit,
    ring: KeyRing,
    place: _Place,
    key: AsymmetricKey,
    *,
    overlap: timedelta,
    actor: str,
) -> None:
    """Insert a key, unless its algorithm has got a lasting one in the meantime."""
    kid = key.thumbprint()
    stored = _insert(
        unit,
        kid,
        place.alg,
        public=key.as_dict(private=False, kid=kid, alg=place.alg, use="sig"),
        private=seal_private(ring, kid, key),
        now=unit.now,
        active_from=unit.now if place.is_first else unit.now + overlap,
    )
    if stored != 1:
        raise _already_rotating(place.alg)
    trail.record(unit, Event.KEY_CREATED, actor=actor, kid=kid, alg=place.alg)


def _keep_one_active(unit: Unit, key: StoredKey, *, promote: bool) -> None:
    """Let no algorithm that is in use be without an active key."""
    others = [other for other in all_keys(unit) if other.alg == key.alg and other.kid != key.kid]
    if any(other.state(unit.now) is KeyState.ACTIVE for other in others):
        return
    waiting = [other for other in others if other.state(unit.now) is KeyState.NEXT]
    if promote and waiting:
        _promote(unit, waiting[0].kid, unit.now)
    elif _is_in_use(unit, key.alg):
        raise RefusedError("last_active", _what_instead(key.alg, waiting))


def _is_in_use(unit: Unit, alg: str) -> bool:
    return alg in ALWAYS_IN_USE or _user_of(unit, alg) is not None


def _what_instead(alg: str, waiting: Sequence[StoredKey]) -> str:
    only = f"That is the only active {alg} key, and {alg} is in use"
    if not waiting:
        return f"{only}: run `signon keys rotate --alg {alg}` first."
    since = waiting[0].active_from.isoformat(timespec="seconds")
    return f"{only}: the next one takes over at {since}; if this one is compromised, add --now."


def _already_rotating(alg: str) -> RefusedError:
    return RefusedError(
        "already_rotating",
        f"{alg} has a new key already: `signon keys list` says when it becomes active. "
        "Rotate again after that.",
    )


@value
def _user_of(alg: str) -> Select[str]:
    """The id of a client that gets ID tokens signed so."""
    users = clients.c.id_token_alg == alg, clients.c.disabled_at.is_(None)
    return select(clients.c.id).where(*users).limit(1)


@change
def _insert(
    kid: str,
    alg: str,
    *,
    public: Mapping[str, Any],
    private: bytes,
    now: datetime,
    active_from: datetime,
) -> Insert:
    new = insert(signing_keys).values(
        kid=kid, alg=alg, public=public, private=private, created_at=now, active_from=active_from
    )
    return new.on_conflict_do_nothing()


@change
def _retire(kid: str, at: datetime | None, until: datetime) -> Update:
    this = update(signing_keys).where(signing_keys.c.kid == kid)
    return this.values(retired_at=at, published_until=until)


@change
def _retire_lasting(kid: str, at: datetime, until: datetime) -> Update:
    lasting = signing_keys.c.kid == kid, signing_keys.c.retired_at.is_(None)
    return update(signing_keys).where(*lasting).values(retired_at=at, published_until=until)


@change
def _stay(alg: str, now: datetime) -> Update:
    retiring = signing_keys.c.alg == alg, signing_keys.c.retired_at > now
    return update(signing_keys).where(*retiring).values(retired_at=null(), published_until=null())


@change
def _promote(kid: str, now: datetime) -> Update:
    return update(signing_keys).where(signing_keys.c.kid == kid).values(active_from=now)
