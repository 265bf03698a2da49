"""Another password: the present one is asked for, every other session and every grant ends.

Three steps like signing in, so that no connection is held while hashing: `begin` counts the
attempt in the same counters, `check` runs in the hashing gate, `finish` looks again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from signon import opaque_tokens
from signon.accounts import credentials, own_data, passwords, repudiation
from signon.accounts.credentials import Credential
from signon.accounts.hashing import Hasher
from signon.accounts.own_data import OwnData
from signon.accounts.passwords import Words, words_of
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.profile import changes
from signon.signin import known_devices
from signon.signin import session as sessions
from signon.signin.session import AAL2, Session
from signon.signin.throttle import CountedAttempt, Throttle
from signon.web.visitor import Source
from signon.words.sentences import _

WRONG = "wrong_password"
TOLD = _("The password was changed. Every other session and every application was signed out.")


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt at the present password."""

    credential: Credential
    stored: str | None
    counted: CountedAttempt


@dataclass(frozen=True, slots=True)
class Proved:
    """The present password was right and the new one can be used; only `check` makes one."""

    attempt: Attempt
    password_hash: str


def words(own: OwnData, place: Sequence[str] = ()) -> Words:
    """What this person's password may not be; `place` are the courts' names."""
    account = own.account
    names = (account.first_name, own.middle_name, account.last_name, account.firm_name)
    return words_of(username=account.username, email=account.email, names=names, place=place)


def refuse(own: OwnData, settings: Settings, now: datetime) -> RefusedError | None:
    """Why the password may not be changed here; a legacy account's may when its time is over."""
    due = passwords.is_due(own.account.password_changed_at, settings.password_policy, now)
    if own.account.is_legacy and not due:
        return changes.refuse(own)
    return repudiation.refuse_frozen(own.account)


class PasswordChange:
    """The steps of a change: unit (count, read) → the gate (hash) → unit (write)."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings
        self._throttle = Throttle(ring, settings)

    def begin(self, unit: Unit, session: Session, *, device: str, source: Source) -> Attempt:
        """Count the attempt and read what it is to be compared with.

        Raises WaitError, RefusedError.
        """
        account_id = session.account.id
        own = own_data.find(unit, account_id)
        if refusal := refuse(own, self._settings, unit.now):
            raise refusal
        found = credentials.find(unit, own.account.username)
        assert found is not None
        counted = self._throttle.count(
            unit,
            username=own.account.username,
            account_id=account_id,
            network=source.network,
            known=known_devices.find(unit, account_id, device),
        )
        return Attempt(found, credentials.unseal(self._ring, found), counted)

    @staticmethod
    def check(hasher: Hasher, attempt: Attempt, current: str, new: str) -> Proved:
        """Compare and hash; blocking, so call it through the gate.

        Raises InputError (`current_password`, `password`).
        """
        if not hasher.verify(attempt.stored, current) or attempt.counted.is_off:
            raise InputError(_("The present password is not right."), field="current_password")
        if hasher.verify(attempt.stored, new):
            raise InputError(_("That is the password you have: choose another."), field="password")
        return Proved(attempt, hasher.hash(new))

    def finish(
        self,
        unit: Unit,
        session: Session,
        proved: Proved,
        *,
        device: str,
        source: Source,
    ) -> str:
        """Replace it and answer the cookie of the session that goes on, if all still holds.

        Of the account's known devices this one alone stays known. Raises RefusedError.
        """
        if not credentials.note_signed_in(unit, self._ring, proved.attempt.credential):
            raise changes.MeanwhileError(
                _("Your password was changed meanwhile, perhaps in another tab."),
                _("Nothing was changed now. Sign in with the new one."),
            )
        own = own_data.find(unit, session.account.id)
        if refusal := refuse(own, self._settings, unit.now):
            raise refusal
        token = self._replace(unit, session, proved, source)
        known_devices.remember(
            unit,
            session.account.id,
            opaque_tokens.digest(device),
            self._settings,
            with_factor=session.acr == AAL2,
        )
        return token

    def fail(self, unit: Unit, attempt: Attempt, reason: str, *, source: Source) -> None:
        """Write down that the present password was wrong; the count was taken before."""
        self._throttle.failed(unit, attempt.counted)
        account_id = attempt.credential.account.id
        trail.record(
            unit,
            Event.CURRENT_PASSWORD_REFUSED,
            actor=account_id,
            account_id=account_id,
            reason=reason,
            source=source,
        )

    def _replace(self, unit: Unit, session: Session, proved: Proved, source: Source) -> str:
        account = session.account
        credentials.replace_password(
            unit,
            self._ring,
            account,
            proved.password_hash,
            actor=account.id,
            proof=session.proof,
            keep_session=session.id,
        )
        token = sessions.start(
            unit,
            account,
            settings=self._settings,
            previous=session,
            source=source,
            acr=session.acr,
            amr=session.amr,
            factor_since=session.factor_since,
            client_code=session.client_code,
        )
        self._throttle.succeeded(unit, proved.attempt.counted)
        repudiation.tell(unit, self._settings.issuer, account, TOLD, proof=session.proof)
        return token
