"""To somebody who has to have a second factor from now on and has none."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class FactorRequired(Message):
    """`because` is a sentence; `since` a day, as text. `blocks_all`: without one nothing opens
    at all; else it may be put off `skips_left` times, and after that filing waits for it.
    """

    subject = _("Your PACER account needs a second factor")

    account_number: str
    because: str
    since: str
    skips_left: int
    blocks_all: bool
