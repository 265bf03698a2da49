"""A browser without scripts: it keeps cookies, fills in forms and follows nothing by itself."""

import re
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import httpx2
from starlette.testclient import TestClient

HEADERS = {"accept": "text/html,application/xhtml+xml", "user-agent": "Test Browser"}
SAME_ORIGIN = {"sec-fetch-site": "same-origin"}

_FORM = re.compile(r"<form\b(?P<attributes>[^>]*)>(?P<body>.*?)</form>", re.DOTALL)
_INPUT = re.compile(r"<input\b[^>]*>")
_BUTTON = re.compile(r'<button\b[^>]*\bname="([^"]+)"', re.DOTALL)
_WITHIN_WORDS = re.compile(r"</?(?:strong|a|span|time)\b[^>]*>")
_ATTRIBUTE = re.compile(r'([a-z-]+)="([^"]*)"')


@dataclass
class Form:
    """A form of a page: where it goes, its fields with their values, its buttons."""

    action: str
    fields: dict[str, str]
    buttons: list[str]
    kinds: dict[str, str] = field(default_factory=dict)


@dataclass
class Page:
    """An answer, with what a reader sees of it."""

    response: httpx2.Response

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.response.status_code

    @property
    def html(self) -> str:
        """The page's source."""
        return self.response.text

    @property
    def location(self) -> str:
        """Where it sends the browser."""
        return self.response.headers["location"]

    @property
    def heading(self) -> str:
        """What the page is called."""
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.html, re.DOTALL)
        assert found, self.html
        return _readable(found.group(1))

    @property
    def text(self) -> str:
        """What a person can read."""
        main = self.html.partition("<main")[2].partition("</main>")[0].partition(">")[2]
        return _readable(main)

    @property
    def forms(self) -> list[Form]:
        """Its forms, in their order."""
        return [_form(found) for found in _FORM.finditer(self.html)]

    @property
    def policy(self) -> str:
        """Its Content-Security-Policy."""
        return self.response.headers["content-security-policy"]


class Browser:
    """One person's browser, or another one's."""

    def __init__(self, client: TestClient, issuer: str) -> None:
        self.client = client
        self.issuer = issuer
        self.cookies: dict[str, str] = {}

    def get(self, path: str, **headers: str) -> Page:
        """Open an address."""
        return self.send("GET", path, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> Page:
        """Send fields, as one of our own pages would."""
        return self.send("POST", path, SAME_ORIGIN | _dashed(headers), data=fields)

    def submit(self, page: Page, button: str, **fields: str) -> Page:
        """Press a button of a page that was opened before."""
        form = next(form for form in page.forms if button in form.buttons)
        return self.post(form.action, form.fields | fields | {button: "1"})

    def sign_in(self, username: str, password: str, path: str = "/login", **more: str) -> Page:
        """Open the sign-in page and answer it."""
        page = self.get(path)
        return self.submit(page, "login", username=username, password=password, **more)

    def follow(self, page: Page) -> Page:
        """Go where it says; only at our own site."""
        assert page.location.startswith("/"), page.location
        return self.get(page.location)

    def send(self, method: str, path: str, headers: dict[str, str], **more: Any) -> Page:
        """Send a request with just these headers beside the browser's own."""
        self.client.cookies.clear()
        sent = HEADERS | _dashed(headers)
        if self.cookies:
            sent["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = self.client.request(method, path, headers=sent, follow_redirects=False, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            value = rest.partition(";")[0].strip('"')
            if value and "max-age=0" not in line.lower():
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return Page(answer)


def _readable(html: str) -> str:
    text = re.sub(r"<[^>]+>", " ", _WITHIN_WORDS.sub("", html))
    return unescape(" ".join(text.split()))


def _dashed(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _form(found: re.Match[str]) -> Form:
    inputs = [dict(_ATTRIBUTE.findall(tag)) for tag in _INPUT.findall(found["body"])]
    action = dict(_ATTRIBUTE.findall(found["attributes"]))["action"]
    return Form(
        unescape(action),
        {each["name"]: unescape(each.get("value", "")) for each in inputs},
        _BUTTON.findall(found["body"]),
        {each["name"]: each.get("type", "text") for each in inputs},
    )
