"""Contract 6, `/firms/{n}…`: who may call what, and what every call keeps to."""

import json
import sqlite3
from collections.abc import Iterator
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.dialects import sqlite
from starlette.testclient import TestClient

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind
from signon.app import create_app
from signon.firms import client_codes, members, parting
from tests.firms.conftest import HERE, MakeOffice, Office, Program, now, service, signed_in
from tests.infra.asked import counted
from tests.infra.databases import ON_ONE, is_postgresql
from tests.infra.world import PASSWORD, World

OPENAPI = Path(__file__).parents[2] / "openapi" / "signon.json"
BODIES: dict[str, Any] = {
    "change_firm_member": {"cost_center": None},
    "remove_firm_member": {"remark": "x"},
    "remove_firm_members": {"remark": "x", "account_numbers": []},
    "invite_to_firm": {
        "account_number": "1000001", "last_name": "X", "remark": "x", "acknowledged": True,
    },
    "invite_many_to_firm": {"acknowledged": True, "invitations": []},
    "add_firm_cost_center": {"code": "C9", "name": "Nine"},
    "change_firm_cost_center": {"code": "C8", "name": "Eight"},
    "change_firm_client_code_policy": {"required": False, "pattern": None},
    "change_firm_program_policy": {"allowed": True},
    "create_firm_client": {"name": "Time sheets", "scopes": ["firm:read"]},
    "renew_firm_client_secret": {"overlap_hours": 1},
    "change_firm_client_keys": {"jwks_uri": "https://office.example/keys"},
}  # fmt: skip
IN_PERSON = {
    "remove_firm_administrator", "restore_firm_own_sign_in", "create_firm_client",
    "disable_firm_client", "renew_firm_client_secret", "change_firm_client_keys",
}  # fmt: skip
"""What no program may do by itself."""


def operations() -> Iterator[tuple[str, str, str, str]]:
    """Method, path, operation and needed scope of every firm route."""
    for path, methods in json.loads(OPENAPI.read_text())["paths"].items():
        if path.startswith("/api/v1/firms/"):
            for method, said in methods.items():
                scope = said["security"][0]["signon"][0]
                yield method.upper(), path.removeprefix("/api/v1"), said["operationId"], scope


def address(path: str, firm: str) -> str:
    """With a firm's number and ids that nothing has."""
    filled = path.replace("{firm}", firm)
    for name in ("account_number", "id", "code", "client_id"):
        filled = filled.replace(f"{{{name}}}", "9999999")
    return filled


def called(program: Program, method: str, path: str, name: str) -> Any:
    """The answer to a call that is right in itself."""
    body = {"json": BODIES[name]} if name in BODIES else {}
    return program.call(method, path, **body)


@ON_ONE
def test_every_caller_at_every_route(
    world: World, make_office: MakeOffice, office: Office, ada: Account, bob: Account
):
    """Strangers 401, another firm's and unknown firms the same 404, too small a scope 403."""
    other = make_office("firm.two")
    world.account("olive.operator", AccountKind.OPERATOR)
    world.enrol("a.attorney")
    office.administrate(ada)
    own, reader = office.service(), office.service("firm:read")
    person = office.program("a.attorney")
    plain = office.program("b.barrister", "openid firm")
    foreign = other.service()
    foreign_person = other.program("firm.two")
    operators = service(world, "operations", "admin", scopes=["admin"])
    account = signed_in(
        world, "watch", "b.barrister", "openid account", scopes=["openid", "account"]
    )
    fake_operator = signed_in(
        world, "admin-tool", "b.barrister", "openid admin", scopes=["openid", "admin"]
    )
    assert len(list(operations())) >= 29
    for method, path, name, scope in operations():
        at = address(path, office.number)
        nowhere = address(path, "9999999")
        seen = f"{method} {path}"
        assert world.http.request(method, f"/api/v1{at}").status_code == 401, seen
        unknown = called(own, method, nowhere, name)
        assert unknown.status_code == 404, seen
        for stranger in (foreign, foreign_person, plain, fake_operator):
            refused = called(stranger, method, at, name)
            assert refused.status_code == 404, seen
            assert refused.json() == unknown.json(), seen
        wrong = called(account, method, at, name)
        assert wrong.status_code == 403, seen
        small = called(reader, method, at, name)
        if scope == "firm:read":
            assert small.status_code in {200, 404}, seen
        else:
            assert small.status_code == 403, seen
            assert scope in small.json()["detail"], seen
            assert f'scope="{scope}"' in small.headers["www-authenticate"], seen
        by_itself = called(own, method, at, name)
        if name in IN_PERSON:
            assert by_itself.json()["type"] == "urn:signon:problem:administrator-needed", seen
        for entitled in (person, operators):
            answer = called(entitled, method, at, name)
            assert answer.status_code not in {401, 403}, f"{seen} {answer.text}"
            assert answer.status_code < 500, seen
            if answer.status_code == 404:
                assert answer.json()["detail"] != unknown.json()["detail"], seen


