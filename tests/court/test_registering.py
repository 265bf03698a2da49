"""Registering for e-filing: who may, what is asked, and how the court decides."""

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, timedelta
from functools import partial
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from signon.accounts.models import AccountKind
from signon.audit.models import events
from signon.courts.registry import read_one
from signon.db import Unit
from signon.errors import InputError, RefusedError, SignonError
from signon.filing.court.desk import Desk
from signon.filing.models import efile_registrations, rights
from signon.filing.pruning import prune_unsent_registrations
from signon.filing.registration_types import RegistrationType
from signon.filing.registrations import (
    applying,
    deciding,
    documents,
    queue,
    registration_lists,
    registrations,
)
from signon.filing.registrations.answers import AskedFor, Page
from signon.filing.registrations.applying import ACKNOWLEDGEMENTS, Registrant
from signon.filing.registrations.deciding import Grant
from signon.filing.registrations.registration_lists import Order, QueueSearch
from signon.filing.registrations.registrations import State
from signon.filing.rights import notice_addresses
from signon.filing.roles import Role
from signon.notices import mail
from signon.web.visitor import Source
from tests.court.conftest import CourtHouse
from tests.infra.browser import Browser
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty

ORIGIN = Source("192.0.2.1", "test", "request")
CREDITOR = AskedFor(RegistrationType.NON_ATTORNEY, Role.LIMITED_CREDITOR)
PRO_SE = AskedFor(RegistrationType.NON_ATTORNEY, Role.PRO_SE)
PHV = AskedFor(RegistrationType.PRO_HAC_VICE, Role.ATTORNEY)
DELIVERY = {
    "notice_email": "notices@example.org",
    "notice_frequency": "daily",
    "notice_format": "text",
}
PDF = b"%PDF-1.7 an order"


class Filer:
    """Somebody who registers, by the rules."""

    def __init__(self, world: World, username: str, court: str = "casb") -> None:
        self.world = world
        with world.database.reading() as unit:
            at = read_one(unit, court)
        self.who = Registrant(world.find(username), at, world.settings.issuer, ORIGIN)

    def submit(self, asked: AskedFor, **details: str) -> str:
        """The whole form; answers the registration's id."""
        database = self.world.database
        with database.writing() as unit:
            applying.begin(unit, self.who, asked, return_to=None)
        for page, typed in ((Page.DETAILS, details), (Page.DELIVERY, DELIVERY)):
            with database.writing() as unit:
                _, wrong = applying.save(unit, self.who, page, typed)
            assert not wrong, wrong
        with database.writing() as unit:
            return applying.submit(unit, self.who, list(ACKNOWLEDGEMENTS)).id

    def reason(self, rule: Callable[..., Any], *args: Any, **kwargs: Any) -> str:
        """Why something was refused; empty when it was not."""
        try:
            with self.world.database.writing() as unit:
                rule(unit, self.who, *args, **kwargs)
        except RefusedError as error:
            return error.reason
        return ""


@pytest.fixture
def filer(world: World) -> Filer:
    """`c.creditor`."""
    world.account("c.creditor", first_name="Cora", last_name="Creditor")
    return Filer(world, "c.creditor")


def approve(world: World, desk: Desk, registration: str, **grant: Any) -> None:
    """Approve by the rule."""
    with world.database.writing() as unit:
        deciding.approve(unit, desk, registration, Grant(**grant))


def row(world: World, table: Any) -> Any:
    """The one row of a table."""
    with world.database.reading() as unit:
        return unit.execute(select(*table.c)).one()


def claims(world: World, username: str, court: str = "casb") -> dict[str, Any]:
    """What a court is told of a person."""
    from signon.filing.rights import filing_status

    with world.database.reading() as unit:
        return filing_status.find(unit, world.find(username).id, read_one(unit, court)).claims()


# ── Who may ──────────────────────────────────────────────────────────────────


@ON_ONE
def test_only_an_upgraded_individual_registers_at_a_live_court(world: World):
    """Each no has its reason, and the one that can be mended leads on."""
    world.account("s.shared", AccountKind.SHARED)
    world.account("h.holder")
    world.right(world.find("h.holder"))
    world.account("l.legacy", created_on=date(2010, 1, 1))
    reasons = {
        name: Filer(world, name, court).reason(applying.begin, CREDITOR, return_to=None)
        for name, court in (
            ("s.shared", "casb"),
            ("l.legacy", "casb"),
            ("h.holder", "casb"),
        )
    }
    assert reasons == {
        "s.shared": "account_not_individual",
        "l.legacy": "account_not_upgraded",
        "h.holder": "already_has_rights",
    }
    world.go_live("casb", None)
    assert Filer(world, "l.legacy").reason(applying.begin, CREDITOR, return_to=None) == (
        "court_not_live"
    )


