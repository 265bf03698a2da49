"""A server with one account, browsers at it, and journeys to be on."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert, select, update
from starlette.testclient import TestClient

from signon import db, pools
from signon.accounts.directory import Account
from signon.app import create_app, wire
from signon.audit.models import events
from signon.clients.models import clients
from signon.config import Settings
from signon.courts.models import courts
from signon.crypto import KeyRing
from signon.db import Database
from signon.journeys import store
from signon.journeys.store import JourneyKind
from tests.accounts.making import make
from tests.infra.clock import FrozenClock
from tests.signin.browser import Browser

COURT = "https://ecf.casb.example"
CALLBACK = "http://localhost:8001/callback?from=signon"
CLIENT = "court-casb"


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database waits for its turn as long as that takes; name it before what opens one.

    Without it a crowd on a busy machine is turned away for want of time, which is another rule.
    """
    monkeypatch.setattr(pools, "WAIT_SECONDS", 60)
    monkeypatch.setattr(pools, "UNIT_SECONDS", 60)
    monkeypatch.setitem(db.SERVING, "statement_timeout", 60_000)
    monkeypatch.setitem(db.SERVING, "lock_timeout", 60_000)


@pytest.fixture
def ring(settings: Settings) -> KeyRing:
    """The settings' key ring."""
    return KeyRing(settings.key_bytes)


@pytest.fixture
def wired(database: Database) -> Database:
    """A database that writes its audit trail."""
    return wire(database)


@pytest.fixture
def account(wired: Database, settings: Settings) -> Account:
    """`ada.byron`, whose password is `PASSWORD`."""
    return make(wired, settings)


@pytest.fixture
def browser(browsers: Callable[[], Browser], account: Account) -> Browser:
    """A browser that has been nowhere, at a server with one account."""
    return browsers()


@pytest.fixture
def browsers(
    settings: Settings, wired: Database, clock: FrozenClock
) -> Iterator[Callable[[], Browser]]:
    """As many browsers as a test wants, all at one server."""
    with ExitStack() as stack:
        app = create_app(settings, clock=clock)
        client = stack.enter_context(TestClient(app, base_url=settings.issuer))
        yield lambda: Browser(client, settings.issuer)


@pytest.fixture
def journey(wired: Database) -> Callable[..., str]:
    """Starts journeys at the court `casb`, which is live, and answers their handles."""
    with wired.writing() as unit:
        unit.execute(insert(courts), _COURT)
        unit.execute(insert(clients), _CLIENT | {"created_at": unit.now})

    def start(kind: JourneyKind = JourneyKind.AUTHORIZE, **request: str) -> str:
        with wired.writing() as unit:
            return store.start(
                unit,
                kind,
                lasts=timedelta(hours=1),
                client_id=CLIENT,
                court_id="casb",
                request={"redirect_uri": CALLBACK} | request,
                return_to=CALLBACK,
            ).id

    return start


@pytest.fixture
def go_live(wired: Database) -> Callable[[datetime | None], None]:
    """Sets the court's day."""

    def at(day: datetime | None) -> None:
        with wired.writing() as unit:
            unit.execute(update(courts).values(go_live=day))

    return at


@pytest.fixture
def trail(wired: Database) -> Callable[[], list[tuple[str, str | None]]]:
    """What the audit trail says since the account was made: events and reasons."""

    def read() -> list[tuple[str, str | None]]:
        with wired.reading() as unit:
            rows = unit.execute(select(events.c.event, events.c.reason).order_by(events.c.seq))
            return [(row.event, row.reason) for row in rows][1:]

    return read


_COURT = {
    "id": "casb",
    "psc_id": "CASBK",
    "pcl_id": "casbk",
    "name": "United States Bankruptcy Court, Southern District of California",
    "type": "bankruptcy",
    "circuit": "9",
    "state": "CA",
    "time_zone": "America/Los_Angeles",
    "cmecf_url": COURT,
    "go_live": datetime(2016, 2, 22, 8, tzinfo=UTC),
    "policy": {},
}
_CLIENT = {
    "id": CLIENT,
    "name": "Southern District of California – CM/ECF",
    "court_id": "casb",
    "profile": "standard",
    "auth_method": "client_secret_basic",
    "grants": ["authorization_code"],
    "scopes": ["openid"],
    "redirect_uris": [CALLBACK],
    "post_logout_redirect_uris": [],
    "return_uris": [],
    "id_token_alg": "ES256",
    "refresh_grace_seconds": 0,
    "trusted": False,
}
