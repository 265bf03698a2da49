"""The applicant's part: begin, answer, send, correct, withdraw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Insert, Update, update
from sqlalchemy.dialects.postgresql import insert

from signon import ids
from signon.accounts import history
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF, Proof
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.filing.models import efile_registrations
from signon.filing.registration_types import REGISTRATION_TYPES
from signon.filing.registrations import (
    answers,
    conditions,
    found_by,
    intake_mails,
    matches,
    registrations,
    telling,
)
from signon.filing.registrations.answers import AskedFor, Page
from signon.filing.registrations.registrations import Registration, State
from signon.filing.roles import labels
from signon.prepared import change
from signon.web.visitor import Source
from signon.words.sentences import _

ACKNOWLEDGEMENTS: Mapping[str, str] = {
    "terms": (
        "I take responsibility for everything that is filed with my account, and sign it by "
        "filing it. I will lend my username and password to nobody."
    ),
    "policies": (
        "I have read this court’s rules and procedures for electronic filing and will follow them."
    ),
}
"""What is ticked before sending, by the fields' names."""
NOT_TICKED: Mapping[str, str] = {
    "terms": _("Check the box about your responsibility for what is filed."),
    "policies": _("Check the box about the court’s rules and procedures."),
}
REGISTRATION = "registration"
"""Subject of the account's own history."""
CHANGED = "registration_changed"
MOST_A_DAY = 10
"""Registrations that one account may begin within 24 hours, at all courts."""
RETURN_TO = "return_to"
"""Where the way back is kept among the answers; it is verified before."""


@dataclass(frozen=True, slots=True)
class Registrant:
    """Who registers where, and what that is proved with."""

    account: Account
    court: Court
    issuer: str
    source: Source
    proof: Proof = NO_PROOF


def asked(there: Registration) -> AskedFor:
    """What it registers for."""
    return AskedFor(there.type, there.roles[0])


def begin(unit: Unit, who: Registrant, wanted: AskedFor, *, return_to: str | None) -> Registration:
    """A new draft, or the open registration made one for something else.

    Raises RefusedError by the conditions, or because the court has it already.
    """
    _require_fit(unit, who)
    there = registrations.open_one(unit, who.account.id, who.court.id)
    if there is None:
        _require_few(unit, who)
        there = _new(unit, who, wanted, return_to)
    if there is None:
        raise _changed()
    kept = {name: there.answers[name] for name in _KEPT if name in there.answers}
    kept |= {RETURN_TO: return_to} if return_to else {}
    is_same = asked(there) == wanted
    values = {**there.answers, **kept} if is_same else kept
    return _store(unit, there, wanted, values)


def save(
    unit: Unit, who: Registrant, page: Page, typed: Mapping[str, str]
) -> tuple[Registration, Sequence[InputError]]:
    """Keep a step's answers, or say what is wrong with them. Raises RefusedError."""
    _require_fit(unit, who)
    there = _own(unit, who)
    values, wrong = answers.checked(page, asked(there), who.court.type, typed)
    if wrong:
        return there, wrong
    return _store(unit, there, asked(there), {**there.answers, **values}), ()


def submit(unit: Unit, who: Registrant, ticked: Sequence[str]) -> Registration:
    """Send it to the court. Raises RefusedError, InputError for what is not ticked."""
    _require_fit(unit, who)
    there = _own(unit, who)
    _require_offered(who, asked(there))
    if page := answers.missing(asked(there), who.court.type, there.answers):
        raise RefusedError(
            "registration_incomplete",
            _("Something is missing: see “{page}”.", page=answers.LABELS[page]),
        )
    for name in ACKNOWLEDGEMENTS:
        if name not in ticked:
            raise InputError(NOT_TICKED[name], field=name)
    _move(unit, there, State.PENDING, submitted_at=unit.now)
    found_by.note_sent(unit, there)
    _note(unit, who, there, State.PENDING, Event.REGISTRATION_SUBMITTED)
    facts = [asked(there).label, *there.answers.get("cases", [])]
    telling.tell(unit, who.account, who.court, State.PENDING, issuer=who.issuer, facts=facts)
    intake_mails.tell_at_once(unit, who.court, there, who.account.number)
    matches.note_sent(unit, there)
    return replace(there, state=State.PENDING, version=there.version + 1)


def withdraw(unit: Unit, who: Registrant) -> None:
    """Take it back; what was a draft only leaves no trace but the event. Raises RefusedError."""
    there = registrations.open_one(unit, who.account.id, who.court.id)
    if there is None:
        raise _changed()
    _move(unit, there, State.WITHDRAWN, decided_at=unit.now)
    _note(unit, who, there, State.WITHDRAWN, Event.REGISTRATION_WITHDRAWN)
    if there.submitted_at is not None:
        telling.tell(unit, who.account, who.court, State.WITHDRAWN, issuer=who.issuer)


