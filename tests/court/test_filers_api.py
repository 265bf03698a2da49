"""REST scope `court`: a court's filers, certificates and legacy logins for programs."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, update

from signon.accounts.directory import Account
from signon.accounts.models import accounts
from signon.courts.registry import read_one
from signon.filing.legacy_logins import importing
from signon.filing.legacy_logins.legacy_logins import by_login
from signon.filing.linking import folding
from signon.filing.models import legacy_logins
from signon.filing.rights import reductions, rights
from signon.web.visitor import Source
from tests.court.conftest import Caller, CourtHouse
from tests.filing.conftest import STRONG
from tests.infra.asked import counted
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.oidc.relying_party import RelyingParty

LISTS = Path(__file__).parents[1] / "filing" / "lists"
CALLBACK = "https://ecf.casb.test/callback"


@pytest.fixture
def clerk(courthouse: CourtHouse) -> Caller:
    """The court's own program."""
    return courthouse.service()


@pytest.fixture
def filer(world: World) -> Account:
    """`a.attorney` with an active right at `casb`."""
    account = world.account()
    world.right(account)
    return account


def test_what_a_clerk_does_shows_at_once(world: World, clerk: Caller, filer: Account):
    """Suspended, restored, unlinked: in introspection at that moment, in tokens at the refresh."""
    secret = world.client()
    party = RelyingParty(world.browser(), world.clock, "casb-cmecf", secret, CALLBACK, "openid ecf")
    party.browser.get("/login")
    party.browser.sign_in("a.attorney", "correct horse battery staple")
    party.begin()
    tokens = party.tokens()

    def status(token: str) -> tuple[str, list[str]]:
        body = party.at("introspection_endpoint", token=token).json()
        return body["ecf_status"], body["ecf_roles"]

    path = f"/courts/casb/filers/{filer.number}"
    assert status(tokens.access_token) == ("active", ["attorney"])
    assert clerk.call("POST", f"{path}/suspend", json={"reason": "Fees"}).json()["status"] == (
        "suspended"
    )
    assert status(tokens.access_token) == ("suspended", [])
    assert len(world.queued(reductions.REDUCED)) == 1
    renewed = party.checked(party.refresh(tokens.refresh_token), nonce=None)
    assert renewed.claims["ecf_roles"] == []
    assert clerk.call("POST", f"{path}/restore").status_code == 200
    assert status(renewed.access_token) == ("active", ["attorney"])
    assert len(world.queued(reductions.REDUCED)) == 1
    assert clerk.call("POST", f"{path}/unlink", json={"reason": "Moved"}).status_code == 204
    assert status(renewed.access_token) == ("not_linked", [])
    assert clerk.call("GET", path).status_code == 404
    changes = clerk.call("GET", f"{path}/history").json()["changes"]
    assert ["ended_at"] in [list(one["after"]) for one in changes]
    assert clerk.call("GET", f"{path}/readiness").json()["ready"] is False


def test_roles_cases_and_versions(world: World, clerk: Caller, filer: Account):
    """All three are replaced; what the court's type cannot give is refused; 412 guards."""
    path = f"/courts/casb/filers/{filer.number}"
    seen = clerk.call("GET", path)
    wanted = {"roles": ["attorney"], "cases": ["20-01234"], "conditions": "With local counsel"}
    changed = clerk.call(
        "PUT", f"{path}/roles", json=wanted, headers={"if-match": seen.headers["etag"]}
    )
    assert changed.status_code == 200, changed.text
    assert (changed.json()["cases"], changed.json()["admission"]) == (["20-01234"], "pro_hac_vice")
    assert len(world.queued(reductions.REDUCED)) == 1
    stale = clerk.call(
        "POST", f"{path}/suspend", json={"reason": "x"}, headers={"if-match": seen.headers["etag"]}
    )
    assert (stale.status_code, stale.json()["type"]) == (
        412,
        "urn:signon:problem:changed-meanwhile",
    )
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"roles": ["judge"]}, "roles"),
        ({"roles": []}, "roles"),
        ({"roles": ["pro_se"]}, "cases"),
        ({"roles": ["trustee"], "cases": ["20-01234"]}, "cases"),
        ({"roles": ["attorney"], "cases": ["not a case"]}, "cases"),
    ]
    for body, field in wrong:
        answer = clerk.call("PUT", f"{path}/roles", json=body)
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, field), body
    untrained = clerk.call("PUT", f"{path}/roles", json={"roles": ["attorney", "trustee"]})
    assert untrained.json()["type"] == "urn:signon:problem:certificate-missing"
    clerk.call(
        "POST",
        "/courts/casb/certifications",
        json={"account_number": filer.number, "role": "trustee", "certified_on": "2026-03-01"},
    )
    both = clerk.call("PUT", f"{path}/roles", json={"roles": ["attorney", "trustee"]})
    assert both.json()["roles"] == ["attorney", "trustee"]


