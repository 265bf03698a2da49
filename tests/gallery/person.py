"""A person's browser that goes from a program to the provider and back."""

from typing import Self
from urllib.parse import urljoin

import httpx2

from tests.infra.browser import ACCEPT, Page
from tests.infra.world import PASSWORD

MOST_PAGES = 8


class Person:
    """Signs in where the provider asks, and clicks on through pages that only ask to go on."""

    def __init__(self, issuer: str) -> None:
        self._issuer = issuer
        self.http = httpx2.Client(follow_redirects=True, timeout=30, headers={"accept": ACCEPT})
        self.was_asked = False
        """Whether the provider wanted a password since the last address."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def open(self, address: str) -> httpx2.Response:
        """Where an address leads in the end."""
        self.was_asked = False
        response = self.http.get(address)
        for _ in range(MOST_PAGES):
            page = (
                Page(response.text) if "html" in response.headers.get("content-type", "") else None
            )
            # a redirect with a body is still one, and a program's own page may be a single button
            if page is None or not page.forms or response.status_code >= 400:
                return response
            response = self._sent(response, page)
        return response

    def _sent(self, response: httpx2.Response, page: Page) -> httpx2.Response:
        form = page.forms[0]
        typed: dict[str, str] = {}
        if "password" in form.fields and str(response.url).startswith(self._issuer):
            self.was_asked = True
            typed = {"username": "a.attorney", "password": PASSWORD}
        elif response.url.path == "/login/redaction":
            typed = {"redaction": "1"}
        return self.http.post(
            urljoin(str(response.url), form.action),
            data={**form.fields, **typed},
            headers={"sec-fetch-site": "same-origin"},
        )
