"""Sending a message: it is written into the outbox with the change that it tells of."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from signon import ids
from signon.db import Unit
from signon.notices.message import Envelope, address, checked, compose
from signon.notices.messages import MESSAGES
from signon.outbox import events

KIND = "mail"


def send(unit: Unit, message: str, to: str, **values: object) -> None:
    """Queue `message` (its name) to the address `to`; it leaves after the unit's commit.

    The mail is composed once on the way in, so that one which could never be sent fails here
    and takes the unit with it: raises KeyError (no such message), TypeError (its values),
    ValueError (an address or a header that cannot stand in a mail).
    """
    kind = MESSAGES[message]
    given = checked(kind, values)
    compose(kind, given, Envelope(ids.new_id(), to, "trial@localhost", "http://localhost", TRIAL))
    events.put(unit, KIND, {"to": to, "message": message, "values": given})


def send_many(
    unit: Unit, message: str, letters: Sequence[tuple[str, Mapping[str, object]]]
) -> None:
    """Queue one message to many; of the compositions the first is tried, of the addresses all.

    Raises as `send` does.
    """
    if not letters:
        return
    kind = MESSAGES[message]
    given = [(to, checked(kind, values)) for to, values in letters]
    for place, (to, values) in enumerate(given):
        if place == 0:
            sender = Envelope(ids.new_id(), to, "trial@localhost", "http://localhost", TRIAL)
            compose(kind, values, sender)
        address(to)
    payloads = [{"to": to, "message": message, "values": values} for to, values in given]
    events.put_many(unit, KIND, payloads)


TRIAL = datetime(2026, 1, 1, tzinfo=UTC)
"""The date of the trial composition; that mail is thrown away."""
