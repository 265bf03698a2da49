"""An account that somebody else got hold of, from both sides."""

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.enrolling import PASSWORD, make_person
from tests.browser.looking import Look
from tests.browser.walking import expect_heading, fill_in, mailed_link, newest_mail, sign_in_as
from tests.demo.running import Running

THIEFS = "nobody guesses this one of mine"
OWNERS = "nine swans under the old bridge"


def test_the_owner_takes_it_back(demo: Running, new_page: NewPage, look: Look):
    """The thief has changed name, username and password; the owner has a mail about each."""
    email = make_person(demo, "taken.back")
    thief, owner = new_page(), new_page(viewport={"width": 375, "height": 812})
    sign_in_as(thief, demo, "taken.back", PASSWORD)
    account = f"{demo.address('signon')}/account"
    thief.goto(f"{account}/name")
    fill_in(thief, first_name="Rob", last_name="Berry")
    thief.locator("#save").click()
    expect_heading(thief, "Your account")
    thief.goto(f"{account}/username")
    fill_in(thief, username="rob.berry")
    thief.locator("#save").click()
    expect_heading(thief, "Security")
    thief.goto(f"{account}/password")
    fill_in(thief, current_password=PASSWORD, password=THIEFS)
    thief.locator("#save").click()
    expect(thief.get_by_text("this browser stays signed in")).to_be_visible()

    newest_mail(owner, demo, email, "Your PACER account was changed", least=3)
    owner.goto(mailed_link(owner, demo, email, "Your PACER account was changed"))
    expect_heading(owner, "Take your account back")
    for text in ("The name was changed", "The username was changed", "The password was changed"):
        owner.get_by_label(text).check()
    look(owner, "taking-back-owner")
    fill_in(owner, new_password=OWNERS)
    owner.locator("#take_back").click()
    expect_heading(owner, "The account is yours again")
    look(owner, "taken-back-owner")

    thief.reload()
    thief.goto(account)
    expect(thief.locator("#password")).to_be_visible()
    fill_in(thief, username="rob.berry", password=THIEFS)
    thief.locator("#login").click()
    expect(thief.get_by_role("alert")).to_be_visible()
    look(thief, "taken-back-thief")
    sign_in_as(owner, demo, "taken.back", OWNERS)
    owner.goto(account)
    expect(owner.get_by_text("Ines Weir").first).to_be_visible()