@ON_ONE
def test_an_administrator_needs_two_factors(world: World, office: Office, ada: Account):
    """A token from before somebody became one does not open the firm (RFC 9470)."""
    program = office.program("a.attorney")
    assert program.call("GET", f"/firms/{office.number}").status_code == 404
    office.administrate(ada)
    refused = program.call("GET", f"/firms/{office.number}")
    assert refused.status_code == 401
    assert "insufficient_user_authentication" in refused.headers["www-authenticate"]


@ON_ONE
def test_a_legacy_firm_upgrades_first(world: World, office: Office):
    """Before it manages anything, and so does a closed one not at all; operators do."""
    own = office.service()
    operators = service(world, "operations", "admin", scopes=["admin"])
    world.change_account(office.account, upgraded_at=None)
    refused = own.call("GET", f"/firms/{office.number}/members")
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:signon:problem:firm-not-upgraded"
    assert operators.get(f"/firms/{office.number}")["upgraded"] is False


def test_members_are_found_filtered_and_paged(world: World, office: Office):
    """By the beginning of a name or number, by search status and cost center, in every order."""
    own, at = office.service(), f"/firms/{office.number}"
    for code in ("NY", "LA"):
        made = own.call("POST", f"{at}/cost-centers", json={"code": code, "name": code})
        assert made.status_code == 201
    names = [("Zoe", "Adams"), ("Al", "Adams"), ("Bo", "Baker"), ("Cy", "Clark"), ("Di", "Dean")]
    people = []
    for place, (first, last) in enumerate(names):
        person = world.account(f"person.{place}", first_name=first, last_name=last)
        world.clock.advance(seconds=1)
        office.join(person)
        people.append(person)
    moved = own.call("PATCH", f"{at}/members/{people[2].number}", json={"cost_center": "NY"})
    assert (moved.status_code, moved.json()["cost_center"]) == (200, "NY")
    world.change_account(people[3], search_status="inactive", search_status_reason="unpaid")

    def seen(query: str) -> list[str]:
        found: list[str] = []
        path = f"{at}/members?limit=2&{query}"
        while path:
            answer = own.call("GET", path)
            assert answer.status_code == 200, answer.text
            page = answer.json()["members"]
            assert len(page) <= 2
            found += [f"{one['first_name']} {one['last_name']}" for one in page]
            link = answer.headers.get("link", "")
            path = link.partition(">")[0].partition("/api/v1")[2]
        return found

    by_name = ["Al Adams", "Zoe Adams", "Bo Baker", "Cy Clark", "Di Dean"]
    assert seen("") == by_name
    assert seen("sort=-name") == by_name[::-1]
    by_number = sorted(people, key=lambda one: one.number)
    assert seen("sort=number") == [one.display_name for one in by_number]
    assert seen("sort=-joined") == [one.display_name for one in reversed(people)]
    assert seen("q=ada") == by_name[:2]
    assert seen("q=ADAMS,+z") == ["Zoe Adams"]
    assert seen(f"q={people[4].number[:6]}") == ["Di Dean"]
    assert seen("search_status=inactive") == ["Cy Clark"]
    assert seen("cost_center=NY") == ["Bo Baker"]
    assert seen("cost_center=none&search_status=active&sort=-name") == [
        "Di Dean", "Zoe Adams", "Al Adams",
    ]  # fmt: skip
    for bad in ("sort=x", "search_status=x", "cursor=!", "cursor=YWJj", "nothing=1", "limit=0"):
        assert own.call("GET", f"{at}/members?{bad}").status_code == 422, bad
    csv = own.call("GET", f"{at}/members/export?format=csv&cost_center=NY")
    assert csv.text.splitlines()[1].split(",")[:4] == [people[2].number, "individual", "Bo", ""]
    whole = own.call("GET", f"{at}/members/export").json()["members"]
    assert [one["last_name"] for one in whole] == ["Adams", "Adams", "Baker", "Clark", "Dean"]
    assert set(whole[0]) == set(own.get(f"{at}/members")["members"][0])
    told = own.call("GET", f"{at}/members").text
    assert not any(word in told for word in ("@example.org", "person.0", "factor", "password"))


