"""A filer's right and its history in words, for the console."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from signon.accounts.directory import Account
from signon.accounts.models import AccountStatus
from signon.accounts.unreachable import Unreachable
from signon.filing.rights.filing_status import RightStatus
from signon.filing.rights.rights import Right
from signon.filing.roles import Admission, labels
from signon.web.dates import day_in, day_in_words, moment_in

STATUSES: Mapping[str, str] = {
    RightStatus.ACTIVE: "In force",
    RightStatus.PENDING: "Waiting",
    RightStatus.SUSPENDED: "Suspended",
}
KINDS: Mapping[str, str] = {
    RightStatus.ACTIVE: "good",
    RightStatus.PENDING: "wait",
    RightStatus.SUSPENDED: "bad",
}
"""Of the tags that say so."""
ACCOUNTS: Mapping[AccountStatus, tuple[str, str]] = {
    AccountStatus.ACTIVE: ("good", "Account active"),
    AccountStatus.HELD: ("wait", "Account in review"),
    AccountStatus.DISABLED: ("bad", "Account disabled"),
}
CAUSES = {
    "court": "the court’s decision",
    "import": "the court’s imported list",
    "certification": "a missing certificate",
    "last_day": "its last day, which is over",
    "review": "the court’s look at the names",
}
ADMISSIONS: Mapping[str, str] = {
    Admission.FULL: "Full",
    Admission.PRO_HAC_VICE: "Pro hac vice",
    Admission.FEDERAL_ATTORNEY: "Federal attorney",
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
    "last_day": "Last day",
    "other_logins": "Further logins",
    "ended_at": "Ended",
}
NOTHING = {"cases": "all cases of the role"}
"""What a field says that holds nothing, where that is more than “none”."""


def tags(
    account: Account, right: Right | None, unreachable: Unreachable | None, zone: ZoneInfo
) -> list[tuple[str, str]]:
    """What stands below the name: kind and words."""
    held = ("plain", "No filing rights")
    if right is not None:
        held = (KINDS[right.status], f"Filing rights {STATUSES[right.status].lower()}")
    lost = (
        [("bad", f"Mail comes back since {day_in(unreachable.since, zone.key)}")]
        if unreachable
        else []
    )
    return [held, ACCOUNTS[account.status], *lost]


def held(right: Right, waiting_login: str | None, zone: ZoneInfo) -> list[tuple[str, Any]]:
    """What somebody holds at the court."""
    return [
        ("State", STATUSES[right.status]),
        ("Suspended by", [CAUSES[one] for one in right.suspended_by]),
        ("Reason", right.suspension_reason),
        ("Waits for", [CAUSES[one] for one in right.pending_for]),
        ("Roles", labels(right.roles)),
        ("Admission", ADMISSIONS.get(right.admission or "")),
        ("May file in", list(right.cases) if right.cases is not None else "All cases of the role"),
        ("Conditions", right.conditions or "None"),
        ("Last day", day_in(right.last_day) if right.last_day else "None set"),
        ("Old login", right.login),
        ("Further old logins", list(right.other_logins)),
        ("Waits for your look", waiting_login and f"The further login {waiting_login}"),
        ("Since", day_in(right.created_at, zone.key)),
    ]


def changed(one: Mapping[str, Any], zone: ZoneInfo) -> tuple[str, list[str]]:
    """A change of a right: when, and each field before and after."""
    before, after = one["before"], one["after"] or {}
    lines = [
        f"{FIELDS[name]}: {_text(name, before[name])} → {_text(name, after[name])}"
        if before
        else f"{FIELDS[name]}: {_text(name, after[name])}"
        for name in FIELDS
        if name in after and (before or after[name] not in (None, []))
    ]
    return written(one["at"], zone), lines


def written(moment: datetime, zone: ZoneInfo) -> str:
    """A moment in the court's own time."""
    return moment_in(moment, zone.key)


def _text(name: str, value: Any) -> str:
    if not value:
        return NOTHING.get(name, "none")
    if name == "roles":
        return ", ".join(labels(value))
    if name == "ended_at":
        return "yes"
    if name == "last_day":
        return day_in_words(date.fromisoformat(value))
    known = _VALUES.get(name, {})
    return ", ".join(known.get(one, one) for one in (value if isinstance(value, list) else [value]))


_VALUES: Mapping[str, Mapping[str, str]] = {
    "status": STATUSES,
    "admission": ADMISSIONS,
    "pending_for": CAUSES,
    "suspended_by": CAUSES,
}
