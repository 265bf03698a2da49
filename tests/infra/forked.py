"""`signon …` as a process of its own that need not import the product first.

Importing it costs two seconds of computing, and a run of the tests starts dozens of such
processes. So a nursery forks: the processes are as real as others, with an environment, a folder,
pipes and signals of their own. It was itself forked from the process of the tests, which has
imported the product anyway, before that had threads, connections or anything patched. Whoever
tests how the program starts starts it without this.
"""

import atexit
import ctypes
import faulthandler
import gc
import json
import os
import pkgutil
import select
import socket
import subprocess
import sys
import threading
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from multiprocessing import util
from pathlib import Path
from threading import Lock
from typing import Any, NoReturn

import signon
from signon.__main__ import main
from tests.infra import patience

MOST_BYTES = 1 << 18
SET_CHILD_SUBREAPER = 36
STAND_IN = """#!{python} -IS
import json, os, socket, sys
if (number := os.environ.pop("NURSERY", None)) is None:
    os.execv({program!r}, [{program!r}, *sys.argv[1:]])
nursery = socket.socket(fileno=int(number))
asked = dict(words=sys.argv, cwd=os.getcwd(), env=dict(os.environ), is_awaited=True)
socket.send_fds(nursery, [json.dumps(asked).encode()], [0, 1, 2])
sys.exit(int(nursery.recv(64)))
"""
MOST_DESCRIPTORS = 1 << 16
_ONE_AT_A_TIME = Lock()
HASTY = "WITH_TIME_OUTS_OF_PRODUCTION"
"""In the environment of whatever shall not have all the time there is."""
_OF_PRODUCTION: list[patience.TimeOut] = []
_OPENED: list[socket.socket] = []
"""The connection to this process's own nursery."""


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
            nursery = _OPENED[0]
            socket.send_fds(nursery, [json.dumps(asked).encode()], handed)
            self.pid = int(nursery.recv(64))
        self._child_created = True
        self._close_pipe_fds(*pipes)


def launch(command: Sequence[str], **how: Any) -> Signon:
    """As `subprocess.Popen` of a command that begins with the program's path."""
    return Signon(*command[1:], **how)


def run(*words: str, typed: str = "", **how: Any) -> subprocess.CompletedProcess[str]:
    """As `subprocess.run`, with both outputs captured."""
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with Signon(*words, **pipes, **how) as process:
        out, err = process.communicate(typed)
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def install(program: Path) -> None:
    """Put a program there that has `signon` born in the nursery, where that is `lent`.

    Elsewhere it starts the real one: what systemd runs is that.
    """
    real = str(Path(sys.executable).with_name("signon"))
    program.write_text(STAND_IN.format(python=sys.executable, program=real))
    program.chmod(0o755)


@contextmanager
def lent() -> Iterator[tuple[int, dict[str, str]]]:
    """What to hand to a shell whose commands are such programs: a descriptor, and how they find it."""
    with _ONE_AT_A_TIME:
        number = _OPENED[0].fileno()
        yield number, {"NURSERY": str(number)}


def open_nursery() -> None:
    """Have a nursery from now on, which ends with this process."""
    # so that what the nursery lets go of becomes our child, to be waited for
    ctypes.CDLL(None).prctl(SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    ours, its = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    pid = os.fork()
    if not pid:
        _end_after(lambda: _serve(its))
    its.close()
    _OPENED.append(ours)

    @atexit.register
    def end() -> None:
        ours.close()
        os.waitpid(pid, 0)


def _serve(asking: socket.socket) -> None:
    """Fork for whoever asks, until nobody can any more."""
    faulthandler.disable()
    os.closerange(3, asking.fileno())
    os.closerange(asking.fileno() + 1, MOST_DESCRIPTORS)
    select.select([asking], [], [])
    for module in pkgutil.walk_packages(signon.__path__, "signon."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    gc.enable()
    _OF_PRODUCTION.extend(patience.have())
    gc.freeze()
    while True:
        data, handed, _, _ = socket.recv_fds(asking, MOST_BYTES, 3)
        if not data:
            return
        asked = json.loads(data)
        is_awaited = asked.pop("is_awaited", False)
        reads, writes = os.pipe()
        if child := os.fork():
            # only when the one between is gone is its child the child of whoever asked
            _, status = os.waitpid(child, 0)
            ended = os.waitstatus_to_exitcode(status)
            asking.send(str(ended).encode() if is_awaited else os.read(reads, 64))
            for number in (reads, writes, *handed):
                os.close(number)
        elif not is_awaited and (born := os.fork()):
            os.write(writes, str(born).encode())
            os._exit(0)
        else:
            asking.close()
            os.closerange(reads, writes + 1)
            _be(handed, **asked)


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
    if HASTY in env:
        patience.lose(_OF_PRODUCTION)
    # as `python -m signon`: what its own workers import first
    program = sys.modules["__main__"] = import_module("signon.__main__")
    sys.argv = [str(program.__file__), *words[1:]]
    _end_after(main)


def _end_after(work: Callable[[], None]) -> NoReturn:
    """End with what this does, as a process of `multiprocessing`: what we stand on is not ours."""
    status = 1
    try:
        work()
        status = 0
    except SystemExit as ended:
        status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except KeyboardInterrupt:
        pass
    except BaseException:  # noqa: BLE001 - nobody above may see it
        traceback.print_exc()
    finally:
        util._exit_function()  # type: ignore[attr-defined]
        threading._shutdown()  # type: ignore[attr-defined]
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