@ON_ONE
@pytest.mark.parametrize("order", list(members.Order))
def test_a_page_reads_an_index_in_its_order(world: World, order: members.Order):
    """Nothing is sorted and no row is read to be left out, however many members there are."""
    for has_words in (False, True):
        if has_words and "joined" in order:
            continue
        for status, center, goes_on in product((False, True), (None, "none", "one"), (False, True)):
            statement = members._statement(order, has_words, status, center, goes_on)
            compiled = statement.compile(dialect=sqlite.dialect())
            values = [
                compiled.binds[name].value or "2026-01-01" for name in compiled.positiontup or ()
            ]
            with sqlite3.connect(world.database.url.database or "") as connection:
                rows = connection.execute(f"EXPLAIN QUERY PLAN {compiled}", values).fetchall()
            plan = " ".join(str(row[3]) for row in rows)
            assert "USING INDEX ix_accounts_firm_by" in plan, plan
            assert "TEMP B-TREE" not in plan, plan


def test_invitations_over_rest(world: World, office: Office, ada: Account):
    """Right, wrong and foreign: the same answer, but for the id; then accepted by the person."""
    own, at = office.service(), f"/firms/{office.number}/invitations"
    body = {"last_name": "Attorney", "remark": "joins", "acknowledged": True}
    free = "1000001" if ada.number != "1000001" else "1000002"
    right = own.call("POST", at, json={**body, "account_number": ada.number})
    wrong = own.call("POST", at, json={**body, "account_number": free})
    assert right.status_code == wrong.status_code == 201
    changing = {"id", "account_number"}
    assert {k: v for k, v in right.json().items() if k not in changing} == {
        k: v for k, v in wrong.json().items() if k not in changing
    }
    assert {*right.headers} == {*wrong.headers}
    again = own.call("POST", at, json={**body, "account_number": ada.number})
    assert (again.status_code, again.json()["type"]) == (
        409, "urn:signon:problem:already-invited",
    )  # fmt: skip
    office.deliver()
    mine = signed_in(world, "watch", "a.attorney", "openid account", scopes=["openid", "account"])
    (offer,) = mine.get("/me/firm-invitations")["invitations"]
    assert (offer["firm_account_number"], offer["leaves"]) == (office.number, None)
    assert mine.call("GET", "/me/firm").status_code == 404
    path = f"/me/firm-invitations/{offer['id']}"
    assert mine.call("POST", f"{path}/accept", json={"leaves": "1234567"}).status_code == 409
    assert mine.call("POST", f"{path}/accept", json={}).status_code == 204
    assert mine.call("POST", f"{path}/decline", json={}).status_code == 404
    assert mine.get("/me/firm")["account_number"] == office.number
    member = own.call("GET", f"/firms/{office.number}/members/{ada.number}")
    stale = {"if-match": '"else"'}
    remove = f"/firms/{office.number}/members/{ada.number}/remove"
    assert own.call("POST", remove, json={"remark": "x"}, headers=stale).status_code == 412
    seen = {"if-match": member.headers["etag"]}
    assert own.call("POST", remove, json={"remark": "x"}, headers=seen).status_code == 204
    states = [one["status"] for one in own.get(f"{at}?status=accepted")["invitations"]]
    assert states == ["accepted"]
    assert own.call("GET", f"{at}?status=x").status_code == 422
    pending = own.get(f"{at}?status=pending")["invitations"][0]
    assert own.call("DELETE", f"{at}/{pending['id']}").status_code == 204
    assert own.call("DELETE", f"{at}/{pending['id']}").status_code == 409


