"""OpenID Connect Back-Channel Logout 1.0: telling relying parties that somebody is signed out.

A lower feature puts an event into the outbox in the transaction of its change; it knows nothing
of clients. Here the event becomes one logout token for each client and session that it concerns,
an event of its own, so that every court is tried and given up by itself.
"""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Row, bindparam, or_, select

from signon import logs
from signon.accounts import directory, sign_outs, status
from signon.accounts.models import accounts
from signon.clients.models import clients
from signon.clients.registry import Client, read_client
from signon.config import Settings
from signon.db import Database, Moment, Unit
from signon.errors import SignonError
from signon.filing.agents import acting, withdrawals
from signon.filing.rights import reductions
from signon.outbound import Outbound
from signon.outbox import events
from signon.outbox.events import Due, Handler, Patience, UndeliverableError
from signon.signin import session as sessions
from signon.tokens.grants import living
from signon.tokens.keys import SigningKeys
from signon.tokens.models import grants

KIND = "logout_token"
TYPE = "logout+jwt"
EVENT = "http://schemas.openid.net/event/backchannel-logout"
LIVES = timedelta(minutes=2)
"""Section 2.4: "preferably at most two minutes in the future"."""
WAITS = tuple(timedelta(seconds=seconds) for seconds in (10, 60, 300, 900, 1800, 3600))
"""Before the second attempt and those that follow; the last wait is that before all others."""
ERROR = re.compile(r"[a-z_]{1,40}")

_log = logs.get(__name__)


class NotToldError(SignonError):
    """A relying party did not take a logout token; it is tried again."""


class LogoutNotices:
    """The outbox's handlers for everything that relying parties are told of."""

    def __init__(
        self, issuer: str, database: Database, keys: SigningKeys, outbound: Outbound
    ) -> None:
        self._issuer = issuer
        self._database = database
        self._keys = keys
        self._outbound = outbound

    def handlers(self) -> dict[str, Handler]:
        """By kind of event."""
        return {
            sessions.ENDED: self._queueing(tell_of_session),
            status.DISABLED: self._queueing(tell_of_account),
            sign_outs.SIGNED_OUT: self._queueing(tell_of_account),
            reductions.REDUCED: self._queueing(tell_of_rights),
            withdrawals.WITHDRAWN: self._queueing(tell_of_pairs),
            KIND: self.deliver,
        }

    async def deliver(self, due: Due) -> None:
        """Mint a logout token and post it; every attempt has a fresh one with the same `jti`.

        Raises UndeliverableError when the client refuses it or has no address any more,
        NotToldError, OutboundError or NotReadyError when another attempt may help.
        """
        client, now = await self._database.read(_addressee, due.payload["client"])
        if client is None or client.backchannel_logout_uri is None:
            raise UndeliverableError("The client is disabled or has no back-channel address.")
        signer = (await self._keys.get()).signer(client.id_token_alg)
        claims = logout_claims(
            issuer=self._issuer,
            client_id=client.id,
            subject=due.payload["sub"],
            session_id=due.payload["sid"],
            jti=due.id,
            now=now,
        )
        answer = await self._outbound.post_form(
            client.backchannel_logout_uri, {"logout_token": signer.sign(claims, TYPE)}
        )
        # section 2.8: 200, and "also 204 No Content" from some frameworks; 400 is a refusal
        if answer.status == 400:
            _log.warning("logout token refused", client=client.id, error=_error_in(answer.body))
            raise UndeliverableError(f"{client.id} refused the logout token.")
        if not 200 <= answer.status < 300:
            raise NotToldError(f"{client.id} answered {answer.status}.")

    def _queueing(self, rule: Callable[[Unit, Due], None]) -> Handler:
        async def queue(due: Due) -> None:
            await self._database.write(rule, due)

        return queue


def patience(settings: Settings) -> Patience:
    """How long a client that did not answer is left alone, for as long as a session can live.

    By then whatever it was given has ended by itself, and there is nothing left to tell.
    """
    longest = timedelta(seconds=settings.session_absolute_seconds)

    def wait(attempts: int) -> timedelta | None:
        waits = [*WAITS, *[WAITS[-1]] * attempts][:attempts]
        return waits[-1] if sum(waits, timedelta()) <= longest else None

    return wait


def logout_claims(
    *, issuer: str, client_id: str, subject: str, session_id: str, jti: str, now: datetime
) -> dict[str, Any]:
    """What a logout token says (section 2.4); it never has a `nonce`."""
    issued = int(now.timestamp())
    return {
        "iss": issuer,
        "sub": subject,
        "aud": client_id,
        "iat": issued,
        "exp": issued + int(LIVES.total_seconds()),
        "jti": jti,
        "events": {EVENT: {}},
        "sid": session_id,
    }


