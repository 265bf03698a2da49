"""To whom a court's legacy login concerns: somebody goes on guessing at it, or knows its password."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class LoginAttempts(Message):
    """`guesses` wrong passwords; or `knows_password` is 1: the right one was typed by the account
    `account_number`, though the login is linked to another.
    """

    subject = _("Attempts to link the filing login {{ login }} at {{ court }}")

    court: str
    court_id: str
    login: str
    guesses: int
    knows_password: int
    account_number: str
    help_desk: str
