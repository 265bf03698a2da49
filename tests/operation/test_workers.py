"""Workers and their supervisor: who is restarted, replaced, waited for, and killed."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

ENOUGH_SECONDS = 60
PROGRAM = """
import os, signal, socket, sys, time
from signon import logs
from signon.web import workers

logs.configure("json")

def quiet(tie):
    "Comes up, and ends when it is told to or has nobody any more."
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    tie.tell()
    os.write(1, b"up %d\\n" % os.getpid())
    os.read(tie.ends, 1)

def stubborn(tie):
    listener.close()
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    tie.tell()
    os.write(1, b"up %d\\n" % os.getpid())
    time.sleep(1000)

def hung(tie):
    "Serves, until somebody asks for what never ends."
    from signon.web import serving
    serving.HUNG_SECONDS = 5

    async def application(scope, receive, send):
        time.sleep(1000)

    settings = serving.configuration(lambda: application)
    settings.lifespan = "off"
    server = serving.Server(settings, tie)
    os.write(1, b"up %d\\n" % os.getpid())
    server.run(sockets=[listener])

def broken(tie):
    raise LookupError("no such thing")

listener = socket.create_server(("127.0.0.1", 0))
print("port", listener.getsockname()[1], flush=True)
workers.Supervisor(globals()[sys.argv[1]], 2, listener, float(sys.argv[2])).run()
"""


class Run:
    """A supervisor with two workers, in processes of their own."""

    def __init__(self, work: str, end_seconds: float) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", PROGRAM, work, str(end_seconds)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self.port = self._told("port")

    def up(self) -> int:
        """The next worker that comes up."""
        return self._told("up")

    def ended(self) -> int:
        """The exit status, once it has ended."""
        return self.process.wait(ENOUGH_SECONDS)

    def _told(self, what: str) -> int:
        assert self.process.stdout is not None
        name, _, value = self.process.stdout.readline().partition(" ")
        assert name == what
        return int(value)


Begin = Callable[..., Run]


@pytest.fixture
def begin() -> Iterator[Begin]:
    """Begins a supervisor; what is left of it at the end is killed."""
    begun: list[Run] = []

    def run(work: str, end_seconds: float = ENOUGH_SECONDS) -> Run:
        begun.append(Run(work, end_seconds))
        return begun[-1]

    yield run
    for one in begun:
        with suppress(ProcessLookupError):
            os.killpg(one.process.pid, signal.SIGKILL)
        one.process.communicate()


def test_a_worker_that_dies_is_replaced(begin: Begin):
    """The other goes on, and a stop ends both."""
    run = begin("quiet")
    first, second = run.up(), run.up()
    os.kill(first, signal.SIGKILL)
    third = run.up()
    assert third not in {first, second}
    assert is_there(second)
    run.process.send_signal(signal.SIGTERM)
    assert run.ended() == 0
    assert not any(is_there(pid) for pid in (second, third))


def test_a_worker_that_hangs_is_replaced(begin: Begin):
    """It says where it hangs, and its clients are not left waiting for ever."""
    run = begin("hung")
    pids = {run.up(), run.up()}
    with connected(run.port) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert client.recv(100) == b""
    assert run.up() not in pids
    os.killpg(run.process.pid, signal.SIGKILL)
    assert run.process.stderr is not None
    assert "in application" in run.process.stderr.read()


def test_a_hangup_replaces_each_when_its_successor_is_up(begin: Begin):
    """So that there is always somebody who answers; a death meanwhile makes them no more."""
    run = begin("quiet")
    first, second = run.up(), run.up()
    run.process.send_signal(signal.SIGHUP)
    third, fourth = run.up(), run.up()
    # they are children until somebody has asked how they ended
    wait_until(lambda: children(run) == {third, fourth})
    assert not is_there(first)
    assert not is_there(second)


def test_who_does_not_end_is_killed_in_time(begin: Begin):
    """A stop always ends."""
    run = begin("stubborn", 0.5)
    pids = run.up(), run.up()
    run.process.send_signal(signal.SIGINT)
    assert run.ended() == 0
    assert not any(is_there(pid) for pid in pids)


def test_a_second_interrupt_waits_for_nobody(begin: Begin):
    """Whoever presses Ctrl-C again means it."""
    run = begin("stubborn", 10 * ENOUGH_SECONDS)
    pids = run.up(), run.up()
    run.process.send_signal(signal.SIGINT)
    wait_until(lambda: is_refused(run.port))
    run.process.send_signal(signal.SIGINT)
    assert run.ended() == 0
    assert not any(is_there(pid) for pid in pids)


def test_workers_that_never_come_up_are_not_restarted_for_ever(begin: Begin):
    """What is wrong stands on standard error, and the start has failed."""
    run = begin("broken")
    assert run.ended() == 1
    assert run.process.stderr is not None
    told = run.process.stderr.read()
    assert "LookupError: no such thing" in told
    assert "No worker came up" in told


def test_workers_end_with_their_supervisor(begin: Begin):
    """However it ended."""
    run = begin("quiet")
    pids = run.up(), run.up()
    run.process.kill()
    wait_until(lambda: not any(is_there(pid) for pid in pids))


def test_a_supervisor_at_rest_uses_no_time(begin: Begin):
    """It waits; it does not look around."""
    run = begin("quiet")
    run.up()
    run.up()
    time.sleep(0.5)
    before = switches(run.process.pid)
    time.sleep(1.5)
    assert switches(run.process.pid) - before <= 1


def is_there(pid: int) -> bool:
    """Whether the process runs; one that has ended and is not reaped yet does not."""
    try:
        return " Z " not in Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        return False


def children(run: Run) -> set[int]:
    pid = run.process.pid
    return {int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}


def switches(pid: int) -> int:
    """How often a process has gone to sleep of its own will."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("voluntary_ctxt")).split()[1])


def connected(port: int) -> socket.socket:
    """A connection, as soon as anybody listens."""
    wait_until(lambda: not is_refused(port))
    return socket.create_connection(("127.0.0.1", port), ENOUGH_SECONDS)


def is_refused(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except ConnectionRefusedError:
        return True
    return False


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + ENOUGH_SECONDS
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)
