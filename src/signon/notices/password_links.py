"""To whoever forgot a password: a link for each account of that address."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class PasswordLinks:
    """`accounts` holds lists of four texts: username, number, the link's address, and, where
    there is no link, why. `further` counts accounts that found no place in the mail.
    """

    accounts: list[list[str]]
    further: int
    minutes: int


MESSAGE = Message("password_links", "Choose a new password for your PACER account", PasswordLinks)
