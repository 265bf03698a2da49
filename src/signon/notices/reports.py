"""Delivery reports (RFC 3464): which mail of ours did not arrive, and at which address.

Anybody can write such a report, and about anybody. So each mail's Message-ID carries a MAC of its
recipient and of when it was written: a report counts that returns the Message-ID, and for that
one address only. Nothing about a mail is kept for it.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, message_from_string
from email.message import EmailMessage
from email.policy import default
from typing import Any

from signon.crypto import KeyRing
from signon.errors import RefusedError

PURPOSE = "mail-report"
MOST_BYTES = 1024 * 1024
_OURS = re.compile(r"<([a-z2-7]{26})\.(\d{1,12})\.([\w-]{43})@[^>]*>")
_ABOUT_THE_ADDRESS = re.compile(r"[45]\.[0124]\.\d{1,3}")
"""RFC 3463 section 3: address, mailbox, routing. The other subjects are about our mail or our host."""
_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


@dataclass(frozen=True, slots=True)
class Failed:
    """A mail of ours that did not arrive; `status` is RFC 3463's, where the report has one."""

    address: str
    written_at: datetime
    status: str | None


def tag(ring: KeyRing, mail_id: str, to: str, written_at: datetime) -> str:
    """What stands behind the mail's id in its Message-ID."""
    seconds = int(written_at.timestamp())
    mac = ring.mac(PURPOSE, _proved(mail_id, seconds, to))
    return f"{seconds}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def is_about_the_address(status: str | None) -> bool:
    """Whether a permanent failure with that status says that the address does not work.

    A server that names no status is taken at its word; one that refuses our mail for its policy
    or its content says nothing about the address.
    """
    return status is None or _ABOUT_THE_ADDRESS.fullmatch(status) is not None


def status_in(text: str) -> str | None:
    """The enhanced status code in an SMTP server's answer (RFC 2034)."""
    found = _ENHANCED.search(text)
    return found[1] if found else None


def read(ring: KeyRing, raw: bytes) -> Failed:
    """The failure that a delivery report tells of.

    Raises RefusedError: `no_report` (something else, or a delay or a delivery), `not_ours` (it
    returns no mail of ours to that address), `not_the_address`.
    """
    try:
        mail = message_from_bytes(raw[:MOST_BYTES], policy=default)
        parts = {part.get_content_type(): part for part in reversed(list(mail.walk()))}
    except RecursionError:
        raise _no_report() from None
    told = parts.get("message/delivery-status")
    failures = [one for one in _blocks(told) if _text(one, "action").lower() == "failed"]
    returned = _returned(parts)
    if not failures or returned is None:
        raise _no_report()
    failed = _proved_by(ring, returned, failures)
    if not is_about_the_address(failed.status):
        raise RefusedError(
            "not_the_address",
            f"The report ({failed.status}) is about the mail or its way, not about the address.",
            "Nothing was marked. Look at the report: other mail may not arrive either.",
        )
    return failed


def _proved_by(ring: KeyRing, returned: EmailMessage, failures: list[Any]) -> Failed:
    found = _OURS.search(_text(returned, "message-id"))
    if found is None:
        raise _not_ours()
    mail_id, seconds, mac = found[1], int(found[2]), _decoded(found[3])
    for address, status in _candidates(returned, failures):
        if ring.verify_mac(PURPOSE, _proved(mail_id, seconds, address), mac):
            return Failed(address, datetime.fromtimestamp(seconds, UTC), status)
    raise _not_ours()


def _candidates(returned: EmailMessage, failures: list[Any]) -> Iterator[tuple[str, str | None]]:
    """Whom it may have been to. Where it was forwarded, only the returned mail says."""
    for one in failures:
        status = status_in(_text(one, "status"))
        for name in ("original-recipient", "final-recipient"):
            yield _text(one, name).rpartition(";")[2].strip(" <>"), status
        yield _text(returned, "to").strip(" <>"), status


def _blocks(told: Any) -> list[Any]:
    """The parts of a delivery status, of the report and of each recipient (section 2.1)."""
    found = told.get_payload() if isinstance(told, EmailMessage) else []
    return (
        [one for one in found if isinstance(one, EmailMessage)] if isinstance(found, list) else []
    )


def _returned(parts: dict[str, Any]) -> EmailMessage | None:
    whole, headers = parts.get("message/rfc822"), parts.get("text/rfc822-headers")
    if isinstance(whole, EmailMessage):
        found = whole.get_payload()
        return found[0] if isinstance(found, list) and isinstance(found[0], EmailMessage) else None
    if isinstance(headers, EmailMessage):
        return message_from_string(headers.get_content(), policy=default)
    return None


def _text(message: EmailMessage, name: str) -> str:
    return " ".join(str(message.get(name, "")).split())


def _proved(mail_id: str, seconds: int, to: str) -> bytes:
    return f"{mail_id}\n{seconds}\n{to.lower()}".encode()


def _decoded(text: str) -> bytes:
    try:
        return base64.urlsafe_b64decode(f"{text}=")
    except binascii.Error:
        return b""


def _no_report() -> RefusedError:
    return RefusedError(
        "no_report",
        "This is no report of a mail that could not be delivered.",
        "Hand over the whole mail that the other server sent back (RFC 3464), with what it returns "
        "of ours.",
    )


def _not_ours() -> RefusedError:
    return RefusedError(
        "not_ours",
        "The report returns no mail that this service sent to that address.",
        "Nothing was marked.",
    )
