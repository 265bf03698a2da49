"""Delivery reports as mail servers write them (RFC 3464), about a mail of ours."""

from collections.abc import Sequence
from datetime import UTC, datetime

from signon.crypto import KeyRing
from signon.notices import reports

MAIL = "a" * 26
WRITTEN = datetime(2026, 3, 2, 15, tzinfo=UTC)


def message_id(ring: KeyRing, to: str, *, written: datetime = WRITTEN) -> str:
    """The Message-ID of a mail that went to that address."""
    return f"<{MAIL}.{reports.tag(ring, MAIL, to, written)}@signon.example>"


def report(
    returned_id: str,
    to: str,
    *,
    status: str = "5.1.1",
    action: str = "failed",
    final: str | None = None,
    headers_only: bool = False,
    others: Sequence[str] = (),
) -> bytes:
    """A report on one mail; `final` is where it was forwarded to."""
    blocks = [
        f"Final-Recipient: rfc822; {final or to}\nAction: {action}\nStatus: {status}\n"
        "Diagnostic-Code: smtp; 550 no such user here\n",
        *(f"Final-Recipient: rfc822; {one}\nAction: failed\nStatus: 5.1.1\n" for one in others),
    ]
    kind = "text/rfc822-headers" if headers_only else "message/rfc822"
    told = "\n".join(["Reporting-MTA: dns; mx.example.org\n", *blocks])
    returned = f"From: PACER <no-reply@signon.example>\nTo: {to}\nMessage-ID: {returned_id}\n\n"
    return (
        "From: MAILER-DAEMON@mx.example.org\nTo: no-reply@signon.example\nMIME-Version: 1.0\n"
        "Subject: Undelivered Mail Returned to Sender\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\n\n'
        "--b\nContent-Type: text/plain\n\nI am sorry.\n\n"
        f"--b\nContent-Type: message/delivery-status\n\n{told}\n"
        f"--b\nContent-Type: {kind}\n\n{returned}"
        "--b--\n"
    ).encode()
