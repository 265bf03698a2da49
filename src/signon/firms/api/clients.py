"""`/api/v1/firms/{firm}/clients`: a firm's own programs, for programs."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.errors import InputError
from signon.firms import service_clients
from signon.firms.access import READ, SETTINGS, Authority
from signon.firms.api import shown_settings
from signon.firms.api.shown_settings import FirmClient, FirmClients
from signon.firms.at_firm import AT as AT_FIRM
from signon.firms.at_firm import IN_PERSON, at, firm_router
from signon.firms.service_clients import ServiceClient, Wanted
from signon.rest import DONE, Answer, Call
from signon.rest.declared import refusals
from signon.rest.parameters import FirmNumber, IfMatch
from signon.web import preconditions
from signon.web.json_bodies import Body

AT = f"{AT_FIRM}/clients"
ONE = f"{AT}/{{client_id}}"
LONGEST_OVERLAP_HOURS = 720


class FirmClientKeys(Body):
    """Its public keys from now on: a set, or a set's address."""

    jwks: dict[str, Any] | None = None
    """The public keys as a JSON Web Key Set (RFC 7517)."""
    jwks_uri: str | None = Field(None, examples=["https://office.example/keys"])
    """Where the program keeps its public keys."""


class NewFirmClient(FirmClientKeys):
    """With `jwks` or `jwks_uri` it signs (`private_key_jwt`), without them it gets a secret."""

    name: str = Field(examples=["Time sheets"])
    """What people call the program."""
    scopes: list[str] = Field(examples=[["firm:read"]])
    """What it may do: scopes of the firm."""


class SecretRenewal(Body):
    """How long the secret before the new one goes on."""

    overlap_hours: int = Field(
        24, examples=[1], json_schema_extra={"minimum": 0, "maximum": LONGEST_OVERLAP_HOURS}
    )
    """For so many hours the secret before works too."""


ClientId = Annotated[
    str, Path(description="The program’s `client_id`, as the list has it.", examples=["office-7"])
]
reading, changing = firm_router(READ), firm_router(SETTINGS)


@reading.get(AT, response_model=FirmClients, summary="The firm's own programs")
async def list_firm_clients(call: Call, firm: FirmNumber) -> Response:
    """All of them, those that were ended too."""
    return await at(call, firm).read(_list)


@changing.post(
    AT,
    response_model=FirmClient,
    status_code=201,
    summary="Register a program; its secret is shown once",
    responses=refusals("too_many", "firm") | IN_PERSON,
)
async def create_firm_client(call: Call, firm: FirmNumber, sent: NewFirmClient) -> Response:
    """A program with `client_credentials` for this firm only; this needs a person."""
    return await at(call, firm).write(_create, sent, call.rest.settings.is_https)


@reading.get(ONE, response_model=FirmClient, summary="A program")
async def read_firm_client(call: Call, firm: FirmNumber, client_id: ClientId) -> Response:
    """One of the firm's, with its version as `ETag`."""
    return await at(call, firm).read(_one, client_id)


@changing.delete(
    ONE,
    status_code=204,
    summary="End a program at once",
    responses=refusals("disabled") | IN_PERSON,
)
async def disable_firm_client(
    call: Call, firm: FirmNumber, client_id: ClientId, if_match: IfMatch = None
) -> Response:
    """Its tokens end with it; this needs a person."""
    return await at(call, firm).write(_disable, client_id, if_match)


@changing.post(
    f"{ONE}/secret",
    response_model=FirmClient,
    summary="A new secret, shown once; the one before it goes on for a while",
    responses=refusals("disabled", "no_secret") | IN_PERSON,
)
async def renew_firm_client_secret(
    call: Call,
    firm: FirmNumber,
    client_id: ClientId,
    sent: SecretRenewal,
    if_match: IfMatch = None,
) -> Response:
    """For programs that have a secret; this needs a person."""
    return await at(call, firm).write(_renew, client_id, sent.overlap_hours, if_match)


@changing.put(
    f"{ONE}/keys",
    response_model=FirmClient,
    summary="Other public keys",
    responses=refusals("firm") | IN_PERSON,
)
async def change_firm_client_keys(
    call: Call,
    firm: FirmNumber,
    client_id: ClientId,
    sent: FirmClientKeys,
    if_match: IfMatch = None,
) -> Response:
    """For programs that sign; this needs a person."""
    is_https = call.rest.settings.is_https
    return await at(call, firm).write(_set_keys, client_id, sent, if_match, is_https=is_https)


def _create(unit: Unit, authority: Authority, wanted: NewFirmClient, is_https: bool) -> Answer:
    asked = Wanted(wanted.name, tuple(wanted.scopes), wanted.jwks, wanted.jwks_uri)
    made, secret = service_clients.create(unit, authority, asked, is_https=is_https)
    location = f"/api/v1/firms/{authority.firm.number}/clients/{made.id}"
    return Answer(
        shown_settings.client(made, secret), status=201, etag=made.version, location=location
    )


def _set_keys(
    unit: Unit,
    authority: Authority,
    client_id: str,
    wanted: FirmClientKeys,
    if_match: str | None,
    *,
    is_https: bool,
) -> Answer:
    client = _found(unit, authority, client_id, if_match)
    service_clients.set_keys(
        unit,
        authority,
        client,
        jwks=wanted.jwks,
        jwks_uri=wanted.jwks_uri,
        is_https=is_https,
    )
    return _one(unit, authority, client.id)


def _found(unit: Unit, authority: Authority, client_id: str, if_match: str | None) -> ServiceClient:
    client = service_clients.one(unit, authority, client_id)
    preconditions.require_match(if_match, client.version)
    return client


def _list(unit: Unit, authority: Authority) -> Answer:
    found = service_clients.listed(unit, authority)
    return Answer(FirmClients(clients=[shown_settings.client(one) for one in found]))


def _one(unit: Unit, authority: Authority, client_id: str) -> Answer:
    found = service_clients.one(unit, authority, client_id)
    return Answer(shown_settings.client(found), etag=found.version)


def _disable(unit: Unit, authority: Authority, client_id: str, if_match: str | None) -> Answer:
    client = _found(unit, authority, client_id, if_match)
    service_clients.disable(unit, authority, client)
    return DONE


def _renew(
    unit: Unit, authority: Authority, client_id: str, hours: int, if_match: str | None
) -> Answer:
    client = _found(unit, authority, client_id, if_match)
    if not 0 <= hours <= LONGEST_OVERLAP_HOURS:
        raise InputError(f"Name 0 to {LONGEST_OVERLAP_HOURS} hours.", field="overlap_hours")
    secret = service_clients.rotate(unit, authority, client, overlap=timedelta(hours=hours))
    return Answer(shown_settings.client(client, secret), etag=client.version)
