"""Signing in with a username and a password.

Three steps, so that no connection is held while hashing: `PasswordSignIn.begin` counts the
attempt and reads the account, `check` runs in the hashing gate, and `finish` looks again
whether what was read still holds, and starts the session or writes down the refusal.

Nothing that a stranger sees tells whether an account exists: an unknown name, a wrong
password, a disabled account, one without a password and one whose password was guessed at
too often get the same words after the same work.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import NoReturn

from signon import opaque_tokens
from signon.accounts import credentials, programs
from signon.accounts.credentials import Credential
from signon.accounts.directory import Account, username_key
from signon.accounts.hashing import Hasher
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.journeys.store import Journey
from signon.signin import at_once, attempts, half_sign_ins, known_devices, new_devices, new_session
from signon.signin import session as sessions
from signon.signin.arrivals import Arrival, Asked, arrive
from signon.signin.demands import Demands
from signon.signin.half_sign_ins import NewHalf
from signon.signin.known_devices import KnownDevice
from signon.signin.new_devices import Where
from signon.signin.new_session import NewSession
from signon.signin.session import AAL1, PASSWORD, Session
from signon.signin.throttle import CountedAttempt, Throttle
from signon.web.visitor import Source
from signon.words.sentences import _

UNKNOWN_NAMES = "unknown-usernames"
"""Purpose of the MAC that stands for an unknown name: it may be a mistyped password."""
NEUTRAL = _("The username or the password is not right.")
NEXT_STEP = _(
    "If you have forgotten one of them, use “Forgot your password?” or “Forgot your username?” "
    "below the form."
)


def unknown_name(ring: KeyRing, typed: str) -> str:
    """What stands in the trail for a name that nobody has."""
    return ring.mac(UNKNOWN_NAMES, username_key(typed).encode("utf-8", "surrogatepass")).hex()


@dataclass(frozen=True, slots=True)
class Attempt:
    """A counted attempt at a password; `stored` is the hash to compare with, if there is one.

    `is_barred`: it is a program's, and programs may not sign in to this account.
    """

    username: str
    credential: Credential | None
    stored: str | None
    counted: CountedAttempt
    known: KnownDevice | None
    is_barred: bool = False


@dataclass(frozen=True, slots=True)
class Proved:
    """The password was right; only `PasswordSignIn.check` makes one."""

    attempt: Attempt
    credential: Credential
    rehashed: str | None


@dataclass(frozen=True, slots=True)
class Failed:
    """It was not, or it does not count; `reason` is for the audit trail only."""

    attempt: Attempt
    reason: str


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The session has begun: its cookie's value, and the path that comes next."""

    token: str
    onward: str


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The password was right, and a second factor is to come: the half's id."""

    half_id: str


@dataclass(frozen=True, slots=True)
class _Came:
    """Who came with the right password."""

    arrival: Arrival
    session_token: str | None
    device: str
    client_code: str | None
    source: Source


_Ended = tuple[Account, NewSession | NewHalf, Session | None]
"""Whose password it was, what has begun by it, and the session if that is one."""


def onward(unit: Unit, session: Session | None, journey: Journey | None, demands: Demands) -> str:
    """Where a new session goes: what has to be met first, else what the person was on."""
    due = session and demands.path(unit, session, journey)
    return due or (journey.resume_path if journey else "/")


def _failure(attempt: Attempt, *, is_right: bool) -> str | None:
    """Why nobody gets in, for the audit trail; None when the password is right and counts."""
    if attempt.credential is None:
        return "unknown_username"
    if attempt.stored is None:
        return "no_password"
    if not attempt.credential.account.is_active:
        return "account_disabled"
    if attempt.counted.is_off:
        return "password_off"
    if attempt.is_barred:
        return "programs_forbidden"
    return None if is_right else "wrong_password"


