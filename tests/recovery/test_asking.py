"""Asking for a link or for usernames: one answer for everybody, and mail for whom it concerns."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from signon.accounts import status
from signon.accounts.directory import Account
from signon.accounts.models import AccountStatus, accounts
from signon.audit.models import events
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.outbox.models import outbox
from tests.accounts.making import PASSWORD, PERSON, make
from tests.infra import queued
from tests.infra.databases import ON_ONE
from tests.recovery.conftest import Provider, without_secrets


def test_every_input_has_the_same_answer(provider: Provider, ada: Account):
    """Known, unknown, disabled, held, of a shared address: equal status, headers and bytes."""
    people = provider.database, provider.settings
    make(*people, replace(PERSON, username="held.byron"), status=AccountStatus.HELD)
    closed = make(*people, replace(PERSON, username="old.byron", email="old@example.com"))
    with provider.database.writing() as unit:
        status.disable(unit, closed.number, reason="left", actor="system")
    asked = ["ada.byron", "ada@example.com", "held.byron", "old.byron", "nobody", "no@example.com"]
    answers = [without_secrets(provider.forget(typed)) for typed in asked]
    assert answers[0][0] == 303
    assert all(answer == answers[0] for answer in answers)
    listed = [without_secrets(provider.forget_username(typed)) for typed in asked[1::4]]
    assert listed[0] == listed[-1]


@ON_ONE
def test_the_way_on_is_kept(provider: Provider, ada: Account):
    """From the sign-in of a journey and back to it, through either page and every answer."""
    lasts = timedelta(hours=1)
    with provider.database.writing() as unit:
        journey = store.start(unit, JourneyKind.PAGE, lasts=lasts, request={"path": "/account"})
    browser = provider.browser()
    for path, button, field in (
        ("/forgot-password", "send", "username"),
        ("/forgot-username", "send", "email"),
    ):
        here = f"{path}?journey={journey.id}"
        back = f'href="/login?journey={journey.id}"'
        assert f'href="{here}"' in browser.get(f"/login?journey={journey.id}").html
        asked = browser.get(here)
        assert back in asked.html
        wrong = browser.submit(asked, button, **{field: ""})
        assert back in wrong.html
        sent = browser.submit(wrong, button, **{field: "ada@example.com"})
        assert back in browser.follow(sent).html


def test_what_was_typed_waits_sealed(provider: Provider, ada: Account):
    """People type passwords into the wrong field: neither outbox nor trail holds it readable."""
    provider.forget(PASSWORD)
    waiting = queued.payloads(provider.database)
    with provider.database.reading() as unit:
        details = unit.execute(select(events.c.detail)).scalars().all()
    assert waiting
    assert PASSWORD not in repr((waiting, details))


def test_a_link_for_the_one_account(provider: Provider, ada: Account):
    """By username and by e-mail address, in any case; the mail goes to the account's address."""
    for typed in (" Ada.Byron ", "ADA@example.com"):
        provider.forget(typed)
        (sent,) = provider.post()
        assert (sent.message, sent.to) == ("password_links", "ada@example.com")
        assert list(sent.tokens) == ["ada.byron"]


def test_nobody_gets_no_mail(provider: Provider, ada: Account):
    """An unknown name or address makes no mail, to whatever address."""
    for typed in ("nobody.at.all", "nobody@example.com", "ada+x@example.com"):
        provider.forget(typed)
        provider.forget_username(typed)
        assert provider.post() == []


def test_a_shared_address_gets_one_mail(provider: Provider, ada: Account):
    """With a link for each account that may have one, the named one first, and why not else."""
    people = provider.database, provider.settings
    make(*people, replace(PERSON, username="byron.second"))
    closed = make(*people, replace(PERSON, username="byron.closed"))
    frozen = make(*people, replace(PERSON, username="byron.frozen"))
    with provider.database.writing() as unit:
        status.disable(unit, closed.number, reason="left", actor="system")
        unit.execute(accounts.update().where(accounts.c.id == frozen.id).values(frozen_at=unit.now))
    provider.forget("byron.second")
    (sent,) = provider.post()
    assert set(sent.tokens) == {"ada.byron", "byron.second"}
    listed = {name: note for name, _, _, note in sent.values["accounts"]}
    assert next(iter(listed)) == "byron.second"
    assert "disabled" in listed["byron.closed"]
    assert "stopped" in listed["byron.frozen"]


