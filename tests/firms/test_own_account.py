"""Nobody acts on the own account for a firm: joining, leaving and managing it are others' to give."""

from typing import Any

import pytest

from signon.accounts.directory import Account
from signon.errors import RefusedError
from signon.firms import answering, bulk, invitations
from signon.firms.bulk import Mode
from signon.firms.models import InvitationKind
from tests.firms.conftest import HERE, Office, asking, now
from tests.firms.test_pages import enter, text
from tests.infra.databases import ON_ONE
from tests.infra.world import World

OWN = "urn:signon:problem:own-account"


@pytest.fixture
def manager(world: World, office: Office, ada: Account) -> Account:
    """`a.attorney`, administrator and member of the firm."""
    office.administrate(ada)
    office.join(ada)
    world.enrol(ada.username)
    return ada


def test_the_own_membership_is_not_changed_at_the_desk(
    world: World, office: Office, manager: Account, bob: Account
):
    """Cost center, removal, removal in a list, the own administration; leaving is the member's."""
    office.join(bob)
    mine, at = office.program("a.attorney", "openid firm account"), f"/firms/{office.number}"
    mine.call("POST", f"{at}/cost-centers", json={"code": "NY", "name": "New York"})
    one = f"{at}/members/{manager.number}"
    calls: list[tuple[str, str, Any]] = [
        ("PATCH", one, {"cost_center": "NY"}),
        ("POST", f"{one}/remove", {"remark": "x"}),
        ("DELETE", f"{at}/administrators/{manager.number}", None),
    ]
    for method, path, body in calls:
        refused = mine.call(method, path, json=body)
        assert refused.json()["type"] == OWN, path
    both = {"remark": "x", "account_numbers": [bob.number, manager.number]}
    refused = mine.call("POST", f"{at}/members/removals", json=both)
    assert [line["type"] for line in refused.json()["lines"]] == [OWN]
    some = mine.call("POST", f"{at}/members/removals?mode=partial", json=both)
    assert some.json()["done"] == 1
    assert now(world, manager).firm_number == office.number
    assert now(world, bob).firm_number is None
    assert mine.call("POST", "/me/firm/leave", json={"remark": "x"}).status_code == 204
    assert now(world, manager).firm_number is None


@pytest.mark.parametrize("kind", [InvitationKind.MEMBER, InvitationKind.ADMINISTRATOR])
@ON_ONE
def test_nobody_invites_themselves(
    world: World, office: Office, ada: Account, kind: InvitationKind
):
    """By number, by the own address, in a list."""
    office.administrate(ada)
    asked = [
        office.ask(ada, kind),
        asking(first_name="Ada", email=ada.email.replace("@", "+me@")),
    ]
    for one in asked:
        with pytest.raises(RefusedError) as refused, world.database.writing() as unit:
            invitations.invite(unit, office.authority(ada), one)
        assert refused.value.reason == "own_account"
    with world.database.writing() as unit:
        done = bulk.invite(unit, office.authority(ada), asked, Mode.CHECK, is_acknowledged=True)
    assert [line.type for line in done.lines] == [OWN, OWN]


@ON_ONE
def test_nobody_accepts_what_they_sent(world: World, office: Office, ada: Account):
    """An address that was another's when it was invited, and is the own one now."""
    office.administrate(ada)
    wanted = asking(first_name="Ada", email="second@example.org")
    with world.database.writing() as unit:
        made = invitations.invite(unit, office.authority(ada), wanted)
    office.deliver()
    [mailed] = [one for one in office.mails("firm_invitation") if one["to"] == wanted.email]
    token = str(mailed["invitation_url"]).partition("token=")[2]
    with pytest.raises(RefusedError) as refused, world.database.writing() as unit:
        answering.accept(unit, now(world, ada), made.id, leaves=None, source=HERE, token=token)
    assert refused.value.reason == "own_account"


@ON_ONE
def test_the_page_has_no_buttons_for_oneself(world: World, office: Office, manager: Account):
    """One's own line of the members is to be read only."""
    at = f"/firm/{office.number}/members/{manager.number}"
    browser = enter(world, "a.attorney", at)
    assert "This is your own account" in text(browser)
    assert not [form for form in browser.page.forms if form.action.startswith(at)]
