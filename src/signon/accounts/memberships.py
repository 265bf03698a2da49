"""What an account says of the firm that is billed for it, and a firm's of its rule for client codes."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Update, case, null, update

from signon.accounts import search
from signon.accounts.models import AccountStatus, SearchStatus, accounts
from signon.db import Unit
from signon.prepared import change

_HAS_LEFT = accounts.c.search_status_reason == search.LEFT_FIRM


def join(
    unit: Unit, account_id: str, firm: str, *, expected: str | None, cost_center_id: str | None
) -> bool:
    """Whether the account is a member of the firm of that number now.

    `expected` is the firm that it leaves, None when it is in none: elsewhere, frozen or not
    active it stays as it was.
    """
    return _join(unit, account_id, expected, firm, cost_center_id, unit.now) == 1


def part(unit: Unit, firm: str, numbers: Sequence[str]) -> Sequence[Any]:
    """Let the members of these numbers go; answers `id`, `number` and `search_status_reason` of
    those that there were. A search that an operator has switched off stays off for that reason.
    """
    searches = accounts.c.search_status == SearchStatus.ACTIVE.value
    # a list of any length, and so no prepared statement
    return unit.execute(
        update(accounts)
        .where(accounts.c.firm_number == firm, accounts.c.number.in_(numbers))
        .values(
            firm_number=None,
            firm_joined_at=None,
            cost_center_id=None,
            search_status=SearchStatus.INACTIVE.value,
            search_status_reason=case(
                (searches, search.LEFT_FIRM), else_=accounts.c.search_status_reason
            ),
            updated_at=unit.now,
        )
        .returning(accounts.c.id, accounts.c.number, accounts.c.search_status_reason)
    ).all()


def counted_in(number: str, firm: str, cost_center_id: ColumnElement[Any]) -> Update:
    """The statement that puts a member into the firm's cost center, or with NULL into none."""
    member = update(accounts).where(accounts.c.number == number, accounts.c.firm_number == firm)
    return member.values(cost_center_id=cost_center_id)


def set_client_codes(
    unit: Unit, account_id: str, *, is_required: bool, pattern: str | None
) -> None:
    """Set the rule for client codes that a firm has for its members."""
    _set_client_codes(unit, account_id, is_required, pattern, unit.now)


@change
def _join(
    account_id: str, expected: str | None, firm: str, cost_center_id: str | None, now: datetime
) -> Update:
    return (
        update(accounts)
        .where(
            accounts.c.id == account_id,
            accounts.c.firm_number.is_not_distinct_from(expected),
            accounts.c.status == AccountStatus.ACTIVE.value,
            accounts.c.frozen_at.is_(None),
        )
        .values(
            firm_number=firm,
            firm_joined_at=now,
            cost_center_id=cost_center_id,
            # what rested because nobody paid is paid for again; any other reason stays
            search_status=case(
                (_HAS_LEFT, SearchStatus.ACTIVE.value), else_=accounts.c.search_status
            ),
            search_status_reason=case((_HAS_LEFT, null()), else_=accounts.c.search_status_reason),
            updated_at=now,
        )
    )


@change
def _set_client_codes(
    account_id: str, is_required: bool, pattern: str | None, now: datetime
) -> Update:
    firm = update(accounts).where(accounts.c.id == account_id)
    return firm.values(
        client_code_required=is_required, client_code_pattern=pattern, updated_at=now
    )
