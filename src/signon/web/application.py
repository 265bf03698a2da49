"""The application: the frame outside, plain routes found in a dictionary, FastAPI's layers behind.

FastAPI runs a request through seven layers and a list of patterns before a plain route gets it.
Ours need none of them: neither the protocol's, which are asked for most, nor operations of REST,
which their own table finds.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol, runtime_checkable

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from signon.errors import SignonError
from signon.texts import is_keepable
from signon.web.answers import Answers
from signon.web.frame import Frame

Endpoint = Callable[[Request], Awaitable[Response]]


class Part(Protocol):
    """A feature's pages or operations, as `app` adds them."""

    def routes(self) -> list[Route]:
        """Where they are."""
        ...


@runtime_checkable
class Table(Protocol):
    """A route that stands for many and finds the one that answers a request."""

    def find(self, scope: Scope) -> Endpoint | None:
        """It, with `endpoint` and `path_params` told to the scope; None: it is none of these."""
        ...


class Application(FastAPI):
    """FastAPI within our frame; `answers` turn errors into answers, wherever they were raised."""

    def __init__(self, answers: Answers, *, is_https: bool, **options: Any) -> None:
        handlers: dict[int | type[Exception], Any] = {
            SignonError: answers.refused,
            HTTPException: answers.http,
        }
        super().__init__(exception_handlers=handlers, **options)
        self._answers = answers
        self._is_https = is_https

    def build_middleware_stack(self) -> ASGIApp:
        """What a request goes through; Starlette asks once, when every route is there."""
        layers = super().build_middleware_stack()
        direct = Direct(self.routes, self._answers, layers)
        return Frame(direct, is_https=self._is_https, unexpected=self._answers.unexpected)


MAX_URL_BYTES = 8 * 1024


class Direct:
    """Answers requests to plain routes without parameters, and to whatever a table finds; everything
    else goes on to `layers`, also what a plain route refuses by its method.
    """

    def __init__(self, routes: Iterable[BaseRoute], answers: Answers, layers: ASGIApp) -> None:
        self._answers = answers
        self._layers = layers
        self._endpoints: dict[tuple[str, str], Endpoint] = {}
        self._tables: list[Table] = []
        for route in routes:
            if isinstance(route, Table):
                self._tables.append(route)
            # FastAPI's own are a subclass, and need its layers
            if type(route) is Route and not route.param_convertors:
                for method in route.methods or ():
                    self._endpoints.setdefault((method, route.path), route.endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass it on."""
        if scope["type"] != "http":
            await self._layers(scope, receive, send)
            return
        if status := _unusable(scope):
            refused = await self._answers.http(Request(scope, receive), HTTPException(status))
            await refused(scope, receive, send)
            return
        endpoint = self._found(scope)
        if endpoint is None:
            await self._layers(scope, receive, send)
            return
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except SignonError as error:
            response = await self._answers.refused(request, error)
        except HTTPException as error:
            response = await self._answers.http(request, error)
        await response(scope, receive, send)

    def _found(self, scope: Scope) -> Endpoint | None:
        if endpoint := self._endpoints.get((scope["method"], scope["path"])):
            scope["endpoint"] = endpoint
            return endpoint
        return next((found for one in self._tables if (found := one.find(scope))), None)


def _unusable(scope: Scope) -> int | None:
    """The status that an address gets which nothing of ours can have."""
    if len(scope["path"]) + len(scope["query_string"]) > MAX_URL_BYTES:
        return 414
    return None if is_keepable(scope["path"]) else 404
