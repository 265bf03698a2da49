"""Handing a mail to an SMTP server.

`smtps://` speaks TLS from the first byte; `smtp://` goes over to it with STARTTLS. To another
machine nothing is said without TLS and a valid certificate (`SSL_CERT_FILE` names a private
authority); on loopback TLS is used when it is offered, and nothing is proved by it.
"""

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email.message import EmailMessage
from typing import Self
from urllib.parse import unquote, urlsplit

from signon.config import is_loopback
from signon.errors import SignonError
from signon.notices.reports import status_in
from signon.outbox.events import UndeliverableError

CONNECT_SECONDS = 5
ANSWER_SECONDS = 10


class RecipientRefusedError(UndeliverableError):
    """The server refuses this recipient for good; `status` is RFC 3463's, if it gave one."""

    def __init__(self, message: str, status: str | None) -> None:
        super().__init__(message)
        self.status = status


class DeliveryError(SignonError):
    """The mail server could not be used just now; another attempt may go through."""


@dataclass(frozen=True, slots=True)
class Server:
    """A mail server, as `SIGNON_SMTP_URL` names it."""

    host: str
    port: int
    tls: bool
    user: str | None
    password: str | None = field(repr=False)

    @classmethod
    def from_url(cls, url: str) -> Self:
        """Read ``smtp://USER:PASSWORD@HOST:PORT``; the ports are 25, and 465 for `smtps`."""
        parts = urlsplit(url)
        tls = parts.scheme == "smtps"
        return cls(
            parts.hostname or "",
            parts.port or (465 if tls else 25),
            tls,
            unquote(parts.username) if parts.username else None,
            unquote(parts.password) if parts.password else None,
        )

    def hand_over(self, mail: EmailMessage, *, sender: str, to: str, greeting: str) -> None:
        """Deliver one mail to one address; `greeting` is our own host's name.

        Raises UndeliverableError when the server refuses this recipient or this mail for
        good, and DeliveryError for everything that may pass.
        """
        with _explained(), self._connected(greeting) as smtp:
            smtp.send_message(mail, sender, [to])

    def check(self, *, greeting: str) -> None:
        """Connect, go over to TLS, sign in, and leave. Raises DeliveryError."""
        with _explained(), self._connected(greeting) as smtp:
            smtp.noop()

    @contextmanager
    def _connected(self, greeting: str) -> Iterator[smtplib.SMTP]:
        smtp = self._open(greeting)
        try:
            assert smtp.sock is not None
            smtp.sock.settimeout(ANSWER_SECONDS)
            smtp.ehlo_or_helo_if_needed()
            self._go_over_to_tls(smtp)
            if self.user is not None:
                smtp.login(self.user, self.password or "")
            yield smtp
            # the mail has arrived: a server that is rude at parting changes nothing
            with suppress(smtplib.SMTPException):
                smtp.quit()
        finally:
            smtp.close()

    def _open(self, greeting: str) -> smtplib.SMTP:
        if self.tls:
            context = self._context()
            return smtplib.SMTP_SSL(
                self.host, self.port, greeting, timeout=CONNECT_SECONDS, context=context
            )
        return smtplib.SMTP(self.host, self.port, greeting, timeout=CONNECT_SECONDS)

    def _go_over_to_tls(self, smtp: smtplib.SMTP) -> None:
        if self.tls:
            return
        if smtp.has_extn("starttls"):
            smtp.starttls(context=self._context())
            smtp.ehlo_or_helo_if_needed()
        elif not is_loopback(self.host):
            raise DeliveryError("The mail server offers no STARTTLS, so nothing is sent to it.")

    def _context(self) -> ssl.SSLContext:
        context = ssl.create_default_context()
        if is_loopback(self.host):
            # no authority certifies "localhost", and nobody stands between us and it
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context


@contextmanager
def _explained() -> Iterator[None]:
    """Turn smtplib's errors into ours; the server's words stay out: they repeat addresses."""
    try:
        yield
    except smtplib.SMTPRecipientsRefused as error:
        code, answer = next(iter(error.recipients.values()))
        refused = _refused("the recipient", code)
        if code < 500:
            raise refused from None
        status = status_in(answer.decode("ascii", "replace"))
        raise RecipientRefusedError(refused.sentence, status) from None
    except smtplib.SMTPDataError as error:
        raise _refused("the mail", error.smtp_code) from None
    except smtplib.SMTPAuthenticationError as error:
        raise DeliveryError(
            f"The mail server refuses the user or password ({error.smtp_code})."
        ) from None
    except smtplib.SMTPResponseException as error:
        raise DeliveryError(f"The mail server answered {error.smtp_code}.") from None
    except ssl.SSLCertVerificationError as error:
        raise DeliveryError(
            f"The mail server's certificate is not valid: {error.verify_message}."
        ) from None
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise DeliveryError(f"The mail server cannot be used: {reason}.") from None


def _refused(what: str, code: int) -> SignonError:
    """RFC 5321 section 4.2.1: 5yz is a permanent refusal of this mail, 4yz is not."""
    kind = UndeliverableError if code >= 500 else DeliveryError
    return kind(f"The mail server refused {what} ({code}).")
