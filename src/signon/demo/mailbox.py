"""The mailbox: every mail that the demonstration sent, whoever it was for."""

import asyncio
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pyotp
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from signon.clock import utc_now
from signon.demo.pages import Pages
from signon.demo.people import PEOPLE

HTML_POLICY = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; sandbox allow-top-navigation-by-user-activation"
)
"""A mail's HTML is shown as it is, but it runs nothing, loads nothing and sends nothing."""


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail; `date` is when it was queued."""

    id: str
    date: datetime
    to: str
    sender: str
    subject: str
    text: str
    html: str


class Mailbox:
    """The web application over a folder of `.eml` files."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._read: dict[str, Mail] = {}
        self._pages = Pages(name="Mailbox", look="mailbox")

    def application(self) -> Starlette:
        """The ASGI application."""
        return Starlette(
            routes=[
                Route("/", self.listed),
                Route("/messages.json", self.as_json),
                Route("/messages/{id}", self.text),
                Route("/messages/{id}/html", self.html),
                *self._pages.routes(),
            ],
            exception_handlers=self._pages.handlers(),
        )

    async def listed(self, _request: Request) -> Response:
        """All mails, newest first."""
        return self._pages.page("mailbox.html", mails=await self._mails(), codes=codes(utc_now()))

    async def as_json(self, _request: Request) -> Response:
        """The same for programs."""
        body = [
            {
                **{name: value for name, value in asdict(mail).items() if name != "sender"},
                "date": mail.date.isoformat(),
                "from": mail.sender,
            }
            for mail in await self._mails()
        ]
        return JSONResponse(body, headers={"cache-control": "no-store"})

    async def text(self, request: Request) -> Response:
        """One mail, as text."""
        return self._pages.page("mail.html", mail=await self._one(request))

    async def html(self, request: Request) -> Response:
        """One mail's HTML part by itself."""
        mail = await self._one(request)
        headers = {
            "content-security-policy": HTML_POLICY,
            "cache-control": "no-store",
            "referrer-policy": "no-referrer",
            "x-content-type-options": "nosniff",
        }
        return Response(mail.html, headers=headers, media_type="text/html")

    async def _one(self, request: Request) -> Mail:
        wanted = request.path_params["id"]
        for mail in await self._mails():
            if mail.id == wanted:
                return mail
        raise HTTPException(404)

    async def _mails(self) -> Sequence[Mail]:
        return await asyncio.to_thread(self._look)

    def _look(self) -> Sequence[Mail]:
        """The mails in the folder, newest first; a file never changes, so it is read once."""
        names = sorted((path.name for path in self._folder.glob("[!.]*.eml")), reverse=True)
        for name in names:
            if name not in self._read:
                self._read[name] = read_mail(name, (self._folder / name).read_bytes())
        return [self._read[name] for name in names]


def codes(now: datetime) -> list[tuple[str, str]]:
    """What the apps of the demonstration's people show now, by username."""
    return [
        (person.username, pyotp.TOTP(person.totp_secret).at(now))
        for person in PEOPLE
        if person.totp_secret
    ]


def read_mail(name: str, data: bytes) -> Mail:
    """A mail out of its file; the name sorts by time and holds the mail's id."""
    mail = message_from_bytes(data, policy=policy.default)
    assert isinstance(mail, EmailMessage)
    return Mail(
        id=name.removesuffix(".eml").rpartition("-")[2],
        date=mail["Date"].datetime,
        to=str(mail["To"]),
        sender=str(mail["From"]),
        subject=str(mail["Subject"]),
        text=_part(mail, "plain"),
        html=_part(mail, "html"),
    )


def _part(mail: EmailMessage, kind: str) -> str:
    found = mail.get_body((kind,))
    return found.get_content() if isinstance(found, EmailMessage) else ""
