"""Codes of an authenticator app (RFC 6238): six digits, thirty seconds, accepted once."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import bindparam, select, update

from signon.crypto import KeyRing
from signon.db import Unit
from signon.prepared import Prepared
from signon.signin.models import AuthenticatorKind, authenticators

STEP_SECONDS = 30
WINDOW = 1
"""How many steps a phone's clock may be ahead or behind."""
_CODE = re.compile(r"[0-9]{6}", re.ASCII)


@dataclass(frozen=True, slots=True)
class App:
    """An enrolled app and its secret, base32."""

    id: str
    nickname: str
    secret: str
    created_at: datetime


def new_secret() -> str:
    """160 random bits as base32, the size of the HMAC (RFC 4226 section 4)."""
    return pyotp.random_base32(32)


def address(secret: str, username: str, issuer: str) -> str:
    """The `otpauth:` address that a QR code carries."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def looks_like_one(code: str) -> bool:
    """Whether it could be an app's code and not a recovery code."""
    return _CODE.fullmatch(code) is not None


def matching_step(secret: str, code: str, now: datetime) -> int | None:
    """The step that the code belongs to, the window's widest; compared in constant time."""
    current = int(now.timestamp()) // STEP_SECONDS
    found = None
    for step in range(current - WINDOW, current + WINDOW + 1):
        right = pyotp.TOTP(secret).generate_otp(step)
        if hmac.compare_digest(right.encode(), code.encode()):
            found = step
    return found


def accept(unit: Unit, ring: KeyRing, account_id: str, code: str) -> App | None:
    """The app that made this code, which is used up with it and with every code before it."""
    for app in apps(unit, ring, account_id):
        step = matching_step(app.secret, code, unit.now)
        if step is None:
            continue
        values = {"of": app.id, "step": step, "now": unit.now}
        # RFC 6238 section 5.2: "MUST NOT accept the second attempt of the OTP"
        if unit.change(_ACCEPT, values) == 1:
            return app
    return None


def seal_context(authenticator_id: str) -> str:
    """What an app's secret is sealed for."""
    return f"totp:{authenticator_id}"


def apps(unit: Unit, ring: KeyRing, account_id: str) -> list[App]:
    """The account's apps with their secrets."""
    rows = unit.rows(_APPS, {"account": account_id})
    return [
        App(
            row["id"],
            row["nickname"],
            ring.open(row["secret"], seal_context(row["id"])).decode(),
            row["created_at"],
        )
        for row in rows
    ]


_APPS = Prepared(
    select(
        authenticators.c.id,
        authenticators.c.nickname,
        authenticators.c.secret,
        authenticators.c.created_at,
    ).where(
        authenticators.c.account_id == bindparam("account"),
        authenticators.c.kind == AuthenticatorKind.TOTP.value,
    )
)
_ACCEPT = Prepared(
    update(authenticators)
    .where(
        authenticators.c.id == bindparam("of"),
        authenticators.c.last_step.is_(None) | (authenticators.c.last_step < bindparam("step")),
    )
    .values(last_step=bindparam("step"), last_used_at=bindparam("now"))
)