class Outstanding(NamedTuple):
    """A logout token that its client has not taken: `next_attempt_at`, or given up."""

    client_id: str
    since: datetime
    attempts: int
    next_attempt_at: datetime | None
    given_up_at: datetime | None
    why: str | None


def outstanding(unit: Unit, *, limit: int) -> list[Outstanding]:
    """What was tried in vain, the oldest first; what was given up is seen for 30 days."""
    return [
        Outstanding(
            one.lane,
            one.created_at,
            one.attempts,
            None if one.failed_at else one.due_at,
            one.failed_at,
            one.last_error,
        )
        for one in events.outstanding(unit, KIND, limit)
    ]


# ── Who is told ──────────────────────────────────────────────────────────────


def tell_of_session(unit: Unit, due: Due) -> None:
    """Whoever was given something in the session that ended, also if it gave it back since."""
    _queue(unit, due, unit.execute(_OF_SESSIONS, {"sessions": [due.payload["session"]]}))


def tell_of_account(unit: Unit, due: Due) -> None:
    """The same for every session that the account's end has ended."""
    ended = sessions.end_all(
        unit, due.payload["account"], until=due.created_at, keep=due.payload.get("keep")
    )
    _queue(unit, due, unit.execute(_OF_SESSIONS, {"sessions": ended}))
    account = directory.by_id(unit, due.payload["account"])
    if account and (account.frozen_at is not None or not account.is_active):
        _tell_agents(unit, due, acting.pairs_for(unit, [account.id]))


def tell_of_rights(unit: Unit, due: Due) -> None:
    """The clients of that one court, where the filers and whoever files for them are signed in."""
    values = {
        "court": due.payload["court"],
        "accounts": due.payload["accounts"],
        "session": due.payload.get("session") or "",
        "since": due.created_at,
        "now": unit.now,
    }
    _queue(unit, due, unit.execute(_AT_COURT, values))
    _tell_agents(unit, due, acting.pairs_for(unit, values["accounts"], values["court"]))


def tell_of_pairs(unit: Unit, due: Due) -> None:
    """The clients of a court, where agents were signed in for whoever let them go."""
    if due.payload["tells_court"]:
        _tell_agents(unit, due, due.payload["pairs"])
    else:
        acting.withdraw(unit, due.payload["pairs"], until=due.created_at)


def _tell_agents(unit: Unit, due: Due, pair_ids: Sequence[str]) -> None:
    """End their choice of these pairs, and tell the court of each session that had made it."""
    for session_id, court_id in acting.withdraw(unit, pair_ids, until=due.created_at):
        values = {"sessions": [session_id], "court": court_id, "now": unit.now}
        _queue(unit, due, unit.execute(_ACTING, values))


def _queue(unit: Unit, due: Due, concerned: Iterable[Row[Any]]) -> None:
    """One event for each token; delivered twice, the event before it makes the same ones."""
    for row in concerned:
        events.put(
            unit,
            KIND,
            {"client": row.client_id, "sub": row.account_id, "sid": row.session_id},
            lane=row.client_id,
            event_id=_derived_id(due.id, row.client_id, row.session_id),
        )


def _derived_id(*parts: str) -> str:
    digest = hashlib.sha256("\0".join(parts).encode()).digest()[:16]
    return base64.b32encode(digest).decode().rstrip("=").lower()


def _addressee(unit: Unit, client_id: str) -> tuple[Client | None, datetime]:
    return read_client(unit, client_id), unit.now


def _error_in(body: bytes) -> str | None:
    """The error code of an answer (section 2.8), if it looks like one."""
    try:
        found = json.loads(body)["error"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    return found if isinstance(found, str) and ERROR.fullmatch(found) else None


_CONCERNED = (
    select(grants.c.client_id, grants.c.account_id, grants.c.session_id)
    .distinct()
    .join(clients, clients.c.id == grants.c.client_id)
    .where(clients.c.backchannel_logout_uri.is_not(None), clients.c.disabled_at.is_(None))
    .order_by(grants.c.client_id, grants.c.session_id)
)
# lists of any length, and so run by `unit.execute`
_OF_SESSIONS = _CONCERNED.where(grants.c.session_id.in_(bindparam("sessions", expanding=True)))
_ACTING = _CONCERNED.join(accounts, accounts.c.id == grants.c.account_id).where(
    clients.c.court_id == bindparam("court"),
    grants.c.session_id.in_(bindparam("sessions", expanding=True)),
    *living(bindparam("now", type_=Moment)),
)
_AT_COURT = _CONCERNED.join(accounts, accounts.c.id == grants.c.account_id).where(
    clients.c.court_id == bindparam("court"),
    grants.c.account_id.in_(bindparam("accounts", expanding=True)),
    or_(grants.c.session_id != bindparam("session"), grants.c.created_at < bindparam("since")),
    *living(bindparam("now", type_=Moment)),
)