@ON_ONE
def test_a_legacy_account_upgrades_and_comes_back(courthouse: CourtHouse, world: World):
    """The upgrade leads on to where the registration was left."""
    world.account("l.legacy", created_on=date(2010, 1, 1))
    browser = courthouse.sign_in("l.legacy")
    page = browser.get("/courts/casb/register")
    assert page.status_code == 403
    link = page.text.partition('href="/upgrade')[2].partition('"')[0]
    browser.get(f"/upgrade{link}")
    browser.sign_in("l.legacy", PASSWORD)
    browser.submit(browser.page.forms[-1])
    assert browser.response is not None
    assert browser.response.url.path == "/courts/casb/register" or "casb" in browser.location


@ON_ONE
def test_before_the_go_live_the_page_says_what_to_do(world: World):
    """Also to strangers, with the day."""
    world.go_live("casb", world.clock() + timedelta(days=90))
    page = world.browser().get("/courts/casb/register")
    assert page.status_code == 403
    assert "Until then, register and file at the court’s own site" in page.text
    assert "link it here once the court has started" in page.text


# ── The form ─────────────────────────────────────────────────────────────────


def _submit_last(browser: Browser, n: int = 0, /, **typed: str) -> httpx2.Response:
    return browser.submit(browser.page.forms[n], **typed)


@ON_ONE
def test_a_creditor_registers_in_steps_is_returned_corrects_and_is_approved(
    courthouse: CourtHouse, world: World, filer: Filer
):
    """The whole way on pages; the draft is the applicant's alone, the right only an approval's."""
    world.court_policy("casb", epoc_url="https://www.casb.uscourts.gov/epoc")
    courthouse.staff("clerk")
    browser = courthouse.sign_in("c.creditor")
    page = browser.get("/courts/casb/register")
    assert "https://www.casb.uscourts.gov/epoc" in page.text
    assert "link it to your PACER account" in page.text
    assert _submit_last(browser).status_code == 400
    _submit_last(browser, registration="non_attorney.limited_creditor")
    assert _submit_last(browser).status_code == 400
    page = _submit_last(browser, organization="Harbor Credit Union")
    assert "notices" in page.text.lower()
    assert 'value="c.creditor@example.org"' in page.text
    _submit_last(browser, **DELIVERY)
    assert browser.response is not None
    assert browser.response.url.path.endswith("/documents")
    _upload(browser, "order.pdf", PDF)
    page = browser.get("/courts/casb/register")
    assert "Harbor Credit Union" in page.text
    assert "order.pdf" in page.text
    assert _submit_last(browser, policies="").status_code == 400
    clerk = courthouse.sign_in("clerk.casb")
    there = row(world, efile_registrations).id
    assert clerk.get(f"/court/casb/registrations/{there}").status_code == 404
    assert claims(world, "c.creditor")["ecf_status"] == "not_linked"
    page = _submit_last(browser, terms="1", policies="1")
    assert "Waiting for the court" in page.text
    assert claims(world, "c.creditor")["ecf_status"] == "pending"
    assert "Cora Creditor" in clerk.get("/court/casb").text
    clerk.get(f"/court/casb/registrations/{there}/return")
    assert _submit_last(clerk).status_code == 400
    _submit_last(clerk, return_message="Which branch?\nAnd since when?")
    assert "Returned to the applicant" in clerk.page.text
    page = browser.get("/courts/casb/register/status")
    assert "Which branch?" in page.text
    assert "clerk" not in page.text.partition("<main")[2].lower()
    browser.get("/courts/casb/register/details")
    _submit_last(browser, organization="Harbor Credit Union, Pier 1")
    browser.get("/courts/casb/register")
    _submit_last(browser, terms="1", policies="1")
    clerk.get(f"/court/casb/registrations/{there}/approve")
    assert "Harbor Credit Union, Pier 1" in clerk.page.text
    page = _submit_last(clerk, conditions="Claims of the branch only", roles="limited_creditor")
    assert "The registration is approved" in page.text
    right = row(world, rights)
    assert (right.status, right.roles, right.pending_for) == (
        "pending",
        ["limited_creditor"],
        ["certification"],
    )
    assert (right.conditions, right.registration_id) == ("Claims of the branch only", there)
    mails = [one for one in world.queued("mail") if one["message"] == "registration_step"]
    assert sorted(one["values"]["headline"] for one in mails) == [
        "The court approved your registration",
        "The court has your registration",
        "The court has your registration",
        "The court returned your registration",
    ]
    assert any("training for Limited creditor" in one["values"]["what_next"] for one in mails)
    assert world.queued("rights:reduced") == []


