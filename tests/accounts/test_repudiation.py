"""Changes are told to every address, and can be stopped from there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from signon.accounts import credentials, directory, history, own_data, repudiation, sign_outs
from signon.accounts.creation import NewAccount
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.accounts.history import NO_PROOF
from signon.accounts.models import AccountKind, accounts
from signon.accounts.models import mailed_links as links
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import RefusedError
from signon.web.visitor import Source
from tests.accounts.making import make
from tests.infra import queued
from tests.infra.clock import FrozenClock

ORIGIN = Source("192.0.2.1", "a browser", "1")
OPERATOR = NewAccount(AccountKind.OPERATOR, "the.operator", "ops@example.com")


def _told(database: Database) -> list[dict[str, object]]:
    return queued.payloads(database)


def _links(database: Database) -> int:
    with database.reading() as unit:
        return len(unit.execute(select(links.c.digest)).all())


def test_a_new_password_ends_what_was_before(wired: Database, settings: Settings, ring: KeyRing):
    """Sessions and grants hang on `valid_from`; the history keeps that, without any value."""
    account = make(wired, settings)
    hashed = Hasher(settings).hash("quiet orange boat")
    with wired.writing() as unit:
        credentials.replace_password(
            unit, ring, account, hashed, actor=account.id, keep_session="kept"
        )
    with wired.reading() as unit:
        now = directory.by_id(unit, account.id)
        changes = history.changes(unit, account.id)
        found = credentials.find(unit, account.username)
        assert now is not None
        assert found is not None
        assert now.valid_from == unit.now
        assert credentials.unseal(ring, found) == hashed
    assert [(one.subject, one.before, one.after) for one in changes] == [("password", {}, {})]
    told = [one for one in _told(wired) if one.get("keep") == "kept"]
    assert [one["account"] for one in told] == [account.id]


def _move(database: Database, account: Account, address: str) -> Account:
    with database.writing() as unit:
        own = own_data.lock(unit, account.id)
        own_data.store(unit, own, {"email": address})
        history.record(
            unit,
            account.id,
            repudiation.EMAIL,
            Event.EMAIL_CHANGED,
            actor=account.id,
            before={"email": own.account.email},
            after={"email": address},
        )
    with database.reading() as unit:
        moved = directory.by_id(unit, account.id)
    assert moved is not None
    return moved


def _voices(database: Database, account: Account) -> list[str]:
    with database.reading() as unit:
        return [one.address for one in repudiation.voices(unit, account)]


def test_who_has_a_say(wired: Database, settings: Settings, clock: FrozenClock):
    """The address before for thirty days; a new one after 72 hours, and only if it is still there."""
    account = make(wired, settings)
    first = account.email
    assert _voices(wired, account) == [first]
    account = _move(wired, account, "second@example.com")
    assert _voices(wired, account) == [first]
    clock.advance(hours=72)
    assert _voices(wired, account) == ["second@example.com", first]
    account = _move(wired, account, "third@example.com")
    clock.advance(seconds=1)
    account = _move(wired, account, "fourth@example.com")
    assert _voices(wired, account) == [first, "second@example.com"]
    clock.advance(days=27, seconds=1)
    assert _voices(wired, account) == ["fourth@example.com", "second@example.com"]


def test_only_who_has_a_say_gets_a_link(wired: Database, settings: Settings):
    """Everybody is told; the same address only once."""
    account = _move(wired, make(wired, settings), "new@example.com")
    with wired.writing() as unit:
        repudiation.tell(
            unit, settings.issuer, account, "It changed.", addresses=("NEW@example.com",)
        )
    mails = [one for one in _told(wired) if one.get("message") == "account_changed"]
    links = {str(one["to"]).casefold(): bool(one["values"]["not_me_url"]) for one in mails}  # type: ignore[index]
    assert links == {"new@example.com": False, "ada@example.com": True}
    assert _links(wired) == 1


def test_it_freezes_signs_out_and_tells_the_operators(wired: Database, settings: Settings):
    """Nothing may be changed any more until somebody has looked; the earliest moment counts."""
    account = make(wired, settings)
    make(wired, settings, OPERATOR)
    with wired.writing() as unit:
        now = unit.now
        for since in (now - timedelta(days=1), now - timedelta(days=2), now):
            repudiation.freeze(unit, account, since, proof=NO_PROOF, source=ORIGIN)
    with wired.reading() as unit:
        frozen = directory.by_id(unit, account.id)
        assert frozen is not None
        assert frozen.valid_from == unit.now
        assert frozen.frozen_since == now - timedelta(days=2)
        assert repudiation.refuse_frozen(frozen)
    assert "ops@example.com" in [
        one["to"] for one in _told(wired) if one.get("message") == "account_frozen"
    ]
    with wired.writing() as unit:
        repudiation.thaw(unit, account.number, actor=trail.COMMAND_LINE)
    with wired.reading() as unit:
        thawed = directory.by_id(unit, account.id)
        assert thawed is not None
        assert repudiation.refuse_frozen(thawed) is None
    with pytest.raises(RefusedError, match="not frozen"), wired.writing() as unit:
        repudiation.thaw(unit, account.number, actor=trail.COMMAND_LINE)


def test_signing_out_leaves_the_account_open(wired: Database, settings: Settings):
    """It may sign in again at once."""
    account = make(wired, settings)
    with wired.writing() as unit:
        sign_outs.sign_out_everywhere(unit, account.id)
        row = unit.execute(select(accounts.c.status, accounts.c.valid_from)).one()
        assert (row.status, row.valid_from) == ("active", unit.now)
