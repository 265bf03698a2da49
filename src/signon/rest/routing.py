"""Operations of `/api/v1` as FastAPI's routes, answered by ourselves.

A feature makes its `router` and declares plain path operations on it; every one of them is a
`RestRoute`, which lets a call in (token, scope, rate, known parameters, a strict body) and hands
the route's function what its signature asks for. FastAPI reads the same signature once, to describe
it; its layers, stacks and dependencies would cost each call as much as the database does.
"""

from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping
from typing import Any, ClassVar

from fastapi import APIRouter
from fastapi.routing import APIRoute
from pydantic import PrivateAttr, ValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from signon.errors import SignonError
from signon.rest import declared
from signon.rest.calls import Call, Rest
from signon.rest.declared import Responses, Taken
from signon.rest.parameters import Asked
from signon.tokens.bearer import BearerError
from signon.web.json_bodies import Body, content_type, parsed, read_json, read_text
from signon.web.problems import BASE, as_api_error, invalid

CSV = "text/csv"
IF_MATCH = "If-Match"


class Sheet(Body):
    """A body that may be sent as CSV too: then its text stands in `file`, and nothing else."""

    _file: str | None = PrivateAttr(None)

    @property
    def file(self) -> str | None:
        """The file, None when it was sent as JSON."""
        return self._file

    @classmethod
    def of_file(cls, text: str) -> "Sheet":
        """What a file was sent as."""
        made = cls.model_construct()
        made._file = text
        return made


class RestRoute(APIRoute):
    """One method at one path; any one of the scopes opens it.

    `refused` is what each operation of its router may be refused for.
    """

    scopes: ClassVar[tuple[str, ...]] = ()
    refused: ClassVar[Responses] = {}

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        super().__init__(path, endpoint, **options)
        self._read_signature()
        self.response_description = declared.answered(self.response_model)
        taken = self._taken()
        self.responses = declared.problems(taken, self.refused, self.responses)
        self.openapi_extra = declared.beside(taken)

    def _read_signature(self) -> None:
        """What the function takes. Raises TypeError: something that no call is read for."""
        asks: Any = self.dependant
        self.call_name: str = asks.request_param_name or ""
        self.asked: dict[str, type[Asked]] = {
            one.name: one.field_info.annotation for one in asks.query_params
        }
        if (
            not self.call_name
            or asks.dependencies
            or asks.cookie_params
            or not all(issubclass(model, Asked) for model in self.asked.values())
            or any(one.alias != IF_MATCH for one in asks.header_params)
            or any(one.field_info.annotation is not str for one in asks.path_params)
        ):
            raise TypeError(
                f"{self.name} may take a Call, texts of the path, a model of what the query asks, "
                "a body and If-Match"
            )
        self.known_query = frozenset(
            name for model in self.asked.values() for name in model.model_fields
        )
        sent: Any = self.body_field.field_info.annotation if self.body_field else None
        self.model: type[Body] | None = sent
        self.takes_csv = self.model is not None and issubclass(self.model, Sheet)
        self.versions = [one.name for one in asks.header_params]

    def _taken(self) -> Taken:
        return Taken(
            scopes=self.scopes,
            changes=self.method != "GET",
            path=bool(self.param_convertors),
            query=bool(self.known_query),
            body=self.model is not None,
            csv=self.takes_csv,
            version=bool(self.versions),
        )

    @property
    def method(self) -> str:
        """The one that it answers."""
        return next(iter(self.methods or ()))

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What FastAPI calls, were a route asked by way of its layers."""
        return self.answer

    async def answer(self, request: Request) -> Response:
        """Let a call in and answer it. Whatever is refused is raised."""
        rest: Rest = request.app.state.rest
        token = await rest.token(request, self.scopes)
        rate = await rest.rate.take(token.client_id)
        try:
            call = Call(request, rest, token)
            response: Response = await self.endpoint(**await self._read(call))
        except SignonError as error:
            told = as_api_error(error)
            if told is None:
                raise
            if isinstance(told, BearerError) and token.is_bound:
                told.under("DPoP")
            told.headers |= rate
            raise told from error
        response.headers.update(rate | rest.reminder(request))
        return response

    async def _read(self, call: Call) -> dict[str, Any]:
        """What the function is called with. Raises ApiError, BadRequestError."""
        given: dict[str, Any] = {self.call_name: call, **call.path_params}
        asked = call.query.first_values()
        if unknown := sorted(asked.keys() - self.known_query):
            raise invalid(*((name, "There is no such parameter here.") for name in unknown))
        if self.model is not None and self.body_field is not None:
            given[self.body_field.name] = await self._sent(call, self.model)
        for name, model in self.asked.items():
            given[name] = _asked(model, asked)
        for name in self.versions:
            given[name] = call.if_match
        return given

    async def _sent(self, call: Call, model: type[Body]) -> Body:
        call.raw = await read_json(call, *((CSV,) if self.takes_csv else ()))
        if issubclass(model, Sheet) and content_type(call) == CSV:
            return model.of_file(read_text(call.raw))
        return parsed(call.raw, model)


def router(tag: str, *scopes: str, refused: Responses | None = None) -> APIRouter:
    """A feature's operations; any one of the scopes opens each, and each may be `refused`."""
    guarded = type("GuardedRoute", (RestRoute,), {"scopes": scopes, "refused": refused or {}})
    return APIRouter(
        prefix=BASE,
        tags=[tag],
        route_class=guarded,
        generate_unique_id_function=lambda route: route.name,
    )


