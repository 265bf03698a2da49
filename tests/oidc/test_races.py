"""Twenty at once, against two processes: one success each, on SQLite and on PostgreSQL."""

from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count
from threading import Barrier
from urllib.parse import urlencode

import httpx2
import pytest
from sqlalchemy import select

from signon.audit.models import events
from signon.clients.invitations import Bounds, invite
from signon.clients.registry import read_client
from signon.clock import utc_now
from signon.courts.registry import read_one
from signon.filing.models import rights
from signon.oidc import codes, refreshing
from tests.infra.browser import Browser
from tests.infra.served import Databases, Served
from tests.infra.world import PASSWORD, World
from tests.oidc.proving import Prover, Signatory
from tests.oidc.relying_party import RelyingParty
from tests.oidc.strict_party import StrictParty

pytestmark = pytest.mark.timeout(180)
"""Starting processes takes its time on a busy machine."""

TWENTY = 20
NUMBERS = count()
Ask = Callable[[httpx2.Client], httpx2.Response]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def served(
    request: pytest.FixtureRequest,
    served_databases: Databases,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Served]:
    """A provider with two worker processes, one for all tests here."""
    folder = tmp_path_factory.mktemp("races")
    with served_databases.serving(request.param, folder, workers=2) as made:
        yield made


@pytest.fixture
def racer(served: Served) -> RelyingParty:
    """A client of the test's own, whose person has just signed in."""
    name = f"racer{next(NUMBERS):04}"
    served.account(name)
    uri = "https://ecf.casb.test/callback"
    secret = served.client(name, redirect_uris=[uri])
    made = RelyingParty(served.browser(), utc_now, name, secret, uri)
    made.begin()
    made.browser.sign_in(name, PASSWORD)
    return made


def at_once(served: Served, ask: Ask) -> list[httpx2.Response]:
    """The same request twenty times at the same moment, each on a connection of its own.

    Who is told that the service is busy asks again, as any client does.
    """
    barrier = Barrier(TWENTY)

    def one(_number: int) -> httpx2.Response:
        client = served.http()
        client.get("/livez")
        barrier.wait(timeout=30)
        answer = ask(client)
        while answer.status_code == 503:
            answer = ask(client)
        return answer

    with ThreadPoolExecutor(TWENTY) as pool:
        return list(pool.map(one, range(TWENTY)))


def check_that_one_won_and_lost_it(rp: RelyingParty, answers: list[httpx2.Response]) -> None:
    """One success, nineteen replays, and because of them nothing of the success is left."""
    assert Counter(answer.status_code for answer in answers) == {200: 1, 400: TWENTY - 1}
    assert {a.json()["error"] for a in answers if a.status_code == 400} == {"invalid_grant"}
    (won,) = (answer.json() for answer in answers if answer.status_code == 200)
    assert rp.userinfo(won["access_token"]).status_code == 401
    assert rp.refresh(won["refresh_token"]).status_code == 400


def audited(served: Served, rp: RelyingParty) -> list[str]:
    """The events of the client."""
    with served.database.reading() as unit:
        mine = select(events.c.event).where(events.c.client_id == rp.client_id)
        return list(unit.execute(mine).scalars())


def test_a_code_is_redeemed_once(served: Served, racer: RelyingParty):
    """RFC 6749 4.1.2: of 20 concurrent redemptions one succeeds, and the others revoke it."""
    values = {
        "grant_type": "authorization_code",
        "code": racer.code(),
        "redirect_uri": racer.redirect_uri,
        "code_verifier": racer.started.verifier,
    }
    auth = (racer.client_id, racer.secret or "")
    answers = at_once(served, lambda http: http.post("/oauth2/token", data=values, auth=auth))
    check_that_one_won_and_lost_it(racer, answers)
    assert audited(served, racer).count("oidc:code:replayed") >= TWENTY - 1


def test_a_refresh_token_is_used_once(served: Served, racer: RelyingParty):
    """RFC 9700 4.14.2: of 20 concurrent refreshes one succeeds, and the others revoke it."""
    values = {"grant_type": "refresh_token", "refresh_token": racer.tokens().refresh_token}
    auth = (racer.client_id, racer.secret or "")
    answers = at_once(served, lambda http: http.post("/oauth2/token", data=values, auth=auth))
    check_that_one_won_and_lost_it(racer, answers)
    assert "tokens:refresh_token:replayed" in audited(served, racer)


def strict_racer(served: Served) -> StrictParty:
    """A client under `fapi2` of the test's own, whose person has just signed in."""
    name = f"strict{next(NUMBERS):04}"
    served.account(name)
    signatory = Signatory(utc_now, name, served.settings.issuer)
    given = {"profile": "fapi2", "dpop": "required", "auth_method": "private_key_jwt"}
    uri = "https://ecf.casb.test/callback"
    served.client(name, redirect_uris=[uri], jwks=signatory.jwks, **given)
    made = StrictParty(served.browser(), utc_now, name, None, uri)
    made.equip(signatory, Prover(utc_now)).begin()
    made.browser.sign_in(name, PASSWORD)
    return made


