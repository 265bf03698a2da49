"""A second member of a court's staff confirms the role U.S. Trustee, imports, policy and staff."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, timedelta
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select, update

from signon import pruning
from signon.accounts.models import accounts
from signon.audit.models import events
from signon.courts import staff
from signon.courts.registry import read_one
from signon.courts.staff import StaffRole
from signon.errors import RefusedError
from signon.filing.confirming import confirming
from signon.filing.court import policy_desk, requests, staffing
from signon.filing.court.desk import POWERS, Desk
from signon.filing.court.requests import LASTS, MOST, Request
from signon.filing.court.second_member import SecondMemberError
from signon.filing.legacy_logins import legacy_logins
from signon.filing.linking import conditions
from signon.filing.models import efile_registrations, rights, staff_requests
from signon.filing.models import legacy_logins as logins
from signon.filing.rights import role_changes
from signon.filing.rights.role_changes import GivenRoles
from signon.tables import metadata
from tests.court.conftest import Caller, CourtHouse
from tests.court.test_own_account import line, rows
from tests.court.test_registering import CREDITOR, Filer
from tests.infra.databases import ON_ONE
from tests.infra.world import World

AT = "/courts/casb"
Wanting = Callable[..., Any]


@dataclass
class Act:
    """An act by program, who may not confirm it, and whether it is done."""

    method: str
    path: str
    body: dict[str, Any]
    powerless: str
    is_done: Callable[[], bool]


@pytest.fixture
def on(courthouse: CourtHouse, world: World) -> None:
    """The court wants a second member; `ada.admin` asks, `bea.admin` may confirm everything."""
    for name in ("ada.admin", "bea.admin"):
        courthouse.staff("administrator", username=name)
    courthouse.staff("clerk")
    courthouse.staff("help_desk")
    world.court_policy("casb", second_staff="on")


def desk_of(world: World, username: str) -> Desk:
    """The desk of one of the staff as things stand."""
    account = world.find(username)
    with world.database.reading() as unit:
        role = staff.role_of(unit, "casb", account.id)
        assert role is not None
        return Desk(read_one(unit, "casb"), account.id, POWERS[role], world.settings, role, account)


def do(world: World, username: str, rule: Wanting, *given: Any, **named: Any) -> Any:
    """A rule at somebody's desk, in a unit of its own."""
    desk = desk_of(world, username)
    with world.database.writing() as unit:
        return rule(unit, desk, *given, **named)


def ask(world: World, username: str, rule: Wanting, *given: Any, **named: Any) -> Request:
    """What the desk's door does for somebody who needs a colleague."""
    with pytest.raises(SecondMemberError) as first:
        do(world, username, rule, *given, **named)
    made = do(world, username, requests.ask, first.value.wanted)
    assert isinstance(made, Request)
    return made


def confirm(world: World, username: str, one: Request) -> Any:
    """A colleague confirms."""
    return do(world, username, confirming.confirm, one.id)


def reason(act: Callable[[], Any]) -> str:
    """Why it is refused."""
    with pytest.raises(RefusedError) as refused:
        act()
    return refused.value.reason


def trustee(world: World, username: str = "a.attorney") -> str:
    """A filer with roles; answers the account's number."""
    account = world.account(username)
    world.right(account, login=username)
    return account.number


GIVEN: dict[str, Any] = {"roles": ["attorney", "us_trustee"], "cases": None, "conditions": "Now"}


def ask_roles(world: World, number: str) -> Request:
    """Ada wants a filer to be U.S. Trustee."""
    return ask(world, "ada.admin", role_changes.change, number, GivenRoles(**GIVEN))


def roles_of(world: World) -> list[list[str]]:
    """Of all rights."""
    return [row.roles for row in rows(world, rights)]


# ── Every act ────────────────────────────────────────────────────────────────


def _roles(world: World, house: CourtHouse) -> Act:
    number = trustee(world)
    body = {"roles": GIVEN["roles"], "conditions": "Now"}
    return Act(
        "PUT",
        f"{AT}/filers/{number}/roles",
        body,
        "help.desk.casb",
        lambda: roles_of(world) == [GIVEN["roles"]],
    )


