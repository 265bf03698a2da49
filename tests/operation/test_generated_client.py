"""A client that is generated from `openapi/signon.json` makes ten calls, with types.

What is generated is checked by mypy with what calls it, so that a model or a parameter that lost
its type is seen; then the calls are made.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from runpy import run_path
from typing import Any

import httpx
import pytest
from mypy import api as mypy
from openapi_python_client import generate
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser.errors import ErrorLevel

from signon.app import wire
from signon.config import Settings
from signon.db import Database
from tests.firms.conftest import service, signed_in
from tests.infra.clock import FrozenClock
from tests.infra.databases import ON_ONE
from tests.infra.world import World

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]
OPENAPI = Path(__file__).parents[2] / "openapi" / "signon.json"
TEN_CALLS = """
from signon_client import AuthenticatedClient
from signon_client.api.accounts_for_operators import find_accounts, read_account
from signon_client.api.courts import list_court_filers, read_court_policy, suspend_filer
from signon_client.api.your_own_account import (
    change_me,
    list_my_activity,
    list_my_courts,
    read_me,
    read_my_readiness,
)
from signon_client.models import (
    Accounts,
    AccountSeen,
    CourtFiler,
    CourtFilers,
    CourtPolicy,
    CourtReason,
    Me,
    MePatch,
    OwnActivity,
    OwnCourts,
    OwnReadiness,
    Problem,
    RightStatus,
)


def make(own: AuthenticatedClient, court: AuthenticatedClient, admin: AuthenticatedClient) -> None:
    me = read_me.sync(client=own)
    assert isinstance(me, Me)
    number: str = me.account_number
    changed = change_me.sync(client=own, body=MePatch(phone="+1 619 555 0100"), if_match="*")
    assert isinstance(changed, Me)
    phone: str | None = changed.phone
    assert phone is not None and phone.endswith("0100")
    rights = list_my_courts.sync(client=own)
    assert isinstance(rights, OwnCourts)
    assert [one.id for one in rights.courts] == ["casb"]
    readiness = read_my_readiness.sync("casb", client=own)
    assert isinstance(readiness, OwnReadiness)
    assert readiness.lines
    happened = list_my_activity.sync(client=own, limit=2)
    assert isinstance(happened, OwnActivity)
    filers = list_court_filers.sync("casb", client=court, status=RightStatus.ACTIVE)
    assert isinstance(filers, CourtFilers)
    assert [one.account_number for one in filers.filers] == [number]
    filer = suspend_filer.sync(
        "casb", number, client=court, body=CourtReason("Asked."), idempotency_key="once"
    )
    assert isinstance(filer, CourtFiler)
    assert filer.suspension_reason == "Asked."
    policy = read_court_policy.sync("casb", client=court)
    assert isinstance(policy, CourtPolicy)
    found = find_accounts.sync(client=admin, q=me.username)
    assert isinstance(found, Accounts)
    nobody: AccountSeen | Problem | None = read_account.sync("0000000", client=admin)
    assert isinstance(nobody, Problem)
    assert nobody.type_ == "urn:signon:problem:not-found"
"""
WRONG = {
    'MePatch(phone="+1 619 555 0100")': "MePatch(phone=5)",
    "me.account_number": "me.number",
    "status=RightStatus.ACTIVE": 'status="active"',
}
"""What of the calls would be a mistake, and the mistake."""


class ToTheWorld(httpx.BaseTransport):
    """What the client sends, handed to the served provider."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """The provider's answer."""
        answer = self._world.http.request(
            request.method, str(request.url), headers=dict(request.headers), content=request.read()
        )
        return httpx.Response(
            answer.status_code, headers=dict(answer.headers), content=answer.content
        )


@pytest.fixture
def world(
    settings: Settings, database: Database, clock: FrozenClock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[World]:
    """A served provider."""
    monkeypatch.setattr("signon.app.background", lambda *_: [])
    made = World.make(settings, wire(database), clock)
    with made.http:
        yield made


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the client's package; nothing but CSV bodies is left out of it."""
    folder = tmp_path_factory.mktemp("client")
    config = Config.from_sources(
        ConfigFile(post_hooks=[]), MetaType.NONE, OPENAPI, "utf-8", True, folder / "signon_client"
    )
    told = generate(config=config)
    assert [one for one in told if one.level is ErrorLevel.ERROR] == []
    assert {one.detail for one in told} <= {"Unsupported content type text/csv"}
    return folder


def client_of(package: Any, world: World, token: str) -> Any:
    """A client of the package with a token."""
    made = package.AuthenticatedClient(base_url=world.settings.issuer, token=token)
    headers = {"authorization": f"Bearer {token}"}
    return made.set_httpx_client(
        httpx.Client(base_url=world.settings.issuer, headers=headers, transport=ToTheWorld(world))
    )


@ON_ONE
def test_ten_calls(world: World, generated: Path, monkeypatch: pytest.MonkeyPatch):
    """Each answers its model; what is unknown answers a problem."""
    world.right(world.account())
    own = signed_in(world, "watch", "a.attorney", "openid account", scopes=["openid", "account"])
    court = service(world, "casb-service", "court", court_id="casb", scopes=["court"])
    admin = service(world, "operations", "admin", scopes=["admin"])
    (generated / "ten_calls.py").write_text(TEN_CALLS)
    monkeypatch.syspath_prepend(str(generated))
    calls = run_path(str(generated / "ten_calls.py"))
    package = sys.modules["signon_client"]
    calls["make"](*(client_of(package, world, one.token) for one in (own, court, admin)))
    for name in [one for one in sys.modules if one.partition(".")[0] == "signon_client"]:
        monkeypatch.delitem(sys.modules, name)


def test_the_calls_have_types(generated: Path, monkeypatch: pytest.MonkeyPatch):
    """Mypy takes the ten calls, and finds a mistake in each of three."""
    monkeypatch.setenv("MYPYPATH", str(generated))
    spoilt = TEN_CALLS
    for right, wrong in WRONG.items():
        assert right in spoilt
        spoilt = spoilt.replace(right, wrong)
    (generated / "right.py").write_text(TEN_CALLS)
    (generated / "wrong.py").write_text(spoilt)
    told, _, _ = mypy.run(
        [
            *("--strict", "--config-file=", "--follow-imports=silent", "--no-error-summary"),
            *(f"--cache-dir={generated}/mypy", f"{generated}/right.py", f"{generated}/wrong.py"),
        ]
    )
    found = told.splitlines()
    assert len(found) == len(WRONG), told
    assert all("wrong.py" in line for line in found), told
