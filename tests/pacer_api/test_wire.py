"""The two formats: what is read, what is answered, and that nothing that is sent breaks them."""

import json
from contextlib import suppress
from itertools import product

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signon.config import Settings
from signon.db import Database
from signon.pacer_api import wire
from signon.pacer_api.wire import Format, MalformedError
from tests.infra.clock import FrozenClock
from tests.infra.world import PASSWORD, World
from tests.pacer_api.conftest import AUTH, JSON, LOGOUT, NAME, XML, Program

IN_JSON = json.dumps({"loginId": NAME, "password": "wrong"}).encode()
IN_XML = f"<CsoAuth><loginId>{NAME}</loginId><password>wrong</password></CsoAuth>".encode()
T4 = "Invalid username, password, or one-time passcode."
REFUSED_JSON = f'{{"nextGenCSO":"","loginResult":"13","errorDescription":"{T4}"}}'
REFUSED_XML = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    "<CsoAuth><nextGenCSO></nextGenCSO><loginResult>13</loginResult>"
    f"<errorDescription>{T4}</errorDescription></CsoAuth>"
)
SENT = {JSON: IN_JSON, XML: IN_XML}
ANSWERED = {JSON: REFUSED_JSON, XML: REFUSED_XML}


@pytest.mark.parametrize(("sent", "accept"), list(product(SENT, repeat=2)))
def test_format_of_request_and_answer_do_not_depend_on_each_other(
    program: Program, sent: str, accept: str
):
    """Four ways, byte for byte."""
    answer = program.send(AUTH, SENT[sent], sent, accept)
    assert (answer.status_code, answer.text) == (200, ANSWERED[accept])
    assert answer.headers["content-type"] == accept
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("sent", SENT)
@pytest.mark.parametrize("accept", [None, "", "*/*", "text/html", "application/*;q=0.1"])
def test_who_names_no_format_is_answered_in_the_requests(
    program: Program, sent: str, accept: str | None
):
    """Whatever else is accepted: a refused sign-in is 200."""
    answer = program.send(AUTH, SENT[sent], sent, accept)
    assert (answer.status_code, answer.text) == (200, ANSWERED[sent])


@pytest.mark.parametrize("default", ["json", "xml"])
def test_an_operator_may_name_the_default(
    served: Settings, wired: Database, clock: FrozenClock, default: str
):
    """Some scripts of today send JSON, name nothing and expect XML."""
    world = World.make(served.model_copy(update={"cso_default_format": default}), wired, clock)
    with world.http:
        world.account(NAME)
        for sent, body in SENT.items():
            answer = Program(world).send(AUTH, body, sent, "*/*")
            assert answer.headers["content-type"] == f"application/{default}"
            assert Program(world).send(AUTH, body, sent, sent).headers["content-type"] == sent


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        ("application/json, application/xml;q=0.5", JSON),
        ("application/xml, application/json;q=0.5", XML),
        ("text/xml", XML),
        ("APPLICATION/XML; charset=utf-8", XML),
        ("application/json;q=0, application/xml", XML),
        ("text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8", XML),
    ],
)
def test_accept_is_weighed(accept: str, expected: str):
    """RFC 9110 section 12.5.1."""
    assert wire.wanted(accept, Format.JSON) == expected


def test_members_in_any_order_with_unknown_and_empty_ones(program: Program):
    """As the real service takes them."""
    body = {
        "x": [{"y": 1}],
        "otpCode": None,
        "password": PASSWORD,
        "redactFlag": 1,
        "loginId": NAME,
    }
    assert program.send(AUTH, json.dumps(body).encode()).json()["loginResult"] == "0"
    xml = (
        f'\ufeff<?xml version="1.0"?>\n<!-- a comment --><CsoAuth a="b">\n  <x><y>1</y></x>\n'
        f"  <clientCode/><password><![CDATA[{PASSWORD}]]></password>\n"
        f"  <loginId>\n    {NAME}\n  </loginId>\n</CsoAuth>\n"
    )
    answer = program.send(AUTH, xml.encode(), "text/xml; charset=UTF-8", XML)
    assert "<loginResult>0</loginResult>" in answer.text


def test_a_passwords_own_white_space_counts(program: Program):
    """In both formats."""
    assert program.auth(password=f" {PASSWORD}")["loginResult"] == "13"


MALFORMED = {
    JSON: [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"\xff\xfe{",
        b'{"loginId": "\\u0000", "password": "x"}',
        b'{"loginId": "\\ud800", "password": "x"}',
        b"[" * 60_000,
        b'{"loginId": ' + b"9" * 5000 + b"}",
        b"x" * 70_000,
    ],
    XML: [
        b"",
        b"<CsoAuth>",
        b"<CsoAuth></CsoAuth><x/>",
        b"<html></html>",
        b"<CsoAuth>\xff</CsoAuth>",
        b"<CsoAuth><loginId>&x;</loginId></CsoAuth>",
        b"<CsoAuth><loginId>&#0;</loginId></CsoAuth>",
        b"<!DOCTYPE CsoAuth><CsoAuth/>",
        b'<!DOCTYPE x [<!ENTITY a "b">]><CsoAuth><loginId>&a;</loginId></CsoAuth>',
        b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><CsoAuth>&a;</CsoAuth>',
        b'<!DOCTYPE x SYSTEM "http://127.0.0.1:1/x.dtd"><CsoAuth/>',
        b"<CsoAuth>" + b"<a>" * 3000 + b"</a>" * 3000 + b"</CsoAuth>",
        b"x" * 70_000,
    ],
}


