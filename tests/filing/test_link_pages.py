"""The linking pages as a browser meets them: forms, redirects, tabs, reloads, refusals."""

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import insert, update
from starlette.testclient import TestClient

from signon.accounts.hashing import HashingGate
from signon.accounts.models import AccountKind
from signon.clients.models import clients
from signon.errors import BusyError
from signon.filing.models import rights
from signon.limits.models import counters
from signon.signin.models import sessions
from tests.filing.conftest import PASSWORD, Browse, House, line
from tests.infra.databases import ON_ONE

RETURN = "http://localhost:8001/utilities"
FORM = "/courts/casb/link"


@pytest.fixture
def client_id(house: House) -> str:
    """A client of the court that may take people back to `RETURN`."""
    with house.database.writing() as unit:
        unit.execute(
            insert(clients),
            {
                "id": "casb-cmecf",
                "name": "CM/ECF",
                "court_id": "casb",
                "profile": "standard",
                "auth_method": "client_secret_basic",
                "grants": [],
                "scopes": [],
                "redirect_uris": ["http://localhost:8001/callback"],
                "post_logout_redirect_uris": [],
                "return_uris": [RETURN],
                "id_token_alg": "ES256",
                "refresh_grace_seconds": 0,
                "trusted": False,
                "created_at": unit.now,
            },
        )
    return "casb-cmecf"


def fields(page: str) -> dict[str, str]:
    """The hidden fields of a page's first form."""
    form = re.search(r"<form.*?</form>", page, re.DOTALL)
    assert form, page
    pattern = r'<input type="hidden" name="(\w+)" value="([^"]*)"'
    return dict(re.findall(pattern, form[0]))


def open_form(browser: TestClient, **asked: str) -> dict[str, str]:
    """Go to the linking page as a link at the court leads there; answers the form's fields."""
    set_out = browser.get(FORM, params=asked)
    assert set_out.status_code == 303
    page = browser.get(set_out.headers["location"])
    assert page.status_code == 200, page.text
    return fields(page.text)


def prove(browser: TestClient, password: str = PASSWORD, login: str = "jdoe", **asked: str) -> str:
    """Fill in the form; answers the address of the second page."""
    typed = {"ecf_login": login, "ecf_password": password}
    answer = browser.post(FORM, data={**open_form(browser, **asked), **typed})
    assert answer.status_code == 303, answer.text
    return answer.headers["location"]


def confirm_redaction(browser: TestClient, second: str) -> None:
    """The rules are asked for on the way from the new right to the page that says so."""
    asked = browser.get(second)
    assert asked.headers["location"].startswith("/login/redaction?journey=")
    page = browser.get(asked.headers["location"])
    form = {**fields(page.text), "redaction": "1"}
    assert browser.post("/login/redaction", data=form).headers["location"].startswith(FORM)


def told(page: str) -> str:
    """A page's words without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("&#39;", "’")


def test_the_whole_way(house: House, browse: Browse, client_id: str):
    """Form → whose login it is → linked → back to the court, each page by GET."""
    house.load("casb", line("jdoe", bar_id="CA777"))
    browser = browse(house.sign_in(house.account()))
    second = prove(browser, client_id=client_id, return_to=RETURN)
    assert second.startswith("/courts/casb/link/confirm?journey=")
    page = browser.get(second)
    words = told(page.text)
    for shown in ("Jane Doe", "jdoe", "CA777", "Attorney", "jane.doe1", "j•••@court.example.com"):
        assert shown in words
    assert "jdoe@court.example.com" not in page.text
    done = browser.post("/courts/casb/link/confirm", data=fields(page.text))
    assert (done.status_code, done.headers["location"]) == (303, second)
    confirm_redaction(browser, second)
    page = browser.get(second)
    assert page.status_code == 200
    assert "Your filing login is linked" in page.text
    assert f'href="{RETURN}"' in page.text
    assert len(house.rows(rights)) == 1


def test_pages_name_the_courts_origin_for_their_forms(house: House, browse: Browse, client_id: str):
    """Cancel ends at the court, so the policy of both pages must allow exactly that origin."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    second = browser.get(prove(browser, client_id=client_id, return_to=RETURN))
    first = browser.get(browser.get(FORM).headers["location"])
    policies = [page.headers["content-security-policy"] for page in (second, first)]
    assert policies[0].endswith("form-action 'self' http://localhost:8001")
    assert policies[1].endswith("form-action 'self' https://ecf.casb.uscourts.gov")


@pytest.mark.parametrize(
    "asked",
    [
        {"return_to": RETURN},
        {"client_id": "casb-cmecf"},
        {"client_id": "casb-cmecf", "return_to": RETURN + "/"},
        {"client_id": "casb-cmecf", "return_to": RETURN.upper()},
        {"client_id": "casb-cmecf", "return_to": "https://evil.example"},
        {"client_id": "unknown", "return_to": RETURN},
    ],
    ids=["no client", "no address", "longer", "case", "foreign", "unknown client"],
)
def test_an_unregistered_way_back_is_ignored(
    house: House, browse: Browse, client_id: str, asked: dict[str, str]
):
    """Only an exact registered address counts; else the page ends at the registry's."""
    browser = browse(house.sign_in(house.account()))
    answer = browser.post("/courts/casb/link/cancel", data=open_form(browser, **asked))
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        "https://ecf.casb.uscourts.gov",
    )


