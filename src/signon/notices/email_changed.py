"""To the address before: it is no longer the account's, with a way back."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class EmailChanged:
    """`new_email` is masked: enough to recognise it by."""

    account_number: str
    new_email: str
    undo_url: str


MESSAGE = Message("email_changed", "Your e-mail address was changed", EmailChanged)
