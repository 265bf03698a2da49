"""Signing in with a password: what it costs beside its hash, and what a crowd does to others."""

import asyncio
import statistics
import time
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import aiohttp
import pyotp

from signon.accounts.hashing import Hasher
from signon.clock import utc_now
from signon.config import Settings
from tests.bench import bench as harness
from tests.bench import provider
from tests.bench.oidcflow import Forms

SIDE_BY_SIDE = 2
"""Sign-ins at once while their cost is measured: as many as there are processors."""
HASHES = 40
PAGES = 50
REFRESHING = 8
"""How many chains of refresh tokens go on beside a crowd."""

Answer = tuple[int, str | None]
"""The status and `Retry-After`."""


class Browser:
    """A browser with the sign-in page open; each sign-in is one of a person without a session."""

    def __init__(self, http: aiohttp.ClientSession, config: Any, username: str) -> None:
        self._http = http
        number = int(username.rpartition(".")[2])
        self._head = {"X-Forwarded-For": f"198.51.100.{number}"}
        self._url = config["base"] + "/login"
        password = config["login"]["fields"]["password"]
        self._typed = {"username": username, "password": password}
        self._form: dict[str, str] = {}
        self._cookies: dict[str, str] = {}

    async def open(self) -> None:
        """GET the page: its form with the form token, and the cookie that goes with it."""
        async with self._http.get(self._url, headers=self._head) as answer:
            forms = Forms()
            forms.feed(await answer.text())
            self._form = {**forms.inputs, **self._typed}
            self._cookies = {name: morsel.value for name, morsel in answer.cookies.items()}

    async def sign_in(self) -> Answer:
        """POST the form."""
        return (await self._post(self._url, self._form))[0]

    async def _post(self, url: str, form: dict[str, str]) -> tuple[Answer, str]:
        """The answer, and where it leads."""
        cookie = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        async with self._http.post(
            url, data=form, headers={**self._head, "Cookie": cookie}, allow_redirects=False
        ) as answer:
            await answer.read()
            found = answer.status, answer.headers.get("Retry-After")
            return found, answer.headers.get("Location", "")


class EnrolledBrowser(Browser):
    """One whose owner has an authenticator app; each code of it is good for one sign-in."""

    _used = 0

    @property
    def has_code(self) -> bool:
        """Whether the app has a code that was not used: this half minute's or its neighbours'."""
        return self._used <= _half_minute()

    async def sign_in(self) -> Answer:
        """POST both forms; the page between them is not asked for again."""
        first, address = await self._post(self._url, self._form)
        half = parse_qs(urlsplit(address).query).get("half")
        if not half:
            return 0, None
        self._used = max(self._used + 1, _half_minute() - 1)
        otp = str(pyotp.TOTP(provider.APP).generate_otp(self._used))
        token = {"csrf_token": self._form["csrf_token"]}
        answer, address = await self._post(
            f"{self._url}/mfa", {**token, "half": half[0], "otp": otp}
        )
        return answer if "/login" not in address else first


def _half_minute() -> int:
    return int(utc_now().timestamp()) // 30


def argon2_ms(settings: Settings) -> float:
    """CPU milliseconds of one verification with the server's parameters, as many at once."""
    hasher = Hasher(settings)
    stored = hasher.hash("the password of nobody")

    def verify(_: int) -> float:
        before = time.thread_time()
        hasher.verify(stored, "the password of nobody")
        return time.thread_time() - before

    with ThreadPoolExecutor(SIDE_BY_SIDE) as threads:
        return statistics.median(threads.map(verify, range(HASHES))) * 1e3


def cost(peer: Any, settings: Settings, accounts: Sequence[str], seconds: float) -> dict[str, Any]:
    """What POST /login costs, with the bare hash measured before and after it."""
    before = argon2_ms(settings)
    found = asyncio.run(_cost(peer, accounts[:SIDE_BY_SIDE], seconds))
    return {**found, "argon2_ms": round((before + argon2_ms(settings)) / 2, 3)}


async def _cost(peer: Any, accounts: Sequence[str], seconds: float) -> dict[str, Any]:
    async with client() as http:
        browsers = [Browser(http, peer.cfg, name) for name in accounts]
        pages = await _metered(peer, [_open_often(browser) for browser in browsers])
        for browser in browsers:
            await browser.sign_in()  # the first one loads what later ones share
        answers: list[Answer] = []
        ends = time.monotonic() + seconds
        load = [_sign_in_until(browser, ends, answers) for browser in browsers]
        spent = await _metered(peer, load)
    page = pages.per_request(PAGES * len(accounts))
    return {
        "requests": len(answers),
        "errors": sum(status != 303 for status, _ in answers),
        "page_ms": round(page["server_cpu_ms"] + page["db_cpu_ms"], 3),
        **spent.per_request(len(answers)),
    }


def cost_with_app(
    peer: Any, settings: Settings, accounts: Sequence[str], seconds: float
) -> dict[str, Any]:
    """What both POSTs of a sign-in with a second factor cost, beside the bare hash.

    It ends early when every app has given all its codes.
    """
    before = argon2_ms(settings)
    found = asyncio.run(_cost_with_app(peer, accounts, seconds))
    return {**found, "argon2_ms": round((before + argon2_ms(settings)) / 2, 3)}


