"""Who an invitation is for is found here, after its answer has gone out, and told by mail.

The outbox hands over what `invitations` and `membership` have left there. Done twice, nothing is
mailed twice: an invitation is handled once for each time that it was sent.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, bindparam, select, update

from signon import opaque_tokens
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of, email_key
from signon.accounts.models import AccountKind, accounts
from signon.accounts.search import SEARCHING_KINDS
from signon.config import Settings
from signon.db import Database, Unit
from signon.firms import directory, membership
from signon.firms.directory import Firm
from signon.firms.invitations import LASTS, SENT
from signon.firms.membership import Told
from signon.firms.models import InvitationKind, InvitationStatus, invitations
from signon.limits import counters
from signon.notices import mail
from signon.notices.firm_invitation import FirmInvitation
from signon.notices.firm_membership import FirmMembership
from signon.notices.firm_notice import FirmNotice
from signon.outbox.events import Due, Handler

PATH = "/firm-invitations"
INVITED = "firm_invited"
"""Bucket: invitations mailed to one address within a day, by whatever firms."""
INVITED_A_DAY = 10
SEARCH_RESTS = (
    "Your case search is inactive until you make it active again on your account’s page; your "
    "own account is billed for it then. Filing does not depend on it."
)
BILLED = (
    "The firm is billed for your searches and sets the rule for client codes. Your filing rights, "
    "your password and your second factors are yours alone, and stay as they are."
)
TO_PERSON = {
    Told.JOINED: ("You are a member of firm {firm} now.", BILLED),
    Told.LEFT: ("You left firm {firm}.", SEARCH_RESTS),
    Told.REMOVED: ("Firm {firm} removed you from its members.", SEARCH_RESTS),
    Told.MOVED: ("You left firm {firm} for another one.", ""),
}
TO_FIRM = {
    Told.JOINED: "An invitation was accepted.",
    Told.LEFT: "A member left the firm.",
    Told.REMOVED: "Members were removed from the firm.",
    Told.MOVED: "A member left for another firm.",
}


class Delivery:
    """The outbox's handlers for firms."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    def handlers(self) -> dict[str, Handler]:
        """By kind of outbox event."""
        return {SENT: self.deliver, membership.TOLD: self.tell}

    async def deliver(self, due: Due) -> None:
        """Mail invitations to whom they are for."""
        await self._database.write(deliver, self._settings, due.payload["invitations"])

    async def tell(self, due: Due) -> None:
        """Mail both sides what has become of a membership."""
        await self._database.write(tell, due.payload)


def deliver(unit: Unit, settings: Settings, invitation_ids: Sequence[str]) -> None:
    """Find who is meant and mail them; where nobody is, nothing goes out."""
    # lists of any length, here and below: as many as an event has
    found: Sequence[Any] = unit.execute(
        _WAITING, {"ids": list(invitation_ids), "now": unit.now}
    ).all()
    numbers = [one.account_number for one in found if one.account_number]
    people = {one.number: one for one in _people(unit, numbers)}
    handled = []
    letters = []
    meant = [(one, _meant(one, people)) for one in found]
    # everybody counts addresses in one order, so that nobody waits for each other
    for one, person in sorted(meant, key=lambda each: email_key(_address(*each))):
        token = opaque_tokens.new_token()
        is_prepared = one.kind == InvitationKind.PREPARED
        # whoever said no, if only to us, is not asked again by the same invitation
        is_mailed = (person is not None or is_prepared) and not one.declined_quietly
        # firms are free, and send again: a mailbox is not theirs to fill
        is_mailed = is_mailed and _may_mail(unit, _address(one, person))
        handled.append(
            {
                "of": one.id,
                "account": person.id if person else None,
                "with_digest": opaque_tokens.digest(token) if is_mailed else None,
                "at": unit.now,
            }
        )
        if is_mailed:
            letters.append(_letter(settings, one, person, token))
    mail.send_many(unit, letters)
    if handled:
        unit.execute(_HANDLED, handled)


