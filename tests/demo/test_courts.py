"""What the demonstration courts show to whom, and how people come and go."""

import json
import re
import sqlite3
from contextlib import closing
from time import monotonic, sleep
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from tests.demo.running import Running
from tests.demo.visitor import Visitor

pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.timeout(120)]

PACER = ["Query", "Reports", "Utilities", "Log out"]
MENUS = {
    ("linked_attorney", "casb"): ["Bankruptcy", "Adversary", *PACER],
    ("linked_attorney", "cacd"): ["Civil", "Criminal", *PACER],
    ("unlinked_attorney", "cacd"): PACER,
    ("legacy", "casb"): PACER,
    ("shared", "casb"): PACER,
    ("trustee", "casb"): ["Bankruptcy", "Adversary", "Trustee", *PACER],
    ("trustee", "cacd"): PACER,
    ("limited_creditor", "casb"): ["File Claims", "Request Notice", *PACER],
    ("pro_se", "cacd"): ["Civil", *PACER],
    ("court_staff", "casb"): PACER,
    ("operator", "casb"): PACER,
}
REFUSED_LINKS = {
    "legacy": "legacy account",
    "shared": "shared account",
    "operator": "operator’s account",
    "linked_attorney": "already has the filing login",
}


@pytest.mark.parametrize(("purpose", "court"), MENUS)
def test_menus_follow_the_role(demo: Running, visitor: Visitor, purpose: str, court: str):
    """The PACER menu for everybody, the filing menus of the role for whoever may file here."""
    sign_in(demo, visitor, purpose, court)
    assert menu_bar(visitor) == MENUS[purpose, court]


def test_an_agent_chooses_and_files_on_behalf(demo: Running, visitor: Visitor):
    """Nothing before the choice; then the principal's menus, and both names on the receipt."""
    sign_in(demo, visitor, "filing_agent", "casb")
    assert "For whom do you file?" in visitor.text
    assert visitor.response is not None
    lena = re.search(r'id="pair-(\w+)"[^<]*<span><strong>Lena Marsh', visitor.response.text)
    assert lena
    visitor.submit(visitor.page.forms[0], pair=lena[1])
    assert menu_bar(visitor) == ["Bankruptcy", "Adversary", *PACER]
    assert "Filing for Lena Marsh" in visitor.text
    visitor.open(f"{demo.address('casb')}/file/bankruptcy/motion")
    visitor.submit(visitor.page.forms[-1], case="26-00017")
    assert "Fay Ackerman on behalf of Lena Marsh" in visitor.text


def test_a_firm_account_comes_back_without_a_sign_in(demo: Running, visitor: Visitor):
    """A firm account manages and pays: at a court it gets a page, then `access_denied`."""
    text = sign_in(demo, visitor, "firm", "casb")
    assert "firm" in text
    for form in visitor.page.forms[:1]:
        visitor.submit(form)
    assert menu_bar(visitor) == []


@pytest.mark.parametrize("purpose", REFUSED_LINKS)
def test_linking_says_why_not(demo: Running, visitor: Visitor, purpose: str):
    """Who cannot link is told the reason, and comes back to the court."""
    sign_in(demo, visitor, purpose, "casb")
    text = visitor.open(link_address(demo, "casb"))
    assert REFUSED_LINKS[purpose] in text
    assert f'href="{demo.address("casb")}/"' in ((visitor.response and visitor.response.text) or "")


def test_a_case_outside_the_limits_is_refused(demo: Running, visitor: Visitor):
    """Somebody who is limited to one case files there and nowhere else."""
    sign_in(demo, visitor, "pro_se", "cacd")
    visitor.open(f"{demo.address('cacd')}/file/civil/motion")
    form = visitor.page.forms[-1]
    assert "You may not file in that case." in visitor.submit(form, case="2:25-cv-08812")
    assert visitor.status == 400
    assert "The demonstration ends here" in visitor.submit(form, case="2:26-cv-00417")


def test_a_filing_page_outside_the_rights_is_refused(demo: Running, visitor: Visitor):
    """An address that somebody typed opens nothing that the menu did not."""
    sign_in(demo, visitor, "limited_creditor", "casb")
    assert "This is not open to you" in visitor.open(
        f"{demo.address('casb')}/file/bankruptcy/motion"
    )
    assert visitor.status == 403


