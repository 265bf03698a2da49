"""How often a password may be tried."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from signon import opaque_tokens
from signon.accounts import credentials
from signon.accounts.directory import Account
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import WaitError
from signon.limits import counters
from signon.signin.known_devices import TRIES, KnownDevice
from signon.signin.throttle import DEVICES, WRONG_NAME, CountedAttempt, Throttle
from tests.infra.clock import FrozenClock

HERE = "192.0.2.1"
TWENTY_NAMES = {"login_failures_per_address": 20}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """So many tries for a network that only the name's waits are seen."""
    return settings.model_copy(update={"login_failures_per_address": 10_000})


class Guesser:
    """Tries one name again and again."""

    def __init__(self, wired: Database, ring: KeyRing, settings: Settings) -> None:
        self.database = wired
        self.throttle = Throttle(ring, settings)

    def guess(self, *args: Any, **kwargs: Any) -> CountedAttempt | int:
        """One attempt in a unit of its own, or how many seconds it has to wait."""
        try:
            return self._guess(*args, **kwargs)
        except WaitError as wait:
            return wait.seconds

    def _guess(
        self,
        name: str = "ada.byron",
        *,
        account: Account | None = None,
        network: str = HERE,
        known: KnownDevice | None = None,
    ) -> CountedAttempt:
        with self.database.writing() as unit:
            return self.throttle.count(
                unit,
                username=name,
                account_id=account.id if account else None,
                network=network,
                known=known,
            )


@pytest.fixture
def known(account: Account, clock: FrozenClock) -> KnownDevice:
    """A browser that the account knows."""
    return KnownDevice(account.id, opaque_tokens.digest("a device"), False, clock())


@pytest.fixture
def guesser(wired: Database, ring: KeyRing, settings: Settings) -> Guesser:
    return Guesser(wired, ring, settings)


@pytest.mark.parametrize("known", [True, False])
def test_waits_double_from_the_fifth_to_an_hour(
    guesser: Guesser, account: Account, clock: FrozenClock, known: bool
):
    """30 s, 60 s, … an hour; a name that nobody has behaves no differently."""
    name, who = (account.username, account) if known else ("nobody.at.all", None)
    waits = []
    for _ in range(14):
        counted = guesser.guess(name, account=who)
        assert isinstance(counted, CountedAttempt)
        waits.append(counted.wait_seconds)
        clock.advance(seconds=counted.wait_seconds)
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_wait_is_not_counted_and_does_not_grow(guesser: Guesser, clock: FrozenClock):
    """Impatience costs nothing: it says the rest of the wait, to the second."""
    for _ in range(5):
        guesser.guess()
    assert guesser.guess() == 30
    clock.advance(seconds=12.5)
    assert [guesser.guess() for _ in range(20)] == [18] * 20
    clock.advance(seconds=17.5)
    counted = guesser.guess()
    assert isinstance(counted, CountedAttempt)
    assert counted.wait_seconds == 60


def test_case_and_space_are_the_same_name(guesser: Guesser):
    """Or the wait could be spelled away."""
    for name in ("ada.byron", "ADA.byron", " ada.byron ", "Ada.Byron", "ada.BYRON"):
        assert isinstance(guesser.guess(name), CountedAttempt)
    assert isinstance(guesser.guess("aDa.byron"), int)
    assert isinstance(guesser.guess("somebody.else"), CountedAttempt)


def test_success_forgets(guesser: Guesser, wired: Database, account: Account):
    """The next failure is the first again."""
    for _ in range(4):
        guesser.guess(account=account)
    right = guesser.guess(account=account)
    assert isinstance(right, CountedAttempt)
    with wired.writing() as unit:
        guesser.throttle.succeeded(unit, right)
        assert credentials.guesses_left(unit, account.id, 100) == 100
    again = guesser.guess(account=account)
    assert isinstance(again, CountedAttempt)
    assert again.wait_seconds == 0


class Neighbour(Guesser):
    """Whoever tries names from one address, in a network that may try twenty wrongly."""

    def __init__(self, wired: Database, ring: KeyRing, settings: Settings) -> None:
        super().__init__(wired, ring, settings.model_copy(update=TWENTY_NAMES))

    def end(self, counted: CountedAttempt | int, *, right: bool) -> None:
        """What became of an attempt that was let through."""
        assert isinstance(counted, CountedAttempt)
        with self.database.writing() as unit:
            (self.throttle.succeeded if right else self.throttle.failed)(unit, counted)


@pytest.fixture
def neighbour(wired: Database, ring: KeyRing, settings: Settings) -> Neighbour:
    return Neighbour(wired, ring, settings)


def test_a_network_may_try_so_many_names(neighbour: Neighbour, clock: FrozenClock):
    """Twenty wrong names from one address, then the rest of five minutes; others go on."""
    clock.advance(seconds=1)
    for number in range(20):
        neighbour.end(neighbour.guess(f"name{number}"), right=False)
    clock.advance(seconds=100)
    assert [neighbour.guess("name20") for _ in range(9)] == [200] * 9
    elsewhere = neighbour.guess("name20", network="192.0.2.2")
    assert isinstance(elsewhere, CountedAttempt)
    assert elsewhere.attempts == 1, "what was turned away counts against nobody"
    clock.advance(seconds=200)
    assert isinstance(neighbour.guess("name21"), CountedAttempt)


