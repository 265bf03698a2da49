"""`/api/v1/me`: the same rules for programs."""

import threading
from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from signon.accounts import own_data, search, sign_outs
from signon.accounts.client_codes import ClientCodeRule
from signon.accounts.directory import Account
from signon.accounts.hashing import Hasher
from signon.accounts.models import AccountKind
from signon.errors import SignInFirstError
from signon.filing.legacy_logins.legacy_logins import by_login
from signon.profile.password_change import Attempt, PasswordChange, Proved
from signon.signin import acting
from signon.web.visitor import Source
from tests.infra.browser import Browser
from tests.infra.databases import ON_BOTH, ON_ONE
from tests.infra.world import PASSWORD, World
from tests.profile.conftest import AllowProgram, Mailed, Program


def test_the_account_as_a_program_reads_it(world: World, person: Account, program: Program):
    """Its fields, and a version that a change of any of them moves."""
    answer = program.call("GET", "/me")
    me = answer.json()
    assert (me["sub"], me["account_number"]) == (person.id, person.number)
    assert me["date_of_birth"] == "1970-01-02"
    assert me["address"]["city"] is None
    again = program.call("GET", "/me")
    assert again.headers["etag"] == answer.headers["etag"]
    patched = program.call("PATCH", "/me", json={"phone": "+16195550100"})
    assert patched.json()["phone"] == "+16195550100"
    assert patched.headers["etag"] != answer.headers["etag"]


def test_a_patch_changes_what_it_names(world: World, person: Account, program: Program):
    """Lines of an address by themselves; the rest stays."""
    address = {"street": "325 West F Street", "city": "San Diego", "state": "CA",
               "postal_code": "92101", "county": "San Diego", "country": "US"}  # fmt: skip
    body = {"address": address, "phone": "+16195550100", "last_name": "Lovelace"}
    assert program.call("PATCH", "/me", json=body).status_code == 200
    moved = program.call("PATCH", "/me", json={"address": {"street": "1 New Street"}})
    assert moved.json()["address"] == address | {"street": "1 New Street"}
    me = program.call("GET", "/me").json()
    assert (me["first_name"], me["last_name"]) == ("Ada", "Lovelace")


@ON_ONE
def test_the_rule_for_client_codes(world: World, person: Account, program: Program):
    """A program reads the pattern before a sign-in fails for it; what is left out stays."""
    rule = {"required": False, "pattern": None, "set_by": None}
    me = program.call("GET", "/me")
    assert me.json()["client_code_rule"] == rule
    for body, then in (
        ({"required": True}, {"required": True}),
        ({"pattern": "####.A*"}, {"required": True, "pattern": "####.A*"}),
        ({"required": False}, {"required": False, "pattern": "####.A*"}),
        ({"pattern": None}, {"required": False, "pattern": None}),
    ):
        answer = program.call("PATCH", "/me", json={"client_code_rule": body})
        assert answer.json()["client_code_rule"] == rule | then
        assert (answer.headers["etag"] == me.headers["etag"]) is (rule | then == rule)
    bad = program.call("PATCH", "/me", json={"client_code_rule": {"pattern": "*#"}})
    assert bad.status_code == 422


@ON_ONE
def test_the_rule_for_programs(world: World, person: Account, program: Program):
    """One's own word and the firm's; nothing changes while the account is stopped."""
    firm = world.account("the.office", AccountKind.FIRM)
    rule = program.call("GET", "/me/program-rule")
    assert rule.json() == {"allowed": True, "allowed_by_firm": True}
    etag = {"if-match": rule.headers["etag"]}
    changed = program.call("PUT", "/me/program-rule", json={"allowed": False}, headers=etag)
    assert changed.json() == {"allowed": False, "allowed_by_firm": True}
    again = program.call("PUT", "/me/program-rule", json={"allowed": True}, headers=etag)
    assert again.status_code == 412
    world.change_account(firm, programs_allowed=False)
    world.change_account(person, firm_number=firm.number, frozen_at=world.clock())
    stopped = program.call("PUT", "/me/program-rule", json={"allowed": True})
    assert (stopped.status_code, stopped.json()["type"][-6:]) == (403, "frozen")
    found = program.call("GET", "/me/program-rule").json()
    assert found == {"allowed": False, "allowed_by_firm": False}


