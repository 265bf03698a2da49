"""To the address that an account has: another one was asked for, and needs its agreement."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class EmailChangeAsked(Message):
    """`new_email` is masked; `due_at` is when the change comes by itself, as text."""

    subject = _("Another e-mail address was asked for")

    account_number: str
    new_email: str
    due_at: str
    agree_url: str
    not_me_url: str
