"""Three PostgreSQL under Patroni with etcd, from the files of docs/examples/ha, on one machine."""

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic, sleep

import httpx2
import psycopg
import pytest

from tests.deployment import documents, processes
from tests.infra.postgres import RunAs

HA = documents.EXAMPLES / "ha"
PATRONI = documents.ROOT / ".cache" / "ha" / "bin" / "patroni"
PASSWORD = "change-me"
INIT = """
import ctypes, os, sys
PR_SET_CHILD_SUBREAPER = 36
ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
os.spawnv(os.P_NOWAIT, sys.argv[1], sys.argv[1:])
try:
    while True:
        os.wait()
except ChildProcessError:
    pass
"""
"""A machine's first process, which buries who has died: not everybody's does where tests run, and
Patroni waits for a server whose process is still there."""
NAMES = ("db1", "db2", "db3")
NODE_BYTES = 400 * 1024 * 1024
"""Of a node's own disk, where one may be made for it."""
PATIENCE_SECONDS = 100


@dataclass
class Node:
    """One machine of the three: etcd, Patroni, and the PostgreSQL that Patroni has started."""

    name: str
    folder: Path
    ports: Mapping[str, int]
    environment: dict[str, str]
    run_as: RunAs
    has_own_disk: bool = False
    _patroni: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def data(self) -> Path:
        """Where its database lies."""
        return self.folder / "disk" / "data"

    def start(self) -> None:
        """Start Patroni, which starts PostgreSQL."""
        with (self.folder / "patroni.log").open("ab") as log:
            self._patroni = subprocess.Popen(
                [PATRONI.with_name("python"), "-c", INIT, PATRONI, HA / "patroni.yml"],
                stdout=log,
                stderr=log,
                stdin=subprocess.DEVNULL,
                env=self.environment,
                cwd=self.folder,
                start_new_session=True,
                **self.run_as,
            )

    def send(self, number: signal.Signals) -> None:
        """A signal to all of it but etcd, so that nobody is left who could answer for it."""
        for pid in self._pids():
            with suppress(ProcessLookupError):
                os.kill(pid, number)
        if number == signal.SIGKILL and self._patroni is not None:
            self._patroni.wait()
            self._patroni = None

    def fill(self) -> None:
        """Take all the room that is left on its disk."""
        assert self.has_own_disk
        with suppress(OSError), (self.folder / "disk" / "filler").open("wb", buffering=0) as filler:
            while True:
                filler.write(bytes(1 << 16))

    def make_room(self) -> None:
        """Give it back."""
        (self.folder / "disk" / "filler").unlink(missing_ok=True)

    @property
    def address(self) -> str:
        """How its superuser reaches it (libpq's form)."""
        return f"host=127.0.0.1 port={self.ports['sql']} user=postgres password={PASSWORD}"

    @property
    def has_ended(self) -> bool:
        """Whether Patroni gave up by itself."""
        return self._patroni is not None and self._patroni.poll() is not None

    def leads(self) -> bool:
        """Whether Patroni says that this one takes writes."""
        return self._says("/primary")

    def follows(self) -> bool:
        """Whether it is a standby that streams."""
        return self._says("/replica")

    def confirms(self) -> bool:
        """Whether no commit is acknowledged without it."""
        return self._says("/synchronous")

    @property
    def log(self) -> str:
        """The last of what Patroni and PostgreSQL said."""
        return (self.folder / "patroni.log").read_text(errors="replace")[-3000:]

    def _says(self, path: str) -> bool:
        try:
            address = f"http://127.0.0.1:{self.ports['rest']}{path}"
            return httpx2.get(address, timeout=1).status_code == 200
        except httpx2.HTTPError:
            return False

    def _pids(self) -> Sequence[int]:
        """All but the first process, which ends with them."""
        found = [self._patroni.pid] if self._patroni else []
        for pid in found:
            with suppress(OSError):
                found += processes.children(pid)
        return found[1:]


@dataclass(frozen=True)
class Replicated:
    """The three, and how signon reaches whichever takes writes."""

    nodes: Sequence[Node]
    url: str

    def leader(self, *, but: Node | None = None) -> Node:
        """Who takes writes, as soon as somebody does."""
        return self.wait("nobody leads", lambda node: node is not but and node.leads())

    def wait_for_a_pair(self, *, but: Node | None = None) -> None:
        """Until a leader has somebody who confirms."""
        self.leader(but=but)
        self.wait("nobody confirms", lambda node: node is not but and node.confirms())

    def wait(self, otherwise: str, is_so: Callable[[Node], bool]) -> Node:
        """The first node of which it is so."""
        ends = monotonic() + PATIENCE_SECONDS
        while monotonic() < ends and not any(node.has_ended for node in self.nodes):
            for node in self.nodes:
                if is_so(node):
                    return node
            sleep(0.05)
        logs = "\n\n".join(f"{node.name}:\n{node.log}" for node in self.nodes)
        raise AssertionError(f"{otherwise}\n{logs}")


