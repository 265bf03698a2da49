"""`signon …` as a process of its own that need not import the product first.

Importing it costs two seconds of computing, and a run of the tests starts dozens of such
processes. So a nursery has imported it once for a worker and forks: the processes are as real
as others, with an environment, a folder, pipes and signals of their own. Whoever tests how the
program starts, or kills it together with its own workers, starts it without this.
"""

import atexit
import ctypes
import gc
import json
import os
import pkgutil
import socket
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

import signon
from signon.__main__ import main
from tests.infra import patience

ROOT = Path(__file__).parents[2]
MOST_BYTES = 1 << 18
SET_CHILD_SUBREAPER = 36
_ONE_AT_A_TIME = Lock()


class Signon(subprocess.Popen[str]):
    """A `Popen` of `signon` and these words; pipes, `cwd` and `env` are given as to any other.

    It leads a group of its own, so that its workers can be ended with it.
    """

    _close_pipe_fds: Callable[..., None]

    def __init__(self, *words: str, **how: Any) -> None:
        super().__init__(["signon", *words], text=True, **how)

    def _execute_child(self, args: Any, *given: Any) -> None:
        """Have it born in the nursery; `given` is what `Popen` hands on, in its order."""
        cwd, env, pipes = given[4], given[5], given[9:15]
        asked = {"words": args, "cwd": str(cwd or Path.cwd()), "env": dict(env or os.environ)}
        theirs = [pipes[0], pipes[3], pipes[5]]
        handed = [number if pipe == -1 else pipe for number, pipe in enumerate(theirs)]
        with _ONE_AT_A_TIME:
            nursery = _nursery()
            socket.send_fds(nursery, [json.dumps(asked).encode()], handed)
            self.pid = int(nursery.recv(64))
        self._child_created = True
        self._close_pipe_fds(*pipes)


def run(*words: str, typed: str = "", **how: Any) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run`, with both outputs captured."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with Signon(*words, **pipes, **how) as process:
        out, err = process.communicate(typed)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


@cache
def _nursery() -> socket.socket:
    """A connection to this process's own nursery, which ends with it."""
    # so that what the nursery lets go of becomes our child, to be waited for
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with its:
        started = subprocess.Popen([sys.executable, "-m", __name__], stdin=its.fileno(), cwd=ROOT)

    @atexit.register
    def end() -> None:
        ours.close()
        started.wait()

    return ours


def _serve() -> None:
    """Fork for whoever asks, until nobody can any more."""
    asking = socket.socket(fileno=os.dup(0))
    for module in pkgutil.walk_packages(signon.__path__, "signon."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    patience.have()
    gc.freeze()
    while True:
        data, handed, _, _ = socket.recv_fds(asking, MOST_BYTES, 3)
        if not data:
            return
        reads, writes = os.pipe()
        if child := os.fork():
            # only when the one between is gone is its child the child of whoever asked
            os.waitpid(child, 0)
            asking.send(os.read(reads, 64))
            for number in (reads, writes, *handed):
                os.close(number)
        elif born := os.fork():
            os.write(writes, str(born).encode())
            os._exit(0)
        else:
            asking.close()
            os.closerange(reads, writes + 1)
            _be(handed, **json.loads(data))


def _be(handed: list[int], words: list[str], cwd: str, env: dict[str, str]) -> NoReturn:
    """Become `signon` with these words, as if just started."""
    for number, pipe in enumerate(handed):
        os.dup2(pipe, number)
        os.close(pipe)
    sys.stdin, sys.stdout = open(0, closefd=False), open(1, "w", closefd=False)  # noqa: SIM115 - for good
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115 - for good
    os.setsid()
    os.chdir(cwd)
    os.environ.clear()
    os.environ.update(env)
    # as `python -m signon`: what its own workers import first
    program = sys.modules["__main__"] = import_module("signon.__main__")
    sys.argv = [str(program.__file__), *words[1:]]
    main()
    sys.exit()


if __name__ == "__main__":
    _serve()
