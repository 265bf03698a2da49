"""Nobody acts on the own account at a court's desk, whatever the role may do for others."""

from datetime import date
from typing import Any

import pytest

from signon.accounts.directory import Account
from signon.courts.staff import StaffRole
from signon.errors import RefusedError
from signon.filing.certificates import certification
from signon.filing.certificates.certification import WantedCertificate
from signon.filing.court import staffing
from signon.filing.legacy_logins import importing
from signon.filing.models import certifications, legacy_logins, rights
from tests.court.conftest import Caller, CourtHouse
from tests.filing.conftest import STRONG
from tests.infra.browser import Form
from tests.infra.databases import ON_ONE
from tests.infra.world import World

OWN = "urn:signon:problem:own-account"
REASON = {"reason": "why"}


@pytest.fixture
def clerk(courthouse: CourtHouse, world: World) -> Account:
    """`cora.clerk`, a clerk who files at the court too."""
    courthouse.staff("clerk", username="cora.clerk")
    account = world.find("cora.clerk")
    world.right(account)
    return account


def line(login: str, **changes: Any) -> dict[str, Any]:
    """One login as a program sends it."""
    return {
        "login": login,
        "password_hash": STRONG,
        "first_name": "Ada",
        "last_name": "Attorney",
        "email": f"{login}@court.example.com",
        "roles": ["attorney"],
        "status": "active",
        **changes,
    }


def rows(world: World, table: Any) -> list[Any]:
    """What stands there."""
    with world.database.reading() as unit:
        return list(unit.execute(table.select()).all())


@pytest.mark.parametrize(
    ("method", "act", "body"),
    [
        ("PUT", "roles", {"roles": ["attorney", "us_trustee"]}),
        ("POST", "suspend", REASON),
        ("POST", "restore", None),
        ("PUT", "terms", {"last_day": "2026-12-31"}),
        ("POST", "accept-link", None),
        ("POST", "reject-link", REASON),
        ("POST", "unlink", REASON),
    ],
)
def test_no_act_on_ones_own_filing_right(
    courthouse: CourtHouse,
    world: World,
    clerk: Account,
    method: str,
    act: str,
    body: dict[str, Any] | None,
):
    """By program; the court's own program, which is nobody, may."""
    [right] = rows(world, rights)
    if act == "restore":
        world.change_right(right.id, status="suspended", suspended_by=["court"])
    if act.endswith("link") and act != "unlink":
        world.change_right(right.id, status="pending", pending_for=["review"])
    before = rows(world, rights)
    path = f"/courts/casb/filers/{clerk.number}/{act}"
    given = {"json": body} if body else {}
    refused = courthouse.tool("cora.clerk").call(method, path, **given)
    assert (refused.status_code, refused.json()["type"]) == (409, OWN)
    assert rows(world, rights) == before
    assert courthouse.refusals() == ["own_account"]
    assert courthouse.service().call(method, path, **given).status_code in {200, 204, 409}
    assert rows(world, rights) != before or act == "roles"


@ON_ONE
def test_the_page_has_no_buttons_for_oneself(courthouse: CourtHouse, world: World, clerk: Account):
    """And whoever sends them all the same is refused."""
    browser, at = courthouse.sign_in("cora.clerk"), f"/court/casb/filers/{clerk.number}"
    assert "This is your own account" in browser.get(at).text
    assert not [form for form in browser.page.forms if form.action.startswith(at)]
    browser.get("/court/casb/certificates/record")
    kept = {"csrf_token": browser.page.forms[-1].fields["csrf_token"]}
    for act in ("roles", "suspend", "unlink"):
        typed = {"roles": "attorney", "suspend_reason": "why", "unlink_reason": "why"}
        answer = browser.submit(Form(f"{at}/{act}", "post", kept), **typed)
        assert answer.status_code == 400
        assert "somebody else has to do it" in answer.text
    [right] = rows(world, rights)
    assert (right.ended_at, right.suspended_by) == (None, [])


