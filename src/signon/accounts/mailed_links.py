"""Links that are mailed: each has one purpose, one address, and works once.

Mail scanners open links, so a visit only looks (`look`); the button on the page spends
(`spend`), in the same unit as what it was for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Insert, Select, Update, func, insert, select, update
from sqlalchemy.sql.dml import ReturningUpdate

from signon import opaque_tokens
from signon.accounts import unreachable
from signon.accounts.models import mailed_links
from signon.db import Unit
from signon.errors import RefusedError
from signon.prepared import change, one
from signon.words.sentences import _


class Purpose(StrEnum):
    """What a mailed link is good for, and for nothing else."""

    VERIFY_REGISTRATION = "verify_registration"
    VERIFY_FIRM = "verify_firm"
    CHOOSE_PASSWORD = "choose_password"
    CONFIRM_EMAIL = "confirm_email"
    AGREE_EMAIL = "agree_email"
    NOT_ME = "not_me"
    KEEP_FACTORS = "keep_factors"
    KEEP_EMAIL = "keep_email"
    PROVE_LOGIN = "prove_login"
    CONFIRM_NOTICES = "confirm_notices"


UNKNOWN = "link_unknown"
USED = "link_used"
EXPIRED = "link_expired"


class DeadLinkError(RefusedError):
    """A mailed link that works no more, or opens nothing any more."""


@dataclass(frozen=True, slots=True)
class MailedLink:
    """A link that still works. `account_id` is None while there is no account."""

    purpose: Purpose
    account_id: str | None
    email: str
    payload: Mapping[str, Any]
    created_at: datetime
    expires_at: datetime


def issue(
    unit: Unit,
    purpose: Purpose,
    *,
    email: str,
    lasts: timedelta,
    account_id: str | None = None,
    payload: Mapping[str, Any] | None = None,
) -> str:
    """Make a link's token; it is told to nobody but the address."""
    token = opaque_tokens.new_token()
    _issue(
        unit,
        opaque_tokens.digest(token),
        purpose,
        account_id=account_id,
        email=email,
        payload=payload or {},
        now=unit.now,
        until=unit.now + lasts,
    )
    return token


def look(unit: Unit, purpose: Purpose, token: str | None) -> MailedLink:
    """What the link is for, without using it. Raises DeadLinkError."""
    return look_at(unit, purpose, opaque_tokens.digest(token or ""))


def look_at(unit: Unit, purpose: Purpose, digest: bytes) -> MailedLink:
    """`look` for whoever kept the digest only."""
    found = _look(unit, digest, purpose)
    if found is None:
        raise refusal(UNKNOWN)
    link, used_at = found
    if used_at is not None:
        raise refusal(USED)
    if link.expires_at <= unit.now:
        raise refusal(EXPIRED)
    return link


def spend(unit: Unit, purpose: Purpose, token: str | None) -> MailedLink:
    """Use the link up; of any number at the same moment one gets it, the others DeadLinkError."""
    return spend_of(unit, purpose, opaque_tokens.digest(token or ""))


def spend_of(unit: Unit, purpose: Purpose, digest: bytes) -> MailedLink:
    """`spend` for whoever kept the digest only."""
    link = _spend(unit, digest, purpose, unit.now)
    if link is not None:
        unreachable.works(unit, link.email)
        return link
    look_at(unit, purpose, digest)
    raise refusal(USED)


def note(unit: Unit, purpose: Purpose, token: str | None, payload: Mapping[str, Any]) -> None:
    """Keep what a link turned out to be about, for `payload_of_used`."""
    _note(unit, opaque_tokens.digest(token or ""), purpose, payload)


def payload_of_used(unit: Unit, purpose: Purpose, token: str | None) -> Mapping[str, Any]:
    """What a used link was about, for the page that says so once more; empty for any other."""
    link, used_at = _look(unit, opaque_tokens.digest(token or ""), purpose) or (None, None)
    return link.payload if link and used_at is not None else {}


def pending(unit: Unit, account_id: str, purpose: Purpose) -> MailedLink | None:
    """The newest link of this purpose that the account still has."""
    return _pending(unit, account_id, purpose, unit.now)


def pending_at(unit: Unit, account_id: str, purpose: Purpose, court_id: str) -> MailedLink | None:
    """The newest of those whose payload names that court."""
    return _pending_at(unit, account_id, purpose, unit.now, court_id)


def withdraw_at(unit: Unit, account_id: str, purpose: Purpose, court_id: str) -> None:
    """Use up every link of this purpose that the account still has for a court."""
    _withdraw_at(unit, account_id, purpose, unit.now, court_id)


def withdraw(unit: Unit, account_id: str, *purposes: Purpose) -> None:
    """Use up every link of these purposes that the account still has."""
    _withdraw(unit, account_id, unit.now, *purposes)