@pytest.mark.parametrize("path", [AUTH, LOGOUT])
@pytest.mark.parametrize("content_type", MALFORMED)
def test_what_cannot_be_read_gets_400_in_its_own_format(
    program: Program, path: str, content_type: str
):
    """Whatever the answer was to be; nothing of it is repeated, nothing is counted."""
    other = XML if content_type == JSON else JSON
    for body in MALFORMED[content_type]:
        answer = program.send(path, body, content_type, other)
        assert answer.status_code == (413 if len(body) == 70_000 else 400), body[:40]
        assert answer.headers["content-type"] == content_type
        if content_type == JSON:
            said = answer.json()
            assert list(said) == ["nextGenCSO", "loginResult", "errorDescription"]
            assert said["loginResult"] == "400"
            assert said["errorDescription"]
        else:
            assert "<loginResult>400</loginResult>" in answer.text
    assert program.token()


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded"])
def test_another_kind_of_content_is_told(program: Program, content_type: str):
    """What a browser can send to another site is none of the two: nobody posts here by a form."""
    answer = program.send(AUTH, IN_JSON, content_type, XML)
    assert answer.status_code == 415
    assert "Content-Type" in answer.json()["errorDescription"]


def test_logout(program: Program):
    """White space around the token is nothing; the guide's samples answer each in its way."""
    token = program.token()
    answer = program.send(LOGOUT, json.dumps({"nextGenCSO": f"\n  {token}\n"}).encode())
    assert answer.text == '{"loginResult":"0","errorDescription":""}'
    token = program.token()
    body = f"<CsoAuth>\n<nextGenCSO>\n{token}\n</nextGenCSO>\n</CsoAuth>".encode()
    answer = program.send(LOGOUT, body, XML, XML)
    assert answer.text == (
        '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
        f"<CsoAuth><nextGenCSO>{token}</nextGenCSO><loginResult>0</loginResult>"
        "<errorDescription></errorDescription></CsoAuth>"
    )


@pytest.mark.parametrize("token", ["", "x" * 128, "<&>", "\u0001" * 128, "x"])
def test_logout_tells_nothing_of_a_token(program: Program, token: str):
    """One that never was, and one that is over, too."""
    body = json.dumps({"nextGenCSO": token}).encode()
    answer = program.send(LOGOUT, body)
    assert answer.text == '{"loginResult":"0","errorDescription":""}'
    assert program.send(LOGOUT, body, JSON, XML).status_code == 200


def test_get_is_no_method_of_it(program: Program):
    """POST only."""
    for path in (AUTH, LOGOUT):
        assert program.world.http.get(path).status_code == 405


# ── Whatever is sent ─────────────────────────────────────────────────────────

_TEXT = st.text(max_size=20)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | _TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXT, inner, max_size=3),
    max_leaves=8,
)
_NAMES = st.sampled_from(
    ["loginId", "password", "otpCode", "clientCode", "redactFlag", "nextGenCSO"]
)
_OBJECTS = st.dictionaries(_NAMES | _TEXT, _JSON, max_size=6).map(
    lambda one: json.dumps(one).encode()
)
_PIECES = st.lists(
    st.sampled_from(
        [
            *("<CsoAuth>", "</CsoAuth>", "<loginId>", "</loginId>", "<password/>", "<a b='c'>"),
            *(
                "</a>",
                "<!DOCTYPE x>",
                "<!ENTITY a 'b'>",
                "&a;",
                "&amp;",
                "&#1;",
                "<![CDATA[",
                "]]>",
            ),
            *("<?xml version='1.0' encoding='idna'?>", "<?x y?>", "<!--", "-->", "\0", "\ufffe"),
        ]
    )
    | _TEXT,
    max_size=12,
).map(lambda some: "".join(some).encode("utf-8", "surrogatepass"))
IN_ITS_TIME = settings(suppress_health_check=[HealthCheck.too_slow])
"""A busy machine draws slowly."""
_DOCUMENTS = st.one_of(
    _PIECES, _PIECES.map(lambda inner: b"<CsoAuth>" + inner + b"</CsoAuth>"), st.binary()
)


@IN_ITS_TIME
@given(st.one_of(_OBJECTS, st.binary()))
def test_json_is_read_or_refused(body: bytes):
    """Never anything else."""
    _reads(body, Format.JSON)


@IN_ITS_TIME
@given(_DOCUMENTS)
def test_xml_is_read_or_refused(body: bytes):
    """Never anything else."""
    _reads(body, Format.XML)


def _reads(body: bytes, sent: Format) -> None:
    found: wire.Members = {}
    with suppress(MalformedError):
        found = wire.read(body, sent)
    assert all(isinstance(text, str) for pair in found.items() for text in pair)


@pytest.fixture(scope="module")
def fuzzed() -> list[tuple[str, bytes]]:
    """Bodies as they were found, the same in every run."""
    found: list[tuple[str, bytes]] = []

    @IN_ITS_TIME
    @given(st.one_of(st.tuples(st.just(JSON), _OBJECTS), st.tuples(st.just(XML), _DOCUMENTS)))
    def collect(one: tuple[str, bytes]) -> None:
        found.append(one)

    collect()
    return found


def test_never_a_5xx(program: Program, fuzzed: list[tuple[str, bytes]]):
    """Through the whole application, at both addresses."""
    for content_type, body in fuzzed[::2]:
        for path in (AUTH, LOGOUT):
            answer = program.send(path, body, content_type, content_type)
            assert answer.status_code in {200, 400}, (body, answer.text)
