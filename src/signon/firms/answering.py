"""A person answers an invitation: accepts, with what that changes confirmed, or declines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Update, or_, select, update

from signon import opaque_tokens
from signon.accounts import own_account, repudiation, telling
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, accounts
from signon.accounts.search import SEARCHING_KINDS
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import NotFoundError, RefusedError
from signon.firms import administrators, changes, directory, membership
from signon.firms.access import ActedAs
from signon.firms.changes import Change
from signon.firms.directory import Firm
from signon.firms.models import InvitationKind, InvitationStatus, invitations
from signon.notices import rehearsals
from signon.prepared import change, every, one
from signon.web.problems import ApiError
from signon.web.visitor import Source


@dataclass(frozen=True, slots=True)
class Offer:
    """An invitation as the person who is asked sees it."""

    id: str
    kind: InvitationKind
    firm: Firm
    remark: str
    first_name: str | None
    last_name: str
    email: str | None
    cost_center_id: str | None
    created_at: datetime
    expires_at: datetime
    invited_by: str

    @property
    def makes_member(self) -> bool:
        """Whether accepting changes who is billed; else it makes an administrator."""
        return self.kind is not InvitationKind.ADMINISTRATOR


def offers(unit: Unit, account: Account) -> list[Offer]:
    """What the account is asked at present, the newest first."""
    return _offers(unit, account.id, unit.now)


def by_token(unit: Unit, token: str | None) -> Offer | None:
    """The invitation of a mailed link that still works, whoever opens it."""
    return _by_token(unit, opaque_tokens.digest(token or ""), unit.now)


def find(unit: Unit, account: Account, invitation_id: str, token: str | None = None) -> Offer:
    """The account's invitation of that id; a prepared one needs the mailed link's token.

    Raises NotFoundError.
    """
    digest = opaque_tokens.digest(token or "")
    found = _find(unit, invitation_id, account.id, digest, unit.now)
    if found is None:
        raise NotFoundError("There is no such invitation, or it is over.")
    return found


def accept(
    unit: Unit,
    account: Account,
    invitation_id: str,
    *,
    leaves: str | None,
    source: Source,
    token: str | None = None,
) -> Offer:
    """Accept. `leaves` is the number of the firm that the person knows they leave by it.

    Raises NotFoundError, RefusedError (`frozen`, `own_account`, `not_for_this_account`,
    `already_member`), and ApiError (`leaves_another_firm`) that names the firm to be left.
    """
    repudiation.require_unfrozen(account)
    offer = find(unit, account, invitation_id, token)
    own_account.require_another(offer.invited_by, account.id)
    _require_fit(account, offer)
    if not offer.makes_member:
        _spend(unit, account, offer)
        _become_administrator(unit, account, offer, source)
        return offer
    old = membership.of_account(unit, account)
    if account.firm_number != leaves:
        raise leaves_another_firm(old)
    _spend(unit, account, offer)
    joined = membership.join(
        unit, account, offer.firm, expected=leaves, cost_center_id=offer.cost_center_id
    )
    if not joined:
        now = membership.current(unit, account.id)
        repudiation.require_unfrozen(now)
        raise leaves_another_firm(membership.of_account(unit, now))
    membership.note_joined(
        unit,
        account,
        offer.firm,
        old,
        source=source,
        remark=offer.remark,
        invitation_id=offer.id,
    )
    return offer


def decline(
    unit: Unit,
    account: Account,
    invitation_id: str,
    *,
    tells_firm: bool,
    source: Source,
    token: str | None = None,
) -> None:
    """Say no. The firm hears of it only when the person wants that; else it sees no answer.

    Raises NotFoundError, RefusedError (`frozen`).
    """
    repudiation.require_unfrozen(account)
    offer = find(unit, account, invitation_id, token)
    declined = _decline if tells_firm else _decline_quietly
    if declined(unit, offer.id, account.id, unit.now) != 1:
        raise NotFoundError("There is no such invitation, or it is over.")
    event_id = trail.record(
        unit,
        Event.FIRM_INVITATION_DECLINED,
        actor=account.id,
        account_id=account.id,
        source=source,
        firm=offer.firm.number,
        invitation=offer.id,
    )
    if tells_firm:
        told = Change("invitation", account.number, after={"status": "declined"})
        changes.keep(unit, offer.firm.id, event_id, account.id, ActedAs.MEMBER, told)


def leaves_another_firm(old: Firm | None) -> ApiError:
    """Accepting would change more than was confirmed."""
    said = f"You are a member of {old.name} ({old.number})" if old else "You are in no firm now"
    return ApiError(
        409,
        "leaves_another_firm",
        f"{said}, and nobody is in two: say which firm you leave with `leaves`.",
        leaves=old.number if old else None,
    )


def _require_fit(account: Account, offer: Offer) -> None:
    """A mailed link may have been opened by somebody with another kind of account."""
    fits = account.kind in SEARCHING_KINDS and not rehearsals.court_of(account.email)
    if not offer.makes_member:
        fits &= account.kind is AccountKind.INDIVIDUAL and account.is_upgraded
    if not fits:
        raise RefusedError(
            "not_for_this_account", "This invitation cannot be accepted with this kind of account."
        )
    if offer.makes_member and account.firm_number == offer.firm.number:
        raise RefusedError("already_member", "You are a member of this firm already.")


def _spend(unit: Unit, account: Account, offer: Offer) -> None:
    """Of any number of answers at the same moment one counts."""
    if _accept(unit, offer.id, account.id, unit.now) != 1:
        raise RefusedError("invitation_over", "This invitation was answered already.")


def _become_administrator(unit: Unit, account: Account, offer: Offer, source: Source) -> None:
    administrators.add(unit, offer.firm.id, account.id)
    telling.tell_second_factor_is_due(unit, account, f"You manage firm {offer.firm.number} here.")
    event_id = trail.record(
        unit,
        Event.FIRM_ADMINISTRATOR_ADDED,
        actor=account.id,
        account_id=account.id,
        source=source,
        firm=offer.firm.number,
        invitation=offer.id,
    )
    made = Change("administrator", account.number, offer.remark, {}, {"administrator": "yes"})
    changes.keep(unit, offer.firm.id, event_id, account.id, ActedAs.MEMBER, made)


def _offer(
    invitation_id: str,
    kind: str,
    remark: str,
    first_name: str | None,
    last_name: str,
    email: str | None,
    cost_center_id: str | None,
    created_at: datetime,
    expires_at: datetime,
    invited_by: str,
    *firm: Any,
) -> Offer:
    return Offer(
        id=invitation_id,
        kind=InvitationKind(kind),
        firm=directory.firm(*firm),
        remark=remark,
        first_name=first_name,
        last_name=last_name,
        email=email,
        cost_center_id=cost_center_id,
        created_at=created_at,
        expires_at=expires_at,
        invited_by=invited_by,
    )


_COLUMNS: Sequence[ColumnElement[Any]] = (
    invitations.c.id.label("invitation_id"),
    invitations.c.kind.label("invitation_kind"),
    invitations.c.remark,
    invitations.c.first_name.label("invited_first_name"),
    invitations.c.last_name.label("invited_last_name"),
    invitations.c.email.label("invited_email"),
    invitations.c.cost_center_id.label("invited_cost_center_id"),
    invitations.c.created_at.label("invited_at"),
    invitations.c.expires_at,
    invitations.c.invited_by,
    *directory.FIRM_COLUMNS,
)


def _is_open(now: datetime) -> Sequence[ColumnElement[bool]]:
    return (
        invitations.c.status == InvitationStatus.PENDING.value,
        invitations.c.expires_at > now,
        invitations.c.declined_quietly.is_(False),
    )


def _open(now: datetime) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(directory.FIRMS.join(invitations, invitations.c.firm_id == accounts.c.id))
        .where(*_is_open(now))
    )


def _answer(invitation_id: str, now: datetime) -> Update:
    return update(invitations).where(invitations.c.id == invitation_id, *_is_open(now))


@every(_offer)
def _offers(account_id: str, now: datetime) -> Select[Any]:
    asked = _open(now).where(invitations.c.account_id == account_id)
    return asked.order_by(invitations.c.created_at.desc(), invitations.c.id)


@one(_offer)
def _by_token(digest: bytes, now: datetime) -> Select[Any]:
    return _open(now).where(invitations.c.digest == digest)


@one(_offer)
def _find(invitation_id: str, account_id: str, digest: bytes, now: datetime) -> Select[Any]:
    return _open(now).where(
        invitations.c.id == invitation_id,
        or_(
            invitations.c.account_id == account_id,
            # whom a prepared account is for shows by having got the mail
            (invitations.c.kind == InvitationKind.PREPARED.value)
            & (invitations.c.digest == digest),
        ),
    )


@change
def _accept(invitation_id: str, account_id: str, now: datetime) -> Update:
    return _answer(invitation_id, now).values(
        status=InvitationStatus.ACCEPTED.value,
        answered_at=now,
        account_id=account_id,
        digest=None,
    )


@change
def _decline(invitation_id: str, account_id: str, now: datetime) -> Update:
    return _answer(invitation_id, now).values(
        status=InvitationStatus.DECLINED.value,
        answered_at=now,
        account_id=account_id,
        digest=None,
    )


@change
def _decline_quietly(invitation_id: str, account_id: str, now: datetime) -> Update:
    return _answer(invitation_id, now).values(
        declined_quietly=True, account_id=account_id, digest=None
    )
