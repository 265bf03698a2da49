"""Whom a court finds by name because they have a right there: those from before there were entries."""

from collections.abc import Sequence

from sqlalchemy import Select, literal, select

from signon.accounts import found_by
from signon.db import Unit
from signon.filing.models import rights
from signon.prepared import values
from signon.searching.entries import put_found
from signon.searching.models import entries

BATCH = 2000


def fill(unit: Unit, after: str) -> str | None:
    """A batch of rights (`searching.filling`); their accounts' entries are there already."""
    found = _some(unit, after, BATCH)
    if found:
        _copy(unit, found)
    return found[-1] if len(found) == BATCH else None


def _copy(unit: Unit, ids: Sequence[str]) -> None:
    # a list of any length
    there = (
        select(literal(found_by.at_court("")) + rights.c.court_id, entries.c.key, entries.c.subject)
        .join(
            entries,
            (entries.c.subject == rights.c.account_id) & (entries.c.place == found_by.NAMES),
        )
        .where(rights.c.id.between(ids[0], ids[-1]))
    )
    put_found(unit, there)


@values
def _some(after: str, limit: int) -> Select[str]:
    return select(rights.c.id).where(rights.c.id > after).order_by(rights.c.id).limit(limit)
