"""To the address of an account: it is upgraded, and what to sign in with from now on."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class AccountUpgraded(Message):
    """`old_username` may be the same as `username`; `login_url` is where to sign in."""

    subject = _("Your PACER account is upgraded")

    account_number: str
    username: str
    old_username: str
    login_url: str
