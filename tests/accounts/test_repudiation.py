"""Changes are told to every address, and can be stopped from there."""

import pytest
from sqlalchemy import select

from signon.accounts import credentials, directory, history, mailed_links, repudiation, sign_outs
from signon.accounts.creation import NewAccount
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.accounts.mailed_links import Purpose
from signon.accounts.models import AccountKind, accounts
from signon.accounts.models import mailed_links as links
from signon.audit import trail
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import Refusal, RefusedError
from signon.web.visitor import Origin
from tests.accounts.making import make
from tests.infra import queued

ORIGIN = Origin("192.0.2.1", "a browser", "1")
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


def test_every_address_gets_a_link_of_its_own(wired: Database, settings: Settings):
    """The old address of a changed one is asked too; the same address only once."""
    account = make(wired, settings)
    with wired.writing() as unit:
        repudiation.tell(
            unit,
            settings.issuer,
            account,
            "The e-mail address was changed.",
            addresses=("old@example.com", account.email.upper()),
        )
    mails = [one for one in _told(wired) if one.get("message") == "account_changed"]
    assert {str(one["to"]).lower() for one in mails} == {"old@example.com", account.email}
    assert _links(wired) == 2


def _not_me(database: Database, account: Account) -> str:
    with database.writing() as unit:
        return mailed_links.issue(
            unit,
            Purpose.NOT_ME,
            email=account.email,
            lasts=repudiation.LASTS,
            account_id=account.id,
        )


def test_it_freezes_signs_out_and_tells_the_operators(wired: Database, settings: Settings):
    """Nothing may be changed any more until an operator has looked."""
    account = make(wired, settings)
    make(wired, settings, OPERATOR)
    token = _not_me(wired, account)
    with wired.writing() as unit:
        assert not isinstance(repudiation.repudiate(unit, token, origin=ORIGIN), Refusal)
    with wired.reading() as unit:
        frozen = directory.by_id(unit, account.id)
        assert frozen is not None
        assert frozen.valid_from == unit.now
        assert repudiation.refuse_frozen(frozen)
    assert [one["to"] for one in _told(wired) if one.get("message") == "account_frozen"] == [
        "ops@example.com"
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
