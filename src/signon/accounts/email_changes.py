"""Another e-mail address: asked for, confirmed at the new one, agreed to at the one before.

Whoever has nothing but the password, or a second factor that is new, cannot move the account's
mail away from its owner: the address before has to agree, or has `email_change_wait_seconds` to
stop it. Somebody who lost that mailbox waits, and the change comes by itself. A settled second
factor stands in for the old address.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Insert, Select, Update, insert, select, update

from signon import ids
from signon.accounts import addresses, history, mailed_links, own_data, repudiation
from signon.accounts.directory import Account
from signon.accounts.history import Proof
from signon.accounts.mailed_links import Purpose
from signon.accounts.models import email_changes
from signon.accounts.own_data import OwnData
from signon.accounts.repudiation import EMAIL
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Database, Unit
from signon.errors import BusyError, RefusedError
from signon.limits import counters
from signon.notices import mail
from signon.notices.confirm_email import ConfirmEmail
from signon.notices.email_change_asked import EmailChangeAsked
from signon.prepared import change, one, values
from signon.web.visitor import Source
from signon.words.sentences import _

CONFIRM_LASTS = timedelta(hours=24)
"""The longest that a mailed code may be good for (SP 800-63B section 4.2.2)."""
CONFIRM_PATH = "/account/email/confirm"
AGREE_PATH = "/account/email/agree"
ASKED = "email_asked"
MAILS = "email_change_mails"
"""Buckets: mails that one account, and one address, were sent to confirm a change."""
MAILS_AN_HOUR = 5
BATCH = 100
STOPPED, MEANWHILE = "email_change_stopped", "changed_meanwhile"


@dataclass(frozen=True, slots=True)
class EmailChange:
    """One that waits. Nobody has to agree when `due_at` is not after `asked_at`."""

    id: str
    account_id: str
    old_email: str
    new_email: str
    asked_at: datetime
    due_at: datetime
    confirmed_at: datetime | None
    agreed_at: datetime | None
    session_id: str | None
    factor_since: datetime | None

    @property
    def waits_for_agreement(self) -> bool:
        """Whether the address before has neither agreed nor lost its time to."""
        return self.agreed_at is None and self.due_at > self.asked_at

    def is_ripe(self, now: datetime) -> bool:
        """Whether the address becomes the account's now."""
        return self.confirmed_at is not None and (self.agreed_at is not None or now >= self.due_at)


def ask(
    unit: Unit, settings: Settings, account: Account, wanted: str, *, proof: Proof, source: Source
) -> None:
    """Mail a link to the new address, and to the one before unless a settled factor stands behind
    it; what was asked for earlier is forgotten.

    The caller has locked the account. Raises BusyError after so many mails within an hour, and
    InputError for an address out of a rehearsal: its mail would leave.
    """
    addresses.require_same_side(account.email, wanted, field="email")
    _bound(unit, account.id, wanted)
    forget(unit, account.id)
    wait = wait_for(settings, proof, unit.now)
    due_at = unit.now + wait
    _ask(
        unit,
        ids.new_id(),
        account.id,
        old_email=account.email,
        new_email=wanted,
        now=unit.now,
        due_at=due_at,
        session_id=proof.session_id,
        factor_since=proof.factor_since,
    )
    history.record(
        unit,
        account.id,
        ASKED,
        Event.EMAIL_CHANGE_ASKED,
        actor=account.id,
        after={"wanted": wanted},
        source=source,
        proof=proof,
    )
    _mail_new(unit, settings.issuer, account, wanted)
    if wait:
        _mail_old(unit, settings.issuer, account, wanted, due_at, wait, proof)


def wait_for(settings: Settings, proof: Proof, now: datetime) -> timedelta:
    """How long the address before may stop a change that is asked for with this proof."""
    if proof.has_settled_factor(now, repudiation.SETTLES):
        return timedelta(0)
    return timedelta(seconds=settings.email_change_wait_seconds)


def pending(unit: Unit, account_id: str) -> EmailChange | None:
    """The change that the account waits for."""
    return _pending(unit, account_id)