def _approval(world: World, house: CourtHouse) -> Act:
    world.account("c.creditor")
    there = Filer(world, "c.creditor").submit(CREDITOR, organization="Harbor Credit Union")
    body = {"roles": ["us_trustee"], "conditions": "Now", "message": "Welcome."}
    body["last_day"] = "2026-12-31"
    path = f"{AT}/registrations/{there}/approve"

    def is_done() -> bool:
        return [(one.roles, one.last_day) for one in rows(world, rights)] == [
            (["us_trustee"], date(2026, 12, 31))
        ]

    return Act("POST", path, body, "help.desk.casb", is_done)


def _staff(world: World, house: CourtHouse) -> Act:
    account = world.account("new.clerk")

    def is_done() -> bool:
        with world.database.reading() as unit:
            return staff.role_of(unit, "casb", account.id) is StaffRole.CLERK

    return Act("PUT", f"{AT}/staff/new.clerk", {"role": "clerk"}, "clerk.casb", is_done)


def _policy(world: World, house: CourtHouse) -> Act:
    def is_done() -> bool:
        with world.database.reading() as unit:
            policy = read_one(unit, "casb").policy
        return (policy.help_phone, policy.training_url) == ("619-555-0100", None)

    world.court_policy("casb", training_url="https://casb.example/training")
    body = {"help_phone": "619-555-0100", "training_url": None}
    return Act("PATCH", f"{AT}/policy", body, "clerk.casb", is_done)


def _off(world: World, house: CourtHouse) -> Act:
    def is_done() -> bool:
        with world.database.reading() as unit:
            return read_one(unit, "casb").policy.second_staff == "off"

    return Act("PATCH", f"{AT}/policy", {"second_staff": "off"}, "clerk.casb", is_done)


ACTS = {"roles": _roles, "approval": _approval, "staff": _staff, "policy": _policy, "off": _off}


@pytest.mark.parametrize("name", ACTS)
def test_what_one_asks_for_a_second_member_confirms(
    courthouse: CourtHouse, world: World, on: None, name: str
):
    """Nothing happens before; not by whoever asked, nor without the power; once."""
    act = ACTS[name](world, courthouse)
    ada, bea = courthouse.tool("ada.admin"), courthouse.tool("bea.admin")
    mails = len(world.queued("mail"))
    asked = ada.call(act.method, act.path, json=act.body)
    assert (asked.status_code, asked.json()["state"]) == (202, "waiting")
    assert not act.is_done()
    told = world.queued("mail")[mails:]
    assert {one["message"] for one in told} == {"staff_request"}
    to = {"bea.admin@example.org"} | ({"clerk.casb@example.org"} if name in CLERKS else set())
    assert {one["to"] for one in told} == to
    one = asked.headers["location"].removeprefix("/api/v1")
    assert bea.call("GET", f"{AT}/requests").json()["requests"] == [asked.json()]
    own = ada.call("POST", f"{one}/confirm")
    assert (own.status_code, own.json()["type"]) == (409, "urn:signon:problem:own-request")
    powerless = courthouse.tool(act.powerless)
    assert powerless.call("POST", f"{one}/confirm").status_code == 403
    assert powerless.call("POST", f"{one}/withdraw").status_code == 403
    assert not act.is_done()
    done = bea.call("POST", f"{one}/confirm")
    assert (done.status_code, done.json()["state"]) == (200, "confirmed")
    assert (done.json()["asked_by"], done.json()["decided_by"]) == ("ada.admin", "bea.admin")
    assert act.is_done()
    again = bea.call("POST", f"{one}/confirm").json()
    assert again["type"] == "urn:signon:problem:request-over"
    assert bea.call("GET", f"{AT}/requests").json()["requests"] == []
    assert bea.call("GET", one).json() == done.json()
    assert audited(world, "filing:staff_request:confirmed") == [
        (world.find("bea.admin").id, world.find("ada.admin").id)
    ]
    assert courthouse.refusals() == [
        "own_request",
        "not_permitted",
        "not_permitted",
        "request_over",
    ]


