"""The console's filers, certificates and legacy logins, as a browser meets them."""

import re
from typing import Any

import pytest

from signon.accounts.directory import Account
from signon.notices import mail
from tests.court.conftest import CourtHouse
from tests.infra.browser import Browser, Form
from tests.infra.databases import ON_ONE
from tests.infra.world import World


@pytest.fixture
def filer(world: World) -> Account:
    """`a.attorney` with an active right at `casb`."""
    account = world.account()
    world.right(account)
    return account


@pytest.fixture
def clerk(courthouse: CourtHouse) -> Browser:
    """A clerk's browser."""
    courthouse.staff("clerk")
    return courthouse.sign_in("clerk.casb")


def form(browser: Browser, end: str) -> Form:
    """The page's form whose address ends so."""
    return next(one for one in browser.page.forms if one.action.endswith(end))


def mailed(world: World, message: str) -> list[dict[str, Any]]:
    """The mails of a kind."""
    return [one for one in world.queued(mail.KIND) if one["message"] == message]


@ON_ONE
def test_a_clerk_finds_suspends_and_restores(world: World, clerk: Browser, filer: Account):
    """By name; the reason is needed, shown and mailed; the checklist says what is so."""
    found = clerk.get("/court/casb/filers?q=attorney")
    assert filer.number in found.text
    at = f"/court/casb/filers/{filer.number}"
    page = clerk.get(at)
    assert f"{filer.display_name} can file here" in page.text
    here = [one.action for one in clerk.page.forms if one.action.startswith(at)]
    assert here == [f"{at}/password-link"]
    page = clerk.get(f"{at}/suspend")
    assert "What happens" in page.text
    page = clerk.submit(form(clerk, "/suspend"), suspend_reason=" ")
    assert "Say why" in page.text
    page = clerk.submit(form(clerk, "/suspend"), suspend_reason="Fees <unpaid>")
    assert "The filing rights are suspended." in page.text
    assert f"{filer.display_name} cannot file here now" in page.text
    assert "Fees &lt;unpaid&gt;" in page.text
    assert "State: In force → Suspended" in page.text
    assert "Filing rights suspended." in page.text
    assert "filing:right" not in page.text
    page = clerk.submit(form(clerk, "/restore"))
    assert "The suspension is ended." in page.text
    clerk.get(f"{at}/roles")
    page = clerk.submit(form(clerk, "/roles"), roles="attorney", cases="not a case")
    assert "is not one of a bankruptcy court" in page.text
    page = clerk.submit(form(clerk, "/roles"), roles="attorney", cases="20-01234")
    assert "Cases: all cases of the role → 20-01234" in page.text
    clerk.get(f"{at}/unlink")
    page = clerk.submit(form(clerk, "/unlink"), unlink_reason="Moved")
    assert "None at present" in page.text
    assert clerk.get(f"{at}/unlink").text.count("cannot file here now")
    assert len(mailed(world, "filing_right")) == 4
    assert clerk.get("/court/casb/filers/0000000").status_code == 404
    assert "Search for 2 characters" in clerk.get("/court/casb/filers?q=a").text


@ON_ONE
def test_certificates_one_by_one_and_many(clerk: Browser, filer: Account):
    """Recorded, reported line by line, withdrawn."""
    at = "/court/casb/certificates"
    page = clerk.get(f"{at}/record?account_number={filer.number}")
    assert f'value="{filer.number}"' in page.text
    typed = {"role": "attorney", "certified_on": "2026-01-05"}
    page = clerk.submit(form(clerk, "/certificates"), account_number="0000000", **typed)
    assert "has no filer" in page.text
    page = clerk.submit(form(clerk, "/certificates"), account_number=filer.number, **typed)
    assert "The certificate is recorded." in page.text
    assert not [one for one in clerk.page.forms if "/certificates" in one.action]
    clerk.get(f"{at}/list")
    lines = f"account_number,role,certified_on\n{filer.number},mediator,2026-01-05\n1,judge,x\n"
    page = clerk.submit(form(clerk, "/certificates/list"), lines=lines)
    assert "Recorded" in page.text
    assert "Refused" in page.text
    page = clerk.submit(form(clerk, "/certificates/list"), lines="nonsense")
    assert "must name the columns" in page.text
    found = re.search(rf'href="({at}/\w{{26}})"', clerk.get(at).text)
    assert found
    there = found[1]
    assert "What happens" in clerk.get(there).text
    page = clerk.submit(form(clerk, there), reason=" ")
    assert "Say why" in page.text
    page = clerk.submit(form(clerk, there), reason="Not attended")
    assert "The certificate is withdrawn" in page.text
    assert "Not attended" in page.text
    assert "What happens" not in clerk.get(there).text


@ON_ONE
def test_the_help_desk_has_a_proof_mailed(world: World, courthouse: CourtHouse):
    """It sees the address on file and never the link; read-only sees no button."""
    world.legacy_logins("casb", ["jdoe"])
    courthouse.staff("help_desk")
    courthouse.staff("read_only")
    desk = courthouse.sign_in("help.desk.casb")
    assert "a.attorney@court.example.com" in desk.get("/court/casb/logins?q=JDOE").text
    page = desk.submit(next(one for one in desk.page.forms if "/logins/" in one.action))
    assert "on its way to the address on file" in page.text
    assert "token=" not in page.text
    assert [sent["to"] for sent in mailed(world, "link_proof")] == ["a.attorney@court.example.com"]
    reader = courthouse.sign_in("read.only.casb")
    page = reader.get("/court/casb/logins")
    assert "Mail a proof" not in page.text
    stolen = next(
        one for one in desk.get("/court/casb/logins").text.split('"') if "/logins/" in one
    )
    assert reader.http.post(stolen, data={}).status_code in {400, 403}
