"""To a filer without a second factor: it was put off, and how often it still may be."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class FactorDue(Message):
    """`skips_left` of 0: the next time there is no filing without one."""

    subject = _("Your PACER account needs a second factor")

    account_number: str
    skips_left: int
    factors_url: str
