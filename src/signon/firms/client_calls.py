"""`/api/v1/firms/{firm}/clients`: a firm's own programs, for programs."""

from datetime import timedelta
from typing import Any

from signon.config import Settings
from signon.db import Unit
from signon.errors import InputError
from signon.firms import access, service_clients, shown_settings
from signon.firms.access import READ, SETTINGS, Authority
from signon.firms.member_calls import AT_FIRM
from signon.firms.service_clients import ServiceClient, Wanted
from signon.tokens.api import DONE, Answer, Call, Caller, Operation, Rendered
from signon.web import preconditions
from signon.web.json_bodies import Body

AT = f"{AT_FIRM}/clients"
ONE = f"{AT}/{{client_id}}"
LONGEST_OVERLAP_HOURS = 720


class NewFirmClient(Body):
    """With `jwks` or `jwks_uri` it signs (`private_key_jwt`), without them it gets a secret."""

    name: str
    scopes: list[str]
    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None


class FirmClientKeys(Body):
    """Its public keys from now on: a set, or a set's address."""

    jwks: dict[str, Any] | None = None
    jwks_uri: str | None = None


class SecretRenewal(Body):
    """How long the secret before the new one goes on."""

    overlap_hours: int = 24


class ClientCalls:
    """Programs with `client_credentials`, for the own firm only."""

    def __init__(self, settings: Settings) -> None:
        self._is_https = settings.is_https

    def operations(self) -> list[Operation]:
        """Each with the scopes that open it; changing needs a person."""
        return [
            Operation("GET", AT, self.list_firm_clients, READ, "The firm's own programs",
                      answer=shown_settings.FirmClients),
            Operation("POST", AT, self.create_firm_client, SETTINGS,
                      "Register a program; its secret is shown once", body=NewFirmClient,
                      answer=shown_settings.FirmClient, status=201),
            Operation("GET", ONE, self.read_firm_client, READ, "A program",
                      answer=shown_settings.FirmClient),
            Operation("DELETE", ONE, self.disable_firm_client, SETTINGS,
                      "End a program at once", status=204, changes_versions=True),
            Operation("POST", f"{ONE}/secret", self.renew_firm_client_secret, SETTINGS,
                      "A new secret, shown once; the one before it goes on for a while",
                      body=SecretRenewal, answer=shown_settings.FirmClient, changes_versions=True),
            Operation("PUT", f"{ONE}/keys", self.change_firm_client_keys, SETTINGS,
                      "Other public keys", body=FirmClientKeys, answer=shown_settings.FirmClient,
                      changes_versions=True),
        ]  # fmt: skip

    async def list_firm_clients(self, call: Call) -> Rendered:
        """All of them."""
        return await call.read(_list, call)

    async def create_firm_client(self, call: Call) -> Rendered:
        """One more."""
        return await call.write(self._create, call, call.body(NewFirmClient))

    async def read_firm_client(self, call: Call) -> Rendered:
        """One of them."""
        return await call.read(_one, call)

    async def disable_firm_client(self, call: Call) -> Rendered:
        """One less."""
        return await call.write(_disable, call)

    async def renew_firm_client_secret(self, call: Call) -> Rendered:
        """Another secret."""
        return await call.write(_renew, call, call.body(SecretRenewal).overlap_hours)

    async def change_firm_client_keys(self, call: Call) -> Rendered:
        """Other keys."""
        return await call.write(self._set_keys, call, call.body(FirmClientKeys))

    def _create(self, unit: Unit, caller: Caller, call: Call, wanted: NewFirmClient) -> Answer:
        authority = _authority(unit, caller, call)
        asked = Wanted(wanted.name, tuple(wanted.scopes), wanted.jwks, wanted.jwks_uri)
        made, secret = service_clients.create(unit, authority, asked, is_https=self._is_https)
        location = f"/api/v1/firms/{authority.firm.number}/clients/{made.id}"
        return Answer(
            shown_settings.client(made, secret), status=201, etag=made.version, location=location
        )

    def _set_keys(self, unit: Unit, caller: Caller, call: Call, wanted: FirmClientKeys) -> Answer:
        authority, client = _found(unit, caller, call)
        service_clients.set_keys(
            unit,
            authority,
            client,
            jwks=wanted.jwks,
            jwks_uri=wanted.jwks_uri,
            is_https=self._is_https,
        )
        after = service_clients.one(unit, authority, client.id)
        return Answer(shown_settings.client(after), etag=after.version)


def _authority(unit: Unit, caller: Caller, call: Call) -> Authority:
    return access.of_caller(unit, caller, call.path_params["firm"], origin=call.origin)


def _found(unit: Unit, caller: Caller, call: Call) -> tuple[Authority, ServiceClient]:
    authority = _authority(unit, caller, call)
    client = service_clients.one(unit, authority, call.path_params["client_id"])
    preconditions.require_match(call.if_match, client.version)
    return authority, client


def _list(unit: Unit, caller: Caller, call: Call) -> Answer:
    found = service_clients.listed(unit, _authority(unit, caller, call))
    return Answer(shown_settings.FirmClients(clients=[shown_settings.client(one) for one in found]))


def _one(unit: Unit, caller: Caller, call: Call) -> Answer:
    authority = _authority(unit, caller, call)
    found = service_clients.one(unit, authority, call.path_params["client_id"])
    return Answer(shown_settings.client(found), etag=found.version)


def _disable(unit: Unit, caller: Caller, call: Call) -> Answer:
    authority, client = _found(unit, caller, call)
    service_clients.disable(unit, authority, client)
    return DONE


def _renew(unit: Unit, caller: Caller, call: Call, hours: int) -> Answer:
    authority, client = _found(unit, caller, call)
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise InputError(f"Name 0 to {LONGEST_OVERLAP_HOURS} hours.", field="overlap_hours")
    secret = service_clients.rotate(unit, authority, client, overlap=timedelta(hours=hours))
    return Answer(shown_settings.client(client, secret), etag=client.version)
