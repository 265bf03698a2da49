"""Consent: what a person allowed a client that is neither a court's nor trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from signon.accounts import history
from signon.accounts.history import NO_PROOF, Proof
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit, insert_for
from signon.tokens.models import consents
from signon.web.visitor import Source


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
    unit: Unit,
    account_id: str,
    client_id: str,
    scope: Sequence[str],
    *,
    source: Source,
    proof: Proof = NO_PROOF,
) -> None:
    """Write down that the person allows these scopes, beside those allowed before."""
    before = find(unit, account_id, client_id)
    scopes = sorted({*scope, *(before.scopes if before else ())})
    _store(unit, account_id, client_id, scopes)
    event_id = trail.record(
        unit,
        Event.CONSENT_GIVEN,
        actor=account_id,
        account_id=account_id,
        client_id=client_id,
        source=source,
        scopes=scopes,
    )
    history.note(
        unit,
        account_id,
        CONSENT,
        event_id,
        actor=account_id,
        before={"scopes": sorted(before.scopes) if before else []},
        after={"client": client_id, "scopes": scopes},
        proof=proof,
    )


def set_back(unit: Unit, account_id: str, client_id: str, scope: Sequence[str]) -> None:
    """Let the client have been allowed these scopes only; without any it must ask again."""
    if scope:
        _store(unit, account_id, client_id, scope)
    else:
        unit.execute(_FORGET, {"account": account_id, "client": client_id})


def _store(unit: Unit, account_id: str, client_id: str, scopes: Sequence[str]) -> None:
    row = {
        "account_id": account_id,
        "client_id": client_id,
        "scopes": list(scopes),
        "given_at": unit.now,
    }
    statement = insert_for(unit)(consents)
    changed = {name: statement.excluded[name] for name in ("scopes", "given_at")}
    unit.execute(
        statement.on_conflict_do_update(index_elements=["account_id", "client_id"], set_=changed),
        row,
    )


CONSENT = "consent"
"""Subject of the account's own history."""
_FORGET = delete(consents).where(
    consents.c.account_id == bindparam("account"), consents.c.client_id == bindparam("client")
)
_FIND = select(consents.c.scopes, consents.c.given_at).where(
    consents.c.account_id == bindparam("account"), consents.c.client_id == bindparam("client")
)
