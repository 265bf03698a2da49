"""To the address of a new registration: the link that proves it.

Nothing that was typed stands in it, or strangers could have us mail their words.
"""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class RegistrationConfirm(Message):
    """`may_exist` and `is_held` are 0 or 1: an account may exist already; it will be reviewed."""

    subject = _("Confirm your address to open your PACER account")

    confirm_url: str
    hours: int
    may_exist: int
    is_held: int
    forgot_username_url: str
