"""To whoever a reminder told of a court's day: it is another one."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class CutoverMoved(Message):
    """`day` is the new one in words, or that the court has yet to name it."""

    subject = _("The day of your filing login at {{ court }} has moved")

    court: str
    court_id: str
    day: str
    help_desk: str
