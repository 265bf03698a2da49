"""A court's certificates in pages, the latest recorded first."""

from typing import Any

from sqlalchemy import bindparam, select, tuple_

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.certificates.certification import COLUMNS, JOINED, Certificate, of_row
from signon.filing.models import certifications
from signon.web.paging import place_after, place_of


def find(
    unit: Unit, court: Court, *, number: str = "", after: str = "", limit: int = 50
) -> list[Certificate]:
    """At most `limit` of all, or of one account; `after` is the `key` of the last of a page.

    Raises InputError for a cursor that is none.
    """
    statement: Any = _ALL
    values: dict[str, Any] = {"court": court.id, "limit": limit}
    if number:
        statement = statement.where(accounts.c.number == bindparam("number"))
        values["number"] = number
    if after:
        statement = statement.where(_AFTER)
        values |= dict(zip(("at", "id"), place_after(after), strict=True))
    return [of_row(row) for row in unit.execute(statement, values).mappings()]


def key(one: Certificate) -> str:
    """Where a certificate stands in the list."""
    return place_of(one.recorded_at, one.id)


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
