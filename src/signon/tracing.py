"""Traces by OpenTelemetry, for whoever asks for them (`SIGNON_OTEL=1`): a span a request, and below it
one for each unit of work, each hash and each outgoing call. A trace that began elsewhere goes on
here (W3C Trace Context), and in whom we call; mails carry none.

A span tells the route's pattern, never a path, a query or anything of an account. Where they go and
how many is OpenTelemetry's own environment (`OTEL_EXPORTER_OTLP_ENDPOINT`, `OTEL_TRACES_SAMPLER`).
Unless `start` was called, nothing of it is imported, and every hook is one `if`.
"""

import os
from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from importlib import import_module
from threading import Thread
from typing import TYPE_CHECKING, Any

from signon.errors import SettingsError

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

NOT_INSTALLED = (
    "SIGNON_OTEL asks for traces, but OpenTelemetry is not installed: run "
    "`pip install 'signon[otel]'`, or unset it."
)
FLUSH_SECONDS = 3
"""How long a stop waits for the last spans to be taken; a collector may be away."""

_request: ContextVar["Span | None"] = ContextVar("span", default=None)


def require() -> None:
    """Import what traces need; workers that are forked then share it.

    Raises SettingsError: the extra is not installed.
    """
    try:
        for one in ("sdk.trace.export", "exporter.otlp.proto.http.trace_exporter"):
            import_module(f"opentelemetry.{one}")
    except ImportError as error:
        raise SettingsError(NOT_INSTALLED) from error


class Tracing:
    """The spans of this process."""

    def __init__(self, provider: "TracerProvider") -> None:
        from opentelemetry import trace
        from opentelemetry.context import Context
        from opentelemetry.trace.propagation import tracecontext

        self._provider = provider
        self._tracer = provider.get_tracer("signon")
        self._trace = trace
        self._empty = Context
        self._propagator = tracecontext.TraceContextTextMapPropagator()

    def begin_request(self, method: str, headers: Iterable[tuple[bytes, bytes]]) -> str:
        """A request has come; answers the number of its trace."""
        told = {name.decode("latin-1"): value.decode("latin-1") for name, value in headers}
        span = self._tracer.start_span(
            method,
            self._propagator.extract(told, self._empty()),
            self._trace.SpanKind.SERVER,
            {"http.request.method": method},
        )
        _request.set(span)
        return f"{span.get_span_context().trace_id:032x}"

    def end_request(self, method: str, route: str, status: int) -> None:
        """It is answered."""
        if span := _request.get():
            span.update_name(f"{method} {route}")
            span.set_attribute("http.route", route)
            self._end(span, status, failed=status >= 500)

    def begin(self, name: str) -> "Span | None":
        """A part of a request, until its `end`; None outside of one: the background has no spans."""
        if (request := _request.get()) is None:
            return None
        return self._tracer.start_span(name, self._trace.set_span_in_context(request))

    def begin_call(self, method: str, host: str) -> tuple["Span", Mapping[str, str]]:
        """A call to somebody else, and the headers that let the trace go on there."""
        request = _request.get()
        span = self._tracer.start_span(
            method,
            self._trace.set_span_in_context(request) if request else self._empty(),
            self._trace.SpanKind.CLIENT,
            {"http.request.method": method, "server.address": host},
        )
        headers: dict[str, str] = {}
        self._propagator.inject(headers, self._trace.set_span_in_context(span))
        return span, headers

    def end_call(self, span: "Span", status: int | None) -> None:
        """It was answered with this status, or with None not at all."""
        self._end(span, status, failed=status is None or status >= 400)

    def stop(self) -> None:
        """Send what is left, for a moment."""
        flushing = Thread(target=self._provider.shutdown, daemon=True)
        flushing.start()
        flushing.join(FLUSH_SECONDS)

    def _end(self, span: "Span", status: int | None, *, failed: bool) -> None:
        if status is not None:
            span.set_attribute("http.response.status_code", status)
        if failed:
            span.set_status(self._trace.StatusCode.ERROR)
        span.end()


now: Tracing | None = None
"""What traces in this process, if anything does."""


def start(version: str) -> Tracing:
    """Trace from now on, in this process. Raises SettingsError: the extra is not installed."""
    global now  # noqa: PLW0603 - a process traces in one way
    require()
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    os.environ.setdefault("OTEL_SERVICE_NAME", "signon")
    about: dict[str, Any] = {"service.version": version}
    provider = TracerProvider(resource=Resource.create(about), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    now = Tracing(provider)
    return now
