"""A court's certificates in pages, the latest recorded first."""

from sqlalchemy import literal, select, tuple_

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Moment, Unit
from signon.filing.certificates.certification import COLUMNS, JOINED, Certificate, of_columns
from signon.filing.models import certifications
from signon.web.paging import place_after, place_of


def find(
    unit: Unit, court: Court, *, number: str = "", after: str = "", limit: int = 50
) -> list[Certificate]:
    """At most `limit` of all, or of one account; `after` is the `key` of the last of a page.

    Raises InputError for a cursor that is none.
    """
    # composed of what is asked for
    statement = (
        select(*COLUMNS)
        .select_from(JOINED)
        .where(certifications.c.court_id == court.id)
        .order_by(certifications.c.recorded_at.desc(), certifications.c.id.desc())
        .limit(limit)
    )
    if number:
        statement = statement.where(accounts.c.number == number)
    if after:
        at, certificate_id = place_after(after)
        place = tuple_(certifications.c.recorded_at, certifications.c.id)
        statement = statement.where(place < tuple_(literal(at, Moment), certificate_id))
    return [of_columns(*row) for row in unit.execute(statement)]


def key(one: Certificate) -> str:
    """Where a certificate stands in the list."""
    return place_of(one.recorded_at, one.id)
