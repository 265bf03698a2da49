"""A browser without scripts: cookies, redirects within one site, forms."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx2

ACCEPT = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
"""What browsers say that they take."""


@dataclass
class Form:
    """A form of a page: where it goes and what it holds before anybody types.

    `ticked` are the boxes that are ticked already, by their name.
    """

    action: str
    method: str
    fields: dict[str, str] = field(default_factory=dict)
    ticked: dict[str, list[str]] = field(default_factory=dict)


class Page(HTMLParser):
    """What a test looks for on a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.ids: set[str] = set()
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect forms, fields and ids."""
        given = {name: value or "" for name, value in attrs}
        if "id" in given:
            self.ids.add(given["id"])
        if tag == "form":
            self.forms.append(Form(given.get("action", ""), given.get("method", "get")))
        if tag == "input" and self.forms and "name" in given:
            self.forms[-1].fields[given["name"]] = given.get("value", "")
            if "checked" in given:
                boxes = self.forms[-1].ticked.setdefault(given["name"], [])
                boxes.append(given.get("value", ""))

    def handle_data(self, data: str) -> None:
        """Collect the text."""
        self.text += data


class Browser:
    """One person's browser at the provider; never follows a redirect to another site."""

    confirms_redaction = True
    """Whether the redaction notice is confirmed at once, as every filer does who files."""

    def __init__(self, client: httpx2.Client) -> None:
        self.http = client
        self.site = urlsplit(str(client.base_url)).netloc
        self.response: httpx2.Response | None = None

    def get(self, address: str) -> httpx2.Response:
        """Open an address and follow redirects while they stay on this site."""
        return self._follow(self._open(address))

    def submit(self, form: Form, **typed: str | list[str]) -> httpx2.Response:
        """Send a form with what was typed, as a browser of today does."""
        assert self.response is not None
        address = urljoin(str(self.response.url), form.action)
        return self._follow(
            self.http.post(
                address,
                data={**form.fields, **typed},
                headers={"accept": ACCEPT, "sec-fetch-site": "same-origin"},
                follow_redirects=False,
            )
        )

    @property
    def page(self) -> Page:
        """The page that is shown."""
        assert self.response is not None
        return Page(self.response.text)

    @property
    def location(self) -> str:
        """Where the last answer sends the browser: an address of another site."""
        assert self.response is not None
        return self.response.headers["location"]

    def sign_in(self, username: str, password: str, **typed: str) -> httpx2.Response:
        """Fill in the sign-in page that is shown."""
        return self.submit(self.page.forms[0], username=username, password=password, **typed)

    def _follow(self, response: httpx2.Response) -> httpx2.Response:
        hops = 0
        while response.is_redirect and self._is_ours(response):
            hops += 1
            assert hops < 10, "a redirect loop"
            address = urljoin(str(response.url), response.headers["location"])
            response = self._open(address)
        self.response = response
        if response.url.path == "/login/redaction" and self.confirms_redaction:
            return self.submit(self.page.forms[0], redaction="1")
        return response

    def _open(self, address: str) -> httpx2.Response:
        return self.http.get(address, headers={"accept": ACCEPT}, follow_redirects=False)

    def _is_ours(self, response: httpx2.Response) -> bool:
        target = urljoin(str(response.url), response.headers["location"])
        return urlsplit(target).netloc == self.site
