"""A provider to measure: a database filled by the functions that operators use, and its config."""

import base64
import os
import secrets
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert

from signon import config, ids, schema
from signon.accounts import creation, found_by
from signon.accounts.creation import NewAccount
from signon.accounts.hashing import Hasher
from signon.accounts.models import AccountKind
from signon.app import wire
from signon.clients import registration
from signon.clients.application import Application, Server
from signon.clients.registration import Registered
from signon.config import Settings
from signon.courts import changes, loading
from signon.crypto import KeyRing
from signon.db import BULK, Database, Unit
from signon.filing.models import rights
from signon.filing.rights.filing_status import RightStatus
from signon.signin import enrolment
from signon.tokens import rotation
from tests.bench import bench as harness

CONFIGS = Path(__file__).with_name("configs")
COURT = "casb"
USERNAME = "bench.filer"
CROWD = tuple(f"bench.person.{number}" for number in range(200))
"""People with the same password as the filer, each at an address of their own."""
ENROLLED = tuple(f"bench.enrolled.{number}" for number in range(150))
"""People like them who have an authenticator app, all with the key `APP`."""
APP = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
REDIRECT_URI = "http://127.0.0.1:9999/cb"
"""Nothing listens there: the driver reads the code out of the redirect."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a client and a browser must know of the database."""

    password: str
    court: Registered
    """A court's relying party: code and refresh."""
    service: Registered
    """The same court's service client: client credentials for the REST API."""


def fill(settings: Settings) -> Filled:
    """Migrate, make keys, load the courts, and add a filer with a right and two clients."""
    url = settings.database_url.get_secret_value()
    schema.upgrade(url)
    ring = KeyRing(settings.key_bytes)
    database = wire(Database(url, pool=1, timeouts=BULK, ring=ring))
    password = secrets.token_urlsafe(16)
    hashed = Hasher(settings).hash(password)
    try:
        keys = rotation.rotate(database, ring, overlap=timedelta(days=1))
        server = Server(settings.is_https, [key.alg for key in keys])
        with database.writing() as unit:
            loading.load(unit, loading.shipped(), actor="system")
            # the load has no hand to tick a box with
            changes.change(unit, "casb", values={"redaction_notice": "off"}, actor="system")
            account = creation.create(unit, ring, _FILER, password_hash=hashed, actor="system")
            unit.execute(insert(rights), _right(unit, account.id))
            found_by.known_at(unit, account.id, "casb")
            for username in CROWD:
                person = replace(_FILER, username=username)
                creation.create(unit, ring, person, password_hash=hashed, actor="system")
            for username in ENROLLED:
                person = replace(_FILER, username=username)
                made = creation.create(unit, ring, person, password_hash=hashed, actor="system")
                enrolment.keep_app(unit, ring, made.id, APP, "Phone", None)
            court = registration.register(unit, _COURT, server)
            service = registration.register(unit, _SERVICE, server)
    finally:
        database.close()
    return Filled(password, court, service)


@contextmanager
def configured(
    name: str, url: str, folder: Path, pid_file: Path | None
) -> Iterator[tuple[Any, Settings]]:
    """Fill the database and answer the harness's config `name` for a provider over it.

    The config's variables and nothing of the desk's own settings stand in the environment
    while the block runs. `pid_file` is the database server's; SQLite has none.
    """
    port = free_port()
    key = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    settings = config.load(
        _env_file=None,
        issuer=f"http://127.0.0.1:{port}",
        database_url=url,
        secret_keys=key,
        smtp_url=f"file:{folder / 'mail'}",
    )
    filled = fill(settings)
    variables = {
        "BENCH_PYTHON": sys.executable,
        "BENCH_PORT": str(port),
        "BENCH_FOLDER": str(folder),
        "BENCH_DATABASE_URL": url,
        "BENCH_DATABASE_PID_FILE": str(pid_file or ""),
        "BENCH_SECRET_KEYS": key,
        "BENCH_COURT_ID": filled.court.client_id,
        "BENCH_COURT_SECRET": str(filled.court.client_secret),
        "BENCH_SERVICE_ID": filled.service.client_id,
        "BENCH_SERVICE_SECRET": str(filled.service.client_secret),
        "BENCH_USERNAME": USERNAME,
        "BENCH_PASSWORD": filled.password,
    }
    with environment(variables):
        yield harness.load_config(CONFIGS / f"{name}.json"), settings


def free_port() -> int:
    """A port on which nobody listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def environment(variables: Mapping[str, str]) -> Iterator[None]:
    """The variables, and no setting of the desk's own, while the block runs."""
    before = dict(os.environ)
    for name in before:
        if name.startswith("SIGNON_"):
            del os.environ[name]
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


def _right(unit: Unit, account_id: str) -> dict[str, object]:
    return {
        "id": ids.new_id(),
        "account_id": account_id,
        "court_id": COURT,
        "login": USERNAME,
        "status": RightStatus.ACTIVE,
        "roles": ["attorney"],
        "cases": None,
        "admission": "full",
        "created_at": unit.now,
    }


_FILER = NewAccount(
    kind=AccountKind.INDIVIDUAL,
    username=USERNAME,
    email="bench@example.org",
    first_name="Ada",
    last_name="Attorney",
    date_of_birth=date(1970, 1, 2),
)
_COURT = Application(name="CM/ECF", court=COURT, redirect_uris=[REDIRECT_URI])
_SERVICE = Application(
    name="CM/ECF, service", court=COURT, grants=["client_credentials"], scopes=["court"]
)
