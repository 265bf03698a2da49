"""`/api/v1/courts/{court}/cutover`: how ready the court's filers are for its day, and who is not."""

from typing import Annotated, Literal

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.filing.court.at_court import AT, AtCourt, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.court.waiting import Waiting
from signon.filing.cutover import desk as desks
from signon.filing.cutover import listing
from signon.filing.cutover.desk import Cutover
from signon.filing.cutover.listing import Line, LoginOrder, Wanted
from signon.filing.cutover.states import Preparedness
from signon.filing.cutover.today import Today
from signon.rest import Answer, Call, Caller, Part
from signon.rest.parameters import Asked, CourtId, Paged
from signon.rest.values import CourtKey, Day, Email, Id, When
from signon.web import paging
from signon.web.json_bodies import Shown
from signon.web.paging import Page


class CutoverCheck(Shown):
    """Something that the court itself has to have done."""

    name: str
    """Which check it is: stable, to be compared by programs."""
    met: bool
    """Whether it is done."""
    sentence: str
    """How it stands."""
    mend: str | None
    """What to do; null when it is done."""


class CutoverDay(Shown):
    """How many logins were in each state on a day."""

    day: Day
    """The day, by the court’s calendar."""
    ready: int
    """Prepared or linked."""
    not_prepared: int
    """Those that could be, and are not."""
    unusable: int
    """Those that nobody can prove."""


class CutoverReasons(Shown):
    """Why logins are not prepared, by the last day’s count; null: hidden, as it is under ten or
    stands beside one that is.
    """

    account_found: int | None
    """There is an upgraded account with the login’s address."""
    legacy_account: int | None
    """The account is a legacy one and must be upgraded."""
    shared_only: int | None
    """There is a shared account only."""
    no_account: int | None
    """No account is known with the login’s address."""


class CutoverHour(Shown):
    """An hour of the day on which the court goes live, or of one of the next."""

    at: str = Field(examples=["09:00"])
    """Its beginning by the court’s clock."""
    links: int
    """Old logins that became filing rights."""
    refused: dict[str, int]
    """Attempts to link that were refused, by reason."""


class CutoverToday(Shown):
    """The court’s day until now."""

    day: Day
    """The day, by the court’s calendar."""
    hours: list[CutoverHour]
    """Its hours until now."""
    not_linked: int
    """Accounts that signed in on the way to the court and have no filing right there."""
    links_waiting: int
    """Links under another name that wait for the court."""
    registrations_waiting: int
    """Registrations that wait for the court."""


class CourtCutover(Shown):
    """How ready the court’s filers are."""

    court: CourtKey
    go_live: When | None
    """When the court goes live, in its own offset; null while no date is set."""
    days_left: int | None
    """Days until then by the court’s calendar, negative afterwards; null while no date is set."""
    counted_at: When
    """When the next four were counted: now, or at a court of many logins a few minutes ago, and far
    from its day a day ago."""
    linked: int
    """Logins that have become filing rights."""
    prepared: int
    """Logins that are linked by themselves on the day."""
    not_prepared: int
    """Logins that could be prepared, and are not."""
    unusable: int
    """Logins that nobody can prove: closed in the court’s list, or without an address that
    mail reaches."""
    reasons: CutoverReasons | None
    """Why they are not prepared; null before the first count."""
    days: list[CutoverDay]
    """A point a day, the oldest first."""
    checks: list[CutoverCheck]
    """What the court itself has to do."""
    today: CutoverToday | None
    """The day hour by hour, from the go-live on for three days; null before and after."""


class CutoverLogin(Shown):
    """A legacy login, by what the court may see of its holder."""

    id: Id
    """The login’s id, for mailing its owner a proof."""
    login: str
    """Name of the login at the court."""
    first_name: str
    """First name of its holder, as the court knows it."""
    last_name: str
    """Last name of its holder, as the court knows it."""
    email: Email
    """The holder’s address on file at the court; empty when the court gave none."""
    state: str = Field(json_schema_extra={"enum": [one.value for one in Preparedness]})
    """How ready it is. Nothing here says whether somebody has an account."""
    why: str | None
    """Why nobody can prove it, in a word; null when somebody can."""