def test_every_registered_address_is_a_way_back(house: House, browse: Browse, client_id: str):
    """A redirect address is one as well."""
    browser = browse(house.sign_in(house.account()))
    back = "http://localhost:8001/callback"
    form = open_form(browser, client_id=client_id, return_to=back)
    assert browser.post("/courts/casb/link/cancel", data=form).headers["location"] == back


def test_cancel_forgets_the_proof(house: House, browse: Browse):
    """After Cancel on the second page the first tab cannot confirm any more."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    second = prove(browser)
    form = fields(browser.get(second).text)
    assert browser.post("/courts/casb/link/cancel", data=form).status_code == 303
    answer = browser.post("/courts/casb/link/confirm", data=form)
    assert answer.status_code == 400
    assert "This page has expired" in answer.text
    assert not house.rows(rights)


def test_a_stranger_signs_in_first_and_comes_back(house: House, browse: Browse):
    """The journey's handle goes to the sign-in page; signed in, the form is there."""
    browser = browse()
    set_out = browser.get(FORM)
    sent = browser.get(set_out.headers["location"])
    assert sent.status_code == 303
    login = urlsplit(sent.headers["location"])
    assert login.path == "/login"
    assert parse_qs(login.query) == parse_qs(urlsplit(set_out.headers["location"]).query)
    browser.cookies.set("signon_session", house.sign_in(house.account()))
    assert 'id="ecf_login"' in browser.get(set_out.headers["location"]).text


def test_an_old_sign_in_is_sent_to_the_sign_in_page_from_every_step(house: House, browse: Browse):
    """After five minutes the form, its submission and the confirmation ask for the password."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    form, second = open_form(browser), prove(browser)
    confirm = fields(browser.get(second).text)
    house.clock.advance(seconds=301)
    typed = {"ecf_login": "jdoe", "ecf_password": PASSWORD}
    answers = [
        browser.get(f"{FORM}?journey={form['journey']}"),
        browser.post(FORM, data={**form, **typed}),
        browser.get(second),
        browser.post("/courts/casb/link/confirm", data=confirm),
    ]
    for answer in answers:
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/login?journey=")


def test_after_the_password_the_confirmation_goes_on(house: House, browse: Browse):
    """Whoever looked at the second page for too long need not enter the legacy login again."""
    house.load("casb", line("jdoe"))
    account = house.account()
    browser = browse(house.sign_in(account))
    second = prove(browser)
    house.clock.advance(seconds=301)
    resume = f"{FORM}?journey={parse_qs(urlsplit(second).query)['journey'][0]}"
    with house.database.writing() as unit:
        unit.execute(update(sessions).values(auth_time=unit.now, seen_at=unit.now))
    assert browser.get(resume).headers["location"] == second
    assert "Is this your filing login?" in browser.get(second).text


@pytest.mark.parametrize(
    ("court", "kind", "words"),
    [
        ("akd", AccountKind.INDIVIDUAL, "No date is set"),
        ("casb", AccountKind.SHARED, "Shared accounts are for reading only"),
        ("casb", AccountKind.FIRM, "firm’s administrative account"),
        ("casb", AccountKind.OPERATOR, "operator’s account"),
    ],
)
def test_whoever_may_not_link_is_told_why_and_what_to_do(
    house: House, browse: Browse, court: str, kind: AccountKind, words: str
):
    """A page with the reason, the next step and the way back, before any password is typed."""
    browser = browse(house.sign_in(house.account("accounts1", kind)))
    set_out = browser.get(f"/courts/{court}/link")
    page = browser.get(set_out.headers["location"])
    assert page.status_code == 403
    assert words in told(page.text)
    assert "What you can do" in page.text
    assert f"https://ecf.{court}.uscourts.gov" in page.text
    assert 'id="ecf_login"' not in page.text


def test_a_court_that_is_not_live_needs_no_sign_in_to_say_so(house: House, browse: Browse):
    """Nobody signs in only to learn that it was for nothing."""
    browser = browse()
    page = browser.get(browser.get("/courts/akd/link").headers["location"])
    assert page.status_code == 403
    assert "No date is set" in page.text


def test_wrong_passwords_then_the_wait(house: House, browse: Browse):
    """The form comes back with what was typed but the password; then it says how long to wait."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    form = open_form(browser)
    typed = {"ecf_login": "jdoe<", "ecf_password": "wrong secret"}
    for attempt in range(1, 6):
        page = browser.post(FORM, data={**form, **typed})
        assert page.status_code == (429 if attempt == 5 else 403)
        assert "The login or the password is not right." in page.text
        assert 'value="jdoe&lt;"' in page.text
        assert "wrong secret" not in page.text
    page = browser.post(FORM, data={**form, "ecf_login": "jdoe", "ecf_password": PASSWORD})
    assert (page.status_code, page.headers["retry-after"]) == (429, "900")
    assert "Wait 15 minutes, then try again" in told(page.text)
    assert "then try again" in told(browser.get(f"{FORM}?journey={form['journey']}").text)