def forget(unit: Unit, account_id: str) -> bool:
    """Let what was asked for end, and its links; False when nothing was pending."""
    mailed_links.withdraw(unit, account_id, Purpose.CONFIRM_EMAIL, Purpose.AGREE_EMAIL)
    return _end(unit, account_id, unit.now) == 1


def confirm(unit: Unit, issuer: str, token: str | None, *, source: Source) -> EmailChange | OwnData:
    """Spend the link of the new address. Answers the account when it has the address now.

    Raises RefusedError: the link does not work, `frozen`, `changed_meanwhile`.
    """
    return _spend(unit, issuer, Purpose.CONFIRM_EMAIL, token, _confirm, source)


def agree(unit: Unit, issuer: str, token: str | None, *, source: Source) -> EmailChange | OwnData:
    """Spend the link of the address before: it agrees to be replaced. Raises like `confirm`."""
    return _spend(unit, issuer, Purpose.AGREE_EMAIL, token, _agree, source)


def stop(unit: Unit, token: str | None, *, source: Source) -> OwnData:
    """Spend the link of the address before: it stays, and the new one is forgotten.

    Raises RefusedError when the link does not work.
    """
    link = mailed_links.spend(unit, Purpose.AGREE_EMAIL, token)
    own = own_data.lock(unit, link.account_id or "")
    if forget(unit, own.account.id):
        trail.record(
            unit,
            Event.EMAIL_CHANGE_STOPPED,
            actor=own.account.id,
            account_id=own.account.id,
            source=source,
        )
    return own


async def carry_out(database: Database, issuer: str) -> int:
    """Make what is due, each in a unit of its own; answers how many accounts got their address."""
    due = await database.read(_due)
    return sum([await database.write(_make_due, issuer, account_id) for account_id in due])


def masked(address: str) -> str:
    """Enough of one's own address to recognise it by, and nothing to open: `a•••@e•••.org`."""
    local, _unused, domain = address.rpartition("@")
    return f"{local[:1]}•••@{domain[:1]}•••.{domain.rpartition('.')[2]}"


def _spend(
    unit: Unit,
    issuer: str,
    purpose: Purpose,
    token: str | None,
    note: Callable[[Unit, str, datetime], int],
    source: Source,
) -> EmailChange | OwnData:
    """Use the link up, and make the change if that was the last thing it waited for.

    A frozen account's link is not spent.
    """
    looked = mailed_links.look(unit, purpose, token)
    own = own_data.lock(unit, looked.account_id or "")
    repudiation.require_unfrozen(own.account)
    mailed_links.spend(unit, purpose, token)
    note(unit, own.account.id, unit.now)
    change = pending(unit, own.account.id)
    if change is None or change.old_email != own.account.email:
        # the link is spent: it does nothing any more
        raise unit.keep(RefusedError(MEANWHILE, *_MEANWHILE))
    return _make(unit, issuer, own, change, source) if change.is_ripe(unit.now) else change


def _make_due(unit: Unit, issuer: str, account_id: str) -> bool:
    own = own_data.lock(unit, account_id)
    change = pending(unit, account_id)
    if change is None or not change.is_ripe(unit.now) or own.account.frozen_at is not None:
        return False
    if change.old_email != own.account.email or not own.account.is_active:
        forget(unit, account_id)
        return False
    _make(unit, issuer, own, change, None)
    return True


def _make(
    unit: Unit, issuer: str, own: OwnData, change: EmailChange, source: Source | None
) -> OwnData:
    """Write the address; whatever was mailed to open the account opens it no more."""
    account = own.account
    forget(unit, account.id)
    mailed_links.withdraw(unit, account.id, Purpose.CHOOSE_PASSWORD)
    after = {EMAIL: change.new_email, "email_verified": True}
    changed = own_data.store(unit, own, after)
    proof = Proof(change.session_id, change.factor_since)
    history.record(
        unit,
        account.id,
        EMAIL,
        Event.EMAIL_CHANGED,
        actor=account.id,
        before={name: own.value(name) for name in after},
        after=after,
        source=source,
        proof=proof,
    )
    told = _("The e-mail address was changed to {new_email}.", new_email=masked(change.new_email))
    repudiation.tell(unit, issuer, changed.account, told, proof=proof, addresses=[account.email])
    return changed


