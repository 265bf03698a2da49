"""What a clock that was set back has left behind, and what makes it good.

All moments are the machine's clock's. After it was set back, what was stamped before lies ahead: a wait
of a minute would last for hours, a mail be late by as much, and a sign-in outlive the password that it
was made with. What becomes of such rows is declared beside the table. (decision 46)
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, MetaData, Table, bindparam, update

from signon.clock import LEEWAY
from signon.db import Moment, Unit

NOW = bindparam("now", type_=Moment)
AHEAD = bindparam("ahead", type_=Moment)
"""In a condition of `made_good`: the latest that a clock of ours may be at."""
FAR = bindparam("far", type_=Moment)
"""What lies further ahead was meant to last, since no wait and no window is so long."""
LONGEST = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class MadeGood:
    """Which rows of a table, and what is set in them."""

    comes_from_ahead: ColumnElement[bool]
    values: dict[str, Any]


def made_good(table: Table, comes_from_ahead: ColumnElement[bool], **values: Any) -> None:
    """Say which of a table's rows only a clock that was set back explains, and what to set there."""
    table.info.setdefault(MadeGood, []).append(MadeGood(comes_from_ahead, values))


def make_good(unit: Unit, metadata: MetaData) -> dict[str, int]:
    """Set all that was declared; answers how many rows of which tables there were."""
    found: dict[str, int] = {}
    moments = {"now": unit.now, "ahead": unit.now + LEEWAY, "far": unit.now + LONGEST}
    for table in metadata.sorted_tables:
        for one in table.info.get(MadeGood, ()):
            # once in years: nothing is gained by preparing it
            change = update(table).where(one.comes_from_ahead).values(one.values)
            if number := unit.execute(change, moments).rowcount:
                found[table.name] = found.get(table.name, 0) + number
    return found