def _upload(browser: Browser, name: str, content: bytes, kind: str = "application/pdf") -> Any:
    """Send a file with the form that is shown."""
    form = browser.page.forms[-1]
    response = browser.http.post(
        form.action,
        data={"csrf_token": form.fields["csrf_token"]},
        files={"document": (name, io.BytesIO(content), kind)},
        headers={"accept": "text/html", "sec-fetch-site": "same-origin"},
        follow_redirects=False,
    )
    if response.status_code == 303:
        browser.get(response.headers["location"])
    return response


@ON_ONE
def test_documents_are_pdf_of_bounded_size_for_the_court_and_the_applicant(
    courthouse: CourtHouse, world: World, filer: Filer
):
    """Anything else is refused by name; nobody else finds one, and a court's reading is noted."""
    courthouse.staff("read_only")
    courthouse.staff("clerk", "cacd")
    world.account("o.another")
    browser = courthouse.sign_in("c.creditor")
    with world.database.writing() as unit:
        applying.begin(unit, filer.who, CREDITOR, return_to=None)
    browser.get("/courts/casb/register/documents")
    assert _upload(browser, "order.exe", b"MZ\x90").status_code == 400
    assert _upload(browser, "order.pdf", PDF, "text/html").status_code == 400
    big = PDF + bytes(world.settings.document_limit_bytes)
    assert _upload(browser, "big.pdf", big).status_code == 413
    assert _upload(browser, "../../etc/ord\r\ner.pdf", PDF).status_code == 303
    assert _upload(browser, "again.pdf", PDF).status_code == 409
    html = browser.get("/courts/casb/register/documents").text
    document = html.partition("/register/documents/")[2][:60].partition('"')[0]
    own = browser.http.get(f"/courts/casb/register/documents/{document}")
    assert own.content == PDF
    assert own.headers["content-disposition"].startswith("attachment")
    other = courthouse.sign_in("o.another")
    assert other.get(f"/courts/casb/register/documents/{document}").status_code == 404
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    reader = courthouse.sign_in("read.only.casb")
    path = f"/court/casb/registrations/{there}/documents/{document}"
    assert reader.http.get(path).content == PDF
    foreign = courthouse.sign_in("clerk.cacd")
    assert foreign.get(path).status_code == 404
    assert foreign.get(path.replace("casb", "cacd")).status_code == 404
    assert world.audited().count("filing:document:read") == 1
    assert browser.http.post(
        f"/courts/casb/register/documents/{document}", data={}
    ).status_code in {400, 403}


@ON_ONE
def test_case_numbers_are_this_courts_and_pro_hac_vice_names_some(world: World):
    """A bankruptcy number is none of a district court; a statement holds words only."""
    world.account("p.visitor")
    filer = Filer(world, "p.visitor", "cacd")
    with world.database.writing() as unit:
        applying.begin(unit, filer.who, PHV, return_to=None)
    typed = {"state_bars": "NV 1234", "cases": "20-01234"}
    with world.database.writing() as unit:
        _, wrong = applying.save(unit, filer.who, Page.DETAILS, typed)
    assert [error.field for error in wrong] == ["cases"]
    with world.database.writing() as unit:
        _, wrong = applying.save(unit, filer.who, Page.DETAILS, typed | {"cases": ""})
    assert [error.field for error in wrong] == ["cases"]
    with world.database.writing() as unit:
        told = {"cases": "2:26-cv-00417", "statement": "See\nhttps://evil.test/x"}
        _, wrong = applying.save(unit, filer.who, Page.DETAILS, typed | told)
    assert [error.field for error in wrong] == ["statement"]
    assert filer.reason(applying.submit, list(ACKNOWLEDGEMENTS)) == "registration_incomplete"


