"""To both addresses, the account's and the legacy login's: a filing login was linked."""

from dataclasses import dataclass

from signon.notices.message import Message


@dataclass(frozen=True, slots=True)
class LinkMade:
    """`name` is the account holder's, `linked_at` the moment in the court's own time, as text."""

    name: str
    court: str
    court_url: str
    login: str
    roles: list[str]
    linked_at: str


MESSAGE = Message("link_made", "Your filing login at {{ court }} is linked", LinkMade)