def test_a_request_uri_is_completed_once(served: Served):
    """RFC 9126 7.3: 20 tabs of one person come back at once; one gets a code."""
    rp = strict_racer(served)
    query = urlencode({"client_id": rp.client_id, "request_uri": rp.pushed()})
    cookies = dict(rp.browser.http.cookies)

    def come(http: httpx2.Client) -> httpx2.Response:
        http.cookies.update(cookies)
        return http.get(f"/oauth2/authorize?{query}", follow_redirects=False)

    answers = at_once(served, come)
    codes = [answer for answer in answers if "code=" in answer.headers.get("location", "")]
    assert len(codes) == 1
    for answer in answers:  # seen before or after the look
        told = answer.headers.get("location", "")
        assert answer in codes or answer.status_code == 400 or "invalid_request_uri" in told


def test_a_proof_is_used_once(served: Served):
    """RFC 9449 11.1: of 20 calls with one `jti`, at two processes, one is answered."""
    rp = strict_racer(served)
    token = rp.tokens().access_token
    assert rp.prover is not None
    headers = rp.prover.headers("GET", rp.metadata["userinfo_endpoint"], token)
    answers = at_once(served, lambda http: http.get("/oauth2/userinfo", headers=headers))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 401: TWENTY - 1}


def test_an_invitation_registers_one_client(served: Served):
    """RFC 7591 3: 20 registrations with one initial access token; one client is made."""
    with served.database.writing() as unit:
        bounds = Bounds("standard", ["ecf.casb.test"])
        token = invite(unit, bounds, lasts=timedelta(hours=1)).initial_access_token
    said = {"client_name": "Racer", "redirect_uris": ["https://ecf.casb.test/callback"]}
    headers = {"authorization": f"Bearer {token}"}
    answers = at_once(
        served, lambda http: http.post("/oauth2/register", json=said, headers=headers)
    )
    assert Counter(answer.status_code for answer in answers) == {201: 1, 401: TWENTY - 1}


def test_a_login_is_linked_once(served: Served):
    """Issue 2: 20 accounts prove the same legacy login and confirm at once; one has it."""
    served.legacy_logins("casb", ["contested"])
    people = [_who_proved(served, f"contender{number:02}") for number in range(TWENTY)]
    barrier = Barrier(TWENTY)

    def confirm(browser: Browser) -> httpx2.Response:
        barrier.wait(timeout=30)
        answer = browser.submit(browser.page.forms[0])
        while answer.status_code == 503:
            answer = browser.get(str(answer.url).replace("/confirm", ""))
        return answer

    with ThreadPoolExecutor(TWENTY) as pool:
        answers = list(pool.map(confirm, people))
    assert Counter(answer.status_code for answer in answers) == {200: 1, 403: TWENTY - 1}
    assert ["login is linked" in answer.text for answer in answers].count(True) == 1
    with served.database.reading() as unit:
        of_login = select(rights.c.account_id).where(rights.c.login == "contested")
        assert len(unit.execute(of_login).all()) == 1


# ── The same, one step after the other ───────────────────────────────────────


def test_a_code_that_two_have_found_is_spent_by_one(signed_in: RelyingParty, world: World):
    """Both looked before either had spent it: the second gets nothing and ends the first's grant."""
    signed_in.begin()
    code = signed_in.code()
    with world.database.reading() as unit:
        client = read_client(unit, signed_in.client_id)
        assert client is not None
        both = [codes.find(unit, code, client, court=read_one(unit, "casb")) for _ in "ab"]
    done = []
    for found, token in zip(both, "ab", strict=True):
        assert found is not None
        with world.database.writing() as unit:
            done.append(codes.redeem(unit, found, refresh_token=token))
    assert done == [True, False]
    assert signed_in.refresh("a").json()["error"] == "invalid_grant"
    assert "oidc:code:replayed" in world.audited()


def test_a_refresh_token_that_two_have_found_is_used_by_one(signed_in: RelyingParty, world: World):
    """The same for refreshing."""
    signed_in.begin()
    token = signed_in.tokens().refresh_token
    with world.database.reading() as unit:
        client = read_client(unit, signed_in.client_id)
        assert client is not None
        both = [refreshing.find(unit, token, court=read_one(unit, "casb")) for _ in "ab"]
    done = []
    for found, successor in zip(both, "ab", strict=True):
        assert found is not None
        with world.database.writing() as unit:
            done.append(refreshing.spend(unit, found, successor, client, ring=world.ring))
    assert done == [True, False]
    assert signed_in.refresh("a").json()["error"] == "invalid_grant"
    assert "tokens:refresh_token:replayed" in world.audited()


def _who_proved(served: Served, username: str) -> Browser:
    """The browser of a new account that has shown the password of the contested login."""
    served.account(username)
    browser = served.browser()
    browser.get("/courts/casb/link")
    browser.sign_in(username, PASSWORD)
    form = browser.page.forms[0]
    page = browser.submit(form, ecf_login="contested", ecf_password=PASSWORD)
    assert "confirm" in browser.page.ids, page.text
    return browser