def test_the_list_is_searched_and_paged(world: World, clerk: Caller):
    """Newest first, each once over all pages; by number, name, login, state and role."""
    people = []
    for number in range(5):
        person = world.account(
            f"filer.number{number}", first_name="Ann", last_name=f"Filer{number}"
        )
        world.right(
            person,
            login=f"afiler{number}",
            roles=["trustee" if number == 3 else "attorney"],
            status="suspended" if number == 4 else "active",
            suspended_by=["court"] if number == 4 else [],
        )
        people.append(person)
        world.clock.advance(seconds=1)
    foreign = world.account("filer.foreign1")
    world.right(foreign, "cacd")
    numbers: list[str] = []
    path = "/courts/casb/filers?limit=2"
    while path:
        answer = clerk.call("GET", path)
        numbers += [one["account_number"] for one in answer.json()["filers"]]
        link = answer.headers.get("link", "")
        path = link.partition("/api/v1")[2].partition(">")[0]
    assert numbers == [one.number for one in reversed(people)]

    def found(query: str) -> list[str]:
        answer = clerk.call("GET", f"/courts/casb/filers?{query}")
        return [one["name"] for one in answer.json()["filers"]]

    assert found(f"q={people[2].number}") == ["Ann Filer2"]
    assert found("q=filer1") == ["Ann Filer1"]
    assert found("q=FILER4") == ["Ann Filer4"]
    assert found("status=suspended") == ["Ann Filer4"]
    assert found("role=trustee") == ["Ann Filer3"]
    assert found(f"q={foreign.number}") == []
    for query in ("status=gone", "role=judge", "q=a", "cursor=eA"):
        assert clerk.call("GET", f"/courts/casb/filers?{query}").status_code == 422


def test_certificates_for_programs(world: World, clerk: Caller, filer: Account):
    """Recorded, listed, withdrawn; many at once as JSON or CSV, with a report line by line."""
    base = "/courts/casb/certifications"
    made = clerk.call(
        "POST",
        base,
        json={"account_number": filer.number, "role": "attorney", "certified_on": "2026-01-05"},
    )
    assert made.status_code == 201
    one = made.headers["location"].removeprefix("/api/v1")
    assert clerk.call("GET", one).json() == made.json()
    csv = f"account_number,role,certified_on\n{filer.number},attorney,2026-01-05\n1,attorney,x\n"
    sent = clerk.call(
        "POST", f"{base}/bulk", content=csv.encode(), headers={"content-type": "text/csv"}
    )
    assert [line["outcome"] for line in sent.json()["lines"]] == ["already_recorded", "refused"]
    lines = [{"account_number": filer.number, "role": "mediator", "certified_on": "2026-01-06"}]
    sent = clerk.call("POST", f"{base}/bulk", json={"certifications": lines})
    assert [line["outcome"] for line in sent.json()["lines"]] == ["recorded"]
    world.clock.advance(seconds=1)
    gone = clerk.call("POST", f"{one}/withdraw", json={"reason": "Not attended"})
    assert gone.json()["withdrawn_reason"] == "Not attended"
    assert clerk.call("GET", f"/courts/casb/filers/{filer.number}").json()["suspended_by"] == [
        "certification"
    ]
    listed = clerk.call("GET", f"{base}?account_number={filer.number}&limit=1")
    assert len(listed.json()["certifications"]) == 1
    assert 'rel="next"' in listed.headers["link"]
    assert clerk.call("POST", f"{one}/withdraw", json={"reason": "x"}).status_code == 409
    assert clerk.call("GET", f"{base}/unknown").status_code == 404


