"""Whether there are keys to sign with: for the probe, `serve` and `doctor`."""

from sqlalchemy import bindparam, or_, select

from signon.db import Moment, Unit
from signon.tokens.models import signing_keys
from signon.tokens.rotation import ALWAYS_IN_USE


def algorithms_without_key(unit: Unit) -> list[str]:
    """The algorithms that must always have an active key and have none."""
    found = set(unit.execute(_ACTIVE, {"now": unit.now}).scalars())
    return [alg for alg in ALWAYS_IN_USE if alg not in found]


def why_not_ready(unit: Unit) -> str | None:
    """A sentence when something is missing, else None."""
    missing = algorithms_without_key(unit)
    if not missing:
        return None
    return f"There is no active signing key for {' and '.join(missing)}."


_NOW = bindparam("now", type_=Moment)
_ACTIVE = select(signing_keys.c.alg).where(
    signing_keys.c.active_from <= _NOW,
    or_(signing_keys.c.retired_at.is_(None), signing_keys.c.retired_at > _NOW),
)
