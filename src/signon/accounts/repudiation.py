"""Every sensitive change is told to the account's addresses, each with a "this was not me" link.

Who may say so has had a say before the change: an address that was the account's then, and no
new one. Whatever is new (an address, a second factor) has no say for `SETTLES`, so that whoever
changed it cannot use the change to keep the owner out. What the link leads to is the account's
own business (`signon.profile.disputes`): it takes the account back, or freezes it.

While an account is frozen nothing about it may be changed and nothing is filed with it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Update, case, func, null, or_, update

from signon.accounts import history, mailed_links, sign_outs
from signon.accounts.directory import Account, by_number, unknown_account
from signon.accounts.history import NO_PROOF, Change, Proof
from signon.accounts.mailed_links import Purpose
from signon.accounts.models import accounts
from signon.accounts.telling import tell_operators
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.errors import RefusedError
from signon.notices import mail
from signon.notices.account_changed import AccountChanged
from signon.notices.account_frozen import AccountFrozen
from signon.prepared import change
from signon.web.dates import moment_in_words
from signon.web.visitor import Source
from signon.words.sentences import Spoken, _

LASTS = timedelta(days=30)
"""How long a change can be disowned (SP 800-63B section 4.6 asks for ten days at least)."""
SETTLES = timedelta(hours=72)
"""How long a new address or second factor has no say."""
PATH = "/account/not-me"
FROZEN = "frozen"
FREEZE, STOOD_BY = "freeze", "stood_by"
"""Subjects of the history: somebody froze the account, its owner stood by what was disowned."""
EMAIL = "email"


class FrozenError(RefusedError):
    """Nothing about this account may be changed now."""

    def __init__(self) -> None:
        super().__init__(
            FROZEN,
            _(
                "Your account is stopped, because someone told us that a change was not made by "
                "its owner."
            ),
            _(
                "If you have a second factor from before that change, sign in with it and look at "
                "“Was that not you?” on your account’s page. Otherwise call the PACER Service "
                "Center at (800) 676-6856."
            ),
        )


@dataclass(frozen=True, slots=True)
class Voice:
    """An address with a say, and the first change that it may disown: the one that it was
    replaced by, or for the present address what is being done now.
    """

    address: str
    since: datetime


def tell(
    unit: Unit,
    issuer: str,
    account: Account,
    change: str,
    *,
    proof: Proof = NO_PROOF,
    addresses: Sequence[str] = (),
) -> None:
    """Mail what was changed to the account's address, to every one with a say and to `addresses`.

    `change` is a sentence without its subject's name: "The password was changed." `proof` is
    what the change was made with.
    """
    with_say = {one.address.casefold(): one for one in voices(unit, account)}
    everywhere = {one.casefold(): one for one in (account.email, *addresses)}
    everywhere |= {key: one.address for key, one in with_say.items()}
    for key, address in everywhere.items():
        voice = with_say.get(key)
        letter = AccountChanged(
            account_number=account.number,
            change=change,
            changed_at=in_words(unit.now),
            not_me_url=_url(unit, issuer, account, voice, proof) if voice else "",
        )
        mail.send(unit, letter, to=address, language=account.language)


def not_me_url(unit: Unit, issuer: str, account: Account, proof: Proof) -> str:
    """A new link for the account's own address; empty while that is new and has no say."""
    own = account.email.casefold()
    voice = next((one for one in voices(unit, account) if one.address.casefold() == own), None)
    return _url(unit, issuer, account, voice, proof) if voice else ""


def voices(unit: Unit, account: Account) -> list[Voice]:
    """The addresses with a say over what is changed now, the present one first if it is one."""
    held: dict[str, datetime] = {}
    found: dict[str, Voice] = {}
    for move in _moves(history.since(unit, account.id, unit.now - LASTS)):
        before, after = move.before[EMAIL], move.after[EMAIL]
        if _is_settled(held.get(before.casefold()), move.at):
            found[before.casefold()] = Voice(before, move.at)
        held[after.casefold()] = move.at
    own = account.email.casefold()
    former = [voice for key, voice in found.items() if key != own]
    if _is_settled(held.get(own), unit.now):
        return [Voice(account.email, unit.now), *former]
    return former


def addresses_of(unit: Unit, account: Account) -> list[str]:
    """Every address that may stop what others ask for, such as the removal of all factors."""
    return [voice.address for voice in voices(unit, account)]


