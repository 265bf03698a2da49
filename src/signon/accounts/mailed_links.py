"""Links that are mailed: each has one purpose, one address, and works once.

Mail scanners open links, so a visit only looks (`look`); the button on the page spends
(`spend`), in the same unit as what it was for.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import String, bindparam, func, insert, select, update

from signon import opaque_tokens
from signon.accounts.models import mailed_links
from signon.db import Unit
from signon.errors import RefusedError


class Purpose(StrEnum):
    """What a mailed link is good for, and for nothing else."""

    VERIFY_REGISTRATION = "verify_registration"
    VERIFY_FIRM = "verify_firm"
    CHOOSE_PASSWORD = "choose_password"
    CONFIRM_EMAIL = "confirm_email"
    AGREE_EMAIL = "agree_email"
    NOT_ME = "not_me"
    KEEP_FACTORS = "keep_factors"
    PROVE_LOGIN = "prove_login"


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
    unit.execute(
        insert(mailed_links),
        {
            "digest": opaque_tokens.digest(token),
            "purpose": purpose.value,
            "account_id": account_id,
            "email": email,
            "payload": dict(payload or {}),
            "created_at": unit.now,
            "expires_at": unit.now + lasts,
        },
    )
    return token


def look(unit: Unit, purpose: Purpose, token: str | None) -> MailedLink:
    """What the link is for, without using it. Raises DeadLinkError."""
    return look_at(unit, purpose, opaque_tokens.digest(token or ""))


def look_at(unit: Unit, purpose: Purpose, digest: bytes) -> MailedLink:
    """`look` for whoever kept the digest only."""
    values = {"digest": digest, "purpose": purpose.value}
    row = unit.execute(_LOOK, values).mappings().one_or_none()
    if row is None:
        raise refusal(UNKNOWN)
    if row["used_at"] is not None:
        raise refusal(USED)
    if row["expires_at"] <= unit.now:
        raise refusal(EXPIRED)
    return _link(row)


def spend(unit: Unit, purpose: Purpose, token: str | None) -> MailedLink:
    """Use the link up; of any number at the same moment one gets it, the others DeadLinkError."""
    return spend_of(unit, purpose, opaque_tokens.digest(token or ""))


def spend_of(unit: Unit, purpose: Purpose, digest: bytes) -> MailedLink:
    """`spend` for whoever kept the digest only."""
    values = {"of": digest, "for": purpose.value, "now": unit.now}
    row = unit.execute(_SPEND, values).mappings().one_or_none()
    if row is not None:
        return _link(row)
    look_at(unit, purpose, digest)
    raise refusal(USED)


def note(unit: Unit, purpose: Purpose, token: str | None, payload: Mapping[str, Any]) -> None:
    """Keep what a link turned out to be about, for `payload_of_used`."""
    values = {"of": opaque_tokens.digest(token or ""), "for": purpose.value, "about": dict(payload)}
    unit.execute(_NOTE, values)


def payload_of_used(unit: Unit, purpose: Purpose, token: str | None) -> Mapping[str, Any]:
    """What a used link was about, for the page that says so once more; empty for any other."""
    values = {"digest": opaque_tokens.digest(token or ""), "purpose": purpose.value}
    row = unit.execute(_LOOK, values).mappings().one_or_none()
    return row["payload"] if row and row["used_at"] is not None else {}


def pending(unit: Unit, account_id: str, purpose: Purpose) -> MailedLink | None:
    """The newest link of this purpose that the account still has."""
    values = {"account": account_id, "purpose": purpose.value, "now": unit.now}
    row = unit.execute(_PENDING, values).mappings().first()
    return _link(row) if row else None


def withdraw(unit: Unit, account_id: str, *purposes: Purpose) -> None:
    """Use up every link of these purposes that the account still has."""
    values = {"account": account_id, "purposes": [one.value for one in purposes], "now": unit.now}
    unit.execute(_WITHDRAW, values)


def withdraw_from(unit: Unit, account_id: str, addresses: Sequence[str]) -> None:
    """Use up every link of the account that was mailed to one of these addresses."""
    values = {"account": account_id, "now": unit.now}
    for address in addresses:
        unit.execute(_WITHDRAW_FROM, values | {"address": address})


def refusal(reason: str) -> DeadLinkError:
    """Why a link does not work: `UNKNOWN`, `USED` or `EXPIRED`."""
    return DeadLinkError(reason, *_WORDS[reason])


def _link(row: Mapping[Any, Any]) -> MailedLink:
    return MailedLink(
        purpose=Purpose(row["purpose"]),
        account_id=row["account_id"],
        email=row["email"],
        payload=row["payload"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
    )


_WORDS = {
    UNKNOWN: (
        "This link is not one of ours, or it is incomplete.",
        "Copy the whole address from the mail, or ask for a new link.",
    ),
    USED: ("This link has been used already; it works once.", "If you need to, ask for a new one."),
    EXPIRED: ("This link has expired.", "Ask for a new one."),
}
_LOOK = select(*mailed_links.c).where(
    mailed_links.c.digest == bindparam("digest"), mailed_links.c.purpose == bindparam("purpose")
)
_SPEND = (
    update(mailed_links)
    .where(
        mailed_links.c.digest == bindparam("of"),
        mailed_links.c.purpose == bindparam("for"),
        mailed_links.c.used_at.is_(None),
        mailed_links.c.expires_at > bindparam("now"),
    )
    .values(used_at=bindparam("now"))
    .returning(*mailed_links.c)
)
_NOTE = (
    update(mailed_links)
    .where(mailed_links.c.digest == bindparam("of"), mailed_links.c.purpose == bindparam("for"))
    .values(payload=bindparam("about", type_=mailed_links.c.payload.type))
)
_PENDING = (
    select(*mailed_links.c)
    .where(
        mailed_links.c.account_id == bindparam("account"),
        mailed_links.c.purpose == bindparam("purpose"),
        mailed_links.c.used_at.is_(None),
        mailed_links.c.expires_at > bindparam("now"),
    )
    .order_by(mailed_links.c.created_at.desc())
    .limit(1)
)
_WITHDRAW = (
    update(mailed_links)
    .where(
        mailed_links.c.account_id == bindparam("account"),
        mailed_links.c.purpose.in_(bindparam("purposes", expanding=True)),
        mailed_links.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
_WITHDRAW_FROM = (
    update(mailed_links)
    .where(
        mailed_links.c.account_id == bindparam("account"),
        func.lower(mailed_links.c.email) == func.lower(bindparam("address", type_=String)),
        mailed_links.c.used_at.is_(None),
    )
    .values(used_at=bindparam("now"))
)
