"""The mail that proves the address, and the account that is made when its link is used.

Until then nothing tells whether an account exists: every registration does the same work and
shows the same pages, and only the mail differs (decision 9).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from signon.accounts import creation, directory, mailed_links
from signon.accounts.checks import Contact
from signon.accounts.creation import NewAccount
from signon.accounts.directory import Account, email_key
from signon.accounts.entries import Entered
from signon.accounts.mailed_links import MailedLink, Purpose
from signon.accounts.models import AccountKind, AccountStatus
from signon.accounts.telling import tell_operators
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import Refusal, RefusedError
from signon.limits import counters
from signon.notices import mail
from signon.registration import drafts, duplicates, steps
from signon.registration.drafts import WINDOW, Draft
from signon.registration.duplicates import Likeness
from signon.web.visitor import Origin

PATH = "/register/confirm"
MAILS = "registration_mails"
"""Bucket: mails to one address, however it is tagged."""
MAILS_PER_NETWORK = "registration_mails_net"
FINISHES = "registration_finishes"
"""Bucket: attempts to make an account for one address; each may ask for another username."""
MOST_FINISHES = 20
FINISHES_WINDOW = timedelta(hours=24)
HOLD = "review registration hold"
CHANGED = "registration_changed"
GONE = "registration_gone"
USERNAME_TAKEN = "username_taken"


@dataclass(frozen=True, slots=True)
class Pending:
    """What a link that still works would make."""

    draft: Draft
    username_is_taken: bool


@dataclass(frozen=True, slots=True)
class Done:
    """A registration that is complete; `account` of None: the person had one already."""

    draft: Draft
    account: Account | None


class Confirmation:
    """Mailing the link, and using it."""

    def __init__(
        self, ring: KeyRing, settings: Settings, *, create: Callable[..., Account] = creation.create
    ) -> None:
        self._ring = ring
        self._settings = settings
        self._create = create
        self._lasts = timedelta(seconds=settings.registration_link_seconds)

    # ── The mail ─────────────────────────────────────────────────────────────

    def mail(
        self, unit: Unit, registration_id: str, device: str | None, origin: Origin
    ) -> Draft | Refusal | None:
        """Say that everything is right, and mail the link; again, mail another one.

        None when this browser has no such registration. One that is complete, or to which
        something is missing, is answered as it is, and nothing is mailed.
        """
        draft = drafts.find(unit, self._ring, registration_id, device, locked=True)
        if draft is None or draft.completed_at or steps.missing(draft.entered):
            return draft
        return self._mail(unit, draft, origin) or draft

    def _mail(self, unit: Unit, draft: Draft, origin: Origin) -> Refusal | None:
        email = draft.entered["email"]
        if refusal := self._count_mail(unit, email, origin):
            return refusal
        drafts.confirm(unit, draft)
        like = duplicates.likeness(unit, draft.entered)
        # made in every case, so that every case takes the same time
        token = mailed_links.issue(
            unit,
            Purpose.VERIFY_REGISTRATION,
            email=email,
            lasts=self._lasts,
            payload={"registration": draft.id},
        )
        if like is Likeness.SAME:
            self._mail_recovery(unit, email)
        else:
            self._mail_link(unit, email, token, like)
        trail.record(
            unit,
            Event.REGISTRATION_MAILED,
            actor=trail.SYSTEM,
            client_id=draft.way.client_id,
            court_id=draft.way.court_id,
            origin=origin,
            likeness=like.value,
        )
        return None

    def _count_mail(self, unit: Unit, email: str, origin: Origin) -> Refusal | None:
        """Count by network first: who is over that limit shall not use up an address's mails."""
        settings = self._settings
        for bucket, counted, most in (
            (MAILS_PER_NETWORK, origin.network, settings.registrations_per_network),
            (MAILS, email_key(email), settings.registration_mails_per_address),
        ):
            count = counters.hit(unit, bucket, counters.key(counted), window=WINDOW)
            if count.count > most:
                return drafts.too_many(unit, count.ends_at)
        return None

    def _mail_link(self, unit: Unit, email: str, token: str, like: Likeness) -> None:
        issuer = self._settings.issuer
        mail.send(
            unit,
            "registration_confirm",
            email,
            confirm_url=f"{issuer}{PATH}?token={token}",
            hours=round(self._lasts.total_seconds() / 3600),
            may_exist=int(like is Likeness.POSSIBLE),
            is_held=int(duplicates.has_tag(email)),
            forgot_username_url=f"{issuer}/forgot-username",
        )

    def _mail_recovery(self, unit: Unit, email: str) -> None:
        issuer = self._settings.issuer
        mail.send(
            unit,
            "registration_exists",
            email,
            forgot_username_url=f"{issuer}/forgot-username",
            forgot_password_url=f"{issuer}/forgot-password",
        )

    # ── The link ─────────────────────────────────────────────────────────────

    def look(self, unit: Unit, token: str | None) -> Pending | Done | Refusal:
        """What the link is good for, without using it; a used one shows what it has made."""
        link = mailed_links.look(unit, Purpose.VERIFY_REGISTRATION, token)
        if isinstance(link, Refusal):
            return self._made_by(unit, token) or link
        draft = self._draft(unit, link)
        if isinstance(draft, Draft) and not draft.completed_at:
            taken = directory.by_username(unit, draft.entered["username"]) is not None
            return Pending(draft, taken)
        return self._done(unit, draft) if isinstance(draft, Draft) else draft

    def finish(
        self, unit: Unit, token: str | None, username: str | None, *, origin: Origin
    ) -> Done | Refusal:
        """Use the link up and make the account, or answer why not, with nothing used up.

        `username` is another one than was chosen first, because that was taken. Raises
        InputError for it, and RefusedError when the link was used at the same moment.
        """
        link = mailed_links.look(unit, Purpose.VERIFY_REGISTRATION, token)
        if isinstance(link, Refusal):
            return self._made_by(unit, token) or link
        # the first write locks the address: two links of one person come one after the other
        counted = counters.hit(
            unit, FINISHES, counters.key(email_key(link.email)), window=FINISHES_WINDOW
        )
        if counted.count > MOST_FINISHES:
            return drafts.too_many(unit, counted.ends_at)
        draft = self._draft(unit, link, locked=True)
        if isinstance(draft, Refusal):
            return draft
        if draft.completed_at:
            return self._done(unit, draft)
        return self._make(unit, draft, token, username or draft.entered["username"], origin)

    def _make(
        self, unit: Unit, draft: Draft, token: str | None, username: str, origin: Origin
    ) -> Done | Refusal:
        account = None
        # somebody may have got the account since the mail was written
        if duplicates.likeness(unit, draft.entered) is not Likeness.SAME:
            try:
                account = self._account(unit, draft.entered, username)
            except RefusedError as error:
                if error.reason != USERNAME_TAKEN:
                    raise
                return Refusal(USERNAME_TAKEN, "That username is taken.", "Choose another one.")
        spent = mailed_links.spend(unit, Purpose.VERIFY_REGISTRATION, token)
        is_ours = drafts.complete(unit, draft, account.id if account else None)
        if isinstance(spent, Refusal) or not is_ours:
            raise RefusedError("link_used", "This link was used at the same moment.")
        trail.record(
            unit,
            Event.REGISTRATION_COMPLETED,
            actor=account.id if account else trail.SYSTEM,
            account_id=account.id if account else None,
            client_id=draft.way.client_id,
            court_id=draft.way.court_id,
            origin=origin,
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
            tell_operators(unit, "account_held", account_number=made.number, account_url=url)
        return made

    def _draft(self, unit: Unit, link: MailedLink, *, locked: bool = False) -> Draft | Refusal:
        """The link's registration, as the person confirmed it."""
        draft = drafts.by_id(unit, self._ring, link.payload["registration"], locked=locked)
        if draft is None:
            return Refusal(
                GONE, "This registration was ended, or it took too long.", "Begin a new one."
            )
        if draft.completed_at:
            return draft
        if draft.confirmed_at is None or draft.entered["email"] != link.email:
            return Refusal(
                CHANGED,
                "The data was changed after this mail was sent.",
                "Go on in the browser in which you began; a new mail is sent at the end.",
            )
        return draft

    def _made_by(self, unit: Unit, token: str | None) -> Done | None:
        """What a used link has made, while that is remembered."""
        registration_id = mailed_links.payload_of_used(
            unit, Purpose.VERIFY_REGISTRATION, token
        ).get("registration")
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
        first_name=entered["first_name"],
        middle_name=entered.get("middle_name") or None,
        last_name=entered["last_name"],
        date_of_birth=date.fromisoformat(entered["date_of_birth"]),
        user_type=entered["user_type"],
        contact=Contact(**contact),
    )
