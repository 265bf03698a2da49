"""What happened in a firm, newest first, with before and after and who did it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select, tuple_

from signon.accounts.models import accounts
from signon.clients.models import clients
from signon.db import Unit
from signon.firms.access import ActedAs, Authority
from signon.firms.models import changes

OPERATOR = "the PACER Service Center"


@dataclass(frozen=True, slots=True)
class Happened:
    """One change. `by` is a name for people: an operator's own is the service's."""

    id: str
    at: datetime
    by: str
    acted_as: ActedAs
    subject: str
    about: str | None
    remark: str | None
    before: Mapping[str, Any]
    after: Mapping[str, Any]


def listed(
    unit: Unit,
    authority: Authority,
    *,
    about: str | None = None,
    after: tuple[datetime, str] | None = None,
    limit: int = 50,
) -> list[Happened]:
    """A page of them; `about`: only what is about this number, address or code."""
    values: dict[str, Any] = {"firm": authority.firm.id, "limit": limit}
    statement = _LISTED
    if about:
        statement, values = statement.where(_IS_ABOUT), values | {"about": about}
    if after is not None:
        statement = statement.where(_IS_OLDER)
        values |= {"after_at": after[0], "after_id": after[1]}
    return [_happened(row) for row in unit.execute(statement, values).mappings()]


def _happened(row: Mapping[Any, Any]) -> Happened:
    acted_as = ActedAs(row["acted_as"])
    names = [row["first_name"], row["last_name"]]
    person = " ".join(part for part in names if part) or row["firm_name"] or row["client_name"]
    by = OPERATOR if acted_as is ActedAs.OPERATOR else person or row["actor"]
    kept = {name: row[name] for name in ("id", "at", "subject", "about", "remark")}
    return Happened(**kept, by=by, acted_as=acted_as, before=row["before"], after=row["after"])


_LISTED = (
    select(
        *changes.c,
        accounts.c.first_name,
        accounts.c.last_name,
        accounts.c.firm_name,
        clients.c.name.label("client_name"),
    )
    .select_from(
        changes.outerjoin(accounts, accounts.c.id == changes.c.actor).outerjoin(
            clients, clients.c.id == changes.c.actor
        )
    )
    .where(changes.c.firm_id == bindparam("firm"))
    .order_by(changes.c.at.desc(), changes.c.id.desc())
    .limit(bindparam("limit"))
)
_IS_ABOUT = changes.c.about == bindparam("about")
_IS_OLDER: Any = tuple_(changes.c.at, changes.c.id) < tuple_(
    bindparam("after_at", type_=changes.c.at.type), bindparam("after_id", type_=changes.c.id.type)
)
