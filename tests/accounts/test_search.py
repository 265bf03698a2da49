"""The search status: operators switch it, want of use ends it, its holder takes it back."""

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from signon.accounts import history, search
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, accounts
from signon.audit.models import events
from signon.config import Settings
from signon.db import Database
from signon.errors import InputError, RefusedError
from tests.accounts.making import PERSON, make
from tests.infra.clock import FrozenClock


@pytest.fixture
def ada(wired: Database, settings: Settings) -> Account:
    """`ada.byron`, who searches."""
    return make(wired, settings)


def _search(database: Database, account: Account) -> tuple[str, str | None]:
    with database.reading() as unit:
        columns = accounts.c.search_status, accounts.c.search_status_reason
        row = unit.execute(select(*columns).where(accounts.c.id == account.id)).one()
    return row.search_status, row.search_status_reason


def test_an_operator_switches_it(wired: Database, ada: Account):
    """With a reason, once each way, with values before and after; filing is not looked at."""
    with wired.writing() as unit:
        search.switch_off(unit, ada.number, reason=" fees  unpaid ", actor="op")
    assert _search(wired, ada) == ("inactive", "fees unpaid")
    with pytest.raises(RefusedError, match="already"), wired.writing() as unit:
        search.switch_off(unit, ada.number, reason="again", actor="op")
    with pytest.raises(RefusedError, match="inactive"), wired.writing() as unit:
        search.restore(unit, ada)
    with wired.writing() as unit:
        search.switch_on(unit, ada.number, actor="op")
        (last, *_) = history.changes(unit, ada.id)
    assert _search(wired, ada) == ("active", None)
    assert {change["search_status"] for change in (last.before, last.after)}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 301])
def test_a_reason_is_needed(wired: Database, ada: Account, reason: str):
    """One that fits; nothing is changed without it."""
    with pytest.raises(InputError), wired.writing() as unit:
        search.switch_off(unit, ada.number, reason=reason, actor="op")
    assert _search(wired, ada) == ("active", None)


def test_who_never_searches(wired: Database, settings: Settings):
    """A firm's account has nothing to switch."""
    firm = make(
        wired, settings, replace(PERSON, kind=AccountKind.FIRM, firm_name="F", username="firm.one")
    )
    with pytest.raises(RefusedError, match="never searches"), wired.writing() as unit:
        search.switch_on(unit, firm.number, actor="op")


def test_want_of_use_ends_it(
    wired: Database, settings: Settings, ada: Account, clock: FrozenClock, monkeypatch
):
    """After the setting's days without a sign-in, in batches; its holder takes it back at once."""
    monkeypatch.setattr(search, "BATCH", 2)
    others = [make(wired, settings, replace(PERSON, username=f"other.{n:03}")) for n in range(4)]
    clock.advance(days=729)
    with wired.writing() as unit:
        _sign_in(unit, others[0])
    clock.advance(days=2)
    assert asyncio.run(search.switch_off_unused(wired, settings)) == 4
    assert asyncio.run(search.switch_off_unused(wired, settings)) == 0
    assert _search(wired, others[0]) == ("active", None)
    assert _search(wired, ada) == ("inactive", search.UNUSED)
    assert search.may_restore(search.UNUSED)
    with wired.writing() as unit:
        search.restore(unit, ada)
    assert _search(wired, ada) == ("active", None)
    assert asyncio.run(search.switch_off_unused(wired, settings)) == 0
    with wired.reading() as unit:
        found = [change.subject for change in history.changes(unit, ada.id)]
        off = unit.execute(
            select(events.c.detail).where(events.c.event == "accounts:search:switched_off")
        ).scalars()
        counts = [detail["accounts"] for detail in off]
    assert found == ["search_status"] * 2
    assert sum(counts) == 4


def test_it_can_be_left_alone(
    wired: Database, settings: Settings, ada: Account, clock: FrozenClock
):
    """0 days: never."""
    never = settings.model_copy(update={"search_inactive_after_days": 0})
    clock.advance(days=5000)
    assert asyncio.run(search.switch_off_unused(wired, never)) == 0


def test_a_frozen_account_restores_nothing(wired: Database, ada: Account, clock: FrozenClock):
    """While changes are stopped, this one is too."""
    clock.advance(days=731)
    with wired.writing() as unit:
        search.switch_off_some(unit, 730, "")
    frozen = replace(ada, frozen_at=clock())
    with pytest.raises(RefusedError, match="stopped"), wired.writing() as unit:
        search.restore(unit, frozen)


def _sign_in(unit, account: Account) -> None:
    unit.execute(
        update(accounts).where(accounts.c.id == account.id).values(last_signed_in_at=unit.now)
    )
