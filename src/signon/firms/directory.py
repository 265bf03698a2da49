"""Finding a firm, and what it is to the rest of this feature."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, exists, func, select

from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.db import Unit
from signon.errors import NotFoundError
from signon.firms.models import administrators, firms
from signon.web.preconditions import etag_of


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm's account. `own_sign_in`: signing in with it makes an administrator."""

    id: str
    number: str
    name: str
    email: str
    is_active: bool
    is_upgraded: bool
    own_sign_in: bool
    client_code_required: bool
    client_code_pattern: str | None
    created_at: datetime

    @property
    def version(self) -> str:
        """The entity tag of the firm's own data and rules."""
        return etag_of(
            self.number, self.name, self.own_sign_in,
            self.client_code_required, self.client_code_pattern,
        )  # fmt: skip


FIRM_COLUMNS = (
    accounts.c.id,
    accounts.c.number,
    func.coalesce(accounts.c.firm_name, accounts.c.username).label("name"),
    accounts.c.email,
    accounts.c.status,
    accounts.c.upgraded_at,
    accounts.c.client_code_required,
    accounts.c.client_code_pattern,
    accounts.c.created_at,
    func.coalesce(firms.c.own_sign_in, True).label("own_sign_in"),
)
"""What `from_row` needs of `FIRMS`."""
FIRMS = accounts.outerjoin(firms, firms.c.firm_id == accounts.c.id)
IS_FIRM = accounts.c.kind == AccountKind.FIRM.value


def administers(account_id: Any) -> Any:
    """The condition, in a statement over `FIRMS`, that an account is one of its administrators."""
    invited = exists().where(
        administrators.c.firm_id == accounts.c.id, administrators.c.account_id == account_id
    )
    is_own = and_(accounts.c.id == account_id, func.coalesce(firms.c.own_sign_in, True))
    # as a number, because only some databases answer a truth as a column
    return case((is_own | invited, 1), else_=0)


def from_row(row: Mapping[Any, Any]) -> Firm:
    """The firm in a row of `FIRM_COLUMNS`."""
    return Firm(
        id=row["id"],
        number=row["number"],
        name=row["name"],
        email=row["email"],
        is_active=row["status"] == AccountStatus.ACTIVE.value,
        is_upgraded=row["upgraded_at"] is not None,
        own_sign_in=bool(row["own_sign_in"]),
        client_code_required=row["client_code_required"],
        client_code_pattern=row["client_code_pattern"],
        created_at=row["created_at"],
    )


def unknown_firm() -> NotFoundError:
    """One answer for a number that no firm has and for a firm that is not the caller's."""
    return NotFoundError("There is no such firm.")


def by_id(unit: Unit, firm_id: str) -> Firm:
    """A firm that is known to be there."""
    return from_row(unit.execute(_BY_ID, {"id": firm_id}).mappings().one())


def administered(unit: Unit, account_id: str) -> list[Firm]:
    """The firms that a person manages, by their names."""
    rows = unit.execute(_ADMINISTERED, {"who": account_id}).mappings()
    return sorted((from_row(row) for row in rows), key=lambda firm: (firm.name, firm.number))


_BY_ID = select(*FIRM_COLUMNS).select_from(FIRMS).where(accounts.c.id == bindparam("id"))
_INVITED = select(administrators.c.firm_id).where(administrators.c.account_id == bindparam("who"))
_ADMINISTERED = (
    select(*FIRM_COLUMNS)
    .select_from(FIRMS)
    .where(
        IS_FIRM,
        accounts.c.id.in_(_INVITED) | (accounts.c.id == bindparam("who")),
        administers(bindparam("who")) == 1,
    )
)
