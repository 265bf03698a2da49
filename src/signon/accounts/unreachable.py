"""Addresses that mail does not reach: a state, with a beginning and an end.

It begins with a mail server's refusal or a delivery report, and ends when somebody uses a link
that was mailed there; an account leaves it behind with another address. Mail goes on being tried:
the state keeps nobody from a notice that may arrive after all.
"""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Select, Update, func, or_, select, update
from sqlalchemy.dialects.postgresql import Insert, insert

from signon.accounts.directory import email_key
from signon.accounts.models import accounts, unreachable_addresses
from signon.audit import trail
from signon.audit.events import Event
from signon.crypto import KeyRing
from signon.db import Unit
from signon.notices import reports
from signon.notices.reports import Failed
from signon.prepared import change, one, values

REFUSED, REPORTED = "refused", "reported"
"""How it became known: the server refused the recipient, or a report came back."""


class Unreachable(NamedTuple):
    """Since when mail does not reach an address; `status` is RFC 3463's, if one was given."""

    since: datetime
    how: str
    status: str | None


def of(unit: Unit, address: str) -> Unreachable | None:
    """What is known against an address; None: as far as we know it works."""
    return _find(unit, address.lower())


def take_report(unit: Unit, ring: KeyRing, raw: bytes) -> bool:
    """Mark the address of a delivery report; False when it was marked, or worked since.

    Raises RefusedError for anything that is no report of a mail of ours.
    """
    return note(unit, reports.read(ring, raw), how=REPORTED)


def note(unit: Unit, failed: Failed, *, how: str) -> bool:
    """Mark an address; a mail from before it was last proved tells nothing new."""
    address = failed.address.lower()
    if _mark(unit, address, unit.now, how, failed.status, failed.written_at) != 1:
        return False
    for account_id in _holders(unit, email_key(address), address):
        trail.record(
            unit,
            Event.ADDRESS_FAILS,
            actor=trail.SYSTEM,
            account_id=account_id,
            reason=how,
            status=failed.status,
        )
    return True


def works(unit: Unit, address: str) -> None:
    """Somebody has used a link that was mailed there."""
    _mend(unit, address.lower(), unit.now)


_IS_MARKED = unreachable_addresses.c.works_since.is_(None)
FAILS_SINCE: ColumnElement[datetime] = (
    select(unreachable_addresses.c.since)
    .where(unreachable_addresses.c.address == func.lower(accounts.c.email), _IS_MARKED)
    .correlate(accounts)
    .scalar_subquery()
    .label("address_fails_since")
)
"""Since when mail does not reach the account's address, or NULL; for demands."""
ADDRESSES: Select[str] = select(unreachable_addresses.c.address).where(_IS_MARKED)
"""Those that mail does not reach, in small letters."""


@one(Unreachable)
def _find(address: str) -> Select[datetime, str, str | None]:
    marked = unreachable_addresses
    found = select(marked.c.since, marked.c.how, marked.c.status)
    return found.where(marked.c.address == address, _IS_MARKED)


@change
def _mark(
    address: str, now: datetime, how: str, status: str | None, written_at: datetime
) -> Insert:
    new = {"since": now, "how": how, "status": status, "works_since": None}
    held = unreachable_addresses.c.works_since
    return (
        insert(unreachable_addresses)
        .values(address=address, **new)
        .on_conflict_do_update(
            index_elements=["address"], set_=new, where=or_(held < written_at, held == written_at)
        )
    )


@change
def _mend(address: str, now: datetime) -> Update:
    marked = update(unreachable_addresses)
    return marked.where(unreachable_addresses.c.address == address, _IS_MARKED).values(
        works_since=now
    )


@values
def _holders(key: str, address: str) -> Select[str]:
    is_this = accounts.c.email_key == key, func.lower(accounts.c.email) == address
    return select(accounts.c.id).where(*is_this).order_by(accounts.c.number)
