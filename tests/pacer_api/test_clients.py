"""Clients of today, from the bytes that each sends to the bytes that it needs (domain facts 4.4).

pacersdk and juriscraper themselves run in `test_pacersdk.py` and in the gallery of real clients.
"""

import json
import re
import urllib.error
from typing import Any

import pytest

from signon.config import Settings
from signon.db import Database
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.pacer_api.conftest import AUTH, JSON, LOGOUT, NAME, Program

WITH = {"loginId": NAME, "password": PASSWORD}
WRONG = {"loginId": "foofoo", "password": "barbarbar"}
HEADERS = {"user-agent": "Juriscraper", "content-type": JSON, "accept": JSON}
T3 = re.compile("All filers must redact: .*")


def sent(program: Program, members: dict[str, Any], path: str = AUTH, **headers: str) -> Any:
    """The answer to just these members and headers."""
    program.world.http.cookies.clear()
    body = json.dumps(members).encode()
    return program.world.http.post(path, content=body, headers=headers)


class Juriscraper:
    """`juriscraper/pacer/http.py`: any status but 200 is "Unable connect to PACER site"."""

    def __init__(self, program: Program) -> None:
        self._program = program

    def login(self, members: dict[str, str]) -> str:
        answer = sent(self._program, {**members, "redactFlag": "1"}, **HEADERS)
        if answer.status_code != 200:
            raise ConnectionError("Unable connect to PACER site")
        said = answer.json()
        if said.get("loginResult") is None:
            raise AssertionError("no loginResult")
        if said.get("loginResult") == "1":
            raise PermissionError(f"Invalid username/password: {said.get('errorDescription')}")
        if not said.get("nextGenCSO"):
            raise PermissionError("Did not get NextGenCSO cookie when attempting PACER login.")
        return str(said["nextGenCSO"])


def test_juriscraper(program: Program, world: World):
    """The flag is harmless for who files nowhere and suffices for who does; nobody gets "1"."""
    assert Juriscraper(program).login(WITH)
    assert Juriscraper(program).login({**WITH, "clientCode": "4711"})
    world.right(world.find(NAME))
    assert Juriscraper(program).login(WITH)
    with pytest.raises(PermissionError, match="Did not get NextGenCSO cookie"):
        Juriscraper(program).login(WRONG)


def test_courtlistener(program: Program, world: World, clock: FrozenClock):
    """Keeps the cookie an hour, and signs in again when five minutes are left of it."""
    secret = world.client(scopes=["pacer"])
    assert secret
    token = Juriscraper(program).login(WITH)
    clock.advance(seconds=55 * 60)
    assert program.introspect(token, secret)["active"] is True


def test_pacersdk(program: Program, world: World):
    """`message["nextGenCSO"]` of every 2xx; other statuses are raised raw, at logout too."""

    def get_token(members: dict[str, str]) -> str:
        answer = sent(program, members, accept=JSON, **{"content-type": JSON})
        if not 200 <= answer.status_code < 300:
            raise urllib.error.URLError(answer.text)
        return str(answer.json()["nextGenCSO"])

    assert len(get_token(WITH)) == 128
    assert get_token(WRONG) == ""
    world.enrol(NAME)
    assert len(get_token({**WITH, "otpCode": world.code(), "redactFlag": "1"})) == 128
    out = sent(program, {"nextGenCSO": "x"}, LOGOUT, accept=JSON, **{"content-type": JSON})
    assert out.status_code == 200


def test_go_scraper(program: Program):
    """Any text in `errorDescription` is a failure: a clean sign-in has none."""
    answer = sent(program, {**WITH, "redactFlag": "1"}, accept=JSON, **{"content-type": JSON})
    assert answer.json()["errorDescription"] == ""
    assert answer.json()["nextGenCSO"]


def test_js_puller(served: Settings, wired: Database, clock: FrozenClock):
    """Sends JSON with `Accept: */*` and takes XML apart: the default format is a setting for it."""
    world = World.make(served.model_copy(update={"cso_default_format": "xml"}), wired, clock)
    with world.http:
        world.account(NAME)
        world.enrol(NAME)
        members = {**WITH, "otpCode": world.code()}
        text = sent(Program(world), members, accept="*/*", **{"content-type": JSON}).text
    assert re.search(r"<nextGenCSO>([A-Za-z0-9]{128})</nextGenCSO>", text)
    assert "<loginResult>0</loginResult>" in text


def test_notifier(program: Program):
    """`int(loginResult)` must be falsy, at logout too."""
    headers = {"content-type": JSON, "accept": JSON}
    said = sent(program, WITH, **headers).json()
    assert not int(said["loginResult"])
    out = sent(program, {"nextGenCSO": said["nextGenCSO"]}, LOGOUT, **headers).json()
    assert not int(out["loginResult"])
    assert out["loginResult"] == "0"
    assert int(sent(program, WRONG, **headers).json()["loginResult"])


def test_python_client(program: Program, world: World):
    """A "0" and a token is a success, and the text beside it a warning that is kept."""
    world.change_account(world.find(NAME), client_code_required=True)
    said = sent(program, WITH, accept=JSON, **{"content-type": JSON}).json()
    assert said["loginResult"] == "0"
    assert said["nextGenCSO"]
    assert said["errorDescription"].startswith("A required Client Code was not entered.")


def test_effect_driver(program: Program, world: World):
    """Tells "1" from "13", and takes a logout without `nextGenCSO`."""
    headers = {"content-type": JSON}
    assert sent(program, WRONG, **headers).json()["loginResult"] == "13"
    world.right(world.find(NAME))
    said = sent(program, WITH, **headers).json()
    assert said["loginResult"] == "1"
    assert T3.fullmatch(said["errorDescription"])
    token = sent(program, {**WITH, "redactFlag": "1"}, **headers).json()["nextGenCSO"]
    out = sent(program, {"nextGenCSO": token}, LOGOUT, **headers)
    assert "nextGenCSO" not in out.json()


def test_the_guides_curl_sample(program: Program):
    """JSON, line breaks in it, and no `Accept` but curl's own."""
    body = f'{{\n"loginId":"{NAME}",\n"password":"{PASSWORD}"\n}}\n'.encode()
    headers = {"content-type": JSON, "accept": "*/*", "user-agent": "curl/8.5.0"}
    answer = program.world.http.post(AUTH, content=body, headers=headers)
    assert list(answer.json()) == ["nextGenCSO", "loginResult", "errorDescription"]


def test_the_guides_java_sample(program: Program):
    """Sends JSON and asks for XML."""
    text = sent(program, WITH, accept="application/xml", **{"content-type": JSON}).text
    assert text.startswith('<?xml version="1.0" encoding="UTF-8" standalone="yes"?><CsoAuth>')
