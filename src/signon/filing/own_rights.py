"""The filing rights of one account, at all courts."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from signon.accounts.models import accounts
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.models import rights
from signon.filing.standing import RIGHT_COLUMNS, Standing, standing


@dataclass(frozen=True, slots=True)
class OwnRight:
    """A right that has not ended; `is_linked`: it came with a legacy login of the court."""

    id: str
    court: Court
    standing: Standing
    since: datetime
    is_linked: bool


def of_account(unit: Unit, account_id: str, courts: Mapping[str, Court]) -> list[OwnRight]:
    """Every right, by the courts' names; `courts` is the registry."""
    rows = unit.execute(_OF_ACCOUNT, {"account": account_id}).mappings()
    found = [
        OwnRight(
            id=row["right_id"],
            court=courts[row["court_id"]],
            standing=standing(courts[row["court_id"]], row, unit.now),
            since=row["created_at"],
            is_linked=row["legacy_login_id"] is not None,
        )
        for row in rows
        if row["court_id"] in courts
    ]
    return sorted(found, key=lambda right: right.court.name)


_OF_ACCOUNT = (
    select(*RIGHT_COLUMNS, rights.c.court_id, rights.c.created_at, rights.c.legacy_login_id)
    .join(accounts, accounts.c.id == rights.c.account_id)
    .where(rights.c.account_id == bindparam("account"), rights.c.ended_at.is_(None))
)