@contextmanager
def running() -> Iterator[Replicated]:
    """The three at work, with signon's role and an empty database.

    Skips the test where Patroni, etcd or Debian's PostgreSQL are missing.
    """
    programs = _programs()
    etcd = processes.program("etcd", package="etcd-server")
    with processes.folder("ha") as folder, ExitStack() as stack:
        nodes = [_node(folder / name, programs) for name in NAMES]
        own = _environments(nodes)
        for node in nodes:
            node.environment |= own[node.name]
            stack.callback(_end, node)
            _give_a_disk(node)
            node.run_as = processes.hand_over(node.folder)
        for node in nodes:
            stack.enter_context(_etcd(etcd, node))
        for node in nodes:
            node.start()
        made = Replicated(nodes, _url(nodes))
        made.wait_for_a_pair()
        _prepare(made.leader())
        yield made


def _programs() -> Path:
    if not PATRONI.exists():
        pytest.skip("no Patroni: make drills installs it")
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/pg_rewind"))
    if not found:
        pytest.skip("no pg_rewind: it is not on this machine (apt-get install postgresql)")
    return found[-1].parent


def _node(folder: Path, programs: Path) -> Node:
    folder.mkdir()
    kinds = ("client", "peer", "rest", "sql")
    ports = dict(zip(kinds, processes.free_ports(len(kinds)), strict=True))
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PATRONI_POSTGRESQL_BIN_DIR": str(programs),
        "HOME": str(folder),
    }
    return Node(folder.name, folder, ports, environment, {})


def _environments(nodes: Sequence[Node]) -> dict[str, dict[str, str]]:
    """What the examples say of db1, of each of them, with addresses of this machine."""
    found = {}
    example = {**_example("etcd.env"), **_example("patroni.env")}
    for node in nodes:
        said = {name: _moved(value, node, nodes) for name, value in example.items()}
        said["PATRONI_POSTGRESQL_DATA_DIR"] = str(node.data)
        said["ETCD_DATA_DIR"] = str(node.folder / "etcd")
        del said["PATRONI_POSTGRESQL_BIN_DIR"]
        found[node.name] = said
    return found


def _example(name: str) -> dict[str, str]:
    lines = (HA / name).read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


_KINDS = {"2379": "client", "2380": "peer", "8008": "rest", "5432": "sql"}


def _moved(value: str, node: Node, nodes: Sequence[Node]) -> str:
    """A value of db1's for another node, with the ports that are free here."""
    if "," not in value:
        value = value.replace("db1", node.name)
    for number, kind in _KINDS.items():
        for one in nodes:
            value = value.replace(f"{one.name}:{number}", f"127.0.0.1:{one.ports[kind]}")
        value = value.replace(f"0.0.0.0:{number}", f"127.0.0.1:{node.ports[kind]}")
    return value


def _url(nodes: Sequence[Node]) -> str:
    said = _example("signon.env")["SIGNON_DATABASE_URL"]
    return _moved(said.replace("&", ",&"), nodes[0], nodes).replace(",&", "&")


def _give_a_disk(node: Node) -> None:
    """A file system of its own, where we may make one: another's cannot be filled."""
    disk = node.folder / "disk"
    disk.mkdir()
    options = ["-t", "tmpfs", "-o", f"size={NODE_BYTES}", "tmpfs", str(disk)]
    if os.geteuid() == 0 and shutil.which("mount"):
        done = subprocess.run(["mount", *options], capture_output=True, check=False)
        node.has_own_disk = done.returncode == 0


def _end(node: Node) -> None:
    node.send(signal.SIGKILL)
    if node.has_own_disk:
        subprocess.run(["umount", "--lazy", str(node.folder / "disk")], check=False)


@contextmanager
def _etcd(program: str, node: Node) -> Iterator[None]:
    with processes.running(
        [program],
        node.folder / "etcd.log",
        ready=lambda: processes.listens(node.ports["client"]),
        environment=node.environment,
        run_as=node.run_as,
        cwd=node.folder,
    ):
        yield


def _prepare(leader: Node) -> None:
    """Run signon.sql, whose one variable is psql's."""
    statements = (HA / "signon.sql").read_text().replace(":'password'", f"'{PASSWORD}'")
    with psycopg.connect(leader.address, autocommit=True) as connection:
        for statement in statements.split(";"):
            connection.execute(statement.encode())
