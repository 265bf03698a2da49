"""To the address of a registration by somebody who has an account already."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class RegistrationExists:
    """Where the existing account is got back."""

    forgot_username_url: str
    forgot_password_url: str


MESSAGE = Message("registration_exists", "You have a PACER account already", RegistrationExists)
