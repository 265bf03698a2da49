"""To every address of an account: its second factors are to be removed."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class FactorReset(Message):
    """`due_at`: the moment, as text, at which they go; the link stops it until then. `is_own`: it
    was asked for at the sign-in, with the password, and not from an operator.
    """

    subject = _("Your second factors will be removed")

    account_number: str
    due_at: str
    stop_url: str
    is_own: bool = False
