"""`/api/v1/courts/{court}/cutover/waves`: a court's reminders."""

from typing import Annotated, Literal

from fastapi import Path
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.cutover.waves import planning, shown
from signon.filing.cutover.waves.planning import Outline
from signon.filing.cutover.waves.recipients import CHOICES
from signon.filing.cutover.waves.shown import ShownWave, Waves
from signon.rest import Answer, Call
from signon.rest.at import nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import CourtId, IfMatch
from signon.rest.values import Day, Email, Id, When
from signon.web.json_bodies import Body, Shown

State = Literal[
    "prepared", "not_prepared", "account_found", "legacy_account", "shared_only", "no_account"
]
WAVES = f"{AT}/cutover/waves"
ONE = f"{WAVES}/{{id}}"


class WaveProgress(Shown):
    """How far a wave is, in addresses."""

    chosen: int
    """Whom it goes to."""
    mailed: int
    """Those whose mail has left."""
    waiting: int
    """Those whose mail is still to leave."""
    spared: int
    """Those who had nothing to be reminded of any more when their turn came."""
    bounced: int
    """Those whose mail did not arrive, as far as mail servers have said so."""


class CourtWave(Shown):
    """A wave of reminders."""

    id: Id
    """The wave’s id."""
    days_before: int
    """Days before the go-live; negative: after it."""
    day: Day | None
    """Its day by the court’s calendar, as the date stands now; null while there is none."""
    states: list[str] = Field(json_schema_extra={"items": {"type": "string", "enum": [*CHOICES]}})
    """Whom it is for: holders of logins in these states."""
    opening: str
    """The court’s own words at the beginning; empty when it says none."""
    closing: str
    """The same at the end."""
    stage: str
    """How it stands: `planned`; `untried` (its words were not yet sent to whoever wrote them);
    `no_date`; `passed` (its day went by); `sending`; `waiting` (it had begun, and the date moved);
    `stopped`; `sent`.
    """
    words_fit: bool
    """Whether the addresses in its words are still the court’s; false: it does not go out."""
    begun_at: When | None
    """When it began; null before."""
    ended_at: When | None
    """When all of it was sent, or it was stopped; null before."""
    progress: WaveProgress | None
    """How far it is; null before it begins, and always of a wave that chooses by accounts."""


class CourtWaves(Shown):
    """A court's waves."""

    waves: list[CourtWave]
    """All of them, the earliest day first."""
    unsubscribed: int
    """How many addresses want no more reminders of this court."""


class WavePlan(Body):
    """What the usual waves say, and to whom."""

    states: list[State] = Field(["not_prepared"], max_length=6, examples=[["not_prepared"]])
    """Whom those before the go-live are for. A state that depends on accounts counts only where ten
    people or more are in it, and all four of them together are `not_prepared`.
    """
    opening: str = Field("", max_length=1000, examples=["Our help desk is open from 8 to 6."])
    """The court’s own words at the beginning: plain text, no addresses but those it publishes."""
    closing: str = Field("", max_length=1000, examples=["Training is offered on Fridays."])
    """The same at the end."""


class NewWave(WavePlan):
    """A wave that is to be planned."""

    days_before: int = Field(ge=-30, le=365, examples=[21])
    """Days before the go-live; negative: after it, to those who are not linked."""


class WavePatch(Body):
    """What of a wave that has not begun is to be otherwise; what is not named stays."""

    days_before: int | None = Field(None, ge=-30, le=365, examples=[21])
    """Days before the go-live; negative: after it."""
    states: list[State] | None = Field(None, max_length=6, examples=[["not_prepared"]])
    """Whom it is for."""
    opening: str | None = Field(None, max_length=1000, examples=["Our help desk is open from 8."])
    """The court’s own words at the beginning."""
    closing: str | None = Field(None, max_length=1000, examples=["Training is on Fridays."])
    """The same at the end."""


class WaveTrial(Shown):
    """Where a trial was sent."""

    address: Email
    """The caller’s own address, or of a program the help desk’s."""


WaveId = Annotated[
    str,
    Path(description="The wave’s id, as the list has it.", examples=["fr6flb775s4ox65xjpqan6szia"]),
]
operations = court_router()


@operations.get(WAVES, response_model=CourtWaves, summary="Reminders before the court’s day")
async def list_court_waves(call: Call, court: CourtId) -> Response:
    """What is planned, under way and done."""
    return await at(call, court).read(_list)