def _mail_new(unit: Unit, issuer: str, account: Account, wanted: str) -> None:
    token = mailed_links.issue(
        unit, Purpose.CONFIRM_EMAIL, email=wanted, lasts=CONFIRM_LASTS, account_id=account.id
    )
    letter = ConfirmEmail(
        account_number=account.number,
        confirm_url=f"{issuer}{CONFIRM_PATH}?token={token}",
    )
    mail.send(unit, letter, to=wanted, language=account.language)


def _mail_old(
    unit: Unit,
    issuer: str,
    account: Account,
    wanted: str,
    due_at: datetime,
    lasts: timedelta,
    proof: Proof,
) -> None:
    token = mailed_links.issue(
        unit, Purpose.AGREE_EMAIL, email=account.email, lasts=lasts, account_id=account.id
    )
    letter = EmailChangeAsked(
        account_number=account.number,
        new_email=masked(wanted),
        due_at=repudiation.in_words(due_at),
        agree_url=f"{issuer}{AGREE_PATH}?token={token}",
        not_me_url=repudiation.not_me_url(unit, issuer, account, proof),
    )
    mail.send(unit, letter, to=account.email, language=account.language)


def _bound(unit: Unit, account_id: str, address: str) -> None:
    """So many mails an hour for one account and to one address: nobody is flooded through us."""
    for counted in (account_id, address.casefold()):
        found = counters.hit(unit, MAILS, counters.key(counted), window=timedelta(hours=1))
        if found.count > MAILS_AN_HOUR:
            assert found.ends_at is not None
            raise BusyError(
                _("Too many mails were sent for such a change. Try again in an hour."),
                retry_after=max(1, round((found.ends_at - unit.now).total_seconds())),
            )


def _due(unit: Unit) -> list[str]:
    return _are_due(unit, unit.now)


_MEANWHILE = (
    _("The e-mail address of this account was changed in another way meanwhile."),
    _("If you still want this one, ask for it once more on your account’s page."),
)


def _is_open(account_id: str) -> tuple[ColumnElement[bool], ...]:
    return email_changes.c.account_id == account_id, email_changes.c.ended_at.is_(None)


@change
def _ask(
    change_id: str,
    account_id: str,
    *,
    old_email: str,
    new_email: str,
    now: datetime,
    due_at: datetime,
    session_id: str | None,
    factor_since: datetime | None,
) -> Insert:
    return insert(email_changes).values(
        id=change_id,
        account_id=account_id,
        old_email=old_email,
        new_email=new_email,
        asked_at=now,
        due_at=due_at,
        session_id=session_id,
        factor_since=factor_since,
    )


@one(EmailChange)
def _pending(
    account_id: str,
) -> Select[
    str, str, str, str, datetime, datetime,
    datetime | None, datetime | None, str | None, datetime | None,
]:  # fmt: skip
    return select(
        email_changes.c.id,
        email_changes.c.account_id,
        email_changes.c.old_email,
        email_changes.c.new_email,
        email_changes.c.asked_at,
        email_changes.c.due_at,
        email_changes.c.confirmed_at,
        email_changes.c.agreed_at,
        email_changes.c.session_id,
        email_changes.c.factor_since,
    ).where(*_is_open(account_id))


@change
def _end(account_id: str, now: datetime) -> Update:
    return update(email_changes).where(*_is_open(account_id)).values(ended_at=now)


@change
def _confirm(account_id: str, now: datetime) -> Update:
    return update(email_changes).where(*_is_open(account_id)).values(confirmed_at=now)


@change
def _agree(account_id: str, now: datetime) -> Update:
    return update(email_changes).where(*_is_open(account_id)).values(agreed_at=now)


@values
def _are_due(now: datetime) -> Select[str]:
    return (
        select(email_changes.c.account_id)
        .where(
            email_changes.c.ended_at.is_(None),
            email_changes.c.confirmed_at.is_not(None),
            email_changes.c.due_at <= now,
        )
        .order_by(email_changes.c.due_at)
        .limit(BATCH)
    )