def _meant(invitation: Row[Any], people: Mapping[str, Account]) -> Account | None:
    person = people.get(invitation.account_number or "")
    return person if person and is_meant(invitation, person) else None


def _address(invitation: Row[Any], person: Account | None) -> str:
    return person.email if person else invitation.email or ""


def _may_mail(unit: Unit, email: str) -> bool:
    """Count a mail to the address; what is not mailed stands on the invited person's page."""
    counted = counters.key(email_key(email))
    return counters.hit(unit, INVITED, counted, window=timedelta(days=1)).count <= INVITED_A_DAY


def is_meant(invitation: Row[Any], person: Account) -> bool:
    """Whether number and last name are this account's, and it may become what it is asked to."""
    if not person.is_active or _plain(person.last_name) != _plain(invitation.last_name):
        return False
    if invitation.kind == InvitationKind.ADMINISTRATOR:
        return person.kind is AccountKind.INDIVIDUAL and person.is_upgraded
    return person.kind in SEARCHING_KINDS and person.firm_number != invitation.firm_number


def tell(unit: Unit, payload: Mapping[str, Any]) -> None:
    """Both sides of every membership that began or ended."""
    told = Told(payload["what"])
    firm = directory.by_id(unit, payload["firm"])
    rows = unit.execute(_ACCOUNTS.where(accounts.c.id.in_(payload["accounts"])))
    people = [account_of(*row) for row in rows]
    what, note = TO_PERSON[told]
    letters = [
        (
            person.email,
            FirmMembership(
                account_number=person.number,
                firm_number=firm.number,
                what=what.format(firm=firm.number),
                note=note,
                remark=payload["remark"],
            ),
        )
        for person in people
    ]
    mail.send_many(unit, letters)
    if people and payload["tells_firm"]:
        _tell_firm(unit, firm, told, people, payload)


def _tell_firm(
    unit: Unit, firm: Firm, told: Told, people: Sequence[Account], payload: Mapping[str, Any]
) -> None:
    letter = FirmNotice(
        firm_number=firm.number,
        what=TO_FIRM[told],
        people=[one.number for one in people],
        further=payload["further"],
        remark=payload["remark"],
    )
    mail.send(unit, letter, to=firm.email)


def _letter(
    settings: Settings, row: Row[Any], person: Account | None, token: str
) -> tuple[str, FirmInvitation]:
    invitation = FirmInvitation(
        kind=row.kind,
        firm_number=row.firm_number,
        hours=round(LASTS.total_seconds() / 3600),
        invitation_url=f"{settings.issuer}{PATH}?token={token}",
    )
    return _address(row, person), invitation


def _people(unit: Unit, numbers: Sequence[str]) -> list[Account]:
    if not numbers:
        return []
    rows = unit.execute(_ACCOUNTS.where(accounts.c.number.in_(numbers)))
    return [account_of(*row) for row in rows]


def _plain(name: str | None) -> str:
    """Names that differ only in case or white space are one."""
    return " ".join((name or "").casefold().split())


_FIRM = accounts.alias("firm")
_WAITING = (
    select(
        *invitations.c,
        _FIRM.c.number.label("firm_number"),
    )
    .join(_FIRM, _FIRM.c.id == invitations.c.firm_id)
    .where(
        invitations.c.id.in_(bindparam("ids", expanding=True)),
        invitations.c.status == InvitationStatus.PENDING.value,
        invitations.c.handled_at.is_(None),
        invitations.c.expires_at > bindparam("now"),
    )
    .with_for_update(of=invitations)
)
_ACCOUNTS = select(*ACCOUNT_COLUMNS)
_HANDLED = (
    update(invitations)
    .where(invitations.c.id == bindparam("of"))
    .values(
        account_id=bindparam("account"),
        digest=bindparam("with_digest"),
        handled_at=bindparam("at"),
    )
)
