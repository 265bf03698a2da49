"""To every address of an account: something about it was changed, with a way to stop it."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class AccountChanged(Message):
    """`change` is one sentence; `changed_at` the moment as text; the link works once."""

    subject = _("Your PACER account was changed")

    account_number: str
    change: str
    changed_at: str
    not_me_url: str
