"""How a client shows who it is (RFC 6749 section 2.3, OpenID Connect Core section 9).

Reading what was presented and checking it are two steps, because the client's registration
has to be looked up between them.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import unquote_plus

from signon.clients import assertions
from signon.clients.assertions import AssertionRefusedError
from signon.clients.refusal_reasons import Reason
from signon.clients.registry import Client
from signon.errors import SignonError
from signon.web.parameters import Parameters

METHODS = ("client_secret_basic", "client_secret_post", "private_key_jwt", "none")
"""Every method that is built, in the order in which discovery announces them."""
WITHOUT_SECRET = ("private_key_jwt", "none")
LONG_AGO = datetime.min.replace(tzinfo=UTC)
"""When every secret still held."""


class PresentationError(SignonError):
    """More than one way of authentication was presented, or none that can be read."""

    def __init__(self, sentence: str, client_id: str | None = None) -> None:
        super().__init__(sentence)
        self.client_id = client_id


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request presented: a method, a client id, and what is to prove it.

    `client_id` of an assertion is what the assertion says of itself, unverified.
    """

    method: str
    client_id: str
    secret: str | None = None
    assertion: str | None = None


def read(headers: Mapping[str, str], form: Parameters) -> Presented | None:
    """What the request presents, or None when it shows no client: it names none or two, or its
    header does not parse. Which of them is nobody's business who is not authenticated.

    Raises PresentationError: two methods at once (RFC 6749 section 2.3: "MUST NOT use more than
    one authentication method").
    """
    in_form, secret = form.get("client_id"), form.get("client_secret")
    header, assertion = headers.get("authorization"), form.get("client_assertion")
    if header is not None:
        presented = _from_basic(header)
    elif assertion is not None:
        presented = _from_assertion(assertion, form.get("client_assertion_type"))
    elif in_form is not None:
        return Presented("client_secret_post" if secret else "none", in_form, secret)
    else:
        return None
    if presented is None:
        return None
    if secret is not None or (header is not None and assertion is not None):
        sentence = "the client authenticated in two ways at once"
        raise PresentationError(sentence, presented.client_id)
    return presented if in_form in {None, presented.client_id} else None


def refusal(client: Client, presented: Presented, now: datetime) -> Reason | None:
    """What speaks against the client: it is registered for another method (it has one, at every
    endpoint), or the secret is none of its own.

    None is not enough where an assertion was presented: `assertions` has to verify that.
    """
    if client.auth_method != presented.method or client.id != presented.client_id:
        return Reason.AUTH_METHOD
    if presented.method in WITHOUT_SECRET:
        return None
    secret = presented.secret or ""
    if client.check_secret(secret, now):
        return None
    return Reason.EXPIRED_SECRET if client.check_secret(secret, LONG_AGO) else Reason.CLIENT_SECRET


def _from_assertion(assertion: str, kind: str | None) -> Presented:
    # RFC 7521 section 4.2: client_assertion_type is REQUIRED
    if kind != assertions.TYPE:
        raise PresentationError("client_assertion_type is missing or unknown")
    try:
        client_id = assertions.subject_of(assertion)
    except AssertionRefusedError as error:
        raise PresentationError("client_assertion cannot be read") from error
    return Presented("private_key_jwt", client_id, assertion=assertion)


def _from_basic(header: str) -> Presented | None:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return None
    # RFC 6749 section 2.3.1: both are form-encoded before they are joined
    client_id, colon, secret = (unquote_plus(part) for part in text.partition(":"))
    if not colon or "\0" in client_id:
        return None
    return Presented("client_secret_basic", client_id, secret)
