"""The console: who may open it, what it shows, and what its buttons do."""

from sqlalchemy import select

from signon.accounts.directory import Account
from signon.accounts.models import AccountStatus, accounts
from signon.audit.models import events
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.operators.conftest import SignIn
from tests.signin.browser import Browser


def _actors(world: World, event: str) -> list[str]:
    with world.database.reading() as unit:
        rows = unit.execute(select(events.c.actor).where(events.c.event == event))
        return list(rows.scalars())


@ON_ONE
def test_others_find_no_such_page(signed_in: SignIn, person: Account):
    """404 for whoever is signed in as somebody else, also for the buttons."""
    browser = signed_in("a.attorney")
    token = browser.get("/logout").forms[0].fields["csrf_token"]
    for path in ("/operators", f"/operators/accounts/{person.number}"):
        assert browser.get(path).status == 404
    act = f"/operators/accounts/{person.number}/enable"
    assert browser.post(act, {"csrf_token": token}).status == 404


@ON_ONE
def test_operators_are_led_to_the_console(signed_in: SignIn):
    """From the page after the sign-in; others are not."""
    for name, is_led in (("olive.operator", True), ("a.attorney", False)):
        browser = signed_in(name)
        assert ('href="/operators"' in browser.get("/").html) is is_led


@ON_ONE
def test_a_stranger_signs_in_first(world: World, operator: Account):
    """And comes back to the page that was asked for."""
    browser = Browser(world.http, world.settings.issuer)
    asked = browser.get(f"/operators/accounts/{operator.number}")
    assert asked.location.startswith("/login?journey=")
    world.enrol("olive.operator")
    done = browser.sign_in("olive.operator", "correct horse battery staple", asked.location)
    done = browser.submit(browser.follow(done), "continue", otp=world.code())
    assert done.location == f"/operators/accounts/{operator.number}"
    assert browser.follow(done).heading == "Olive Operator"


def test_finding(signed_in: SignIn, person: Account):
    """By number, username, address, name, and by a part of one."""
    browser = signed_in("olive.operator")
    for words in (person.number, "A.Attorney", "a.attorney@EXAMPLE.org", "ada++attorney", "attorn"):
        page = browser.get(f"/operators?q={words}")
        assert person.number in page.text, words
        assert "olive.operator" not in page.text.partition("found.")[2]


def test_finding_nobody(signed_in: SignIn):
    """Said in a sentence; signs that mean something to a database mean themselves."""
    browser = signed_in("olive.operator")
    for words in ("nobody.here", "%25", "__", "a"):
        page = browser.get(f"/operators?q={words}")
        assert page.status == 200
        assert "<table" not in page.html, words


def test_an_account(signed_in: SignIn, person: Account):
    """The answer first, then facts, living sessions and sign-ins; no secret."""
    signed_in("a.attorney")
    page = signed_in("olive.operator").get(f"/operators/accounts/{person.number}")
    for told in ("This account can sign in", "a.attorney@example.org", "Jan 2, 1970"):
        assert told in page.text
    for told in ("Living sessions 1", "Active", "Password right"):
        assert told in page.text
    assert "argon2" not in page.html
    assert signed_in("olive.operator").get("/operators/accounts/0000000").status == 404


def test_disabling_and_enabling(
    world: World, signed_in: SignIn, person: Account, operator: Account
):
    """With a reason, which stays when it will not do; what was signed in ends; audited by whom."""
    theirs = signed_in("a.attorney")
    browser = signed_in("olive.operator")
    path = f"/operators/accounts/{person.number}"
    refused = browser.submit(browser.get(f"{path}/disable"), "disable", disable_reason="x" * 301)
    assert refused.status == 400
    assert 'href="#disable_reason"' in refused.html
    assert "x" * 301 in refused.html
    world.clock.advance(seconds=1)
    done = browser.submit(refused, "disable", disable_reason="left the firm")
    assert "is disabled" in browser.follow(done).text
    assert theirs.get("/").heading == "One account for every court"
    stands = browser.get(path).text
    assert "This account cannot sign in It is disabled: left the firm." in stands
    assert "The account was disabled: left the firm." in stands
    again = browser.submit(refused, "disable", disable_reason="once more")
    assert "disabled already" in again.text
    browser.submit(browser.get(f"{path}/enable"), "enable")
    assert world.find("a.attorney").status is AccountStatus.ACTIVE
    assert _actors(world, "accounts:account:disabled") == [operator.id]
    assert _actors(world, "accounts:account:enabled") == [operator.id]


