"""To an address that somebody wants for their account: its link makes it so."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class ConfirmEmail:
    """Nothing changes until the link's button is pressed."""

    account_number: str
    confirm_url: str


MESSAGE = Message("confirm_email", "Confirm your new e-mail address", ConfirmEmail)
