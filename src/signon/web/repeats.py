"""A form that is sent twice is answered once: the repeat gets the first one's answer.

A second click, an impatient reload, a proxy that tries again: the same submission comes once more
within seconds, from the same browser, with the token of the same rendered page (`csrf`) and the same
fields. It does nothing again, whatever the first one has changed on its way, sessions and cookies
too. Another browser, another field or a page that was opened anew is another submission.

Most forms are claimed before they are looked at, and what they were answered is kept afterwards.
A sign-in keeps its answer by the very unit that begins the session (`answering`), in the round trip
of its commit, so that it costs nobody another one: of two at once the second cannot commit.
A refusal is never kept; whoever is refused may mend it and try again.
(docs/decisions/0037-sent-twice.md)
"""

import asyncio
import json
from collections.abc import Awaitable, Callable, Sequence
from contextvars import ContextVar
from datetime import datetime, timedelta
from typing import Any, Concatenate, NamedTuple, ParamSpec, TypeVar

from sqlalchemy import Delete, Select, Update, case, delete, null, select, update
from sqlalchemy.dialects.postgresql import Insert as Upsert
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import IntegrityError
from sqlalchemy.sql.dml import ReturningInsert
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.errors import BusyError
from signon.prepared import change, one, parting, value
from signon.web.idempotency import seal_context
from signon.web.models import idempotent_answers as answers
from signon.words.sentences import _

LASTS = timedelta(seconds=15)
"""How long the same submission is a repeat, and the answer kept."""
PURPOSE = "sent-form"
LOOKS = 60
PAUSE_SECONDS = 0.1
"""A repeat looks so often, and so long apart, whether the first one has its answer."""
OF_PROGRAMS = ("/oauth2/", "/services/")
"""Where only programs send anything: there each request is meant."""
REFUSED = 400
"""From this status on nothing was done."""

Handler = Callable[[Request], Awaitable[Response]]
P = ParamSpec("P")
R = TypeVar("R")


class RepeatedError(Exception):
    """The form was sent before, and this was its answer."""

    def __init__(self, response: Response) -> None:
        super().__init__(response.status_code)
        self.response = response


class Sent:
    """What one request has sent: no form yet, or which, and whether its answer is kept."""

    def __init__(self, database: Database, ring: KeyRing, *, keeps_itself: bool) -> None:
        self._database = database
        self._ring = ring
        self._keeps_itself = keeps_itself
        self._came = database.clock()
        self.digest = b""
        self.is_claimed = False
        self.is_kept = False

    async def begin(self, *parts: str | bytes | None) -> None:
        """It is this form, one of our own. Raises RepeatedError, BusyError."""
        if self.digest:
            return
        self.digest = self._ring.mac(PURPOSE, repr(parts).encode())
        if self._keeps_itself:
            return
        for _look in range(LOOKS):
            self.is_claimed = await self._database.write(_taken, self.digest)
            if self.is_claimed:
                return
            if answer := await self.answer():
                raise RepeatedError(answer)
            await asyncio.sleep(PAUSE_SECONDS)
        raise BusyError(_("What you sent is still being worked on. Try again."), retry_after=2)

    async def answer(self) -> Response | None:
        """What the same submission was answered, if it was a repeat when it came: the answer may
        end between the unit that cannot commit beside it and this look.
        """
        found = await self._database.read(_find, self.digest, self._came)
        return self._opened(found) if found and found.body else None

    async def end(self, response: Response) -> None:
        """Keep what a claimed form was answered; after a refusal it may come again."""
        if not self.is_claimed:
            return
        if response.status_code >= REFUSED or not _is_page(response):
            await self.give_back()
            return
        until = self._database.clock() + LASTS
        await self._database.write(
            _keep, self.digest, response.status_code, self._sealed(response), until
        )

    async def give_back(self) -> None:
        """It came to nothing."""
        if self.is_claimed:
            await self._database.write(_give_back, self.digest)

    def keep_with(self, unit: Unit, response: Response) -> None:
        """Keep the answer with what the unit does; of two at once the second cannot commit."""
        if self.digest:
            sealed = self._sealed(response)
            _put(unit, self.digest, response.status_code, sealed, unit.now, unit.now + LASTS)
            self.is_kept = True

    def _sealed(self, response: Response) -> bytes:
        headers = [[one.decode("latin-1") for one in pair] for pair in response.raw_headers]
        whole = json.dumps([headers, bytes(response.body).decode()])
        return self._ring.seal(whole.encode(), seal_context(self.digest))

    def _opened(self, found: "_Found") -> Response:
        assert found.body is not None
        opened = self._ring.open(found.body, seal_context(self.digest))
        headers, body = json.loads(opened)
        response = Response(body.encode(), found.status or 200)
        response.raw_headers = [
            (one.encode("latin-1"), two.encode("latin-1")) for one, two in headers
        ]
        return response