@ON_ONE
def test_a_firms_rule_overrides_ones_own(
    world: World, person: Account, program: Program, monkeypatch: pytest.MonkeyPatch
):
    """It is shown with the firm's name, and the person cannot change it."""
    world.change_account(person, client_code_pattern="A")
    firms = ClientCodeRule(is_required=True, pattern="##", set_by="Attorney & Daughters")
    monkeypatch.setattr("signon.accounts.client_codes.own_rule", lambda *_: firms)
    with world.another_process() as http:
        headers = {"authorization": f"Bearer {program.tokens.access_token}"}
        me = http.get("/api/v1/me", headers=headers).json()
        assert me["client_code_rule"] == {
            "required": True, "pattern": "##", "set_by": "Attorney & Daughters"
        }  # fmt: skip
        body = {"client_code_rule": {"pattern": "A"}}
        refused = http.patch("/api/v1/me", headers=headers, json=body)
        assert refused.status_code == 403
        assert refused.json()["type"].endswith("client-code-of-firm")


REFUSED = [
    ({"password": "seven quiet lanterns"}, 422, "password"),
    ({"date_of_birth": "1980-01-01"}, 422, "date_of_birth"),
    ({"account_number": "1234567"}, 422, "account_number"),
    ({"address": {"planet": "Mars"}}, 422, "address.planet"),
    ({"last_name": None}, 422, "last_name"),
    ({"phone": None}, 422, "phone"),
    ({"firm_name": "Attorney & Sons"}, 422, "firm_name"),
    ({"username": "someone.else"}, 422, "username"),
    ({"phone": "+16195550100", "email": "nobody"}, 422, "email"),
]
"""A patch, the answer to it, and the field that is named."""


@ON_ONE
def test_what_a_patch_may_not_say(world: World, program: Program):
    """The field is named, and nothing of the patch is done."""
    world.account("someone.else", first_name="Other")
    for body, status, field in REFUSED:
        answer = program.call("PATCH", "/me", json=body)
        assert answer.status_code == status
        assert [one["field"] for one in answer.json()["errors"]] == [field]
        assert program.call("GET", "/me").json()["phone"] is None


def test_an_address_waits_for_its_confirmation(
    world: World, person: Account, program: Program, mailed: Mailed
):
    """A new e-mail address is pending until the mailed link's button is pressed."""
    mailed()
    answer = program.call("PATCH", "/me", json={"email": "ada@new.example.org"})
    assert (answer.json()["email"], answer.json()["pending_email"]) == (
        person.email,
        "ada@new.example.org",
    )
    assert [one.message for one in mailed()] == ["confirm_email", "email_change_asked"]


def test_sensitive_fields_need_a_recent_sign_in(world: World, person: Account, program: Program):
    """RFC 9470, as on the pages: five minutes; phone and address do not."""
    world.clock.advance(seconds=301)
    program.tokens = program.party.checked(
        program.party.refresh(program.tokens.refresh_token), nonce=None
    )
    for body in (
        {"email": "ada@new.example.org"},
        {"username": "ada.attorney"},
        {"last_name": "L"},
    ):
        answer = program.call("PATCH", "/me", json=body)
        assert answer.status_code == 401
        assert 'max_age="300"' in answer.headers["www-authenticate"]
    assert program.call("PATCH", "/me", json={"phone": "+16195550100"}).status_code == 200


def test_frozen_and_stale_are_refused(world: World, person: Account, program: Program):
    """403 with its reason while frozen; 412 for another version."""
    etag = program.call("GET", "/me").headers["etag"]
    body = {"phone": "+16195550100"}
    assert program.call("PATCH", "/me", json=body, headers={"if-match": etag}).status_code == 200
    stale = program.call("PATCH", "/me", json=body, headers={"if-match": etag})
    assert stale.status_code == 412
    world.change_account(person, frozen_at=world.clock())
    frozen = program.call("PATCH", "/me", json={"phone": "+16195550101"})
    assert (frozen.status_code, frozen.json()["type"]) == (403, "urn:signon:problem:frozen")
    assert program.call("GET", "/me").json()["changes_stopped"] is True


