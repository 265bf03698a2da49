"""`/account`: what a person sees there, changes, ends and withdraws."""

from datetime import UTC, date, datetime

import pytest

from signon.accounts import history, search
from signon.accounts.directory import Account
from signon.accounts.hashing import HashingGate
from signon.accounts.history import Change
from signon.accounts.models import AccountKind
from signon.errors import BusyError
from signon.signin import known_devices
from signon.signin.models import sessions
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.profile.conftest import AllowProgram, Mailed

NEW_PASSWORD = "seven quiet lanterns over the bay"
ADDRESS = {
    "street": "325 West F Street",
    "city": "San Diego",
    "state": "CA",
    "postal_code": "92101",
    "county": "San Diego",
    "country": "us",
}


def _changes(world: World, account: Account) -> list[Change]:
    with world.database.reading() as unit:
        return history.changes(unit, account.id)


def _save(browser: Browser, path: str, **typed: str) -> int:
    browser.get(path)
    return browser.submit(browser.page.forms[0], **typed).status_code


def _age(world: World, browser: Browser, minutes: int) -> None:
    """Let time pass while somebody keeps using the session."""
    world.clock.advance(seconds=minutes * 60)
    browser.get("/account")


# ── Who may come ─────────────────────────────────────────────────────────────


@ON_ONE
def test_a_stranger_signs_in_and_comes_back(world: World, person: Account):
    """Every page of the account asks for the sign-in and then goes on."""
    for path in ("/account", "/account/activity", "/account/phone", "/account/email"):
        browser = world.browser()
        browser.get(path)
        assert "login" in browser.page.ids
        browser.sign_in("a.attorney", PASSWORD)
        assert browser.response
        assert browser.response.url.path == path


def test_the_page_shows_what_there_is(world: World, person: Account, holder: Browser):
    """Person, date of birth for good, courts, this session, what happened: failures too."""
    world.right(person)
    failed = world.browser()
    failed.get("/login")
    failed.sign_in("a.attorney", "not the right one")
    text = ""
    for part in ("", "/courts", "/security", "/activity"):
        holder.get(f"/account{part}")
        text += " ".join(holder.page.text.split())
    for shown in (
        person.number,
        "Ada Attorney",
        "Jan 2, 1970. It cannot be changed",
        "aattorney",
        "You can file here",
        "This browser",
        "A sign-in with your username failed: the password was wrong",
        "You signed in",
    ):
        assert shown in text
    assert "/account/date" not in ((holder.response and holder.response.text) or "")


def test_nobody_elses_activity_is_shown(world: World, person: Account, holder: Browser):
    """Events about other accounts stay theirs."""
    world.account("someone.else", first_name="Other")
    other = world.browser()
    other.get("/account")
    other.sign_in("someone.else", PASSWORD)
    holder.get("/account/activity")
    assert holder.page.text.count("You signed in") == 1


@ON_ONE
def test_only_whoever_was_here_before_is_welcomed_back(world: World, person: Account):
    """Somebody who has just registered never was."""
    for welcome in ("Welcome, Ada", "Welcome back, Ada"):
        browser = world.browser()
        browser.get("/login")
        browser.sign_in("a.attorney", PASSWORD)
        assert welcome in browser.page.text
        world.clock.advance(hours=1)


@ON_ONE
def test_a_court_s_card_has_the_days_of_the_person_s_clock(
    world: World, person: Account, holder: Browser
):
    """Late in the evening in California it is tomorrow in UTC already."""
    world.change_account(person, state="CA")
    world.right(person, created_at=datetime(2026, 3, 2, 2, 30, tzinfo=UTC))
    holder.get("/")
    assert "Since Mar 1, 2026. Login aattorney" in holder.page.text


@ON_ONE
def test_a_legacy_account_is_led_to_the_upgrade(world: World):
    """Domain facts 1.1: before that nothing of it may be changed."""
    world.account("aa9999", created_on=date(2010, 5, 1))
    browser = world.browser()
    browser.get("/account")
    browser.sign_in("aa9999", PASSWORD)
    for subject in ("name", "address", "phone", "email", "username", "password", "client-code"):
        refused = browser.get(f"/account/{subject}")
        assert refused.status_code == 403
        assert 'href="/upgrade"' in refused.text


# ── Changing ─────────────────────────────────────────────────────────────────


