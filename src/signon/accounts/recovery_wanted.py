"""Something forgotten that waits, sealed, to be answered behind the outbox (`recovery.answering`).

Whoever asks for it learns nothing: not whether there is such an account, nor what is mailed.
"""

from enum import StrEnum

from signon.crypto import KeyRing
from signon.db import Unit
from signon.outbox import events

KIND = "recovery:asked"
"""Kind of the outbox event that waits to be answered."""
TYPED = "recovery"
"""What the typed text is sealed for: people type passwords into the wrong field."""


class Wanted(StrEnum):
    """What was forgotten."""

    PASSWORD = "password"
    USERNAMES = "usernames"


def put(unit: Unit, ring: KeyRing, wanted: Wanted, typed: str, *, asked: str) -> None:
    """Let it be answered; `asked` is the audit event that says who wanted it."""
    sealed = ring.seal(typed.encode(), TYPED).hex()
    events.put(unit, KIND, {"wanted": wanted.value, "typed": sealed, "asked": asked})
