"""A court's desk and its staff: who comes in, and who gives which role to whom."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from signon.courts.staff import StaffRole
from signon.errors import RefusedError, SignonError
from signon.filing.court import staffing
from signon.filing.court.desk import CLERK, EVERY, POWERS, Desk
from tests.court.conftest import Caller, CourtHouse
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World


def test_each_role_holds_what_the_smaller_ones_hold():
    """Administrator, clerk, help desk, read only: one within the other."""
    assert POWERS[StaffRole.ADMINISTRATOR] == EVERY > CLERK == POWERS[StaffRole.CLERK]
    assert CLERK > POWERS[StaffRole.HELP_DESK] > POWERS[StaffRole.READ_ONLY]


@ON_ONE
def test_a_console_that_is_not_yours_does_not_exist(courthouse: CourtHouse, world: World):
    """Another court's, an unknown one's and one's own without being staff look the same."""
    courthouse.staff("administrator")
    courthouse.person("a.attorney")
    clerk = courthouse.sign_in("administrator.casb")
    assert clerk.get("/court/casb").status_code == 200
    stranger = courthouse.sign_in("a.attorney")
    other = [clerk.get(f"/court/{name}/staff") for name in ("cacd", "nowhere")]
    other.append(stranger.get("/court/casb/staff"))
    assert {one.status_code for one in other} == {404}
    told = {one.text.partition("<main")[2].partition("Still stuck?")[0] for one in other}
    assert len(told) == 1


@ON_ONE
def test_the_console_wants_two_factors(courthouse: CourtHouse, world: World):
    """A stranger signs in and comes back; whoever has one factor is led to the second."""
    courthouse.staff("clerk")
    stranger = world.browser()
    stranger.get("/court/casb/staff")
    assert "username" in stranger.page.ids
    stranger.sign_in("clerk.casb", PASSWORD)
    assert stranger.response is not None
    assert stranger.response.url.path == "/login/second-factor"


@ON_ONE
def test_an_administrator_gives_and_takes_roles(courthouse: CourtHouse):
    """On the page; a clerk sees the list and no form."""
    courthouse.staff("administrator")
    courthouse.person("new.clerk")
    browser = courthouse.sign_in("administrator.casb")
    browser.get("/court/casb/staff")
    page = browser.submit(browser.page.forms[-1], username="New.Clerk", role="clerk")
    assert "The role is given." in page.text
    clerk = courthouse.sign_in("new.clerk")
    shown = clerk.get("/court/casb/staff")
    assert "Add somebody" not in shown.text
    assert "administrator.casb" in shown.text
    assert [one.action for one in browser.page.forms] == ["/court/casb/staff"]
    assert "What happens" in browser.get("/court/casb/staff/new.clerk").text
    page = browser.submit(browser.page.forms[0])
    assert "They no longer work for the court here." in page.text
    assert clerk.get("/court/casb/staff").status_code == 404
    browser.submit(browser.page.forms[-1], username="nobody", role="clerk")
    assert "Nobody was added" in browser.page.text
    browser.get("/court/casb/staff/administrator.casb")
    browser.submit(browser.page.forms[0])
    assert "only administrator" in browser.page.text
    assert courthouse.refusals() == ["not_fit_for_staff", "last_administrator"]


@pytest.mark.parametrize(
    ("who", "role", "reason"),
    [("clerk", "administrator", "more_than_held"), ("clerk", "help_desk", "")],
)
@ON_ONE
def test_nobody_grants_more_than_they_hold(
    courthouse: CourtHouse, who: str, role: str, reason: str
):
    """The rule itself, whatever the table of powers says about who may try."""
    desk = courthouse.staff(who)
    courthouse.person("new.clerk")
    found = ""
    try:
        with courthouse.world.database.writing() as unit:
            staffing.give(unit, desk, "new.clerk", StaffRole(role))
    except RefusedError as error:
        found = error.reason
    assert found == reason


def test_two_administrators_cannot_remove_each_other(courthouse: CourtHouse):
    """Whoever is second has lost the role by then, and the last one stays."""
    names = ["ada.admin", "bea.admin"]
    desks = [courthouse.staff("administrator", username=name) for name in names]

    def remove(desk: Desk, name: str) -> str:
        try:
            with courthouse.world.database.writing() as unit:
                staffing.take(unit, desk, name)
        except SignonError as error:
            return getattr(error, "reason", "busy")
        return ""

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(remove, desks, reversed(names)))
    assert sorted(done) == ["", "not_permitted"]


@ON_ONE
def test_staff_for_programs(courthouse: CourtHouse):
    """The court's own program, an administrator's tool and operators; versions are respected."""
    courthouse.staff("administrator")
    courthouse.staff("read_only")
    courthouse.person("new.clerk")
    service = courthouse.service()
    path = "/courts/casb/staff/new.clerk"
    assert service.call("GET", path).status_code == 404
    made = service.call("PUT", path, json={"role": "clerk"})
    assert (made.status_code, made.json()["role"]) == (200, "clerk")
    stale = {"if-match": '"stale"'}
    assert service.call("DELETE", path, headers=stale).status_code == 412
    same = {"if-match": made.headers["etag"]}
    assert service.call("DELETE", path, headers=same).status_code == 204
    last = service.call("DELETE", "/courts/casb/staff/administrator.casb")
    assert (last.status_code, last.json()["type"]) == (409, "urn:signon:problem:last-administrator")
    assert courthouse.operator().call("PUT", path, json={"role": "clerk"}).status_code == 200
    assert service.call("PUT", path, json={"role": "judge"}).status_code == 422
    reader = courthouse.tool("read.only.casb")
    assert reader.call("GET", "/courts/casb/staff").status_code == 200
    refused = reader.call("PUT", path, json={"role": "clerk"})
    assert (refused.status_code, refused.json()["type"]) == (
        403,
        "urn:signon:problem:not-permitted",
    )


@ON_ONE
def test_every_other_courts_desk_is_unknown_to_programs(courthouse: CourtHouse):
    """A service client, staff with a token, somebody who is no staff: 404 as for no court at all."""
    courthouse.staff("administrator")
    courthouse.person("a.attorney")
    callers: list[Caller] = [
        courthouse.service(),
        courthouse.tool("administrator.casb"),
        courthouse.tool("a.attorney"),
    ]
    told = set()
    for caller in callers:
        for court in ("cacd", "nowhere"):
            answer = caller.call("GET", f"/courts/{court}/staff")
            told.add((answer.status_code, answer.json()["detail"].replace(court, "")))
    assert len(told) == 1
    assert callers[2].call("GET", "/courts/casb/staff").status_code == 404
