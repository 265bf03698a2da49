"""To the holder of a new account that waited for its review: it can be used."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class AccountReleased:
    """Whose account it is."""

    username: str
    account_number: str


MESSAGE = Message("account_released", "Your PACER account is ready", AccountReleased)