def test_one_name_takes_its_part_of_a_network_once(neighbour: Neighbour, clock: FrozenClock):
    """Five who have forgotten theirs and go on trying leave room for fifteen more."""
    for number in range(5):
        for _ in range(4):
            neighbour.end(neighbour.guess(f"forgetful{number}"), right=False)
    for number in range(15):
        neighbour.end(neighbour.guess(f"name{number}"), right=False)
    assert isinstance(neighbour.guess("name15"), int)


def test_a_firm_of_two_hundred_comes_at_the_same_moment(neighbour: Neighbour):
    """Fifty under way at once, with one among them who cannot remember: everybody gets in."""
    for number in range(0, 200, 50):
        under_way = [neighbour.guess(f"partner{number + one}") for one in range(50)]
        neighbour.end(neighbour.guess("forgetful"), right=False)
        for counted in under_way:
            neighbour.end(counted, right=True)


def test_two_hundred_names_at_once_get_through_no_more_than_the_budget(
    patient: None, neighbour: Neighbour
):
    """What is under way counts too: not all of a spray gets by before the first has failed."""
    with ThreadPoolExecutor(16) as threads:
        ended = list(threads.map(lambda number: neighbour.guess(f"name{number}"), range(200)))
    assert sum(isinstance(one, CountedAttempt) for one in ended) == 20 * WRONG_NAME


def test_a_known_device_has_tries_of_its_own(
    guesser: Guesser, wired: Database, account: Account, known: KnownDevice
):
    """No waits, nothing of the network's and of the account's; ten, then it is like any other."""
    for _ in range(TRIES):
        counted = guesser.guess(account=account, known=known)
        assert isinstance(counted, CountedAttempt)
        assert [place[:2] for place in counted.places] == [(DEVICES, known.key)]
    with wired.reading() as unit:
        assert credentials.guesses_left(unit, account.id, 100) == 100
    waits = [guesser.guess(account=account, known=known) for _ in range(6)]
    assert [one.wait_seconds for one in waits if isinstance(one, CountedAttempt)] == [
        0,
        0,
        0,
        0,
        30,
    ]
    assert waits[5] == 30


def test_a_stolen_cookie_ends_at_the_same_number_when_used_at_once(
    patient: None, guesser: Guesser, account: Account, known: KnownDevice
):
    """Two hundred parallel guesses with a known device's cookie: ten, and five as a stranger."""
    with ThreadPoolExecutor(16) as threads:
        guesses = [threads.submit(guesser.guess, account=account, known=known) for _ in range(200)]
    ended = [one.result() for one in guesses]
    assert sum(isinstance(one, CountedAttempt) for one in ended) == TRIES + 5


def test_a_known_devices_success_forgets_its_own_failures_only(
    guesser: Guesser, wired: Database, account: Account, known: KnownDevice
):
    """What strangers have tried goes on counting against them."""
    for _ in range(4):
        guesser.guess(account=account)
        guesser.guess(account=account, known=known)
    right = guesser.guess(account=account, known=known)
    assert isinstance(right, CountedAttempt)
    with wired.writing() as unit:
        guesser.throttle.succeeded(unit, right)
        assert credentials.guesses_left(unit, account.id, 100) == 96
    for _ in range(TRIES):
        assert guesser.guess(account=account, known=known) == right
    fifth = guesser.guess(account=account)
    assert isinstance(fifth, CountedAttempt)
    assert fifth.wait_seconds == 30


def test_two_hundred_parallel_wrong_guesses_are_two_hundred(
    patient: None, wired: Database, ring: KeyRing, settings: Settings, account: Account
):
    """Where nobody has to wait each of them counts, and from the 101st on none can be right."""
    unhurried = settings.model_copy(update={"login_soft_wait_after": 1000})
    guesser = Guesser(wired, ring, unhurried)
    with ThreadPoolExecutor(16) as threads:
        ended = list(threads.map(lambda _: guesser.guess(account=account), range(200)))
    counted = [one for one in ended if isinstance(one, CountedAttempt)]
    assert sorted(one.attempts for one in counted) == list(range(1, 201))
    assert sum(one.is_off for one in counted) == 100


def test_the_password_is_off_after_a_hundred_however_slowly(
    guesser: Guesser, account: Account, clock: FrozenClock
):
    """SP 800-63B section 3.2.2: not more than 100 consecutive failures; days do not help."""
    for count in range(1, 103):
        counted = guesser.guess(account=account)
        assert isinstance(counted, CountedAttempt)
        assert counted.is_off is (count > 100)
        clock.advance(days=2)


def test_a_turned_away_attempt_was_none(guesser: Guesser, wired: Database, account: Account):
    """Where the gate had no turn, nobody's password was tried."""
    for _ in range(30):
        counted = guesser.guess(account=account)
        assert isinstance(counted, CountedAttempt)
        with wired.writing() as unit:
            counters.undo(unit, counted.places)
    with wired.reading() as unit:
        assert credentials.guesses_left(unit, account.id, 100) == 100


@pytest.mark.parametrize("known", [True, False])
def test_two_hundred_at_once_are_counted_one_by_one(
    patient: None, guesser: Guesser, account: Account, known: bool
):
    """Parallel guessing gets five through, as patient guessing would; the rest is told to wait."""
    who = account if known else None
    with ThreadPoolExecutor(16) as threads:
        ended = list(threads.map(lambda _: guesser.guess(account=who), range(200)))
    counted = [each for each in ended if isinstance(each, CountedAttempt)]
    assert len(counted) == 5
    assert sorted(each.wait_seconds for each in counted) == [0, 0, 0, 0, 30]
    with guesser.database.reading() as unit:
        assert credentials.guesses_left(unit, account.id, 100) == (95 if known else 100)