@ON_ONE
def test_a_role_that_is_not_offered_cannot_be_posted(courthouse: CourtHouse, world: World):
    """Neither one of another type of court, nor one that the court switched off meanwhile."""
    world.account("c.creditor")
    filer = Filer(world, "c.creditor")
    browser = courthouse.sign_in("c.creditor")
    browser.get("/courts/cacd/register")
    assert _submit_last(browser, registration="non_attorney.trustee").status_code == 400
    with world.database.writing() as unit:
        applying.begin(unit, filer.who, CREDITOR, return_to=None)
    for page, typed in ((Page.DETAILS, {"organization": "Bank"}), (Page.DELIVERY, DELIVERY)):
        with world.database.writing() as unit:
            applying.save(unit, filer.who, page, typed)
    world.court_policy("casb", roles="attorney")
    stale = Filer(world, "c.creditor")
    assert stale.reason(applying.submit, list(ACKNOWLEDGEMENTS)) == "role_not_offered"


def test_one_registration_is_open_at_a_court(world: World, filer: Filer):
    """Two tabs that begin at once share it; a decided one makes room for the next."""

    def begin(_: int) -> str:
        try:
            with world.database.writing() as unit:
                return applying.begin(unit, filer.who, CREDITOR, return_to=None).id
        except SignonError:
            return ""

    with ThreadPoolExecutor(2) as pool:
        made = set(pool.map(begin, range(2))) - {""}
    assert len(made) == 1
    with world.database.writing() as unit:
        applying.withdraw(unit, filer.who)
    assert {begin(0)} != made


# ── Decisions ────────────────────────────────────────────────────────────────


def test_two_clerks_decide_at_once_and_the_second_is_told(
    courthouse: CourtHouse, world: World, filer: Filer
):
    """One decision stands; there is one right at most, and one mail about it."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    desks = [courthouse.staff("clerk", username=name) for name in ("ann.clerk", "ben.clerk")]

    def decide(position: int) -> str:
        me = desks[position]
        try:
            with world.database.writing() as unit:
                if position:
                    deciding.reject(unit, me, there, "No.")
                else:
                    deciding.approve(unit, me, there, Grant(["limited_creditor"]))
        except RefusedError as error:
            return f"{error.reason}: {error.sentence}"
        return ""

    with ThreadPoolExecutor(2) as pool:
        done = sorted(pool.map(decide, range(2)))
    assert done[0] == ""
    assert done[1].startswith("decided_meanwhile: ")
    assert "did that first" in done[1]
    state = row(world, efile_registrations).state
    assert state in done[1].lower()
    with world.database.reading() as unit:
        assert len(unit.execute(select(rights.c.id)).all()) == (state == "approved")


@ON_ONE
def test_programs_decide_by_the_same_rules(courthouse: CourtHouse, world: World, filer: Filer):
    """List, look, a stale version, the decision, and what the second is told."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    service = courthouse.service()
    listed = service.call("GET", "/courts/casb/registrations").json()
    assert [one["id"] for one in listed["registrations"]] == [there]
    seen = service.call("GET", f"/courts/casb/registrations/{there}")
    assert seen.json()["applicant"]["name"] == "Cora Creditor"
    approve = f"/courts/casb/registrations/{there}/approve"
    body = {"roles": ["limited_creditor"]}
    stale = service.call("POST", approve, json=body, headers={"if-match": '"old"'})
    assert stale.status_code == 412
    assert service.call("POST", approve, json={"roles": ["judge"]}).status_code == 422
    done = service.call("POST", approve, json=body, headers={"if-match": seen.headers["etag"]})
    assert (done.status_code, done.json()["state"]) == (200, "approved")
    again = service.call("POST", approve.replace("approve", "reject"), json={"message": "No."})
    assert (again.status_code, again.json()["type"]) == (
        412,
        "urn:signon:problem:decided-meanwhile",
    )
    assert "you did that first" in again.json()["detail"]
    assert courthouse.refusals() == ["decided_meanwhile"]
    foreign = courthouse.service("cacd")
    for court in ("casb", "cacd"):
        path = f"/courts/{court}/registrations/{there}"
        assert foreign.call("GET", path).status_code == 404


