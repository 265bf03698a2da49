"""Worker processes: forked from a program that is imported already, looked after, ended in time.

What was imported before the fork lies in memory once, however many workers there are. Nothing
ticks: the supervisor sleeps until a signal comes, a worker says that it is up, or a restart or the
end of a stop is due. It holds no connection and no thread, so that nothing is torn by a fork.
"""

import gc
import os
import select
import signal
import socket
import sys
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import NoReturn

from signon import logs
from signon.errors import NotReadyError
from signon.web import supervised

HEARD = (signal.SIGCHLD, signal.SIGHUP, signal.SIGINT, signal.SIGTERM)
FIRST_PAUSE_SECONDS = 0.5
LONGEST_PAUSE_SECONDS = 30.0
"""Before a restart: doubled while workers end young, so that a broken one burns no core."""
SETTLED_SECONDS = 60
_PID_BYTES = 4

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties a worker to its supervisor: two pipes, one of which is never written to."""

    ends: int
    """Readable when the supervisor is gone, however it ended."""
    _tells: int

    def tell(self) -> None:
        """Say that this worker answers from now on."""
        os.write(self._tells, os.getpid().to_bytes(_PID_BYTES, "big"))


Work = Callable[[Tie], None]


@dataclass(slots=True)
class _Worker:
    born: float
    replaces: int | None = None
    is_up: bool = False
    is_leaving: bool = False


@dataclass(slots=True)
class Supervisor:
    """Keeps `count` processes at `work`, which share `listener`.

    SIGTERM and SIGINT end them, and who is not done after `end_seconds` is killed; a second SIGINT
    does that at once. SIGHUP replaces them one by one, each when its successor is up. `bury` is
    told the number of each that has ended.
    """

    work: Work
    count: int
    listener: socket.socket
    end_seconds: float
    bury: Callable[[int], object] = lambda _pid: None
    _workers: dict[int, _Worker] = field(default_factory=dict)
    _due: list[float] = field(default_factory=list)
    _outdated: deque[int] = field(default_factory=deque)
    _pause: float = 0.0
    _has_served: bool = False
    _kill_at: float | None = None
    _lifeline: tuple[int, int] = field(default_factory=os.pipe)
    _told: tuple[int, int] = field(default_factory=os.pipe)
    _woken: tuple[int, int] = field(default_factory=os.pipe)

    def run(self) -> None:
        """Look after the workers until a signal ends them. Raises NotReadyError: none came up."""
        gc.collect()
        gc.freeze()
        with self._hearing():
            for _ in range(self.count):
                self._fork()
            while self._workers or self._due:
                heard = self._sleep()
                self._reap()
                if signal.SIGTERM in heard or signal.SIGINT in heard:
                    self._stop(at_once=signal.SIGINT in heard and self._kill_at is not None)
                if signal.SIGHUP in heard and not self._outdated:
                    self._outdated.extend(self._workers)
                    self._replace()
                self._do_what_is_due()
        if not self._has_served and self._pause:
            raise NotReadyError("No worker came up; why stands above.")

    @contextmanager
    def _hearing(self) -> Iterator[None]:
        """Signals are bytes in a pipe while the block runs."""
        for end in self._woken:
            os.set_blocking(end, False)
        before = {number: signal.signal(number, lambda *_: None) for number in HEARD}
        signal.set_wakeup_fd(self._woken[1], warn_on_full_buffer=False)
        try:
            yield
        finally:
            signal.set_wakeup_fd(-1)
            for number, handler in before.items():
                signal.signal(number, handler)
            for end in (*self._lifeline, *self._told, *self._woken):
                os.close(end)

    def _sleep(self) -> bytes:
        """Until something happens; answers the signals that came, a byte each."""
        moments = [*self._due, *([self._kill_at] if self._kill_at is not None else [])]
        seconds = max(0.0, min(moments) - time.monotonic()) if moments else None
        ready, _, _ = select.select([self._woken[0], self._told[0]], [], [], seconds)
        if self._told[0] in ready:
            pids = os.read(self._told[0], _PID_BYTES * 256)
            for start in range(0, len(pids), _PID_BYTES):
                self._came_up(int.from_bytes(pids[start : start + _PID_BYTES], "big"))
        return os.read(self._woken[0], 4096) if self._woken[0] in ready else b""

    def _came_up(self, pid: int) -> None:
        if not self._has_served:
            self._has_served = True
            supervised.tell(supervised.READY)
        if worker := self._workers.get(pid):
            worker.is_up = True
            if worker.replaces in self._workers:
                self._workers[worker.replaces].is_leaving = True
                os.kill(worker.replaces, signal.SIGTERM)
            if worker.replaces is not None:
                self._replace()

    def _replace(self) -> None:
        """Begin the successor of the next worker that SIGHUP asks to replace."""
        while self._outdated:
            pid = self._outdated.popleft()
            if pid in self._workers:
                self._fork(replaces=pid)
                return

    def _reap(self) -> None:
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                if worker := self._workers.pop(ended[0], None):
                    self._bury(ended[0])
                    self._ended(ended[0], worker, os.waitstatus_to_exitcode(ended[1]))

    def _bury(self, pid: int) -> None:
        try:
            self.bury(pid)
        except OSError as error:  # a full disk: figures are worth less than the workers
            _log.error("a worker's figures are left", pid=pid, error=str(error))

    def _ended(self, pid: int, worker: _Worker, status: int) -> None:
        if worker.is_leaving or self._kill_at is not None:
            return
        _log.error("worker ended", pid=pid, status=status)
        is_settled = time.monotonic() - worker.born >= SETTLED_SECONDS
        pause = min(LONGEST_PAUSE_SECONDS, max(FIRST_PAUSE_SECONDS, 2 * self._pause))
        self._pause = 0.0 if is_settled else pause
        if not self._has_served:
            self._stop()
            return
        if not worker.is_up:
            self._outdated.clear()  # its successors would not come up either
        staying = sum(not other.is_leaving for other in self._workers.values())
        if staying + len(self._due) < self.count:
            self._due.append(time.monotonic() + self._pause)

    def _do_what_is_due(self) -> None:
        now = time.monotonic()
        if self._kill_at is not None and now >= self._kill_at:
            self._kill_at = now + 1
            self._send(signal.SIGKILL)
        for moment in [moment for moment in self._due if moment <= now]:
            self._due.remove(moment)
            self._fork()

    def _stop(self, *, at_once: bool = False) -> None:
        """Workers leave, each as `serving` says; they alone hold the listener now."""
        self._due.clear()
        self._outdated.clear()
        supervised.tell(supervised.STOPPING)
        self.listener.close()
        if at_once:
            self._kill_at = time.monotonic()
        elif self._kill_at is None:
            self._kill_at = time.monotonic() + self.end_seconds
            self._send(signal.SIGTERM)

    def _send(self, number: signal.Signals) -> None:
        for pid in self._workers:  # not reaped yet, so the number is nobody else's
            os.kill(pid, number)

    def _fork(self, *, replaces: int | None = None) -> None:
        # a signal in between would be heard by a handler that is not the worker's
        signal.pthread_sigmask(signal.SIG_BLOCK, HEARD)
        pid = os.fork()
        if pid == 0:
            self._be_a_worker()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
        self._workers[pid] = _Worker(time.monotonic(), replaces)

    def _be_a_worker(self) -> NoReturn:
        status = 1
        try:
            signal.set_wakeup_fd(-1)
            for number in HEARD:
                signal.signal(number, signal.SIG_DFL)
            # a terminal's Ctrl-C reaches everybody; the supervisor says what becomes of it
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            for end in (self._lifeline[1], self._told[0], *self._woken):
                os.close(end)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, HEARD)
            self.work(Tie(self._lifeline[0], self._told[1]))
            status = 0
        except SystemExit as end:
            status = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # noqa: BLE001 - nothing may go on to the supervisor's own business
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
