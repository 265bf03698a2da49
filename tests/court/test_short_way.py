"""A request's way is short: an act says what it is, and one runner does it."""

from typing import Any

import pytest

from tests.court.conftest import CourtHouse
from tests.infra import ways
from tests.infra.browser import Form
from tests.infra.databases import ON_ONE
from tests.infra.world import World

FROM_A_ROUTE, FROM_A_PAGE = 6, 5
"""Functions of ours before the rule's first statement, the route and the rule among them."""


@ON_ONE
def test_few_functions_lie_between_a_route_and_its_rule_s_statement(
    world: World, courthouse: CourtHouse, monkeypatch: pytest.MonkeyPatch
):
    """More of them, and nobody reads the way from its beginning to its end."""
    filer = world.account("fay.filer")
    world.right(filer)
    program, number = courthouse.service(), filer.number
    there = f"/courts/casb/filers/{number}"
    certificate = {"account_number": number, "role": "attorney", "certified_on": "2020-01-01"}
    calls: list[tuple[str, str, Any, str]] = [
        ("GET", "/courts/casb/filers", None, "filer_lists:find"),
        ("GET", there, None, "filers:found"),
        ("POST", f"{there}/suspend", {"reason": "Fees"}, "suspension:suspend"),
        ("POST", f"{there}/restore", None, "suspension:restore"),
        ("PUT", f"{there}/roles", {"roles": ["mediator"]}, "role_changes:change"),
        ("POST", "/courts/casb/certifications", certificate, "certification:record"),
        ("GET", "/courts/casb/staff", None, "staff:_list"),
        ("PATCH", "/courts/casb/policy", {"contact_text": "Door 2"}, "policy_desk:change"),
        ("GET", "/courts/casb/registrations", None, "queue:listed"),
        ("POST", f"{there}/unlink", {"reason": "Moved"}, "unlinking:unlink"),
    ]
    watched = ways.watching(monkeypatch)
    for method, path, body, rule in calls:
        watched.clear()
        answer = program.call(method, path, **({"json": body} if body else {}))
        assert answer.status_code in {200, 201, 204}, answer.text
        # a search is composed when it runs, and no function
        if path != "/courts/casb/filers":
            assert min(watched.to(rule)) <= FROM_A_ROUTE, (method, path, watched.taken)


@ON_ONE
def test_few_functions_lie_between_a_page_and_its_rule_s_statement(
    world: World, courthouse: CourtHouse, monkeypatch: pytest.MonkeyPatch
):
    """By the same rules, from the console's forms."""
    filer = world.account("fay.filer")
    world.right(filer)
    courthouse.staff("administrator")
    browser = courthouse.sign_in("administrator.casb")
    forms = [
        (f"filers/{filer.number}/suspend", {"suspend_reason": "Fees"}, "suspension:suspend"),
        (f"filers/{filer.number}/restore", {}, "suspension:restore"),
        (f"filers/{filer.number}/roles", {"roles": "mediator"}, "role_changes:change"),
        ("staff", {"username": "fay.filer", "role": "clerk"}, "staffing:give"),
        (f"filers/{filer.number}/unlink", {"unlink_reason": "Moved"}, "unlinking:unlink"),
    ]
    browser.get("/court/casb/staff")
    kept = {"csrf_token": browser.page.forms[-1].fields["csrf_token"]}
    watched = ways.watching(monkeypatch)
    for path, fields, rule in forms:
        watched.clear()
        answer = browser.submit(Form(f"/court/casb/{path}", "post", kept), **fields)
        assert "done=" in str(answer.url), answer.text
        assert min(watched.to(rule)) <= FROM_A_PAGE, (path, watched.taken)
