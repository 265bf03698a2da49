"""The REST interface's one way in: bearer token → body → rule in one hop → JSON.

A feature declares its `Operation`s and hands them to `Rest.routes`. Its handlers are given a
`Call`; `call.read` and `call.write` run a rule whose first arguments are the unit and the living
`Caller`, so that whether the token still holds is asked in the very unit that acts on it.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import Concatenate, ParamSpec, TypeVar

from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import SignonError
from signon.tokens import bearer
from signon.tokens.bearer import AccessToken, Caller
from signon.tokens.keys import SigningKeys
from signon.web import idempotency, operations, paging, parameters
from signon.web.idempotency import Claim, Rendered
from signon.web.json_bodies import content_type, parsed, read_json
from signon.web.operations import CSV, Operation
from signon.web.paging import Page
from signon.web.parameters import Parameters
from signon.web.problems import ApiError, as_api_error, invalid
from signon.web.request_rate import RequestRate
from signon.web.visitor import Origin, origin_of

P = ParamSpec("P")
Model = TypeVar("Model", bound=BaseModel)


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
Rule = Callable[Concatenate[Unit, Caller, P], Answer]


class Rest:
    """Guards operations and turns their answers into responses."""

    def __init__(
        self, settings: Settings, database: Database, ring: KeyRing, keys: SigningKeys
    ) -> None:
        self.settings = settings
        self.database = database
        self.ring = ring
        self.keys = keys
        self._rate = RequestRate(database, settings.api_requests_per_minute)

    def routes(self, declared: Sequence[Operation]) -> list[Route]:
        """One route for each path."""
        return operations.routes(declared, self._answer)

    async def _answer(self, request: Request, operation: Operation) -> Response:
        """Whatever is refused is raised; `web.answers` makes a problem of it."""
        token = bearer.read(
            request.headers.get("authorization"),
            keys=await self.keys.get(),
            issuer=self.settings.issuer,
            now=int(self.database.clock().timestamp()),
        )
        if not token.opens(operation.scopes):
            raise bearer.insufficient_scope(operation.scopes[0])
        rate = await self._rate.take(token.client_id)
        try:
            response = await self._called(request, operation, token)
        except SignonError as error:
            told = as_api_error(error)
            if told is None:
                raise
            told.headers |= rate
            raise told from error
        response.headers.update(rate)
        return response

    async def _called(self, request: Request, operation: Operation, token: AccessToken) -> Response:
        query = parameters.query(request)
        if unknown := sorted(set(query.first_values()) - operation.known_query):
            raise invalid(*((name, "There is no such parameter here.") for name in unknown))
        others = (CSV,) if operation.takes_csv else ()
        body = await read_json(request, *others) if operation.body else b""
        call = Call(self, request, operation, token, query, body)
        rendered = await operation.handler(call)
        if isinstance(rendered, Response):
            return rendered
        return Response(rendered.body, rendered.status, rendered.headers)


class Call:
    """One call of an operation, by somebody with a token that opens it."""

    def __init__(
        self,
        rest: Rest,
        request: Request,
        operation: Operation,
        token: AccessToken,
        query: Parameters,
        body: bytes,
    ) -> None:
        self._rest = rest
        self._request = request
        self._operation = operation
        self._token = token
        self._body = body
        self.query = query
        self.page: Page = paging.asked(query) if operation.is_paged else Page()
        self.path_params: dict[str, str] = request.path_params
        self.if_match: str | None = request.headers.get("if-match")
        self.is_csv = operation.takes_csv and content_type(request) == CSV

    @property
    def origin(self) -> Origin:
        """Where it came from."""
        return origin_of(self._request, self._rest.settings.trusted_proxies)

    @property
    def text(self) -> str:
        """What was sent, when it is not JSON. Raises ApiError (400)."""
        try:
            found = self._body.decode("utf-8-sig")
        except UnicodeDecodeError:
            raise ApiError(400, "not_utf_8", "The body is not valid UTF-8.") from None
        if "\0" in found:
            raise invalid((None, "The body holds a NUL character."))
        return found

    def caller(self, unit: Unit) -> Caller:
        """Who calls, proved in this unit. Raises BearerError when the token lives no more."""
        return bearer.living_caller(unit, self._token)

    def body(self, model: type[Model]) -> Model:
        """What was sent. Raises ApiError: 400 or 422."""
        return parsed(self._body, model)

    async def read(self, rule: Rule[P], /, *args: P.args, **kwargs: P.kwargs) -> Rendered:
        """Run a rule that changes nothing. Raises BearerError when the token lives no more."""

        def guarded(unit: Unit) -> Answer:
            return rule(unit, self.caller(unit), *args, **kwargs)

        return self.rendered(await self._rest.database.read(guarded))

    async def write(self, rule: Rule[P], /, *args: P.args, **kwargs: P.kwargs) -> Rendered:
        """Run a rule and commit; with an `Idempotency-Key` at most once."""
        claimed = self._claim()

        def guarded(unit: Unit) -> Rendered:
            caller = self.caller(unit)
            ring = self._rest.ring
            if claimed and (before := idempotency.claim(unit, ring, claimed)):
                return before
            rendered = self.rendered(rule(unit, caller, *args, **kwargs))
            if claimed:
                idempotency.keep(unit, ring, claimed, rendered)
            return rendered

        return await self._rest.database.write(guarded)

    async def stream(
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

        database = self._rest.database
        first = await database.read(guarded, None)

        async def parts() -> AsyncIterator[bytes]:
            part = first
            yield part.text.encode()
            while part.after is not None:
                part = await database.read(guarded, part.after)
                yield part.text.encode()

        headers = {"cache-control": "no-store"}
        return StreamingResponse(parts(), media_type=media_type, headers=headers)

    def _claim(self) -> Claim | None:
        key = self._request.headers.get("idempotency-key")
        if key is None:
            return None
        # an operator's program may send the same key for two firms
        whose = self.path_params.get("firm", "")
        caller = f"{self._token.client_id} {self._token.grant_id or ''} {whose}"
        request = self._request
        return idempotency.claim_of(
            key,
            caller,
            request.method,
            request.scope["path"],
            request.scope["query_string"],
            self.if_match or "",
            self._body,
        )

    def rendered(self, answer: Answer) -> Rendered:
        """What a rule answered, as it goes out."""
        headers = {"cache-control": "no-store"}
        if answer.etag:
            headers["etag"] = answer.etag
        if answer.location:
            headers["location"] = answer.location
        if answer.next_cursor:
            address = self._rest.settings.issuer + self._request.scope["path"]
            headers["link"] = paging.next_link(address, self.query, answer.next_cursor)
        if answer.body is None:
            return Rendered(answer.status, b"", headers)
        headers["content-type"] = "application/json"
        return Rendered(answer.status, answer.body.model_dump_json().encode(), headers)


Streamed = StreamingResponse
"""What `Call.stream` answers."""

__all__ = [
    "DONE",
    "Answer",
    "Call",
    "Caller",
    "Operation",
    "Part",
    "Rendered",
    "Rest",
    "Streamed",
]
