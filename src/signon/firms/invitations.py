"""A firm asks somebody in. Nothing is looked up before the answer has gone out.

A right number and name, a wrong one and another firm's member do the same work and get the same
answer: who is meant is found afterwards (`firms.delivery`), and the firm hears of it only when
that person accepts.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import bindparam, null, select, update
from sqlalchemy.sql import false

from signon import ids
from signon.accounts.models import accounts
from signon.audit.events import Event
from signon.db import Unit, insert_for
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
    """Invite whoever is meant. Raises as `asked_by` and `checked` do, InputError for the cost centre.

    Raises RefusedError: `already_invited`, `already_member` (of this very firm), `own_account`;
    and ApiError as `changes.count_invited` does.
    """
    asked = checked(asked_by(authority, wanted), is_acknowledged=wanted.acknowledged)
    if asked.kind is InvitationKind.MEMBER:
        _refuse_member(unit, authority, asked)
    oneself.require_another(unit, authority, asked.target)
    center = _cost_center_id(unit, authority, asked)
    values: Any = row(unit, authority.firm.id, authority.actor, asked, center, None)
    made = unit.execute(_invite(unit), values).scalar_one_or_none()
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
        **{name: values.get(name) for name in _AS_THEY_ARE},
        kind=asked.kind,
        status=InvitationStatus.PENDING,
        cost_center=asked.cost_center,
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
    values = {
        "firm": authority.firm.id,
        "of": invitation_id,
        "now": unit.now,
        "sent_before": unit.now - PAUSE,
        "until": unit.now + LASTS,
    }
    target = unit.execute(_AGAIN, values).scalar_one_or_none()
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
    asked = {"firm": authority.firm.id, "of": invitation_id, "now": unit.now}
    target = unit.execute(_WITHDRAW, asked).scalar_one_or_none()
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
    values = {"number": asked.account_number, "firm": authority.firm.number}
    if unit.scalar(_IS_MEMBER, values) is not None:
        raise already_member()


def _cost_center_id(unit: Unit, authority: Authority, asked: Asked) -> str | None:
    if asked.cost_center is None:
        return None
    values = {"firm": authority.firm.id, "code": asked.cost_center}
    found: str | None = unit.scalar(_COST_CENTER, values)
    if found is None:
        raise InputError("The firm has no such cost centre.", field="cost_center")
    return found


def row(
    unit: Unit,
    firm_id: str,
    actor: str,
    asked: Asked,
    cost_center_id: str | None,
    bulk_id: str | None,
) -> dict[str, Any]:
    """An invitation as its table has it."""
    return {
        "id": ids.new_id(),
        "firm_id": firm_id,
        "kind": asked.kind.value,
        "target": asked.target,
        "account_number": asked.account_number,
        "first_name": asked.first_name,
        "last_name": asked.last_name,
        "email": asked.email,
        "remark": asked.remark,
        "cost_center_id": cost_center_id,
        "status": InvitationStatus.PENDING.value,
        "bulk_id": bulk_id,
        "invited_by": actor,
        "created_at": unit.now,
        "sent_at": unit.now,
        "expires_at": unit.now + LASTS,
    }


def _invite(unit: Unit) -> Any:
    """Insert; in the place of one that has expired, and of no other."""
    new = insert_for(unit)(invitations)
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


def invite_rows(unit: Unit, rows: Sequence[Mapping[str, Any]]) -> set[str]:
    """Insert many; answers the ids of those that were, the others were invited already."""
    if not rows:
        return set()
    return set(unit.execute(_invite(unit), [dict(one) for one in rows]).scalars())


def _told(asked: Asked) -> dict[str, Any]:
    named = ("kind", "last_name", "first_name", "cost_center")
    return {name: value for name in named if (value := getattr(asked, name)) is not None}


def _answered(found: Invitation) -> RefusedError:
    sentence = f"This invitation is {found.status}: there is nothing left to do."
    return RefusedError("invitation_over", sentence)


_AS_THEY_ARE = set(Invitation.__dataclass_fields__) - {"kind", "status", "cost_center"}
_AFRESH = {
    "account_id": null(), "digest": null(), "handled_at": null(), "declined_quietly": false()
}  # fmt: skip
_IS_PENDING = invitations.c.status == InvitationStatus.PENDING.value
_OPEN = (
    invitations.c.id == bindparam("of"),
    invitations.c.firm_id == bindparam("firm"),
    _IS_PENDING,
)
_AGAIN = (
    update(invitations)
    .where(*_OPEN, invitations.c.sent_at <= bindparam("sent_before"))
    .values(
        sent_at=bindparam("now"),
        expires_at=bindparam("until"),
        handled_at=None,
        digest=None,
    )
    .returning(invitations.c.target)
)
_WITHDRAW = (
    update(invitations)
    .where(*_OPEN)
    .values(
        status=InvitationStatus.WITHDRAWN.value,
        answered_at=bindparam("now"),
        digest=None,
    )
    .returning(invitations.c.target)
)
_IS_MEMBER = select(accounts.c.id).where(
    accounts.c.number == bindparam("number"), accounts.c.firm_number == bindparam("firm")
)
_COST_CENTER = select(cost_centers.c.id).where(
    cost_centers.c.firm_id == bindparam("firm"), cost_centers.c.code == bindparam("code")
)
