"""How often a legacy login may be guessed at: counted by what is attacked, beside who attacks.

Accounts are free, so their own counts alone bound nobody. One statement before the hash counts
an attempt four times: by **account** and court (after a few there is a wait); by **login**,
however slowly and by how many accounts; by **address** on file, since people have one password
at many courts; by **network**. Past the bound of login or address the password alone proves
nothing, and the mailed proof remains. A login that the court does not have is counted in as many places.

So that nobody can shut a court's filers out, an account whose verified address is the one on file
has a count of its own in place of the last three.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, select

from signon.accounts.credentials import FOREVER
from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.config import Settings
from signon.courts.registry import Court
from signon.crypto import KeyRing
from signon.db import Unit
from signon.filing.legacy_logins.legacy_logins import LegacyLogin, email_key, login_key
from signon.limits import counters
from signon.limits.counters import Place
from signon.prepared import value
from signon.signin.session import Session

ATTEMPTS, WAIT = "link_attempts", "link_wait"
"""Buckets: attempts of an account at a court, and its wait."""
LOGINS = "link_logins"
"""Bucket: wrong guesses at one login since its last right one."""
ADDRESSES = "link_addresses"
"""Bucket: wrong guesses at all logins of one address on file."""
NETWORKS = "link_networks"
"""Bucket: wrong guesses from one network within the wait's window, and those under way."""
OWN = "link_own"
"""Bucket: wrong guesses of the account that has the login's address."""
UNKNOWN_FOR = timedelta(days=1)
ADDRESS_FOR = timedelta(days=30)
LOGINS_OF_ADDRESS = 3
"""An address bears the bound of so many logins; firms share one."""


@dataclass(frozen=True, slots=True)
class Counted:
    """A counted attempt, and where. `is_off`: the password proves nothing any more.

    `guesses` are those at the login by anybody but its owner (`is_own`), or by the owner.
    """

    places: tuple[Place, ...]
    guesses: int
    is_off: bool
    is_own: bool


@dataclass(frozen=True, slots=True)
class Held:
    """Not now: nothing was counted and nothing will be hashed."""

    seconds: int


class Guesses:
    """The counts. Each statement names their rows in one order: account, login, address, network."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings
        self._window = timedelta(seconds=settings.link_failures_wait_seconds)

    def count(
        self,
        unit: Unit,
        session: Session,
        court: Court,
        typed: str,
        login: LegacyLogin | None,
        network: str,
    ) -> Counted | Held:
        """Count an attempt before it is hashed; the count holds its rows, so that of any number
        at the same moment no more get through than one after the other would.
        """
        account = account_key(session, court)
        if is_owner := login is not None and is_own(unit, session.account, login):
            assert login is not None
            own = counters.key(f"{session.account.id}:{login.id}")
            wanted = [(ATTEMPTS, account, self._window), (OWN, own, FOREVER)]
        else:
            wanted = [(ATTEMPTS, account, self._window), *self._of(court, typed, login, network)]
        counts = counters.hit_each(unit, wanted)
        places = counters.places(wanted, counts)
        here, at_login, *others = counts
        cap = self._settings.link_failures_cap
        is_off = at_login.count > cap
        if others:
            at_address, of_network = others
            is_off = is_off or at_address.count > cap * LOGINS_OF_ADDRESS
            if of_network.count > self._most_of_network:
                self._take_back(unit, places)
                return Held(seconds_until(of_network.ends_at, unit.now))
        if held := self._wait(unit, places, account, here.count):
            return held
        return Counted(places, at_login.count, is_off, is_owner)

    def proved(self, unit: Unit, counted: Counted) -> None:
        """It was right: guesses at this login are forgiven; elsewhere the attempt is taken back.

        Of the account's count too: knowing one login must not buy guesses at others.
        """
        forgiven = {LOGINS, OWN}
        counters.settle(
            unit,
            [
                (
                    at.bucket,
                    at.key,
                    counters.FORGIVE if at.bucket in forgiven else counters.TAKE_BACK,
                )
                for at in counted.places
            ],
        )

    def failed(self, unit: Unit, session: Session, court: Court) -> None:
        """It was wrong; the last one that the account is allowed starts its wait."""
        key = account_key(session, court)
        if counters.look(unit, ATTEMPTS, key).count >= self._settings.link_failures:
            self._start_wait(unit, key)

    @staticmethod
    def _take_back(unit: Unit, places: tuple[Place, ...]) -> None:
        """It was no attempt: it has to wait."""
        counters.settle(unit, [(at.bucket, at.key, counters.TAKE_BACK) for at in places])

    def key_of(self, court: Court, typed: str) -> bytes:
        """The key of a login, known or not; keyed, because people mistype passwords there."""
        return self._ring.mac(LOGINS, f"{court.id}:{login_key(typed)}".encode())

    def takes_mail_only(self, unit: Unit, court: Court, login: str) -> bool:
        """Whether, after so many wrong ones, a login's password no longer counts."""
        found = counters.look(unit, LOGINS, self.key_of(court, login))
        return found.count > self._settings.link_failures_cap

    @property
    def _most_of_network(self) -> int:
        """As many names as it may try at the sign-in, each as often as an account may."""
        return self._settings.login_failures_per_address * self._settings.link_failures

    def _of(
        self, court: Court, typed: str, login: LegacyLogin | None, network: str
    ) -> list[tuple[str, bytes, timedelta]]:
        """Login, address and network; a login that is none has an address of its own."""
        key = self.key_of(court, typed)
        address = email_key(login.email).encode() if login and login.email else key
        return [
            (LOGINS, key, FOREVER if login else UNKNOWN_FOR),
            (ADDRESSES, self._ring.mac(ADDRESSES, address), ADDRESS_FOR if login else UNKNOWN_FOR),
            (NETWORKS, self._ring.mac(NETWORKS, network.encode()), self._window),
        ]

    def _wait(
        self, unit: Unit, places: tuple[Place, ...], account: bytes, count: int
    ) -> Held | None:
        """The account's own wait, which begins where more are under way than it is allowed."""
        waits = wait_seconds(unit, account)
        if not waits and count <= self._settings.link_failures:
            return None
        self._take_back(unit, places)
        if waits:
            counters.forgive(unit, ATTEMPTS, account)
        else:
            # the ones before it are being hashed at this moment
            self._start_wait(unit, account)
        return Held(wait_seconds(unit, account))

    def _start_wait(self, unit: Unit, account: bytes) -> None:
        """Begin the wait; after it the count starts anew."""
        counters.forgive(unit, ATTEMPTS, account)
        counters.hit(unit, WAIT, account, window=self._window)


def account_key(session: Session, court: Court) -> bytes:
    """What an account's attempts at a court are counted by."""
    return counters.key(f"{session.account.id}:{court.id}")


def wait_seconds(unit: Unit, account: bytes) -> int:
    """How long an account has to wait at a court; 0 for not at all."""
    return seconds_until(counters.look(unit, WAIT, account).ends_at, unit.now)


def seconds_until(moment: datetime | None, now: datetime) -> int:
    """Whole seconds, rounded up; 0 when it is past, or never was."""
    return max(0, -int((now - moment).total_seconds() // 1)) if moment else 0


def is_own(unit: Unit, account: Account, login: LegacyLogin) -> bool:
    """Whether the account's address is the login's, and was proved by a mailed link."""
    if email_key(account.email) != email_key(login.email):
        return False
    return bool(_is_verified(unit, account.id))


@value
def _is_verified(account_id: str) -> Select[bool]:
    return select(accounts.c.email_verified).where(accounts.c.id == account_id)
