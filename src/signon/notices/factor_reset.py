"""To every address of an account: an operator was asked to remove its second factors."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class FactorReset(Message):
    """`due_at`: the moment, as text, at which they go; the link stops it until then."""

    subject = _("Your second factors will be removed")

    account_number: str
    due_at: str
    stop_url: str