@operations.post(
    WAVES,
    response_model=CourtWave,
    status_code=201,
    summary="Plan a wave of reminders",
    responses=refusals("wave_planned", "wave_passed"),
)
async def plan_court_wave(call: Call, court: CourtId, sent: NewWave) -> Response:
    """It goes out on its day at 8 a.m. by the court’s clock, once its own words were tried."""
    wanted = Outline(sent.days_before, sent.states, sent.opening, sent.closing)
    return await at(call, court).do(planning.PLAN, _made, wanted)


@operations.post(
    f"{WAVES}/usual", response_model=CourtWaves, summary="Plan the usual waves of reminders"
)
async def plan_usual_court_waves(call: Call, court: CourtId, sent: WavePlan) -> Response:
    """60, 30, 14, 7, 2 and 1 days before, and one on the day after to those who are not linked;
    those days that have gone by or have a wave are left out.
    """
    wanted = Outline(None, sent.states, sent.opening, sent.closing)
    return await at(call, court).do(planning.PLAN_USUAL, _all, wanted)


@operations.get(ONE, response_model=CourtWave, summary="A wave of reminders")
async def read_court_wave(
    call: Call,
    court: CourtId,
    id: WaveId,  # noqa: A002  # the path's name
) -> Response:
    """How it stands, with its version as `ETag`."""
    return await at(call, court).read(_read, id)


@operations.patch(
    ONE,
    response_model=CourtWave,
    summary="Change a planned wave",
    responses=refusals("wave_begun", "wave_planned", "wave_passed"),
)
async def change_court_wave(
    call: Call,
    court: CourtId,
    id: WaveId,  # noqa: A002  # the path's name
    sent: WavePatch,
    if_match: IfMatch = None,
) -> Response:
    """Other words have to be tried anew."""
    wanted = Outline(sent.days_before, sent.states, sent.opening, sent.closing)
    here = at(call, court).when(if_match, planning.version, id)
    return await here.do(planning.CHANGE, _changed, id, wanted)


@operations.delete(
    ONE,
    status_code=204,
    summary="Take a planned wave away",
    responses=refusals("wave_begun"),
)
async def remove_court_wave(
    call: Call,
    court: CourtId,
    id: WaveId,  # noqa: A002  # the path's name
) -> Response:
    """Nothing of it is sent."""
    return await at(call, court).do(planning.REMOVE, nothing_more, id)


@operations.post(
    f"{ONE}/stop",
    status_code=204,
    summary="Stop a wave that is under way",
    responses=refusals("wave_not_under_way"),
)
async def stop_court_wave(
    call: Call,
    court: CourtId,
    id: WaveId,  # noqa: A002  # the path's name
) -> Response:
    """What has left has left; nothing more does."""
    return await at(call, court).do(planning.STOP, nothing_more, id)


@operations.post(
    f"{ONE}/try",
    response_model=WaveTrial,
    summary="Mail a wave to whoever asks",
    responses=refusals("no_mailbox"),
)
async def try_court_wave(
    call: Call,
    court: CourtId,
    id: WaveId,  # noqa: A002  # the path's name
) -> Response:
    """As it would be, with an invented login. Its words go out on the day only after that."""
    return await at(call, court).do(planning.TRY, _tried, id)


def answer(one: ShownWave) -> CourtWave:
    """As programs read it, and the command."""
    wave, far = one.wave, one.progress
    return CourtWave(
        id=wave.id,
        days_before=wave.days_before,
        day=one.day,
        states=list(wave.states),
        opening=wave.opening,
        closing=wave.closing,
        stage=one.stage.value,
        words_fit=one.words_fit,
        begun_at=wave.begun_at,
        ended_at=wave.stopped_at or wave.finished_at,
        progress=WaveProgress(
            chosen=far.chosen,
            mailed=far.mailed,
            waiting=far.waiting,
            spared=far.spared,
            bounced=far.bounced,
        )
        if far
        else None,
    )


def _list(unit: Unit, desk: Desk) -> Answer:
    return _all(shown.of(unit, desk.court.id, desk.settings.issuer))


def _all(found: Waves) -> Answer:
    waves = [answer(one) for one in found.waves]
    return Answer(CourtWaves(waves=waves, unsubscribed=found.unsubscribed))


def _read(unit: Unit, desk: Desk, wave_id: str) -> Answer:
    found = shown.one_of(unit, desk.court.id, wave_id, desk.settings.issuer)
    return Answer(answer(found), etag=found.wave.etag)


def _changed(done: ShownWave) -> Answer:
    return Answer(answer(done), etag=done.wave.etag)


def _made(done: ShownWave) -> Answer:
    where = f"/api/v1/courts/{done.wave.court_id}/cutover/waves/{done.wave.id}"
    return Answer(answer(done), status=201, location=where)


def _tried(address: str) -> Answer:
    return Answer(WaveTrial(address=address))
