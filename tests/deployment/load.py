"""People and courts at work, each of whom tries a request that failed once more, and only once."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from time import monotonic, sleep
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import httpx2

from tests.deployment.court_site import CourtSite
from tests.deployment.provider import PASSWORD
from tests.infra.browser import ACCEPT, Page

PAUSE_SECONDS = 0.3
"""Between a failure and the second try."""
BREATH_SECONDS = 0.25
"""Between one piece of work and the next: always some under way, and a processor to spare."""

PATIENCE_SECONDS = 150


@dataclass
class Tally:
    """What happened. `failed` are requests that the second try did not mend."""

    done: Counter[str] = field(default_factory=Counter)
    repeated: list[str] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)

    def ask(
        self, http: httpx2.Client, method: str, address: str, **more: Any
    ) -> httpx2.Response | None:
        """Send a request, twice if need be; None when it failed for good."""
        what = f"{method} {urlsplit(address).path}"
        for _try in (1, 2):
            try:
                response = http.request(method, address, follow_redirects=False, **more)
            except httpx2.TransportError as error:
                found = repr(error)
            else:
                if response.status_code < 500:
                    self.done[what] += 1
                    return response
                found = str(response.status_code)
            self.repeated.append(f"{what}: {found}")
            sleep(PAUSE_SECONDS)
        self.failed.append(what)
        return None

    def wait_for(self, more: Mapping[str, int]) -> None:
        """Until so many more of each request have been answered."""
        before, ends = self.done.copy(), monotonic() + PATIENCE_SECONDS
        while any(self.done[what] < before[what] + number for what, number in more.items()):
            assert not self.failed, self
            assert monotonic() < ends, self
            sleep(0.05)

    def refuse(self, what: str, response: httpx2.Response) -> None:
        """An answer that should have been another."""
        self.failed.append(f"{what}: {response.status_code} {response.text[:300]}")


Work = Callable[[Tally], None]
NewClient = Callable[[], httpx2.Client]


@contextmanager
def at_work(*workers: Work) -> Iterator[Tally]:
    """Let them work, each over and over in a thread of its own, while the block runs."""
    tally, over = Tally(), Event()

    def again_and_again(work: Work) -> None:
        while not over.is_set():
            try:
                work(tally)
            except Exception as error:  # noqa: BLE001 - any failure is a finding
                tally.failed.append(repr(error))
                return
            over.wait(BREATH_SECONDS)

    threads = [Thread(target=again_and_again, args=(work,)) for work in workers]
    for thread in threads:
        thread.start()
    try:
        yield tally
    finally:
        over.set()
        for thread in threads:
            thread.join()


def refreshing(site: CourtSite, http: httpx2.Client, tokens: dict[str, Any]) -> Work:
    """A court that refreshes one person's tokens."""
    held = {"token": tokens["refresh_token"]}

    def work(tally: Tally) -> None:
        response = tally.ask(
            http,
            "POST",
            f"{site.issuer}/oauth2/token",
            data={"grant_type": "refresh_token", "refresh_token": held["token"]},
            auth=(site.client_id, site.client_secret),
        )
        if response is None:
            return
        if response.status_code != 200:
            tally.refuse("refresh", response)
            return
        held["token"] = response.json()["refresh_token"]

    return work


def asking_userinfo(site: CourtSite, http: httpx2.Client, tokens: dict[str, Any]) -> Work:
    """A court that looks at one person's rights."""
    headers = {"authorization": f"Bearer {tokens['access_token']}"}

    def work(tally: Tally) -> None:
        response = tally.ask(http, "GET", f"{site.issuer}/oauth2/userinfo", headers=headers)
        if response is not None and response.status_code != 200:
            tally.refuse("userinfo", response)

    return work


def signing_in(site: CourtSite, new_client: NewClient, username: str) -> Work:
    """A person who signs in at the court, each time with a new browser."""

    def work(tally: Tally) -> None:
        with new_client() as browser:
            sign_in(tally, site, browser, username)

    return work


def sign_in(
    tally: Tally, site: CourtSite, browser: httpx2.Client, username: str
) -> dict[str, Any] | None:
    """Sign in and answer the tokens; a code that was lost means to begin again, once."""
    response = None
    for _beginning in (1, 2):
        answer = _authorize(tally, site, browser, username)
        if answer is None:
            return None
        response = tally.ask(
            browser,
            "POST",
            f"{site.issuer}/oauth2/token",
            data=site.redemption(answer),
            auth=(site.client_id, site.client_secret),
        )
        if response is None:
            return None
        if response.status_code == 200:
            return dict(response.json())
        tally.repeated.append(f"sign-in: {response.text[:100]}")
    assert response is not None
    tally.refuse("sign-in", response)
    return None


def _authorize(
    tally: Tally, site: CourtSite, browser: httpx2.Client, username: str
) -> dict[str, str] | None:
    """From the authorization request through the sign-in page, if there is one, to the answer."""
    method, address = "GET", site.authorization()
    more: dict[str, Any] = {}
    for _hop in range(12):
        origin = {"sec-fetch-site": "same-origin"} if method == "POST" else {}
        headers = {"accept": ACCEPT, **origin}
        response = tally.ask(browser, method, address, headers=headers, **more)
        if response is None:
            return None
        if response.is_redirect:
            address = urljoin(address, response.headers["location"])
            method, more = "GET", {}
            if address.startswith(site.callback):
                return dict(parse_qsl(urlsplit(address).query))
        else:
            form = Page(response.text).forms[0]
            asks = form.fields.keys() & {"password", "redaction"}
            assert asks, response.text
            address = urljoin(address, form.action)
            typed = {**form.fields, "username": username, "password": PASSWORD, "redaction": "1"}
            method, more = "POST", {"data": typed}
    raise AssertionError("a redirect loop")
