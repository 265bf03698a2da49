"""A firm's administrators: its own sign-in, and people whom an administrator invited.

Whoever changes the list holds the firm's lock, so that one always remains.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, func, select

from signon.accounts import own_account
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, from_row
from signon.accounts.models import AccountStatus, accounts
from signon.audit.events import Event
from signon.db import Unit, insert_for
from signon.errors import NotFoundError, RefusedError
from signon.firms import changes
from signon.firms.access import ActedAs, Authority
from signon.firms.changes import Change
from signon.firms.directory import unknown_firm
from signon.firms.models import administrators, firms
from signon.web.preconditions import etag_of

SUBJECT = "administrator"


@dataclass(frozen=True, slots=True)
class Administrator:
    """One of them; `since` of None: the firm's own sign-in, an administrator from the start."""

    account: Account
    since: datetime | None

    @property
    def is_own_sign_in(self) -> bool:
        """Whether this is the firm's own account."""
        return self.since is None


def manages(account_id: ColumnElement[str]) -> ColumnElement[datetime]:
    """Since when that account is invited to manage some firm, or NULL."""
    since = select(func.min(administrators.c.added_at))
    return since.where(administrators.c.account_id == account_id).scalar_subquery()


def listed(unit: Unit, authority: Authority) -> list[Administrator]:
    """The firm's own sign-in first, then the people by their names."""
    rows = unit.execute(_LISTED, {"firm": authority.firm.id}).mappings()
    found = [Administrator(from_row(row), row["added_at"]) for row in rows]
    if not authority.firm.own_sign_in:
        found = [each for each in found if not each.is_own_sign_in]
    return found


def version(found: list[Administrator]) -> str:
    """The entity tag of a list."""
    return etag_of(*(each.account.id for each in found))


def remove(unit: Unit, authority: Authority, number: str) -> None:
    """Take one off the list. The authority must hold the firm's lock.

    Raises NotFoundError, RefusedError (`own_account`, `last_administrator`).
    """
    found = listed(unit, authority)
    # read after the lock: whoever was taken off the list while waiting for it takes nobody off
    if authority.acted_as is ActedAs.ADMINISTRATOR and authority.actor not in {
        each.account.id for each in found
    }:
        raise unknown_firm()
    wanted = next((each for each in found if each.account.number == number), None)
    if wanted is None:
        raise NotFoundError("The firm has no such administrator.")
    # one that cannot sign in looks after nothing
    rest = [
        each for each in found if each is not wanted and each.account.status is AccountStatus.ACTIVE
    ]
    if not rest:
        raise RefusedError(
            "last_administrator",
            "This is the firm’s last administrator: invite another one first.",
        )
    own_account.require_another(authority.actor, wanted.account.id)
    if wanted.is_own_sign_in:
        _set_own_sign_in(unit, authority, on=False)
    else:
        values = {"firm": authority.firm.id, "account": wanted.account.id}
        unit.execute(_REMOVE, values)
    _note(
        unit,
        authority,
        Event.FIRM_ADMINISTRATOR_REMOVED,
        wanted.account,
        {"administrator": "yes"},
        {},
    )


def restore_own_sign_in(unit: Unit, authority: Authority, own: Account) -> None:
    """Put the firm's own sign-in back on the list. Raises RefusedError."""
    own_account.require_another(authority.actor, own.id)
    if authority.firm.own_sign_in:
        raise RefusedError("is_administrator", "The firm’s own sign-in is on the list.")
    _set_own_sign_in(unit, authority, on=True)
    _note(unit, authority, Event.FIRM_ADMINISTRATOR_ADDED, own, {}, {"administrator": "yes"})


def _set_own_sign_in(unit: Unit, authority: Authority, *, on: bool) -> None:
    new = insert_for(unit)(firms).values(firm_id=authority.firm.id, own_sign_in=on)
    changed = {"own_sign_in": new.excluded.own_sign_in}
    unit.execute(new.on_conflict_do_update(index_elements=["firm_id"], set_=changed))


def _note(
    unit: Unit,
    authority: Authority,
    event: Event,
    account: Account,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    change = Change(SUBJECT, account.number, before=before, after=after)
    changes.record(unit, authority, event, change, account_id=account.id)


_LISTED = (
    select(*ACCOUNT_COLUMNS, administrators.c.added_at)
    .select_from(
        accounts.outerjoin(
            administrators,
            (administrators.c.account_id == accounts.c.id)
            & (administrators.c.firm_id == bindparam("firm")),
        )
    )
    .where(
        (accounts.c.id == bindparam("firm"))
        | accounts.c.id.in_(
            select(administrators.c.account_id).where(administrators.c.firm_id == bindparam("firm"))
        )
    )
    .order_by(func.coalesce(administrators.c.added_at, accounts.c.created_at), accounts.c.number)
)
_REMOVE = delete(administrators).where(
    administrators.c.firm_id == bindparam("firm"),
    administrators.c.account_id == bindparam("account"),
)