@ON_ONE
def test_no_certificate_for_oneself(courthouse: CourtHouse, world: World, clerk: Account):
    """Neither one, nor in a list, nor is one's own withdrawn; a colleague does all of it."""
    tool, at = courthouse.tool("cora.clerk"), "/courts/casb/certifications"
    wanted = {"account_number": clerk.number, "role": "attorney", "certified_on": "2026-01-05"}
    assert tool.call("POST", at, json=wanted).json()["type"] == OWN
    many = tool.call("POST", f"{at}/bulk", json={"certifications": [wanted]}).json()["lines"]
    assert [one["outcome"] for one in many] == ["refused"]
    assert not rows(world, certifications)
    desk = courthouse.staff("clerk", username="dora.clerk")
    with world.database.writing() as unit:
        made = certification.record(
            unit, desk, WantedCertificate(clerk.number, "attorney", date(2026, 1, 5))
        )
    assert tool.call("POST", f"{at}/{made.id}/withdraw", json=REASON).json()["type"] == OWN
    page = courthouse.sign_in("cora.clerk").get("/court/casb/certificates")
    assert f"/certificates/{made.id}" not in page.text


@ON_ONE
def test_no_role_for_oneself(courthouse: CourtHouse):
    """An administrator neither steps down nor leaves by the own hand."""
    courthouse.staff("administrator")
    desk = courthouse.staff("administrator", username="ada.admin")
    for rule, given in ((staffing.give, (StaffRole.READ_ONLY,)), (staffing.take, ())):
        with (
            pytest.raises(RefusedError) as refused,
            courthouse.world.database.writing() as unit,
        ):
            rule(unit, desk, "Ada.Admin", *given)
        assert refused.value.reason == "own_account"


@pytest.fixture
def administrator(courthouse: CourtHouse) -> Caller:
    """`ada.admin`, who imports by a tool."""
    courthouse.staff("administrator", username="ada.admin")
    return courthouse.tool("ada.admin")


def test_no_import_of_ones_own_login(world: World, administrator: Caller):
    """Linked to the own account, or on file with its address: refused by line, all or none."""
    path, account = "/courts/casb/legacy-logins", world.find("ada.admin")
    first = administrator.call("POST", path, json={"legacy_logins": [line("jdoe")]})
    assert first.json()["done"] is True
    [login] = rows(world, legacy_logins)
    world.right(account, legacy_login_id=login.id, login="jdoe")
    lines = [
        line("other"),
        line("jdoe", roles=["attorney", "us_trustee"]),
        line("mine", email=account.email.upper()),
    ]
    sent = administrator.call("POST", path, json={"legacy_logins": lines}).json()
    assert sent["done"] is False
    assert sent["bad_lines"] == [
        {"line": number, "reason": importing.OWN_LINE} for number in (2, 3)
    ]
    assert len(rows(world, legacy_logins)) == 1
    assert rows(world, rights)[0].roles == ["attorney"]


def test_a_link_made_while_the_file_is_read_is_seen(
    courthouse: CourtHouse, world: World, administrator: Caller, monkeypatch: pytest.MonkeyPatch
):
    """The last unit asks anew whose the logins are."""
    path, account = "/courts/casb/legacy-logins", world.find("ada.admin")
    administrator.call("POST", path, json={"legacy_logins": [line("jdoe")]})
    [login] = rows(world, legacy_logins)
    prepare = importing._prepare

    def meanwhile(*given: Any) -> dict[str, str]:
        world.right(account, legacy_login_id=login.id, login="jdoe")
        return prepare(*given)

    monkeypatch.setattr(importing, "_prepare", meanwhile)
    sent = administrator.call("POST", path, json={"legacy_logins": [line("jdoe", status="locked")]})
    assert sent.json()["type"] == "urn:signon:problem:changed-meanwhile"
    assert rows(world, legacy_logins)[0].status == "active"


@ON_ONE
def test_no_proof_of_ones_own_login_is_mailed(
    courthouse: CourtHouse, world: World, administrator: Caller
):
    """Staff ask for it as its holder does; for others they have it mailed."""
    path, account = "/courts/casb/legacy-logins", world.find("ada.admin")
    service = courthouse.service()
    lines = [line("jdoe"), line("mine", email=account.email)]
    service.call("POST", path, json={"legacy_logins": lines})
    known = {row.login: row.id for row in rows(world, legacy_logins)}
    assert administrator.call("POST", f"{path}/{known['jdoe']}/mail-proof").status_code == 204
    refused = administrator.call("POST", f"{path}/{known['mine']}/mail-proof")
    assert refused.json()["type"] == OWN
    browser = courthouse.sign_in("ada.admin")
    browser.get("/court/casb/logins")
    mailing = [one.action for one in browser.page.forms if "/logins/" in one.action]
    assert mailing == [f"/court/casb/logins/{known['jdoe']}"]
