"""To whom a court's old login concerns: somebody who may hold it registered there anew."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class OldLoginMatched(Message):
    """It says nothing of who registered: words of strangers do not travel."""

    subject = _("A registration for e-filing at {{ court }}")

    court: str
    court_id: str
    login: str
    help_desk: str
