"""Consent: what a person allowed a client that is neither a court's nor trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select

from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit, insert_for
from signon.tokens.models import consents
from signon.web.visitor import Origin


@dataclass(frozen=True, slots=True)
class Consent:
    """The scopes that were allowed, together, and when this was last said."""

    scopes: frozenset[str]
    given_at: datetime

    def covers(self, scope: Sequence[str]) -> bool:
        """Whether nothing more is asked for now."""
        return self.scopes.issuperset(scope)


def find(unit: Unit, account_id: str, client_id: str) -> Consent | None:
    """What the person allowed the client."""
    row = unit.execute(_FIND, {"account": account_id, "client": client_id}).one_or_none()
    return Consent(frozenset(row.scopes), row.given_at) if row else None


def give(
    unit: Unit, account_id: str, client_id: str, scope: Sequence[str], *, origin: Origin
) -> None:
    """Write down that the person allows these scopes, beside those allowed before."""
    before = find(unit, account_id, client_id)
    scopes = sorted({*scope, *(before.scopes if before else ())})
    row = {
        "account_id": account_id,
        "client_id": client_id,
        "scopes": scopes,
        "given_at": unit.now,
    }
    statement = insert_for(unit)(consents)
    changed = {name: statement.excluded[name] for name in ("scopes", "given_at")}
    unit.execute(
        statement.on_conflict_do_update(index_elements=["account_id", "client_id"], set_=changed),
        row,
    )
    trail.record(
        unit,
        Event.CONSENT_GIVEN,
        actor=account_id,
        account_id=account_id,
        client_id=client_id,
        origin=origin,
        scopes=scopes,
    )


_FIND = select(consents.c.scopes, consents.c.given_at).where(
    consents.c.account_id == bindparam("account"), consents.c.client_id == bindparam("client")
)
