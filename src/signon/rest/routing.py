"""Operations of `/api/v1` as FastAPI's routes, and what FastAPI cannot do by itself.

A feature makes its `router` and declares plain path operations on it; every one of them is a
`RestRoute`, which lets a call in (token, scope, rate, known parameters, a strict body) before
FastAPI reads what the route's function asks for. What is served and what is described are both
read from the function's own signature.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, ClassVar

from fastapi import APIRouter
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, PrivateAttr
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import Receive, Scope, Send

from signon.errors import SignonError
from signon.rest import declared
from signon.rest.calls import Call, Rest
from signon.rest.declared import Responses, Taken
from signon.web.json_bodies import Body, content_type, parsed, read_json, read_text
from signon.web.problems import BASE, ApiError, as_api_error, invalid

CSV = "text/csv"


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
        self.known_query = frozenset(
            name for one in self.dependant.query_params for name in _names(one)
        )
        sent: Any = self.body_field.field_info.annotation if self.body_field else None
        self.model: type[Body] | None = sent
        self.takes_csv = self.model is not None and issubclass(self.model, Sheet)
        self.response_description = declared.answered(self.response_model)
        taken = self._taken()
        self.responses = declared.problems(taken, self.refused, self.responses)
        self.openapi_extra = declared.beside(taken)

    def _taken(self) -> Taken:
        return Taken(
            scopes=self.scopes,
            changes=self.method != "GET",
            path=bool(self.param_convertors),
            query=bool(self.known_query),
            body=self.model is not None,
            csv=self.takes_csv,
            version=any(one.alias == "If-Match" for one in self.dependant.header_params),
        )

    @property
    def method(self) -> str:
        """The one that it answers."""
        return next(iter(self.methods or ()))

    def get_route_handler(self) -> Callable[[Request], Any]:
        """FastAPI's own, behind the guard. Whatever is refused is raised."""
        answer = super().get_route_handler()

        async def guarded(request: Request) -> Response:
            rest: Rest = request.app.state.rest
            token = await rest.token(request, self.scopes)
            rate = await rest.rate.take(token.client_id)
            try:
                response = await self._called(Call(request, rest, token), answer)
            except SignonError as error:
                told = as_api_error(error)
                if told is None:
                    raise
                told.headers |= rate
                raise told from error
            response.headers.update(rate)
            return response

        return guarded

    async def _called(
        self, call: Call, answer: Callable[[Request], Awaitable[Response]]
    ) -> Response:
        if unknown := sorted(set(call.query.first_values()) - self.known_query):
            raise invalid(*((name, "There is no such parameter here.") for name in unknown))
        if self.model is not None:
            call.sent = await self._sent(call, self.model)
        try:
            return await answer(call)
        except RequestValidationError as error:
            raise _invalid(error) from None

    async def _sent(self, call: Call, model: type[Body]) -> Body:
        # FastAPI would read JSON into values first: strict models tell dates from texts in JSON only
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

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """The operation at an address, or the methods of those that are there."""
        if scope["type"] != "http" or not scope["path"].startswith(BASE):
            return Match.NONE, {}
        asked = {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
        allowed: set[str] = set()
        for route in self._by_shape.get(_shape(scope["path"]), ()):
            match, found = route.matches(asked)
            if match is Match.FULL:
                return match, found
            if match is Match.PARTIAL:
                allowed.add(route.method)
        if not allowed:
            return Match.NONE, {}
        return Match.FULL, {"signon.allowed": allowed | ({"HEAD"} if "GET" in allowed else set())}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a call."""
        if allowed := scope.get("signon.allowed"):
            raise HTTPException(405, headers={"allow": ", ".join(sorted(allowed))})
        await scope["route"].app(scope, receive, send)


def _shape(path: str) -> tuple[str, int]:
    parts = path.removeprefix(BASE).split("/")
    return parts[1] if len(parts) > 1 else "", len(parts)


def _names(parameter: Any) -> list[str]:
    """A parameter's own name, or those of the fields of a model of parameters."""
    kind = parameter.field_info.annotation
    return list(kind.model_fields) if isinstance(kind, type(BaseModel)) else [parameter.alias]


def _invalid(error: RequestValidationError) -> ApiError:
    """By field, and without what was sent."""
    return invalid(
        *((".".join(map(str, one["loc"][1:])) or None, one["msg"]) for one in error.errors())
    )