def test_a_page_leads_through_the_sign_in_and_back(demo: Running, visitor: Visitor):
    """Whoever asks for a page without being signed in ends on that page."""
    visitor.open(f"{demo.address('cacd')}/query")
    person = demo.person("reader")
    visitor.submit(visitor.page.forms[0], username=person["username"], password=person["password"])
    visitor.go_on(person["username"])
    assert visitor.address == f"{demo.address('cacd')}/query"
    assert "2:26-cv-00417" in visitor.text


def test_a_sign_in_leads_to_pages_of_the_court_only(demo: Running, visitor: Visitor):
    """The way back is one of the court's own pages, whatever the address asks for."""
    visitor.open(f"{demo.address('cacd')}/login?to=https://elsewhere.example/")
    person = demo.person("reader")
    visitor.submit(visitor.page.forms[0], username=person["username"], password=person["password"])
    visitor.go_on(person["username"])
    assert visitor.address == f"{demo.address('cacd')}/"


def test_the_court_asks_for_what_it_must(demo: Running):
    """PKCE with S256, state and nonce go with every authorization request."""
    answer = httpx2.get(f"{demo.address('casb')}/login", trust_env=False)
    asked = parse_qs(urlsplit(answer.headers["location"]).query)
    assert answer.status_code == 303
    assert asked["code_challenge_method"] == ["S256"]
    assert {"state", "nonce", "code_challenge"} <= asked.keys()
    assert asked["scope"] == ["openid profile email phone address pacer ecf"]
    cookie = answer.headers["set-cookie"]
    assert cookie.startswith("casb_session=")
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie


def test_cancel_leaves_nobody_signed_in(demo: Running, visitor: Visitor):
    """Cancel on the sign-in page comes back to the court with `access_denied`."""
    visitor.open(f"{demo.address('casb')}/login")
    assert "You did not sign in" in visitor.submit(visitor.page.forms[1])
    assert visitor.address.startswith(demo.address("casb"))
    assert "Log in to CM/ECF" in visitor.open(demo.address("casb"))


def test_an_answer_is_taken_once_and_from_its_own_browser(demo: Running, visitor: Visitor):
    """A second look at it shows the main menu; another browser gets nothing by it."""
    sign_in(demo, visitor, "reader", "casb")
    assert visitor.response is not None
    callback = next(
        str(answer.url) for answer in visitor.response.history if "code=" in str(answer.url)
    )
    assert "Main menu" in visitor.open(callback)
    with Visitor() as thief:
        assert "did not keep our cookie" in thief.open(callback)
        thief.open(f"{demo.address('casb')}/login")
        assert "Please log in again" in thief.open(callback)


def test_an_answer_of_another_provider_is_refused(demo: Running, visitor: Visitor):
    """RFC 9207: the response names its issuer, and it must be ours."""
    visitor.open(f"{demo.address('casb')}/login")
    assert visitor.response is not None
    asked = parse_qs(urlsplit(visitor.response.history[0].headers["location"]).query)
    address = f"{demo.address('casb')}/callback?code=x&state={asked['state'][0]}&iss=http://evil"
    assert "another sign-on service" in visitor.open(address)


def test_signing_out_ends_it_everywhere(demo: Running, visitor: Visitor):
    """The court ends its session and the provider's; another court notices at the next page."""
    sign_in(demo, visitor, "reader", "casb")
    visitor.open(f"{demo.address('cacd')}/login")
    assert menu_bar(visitor) == PACER
    visitor.open(demo.address("casb"))
    assert "You are signed out" in visitor.submit(visitor.page.forms[0])
    assert visitor.address.startswith(f"{demo.address('casb')}/")
    assert "Your sign-in has ended" in visitor.open(f"{demo.address('cacd')}/reports")
    assert "Electronic case files" in visitor.open(demo.address("cacd"))
    visitor.open(f"{demo.address('casb')}/login")
    assert "password" in visitor.page.ids


def test_courts_are_told_of_a_sign_out(demo: Running, visitor: Visitor):
    """Past the browser: both courts take their logout tokens; the next page says so, once."""
    before = _logout_tokens_taken(demo)
    sign_in(demo, visitor, "reader", "casb")
    visitor.open(f"{demo.address('cacd')}/login")
    visitor.open(demo.address("casb"))
    visitor.submit(visitor.page.forms[0])
    deadline = monotonic() + 20
    while _logout_tokens_taken(demo) < before + 2:
        assert monotonic() < deadline
        sleep(0.1)
    assert "Your sign-in has ended" in visitor.open(demo.address("cacd"))
    assert "Log in to CM/ECF" in visitor.open(demo.address("cacd"))


