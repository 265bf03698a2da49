"""`/api/v1/courts/{court}/agents`: a court's pairs, their end, and those of its own system."""

import asyncio
import csv
import hashlib
import io
from collections.abc import Sequence
from functools import partial
from typing import Annotated

from fastapi import Path, Query
from pydantic import Field
from starlette.responses import Response

from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.agents import importing, pairs
from signon.filing.agents.api import shown
from signon.filing.agents.api.shown import EndReason, Pairs, PairShown
from signon.filing.agents.ending import END_AT_COURT
from signon.filing.agents.import_file import OPTIONAL, REQUIRED
from signon.filing.agents.importing import Importing, PairReport
from signon.filing.court.at_court import AT, AtCourt, at, court_router
from signon.filing.court.desk import Desk
from signon.filing.court.requests_shown import waits
from signon.filing.court.second_member import SecondMemberError
from signon.filing.legacy_logins.api import (
    BadImportLine,
    ask_colleague,
    importers_desk,
)
from signon.filing.legacy_logins.import_requests import MAY_IMPORT, Sender
from signon.rest import Answer, Call, Sheet
from signon.rest.at import nothing_more
from signon.rest.declared import refusals
from signon.rest.parameters import Asked, CourtId, IfMatch, Paged
from signon.web.json_bodies import Body, Shown
from signon.web.paging import Page


class AgentsAsked(Paged):
    """Which of the court’s pairs are asked for."""

    q: str = Field("", examples=["agent"])
    """An account number, or two or more characters of either side’s name or login."""


class OlderPair(Body):
    """A pair as the import’s file has it (docs/courts.md)."""

    principal_login: str = Field(examples=["aattorney"])
    """The principal’s login at the court."""
    agent_login: str = Field(examples=["aagent"])
    """The agent’s login at the court."""
    permissions: list[str] = Field(default_factory=list, examples=[["all_documents"]])
    """What the agent may file; none: all of the principal’s."""
    cases: list[str] = Field(default_factory=list, examples=[["26-00017"]])
    """The only cases; none: all of the principal’s."""
    may_pay: bool = False
    """Whether the agent may pay fees on the internet."""


class ImportedPairs(Sheet):
    """Pairs of the court’s own system: all of them or none."""

    agents: list[OlderPair]
    """The pairs, each once."""
    dry_run: bool = False
    """Only say what would happen."""


class PairsImportAsked(Asked):
    """What goes beside a CSV file; JSON has it in its body."""

    dry_run: bool = False
    """With CSV: only say what would happen."""


class PairsImportReport(Shown):
    """What was done, or on a dry run would be."""

    dry_run: bool
    """Whether this only says what would happen."""
    done: bool
    """Whether anything was written: false on a dry run and with bad lines."""
    lines: int
    """How many lines were sent."""
    bad_lines: list[BadImportLine]
    """Lines that cannot be imported; with one of them nothing is."""
    added: int
    """How many pairs are new: each waits until both logins are linked, and a day more."""
    known: int
    """How many stood there already, and stay as they are."""
    ended: int
    """How many were ended by one of the two or by the court, and stay so."""


PairId = Annotated[
    str,
    Path(description="The pair’s id, as the list has it.", examples=["fr6flb775s4ox65xjpqan6szia"]),
]
operations = court_router()


@operations.get(f"{AT}/agents", response_model=Pairs, summary="The court’s filing agents")
async def list_court_agents(
    call: Call, court: CourtId, asked: Annotated[AgentsAsked, Query()]
) -> Response:
    """Found by either side’s number, name or login; the newest pair first."""
    return await at(call, court).read(_list, asked.q, asked.page)


@operations.get(
    f"{AT}/agents/{{id}}", response_model=PairShown, summary="A filing agent with its principal"
)
async def read_court_agent(
    call: Call,
    court: CourtId,
    id: PairId,  # noqa: A002  # the path's name
) -> Response:
    """With its version as `ETag`."""
    return await at(call, court).read(_one, id)


@operations.post(
    f"{AT}/agents/{{id}}/end",
    status_code=204,
    summary="End it",
    responses=refusals("own_account", "pair_over"),
)
async def end_court_agent(
    call: Call,
    court: CourtId,
    id: PairId,  # noqa: A002  # the path's name
    sent: EndReason,
    if_match: IfMatch = None,
) -> Response:
    """At once; both are mailed the reason."""
    here = at(call, court).when(if_match, _version, id)
    return await here.do(END_AT_COURT, nothing_more, id, sent.reason)


@operations.post(
    f"{AT}/agents",
    response_model=PairsImportReport,
    summary="Add the pairs of the court’s own system: all or none",
    responses=waits("court_has_no_agents", "changed_meanwhile", "asker_may_not", "request_over"),
)
async def import_court_agents(
    call: Call, court: CourtId, asked: Annotated[PairsImportAsked, Query()], sent: ImportedPairs
) -> Response:
    """JSON, or the command’s CSV with `dry_run` in the address."""
    here = at(call, court)
    if sent.file is None:
        return await _import(here, _as_file(sent.agents), sent.dry_run, shift=1)
    # a file's first line names the columns
    return await _import(here, sent.file.encode(), asked.dry_run, shift=0)


async def _import(here: AtCourt, data: bytes, dry_run: bool, *, shift: int) -> Response:
    desk = await importers_desk(here)
    sender = Sender(
        desk, hashlib.sha256(data).hexdigest(), lambda unit: here.prove(unit, MAY_IMPORT)
    )
    how = Importing(
        here.call.rest.database, desk.actor, sender.is_own, sender.require, sender.finish
    )
    run = partial(importing.run, how, desk.court.id, data, dry_run=dry_run)
    try:
        report = await asyncio.to_thread(run)
    except SecondMemberError as first:
        return await ask_colleague(here, first.wanted)
    except RefusedError as error:
        await here.note(desk, error, "agents")
        raise
    return here.call.response(Answer(_report(report, shift)))


def _list(unit: Unit, desk: Desk, words: str, page: Page) -> Answer:
    rows = pairs.of_court(
        unit, desk.court, words=words, after=page.after or "", limit=page.look_ahead
    )
    found, cursor = page.cut(rows, pairs.key)
    listed = [shown.pair(one, desk.court, unit.now) for one in found]
    return Answer(Pairs(agents=listed), next_cursor=cursor)


def _one(unit: Unit, desk: Desk, pair_id: str) -> Answer:
    found = pairs.at_court(unit, desk.court, pair_id)
    return Answer(shown.pair(found, desk.court, unit.now), etag=found.etag)


def _version(unit: Unit, desk: Desk, pair_id: str) -> str:
    return pairs.at_court(unit, desk.court, pair_id).etag


def _as_file(lines: Sequence[OlderPair]) -> bytes:
    made = io.StringIO(newline="")
    writer = csv.writer(made)
    writer.writerow([*REQUIRED, *OPTIONAL])
    for one in lines:
        pay = "yes" if one.may_pay else "no"
        several = (";".join(one.permissions), ";".join(one.cases))
        writer.writerow([one.principal_login, one.agent_login, *several, pay])
    return made.getvalue().encode()


def _report(report: PairReport, shift: int) -> PairsImportReport:
    bad = [BadImportLine(line=one.line - shift, reason=one.reason) for one in report.bad_lines]
    return PairsImportReport(
        dry_run=report.dry_run,
        done=not report.dry_run and not bad,
        lines=report.lines,
        bad_lines=bad,
        added=report.added,
        known=report.known,
        ended=report.ended,
    )