CLERKS = {"roles", "approval"}
"""Acts that clerks may confirm."""


def audited(world: World, event: str) -> list[tuple[str, str]]:
    """Who did it and who is named."""
    with world.database.reading() as unit:
        found = unit.execute(select(events).where(events.c.event == event)).all()
    return [(one.actor, one.account_id) for one in found]


@ON_ONE
@pytest.mark.parametrize("name", ["roles", "approval", "staff", "policy"])
def test_off_nothing_is_asked(courthouse: CourtHouse, world: World, name: str):
    """As long as the court has not said so, and where it says off."""
    courthouse.staff("administrator", username="ada.admin")
    if name == "policy":
        world.court_policy("casb", second_staff="off")
    act = ACTS[name](world, courthouse)
    done = courthouse.tool("ada.admin").call(act.method, act.path, json=act.body)
    assert done.status_code == 200
    assert act.is_done()
    assert not rows(world, staff_requests)


@ON_ONE
@pytest.mark.parametrize("name", ["roles", "approval", "staff", "policy"])
def test_who_is_none_of_the_staff_acts_alone(
    courthouse: CourtHouse, world: World, on: None, name: str
):
    """The court's own program; and it confirms nothing."""
    number = trustee(world, "b.attorney")
    one = ask(world, "ada.admin", role_changes.change, number, GivenRoles(**GIVEN))
    service = courthouse.service()
    refused = [
        who.call("POST", f"{AT}/requests/{one.id}/confirm").status_code
        for who in (service, courthouse.operator())
    ]
    assert refused == [403, 403]
    world.change_right(rows(world, rights)[0].id, ended_at=world.clock())
    act = ACTS[name](world, courthouse)
    assert service.call(act.method, act.path, json=act.body).status_code == 200
    with world.database.reading() as unit:
        found = unit.execute(select(rights.c.roles).where(rights.c.ended_at.is_(None))).scalars()
        assert act.is_done() or list(found) in ([GIVEN["roles"]], [["us_trustee"]])


@ON_ONE
@pytest.mark.parametrize(
    ("rule", "given", "named"),
    [
        (role_changes.change, (GivenRoles(**GIVEN | {"roles": ["attorney", "trustee"]}),), {}),
        (staffing.give, (StaffRole.READ_ONLY,), {}),
        (policy_desk.change, ({"second_staff": "on"},), {}),
    ],
)
def test_what_one_may_do_alone(
    courthouse: CourtHouse,
    world: World,
    on: None,
    rule: Wanting,
    given: tuple[Any, ...],
    named: dict[str, Any],
):
    """Other roles, staff who can confirm nothing, a policy that stays as it is."""
    number = trustee(world)
    world.court_policy("casb", training="none")
    subject = {role_changes.change: [number], staffing.give: ["a.attorney"]}.get(rule, [])
    do(world, "ada.admin", rule, *subject, *given, **named)
    assert not rows(world, staff_requests)


# ── Once, in time, by whom ───────────────────────────────────────────────────


def test_two_who_confirm_at_once_do_it_once(courthouse: CourtHouse, world: World, on: None):
    """One guarded step: the others are told that it is over."""
    courthouse.staff("administrator", username="cleo.admin")
    one = ask_roles(world, trustee(world))
    start = Barrier(4)

    def run(username: str) -> str:
        start.wait()
        try:
            confirm(world, username, one)
        except RefusedError as error:
            return error.reason
        return "done"

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(run, ["bea.admin", "cleo.admin", "clerk.casb", "bea.admin"]))
    assert sorted(found) == ["done", *["request_over"] * 3]
    assert world.audited().count("filing:right:changed") == 1
    assert roles_of(world) == [GIVEN["roles"]]


