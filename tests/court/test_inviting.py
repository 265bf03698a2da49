"""Programs that a court lets register themselves: on its own hosts, with no scope of an interface."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from signon.clients import invitations
from signon.clients.invitations import Bounds, Given
from signon.clients.inviters import COURTS, OPERATORS, Inviter
from signon.clients.scopes import API_SCOPES
from signon.courts import registry as courts
from signon.courts.staff import StaffRole
from signon.errors import InputError, NotFoundError, RefusedError
from signon.filing.court.desk import POWERS, Desk, Power
from tests.court.conftest import CourtHouse
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World

HOST = "ecf.casb.uscourts.gov"
BOUNDS: dict[str, Any] = {"profile": "fapi2", "hosts": [HOST], "court": "casb"}
HOUR = timedelta(hours=1)


def test_a_court_gives_less_than_an_operator():
    """Nothing without PKCE, nothing that opens the REST interface."""
    assert set(COURTS.profiles) < set(OPERATORS.profiles)
    assert not set(COURTS.scopes) & API_SCOPES
    assert set(COURTS.scopes) < set(OPERATORS.scopes)


def test_administrators_invite_and_nobody_else():
    """By the table of powers."""
    held = {role for role in StaffRole if Power.INVITE in POWERS[role]}
    assert held == {StaffRole.ADMINISTRATOR}


def invite(world: World, desk: Desk, **given: Any) -> str:
    with world.database.writing() as unit:
        bounds = Bounds(**{**BOUNDS, **given})
        inviter = Inviter(desk.actor, desk.court)
        return invitations.invite(unit, bounds, lasts=HOUR, inviter=inviter).invitation_id


@ON_ONE
@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"profile": "basic"}, "profile"),
        ({"hosts": [HOST, "evil.test"]}, "hosts"),
        ({"hosts": ["evilcasb.uscourts.gov"]}, "hosts"),
        ({"hosts": ["uscourts.gov"]}, "hosts"),
        ({"hosts": ["ecf.cacd.uscourts.gov"]}, "hosts"),
        ({"scopes": ["openid", "court"]}, None),
        ({"scopes": ["openid", "account"]}, None),
        ({"court": "cacd", "hosts": [HOST]}, None),
        ({"court": None}, None),
    ],
)
def test_a_court_stays_within_its_own(
    world: World, courthouse: CourtHouse, given: dict[str, Any], field: str | None
):
    """An operator may all of it; one rule each."""
    desk = courthouse.staff("administrator")
    with pytest.raises((InputError, RefusedError)) as refused:
        invite(world, desk, **given)
    if field:
        assert getattr(refused.value, "field", None) == field
    else:
        assert getattr(refused.value, "reason", None) == "beyond_court"
    with world.database.writing() as unit:
        operator = Inviter("command_line")
        invitations.invite(unit, Bounds(**{**BOUNDS, **given}), lasts=HOUR, inviter=operator)


@ON_ONE
def test_the_court_s_own_domain_is_its_own(world: World, courthouse: CourtHouse):
    """And every host below it, in any case of letters."""
    desk = courthouse.staff("administrator")
    invite(
        world, desk, hosts=["casb.uscourts.gov", "ECF.casb.uscourts.gov", "a.b.casb.uscourts.gov"]
    )


@ON_ONE
@pytest.mark.parametrize("own", ["localhost", "127.0.0.1", "ecf.gov"])
def test_a_court_without_a_domain_has_its_host(world: World, courthouse: CourtHouse, own: str):
    """As in the demonstration; never a whole top-level domain or network."""
    desk = courthouse.staff("administrator")
    court = replace(desk.court, cmecf_url=f"https://{own}:8443/")
    assert Inviter(desk.actor, court).domain == own


def given_at(world: World, court: str | None) -> list[Given]:
    with world.database.reading() as unit:
        at = courts.read_one(unit, court) if court else None
        return invitations.given(unit, Inviter("x", at))


def test_an_invitation_is_withdrawn_until_it_is_used(world: World, courthouse: CourtHouse):
    """Then its client is disabled instead; another court's is not seen."""
    desk, other = courthouse.staff("administrator"), courthouse.staff("administrator", "cacd")
    first, second = invite(world, desk), invite(world, desk)
    assert {one.invitation.id for one in given_at(world, "casb")} == {first, second}
    assert given_at(world, "cacd") == []
    with world.database.writing() as unit, pytest.raises(NotFoundError):
        invitations.withdraw(unit, Inviter(other.actor, other.court), first)
    with world.database.writing() as unit:
        invitations.withdraw(unit, Inviter(desk.actor, desk.court), first)
    with world.database.writing() as unit, pytest.raises(NotFoundError):
        invitations.withdraw(unit, Inviter(desk.actor, desk.court), first)
    assert [one.invitation.id for one in given_at(world, None)] == [second]
    assert world.audited().count("clients:invitation:withdrawn") == 1


