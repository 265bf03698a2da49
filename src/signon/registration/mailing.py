"""The mail that proves the address of a registration.

Until its link is used nothing tells whether an account exists: every registration does the same
work and shows the same pages, and only the mail differs (decision 9). No stranger's attempts keep
an owner out: when no further mail goes, one whose link serves is in the mailbox (`confirming`).
"""

from datetime import timedelta

from signon.accounts import mailed_links
from signon.accounts.directory import email_key
from signon.accounts.mailed_links import Purpose
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.limits import counters
from signon.notices import mail
from signon.notices.registration_confirm import RegistrationConfirm
from signon.notices.registration_exists import RegistrationExists
from signon.registration import drafts, duplicates, steps
from signon.registration.drafts import WINDOW, Draft
from signon.registration.duplicates import Likeness
from signon.web.visitor import Source
from signon.words.sentences import _

PATH = "/register/confirm"
ABOUT = "registration"
"""In a link's payload: which one it was mailed for, and then which one it has completed."""
MAILS, MAILS_WITHOUT = "registration_mails", "registration_mails_without"
"""Buckets: mails to one address with a link, and to one without, because it has the account."""
MAILS_PER_NETWORK = "registration_mails_net"


class Mailing:
    """Mailing the link."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings
        self._lasts = timedelta(seconds=settings.registration_link_seconds)

    def mail(
        self, unit: Unit, registration_id: str, device: str | None, source: Source
    ) -> Draft | None:
        """Say that everything is right, and mail the link; again, mail another one.

        None when this browser has no such registration. One that is complete, or to which
        something is missing, is answered as it is, and nothing is mailed. Nor is anything to an
        address that got its mails: that is no refusal, for their links do. Raises RefusedError
        (`too_many`).
        """
        draft = drafts.find(unit, self._ring, registration_id, device, locked=True)
        if draft is None or draft.completed_at or steps.missing(draft.entered):
            return draft
        self._mail(unit, draft, source)
        return draft

    def _mail(self, unit: Unit, draft: Draft, source: Source) -> None:
        email, settings = draft.entered["email"], self._settings
        # by network first: who is over that limit shall not use up an address's mails
        here = counters.hit(unit, MAILS_PER_NETWORK, counters.key(source.network), window=WINDOW)
        if here.count > settings.registrations_per_network:
            raise drafts.too_many(unit, here.ends_at)
        like = duplicates.likeness(unit, draft.entered)
        # a tagged address is refused after some mails: the count must not tell who has an account
        is_known = like is Likeness.SAME and not duplicates.has_tag(email)
        is_mailed = may_mail(unit, MAILS_WITHOUT if is_known else MAILS, email, settings)
        drafts.confirm(unit, draft)
        if is_mailed:
            self._write(unit, draft, like, source)

    def _write(self, unit: Unit, draft: Draft, like: Likeness, source: Source) -> None:
        email = draft.entered["email"]
        # made in every case, so that every case takes the same time
        token = mailed_links.issue(
            unit,
            Purpose.VERIFY_REGISTRATION,
            email=email,
            lasts=self._lasts,
            payload={ABOUT: draft.id},
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
            source=source,
            likeness=like.value,
        )

    def _mail_link(self, unit: Unit, email: str, token: str, like: Likeness) -> None:
        issuer = self._settings.issuer
        letter = RegistrationConfirm(
            confirm_url=f"{issuer}{PATH}?token={token}",
            hours=round(self._lasts.total_seconds() / 3600),
            may_exist=int(like is Likeness.POSSIBLE),
            is_held=int(duplicates.has_tag(email)),
            forgot_username_url=f"{issuer}/forgot-username",
        )
        mail.send(unit, letter, to=email)

    def _mail_recovery(self, unit: Unit, email: str) -> None:
        issuer = self._settings.issuer
        letter = RegistrationExists(
            forgot_username_url=f"{issuer}/forgot-username",
            forgot_password_url=f"{issuer}/forgot-password",
        )
        mail.send(unit, letter, to=email)


def may_mail(unit: Unit, bucket: str, email: str, settings: Settings) -> bool:
    """Count a mail to the address, and say whether it may go.

    False when links that serve are in the mailbox. Those to other tagged forms of an address do
    not: then it raises RefusedError (`too_many`), which the plain form never gets.
    """
    plain = email_key(email)
    counted = counters.key(f"{plain} tagged" if duplicates.has_tag(email) else plain)
    sent = counters.hit(unit, bucket, counted, window=WINDOW)
    if sent.count <= settings.registration_mails_per_address:
        return True
    if duplicates.has_tag(email):
        raise unit.keep(
            RefusedError(
                drafts.TOO_MANY,
                _("There were too many attempts for this address."),
                _("Wait an hour, or enter the address without the part behind the plus sign."),
            )
        )
    return False
