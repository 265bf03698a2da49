"""How a client shows who it is (RFC 6749 section 2.3, OpenID Connect Core section 9).

Reading what was presented and checking it are two steps, because the client's registration
has to be looked up between them.
"""

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote_plus

from signon.clients.registry import Client
from signon.errors import SignonError
from signon.web.parameters import Parameters

METHODS = ("client_secret_basic", "client_secret_post", "none")
"""Every method that is built, in the order in which discovery announces them."""


class PresentationError(SignonError):
    """What was presented cannot be read as one way of authentication."""


@dataclass(frozen=True, slots=True)
class Presented:
    """What a request presented: a method, a client id and, but for `none`, a secret."""

    method: str
    client_id: str
    secret: str | None


def read(headers: Mapping[str, str], form: Parameters) -> Presented | None:
    """What the request presents, or None when it names no client at all.

    Raises PresentationError: a header that does not parse, or two methods at once
    (RFC 6749 section 2.3: "MUST NOT use more than one authentication method").
    """
    in_form, secret = form.get("client_id"), form.get("client_secret")
    header = headers.get("authorization")
    if header is None:
        if in_form is None:
            return None
        return Presented("client_secret_post" if secret else "none", in_form, secret)
    presented = _from_basic(header)
    if secret is not None:
        raise PresentationError("the client authenticated in two ways at once")
    if in_form is not None and in_form != presented.client_id:
        raise PresentationError("client_id differs from the one in the header")
    return presented


def is_authentic(client: Client, presented: Presented, now: datetime) -> bool:
    """Whether the client is registered for this method and the secret is one of its own."""
    if client.auth_method != presented.method or client.id != presented.client_id:
        return False
    if presented.method == "none":
        return True
    return presented.secret is not None and client.check_secret(presented.secret, now)


def _from_basic(header: str) -> Presented:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic":
        raise PresentationError("the authorization scheme must be Basic")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("utf-8")
    except (binascii.Error, ValueError) as error:
        raise PresentationError("the authorization header does not decode") from error
    client_id, colon, secret = text.partition(":")
    if not colon or "\0" in text:
        raise PresentationError("the authorization header holds no client id and secret")
    # RFC 6749 section 2.3.1: both are form-encoded before they are joined
    return Presented("client_secret_basic", unquote_plus(client_id), unquote_plus(secret))