@ON_ONE
def test_programs_give_an_approval_back_and_say_who_looks_after_it(
    courthouse: CourtHouse, world: World, filer: Filer
):
    """Only what was approved, in the version that was read; the right that it gave ends."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    courthouse.staff("clerk")
    courthouse.staff("help_desk")
    service, at = courthouse.service(), f"/courts/casb/registrations/{there}"
    clerk = world.find("clerk.casb").id
    helper = world.find("help.desk.casb").id
    given = service.call("PUT", f"{at}/assignee", json={"sub": clerk})
    assert (given.status_code, given.json()["assigned_to"]) == (200, clerk)
    wrong = service.call("PUT", f"{at}/assignee", json={"sub": helper})
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (422, "assigned_to")
    assert service.call("PUT", f"{at}/assignee", json={"sub": None}).json()["assigned_to"] is None
    why = {"message": "The company was another one."}
    early = service.call("POST", f"{at}/give-back", json=why)
    assert early.json()["type"] == "urn:signon:problem:decided-meanwhile"
    seen = service.call("POST", f"{at}/approve", json={"roles": ["limited_creditor"]})
    assert service.call("PUT", f"{at}/assignee", json={"sub": clerk}).status_code == 412
    stale = {"if-match": '"old"'}
    assert service.call("POST", f"{at}/give-back", json=why, headers=stale).status_code == 412
    match = {"if-match": seen.headers["etag"]}
    back = service.call("POST", f"{at}/give-back", json=why, headers=match)
    assert (back.status_code, back.json()["state"]) == (200, "returned")
    assert row(world, rights).ended_at is not None


@ON_ONE
def test_one_sees_ones_own_registrations_by_program(
    courthouse: CourtHouse, world: World, filer: Filer
):
    """`/me/registrations`: the list, one with its history, nobody else's."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    world.account("o.another")
    own = courthouse.tool("c.creditor", scope="openid account")
    listed = own.call("GET", "/me/registrations").json()["registrations"]
    assert [(one["id"], one["state"], one["court"]) for one in listed] == [
        (there, "pending", "casb")
    ]
    seen = own.call("GET", f"/me/registrations/{there}").json()
    assert seen["answers"]["organization"] == "Harbor Credit Union"
    assert [step["by"] for step in seen["history"]] == ["applicant"]
    other = courthouse.tool("o.another", scope="openid account")
    assert other.call("GET", f"/me/registrations/{there}").status_code == 404


@ON_ONE
def test_a_pro_se_party_files_in_one_case_only(courthouse: CourtHouse, world: World):
    """Without a case there is no approval; with one the right is limited to it."""
    world.account("p.litigant")
    filer = Filer(world, "p.litigant", "cacd")
    there = filer.submit(PRO_SE, cases="2:26-cv-00417")
    desk = courthouse.staff("clerk", "cacd")
    with pytest.raises(SignonError, match="at least one case"):
        approve(world, desk, there, roles=["pro_se"])
    with pytest.raises(SignonError, match="not one of a district court"):
        approve(world, desk, there, roles=["pro_se"], cases=["20-01234"])
    given = {"cases": ["2:26-cv-00417"], "conditions": "No exhibits over 10 MB"}
    approve(world, desk, there, roles=["pro_se"], **given)
    told = claims(world, "p.litigant", "cacd")
    assert (told["ecf_status"], told["ecf_cases"]) == ("active", ["2:26-cv-00417"])
    assert told["ecf_permissions"] == ["all_documents"]
    assert "ecf_admission" not in told
    page = courthouse.sign_in("p.litigant").get("/account/courts")
    assert "Only in 2:26-cv-00417" in page.text
    assert "Condition: No exhibits over 10 MB" in page.text


@ON_ONE
def test_who_may_file_from_now_on_is_told_to_get_a_second_factor(
    courthouse: CourtHouse, world: World
):
    """Where one is required, an approval that puts a right in force says so by mail."""
    world.account("p.litigant")
    there = Filer(world, "p.litigant", "cacd").submit(PRO_SE, cases="2:26-cv-00417")
    strict = world.settings.model_copy(update={"filer_second_factor": "required"})
    clerk = replace(courthouse.staff("clerk", "cacd"), settings=strict)
    with world.database.writing() as unit:
        deciding.approve(unit, clerk, there, Grant(["pro_se"], ["2:26-cv-00417"]))
    told = [one["to"] for one in world.queued(mail.KIND) if one["message"] == "factor_required"]
    assert told.count(world.find("p.litigant").email) == 1


