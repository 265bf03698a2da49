"""The courts' and the case locator's registrations with the provider, kept over restarts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from signon.clients import life, registration
from signon.clients.application import Application, Server
from signon.clients.registry import read_client
from signon.db import Database, Unit
from signon.demo.court_sign_in import CourtSite
from signon.demo.filling import ACTOR
from signon.tokens import stored_keys


@dataclass(frozen=True, slots=True)
class CourtClient:
    """A court's registration, as `demo.json` holds it."""

    client_id: str
    client_secret: str = field(repr=False)
    court: str | None
    redirect_uris: tuple[str, ...]

    def described(self) -> dict[str, Any]:
        """The entry of `demo.json`."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "court": self.court,
            "redirect_uris": list(self.redirect_uris),
        }


def register(
    database: Database, sites: Sequence[CourtSite], known: Sequence[Mapping[str, Any]]
) -> dict[str, CourtClient]:
    """Every court's client: the one of the last start, or a new one for new ports.

    A secret is stored nowhere but in `demo.json`; a client whose entry is lost is replaced.
    """
    with database.writing() as unit:
        return {site.id: _kept(unit, site, known) or _new(unit, site) for site in sites}


def _kept(unit: Unit, site: CourtSite, known: Sequence[Mapping[str, Any]]) -> CourtClient | None:
    """The client of the last start; one of other addresses ends."""
    for entry in known:
        if entry.get("court") != site.id:
            continue
        client = read_client(unit, str(entry.get("client_id")))
        if client is None:
            continue
        secret = str(entry.get("client_secret"))
        is_same = (
            client.cso_tokens
            and site.callback in client.redirect_uris
            and client.backchannel_logout_uri == site.backchannel_logout
        )
        if is_same and client.check_secret(secret, unit.now):
            return CourtClient(client.id, secret, site.id, client.redirect_uris)
        life.disable(unit, client.id, actor=ACTOR)
    return None


def _new(unit: Unit, site: CourtSite) -> CourtClient:
    application = Application(
        name=f"{site.name} – CM/ECF (demonstration)",
        court=site.id,
        redirect_uris=(site.callback,),
        post_logout_redirect_uris=(site.front,),
        return_uris=(site.front,),
        backchannel_logout_uri=site.backchannel_logout,
        cso_tokens=True,
    )
    server = Server(is_https=False, algorithms=stored_keys.active_algorithms(unit))
    made = registration.register(unit, application, server, actor=ACTOR)
    return CourtClient(made.client_id, made.client_secret or "", site.id, (site.callback,))


def register_case_locator(database: Database, known: Sequence[Mapping[str, Any]]) -> CourtClient:
    """The client of the case locator's stand-in: the one of the last start, or a new one."""
    with database.writing() as unit:
        for entry in known:
            client = read_client(unit, str(entry.get("client_id")))
            secret = str(entry.get("client_secret"))
            if client and client.cso_tokens and client.court_id is None:
                if client.check_secret(secret, unit.now):
                    return CourtClient(client.id, secret, None, ())
                life.disable(unit, client.id, actor=ACTOR)
        application = Application(
            name="PACER Case Locator (demonstration)",
            grants=("client_credentials",),
            scopes=("pacer",),
            cso_tokens=True,
        )
        server = Server(is_https=False, algorithms=stored_keys.active_algorithms(unit))
        made = registration.register(unit, application, server, actor=ACTOR)
        return CourtClient(made.client_id, made.client_secret or "", None, ())
