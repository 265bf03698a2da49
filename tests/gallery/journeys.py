"""Programs as their registries have them, through sign-in, refresh and sign-out: `make gallery`.

No part of `make test`, whose runs need no registry: pytest does not collect a file of this name
unless it is named.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

import pytest

from signon.clients.presets import PRESETS
from tests.gallery.person import Person
from tests.gallery.programs_here import Place, free_port, running, skip_unless_installed
from tests.infra.served import Databases, Served

pytestmark = pytest.mark.timeout(300)
AGENTS = {"oidc-agent", "mod_auth_openidc"}
"""No web program of its own: the one below, the other in tests/deployment/test_court_apache.py."""


@pytest.fixture
def served(served_databases: Databases, tmp_path: Path) -> Iterator[Served]:
    """A provider as it is served, with one attorney whose address is proved."""
    with served_databases.serving("sqlite", tmp_path, workers=1) as made:
        attorney = made.account()
        made.change_account(attorney, email_verified=True)
        made.right(attorney)
        yield made


def registered(served: Served, name: str, folder: Path) -> Place:
    """A client as `--for` makes it, and what was printed for the other side."""
    port = free_port()
    done = served.command(
        *("clients", "create", "--for", name, "--name", "Gallery", "--court", "casb", "--json"),
        *("--redirect-uri", f"http://localhost:{port}{PRESETS[name].callback}"),
        *("--post-logout-redirect-uri", f"http://localhost:{port}/goodbye"),
    )
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    return Place(name, folder, port, served.settings.issuer, made["configuration"])


@pytest.mark.parametrize("name", [name for name in PRESETS if name not in AGENTS])
def test_sign_in_refresh_and_sign_out(served: Served, name: str, tmp_path: Path):
    """The program learns who it is, goes on with new tokens, and signs the person out everywhere."""
    program = skip_unless_installed(name)
    place = registered(served, name, tmp_path)
    with running(program, place) as said, Person(served.settings.issuer) as person:
        home = person.open(f"{place.url}{program.home}")
        assert home.status_code == 200, (home.url, home.text, said(), served.log)
        assert home.json()["email"] == "a.attorney@example.org", home.text
        assert person.was_asked
        if PRESETS[name].refreshes:
            _refreshes(person, place, name, served, said())
        goodbye = person.open(f"{place.url}{_sign_out(program.sign_out, place, name)}")
        assert str(goodbye.url) == f"{place.url}/goodbye", (goodbye.url, goodbye.text, said())
        again = person.open(f"{place.url}{program.home}")
        assert again.status_code == 200, (again.url, again.text)
        assert person.was_asked, f"after {name} has signed out, the provider lets in unasked"


def _refreshes(person: Person, place: Place, name: str, served: Served, said: str) -> None:
    if name == "oauth2-proxy":
        time.sleep(1.5)  # it refreshes by itself what is older than a second here
        assert person.open(f"{place.url}/oauth2/userinfo").status_code == 200
        assert not person.was_asked
        return
    done = person.open(f"{place.url}/refresh")
    assert done.status_code == 200, (done.text, said, served.log)
    assert done.json() == {"refreshed": True}


def _sign_out(path: str, place: Place, name: str) -> str:
    if name != "oauth2-proxy":
        return path
    goodbye = {"post_logout_redirect_uri": f"{place.url}/goodbye", "client_id": _id(place)}
    onward = f"{place.issuer}/oauth2/end_session?{urlencode(goodbye)}"
    return f"/oauth2/sign_out?{urlencode({'rd': onward})}"


def _id(place: Place) -> str:
    (line,) = (one for one in place.configuration.splitlines() if one.startswith("client_id"))
    return line.split('"')[1]


def test_oidc_agent(served: Served, tmp_path: Path):
    """Debian's, on a person's own machine: the browser comes back to a server of its own."""
    if not shutil.which("oidc-gen"):
        pytest.skip("oidc-agent is not installed here")
    place = registered(served, "oidc-agent", tmp_path)
    home = {"HOME": str(tmp_path), "PATH": os.environ["PATH"], "OIDC_ENCRYPTION_PW": "none"}
    (tmp_path / ".config").mkdir()
    agent = subprocess.run(["oidc-agent"], env=home, capture_output=True, text=True, check=True)
    home |= dict(re.findall(r"(OIDC\w+)=([^;]+);", agent.stdout))
    try:
        _make(place, home, tmp_path / "gen.log")
        tokens = {_of_agent(home) for _ in range(2)}
        assert len(tokens) == 2
    finally:
        subprocess.run(["oidc-agent", "--kill"], env=home, check=True, capture_output=True)


def _make(place: Place, home: dict[str, str], log: Path) -> None:
    """`oidc-gen` as it was printed, and the person who opens the address that it says."""
    asked = shlex.split(place.configuration.replace("\\\n", " "), comments=True)
    options = ("--manual", "--pw-env", "--prompt=none", "--confirm-yes", "--no-url-call")
    with (
        log.open("w") as said,
        subprocess.Popen([*asked, *options], env=home, stdout=said, stderr=said, text=True) as gen,
        Person(place.issuer) as person,
    ):
        assert person.open(_printed(log, gen)).status_code == 200
        assert gen.wait(60) == 0, log.read_text()


def _printed(log: Path, gen: subprocess.Popen[str]) -> str:
    for _ in range(150):
        if found := re.search(r"https?://\S+/oauth2/authorize\S+", log.read_text()):
            return found[0]
        assert gen.poll() is None, log.read_text()
        time.sleep(0.2)
    raise AssertionError(log.read_text())


def _of_agent(home: dict[str, str]) -> str:
    command = ["oidc-token", "--force-new", "signon"]
    return subprocess.run(command, env=home, capture_output=True, text=True, check=True).stdout
