"""What the owner of an account may disown: which changes, and who may say so.

Whoever disowns a change had a say before it was made, and not through it: by a link that was
mailed to an address which was the account's then, or signed in with a second factor that was
there then. An address or a factor that was new then has no say. Where a settled factor stood
behind a change, an address alone only freezes the account.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signon.accounts import directory, history, mailed_links, repudiation
from signon.accounts.directory import Account
from signon.accounts.history import Change, Proof
from signon.accounts.mailed_links import MailedLink, Purpose
from signon.accounts.repudiation import EMAIL, LASTS, SETTLES, STOOD_BY
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.signin.session import Session
from signon.words.sentences import _

DISPUTE = "dispute"
"""Subject of the account's own history."""
WORDS = {
    "email": _("The e-mail address was changed"),
    "email_asked": _("Another e-mail address was asked for"),
    "username": _("The username was changed"),
    "name": _("The name was changed"),
    "address": _("The postal address was changed"),
    "phone": _("The phone number was changed"),
    "client_code": _("The rule for client codes was changed"),
    "programs_allowed": _("Whether programs may sign in was changed"),
    "password": _("The password was changed"),
    "factor": _("Second factors were changed"),
    "link": _("Filing rights at a court were linked, or a link was undone"),
    "fold": _("Another filing login was added to rights at a court, or taken back"),
    "notices": _("The address for a court’s notices was changed"),
    "registration": _("A registration for e-filing was sent or withdrawn"),
    "consent": _("An application was allowed to see the account"),
    "filing_agent": _("A filing agent was named or accepted, or may do something else"),
    "firm": _("Membership in a firm began or ended"),
    "upgrade": _("The account was upgraded"),
    DISPUTE: _("The account was taken back"),
}
"""What can be disowned, by the history's subjects."""
OTHER = _("What the mail is about")
THIS = "this"
"""Stands for what a mail told of that changed nothing: a sign-in."""
MOST = 80
"""Changes on one page: a form has a hundred fields at most."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A change that may be disowned. `is_own`: by the very proof with which it would be disowned;
    `only_freezes`: a settled factor stood behind it; `may_begin`: whoever disowns had a say then,
    otherwise it can only go with an earlier one.
    """

    id: str
    at: datetime
    text: str
    is_own: bool
    only_freezes: bool
    may_begin: bool


@dataclass(frozen=True, slots=True)
class Dispute:
    """An account, and what can be disowned by `proof`; `since` is where that begins at first."""

    account: Account
    proof: Proof
    since: datetime
    choices: tuple[Choice, ...]
    changes: tuple[Change, ...]

    def preselected(self) -> list[str]:
        """What is ticked before anybody has chosen."""
        return [one.id for one in self.choices if one.at >= self.since and not one.is_own]

    def first(self, ticked: Sequence[str]) -> Choice:
        """The change that all begins with. Raises InputError when there is none among them."""
        able = [one for one in self.choices if one.id in ticked and one.may_begin]
        if not able:
            raise InputError(
                _(
                    "Check at least one change that was made before this address or factor lost its "
                    "say."
                ),
                field="changes",
            )
        return min(able, key=lambda one: one.at)

    def disowned(self, first: Choice, ticked: Sequence[str]) -> list[Change]:
        """What was changed since by whoever made the ticked changes: all of a session's, or none."""
        later = [
            one
            for one in self.changes
            if one.at >= first.at and one.actor == self.account.id and one.disowned_by is None
        ]
        sessions = {one.proof.session_id for one in later if one.id in ticked} - {None}
        return [one for one in later if one.id in ticked or one.proof.session_id in sessions]


def by_mail(unit: Unit, token: str | None) -> Dispute:
    """What the address may disown to which the link was mailed. Nothing is used up.

    Raises DeadLinkError.
    """
    link = mailed_links.look(unit, Purpose.NOT_ME, token)
    account = _account(unit, link.account_id or "")
    if unit.writes:
        # whoever held the account until now may have used it
        link = mailed_links.look(unit, Purpose.NOT_ME, token)
    changes = history.since(unit, account.id, unit.now - LASTS)
    told = _told_of(link)
    proof = Proof(address=link.email)
    found = [
        Choice(
            one.id,
            one.at,
            WORDS[one.subject],
            is_own=_same(one.proof.address, link.email),
            only_freezes=one.proof.has_settled_factor(one.at, SETTLES),
            may_begin=_has_say(changes, account, link.email, one.at),
        )
        for one in _disownable(changes, account)
    ]
    stood_by = [one.at for one in changes if one.subject == STOOD_BY]
    if all(one.at != told for one in found) and all(at < told for at in stood_by):
        has_say = _has_say(changes, account, link.email, told)
        by_factor = bool(link.payload.get("has_factor"))
        found.append(Choice(THIS, told, OTHER, False, by_factor, has_say))
    return _dispute(account, proof, told, found, changes)


