"""Legacy logins: a court's own filer logins from before central sign-on."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import Select, or_, select

from signon.accounts import password_work
from signon.accounts.models import accounts
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import NotFoundError
from signon.filing.models import folded_logins, legacy_logins, rights
from signon.prepared import every, given, one, value, values


class LoginStatus(StrEnum):
    """What the court says of a login."""

    ACTIVE = "active"
    DISABLED = "disabled"
    LOCKED = "locked"


PART = 1000
"""Logins that are read at once where all are listed."""
LINKED = "linked"
"""What a list shows instead of the court's word once the login has moved to an account."""


@dataclass(frozen=True, slots=True)
class LegacyLogin:
    """A legacy login; `holder` is the account it is linked to, if it is."""

    id: str
    court_id: str
    login: str
    first_name: str
    last_name: str
    bar_id: str | None
    email: str
    status: LoginStatus
    roles: tuple[str, ...]
    cases: tuple[str, ...] | None
    holder: str | None
    proof_version: int
    imported_by: str | None
    import_asked_by: str | None
    password: bytes = field(repr=False)
    """Of a login that the court gave no password, nothing: no password is its own."""

    @property
    def name(self) -> str:
        """The filer's name."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    @property
    def is_linked(self) -> bool:
        """Whether it stopped working: it belongs to an account now."""
        return self.holder is not None


def login_key(login: str) -> str:
    """Logins that differ only in case, in what cannot be seen or in the kind of their blanks are
    one; courts never told them apart.
    """
    seen = "".join(one for one in login if unicodedata.category(one) != "Cf")
    return unicodedata.normalize("NFC", " ".join(seen.split())).casefold()


def email_key(email: str) -> str:
    """Addresses that differ only in case are one."""
    return email.strip().lower()


def seal_password(ring: KeyRing, login_id: str, stored: str) -> bytes:
    """A prepared password (`foreign_hashes.prepare`) as it lies in the table."""
    return ring.seal(stored.encode(), seal_context(login_id))


def works_in_use(unit: Unit, court_id: str) -> frozenset[str]:
    """The works of the passwords of a court's logins (`accounts.password_work`)."""
    return frozenset(_works(unit, court_id))


def open_password(ring: KeyRing, login: LegacyLogin) -> str:
    """What `seal_password` sealed. Raises UnsealError."""
    return ring.open(login.password, seal_context(login.id)).decode()


def by_login(unit: Unit, court_id: str, login: str) -> LegacyLogin | None:
    """The court's login of that name, in any case."""
    return _by_login(unit, court_id, login_key(login))


def at_email(unit: Unit, court_id: str, email: str) -> list[LegacyLogin]:
    """The court's logins with that address on file, in any case."""
    return _at_email(unit, court_id, email_key(email))


def unknown_login() -> NotFoundError:
    """What to say of an id that no login of the court has."""
    return NotFoundError("The court has no such legacy login.")


def hold(unit: Unit, login_id: str) -> LegacyLogin | None:
    """One login, held until the unit ends, so that an import and a link do not cross."""
    _hold(unit, login_id)
    return by_id(unit, login_id)


def listed(unit: Unit, court_id: str) -> Iterator[dict[str, Any]]:
    """A court's logins for the command line, in the order of their names; no passwords.

    They are read part by part: a court has several hundred thousand.
    """
    after = ""
    while part := _listed(unit, court_id, after, PART):
        for row in part:
            yield {**row._asdict(), "status": LINKED if row.account_number else row.status}
        after = login_key(part[-1].login)


def seal_context(login_id: str) -> str:
    """What a legacy login's password is sealed for."""
    return f"legacy-login:{login_id}"


def _login(*columns: Any) -> LegacyLogin:
    fields = dict(zip(LegacyLogin.__slots__, columns, strict=True))
    fields["status"] = LoginStatus(fields["status"])
    fields["roles"] = tuple(fields["roles"])
    fields["cases"] = None if fields["cases"] is None else tuple(fields["cases"])
    return LegacyLogin(**fields)


class _Listed(NamedTuple):
    login: str
    first_name: str
    last_name: str
    bar_id: str | None
    email: str
    roles: list[str]
    cases: list[str] | None
    status: str
    account_number: str | None
    right_status: str | None


_WITH_RIGHT = legacy_logins.outerjoin(
    folded_logins, folded_logins.c.legacy_login_id == legacy_logins.c.id
).outerjoin(
    rights,
    or_(rights.c.legacy_login_id == legacy_logins.c.id, rights.c.id == folded_logins.c.right_id)
    & rights.c.ended_at.is_(None),
)
_HOLDER = rights.c.account_id.label("holder")
_READ = select(
    *(_HOLDER if name == "holder" else legacy_logins.c[name] for name in LegacyLogin.__slots__)
).select_from(_WITH_RIGHT)


@one(_login)
def _by_login(court_id: str, key: str) -> Select[*tuple[Any, ...]]:
    return _READ.where(legacy_logins.c.court_id == court_id, legacy_logins.c.login_key == key)


@one(_login)
def by_id(login_id: str) -> Select[*tuple[Any, ...]]:
    """One login, or None when there is none of that id."""
    return _READ.where(legacy_logins.c.id == login_id)


@every(_login)
def _at_email(court_id: str, key: str) -> Select[*tuple[Any, ...]]:
    found = _READ.where(legacy_logins.c.court_id == court_id, legacy_logins.c.email_key == key)
    return found.order_by(legacy_logins.c.login_key)


@value
def _hold(login_id: str) -> Select[str]:
    found = select(legacy_logins.c.id).where(legacy_logins.c.id == login_id)
    return found.with_for_update(key_share=True)


@values
def _works(court_id: str) -> Select[str]:
    return password_work.every(
        legacy_logins.c.password_work, legacy_logins.c.court_id == given(court_id)
    )


@every(_Listed)
def _listed(court_id: str, after: str, limit: int) -> Select[*tuple[Any, ...]]:
    return (
        select(
            *(legacy_logins.c[name] for name in _Listed._fields[:-2]),
            accounts.c.number.label("account_number"),
            rights.c.status.label("right_status"),
        )
        .select_from(_WITH_RIGHT.outerjoin(accounts, accounts.c.id == rights.c.account_id))
        .where(legacy_logins.c.court_id == court_id, legacy_logins.c.login_key > after)
        .order_by(legacy_logins.c.login_key)
        .limit(limit)
    )
