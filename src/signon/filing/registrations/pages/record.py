"""One registration as the court's staff read it: what it waits for, what is asked, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from starlette.responses import Response

from signon.accounts import directory, own_data
from signon.accounts.own_data import OwnData
from signon.accounts.places import country_name
from signon.audit import trail
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.court.ages import age
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.registrations import answers, applying, assigning, matches, queue
from signon.filing.registrations.matches import Match
from signon.filing.registrations.queue import File
from signon.filing.registrations.registrations import WORDS, State
from signon.web.dates import moment_in
from signon.web.site import FieldError, telephone

KINDS = {
    State.PENDING: "wait",
    State.RETURNED: "wait",
    State.APPROVED: "good",
    State.REJECTED: "no",
    State.WITHDRAWN: "no",
}
"""Of the verdict."""
NOBODY = {trail.SYSTEM: "Nobody sent it again in time"}


@dataclass(frozen=True, slots=True)
class Record:
    """A registration, who did what, and when it is looked at; `own` is what the account says of
    its holder, `matches` are old logins that may be theirs (`_match`).
    """

    file: File
    names: dict[str, str]
    now: datetime
    own: OwnData
    matches: Sequence[Mapping[str, str]]
    colleagues: Mapping[str, str]


def read(unit: Unit, desk: Desk, registration_id: str) -> Record:
    """Everything about one. Raises NotFoundError."""
    file = queue.file(unit, desk, registration_id)
    found = matches.of_registration(unit, file.registration, file.applicant)
    return Record(
        file,
        _names(unit, file),
        unit.now,
        own_data.find(unit, file.applicant.id),
        [_match(unit, one) for one in found],
        assigning.candidates(unit, desk),
    )


def may_decide(seen: Seen, record: Record) -> bool:
    """Whether it waits, and the reader may decide it; nobody decides on their own."""
    there = record.file.registration
    is_own = seen.who.actor == there.account_id
    return there.state is State.PENDING and seen.who.may(Power.DECIDE) and not is_own


def may_give_back(seen: Seen, record: Record) -> bool:
    """Whether it was approved, and the reader may give it back; the right then ends."""
    there = record.file.registration
    is_own = seen.who.actor == there.account_id
    return there.state is State.APPROVED and seen.who.may(Power.DECIDE) and not is_own


def page(
    console: Console,
    seen: Seen,
    record: Record,
    *,
    done: str = "",
    errors: Sequence[FieldError] = (),
    status: int = 200,
) -> Response:
    """The registration's page."""
    court, there = seen.who.court, record.file.registration
    assert there.submitted_at is not None
    steps = _steps(record, court)
    told = [one["message"] for one in steps if one["message"]]
    return console.page(
        seen,
        "registrations",
        "court_registration.html",
        status=status,
        errors=errors,
        done=done,
        file=record.file,
        kind=KINDS[there.state],
        state_label=WORDS[there.state],
        waits=there.state is State.PENDING,
        age=age(there.submitted_at, record.now),
        told=told[-1] if told and there.state is not State.PENDING else "",
        asked=applying.asked(there).label,
        reach=_reach(record),
        matches=record.matches,
        may_give_back=may_give_back(seen, record),
        rows=answers.shown(applying.asked(there), court.type, there.answers),
        steps=steps,
        may_decide=may_decide(seen, record),
        assigned_to=there.assigned_to or "",
        colleagues=[
            ("", "Nobody"),
            *((id_, name) for id_, name in record.colleagues.items() if id_ != there.account_id),
        ],
        is_own=seen.who.actor == there.account_id,
    )


def _reach(record: Record) -> list[tuple[str, Any]]:
    """How to reach the applicant."""
    applicant, own = record.file.applicant, record.own
    region = " ".join(part for part in (own.state, own.postal_code) if part)
    town = ", ".join(part for part in (own.city, region) if part)
    parts = own.street, town, country_name(own.country)
    return [
        ("E-mail", applicant.email),
        ("Telephone", telephone(own.phone) if own.phone else None),
        ("Address", [part for part in parts if part]),
        ("PACER account", f"{applicant.number}, {applicant.username}"),
    ]


def _match(unit: Unit, found: Match) -> dict[str, str]:
    """An old login that may be the applicant's, and what the two have in common."""
    one = found.login
    holder = directory.by_id(unit, one.holder) if one.holder else None
    bar = f", bar number {one.bar_id}" if one.bar_id else ""
    return {
        "id": one.id,
        "login": one.login,
        "told": f"{one.name}{bar}",
        "same": found.in_words,
        "number": holder.number if holder else "",
    }


def _names(unit: Unit, file: File) -> dict[str, str]:
    """Who did what, for the court's own people."""
    found: dict[str, str] = {}
    for actor in {step.actor for step in file.steps}:
        account = directory.by_id(unit, actor)
        name = account.display_name if account else NOBODY.get(actor, actor)
        found[actor] = "The applicant" if actor == file.registration.account_id else name
    return found


def _steps(record: Record, court: Court) -> list[dict[str, Any]]:
    return [
        {
            "at": moment_in(one.at, court.time_zone),
            "state": one.to_state.value,
            "what": "Sent to the court" if one.to_state is State.PENDING else WORDS[one.to_state],
            "who": record.names[one.actor],
            "message": one.message,
        }
        for one in record.file.steps
    ]
