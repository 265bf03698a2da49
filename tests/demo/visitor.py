"""A visitor of the demonstration: a browser without scripts that walks across its four sites."""

from types import TracebackType
from typing import Self
from urllib.parse import urljoin

import httpx2

from signon.demo.people import PEOPLE
from tests.infra.authenticator import app_of
from tests.infra.browser import ACCEPT, Form, Page

SECRETS = {one.username: one.totp_secret for one in PEOPLE if one.totp_secret}


class Visitor:
    """Keeps cookies as browsers do (by host, whatever the port) and follows every redirect."""

    def __init__(self) -> None:
        self._http = httpx2.Client(follow_redirects=True, trust_env=False, timeout=20)
        self._http.headers["accept"] = ACCEPT
        self.response: httpx2.Response | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._http.close()

    def open(self, address: str) -> str:
        """Open an address and answer the page's text."""
        self.response = self._http.get(address)
        return self.text

    def submit(self, form: Form, **typed: str) -> str:
        """Send a form with what was typed and answer the next page's text."""
        self.response = self._http.post(
            urljoin(self.address, form.action),
            data={**form.fields, **typed},
            headers={"sec-fetch-site": "same-origin"},
        )
        return self.text

    def sign_in(self, court: str, username: str, password: str) -> str:
        """Log in at a court and answer the page that this ends on."""
        self.open(f"{court}/login")
        self.submit(self.page.forms[0], username=username, password=password)
        return self.go_on(username)

    def go_on(self, username: str) -> str:
        """Through what comes after the password: the app's code, the redaction notice."""
        if "otp" in self.page.ids:
            self.submit(self.page.forms[0], otp=app_of(SECRETS[username]).code())
        if "redaction" in self.page.ids:
            self.submit(self.page.forms[0], redaction="1")
        return self.text

    @property
    def page(self) -> Page:
        """The page that is shown."""
        assert self.response is not None
        return Page(self.response.text)

    @property
    def text(self) -> str:
        """Its text, with white space put in order."""
        return " ".join(self.page.text.split())

    @property
    def address(self) -> str:
        """Where it is."""
        assert self.response is not None
        return str(self.response.url)

    @property
    def status(self) -> int:
        """How it was answered."""
        assert self.response is not None
        return self.response.status_code