@ON_ONE
def test_admission_follows_the_type_and_only_attorneys_have_one(
    courthouse: CourtHouse, world: World
):
    """Pro hac vice stays within its cases; the clerk may admit in full instead."""
    world.court_policy("cacd", training="none")
    desk = courthouse.staff("clerk", "cacd")
    world.account("p.visitor")
    there = Filer(world, "p.visitor", "cacd").submit(
        PHV, state_bars="NV 1234", cases="2:26-cv-00417"
    )
    with pytest.raises(SignonError, match="Pro hac vice is for named cases"):
        approve(world, desk, there, roles=["attorney"])
    approve(world, desk, there, roles=["attorney"], cases=["2:26-cv-00417"])
    told = claims(world, "p.visitor", "cacd")
    assert (told["ecf_admission"], told["ecf_status"]) == ("pro_hac_vice", "active")


@ON_ONE
def test_an_applicant_who_was_disabled_or_linked_meanwhile_is_not_approved(
    courthouse: CourtHouse, world: World, filer: Filer
):
    """Nothing half-done remains: the registration still waits."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    desk = courthouse.staff("clerk")
    world.change_account(filer.who.account, status="disabled")
    with pytest.raises(RefusedError) as refused:
        approve(world, desk, there, roles=["limited_creditor"])
    assert refused.value.reason == "applicant_not_active"
    world.change_account(filer.who.account, status="active")
    world.right(filer.who.account)
    with pytest.raises(RefusedError) as refused:
        approve(world, desk, there, roles=["limited_creditor"])
    assert refused.value.reason == "already_has_rights"
    assert row(world, efile_registrations).state == "pending"


@ON_ONE
def test_what_was_withdrawn_is_not_decided(courthouse: CourtHouse, world: World, filer: Filer):
    """On the page: the clerk is told that the applicant was first."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    courthouse.staff("clerk")
    clerk = courthouse.sign_in("clerk.casb")
    clerk.get(f"/court/casb/registrations/{there}/approve")
    with world.database.writing() as unit:
        applying.withdraw(unit, filer.who)
    page = clerk.submit(clerk.page.forms[0], roles="limited_creditor")
    assert page.status_code == 409
    assert "the applicant did that first" in page.text
    assert courthouse.refusals() == ["decided_meanwhile"]