def test_a_court_refuses_other_logout_tokens(demo: Running):
    """With the protocol's own answer, which nobody may keep."""
    for form in ({}, {"logout_token": "a.b.c"}, {"logout_token": "ü"}):
        answer = httpx2.post(
            f"{demo.address('casb')}/backchannel-logout", data=form, trust_env=False
        )
        assert answer.status_code == 400
        assert answer.json()["error"] == "invalid_request"
        assert answer.headers["cache-control"] == "no-store"


def test_a_form_of_another_site_is_refused(demo: Running):
    """The other servers of this machine are "same-site": they may not sign anybody out."""
    answer = httpx2.post(
        f"{demo.address('casb')}/logout", headers={"sec-fetch-site": "same-site"}, trust_env=False
    )
    assert answer.status_code == 403


def test_developers_see_what_the_court_was_told(demo: Running, visitor: Visitor):
    """The ID token's header and claims and UserInfo's, of this court only; a refresh renews them."""
    sign_in(demo, visitor, "linked_attorney", "casb")
    visitor.open(f"{demo.address('casb')}/whoami")
    header, claims, userinfo = (json.loads(text) for text in _code(visitor))
    assert header["alg"] == "ES256"
    assert claims["ecf_court"] == userinfo["ecf_court"] == "casb"
    assert claims["ecf_roles"] == ["attorney"]
    assert userinfo["phone_number"] == "+16195550110"
    assert userinfo["address"]["locality"] == "San Diego"
    assert "cacd" not in ((visitor.response and visitor.response.text) or "")
    visitor.submit(visitor.page.forms[-1])
    _, renewed, _ = (json.loads(text) for text in _code(visitor))
    assert renewed["jti"] != claims["jti"]
    assert renewed["sub"] == claims["sub"]


def test_pages_bring_their_policy(demo: Running):
    """No script, no frame, nothing from elsewhere; forms end here or at the provider."""
    answer = httpx2.get(demo.address("casb"), trust_env=False)
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self'")
    assert f"form-action 'self' {demo.address('signon')}" in policy
    assert "script-src" not in policy
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("name", ["signon", "casb", "cacd", "mailbox"])
def test_every_site_says_that_it_is_a_demonstration(demo: Running, visitor: Visitor, name: str):
    """No page claims to be an official one, also not the one for what does not exist."""
    visitor.open(demo.address(name))
    assert "This is a demonstration" in visitor.text
    visitor.open(f"{demo.address(name)}/nowhere")
    assert visitor.status == 404
    assert "This is a demonstration" in visitor.text


def sign_in(demo: Running, visitor: Visitor, purpose: str, court: str) -> str:
    """Sign in as the person of a purpose."""
    person = demo.person(purpose)
    return visitor.sign_in(demo.address(court), person["username"], person["password"])


def menu_bar(visitor: Visitor) -> list[str]:
    """What the court's menu bar offers."""
    assert visitor.response is not None
    _, found, rest = visitor.response.text.partition('<nav class="menu-bar"')
    if not found:
        return []
    bar = rest.partition("</nav>")[0]
    parts = [part.partition("<")[0].strip() for part in bar.split(">")[1:]]
    return [part for part in parts if part]


def link_address(demo: Running, court: str) -> str:
    """Where a court's Utilities lead to."""
    client = next(one for one in demo.description["clients"] if one["court"] == court)
    return (
        f"{demo.address('signon')}/courts/{court}/link"
        f"?client_id={client['client_id']}&return_to={demo.address(court)}/"
    )


def _logout_tokens_taken(demo: Running) -> int:
    """How many the courts have answered with success."""
    query = "SELECT count(*) FROM outbox WHERE kind = 'logout_token' AND done_at IS NOT NULL"
    with closing(sqlite3.connect(demo.folder / "signon.db")) as database:
        return int(database.execute(query).fetchone()[0])


def _code(visitor: Visitor) -> list[str]:
    from html import unescape

    assert visitor.response is not None
    blocks = visitor.response.text.split("<pre>")[1:]
    return [unescape(block.partition("</pre>")[0]) for block in blocks]
