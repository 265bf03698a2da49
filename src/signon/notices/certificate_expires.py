"""To a filer: the training certificate that the filing rights need runs out soon."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class CertificateExpires(Message):
    """`role` and `expires_on` are for people; `training_url` may be empty."""

    subject = _("Your training certificate at {{ court }} runs out")

    account_number: str
    court: str
    court_id: str
    role: str
    expires_on: str
    training_url: str
