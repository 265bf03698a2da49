"""Passkeys (WebAuthn level 3): adding one, and signing in with one, with or without a password.

User verification is always required, so a passkey alone is two factors: something one has, and
a finger, a face or a PIN. The origin is the issuer's, so a passkey tells no other site anything.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, Select, Update, or_, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.sql.dml import ReturningInsert
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from signon import ids, logs
from signon.accounts import history, repudiation
from signon.accounts.directory import ACCOUNT_COLUMNS, Account, account_of
from signon.accounts.models import AccountStatus, accounts
from signon.audit.events import Event
from signon.config import SITE_NAME, Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.prepared import change, every, given, one, value
from signon.signin import enrolment, factor_challenges, factors
from signon.signin.factor_challenges import ChallengePurpose
from signon.signin.models import AuthenticatorKind, authenticators
from signon.signin.session import Session
from signon.texts import read_json
from signon.words.sentences import _

SYNCED = ("swk", "user", "mfa")
BOUND = ("hwk", "user", "mfa")
"""How it was proved (RFC 8176): a key in software that travels, or one that cannot."""

_log = logs.get(__name__)


@dataclass(frozen=True, slots=True)
class ProvedPasskey:
    """A passkey of a living account has answered the challenge; `since` is when it was added."""

    account: Account
    amr: Sequence[str]
    since: datetime


class Passkeys:
    """Both ceremonies, for one issuer."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings
        self._rp_id = urlsplit(settings.issuer).hostname or ""

    # ── Adding one ───────────────────────────────────────────────────────────

    def creation_options(
        self, unit: Unit, session: Session, challenge_id: str | None
    ) -> str | None:
        """What `navigator.credentials.create` takes, as JSON; None when the step is over."""
        found = factor_challenges.look(unit, self._ring, ChallengePurpose.ADD_PASSKEY, challenge_id)
        if found is None or found.session_id != session.id:
            return None
        account = session.account
        made = generate_registration_options(
            rp_id=self._rp_id,
            rp_name=SITE_NAME,
            user_id=account.id.encode(),
            user_name=account.username,
            user_display_name=account.display_name,
            challenge=found.secret,
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.REQUIRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
            exclude_credentials=_descriptors(unit, account.id),
        )
        return options_to_json(made)

    def add(
        self,
        unit: Unit,
        session: Session,
        challenge_id: str | None,
        *,
        nickname: str,
        credential: str,
        source: Any,
    ) -> str:
        """Keep the passkey and answer the cookie of the session, aal/2 from now on.

        Raises InputError (`nickname`), RefusedError: FrozenError, NoRoomError, or the challenge is
        over or the passkey not right, which uses the challenge up.
        """
        repudiation.require_unfrozen(session.account)
        name = factors.nickname(nickname)
        found = factor_challenges.take(unit, self._ring, ChallengePurpose.ADD_PASSKEY, challenge_id)
        if found is None or found.session_id != session.id:
            raise unit.keep(enrolment.over())
        try:
            made = verify_registration_response(
                credential=credential,
                expected_challenge=found.secret,
                expected_rp_id=self._rp_id,
                expected_origin=self._settings.issuer,
                require_user_verification=True,
            )
        except Exception as error:
            raise _not_right(unit, error) from error
        account_id = session.account.id
        enrolment.require_room(unit, account_id, AuthenticatorKind.PASSKEY)
        passkey_id = ids.new_id()
        new = _New(
            passkey_id,
            account_id,
            name,
            made.credential_id,
            made.credential_public_key,
            made.sign_count,
            _transports(credential),
            unit.now,
        )
        if _keep(unit, new) is None:
            raise _not_right(unit)
        factors.note(unit, account_id)
        history.record(
            unit,
            account_id,
            "factor",
            Event.FACTOR_ADDED,
            actor=account_id,
            after={"passkey": name, "id": passkey_id},
            source=source,
            proof=session.proof,
        )
        enrolment.tell(
            unit, self._settings, session, _("The passkey “{name}” was added.", name=name)
        )
        amr = SYNCED if made.credential_backed_up else BOUND
        return enrolment.raised(unit, session, amr, settings=self._settings, source=source)

    # ── Using one ────────────────────────────────────────────────────────────

    def request_options(self, unit: Unit, account_id: str | None) -> tuple[str, str]:
        """A challenge's id and what `navigator.credentials.get` takes, as JSON.

        With an account only its own passkeys; without one whichever the browser knows, so
        that nothing tells whether an account has one.
        """
        challenge = secrets.token_bytes(32)
        challenge_id = factor_challenges.issue(
            unit, self._ring, ChallengePurpose.USE_PASSKEY, challenge, account_id=account_id
        )
        made = generate_authentication_options(
            rp_id=self._rp_id,
            challenge=challenge,
            allow_credentials=_descriptors(unit, account_id) if account_id else None,
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return challenge_id, options_to_json(made)

    def prove(self, unit: Unit, challenge_id: str | None, credential: str) -> ProvedPasskey:
        """Check the answer and use the challenge up; the counter may only grow.

        Raises RefusedError; the challenge is used up all the same.
        """
        found = factor_challenges.take(unit, self._ring, ChallengePurpose.USE_PASSKEY, challenge_id)
        passkey = _named(unit, credential)
        if found is None or passkey is None:
            raise _not_right(unit)
        if found.account_id not in {None, passkey.account.id}:
            raise _not_right(unit)
        try:
            made = verify_authentication_response(
                credential=credential,
                expected_challenge=found.secret,
                expected_rp_id=self._rp_id,
                expected_origin=self._settings.issuer,
                credential_public_key=passkey.public_key,
                credential_current_sign_count=passkey.sign_count,
                require_user_verification=True,
            )
        except Exception as error:
            raise _not_right(unit, error) from error
        if _count(unit, passkey.id, made.new_sign_count, unit.now) != 1:
            raise _not_right(unit)
        amr = SYNCED if made.credential_backed_up else BOUND
        return ProvedPasskey(passkey.account, amr, passkey.since)


def _descriptors(unit: Unit, account_id: str) -> list[PublicKeyCredentialDescriptor]:
    return [
        PublicKeyCredentialDescriptor(
            id=known.credential_id,
            transports=[AuthenticatorTransport(each) for each in known.transports or ()],
        )
        for known in _of_account(unit, account_id)
        if known.credential_id
    ]


def _not_right(unit: Unit, error: Exception | None = None) -> RefusedError:
    """The challenge stays used up."""
    if error is not None:
        _log.info("passkey refused", error=type(error).__name__)
    return unit.keep(
        RefusedError(
            "passkey_refused",
            _("That passkey could not be used here."),
            _("Try again, or sign in with your password."),
        )
    )


def _transports(credential: str) -> list[str]:
    """What the browser says of how to reach it; what we do not know is left out."""
    said = read_json(credential)["response"].get("transports")
    named = said if isinstance(said, list) else []
    return [each.value for each in AuthenticatorTransport if each.value in named]


def _named(unit: Unit, credential: str) -> "_Passkey | None":
    try:
        credential_id = base64url_to_bytes(str(read_json(credential)["id"]))
    except (ValueError, KeyError, TypeError):
        return None
    return _by_credential(unit, credential_id)


class _New(NamedTuple):
    id: str
    account_id: str
    nickname: str
    credential_id: bytes
    public_key: bytes
    sign_count: int
    transports: list[str]
    created_at: datetime


class _Known(NamedTuple):
    credential_id: bytes | None
    transports: list[str] | None


class _Passkey(NamedTuple):
    id: str
    public_key: bytes
    sign_count: int
    since: datetime
    account: Account


def _passkey(
    passkey_id: str, public_key: bytes, sign_count: int, since: datetime, *account: Any
) -> _Passkey:
    return _Passkey(passkey_id, public_key, sign_count, since, account_of(*account))


_COLUMNS: Sequence[ColumnElement[Any]] = (
    authenticators.c.id,
    authenticators.c.public_key,
    authenticators.c.sign_count,
    authenticators.c.created_at.label("factor_since"),
    *ACCOUNT_COLUMNS,
)


@every(_Known)
def _of_account(account_id: str) -> Select[bytes | None, list[str] | None]:
    return select(authenticators.c.credential_id, authenticators.c.transports).where(
        authenticators.c.account_id == account_id,
        authenticators.c.kind == AuthenticatorKind.PASSKEY.value,
    )


@one(_passkey)
def _by_credential(credential_id: bytes) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .join(accounts, accounts.c.id == authenticators.c.account_id)
        .where(
            authenticators.c.credential_id == credential_id,
            accounts.c.status == AccountStatus.ACTIVE.value,
        )
        .with_for_update(key_share=True)
    )


@value
def _keep(new: _New) -> ReturningInsert[str]:
    return (
        insert(authenticators)
        .values(kind=AuthenticatorKind.PASSKEY.value, **new._asdict())
        .on_conflict_do_nothing()
        .returning(authenticators.c.id)
    )


@change
def _count(passkey_id: str, count: int, now: datetime) -> Update:
    return (
        update(authenticators)
        .where(
            authenticators.c.id == passkey_id,
            or_(
                authenticators.c.sign_count < count,
                # many never count (WebAuthn section 6.1.1)
                (authenticators.c.sign_count == 0) & (given(count) == 0),
            ),
        )
        .values(sign_count=count, last_used_at=now)
    )
