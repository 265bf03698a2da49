"""A firm's administrators: its own sign-in, and people whom an administrator invited.

Whoever changes the list holds the firm's lock, so that one always remains.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Delete, Insert, Select, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from signon.accounts import own_account
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.models import AccountStatus, accounts
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.firms import changes
from signon.firms.access import ActedAs, Authority, Needs
from signon.firms.changes import Change
from signon.firms.directory import unknown_firm
from signon.firms.models import administrators, firms
from signon.prepared import change, every
from signon.web.acts import Act
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
    found = _listed(unit, authority.firm.id)
    if not authority.firm.own_sign_in:
        found = [each for each in found if not each.is_own_sign_in]
    return found


def add(unit: Unit, firm_id: str, account_id: str) -> None:
    """Put a person on the firm's list, unless it is on it."""
    _add(unit, firm_id, account_id, unit.now)


def version(unit: Unit, authority: Authority) -> str:
    """Of the list as it is."""
    return etag(listed(unit, authority))


def etag(found: list[Administrator]) -> str:
    """The entity tag of a list."""
    return etag_of(*(each.account.id for each in found))


def remove(unit: Unit, authority: Authority, number: str) -> None:
    """Take one off the list.

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
        _set_own_sign_in(unit, authority.firm.id, False)
    else:
        _remove(unit, authority.firm.id, wanted.account.id)
    _note(
        unit,
        authority,
        Event.FIRM_ADMINISTRATOR_REMOVED,
        wanted.account,
        {"administrator": "yes"},
        {},
    )


def restore_own_sign_in(unit: Unit, authority: Authority) -> list[Administrator]:
    """Put the firm's own sign-in back on the list; answers that. Raises RefusedError."""
    firm = authority.firm
    own_account.require_another(authority.actor, firm.id)
    if firm.own_sign_in:
        raise RefusedError("is_administrator", "The firm’s own sign-in is on the list.")
    _set_own_sign_in(unit, firm.id, True)
    found = listed(unit, replace(authority, firm=replace(firm, own_sign_in=True)))
    own = next(each.account for each in found if each.is_own_sign_in)
    _note(unit, authority, Event.FIRM_ADMINISTRATOR_ADDED, own, {}, {"administrator": "yes"})
    return found


REMOVE = Act("removed", remove, needs=Needs.PERSON, done="They do not manage the firm any longer.")
RESTORE = Act(
    "restored",
    restore_own_sign_in,
    needs=Needs.PERSON,
    done="The firm’s own sign-in manages the firm again.",
)


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


_COLUMNS: Sequence[ColumnElement[Any]] = (administrators.c.added_at, *ACCOUNT_COLUMNS)


def _administrator(since: datetime | None, *account: Any) -> Administrator:
    return Administrator(account_of(*account), since)


@every(_administrator)
def _listed(firm_id: str) -> Select[Any]:
    of_firm = administrators.c.firm_id == firm_id
    people = select(administrators.c.account_id).where(of_firm)
    return (
        select(*_COLUMNS)
        .select_from(
            accounts.outerjoin(
                administrators, (administrators.c.account_id == accounts.c.id) & of_firm
            )
        )
        .where((accounts.c.id == firm_id) | accounts.c.id.in_(people))
        .order_by(
            func.coalesce(administrators.c.added_at, accounts.c.created_at), accounts.c.number
        )
    )


@change
def _add(firm_id: str, account_id: str, now: datetime) -> Insert:
    new = insert(administrators).values(firm_id=firm_id, account_id=account_id, added_at=now)
    return new.on_conflict_do_nothing()


@change
def _remove(firm_id: str, account_id: str) -> Delete:
    return delete(administrators).where(
        administrators.c.firm_id == firm_id, administrators.c.account_id == account_id
    )


@change
def _set_own_sign_in(firm_id: str, is_on: bool) -> Insert:
    new = insert(firms).values(firm_id=firm_id, own_sign_in=is_on)
    changed = {"own_sign_in": new.excluded.own_sign_in}
    return new.on_conflict_do_update(index_elements=["firm_id"], set_=changed)