@ON_ONE
def test_help_desk_and_readers_cannot_decide(courthouse: CourtHouse, world: World, filer: Filer):
    """They see it and have no buttons; a posted form is refused and noted."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    for role in ("help_desk", "read_only"):
        courthouse.staff(role)
        browser = courthouse.sign_in(f"{role.replace('_', '.')}.casb")
        page = browser.get(f"/court/casb/registrations/{there}")
        assert "Harbor Credit Union" in page.text
        assert browser.page.forms == []
        assert browser.get(f"/court/casb/registrations/{there}/approve").status_code == 200
        assert browser.page.forms == []
        token = browser.get("/logout").text.partition('name="csrf_token" value="')[2]
        sent = browser.http.post(
            f"/court/casb/registrations/{there}/approve",
            data={"csrf_token": token.partition('"')[0], "roles": "limited_creditor"},
            headers={"sec-fetch-site": "same-origin", "accept": "text/html"},
        )
        assert sent.status_code == 409
    assert courthouse.refusals() == ["not_permitted", "not_permitted"]


def test_the_list_pages_by_place(courthouse: CourtHouse, world: World):
    """Longest waiting first; the next page goes on after the last line."""
    desk = courthouse.staff("read_only")
    for position in range(3):
        world.account(f"creditor.{position}")
        Filer(world, f"creditor.{position}").submit(CREDITOR, organization="Bank")
        world.clock.advance(seconds=60)
    with world.database.reading() as unit:
        first = queue.listed(unit, desk, State.PENDING, limit=2)
        rest = queue.listed(unit, desk, State.PENDING, after=first[-1].key, limit=2)
        assert [one.applicant.username for one in [*first, *rest]] == [
            "creditor.0",
            "creditor.1",
            "creditor.2",
        ]
        waiting = queue.tallies(unit, desk)[State.PENDING]
        assert (waiting.number, waiting.oldest) == (3, first[0].registration.submitted_at)
        history = registrations.steps(unit, first[0].registration.id)
        assert [step.to_state for step in history] == [State.PENDING]
        audited = unit.execute(
            select(events.c.event).where(events.c.event == "filing:registration:submitted")
        )
        assert len(audited.all()) == 3


def test_the_list_is_narrowed_and_turned_around(courthouse: CourtHouse, world: World):
    """By name, number, kind and order, one page after the other; too few letters find nobody."""
    desk = courthouse.staff("read_only")
    for position in range(3):
        world.account(f"creditor.{position}", last_name=f"Bank{position}")
        Filer(world, f"creditor.{position}").submit(CREDITOR, organization="Bank")
        world.clock.advance(seconds=60)
    number = world.find("creditor.1").number

    def found(unit: Unit, **sought: Any) -> list[str]:
        rows = registration_lists.find(unit, desk, QueueSearch(**sought))
        return [one.applicant.username for one in rows]

    with world.database.reading() as unit:
        assert found(unit, words=" bank2 ") == ["creditor.2"]
        assert found(unit, words=number) == ["creditor.1"]
        assert found(unit, words="Creditor.1") == ["creditor.1"]
        assert found(unit, words="%%") == []
        assert found(unit, kind="pro_hac_vice") == []
        newest: dict[str, Any] = {"order": Order.NEWEST, "kind": "non_attorney", "limit": 2}
        assert found(unit, **newest) == ["creditor.2", "creditor.1"]
        first = registration_lists.find(unit, desk, QueueSearch(**newest))
        assert found(unit, **newest, after=first[-1].key) == ["creditor.0"]
        for wrong in ({"words": "b"}, {"kind": "judge"}, {"words": "bank", "after": "x"}):
            with pytest.raises(InputError):
                found(unit, **wrong)


@ON_ONE
def test_the_queue_keeps_its_filters_in_the_address(
    courthouse: CourtHouse, world: World, filer: Filer
):
    """Counts, how long the oldest has waited, and tabs that keep what was looked for."""
    filer.submit(CREDITOR, organization="Harbor Credit Union")
    world.clock.advance(days=6)
    courthouse.staff("clerk")
    clerk = courthouse.sign_in("clerk.casb")
    at = "/court/casb/registrations"
    page = clerk.get(at)
    assert "1 waits for the court. The oldest has waited 6 days." in " ".join(page.text.split())
    page = clerk.get(f"{at}?q=cora&kind=non_attorney")
    assert "Cora Creditor" in page.text
    assert "?state=approved&amp;q=cora&amp;kind=non_attorney" in page.text
    assert "Nothing is found" in clerk.get(f"{at}?q=nobody").text
    assert "Search for 2 characters" in clerk.get(f"{at}?q=c").text
    assert "Nothing was rejected" in clerk.get(f"{at}?state=rejected").text


@ON_ONE
def test_a_court_is_told_that_a_request_waits(courthouse: CourtHouse, world: World, filer: Filer):
    """UserInfo says `pending` and gives no role; the account's page leads to the registration."""
    filer.submit(CREDITOR, organization="Harbor Credit Union")
    secret = world.client()
    callback = "https://ecf.casb.test/callback"
    party = RelyingParty(
        courthouse.sign_in("c.creditor"), world.clock, "casb-cmecf", secret, callback
    )
    party.begin()
    told = party.userinfo(party.tokens().access_token).json()
    assert (told["ecf_status"], told["ecf_roles"]) == ("pending", [])
    page = courthouse.sign_in("c.creditor").get("/account/courts")
    assert "/courts/casb/register/status" in page.text
    assert "Waiting for the court" in page.text


