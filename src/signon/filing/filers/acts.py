"""What the buttons of a filer's page do, and which of them there are as things stand."""

from collections.abc import Mapping

from signon.filing.court.desk import Desk
from signon.filing.linking import name_reviews
from signon.filing.rights import role_changes, suspension, unlinking
from signon.filing.rights.filers import Filer
from signon.filing.rights.rights import COURT, IMPORT, REVIEW, Right
from signon.web.acts import Act

PLAIN: Mapping[str, Act[Desk, [str], Filer]] = {
    act.name: act for act in (suspension.RESTORE, name_reviews.ACCEPT)
}
WITH_REASON: Mapping[str, Act[Desk, [str, str], Filer]] = {
    act.name: act for act in (suspension.SUSPEND, name_reviews.REJECT, unlinking.UNLINK)
}
"""The second argument is why."""
DONE = {
    **{name: act.done for name, act in PLAIN.items()},
    **{name: act.done for name, act in WITH_REASON.items()},
    role_changes.CHANGE.name: role_changes.CHANGE.done,
}


def possible(right: Right | None) -> set[str]:
    """What there is to do as things stand."""
    if right is None:
        return set()
    found = {unlinking.UNLINK.name, role_changes.CHANGE.name}
    if COURT not in right.suspended_by:
        found.add(suspension.SUSPEND.name)
    if {COURT, IMPORT} & set(right.suspended_by):
        found.add(suspension.RESTORE.name)
    if REVIEW in right.pending_for:
        found |= {name_reviews.ACCEPT.name, name_reviews.REJECT.name}
    return found
