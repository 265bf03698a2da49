"""docs/pacer-api.md: its examples run as they stand, and its tables say what the rules say."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from signon.oidc.cso_tokens import RENEWED, TOKEN_TYPE
from signon.pacer_api import texts
from tests.demo.running import Running, running
from tests.deployment import documents

DOCUMENT = documents.ROOT / "docs" / "pacer-api.md"
pytestmark = [pytest.mark.xdist_group("programs"), pytest.mark.timeout(120)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A demonstration of its own."""
    with running(tmp_path_factory.mktemp("documented") / "data") as started:
        yield started
        started.stop()


@pytest.fixture
def environment(demo: Running) -> Mapping[str, str]:
    """What the examples read: where the demonstration is, and one of its people."""
    person = demo.person("reader")
    return {
        **os.environ,
        "SIGNON": demo.address("signon"),
        "PCL": demo.address("mailbox"),
        "PACER_USERNAME": person["username"],
        "PACER_PASSWORD": person["password"],
        "NO_PROXY": "localhost",
        "no_proxy": "localhost",
    }


def block(language: str) -> str:
    """The document's one block of a language."""
    (found,) = re.findall(
        rf"^```{language}\n(.*?)^```", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL
    )
    return str(found)


def said(command: list[str], environment: Mapping[str, str]) -> str:
    """What a command answers."""
    done = subprocess.run(
        command, env=dict(environment), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_curl(environment: Mapping[str, str]):
    """Both lines sign in, each in its format."""
    if shutil.which("curl") is None:
        pytest.skip("no curl on this machine")
    in_json, in_xml = documents.lines(DOCUMENT, starting="curl")
    assert '"loginResult":"0"' in said(["sh", "-c", in_json], environment)
    assert "<loginResult>0</loginResult>" in said(["sh", "-c", in_xml], environment)


def test_python(environment: Mapping[str, str]):
    """Signs in, searches, logs out."""
    assert said([sys.executable, "-c", block("python")], environment) == "2 cases\n"


def test_java(environment: Mapping[str, str], tmp_path: Path):
    """Sends JSON and reads XML, as the guide's sample does; by its defaults it offers HTTP/2 too."""
    if shutil.which("javac") is None:
        pytest.skip("no JDK on this machine")
    path = tmp_path / "CsoAuth.java"
    path.write_text(block("java"))
    assert said(["java", str(path)], environment) == "signed in\n"


def test_a_client_of_the_case_locator(demo: Running):
    """The command as it stands."""
    _, *arguments = documents.command(DOCUMENT, starting="signon clients create")
    assert "client_id" in demo.command(*arguments)


def test_the_tables_say_what_the_rules_say():
    """Codes, members, names."""
    text = DOCUMENT.read_text()
    for literal in (
        *(texts.SUCCESS, texts.REDACTION, texts.REFUSED, texts.MALFORMED, texts.UNAVAILABLE),
        *(texts.INVALID, TOKEN_TYPE, RENEWED, "--cso-tokens"),
    ):
        assert f"`{literal}`" in text, literal
