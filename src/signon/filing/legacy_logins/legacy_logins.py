"""Legacy logins: a court's own filer logins from before central sign-on."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, bindparam, select

from signon.accounts import password_work
from signon.accounts.models import accounts
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import NotFoundError
from signon.filing.models import legacy_logins, rights


class LoginStatus(StrEnum):
    """What the court says of a login."""

    ACTIVE = "active"
    DISABLED = "disabled"
    LOCKED = "locked"


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

    @property
    def name(self) -> str:
        """The filer's name."""
        return " ".join(part for part in (self.first_name, self.last_name) if part)

    @property
    def is_linked(self) -> bool:
        """Whether it stopped working: it belongs to an account now."""
        return self.holder is not None


def login_key(login: str) -> str:
    """Logins that differ only in case are one; courts never told them apart."""
    return unicodedata.normalize("NFC", login.strip()).casefold()


def email_key(email: str) -> str:
    """Addresses that differ only in case are one."""
    return email.strip().lower()


def seal_password(ring: KeyRing, login_id: str, stored: str) -> bytes:
    """A prepared password (`foreign_hashes.prepare`) as it lies in the table."""
    return ring.seal(stored.encode(), seal_context(login_id))


def works_in_use(unit: Unit, court_id: str) -> frozenset[str]:
    """The works of the passwords of a court's logins (`accounts.password_work`)."""
    return frozenset(unit.execute(_WORKS, {"court_id": court_id}).scalars())


def open_password(ring: KeyRing, login: LegacyLogin) -> str:
    """What `seal_password` sealed. Raises UnsealError."""
    return ring.open(login.password, seal_context(login.id)).decode()


def by_login(unit: Unit, court_id: str, login: str) -> LegacyLogin | None:
    """The court's login of that name, in any case."""
    values = {"court_id": court_id, "key": login_key(login)}
    return _one(unit, _BY_LOGIN, values)


def by_id(unit: Unit, login_id: str) -> LegacyLogin | None:
    """One login."""
    return _one(unit, _BY_ID, {"id": login_id})


def at_email(unit: Unit, court_id: str, email: str) -> list[LegacyLogin]:
    """The court's logins with that address on file, in any case."""
    values = {"court_id": court_id, "email": email_key(email)}
    rows = unit.execute(_AT_EMAIL, values).mappings()
    return [_of_row(row) for row in rows]


def unknown_login() -> NotFoundError:
    """What to say of an id that no login of the court has."""
    return NotFoundError("The court has no such legacy login.")


def hold(unit: Unit, login_id: str) -> LegacyLogin | None:
    """One login, held until the unit ends, so that an import and a link do not cross."""
    unit.execute(_HOLD, {"id": login_id})
    return by_id(unit, login_id)


def listed(unit: Unit, court_id: str) -> list[dict[str, Any]]:
    """A court's logins for the command line, in the order of their names; no passwords."""
    rows = unit.execute(_LISTED, {"court_id": court_id}).mappings()
    return [_shown(row) for row in rows]


def _shown(row: Mapping[Any, Any]) -> dict[str, Any]:
    names = ("login", "first_name", "last_name", "bar_id", "email", "roles", "cases")
    return {
        **{name: row[name] for name in names},
        "status": LINKED if row["holder"] else row["status"],
        "account_number": row["number"],
        "right_status": row["right_status"],
    }


def seal_context(login_id: str) -> str:
    """What a legacy login's password is sealed for."""
    return f"legacy-login:{login_id}"


def _one(unit: Unit, statement: Select[Any], values: Mapping[str, str]) -> LegacyLogin | None:
    row = unit.execute(statement, values).mappings().one_or_none()
    return _of_row(row) if row else None


def _of_row(row: Mapping[Any, Any]) -> LegacyLogin:
    return LegacyLogin(
        id=row["id"],
        court_id=row["court_id"],
        login=row["login"],
        first_name=row["first_name"],
        last_name=row["last_name"],
        bar_id=row["bar_id"],
        email=row["email"],
        status=LoginStatus(row["status"]),
        roles=tuple(row["roles"]),
        cases=None if row["cases"] is None else tuple(row["cases"]),
        holder=row["holder"],
        proof_version=row["proof_version"],
        imported_by=row["imported_by"],
        import_asked_by=row["import_asked_by"],
        password=row["password"],
    )


_WITH_RIGHT = legacy_logins.outerjoin(
    rights, (rights.c.legacy_login_id == legacy_logins.c.id) & rights.c.ended_at.is_(None)
)
_HOLDER = rights.c.account_id.label("holder")
_READ = select(*legacy_logins.c, _HOLDER).select_from(_WITH_RIGHT)
_BY_LOGIN = _READ.where(
    legacy_logins.c.court_id == bindparam("court_id"),
    legacy_logins.c.login_key == bindparam("key"),
)
_BY_ID = _READ.where(legacy_logins.c.id == bindparam("id"))
_AT_EMAIL = _READ.where(
    legacy_logins.c.court_id == bindparam("court_id"),
    legacy_logins.c.email_key == bindparam("email"),
).order_by(legacy_logins.c.login_key)
_HOLD = (
    select(legacy_logins.c.id)
    .where(legacy_logins.c.id == bindparam("id"))
    .with_for_update(key_share=True)
)
_WORKS = password_work.every(
    legacy_logins.c.password_work, legacy_logins.c.court_id == bindparam("court_id")
)
_LISTED = (
    select(
        *(column for column in legacy_logins.c if column is not legacy_logins.c.password),
        _HOLDER,
        rights.c.status.label("right_status"),
        accounts.c.number,
    )
    .select_from(_WITH_RIGHT.outerjoin(accounts, accounts.c.id == rights.c.account_id))
    .where(legacy_logins.c.court_id == bindparam("court_id"))
    .order_by(legacy_logins.c.login_key)
)
