"""Rehearsals of courts: the domain of their people, and the mark on their courts' names.

Both are what a mail is known by when it is about to leave: one to a rehearsal's people, or about
a rehearsal's court, is kept and read, never sent (docs/decisions/0041-a-rehearsal-of-the-day.md).
"""

from collections.abc import Mapping
from typing import Any

DOMAIN = "rehearsal.test"
"""Reserved: it reaches nobody (RFC 6761 section 6.2)."""
MARK = "Rehearsal: "
"""Stands before the name of a rehearsal's court wherever that is said."""


def address(local: str, court_id: str) -> str:
    """The address of somebody invented for a rehearsal."""
    return f"{local}@{court_id}.{DOMAIN}"


def court_of(email: str) -> str | None:
    """The rehearsal to which the holder of an address belongs; None for everybody else."""
    host = email.rpartition("@")[2].lower()
    return host.removesuffix(f".{DOMAIN}") if host.endswith(f".{DOMAIN}") else None


def is_elsewhere(email: str, court_id: str | None) -> bool:
    """Whether somebody invented has come to where only real people may."""
    own = court_of(email)
    return own is not None and own != court_id


def is_held(to: str, values: Mapping[str, Any]) -> bool:
    """Whether a mail may not leave; `values` are its message's."""
    return court_of(to) is not None or str(values.get("court", "")).startswith(MARK)
