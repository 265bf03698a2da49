"""The application: the frame outside, plain routes found in a dictionary, FastAPI's layers behind.

FastAPI runs a request through seven layers and a list of patterns before a plain route gets it.
Ours need none of them, and the protocol's are asked for most.
"""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Protocol

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from signon.errors import SignonError
from signon.web.answers import Answers
from signon.web.frame import Frame

Endpoint = Callable[[Request], Awaitable[Response]]


class Part(Protocol):
    """A feature's pages or operations, as `app` adds them."""

    def routes(self) -> list[Route]:
        """Where they are."""
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


class Direct:
    """Answers requests to plain routes without parameters; everything else goes on to `layers`,
    also what a plain route refuses by its method.
    """

    def __init__(self, routes: Iterable[BaseRoute], answers: Answers, layers: ASGIApp) -> None:
        self._answers = answers
        self._layers = layers
        self._endpoints: dict[tuple[str, str], Endpoint] = {}
        for route in routes:
            # FastAPI's own are a subclass, and need its layers
            if type(route) is Route and not route.param_convertors:
                for method in route.methods or ():
                    self._endpoints.setdefault((method, route.path), route.endpoint)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass it on."""
        endpoint = None
        if scope["type"] == "http":
            endpoint = self._endpoints.get((scope["method"], scope["path"]))
        if endpoint is None:
            await self._layers(scope, receive, send)
            return
        scope["endpoint"] = endpoint
        request = Request(scope, receive, send)
        try:
            response = await endpoint(request)
        except SignonError as error:
            response = await self._answers.refused(request, error)
        except HTTPException as error:
            response = await self._answers.http(request, error)
        await response(scope, receive, send)