def test_empty_fields_cost_no_attempt(house: House, browse: Browse):
    """Each empty field is named, in the summary and beside the field."""
    browser = browse(house.sign_in(house.account()))
    form = open_form(browser)
    page = browser.post(FORM, data={**form, "ecf_login": " ", "ecf_password": ""})
    assert page.status_code == 400
    assert page.text.count("Enter the login that the court gave you.") == 2
    assert page.text.count("Enter the password of that login.") == 2
    assert not house.rows(counters)


def test_two_browsers_cannot_share_a_proof(house: House, browse: Browse):
    """Another browser of the same person, and another person, find the page expired."""
    house.load("casb", line("jdoe"))
    account = house.account()
    browser = browse(house.sign_in(account))
    second = prove(browser)
    handle = parse_qs(urlsplit(second).query)["journey"][0]
    for token in (house.sign_in(account), house.sign_in(house.account("other.person"))):
        other = browse(token)
        page = other.get(second)
        assert page.status_code == 400
        assert "jdoe" not in page.text
        stolen = {**open_form(other), "journey": handle}
        assert other.post("/courts/casb/link/confirm", data=stolen).status_code == 400
    assert not house.rows(rights)


def test_two_tabs_confirm_each_its_own_login(house: House, browse: Browse):
    """What a page shows is what it links, whatever another tab did meanwhile."""
    house.load("casb", line("jdoe"), line("rroe", last_name="Roe"))
    browser = browse(house.sign_in(house.account()))
    first = prove(browser)
    prove(browser, login="rroe")
    form = fields(browser.get(first).text)
    browser.post("/courts/casb/link/confirm", data=form)
    assert [right.login for right in house.rows(rights)] == ["jdoe"]


def test_double_click_reload_and_back_end_well(house: House, browse: Browse):
    """The second click is the same page; the old form leads to it as well."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    second = prove(browser)
    form = fields(browser.get(second).text)
    answers = [browser.post("/courts/casb/link/confirm", data=form) for _ in range(2)]
    assert [answer.headers["location"] for answer in answers] == [second, second]
    confirm_redaction(browser, second)
    assert "Your filing login is linked" in browser.get(second).text
    assert browser.get(f"{FORM}?journey={form['journey']}").headers["location"] == second
    page = browser.get(browser.get(FORM).headers["location"])
    assert "already has the filing login jdoe" in page.text


def test_lost_and_foreign_journeys_begin_anew(house: House, browse: Browse):
    """An unknown handle, or another court's, never leads anywhere but to a new beginning."""
    browser = browse(house.sign_in(house.account()))
    other = browser.get("/courts/cacd/link").headers["location"].partition("=")[2]
    for handle in ("unknown", other):
        assert browser.get(f"{FORM}?journey={handle}").headers["location"] == FORM
        form = {**open_form(browser), "journey": handle}
        typed = {"ecf_login": "jdoe", "ecf_password": PASSWORD}
        for path in ("", "/confirm"):
            answer = browser.post(FORM + path, data={**form, **typed})
            assert (answer.status_code, answer.headers["location"]) == (303, FORM)


def test_a_form_from_elsewhere_changes_nothing(house: House, browse: Browse):
    """Without this browser's token, or sent by another site, nothing happens."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    form = fields(browser.get(prove(browser)).text)
    forged = {**form, "csrf_token": "x"}
    assert browser.post("/courts/casb/link/confirm", data=forged).status_code == 400
    foreign = browser.post(
        "/courts/casb/link/confirm", data=form, headers={"sec-fetch-site": "cross-site"}
    )
    assert foreign.status_code == 403
    assert not house.rows(rights)


def test_an_unknown_court_is_no_page(house: House, browse: Browse):
    """A court that is not in the registry is not found."""
    assert browse().get("/courts/nowhere/link").status_code == 404


@ON_ONE
def test_a_busy_moment_is_no_attempt(house: House, browse: Browse, monkeypatch: pytest.MonkeyPatch):
    """However often the gate has no turn, nobody waits for it afterwards."""
    house.load("casb", line("jdoe"))
    browser = browse(house.sign_in(house.account()))
    typed = {"ecf_login": "jdoe", "ecf_password": PASSWORD}

    async def refuse(*_: object) -> None:
        raise BusyError("Many people are signing in right now.", retry_after=2)

    with monkeypatch.context() as busy:
        busy.setattr(HashingGate, "run_before", refuse)
        for _ in range(6):
            answer = browser.post(FORM, data={**open_form(browser), **typed})
            assert answer.status_code == 503
    assert prove(browser).startswith("/courts/casb/link/confirm?journey=")
