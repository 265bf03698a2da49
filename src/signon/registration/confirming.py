"""The account that is made when the mailed link is used.

Anybody may begin one with anybody's address, so a link proves the address and no more: it opens
what the browser in which it is used has begun with that address, and what another one has begun
only with the password that was chosen there.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from signon.accounts import creation, directory, mailed_links, upgrading
from signon.accounts.checks import Contact
from signon.accounts.creation import NewAccount
from signon.accounts.directory import Account, email_key
from signon.accounts.entries import Entered
from signon.accounts.mailed_links import DeadLinkError, MailedLink, Purpose
from signon.accounts.models import AccountKind, AccountStatus
from signon.accounts.telling import tell_operators
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.limits import counters
from signon.limits.counters import Place
from signon.notices.account_held import AccountHeld
from signon.registration import drafts, duplicates
from signon.registration.drafts import Draft
from signon.registration.duplicates import Likeness
from signon.registration.mailing import ABOUT
from signon.web.visitor import Source
from signon.words.sentences import _

FINISHES = "registration_finishes"
"""Bucket: attempts to make an account for one address; each may ask for another username."""
MOST_FINISHES = 20
FINISHES_WINDOW = timedelta(hours=24)
GUESSES = "registration_guesses"
"""Bucket: passwords typed for one registration in other browsers than its own."""
MOST_GUESSES = 10
HOLD = "review registration hold"
CHANGED = "registration_changed"
GONE = "registration_gone"
PASSWORD_NEEDED = "password_needed"
NOBODY = ""


@dataclass(frozen=True, slots=True)
class Pending:
    """What a link that still works would make; another browser must know the password for it."""

    draft: Draft
    username_is_taken: bool
    asks_password: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A registration that is complete; `account` of None: the person had one already."""

    draft: Draft
    account: Account | None


class AtOnceError(RefusedError):
    """The link was used at the same moment; nothing was made by this."""

    def __init__(self) -> None:
        super().__init__(mailed_links.USED, _("This link was used at the same moment."))


