"""REST for operators beside accounts: courts, clients, keys and the audit trail."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.accounts import directory
from signon.audit import searching
from signon.audit.activity import NEWEST
from signon.audit.searching import Wanted
from signon.clients import diagnosis, life
from signon.courts import public_list, registry
from signon.courts.registry import CourtStatus, CourtType
from signon.db import Unit
from signon.errors import InputError
from signon.operators.acts import Operator
from signon.operators.api import SCOPE, AtOperators
from signon.rest import Answer, Call, declared, router
from signon.rest.parameters import CourtId, Paged
from signon.rest.values import CourtKey, EventName, Id, Number, ProgramId, Sub, When
from signon.tokens import stored_keys
from signon.tokens.stored_keys import KeyState
from signon.web.acts import Act
from signon.web.json_bodies import Shown
from signon.web.paging import Page

REFUSALS = 50


class ServiceCourt(Shown):
    """A court as the registry has it."""

    id: CourtKey
    """Id of the court."""
    psc_id: str = Field(examples=["CASBK"])
    """What the PACER Service Center calls it."""
    pcl_id: str = Field(examples=["casbk"])
    """What the PACER Case Locator calls it."""
    name: str
    """What it is called."""
    type: CourtType
    """What kind of court it is."""
    circuit: str = Field(examples=["9"])
    """Its circuit; empty for national courts without one."""
    state: str = Field(examples=["CA"])
    """Its state; empty where it has none."""
    status: CourtStatus
    """Whether people link and file through this service now."""
    go_live: When | None
    """When it goes, or went, live, with the court’s offset; null while nothing is set."""
    cmecf_url: str
    """Where its own filing system is."""


class ServiceCourts(Shown):
    """All courts, by their ids."""

    courts: list[ServiceCourt]
    """Every court, by its id."""


class ServiceClient(Shown):
    """A client’s registration; secrets are not in it."""

    client_id: ProgramId
    """Id of the client."""
    name: str
    """What people see on pages."""
    court: CourtKey | None
    """The court that it belongs to; null for none."""
    firm: Number | None
    """The firm that it belongs to; null for none."""
    profile: str = Field(examples=["standard"])
    """Which rules of the protocol it is held to."""
    auth: str = Field(examples=["client_secret_basic"])
    """How it shows who it is."""
    grants: list[str]
    """The grants that it may use."""
    scopes: list[str]
    """The scopes that it may ask for."""
    redirect_uris: list[str]
    """Where people come back to."""
    post_logout_redirect_uris: list[str]
    """Where people end after signing out."""
    return_uris: list[str]
    """Where pages of ours may send people on to."""
    backchannel_logout_uri: str | None
    """Where it is told of sign-outs; null for nowhere."""
    id_token_alg: str = Field(examples=["ES256"])
    """What its ID tokens are signed with."""
    claims_in_id_token: bool
    """Whether ID tokens hold what UserInfo answers."""
    trusted: bool
    """Whether it never asks people for consent."""
    registered_itself: bool
    """Whether it came by an invitation; then it asks people unless it is `trusted`."""
    software_statement: str | None = None
    """What it said of itself by somebody else’s signature, which nobody has checked; null when it
    said nothing, and in the list.
    """
    created_at: When
    """When it was registered."""
    disabled_at: When | None
    """When it was closed; null while it is open."""


class ServiceClients(Shown):
    """All clients, in the order in which they were registered."""

    clients: list[ServiceClient]
    """Every client, in the order of their registration."""


class ServiceRefusal(Shown):
    """A refused request of a client."""

    request_id: str
    """The number that the client was answered."""
    at: When
    """When it was refused."""
    endpoint: str = Field(examples=["token"])
    """Where it was made."""
    reason: str = Field(examples=["secret"])
    """What was wrong with it."""
    detail: str
    """More of it, without secrets."""
    network: str = Field(examples=["192.0.2.0/24"])
    """The network that it came from."""


class ServiceRefusals(Shown):
    """The last refused requests of a client, newest first."""

    refused: list[ServiceRefusal]
    """The requests that were refused, newest first."""
    meanings: dict[str, str]
    """What each reason means, and how it is mended."""


class ServiceKey(Shown):
    """A signing key, without its private part."""

    kid: Id
    """Id of the key."""
    alg: str = Field(examples=["ES256"])
    """What it signs with."""
    state: KeyState
    """Whether it signs now."""
    created_at: When
    """When it was made."""
    active_from: When
    """When it signs, or began to."""
    retired_at: When | None
    """When it ceased to sign; null before that."""
    published_until: When | None
    """Until when others find it to check signatures; null while nothing is set."""


class ServiceKeys(Shown):
    """All signing keys, also those that sign no more."""

    keys: list[ServiceKey]
    """Every key that there is."""


class ServiceEvent(Shown):
    """An event of the audit trail."""

    seq: int
    """Its place in the trail."""
    at: When
    """When it happened."""
    event: EventName
    """The name of what happened."""
    actor: str
    """Who did it: an account’s or a client’s id, `system` or `command_line`."""
    sub: Sub | None
    """The account that it is about; null for none."""
    client_id: ProgramId | None
    """The client that it is about; null for none."""
    court: CourtKey | None
    """The court where it was; null for none."""
    reason: str | None
    """Why, where that is said."""
    detail: dict[str, Any]
    """Ids, counts and names of fields."""


class ServiceEvents(Shown):
    """A page of the audit trail, newest first."""

    events: list[ServiceEvent]
    """Events of this page."""


class EventsAsked(Paged):
    """Which events of the trail are looked for."""

    account: str = Field("", pattern="^([0-9]{7})?$", examples=["1000001"])
    """The number of the account that they are about, or that acted."""
    client: str = Field("", max_length=64, examples=["casb-cmecf"])
    """The client that they are about."""
    event: str = Field("", max_length=64, examples=["signin:"])
    """An event’s name, or with a colon at its end how names begin."""
    since: datetime | None = Field(None, examples=["2026-03-02T15:00:00Z"])
    """Only what happened since then."""


ClientId = Annotated[str, Path(description="Id of the client.", examples=["casb-cmecf"])]
operations = router("The service, for operators", *SCOPE)


def _disable(unit: Unit, operator: Operator, client_id: str) -> life.Record:
    life.disable(unit, client_id, actor=operator.actor)
    return life.show(unit, client_id)


def _enable(unit: Unit, operator: Operator, client_id: str) -> life.Record:
    life.enable(unit, client_id, actor=operator.actor)
    return life.show(unit, client_id)


DISABLE = Act("disable", _disable, done="The client is disabled: its tokens are worth nothing.")
ENABLE = Act("enable", _enable, done="The client is open again; people sign in anew.")


@operations.get("/courts", response_model=ServiceCourts, summary="All courts")
async def list_service_courts(call: Call) -> Response:
    """The registry as it is, without policies."""
    return await AtOperators(call).read(_courts)


@operations.get("/courts/{court}", response_model=ServiceCourt, summary="A court")
async def read_service_court(call: Call, court: CourtId) -> Response:
    """The same of one."""
    return await AtOperators(call).read(_court, court)


@operations.get("/clients", response_model=ServiceClients, summary="All clients")
async def list_service_clients(call: Call) -> Response:
    """Also those that are disabled; no secret is among it."""
    return await AtOperators(call).read(_clients)


@operations.get("/clients/{client_id}", response_model=ServiceClient, summary="A client")
async def read_service_client(call: Call, client_id: ClientId) -> Response:
    """What it is registered with, and whether it is open."""
    return await AtOperators(call).read(_client, client_id)


@operations.get(
    "/clients/{client_id}/refusals",
    response_model=ServiceRefusals,
    summary="Why a client’s requests were refused",
)
async def read_service_client_refusals(call: Call, client_id: ClientId) -> Response:
    """The last ones; also of an id that no client has, if somebody used it lately."""
    return await AtOperators(call).read(_refusals, client_id)


@operations.post(
    "/clients/{client_id}/disable",
    response_model=ServiceClient,
    summary="Close a client",
    responses=declared.refusals("disabled"),
)
async def disable_service_client(call: Call, client_id: ClientId) -> Response:
    """Within a second it is nobody, and its tokens are worth nothing."""
    return await AtOperators(call).do(DISABLE, _shown_client, client_id)


@operations.post(
    "/clients/{client_id}/enable",
    response_model=ServiceClient,
    summary="Open a client again",
    responses=declared.refusals("enabled"),
)
async def enable_service_client(call: Call, client_id: ClientId) -> Response:
    """What it was given before stays worthless."""
    return await AtOperators(call).do(ENABLE, _shown_client, client_id)


@operations.get("/keys", response_model=ServiceKeys, summary="Signing keys")
async def list_service_keys(call: Call) -> Response:
    """Their public side: which sign, which will, which have."""
    return await AtOperators(call).read(_keys)


@operations.get("/activity", response_model=ServiceEvents, summary="What happened")
async def search_service_activity(call: Call, asked: Annotated[EventsAsked, Query()]) -> Response:
    """The audit trail, newest first, by account, client, event and time."""
    return await AtOperators(call).read(_events, asked, asked.page)


def _courts(unit: Unit, _operator: Operator) -> Answer:
    found = registry.read_all(unit).values()
    courts = [ServiceCourt(**public_list.summary(court, unit.now)) for court in found]
    return Answer(ServiceCourts(courts=courts))


def _court(unit: Unit, _operator: Operator, court_id: str) -> Answer:
    found = registry.read_one(unit, court_id)
    return Answer(ServiceCourt(**public_list.summary(found, unit.now)))


def _clients(unit: Unit, _operator: Operator) -> Answer:
    return Answer(ServiceClients(clients=[_of(record) for record in life.all_clients(unit)]))


def _client(unit: Unit, _operator: Operator, client_id: str) -> Answer:
    return _shown_client(life.show(unit, client_id))


def _shown_client(record: life.Record) -> Answer:
    return Answer(_of(record))


def _of(record: life.Record) -> ServiceClient:
    return ServiceClient.model_validate(
        {name: record.get(name) for name in ServiceClient.model_fields}
    )


def _refusals(unit: Unit, _operator: Operator, client_id: str) -> Answer:
    found = diagnosis.diagnose(unit, client_id, limit=REFUSALS)
    refused = [ServiceRefusal(**one) for one in found["refused"]]
    return Answer(ServiceRefusals(refused=refused, meanings=found["meanings"]))


def _keys(unit: Unit, _operator: Operator) -> Answer:
    keys = [
        ServiceKey(
            kid=key.kid,
            alg=key.alg,
            state=key.state(unit.now),
            created_at=key.created_at,
            active_from=key.active_from,
            retired_at=key.retired_at,
            published_until=key.published_until,
        )
        for key in stored_keys.all_keys(unit)
    ]
    return Answer(ServiceKeys(keys=keys))


def _events(unit: Unit, _operator: Operator, asked: EventsAsked, page: Page) -> Answer:
    account = directory.by_number(unit, asked.account) if asked.account else None
    if asked.account and account is None:
        return Answer(ServiceEvents(events=[]))
    if asked.since is not None and asked.since.tzinfo is None:
        raise InputError("Name the time zone, as in 2026-03-02T15:00:00Z.", field="since")
    wanted = Wanted(
        account.id if account else None, asked.client or None, asked.event or None, asked.since
    )
    rows = searching.find(unit, wanted, before=_before(page.after), limit=page.look_ahead)
    found, cursor = page.cut(rows, lambda one: str(one.seq))
    shown = [
        ServiceEvent(
            seq=one.seq,
            at=one.at,
            event=one.event,
            actor=one.actor,
            sub=one.account_id,
            client_id=one.client_id,
            court=one.court_id,
            reason=one.reason,
            detail=one.detail,
        )
        for one in found
    ]
    return Answer(ServiceEvents(events=shown), next_cursor=cursor)


def _before(after: str | None) -> int:
    """Where the page before ended. Raises InputError."""
    if after is None:
        return NEWEST
    if not (after.isascii() and after.isdigit() and len(after) < len(str(NEWEST))):
        raise InputError("This cursor is of another list.", field="cursor")
    return int(after)
