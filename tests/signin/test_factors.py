"""Which factors an account has: naming them, taking them away, and what the account says of it."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select, update

from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF
from signon.accounts.models import accounts
from signon.accounts.repudiation import FrozenError
from signon.audit.events import Event
from signon.audit.models import events
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import InputError, NotFoundError, RefusedError
from signon.signin import enrolment, factors, recovery_codes
from signon.signin.factor_removal import Removals
from signon.web.visitor import Source
from tests.infra import queued
from tests.infra.refusals import caught

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def app(wired: Database, ring: KeyRing, account: Account) -> str:
    """The id of the account's one app."""
    with wired.writing() as unit:
        enrolment.keep_app(unit, ring, account.id, SECRET, "Phone", None)
        return factors.of(unit, account.id).authenticators[0].id


def _has_factor(database: Database) -> bool:
    with database.reading() as unit:
        return bool(unit.scalar(select(accounts.c.has_factor)))


def test_a_name_can_be_changed_by_its_owner_only(wired: Database, account: Account, app: str):
    """A name of one line; somebody else's factor looks like none; the change is on record."""
    with wired.writing() as unit:
        factors.rename(unit, account.id, app, "  Old   phone ")
        assert factors.of(unit, account.id).authenticators[0].nickname == "Old phone"
        with pytest.raises(NotFoundError):
            factors.rename(unit, "somebody-else", app, "Mine")
        with pytest.raises(InputError):
            factors.rename(unit, account.id, app, "x" * 41)
    with wired.reading() as unit:
        assert Event.FACTOR_RENAMED in unit.execute(select(events.c.event)).scalars().all()


def test_the_account_says_whether_it_has_one(
    wired: Database, settings: Settings, account: Account, app: str
):
    """Removing the last app takes the recovery codes along: they are there for losing it."""
    assert _has_factor(wired)
    with wired.writing() as unit:
        recovery_codes.keep(unit, account.id, recovery_codes.generate(settings))
        removals = Removals(settings, lambda *_: False)
        removals.remove(unit, account.id, app, proof=NO_PROOF, source=Source())
        assert recovery_codes.left(unit, account.id) == 0
    (mailed,) = queued.payloads(wired, "mail")
    assert not _has_factor(wired)
    # not its name: whoever holds a session may have chosen that
    assert mailed["values"]["change"] == "An authenticator app was removed."


def test_the_last_one_of_an_account_that_must_have_one_stays(
    wired: Database, settings: Settings, account: Account, app: str
):
    """Another one has to be there first."""
    with wired.writing() as unit:
        with pytest.raises(RefusedError, match="its last one"):
            Removals(settings, lambda *_: True).remove(
                unit, account.id, app, proof=NO_PROOF, source=Source()
            )
        with pytest.raises(NotFoundError):
            Removals(settings, lambda *_: False).remove(
                unit, account.id, "no-such-factor", proof=NO_PROOF, source=Source()
            )
    assert _has_factor(wired)


def test_of_two_removals_at_once_one_leaves_the_last(
    wired: Database, ring: KeyRing, settings: Settings, account: Account, app: str
):
    """Each sees another factor beside its own; the account must have one and keeps one."""
    with wired.writing() as unit:
        enrolment.keep_app(unit, ring, account.id, SECRET, "Tablet", None)
        both = [one.id for one in factors.of(unit, account.id).authenticators]
    removals = Removals(settings, lambda *_: True)

    @caught
    def remove(one: str) -> None:
        with wired.writing() as unit:
            removals.remove(unit, account.id, one, proof=NO_PROOF, source=Source())

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(remove, both)).count(None) == 1
    assert _has_factor(wired)


def test_a_frozen_account_keeps_its_factors(
    wired: Database, settings: Settings, account: Account, app: str
):
    """Nothing about it may be changed."""
    with wired.writing() as unit:
        unit.execute(update(accounts).values(frozen_at=unit.now))
        with pytest.raises(FrozenError):
            Removals(settings, lambda *_: False).remove(
                unit, account.id, app, proof=NO_PROOF, source=Source()
            )
    assert _has_factor(wired)
