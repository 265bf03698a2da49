"""To whoever forgot a username: every one that belongs to that address."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class Usernames(Message):
    """`accounts` holds lists of three texts: username, number, and, where it cannot be used now,
    why. `further` counts accounts that found no place in the mail.
    """

    subject = _("Your PACER username")

    accounts: list[list[str]]
    further: int
