"""What a request of the staff asks for, in words: everything that confirming it would do."""

from collections.abc import Mapping
from typing import Any

from signon.filing.court.second_member import Kind
from signon.filing.roles import labels

TITLES: Mapping[Kind, str] = {
    Kind.ROLES: "Give a filer the role U.S. Trustee",
    Kind.APPROVAL: "Approve a registration with the role U.S. Trustee",
    Kind.STAFF: "Give somebody a role of the staff",
    Kind.POLICY: "Change the court’s policy",
    Kind.IMPORT: "Import legacy logins",
}
Facts = list[tuple[str, str | list[str]]]


def facts(kind: Kind, asked: Mapping[str, Any]) -> Facts:
    """Pairs of a label and a text, or texts; an empty one says nothing."""
    return _FACTS[kind](asked)


def _given(asked: Mapping[str, Any]) -> Facts:
    return [
        ("Roles", labels(asked["roles"])),
        ("May file in", list(asked["cases"] or ()) or "All cases of the role"),
        ("Conditions", asked["conditions"] or "None"),
    ]


def _roles(asked: Mapping[str, Any]) -> Facts:
    return [("Filer", asked["account_number"]), *_given(asked)]


def _approval(asked: Mapping[str, Any]) -> Facts:
    return [
        ("Applicant", asked["account_number"]),
        *_given(asked),
        ("Admission", (asked["admission"] or "").replace("_", " ")),
        ("Last day", asked.get("last_day") or ""),
        ("Message", asked["message"]),
    ]


def _staff(asked: Mapping[str, Any]) -> Facts:
    return [
        ("Account", asked["account_number"]),
        ("Role", asked["role"].replace("_", " ")),
        ("Until now", (asked["before"] or "none").replace("_", " ")),
    ]


def _policy(asked: Mapping[str, Any]) -> Facts:
    return [
        (name.replace("_", " ").capitalize(), f"{was or 'not said'} → {now or 'not said'}")
        for name, (was, now) in asked["changes"].items()
    ]


def _import(asked: Mapping[str, Any]) -> Facts:
    counts = [f"{name.replace('_', ' ')}: {count}" for name, count in asked["counts"].items()]
    return [("SHA-256 of the file", asked["file_sha256"]), ("It holds", counts)]


_FACTS = {
    Kind.ROLES: _roles,
    Kind.APPROVAL: _approval,
    Kind.STAFF: _staff,
    Kind.POLICY: _policy,
    Kind.IMPORT: _import,
}