def _note(unit: Unit, who: Registrant, there: Registration, to: State, event: Event) -> None:
    """The applicant's own step, in the registration's history and in the account's."""
    actor = who.account.id
    event_id = registrations.note(unit, there, to, event, actor=actor, source=who.source)
    after = {"registration": there.id, "court": who.court.id, "state": to.value}
    history.note(unit, actor, REGISTRATION, event_id, actor=actor, after=after, proof=who.proof)


def _require_few(unit: Unit, who: Registrant) -> None:
    """Nobody fills a court's desk, or our disks with documents."""
    day_ago = unit.now - timedelta(days=1)
    recent = [
        one for one in registrations.of_account(unit, who.account.id) if one.created_at > day_ago
    ]
    if len(recent) >= MOST_A_DAY:
        raise RefusedError(
            "too_many_registrations",
            _(
                "You began {MOST_A_DAY} registrations within a day: go on tomorrow.",
                MOST_A_DAY=MOST_A_DAY,
            ),
        )


def _new(
    unit: Unit, who: Registrant, wanted: AskedFor, return_to: str | None
) -> Registration | None:
    answered = _answered(wanted, {RETURN_TO: return_to} if return_to else {})
    _begin(unit, ids.new_id(), who.account.id, who.court.id, answered, unit.now)
    return registrations.open_one(unit, who.account.id, who.court.id)


def _store(
    unit: Unit, there: Registration, wanted: AskedFor, values: Mapping[str, Any]
) -> Registration:
    """Write type, role and answers of one that is the applicant's turn."""
    _require_editable(there)
    made = replace(
        there,
        kind=REGISTRATION_TYPES[wanted.type].form,
        type=wanted.type,
        roles=(wanted.role,),
        answers=dict(values),
        version=there.version + 1,
    )
    if _keep(unit, there.id, there.version, _answered(wanted, values), unit.now) != 1:
        raise _changed()
    return made


def _own(unit: Unit, who: Registrant) -> Registration:
    there = registrations.open_one(unit, who.account.id, who.court.id)
    if there is None:
        raise _changed()
    _require_editable(there)
    return there


def _require_editable(there: Registration) -> None:
    if not there.is_editable:
        raise RefusedError(
            "registration_is_with_the_court",
            _(
                "The court has your registration. To change it, ask the court to return it, or "
                "withdraw it and register again."
            ),
        )


def _require_fit(unit: Unit, who: Registrant) -> None:
    if refusal := conditions.refuse(unit, who.account, who.court):
        raise refusal


def note_refusal(unit: Unit, who: Registrant, error: RefusedError) -> None:
    """What the applicant wanted was refused: the trail keeps the reason."""
    trail.record(
        unit,
        Event.REGISTRATION_REFUSED,
        actor=who.account.id,
        account_id=who.account.id,
        court_id=who.court.id,
        reason=error.reason,
        source=who.source,
    )


def _require_offered(who: Registrant, wanted: AskedFor) -> None:
    if wanted not in answers.choices(who.court).values():
        raise RefusedError(
            "role_not_offered",
            _(
                "{name} does not offer that any more: {role}.",
                name=who.court.name,
                role=", ".join(labels([wanted.role])),
            ),
        )


def _move(unit: Unit, there: Registration, to: State, **values: Any) -> None:
    if not registrations.move(unit, there, to, **values):
        raise _changed()


def _changed() -> RefusedError:
    return RefusedError(
        CHANGED,
        _("Your registration was changed meanwhile, perhaps in another window: look again."),
    )


_KEPT = ("notice_email", "notice_frequency", "notice_format", "statement", RETURN_TO)
"""Answers that are the same whatever somebody registers for."""


class _Answered(NamedTuple):
    kind: str
    type: str
    roles: Sequence[str]
    answers: Mapping[str, Any]


def _answered(wanted: AskedFor, answered: Mapping[str, Any]) -> _Answered:
    form = REGISTRATION_TYPES[wanted.type].form
    return _Answered(form, wanted.type, [wanted.role], dict(answered))


@change
def _begin(
    registration_id: str, account_id: str, court_id: str, answered: _Answered, now: datetime
) -> Insert:
    made = insert(efile_registrations).values(
        id=registration_id,
        account_id=account_id,
        court_id=court_id,
        **answered._asdict(),
        state=State.DRAFT.value,
        version=1,
        created_at=now,
        updated_at=now,
    )
    return made.on_conflict_do_nothing()


@change
def _keep(registration_id: str, version: int, answered: _Answered, now: datetime) -> Update:
    """Unless somebody else made another version meanwhile."""
    seen = (efile_registrations.c.id == registration_id, efile_registrations.c.version == version)
    return (
        update(efile_registrations)
        .where(*seen)
        .values(**answered._asdict(), version=efile_registrations.c.version + 1, updated_at=now)
    )
