"""The Case Search Status: whether an account may search, apart from whether it may file.

Operators switch it with a reason. By itself it becomes inactive only when nobody has signed in for
long, and that its holder may undo at once: filing never hangs on it (domain facts 1.5).
"""

from datetime import timedelta

from sqlalchemy import bindparam, func, insert, select, update

from signon import ids
from signon.accounts import history, repudiation
from signon.accounts.directory import Account, by_number, unknown_account
from signon.accounts.models import (
    AccountKind,
    AccountStatus,
    SearchStatus,
    account_changes,
    accounts,
)
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Database, Unit
from signon.errors import InputError, RefusedError

SUBJECT = "search_status"
UNUSED = "Nobody had signed in to this account for a long time."
LEFT_FIRM = "The account is no longer a member of the firm that paid for its searches."
RESTORABLE = (UNUSED, LEFT_FIRM)
"""The reasons that the account's holder may undo by a button."""
LONGEST_REASON = 300
BATCH = 200
SEARCHING_KINDS = (AccountKind.INDIVIDUAL, AccountKind.SHARED)
"""A firm's account pays and manages, an operator's runs the service; neither searches."""


def switch_off(unit: Unit, number: str, *, reason: str, actor: str) -> Account:
    """Make the account's search inactive; its filing rights stay as they are.

    Raises InputError for the reason, NotFoundError, RefusedError (`search_unchanged`,
    `does_not_search`).
    """
    tidy = " ".join(reason.split())
    if not 0 < len(tidy) <= LONGEST_REASON:
        raise InputError(f"Say why in 1 to {LONGEST_REASON} characters.", field="reason")
    return _switch(unit, number, SearchStatus.INACTIVE, tidy, actor)


def switch_on(unit: Unit, number: str, *, actor: str) -> Account:
    """Make the account's search active. Raises as `switch_off` does."""
    return _switch(unit, number, SearchStatus.ACTIVE, None, actor)


def may_restore(reason: str | None) -> bool:
    """Whether the holder of an account whose search is inactive for that reason may undo it."""
    return reason in RESTORABLE


def restore(unit: Unit, account: Account) -> None:
    """The holder takes the search into use again.

    Raises RefusedError: `search_stays_off` when an operator switched it off, or it is on, and
    `frozen`.
    """
    repudiation.require_unfrozen(account)
    values = {"account": account.id, "now": unit.now}
    if unit.execute(_RESTORE, values).rowcount != 1:
        raise RefusedError(
            "search_stays_off",
            "Somebody switched your search off with a reason of their own, so you cannot switch it on "
            "yourself. Call the PACER Service Center at (800) 676-6856.",
        )
    _record(unit, account.id, SearchStatus.ACTIVE, None, account.id)


async def switch_off_unused(database: Database, settings: Settings) -> int:
    """Make the search of accounts inactive that nobody used for long; answers how many.

    The background's job: each batch is a unit, so that nobody waits for it.
    """
    if settings.search_inactive_after_days == 0:
        return 0
    switched = 0
    after: str | None = ""
    while after is not None:
        found, after = await database.write(
            switch_off_some, settings.search_inactive_after_days, after
        )
        switched += found
    return switched


def switch_off_some(
    unit: Unit, days: int, after: str, *, limit: int = BATCH
) -> tuple[int, str | None]:
    """One batch of `switch_off_unused`: one event, and each account's own history.

    Answers how many, and the id after which to go on; None at the end.
    """
    used_after = unit.now - timedelta(days=days)
    look = {"used_after": used_after, "after": after, "limit": limit}
    rows = unit.execute(_UNUSED, look).scalars().all()
    if not rows:
        return 0, None
    values = {"accounts": list(rows), "used_after": used_after, "now": unit.now}
    switched = unit.execute(_SWITCH_OFF_SOME, values).scalars().all()
    if switched:
        event = trail.record(
            unit, Event.SEARCH_SWITCHED_OFF, actor=trail.SYSTEM, accounts=len(switched), days=days
        )
        unit.execute(insert(account_changes), [_change(unit, one, event) for one in switched])
    return len(switched), rows[-1] if len(rows) == limit else None


def _change(unit: Unit, account_id: str, event_id: str) -> dict[str, object]:
    return {
        "id": ids.new_id(),
        "account_id": account_id,
        "event_id": event_id,
        "at": unit.now,
        "actor": trail.SYSTEM,
        "subject": SUBJECT,
        "before": {SUBJECT: SearchStatus.ACTIVE.value},
        "after": {SUBJECT: SearchStatus.INACTIVE.value, "reason": UNUSED},
    }


def _switch(unit: Unit, number: str, to: SearchStatus, reason: str | None, actor: str) -> Account:
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    if account.kind not in SEARCHING_KINDS:
        raise RefusedError("does_not_search", f"A {account.kind} account never searches.")
    values = {"account": account.id, "to": to.value, "reason": reason, "now": unit.now}
    if unit.execute(_SWITCH, values).rowcount != 1:
        raise RefusedError("search_unchanged", f"The search of account {number} is {to} already.")
    _record(unit, account.id, to, reason, actor)
    return account


def _record(unit: Unit, account_id: str, to: SearchStatus, reason: str | None, actor: str) -> None:
    is_on = to is SearchStatus.ACTIVE
    before = SearchStatus.INACTIVE if is_on else SearchStatus.ACTIVE
    history.record(
        unit,
        account_id,
        SUBJECT,
        Event.SEARCH_SWITCHED_ON if is_on else Event.SEARCH_SWITCHED_OFF,
        actor=actor,
        before={SUBJECT: before.value},
        after={SUBJECT: to.value} | ({"reason": reason} if reason else {}),
        reason=reason,
    )


_LAST_USED = func.coalesce(accounts.c.last_signed_in_at, accounts.c.created_at)
_IS_UNUSED = (
    accounts.c.search_status == SearchStatus.ACTIVE.value,
    accounts.c.kind.in_([kind.value for kind in SEARCHING_KINDS]),
    accounts.c.status == AccountStatus.ACTIVE.value,
    bindparam("used_after", type_=accounts.c.created_at.type) > _LAST_USED,
)
_UNUSED = (
    select(accounts.c.id)
    .where(*_IS_UNUSED, accounts.c.id > bindparam("after"))
    .order_by(accounts.c.id)
    .limit(bindparam("limit"))
)
_SWITCH_OFF_SOME = (
    update(accounts)
    .where(accounts.c.id.in_(bindparam("accounts", expanding=True)), *_IS_UNUSED)
    .values(
        search_status=SearchStatus.INACTIVE.value,
        search_status_reason=UNUSED,
        updated_at=bindparam("now"),
    )
    .returning(accounts.c.id)
)
_SWITCH = (
    update(accounts)
    .where(accounts.c.id == bindparam("account"), accounts.c.search_status != bindparam("to"))
    .values(
        search_status=bindparam("to"),
        search_status_reason=bindparam("reason"),
        updated_at=bindparam("now"),
    )
)
_RESTORE = (
    update(accounts)
    .where(
        accounts.c.id == bindparam("account"),
        accounts.c.search_status == SearchStatus.INACTIVE.value,
        accounts.c.search_status_reason.in_(RESTORABLE),
    )
    .values(
        search_status=SearchStatus.ACTIVE.value,
        search_status_reason=None,
        updated_at=bindparam("now"),
        # or the next look would find it unused again
        last_signed_in_at=bindparam("now"),
    )
)
