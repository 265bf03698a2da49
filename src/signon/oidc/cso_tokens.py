"""Introspection of a program's token of the PACER Authentication API (docs/pacer-api.md).

One read answers whether the session lives, who it is, and what the court that asks may know.
What is written of its use comes after it: once a minute that it was used, and for a client that is
marked for it another token after half the idle time.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, select

from signon.clients.registry import Client
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Database, Unit
from signon.oidc import claims, subject
from signon.oidc.claims import Subject
from signon.prepared import one
from signon.signin import cso_sessions
from signon.signin.cso_sessions import USED, Used
from signon.signin.models import cso_sessions as table
from signon.signin.session import AAL2

TOKEN_TYPE = "urn:signon:token-type:cso"
RENEWED = "next_gen_cso"
"""Member of the answer with another token, which the client hands on to the program."""

Introspected = dict[str, Any]


class Found(NamedTuple):
    """A living session, and the row of its account with the right at the court that asks."""

    used: Used
    person: Mapping[str, Any]


class CsoTokens:
    """Answers about them."""

    def __init__(self, settings: Settings, database: Database) -> None:
        self._settings = settings
        self._database = database

    async def introspect(
        self, token: str, client: Client, court: Court | None
    ) -> Introspected | None:
        """What a client is told of a token; None when that is nothing."""
        if not self._may_ask(client):
            return None
        found = await self._database.read(_find, token, self._settings, court)
        if found is None or not self._serves(found.used, court):
            return None
        renewed = await self._used(found.used, token, client)
        answer = _answer(found, client, court, self._database.clock())
        return {**answer, RENEWED: renewed} if renewed else answer

    def _may_ask(self, client: Client) -> bool:
        """Courts, and the PCL gateway: a marked client that belongs to nobody."""
        is_gateway = client.cso_tokens and client.firm_id is None
        return self._settings.cso_api != "off" and (client.court_id is not None or is_gateway)

    def _serves(self, used: Used, court: Court | None) -> bool:
        """A token for searching serves the gateway only, and a court what it demands of sign-ins."""
        if court is None:
            return True
        if not used.files or self._settings.cso_api != "on":
            return False
        return court.policy.sign_in_level != "aal2" or used.acr == AAL2

    async def _used(self, used: Used, token: str, client: Client) -> str | None:
        """Note the use where that is due; answers another token where one is."""
        now = self._database.clock()
        if client.cso_tokens and cso_sessions.is_due(used, token, now, self._settings):
            return await self._database.write(cso_sessions.renew, used, self._settings)
        if cso_sessions.is_untouched(used, now):
            await self._database.write(cso_sessions.touch, used)
        return None


def _answer(found: Found, client: Client, court: Court | None, now: datetime) -> Introspected:
    used = found.used
    about = Subject(found.person, court, used.client_code, None)
    told = claims.introspection(about, client.scopes, now)
    if not used.searches and "pacer_search_status" in told:
        told["pacer_search_status"] = "inactive"
    return {
        "active": True,
        "token_type": TOKEN_TYPE,
        "scope": " ".join(client.scopes),
        "sub": about.id,
        "iat": int(used.issued_at.timestamp()),
        "exp": int(used.expires_at.timestamp()),
        "auth_time": int(used.began_at.timestamp()),
        "acr": used.acr,
        "amr": list(used.amr),
        "sid": used.id,
        **told,
    }


def _find(unit: Unit, token: str, settings: Settings, court: Court | None) -> Found | None:
    asked = cso_sessions.look(unit, token, settings)
    return _at_court(unit, *asked, court.id) if court else _anywhere(unit, *asked)


def _found(*columns: Any) -> Found:
    own = len(USED)
    return Found(Used(*columns[:own]), subject.row(columns[own:]))


@one(_found)
def _anywhere(digest: bytes, now: datetime, seen_after: datetime) -> Select[Any]:
    source = subject.joined(table, table.c.account_id)
    found: Select[Any] = select(*USED, *subject.COLUMNS).select_from(source)
    return found.where(cso_sessions.living(digest, now, seen_after))


@one(_found)
def _at_court(digest: bytes, now: datetime, seen_after: datetime, court_id: str) -> Select[Any]:
    source = subject.joined_at_court(table, table.c.account_id, court_id)
    columns = subject.columns_at_court(court_id, table.c.met)
    found: Select[Any] = select(*USED, *columns).select_from(source)
    return found.where(cso_sessions.living(digest, now, seen_after))
