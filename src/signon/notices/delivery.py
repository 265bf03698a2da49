"""The outbox's handler for mail: to an SMTP server, or into a folder on a developer's machine."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from email.message import EmailMessage
from functools import partial
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

from signon.config import Settings
from signon.notices import rehearsals, reports
from signon.notices.message import Envelope, compose, kinds
from signon.notices.reports import Failed
from signon.notices.smtp import DeliveryError, RecipientRefusedError, Server
from signon.outbox.events import AT_ONCE, Due
from signon.words.language import ENGLISH, tagged


class Post(Protocol):
    """Where mail is handed in. Both may block, and both raise DeliveryError."""

    def hand_over(self, mail: EmailMessage, envelope: Envelope) -> None:
        """Deliver one mail."""

    def check(self) -> None:
        """Look whether a mail could be delivered now, without sending one."""


Refused = Callable[[Failed], Awaitable[object]]
Held = Callable[[Envelope, EmailMessage, str], Awaitable[object]]
"""Given a mail of a rehearsal, and the name of the court that it says, if it says one."""


class Mailer:
    """Delivers what `mail.send` queued, in threads of its own."""

    def __init__(
        self, settings: Settings, *, refused: Refused | None = None, held: Held | None = None
    ) -> None:
        """`refused` is told of addresses that the server refuses for good; `held` is given the mails
        of rehearsals, which are never handed over.
        """
        self._settings = settings
        self._refused = refused
        self._held = held
        self._post = post_for(settings)
        self._threads = ThreadPoolExecutor(AT_ONCE, "mail")

    async def deliver(self, due: Due) -> None:
        """Compose and hand over one mail; the same event makes the same mail each time."""
        envelope = Envelope(
            id=due.id,
            to=due.payload["to"],
            sender=self._settings.sender,
            issuer=self._settings.issuer,
            date=due.created_at,
            tag=reports.tag(due.ring, due.id, due.payload["to"], due.created_at),
        )
        kind = kinds()[due.payload["message"]]
        # what an older program has queued names no language
        language = tagged(due.payload.get("language")) or ENGLISH
        values = due.payload["values"]
        mail = compose(kind, values, envelope, language)
        if rehearsals.is_held(envelope.to, values):
            if self._held:
                await self._held(envelope, mail, values.get("court", ""))
            return
        handing_over = partial(self._post.hand_over, mail, envelope)
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, handing_over)
        except RecipientRefusedError as error:
            if self._refused and reports.is_about_the_address(error.status):
                await self._refused(Failed(envelope.to, envelope.date, error.status))
            raise

    def close(self) -> None:
        """Start no further delivery; one that is running ends by its time-outs."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def post_for(settings: Settings) -> Post:
    """What `SIGNON_SMTP_URL` names."""
    url = settings.smtp_url.get_secret_value()
    if url.startswith("file:"):
        return Folder(Path(url.removeprefix("file:")))
    host = urlsplit(settings.issuer).hostname or "localhost"
    return SmtpPost(Server.from_url(url), greeting=host)


class SmtpPost:
    """An SMTP server."""

    def __init__(self, server: Server, *, greeting: str) -> None:
        self._server = server
        self._greeting = greeting

    def hand_over(self, mail: EmailMessage, envelope: Envelope) -> None:
        """Deliver one mail. Raises UndeliverableError or DeliveryError."""
        self._server.hand_over(
            mail, sender=envelope.sender, to=envelope.to, greeting=self._greeting
        )

    def check(self) -> None:
        """Connect and leave. Raises DeliveryError."""
        self._server.check(greeting=self._greeting)


class Folder:
    """A folder with one `.eml` file a mail; their names sort by time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def hand_over(self, mail: EmailMessage, envelope: Envelope) -> None:
        """Write one mail; whoever reads the folder sees it whole or not at all."""
        name = f"{envelope.date:%Y%m%dT%H%M%S.%fZ}-{envelope.id}.eml"
        draft = self._folder / f".{name}"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            draft.write_bytes(mail.as_bytes())
            draft.replace(self._folder / name)
        except OSError as error:
            raise DeliveryError(f"The mail folder cannot be used: {error.strerror}.") from error

    def check(self) -> None:
        """Raises DeliveryError unless files can be written there."""
        nearest = next(
            path for path in (self._folder.absolute(), *self._folder.absolute().parents)
            if path.exists()
        )  # fmt: skip
        if not nearest.is_dir() or not os.access(nearest, os.W_OK):
            raise DeliveryError("The mail folder cannot be written to.")
