"""The bench's configurations work: the harness signs in and gets an answer of every measure."""

import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import httpx2
import psycopg
import pytest

from tests.bench import bench as harness
from tests.bench import peer, population, provider, reading, results, signing_in
from tests.infra.databases import PostgresDatabases

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("bench-configuration")]

COUNTED = """
SELECT (SELECT count(*) FROM accounts), count(*), count(DISTINCT court_id)
FROM filing_rights WHERE legacy_login_id IS NOT NULL
"""


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def config(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Any]:
    """The config of a provider that is running now: one for each database."""
    folder = tmp_path_factory.mktemp("bench")
    url = f"sqlite:///{folder / 'empty.db'}"
    # the load is not measured here, so neither is the database: any pid will do
    pid_file = folder / "pid"
    pid_file.write_text("1")
    with pytest.MonkeyPatch.context() as patched, ExitStack() as stack:
        patched.setattr(tempfile, "tempdir", str(folder))
        if request.param == "postgresql":
            databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
            url = stack.enter_context(databases.empty())
        made = provider.configured(f"signon-{request.param}", url, folder, pid_file)
        found, _ = stack.enter_context(made)
        server = harness.Peer(found)
        stack.callback(server.stop)
        server.start()
        yield found


def test_every_measure_gets_the_answer_that_it_measures(config):
    """Client credentials, code flow, refresh, introspection, UserInfo and published documents."""
    _, service, form = harness.cc_requests(config)["cc"]
    assert _post_token(config, service, form)["scope"] == "court"
    tokens = harness.tokens(config, 2)[-1]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    status, body = harness.http(config["base"] + config["userinfo"], None, bearer)
    assert status == 200
    assert json.loads(body)["ecf_status"] == "active"
    form = urlencode({"token": tokens["access_token"]}).encode()
    own = {"Authorization": harness.basic(config["client"])}
    status, body = harness.http(config["base"] + config["introspect"], form, own)
    assert status == 200
    assert json.loads(body)["active"] is True
    refresh = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
    refreshed = _post_token(config, config["client"], refresh)
    assert refreshed["refresh_token"] != tokens["refresh_token"]
    for path in (config["discovery"], config["jwks"]):
        assert harness.http(config["base"] + path)[0] == 200


def test_every_reading_of_our_own_is_answered(config):
    """With what it is about: the filer, who is in every list."""
    for name in results.OURS:
        with httpx2.Client(base_url=config["base"], timeout=60) as http:
            path, head = reading.request_of(http, config, name)
            answer = http.get(path, headers=head)
        assert answer.status_code == 200
        if name in {"filer", "filers", "search"}:
            assert "bench@example.org" in answer.text


def test_a_browser_of_the_load_signs_in(config):
    """With the page's form and cookie, as one of the crowd, again and again."""

    async def sign_in_twice() -> list[signing_in.Answer]:
        async with signing_in.client() as http:
            browser = signing_in.Browser(http, config, provider.CROWD[7])
            await browser.open()
            return [await browser.sign_in() for _ in range(2)]

    assert asyncio.run(sign_in_twice()) == [(303, None), (303, None)]


def test_a_browser_of_the_load_signs_in_with_an_app(config):
    """Each code once: of three half minutes' codes each is good for one sign-in."""

    async def sign_in() -> list[tuple[bool, signing_in.Answer | None]]:
        async with signing_in.client() as http:
            browser = signing_in.EnrolledBrowser(http, config, provider.ENROLLED[7])
            await browser.open()
            return [(browser.has_code, await browser.sign_in()) for _ in range(2)]

    assert asyncio.run(sign_in()) == [(True, (303, None)), (True, (303, None))]


def test_a_population_is_accounts_and_links_beside_the_filer(
    postgres_databases: PostgresDatabases, tmp_path: Path
):
    """As many as asked for, the links in many courts, each with its legacy login."""
    with (
        postgres_databases.empty() as url,
        provider.configured("signon-sqlite", url, tmp_path, None),
        psycopg.connect(url.replace("+psycopg", "", 1), autocommit=True) as connection,
    ):
        population.populate(connection, 60, 40, lambda _: None)
        counted = connection.execute(COUNTED).fetchone()
    assert counted == (60 + 1 + len(provider.CROWD) + len(provider.ENROLLED), 40, 40)


def test_the_best_run_is_the_one_that_used_least_cpu():
    """Of several runs the table shows the one nearest to the true cost, and counts all errors."""
    quiet = {"measure": "jwks", "concurrency": 8, "server_cpu_ms": 0.05, "db_cpu_ms": 0.01}
    disturbed = quiet | {"server_cpu_ms": 0.09, "status_errors": 2, "timeouts": 1}
    assert results.best([disturbed, quiet, {"measure": "memory", "concurrency": None}]) == [quiet]
    assert results.faults([quiet, disturbed]) == 3


def test_the_ratio_compares_the_best_runs_of_the_same_measure():
    """What we cost for one of theirs; nothing when theirs was not measured at that concurrency."""
    ours = {"measure": "jwks", "concurrency": 8, "server_cpu_ms": 0.05, "db_cpu_ms": 0.01}
    theirs = [
        ours | {"server_cpu_ms": 0.50},
        ours | {"server_cpu_ms": 0.11},
        ours | {"concurrency": 1, "server_cpu_ms": 0.01},
    ]
    assert results.ratio(ours, theirs) == pytest.approx(0.5)
    assert results.ratio(ours | {"concurrency": 32}, theirs) is None


def test_a_peer_that_cannot_be_installed_is_an_error_that_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Npm's own words come along, and the bench goes on without the peer."""
    monkeypatch.setattr(peer, "FOLDER", tmp_path)
    (tmp_path / "package-lock.json").write_text("{}")
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho the lock is empty >&2\nexit 1\n")
    npm.chmod(0o755)
    # it lies beside Python
    monkeypatch.setattr(sys, "executable", str(tmp_path / "python"))
    with pytest.raises(peer.NoPeerError, match="npm ci failed: the lock is empty"):
        peer.install()


def _post_token(config: Any, client: Any, form: dict[str, str]) -> Any:
    head = {"Authorization": harness.basic(client)}
    address = config["base"] + config["token"]
    status, body = harness.http(address, urlencode(form).encode(), head)
    assert status == 200, body
    return json.loads(body)
