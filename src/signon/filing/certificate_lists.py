"""A court's certificates in pages, the latest recorded first."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, tuple_

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError
from signon.filing.certification import COLUMNS, JOINED, Certificate, of_row
from signon.filing.models import certifications


def find(
    unit: Unit, court: Court, *, number: str = "", after: str = "", limit: int = 50
) -> list[Certificate]:
    """At most `limit` of all, or of one account; `after` is the `key` of the last of a page.

    Raises InputError for a cursor that is none.
    """
    statement, values = _ALL, {"court": court.id, "limit": limit}  # type: Any, dict[str, Any]
    if number:
        statement = statement.where(accounts.c.number == bindparam("number"))
        values["number"] = number
    if after:
        statement = statement.where(_AFTER)
        values |= dict(zip(("at", "id"), _key_parts(after), strict=True))
    return [of_row(row) for row in unit.execute(statement, values).mappings()]


def key(one: Certificate) -> str:
    """Where a certificate stands in the list."""
    return f"{one.recorded_at.isoformat()} {one.id}"


def _key_parts(after: str) -> Sequence[Any]:
    at, _, certificate_id = after.partition(" ")
    try:
        return datetime.fromisoformat(at), certificate_id
    except ValueError:
        raise InputError("This is no cursor of ours.", field="cursor") from None


_ALL = (
    select(*COLUMNS)
    .select_from(JOINED)
    .where(certifications.c.court_id == bindparam("court"))
    .order_by(certifications.c.recorded_at.desc(), certifications.c.id.desc())
    .limit(bindparam("limit"))
)
_AFTER = tuple_(certifications.c.recorded_at, certifications.c.id) < tuple_(
    bindparam("at", type_=certifications.c.recorded_at.type),
    bindparam("id", type_=certifications.c.id.type),
)
