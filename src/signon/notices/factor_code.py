"""The code that confirms adding a factor."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class FactorCode(Message):
    """`code` has six digits; `doing` says what it is for: "add an authenticator app"."""

    subject = _("Your code to {{ doing }}")

    account_number: str
    code: str
    doing: str