def test_usernames_of_an_address(provider: Provider, ada: Account):
    """One mail that lists them all and holds no link to change anything."""
    make(provider.database, provider.settings, replace(PERSON, username="byron.second"))
    assert provider.forget_username("Ada@Example.com").location == "/forgot-username/sent"
    (sent,) = provider.post()
    assert sent.message == "usernames"
    assert {row[0] for row in sent.values["accounts"]} == {"ada.byron", "byron.second"}
    assert "token" not in repr(sent.values)


@ON_ONE
def test_too_many_accounts_for_one_mail(provider: Provider, ada: Account):
    """Twenty find a place, the named one always; the others are counted."""
    for index in range(22):
        make(provider.database, provider.settings, replace(PERSON, username=f"byron.no{index:02}"))
    for typed in ("byron.no07", "byron.no19"):
        provider.forget(typed)
        (sent,) = provider.post()
        assert len(sent.tokens) == 20
        assert next(iter(sent.tokens)) == typed
        assert sent.values["further"] == 3


@ON_ONE
def test_an_owner_is_never_locked_out(provider: Provider, ada: Account):
    """However often a stranger asks: five mails an hour at most, and one that works is there."""
    mailed = []
    for minute in range(60):
        provider.forget("ada.byron")
        if minute % 10 == 0:
            provider.forget_username("ada@example.com")
        mailed += [(minute, one) for one in provider.post()]
        provider.clock.advance(seconds=60)
        works = [
            one
            for at, one in mailed
            if one.message == "password_links"
            and provider.browser().get(f"/recover?token={one.token}").status == 200
        ]
        assert works, f"nothing works in minute {minute}"
        # the network's own limit is another rule
        with provider.database.writing() as unit:
            unit.execute(_FORGET_NETWORKS)
    assert len(mailed) <= 5


def test_a_network_has_its_limit(provider: Provider, ada: Account):
    """429 with Retry-After and what was typed; nothing more is queued. An hour later it goes on."""
    for _ in range(provider.settings.recovery_requests_per_address):
        assert provider.forget("somebody").status == 303
    refused = provider.forget("somebody")
    assert refused.status == 429
    assert 0 < int(refused.response.headers["retry-after"]) <= 3600
    assert refused.forms[0].fields["username"] == "somebody"
    provider.clock.advance(hours=1)
    assert provider.forget("somebody").status == 303


@ON_ONE
@pytest.mark.parametrize(
    ("path", "field", "typed"),
    [
        ("/forgot-password", "username", "  "),
        ("/forgot-password", "username", "x" * 255),
        ("/forgot-username", "email", ""),
        ("/forgot-username", "email", "ada.byron"),
    ],
)
def test_what_cannot_be_used(provider: Provider, path: str, field: str, typed: str):
    """400, the problem at its field and in the summary, what was typed still there."""
    browser = provider.browser()
    page = browser.submit(browser.get(path), "send", **{field: typed})
    assert page.status == 400
    assert f'href="#{field}"' in page.html
    assert page.forms[0].fields[field] == typed.strip()


@ON_ONE
def test_the_sign_in_page_leads_here(provider: Provider, ada: Account):
    """Both ways are links of the form, and the refusal's next step names them."""
    browser = provider.browser()
    refused = browser.sign_in("ada.byron", "not the password")
    assert 'href="/forgot-password"' in refused.html
    assert 'href="/forgot-username"' in refused.html
    assert "Forgot your password?” or “Forgot your username?”" in refused.text


_FORGET_NETWORKS = (
    outbox.metadata.tables["limit_counters"]
    .delete()
    .where(outbox.metadata.tables["limit_counters"].c.bucket == "recovery_networks")
)
