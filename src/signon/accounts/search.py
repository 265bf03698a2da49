"""The Case Search Status: whether an account may search, apart from whether it may file.

Operators switch it with a reason. By itself it becomes inactive only when nobody has signed in for
long, and that its holder may undo at once: filing never hangs on it (domain facts 1.5).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, Update, func, literal, null, select, update

from signon.accounts import history, repudiation
from signon.accounts.directory import Account, by_number, unknown_account
from signon.accounts.models import AccountKind, AccountStatus, SearchStatus, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Database, Moment, Unit
from signon.errors import InputError, RefusedError
from signon.prepared import change, constants, given, value, values
from signon.words.sentences import _

SUBJECT = "search_status"
UNUSED = str(_("Nobody had signed in to this account for a long time."))
LEFT_FIRM = str(_("The account is no longer a member of the firm that paid for its searches."))
RESTORABLE = (UNUSED, LEFT_FIRM)
"""The reasons that the account's holder may undo by a button. A page says them with `_`."""
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


def is_active(unit: Unit, account_id: str) -> bool:
    """Whether the account may search now."""
    return _status(unit, account_id) == SearchStatus.ACTIVE


def may_restore(reason: str | None) -> bool:
    """Whether the holder of an account whose search is inactive for that reason may undo it."""
    return reason in RESTORABLE


def restore(unit: Unit, account: Account) -> None:
    """The holder takes the search into use again.

    Raises RefusedError: `search_stays_off` when an operator switched it off, or it is on, and
    `frozen`.
    """
    repudiation.require_unfrozen(account)
    if _restore(unit, account.id, unit.now) != 1:
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
    found = _unused(unit, used_after, after, limit)
    if not found:
        return 0, None
    switched = _switch_off_these(unit, found, used_after)
    if switched:
        event = trail.record(
            unit, Event.SEARCH_SWITCHED_OFF, actor=trail.SYSTEM, accounts=len(switched), days=days
        )
        history.note_of_many(
            unit,
            switched,
            SUBJECT,
            event,
            actor=trail.SYSTEM,
            before={SUBJECT: SearchStatus.ACTIVE.value},
            after={SUBJECT: SearchStatus.INACTIVE.value, "reason": UNUSED},
        )
    return len(switched), found[-1] if len(found) == limit else None


def _switch(unit: Unit, number: str, to: SearchStatus, reason: str | None, actor: str) -> Account:
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    if account.kind not in SEARCHING_KINDS:
        raise RefusedError("does_not_search", f"A {account.kind} account never searches.")
    if _set(unit, account.id, to, reason, unit.now) != 1:
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


def _switch_off_these(unit: Unit, some: Sequence[str], used_after: datetime) -> Sequence[str]:
    """A batch, if they are unused still."""
    these = update(accounts).where(
        accounts.c.id.in_(some), *_is_unused(literal(used_after, Moment))
    )
    changed = these.values(
        search_status=SearchStatus.INACTIVE.value,
        search_status_reason=UNUSED,
        updated_at=unit.now,
    )
    return unit.execute(changed.returning(accounts.c.id)).scalars().all()


def _is_unused(used_after: ColumnElement[datetime]) -> Sequence[ColumnElement[bool]]:
    last_used = func.coalesce(accounts.c.last_signed_in_at, accounts.c.created_at)
    return (
        accounts.c.search_status == SearchStatus.ACTIVE.value,
        accounts.c.kind.in_(constants(*SEARCHING_KINDS)),
        accounts.c.status == AccountStatus.ACTIVE.value,
        used_after > last_used,
    )


@values
def _unused(used_after: datetime, after: str, limit: int) -> Select[str]:
    found = select(accounts.c.id).where(*_is_unused(given(used_after)), accounts.c.id > after)
    return found.order_by(accounts.c.id).limit(limit)


@value
def _status(account_id: str) -> Select[str]:
    return select(accounts.c.search_status).where(accounts.c.id == account_id)


@change
def _set(account_id: str, to: SearchStatus, reason: str | None, now: datetime) -> Update:
    other = accounts.c.id == account_id, accounts.c.search_status != to
    return (
        update(accounts)
        .where(*other)
        .values(search_status=to, search_status_reason=reason, updated_at=now)
    )


@change
def _restore(account_id: str, now: datetime) -> Update:
    return (
        update(accounts)
        .where(
            accounts.c.id == account_id,
            accounts.c.search_status == SearchStatus.INACTIVE.value,
            accounts.c.search_status_reason.in_(constants(*RESTORABLE)),
        )
        .values(
            search_status=SearchStatus.ACTIVE.value,
            search_status_reason=null(),
            updated_at=now,
            # or the next look would find it unused again
            last_signed_in_at=now,
        )
    )
