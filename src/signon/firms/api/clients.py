"""`/api/v1/firms/{firm}/clients`: a firm's own programs, for programs."""

from dataclasses import replace
from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from signon.db import Unit
from signon.firms import service_clients
from signon.firms.access import READ, SETTINGS, Authority
from signon.firms.api import shown_settings
from signon.firms.api.shown_settings import FirmClient, FirmClients
from signon.firms.at_firm import AT as AT_FIRM
from signon.firms.at_firm import IN_PERSON, at, firm_router
from signon.firms.service_clients import (
    FirmClientKeys,
    Made,
    NewFirmClient,
    SecretRenewal,
    ServiceClient,
)
from signon.rest import Answer, Call
from signon.rest.at import nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import FirmNumber, IfMatch

AT = f"{AT_FIRM}/clients"
ONE = f"{AT}/{{client_id}}"
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
    is_https = call.rest.settings.is_https
    return await at(call, firm).do(
        service_clients.CREATE, lambda made: _made(firm, made), sent, is_https=is_https
    )


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
    here = at(call, firm).when(if_match, service_clients.version, client_id)
    return await here.do(service_clients.END, nothing_more, client_id)


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
    here = at(call, firm).when(if_match, service_clients.version, client_id)
    return await here.do(service_clients.RENEW, _renewed, client_id, sent)


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
    here = at(call, firm).when(if_match, service_clients.version, client_id)
    return await here.do(service_clients.SET_KEYS, _answer, client_id, sent, is_https=is_https)


def _list(unit: Unit, authority: Authority) -> Answer:
    found = service_clients.listed(unit, authority)
    return Answer(FirmClients(clients=[shown_settings.client(one) for one in found]))


def _one(unit: Unit, authority: Authority, client_id: str) -> Answer:
    return _answer(service_clients.one(unit, authority, client_id))


def _made(firm: str, made: Made) -> Answer:
    location = f"/api/v1/firms/{firm}/clients/{made[0].id}"
    return replace(_renewed(made), status=201, location=location)


def _renewed(made: Made) -> Answer:
    client, secret = made
    return Answer(shown_settings.client(client, secret), etag=client.version)


def _answer(client: ServiceClient) -> Answer:
    return _renewed((client, None))
