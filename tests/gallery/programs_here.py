"""The programs of the gallery: how each is started with what was printed for it."""

import os
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx2
import pytest

PROGRAMS = Path(__file__).parent / "programs"
INSTALLED = Path(__file__).parents[2] / ".cache" / "gallery"
START_SECONDS = 90


@dataclass(frozen=True)
class Place:
    """Where a program runs: its own folder, its port, the provider, the configuration's text."""

    name: str
    folder: Path
    port: int
    issuer: str
    configuration: str

    @property
    def url(self) -> str:
        """The program's own address."""
        return f"http://localhost:{self.port}"

    def written(self, name: str) -> Path:
        """The configuration as a file."""
        file = self.folder / name
        file.write_text(self.configuration)
        return file


@dataclass(frozen=True)
class Program:
    """How a program is started, where its pages are, and what the gallery needs installed."""

    needs: Path
    start: Callable[[Place], Sequence[str]]
    home: str = "/"
    refresh: str | None = "/refresh"
    sign_out: str = "/sign-out"
    environment: Mapping[str, str] = field(default_factory=dict)


def _python(script: str) -> Program:
    def start(place: Place) -> list[str]:
        file = place.written("signon_settings.py")
        python, program = INSTALLED / "python" / "bin" / "python", PROGRAMS / "python" / script
        return [*map(str, (python, program)), place.name, str(file), str(place.port), place.issuer]

    return Program(INSTALLED / "python" / "bin" / "flask", start)


def _node() -> Program:
    def start(place: Place) -> list[str]:
        # among the installed packages, where Node looks for what it imports
        file = INSTALLED / "node" / f"signon-{place.name}.mjs"
        file.write_text(place.configuration)
        program = INSTALLED / "node" / "program.mjs"
        return ["node", str(program), place.name, str(file), str(place.port), place.issuer]

    return Program(INSTALLED / "node" / "node_modules" / "express", start)


def _spring(place: Place) -> list[str]:
    file = place.written("application.yml")
    jar = INSTALLED / "spring" / "target" / "spring-1.jar"
    location = f"--spring.config.additional-location=file:{file}"
    return ["java", "-jar", str(jar), f"--server.port={place.port}", location]


def _go(place: Place) -> list[str]:
    for file in (PROGRAMS / "go_oidc").iterdir():
        shutil.copy(file, place.folder)
    place.written("signon.go")
    subprocess.run(["go", "build", "-o", "program", "."], cwd=place.folder, check=True)
    return [str(place.folder / "program"), str(place.port), place.issuer]


def _oauth2_proxy(place: Place) -> list[str]:
    file = place.written("oauth2-proxy.cfg")
    binary = INSTALLED / "bin" / "oauth2-proxy"
    return [
        *(str(binary), f"--config={file}", f"--http-address=localhost:{place.port}"),
        *(
            "--upstream=static://200",
            "--skip-auth-route=GET=^/goodbye$",
            "--cookie-secure=false",
            "--skip-provider-button=true",
        ),
        *(
            "--cookie-refresh=1s",
            "--whitelist-domain=127.0.0.1:*",
            "--whitelist-domain=localhost:*",
        ),
    ]


HERE: Mapping[str, Program] = {
    "spring": Program(
        INSTALLED / "spring" / "target" / "spring-1.jar", _spring, sign_out="/logout"
    ),
    "django-allauth": _python("on_django.py"),
    "mozilla-django-oidc": _python("on_django.py"),
    "flask-oidc": _python("on_flask.py"),
    "idpyoidc": _python("on_flask.py"),
    "requests-oauthlib": _python("on_flask.py"),
    "passport": _node(),
    "express-openid-connect": _node(),
    "authjs": _node(),
    "openid-client": _node(),
    "go-oidc": Program(Path(shutil.which("go") or "go"), _go),
    "oauth2-proxy": Program(
        INSTALLED / "bin" / "oauth2-proxy",
        _oauth2_proxy,
        home="/oauth2/start?rd=/oauth2/userinfo",
        environment={"OAUTH2_PROXY_COOKIE_SECRET": "0123456789abcdef"},
    ),
}


@contextmanager
def running(program: Program, place: Place) -> Iterator[Callable[[], str]]:
    """The program while the block lasts; answers how to read what it has said."""
    log = place.folder / "said.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            program.start(place),
            cwd=place.folder,
            env={**os.environ, **program.environment, "PYTHONWARNINGS": "ignore"},
            stdout=said,
            stderr=said,
        )
    try:
        _wait(process, place, log)
        yield log.read_text
    finally:
        process.terminate()
        process.wait(20)


def free_port() -> int:
    """A port that nobody has now, below those that are given out: oidc-agent takes no other."""
    while True:
        port = random.randint(20_000, 32_000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


def skip_unless_installed(name: str) -> Program:
    """The program; skips where the machine cannot have it."""
    if name not in HERE or not HERE[name].needs.exists():
        pytest.skip(f"{name} is not installed here")
    return HERE[name]


def _wait(process: subprocess.Popen[bytes], place: Place, log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            httpx2.get(f"{place.url}/goodbye", follow_redirects=False)
        except httpx2.TransportError:
            time.sleep(0.2)
        else:
            return
