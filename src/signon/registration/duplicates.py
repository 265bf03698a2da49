"""Whether the person may have an account already (domain facts 1.4).

Two of name, birth date and e-mail address that an account shares are a hint; all three are the
same person.
"""

from datetime import date
from enum import IntEnum
from typing import NamedTuple

from sqlalchemy import Select, and_, or_, select

from signon.accounts.directory import email_key, name_key
from signon.accounts.entries import Entered
from signon.accounts.models import accounts
from signon.db import Unit
from signon.prepared import every


class Likeness(IntEnum):
    """How like the likest account is."""

    NONE = 0
    POSSIBLE = 2
    SAME = 3


def likeness(unit: Unit, entered: Entered) -> Likeness:
    """Look at every account that shares two of the three with what was entered."""
    wanted = _Alike(
        email_key(entered["email"]),
        name_key(entered.get("first_name"), entered["last_name"]),
        date.fromisoformat(entered["date_of_birth"]),
    )
    found = _alike(unit, wanted)
    if wanted in found:
        return Likeness.SAME
    return Likeness.POSSIBLE if found else Likeness.NONE


def has_tag(email: str) -> bool:
    """Whether the address is one of the many that somebody has: `a+tag@x` is `a@x`."""
    return email_key(email) != email.strip().casefold()


class _Alike(NamedTuple):
    email_key: str
    name_key: str | None
    date_of_birth: date | None


@every(_Alike)
def _alike(wanted: _Alike) -> Select[str, str | None, date | None]:
    email = accounts.c.email_key == wanted.email_key
    name = accounts.c.name_key == wanted.name_key
    born = accounts.c.date_of_birth == wanted.date_of_birth
    shares_two = or_(and_(email, or_(name, born)), and_(name, born))
    columns = select(accounts.c.email_key, accounts.c.name_key, accounts.c.date_of_birth)
    return columns.where(shares_two)
