"""The application: the frame outside, plain routes found in a dictionary, FastAPI's layers behind."""

from typing import Any, Protocol

from fastapi import FastAPI
from starlette.exceptions import HTTPException
from starlette.routing import Route
from starlette.types import ASGIApp

from signon.errors import SignonError
from signon.web.answers import Answers
from signon.web.direct import Direct
from signon.web.frame import Frame


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
