"""Pools of connections, and units that run on the event loop.

A `Pool` lends its lines (`engines`) to threads, which block, and to event loops, each of which has
a `Bench` of its own. There a rule runs in a greenlet, as synchronous as it is: while it waits for
the database, the loop goes on (`wires`). A unit that does not end in time has its connection taken
away from outside, whatever the server does.
(docs/decisions/0026-units-on-the-event-loop.md)
"""

import asyncio
from asyncio import AbstractEventLoop, CancelledError, Future, TimerHandle
from collections import deque
from collections.abc import Callable
from concurrent import futures
from contextvars import copy_context
from threading import Condition
from typing import Any, TypeVar

from signon import metrics
from signon.engines import Line, Opener
from signon.errors import BusyError
from signon.wires import Running
from signon.words.sentences import _

R = TypeVar("R")
Work = Callable[[Line], R]

WAIT_SECONDS = 2
"""How long somebody waits for a connection."""
UNIT_SECONDS = 2.75
"""How long a unit on the loop may take from its asking to its end; a little longer than the
database gives a statement, so that a living one speaks first."""
SWEEP_SECONDS = 0.1
BUSY = _("The service is busy. Try again in a moment.")


def pool(url: str, size: int, timeouts: dict[str, int], *, writes: bool, prepares: bool) -> "Pool":
    """A pool of connections that can write, or cannot."""
    return Pool(Opener(url, timeouts, writes=writes, prepares=prepares), size)


def no_turn() -> BusyError:
    """Nobody gave a connection back in time."""
    return BusyError(BUSY, retry_after=WAIT_SECONDS, detail="no turn in time")


class Pool:
    """At most `size` connections for all threads together, and as many for each loop."""

    def __init__(self, opener: Callable[[], Line], size: int) -> None:
        self.size = size
        self._opener = opener
        self._resting: list[Line] = []
        self._lent = 0
        self._turn = Condition()
        self._benches: dict[AbstractEventLoop, Bench] = {}
        self.openers = futures.ThreadPoolExecutor(size, "connect")

    def borrow(self) -> Line:
        """A connection for this thread, until `give_back`. Raises BusyError or DBAPIError."""
        with self._turn:
            if not self._turn.wait_for(lambda: self._lent < self.size, WAIT_SECONDS):
                raise no_turn()
            self._lent += 1
        try:
            return self.open()
        except BaseException:
            self._end_turn()
            raise

    def give_back(self, line: Line) -> None:
        """Whoever borrowed it needs it no more."""
        if line.is_usable:
            self.rest(line)
        else:
            line.close()
        self._end_turn()

    def open(self) -> Line:
        """One that rests, or a new one. Raises DBAPIError."""
        with self._turn:
            self._adopt()
            while self._resting:
                line = self._resting.pop()
                if line.is_usable:
                    return line
                line.close()
        return self._opener()

    def rest(self, line: Line) -> None:
        """Keep it for whoever comes next."""
        with self._turn:
            self._resting.append(line)

    def bench(self) -> "Bench":
        """What the running loop has of it."""
        loop = asyncio.get_running_loop()
        if (bench := self._benches.get(loop)) is None:
            with self._turn:
                bench = self._benches[loop] = Bench(self, loop)
        return bench

    def standing(self) -> tuple[int, int]:
        """How many are lent, and how many units on loops wait for one."""
        benches = list(self._benches.values())
        lent = self._lent + sum(one.lent for one in benches)
        return lent, sum(one.waiting for one in benches)

    def close(self) -> None:
        """Close every connection that nobody uses."""
        with self._turn:
            benches, self._benches = list(self._benches.values()), {}
            while self._resting:
                self._resting.pop().close()
        for bench in benches:
            if bench.loop.is_closed() or bench.loop is _running_loop():
                bench.close()
            else:
                bench.loop.call_soon_threadsafe(bench.close)
        self.openers.shutdown(wait=False)

    def _end_turn(self) -> None:
        with self._turn:
            self._lent -= 1
            self._turn.notify()

    def _adopt(self) -> None:
        """What loops have left behind that are closed."""
        for loop in [loop for loop in self._benches if loop.is_closed()]:
            self._resting += self._benches.pop(loop).leave()


