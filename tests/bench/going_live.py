"""A court that goes live: what its prepared links do to sign-ins and refreshes meanwhile."""

import asyncio
import secrets
import statistics
import time
from collections import Counter
from contextlib import closing
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy import func, select, update

from signon.accounts.hashing import Hasher
from signon.accounts.models import accounts
from signon.app import wire
from signon.config import Settings
from signon.courts.models import courts
from signon.courts.registry import read_one
from signon.crypto import KeyRing
from signon.db import BULK, Database, Unit
from signon.filing.cutover import inventing
from signon.filing.cutover.casting import Player
from signon.filing.cutover.inventing import Playing
from signon.filing.cutover.states import LoginState
from signon.filing.linking.models import prepared_links
from signon.notices import rehearsals
from tests.bench import bench as harness
from tests.bench import provider, signing_in
from tests.bench.signing_in import REFRESHING, SIDE_BY_SIDE, Browser

COURT = "casd"
LINKS = 12_000
LOOK_SECONDS = 0.5
PAUSE_SECONDS = 0.2
"""After each sign-in or refresh: people come at their own pace, however slow the answers are."""
MOST_SECONDS = 300
"""Links that are no rights by then are left; the figures say how many became some."""


def cost(peer: Any, settings: Settings, seconds: float, links: int = LINKS) -> dict[str, Any]:
    """Prepare so many links, let the server make rights of them, and look at the others' waits:
    for `seconds` before it, and until the last link is a right, or for so long as we wait.
    """
    url = settings.database_url.get_secret_value()
    ring = KeyRing(settings.key_bytes)
    with closing(wire(Database(url, pool=1, timeouts=BULK, ring=ring))) as database:
        _prepare(database, settings, links)
        chains = [tokens["refresh_token"] for tokens in harness.tokens(peer.cfg, REFRESHING)]
        return asyncio.run(_cost(peer, database, chains, seconds))


def _prepare(database: Database, settings: Settings, links: int) -> None:
    with database.writing() as unit:
        _set_day(unit, timedelta(days=1))
        court = read_one(unit, COURT)
    people = [Player(number, COURT, LoginState.PREPARED, ["attorney"]) for number in range(links)]
    means = Playing(database, Hasher(settings), secrets.token_urlsafe(16))
    inventing.invent(means, court, people, lambda _steps: None)
    with database.writing() as unit:
        # real addresses: the mails of the day are a part of its load
        real = func.replace(accounts.c.email, rehearsals.DOMAIN, "example.org")
        unit.execute(update(accounts).values(email=real, email_key=real))


def _set_day(unit: Unit, ahead: timedelta) -> None:
    day = update(courts).where(courts.c.id == COURT)
    unit.execute(day.values(go_live=unit.now + ahead))


async def _cost(peer: Any, database: Database, chains: list[str], seconds: float) -> dict[str, Any]:
    async with signing_in.client() as http:
        browsers = [Browser(http, peer.cfg, name) for name in provider.CROWD[:SIDE_BY_SIDE]]
        for browser in browsers:
            await browser.open()
            await browser.sign_in()
        load = partial(_load, http, peer.cfg, browsers)
        quiet, chains = await load(chains, asyncio.create_task(asyncio.sleep(seconds)))
        waiting = asyncio.create_task(asyncio.to_thread(_go_live, database))
        busy, _ = await load(chains, waiting)
    found = {f"quiet_{name}": value for name, value in quiet.items()}
    links, took = waiting.result()
    return {**found, **busy, "links": links, "day_s": round(took, 1)}


async def _load(
    http: Any, config: Any, browsers: list[Browser], chains: list[str], until: asyncio.Task[Any]
) -> tuple[dict[str, float | str], list[str]]:
    """Sign in and refresh until the task is done; the waits, and where the chains are then."""
    signed_in: list[float] = []
    refreshed: list[float] = []
    wrong: list[int] = []

    async def sign_in(browser: Browser) -> None:
        while not until.done():
            began = time.monotonic()
            status, _ = await browser.sign_in()
            signed_in.append(time.monotonic() - began)
            wrong.extend([status] if status != 303 else [])
            await asyncio.sleep(PAUSE_SECONDS)

    async def refresh(token: str) -> str:
        while not until.done():
            now = time.monotonic()
            token = await signing_in.refresh_until(http, config, token, now + 0.001, refreshed)
            await asyncio.sleep(PAUSE_SECONDS)
        return token

    *_, ends = await asyncio.gather(
        *(sign_in(browser) for browser in browsers),
        asyncio.gather(*(refresh(token) for token in chains)),
    )
    return {
        "signin_p50_ms": round(statistics.median(signed_in) * 1e3, 1),
        "signin_p99_ms": signing_in.p99_ms(signed_in),
        "refresh_p99_ms": signing_in.p99_ms(refreshed),
        "signins": len(signed_in),
        "errors": len(wrong),
        "wrong": ", ".join(f"{n} x {one}" for one, n in Counter(wrong).items()),
    }, [*(ends or ())]


def _go_live(database: Database) -> tuple[int, float]:
    """Let the day come; how many links became rights, and the seconds from the first to the last."""
    with database.writing() as unit:
        _set_day(unit, timedelta(seconds=-1))
        all_of_them = left = _open(unit)
    came = began = time.monotonic()
    while left and time.monotonic() - came < MOST_SECONDS:
        if left == all_of_them:
            began = time.monotonic()
        time.sleep(LOOK_SECONDS)
        with database.reading() as unit:
            left = _open(unit)
    return all_of_them - left, time.monotonic() - began


def _open(unit: Unit) -> int:
    still = prepared_links.c.court_id == COURT, prepared_links.c.ended_at.is_(None)
    return unit.execute(select(func.count()).where(*still)).scalar_one()
