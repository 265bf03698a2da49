"""The wiring: every part is made here and handed what it needs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI
from starlette.exceptions import HTTPException

from signon import __version__
from signon.audit import trail
from signon.clock import Clock, utc_now
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Database
from signon.errors import SignonError
from signon.web import static_files
from signon.web.answers import Answers
from signon.web.frame import Frame
from signon.web.site import Site


def wire(database: Database) -> Database:
    """Give a database the writers that run before every commit."""
    database.before_commit.append(trail.write_queued)
    return database


def create_app(settings: Settings, *, clock: Clock = utc_now, demo: bool = False) -> FastAPI:
    """The whole application over one set of settings."""
    ring = KeyRing(settings.key_bytes)
    url = settings.database_url.get_secret_value()
    database = wire(Database(url, clock=clock, pool=settings.database_pool))
    site = Site(settings, ring, demo=demo)
    answers = Answers(site)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        database.close()

    app = FastAPI(
        title="signon",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        exception_handlers={
            SignonError: answers.refused,
            HTTPException: answers.http,
            Exception: answers.unexpected,
        },
    )
    app.router.routes.extend(static_files.routes())
    app.add_middleware(Frame, is_https=settings.is_https)
    return app
