"""Which addresses a client may register."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signon.clients.redirect_uris import check
from signon.errors import InputError


def check_of_court(uri: str) -> None:
    """A confidential client's redirect address under an https issuer."""
    check(uri, is_public=False, issuer_is_https=True)


@pytest.mark.parametrize(
    "uri",
    [
        "https://ecf.casb.test/cb",
        "https://ecf.casb.test:8443/cb?court=casb",
        "https://[2001:db8::1]/",
    ],
)
def test_https_addresses_may_be_registered(uri: str):
    """With a path, a port, a query: as the client will send them."""
    check_of_court(uri)


@pytest.mark.parametrize(
    ("uri", "says"),
    [
        ("/callback", "not absolute"),
        ("ecf.casb.test/callback", "not absolute"),
        ("//ecf.casb.test/callback", "not absolute"),
        ("", "characters that no address has"),
        ("https://ecf.casb.test/cb#part", "fragment"),
        ("https://ecf.casb.test/cb#", "fragment"),
        ("https://user@ecf.casb.test/cb", "names a user"),
        ("https://user:word@ecf.casb.test/cb", "names a user"),
        ("https://*.casb.test/cb", "wildcard"),
        ("https://ecf.casb.test/*", "wildcard"),
        ("https:///cb", "names no host"),
        ("https:ecf.casb.test/cb", "names no host"),
        ("https://ecf.casb.test:99999/cb", "host or port cannot be read"),
        ("https://ecf.casb.test:0/cb", "port 0"),
        ("https://[::1/cb", "host or port cannot be read"),
        ("https://ecf.casb.test\\@evil.test/cb", "characters"),
        ("https://ecf.casb.test/c b", "characters"),
        ("https://ecf.casb.test/cb\n", "characters"),
        ("https://ecf.cäsb.test/cb", "characters"),
        ("https://ecf.casb.test/" + "x" * 2000, "longer than 2000"),
        ("http://ecf.casb.test/cb", "use https"),
        ("http://localhost/cb", "use https"),
        ("http://127.0.0.1/cb", "use https"),
        ("javascript:alert(1)", "never allowed"),
        ("JavaScript://ecf.casb.test/%0aalert(1)", "never allowed"),
        ("data:text/html,x", "never allowed"),
        ("VBSCRIPT:x", "never allowed"),
        ("file:///etc/passwd", "never allowed"),
        ("myapp:/callback", "must be https"),
        ("ftp://ecf.casb.test/cb", "must be https"),
        ("com.example.app:/callback", "public clients"),
    ],
)
def test_addresses_that_are_refused(uri: str, says: str):
    """Absolute, https, without fragment, user or wildcard (RFC 6749 3.1.2, RFC 9700 2.1)."""
    with pytest.raises(InputError, match=says) as refusal:
        check_of_court(uri)
    assert "\n" not in refusal.value.sentence


@pytest.mark.parametrize(
    "uri",
    [
        "https://ecf.casb.test/cb",
        "https://ecf.casb.test:8443/cb?court=casb",
        "http://127.0.0.1/cb",
        "http://127.0.0.1:5000/cb",
        "http://[::1]/cb",
        "gov.uscourts.ecf:/callback",
        "gov.uscourts.ecf://callback",
    ],
)
def test_a_native_app_s_addresses(uri: str):
    """Claimed https, loopback literals and a private scheme in reverse (RFC 8252 section 7)."""
    check(uri, is_public=True, issuer_is_https=True)


@pytest.mark.parametrize(
    "uri",
    [
        "http://localhost:5000/cb",
        "http://ecf.casb.test/cb",
        "gov.uscourts.ecf:/",
        "ecf:/callback",
        "javascript:alert(1)",
    ],
)
def test_what_a_native_app_may_not_have(uri: str):
    """`localhost` is no loopback literal (RFC 8252 section 8.3); a private scheme has a dot."""
    with pytest.raises(InputError):
        check(uri, is_public=True, issuer_is_https=True)


def test_plain_http_is_for_codes_only():
    """A native app's loopback address is a redirect, never a post-logout or return address."""
    with pytest.raises(InputError, match="use https"):
        check("http://127.0.0.1/bye", is_public=True, issuer_is_https=True, is_redirect=False)


@pytest.mark.parametrize("is_redirect", [True, False])
def test_under_a_loopback_issuer_http_stays_on_the_machine(is_redirect: bool):
    """The issuer's scheme decides (contract, section 3)."""
    for host in ("localhost:8001", "127.0.0.1:8001", "[::1]:8001"):
        address = f"http://{host}/cb"
        check(address, is_public=False, issuer_is_https=False, is_redirect=is_redirect)
    for host in ("ecf.casb.test", "localhost.evil.test", "127.0.0.1.evil.test"):
        with pytest.raises(InputError, match="not on a loopback host"):
            check(f"http://{host}/cb", is_public=False, issuer_is_https=False)


@given(st.text(max_size=60), st.sampled_from(["", "https://", "http://", "a.b:", "javascript:"]))
def test_whatever_is_asked_for_is_answered(text: str, start: str):
    """Any text is accepted or refused with one line, and nothing else happens."""
    for is_public in (True, False):
        sentence = _refusal(start + text, is_public=is_public)
        if sentence is None:
            assert "#" not in text
            assert start != "javascript:"
        else:
            assert len(sentence.splitlines()) == 1


def _refusal(uri: str, *, is_public: bool) -> str | None:
    try:
        check(uri, is_public=is_public, issuer_is_https=True)
    except InputError as refusal:
        return refusal.sentence
    return None
