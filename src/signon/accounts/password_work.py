"""What looking at a password costs, so that neither a name nor a login is told by the time it takes.

The *work* of a stored string names what verifying it computes: scheme and costs, without salt and
digest, such as ``bcrypt:cost=12`` or, for a wrapped hash,
``des-crypt:|argon2id:m=19456,t=2,p=1``. It stands beside each sealed password. A password that is
not accepted is looked at with **every work in use** among the account passwords, or among a
court's legacy logins: with its own if there is one, and with a `specimen` of each other. The sum is the same
for everybody, it is found by the index of the works and not by looking at passwords, and when the
last bcrypt hash has become Argon2id at a sign-in, nobody pays for bcrypt any more. A password that is accepted pays its own
work only: it has told what it could.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import ColumnElement, Select, func, select, update

from signon.accounts.foreign_hashes import (
    WRAPPED,
    ForeignHash,
    form_of,
    parse,
    unwrapped,
    wrapped,
)
from signon.accounts.foreign_notations import FORMS
from signon.crypto import KeyRing
from signon.db import Database, Unit

if TYPE_CHECKING:
    from argon2 import PasswordHasher

NOTHING: Final = ""
"""The work of no password."""
LONGEST: Final = 80
"""Characters of a work's name."""
CEILING_MS: Final = 500
"""What all works in use may cost together, by `price`: anybody may ask for them by a wrong guess."""
BATCH: Final = 500
"""Passwords whose works are noted in one unit."""
STALE_SECONDS: Final = 30
"""How old the servers' knowledge of the works in use may be."""

_INSIDE: Final = "|"
_BCRYPT_PER_MS: Final = 20
_ARGON2_KIB_PER_MS: Final = 1500
_SHA_CRYPT_PER_MS: Final = 500
_PBKDF2_PER_MS: Final = 2500
_SMALL_MS: Final = 5


def of(stored: str) -> str:
    """The work of a stored string; `NOTHING` where it is none, and so matches nothing."""
    try:
        if not stored.startswith(WRAPPED):
            return _named(parse(stored).settings)
        settings, argon2id = unwrapped(stored)
        return _named(settings) + _INSIDE + _named(parse(argon2id).settings)
    except ValueError:
        return NOTHING


def of_hasher(hasher: "PasswordHasher") -> str:
    """The work of what this hasher makes."""
    return f"argon2id:m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"


def of_foreign(foreign: ForeignHash, hasher: "PasswordHasher") -> str:
    """The work of what `foreign_hashes.prepare` will make of it."""
    own = _named(foreign.settings)
    return own + _INSIDE + of_hasher(hasher) if foreign.is_weak else own


def specimen(work: str) -> str:
    """A stored string that takes just this work and matches nothing."""
    first, _, wrapping = work.partition(_INSIDE)
    bare = _bare(first)
    return wrapped(parse(bare).settings, _bare(wrapping)) if wrapping else bare


def price(work: str) -> float:
    """Milliseconds on an ordinary machine, roughly: for a bound, not for a promise."""
    return sum(_price(*_parts(one)) for one in work.split(_INSIDE))


class Budget:
    """What an import may still bring, beside the works that are in use already."""

    def __init__(self, in_use: Iterable[str]) -> None:
        self._works = set(in_use)

    def refusal(self, work: str) -> str | None:
        """Why a hash of this work cannot be taken, or None; then it is counted as in use."""
        if work in self._works:
            return None
        together = price(work) + sum(map(price, self._works))
        if together > CEILING_MS:
            scheme = work.partition(":")[0]
            return (
                f"{scheme} of this cost is too dear: with what is in use, each wrong password "
                f"would take about {together:.0f} ms, {CEILING_MS} are allowed. Its owner needs a "
                "new password or a hash of lower cost."
            )
        self._works.add(work)
        return None


def every(column: ColumnElement[str | None], *where: ColumnElement[bool]) -> Select[Any]:
    """Every value that an indexed column has: a step in the index for each, however many rows."""
    first = select(func.min(column).label("work")).where(*where)
    steps = first.cte("steps", recursive=True)
    after = select(func.min(column)).where(column > steps.c.work, *where)
    further = select(after.correlate(steps).scalar_subquery()).where(steps.c.work.is_not(None))
    steps = steps.union_all(further)
    return select(steps.c.work).where(steps.c.work != NOTHING)


async def note_missing(
    database: Database, ring: KeyRing, sealed: Mapping[Any, Callable[[str], str]]
) -> int:
    """Note the works of passwords from before there were any; answers how many.

    `sealed` are tables of passwords, with what makes the context of a row's seal.
    """
    noted = 0
    for table, context in sealed.items():
        while some := await database.write(_note, ring, table, context):
            noted += some
    return noted


def _note(unit: Unit, ring: KeyRing, table: Any, context: Callable[[str], str]) -> int:
    columns = table.c
    # whichever table it is
    rows = unit.execute(
        select(columns.id, columns.password).where(columns.password_work.is_(None)).limit(BATCH)
    ).all()
    for row in rows:
        stored = ring.open(row.password, context(row.id)).decode() if row.password else ""
        # whoever gave it another password meanwhile has noted that one's
        still = (columns.id == row.id) & columns.password_work.is_(None)
        unit.execute(update(table).where(still).values(password_work=of(stored)))
    return len(rows)


def _named(settings: str) -> str:
    scheme, form = form_of(settings)
    match = form.settings.fullmatch(settings)
    if match is None:
        raise ValueError(scheme)
    costs = ",".join(f"{name}={int(number)}" for name, number in match.groupdict().items())
    return f"{scheme}:{costs}"


def _parts(work: str) -> tuple[str, dict[str, int]]:
    scheme, _, text = work.partition(":")
    costs = (cost.split("=") for cost in text.split(",") if cost)
    return scheme, {name: int(number) for name, number in costs}


def _bare(work: str) -> str:
    scheme, costs = _parts(work)
    return FORMS[scheme].specimen.format(**costs)


def _price(scheme: str, costs: dict[str, int]) -> float:
    if scheme == "argon2id":
        return costs["m"] * costs["t"] / _ARGON2_KIB_PER_MS
    if scheme == "bcrypt":
        return float(2 ** costs["cost"]) / _BCRYPT_PER_MS
    if scheme in {"sha512-crypt", "sha256-crypt"}:
        return costs["rounds"] / _SHA_CRYPT_PER_MS
    if scheme == "pbkdf2-sha256":
        return costs["rounds"] / _PBKDF2_PER_MS
    return _SMALL_MS