class Operations(BaseRoute):
    """Every operation of the application, found by its path's first part and length.

    One route to the application, so that no page's pattern is tried for a call, and a method that
    an address lacks is refused with all that it has.
    """

    def __init__(self, routers: Iterable[APIRouter]) -> None:
        self.routes: list[RestRoute] = []
        self._by_shape: dict[tuple[str, int], list[RestRoute]] = {}
        for route in (one for router in routers for one in router.routes):
            assert isinstance(route, RestRoute)
            self.routes.append(route)
            self._by_shape.setdefault(_shape(route.path), []).append(route)

    def find(self, scope: Scope) -> Callable[[Request], Awaitable[Response]] | None:
        """What answers a request, whose scope is told so; None where no operation is."""
        path, method = scope["path"], scope["method"]
        if not path.startswith(BASE):
            return None
        asked = "GET" if method == "HEAD" else method
        allowed: set[str] = set()
        for route in self._by_shape.get(_shape(path), ()):
            if found := route.path_regex.match(path):
                if route.method == asked:
                    scope["endpoint"] = route.endpoint
                    scope["path_params"] = found.groupdict()
                    return route.answer
                allowed.add(route.method)
        return _not_so(allowed | ({"HEAD"} if "GET" in allowed else set())) if allowed else None

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The same for Starlette's router."""
        told = dict(scope)
        answer = self.find(told) if scope["type"] == "http" else None
        return (Match.FULL, {**told, "signon.answer": answer}) if answer else (Match.NONE, {})

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call that Starlette's router passes on."""
        response = await scope["signon.answer"](Request(scope, receive, send))
        await response(scope, receive, send)


def _not_so(allowed: Iterable[str]) -> Callable[[Request], Awaitable[Response]]:
    async def refuse(_request: Request) -> Response:
        raise HTTPException(405, headers={"allow": ", ".join(sorted(allowed))})

    return refuse


def _shape(path: str) -> tuple[str, int]:
    parts = path.removeprefix(BASE).split("/")
    return parts[1] if len(parts) > 1 else "", len(parts)


def _asked(model: type[Asked], given: Mapping[str, str]) -> Asked:
    """What a query asks for. Raises ApiError: by field, and without what was sent."""
    try:
        return model.model_validate(given)
    except ValidationError as error:
        told = error.errors(include_input=False, include_url=False)
        raise invalid(
            *((".".join(map(str, one["loc"])) or None, one["msg"]) for one in told)
        ) from None