def by_factor(unit: Unit, session: Session) -> Dispute:
    """What whoever is signed in may disown: what came after their factor had settled.

    Raises RefusedError (`no_earlier_factor`).
    """
    account = _account(unit, session.account.id)
    since = session.factor_since
    if since is None:
        raise RefusedError(
            "no_earlier_factor",
            _("A password alone cannot take an account back."),
            _(
                "Use the link “This was not me” in a mail about the change, at the address that the "
                "account had before it; or sign in with a second factor from before it."
            ),
        )
    changes = history.since(unit, account.id, max(unit.now - LASTS, since + SETTLES))
    found = [
        Choice(one.id, one.at, WORDS[one.subject], one.proof.session_id == session.id, False, True)
        for one in _disownable(changes, account)
    ]
    return _dispute(account, session.proof, account.frozen_since or unit.now, found, changes)


def by_operator(unit: Unit, account: Account, change_id: str) -> Dispute:
    """Everything since one change, on the word of somebody whom an operator has identified.

    Raises RefusedError (`no_such_change`).
    """
    changes = history.since(unit, account.id, unit.now - LASTS)
    able = _disownable(changes, account)
    began = next((one.at for one in able if one.id == change_id), None)
    if began is None:
        raise RefusedError(
            "no_such_change",
            _(
                "Account {number} has no such change of its holder's in the last {days} days.",
                number=account.number,
                days=LASTS.days,
            ),
            _("Its history shows them with their ids."),
        )
    found = [Choice(one.id, one.at, WORDS[one.subject], False, False, True) for one in able]
    return _dispute(account, history.NO_PROOF, began, found, changes)


def disownable(unit: Unit, account: Account) -> list[Change]:
    """What an operator may take back, newest first."""
    changes = history.since(unit, account.id, unit.now - LASTS)
    return _disownable(changes, account)[::-1]


def _dispute(
    account: Account,
    proof: Proof,
    since: datetime,
    found: Sequence[Choice],
    changes: Sequence[Change],
) -> Dispute:
    newest = sorted(found, key=lambda one: one.at, reverse=True)[:MOST]
    return Dispute(account, proof, since, tuple(newest), tuple(changes))


def _account(unit: Unit, account_id: str) -> Account:
    """Locked where something is going to be written."""
    find = directory.locked if unit.writes else directory.by_id
    account = find(unit, account_id)
    assert account is not None
    return account


def _disownable(changes: Sequence[Change], account: Account) -> list[Change]:
    return [
        one
        for one in repudiation.after_stood_by(changes)
        if one.actor == account.id and one.subject in WORDS and one.disowned_by is None
    ]


def _has_say(changes: Sequence[Change], account: Account, address: str, at: datetime) -> bool:
    """Whether the address was the account's just before that moment, and no new or disowned one."""
    if not _same(_email_at(changes, account, at), address):
        return False
    came = [
        one
        for one in changes
        if one.at < at and one.subject == EMAIL and _same(one.after.get(EMAIL), address)
    ]
    return not came or (came[-1].disowned_by is None and at - came[-1].at >= SETTLES)


def _email_at(changes: Sequence[Change], account: Account, at: datetime) -> str:
    """The account's address just before that moment."""
    later = (one.before[EMAIL] for one in changes if one.at >= at and EMAIL in one.before)
    return next(later, account.email)


def _same(one: str | None, other: str) -> bool:
    return one is not None and one.casefold() == other.casefold()


def _told_of(link: MailedLink) -> datetime:
    """The moment that the link is about; links of old say nothing of it."""
    told = link.payload.get("since")
    return datetime.fromisoformat(told) if told else link.created_at
