"""What a court finds an applicant by: the name, and the bar numbers of what was sent to it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Select, select

from signon.accounts import found_by
from signon.db import Unit
from signon.filing.models import efile_registrations as table
from signon.filing.registrations.registrations import Registration
from signon.prepared import every
from signon.searching import entries, words
from signon.searching.entries import Entry

BATCH = 500
_ASKED = ("state_bars", "federal_bars")
"""Answers with bar numbers in them, each a text with what else its writer thought of."""
_NUMBER = re.compile(r"\S*\d\S*")


def bars_at(court_id: str) -> str:
    """The place of a court's applicants by their bar numbers."""
    return f"bars@{court_id}"


def bar_key(text: str) -> str:
    """Bar numbers that differ only in case and signs are one."""
    return "".join(each for each in text.casefold() if each.isalnum())


def note_sent(unit: Unit, there: Registration) -> None:
    """A registration was sent: from now on the court finds whoever sent it."""
    found_by.known_at(unit, there.account_id, there.court_id)
    entries.put(unit, _of_bars(there.account_id, there.court_id, there.answers))


def fill(unit: Unit, after: str) -> str | None:
    """A batch of registrations from before there were entries (`searching.filling`)."""
    found = _some(unit, after, BATCH)
    for _, account_id, court_id, _ in found:
        found_by.known_at(unit, account_id, court_id)
    entries.put(unit, (entry for row in found for entry in _of_bars(*row[1:])))
    return found[-1][0] if len(found) == BATCH else None


def _of_bars(account_id: str, court_id: str, answers: Mapping[str, Any]) -> Iterator[Entry]:
    written = " ".join(str(answers.get(name, "")) for name in _ASKED)
    for key in words.whole(*map(bar_key, _NUMBER.findall(written))):
        yield Entry(bars_at(court_id), key, account_id)


def _sent(*row: Any) -> tuple[Any, ...]:
    return row


@every(_sent)
def _some(after: str, limit: int) -> Select[Any]:
    return (
        select(table.c.id, table.c.account_id, table.c.court_id, table.c.answers)
        .where(table.c.id > after, table.c.submitted_at.is_not(None))
        .order_by(table.c.id)
        .limit(limit)
    )