@ON_ONE
def test_nobody_decides_their_own_registration(courthouse: CourtHouse, world: World, filer: Filer):
    """A clerk who asks for filing rights asks a colleague."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    desk = courthouse.staff("clerk", username="c.creditor")
    with pytest.raises(RefusedError) as refused:
        approve(world, desk, there, roles=["limited_creditor"])
    assert refused.value.reason == "own_registration"


@ON_ONE
def test_registrations_within_a_day_are_few(world: World, filer: Filer):
    """Begun and withdrawn again and again: it ends, and the next day it goes on."""
    for _ in range(applying.MOST_A_DAY):
        assert filer.reason(applying.begin, CREDITOR, return_to=None) == ""
        assert filer.reason(applying.withdraw) == ""
    assert filer.reason(applying.begin, CREDITOR, return_to=None) == "too_many_registrations"
    world.clock.advance(days=1, seconds=1)
    assert filer.reason(applying.begin, CREDITOR, return_to=None) == ""


def test_what_was_never_sent_goes_after_a_while(world: World, filer: Filer):
    """With its documents; what a court has seen stays, however old."""
    world.account("s.sender")
    Filer(world, "s.sender").submit(CREDITOR, organization="Bank")
    with world.database.writing() as unit:
        there = applying.begin(unit, filer.who, CREDITOR, return_to=None)
        documents.keep(unit, there, "order.pdf", PDF)
    prune = partial(prune_unsent_registrations, days=180)
    world.clock.advance(days=179)
    with world.database.writing() as unit:
        assert prune(unit, 10) == 0
    world.clock.advance(days=2)
    with world.database.writing() as unit:
        assert prune(unit, 10) == 1
    assert row(world, efile_registrations).state == "pending"


@ON_ONE
def test_a_draft_says_until_when_it_is_kept(courthouse: CourtHouse, world: World, filer: Filer):
    """The day that the look of every day goes by; what waits for the court has none."""
    with world.database.writing() as unit:
        applying.begin(unit, filer.who, CREDITOR, return_to=None)
    kept = world.clock() + timedelta(days=world.settings.registration_draft_days)
    browser = courthouse.sign_in("c.creditor")
    there = "/courts/casb/register/status"
    page = re.sub(r"<[^>]+>", "", browser.get(there).text)
    assert f"We keep it until {kept:%b} {kept.day}, {kept.year}" in page
    sent = filer.submit(CREDITOR, organization="Harbor Credit Union")
    assert "We keep it until" not in browser.get(there).text
    desk = courthouse.staff("clerk")
    with world.database.writing() as unit:
        deciding.return_(unit, desk, sent, "The bar number is missing.")
    # and then the court's policy says for how long (`test_lapsing`)
    assert "We keep it until" in browser.get(there).text
    clerk = courthouse.sign_in("clerk.casb")
    page = clerk.get(f"/court/casb/registrations/{sent}").text
    assert "It waits for the applicant and has no last day." in page


@ON_ONE
def test_a_frozen_account_gains_nothing_by_registering(
    courthouse: CourtHouse, world: World, filer: Filer
):
    """What was sent is not approved, and nothing is begun; returning and rejecting go on."""
    there = filer.submit(CREDITOR, organization="Harbor Credit Union")
    desk = courthouse.staff("clerk")
    world.change_account(world.find("c.creditor"), frozen_at=world.clock())
    with pytest.raises(RefusedError) as refused:
        approve(world, desk, there, roles=["limited_creditor"])
    assert refused.value.reason == "frozen"
    with world.database.writing() as unit:
        deciding.reject(unit, desk, there, "Call us")
    frozen = Filer(world, "c.creditor")
    assert frozen.reason(applying.begin, CREDITOR, return_to=None) == "frozen"


def test_an_address_for_notices_is_proved_also_when_it_came_with_a_registration(
    world: World, courthouse: CourtHouse, filer: Filer
):
    """The clerk approves what was asked for; nobody has read mail there yet."""
    approve(
        world,
        courthouse.staff("clerk"),
        filer.submit(CREDITOR, organization="Bank"),
        roles=["limited_creditor"],
    )
    account, issuer = filer.who.account, world.settings.issuer
    with world.database.reading() as unit:
        assert notice_addresses.of_account(unit, account.id, "casb") is None
        assert notice_addresses.waiting(unit, account.id, "casb") == "notices@example.org"
    letters = [one for one in world.queued("mail") if one["message"] == "confirm_notices"]
    [letter] = letters
    token = letter["values"]["confirm_url"].partition("token=")[2]
    with world.database.writing() as unit:
        notice_addresses.confirm(unit, issuer, token, source=ORIGIN)
        assert notice_addresses.of_account(unit, account.id, "casb") == "notices@example.org"


def test_the_account_s_own_address_for_notices_is_known(
    world: World, courthouse: CourtHouse, filer: Filer, monkeypatch: pytest.MonkeyPatch
):
    """Nobody is asked."""
    own = filer.who.account.email
    monkeypatch.setitem(DELIVERY, "notice_email", own.upper())
    approve(
        world,
        courthouse.staff("clerk"),
        filer.submit(CREDITOR, organization="Bank"),
        roles=["limited_creditor"],
    )
    assert [one for one in world.queued("mail") if one["message"] == "confirm_notices"] == []
