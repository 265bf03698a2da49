"""An address that mail does not reach: marked, told at sign-in, mended."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import select, update
from starlette.testclient import TestClient

from signon.accounts import mailed_links, unreachable
from signon.accounts.mailed_links import Purpose
from signon.accounts.models import accounts
from signon.app import wire
from signon.audit.models import events
from signon.config import Settings
from signon.db import Database
from signon.notices.reports import Failed
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.notices.reported import message_id, report

ADDRESS = "a.attorney@example.org"
TOKEN = "a token of the mail server"


@pytest.fixture
def world(settings: Settings, database: Database, clock: FrozenClock) -> Iterator[World]:
    """A provider that takes reports, and a person."""
    taking = Settings(_env_file=None, **settings.model_dump() | {"mail_reports_token": TOKEN})
    made = World.make(taking, wire(database), clock)
    made.account(email="A.Attorney@example.org")
    with made.http:
        yield made


def mark(world: World, **given: str) -> None:
    """The address's server has refused a mail."""
    with world.database.writing() as unit:
        failed = Failed(given.get("address", ADDRESS), unit.now, "5.1.1")
        unreachable.note(unit, failed, how=unreachable.REFUSED)


def is_marked(world: World) -> bool:
    with world.database.reading() as unit:
        return unreachable.of(unit, ADDRESS) is not None


def test_it_is_known_until_a_mailed_link_is_used(world: World):
    """The trail names the account and never the address; a second failure tells nothing new."""
    assert not is_marked(world)
    mark(world)
    mark(world)
    assert is_marked(world)
    with world.database.reading() as unit:
        found = select(events.c.account_id, events.c.detail)
        told = unit.execute(found.where(events.c.event == "accounts:address:fails")).all()
    assert [one.account_id for one in told] == [world.find("a.attorney").id]
    assert "example" not in str(told)
    with world.database.writing() as unit:
        token = mailed_links.issue(
            unit, Purpose.CHOOSE_PASSWORD, email=ADDRESS, lasts=timedelta(hours=1)
        )
    with world.database.writing() as unit:
        mailed_links.spend(unit, Purpose.CHOOSE_PASSWORD, token)
    assert not is_marked(world)


def test_a_late_report_about_a_mail_of_before_does_not_mark_again(world: World):
    """What was written after the address was proved does."""
    before = world.clock()
    mark(world)
    world.clock.advance(seconds=60)
    with world.database.writing() as unit:
        unreachable.works(unit, ADDRESS)
    late, after = (Failed(ADDRESS, at, None) for at in (before, world.clock()))
    with world.database.writing() as unit:
        assert not unreachable.note(unit, late, how=unreachable.REPORTED)
    assert not is_marked(world)
    with world.database.writing() as unit:
        assert unreachable.note(unit, after, how=unreachable.REPORTED)
    assert is_marked(world)


def test_another_address_is_no_failing_one(world: World):
    """The state is the address's: the account leaves it behind."""
    mark(world)
    mark(world, address="a.attorney+courts@example.org")
    with world.database.writing() as unit:
        changed = update(accounts).values(email="ada@new.example", email_key="ada@new.example")
        unit.execute(changed)
    page = _signed_in(world)
    assert page.url.path != "/login/address"


# ── The endpoint ─────────────────────────────────────────────────────────────


def post(world: World, raw: bytes, token: str = TOKEN) -> int:
    http: TestClient = world.http
    headers = {"authorization": f"Bearer {token}", "content-type": "message/rfc822"}
    return http.post("/services/mail-reports", content=raw, headers=headers).status_code


def test_a_report_by_the_endpoint(world: World):
    """For the token's holder; only what is a report of a mail of ours counts."""
    raw = report(message_id(world.ring, ADDRESS, written=world.clock()), ADDRESS)
    assert post(world, raw, "another") == 401
    assert post(world, report("<x@y>", ADDRESS)) == 422
    assert not is_marked(world)
    assert post(world, raw) == 204
    assert is_marked(world)
    assert post(world, raw) == 204


# ── The person ───────────────────────────────────────────────────────────────


def _signed_in(world: World):
    browser = world.browser()
    browser.get("/login")
    return browser.sign_in("a.attorney", PASSWORD)


def test_the_person_is_told_at_the_sign_in_once(world: World):
    """And goes on, now or later."""
    mark(world)
    browser = world.browser()
    browser.get("/login")
    page = browser.sign_in("a.attorney", PASSWORD)
    assert page.url.path == "/login/address"
    assert "A.Attorney@example.org" in browser.page.text
    browser.submit(browser.page.forms[0], **{"continue": "1"})
    assert browser.get("/").url.path != "/login/address"
    assert "Mail does not reach you" in browser.get("/account/security").text


def test_it_is_mended_by_a_link_that_goes_there(world: World):
    """Asked for on the page; its button proves the address, and nothing else does."""
    mark(world)
    browser = world.browser()
    browser.get("/login")
    browser.sign_in("a.attorney", PASSWORD)
    browser.submit(browser.page.forms[0], check="1")
    (mail,) = [one for one in world.queued("mail") if one["message"] == "address_check"]
    assert mail["to"] == "A.Attorney@example.org"
    link = mail["values"]["works_url"].removeprefix(world.settings.issuer)
    browser.get(link)
    assert is_marked(world)
    browser.submit(browser.page.forms[0])
    assert not is_marked(world)
    assert browser.get("/login/address").url.path == "/account"
