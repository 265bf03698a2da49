"""Structured logs: one JSON object a line (or a readable one on a console), to stderr.

Secrets stay out by never being handed in; for the slip there is a last net, `drop_secrets`,
which blanks values whose name says that they are one.
"""

import json
import logging
import re
import sys
from collections.abc import Callable, MutableMapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any, Literal

import structlog

from signon.clock import utc_now

request_id: ContextVar[str] = ContextVar("request_id", default="")
trace_id: ContextVar[str] = ContextVar("trace_id", default="")
"""Of the request's trace, where there are any (`signon.tracing`)."""

BUFFER_SECONDS = 0.02
"""How long a request's line may wait for others: a process that is killed loses no more."""
SECRET_WORDS = ("password", "secret", "token", "cookie", "authorization", "code_verifier", "otp")


def configure(log_format: Literal["json", "console"]) -> None:
    """Set up structlog and the standard library's logging behind it."""
    global _is_json  # noqa: PLW0603  # logging is the process's own, structlog's likewise
    _is_json = log_format == "json"
    renderer: Any = render_json
    if log_format == "console":
        # a rich traceback would show local variables, passwords among them
        renderer = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
        )
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            _add_request_id,
            drop_secrets,
            structlog.processors.format_exc_info,
            drop_row_values,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    logging.basicConfig(handlers=[_ToStructlog()], level=logging.WARNING, force=True)
    # Authlib writes whole tokens at DEBUG
    logging.getLogger("authlib").setLevel(logging.WARNING)


def get(name: str) -> Any:
    """The logger of a module."""
    return structlog.get_logger(source=name)


def request_line(scope: MutableMapping[str, Any], route: str, status: int, seconds: float) -> None:
    """One line a request. The route's pattern, never the query: it may hold a code."""
    ms = round(seconds * 1000, 2)
    if not _is_json:
        said = {"source": "signon.web", "method": scope["method"], "route": route}
        _requests.info("request", **said, status=status, ms=ms)
        return
    # what the processors would write of it, without a turn through all of them
    begun = _begun(scope["method"], route, status)
    at = utc_now().isoformat()[:-6]
    traced = f', "trace_id": "{trace}"' if (trace := trace_id.get()) else ""
    ids = f'"request_id": "{request_id.get()}"{traced}'
    _written.append(f'{begun}, "ms": {ms}, "timestamp": "{at}Z", {ids}}}\n')
    if _later is None:
        write_lines()
    elif len(_written) == 1:
        _later(BUFFER_SECONDS, write_lines)


def buffer_lines(later: Callable[[float, Callable[[], None]], object] | None) -> None:
    """From now on requests' lines are written together, at a time that `later` is told (an event
    loop's `call_later`); with None one by one again.
    """
    global _later  # noqa: PLW0603 - as above
    write_lines()
    _later = later


def write_lines() -> None:
    """Write the requests' lines that have been kept."""
    sys.stderr.write("".join(_written))
    _written.clear()


def drop_secrets(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank every value whose name says that it is a secret."""
    for name in event:
        if _names_a_secret(name):
            event[name] = "[secret]"
    return event


def drop_row_values(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Blank what PostgreSQL tells of the row that broke a constraint: all its columns."""
    if isinstance(trace := event.get("exception"), str):
        event["exception"] = _DETAIL.sub(r"\1[values]", trace)
    return event


def render_json(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """One line; what JSON has no form for is written as Python shows it."""
    return _to_json(event)


@lru_cache(maxsize=1000)
def _begun(method: str, route: str, status: int) -> str:
    """What the lines of all such requests begin with."""
    line = {"source": "signon.web", "method": method, "route": route, "status": status}
    return _to_json({**line, "event": "request", "level": "info"})[:-1]


@lru_cache(maxsize=1000)
def _names_a_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_WORDS)


def _add_request_id(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    if current := request_id.get():
        event["request_id"] = current
    if trace := trace_id.get():
        event["trace_id"] = trace
    return event


class _ToStructlog(logging.Handler):
    """Libraries' records go out in our form."""

    def emit(self, record: logging.LogRecord) -> None:
        logger = structlog.get_logger(source=record.name)
        logger.log(max(record.levelno, logging.INFO), record.getMessage(), exc_info=record.exc_info)


_DETAIL = re.compile(r"^(\s*DETAIL:  ).*$", re.MULTILINE)
# json.dumps would make an encoder for every line
_to_json = json.JSONEncoder(default=repr).encode
_requests = structlog.get_logger()
_is_json = False
_written: list[str] = []
_later: Callable[[float, Callable[[], None]], object] | None = None