def test_confirming_and_withdrawing_at_once(courthouse: CourtHouse, world: World, on: None):
    """Whichever was first holds."""
    one = ask_roles(world, trustee(world))
    start = Barrier(2)

    def run(act: Callable[[], Any]) -> bool:
        start.wait()
        try:
            act()
        except RefusedError:
            return False
        return True

    acts = [
        lambda: confirm(world, "bea.admin", one),
        lambda: do(world, "ada.admin", requests.withdraw, one.id),
    ]
    with ThreadPoolExecutor(2) as threads:
        confirmed, withdrawn = threads.map(run, acts)
    assert confirmed != withdrawn
    assert (roles_of(world) == [GIVEN["roles"]]) == confirmed


def test_after_three_days_nothing_comes_of_it(courthouse: CourtHouse, world: World, on: None):
    """To the second; and it is asked for anew, and gone from the table much later."""
    number = trustee(world)
    one = ask_roles(world, number)
    world.clock.advance(seconds=int(LASTS.total_seconds()))
    assert reason(lambda: confirm(world, "bea.admin", one)) == "request_over"
    assert reason(lambda: do(world, "ada.admin", requests.withdraw, one.id)) == "request_over"
    assert do(world, "bea.admin", requests.found, one.id).state == "expired"
    assert do(world, "bea.admin", requests.waiting) == []
    again = ask_roles(world, number)
    assert again.id != one.id
    world.clock.advance(seconds=int(LASTS.total_seconds()) - 1)
    assert confirm(world, "bea.admin", again).state == "confirmed"
    kept = timedelta(days=90)
    world.clock.advance(seconds=int((kept - LASTS + timedelta(seconds=1)).total_seconds()))
    prune = pruning.declared(metadata, world.settings)["staff_requests"]
    with world.database.writing() as unit:
        assert prune(unit, 10) == 1
    assert [row.id for row in rows(world, staff_requests)] == [again.id]


@ON_ONE
@pytest.mark.parametrize("by", ["ada.admin", "bea.admin"])
def test_what_is_withdrawn_is_over(courthouse: CourtHouse, world: World, on: None, by: str):
    """By whoever asked, or by whoever could confirm."""
    one = ask_roles(world, trustee(world))
    assert do(world, by, requests.withdraw, one.id).state == "withdrawn"
    assert reason(lambda: confirm(world, "bea.admin", one)) == "request_over"
    assert roles_of(world) == [["attorney"]]
    assert audited(world, "filing:staff_request:withdrawn") == [
        (world.find(by).id, world.find("ada.admin").id)
    ]


def _demote(world: World) -> None:
    with world.database.writing() as unit:
        staff.add(unit, "casb", "ada.admin", StaffRole.HELP_DESK, actor="system")


def _dismiss(world: World) -> None:
    with world.database.writing() as unit:
        staff.remove(unit, "casb", "ada.admin", actor="system")


def _freeze(world: World) -> None:
    world.change_account(world.find("ada.admin"), frozen_at=world.clock())


def _disable(world: World) -> None:
    world.change_account(world.find("ada.admin"), status="disabled")


@ON_ONE
@pytest.mark.parametrize("meanwhile", [_demote, _dismiss, _freeze, _disable])
def test_whoever_asked_must_still_be_able_to(
    courthouse: CourtHouse, world: World, on: None, meanwhile: Callable[[World], None]
):
    """The role is another, is gone, or the account is taken back: nothing of it is done."""
    one = ask_roles(world, trustee(world))
    meanwhile(world)
    assert reason(lambda: confirm(world, "bea.admin", one)) == "asker_may_not"
    assert roles_of(world) == [["attorney"]]
    assert do(world, "bea.admin", requests.waiting)[0].id == one.id


@ON_ONE
def test_whoever_confirms_must_be_able_to_now(courthouse: CourtHouse, world: World, on: None):
    """A frozen account, a smaller role, a foreign court."""
    one = ask_roles(world, trustee(world))
    bea = courthouse.tool("bea.admin")
    path = f"{AT}/requests/{one.id}/confirm"
    world.change_account(world.find("bea.admin"), frozen_at=world.clock())
    assert bea.call("POST", path).json()["type"] == "urn:signon:problem:frozen"
    world.change_account(world.find("bea.admin"), frozen_at=None)
    with world.database.writing() as unit:
        staff.add(unit, "casb", "bea.admin", StaffRole.HELP_DESK, actor="system")
    assert bea.call("POST", path).status_code == 403
    courthouse.staff("administrator", "cacd")
    other = courthouse.tool("administrator.cacd", "cacd")
    for act in ("", "/confirm", "/withdraw"):
        method = "POST" if act else "GET"
        answer = other.call(method, f"/courts/cacd/requests/{one.id}{act}")
        assert answer.status_code == 404
    assert roles_of(world) == [["attorney"]]