def test_a_rested_search_is_restored(world: World, person: Account, program: Program):
    """Twice is once; one that an operator switched off stays off."""
    off = {"search_status": "inactive", "search_status_reason": search.UNUSED}
    world.change_account(person, **off)
    stale = program.call("POST", "/me/search-on", headers={"if-match": '"old"'})
    assert stale.status_code == 412
    for _ in range(2):
        answer = program.call("POST", "/me/search-on")
        assert (answer.status_code, answer.json()["search_status"]) == (200, "active")
    world.change_account(person, search_status="inactive", search_status_reason="Fees are due.")
    refused = program.call("POST", "/me/search-on")
    assert (refused.status_code, refused.json()["type"]) == (
        409,
        "urn:signon:problem:search-stays-off",
    )


def test_courts_and_links(world: World, person: Account, program: Program):
    """What a person may file where; only what a legacy login brought is a link."""
    world.right(person, roles=["attorney"])
    (court,) = program.call("GET", "/me/courts").json()["courts"]
    assert (court["id"], court["status"], court["roles"]) == ("casb", "active", ["attorney"])
    assert program.call("GET", "/me/links").json() == {"links": []}


def test_sessions_are_listed_and_ended(
    world: World, person: Account, holder: Browser, program: Program
):
    """A person's own; with the token's own session the token ends; foreign ids are unknown."""
    world.account("someone.else", first_name="Other")
    found = program.call("GET", "/me/sessions").json()["sessions"]
    assert sorted(one["current"] for one in found) == [False, True]
    other = next(one for one in found if not one["current"])
    assert program.call("DELETE", f"/me/sessions/{other['id']}").status_code == 204
    holder.get("/account")
    assert "password" in holder.page.ids
    assert program.call("DELETE", f"/me/sessions/{other['id']}").status_code == 404
    assert program.call("DELETE", "/me/sessions/unknown").status_code == 404
    own = next(one for one in found if one["current"])
    assert program.call("DELETE", f"/me/sessions/{own['id']}").status_code == 204
    assert program.call("GET", "/me").status_code == 401


def test_grants_are_listed_and_withdrawn(
    world: World, person: Account, program: Program, allow: AllowProgram
):
    """Another application's, and one's own."""
    other = allow("second", name="Second")
    found = program.call("GET", "/me/grants").json()["grants"]
    assert [one["name"] for one in found] == ["Docket Watch", "Second"]
    assert program.call("DELETE", "/me/grants/second").status_code == 204
    assert other.call("GET", "/me").status_code == 401
    assert program.call("DELETE", "/me/grants/second").status_code == 404
    assert program.call("DELETE", "/me/grants/docket-watch").status_code == 204
    assert program.call("GET", "/me").status_code == 401


def test_activity_pages(world: World, person: Account, program: Program):
    """Newest first, each once, in words; refused sign-ins too."""
    for _ in range(3):
        failed = world.browser()
        failed.get("/login")
        failed.sign_in("a.attorney", "not the right one")
    seen, path = [], "/me/activity?limit=2"
    while path:
        answer = program.call("GET", path)
        seen += answer.json()["activity"]
        next_url = answer.links.get("next", {}).get("url", "")
        path = next_url.removeprefix("http://localhost:8000/api/v1")
    assert [one["failed"] for one in seen][:3] == [True] * 3
    assert seen[-1]["event"] == "accounts:account:created"
    assert len(seen) == len({(one["event"], one["at"], n) for n, one in enumerate(seen)}) >= 6


