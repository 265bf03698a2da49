"""Programs at the demo: its courts by cookies, its case locator by a header, pacersdk unmodified."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import pytest

from signon import opaque_tokens
from signon.opaque_tokens import looks_like_cso
from tests.demo.running import Running, running

pytestmark = [pytest.mark.xdist_group("programs"), pytest.mark.timeout(120)]

LOGGED_IN = b"/cgi-bin/login.pl?logout"
FIND = "/pcl-public-api/rest/cases/find"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demonstration of its own: what programs do is seen in nobody’s mailbox."""
    folder = tmp_path_factory.mktemp("programs") / "data"
    with running(folder) as started:
        yield started
        status, errors = started.stop()
        assert (status, "Traceback" in errors) == (0, False), errors


@pytest.fixture
def http() -> Iterator[httpx2.Client]:
    """A program that knows nothing yet."""
    with httpx2.Client(trust_env=False, timeout=60) as client:
        yield client


def sign_in(demo: Running, http: httpx2.Client, purpose: str = "reader", **more: str) -> str:
    """The token of somebody's program."""
    person = demo.person(purpose)
    sent = {"loginId": person["username"], "password": person["password"], **more}
    answer = http.post(f"{demo.address('signon')}/services/cso-auth", json=sent).json()
    assert answer["loginResult"] == "0", answer
    token = answer["nextGenCSO"]
    assert looks_like_cso(token)
    return str(token)


@pytest.mark.parametrize("name", ["NextGenCSO", "nextGenCSO", "PacerSession", "PACERSESSION"])
def test_a_court_reads_the_cookie_in_any_case(demo: Running, http: httpx2.Client, name: str):
    """And shows by its link that somebody is logged in."""
    token = sign_in(demo, http)
    cookies = f"{name}={token}; pacerclientcode=4711"
    answer = http.get(f"{demo.address('casb')}/query", headers={"cookie": cookies})
    assert answer.status_code == 200
    assert LOGGED_IN in answer.content
    assert "4711" in answer.text


@pytest.mark.parametrize("token", ["unvalidated", "x" * 128, ""])
def test_who_is_not_logged_in_is_led_to_the_sign_in(demo: Running, http: httpx2.Client, token: str):
    """Without the link that says otherwise; the XML says it in words."""
    at, headers = demo.address("casb"), {"cookie": f"NextGenCSO={token}"}
    answer = http.get(f"{at}/cgi-bin/DktRpt.pl?2600318", headers=headers)
    assert answer.status_code == 303
    assert LOGGED_IN not in answer.content
    answer = http.get(f"{at}/cgi-bin/possible_case_numbers.pl?26-00318", headers=headers)
    assert "text='Not logged in" in answer.text


def test_a_docket_is_found_and_read(demo: Running, http: httpx2.Client):
    """By the number's XML, then by the form that a scraper posts."""
    headers = {"cookie": f"PacerSession={sign_in(demo, http)}"}
    at = f"{demo.address('casb')}/cgi-bin"
    found = http.get(f"{at}/possible_case_numbers.pl?26-00318", headers=headers).text
    assert "<case number='26-00318' id='2600318'" in found
    missing = http.get(f"{at}/possible_case_numbers.pl?26-1'<", headers=headers).text
    assert "Cannot find case" in missing
    assert "'<" not in missing
    form = {"all_case_ids": (None, "2600318"), "case_num": (None, " ")}
    answer = http.post(f"{at}/DktRpt.pl?1-L_1_0-1", files=form, headers=headers)
    assert "Redwood Kitchen Supply LLC" in answer.text
    assert LOGGED_IN in answer.content
    assert http.get(f"{at}/DktRpt.pl?1", headers=headers).status_code == 404


def test_a_filers_program_sees_the_filing_menus(demo: Running, http: httpx2.Client):
    """The token is for filing in the demonstration, after the redaction rules were confirmed."""
    headers = {"cookie": f"NextGenCSO={sign_in(demo, http, 'linked_attorney', redactFlag='1')}"}
    assert "/file/bankruptcy/petition" in http.get(demo.address("casb"), headers=headers).text
    whoami = http.get(f"{demo.address('casb')}/whoami", headers=headers)
    assert whoami.status_code == 303


def test_the_way_out_ends_the_token(demo: Running, http: httpx2.Client):
    """At the provider, so that no other court takes it."""
    headers = {"cookie": f"NextGenCSO={sign_in(demo, http)}"}
    answer = http.get(f"{demo.address('casb')}/cgi-bin/login.pl?logout", headers=headers)
    assert answer.status_code == 303
    assert http.get(f"{demo.address('cacd')}/query", headers=headers).status_code == 303


def test_a_search_at_the_case_locator(demo: Running, http: httpx2.Client):
    """With the receipt's members, which say that it is a demonstration; 401 on a dead token."""
    at = demo.address("mailbox") + FIND
    token = sign_in(demo, http, clientCode="4711")
    headers = {"x-next-gen-cso": token}
    answer = http.post(f"{at}?page=0", json={"caseTitle": "tidewater"}, headers=headers)
    assert answer.status_code == 200
    said = answer.json()
    assert [row["caseNumberFull"] for row in said["content"]] == ["25-04402", "26-90027"]
    assert said["receipt"]["clientCode"] == "4711"
    assert said["receipt"]["searchFee"] == ".00"
    assert "demonstration" in said["receipt"]["description"]
    one = http.post(at, json={"courtId": ["cacdc"]}, headers=headers | {"x-client-code": "x"})
    assert {row["courtId"] for row in one.json()["content"]} == {"cacdc"}
    assert one.json()["receipt"]["clientCode"] == "x"
    assert http.post(at, content=b"{", headers=headers).status_code == 400
    assert http.post(at, content=b"[]", headers=headers).status_code == 406
    http.post(f"{demo.address('signon')}/services/cso-logout", json={"nextGenCSO": token})
    assert http.post(at, json={}, headers=headers).status_code == 401
    assert http.post(at, json={}).status_code == 401