@ON_ONE
def test_by_rest_from_the_invitation_to_the_consent(world: World, courthouse: CourtHouse):
    """The token once; what registered itself asks people first, though it is the court's."""
    courthouse.staff("administrator")
    caller = courthouse.tool("administrator.casb")
    at = "/courts/casb/client-invitations"
    sent = {"profile": "standard", "hosts": [HOST]}
    refused = caller.call("POST", at, json={**sent, "scopes": ["court"]})
    assert refused.json()["type"] == "urn:signon:problem:beyond-court"
    made = caller.call("POST", at, json=sent)
    assert made.status_code == 201, made.text
    token = made.json()["initial_access_token"]
    asked = {"client_name": "Calendar", "redirect_uris": [f"https://{HOST}/callback"]}
    bearer = {"authorization": f"Bearer {token}"}
    client = world.http.post("/oauth2/register", json=asked, headers=bearer).json()
    [one] = caller.call("GET", at).json()["invitations"]
    assert token not in str(one)
    assert one["client_id"] == client["client_id"]
    late = caller.call("DELETE", f"{at}/{one['id']}")
    assert late.json()["type"] == "urn:signon:problem:invitation-used"
    unused = caller.call("POST", at, json=sent).json()["id"]
    assert caller.call("DELETE", f"{at}/{unused}").status_code == 204
    _is_asked_for_consent(world, courthouse, client)


def _is_asked_for_consent(world: World, courthouse: CourtHouse, client: dict[str, Any]) -> None:
    courthouse.person("a.attorney")
    browser = world.browser()
    challenge = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    browser.get(
        f"/oauth2/authorize?client_id={client['client_id']}&response_type=code&scope=openid"
        f"&redirect_uri={client['redirect_uris'][0]}&code_challenge={challenge}"
        "&code_challenge_method=S256&state=s"
    )
    browser.sign_in("a.attorney", PASSWORD)
    assert "Nobody has reviewed this app" in browser.page.text
    court = "Southern District of California"
    assert f"through an invitation of United States Bankruptcy Court for the {court}" in (
        browser.page.text
    )


@ON_ONE
def test_on_the_console(world: World, courthouse: CourtHouse):
    """The token is on one page; a clerk sees the list and invites nobody."""
    courthouse.staff("administrator")
    courthouse.staff("clerk")
    browser = courthouse.sign_in("administrator.casb")
    browser.get("/court/casb/invitations/new")
    form = browser.page.forms[-1]
    page = browser.submit(form, hosts="evil.test", profile="fapi2", hours="24")
    assert "evil.test is not a host of casb.uscourts.gov." in page.text
    page = browser.submit(browser.page.forms[-1], hosts=HOST, profile="fapi2", hours="24")
    assert "Initial access token, shown this once" in page.text
    [one] = given_at(world, "casb")
    assert one.expires_at - one.created_at == timedelta(hours=24)
    clerk = courthouse.sign_in("clerk.casb")
    seen = clerk.get("/court/casb/invitations").text
    assert HOST in seen
    assert "administrator.casb" in seen
    assert "Withdraw" not in seen
    clerk.get(f"/court/casb/invitations/{one.invitation.id}")
    clerk.submit(clerk.page.forms[-1])
    assert courthouse.refusals() == ["not_permitted"]
    browser.get(f"/court/casb/invitations/{one.invitation.id}")
    assert "Nobody can use the invitation any more." in browser.submit(browser.page.forms[-1]).text
    assert given_at(world, "casb") == []
