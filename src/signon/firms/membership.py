"""Joining and parting: one firm at a time, by statements that say what they expect to find.

Membership moves the billing account and the rule for client codes. Filing rights do not know of
it: an attorney who changes firms keeps every link.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, case, insert, select, update

from signon import ids
from signon.accounts import search
from signon.accounts.directory import Account, by_id
from signon.accounts.models import AccountStatus, SearchStatus, account_changes, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import NotFoundError
from signon.firms import changes, directory
from signon.firms.access import ActedAs
from signon.firms.changes import Change, Counted
from signon.firms.directory import Firm
from signon.outbox import events
from signon.web.visitor import Source

TOLD = "firms:told"
"""Kind of the outbox event of memberships that both sides are to be mailed about."""
SUBJECT = "firm"
"""What the account's own history calls it."""


class Told(StrEnum):
    """What became of a membership, as it waits in the outbox."""

    JOINED = "joined"
    LEFT = "left"
    REMOVED = "removed"
    MOVED = "moved"


def join(
    unit: Unit,
    account: Account,
    firm: Firm,
    *,
    expected: str | None,
    cost_center_id: str | None,
) -> bool:
    """Make the account a member; False when it is not where it was expected to be.

    `expected` is the number of the firm that it leaves, None when it is in none.
    """
    values = {
        "account": account.id,
        "expected": expected,
        "firm": firm.number,
        "cost_center": cost_center_id,
        "now": unit.now,
    }
    return unit.execute(_JOIN, values).rowcount == 1


def note_joined(
    unit: Unit,
    account: Account,
    firm: Firm,
    old: Firm | None,
    *,
    source: Source,
    remark: str,
    invitation_id: str,
) -> None:
    """Keep what joining has changed for the person, for the firm and for the one before."""
    event_id = trail.record(
        unit,
        Event.FIRM_INVITATION_ACCEPTED,
        actor=account.id,
        account_id=account.id,
        source=source,
        firm=firm.number,
        invitation=invitation_id,
    )
    before = {"billing_account": old.number if old else account.number}
    after = {"billing_account": firm.number}
    note_accounts(unit, event_id, account.id, [account.id], before, after)
    kept = [(firm.id, Change("member", account.number, remark, after={"member": "joined"}))]
    counted = [Counted(firm.id, joined=1)]
    if old:
        gone = {"member": "moved to another firm"}
        kept.append((old.id, Change("member", account.number, None, {"member": "here"}, gone)))
        counted.append(Counted(old.id, parted=1))
        tell(unit, old, [account.id], Told.MOVED, "")
    acted = (event_id, account.id, ActedAs.MEMBER)
    changes.keep_all(unit, [changes.row(unit, of, *acted, change) for of, change in kept])
    changes.count(unit, *counted)
    tell(unit, firm, [account.id], Told.JOINED, "")


def of_account(unit: Unit, account: Account) -> Firm | None:
    """The firm that an account is a member of."""
    if account.firm_number is None:
        return None
    row = unit.execute(_FIRM, {"number": account.firm_number}).mappings().one_or_none()
    return directory.from_row(row) if row else None


def unknown_member() -> NotFoundError:
    """One answer for a number that no account has and for another firm's member."""
    return NotFoundError("The firm has no such member.")


def tell(unit: Unit, firm: Firm, account_ids: Sequence[str], told: Told, remark: str) -> None:
    """Let both sides be mailed after the commit; the firm once, however many they are."""
    for start in range(0, len(account_ids), _MAILED_AT_ONCE):
        payload = {
            "firm": firm.id,
            "accounts": list(account_ids[start : start + _MAILED_AT_ONCE]),
            "what": told.value,
            "remark": remark,
            "tells_firm": start == 0,
            "further": max(0, len(account_ids) - _MAILED_AT_ONCE),
        }
        events.put(unit, TOLD, payload, lane=TOLD)


def note_accounts(
    unit: Unit,
    event_id: str,
    actor: str,
    account_ids: Sequence[str],
    before: Mapping[str, Any],
    after: Mapping[str, Any],
) -> None:
    """Keep in each account's own history who is billed for it."""
    unit.execute(
        insert(account_changes),
        [
            {
                "id": ids.new_id(),
                "account_id": each,
                "event_id": event_id,
                "at": unit.now,
                "actor": actor,
                "subject": SUBJECT,
                "before": dict(before),
                "after": dict(after),
            }
            for each in account_ids
        ],
    )


def current(unit: Unit, account_id: str) -> Account:
    """The account as it is now."""
    found = by_id(unit, account_id)
    assert found is not None
    return found


_MAILED_AT_ONCE = 50
_RESTS_FOR_WANT_OF_A_FIRM = accounts.c.search_status_reason == search.LEFT_FIRM
_JOIN = (
    update(accounts)
    .where(
        accounts.c.id == bindparam("account"),
        accounts.c.firm_number.is_not_distinct_from(bindparam("expected")),
        accounts.c.status == AccountStatus.ACTIVE.value,
        accounts.c.frozen_at.is_(None),
    )
    .values(
        firm_number=bindparam("firm"),
        firm_joined_at=bindparam("now"),
        cost_center_id=bindparam("cost_center"),
        # what rested because nobody paid is paid for again; any other reason stays
        search_status=case(
            (_RESTS_FOR_WANT_OF_A_FIRM, SearchStatus.ACTIVE.value),
            else_=accounts.c.search_status,
        ),
        search_status_reason=case(
            (_RESTS_FOR_WANT_OF_A_FIRM, None), else_=accounts.c.search_status_reason
        ),
        updated_at=bindparam("now"),
    )
)
_FIRM = (
    select(*directory.FIRM_COLUMNS)
    .select_from(directory.FIRMS)
    .where(accounts.c.number == bindparam("number"), directory.IS_FIRM)
)
