"""Can they file, if not why, and which act changes it: what a clerk reads first of a filer."""

from collections.abc import Collection
from typing import NamedTuple

from signon.filing.court.desk import Desk, Power
from signon.filing.linking import name_reviews
from signon.filing.readiness.readiness import Readiness
from signon.filing.readiness.readiness_lines import ChecklistLine, LineState
from signon.filing.registrations.registrations import Registration, State
from signon.filing.rights import suspension

ACTS = {
    "not_suspended": (suspension.RESTORE, "Restore the filing rights"),
    "active": (name_reviews.ACCEPT, "Accept the link"),
}
"""What takes a line of the checklist out of the way, by a button."""


class Verdict(NamedTuple):
    """The answer; `tell` is for the caller. The act is a button (`act`) or leads on (`path`)."""

    kind: str
    heading: str
    text: str
    tell: str = ""
    label: str = ""
    act: str = ""
    path: str = ""


def of(
    name: str,
    found: Readiness,
    registration: Registration | None,
    acts: Collection[str],
    desk: Desk,
) -> Verdict:
    """Of the filer of that name; `acts` are those that the reader may do."""
    line = found.next_line
    if line is None:
        told = "If the court’s menus are missing, the filer refreshes the page there."
        return Verdict("good", f"{name} can file here", told)
    kind = "no" if line.state is LineState.TO_DO or line.name == "not_suspended" else "wait"
    verdict = Verdict(kind, f"{name} cannot file here now", line.sentence, line.next_step)
    return _with_act(verdict, line, registration, acts, desk)


def _with_act(
    verdict: Verdict,
    line: ChecklistLine,
    registration: Registration | None,
    acts: Collection[str],
    desk: Desk,
) -> Verdict:
    act, label = ACTS.get(line.name, (None, ""))
    if act is not None and act.name in acts:
        return verdict._replace(act=act.name, label=label, tell="")
    waits = registration is not None and registration.state is State.PENDING
    if line.name == "linked_or_registered" and registration and waits:
        path = f"registrations/{registration.id}"
        return verdict._replace(path=path, label="Look at the registration")
    if line.name == "training" and desk.may(Power.CERTIFY):
        return verdict._replace(path="certificates/record", label="Record a certificate")
    return verdict
