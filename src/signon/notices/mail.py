"""Sending a message: it is written into the outbox with the change that it tells of."""

from collections.abc import Sequence
from datetime import UTC, datetime

from signon import ids
from signon.db import Unit
from signon.notices.message import Envelope, Message, address, checked, compose
from signon.outbox import events
from signon.words.language import ENGLISH, Language, current

KIND = "mail"


def send(unit: Unit, message: Message, *, to: str, language: Language | None = None) -> None:
    """Queue a message to an address; it leaves after the unit's commit. `language` is the
    reader's where it is known (`Account.language`), else it is that of the present request.

    The mail is composed once on the way in, so that one which could never be sent fails here
    and takes the unit with it: raises TypeError (its values), ValueError (an address or a header
    that cannot stand in a mail).
    """
    send_many(unit, [(to, message)], language=language)


def send_many(
    unit: Unit,
    letters: Sequence[tuple[str, Message]],
    *,
    language: Language | None = None,
    lane: str | None = None,
) -> list[str]:
    """Queue messages of one kind to many; of the compositions the first is tried, of the
    addresses all. Answers the mails' ids. A mass of them goes in a `lane` of its own, beside which
    other mail gets its turn.

    Raises as `send` does.
    """
    payloads: list[dict[str, object]] = []
    for to, message in letters:
        spoken = language or current() if message.is_translated else ENGLISH
        values = checked(message, spoken)
        if not payloads:
            trial = Envelope(ids.new_id(), to, "trial@localhost", "http://localhost", TRIAL)
            compose(type(message), values, trial, spoken)
        address(to)
        sent: dict[str, object] = {
            "to": to,
            "message": message.name,
            "values": values,
            "language": spoken.tag,
        }
        payloads.append(sent)
    return events.put_many(unit, KIND, payloads, lane=lane) if payloads else []


TRIAL = datetime(2026, 1, 1, tzinfo=UTC)
"""The date of the trial composition; that mail is thrown away."""