class Confirmation:
    """Using the link."""

    def __init__(
        self, ring: KeyRing, settings: Settings, *, create: Callable[..., Account] = creation.create
    ) -> None:
        self._ring = ring
        self._settings = settings
        self._create = create

    def look(self, unit: Unit, token: str | None, device: str | None) -> Pending | Done:
        """What the link is good for in that browser, without using it; a used one shows what it
        has made. Raises RefusedError.
        """
        link = self._link(unit, token)
        if isinstance(link, Done):
            return link
        draft = self._draft(unit, link, device)
        if draft.completed_at:
            return self._done(unit, draft)
        taken = directory.by_username(unit, draft.entered["username"]) is not None
        return Pending(draft, taken, asks_password=not draft.is_of(device))

    def attempt(
        self, unit: Unit, token: str | None, device: str | None
    ) -> tuple[Pending | Done, tuple[Place, ...]]:
        """`look` for somebody who typed a password: where it is asked, it is counted first.

        Answers where, too.
        """
        found = self.look(unit, token, device)
        if not isinstance(found, Pending) or not found.asks_password:
            return found, ()
        wanted = [(GUESSES, counters.key(found.draft.id), FINISHES_WINDOW)]
        counts = counters.hit_each(unit, wanted)
        if counts[0].count > MOST_GUESSES:
            raise unit.keep(RefusedError(drafts.TOO_MANY, *_TOO_MANY_GUESSES))
        return found, counters.places(wanted, counts)

    def finish(
        self,
        unit: Unit,
        token: str | None,
        username: str | None,
        *,
        device: str | None,
        proved: str | None = None,
        source: Source,
    ) -> Done:
        """Use the link up and make the account.

        `username` is another one than was chosen first, because that was taken. `proved` is the
        hash that the typed password was found to be of. Raises InputError for the username,
        AtOnceError, and RefusedError with nothing used up but the attempt.
        """
        link = self._link(unit, token)
        if isinstance(link, Done):
            return link
        # the first write locks the address: two links of one person come one after the other
        counted = counters.hit(
            unit, FINISHES, counters.key(email_key(link.email)), window=FINISHES_WINDOW
        )
        if counted.count > MOST_FINISHES:
            raise drafts.too_many(unit, counted.ends_at)
        draft = self._draft(unit, link, device, locked=True)
        if draft.completed_at:
            return self._done(unit, draft)
        if not draft.is_of(device):
            # what is there now: the password may have been chosen anew since it was compared
            if draft.entered["password_hash"] != proved:
                raise unit.keep(RefusedError(PASSWORD_NEEDED, *_PASSWORD_NEEDED))
            counters.forgive(unit, GUESSES, counters.key(draft.id))
        return self._make(unit, draft, token, username or draft.entered["username"], source)

    def _make(
        self, unit: Unit, draft: Draft, token: str | None, username: str, source: Source
    ) -> Done:
        account = None
        # somebody may have got the account since the mail was written
        if duplicates.likeness(unit, draft.entered) is not Likeness.SAME:
            # looked at first, because the attempt was counted and nothing else may stay
            if not upgrading.is_username_free(unit, username, NOBODY):
                raise unit.keep(upgrading.username_taken(username))
            account = self._account(unit, draft.entered, username)
        try:
            spent = mailed_links.spend(unit, Purpose.VERIFY_REGISTRATION, token)
        except DeadLinkError as error:
            raise AtOnceError from error
        if not drafts.complete(unit, draft, account.id if account else None):
            raise AtOnceError
        if spent.payload[ABOUT] != draft.id:
            mailed_links.note(unit, Purpose.VERIFY_REGISTRATION, token, {ABOUT: draft.id})
        trail.record(
            unit,
            Event.REGISTRATION_COMPLETED,
            actor=account.id if account else trail.SYSTEM,
            account_id=account.id if account else None,
            client_id=draft.way.client_id,
            court_id=draft.way.court_id,
            source=source,
        )
        return Done(draft, account)

    def _account(self, unit: Unit, entered: Entered, username: str) -> Account:
        """An upgraded individual account, held for review when its address is tagged."""
        held = duplicates.has_tag(entered["email"])
        made = self._create(
            unit,
            self._ring,
            _wanted(entered, username),
            password_hash=entered["password_hash"],
            actor=trail.SYSTEM,
            status=AccountStatus.HELD if held else AccountStatus.ACTIVE,
            status_reason=HOLD if held else None,
            email_verified=True,
        )
        if held:
            url = f"{self._settings.issuer}/operators/accounts/{made.number}"
            tell_operators(unit, AccountHeld(made.number, url))
        return made

    def _link(self, unit: Unit, token: str | None) -> MailedLink | Done:
        """The link, or what a used one has made."""
        try:
            return mailed_links.look(unit, Purpose.VERIFY_REGISTRATION, token)
        except DeadLinkError:
            if done := self._made_by(unit, token):
                return done
            raise

    def _draft(
        self, unit: Unit, link: MailedLink, device: str | None, *, locked: bool = False
    ) -> Draft:
        """What the link opens in that browser, as the person confirmed it: the registration that
        it was mailed for, or this browser's own if another one began that. Raises RefusedError;
        an attempt that was counted stays counted.
        """
        draft = drafts.by_id(unit, self._ring, link.payload[ABOUT])
        if draft is None or not (draft.completed_at or draft.is_of(device)):
            draft = drafts.own(unit, self._ring, device, link.email) or draft
        if draft and locked:
            draft = drafts.by_id(unit, self._ring, draft.id, locked=True)
        if draft is None:
            raise unit.keep(
                RefusedError(
                    GONE,
                    _("This registration was ended, or it took too long."),
                    _("Begin a new one."),
                )
            )
        if draft.completed_at:
            return draft
        if draft.confirmed_at is None or not draft.is_at(link.email):
            raise unit.keep(
                RefusedError(
                    CHANGED,
                    _("The data was changed after this mail was sent."),
                    _("Go on in the browser in which you began; a new mail is sent at the end."),
                )
            )
        return draft

    def _made_by(self, unit: Unit, token: str | None) -> Done | None:
        """What a used link has made, while that is remembered."""
        registration_id = mailed_links.payload_of_used(
            unit, Purpose.VERIFY_REGISTRATION, token
        ).get(ABOUT)
        draft = drafts.by_id(unit, self._ring, registration_id) if registration_id else None
        return self._done(unit, draft) if draft and draft.completed_at else None

    def _done(self, unit: Unit, draft: Draft) -> Done:
        return Done(draft, directory.by_id(unit, draft.account_id) if draft.account_id else None)


def _wanted(entered: Entered, username: str) -> NewAccount:
    contact = {name: entered.get(name) or None for name in Contact.__dataclass_fields__}
    return NewAccount(
        kind=AccountKind.INDIVIDUAL,
        username=username,
        email=entered["email"],
        first_name=entered.get("first_name") or None,
        middle_name=entered.get("middle_name") or None,
        last_name=entered["last_name"],
        date_of_birth=date.fromisoformat(entered["date_of_birth"]),
        user_type=entered["user_type"],
        contact=Contact(**contact),
    )


_TOO_MANY_GUESSES = (
    _("The password of this registration was typed wrongly too often."),
    _("Open the link in the browser in which you registered, or start over."),
)
_PASSWORD_NEEDED = (
    _("That is not the password that was chosen for this registration."),
    _("Type it again, or open the link in the browser in which you registered."),
)
