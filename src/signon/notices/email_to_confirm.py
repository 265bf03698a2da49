"""To a new e-mail address: open the link, and it becomes the account's."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class EmailToConfirm:
    """The link works once, for a day."""

    name: str
    account_number: str
    confirm_url: str


MESSAGE = Message("email_to_confirm", "Confirm your e-mail address", EmailToConfirm)
