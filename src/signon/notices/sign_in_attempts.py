"""To an account's owner: somebody goes on trying to sign in to it."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class SignInAttempts(Message):
    """`attempts` failed; `knows_password` is 1 when only the second factor was wrong, else 0."""

    subject = _("Failed attempts to sign in to your PACER account")

    account_number: str
    attempts: int
    knows_password: int
