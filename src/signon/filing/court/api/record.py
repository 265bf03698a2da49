"""`/api/v1/courts/{court}/audit`: the court's events, each with the proof that it was sealed."""

import base64
from collections.abc import Sequence
from typing import Annotated

from fastapi import Query
from pydantic import Field
from starlette.responses import Response

from signon.audit import merkle, proofs
from signon.audit.activity import NEWEST
from signon.audit.proofs import Proved
from signon.db import Unit
from signon.errors import InputError
from signon.filing.court.at_court import AT, at, court_router
from signon.filing.court.desk import Desk
from signon.rest import Answer, Call
from signon.rest.parameters import CourtId, Paged
from signon.web.json_bodies import Shown
from signon.web.parameters import number


class AskedRecord(Paged):
    """A part of a court's record."""

    since: int | None = Field(None, ge=1, le=NEWEST, examples=[4711])
    """Size of a checkpoint that you have kept: the answer proves that the present one goes on from
    it."""


class ProvedEvent(Shown):
    """An event of the audit trail, as it stands in the tree."""

    seq: int
    """Number of the event; a later one is larger, and some are missing."""
    place: int
    """Place of its leaf in the tree, from 0 on."""
    leaf: str
    """The leaf: canonical JSON, of which the hash is made as it is written here (RFC 6962 section
    2.1). It holds `seq`, id, moment, event, actor, account, client, court, reason and detail; of an
    event from before the tree also its hash in the chain there was."""
    proof: list[str]
    """Audit path from the leaf to the root of the checkpoint (RFC 6962 section 2.1.1), in base64."""


class CourtRecord(Shown):
    """A page of sealed events, newest first."""

    checkpoint: str
    """Signed note of size and root of the tree (C2SP tlog-checkpoint) that the proofs are of."""
    consistency: list[str] | None
    """Proof that this tree goes on from that of `since` (RFC 6962 section 2.1.2), in base64; null
    when nothing was asked for."""
    events: list[ProvedEvent]
    """Events of this page, newest first."""


operations = court_router()


@operations.get(
    f"{AT}/audit",
    response_model=CourtRecord,
    summary="What happened at the court, with proofs",
)
async def list_court_record(
    call: Call, court: CourtId, asked: Annotated[AskedRecord, Query()]
) -> Response:
    """A page of the court's part of the sealed record. docs/courts.md says how to check it."""
    return await at(call, court).read(_list, asked)


def _list(unit: Unit, desk: Desk, asked: AskedRecord) -> Answer:
    page = asked.page
    before = number(page.after or "") or NEWEST
    found = proofs.of_court(unit, desk.court.id, before=before, limit=page.look_ahead)
    shown, cursor = page.cut(found.events, lambda one: str(one.seq))
    return Answer(
        CourtRecord(
            checkpoint=found.note,
            consistency=_consistency(found, asked.since),
            events=[
                ProvedEvent(
                    seq=one.seq,
                    place=one.place,
                    leaf=one.leaf,
                    proof=_written(merkle.inclusion(found.tree, one.place, found.size)),
                )
                for one in shown
            ],
        ),
        next_cursor=cursor,
    )


def _consistency(found: Proved, since: int | None) -> list[str] | None:
    if since is None:
        return None
    if since > found.size:
        raise InputError(
            f"The tree has {found.size} records, fewer than that: if a checkpoint of ours says so, "
            "tell us, and keep it.",
            field="since",
        )
    return _written(merkle.consistency(found.tree, since, found.size))


def _written(hashes: Sequence[bytes]) -> list[str]:
    return [base64.b64encode(one).decode() for one in hashes]