def test_everybody_who_waits_is_mailed_again(
    world: World, office: Office, ada: Account, bob: Account
):
    """One call; found by the beginning of a name or number."""
    own, at = office.service(), f"/firms/{office.number}/invitations"
    for person in (ada, bob):
        office.invite(person)
    assert own.call("POST", f"{at}/send-again").json()["type"] == "urn:signon:problem:nobody-waits"
    world.clock.advance(seconds=301)
    own = office.service()
    assert own.call("POST", f"{at}/send-again").json() == {"reminded": 2}
    assert own.call("POST", f"{at}/send-again").status_code == 409
    office.deliver()
    assert len(office.mails("firm_invitation")) == 4
    found = own.get(f"{at}?q={bob.number[:6]}")["invitations"]
    assert [one["account_number"] for one in found if one["account_number"] == bob.number]
    assert own.get(f"{at}?q=barr%25")["invitations"] == []


def test_many_at_once(world: World, office: Office, ada: Account, bob: Account):
    """All or nothing, unless `mode=partial`; a result for each line; JSON and CSV."""
    own, at = office.service(), f"/firms/{office.number}"
    lines = [
        {"account_number": ada.number, "last_name": "Attorney", "remark": "x"},
        {"account_number": "12", "last_name": "Short", "remark": "x"},
        {"account_number": ada.number, "last_name": "Attorney", "remark": "twice"},
        {"email": "n@example.org", "first_name": "N", "last_name": "New", "remark": "x"},
    ]
    sent = {"acknowledged": True, "invitations": lines}
    none = own.call("POST", f"{at}/invitations/bulk", json=sent)
    assert none.status_code == 422
    assert [one["line"] for one in none.json()["lines"]] == [2, 3]
    look = own.call("POST", f"{at}/invitations/bulk?mode=check", json=sent).json()
    assert (look["id"], look["done"], look["refused"]) == (None, 0, 2)
    assert own.get(f"{at}/invitations")["invitations"] == []
    some = own.call("POST", f"{at}/invitations/bulk?mode=partial", json=sent).json()
    assert (some["done"], some["refused"]) == (2, 2)
    assert [one["done"] for one in some["lines"]] == [True, False, False, True]
    assert some["lines"][1]["type"] == "urn:signon:problem:invalid"
    progress = own.get(f"{at}/invitations/bulk/{some['id']}")
    assert (progress["done"], progress["handled"]) == (2, 0)
    office.deliver()
    assert own.get(f"{at}/invitations/bulk/{some['id']}")["handled"] == 2
    office.accept(ada, some["lines"][0]["id"])
    office.join(bob)
    text = f"account_number\n{ada.number}\n{bob.number}\n"
    csv = {"content-type": "text/csv"}
    gone = own.call("POST", f"{at}/members/removals?remark=closing", content=text, headers=csv)
    assert (gone.status_code, gone.json()["done"]) == (200, 2)
    office.deliver()
    assert len([one for one in office.mails("firm_membership") if one["remark"]]) == 2
    again = own.call("POST", f"{at}/members/removals?remark=x", content=text, headers=csv)
    assert again.status_code == 422
    file = f"account_number,last_name,remark\n{bob.number},Barrister,back\n"
    back = own.call("POST", f"{at}/invitations/bulk?acknowledged=true", content=file, headers=csv)
    assert back.json()["done"] == 1, back.text
    for bad in ("a,b\n1,2\n", "account_number\n", f"{file}1,2\n", '"', "\n"):
        refused = own.call(
            "POST", f"{at}/invitations/bulk?acknowledged=true", content=bad, headers=csv
        )
        assert refused.status_code == 422, bad