def test_a_change_is_kept_told_and_shown(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """Before and after beside the audit event, a mail with a way to stop it, and the new value."""
    mailed()
    assert _save(holder, "/account/address", **ADDRESS) == 200
    assert "325 West F Street" in holder.page.text
    (change,) = _changes(world, person)
    assert change.subject == "address"
    assert change.before["city"] is None
    assert change.after["country"] == "US"
    (told,) = mailed()
    assert (told.message, told.to) == ("account_changed", person.email)
    assert told.link.startswith("/account/not-me?token=")
    assert world.audited()[-1] == "profile:person:changed"


def test_what_is_the_same_is_no_change(world: World, person: Account, holder: Browser):
    """Saving what stands there writes nothing and mails nothing."""
    assert _save(holder, "/account/phone", phone="619-555-0100") == 200
    assert _save(holder, "/account/phone") == 200
    assert "Nothing was different" in holder.page.text
    assert len(_changes(world, person)) == 1


PROBLEMS = [
    ("/account/name", {"first_name": "Ada", "last_name": ""}, "last_name"),
    ("/account/name", {"first_name": "Ada", "last_name": "x" * 101}, "last_name"),
    ("/account/address", {**ADDRESS, "county": ""}, "county"),
    ("/account/address", {**ADDRESS, "country": "Atlantis"}, "country"),
    ("/account/phone", {"phone": "1" * 33}, "phone"),
    ("/account/client-code", {"client_code_pattern": "## ##"}, "client_code_pattern"),
    ("/account/email", {"email": "nobody"}, "email"),
    ("/account/email", {"email": "a.attorney@example.org"}, "email"),
    ("/account/username", {"username": "short"}, "username"),
    ("/account/username", {"username": "SOMEONE.else"}, "username"),
]
"""Where, what is typed, and the field that it is wrong in."""


@ON_ONE
def test_a_problem_stands_at_its_field(world: World, holder: Browser):
    """And in the summary; what was typed stays, and nothing is changed."""
    world.account("someone.else", first_name="Other")
    for path, typed, field in PROBLEMS:
        assert _save(holder, path, **typed) == 400
        assert f"{field}-error" in holder.page.ids
        assert holder.response
        assert f'<a href="#{field}">' in holder.response.text
        assert holder.page.forms[0].fields[field] == typed[field]
        assert world.find("a.attorney").email == "a.attorney@example.org"


def test_two_tabs_do_not_overwrite_each_other(world: World, holder: Browser):
    """The second to save is told, keeps what it typed, and may save again."""
    holder.get("/account/phone")
    stale = holder.page.forms[0]
    assert _save(holder, "/account/phone", phone="+16195550100") == 200
    answer = holder.submit(stale, phone="+16195550199")
    assert answer.status_code == 409
    assert "changed since this page was opened" in holder.page.text
    assert holder.page.forms[0].fields["phone"] == "+16195550199"
    assert holder.submit(holder.page.forms[0]).status_code == 200
    assert "(619) 555-0199" in holder.page.text


def test_a_sensitive_change_asks_for_the_password_again(
    world: World, person: Account, holder: Browser
):
    """Older than five minutes: the password first, and then the form with what was typed."""
    holder.get("/account/username")
    form = holder.page.forms[0]
    _age(world, holder, 6)
    holder.submit(form, username="ada.attorney")
    assert "password" in holder.page.ids
    holder.submit(holder.page.forms[0], password=PASSWORD)
    assert holder.page.forms[0].fields["username"] == "ada.attorney"
    assert holder.submit(holder.page.forms[0]).status_code == 200
    assert world.find("ada.attorney").number == person.number
    _age(world, holder, 6)
    assert _save(holder, "/account/phone", phone="+16195550100") == 200


def test_a_new_username_is_the_one_to_sign_in_with(
    world: World, person: Account, holder: Browser, mailed: Mailed
):
    """The old one works no more; number and session stay."""
    mailed()
    assert _save(holder, "/account/username", username="ada.attorney") == 200
    assert "ada.attorney" in holder.page.text
    assert [one.to for one in mailed()] == [person.email]
    for username, status in (("a.attorney", 403), ("ada.attorney", 200)):
        browser = world.browser()
        browser.get("/login")
        assert browser.sign_in(username, PASSWORD).status_code == status


@ON_ONE
def test_a_firm_has_a_firms_name(world: World):
    """One field instead of a person's, and no courts."""
    world.account("the.firm.account", AccountKind.FIRM)
    browser = world.browser()
    browser.get("/account/name")
    world.enrol("the.firm.account")
    browser.sign_in("the.firm.account", PASSWORD)
    browser.submit(browser.page.forms[0], otp=world.code())
    assert browser.submit(browser.page.forms[0], firm_name="Attorney & Sons").status_code == 200
    assert "Attorney & Sons" in browser.page.text
    assert "Courts where you file" not in browser.page.text


def test_a_change_reaches_courts_at_the_next_refresh(
    world: World, person: Account, holder: Browser, allow: AllowProgram
):
    """The ID token of the refreshed family has the new name; nobody is signed out for that."""
    program = allow()
    world.clock.advance(seconds=1)
    assert _save(holder, "/account/name", last_name="Lovelace", first_name="Ada") == 200
    refreshed = program.party.checked(
        program.party.refresh(program.tokens.refresh_token), nonce=None
    )
    userinfo = program.party.userinfo(refreshed.access_token).json()
    assert userinfo["family_name"] == "Lovelace"


@ON_ONE
def test_a_rule_for_ones_own_client_codes(world: World, person: Account, holder: Browser):
    """It is shown in words and asked for at the next sign-in; without one nothing is asked."""
    typed = {"client_code_required": "1", "client_code_pattern": "####"}
    assert _save(holder, "/account/client-code", **typed) == 200
    assert "The client code must look like 1234 (pattern ####)." in holder.page.text
    (change,) = _changes(world, person)
    assert change.subject == "client_code"
    assert change.after == {"client_code_required": True, "client_code_pattern": "####"}
    other = world.browser()
    other.get("/account")
    other.sign_in("a.attorney", PASSWORD)
    assert "client_code" in other.page.ids
    other.submit(other.page.forms[0], client_code="4711")
    assert "Your account" in other.page.text
    typed = {"client_code_required": "", "client_code_pattern": ""}
    assert _save(holder, "/account/client-code", **typed) == 200
    assert "Optional, and of any form" in holder.page.text


def test_a_rested_search_is_restored_by_its_owner(world: World, person: Account, holder: Browser):
    """Only one that rested for want of use; what an operator switched off stays off."""
    off = {"search_status": "inactive", "search_status_reason": "Fees are due."}
    world.change_account(person, **off)
    holder.get("/account")
    assert "Fees are due." in holder.page.text
    assert "restore" not in holder.page.ids
    world.change_account(person, search_status_reason=search.UNUSED)
    holder.get("/account")
    form = next(one for one in holder.page.forms if one.action.endswith("restore"))
    for _ in range(2):
        holder.submit(form)
        assert "Your case search is active." in holder.page.text


# ── Password ─────────────────────────────────────────────────────────────────


def test_a_new_password_ends_everything_else(
    world: World, person: Account, holder: Browser, allow: AllowProgram, mailed: Mailed
):
    """Other sessions, every grant; this browser goes on under a new cookie, and the page says so."""
    program = allow()
    other = world.browser()
    other.get("/account")
    other.sign_in("a.attorney", PASSWORD)
    before = dict(holder.http.cookies)
    world.clock.advance(seconds=1)
    mailed()
    holder.get("/account/password")
    answer = holder.submit(holder.page.forms[0], current_password=PASSWORD, password=NEW_PASSWORD)
    assert answer.status_code == 200
    assert "this browser stays signed in" in holder.page.text
    assert holder.http.cookies["signon_session"] != before["signon_session"]
    other.get("/account")
    assert "password" in other.page.ids
    refused = program.party.refresh(program.tokens.refresh_token)
    assert refused.json()["error"] == "invalid_grant"
    assert program.call("GET", "/me").status_code == 401
    assert [one.message for one in mailed()] == ["account_changed"]
    assert _changes(world, person)[0].after == {}
    again = world.browser()
    again.get("/login")
    assert again.sign_in("a.attorney", NEW_PASSWORD).status_code == 200


NOT_TAKEN = [
    ("not the right one", NEW_PASSWORD, "current_password"),
    ("", NEW_PASSWORD, "current_password"),
    (PASSWORD, "too short", "password"),
    (PASSWORD, PASSWORD, "password"),
    (PASSWORD, "aaaaaaaaaaaaaaaaaaaa", "password"),
    (PASSWORD, "a.attorney@example.org", "password"),
    (PASSWORD, "united states court of federal claims", "password"),
]
"""The present password as typed, the new one, and the field that is wrong."""


@ON_ONE
def test_a_password_that_is_not_taken(holder: Browser):
    """The reason stands at the field, and no password comes back."""
    for current, new, field in NOT_TAKEN:
        holder.get("/account/password")
        answer = holder.submit(holder.page.forms[0], current_password=current, password=new)
        assert answer.status_code == 400
        assert f"{field}-error" in holder.page.ids
        assert new not in answer.text.replace("data-words", "") or field == "password"
        assert holder.page.forms[0].fields["password"] == ""


def test_guessing_the_present_password_has_to_wait(world: World, holder: Browser):
    """As at the sign-in in a known device: ten, then a few, then a wait; the activity has each."""
    for _ in range(known_devices.TRIES + 5):
        holder.get("/account/password")
        holder.submit(holder.page.forms[0], current_password="no", password=NEW_PASSWORD)
    holder.get("/account/password")
    answer = holder.submit(holder.page.forms[0], current_password=PASSWORD, password=NEW_PASSWORD)
    assert answer.status_code == 429
    assert int(answer.headers["retry-after"]) > 0
    holder.get("/account/activity")
    assert "A change of password failed: the password was wrong" in holder.page.text


@ON_ONE
def test_a_busy_moment_is_no_guess(holder: Browser, monkeypatch: pytest.MonkeyPatch):
    """Nor is the right password with a new one that is none: neither makes anybody wait."""
    holder.get("/account/password")
    form = holder.page.forms[0]

    async def refuse(*_: object) -> None:
        raise BusyError("Many people are signing in right now.", retry_after=2)

    with monkeypatch.context() as busy:
        busy.setattr(HashingGate, "run_before", refuse)
        for _ in range(known_devices.TRIES + 5):
            answer = holder.submit(form, current_password=PASSWORD, password=NEW_PASSWORD)
            assert answer.status_code == 503
    for _ in range(known_devices.TRIES + 5):
        answer = holder.submit(form, current_password=PASSWORD, password=PASSWORD)
        assert answer.status_code == 400
    assert holder.submit(form, current_password=PASSWORD, password=NEW_PASSWORD).status_code == 200


# ── Sessions and applications ────────────────────────────────────────────────


def _signed_in_elsewhere(world: World) -> Browser:
    other = world.browser()
    other.http.headers["user-agent"] = "Mozilla/5.0 (X11; Linux x86_64) Firefox/140.0"
    other.get("/account/security")
    other.sign_in("a.attorney", PASSWORD)
    return other


def test_one_session_is_ended_from_another(world: World, holder: Browser):
    """It is shown by its browser's name; ending it signs it out there."""
    other = _signed_in_elsewhere(world)
    holder.get("/account/security")
    assert "Firefox on Linux" in holder.page.text
    ends = [form for form in holder.page.forms if form.action == "/account/sessions/end"]
    with world.database.reading() as unit:
        firefox = sessions.c.user_agent.contains("Firefox")
        latest = sessions.select().where(firefox)
        row = unit.execute(latest).one()
    form = next(form for form in ends if form.fields["session"] == row.id)
    holder.submit(form)
    assert "The session is ended." in holder.page.text
    other.get("/account")
    assert "password" in other.page.ids
    holder.submit(form)
    assert holder.response
    assert holder.response.status_code == 200


@ON_ONE
def test_all_other_sessions_are_ended(world: World, holder: Browser):
    """This one goes on."""
    others = [_signed_in_elsewhere(world) for _ in range(2)]
    holder.get("/account/security")
    form = next(one for one in holder.page.forms if one.action.endswith("end-others"))
    holder.submit(form)
    assert holder.page.text.count("This browser") == 1
    for other in others:
        other.get("/account")
        assert "password" in other.page.ids


def test_nobody_ends_another_persons_session(world: World, holder: Browser):
    """A foreign id does nothing."""
    world.account("someone.else", first_name="Other")
    other = world.browser()
    other.get("/account/security")
    other.sign_in("someone.else", PASSWORD)
    holder.get("/account/security")
    (form,) = [one for one in other.page.forms if one.action == "/account/sessions/end"]
    own = next(one for one in holder.page.forms if one.action == "/account/sessions/end")
    holder.submit(own, session=form.fields["session"])
    other.get("/account")
    assert "someone.else" in other.page.text


def test_an_application_is_withdrawn(world: World, holder: Browser, allow: AllowProgram):
    """Its tokens end at once, and it has to ask for consent again."""
    program = allow()
    holder.get("/account/apps")
    assert "Docket Watch" in holder.page.text
    form = next(one for one in holder.page.forms if one.action.endswith("withdraw"))
    holder.submit(form)
    assert "Docket Watch Signed in" not in " ".join(holder.page.text.split())
    assert program.call("GET", "/me").status_code == 401
    program.party.begin()
    assert "allow" in program.party.browser.page.ids


# ── Frozen ───────────────────────────────────────────────────────────────────


@ON_ONE
def test_a_link_that_is_none_says_so(world: World):
    """In one sentence with the next step."""
    browser = world.browser()
    for path in (
        "/account/not-me",
        "/account/email/confirm",
        "/account/email/agree",
        "/account/email/undo",
    ):
        for token in ("", "?token=made-up"):
            answer = browser.get(path + token)
            assert answer.status_code == 403
            assert "not one of ours" in browser.page.text
