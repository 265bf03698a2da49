"""Another e-mail address: asked for, confirmed at the new one, undone from the old one.

Nothing changes until the new address has answered, and for ten days after that the old one can
take it back, so that neither a typing error nor a stolen session costs somebody the account.
"""

from collections.abc import Mapping
from datetime import timedelta

from signon.accounts import checks, history, mailed_links, own_data, repudiation
from signon.accounts.mailed_links import MailedLink, Purpose
from signon.accounts.own_data import OwnData
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import BusyError, InputError, Refusal
from signon.limits import counters
from signon.notices import mail
from signon.profile import changes
from signon.profile.changes import Asker
from signon.web.visitor import Origin

CONFIRM_LASTS = timedelta(hours=24)
CONFIRM_PATH = "/account/email/confirm"
UNDO_PATH = "/account/email/undo"
MAILS = "email_change_mails"
"""Buckets: mails that one account, and one address, were sent to confirm a change."""
MAILS_AN_HOUR = 5


def ask(unit: Unit, asker: Asker, address: str) -> str | Refusal:
    """Mail a link to the new address and answer it; an earlier link works no more.

    Raises InputError; BusyError after so many mails within an hour.
    """
    own = changes.ready(unit, asker)
    if isinstance(own, Refusal):
        return own
    wanted = checks.email(address)
    if wanted == own.account.email:
        raise InputError("That is your e-mail address already.", field="email")
    _bound(unit, own.account.id, wanted)
    mailed_links.withdraw(unit, own.account.id, Purpose.CONFIRM_EMAIL)
    token = mailed_links.issue(
        unit,
        Purpose.CONFIRM_EMAIL,
        email=wanted,
        lasts=CONFIRM_LASTS,
        account_id=own.account.id,
        payload={"old": own.account.email},
    )
    mail.send(
        unit,
        "confirm_email",
        wanted,
        account_number=own.account.number,
        confirm_url=f"{asker.issuer}{CONFIRM_PATH}?token={token}",
    )
    history.record(
        unit,
        own.account.id,
        "email",
        Event.EMAIL_CHANGE_ASKED,
        actor=own.account.id,
        after={"email": wanted},
        origin=asker.origin,
    )
    return wanted


def pending(unit: Unit, account_id: str) -> str | None:
    """The address that was asked for and has not answered yet."""
    link = mailed_links.pending(unit, account_id, Purpose.CONFIRM_EMAIL)
    return link.email if link else None


def cancel(unit: Unit, account_id: str) -> None:
    """Let the address that has not answered be forgotten."""
    mailed_links.withdraw(unit, account_id, Purpose.CONFIRM_EMAIL)


def confirm(unit: Unit, issuer: str, token: str | None, *, origin: Origin) -> OwnData | Refusal:
    """Spend the link of the new address: from now on mail goes there."""
    found = _for_change(unit, Purpose.CONFIRM_EMAIL, token)
    if isinstance(found, Refusal):
        return found
    link, own = found
    if own.account.email != link.payload["old"]:
        return Refusal(
            changes.MEANWHILE,
            "The e-mail address of this account was changed in another way meanwhile.",
            "If you still want this one, ask for it once more on your account’s page.",
        )
    changed = _replace(unit, own, link.email, Event.EMAIL_CHANGED, origin=origin)
    old = own.account.email
    back = mailed_links.issue(
        unit,
        Purpose.UNDO_EMAIL,
        email=old,
        lasts=repudiation.LASTS,
        account_id=own.account.id,
        payload={"old": old, "new": link.email},
    )
    mail.send(
        unit,
        "email_changed",
        old,
        account_number=own.account.number,
        new_email=masked(link.email),
        undo_url=f"{issuer}{UNDO_PATH}?token={back}",
    )
    told = "The e-mail address was changed."
    repudiation.tell(unit, issuer, changed.account, told, addresses=[old])
    return changed


def undo(unit: Unit, issuer: str, token: str | None, *, origin: Origin) -> OwnData | Refusal:
    """Spend the link of the old address: it is the account's again, whatever came after.

    Links that were mailed to later addresses stop working. Signing in goes on as it was.
    """
    found = _for_change(unit, Purpose.UNDO_EMAIL, token)
    if isinstance(found, Refusal):
        return found
    link, own = found
    mailed_links.withdraw(unit, own.account.id, Purpose.UNDO_EMAIL)
    replaced = own.account.email
    changed = _replace(unit, own, link.email, Event.EMAIL_RESTORED, origin=origin)
    told = "The e-mail address was changed back to the one before."
    repudiation.tell(unit, issuer, changed.account, told, addresses=[replaced])
    return changed


def masked(address: str) -> str:
    """Enough of one's own address to recognise it by, and nothing to open: `a•••@e•••.org`."""
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"


def _for_change(
    unit: Unit, purpose: Purpose, token: str | None
) -> tuple[MailedLink, OwnData] | Refusal:
    """The spent link and its account, locked. A frozen account's link is not spent."""
    looked = mailed_links.look(unit, purpose, token)
    if isinstance(looked, Refusal):
        return looked
    own = own_data.lock(unit, looked.account_id or "")
    if refusal := repudiation.refuse_frozen(own.account):
        return refusal
    link = mailed_links.spend(unit, purpose, token)
    return link if isinstance(link, Refusal) else (link, own)


def _replace(unit: Unit, own: OwnData, address: str, event: Event, *, origin: Origin) -> OwnData:
    """Write the address; whatever was mailed to others to open the account opens it no more."""
    mailed_links.withdraw(unit, own.account.id, Purpose.CONFIRM_EMAIL, Purpose.CHOOSE_PASSWORD)
    after: Mapping[str, object] = {"email": address, "email_verified": True}
    before = {name: own.value(name) for name in after}
    changed = own_data.store(unit, own, after)
    history.record(
        unit,
        own.account.id,
        "email",
        event,
        actor=own.account.id,
        before=before,
        after=after,
        origin=origin,
    )
    return changed


def _bound(unit: Unit, account_id: str, address: str) -> None:
    """So many mails an hour for one account and to one address: nobody is flooded through us."""
    for counted in (account_id, address.casefold()):
        found = counters.hit(unit, MAILS, counters.key(counted), window=timedelta(hours=1))
        if found.count > MAILS_AN_HOUR:
            assert found.ends_at is not None
            raise BusyError(
                "Too many mails were sent for such a change. Try again in an hour.",
                retry_after=max(1, round((found.ends_at - unit.now).total_seconds())),
            )
