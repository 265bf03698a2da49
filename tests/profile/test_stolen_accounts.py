"""Whatever a thief and the owner do in whatever order: the owner gets the account back by mail."""

import asyncio
from itertools import count

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
    run_state_machine_as_test,
)
from hypothesis.strategies import integers, sampled_from

from signon.accounts import email_changes
from tests.infra.databases import ON_ONE
from tests.infra.drills import by_chance, often
from tests.infra.world import PASSWORD, World
from tests.profile.conftest import Mailed
from tests.profile.stolen import Party, Scene

_NUMBERS = count(1)
NEW = "the owner knows only this"
MONTH = 30 * 24


class Stolen(RuleBasedStateMachine):
    """A thief knows the password, and has mailboxes of his own; the owner reads the first one."""

    world: World
    mailed: Mailed

    def __init__(self) -> None:
        super().__init__()
        number = next(_NUMBERS)
        account = self.world.account(f"the.owner{number}")
        self.scene = Scene(self.world, account, self.mailed)
        self.scene.mails()
        self.scene.seen.clear()
        self.owner = Party(self.scene, (account.email,))
        self.thief = Party(self.scene, (f"thief{number}@example.net", f"moll{number}@example.net"))
        self.before = self.scene.shown()
        self.hours = 0
        self.has_begun = False

    # ── What the thief does ──────────────────────────────────────────────────

    @rule()
    def break_in(self) -> None:
        """Sign in with what he has."""
        self.has_begun |= self.thief.sign_in()

    def is_in(self) -> bool:
        return self.thief.session is not None

    @precondition(is_in)
    @rule(which=sampled_from((0, 1)))
    def move_mail(self, which: int) -> None:
        """Ask for an address of his."""
        self.thief.ask_for_address(self.thief.addresses[which])

    @rule()
    def confirm(self) -> None:
        """Press the buttons that came to his mailboxes."""
        self.thief.press_confirmations()

    @precondition(is_in)
    @rule(number=integers(0, 99))
    def call_himself(self, number: int) -> None:
        """Another name and username."""
        self.thief.rename(f"Thief{number}")
        self.thief.take_username(f"robber.of.{self.account_number}.{number}")

    @precondition(is_in)
    @rule(number=integers(0, 99))
    def lock_out(self, number: int) -> None:
        """Another password."""
        self.thief.choose_password(f"the thief likes number {number}")

    @precondition(is_in)
    @rule()
    def bind_factor(self) -> None:
        """An app of his own, once the mail is his."""
        self.thief.add_app()

    @precondition(is_in)
    @rule()
    def unbind_factors(self) -> None:
        """Whatever there is."""
        self.thief.remove_factors()

    @rule(number=integers(0, 99))
    def recover(self, number: int) -> None:
        """By mail, once it is his."""
        self.thief.recover(f"recovered by thief {number}")

    @rule(number=integers(0, 99))
    def play_the_owner(self, number: int) -> None:
        """Press "this was not me" in the mails that came to him."""
        self.thief.disown(password=f"disowned by thief {number}")

    # ── What the owner does ──────────────────────────────────────────────────

    @rule(number=integers(0, 99))
    def take_back(self, number: int) -> None:
        """Press it too, before he is done."""
        if self.has_begun and self.owner.disown(password=f"owner chose number {number}"):
            self.thief.passwords -= self.owner.passwords - {PASSWORD}

    # ── Time ─────────────────────────────────────────────────────────────────

    @rule(hours=sampled_from((1, 20, 73)))
    def wait(self, hours: int) -> None:
        """As long as the first change can still be disowned."""
        if self.hours + hours < MONTH - 24:
            self.hours += hours
            self.world.clock.advance(hours=hours)
            issuer = self.world.settings.issuer
            asyncio.run(email_changes.carry_out(self.world.database, issuer))

    # ── The end ──────────────────────────────────────────────────────────────

    def teardown(self) -> None:
        """The owner ends with everything as before, the thief with nothing."""
        self.world.clock.advance(seconds=60)
        if self.scene.shown() != self.before:
            assert self.owner.disown(password=NEW), "the owner would have to telephone"
            assert self.owner.sign_in()
            assert self.thief.session is None
            assert not self.thief.sign_in()
            self.world.clock.advance(hours=73)
            assert not self.thief.disown(password="a last try of the thief")
        assert self.scene.shown() == self.before
        self.world.clock.advance(days=60)

    @property
    def account_number(self) -> str:
        """The account's."""
        return self.scene.account.number


@by_chance
@ON_ONE
@pytest.mark.timeout(300)
def test_the_owner_never_has_to_telephone(world: World, mailed: Mailed):
    """As long as the old address is theirs."""
    Stolen.world, Stolen.mailed = world, staticmethod(mailed)
    run_state_machine_as_test(
        Stolen,
        settings=settings(
            max_examples=often(12),
            stateful_step_count=14,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
