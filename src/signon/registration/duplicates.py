"""Whether the person may have an account already (domain facts 1.4).

Two of name, birth date and e-mail address that an account shares are a hint; all three are the
same person.
"""

from datetime import date
from enum import IntEnum

from sqlalchemy import and_, bindparam, or_, select

from signon.accounts.directory import email_key, name_key
from signon.accounts.entries import Entered
from signon.accounts.models import accounts
from signon.db import Unit


class Likeness(IntEnum):
    """How like the likest account is."""

    NONE = 0
    POSSIBLE = 2
    SAME = 3


def likeness(unit: Unit, entered: Entered) -> Likeness:
    """Look at every account that shares two of the three with what was entered."""
    wanted = {
        "email": email_key(entered["email"]),
        "name": name_key(entered["first_name"], entered["last_name"]),
        "born": date.fromisoformat(entered["date_of_birth"]),
    }
    rows = unit.execute(_LIKE, wanted).all()
    if any(tuple(row) == (wanted["email"], wanted["name"], wanted["born"]) for row in rows):
        return Likeness.SAME
    return Likeness.POSSIBLE if rows else Likeness.NONE


def has_tag(email: str) -> bool:
    """Whether the address is one of the many that somebody has: `a+tag@x` is `a@x`."""
    return email_key(email) != email.strip().casefold()


_EMAIL = accounts.c.email_key == bindparam("email")
_NAME = accounts.c.name_key == bindparam("name")
_BORN = accounts.c.date_of_birth == bindparam("born")
_LIKE = select(accounts.c.email_key, accounts.c.name_key, accounts.c.date_of_birth).where(
    or_(and_(_EMAIL, or_(_NAME, _BORN)), and_(_NAME, _BORN))
)
