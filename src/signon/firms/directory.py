"""Finding a firm, and what it is to the rest of this feature."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, exists, func, select

from signon.accounts.models import AccountKind, AccountStatus, accounts
from signon.db import Unit
from signon.errors import NotFoundError
from signon.firms.models import administrators, firms
from signon.prepared import every, one
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
    programs_allowed: bool
    created_at: datetime

    @property
    def version(self) -> str:
        """The entity tag of the firm's own data and rules."""
        return etag_of(
            self.number, self.name, self.own_sign_in,
            self.client_code_required, self.client_code_pattern, self.programs_allowed,
        )  # fmt: skip


FIRM_COLUMNS: Sequence[ColumnElement[Any]] = (
    accounts.c.id,
    accounts.c.number,
    func.coalesce(accounts.c.firm_name, accounts.c.username).label("name"),
    accounts.c.email,
    accounts.c.status,
    accounts.c.upgraded_at,
    accounts.c.client_code_required,
    accounts.c.client_code_pattern,
    accounts.c.programs_allowed,
    accounts.c.created_at,
    func.coalesce(firms.c.own_sign_in, True).label("own_sign_in"),
)
"""What `firm` is made of, of `FIRMS`."""
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


def firm(
    firm_id: str,
    number: str,
    name: str,
    email: str,
    status: str,
    upgraded_at: datetime | None,
    client_code_required: bool,
    client_code_pattern: str | None,
    programs_allowed: bool,
    created_at: datetime,
    own_sign_in: bool,
) -> Firm:
    """The firm in the columns of `FIRM_COLUMNS`."""
    return Firm(
        id=firm_id,
        number=number,
        name=name,
        email=email,
        is_active=status == AccountStatus.ACTIVE.value,
        is_upgraded=upgraded_at is not None,
        own_sign_in=bool(own_sign_in),
        client_code_required=client_code_required,
        client_code_pattern=client_code_pattern,
        programs_allowed=programs_allowed,
        created_at=created_at,
    )


def unknown_firm() -> NotFoundError:
    """One answer for a number that no firm has and for a firm that is not the caller's."""
    return NotFoundError("There is no such firm.")


def by_id(unit: Unit, firm_id: str) -> Firm:
    """A firm that is known to be there."""
    found = _by_id(unit, firm_id)
    assert found is not None
    return found


def by_number(unit: Unit, number: str) -> Firm | None:
    """The firm of that number."""
    return _by_number(unit, number)


def administered(unit: Unit, account_id: str) -> list[Firm]:
    """The firms that a person manages, by their names."""
    return sorted(_administered(unit, account_id), key=lambda found: (found.name, found.number))


@one(firm)
def _by_id(firm_id: str) -> Select[Any]:
    return select(*FIRM_COLUMNS).select_from(FIRMS).where(accounts.c.id == firm_id)


@one(firm)
def _by_number(number: str) -> Select[Any]:
    return select(*FIRM_COLUMNS).select_from(FIRMS).where(accounts.c.number == number, IS_FIRM)


@every(firm)
def _administered(account_id: str) -> Select[Any]:
    invited = select(administrators.c.firm_id).where(administrators.c.account_id == account_id)
    return (
        select(*FIRM_COLUMNS)
        .select_from(FIRMS)
        .where(
            IS_FIRM,
            accounts.c.id.in_(invited) | (accounts.c.id == account_id),
            administers(account_id) == 1,
        )
    )
