"""To whoever forgot a password: a link for each account of that address."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class PasswordLinks(Message):
    """`accounts` holds lists of four texts: username, number, the link's address, and, where
    there is no link, why. `further` counts accounts that found no place in the mail.
    """

    subject = _("Choose a new password for your PACER account")

    accounts: list[list[str]]
    further: int
    minutes: int
