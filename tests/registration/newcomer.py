"""Somebody who registers, page by page."""

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from tests.infra.browser import Browser
from tests.infra.world import World

ABOUT = {
    "first_name": "Nora",
    "middle_name": "",
    "last_name": "Quill",
    "email": "nora.quill@example.org",
    "date_of_birth": "4/28/1976",
    "user_type": "attorney",
}
ADDRESS = {
    "street": "1 Harbor Drive",
    "city": "San Diego",
    "state": "california",
    "postal_code": "92101",
    "county": "San Diego",
    "country": "us",
    "phone": "(619) 555-0100",
}
PASSWORD = "slow tide under the pier"


@dataclass
class Newcomer:
    """A person at a browser; every method answers the page's text."""

    world: World
    browser: Browser
    seen: list[str] = field(default_factory=list)
    """Every page's HTML, in order."""

    def get(self, address: str) -> str:
        """Open an address."""
        return self._noted(self.browser.get(address))

    def submit(self, **typed: str) -> str:
        """Send the form of the page that is shown."""
        return self._noted(self.browser.submit(self.browser.page.forms[0], **typed))

    def cancel(self) -> str:
        """Send its second form."""
        return self._noted(self.browser.submit(self.browser.page.forms[1]))

    def about(self, start: str = "/register", **changed: str) -> str:
        """Step 1."""
        self.get(start)
        return self.submit(**{**ABOUT, **changed})

    def address(self, **changed: str) -> str:
        """Step 2."""
        return self.submit(**{**ADDRESS, **changed})

    def sign_in_data(self, username: str = "nora.quill", password: str = PASSWORD) -> str:
        """Step 3."""
        return self.submit(username=username, new_password=password)

    def register(
        self, start: str = "/register", *, username: str = "nora.quill", **about: str
    ) -> str:
        """Steps 1 to 4."""
        self.about(start, **about)
        self.address()
        self.sign_in_data(username)
        return self.submit()

    @property
    def path(self) -> str:
        """Where the browser is."""
        assert self.browser.response is not None
        return urlsplit(str(self.browser.response.url)).path

    @property
    def status(self) -> int:
        """The last answer's status."""
        assert self.browser.response is not None
        return self.browser.response.status_code

    @property
    def device(self) -> str | None:
        """What the browser keeps of us."""
        return self.browser.http.cookies.get("signon_device")

    def mails(self) -> list[dict[str, Any]]:
        """Every mail that waits, oldest first: to, message, values."""
        return self.world.queued("mail")

    def link(self) -> str:
        """The link of the only mail that has one."""
        (url,) = [mail["values"]["confirm_url"] for mail in self.mails()]
        return str(url)

    def _noted(self, response: Any) -> str:
        self.world.clock.advance(seconds=1)
        self.seen.append(response.text)
        return str(response.text)
