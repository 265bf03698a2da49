"""`signon serve`: the production server."""

import gc
import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from threading import Thread
from typing import Annotated

import typer
from fastapi import FastAPI

from signon import config, logs, poolers
from signon.app import create_app
from signon.cli.terminal import Workplace, say, workplace
from signon.db import SERVING
from signon.errors import NotReadyError
from signon.tokens import readiness

FACTORY = "signon.cli.serving:application"
MULTIPROC = "PROMETHEUS_MULTIPROC_DIR"


def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535)] = 8000,
    workers: Annotated[int, typer.Option(min=1, max=256, help="Processes.")] = 1,
) -> None:
    """Serve until SIGTERM or Ctrl-C; requests that are running then are still answered.

    Refuses to start on bad settings, a database that is not migrated, or missing keys.
    """
    from signon.web import serving

    with workplace() as place:
        if place.settings.database_prepared:
            poolers.require_prepared(place.settings.database_url.get_secret_value(), SERVING)
        _require_keys(place)
        issuer = place.settings.issuer
    with ExitStack() as stack:
        listener = stack.enter_context(serving.listen(host, port))
        if workers > 1:
            # before a worker imports prometheus_client, which looks for it once
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="signon-metrics-"))
            os.environ[MULTIPROC] = folder
        shown = f"[{host}]" if ":" in host else host
        say(f"Serving {issuer} on http://{shown}:{listener.getsockname()[1]} (Ctrl-C stops).")
        _end_quietly()
        serving.run(FACTORY, listener, workers=workers)


def application() -> FastAPI:
    """The application of one worker process, over the settings as they are now."""
    settings = config.load()
    logs.configure(settings.log_format)
    if parent := multiprocessing.parent_process():
        Thread(target=_end_after, args=(parent.join,), daemon=True).start()
    app = create_app(settings)
    # what is there now stays: the collector need not walk through it again and again
    gc.collect()
    gc.freeze()
    return app


def _require_keys(place: Workplace) -> None:
    with place.database.reading() as unit:
        if reason := readiness.why_not_ready(unit):
            raise NotReadyError(f"{reason} Run `signon keys rotate`.")


def _end_after(wait: Callable[[], None]) -> None:
    """End this process gracefully when the wait is over.

    Workers whose parent was killed would hold the port against its successor for ever.
    """
    wait()
    os.kill(os.getpid(), signal.SIGTERM)


def _end_quietly() -> None:
    """A stop on request is exit status 0; uvicorn repeats the signal that stopped it."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: sys.exit(0))
