"""To somebody whom a firm asks to be a member or an administrator, or for whom it prepared an account."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class FirmInvitation(Message):
    """Nothing changes until it is accepted; who asks, and why, stands on its page. `kind`: member, administrator or prepared."""

    subject = _("Firm {{ firm_number }} invites you")

    kind: str
    firm_number: str
    hours: int
    invitation_url: str