_sent: ContextVar[Sent | None] = ContextVar("sent_form", default=None)


class Repeats:
    """Guards the forms of an application."""

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    def guarded(self, routes: Sequence[Any]) -> list[Any]:
        """The routes, those of forms behind the guard."""
        return [self._guarded(route) if _takes_forms(route) else route for route in routes]

    def _guarded(self, route: Route) -> Route:
        handler: Handler = route.endpoint
        keeps_itself = getattr(handler, "keeps_its_answer", False)

        async def answered(request: Request) -> Response:
            sent = Sent(self._database, self._ring, keeps_itself=keeps_itself)
            token = _sent.set(sent)
            try:
                return await _answered(sent, handler, request)
            finally:
                _sent.reset(token)

        return Route(route.path, answered, methods=list(route.methods or ()))


def keeps_its_answer(handler: Callable[P, R]) -> Callable[P, R]:
    """Of a form's handler: it keeps its answer by `answering`, so nothing is claimed before it."""
    handler.keeps_its_answer = True  # type: ignore[attr-defined]  # a mark on a function
    return handler


async def sent(*parts: str | bytes | None) -> None:
    """A form of ours was read: it is what these parts say together. Raises RepeatedError."""
    if now := _sent.get():
        await now.begin(*parts)


def answering(
    unit: Unit,
    respond: Callable[[R], Response | None],
    rule: Callable[Concatenate[Unit, P], R],
    /,
    *args: P.args,
    **kwargs: P.kwargs,
) -> tuple[R, Response | None]:
    """Run a rule, and keep the answer to it with what it changed; None: there is none yet."""
    done = rule(unit, *args, **kwargs)
    response, now = respond(done), _sent.get()
    if response and now:
        now.keep_with(unit, response)
    return done, response


async def _answered(sent: Sent, handler: Handler, request: Request) -> Response:
    try:
        response = await handler(request)
    except RepeatedError as repeated:
        return repeated.response
    except BaseException as error:
        if isinstance(error, IntegrityError) and sent.digest and (first := await sent.answer()):
            return first
        await sent.give_back()
        raise
    if sent.digest and not sent.is_claimed and not sent.is_kept:
        # it came to nothing: perhaps because the first one has done it
        return await sent.answer() or response
    await sent.end(response)
    return response


def _takes_forms(route: Any) -> bool:
    """Whether it may be a form of ours."""
    is_ours = type(route) is Route and not route.path.startswith(OF_PROGRAMS)
    return is_ours and "POST" in (route.methods or ())


def _is_page(response: Response) -> bool:
    """What a browser shows or follows; a script asks anew."""
    return "location" in response.headers or response.media_type == "text/html"


class _Found(NamedTuple):
    status: int | None
    body: bytes | None


def _taken(unit: Unit, digest: bytes) -> bool:
    return _take(unit, digest, unit.now, unit.now + LASTS) is not None


@value
def _take(digest: bytes, now: datetime, until: datetime) -> ReturningInsert[bytes]:
    fresh = insert(answers).values(
        digest=digest, fingerprint=digest, created_at=now, expires_at=until
    )
    renewed = {"created_at": now, "expires_at": until, "status": null(), "body": null()}
    return fresh.on_conflict_do_update(
        index_elements=["digest"], set_=renewed, where=answers.c.expires_at <= now
    ).returning(answers.c.digest)


@parting
def _put(digest: bytes, status: int, sealed: bytes, now: datetime, until: datetime) -> Upsert:
    """Raises IntegrityError where one is kept that has not expired: NULL is no fingerprint."""
    fresh = insert(answers).values(
        digest=digest,
        fingerprint=digest,
        status=status,
        body=sealed,
        created_at=now,
        expires_at=until,
    )
    new = fresh.excluded
    renewed = {name: new[name] for name in ("status", "body", "created_at", "expires_at")}
    over = case((answers.c.expires_at <= now, new.fingerprint), else_=null())
    return fresh.on_conflict_do_update(
        index_elements=["digest"], set_={**renewed, "fingerprint": over}
    )


@one(_Found)
def _find(digest: bytes, now: datetime) -> Select[int | None, bytes | None]:
    found = select(answers.c.status, answers.c.body)
    return found.where(answers.c.digest == digest, answers.c.expires_at > now)


@change
def _keep(digest: bytes, status: int, sealed: bytes, until: datetime) -> Update:
    kept = update(answers).where(answers.c.digest == digest)
    return kept.values(status=status, body=sealed, expires_at=until)


@change
def _give_back(digest: bytes) -> Delete:
    return delete(answers).where(answers.c.digest == digest)