class CutoverLogins(Shown):
    """A page of them."""

    logins: list[CutoverLogin]
    """Logins of this page."""


class CutoverChosen(Asked):
    """Which of them."""

    q: str = Field("", examples=["attorney"])
    """Only those with this in login or name, or with this whole address."""
    state: Literal["", "linked", "prepared", "not_prepared", "unusable"] = ""
    """Only those in this state."""
    order: LoginOrder = LoginOrder.LOGIN
    """What they are sorted by."""

    def wanted(self, page: Page) -> Wanted:
        """What the list looks for."""
        return Wanted(self.q, self.state, self.order, page.after or "", page.limit)


class CutoverAsked(CutoverChosen, Paged):
    """A page of them."""


operations = court_router()


@operations.get(
    f"{AT}/cutover", response_model=CourtCutover, summary="How ready the court is for its day"
)
async def read_cutover(call: Call, court: CourtId) -> Response:
    """The date, the states as numbers now and by days, and the court’s own checks."""
    return await at(call, court).read(_read)


@operations.get(
    f"{AT}/cutover/logins",
    response_model=CutoverLogins,
    summary="Legacy logins by how ready they are",
)
async def list_cutover_logins(
    call: Call, court: CourtId, asked: Annotated[CutoverAsked, Query()]
) -> Response:
    """A page of those that were asked for."""
    page = asked.page
    return await at(call, court).read(_list, asked.wanted(page))


@operations.get(
    f"{AT}/cutover/export",
    summary="All of them as CSV",
    responses={200: {"content": {"text/csv": {"schema": {"type": "string"}}}}},
    response_class=Response,
)
async def export_cutover_logins(
    call: Call, court: CourtId, asked: Annotated[CutoverChosen, Query()]
) -> Response:
    """All that were asked for in one answer, which is sent part by part."""
    wanted = asked.wanted(Page(listing.PART))
    return await call.parts(_csv, "text/csv", at(call, court), wanted)


def _csv(unit: Unit, caller: Caller, after: str | None, here: AtCourt, wanted: Wanted) -> Part:
    desk = here.enter(unit, caller, None)
    here.permit(desk, None)
    part = Wanted(wanted.words, wanted.standing, wanted.order, after or "", wanted.limit)
    lines, further = listing.find(unit, desk.court.id, part)
    return Part(listing.as_csv(lines, with_heading=after is None), further)


def _read(unit: Unit, desk: Desk) -> Answer:
    return Answer(shown(desks.of(unit, desk.court.id)))


def shown(found: Cutover) -> CourtCutover:
    """As programs read it, and the command."""
    return CourtCutover(
        court=found.court.id,
        go_live=found.court.go_live_local,
        days_left=found.days_left,
        counted_at=found.counted_at,
        **{one.value: number for one, number in found.standings.items()},
        reasons=CutoverReasons(**{one.value: number for one, number in found.why.items()})
        if found.why
        else None,
        days=[
            CutoverDay(
                day=one.day, ready=one.ready, not_prepared=one.not_ready, unusable=one.unusable
            )
            for one in found.points
        ],
        checks=[
            CutoverCheck(name=one.name, met=one.is_met, sentence=one.so, mend=one.mend or None)
            for one in found.checks
        ],
        today=_today(found.today, found.waiting) if found.today else None,
    )


def _today(today: Today, waiting: Waiting) -> CutoverToday:
    return CutoverToday(
        day=today.day,
        hours=[
            CutoverHour(at=f"{one.at:%H:%M}", links=one.links, refused=dict(one.refused))
            for one in today.hours
        ],
        not_linked=today.not_linked,
        links_waiting=waiting.filers,
        registrations_waiting=waiting.registrations,
    )


def _list(unit: Unit, desk: Desk, wanted: Wanted) -> Answer:
    lines, further = listing.find(unit, desk.court.id, wanted)
    cursor = paging.encode(further) if further else None
    return Answer(CutoverLogins(logins=[_login(one) for one in lines]), next_cursor=cursor)


def _login(one: Line) -> CutoverLogin:
    return CutoverLogin(
        id=one.id,
        login=one.login,
        first_name=one.first_name,
        last_name=one.last_name,
        email=one.email,
        state=one.standing,
        why=one.why or None,
    )
