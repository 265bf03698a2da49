"""To every address of an account: something about it was changed, with a way to stop it."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class AccountChanged:
    """`change` is one sentence; `changed_at` the moment as text; the link works once."""

    account_number: str
    change: str
    changed_at: str
    not_me_url: str


MESSAGE = Message("account_changed", "Your PACER account was changed", AccountChanged)