async def _cost_with_app(peer: Any, accounts: Sequence[str], seconds: float) -> dict[str, Any]:
    async with client() as http:
        browsers = [EnrolledBrowser(http, peer.cfg, name) for name in accounts]
        for browser in browsers:
            await browser.open()
        lanes = [browsers[lane::SIDE_BY_SIDE] for lane in range(SIDE_BY_SIDE)]
        # a browser's first sign-in is that of an unknown one
        await asyncio.gather(*(_each_once(lane, [], None) for lane in lanes))
        answers: list[Answer] = []
        ends = time.monotonic() + seconds
        spent = await _metered(peer, [_each_once(lane * 2, answers, ends) for lane in lanes])
    return {
        "requests": len(answers),
        "errors": sum(status != 303 for status, _ in answers),
        **spent.per_request(len(answers)),
    }


async def _each_once(
    browsers: Sequence[EnrolledBrowser], answers: list[Answer], ends: float | None
) -> None:
    for browser in browsers:
        if ends is not None and time.monotonic() >= ends:
            return
        if browser.has_code:
            answers.append(await browser.sign_in())


def crowd(peer: Any, settings: Settings, accounts: Sequence[str], seconds: float) -> dict[str, Any]:
    """Everybody signs in again and again, while others refresh their tokens as they did before.

    Whoever is turned away comes again when he was told to.
    """
    chains = [tokens["refresh_token"] for tokens in harness.tokens(peer.cfg, REFRESHING)]
    found = asyncio.run(_crowd(peer, accounts, chains, seconds))
    allowed = settings.hashing_threads * settings.argon2_memory_kib / 1024
    return {**found, "people": len(accounts), "allowed_mib": round(allowed, 1)}


async def _crowd(
    peer: Any, accounts: Sequence[str], chains: Sequence[str], seconds: float
) -> dict[str, Any]:
    answers: list[tuple[Answer, float]] = []
    quiet: list[float] = []
    waited: list[float] = []
    async with client() as http:
        browsers = [Browser(http, peer.cfg, name) for name in accounts]
        for browser in browsers:
            await browser.open()
        for browser in browsers[:SIDE_BY_SIDE]:
            await browser.sign_in()
        ends = time.monotonic() + seconds / 2
        chains = await asyncio.gather(
            *(refresh_until(http, peer.cfg, token, ends, quiet) for token in chains)
        )
        memory = PeakMemory(peer)
        ends = time.monotonic() + seconds
        await asyncio.gather(
            *(_come_again_until(browser, ends, answers) for browser in browsers),
            *(refresh_until(http, peer.cfg, token, ends, waited) for token in chains),
        )
    told = [(after, took) for (status, after), took in answers if status == 503]
    others = sum(status not in {303, 503} for (status, _), _ in answers)
    return {
        "duration_s": seconds,
        "signed_in": sum(status == 303 for (status, _), _ in answers),
        "turned_away": len(told),
        "errors": others + sum(after is None for after, _ in told),
        "told_s": round(max((took for _, took in told), default=0), 2),
        "refreshes": len(waited),
        "quiet_p99_ms": p99_ms(quiet),
        "refresh_p50_ms": round(statistics.median(waited) * 1e3, 1),
        "refresh_p99_ms": p99_ms(waited),
        "grown_mib": memory.grown_mib(),
    }


def p99_ms(waited: list[float]) -> float:
    """What ninety-nine of a hundred waited at most."""
    return round(sorted(waited)[int(len(waited) * 0.99)] * 1e3, 1)


class PeakMemory:
    """How far the resident memory of a server's processes rises from now on."""

    def __init__(self, peer: Any) -> None:
        self._pids = harness.tree(peer.root, harness.stats())
        for pid in self._pids:
            Path(f"/proc/{pid}/clear_refs").write_text("5")  # proc(5): resets VmHWM
        self._before = self._peak_kib()

    def grown_mib(self) -> float:
        """The highest so far, less what it was."""
        return round((self._peak_kib() - self._before) / 1024, 1)

    def _peak_kib(self) -> int:
        found = [Path(f"/proc/{pid}/status").read_text() for pid in self._pids]
        return sum(int(text.partition("VmHWM:")[2].split()[0]) for text in found)


def client() -> aiohttp.ClientSession:
    """Without a jar: each browser keeps its own cookies."""
    connector = aiohttp.TCPConnector(limit=0)
    return aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar())


async def _metered(peer: Any, work: Iterable[Coroutine[Any, Any, None]]) -> Any:
    own = time.process_time()
    with harness.Meter(peer) as meter:
        await asyncio.gather(*work)
    meter.other = max(0.0, meter.other - (time.process_time() - own))
    return meter


async def _open_often(browser: Browser) -> None:
    for _ in range(PAGES):
        await browser.open()


async def _sign_in_until(browser: Browser, ends: float, answers: list[Answer]) -> None:
    while time.monotonic() < ends:
        answers.append(await browser.sign_in())


async def _come_again_until(
    browser: Browser, ends: float, answers: list[tuple[Answer, float]]
) -> None:
    while (began := time.monotonic()) < ends:
        answer = await browser.sign_in()
        answers.append((answer, time.monotonic() - began))
        await asyncio.sleep(float(answer[1] or 0))


async def refresh_until(
    http: aiohttp.ClientSession, config: Any, token: str, ends: float, waited: list[float]
) -> str:
    """Refresh until that moment of the clock; answers the last token of the chain."""
    head = {"Authorization": harness.basic(config["client"])}
    while (began := time.monotonic()) < ends:
        form = {"grant_type": "refresh_token", "refresh_token": token}
        address = config["base"] + config["token"]
        async with http.post(address, data=form, headers=head) as answer:
            answer.raise_for_status()
            token = (await answer.json())["refresh_token"]
        waited.append(time.monotonic() - began)
    return token