def test_whoever_is_signed_out_while_an_import_hashes_imports_nothing(
    world: World, courthouse: CourtHouse, monkeypatch: pytest.MonkeyPatch
):
    """Who may is asked again in the unit that writes."""
    courthouse.staff("administrator")
    tool = courthouse.tool("administrator.casb")
    prepare = importing._prepare

    def meanwhile(*given: Any) -> dict[str, str]:
        world.clock.advance(seconds=1)
        with world.database.writing() as unit:
            unit.execute(update(accounts).values(valid_from=unit.now))
        return prepare(*given)

    monkeypatch.setattr(importing, "_prepare", meanwhile)
    line = {
        "login": "jdoe",
        "password_hash": STRONG,
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jdoe@court.example.com",
        "roles": ["attorney"],
        "status": "active",
    }
    body = {"legacy_logins": [line]}
    assert tool.call("POST", "/courts/casb/legacy-logins", json=body).status_code == 401
    with world.database.reading() as unit:
        assert unit.scalar(select(func.count()).select_from(legacy_logins)) == 0


def test_an_import_that_takes_rights_away_asks(world: World, clerk: Caller):
    """All or none, the same rules as the command; a dry run shows, `confirm` agrees to just that."""
    line = {
        "login": "jdoe",
        "password_hash": STRONG,
        "first_name": "Jane",
        "last_name": "Doe",
        "email": "jdoe@court.example.com",
        "roles": ["attorney", "mediator"],
        "status": "active",
    }
    path = "/courts/casb/legacy-logins"
    first = clerk.call("POST", path, json={"legacy_logins": [line]})
    assert (first.status_code, first.json()["added"], first.json()["done"]) == (200, 1, True)
    for _ in range(2):
        again = clerk.call(
            "POST", path, json={"legacy_logins": [line]}, headers={"idempotency-key": "one"}
        )
        assert again.json()["updated"] == 1
    [login] = clerk.call("GET", f"{path}?q=doe").json()["legacy_logins"]
    assert (login["login"], login["status"]) == ("jdoe", "active")
    world.right(world.account(), login="jdoe", legacy_login_id=login["id"],
                roles=["attorney", "mediator"])  # fmt: skip
    less = {**line, "roles": ["attorney"], "password_hash": ""}
    dry = clerk.call("POST", path, json={"legacy_logins": [less], "dry_run": True}).json()
    assert (dry["done"], dry["rights_shrunk"]) == (False, 1)
    asked = clerk.call("POST", path, json={"legacy_logins": [less]})
    assert (asked.status_code, asked.json()["type"]) == (
        409,
        "urn:signon:problem:rights-would-shrink",
    )
    assert asked.json()["confirm"] == dry["confirm"]
    other = {**less, "last_name": "Roe"}
    again = clerk.call("POST", path, json={"legacy_logins": [other], "confirm": dry["confirm"]})
    assert again.status_code == 409
    done = clerk.call("POST", path, json={"legacy_logins": [less], "confirm": dry["confirm"]})
    assert done.json()["done"] is True
    assert len(world.queued(reductions.REDUCED)) == 1
    bad = clerk.call("POST", path, json={"legacy_logins": [{**line, "roles": ["judge"]}]}).json()
    assert (bad["done"], bad["bad_lines"][0]["line"]) == (False, 1)
    weak = [{**line, "login": f"w{n}", "password_hash": "abpbCocLh43.I"} for n in range(201)]
    many = clerk.call("POST", path, json={"legacy_logins": weak})
    assert many.json()["type"] == "urn:signon:problem:too-many-weak-hashes"
    mailed = clerk.call("POST", f"{path}/{login['id']}/mail-proof")
    assert mailed.json()["type"] == "urn:signon:problem:login-taken"
    assert "filing:desk:refused" in world.audited()


@ON_ONE
def test_the_right_line_of_an_import_is_named(clerk: Caller):
    """Lines of JSON are counted as they were sent, whatever stands in their cells."""
    body = json.loads((LISTS / "rest_duplicate_line.json").read_text())
    body["legacy_logins"][0]["bar_id"] = "1\r\n2"
    answer = clerk.call("POST", "/courts/casb/legacy-logins", json=body).json()
    assert answer["bad_lines"] == [
        {"line": 1, "reason": "holds a control character"},
        {"line": 3, "reason": "the login stands in line 2 already"},
    ]


