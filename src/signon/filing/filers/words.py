"""A filer's right and its history in words, for the console."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from signon.accounts.directory import Account
from signon.filing.rights.filing_status import RightStatus
from signon.filing.rights.rights import Right
from signon.filing.roles import labels
from signon.web.dates import moment_in

STATUSES: Mapping[str, str] = {
    RightStatus.ACTIVE: "In force",
    RightStatus.PENDING: "Waiting",
    RightStatus.SUSPENDED: "Suspended",
}
CAUSES = {
    "court": "the court’s decision",
    "import": "the court’s imported list",
    "certification": "a missing certificate",
    "review": "the court’s look at the names",
}
FIELDS = {
    "status": "State",
    "roles": "Roles",
    "cases": "Cases",
    "admission": "Admission",
    "pending_for": "Waits for",
    "suspended_by": "Suspended by",
    "suspension_reason": "Reason",
    "conditions": "Conditions",
    "ended_at": "Ended",
}


def facts(account: Account, right: Right | None, zone: ZoneInfo) -> list[tuple[str, Any]]:
    """What stands at the top of a filer's page."""
    about = [
        ("Account", account.number),
        ("Username", account.username),
        ("E-mail", account.email),
        ("Account state", account.status.value),
    ]
    if right is None:
        return [*about, ("Filing rights", "None at present")]
    return [
        *about,
        ("Filing rights", STATUSES[right.status]),
        ("Suspended by", [CAUSES[one] for one in right.suspended_by]),
        ("Reason", right.suspension_reason),
        ("Waits for", [CAUSES[one] for one in right.pending_for]),
        ("Roles", labels(right.roles)),
        ("Admission", (right.admission or "").replace("_", " ")),
        ("May file in", list(right.cases) if right.cases is not None else "All cases of the role"),
        ("Conditions", right.conditions),
        ("Legacy login", right.login),
        ("Since", written(right.created_at, zone)),
    ]


def changed(one: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, list[str]]:
    """A change of a right: when, and each field before and after."""
    before, after = one["before"], one["after"] or {}
    lines = [
        f"{FIELDS[name]}: {_text(before[name])} → {_text(after[name])}"
        if before
        else f"{FIELDS[name]}: {_text(after[name])}"
        for name in FIELDS
        if name in after and (before or after[name] not in (None, []))
    ]
    return written(one["at"], zone), lines


def written(moment: datetime, zone: ZoneInfo) -> str:
    """A moment in the court's own time."""
    return moment_in(moment, zone.key)


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(one).replace("_", " ") for one in value) or "–"
    return str(value).replace("_", " ") if value else "–"
