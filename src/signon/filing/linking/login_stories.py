"""One legacy login as a court's help desk reads it: can it be linked, and what was tried with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from signon.db import Unit
from signon.filing.court import court_activity
from signon.filing.court.court_activity import ActivityLine
from signon.filing.court.desk import Desk
from signon.filing.legacy_logins import legacy_lists, legacy_logins
from signon.filing.legacy_logins.legacy_lists import ListedLogin
from signon.filing.linking.guesses import Guesses


@dataclass(frozen=True, slots=True)
class Story:
    """`has_password`, `takes_mail_only`: how it can be proved."""

    login: ListedLogin
    events: Sequence[ActivityLine]
    has_password: bool
    takes_mail_only: bool


class LoginVerdict(NamedTuple):
    """A verdict; `tell` is for the caller."""

    kind: str
    heading: str
    text: str
    tell: str


def of(unit: Unit, desk: Desk, login_id: str) -> Story:
    """Raises NotFoundError."""
    found = legacy_lists.one(unit, desk.court, login_id)
    stored = legacy_logins.by_id(unit, login_id)
    if found is None or stored is None:
        raise legacy_logins.unknown_login()
    return Story(
        found,
        court_activity.of_login(unit, desk, login_id),
        bool(legacy_logins.open_password(unit.ring, stored)),
        Guesses(unit.ring, desk.settings).takes_mail_only(unit, desk.court, found.login),
    )


def verdict(story: Story) -> LoginVerdict:
    """Whether whoever has it can link it now, and how."""
    one = story.login
    if one.account_number:
        return LoginVerdict(
            "good",
            "It is linked",
            f"The old login no longer works; account {one.account_number} has its rights.",
            "Sign in with the username and password of that account, not with the old login.",
        )
    if one.status != "active":
        return LoginVerdict(
            "no",
            "It cannot be linked",
            f"The court’s list says that it is {one.status}.",
            "Talk to the clerk’s office: a new list can make it active again.",
        )
    by_password = story.has_password and not story.takes_mail_only
    if by_password:
        told = "With its own password, or by a link mailed to the address on file."
        return LoginVerdict(
            "good", "It can be linked", told if one.email else told[:22] + ".", _LINK
        )
    why = (
        "There were too many wrong passwords, so its password no longer counts."
        if story.has_password
        else "The court’s list has no password for it."
    )
    if not one.email:
        told = f"{why} There is no address on file either: a new list can bring one."
        return LoginVerdict("no", "It cannot be proved", told, "Talk to the clerk’s office.")
    return LoginVerdict("wait", "It is linked by mail only", why, "Follow the link in the mail.")


_LINK = (
    "First sign in with the username of the PACER account, then link the old login once. The old "
    "password is asked for on the second page, not at the sign-in."
)