# ── Everything is looked at again ────────────────────────────────────────────


@ON_ONE
def test_a_right_that_changed_meanwhile_is_left_alone(
    courthouse: CourtHouse, world: World, on: None
):
    """The colleague saw another one; so did whoever asked."""
    one = ask_roles(world, trustee(world))
    world.change_right(rows(world, rights)[0].id, conditions="With local counsel")
    assert reason(lambda: confirm(world, "bea.admin", one)) == "changed_since_asked"
    assert rows(world, rights)[0].conditions == "With local counsel"
    assert roles_of(world) == [["attorney"]]


@ON_ONE
def test_the_rules_run_with_the_state_of_then(courthouse: CourtHouse, world: World, on: None):
    """A frozen filer is given nothing, a role that the court gives no more neither."""
    number = trustee(world)
    one = ask_roles(world, number)
    world.change_account(world.find("a.attorney"), frozen_at=world.clock())
    assert reason(lambda: confirm(world, "bea.admin", one)) == "frozen"
    world.change_account(world.find("a.attorney"), frozen_at=None)
    world.court_policy("casb", training="us_trustee")
    assert reason(lambda: confirm(world, "bea.admin", one)) == "certificate_missing"
    world.court_policy("casb", training="none")
    assert confirm(world, "bea.admin", one).state == "confirmed"


@ON_ONE
def test_a_registration_that_changed_meanwhile(courthouse: CourtHouse, world: World, on: None):
    """Another version is not what was approved."""
    act = _approval(world, courthouse)
    asked = courthouse.tool("ada.admin").call(act.method, act.path, json=act.body).json()
    with world.database.writing() as unit:
        unit.execute(update(efile_registrations).values(version=9))
    one = do(world, "bea.admin", requests.found, asked["id"])
    assert reason(lambda: confirm(world, "bea.admin", one)) == "decided_meanwhile"
    assert roles_of(world) == []


@ON_ONE
def test_a_policy_or_role_that_changed_meanwhile(courthouse: CourtHouse, world: World, on: None):
    """What would be replaced is not what was seen; the rest of the policy may change."""
    phone = ask(world, "ada.admin", policy_desk.change, {"help_phone": "619-555-0100"})
    url = ask(world, "ada.admin", policy_desk.change, {"training_url": "https://a.example/"})
    world.account("new.clerk")
    given = ask(world, "ada.admin", staffing.give, "new.clerk", StaffRole.CLERK)
    world.court_policy("casb", help_phone="619-555-0199")
    courthouse.staff("read_only", username="new.clerk")
    assert reason(lambda: confirm(world, "bea.admin", phone)) == "changed_since_asked"
    assert reason(lambda: confirm(world, "bea.admin", given)) == "changed_since_asked"
    confirm(world, "bea.admin", url)
    with world.database.reading() as unit:
        policy = read_one(unit, "casb").policy
    assert (policy.help_phone, policy.training_url) == ("619-555-0199", "https://a.example/")


@ON_ONE
def test_a_role_goes_to_the_account_not_to_the_name(courthouse: CourtHouse, world: World, on: None):
    """Whoever takes the username meanwhile gets nothing."""
    account = world.account("new.clerk")
    one = ask(world, "ada.admin", staffing.give, "new.clerk", StaffRole.CLERK)
    with world.database.writing() as unit:
        for whose, name in ((account, "moved.on1"), (world.find("ada.admin"), "new.clerk")):
            values = {"username": name, "username_key": name}
            unit.execute(update(accounts).where(accounts.c.id == whose.id).values(values))
    confirm(world, "bea.admin", one)
    assert desk_of(world, "moved.on1").role is StaffRole.CLERK
    assert desk_of(world, "new.clerk").role is StaffRole.ADMINISTRATOR


