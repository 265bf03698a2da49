"""Tables of sessions, and of what signing in is proved with."""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    LargeBinary,
    Named,
    String,
    Table,
    TypedColumns,
    or_,
)

from signon.accounts.models import accounts
from signon.accounts.repudiation import LASTS
from signon.clock_steps import AHEAD, NOW, made_good
from signon.db import Id, Json, Moment, metadata
from signon.pruning import AGO, pruned

KEPT_SESSIONS = timedelta(days=7)
"""After their end, so that a late sign-out still finds out which one it means."""


class _Sessions(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    digest: Named[bytes] = Column(LargeBinary(32), nullable=False, unique=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    auth_time: Named[datetime] = Column(Moment, nullable=False)
    seen_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    ended_at: Named[datetime | None] = Column(Moment)
    acr: Named[str] = Column(String(100), nullable=False)
    amr: Named[list[str]] = Column(Json, nullable=False)
    factor_since: Named[datetime | None] = Column(Moment)
    client_code: Named[str | None] = Column(String(32))
    user_agent: Named[str | None] = Column(String(300))
    met: Named[dict[str, str]] = Column(Json, nullable=False, server_default="{}")


sessions = Table("sessions", metadata, _Sessions)
"""`id` is the `sid` of tokens; `digest` is the cookie's, new at every authentication.
`factor_since` is when the second factor that proved it was added, NULL without one.
`user_agent` is the browser's own word, by which its owner recognises it.
`met` names the demands that were met in this session, and how (`signon.signin.demands`)."""
# An idle session counts as living until its absolute limit: its grants do.
pruned(
    sessions,
    or_(sessions.c.expires_at <= AGO, sessions.c.ended_at <= AGO),
    keeps=KEPT_SESSIONS,
)
# `valid_from`, which ends all of before, would come before it
made_good(sessions, sessions.c.auth_time > AHEAD, ended_at=NOW)
made_good(sessions, sessions.c.seen_at > AHEAD, seen_at=NOW)


class AuthenticatorKind(StrEnum):
    """What a person can prove a sign-in with, beside the password."""

    TOTP = "totp"
    PASSKEY = "passkey"


class _Authenticators(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    kind: Named[str] = Column(String(16), nullable=False)
    nickname: Named[str] = Column(String(40), nullable=False)
    secret: Named[bytes | None] = Column(LargeBinary)
    last_step: Named[int | None] = Column(BigInteger)
    credential_id: Named[bytes | None] = Column(LargeBinary(1023), unique=True)
    public_key: Named[bytes | None] = Column(LargeBinary)
    sign_count: Named[int | None] = Column(BigInteger)
    transports: Named[list[str] | None] = Column(Json)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    last_used_at: Named[datetime | None] = Column(Moment)


authenticators = Table("authenticators", metadata, _Authenticators)
"""Apps and passkeys. An app has a `secret`, sealed, and the `last_step` that was accepted; a
passkey its `credential_id`, its `public_key` as COSE and the `sign_count` it last said."""


class _RecoveryCodes(TypedColumns):
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    salt: Named[bytes] = Column(LargeBinary(16), nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    used_at: Named[datetime | None] = Column(Moment)


recovery_codes = Table("recovery_codes", metadata, _RecoveryCodes)
"""One set for each account, under one salt, so that a guess costs one Argon2 and not ten."""


class _RemovedAuthenticators(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    kind: Named[str] = Column(String(16), nullable=False)
    nickname: Named[str] = Column(String(40), nullable=False)
    secret: Named[bytes | None] = Column(LargeBinary)
    last_step: Named[int | None] = Column(BigInteger)
    credential_id: Named[bytes | None] = Column(LargeBinary(1023))
    public_key: Named[bytes | None] = Column(LargeBinary)
    sign_count: Named[int | None] = Column(BigInteger)
    transports: Named[list[str] | None] = Column(Json)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    last_used_at: Named[datetime | None] = Column(Moment)
    removed_at: Named[datetime] = Column(Moment, nullable=False, index=True)


removed_authenticators = Table("removed_authenticators", metadata, _RemovedAuthenticators)
"""What was removed lately, as it was, for an owner who did not remove it. It proves nothing."""


class _RemovedRecoveryCodes(TypedColumns):
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    digest: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    salt: Named[bytes] = Column(LargeBinary(16), nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    used_at: Named[datetime | None] = Column(Moment)
    removed_at: Named[datetime] = Column(Moment, nullable=False, index=True)


removed_recovery_codes = Table("removed_recovery_codes", metadata, _RemovedRecoveryCodes)
"""The same of recovery codes."""
for _removed in (removed_authenticators, removed_recovery_codes):
    # nobody can ask them back any more
    pruned(
        _removed,
        _removed.c.removed_at <= AGO,
        keeps=LASTS + KEPT_SESSIONS,
        under="removed_factors",
    )


class _FactorChallenges(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    purpose: Named[str] = Column(String(32), nullable=False)
    account_id: Named[str | None] = Column(Id, ForeignKey(accounts.c.id), index=True)
    session_id: Named[str | None] = Column(Id)
    secret: Named[bytes] = Column(LargeBinary, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    used_at: Named[datetime | None] = Column(Moment)


factor_challenges = Table("factor_challenges", metadata, _FactorChallenges)
"""What is under way: a secret that an app is to confirm, a passkey's challenge. Sealed."""
pruned(factor_challenges, factor_challenges.c.expires_at <= AGO)


class _HalfSignIns(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    device: Named[bytes] = Column(LargeBinary(32), nullable=False)
    client_code: Named[str | None] = Column(String(32))
    journey_id: Named[str | None] = Column(Id)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    used_at: Named[datetime | None] = Column(Moment)


half_sign_ins = Table("half_sign_ins", metadata, _HalfSignIns)
"""The password was right, the second factor is still to come; `device` is the digest of the
browser's device cookie. It is no session: nothing but the page for the factor knows it."""
pruned(half_sign_ins, half_sign_ins.c.expires_at <= AGO)
made_good(half_sign_ins, half_sign_ins.c.created_at > AHEAD, expires_at=NOW)


class _CsoSessions(TypedColumns):
    id: Named[str] = Column(Id, primary_key=True)
    digest: Named[bytes] = Column(LargeBinary(32), nullable=False, unique=True)
    previous: Named[bytes | None] = Column(LargeBinary(32), unique=True)
    previous_until: Named[datetime | None] = Column(Moment)
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), nullable=False, index=True)
    began_at: Named[datetime] = Column(Moment, nullable=False)
    issued_at: Named[datetime] = Column(Moment, nullable=False)
    seen_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)
    ended_at: Named[datetime | None] = Column(Moment)
    acr: Named[str] = Column(String(100), nullable=False)
    amr: Named[list[str]] = Column(Json, nullable=False)
    client_code: Named[str | None] = Column(String(32))
    searches: Named[bool] = Column(Boolean, nullable=False)
    files: Named[bool] = Column(Boolean, nullable=False)
    met: Named[dict[str, str]] = Column(Json, nullable=False, server_default="{}")
    address: Named[str] = Column(String(45), nullable=False)


cso_sessions = Table("cso_sessions", metadata, _CsoSessions)
"""A program's sessions by the PACER Authentication API: no browser is signed in by one.

`digest` is the present token's, issued at `issued_at`; `previous` is good until `previous_until`.
`searches`: a client code that is demanded was given. `files`: courts may take it; else it is for
searching only. `met` is what a browser's session keeps under that name. `address` is where the program asked from, by which its owner recognises it."""
pruned(
    cso_sessions,
    or_(cso_sessions.c.expires_at <= AGO, cso_sessions.c.ended_at <= AGO),
    keeps=timedelta(0),
)
made_good(cso_sessions, cso_sessions.c.began_at > AHEAD, ended_at=NOW)


class _KnownDevices(TypedColumns):
    account_id: Named[str] = Column(Id, ForeignKey(accounts.c.id), primary_key=True)
    device: Named[bytes] = Column(LargeBinary(32), primary_key=True)
    with_factor: Named[bool] = Column(Boolean, nullable=False)
    created_at: Named[datetime] = Column(Moment, nullable=False)
    seen_at: Named[datetime] = Column(Moment, nullable=False)
    expires_at: Named[datetime] = Column(Moment, nullable=False, index=True)


known_devices = Table("known_devices", metadata, _KnownDevices)
"""Browsers in which the account's owner has completed a sign-in, or chosen a password by a mailed
link; `device` is the digest of the device cookie, `with_factor` whether a second factor was shown
in it. One that was last `seen_at` before the account's `valid_from` is forgotten."""
pruned(known_devices, known_devices.c.expires_at <= AGO)
made_good(known_devices, known_devices.c.seen_at > AHEAD, expires_at=NOW)
