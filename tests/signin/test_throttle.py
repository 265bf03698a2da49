"""How often a password may be tried."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from signon.accounts import credentials
from signon.accounts.directory import Account
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.signin.throttle import Counted, Throttle, Wait
from tests.infra.clock import FrozenClock

HERE = "192.0.2.1"


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """So many tries for a network that only the name's waits are seen."""
    return settings.model_copy(update={"login_failures_per_address": 10_000})


class Guesser:
    """Tries one name again and again."""

    def __init__(self, wired: Database, ring: KeyRing, settings: Settings) -> None:
        self.database = wired
        self.throttle = Throttle(ring, settings)

    def guess(
        self, name: str = "ada.byron", *, account: Account | None = None, network: str = HERE
    ) -> Counted | Wait:
        """One attempt in a unit of its own."""
        with self.database.writing() as unit:
            return self.throttle.count(
                unit, username=name, account_id=account.id if account else None, network=network
            )


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
        assert isinstance(counted, Counted)
        waits.append(counted.wait_seconds)
        clock.advance(seconds=counted.wait_seconds)
    assert waits == [0, 0, 0, 0, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]


def test_a_wait_is_not_counted_and_does_not_grow(guesser: Guesser, clock: FrozenClock):
    """Impatience costs nothing: it says the rest of the wait, to the second."""
    for _ in range(5):
        guesser.guess()
    assert guesser.guess() == Wait(30)
    clock.advance(seconds=12.5)
    assert [guesser.guess() for _ in range(20)] == [Wait(18)] * 20
    clock.advance(seconds=17.5)
    counted = guesser.guess()
    assert isinstance(counted, Counted)
    assert counted.wait_seconds == 60


def test_case_and_space_are_the_same_name(guesser: Guesser):
    """Or the wait could be spelled away."""
    for name in ("ada.byron", "ADA.byron", " ada.byron ", "Ada.Byron", "ada.BYRON"):
        assert isinstance(guesser.guess(name), Counted)
    assert isinstance(guesser.guess("aDa.byron"), Wait)
    assert isinstance(guesser.guess("somebody.else"), Counted)


def test_success_forgets(guesser: Guesser, wired: Database, account: Account):
    """The next failure is the first again."""
    for _ in range(4):
        guesser.guess(account=account)
    right = guesser.guess(account=account)
    assert isinstance(right, Counted)
    with wired.writing() as unit:
        guesser.throttle.succeeded(unit, right)
        assert credentials.guesses_left(unit, account.id, 100) == 100
    again = guesser.guess(account=account)
    assert isinstance(again, Counted)
    assert again.wait_seconds == 0


def test_a_network_has_its_window(
    wired: Database, ring: KeyRing, settings: Settings, clock: FrozenClock
):
    """Twenty names from one address, then the rest of five minutes; others go on."""
    guesser = Guesser(wired, ring, settings.model_copy(update={"login_failures_per_address": 20}))
    clock.advance(seconds=1)
    assert all(isinstance(guesser.guess(f"name{n}"), Counted) for n in range(20))
    clock.advance(seconds=100)
    assert guesser.guess("name20") == Wait(200)
    assert isinstance(guesser.guess("name20", network="192.0.2.2"), Counted)
    clock.advance(seconds=200)
    assert isinstance(guesser.guess("name21"), Counted)


def test_success_takes_its_own_hit_back_only(wired: Database, ring: KeyRing, settings: Settings):
    """A good sign-in neither costs its network anything nor clears it of the bad ones."""
    guesser = Guesser(wired, ring, settings.model_copy(update={"login_failures_per_address": 2}))
    guesser.guess("bad")
    for _ in range(5):
        right = guesser.guess("good")
        assert isinstance(right, Counted)
        with wired.writing() as unit:
            guesser.throttle.succeeded(unit, right)
    assert isinstance(guesser.guess("bad"), Counted)
    assert isinstance(guesser.guess("good"), Wait)


def test_the_password_is_off_after_a_hundred_however_slowly(
    guesser: Guesser, account: Account, clock: FrozenClock
):
    """SP 800-63B section 3.2.2: not more than 100 consecutive failures; days do not help."""
    for count in range(1, 103):
        counted = guesser.guess(account=account)
        assert isinstance(counted, Counted)
        assert counted.is_off is (count > 100)
        clock.advance(days=2)


def test_a_turned_away_attempt_was_none(guesser: Guesser, wired: Database, account: Account):
    """Where the gate had no turn, nobody's password was tried."""
    for _ in range(30):
        counted = guesser.guess(account=account)
        assert isinstance(counted, Counted)
        with wired.writing() as unit:
            guesser.throttle.not_tried(unit, counted)
    with wired.reading() as unit:
        assert credentials.guesses_left(unit, account.id, 100) == 100


@pytest.mark.parametrize("known", [True, False])
def test_two_hundred_at_once_are_counted_one_by_one(
    guesser: Guesser, account: Account, known: bool
):
    """Parallel guessing gets five through, as patient guessing would; the rest is told to wait."""
    who = account if known else None
    with ThreadPoolExecutor(16) as threads:
        ended = list(threads.map(lambda _: guesser.guess(account=who), range(200)))
    counted = [each for each in ended if isinstance(each, Counted)]
    assert len(counted) == 5
    assert sorted(each.wait_seconds for each in counted) == [0, 0, 0, 0, 30]
    with guesser.database.reading() as unit:
        assert credentials.guesses_left(unit, account.id, 100) == (95 if known else 100)