def in_words(at: datetime) -> Spoken:
    """A moment as mails name it."""
    return moment_in_words(at)


def freeze(unit: Unit, account: Account, since: datetime, *, proof: Proof, source: Source) -> None:
    """Stop every change and all filing, sign it out everywhere, and tell the operators.

    `since` is the moment of the change that was disowned; of two the earlier counts.
    """
    _freeze(unit, account.id, unit.now, since)
    if account.factor_reset_due_at is not None:
        trail.record(
            unit,
            Event.FACTOR_RESET_STOPPED,
            actor=account.id,
            account_id=account.id,
            reason=FROZEN,
            source=source,
        )
    sign_outs.sign_out_everywhere(unit, account.id)
    history.record(
        unit,
        account.id,
        FREEZE,
        Event.ACCOUNT_FROZEN,
        actor=account.id,
        after={"since": since},
        source=source,
        proof=proof,
    )
    tell_operators(unit, AccountFrozen(account.number))


def stand_by(unit: Unit, account: Account, *, proof: Proof, source: Source) -> None:
    """The owner made the change that was disowned: let the account go on.

    It takes a second factor that was no new one when the change was made. The addresses that
    were replaced before have no say any more. Raises FrozenError.
    """
    since = account.frozen_since or account.frozen_at
    if since is None:
        return
    if not proof.has_settled_factor(since, SETTLES):
        require_unfrozen(account)
    _thaw(unit, account.id)
    history.record(
        unit,
        account.id,
        STOOD_BY,
        Event.ACCOUNT_THAWED,
        actor=account.id,
        source=source,
        proof=proof,
    )


def thaw(unit: Unit, number: str, *, actor: str) -> Account:
    """Let the account be changed again. Raises NotFoundError, RefusedError (`not_frozen`)."""
    account = by_number(unit, number)
    if account is None:
        raise unknown_account(number)
    if _thaw(unit, account.id) != 1:
        raise RefusedError("not_frozen", f"Account {number} is not frozen.")
    trail.record(unit, Event.ACCOUNT_THAWED, actor=actor, account_id=account.id)
    return account


def refuse_frozen(account: Account) -> FrozenError | None:
    """Why nothing about this account may be changed now, or None."""
    if account.frozen_at is None:
        return None
    return FrozenError()


def require_unfrozen(account: Account) -> None:
    """Raises FrozenError: whoever holds a frozen account changes nothing with it."""
    if frozen := refuse_frozen(account):
        raise frozen


def after_stood_by(changes: Sequence[Change]) -> Sequence[Change]:
    """What can still be disowned of these, oldest first: not what its owner stood by."""
    last = max((place for place, one in enumerate(changes) if one.subject == STOOD_BY), default=-1)
    return changes[last + 1 :]


def _moves(changes: Sequence[Change]) -> list[Change]:
    """The changes of the address that still count."""
    return [
        one
        for one in after_stood_by(changes)
        if one.subject == EMAIL and EMAIL in one.before and one.disowned_by is None
    ]


def _is_settled(since: datetime | None, at: datetime) -> bool:
    return since is None or at - since >= SETTLES


def _url(unit: Unit, issuer: str, account: Account, voice: Voice, proof: Proof) -> str:
    """A link to be mailed to that address only. What it disowns at first is in its payload."""
    has_factor = proof.has_settled_factor(unit.now, SETTLES)
    token = mailed_links.issue(
        unit,
        Purpose.NOT_ME,
        email=voice.address,
        lasts=LASTS,
        account_id=account.id,
        payload={"since": voice.since.isoformat(), "has_factor": has_factor},
    )
    return f"{issuer}{PATH}?token={token}"


@change
def _freeze(account_id: str, now: datetime, since: datetime) -> Update:
    before = accounts.c.frozen_since
    return (
        update(accounts)
        .where(accounts.c.id == account_id)
        .values(
            frozen_at=func.coalesce(accounts.c.frozen_at, now),
            frozen_since=case((or_(before.is_(None), before > since), since), else_=before),
            factor_reset_due_at=null(),
        )
    )


@change
def _thaw(account_id: str) -> Update:
    frozen = update(accounts).where(accounts.c.id == account_id, accounts.c.frozen_at.is_not(None))
    return frozen.values(frozen_at=null(), frozen_since=null())