def withdraw_from(unit: Unit, account_id: str, addresses: Sequence[str]) -> None:
    """Use up every link of the account that was mailed to one of these addresses."""
    for address in addresses:
        _withdraw_from(unit, account_id, address, unit.now)


def refusal(reason: str) -> DeadLinkError:
    """Why a link does not work: `UNKNOWN`, `USED` or `EXPIRED`."""
    return DeadLinkError(reason, *_WORDS[reason])


_WORDS = {
    UNKNOWN: (
        _("This link is not one of ours, or it is incomplete."),
        _("Copy the whole address from the mail, or ask for a new link."),
    ),
    USED: (
        _("This link has been used already; it works once."),
        _("If you need to, ask for a new one."),
    ),
    EXPIRED: (_("This link has expired."), _("Ask for a new one.")),
}
_COLUMNS = (
    mailed_links.c.purpose,
    mailed_links.c.account_id,
    mailed_links.c.email,
    mailed_links.c.payload,
    mailed_links.c.created_at,
    mailed_links.c.expires_at,
)
_IS_UNUSED = mailed_links.c.used_at.is_(None)


def _link(
    purpose: str,
    account_id: str | None,
    email: str,
    payload: dict[str, Any],
    created_at: datetime,
    expires_at: datetime,
) -> MailedLink:
    return MailedLink(Purpose(purpose), account_id, email, payload, created_at, expires_at)


def _looked(used_at: datetime | None, *link: Any) -> tuple[MailedLink, datetime | None]:
    return _link(*link), used_at


def _is_this(digest: bytes, purpose: Purpose) -> tuple[ColumnElement[bool], ...]:
    return mailed_links.c.digest == digest, mailed_links.c.purpose == purpose


@change
def _issue(
    digest: bytes,
    purpose: Purpose,
    *,
    account_id: str | None,
    email: str,
    payload: Mapping[str, Any],
    now: datetime,
    until: datetime,
) -> Insert:
    return insert(mailed_links).values(
        digest=digest,
        purpose=purpose,
        account_id=account_id,
        email=email,
        payload=payload,
        created_at=now,
        expires_at=until,
    )


@one(_looked)
def _look(digest: bytes, purpose: Purpose) -> Select[Any]:
    found: Select[Any] = select(mailed_links.c.used_at, *_COLUMNS)
    return found.where(*_is_this(digest, purpose))


@one(_link)
def _spend(
    digest: bytes, purpose: Purpose, now: datetime
) -> ReturningUpdate[str, str | None, str, dict[str, Any], datetime, datetime]:
    return (
        update(mailed_links)
        .where(*_is_this(digest, purpose), _IS_UNUSED, mailed_links.c.expires_at > now)
        .values(used_at=now)
        .returning(*_COLUMNS)
    )


@change
def _note(digest: bytes, purpose: Purpose, payload: Mapping[str, Any]) -> Update:
    return update(mailed_links).where(*_is_this(digest, purpose)).values(payload=payload)


def _at(court_id: str) -> ColumnElement[bool]:
    is_there: ColumnElement[bool] = mailed_links.c.payload["court"].as_string() == court_id
    return is_there


@one(_link)
def _pending(account_id: str, purpose: Purpose, now: datetime) -> Select[Any]:
    return _that_wait(account_id, purpose, now)


@one(_link)
def _pending_at(account_id: str, purpose: Purpose, now: datetime, court_id: str) -> Select[Any]:
    return _that_wait(account_id, purpose, now).where(_at(court_id))


def _that_wait(account_id: str, purpose: Purpose, now: datetime) -> Select[Any]:
    found: Select[Any] = (
        select(*_COLUMNS)
        .where(
            mailed_links.c.account_id == account_id,
            mailed_links.c.purpose == purpose,
            _IS_UNUSED,
            mailed_links.c.expires_at > now,
        )
        .order_by(mailed_links.c.created_at.desc())
        .limit(1)
    )
    return found


@change
def _withdraw_at(account_id: str, purpose: Purpose, now: datetime, court_id: str) -> Update:
    of_these = mailed_links.c.account_id == account_id, mailed_links.c.purpose == purpose
    return update(mailed_links).where(*of_these, _at(court_id), _IS_UNUSED).values(used_at=now)


@change
def _withdraw(account_id: str, now: datetime, *purposes: Purpose) -> Update:
    of_these = mailed_links.c.account_id == account_id, mailed_links.c.purpose.in_(purposes)
    return update(mailed_links).where(*of_these, _IS_UNUSED).values(used_at=now)


@change
def _withdraw_from(account_id: str, address: str, now: datetime) -> Update:
    of_this = func.lower(mailed_links.c.email) == func.lower(address)
    mine = update(mailed_links).where(mailed_links.c.account_id == account_id, of_this, _IS_UNUSED)
    return mine.values(used_at=now)
