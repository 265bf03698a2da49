"""A connection to PostgreSQL, and how it waits for the server's answers.

Whoever blocks a thread waits for the socket, never longer than `silence`. A unit on the event loop
(`pools`) waits in its greenlet: it switches away, the loop's reader collects what arrives and
switches back. Either way what is queued goes out in libpq's pipeline mode, in one round trip.
(docs/decisions/0026-units-on-the-event-loop.md)
"""

import select
from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet
from psycopg import Connection, OperationalError, Pipeline
from psycopg.abc import PQGen
from psycopg.pq import ConnStatus, ExecStatus
from psycopg.pq.abc import PGresult
from psycopg.waiting import Ready, Wait

R = TypeVar("R")
_SYNC = ExecStatus.PIPELINE_SYNC


class Running(greenlet):
    """What a unit on the event loop runs in.

    It never touches the loop itself. uvloop's library keeps what it is working on in its own part
    of the stack, which is laid aside while a greenlet runs that was begun elsewhere. What needs
    the loop is handed outside.
    """

    def go_on(self, *given: Any, error: BaseException | None = None) -> None:
        """Run it until it waits, or to its end; called on the loop."""
        asked = self.throw(error) if error else self.switch(*given)
        while asked is not None and not self.dead:
            asked = self.switch(asked())
        if self.dead:
            self.ended()

    def ended(self) -> None:
        """What is to be done on the loop when it is over."""


def outside(ask: Callable[[], object] | None) -> Any:
    """Leave the unit and have this done on the loop, or None: wait until somebody calls `go_on`."""
    parent = getcurrent().parent
    assert parent is not None
    return parent.switch(ask)