def test_the_own_account_at_both_ends(courthouse: CourtHouse, world: World, on: None):
    """Neither asks for oneself, nor confirms what is about oneself."""
    for name in ("ada.admin", "bea.admin"):
        world.right(world.find(name), login=name)
    ada, bea = (world.find(name).number for name in ("ada.admin", "bea.admin"))
    refused = reason(lambda: do(world, "ada.admin", role_changes.change, ada, GivenRoles(**GIVEN)))
    assert refused == "own_account"
    one = ask_roles(world, bea)
    assert reason(lambda: confirm(world, "bea.admin", one)) == "own_account"
    assert roles_of(world) == [["attorney"]] * 2
    # what would be about whoever asked is refused as well, however it came to be asked
    with world.database.writing() as unit:
        asked = {**one.asked, "account_number": ada}
        unit.execute(update(staff_requests).values(asked=asked))
    assert reason(lambda: confirm(world, "clerk.casb", one)) == "own_account"


# ── Asking ───────────────────────────────────────────────────────────────────


@ON_ONE
def test_the_same_is_asked_for_once(courthouse: CourtHouse, world: World, on: None):
    """One request and one mail each, with a key and without; a key is good for what it was."""
    act = _roles(world, courthouse)
    ada = courthouse.tool("ada.admin")
    mails = len(world.queued("mail"))
    key = {"idempotency-key": "one"}
    answers = [
        ada.call(act.method, act.path, json=act.body, headers=headers)
        for headers in (key, key, {}, {"idempotency-key": "two"})
    ]
    assert {one.status_code for one in answers} == {202}
    assert len({one.json()["id"] for one in answers}) == 1
    assert len(world.queued("mail")) == mails + 2
    assert audited(world, "filing:staff_request:asked") == [(world.find("ada.admin").id,) * 2]


@ON_ONE
def test_only_so_many_wait(courthouse: CourtHouse, world: World, on: None):
    """Each is a mail to colleagues; one that is withdrawn makes room."""
    asked = [
        ask(world, "ada.admin", policy_desk.change, {"contact_text": f"Door {number}"})
        for number in range(MOST)
    ]
    more = {"contact_text": "One more"}
    refused = reason(lambda: ask(world, "ada.admin", policy_desk.change, more))
    assert refused == "too_many_requests"
    ask(world, "bea.admin", policy_desk.change, more)
    do(world, "ada.admin", requests.withdraw, asked[0].id)
    ask(world, "ada.admin", policy_desk.change, more)


@ON_ONE
def test_what_cannot_be_is_not_asked_for(courthouse: CourtHouse, world: World, on: None):
    """The rule has run before: its refusals are told at once."""
    act = _roles(world, courthouse)
    ada = courthouse.tool("ada.admin")
    cases = ada.call(act.method, act.path, json={**act.body, "cases": ["20-01234"]})
    assert cases.status_code == 422
    stale = ada.call(act.method, act.path, json=act.body, headers={"if-match": '"old"'})
    assert stale.status_code == 412
    nobody = ada.call("PUT", f"{AT}/staff/nobody", json={"role": "clerk"})
    assert nobody.json()["type"] == "urn:signon:problem:not-fit-for-staff"
    assert not rows(world, staff_requests)


# ── On the pages ─────────────────────────────────────────────────────────────


def boxes(world: World) -> dict[str, list[str]]:
    """The ticks of the policy's form as it opens."""
    with world.database.reading() as unit:
        court = read_one(unit, "casb")
    return {name: policy_desk.usual(court, name) for name in ("roles", "registrations", "training")}