@ON_ONE
def test_retries_and_lost_updates(world: World, make_office: MakeOffice, office: Office):
    """The same key gets the same answer, another body 422; two firms' keys never meet; 412; 422."""
    operators = service(world, "operations", "admin", scopes=["admin"])
    other = make_office("firm.two")
    body = {"code": "NY", "name": "New York"}
    key = {"idempotency-key": "once"}
    first, second = (f"/firms/{one.number}/cost-centers" for one in (office, other))
    made = operators.call("POST", first, json=body, headers=key)
    again = operators.call("POST", first, json=body, headers=key)
    assert (made.status_code, made.json()) == (again.status_code, again.json())
    changed = operators.call("POST", first, json={**body, "name": "x"}, headers=key)
    assert changed.status_code == 422
    assert changed.json()["type"] == "urn:signon:problem:idempotency-key-reused"
    there = operators.call("POST", second, json={**body, "name": "x"}, headers=key)
    assert there.status_code == 201
    assert operators.call("POST", first, json={**body, "more": 1}).status_code == 422
    assert operators.call("POST", first, json=body).status_code == 409
    one = f"{first}/NY"
    seen = {"if-match": made.headers["etag"]}
    assert operators.call("PUT", one, json={**body, "name": "y"}, headers=seen).status_code == 200
    assert operators.call("PUT", one, json=body, headers=seen).status_code == 412
    policy = f"/firms/{office.number}/client-code-policy"
    rule = {"required": True, "pattern": "####"}
    etag = {"if-match": operators.call("GET", policy).headers["etag"]}
    assert operators.call("PUT", policy, json=rule, headers=etag).json() == rule
    assert operators.call("PUT", policy, json=rule, headers=etag).status_code == 412
    bad = operators.call("PUT", policy, json={"required": True, "pattern": "*a"})
    assert bad.status_code == 422
    programs = f"/firms/{office.number}/program-policy"
    etag = {"if-match": operators.call("GET", programs).headers["etag"]}
    for allowed in (True, False):
        answer = operators.call("PUT", programs, json={"allowed": allowed}, headers=etag)
        assert answer.json() == {"allowed": allowed}
    assert operators.call("PUT", programs, json={"allowed": True}, headers=etag).status_code == 412
    happened = operators.get(f"/firms/{office.number}/activity")["activity"]
    assert {"allowed": False} in [one["after"] for one in happened if one["subject"] == "programs"]
    assert happened[0]["by"] == "the PACER Service Center"
    about = operators.get(f"/firms/{office.number}/activity?about=NY")["activity"]
    assert {one["subject"] for one in about} == {"cost_center"}
    assert {"code": "NY", "name": "New York"} in [one["before"] for one in about]


