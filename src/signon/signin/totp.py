"""Codes of an authenticator app (RFC 6238): six digits, thirty seconds, accepted once."""

import hmac
import re
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

import pyotp
from sqlalchemy import Insert, Select, Update, insert, select, update

from signon.crypto import KeyRing
from signon.db import Unit
from signon.prepared import change, every
from signon.signin.models import AuthenticatorKind, authenticators

STEP_SECONDS = 30
WINDOW = 1
"""How many steps a phone's clock may be ahead or behind."""
FAR = 20
"""Ten minutes: by more no clock is wrong that is set by hand."""
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


def is_far_off(unit: Unit, ring: KeyRing, account_id: str, code: str) -> bool:
    """Whether an app whose clock is wrong by up to `FAR` steps would have shown the code.

    For the audit trail and the help desk alone: whoever types it must not learn that.
    """
    current = int(unit.now.timestamp()) // STEP_SECONDS
    found = False
    for app in apps(unit, ring, account_id):
        otp = pyotp.TOTP(app.secret)
        for step in range(current - FAR, current + FAR + 1):
            if abs(step - current) <= WINDOW:
                continue  # that one was used before
            found |= hmac.compare_digest(otp.generate_otp(step).encode(), code.encode())
    return found


def accept(unit: Unit, ring: KeyRing, account_id: str, code: str) -> App | None:
    """The app that made this code, which is used up with it and with every code before it."""
    for app in apps(unit, ring, account_id):
        step = matching_step(app.secret, code, unit.now)
        if step is None:
            continue
        # RFC 6238 section 5.2: "MUST NOT accept the second attempt of the OTP"
        if _accept(unit, app.id, step, unit.now) == 1:
            return app
    return None


def seal_context(authenticator_id: str) -> str:
    """What an app's secret is sealed for."""
    return f"totp:{authenticator_id}"


def apps(unit: Unit, ring: KeyRing, account_id: str) -> list[App]:
    """The account's apps with their secrets."""
    return [
        App(
            found.id,
            found.nickname,
            ring.open(found.secret, seal_context(found.id)).decode(),
            found.created_at,
        )
        for found in _apps(unit, account_id)
        if found.secret
    ]


def keep(
    unit: Unit,
    ring: KeyRing,
    app_id: str,
    account_id: str,
    nickname: str,
    secret: str,
    step: int | None,
) -> None:
    """Write an app down; `step` is that of the code it was proved with."""
    sealed = ring.seal(secret.encode(), seal_context(app_id))
    _keep(unit, app_id, account_id, nickname, sealed, step, unit.now)


class _Sealed(NamedTuple):
    id: str
    nickname: str
    secret: bytes | None
    created_at: datetime


@every(_Sealed)
def _apps(account_id: str) -> Select[str, str, bytes | None, datetime]:
    return select(
        authenticators.c.id,
        authenticators.c.nickname,
        authenticators.c.secret,
        authenticators.c.created_at,
    ).where(
        authenticators.c.account_id == account_id,
        authenticators.c.kind == AuthenticatorKind.TOTP.value,
    )


@change
def _accept(app_id: str, step: int, now: datetime) -> Update:
    is_newer = authenticators.c.last_step.is_(None) | (authenticators.c.last_step < step)
    accepted = update(authenticators).where(authenticators.c.id == app_id, is_newer)
    return accepted.values(last_step=step, last_used_at=now)


@change
def _keep(
    app_id: str, account_id: str, nickname: str, sealed: bytes, step: int | None, now: datetime
) -> Insert:
    return insert(authenticators).values(
        id=app_id,
        account_id=account_id,
        kind=AuthenticatorKind.TOTP.value,
        nickname=nickname,
        secret=sealed,
        last_step=step,
        created_at=now,
    )
