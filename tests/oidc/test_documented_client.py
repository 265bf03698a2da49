"""The client of docs/courts.md, as a court's web team copies it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.infra.served import Databases, Served
from tests.infra.world import PASSWORD

CALLBACK = "https://ecf.casb.test/callback"

pytestmark = pytest.mark.timeout(180)
"""Starting processes takes its time on a busy machine."""


@pytest.fixture
def served(served_databases: Databases, tmp_path: Path) -> Iterator[Served]:
    """A provider as it is served."""
    with served_databases.serving("sqlite", tmp_path, workers=1) as made:
        yield made


@pytest.fixture
def program(
    served: Served, pytestconfig: pytest.Config, monkeypatch: pytest.MonkeyPatch
) -> dict[str, Any]:
    """What the document's block defines, configured as it says."""
    secret = served.client(redirect_uris=[CALLBACK])
    values = {"ISSUER": served.settings.issuer, "CLIENT_ID": "casb-cmecf", "CALLBACK": CALLBACK}
    for name, value in {**values, "CLIENT_SECRET": secret or ""}.items():
        monkeypatch.setenv(name, value)
    page = (pytestconfig.rootpath / "docs" / "courts.md").read_text()
    (block,) = re.findall(r"^```python\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    names: dict[str, Any] = {}
    exec(compile(block, "docs/courts.md", "exec"), names)
    return names


def test_it_learns_who_came(served: Served, program: dict[str, Any]):
    """Discovery, PKCE, code and UserInfo; another browser's answer is none."""
    served.right(served.account())
    address, kept = program["begin"]()
    browser = served.browser()
    browser.get(address)
    browser.sign_in("a.attorney", PASSWORD)
    back = dict(parse_qsl(urlsplit(browser.location).query))
    with pytest.raises(PermissionError, match="not the browser that began"):
        program["finish"](back | {"state": "x"}, kept)
    claims = program["finish"](back, kept)
    assert (claims["name"], claims["ecf_status"]) == ("Ada Attorney", "active")
