"""Every REST route of a court × every kind of caller × the own and a foreign court."""

from typing import Any

import httpx2
import pytest

from signon.app import create_app
from signon.config import Settings
from signon.courts.staff import StaffRole
from signon.filing.court.desk import POWERS, Power
from signon.rest import Operations
from signon.rest.routing import RestRoute
from signon.web.problems import BASE as REST
from tests.court.conftest import Caller, CourtHouse
from tests.infra.databases import ON_ONE
from tests.infra.world import World

BASE = "/courts/{court}"
NEEDS: dict[str, Power] = {
    "give_court_role": Power.STAFF,
    "take_court_role": Power.STAFF,
    "invite_court_client": Power.INVITE,
    "withdraw_court_client_invitation": Power.INVITE,
    "record_certification": Power.CERTIFY,
    "record_certifications": Power.CERTIFY,
    "withdraw_certification": Power.CERTIFY,
    "import_legacy_logins": Power.IMPORT,
    "import_court_agents": Power.IMPORT,
    "mail_login_proof": Power.MAIL_PROOFS,
    **dict.fromkeys(
        (
            *("plan_court_wave", "plan_usual_court_waves", "change_court_wave"),
            *("remove_court_wave", "stop_court_wave", "try_court_wave"),
        ),
        Power.REMIND,
    ),
    "change_court_policy": Power.POLICY,
    "replace_court_policy": Power.POLICY,
    "approve_registration": Power.DECIDE,
    "return_registration": Power.DECIDE,
    "reject_registration": Power.DECIDE,
    # which power it takes, the request says: tests/court/test_second_member.py
    "confirm_court_request": Power.READ,
    "withdraw_court_request": Power.READ,
}
"""What an operation that changes something needs; every other one is about filers."""
STAFF = ("administrator", "clerk", "help_desk", "read_only")


def operations(settings: Settings) -> list[RestRoute]:
    """Every operation below a court, from the application itself."""
    routes = create_app(settings).router.routes
    found = [each for one in routes if isinstance(one, Operations) for each in one.routes]
    below = [one for one in found if one.path.startswith(REST + BASE)]
    return [one for one in below if one.path != REST + BASE]  # the operators' own


def power(operation: RestRoute) -> Power:
    """What it needs."""
    if operation.method == "GET":
        return Power.READ
    return NEEDS.get(operation.name, Power.FILERS)


def body(operation: RestRoute) -> dict[str, Any]:
    """A body that its model takes, about nobody."""
    texts = {
        "account_number": "0000000",
        "role": "read_only" if "staff" in operation.path else "attorney",
        "certified_on": "2026-01-05",
        "reason": "why",
        "message": "why",
        "roles": ["attorney"],
        "certifications": [
            {"account_number": "0000000", "role": "attorney", "certified_on": "2026-01-05"}
        ],
        "profile": "standard",
        "hosts": ["ecf.casb.uscourts.gov"],
        "legacy_logins": [],
        "agents": [],
        "days_before": 7,
    }
    if operation.model is None:
        return {}
    wanted = [name for name, field in operation.model.model_fields.items() if field.is_required()]
    return {"json": {name: texts.get(name, "x") for name in wanted}}


@pytest.fixture
def callers(courthouse: CourtHouse, world: World) -> dict[str, Caller]:
    """Everybody who might call: staff and programs of two courts, a person, an operator."""
    made = {}
    for role in STAFF:
        courthouse.staff(role)
        made[role] = courthouse.tool(f"{role.replace('_', '.')}.casb")
    courthouse.staff("administrator", "cacd")
    made["administrator of another court"] = courthouse.tool("administrator.cacd", "cacd")
    made["program"] = courthouse.service()
    made["program of another court"] = courthouse.service("cacd")
    courthouse.person("a.attorney")
    made["person"] = courthouse.tool("a.attorney")
    courthouse.staff("administrator", username="other.clerk1")
    made["person with another scope"] = courthouse.tool("other.clerk1", "casb", "openid account")
    made["operator"] = courthouse.operator()
    made["operator's program"] = courthouse.operator(as_program=True)
    return made


def allowed(name: str, needed: Power) -> bool:
    """Whether the table of powers opens an operation at `casb` to a kind of caller."""
    if name in STAFF:
        return needed in POWERS[StaffRole(name)]
    return name in {"program", "operator", "operator's program"}


def refusal(answer: httpx2.Response) -> str:
    """The last part of a problem's type; empty for anything else."""
    if answer.status_code < 400 or "json" not in answer.headers.get("content-type", ""):
        return ""
    return str(answer.json().get("type", "")).rpartition(":")[2]


@ON_ONE
def test_every_route_for_every_caller(world: World, callers: dict[str, Caller]):
    """Who may is answered by the thing itself; who may not is refused; strangers see no court."""
    wrong = []
    for operation in operations(world.settings):
        path = (
            operation.path.removeprefix(REST)
            .replace("{court}", "casb")
            .replace("{", "")
            .replace("}", "")
        )
        needed = power(operation)
        for name, caller in callers.items():
            given = body(operation)
            answer = caller.call(operation.method, path, **given)
            told = refusal(answer)
            if name == "person with another scope":
                fits = answer.status_code == 403 and told == "insufficient-scope"
            elif name in {"person", "administrator of another court", "program of another court"}:
                fits = answer.status_code == 404 and "no court" in answer.text
            elif allowed(name, needed):
                fits = told != "not-permitted" and answer.status_code not in {401, 403, 500}
                fits = fits and "no court" not in answer.text
            else:
                fits = answer.status_code == 403 and told == "not-permitted"
            if not fits:
                wrong.append((operation.method, operation.path, name, answer.status_code, told))
    assert wrong == []


@ON_ONE
def test_a_foreign_court_and_no_court_are_answered_alike(world: World, callers: dict[str, Caller]):
    """Nothing of another court is visible, not even by its absence."""
    for operation in operations(world.settings):
        path = (
            operation.path.removeprefix(REST)
            .replace("/courts/{court}", "")
            .replace("{", "")
            .replace("}", "")
        )
        given = body(operation)
        for name in ("administrator", "program"):
            answers = [
                callers[name].call(operation.method, f"/courts/{court}{path}", **given)
                for court in ("cacd", "nowhere")
            ]
            told = {
                one.text.replace("cacd", "nowhere").replace(one.headers["x-request-id"], "")
                for one in answers
            }
            assert [one.status_code for one in answers] == [404, 404], (name, operation.path)
            assert len(told) == 1, (name, operation.path, told)


@ON_ONE
def test_without_a_token_nothing_is_told(world: World):
    """401 for every route, before the court is looked up."""
    for operation in operations(world.settings):
        path = (
            operation.path.removeprefix(REST)
            .replace("{court}", "nowhere")
            .replace("{", "")
            .replace("}", "")
        )
        answer = world.http.request(operation.method, f"/api/v1{path}")
        assert answer.status_code == 401, operation.path