@ON_ONE
def test_over_the_limit(world: World, office: Office, settings: Any):
    """429 with `Retry-After`; every answer tells what is left."""
    own = office.service()
    few = settings.model_copy(update={"api_requests_per_minute": 2})
    with TestClient(create_app(few, clock=world.clock), base_url=settings.issuer) as http:
        world_of_few = Program(World(**{**vars(world), "http": http}), own.token)
        answers = [world_of_few.call("GET", f"/firms/{office.number}") for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert [one.headers["ratelimit-remaining"] for one in answers] == ["1", "0", "0"]
    assert 0 < int(answers[2].headers["retry-after"]) <= 60
    assert answers[2].json()["type"] == "urn:signon:problem:too-many-requests"


def test_programs_of_the_firm(world: World, office: Office, ada: Account):
    """Made and renewed by a person; they reach the own firm by secret or by key, until they end."""
    world.enrol("a.attorney")
    office.administrate(ada)
    person, at = office.program("a.attorney"), f"/firms/{office.number}/clients"
    made = person.call("POST", at, json={"name": "Time sheets", "scopes": ["firm:read"]})
    assert made.status_code == 201, made.text
    client_id, secret = made.json()["client_id"], made.json()["client_secret"]
    assert {one["client_secret"] for one in person.get(at)["clients"]} == {None}

    def token(secret: str) -> Any:
        return world.http.post(
            "/oauth2/token",
            data={"grant_type": "client_credentials", "scope": "firm:read"},
            auth=(client_id, secret),
        )

    got = Program(world, token(secret).json()["access_token"])
    assert got.get(f"/firms/{office.number}")["account_number"] == office.number
    assert got.call("POST", at, json={"name": "x", "scopes": ["firm:read"]}).status_code == 403
    renewed = person.call("POST", f"{at}/{client_id}/secret", json={"overlap_hours": 0})
    assert renewed.status_code == 200, renewed.text
    fresh = renewed.json()["client_secret"]
    # clients are kept for a second
    assert world.eventually(lambda: token(fresh).status_code == 200, seconds=3)
    assert person.call("DELETE", f"{at}/{client_id}").status_code == 204
    assert got.call("GET", f"/firms/{office.number}").status_code == 401
    wrong: list[dict[str, Any]] = [
        {"scopes": ["admin"]}, {"scopes": []}, {"jwks": {"keys": []}}, {"name": ""},
    ]  # fmt: skip
    for bad in wrong:
        body = {"name": "x", "scopes": ["firm:read"], **bad}
        assert person.call("POST", at, json=body).status_code == 422, bad
    world.clock.advance(seconds=301)
    late = person.call("POST", at, json={"name": "x", "scopes": ["firm:read"]})
    assert (late.status_code, late.json()["type"]) in {
        (401, "urn:signon:problem:insufficient-user-authentication"),
        (401, "urn:signon:problem:invalid-token"),
    }


def test_what_a_call_costs(world: World, office: Office, ada: Account, database_url: str):
    """Reading: three statements at most; changing: eleven, an `Idempotency-Key` and the event for
    courts included.
    """
    own, at = office.service(), f"/firms/{office.number}"
    office.join(ada)
    world.http.get("/oauth2/jwks")
    own.get(at)
    reading = [
        path for method, path, name, _ in operations() if method == "GET" and "export" not in path
    ]
    for path in reading:
        with counted() as sent:
            own.call(
                "GET",
                address(path, office.number).replace("members/9999999", f"members/{ada.number}"),
            )
        assert len(sent) <= 3, (path, sent)
    # the audit trail's writer is one statement on PostgreSQL, and three within the file on SQLite
    most = 11 if is_postgresql(database_url) else 13
    invited = {"account_number": "1000001", "last_name": "X", "remark": "x", "acknowledged": True}
    changing = [
        ("POST", f"{at}/invitations", invited),
        ("POST", f"{at}/cost-centers", {"code": "NY", "name": "New York"}),
        ("PATCH", f"{at}/members/{ada.number}", {"cost_center": "NY"}),
        ("PUT", f"{at}/client-code-policy", {"required": True, "pattern": None}),
        ("POST", f"{at}/members/{ada.number}/remove", {"remark": "x"}),
    ]
    for place, (method, path, body) in enumerate(changing):
        with counted() as sent:
            answer = own.call(method, path, json=body, headers={"idempotency-key": str(place)})
        assert answer.status_code < 300, answer.text
        assert len(sent) <= most, (path, len(sent), sent)
    made = office.invite(ada)
    mine = signed_in(world, "watch", "a.attorney", "openid account", scopes=["openid", "account"])
    with counted() as sent:
        answer = mine.call("POST", f"/me/firm-invitations/{made.id}/accept", json={})
    assert answer.status_code == 204, answer.text
    assert len(sent) <= most, (len(sent), sent)


def test_a_member_s_token_changes_within_one_refresh(
    world: World, make_office: MakeOffice, office: Office, ada: Account
):
    """Billing account, the firm's rule for client codes, and the search status."""
    world.change_account(ada, client_code_pattern="own-#")
    other = make_office("firm.two")
    portal = signed_in(world, "portal", "a.attorney", "openid pacer", scopes=["openid", "pacer"])
    party = portal.party
    assert party is not None
    tokens = portal.tokens

    def told() -> tuple[Any, ...]:
        nonlocal tokens
        tokens = party.checked(party.refresh(tokens.refresh_token), nonce=None)
        info = party.userinfo(tokens.access_token).json()
        names = (
            "pacer_billing_account",
            "pacer_search_status",
            "pacer_client_code_required",
            "pacer_client_code_pattern",
        )
        found = tuple(tokens.claims.get(name) for name in names)
        assert found == tuple(info.get(name) for name in names)
        return found

    assert told() == (ada.number, "active", None, "own-#")
    office.join(ada)
    assert told() == (office.number, "active", None, "own-#")
    world.change_account(office.account, client_code_required=True, client_code_pattern="###")
    assert told() == (office.number, "active", True, "###")
    other.join(ada, leaves=office.number)
    assert told() == (other.number, "active", None, "own-#")
    with world.database.writing() as unit:
        parting.leave(unit, now(world, ada), "enough", source=HERE)
    assert told() == (ada.number, "inactive", None, "own-#")


def test_the_firm_s_rule_is_asked_for_at_the_sign_in(world: World, office: Office, ada: Account):
    """It overrides the member's own, which comes back when the member leaves."""
    world.change_account(ada, client_code_pattern="own-#")
    office.join(ada)
    world.change_account(office.account, client_code_required=True, client_code_pattern="###")
    with world.database.reading() as unit:
        rule = client_codes.rule_of(unit, now(world, ada))
    assert (rule.is_required, rule.pattern, rule.set_by) == (True, "###", "Attorney & Daughters")
    browser = world.browser()
    browser.get("/account")
    browser.sign_in("a.attorney", PASSWORD)
    assert browser.response is not None
    assert browser.response.url.path == "/login/client-code"
    with world.database.writing() as unit:
        parting.leave(unit, now(world, ada), "enough", source=HERE)
    with world.database.reading() as unit:
        assert client_codes.rule_of(unit, now(world, ada)).pattern == "own-#"