def test_the_other_buttons(world: World, signed_in: SignIn, person: Account, operator: Account):
    """Sign out, recover, search off and on, thaw, release: each does it once and says so."""
    browser = signed_in("olive.operator")
    path = f"/operators/accounts/{person.number}"
    world.change_account(person, frozen_at=world.clock())
    assert browser.get(f"{path}/recover").location == path
    assert f'href="{path}/recover"' not in browser.get(path).html
    for button, fields in (
        ("thaw", {}),
        ("sign-out", {}),
        ("recover", {}),
        ("search-off", {"search_reason": "fees unpaid"}),
        ("search-on", {}),
        ("reset-factors", {"factors_reason": "phone burnt"}),
        ("keep-factors", {}),
    ):
        if button == "reset-factors":
            world.enrol("a.attorney")
        done = browser.submit(browser.get(f"{path}/{button}"), button, **fields)
        assert done.location == f"{path}?done={button}", done.text
        assert "Done" in browser.follow(done).text
    world.change_account(person, status="held")
    assert person.number in browser.get("/operators").text
    browser.submit(browser.get(f"{path}/release"), "release")
    assert "Waiting for a review" not in browser.get("/operators").text
    assert world.find("a.attorney").is_active
    for event in (
        *("accounts:account:thawed", "accounts:account:signed_out", "recovery:link:started"),
        *("accounts:search:switched_off", "accounts:search:switched_on"),
        *("signin:factor_reset:asked", "signin:factor_reset:stopped"),
        "accounts:account:released",
    ):
        assert _actors(world, event) == [operator.id]
    with world.database.reading() as unit:
        assert [mail["message"] for mail in world.queued("mail")] == [
            *("choose_password", "factor_reset", "account_changed", "account_released")
        ]
        link = unit.scalar(select(accounts.c.password).where(accounts.c.id == person.id))
    assert link is not None
    assert browser.post(f"{path}/promote", {"csrf_token": "x"}).status in {400, 404}


def test_what_an_account_page_answers(world: World, signed_in: SignIn, person: Account):
    """Whether it can be signed in to, if not why, and the one act that changes it."""
    browser = signed_in("olive.operator")
    path = f"/operators/accounts/{person.number}"
    for change, answer, act in (
        ({"status": "held"}, "This account cannot sign in yet", "release"),
        ({"status": "disabled"}, "This account cannot sign in", "enable"),
        ({"status": "active", "frozen_at": world.clock()}, "but changes are stopped", "thaw"),
        ({"frozen_at": None, "password_changed_at": None}, "It has no password yet", "recover"),
    ):
        world.change_account(person, **change)
        page = browser.get(path)
        assert answer in page.text
        assert f'<a class="btn" href="{path}/{act}"' in " ".join(page.html.split())


def test_nothing_raw_stands_on_an_account_page(
    world: World, signed_in: SignIn, person: Account, operator: Account
):
    """Its history is in sentences: no field names, no enum values, no moment as machines say it."""
    browser = signed_in("olive.operator")
    path = f"/operators/accounts/{person.number}"
    world.enrol("a.attorney")
    for name, fields in (
        ("search-off", {"search_reason": "Fees are unpaid."}),
        ("search-on", {}),
        ("reset-factors", {"factors_reason": "phone burnt"}),
        ("keep-factors", {}),
    ):
        browser.submit(browser.get(f"{path}/{name}"), name, **fields)
    page = browser.get(path)
    for sentence in (
        "Case search was made inactive: Fees are unpaid.",
        "Case search was made active.",
        "The removal of all second factors was asked for.",
        "The removal of the second factors was stopped.",
        "by olive.operator",
    ):
        assert sentence in page.text
    for raw in ("search_status", "factor_reset", "due_at", "signin:", "None.", "+00:00"):
        assert raw not in page.text
