"""Requests that a client makes for itself: read once, authenticated at the door.

Every endpoint behind it takes a `ClientRequest`, which cannot exist without a client that has
shown who it is.
"""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Error
from starlette.requests import Request
from starlette.responses import Response

from signon.clients import assertions, authentication
from signon.clients.assertions import AssertionRefusedError, ClientKeys
from signon.clients.authentication import PresentationError, Presented
from signon.clients.profiles import Dpop
from signon.clients.refusal_reasons import Reason
from signon.clients.refusals import Refusals
from signon.clients.registry import Client, ClientRegistry
from signon.config import Settings
from signon.courts.registry import Court, CourtRegistry
from signon.db import Database
from signon.tokens.dpop import ProofError, Proofs
from signon.web.parameters import BadRequestError, Parameters, form
from signon.web.presented import presented
from signon.web.visitor import source_of

TOKEN_PATH = "/oauth2/token"
NO_STORE = {"cache-control": "no-store", "pragma": "no-cache"}


@dataclass(frozen=True, slots=True)
class ClientRequest:
    """A form from an authenticated client; `court` is the one it is bound to, if any.

    `jkt` is the thumbprint of the key that it has proved (RFC 9449).
    """

    client: Client
    parameters: Parameters
    court: Court | None
    auth_method: str
    jkt: str | None = None


class ClientRequests:
    """The door of the token, introspection and revocation endpoints."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        clients: ClientRegistry,
        courts: CourtRegistry,
        client_keys: ClientKeys,
        refusals: Refusals,
        proofs: Proofs,
    ) -> None:
        self._settings = settings
        self._database = database
        self._clients = clients
        self._courts = courts
        self._client_keys = client_keys
        self._refusals = refusals
        self._proofs = proofs

    async def read(self, request: Request) -> ClientRequest:
        """Parse and authenticate. Raises OAuth2Error, to be answered by `refuse`."""
        try:
            parameters = await form(request, limit=self._settings.body_limit_bytes)
        except BadRequestError as error:
            raise InvalidRequestError(plain(error.sentence), status_code=error.status) from error
        shown = await self._presented(request, parameters)
        # RFC 6749 section 3.2: "parameters MUST NOT be included more than once"
        if set(parameters.repeated()) - {"resource"}:
            raise InvalidRequestError("a parameter is repeated")
        if shown is None:
            raise self.not_authenticated(request, Reason.NO_CLIENT)
        client = await self._clients.find(shown.client_id)
        if client is None:
            raise self.not_authenticated(request, Reason.UNKNOWN_CLIENT, named=shown.client_id)
        await self._authenticate(client, shown, request)
        court = await self._courts.get(client.court_id) if client.court_id else None
        return ClientRequest(client, parameters, court, shown.method)

    async def proved(self, request: Request) -> ClientRequest:
        """The same with the key of its DPoP proof, if it has one. Raises OAuth2Error."""
        asked = await self.read(request)
        if asked.client.dpop == Dpop.OFF:
            return asked
        try:
            jkt = await self._proofs.of(presented(request))
        except ProofError as error:
            raise self.not_proved(request, asked.client, error) from error
        return asked if jkt is None else replace(asked, jkt=jkt)

    def reminded(self, request: Request, response: Response) -> Response:
        """The answer, with the nonce for the next proof, if proofs need one."""
        response.headers.update(self._proofs.reminder(presented(request)))
        return response

    def not_proved(self, request: Request, client: Client, error: ProofError) -> OAuth2Error:
        """RFC 9449 section 5; the client is told why, for it is authenticated."""
        self.note(request, Reason.DPOP, client=client, detail=error.description)
        refused = OAuth2Error(error.description)
        refused.error = error.code
        return refused

    async def _presented(self, request: Request, parameters: Parameters) -> Presented | None:
        try:
            return authentication.read(request.headers, parameters)
        except PresentationError as error:
            named = error.client_id or parameters.get("client_id")
            client = await self._clients.find(named)
            self.note(
                request, Reason.PRESENTATION, client=client, named=named, detail=error.sentence
            )
            raise InvalidRequestError(error.sentence) from error

    def note(
        self,
        request: Request,
        reason: Reason,
        *,
        client: Client | None = None,
        named: str | None = None,
        detail: str | None = None,
    ) -> None:
        """Leave a trace of a refusal, whose answer tells nothing of why."""
        self._refusals.note(
            reason,
            endpoint=request.scope["path"],
            source=source_of(request, self._settings.trusted_proxies),
            client=client,
            named=named,
            detail=detail,
        )

    def not_authenticated(
        self,
        request: Request,
        reason: Reason,
        *,
        client: Client | None = None,
        named: str | None = None,
        detail: str | None = None,
    ) -> OAuth2Error:
        """RFC 6749 section 5.2; why is for `signon clients diagnose`, not for whoever guesses."""
        self.note(request, reason, client=client, named=named, detail=detail)
        return InvalidClientError("the client could not be authenticated", status_code=401)

    async def _authenticate(self, client: Client, shown: Presented, request: Request) -> None:
        now = self._database.clock()
        if reason := authentication.refusal(client, shown, now):
            raise self.not_authenticated(request, reason, client=client)
        if shown.method != "private_key_jwt":
            return
        try:
            await self._spend(client, shown.assertion or "", request.scope["path"], now)
        except AssertionRefusedError as error:
            raise self.not_authenticated(
                request, Reason.ASSERTION, client=client, detail=error.detail
            ) from error

    async def _spend(self, client: Client, token: str, path: str, now: datetime) -> None:
        issuer = self._settings.issuer
        keys = await self._client_keys.of(client, assertions.header_of(token).get("kid"))
        endpoints = () if client.rules.is_keyed else (issuer + TOKEN_PATH, issuer + path)
        audiences = (issuer, *endpoints)
        assertion = assertions.verify(token, client, keys, audiences=audiences, now=now)
        if not await self._database.write(assertions.spend, assertion):
            raise AssertionRefusedError("the jti was used before")


def refuse(error: OAuth2Error) -> Response:
    """The answer to an error of RFC 6749 section 5.2."""
    status, body, _headers = error()
    return answer(status, body)


def answer(status: int, body: Any) -> Response:
    """A JSON answer that nobody keeps; a refused authentication carries a challenge."""
    response = Response(_to_json(body), status, NO_STORE, media_type="application/json")
    if status == 401:
        # RFC 6749 section 5.2: "MUST … include the WWW-Authenticate response header field"
        response.headers["www-authenticate"] = 'Basic realm="signon"'
    return response


def plain(sentence: str) -> str:
    """A sentence with the characters that an error_description may have."""
    return sentence.encode("ascii", "replace").decode().replace('"', "'").replace("\\", "/")


_to_json = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False, check_circular=False).encode