@ON_ONE
def test_activity_of_a_court(world: World, clerk: Caller, filer: Account):
    """Newest first and only the court's own."""
    clerk.call("POST", f"/courts/casb/filers/{filer.number}/suspend", json={"reason": "Fees"})
    seen = clerk.call("GET", "/courts/casb/activity?limit=1").json()["activity"]
    assert (seen[0]["event"], seen[0]["actor"]) == ("filing:right:suspended", "casb-service")
    assert "Fees" not in str(seen)


@ON_ONE
def test_the_help_desk_looks_and_changes_nothing(courthouse: CourtHouse, filer: Account):
    """It sees why somebody cannot file; every act is refused by name and noted."""
    courthouse.staff("help_desk")
    desk = courthouse.tool("help.desk.casb")
    path = f"/courts/casb/filers/{filer.number}"
    assert desk.call("GET", f"{path}/readiness").json()["ready"] is True
    for act in ("suspend", "unlink"):
        refused = desk.call("POST", f"{path}/{act}", json={"reason": "why"})
        assert (refused.status_code, refused.json()["type"]) == (
            403,
            "urn:signon:problem:not-permitted",
        )
    assert courthouse.refusals() == ["not_permitted"] * 2


def test_a_certificate_runs_out_for_the_court_at_its_hour(
    world: World, clerk: Caller, filer: Account
):
    """Introspection, UserInfo and a refresh see it, with as many statements as before."""
    certificate = {"account_number": filer.number, "role": "attorney", "certified_on": "2026-03-01"}
    made = clerk.call("POST", "/courts/casb/certifications",
                      json={**certificate, "expires_on": "2026-03-02"})  # fmt: skip
    assert made.status_code == 201
    midnight = datetime(2026, 3, 3, 8, tzinfo=UTC)
    world.clock.advance(seconds=(midnight - world.clock()).total_seconds() - 60)
    secret = world.client()
    party = RelyingParty(world.browser(), world.clock, "casb-cmecf", secret, CALLBACK, "openid ecf")
    party.browser.get("/login")
    party.browser.sign_in("a.attorney", "correct horse battery staple")
    party.begin()
    tokens = party.tokens()

    def seen() -> list[tuple[str, list[str]]]:
        told = [
            party.at("introspection_endpoint", token=tokens.access_token).json(),
            party.userinfo(tokens.access_token).json(),
        ]
        return [(one["ecf_status"], one["ecf_roles"]) for one in told]

    with counted() as before:
        assert seen() == [("active", ["attorney"])] * 2
    world.clock.advance(seconds=60)
    with counted() as after:
        assert seen() == [("suspended", [])] * 2
    assert len(after) == len(before)
    renewed = party.checked(party.refresh(tokens.refresh_token), nonce=None)
    assert (renewed.claims["ecf_status"], renewed.claims["ecf_roles"]) == ("suspended", [])


@ON_ONE
@pytest.mark.parametrize("act", ["accept", "reject"])
def test_a_further_login_is_decided_by_program(
    world: World, courthouse: CourtHouse, clerk: Caller, filer: Account, act: str
):
    """Once, never by whoever it is about, and with a reason where it is refused."""
    world.legacy_logins("casb", ["jdoe"])
    with world.database.writing() as unit:
        login = by_login(unit, "casb", "jdoe")
        right = rights.held(unit, filer.id, "casb")
        assert login
        assert right
        folding.fold(
            unit, filer, read_one(unit, "casb"), right, login, source=Source(), reviewed=True
        )
    path = f"/courts/casb/filers/{filer.number}/{act}-login"
    body = {"json": {"reason": "It is somebody else’s."}} if act == "reject" else {}
    courthouse.staff("clerk", username=filer.username)
    own = courthouse.tool(filer.username).call("POST", path, **body)
    assert own.json()["type"] == "urn:signon:problem:own-account"
    done = clerk.call("POST", path, **body)
    assert done.status_code == 200
    assert done.json()["other_logins"] == (["jdoe"] if act == "accept" else [])
    again = clerk.call("POST", path, **body)
    assert again.json()["type"] == "urn:signon:problem:no-login-waits"
