"""Plain routes and REST's operations, found by tables before FastAPI's layers.

FastAPI runs a request through seven layers and a list of patterns before a route gets it. Ours need
none of them: neither the protocol's, which are asked for most, nor the operations of REST.
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import NamedTuple, Protocol, runtime_checkable

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from signon.errors import SignonError
from signon.texts import is_keepable
from signon.web.answers import Answers

Endpoint = Callable[[Request], Awaitable[Response]]
MAX_URL_BYTES = 8 * 1024


AtHand = Callable[[Request], Response | None]
"""An answer that is there without waiting for anything, or None: the endpoint has to be asked."""


class Plain(NamedTuple):
    """A route without parameters, for one method."""

    method: str
    path: str
    endpoint: Endpoint
    at_hand: AtHand | None = None


class Constant(Route):
    """A route to what is the same for everybody, and mostly at hand."""

    def __init__(self, path: str, endpoint: Endpoint, at_hand: AtHand) -> None:
        super().__init__(path, endpoint, methods=["GET"])
        self.at_hand = at_hand


@runtime_checkable
class Table(Protocol):
    """A route that stands for many and finds the one that answers a request."""

    def find(self, scope: Scope) -> Endpoint | None:
        """It, with `endpoint` and `path_params` told to the scope; None: it is none of these."""
        ...


class Direct:
    """Answers requests to plain routes without parameters, and to whatever a table finds; everything
    else goes on to `layers`, also what a plain route refuses by its method.
    """

    def __init__(self, routes: Sequence[BaseRoute], answers: Answers, layers: ASGIApp) -> None:
        self._answers = answers
        self._layers = layers
        self._plain: dict[tuple[str, str], Plain] = {}
        # to ask hundreds of plain ones whether they have what a protocol asks for takes 2 ms
        self._tables = [
            route for route in routes if not isinstance(route, Route) and isinstance(route, Table)
        ]
        for route in routes:
            # FastAPI's own are a subclass, and need its layers
            if (type(route) is Route or type(route) is Constant) and not route.param_convertors:
                at_hand = route.at_hand if isinstance(route, Constant) else None
                for method in route.methods or ():
                    plain = Plain(method, route.path, route.endpoint, at_hand)
                    self._plain.setdefault((method, route.path), plain)

    def find(self, method: str, path: str, query: bytes) -> Plain | None:
        """The plain route that is asked for."""
        plain = self._plain.get((method, path))
        return plain if plain and len(path) + len(query) <= MAX_URL_BYTES else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass it on."""
        if scope["type"] != "http":
            await self._layers(scope, receive, send)
            return
        if status := _unusable(scope):
            refused = await self._answers.http(Request(scope, receive), HTTPException(status))
            await refused(scope, receive, send)
            return
        plain = self.find(scope["method"], scope["path"], scope["query_string"])
        request = Request(scope, receive, send)
        if plain:
            response = await self.answer(plain, request)
        elif endpoint := self._found(scope):
            response = await self._answer(endpoint, request)
        else:
            await self._layers(scope, receive, send)
            return
        await response(scope, receive, send)

    async def answer(self, plain: Plain, request: Request) -> Response:
        """The endpoint's answer, or the one to what it raised.

        Raises TypeError: it would send itself in pieces, or go on working after it.
        """
        request.scope["endpoint"] = plain.endpoint
        response = await self._answer(plain.endpoint, request)
        if response.background or not hasattr(response, "body"):
            raise TypeError("A plain route's answer must be whole.")
        return response

    async def _answer(self, endpoint: Endpoint, request: Request) -> Response:
        try:
            return await endpoint(request)
        except SignonError as error:
            return await self._answers.refused(request, error)
        except HTTPException as error:
            return await self._answers.http(request, error)

    def _found(self, scope: Scope) -> Endpoint | None:
        return next((found for one in self._tables if (found := one.find(scope))), None)


def _unusable(scope: Scope) -> int | None:
    """The status that an address gets which nothing of ours can have."""
    if len(scope["path"]) + len(scope["query_string"]) > MAX_URL_BYTES:
        return 414
    return None if is_keepable(scope["path"]) else 404
