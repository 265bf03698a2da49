"""`signon serve`: the production server."""

import gc
import signal
import sys
from contextlib import ExitStack
from functools import partial
from socket import socket
from typing import Annotated

import typer

from signon import (
    __version__,
    allocating,
    config,
    logs,
    metrics,
    poolers,
    shared_counts,
    tracing,
)
from signon.app import create_app
from signon.cli.terminal import Workplace, say, workplace
from signon.db import SERVING
from signon.errors import NotReadyError
from signon.tokens import readiness
from signon.web import serving
from signon.web.waiting import Waiting
from signon.web.workers import Supervisor, Tie
from signon.words import catalogue
from signon.words.language import SPANISH


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes.")] = 1,
) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that are running then are still answered.

    Refuses to start on bad settings, a database that is not migrated, or missing keys.
    """
    with workplace() as place:
        if place.settings.otel:
            tracing.require()
        if place.settings.database_prepared:
            poolers.require_prepared(place.settings.database_url.get_secret_value(), SERVING)
        _require_keys(place)
        issuer = place.settings.issuer
    with ExitStack() as stack:
        listener = stack.enter_context(serving.listen(host, port))
        shown = f"[{host}]" if ":" in host else host
        say(f"Serving {issuer} on http://{shown}:{listener.getsockname()[1]} (Ctrl-C stops).")
        if workers == 1:
            _work(listener)
        else:
            folder = stack.enter_context(shared_counts.folder())
            metrics.share(str(folder))
            work, bury = partial(_work, listener), partial(shared_counts.bury, folder)
            Supervisor(work, workers, listener, serving.END_SECONDS + 1, bury).run()


def _work(listener: socket, tie: Tie | None = None) -> None:
    """Serve in this process until a signal, over the settings as they are now."""
    _end_quietly()
    allocating.share_arenas()
    settings = config.load()
    logs.configure(settings.log_format)
    app = create_app(settings)
    # before anybody waits for it, and before a fork
    catalogue.of(SPANISH)
    # what is there now stays: the collector need not walk through it again and again
    gc.collect()
    gc.freeze()
    served = serving.configuration(lambda: app, Waiting(settings.trusted_proxies))
    tracer = tracing.start(__version__) if settings.otel else None
    try:
        serving.Server(served, tie, app.state.leave, app.state.standing).run(sockets=[listener])
    finally:
        if tracer:
            tracer.stop()


def _require_keys(place: Workplace) -> None:
    with place.database.reading() as unit:
        if reason := readiness.why_not_ready(unit):
            raise NotReadyError(f"{reason} Run `signon keys rotate`.")


def _end_quietly() -> None:
    """A stop on request is exit status 0; uvicorn repeats the signal that stopped it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: sys.exit(0))
