"""A firm asks somebody in. Nothing is looked up before the answer has gone out.

A right number and name, a wrong one and another firm's member do the same work and get the same
answer: who is meant is found afterwards (`firms.delivery`), and the firm hears of it only when
that person accepts.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, null, select, update
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.sql import false
from sqlalchemy.sql.dml import ReturningInsert, ReturningUpdate

from signon import ids
from signon.accounts.models import accounts
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.firms import changes, invitation_list, oneself
from signon.firms.access import Authority
from signon.firms.changes import Change
from signon.firms.invitation_lines import Asked, NewInvitation, asked_by, checked
from signon.firms.invitation_list import Invitation
from signon.firms.models import (
    PENDING,
    InvitationKind,
    InvitationStatus,
    cost_centers,
    invitations,
)
from signon.outbox import events
from signon.prepared import value
from signon.web.acts import Act

LASTS = timedelta(hours=72)
"""How long it can be answered after it was sent, or sent again."""
PAUSE = timedelta(minutes=5)
"""Between two mails of one invitation: nobody's mailbox is filled by another's button."""
BATCH = 100
"""Invitations in one event, and so in one unit."""
SENT = "firms:invited"
"""Kind of the outbox event of invitations that are to be delivered."""


def invite(unit: Unit, authority: Authority, wanted: NewInvitation) -> Invitation:
    """Invite whoever is meant. Raises as `asked_by` and `checked` do, InputError for the cost center.

    Raises RefusedError: `already_invited`, `already_member` (of this very firm), `own_account`;
    and ApiError as `changes.count_invited` does.
    """
    asked = checked(asked_by(authority, wanted), is_acknowledged=wanted.acknowledged)
    if asked.kind is InvitationKind.MEMBER:
        _refuse_member(unit, authority, asked)
    oneself.require_another(unit, authority, asked.target)
    center = _cost_center_id(unit, authority, asked)
    new = row(unit, authority.firm.id, authority.actor, asked, center, None)
    made = _invite(unit, new)
    if made is None:
        raise already_invited()
    send(unit, [made])
    changes.record(
        unit,
        authority,
        Event.FIRM_INVITED,
        Change("invitation", asked.target, asked.remark, after=_told(asked)),
        invitation=made,
    )
    changes.count_invited(unit, authority.firm.id, 1)
    return Invitation(
        id=made,
        kind=asked.kind,
        status=InvitationStatus.PENDING,
        account_number=new.account_number,
        first_name=new.first_name,
        last_name=new.last_name,
        email=new.email,
        remark=new.remark,
        cost_center=asked.cost_center,
        created_at=new.created_at,
        sent_at=new.sent_at,
        expires_at=new.expires_at,
        answered_at=None,
        bulk_id=None,
    )


def already_invited() -> RefusedError:
    """What is said of a second one."""
    sentence = "This is invited already: send that invitation again, or withdraw it."
    return RefusedError("already_invited", sentence)


def already_member() -> RefusedError:
    """What is said of a member of the firm itself."""
    return RefusedError("already_member", "This account is a member of the firm already.")


def send(unit: Unit, invitation_ids: Sequence[str]) -> None:
    """Let them be delivered after the commit."""
    events.put(unit, SENT, {"invitations": list(invitation_ids)}, lane=SENT)


def send_again(unit: Unit, authority: Authority, invitation_id: str) -> Invitation:
    """Mail it once more: the older link is worth nothing, and 72 hours begin anew.

    Raises NotFoundError, RefusedError: `answered`, `just_sent`.
    """
    before, until = unit.now - PAUSE, unit.now + LASTS
    target = _send_again(unit, authority.firm.id, invitation_id, before, unit.now, until)
    if target is None:
        found = invitation_list.one(unit, authority, invitation_id)
        if found.status in {InvitationStatus.PENDING, InvitationStatus.EXPIRED}:
            raise RefusedError("just_sent", "It was sent just now: wait five minutes.")
        raise _answered(found)
    send(unit, [invitation_id])
    changes.record(
        unit,
        authority,
        Event.FIRM_INVITED_AGAIN,
        Change("invitation", target, after={"status": "sent again"}),
        invitation=invitation_id,
    )
    return invitation_list.one(unit, authority, invitation_id)


def withdraw(unit: Unit, authority: Authority, invitation_id: str) -> None:
    """Take it back: its link is worth nothing from now on. Raises as `send_again` does."""
    target = _withdraw(unit, authority.firm.id, invitation_id, unit.now)
    if target is None:
        raise _answered(invitation_list.one(unit, authority, invitation_id))
    changes.record(
        unit,
        authority,
        Event.FIRM_INVITATION_WITHDRAWN,
        Change(
            "invitation",
            target,
            before={"status": InvitationStatus.PENDING.value},
            after={"status": InvitationStatus.WITHDRAWN.value},
        ),
        invitation=invitation_id,
    )


INVITE = Act("invited", invite, done="The invitation is on its way, if number and name are right.")
AGAIN = Act(
    "again",
    send_again,
    done="It is mailed once more; the older link does not work any longer.",
)
WITHDRAW = Act("withdrawn", withdraw, done="The invitation is withdrawn.")


def _refuse_member(unit: Unit, authority: Authority, asked: Asked) -> None:
    if _member(unit, asked.account_number, authority.firm.number) is not None:
        raise already_member()


def _cost_center_id(unit: Unit, authority: Authority, asked: Asked) -> str | None:
    if asked.cost_center is None:
        return None
    found = _cost_center(unit, authority.firm.id, asked.cost_center)
    if found is None:
        raise InputError("The firm has no such cost center.", field="cost_center")
    return found


class New(NamedTuple):
    """An invitation as its table has it when it is made."""

    id: str
    firm_id: str
    kind: str
    target: str
    account_number: str | None
    first_name: str | None
    last_name: str
    email: str | None
    remark: str
    cost_center_id: str | None
    status: str
    bulk_id: str | None
    invited_by: str
    created_at: datetime
    sent_at: datetime
    expires_at: datetime


def row(
    unit: Unit,
    firm_id: str,
    actor: str,
    asked: Asked,
    cost_center_id: str | None,
    bulk_id: str | None,
) -> New:
    """The row of an invitation that is made now."""
    return New(
        id=ids.new_id(),
        firm_id=firm_id,
        kind=asked.kind.value,
        target=asked.target,
        account_number=asked.account_number,
        first_name=asked.first_name,
        last_name=asked.last_name,
        email=asked.email,
        remark=asked.remark,
        cost_center_id=cost_center_id,
        status=InvitationStatus.PENDING.value,
        bulk_id=bulk_id,
        invited_by=actor,
        created_at=unit.now,
        sent_at=unit.now,
        expires_at=unit.now + LASTS,
    )


def _inviting(new: Insert) -> ReturningInsert[str]:
    """In the place of one that has expired, and of no other."""
    renewed = {
        name: new.excluded[name]
        for name in (
            *("id", "first_name", "last_name", "email", "remark", "cost_center_id"),
            *("bulk_id", "invited_by", "created_at", "sent_at", "expires_at"),
        )
    }
    return new.on_conflict_do_update(
        index_elements=["firm_id", "kind", "target"],
        index_where=PENDING,
        set_={**renewed, **_AFRESH},
        where=invitations.c.expires_at <= new.excluded.created_at,
    ).returning(invitations.c.id)


def invite_rows(unit: Unit, rows: Sequence[New]) -> set[str]:
    """Insert many; answers the ids of those that were, the others were invited already."""
    if not rows:
        return set()
    made = unit.execute(_inviting(insert(invitations)), [each._asdict() for each in rows])
    return set(made.scalars())


def _told(asked: Asked) -> dict[str, Any]:
    named = ("kind", "last_name", "first_name", "cost_center")
    return {name: value for name in named if (value := getattr(asked, name)) is not None}


def _answered(found: Invitation) -> RefusedError:
    sentence = f"This invitation is {found.status}: there is nothing left to do."
    return RefusedError("invitation_over", sentence)


_AFRESH = {
    "account_id": null(), "digest": null(), "handled_at": null(), "declined_quietly": false()
}  # fmt: skip


def _is_open(firm_id: str, invitation_id: str) -> Sequence[ColumnElement[bool]]:
    return (
        invitations.c.id == invitation_id,
        invitations.c.firm_id == firm_id,
        invitations.c.status == InvitationStatus.PENDING.value,
    )


@value
def _invite(new: New) -> ReturningInsert[str]:
    return _inviting(insert(invitations).values(**new._asdict()))


@value
def _send_again(
    firm_id: str, invitation_id: str, sent_before: datetime, now: datetime, until: datetime
) -> ReturningUpdate[str]:
    """What it was for; None for one that is over or was sent just now."""
    return (
        update(invitations)
        .where(*_is_open(firm_id, invitation_id), invitations.c.sent_at <= sent_before)
        .values(sent_at=now, expires_at=until, handled_at=None, digest=None)
        .returning(invitations.c.target)
    )


@value
def _withdraw(firm_id: str, invitation_id: str, now: datetime) -> ReturningUpdate[str]:
    return (
        update(invitations)
        .where(*_is_open(firm_id, invitation_id))
        .values(status=InvitationStatus.WITHDRAWN.value, answered_at=now, digest=None)
        .returning(invitations.c.target)
    )


@value
def _member(number: str | None, firm: str) -> Select[str]:
    return select(accounts.c.id).where(accounts.c.number == number, accounts.c.firm_number == firm)


@value
def _cost_center(firm_id: str, code: str) -> Select[str]:
    return select(cost_centers.c.id).where(
        cost_centers.c.firm_id == firm_id, cost_centers.c.code == code
    )