@ON_ONE
def test_asked_and_confirmed_on_the_pages(courthouse: CourtHouse, world: World, on: None):
    """Whoever asked has no button to confirm; the colleague sees all that would be done."""
    number = trustee(world)
    ada, bea = courthouse.sign_in("ada.admin"), courthouse.sign_in("bea.admin")
    ada.get("/court/casb/policy")
    page = ada.submit(ada.page.forms[0], **boxes(world), help_phone="619-555-0100")
    assert "nothing has happened yet" in page.text
    ada.get(f"/court/casb/filers/{number}/roles")
    [form] = [one for one in ada.page.forms if one.action.endswith("/roles")]
    page = ada.submit(form, roles=["attorney", "us_trustee"], conditions="With counsel")
    assert "nothing has happened yet" in page.text
    assert roles_of(world) == [["attorney"]]
    assert [one.action.rpartition("/")[2] for one in ada.page.forms] == ["withdraw"] * 2
    shown = bea.get("/court/casb/requests").text
    for told in ("ada.admin", "not said → 619-555-0100", number, "U.S. Trustee", "With counsel"):
        assert told in shown
    acts = [one.action.rpartition("/")[2] for one in bea.page.forms]
    assert acts == ["confirm", "withdraw"] * 2
    policy, _, roles, _ = bea.page.forms
    for form in (policy, roles):
        assert "what it asked for is done" in bea.submit(form).text
    assert roles_of(world) == [["attorney", "us_trustee"]]
    world.clock.advance(seconds=16)  # later than a double click
    again = bea.submit(roles)
    assert (again.status_code, "is confirmed already" in again.text) == (409, True)
    assert "Nothing waits" in bea.get("/court/casb/requests").text
    clerk = courthouse.sign_in("clerk.casb")
    assert "Confirmed by a second member of the staff" in clerk.get("/court/casb/activity").text


@ON_ONE
def test_switched_on_by_one_and_off_by_two_on_the_page(courthouse: CourtHouse, world: World):
    """The policy's own choice."""
    for name in ("ada.admin", "bea.admin"):
        courthouse.staff("administrator", username=name)
    ada, bea = courthouse.sign_in("ada.admin"), courthouse.sign_in("bea.admin")
    for value, told in (("on", "The policy is saved."), ("", "nothing has happened yet")):
        ada.get("/court/casb/policy")
        assert told in ada.submit(ada.page.forms[0], **boxes(world), second_staff=value).text
    bea.get("/court/casb/requests")
    bea.submit(bea.page.forms[0])
    ada.get("/court/casb/policy")
    page = ada.submit(ada.page.forms[0], **boxes(world), contact_text="Ring twice.")
    assert "The policy is saved." in page.text


@ON_ONE
def test_a_registration_and_a_role_of_the_staff_on_the_pages(
    courthouse: CourtHouse, world: World, on: None
):
    """The request leads to the registration."""
    act = _approval(world, courthouse)
    world.account("new.clerk")
    ada, bea = courthouse.sign_in("ada.admin"), courthouse.sign_in("bea.admin")
    there = act.path.removeprefix("/courts/").removesuffix("/approve")
    ada.get(f"/court/{there}/approve")
    [form] = [one for one in ada.page.forms if one.action.endswith("/approve")]
    assert "nothing has happened yet" in ada.submit(form, roles="us_trustee").text
    ada.get("/court/casb/staff")
    ada.submit(ada.page.forms[-1], username="new.clerk", role="clerk")
    assert f"/court/{there}" in bea.get("/court/casb/requests").text
    approval, _, given, _ = bea.page.forms
    bea.submit(approval)
    bea.submit(given)
    assert roles_of(world) == [["us_trustee"]]
    assert desk_of(world, "new.clerk").role is StaffRole.CLERK


# ── Imports ──────────────────────────────────────────────────────────────────


def send(caller: Caller, *lines: dict[str, Any], **more: Any) -> Any:
    """An import by program."""
    return caller.call("POST", f"{AT}/legacy-logins", json={"legacy_logins": list(lines), **more})


