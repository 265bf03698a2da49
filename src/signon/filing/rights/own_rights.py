"""The filing rights of one account, at all courts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.models import rights as table
from signon.filing.rights import rights, unlinking
from signon.filing.rights.filing_status import RIGHT_COLUMNS, FilingStatus, filing_status


@dataclass(frozen=True, slots=True)
class OwnRight:
    """A right that has not ended; `is_linked`: it came with a legacy login of the court, and may
    be undone by the person until `undo_until`, if that is given. `conditions` is the court's text.
    """

    id: str
    court: Court
    filing_status: FilingStatus
    since: datetime
    is_linked: bool
    undo_until: datetime | None = None
    conditions: str | None = None


def of_account(unit: Unit, account_id: str, courts: Mapping[str, Court]) -> list[OwnRight]:
    """Every right, by the courts' names; `courts` is the registry."""
    rows = unit.execute(_OF_ACCOUNT, {"account": account_id}).mappings()
    found = [
        OwnRight(
            id=row["right_id"],
            court=courts[row["court_id"]],
            filing_status=filing_status(courts[row["court_id"]], row, unit.now),
            since=row["created_at"],
            is_linked=row["legacy_login_id"] is not None,
            conditions=row["conditions"],
            undo_until=unlinking.undo_until(rights.of_row(row), unit.now),
        )
        for row in rows
        if row["court_id"] in courts
    ]
    return sorted(found, key=lambda right: right.court.name)


_OF_ACCOUNT = (
    select(*RIGHT_COLUMNS, *table.c)
    .join(accounts, accounts.c.id == table.c.account_id)
    .where(table.c.account_id == bindparam("account"), table.c.ended_at.is_(None))
)
