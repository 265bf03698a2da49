"""The filing rights of one account, at all courts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.models import rights as table
from signon.filing.rights import rights, unlinking
from signon.filing.rights.filing_status import RIGHT_COLUMNS, FilingStatus, HeldRight, filing_status
from signon.filing.rights.rights import Right
from signon.prepared import every, values


@dataclass(frozen=True, slots=True)
class OwnRight:
    """A right that has not ended; `is_linked`: it came with a legacy login of the court, and may
    be undone by the person until `undo_until`, if that is given. `conditions` is the court's text.
    `acts_for`: how many a filing agent may file for there now.
    """

    id: str
    court: Court
    filing_status: FilingStatus
    since: datetime
    is_linked: bool
    undo_until: datetime | None = None
    conditions: str | None = None
    acts_for: int = 0

    @property
    def is_usable(self) -> bool:
        """Whether anything can be filed with it now, for its holder or for others."""
        return self.filing_status.is_usable or self.acts_for > 0


def of_account(unit: Unit, account_id: str, courts: Mapping[str, Court]) -> list[OwnRight]:
    """Every right, by the courts' names; `courts` is the registry."""
    found = [
        OwnRight(
            id=right.id,
            court=courts[right.court_id],
            filing_status=filing_status(courts[right.court_id], held, unit.now),
            since=right.created_at,
            is_linked=right.legacy_login_id is not None,
            conditions=right.conditions,
            undo_until=unlinking.undo_until(right, unit.now),
        )
        for held, right in _of_account(unit, account_id)
        if right.court_id in courts
    ]
    return sorted(found, key=lambda right: right.court.name)


def courts_of(unit: Unit, account_id: str, courts: Mapping[str, Court]) -> list[str]:
    """The names of the courts that read what the account says of its holder, in their order."""
    return sorted(courts[one].name for one in _courts_of(unit, account_id) if one in courts)


def _both(*values: Any) -> tuple[HeldRight, Right]:
    count = len(RIGHT_COLUMNS)
    return HeldRight(*values[:count]), rights.of_columns(*values[count:])


@values
def _courts_of(account_id: str) -> Select[str]:
    mine = table.c.account_id == account_id, table.c.ended_at.is_(None)
    return select(table.c.court_id).where(*mine)


@every(_both)
def _of_account(account_id: str) -> Select[*tuple[Any, ...]]:
    return (
        select(*RIGHT_COLUMNS, *rights.COLUMNS)
        .join(accounts, accounts.c.id == table.c.account_id)
        .where(table.c.account_id == account_id, table.c.ended_at.is_(None))
    )