def test_the_same_file_sent_by_a_second_member_is_imported(
    courthouse: CourtHouse, world: World, on: None
):
    """Another one is another request; nothing that could be a hash is kept meanwhile."""
    ada, bea = courthouse.tool("ada.admin"), courthouse.tool("bea.admin")
    mine = line("jdoe", roles=["us_trustee"])
    asked = send(ada, mine)
    assert (asked.status_code, asked.json()["kind"]) == (202, "legacy_logins")
    assert asked.json()["asked"]["counts"] == {"lines": 1, "added": 1, "passwords_wrapped": 1}
    assert mine["password_hash"] not in str(rows(world, staff_requests))
    assert send(ada, mine).json()["id"] == asked.json()["id"]
    path = f"{AT}/requests/{asked.json()['id']}"
    refused = bea.call("POST", f"{path}/confirm")
    assert refused.json()["type"] == "urn:signon:problem:send-the-file"
    assert send(bea, mine, dry_run=True).json()["done"] is False
    other = send(bea, line("jdoe", email="thief@example.org"))
    assert other.status_code == 202
    assert not rows(world, logins)
    assert send(bea, mine).json()["done"] is True
    [login] = rows(world, logins)
    found = [world.find(name).id for name in ("bea.admin", "ada.admin")]
    assert [login.imported_by, login.import_asked_by] == found
    assert bea.call("GET", path).json()["state"] == "confirmed"
    assert audited(world, "filing:staff_request:confirmed") == [tuple(found)]


@ON_ONE
def test_neither_of_both_links_what_they_imported(courthouse: CourtHouse, world: World, on: None):
    """Both know its password."""
    ada, bea = courthouse.tool("ada.admin"), courthouse.tool("bea.admin")
    assert send(ada, line("jdoe")).status_code == 202
    assert send(bea, line("jdoe")).status_code == 200
    with world.database.reading() as unit:
        login = legacy_logins.by_login(unit, "casb", "jdoe")
        assert login is not None
        told = [
            conditions.refuse_login(login, read_one(unit, "casb"), world.find(name))
            for name in ("ada.admin", "bea.admin", "clerk.casb")
        ]
    assert [one and one.reason for one in told] == ["own_account", "own_account", None]


@ON_ONE
def test_an_import_about_either_of_both(courthouse: CourtHouse, world: World, on: None):
    """By address or link, whoever sends it; and the request stays."""
    ada, bea = courthouse.tool("ada.admin"), courthouse.tool("bea.admin")
    emails = {name: world.find(name).email for name in ("ada.admin", "bea.admin")}
    for_ada, for_bea = (line(name, email=email) for name, email in emails.items())
    assert send(ada, for_ada).json()["bad_lines"] != []
    assert send(ada, for_bea).status_code == 202
    assert send(bea, for_bea).json()["bad_lines"] != []
    assert send(ada, line("jdoe")).status_code == 202
    # the address on file is the asker's by now
    world.change_account(
        world.find("ada.admin"),
        email=line("jdoe")["email"],
        email_key=line("jdoe")["email"],
    )
    refused = send(bea, line("jdoe"))
    assert refused.json()["type"] == "urn:signon:problem:changed-meanwhile"
    assert not rows(world, logins)
    assert len(do(world, "bea.admin", requests.waiting)) == 2


def test_two_who_send_the_file_at_once_import_it_once(
    courthouse: CourtHouse, world: World, on: None
):
    """The second asks for it anew: nothing of the first request is left to confirm."""
    courthouse.staff("administrator", username="cleo.admin")
    tools = [courthouse.tool(name) for name in ("bea.admin", "cleo.admin")]
    send(courthouse.tool("ada.admin"), line("jdoe"))
    with ThreadPoolExecutor(2) as threads:
        codes = sorted(
            one.status_code for one in threads.map(lambda tool: send(tool, line("jdoe")), tools)
        )
    assert codes in ([200, 202], [200, 409])
    assert world.audited().count("filing:legacy_logins:imported") == 1


@ON_ONE
def test_an_import_by_the_courts_own_program(courthouse: CourtHouse, world: World, on: None):
    """It is nobody, asks nobody, and confirms nothing by chance."""
    send(courthouse.tool("ada.admin"), line("jdoe"))
    assert send(courthouse.service(), line("jdoe")).json()["done"] is True
    assert len(do(world, "bea.admin", requests.waiting)) == 1
