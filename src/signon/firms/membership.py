"""Joining and parting: one firm at a time, by statements that say what they expect to find.

Membership moves the billing account and the rule for client codes. Filing rights do not know of
it: an attorney who changes firms keeps every link.
"""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Any

from signon.accounts import history, memberships, own_changes
from signon.accounts.directory import Account, by_id
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
    return memberships.join(
        unit, account.id, firm.number, expected=expected, cost_center_id=cost_center_id
    )


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
    return directory.by_number(unit, account.firm_number)


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
    """Keep in each account's own history who is billed for it, and let courts know."""
    own_changes.announce(unit, account_ids, [own_changes.FIRM])
    history.note_of_many(
        unit, account_ids, SUBJECT, event_id, actor=actor, before=before, after=after
    )


def current(unit: Unit, account_id: str) -> Account:
    """The account as it is now."""
    found = by_id(unit, account_id)
    assert found is not None
    return found


_MAILED_AT_ONCE = 50
