"""One call: bearer token → what was sent → rule in one unit → answer.

A route is given its `Call` and runs its rules at a place (`rest.at`), which asks in the very unit
that acts whether the token still holds. No dependency of FastAPI opens a unit.
"""

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from signon.config import Settings
from signon.courts.registry import CourtRegistry
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import RefusedError
from signon.tokens import access_tokens, bearer
from signon.tokens.bearer import AccessToken, Caller
from signon.tokens.keys import SigningKeys
from signon.tokens.presented import PresentedTokens
from signon.web import idempotency, paging, parameters
from signon.web.idempotency import Claim, Rendered
from signon.web.parameters import Parameters
from signon.web.presented import presented
from signon.web.request_rate import RequestRate
from signon.web.visitor import Source, source_of

P = ParamSpec("P")
Means = TypeVar("Means")
NOTHING_ASKED = Parameters("")


@dataclass(frozen=True, slots=True)
class Answer:
    """What a rule answers a call: `next_cursor` of a list, `etag` of a thing with versions."""

    body: BaseModel | None = None
    status: int = 200
    etag: str | None = None
    location: str | None = None
    next_cursor: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a streamed answer; `after` says where to go on, None at the end."""

    text: str
    after: str | None


DONE = Answer(status=204)
"""There is nothing more to say."""


class Rest:
    """What every call stands on; `means` are what features' routes work with beside it."""

    def __init__(
        self,
        settings: Settings,
        database: Database,
        ring: KeyRing,
        keys: SigningKeys,
        courts: CourtRegistry,
        *means: object,
    ) -> None:
        self.settings = settings
        self.database = database
        self.ring = ring
        self.courts = courts
        self.rate = RequestRate(database, settings.api_requests_per_minute)
        self._presented = PresentedTokens(settings, database, ring, keys)
        self._audience = access_tokens.resources(settings.issuer)[:1]
        self.means = {type(one): one for one in means}

    async def token(self, request: Request, scopes: tuple[str, ...]) -> AccessToken:
        """The request's token, if one of the scopes was granted. Raises BearerError."""
        shown = presented(request)
        found = bearer.read(await self._presented.claims(shown, self._audience))
        if not found.opens(scopes):
            raise bearer.insufficient_scope(scopes[0]).under(shown.scheme)
        return found

    def reminder(self, request: Request) -> dict[str, str]:
        """The header with the nonce for the next DPoP proof, if proofs need one."""
        return self._presented.proofs.reminder(presented(request))


class Call(Request):
    """One call of an operation, by somebody with a token that opens it.

    It is the request, which a route's function is given. `raw` is the body itself.
    """

    def __init__(self, request: Request, rest: Rest, token: AccessToken) -> None:
        super().__init__(request.scope, request.receive)
        self.rest = rest
        self.raw = b""
        self._claimed: Claim | None = None
        is_asking = request.scope["query_string"]
        self.query = parameters.query(request) if is_asking else NOTHING_ASKED
        self._token = token

    @property
    def source(self) -> Source:
        """Where it came from."""
        return source_of(self, self.rest.settings.trusted_proxies)

    @property
    def if_match(self) -> str | None:
        """The version that the caller has seen."""
        return self.headers.get("if-match")

    def means(self, kind: type[Means]) -> Means:
        """What `app` has made for a feature to work with."""
        found = self.rest.means[kind]
        assert isinstance(found, kind)
        return found

    def caller(self, unit: Unit) -> Caller:
        """Who calls, proved in this unit. Raises BearerError when the token lives no more."""
        return bearer.living_caller(unit, self._token)

    def answered(self, unit: Unit) -> Rendered | None:
        """What the same call was answered before, by its `Idempotency-Key`; else the key is taken."""
        self._claimed = self._claim()
        if self._claimed is None:
            return None
        return idempotency.claim(unit, self.rest.ring, self._claimed)

    def give_back(self, unit: Unit, error: RefusedError) -> None:
        """The key of a refusal that stays may be used again."""
        if self._claimed and unit.stays(error):
            idempotency.give_back(unit, self._claimed)

    def keep(self, unit: Unit, answer: Answer) -> Rendered:
        """The answer as it goes out, kept with the key if there is one."""
        rendered = self._rendered(answer)
        if self._claimed:
            idempotency.keep(unit, self.rest.ring, self._claimed, rendered)
        return rendered

    async def parts(
        self,
        rule: Callable[Concatenate[Unit, Caller, str | None, P], Part],
        media_type: str,
        *args: P.args,
        **kwargs: P.kwargs,
    ) -> StreamingResponse:
        """A long answer in parts, each read in a unit of its own, by a token that still lives.

        The rule is told where the part before ended (None: at the start). What it refuses at
        the start is an answer; what it refuses later ends the connection.
        """

        def guarded(unit: Unit, after: str | None) -> Part:
            return rule(unit, self.caller(unit), after, *args, **kwargs)

        database = self.rest.database
        first = await database.read(guarded, None)

        async def pieces() -> AsyncIterator[bytes]:
            part = first
            yield part.text.encode()
            while part.after is not None:
                part = await database.read(guarded, part.after)
                yield part.text.encode()

        headers = {"cache-control": "no-store"}
        return StreamingResponse(pieces(), media_type=media_type, headers=headers)

    def response(self, answer: Answer) -> Response:
        """What a rule answered, to be sent."""
        return sent_back(self._rendered(answer))

    def _rendered(self, answer: Answer) -> Rendered:
        headers = {"cache-control": "no-store"}
        if answer.etag:
            headers["etag"] = answer.etag
        if answer.location:
            headers["location"] = answer.location
        if answer.next_cursor:
            address = self.rest.settings.issuer + self.scope["path"]
            headers["link"] = paging.next_link(address, self.query, answer.next_cursor)
        if answer.body is None:
            return Rendered(answer.status, b"", headers)
        headers["content-type"] = "application/json"
        return Rendered(answer.status, answer.body.model_dump_json().encode(), headers)

    def _claim(self) -> Claim | None:
        # what is read is read anew; that somebody reads may have to be written down all the same
        key = None if self.method == "GET" else self.headers.get("idempotency-key")
        if key is None:
            return None
        # an operator's program may send the same key for two firms
        whose = self.path_params.get("firm", "")
        caller = f"{self._token.client_id} {self._token.grant_id or ''} {whose}"
        return idempotency.claim_of(
            key,
            caller,
            self.method,
            self.scope["path"],
            self.scope["query_string"],
            self.if_match or "",
            self.raw,
        )


def sent_back(rendered: Rendered) -> Response:
    """What goes out."""
    return Response(rendered.body, rendered.status, rendered.headers)
