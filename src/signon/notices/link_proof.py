"""To the address that a court has on file for a legacy login: a link that proves the login."""

from dataclasses import dataclass

from signon.notices.message import Message
from signon.words.sentences import _


@dataclass(frozen=True, slots=True)
class LinkProof(Message):
    """`logins` holds lists of four texts: login, whose it is, the link's address, and, where
    there is no link, why. `asker` is an account's number; empty: the court's help desk had it sent. `further` counts
    logins that found no place in the mail.
    """

    subject = _("Link your filing login at {{ court }}")

    court: str
    asker: str
    logins: list[list[str]]
    further: int
    minutes: int
    help_desk: str
