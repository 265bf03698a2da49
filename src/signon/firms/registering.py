"""One person registers a firm, bank, agency or school: the address is proved before anything is made.

What was entered waits sealed where registrations of people wait (`registration.drafts`), with a
link of its own purpose: it can make a firm and nothing else. As with people, the link proves the
address: in the browser that began one with it, it makes that one; the password is chosen behind it.
"""

from datetime import date, timedelta

from signon.accounts import checks, creation, entries, mailed_links
from signon.accounts.checks import Contact
from signon.accounts.creation import NewAccount
from signon.accounts.directory import Account
from signon.accounts.entries import Check, Entered
from signon.accounts.mailed_links import DeadLinkError, Purpose
from signon.accounts.models import AccountKind
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError
from signon.notices import mail
from signon.notices.registration_confirm import RegistrationConfirm
from signon.registration import drafts, onward
from signon.registration.confirming import GONE, AtOnceError
from signon.registration.drafts import Draft
from signon.registration.mailing import ABOUT, may_mail
from signon.web.visitor import Source
from signon.words.sentences import _

PATH = "/register/firm/confirm"
MAILS = "firm_registration_mails"
"""Bucket: mails to one address; apart from those of people, whose links make no firm."""


def _firm_name(text: str, _typed: Entered, _today: date) -> str:
    tidy = checks.name(text, "firm_name", 200)
    if tidy is None:
        raise InputError(
            _("Enter the name of the firm, bank, agency or school."), field="firm_name"
        )
    return tidy


FIELDS: dict[str, Check] = {
    "firm_name": _firm_name,
    **{name: entries.ABOUT[name] for name in ("first_name", "last_name", "email", "date_of_birth")},
    **entries.ADDRESS,
}
"""What is asked, in its order: the firm, the person who administers it, and where they are."""


def begin(
    unit: Unit,
    ring: KeyRing,
    settings: Settings,
    device: str | None,
    entered: Entered,
    *,
    source: Source,
) -> None:
    """Keep what was entered and mail the link. Raises RefusedError (`too_many`).

    An address that got its mails gets no other: their links make this firm in this browser.
    """
    draft = drafts.begin(
        unit,
        ring,
        _firms(device),
        entered,
        onward.NOWHERE,
        source=source,
        per_network=settings.registrations_per_network,
    )
    is_mailed = may_mail(unit, MAILS, entered["email"], settings)
    drafts.confirm(unit, draft)
    if is_mailed:
        _mail(unit, settings, draft, source)


def _mail(unit: Unit, settings: Settings, draft: Draft, source: Source) -> None:
    email = draft.entered["email"]
    lasts = timedelta(seconds=settings.registration_link_seconds)
    token = mailed_links.issue(
        unit,
        Purpose.VERIFY_FIRM,
        email=email,
        lasts=lasts,
        payload={ABOUT: draft.id},
    )
    letter = RegistrationConfirm(
        confirm_url=f"{settings.issuer}{PATH}?token={token}",
        hours=round(lasts.total_seconds() / 3600),
        may_exist=0,
        is_held=0,
        forgot_username_url=f"{settings.issuer}/forgot-username",
    )
    mail.send(unit, letter, to=email)
    trail.record(unit, Event.REGISTRATION_MAILED, actor=trail.SYSTEM, source=source, kind="firm")


def look(unit: Unit, ring: KeyRing, token: str | None, device: str | None) -> Draft:
    """What a link would make in that browser, without using it. Raises DeadLinkError."""
    link = mailed_links.look(unit, Purpose.VERIFY_FIRM, token)
    draft = drafts.by_id(unit, ring, link.payload[ABOUT])
    if draft is None or not draft.is_of(_firms(device)):
        draft = drafts.own(unit, ring, _firms(device), link.email) or draft
    if draft is None:
        raise DeadLinkError(GONE, _("This registration took too long."), _("Start over."))
    if draft.completed_at:
        raise mailed_links.refusal(mailed_links.USED)
    return draft


def finish(
    unit: Unit,
    ring: KeyRing,
    token: str | None,
    username: str,
    password_hash: str,
    *,
    device: str | None,
    source: Source,
) -> Account:
    """Use the link up and make the firm's account.

    Raises DeadLinkError, AtOnceError, RefusedError (`username_taken`).
    """
    draft = look(unit, ring, token, device)
    account = creation.create(
        unit,
        ring,
        _wanted(draft.entered, username),
        password_hash=password_hash,
        actor=trail.SYSTEM,
        email_verified=True,
    )
    try:
        mailed_links.spend(unit, Purpose.VERIFY_FIRM, token)
    except DeadLinkError as error:
        raise AtOnceError from error
    if not drafts.complete(unit, draft, account.id):
        raise AtOnceError
    trail.record(
        unit, Event.REGISTRATION_COMPLETED, actor=account.id, account_id=account.id, source=source
    )
    return account


def _firms(device: str | None) -> str:
    """What binds a firm's registration to a browser, so that none is taken for a person's."""
    return f"firm {device or ''}"


def _wanted(entered: Entered, username: str) -> NewAccount:
    contact = {name: entered.get(name) or None for name in Contact.__dataclass_fields__}
    return NewAccount(
        kind=AccountKind.FIRM,
        username=username,
        email=entered["email"],
        first_name=entered.get("first_name") or None,
        last_name=entered["last_name"],
        date_of_birth=date.fromisoformat(entered["date_of_birth"]),
        firm_name=entered["firm_name"],
        contact=Contact(**contact),
    )
