"""What happened in a firm, newest first, with before and after and who did it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, tuple_

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
    # composed by what is looked for
    wanted = _ALL.where(changes.c.firm_id == authority.firm.id).limit(limit)
    if about:
        wanted = wanted.where(changes.c.about == about)
    if after is not None:
        wanted = wanted.where(tuple_(changes.c.at, changes.c.id) < after)
    return [_happened(found) for found in unit.execute(wanted)]


def _happened(found: Any) -> Happened:
    acted_as = ActedAs(found.acted_as)
    names = (found.first_name, found.last_name)
    person = " ".join(part for part in names if part) or found.firm_name or found.client_name
    return Happened(
        id=found.id,
        at=found.at,
        by=OPERATOR if acted_as is ActedAs.OPERATOR else person or found.actor,
        acted_as=acted_as,
        subject=found.subject,
        about=found.about,
        remark=found.remark,
        before=found.before,
        after=found.after,
    )


_ALL = (
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
    .order_by(changes.c.at.desc(), changes.c.id.desc())
)
