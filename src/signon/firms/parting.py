"""Parting: a member leaves, or the firm lets one or many go. The search rests, filing goes on."""

from collections.abc import Sequence
from dataclasses import dataclass

from signon.accounts import memberships, own_account, repudiation, search
from signon.accounts.directory import Account
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import RefusedError
from signon.firms import changes, membership
from signon.firms.access import ActedAs, Authority
from signon.firms.changes import Change, Counted
from signon.firms.directory import Firm
from signon.firms.entries import checked_remark
from signon.firms.membership import Told, unknown_member
from signon.web.acts import Act
from signon.web.visitor import Source


@dataclass(frozen=True, slots=True)
class Parted:
    """An account that was a member until now."""

    account_id: str
    number: str
    search_went_off: bool


def leave(unit: Unit, account: Account, remark: str, *, source: Source) -> None:
    """The member goes. Raises InputError for the remark, RefusedError (`no_member`, `frozen`)."""
    tidy = checked_remark(remark)
    repudiation.require_unfrozen(account)
    firm = membership.of_account(unit, account)
    if firm is None:
        raise RefusedError("no_member", "You are not a member of a firm.")
    parted = _part(unit, firm, [account.number])
    if not parted:
        raise RefusedError("no_member", "You are not a member of a firm.")
    authority = Authority(firm, account.id, ActedAs.MEMBER, source)
    _note_parted(unit, authority, Event.FIRM_LEFT, parted, tidy, Told.LEFT)


def remove(unit: Unit, authority: Authority, number: str, remark: str) -> None:
    """An administrator lets a member go.

    Raises InputError for the remark, NotFoundError, RefusedError (`own_account`: people leave by
    `leave`).
    """
    tidy = checked_remark(remark)
    parted = _part(unit, authority.firm, [number])
    if not parted:
        raise unknown_member()
    own_account.require_another(authority.actor, parted[0].account_id)
    _note_parted(unit, authority, Event.FIRM_MEMBER_REMOVED, parted, tidy, Told.REMOVED)


REMOVE = Act("removed", remove, done="The member was removed. Both sides are mailed.")


def remove_all(
    unit: Unit, authority: Authority, numbers: Sequence[str], remark: str
) -> list[Parted]:
    """Let many go, as one event; answers those that were members."""
    parted: list[Parted] = []
    for start in range(0, len(numbers), _AT_ONCE):
        parted += _part(unit, authority.firm, numbers[start : start + _AT_ONCE])
    if parted:
        event = Event.FIRM_MEMBERS_REMOVED
        _note_parted(unit, authority, event, parted, remark, Told.REMOVED)
    return parted


def _part(unit: Unit, firm: Firm, numbers: Sequence[str]) -> list[Parted]:
    return [
        Parted(gone.id, gone.number, gone.search_status_reason == search.LEFT_FIRM)
        for gone in memberships.part(unit, firm.number, numbers)
    ]


def _note_parted(
    unit: Unit,
    authority: Authority,
    event: Event,
    parted: Sequence[Parted],
    remark: str,
    told: Told,
) -> None:
    firm = authority.firm
    one = parted[0] if len(parted) == 1 else None
    event_id = trail.record(
        unit,
        event,
        actor=authority.actor,
        account_id=one.account_id if one else firm.id,
        source=authority.source,
        firm=firm.number,
        members=len(parted),
    )
    membership.note_accounts(
        unit,
        event_id,
        authority.actor,
        [each.account_id for each in parted],
        {"billing_account": firm.number},
        {"billing_account": "its own"},
    )
    acted = (event_id, authority.actor, authority.acted_as)
    after = {"member": told.value}
    changes.keep_all(
        unit,
        [
            changes.row(
                unit,
                firm.id,
                *acted,
                Change("member", each.number, remark, {"member": "here"}, after),
            )
            for each in parted
        ],
    )
    changes.count(unit, Counted(firm.id, parted=len(parted)))
    membership.tell(unit, firm, [each.account_id for each in parted], told, remark)


_AT_ONCE = 500
