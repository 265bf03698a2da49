"""RFC 9207: the issuer in every authorization response, against mix-up attacks."""

from urllib.parse import parse_qs, urlsplit

from tests.oidc.relying_party import RelyingParty


def issuers(rp: RelyingParty) -> list[str]:
    """Every `iss` of the response that came back."""
    return parse_qs(urlsplit(rp.browser.location).query)["iss"]


def test_a_code_comes_with_the_issuer(signed_in: RelyingParty):
    """Section 2: exactly the metadata's identifier, once."""
    signed_in.begin()
    assert signed_in.code()
    assert issuers(signed_in) == [signed_in.metadata["issuer"]]


def test_an_error_comes_with_the_issuer(rp: RelyingParty):
    """Section 2: error responses too, whoever made them."""
    for wish in (("prompt", "none"), ("max_age", "junk"), ("request", "x")):
        rp.begin(also=[wish])
        assert rp.error()
        assert issuers(rp) == [rp.metadata["issuer"]], wish
    rp.begin()
    rp.browser.submit(rp.browser.page.forms[1])
    assert rp.error() == "access_denied"
    assert issuers(rp) == [rp.metadata["issuer"]]


def test_the_metadata_says_so(rp: RelyingParty):
    """Section 3."""
    assert rp.metadata["authorization_response_iss_parameter_supported"] is True


def test_tokens_name_the_same_issuer(signed_in: RelyingParty):
    """Discovery 4.3 and RFC 9068 2.2: one identifier everywhere."""
    signed_in.begin()
    tokens = signed_in.tokens()
    assert tokens.claims["iss"] == tokens.access_claims["iss"] == signed_in.metadata["issuer"]
