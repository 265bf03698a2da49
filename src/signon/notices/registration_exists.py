"""To the address of a registration by somebody who has an account already."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class RegistrationExists(Message):
    """Where the existing account is got back."""

    subject = _("You have a PACER account already")

    forgot_username_url: str
    forgot_password_url: str