class Bench:
    """A loop's connections; everything here runs on the loop."""

    def __init__(self, pool: Pool, loop: AbstractEventLoop) -> None:
        self.loop = loop
        self._pool = pool
        self._free: list[Line] = []
        self._made = 0
        self._waiting: deque[Future[Line]] = deque()
        self._running: set[_Run] = set()
        self._sweeping: TimerHandle | None = None
        self._is_closed = False

    async def run(self, work: Work[R], ends: float) -> R:
        """What `work` answers for a connection, in a greenlet, before the loop's time `ends`.

        Raises BusyError: no connection in time. A unit that takes longer finds its connection lost.
        """
        line = self._free.pop() if self._free else await self._turn(ends)
        run = _Run(self, line, work, ends)
        self._running.add(run)
        if self._sweeping is None:
            self._sweeping = self.loop.call_later(SWEEP_SECONDS, self._sweep)
        run.go_on()
        try:
            value: R = await run.done
        except CancelledError:
            run.stop(CancelledError())
            raise
        return value

    @property
    def lent(self) -> int:
        """How many units run."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many wait for a connection."""
        return sum(not turn.done() for turn in list(self._waiting))

    def take_back(self, run: "_Run") -> None:
        """A unit is over: its connection goes to the next one, if it can."""
        self._running.discard(run)
        self._put(run.line)

    def leave(self) -> list[Line]:
        """Give up what is free."""
        free, self._free = self._free, []
        for line in free:
            if line.wire is not None:
                line.wire.detach()
        return free

    def close(self) -> None:
        """Close what is free now, and the rest as it comes back."""
        self._is_closed = True
        for line in self.leave():
            line.close()

    async def _turn(self, ends: float) -> Line:
        """Wait for a connection, a new one if there may be one."""
        if self._made < self._pool.size:
            self._open()
        turn: Future[Line] = self.loop.create_future()
        self._waiting.append(turn)
        latest = min(ends, self.loop.time() + WAIT_SECONDS)
        timer = self.loop.call_at(latest, _fail, turn, no_turn())
        asked = self.loop.time()
        try:
            return await turn
        except CancelledError:
            if turn.done() and not turn.cancelled() and turn.exception() is None:
                self._put(turn.result())
            raise
        finally:
            timer.cancel()
            metrics.count_wait("connection", self.loop.time() - asked)

    def _open(self) -> None:
        """Open one in a thread: names are looked up and TLS is agreed on the way."""
        self._made += 1
        opening = self._pool.openers.submit(self._pool.open)
        opening.add_done_callback(self._opened_elsewhere)

    def _opened_elsewhere(self, opening: "futures.Future[Line]") -> None:
        try:
            self.loop.call_soon_threadsafe(self._opened, opening)
        except RuntimeError:  # the loop is closed
            if opening.exception() is None:
                self._pool.rest(opening.result())

    def _opened(self, opening: "futures.Future[Line]") -> None:
        if (error := opening.exception()) is None:
            line = opening.result()
            if line.wire is not None:
                line.wire.attach(self.loop)
            self._put(line)
            return
        self._made -= 1
        # somebody's may come free yet; without any nobody else would fare better
        while self._waiting and not self._made:
            _fail(self._waiting.popleft(), error)

    def _put(self, line: Line) -> None:
        if self._is_closed or not line.is_usable:
            self._made -= 1
            line.close()
            if self._waiting and not self._is_closed:
                self._open()
            return
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(line)
                return
        self._free.append(line)

    def _sweep(self) -> None:
        """Take the connection away from every unit that is late."""
        now = self.loop.time()
        late = [run for run in self._running if run.ends <= now]
        for run in late:
            run.stop(None)
        if late:
            # they lead where nobody answers; each would cost somebody else as long a wait
            for line in self.leave():
                self._made -= 1
                line.close()
        self._sweeping = self.loop.call_later(SWEEP_SECONDS, self._sweep) if self._running else None


class _Run(Running):
    """One unit on the loop."""

    def __init__(self, bench: Bench, line: Line, work: Work[Any], ends: float) -> None:
        super().__init__()
        self.gr_context = copy_context()
        self.line = line
        self.ends = ends
        self.done: Future[Any] = bench.loop.create_future()
        self._bench = bench
        self._work = work
        self._value: Any = None
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._value = self._work(self.line)
        except BaseException as error:  # noqa: BLE001  # it is raised where the unit is awaited
            self._error = error

    def ended(self) -> None:
        self._bench.take_back(self)
        if self._error is not None:
            _fail(self.done, self._error)
        elif not self.done.done():
            self.done.set_result(self._value)

    def stop(self, error: BaseException | None) -> None:
        """Close its connection; it finds it lost, or the error."""
        if not self.dead and self.line.wire is not None:
            self.line.wire.drop(error)


def _fail(waiting: "Future[Any]", error: BaseException) -> None:
    if isinstance(error, StopIteration):  # what no future takes
        error = RuntimeError(f"a rule raised {error!r}")
    if not waiting.done():
        waiting.set_exception(error)


def _running_loop() -> AbstractEventLoop | None:
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
