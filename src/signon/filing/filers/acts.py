"""What may be done about a filer, which of it as things stand, and what each act does."""

from collections.abc import Mapping
from typing import NamedTuple

from signon.filing.callers import passwords
from signon.filing.court.desk import Desk
from signon.filing.linking import folding, name_reviews
from signon.filing.rights import last_days, role_changes, suspension, unlinking
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import COURT, IMPORT, REVIEW, Right
from signon.web.acts import Act

PLAIN: Mapping[str, Act[Desk, [str], Filer]] = {
    act.name: act for act in (suspension.RESTORE, name_reviews.ACCEPT, folding.ACCEPT)
}
WITH_REASON: Mapping[str, Act[Desk, [str, str], Filer]] = {
    act.name: act
    for act in (suspension.SUSPEND, name_reviews.REJECT, folding.REJECT, unlinking.UNLINK)
}
"""The second argument is why."""


class Confirmed(NamedTuple):
    """The page that an act which takes something away has of its own.

    `heading` and the texts of `happens` (icon, heading, text) name the filer as `{name}`, the
    court as `{court}`; `field` holds the reason, `keep` says what leaving the page leaves.
    """

    label: str
    heading: str
    field: str
    happens: tuple[tuple[str, str, str], ...]
    keep: str


_TOLD = ("mail", "They are told", "By mail to {email}, with your reason and the court’s help desk.")
CONFIRMED: Mapping[str, Confirmed] = {
    suspension.SUSPEND.name: Confirmed(
        "Suspend the filing rights",
        "Suspend {name}’s filing rights?",
        "suspend_reason",
        (
            (
                "stop",
                "At once",
                "{name} is signed out of {court} and cannot file there. Other courts are not "
                "affected.",
            ),
            _TOLD,
            ("clock", "You can restore them", "On any day. Nothing has to be linked again."),
        ),
        "Keep them as they are",
    ),
    name_reviews.REJECT.name: Confirmed(
        "Refuse the link",
        "Refuse {name}’s link?",
        "reject_reason",
        (
            ("unlink", "The link is not made", "The old login keeps its own name."),
            _TOLD,
            (
                "link",
                "They can try again",
                "The old login can be linked again by whoever proves it.",
            ),
        ),
        "Keep looking at the names",
    ),
    folding.REJECT.name: Confirmed(
        "Refuse the further login",
        "Refuse {name}’s further login?",
        "reject_login_reason",
        (
            ("check", "The filing rights stay", "{name} files as before at {court}."),
            _TOLD,
            ("link", "The login is free again", "Whoever proves it can link it."),
        ),
        "Keep looking at it",
    ),
    unlinking.UNLINK.name: Confirmed(
        "End the filing rights",
        "End {name}’s filing rights?",
        "unlink_reason",
        (
            (
                "unlink",
                "At once",
                "{name} is signed out of {court} and cannot file there. Roles, cases and "
                "conditions are gone.",
            ),
            _TOLD,
            (
                "link",
                "You cannot restore them",
                "They have to link an old login with proof again, or register anew. To stop "
                "somebody for a while, suspend the rights instead.",
            ),
        ),
        "Keep them as they are",
    ),
}
"""By the act's name, in the order in which a filer's page offers them."""
DONE = {
    **{name: act.done for name, act in PLAIN.items()},
    **{name: act.done for name, act in WITH_REASON.items()},
    role_changes.CHANGE.name: role_changes.CHANGE.done,
    last_days.SET.name: last_days.SET.done,
    passwords.SEND.name: passwords.SEND.done,
}


def possible(right: Right | None, waiting_login: str | None = None) -> set[str]:
    """What there is to do as things stand; `waiting_login` is to be looked at."""
    if right is None:
        return set()
    found = {unlinking.UNLINK.name, role_changes.CHANGE.name}
    if COURT not in right.suspended_by:
        found.add(suspension.SUSPEND.name)
    if {COURT, IMPORT} & set(right.suspended_by):
        found.add(suspension.RESTORE.name)
    if REVIEW in right.pending_for:
        found |= {name_reviews.ACCEPT.name, name_reviews.REJECT.name}
    if waiting_login:
        found |= {folding.ACCEPT.name, folding.REJECT.name}
    return found
