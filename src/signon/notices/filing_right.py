"""To a filer: the court, or the person, changed what may be filed there."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class FilingRight(Message):
    """`what` happened is a sentence; `reason` and `next_step` may be empty."""

    subject = _("Your filing rights at {{ court }}")

    account_number: str
    court: str
    court_id: str
    what: str
    reason: str
    next_step: str
