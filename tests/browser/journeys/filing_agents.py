"""A filing agent in a browser: named, accepted, chosen, filed, switched, withdrawn at once."""

from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.looking import Look
from tests.browser.walking import (
    expect_heading,
    fill_in,
    go_on,
    menu_bar,
    sign_in,
    sign_in_as,
)
from tests.demo.running import Running


def at_home(page: Page, demo: Running, purpose: str) -> None:
    """Signed in at the provider, on the page of filing agents."""
    person = demo.person(purpose)
    sign_in_as(page, demo, person["username"], person["password"])
    page.goto(f"{demo.address('signon')}/account/agents")


def end(page: Page, demo: Running, name: str, reason: str) -> None:
    """The pair with somebody of that name, from the list."""
    page.goto(f"{demo.address('signon')}/account/agents")
    page.get_by_role("row").filter(has_text="In force").get_by_role("link", name=name).click()
    fill_in(page, reason=reason)
    page.locator("#end").click()
    expect(page.get_by_text("It has ended.")).to_be_visible()


def name_and_accept(trustee: Page, agent: Page, demo: Running, look: Look | None) -> None:
    """The trustee names the agent, who accepts as soon as it is there."""
    trustee.get_by_role("link", name="Name an agent").click()
    number = demo.person("filing_agent")["account_number"]
    fill_in(trustee, account_number=number, last_name="Ackerman")
    trustee.locator("#may_pay").check()
    if look:
        look(trustee, "agents-1-naming")
    trustee.locator("#name").click()
    expect(trustee.get_by_text("Not answered yet")).to_be_visible()
    for _ in range(100):
        agent.reload()
        if agent.locator("#accept").count():
            break
        agent.wait_for_timeout(200)
    if look:
        look(agent, "agents-2-asked")
    agent.locator("#accept").click()
    expect(agent.get_by_text("You are their filing agent at this court.")).to_be_visible()


def choose(page: Page, name: str) -> None:
    """For whom, on the page that asks."""
    expect_heading(page, "For whom do you file?")
    page.get_by_role("radio", name=name).check()
    page.locator("#continue").click()


def test_a_filing_agent(demo: Running, new_page: NewPage, look: Look):
    """Name, accept, choose, file, switch, withdraw: the menu is gone at the court's next page."""
    trustee, agent = new_page(), new_page()
    at_home(trustee, demo, "trustee")
    at_home(agent, demo, "filing_agent")
    end(trustee, demo, "Fay Ackerman", "To begin anew")
    name_and_accept(trustee, agent, demo, look)
    look(agent, "agents-3-accepted")

    court = demo.address("casb")
    agent.goto(f"{court}/login")
    go_on(agent, demo.person("filing_agent"))
    look(agent, "agents-4-choosing")
    choose(agent, "Tessa Quill")
    expect(agent).to_have_url(f"{court}/")
    expect(agent.get_by_text("Filing for Tessa Quill")).to_be_visible()
    assert "Trustee" in menu_bar(agent).all_inner_texts()
    agent.goto(f"{court}/file/bankruptcy/motion")
    fill_in(agent, case="26-00017")
    agent.locator("#file").click()
    expect(agent.get_by_text("Fay Ackerman on behalf of Tessa Quill")).to_be_visible()
    look(agent, "agents-5-filed")

    agent.get_by_role("link", name="Change").click()
    choose(agent, "Lena Marsh")
    expect(
        agent.get_by_text("Filing for Lena Marsh at the United States Bankruptcy Court")
    ).to_be_visible()
    look(agent, "agents-6-switched")
    agent.get_by_role("link", name="Return to the court").click()
    expect(agent.get_by_text("You file for Lena Marsh now.")).to_be_visible()
    assert "Trustee" not in menu_bar(agent).all_inner_texts()
    agent.get_by_role("link", name="Change").click()
    choose(agent, "Tessa Quill")
    agent.get_by_role("link", name="Return to the court").click()
    assert "Trustee" in menu_bar(agent).all_inner_texts()

    trustee.goto(f"{demo.address('signon')}/account/agents")
    trustee.get_by_role("row").filter(has_text="In force").get_by_role(
        "link", name="Fay Ackerman"
    ).click()
    look(trustee, "agents-7-log")
    end(trustee, demo, "Fay Ackerman", "Left the office")
    for _ in range(50):
        agent.goto(court)
        if not menu_bar(agent).filter(has_text="Bankruptcy").count():
            break
        agent.wait_for_timeout(200)
    assert "Bankruptcy" not in menu_bar(agent).all_inner_texts()
    look(agent, "agents-8-menu-gone")

    # as the demonstration had it, for whoever comes next
    other = new_page()
    at_home(other, demo, "filing_agent")
    trustee.goto(f"{demo.address('signon')}/account/agents")
    name_and_accept(trustee, other, demo, None)
    sign_in(new_page(), demo, "trustee", "casb")
