"""A court's policy at its own desk, and what happened there."""

from signon.filing.court import court_activity
from tests.court.conftest import CourtHouse
from tests.infra.databases import ON_ONE
from tests.infra.world import World


@ON_ONE
def test_an_administrator_sets_the_policy_on_the_page(courthouse: CourtHouse, world: World):
    """What is usual stays unsaid; a clerk sees it and has no form."""
    courthouse.staff("administrator")
    courthouse.staff("clerk")
    service = courthouse.service()
    before = service.call("GET", "/courts/casb/policy").json()
    assert (before["roles"], before["training"]) == (None, None)
    browser = courthouse.sign_in("administrator.casb")
    page = browser.get("/court/casb/policy")
    assert page.text.count("checked") == 11 + 5 + 6
    form = browser.page.forms[0]
    chosen = {"roles": ["attorney", "limited_creditor"], "training": []}
    assert browser.submit(form, help_phone="ring me").status_code == 400
    sent = {name: value for name, value in form.fields.items() if name not in chosen}
    sent |= {"name_mismatch": "review", "contact_text": "Mondays only.", "registrations": ""}
    lists = {"roles": chosen["roles"], "registrations": [*before["offered_registrations"]]}
    done = browser.http.post(
        form.action,
        data={**sent, **lists},
        headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
    )
    assert "The policy is saved." in done.text
    after = service.call("GET", "/courts/casb/policy").json()
    assert (after["roles"], after["registrations"]) == (chosen["roles"], None)
    assert (after["training"], after["needs_training"]) == ([], [])
    assert (after["name_mismatch"], after["contact_text"]) == ("review", "Mondays only.")
    reader = courthouse.sign_in("clerk.casb")
    shown = reader.get("/court/casb/policy")
    assert "Mondays only." in shown.text
    assert reader.page.forms == []


@ON_ONE
def test_the_policy_for_programs(courthouse: CourtHouse):
    """What is named changes, what is not stays; null takes away; a stale version changes nothing."""
    service = courthouse.service("cacd")
    path = "/courts/cacd/policy"
    seen = service.call("GET", path)
    same = {"if-match": seen.headers["etag"]}
    body = {"roles": ["attorney", "pro_se"], "training": [], "help_email": "help@cacd.uscourts.gov"}
    done = service.call("PATCH", path, json=body, headers=same)
    assert (done.status_code, done.json()["offered_roles"]) == (200, ["attorney", "pro_se"])
    assert service.call("PATCH", path, json={"roles": None}, headers=same).status_code == 412
    undone = service.call("PATCH", path, json={"roles": None}).json()
    assert (undone["roles"], undone["help_email"]) == (None, "help@cacd.uscourts.gov")
    assert service.call("PATCH", path, json={"roles": ["trustee"]}).status_code == 422
    assert service.call("PATCH", path, json={"go_live": "2030-01-01"}).status_code == 422
    courthouse.staff("clerk", "cacd")
    clerk = courthouse.tool("clerk.cacd", "cacd")
    assert clerk.call("PATCH", path, json=body).status_code == 403
    assert courthouse.operator().call("PATCH", path, json={"training": None}).status_code == 200


def test_the_activity_is_the_courts_own(courthouse: CourtHouse, world: World):
    """Staff and policy, who and about whom; nobody's sign-in, nothing of another court."""
    desk = courthouse.staff("administrator")
    courthouse.staff("clerk", "cacd")
    courthouse.sign_in("administrator.casb")
    world.court_policy("casb", help_phone="619-555-0100")
    with world.database.reading() as unit:
        lines = court_activity.lines(unit, desk)
        newest = court_activity.lines(unit, desk, limit=1)
        older = court_activity.lines(unit, desk, before=newest[0].seq)
    assert [line.told.text for line in lines] == [
        "Court’s policy or settings changed",
        "Role of the staff given",
    ]
    assert lines[1].about == "administrator.casb"
    assert [*newest, *older] == lines
    service = courthouse.service()
    told = service.call("GET", "/courts/casb/activity?limit=1")
    assert told.json()["activity"][0]["event"] == "courts:court:changed"
    assert 'rel="next"' in told.headers["link"]
    page = courthouse.sign_in("administrator.casb").get("/court/casb/activity")
    assert "Role of the staff given" in page.text
