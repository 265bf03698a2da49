"""Traces: off they cost nothing, on they are whole and tell nothing of anybody."""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator

import httpx2
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from signon import tracing
from signon.db import Database
from signon.errors import SettingsError
from signon.outbound import Outbound, OutboundError
from signon.tracing import Tracing
from tests.infra.databases import ON_ONE
from tests.infra.receiver import Received, answer, receiving
from tests.operation.test_serving import START_SECONDS, Start, served, start

__all__ = ["start"]

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = f"00-{TRACE}-{PARENT}-01"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    """This process traces into memory."""
    kept = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(kept))
    monkeypatch.setattr(tracing, "now", Tracing(provider))
    yield kept
    provider.shutdown()


def test_off_nothing_is_imported():
    """Of OpenTelemetry; FastAPI brings its interface, but no SDK, and we do not even import that."""
    program = """
import sys
import signon.accounts.hashing, signon.db, signon.outbound, signon.logs
assert not [name for name in sys.modules if name.startswith("opentelemetry")]
import signon.app, signon.cli.serving
print([name for name in sys.modules if name.startswith(("opentelemetry.sdk", "opentelemetry.exp"))])
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ran.stdout == "[]\n"


def test_asked_for_but_not_installed(monkeypatch: pytest.MonkeyPatch):
    """The start stops with a sentence."""
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace.export", None)
    with pytest.raises(SettingsError, match=r"run `pip install 'signon\[otel\]'`, or unset it"):
        tracing.start("1")
    assert tracing.now is None


@ON_ONE
def test_a_collector_sees_the_request_and_its_parts(start: Start, with_keys: Database):
    """Of a trace that the client began: one span a request with the route's pattern, below it the
    units and the hash; the log has the trace's number, and no span what was typed.
    """
    with receiving() as collector:
        asked = {
            "SIGNON_OTEL": "1",
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.url(""),
            "OTEL_BSP_SCHEDULE_DELAY": "100",
        }
        with served(start, "--workers", "2", **asked) as server:
            answered = httpx2.post(
                f"{server.url}/services/cso-auth?secret=1",
                json={"loginId": "somebody", "password": "wrong"},
                headers={"traceparent": TRACEPARENT},
            )
            found = _until_whole(collector.requests)
            server.process.terminate()
            _, log = server.process.communicate(timeout=START_SECONDS)
    [request] = [one for one in found if one.kind == Span.SPAN_KIND_SERVER]
    assert request.name == "POST /services/cso-auth"
    assert request.parent_span_id.hex() == PARENT
    assert {one.key: _value(one.value) for one in request.attributes} == {
        "http.request.method": "POST",
        "http.route": "/services/cso-auth",
        "http.response.status_code": answered.status_code,
    }
    parts = [one for one in found if one is not request]
    assert {one.name for one in parts} == {"unit read", "unit write", "hash"}
    assert {one.parent_span_id for one in parts} == {request.span_id}
    assert b"somebody" not in b"".join(one.body for one in collector.requests)
    lines = [json.loads(line) for line in log.splitlines() if line.startswith("{")]
    [line] = [one for one in lines if one.get("route") == "/services/cso-auth"]
    assert line["trace_id"] == TRACE


def test_a_call_goes_on_with_the_trace(spans: InMemorySpanExporter):
    """Below the request that makes it, with the host and the status alone; also one that fails."""

    async def call() -> None:
        assert tracing.now
        tracing.now.begin_request("GET", [(b"traceparent", TRACEPARENT.encode())])
        outbound = Outbound(allow_loopback=True)
        await outbound.get(court.url("/jwks?q=1"))
        with pytest.raises(OutboundError):
            await outbound.get("http://127.0.0.1:1/")
        tracing.now.end_request("GET", "/somewhere", 200)
        await outbound.close()

    with receiving() as court:
        court.answering = answer(204)
        asyncio.run(call())
    good, bad, request = spans.get_finished_spans()
    assert good.attributes == {
        "http.request.method": "GET",
        "server.address": "127.0.0.1",
        "http.response.status_code": 204,
    }
    assert (good.status.is_ok, bad.status.is_ok) == (True, False)
    assert good.context
    assert request.context
    assert good.parent
    assert good.parent.span_id == request.context.span_id
    [seen] = court.requests
    assert seen.headers["traceparent"] == f"00-{TRACE}-{good.context.span_id:016x}-01"


def test_the_background_has_no_spans(spans: InMemorySpanExporter, database: Database):
    """Its units come many times a second."""
    asyncio.run(database.read(lambda unit: unit.now))
    assert spans.get_finished_spans() == ()


def _until_whole(requests: list[Received]) -> list[Span]:
    """The spans of our trace, once that of the request is there: it ends last."""
    deadline = time.monotonic() + START_SECONDS / 2
    while True:
        found = [
            span
            for one in list(requests)
            for resource in ExportTraceServiceRequest.FromString(one.body).resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
            if span.trace_id.hex() == TRACE
        ]
        if any(one.kind == Span.SPAN_KIND_SERVER for one in found):
            return found
        assert time.monotonic() < deadline
        time.sleep(0.1)


def _value(value: object) -> object:
    return getattr(value, value.WhichOneof("value"))  # type: ignore[attr-defined]