class Wire(Connection[Any]):
    """psycopg's connection; its own cursors work as ever, and wait the same way."""

    silence: float | None = None
    """Seconds after which a server that does not answer a blocked thread is taken for dead."""
    before_cursor: Callable[[], None] | None = None
    """What must have been sent before a cursor of psycopg's may send."""
    is_pooled = False
    """Whether somebody between us lends another connection to each transaction."""
    _loop: AbstractEventLoop | None = None
    _socket = -1
    _waiting: Running | None = None
    _is_cursor = False
    _is_queueing = False

    @property
    def is_lost(self) -> bool:
        """Whether it is of no more use. A server that ended it while nobody used it has said so."""
        if self.closed or self.broken:
            return True
        return self._loop is None and bool(select.select([self.pgconn.socket], [], [], 0)[0])

    def attach(self, loop: AbstractEventLoop) -> None:
        """From now on units on this loop use it."""
        self._loop, self._socket = loop, self.pgconn.socket
        loop.add_reader(self._socket, self._readable)

    def detach(self) -> None:
        """Its loop has no more to do with it."""
        loop, self._loop = self._loop, None
        if loop is not None and not loop.is_closed():
            loop.remove_reader(self._socket)
            loop.remove_writer(self._socket)

    def close(self) -> None:
        """Close it; its loop forgets the socket before the number may belong to another."""
        if self._loop is not None and isinstance(getcurrent(), Running):
            outside(self.detach)
        self.detach()
        super().close()

    def drop(self, error: BaseException | None) -> None:
        """Close it from outside, whatever the server does. Who waits in it gets the error; None
        stands for psycopg's own, that the connection is lost.
        """
        self.detach()
        self.pgconn.finish()
        if self._waiting is not None:
            lost = OperationalError("the server did not answer in time")
            self._wake().go_on(error=error or lost)

    def exchange(self) -> list[PGresult]:
        """Send what is queued and wait for every answer to it; of several, a failure is the last.

        Raises psycopg.OperationalError: the connection is lost.
        """
        self._results: list[PGresult] = []
        self.pgconn.pipeline_sync()
        unsent = self.pgconn.flush()
        if self._loop is None:
            self._block(unsent)
        else:
            if unsent:
                self._write_when_ready(self._writable)
            self._sleep()
        return self._results

    def enter_pipeline(self) -> None:
        """From now on what is sent is queued, until a cursor of psycopg's is used."""
        if not self._is_queueing:
            self.pgconn.enter_pipeline_mode()
            self._is_queueing = True

    @contextmanager
    def pipeline(self) -> Iterator[Pipeline]:
        """Psycopg's own pipeline, in which its cursors send many rows."""
        self._serve_cursors()
        with super().pipeline() as pipeline:
            yield pipeline

    def wait(self, gen: PQGen[R], interval: float = 0.1, timeout: float | None = None) -> R:
        """Psycopg's own waiting: for a cursor's statement."""
        self._serve_cursors()
        if self._loop is None:
            return super().wait(gen, interval, timeout)
        try:
            wanted = next(gen)
            while True:
                wanted = gen.send(self._ready(wanted))
        except StopIteration as answered:
            value: R = answered.value
            return value

    def _serve_cursors(self) -> None:
        if self.before_cursor is not None:
            self.before_cursor()
        if self._is_queueing:
            self.pgconn.exit_pipeline_mode()
            self._is_queueing = False

    # ── On the loop ──────────────────────────────────────────────────────────

    def _sleep(self) -> Any:
        current = getcurrent()
        assert isinstance(current, Running)
        self._waiting = current
        return outside(None)

    def _wake(self) -> Running:
        waiting, self._waiting = self._waiting, None
        assert waiting is not None
        return waiting

    def _ready(self, wanted: Wait) -> Ready:
        """Wait for what a generator of psycopg's asks for."""
        if wanted & Wait.W:
            self._write_when_ready(lambda: self._wake_cursor(Ready.W))
        self._is_cursor = True
        try:
            ready: Ready = self._sleep()
        finally:
            self._is_cursor = False
        return ready

    def _write_when_ready(self, write: Callable[[], None]) -> None:
        loop = self._loop
        assert loop is not None
        outside(lambda: loop.add_writer(self._socket, write))

    def _wake_cursor(self, ready: Ready) -> None:
        assert self._loop is not None
        self._loop.remove_writer(self._socket)
        self._wake().go_on(ready)

    def _readable(self) -> None:
        if self._waiting is None:
            self._hear()
        elif self._is_cursor:
            self._wake_cursor(Ready.R)
        else:
            try:
                is_complete = self._is_complete()
            except OperationalError as error:
                self._wake().go_on(error=error)
            else:
                if is_complete:
                    self._wake().go_on()

    def _writable(self) -> None:
        assert self._loop is not None
        try:
            unsent = self.pgconn.flush()
        except OperationalError as error:
            self._loop.remove_writer(self._socket)
            self._wake().go_on(error=error)
        else:
            if not unsent:
                self._loop.remove_writer(self._socket)

    def _hear(self) -> None:
        """The server says something to an idle connection, most likely that it closes it."""
        try:
            self.pgconn.consume_input()
        except OperationalError:
            self.detach()

    # ── Both ways ────────────────────────────────────────────────────────────

    def _is_complete(self) -> bool:
        """Collect what has arrived; whether it was the last."""
        libpq = self.pgconn
        libpq.consume_input()
        while not libpq.is_busy():
            result = libpq.get_result()
            if result is None:
                if libpq.status == ConnStatus.BAD:
                    raise OperationalError("the server closed the connection")
            elif result.status == _SYNC:
                return True
            else:
                self._results.append(result)
        return False

    def _block(self, unsent: int) -> None:
        patience = None if self.silence is None else self.silence * 1000
        poll = select.poll()
        while True:
            poll.register(self.pgconn.socket, select.POLLIN | (select.POLLOUT if unsent else 0))
            if not poll.poll(patience):
                self.pgconn.finish()
                raise OperationalError("the server did not answer in time")
            if unsent:
                unsent = self.pgconn.flush()
            if self._is_complete():
                return