@ON_BOTH
def test_of_patches_at_once_with_one_version_one_is_done(
    world: World, person: Account, program: Program
):
    """The others are told that it changed meanwhile."""
    etag = program.call("GET", "/me").headers["etag"]
    statuses: list[int] = []

    def patch(number: int) -> None:
        body = {"phone": f"+1619555010{number}"}
        answer = program.call("PATCH", "/me", json=body, headers={"if-match": etag})
        statuses.append(answer.status_code)

    threads = [threading.Thread(target=patch, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(statuses) == [200, 412, 412]


def test_a_session_that_ends_while_the_password_changes(
    world: World, person: Account, holder: Browser, program: Program
):
    """Signed out between the two units: nothing is changed."""
    source = Source("192.0.2.1", "a browser", "1")
    change = PasswordChange(world.ring, world.settings)
    token = holder.http.cookies["signon_session"]
    with world.database.writing() as unit:
        session = acting.proved(unit, token, world.settings)
        begun = change.begin(unit, session, device="", source=source)
    assert isinstance(begun, Attempt)
    proved = change.check(Hasher(world.settings), begun, PASSWORD, "seven quiet lanterns now")
    assert isinstance(proved, Proved)
    found = program.call("GET", "/me/sessions").json()["sessions"]
    for one in found:
        if not one["current"]:
            program.call("DELETE", f"/me/sessions/{one['id']}")
    finish = acting.proving(change.finish, token, world.settings)
    with pytest.raises(SignInFirstError), world.database.writing() as unit:
        finish(unit, proved, device="", source=source)
    browser = world.browser()
    browser.get("/login")
    assert browser.sign_in("a.attorney", PASSWORD).status_code == 200


@ON_BOTH
def test_a_call_waits_for_what_ends_its_grant(world: World, person: Account, program: Program):
    """Begun before a sign-out everywhere is committed, it sees that all the same."""
    world.clock.advance(seconds=1)
    body = {"phone": "+16195550199"}
    with ThreadPoolExecutor(1) as pool:
        with world.database.writing() as unit:
            sign_outs.sign_out_everywhere(unit, person.id)
            called = pool.submit(program.call, "PATCH", "/me", json=body)
            # a call that did not wait would be through by now
            wait([called], timeout=0.5)
        assert called.result().status_code == 401
    with world.database.reading() as unit:
        assert own_data.find(unit, person.id).phone is None


def test_readiness_as_a_program_reads_it(world: World, person: Account, program: Program):
    """The page's checklist, with whole addresses; an unknown court is not found."""
    before = program.call("GET", "/me/courts/casb/readiness").json()
    lines = {line["name"]: line for line in before["lines"]}
    assert (before["court"], before["ready"], before["status"]) == ("casb", False, "not_linked")
    assert lines["linked_or_registered"]["address"] == "http://localhost:8000/courts/casb/link"
    assert lines["individual_account"]["next_step"] is None
    world.right(person)
    assert program.call("GET", "/me/courts/casb/readiness").json()["ready"] is True
    assert program.call("GET", "/me/courts/nowhere/readiness").status_code == 404


def test_a_fresh_link_is_undone_by_a_program(world: World, person: Account, program: Program):
    """Once, within a day and with a sign-in of just now; what stands against it has a name."""
    world.legacy_logins("casb", ["aattorney"])
    with world.database.reading() as unit:
        login = by_login(unit, "casb", "aattorney")
    assert login
    world.right(person, legacy_login_id=login.id)
    [link] = program.call("GET", "/me/links").json()["links"]
    assert link["undo_until"]
    assert program.call("DELETE", "/me/links/casb").status_code == 204
    again = program.call("DELETE", "/me/links/casb")
    assert (again.status_code, again.json()["type"]) == (409, "urn:signon:problem:nothing-to-undo")
    assert program.call("GET", "/me/links").json()["links"] == []
    world.clock.advance(seconds=299)
    world.right(person, legacy_login_id=login.id)
    world.clock.advance(seconds=2)
    assert program.call("DELETE", "/me/links/casb").status_code == 401


@ON_ONE
def test_a_courts_notices_go_elsewhere_by_program(world: World, person: Account, program: Program):
    """With a sign-in of just now, where there is a right; null is the account's address again."""
    path, there = "/me/courts/casb/notice-address", {"notice_email": "docket@firm.example"}
    none = program.call("PUT", path, json=there)
    assert (none.status_code, none.json()["type"]) == (409, "urn:signon:problem:no-right")
    world.right(person)
    unset = {"notice_email": None, "waiting_for": None}
    assert program.call("GET", path).json() == unset
    assert program.call("PUT", path, json={"notice_email": "nobody"}).status_code == 422
    assert program.call("PUT", path, json=there).status_code == 204
    assert program.call("GET", path).json() == {**unset, "waiting_for": "docket@firm.example"}
    assert program.call("PUT", path, json={"notice_email": None}).status_code == 204
    assert program.call("GET", path).json() == unset
    world.clock.advance(seconds=301)
    assert program.call("PUT", path, json=there).status_code == 401


def test_a_refused_undoing_stands_in_the_trail(world: World, person: Account, program: Program):
    """Each time it was asked for; the key of a call that was refused is free again."""
    for _ in range(2):
        answer = program.call("DELETE", "/me/links/casb", headers={"idempotency-key": "once"})
        assert answer.json()["type"] == "urn:signon:problem:nothing-to-undo"
        assert answer.json()["detail"].endswith("There is nothing to undo.")
    assert world.audited().count("filing:right:refused") == 2