class PasswordSignIn:
    """The three steps."""

    def __init__(self, ring: KeyRing, settings: Settings, demands: Demands) -> None:
        self._demands = demands
        self._ring = ring
        self._settings = settings
        self._throttle = Throttle(ring, settings)

    def begin(
        self,
        unit: Unit,
        *,
        username: str,
        session_token: str | None,
        journey_id: str | None,
        device: str,
        source: Source,
    ) -> tuple[Arrival, Attempt | None]:
        """Count the attempt and read what it is to be compared with; None on a lost journey.

        Raises WaitError.
        """
        arrival = arrive(unit, self._settings, session_token=session_token, journey_id=journey_id)
        if arrival.is_lost:
            return arrival, None
        return arrival, self._count(unit, username, device, source)

    def begin_for_program(
        self, unit: Unit, *, username: str, device: str, source: Source
    ) -> Attempt:
        """The same for a program, which brings no session and is on no journey. Raises WaitError."""
        attempt = self._count(unit, username, device, source)
        # asked for a name that nobody has, too
        found = attempt.credential
        is_barred = programs.are_forbidden(unit, found.account.id if found else "")
        return replace(attempt, is_barred=is_barred)

    def _count(self, unit: Unit, username: str, device: str, source: Source) -> Attempt:
        found, known = known_devices.with_credential(unit, username, device)
        counted = self._throttle.count(
            unit,
            username=username,
            account_id=found.account.id if found else None,
            network=source.network,
            known=known,
        )
        stored = credentials.unseal(self._ring, found) if found else None
        return Attempt(username, found, stored, counted, known)

    @staticmethod
    def check(
        hasher: Hasher, attempt: Attempt, password: str, in_use: Collection[str] = ()
    ) -> Proved | Failed:
        """Compare; blocking, so call it through the gate.

        `in_use` are the works of all accounts' passwords: whoever fails has spent each of them.
        """
        is_right = hasher.verify(attempt.stored, password)
        if reason := _failure(attempt, is_right=is_right):
            hasher.spend(attempt.stored, password, in_use)
            return Failed(attempt, reason)
        credential = attempt.credential
        assert credential is not None
        assert attempt.stored is not None
        rehashed = hasher.hash(password) if hasher.needs_rehash(attempt.stored) else None
        return Proved(attempt, credential, rehashed)

    def finish(
        self,
        unit: Unit,
        proved: Proved,
        *,
        arrival: Arrival,
        session_token: str | None,
        device: str,
        client_code: str | None,
        source: Source,
    ) -> SignedIn | SecondStep:
        """Start the session, if what was read still holds, or wait for the second factor.

        Raises RefusedError.
        """
        came = _Came(arrival, session_token, device, client_code, source)
        ended = None if session_token else self._end_at_once(unit, proved, came)
        account, begun, session = ended or self._end_in_steps(unit, proved, came)
        where = Where(opaque_tokens.digest(device), proved.attempt.known, source)
        self._note(unit, proved, account, where, arrival.journey)
        if isinstance(begun, NewHalf):
            return SecondStep(begun.id)
        return SignedIn(begun.token, onward(unit, session, arrival.journey, self._demands))

    def finish_for_program(
        self, unit: Unit, proved: Proved, *, device: str, source: Source
    ) -> Account | SecondStep:
        """Whose password it was, for something else than a browser's session to begin, or wait for
        the second factor as ever.

        Raises RefusedError.
        """
        account = self._held(unit, proved, None, source)
        digest, known = opaque_tokens.digest(device), proved.attempt.known
        where = Where(digest, known, source, is_program=True)
        self._note(unit, proved, account, where, None)
        if not account.has_factor:
            return account
        half = half_sign_ins.draw(unit, device=device, client_code=None, journey_id=None)
        half_sign_ins.begin(unit, account, half)
        return SecondStep(half.id)

    def _note(
        self, unit: Unit, proved: Proved, account: Account, where: Where, journey: Journey | None
    ) -> None:
        """What a right password means to others."""
        if proved.rehashed:
            credentials.store_rehashed(unit, self._ring, account.id, proved.rehashed)
        self._record_success(unit, account, journey, where.source)
        if not account.has_factor:
            new_devices.note_sign_in(unit, account, where, self._settings, with_factor=False)

    def _end_at_once(self, unit: Unit, proved: Proved, came: _Came) -> _Ended | None:
        """In a browser where nobody is signed in; None if that cannot be, for whatever reason."""
        begins = self._draw(unit, proved.credential.account, came, came.client_code)
        settled = self._throttle.success(proved.attempt.counted)
        account = at_once.by_password(unit, proved.credential, begins, settled)
        if account is None:
            return None
        return (
            account,
            begins,
            sessions.begun(begins, account) if isinstance(begins, NewSession) else None,
        )

    def _end_in_steps(self, unit: Unit, proved: Proved, came: _Came) -> _Ended:
        """One by one. Raises RefusedError."""
        account = self._held(unit, proved, came.arrival.journey, came.source)
        previous = sessions.current(unit, came.session_token, self._settings)
        client_code = came.client_code
        if came.arrival.asked is Asked.CONFIRM and previous and previous.account.id == account.id:
            client_code = previous.client_code  # the page did not ask for it again
        begins = self._draw(unit, account, came, client_code)
        if isinstance(begins, NewHalf):
            half_sign_ins.begin(unit, account, begins)
            return account, begins, None
        session = sessions.begin(unit, account, begins, previous=previous, source=came.source)
        return account, begins, session

    def _held(self, unit: Unit, proved: Proved, journey: Journey | None, source: Source) -> Account:
        """The account, if what was read still holds; it stays locked. Raises RefusedError."""
        account = credentials.note_signed_in(unit, self._ring, proved.credential)
        if account is None:
            failed = Failed(proved.attempt, "changed_meanwhile")
            self.refuse(unit, failed, journey, source=source)
        self._throttle.succeeded(unit, proved.attempt.counted)
        return account

    def _draw(
        self, unit: Unit, account: Account, came: _Came, client_code: str | None
    ) -> NewSession | NewHalf:
        """What begins by the right password."""
        if not account.has_factor:
            return new_session.draw(
                unit,
                self._settings,
                came.source,
                acr=AAL1,
                amr=PASSWORD,
                client_code=client_code,
            )
        journey = came.arrival.journey
        return half_sign_ins.draw(
            unit,
            device=came.device,
            client_code=client_code,
            journey_id=journey.id if journey else None,
        )

    @staticmethod
    def _record_success(
        unit: Unit, account: Account, journey: Journey | None, source: Source
    ) -> None:
        trail.record(
            unit,
            Event.SIGN_IN_SUCCEEDED,
            actor=account.id,
            account_id=account.id,
            client_id=journey.client_id if journey else None,
            court_id=journey.court_id if journey else None,
            source=source,
            second_step=account.has_factor,
        )

    def refuse(
        self, unit: Unit, failed: Failed, journey: Journey | None, *, source: Source
    ) -> NoReturn:
        """Write down that it failed, and raise RefusedError; the count was taken before."""
        attempt = failed.attempt
        self._throttle.failed(unit, attempt.counted)
        attempts.report_passwords(unit, self._ring, attempt.username, attempt.counted.attempts)
        credential = attempt.credential
        detail = {}
        if credential is None:
            detail["username_mac"] = unknown_name(self._ring, attempt.username)
        trail.record(
            unit,
            Event.SIGN_IN_REFUSED,
            actor=trail.SYSTEM,
            account_id=credential.account.id if credential else None,
            client_id=journey.client_id if journey else None,
            court_id=journey.court_id if journey else None,
            reason=failed.reason,
            source=source,
            **detail,
        )
        raise unit.keep(RefusedError(failed.reason, NEUTRAL, NEXT_STEP))