# ── Another token ────────────────────────────────────────────────────────────


def age(demo: Running, token: str, **columns: timedelta) -> None:
    """Put moments of a token's session back, as if that much time had passed."""
    digest = opaque_tokens.digest(token)
    with closing(sqlite3.connect(demo.folder / "signon.db", timeout=30)) as database, database:
        for column, by in columns.items():
            found = f"SELECT {column} FROM cso_sessions WHERE digest = ? OR previous = ?"  # ours
            (moment,) = database.execute(found, (digest, digest)).fetchone()
            put_back = (datetime.fromisoformat(moment) - by).strftime("%Y-%m-%d %H:%M:%S.%f")
            database.execute(
                f"UPDATE cso_sessions SET {column} = ? WHERE digest = ? OR previous = ?",
                (put_back, digest, digest),
            )


def test_a_court_hands_on_another_token(demo: Running, http: httpx2.Client):
    """In the header and in both cookies; the old one goes on for a while."""
    token = sign_in(demo, http)
    headers = {"cookie": f"NextGenCSO={token}"}
    at = f"{demo.address('casb')}/query"
    assert "x-next-gen-cso" not in http.get(at, headers=headers).headers
    age(demo, token, issued_at=timedelta(minutes=31))
    answer = http.get(at, headers=headers)
    new = answer.headers["x-next-gen-cso"]
    assert looks_like_cso(new)
    set_by_name = dict(line.split("=", 1) for line in answer.headers.get_list("set-cookie"))
    for name in ("NextGenCSO", "PacerSession"):
        assert set_by_name[name].startswith(f"{new};")
        assert "path=/" in set_by_name[name].lower()
    assert http.get(at, headers=headers).status_code == 200
    assert http.get(at, headers={"cookie": f"PacerSession={new}"}).status_code == 200
    age(demo, new, previous_until=timedelta(minutes=3))
    assert http.get(at, headers=headers).status_code == 303


def test_the_case_locator_hands_on_another_token(demo: Running, http: httpx2.Client):
    """In the header, as the guide of its API says."""
    token = sign_in(demo, http)
    age(demo, token, issued_at=timedelta(minutes=31))
    at = demo.address("mailbox") + FIND
    answer = http.post(at, json={}, headers={"x-next-gen-cso": token})
    new = answer.headers["x-next-gen-cso"]
    assert http.post(at, json={}, headers={"x-next-gen-cso": new}).status_code == 200


# ── pacersdk, as it comes from its makers ────────────────────────────────────


@pytest.fixture
def configured(demo: Running, tmp_path: Path) -> str:
    """Pacersdk's configuration, which is all that points it at us."""
    qa = {
        "registrationurl": demo.address("signon"),
        "authenticationurl": demo.address("signon"),
        "pclapiurl": demo.address("mailbox"),
    }
    path = tmp_path / "pacer.json"
    path.write_text(json.dumps({"qa": qa}))
    return str(path)


def client(demo: Running, configured: str, purpose: str = "reader", **more: Any) -> Any:
    """A client of pacersdk, which signs in at once."""
    from pacersdk import PCLClient

    person = demo.person(purpose)
    given = {"username": person["username"], "password": person["password"], **more}
    return PCLClient(environment="qa", config_path=configured, **given)


def test_pacersdk_searches_and_logs_out(demo: Running, configured: str):
    """After the logout its old token is refused, so it fetches a new one and goes on."""
    pacer = client(demo, configured)
    assert len(pacer.case.search({"caseTitle": "tidewater"})["content"]) == 2
    assert sum(len(page["content"]) for page in pacer.case.search_all({})) == 7
    before = pacer.authenticator.token
    pacer.logout()
    assert pacer.case.session.token == before
    assert pacer.case.search({})["content"]
    assert pacer.case.session.token != before


def test_pacersdk_is_refused(demo: Running, configured: str):
    """A wrong password, a filer without the flag: it gets no token, and so no search."""
    wrong = client(demo, configured, password="not the right one")
    assert wrong.authenticator.token == ""
    with pytest.raises(RuntimeError, match="HTTP 401 Error"):
        wrong.case.search({})
    assert client(demo, configured, "linked_attorney").authenticator.token == ""
    assert client(demo, configured, "linked_attorney", redaction=True).case.search({})["content"]


def test_pacersdk_shows_a_second_factor(demo: Running, configured: str):
    """By itself, out of the key; without it there is no token."""
    purpose = "court_staff"
    person = demo.person(purpose)
    assert client(demo, configured, purpose, redaction=True).authenticator.token == ""
    shown = client(demo, configured, purpose, secret=person["totp_secret"], redaction=True)
    assert looks_like_cso(shown.authenticator.token)


def test_pacersdk_survives_another_token(demo: Running, configured: str):
    """It never reads the header: when its old token is refused at last, it fetches one of its own."""
    pacer = client(demo, configured)
    token = pacer.authenticator.token
    age(demo, token, issued_at=timedelta(minutes=31))
    assert pacer.case.search({})["content"]
    assert pacer.case.session.token == token
    age(demo, token, previous_until=timedelta(minutes=3))
    assert pacer.case.search({})["content"]
    assert pacer.case.session.token != token
