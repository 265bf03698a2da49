"""Consent: what a person allowed a client that is neither a court's nor trusted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Delete, Insert, Select, delete, select
from sqlalchemy.dialects.postgresql import insert

from signon.accounts import history
from signon.accounts.history import NO_PROOF, Proof
from signon.audit import trail
from signon.audit.events import Event
from signon.db import Unit
from signon.prepared import change, one
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
    return _find(unit, account_id, client_id)


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
    _store(unit, account_id, client_id, scopes, unit.now)
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
        _store(unit, account_id, client_id, scope, unit.now)
    else:
        forget(unit, account_id, client_id)


CONSENT = "consent"
"""Subject of the account's own history."""


def _consent(scopes: list[str], given_at: datetime) -> Consent:
    return Consent(frozenset(scopes), given_at)


@one(_consent)
def _find(account_id: str, client_id: str) -> Select[list[str], datetime]:
    return select(consents.c.scopes, consents.c.given_at).where(
        consents.c.account_id == account_id, consents.c.client_id == client_id
    )


@change
def forget(account_id: str, client_id: str) -> Delete:
    """Let the person have allowed the client nothing."""
    return delete(consents).where(
        consents.c.account_id == account_id, consents.c.client_id == client_id
    )


@change
def _store(account_id: str, client_id: str, scopes: Sequence[str], now: datetime) -> Insert:
    new = insert(consents).values(
        account_id=account_id, client_id=client_id, scopes=scopes, given_at=now
    )
    changed = {name: new.excluded[name] for name in ("scopes", "given_at")}
    return new.on_conflict_do_update(index_elements=["account_id", "client_id"], set_=changed)
