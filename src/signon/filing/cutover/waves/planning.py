"""Planning a court's reminders: which waves there are, whom they are for and what the court says."""

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import timedelta

from signon import ids
from signon.audit import trail
from signon.audit.events import Event
from signon.courts import holding
from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.errors import BusyError, InputError, NotFoundError, RefusedError
from signon.filing.court.desk import Desk, Power
from signon.filing.cutover.states import Preparedness
from signon.filing.cutover.waves import days, kept, letters, recipients, shown, words
from signon.filing.cutover.waves.days import Stage
from signon.filing.cutover.waves.kept import Wave
from signon.filing.cutover.waves.shown import ShownWave, Waves
from signon.limits import counters
from signon.notices import mail
from signon.outbox import events as outbox
from signon.web.acts import Act

BEGUN, PLANNED, PASSED = "wave_begun", "wave_planned", "wave_passed"
NOT_UNDER_WAY, NO_MAILBOX = "wave_not_under_way", "no_mailbox"
TRIALS, TRIALS_AN_HOUR = "wave_trials", 20
"""Bucket: trials to one address within an hour."""
TO_EVERYBODY_ELSE = (Preparedness.NOT_PREPARED.value,)


@dataclass(frozen=True, slots=True)
class Outline:
    """What a wave is to be; None leaves it as it is, of a new one as is usual."""

    days_before: int | None = None
    states: Sequence[str] | None = None
    opening: str | None = None
    closing: str | None = None


def plan(unit: Unit, desk: Desk, wanted: Outline) -> ShownWave:
    """A new wave. Raises InputError, RefusedError (`PLANNED`, `PASSED`)."""
    court = _held(unit, desk)
    made = _new(unit, desk, court, wanted)
    _require_ahead(unit, court, made)
    if kept.add(unit, made) is None:
        raise _is_planned(made.days_before)
    _note(unit, desk, Event.WAVE_PLANNED, made)
    return _shown(unit, desk, made)


def plan_usual(unit: Unit, desk: Desk, wanted: Outline) -> Waves:
    """The usual days that are still ahead and have none, and the day after; answers all there are.

    Raises InputError.
    """
    court = _held(unit, desk)
    for days_before in (*days.USUAL, days.AFTER):
        is_before = days_before > 0
        own = wanted if is_before else Outline(states=TO_EVERYBODY_ELSE)
        new = _new(unit, desk, court, replace(own, days_before=days_before))
        if _stage(unit, court, new) is not Stage.PASSED and kept.add(unit, new):
            _note(unit, desk, Event.WAVE_PLANNED, new)
    return shown.of(unit, court.id, desk.settings.issuer)


def change(unit: Unit, desk: Desk, wave_id: str, wanted: Outline) -> ShownWave:
    """Another day, other states or words, as long as it has not begun.

    Raises NotFoundError, InputError, RefusedError (`BEGUN`, `PLANNED`, `PASSED`).
    """
    court = _held(unit, desk)
    before = kept.find(unit, court.id, wave_id)
    if before.begun_at:
        raise _has_begun()
    now = _changed(before, _checked(desk, court, wanted))
    _check_states(now)
    if now.days_before != before.days_before:
        _require_ahead(unit, court, now)
        if kept.is_planned(unit, court.id, now.days_before, now.id):
            raise _is_planned(now.days_before)
    kept.rewrite(unit, now.id, now.days_before, now.states, now.opening, now.closing, now.tried_at)
    _note(unit, desk, Event.WAVE_CHANGED, now)
    return _shown(unit, desk, now)


def remove(unit: Unit, desk: Desk, wave_id: str) -> None:
    """Plan it no more. Raises NotFoundError, RefusedError (`BEGUN`)."""
    court = _held(unit, desk)
    found = kept.find(unit, court.id, wave_id)
    if kept.remove(unit, found.id) != 1:
        raise _has_begun()
    _note(unit, desk, Event.WAVE_REMOVED, found)


def stop(unit: Unit, desk: Desk, wave_id: str) -> None:
    """Send nothing more of it, nor what waits in the outbox; what has left has left.

    Raises NotFoundError, RefusedError (`NOT_UNDER_WAY`).
    """
    found = kept.find(unit, desk.court.id, wave_id)
    held = kept.hold(unit, found.id)
    assert held is not None
    if kept.stop(unit, held.id, unit.now) != 1:
        raise RefusedError(NOT_UNDER_WAY, "The wave is not under way.", "There is nothing to stop.")
    for mail_id in outbox.withdraw(unit, held.lane):
        kept.unsettle(unit, held.id, mail_id)
    _note(unit, desk, Event.WAVE_STOPPED, held)


def try_out(unit: Unit, desk: Desk, wave_id: str) -> str:
    """Mail it to whoever asks, as it would be; its words may go out from then on. Answers where to.

    A program has no mailbox: then it goes to the court's help desk. Raises NotFoundError,
    RefusedError (`NO_MAILBOX`), BusyError after several to one address.
    """
    court = _held(unit, desk)
    found = kept.find(unit, court.id, wave_id)
    address = desk.account.email if desk.account else court.policy.help_email
    if not address:
        raise RefusedError(
            NO_MAILBOX,
            "There is no mailbox to send it to.",
            "Sign in yourself, or set the help desk’s address under “Policy”.",
        )
    _bound(unit, address)
    mail.send(unit, letters.letter(found, court), to=address)
    kept.note_trial(unit, court.id, found.opening, found.closing, unit.now)
    _note(unit, desk, Event.WAVE_TRIED, found)
    return address


def _bound(unit: Unit, address: str) -> None:
    found = counters.hit(unit, TRIALS, counters.key(address.casefold()), window=timedelta(hours=1))
    if found.count > TRIALS_AN_HOUR:
        assert found.ends_at is not None
        raise BusyError(
            f"{TRIALS_AN_HOUR} trials were mailed to {address} within an hour. Wait a little.",
            retry_after=max(1, round((found.ends_at - unit.now).total_seconds())),
        )


PLAN = Act("planned", plan, needs=Power.REMIND, done="The wave is planned.")
PLAN_USUAL = Act("usual", plan_usual, needs=Power.REMIND, done="The usual waves are planned.")
CHANGE = Act("changed", change, needs=Power.REMIND, done="The wave is changed.")
REMOVE = Act("removed", remove, needs=Power.REMIND, done="The wave is no longer planned.")
STOP = Act("stopped", stop, needs=Power.REMIND, done="The wave is stopped.")
TRY = Act("tried", try_out, needs=Power.REMIND, done="It is on its way to you. Read it there.")


def on_day(unit: Unit, court: Court, days_before: int) -> Wave:
    """The newest of the court's for that day. Raises NotFoundError."""
    found = [one for one in kept.of_court(unit, court.id) if one.days_before == days_before]
    if not found:
        raise NotFoundError("The court has no wave for that day.")
    return found[-1]


def version(unit: Unit, desk: Desk, wave_id: str) -> str:
    """Of the wave that is to be changed; nobody else changes it until the unit ends."""
    return kept.find(unit, _held(unit, desk).id, wave_id).etag


def _shown(unit: Unit, desk: Desk, wave: Wave) -> ShownWave:
    return shown.one_of(unit, desk.court.id, wave.id, desk.settings.issuer)


def _held(unit: Unit, desk: Desk) -> Court:
    """The court as it is in the database; the waves of one are planned and begun by one at a time."""
    holding.hold(unit, desk.court.id)
    return read_one(unit, desk.court.id)


def _new(unit: Unit, desk: Desk, court: Court, wanted: Outline) -> Wave:
    usual = Outline(None, TO_EVERYBODY_ELSE, "", "")
    given = _checked(desk, court, wanted)
    if given.days_before is None:
        raise InputError("Say how many days before the go-live.", field="days_before")
    blank = Wave(
        ids.new_id(), court.id, given.days_before, (), "", "", unit.now, *[None] * 6
    )  # fmt: skip
    made = _changed(_changed(blank, usual), given)
    _check_states(made)
    return made


def _checked(desk: Desk, court: Court, wanted: Outline) -> Outline:
    """Raises InputError for what no wave can be."""
    days_before, states = wanted.days_before, wanted.states
    is_day = days_before is None or -days.MOST_AFTER <= days_before <= days.MOST_BEFORE
    if not is_day or days_before == 0:
        told = f"from 1 to {days.MOST_BEFORE} days before the go-live, or to -{days.MOST_AFTER} after it"
        raise InputError(f"A wave goes out {told}.", field="days_before")
    if states is not None and (not states or not set(states) <= set(recipients.CHOICES)):
        known = ", ".join(recipients.CHOICES)
        raise InputError(f"Choose at least one of {known}.", field="states")
    issuer = desk.settings.issuer
    opening, closing = (
        None if text is None else words.tidy(text, court, issuer=issuer, field=name)
        for name, text in (("opening", wanted.opening), ("closing", wanted.closing))
    )
    return Outline(days_before, states and recipients.tidy(states), opening, closing)


def _check_states(wave: Wave) -> None:
    if not wave.is_before and tuple(wave.states) != TO_EVERYBODY_ELSE:
        told = "After the day a wave goes to those who are not linked: choose not_prepared."
        raise InputError(told, field="states")


def _changed(wave: Wave, given: Outline) -> Wave:
    """Other words are tried anew."""
    values = {
        one.name: value for one in fields(given) if (value := getattr(given, one.name)) is not None
    }
    now = wave._replace(**values)
    same = (now.opening, now.closing) == (wave.opening, wave.closing)
    return now if same else now._replace(tried_at=None)


def _require_ahead(unit: Unit, court: Court, wave: Wave) -> None:
    if _stage(unit, court, wave) is Stage.PASSED:
        raise RefusedError(
            PASSED,
            "That day has gone by, or a wave went out on it already.",
            "Take one that is still ahead.",
        )


def _stage(unit: Unit, court: Court, wave: Wave) -> Stage:
    return days.stage(court, wave, kept.of_court(unit, court.id), unit.now)


def _has_begun() -> RefusedError:
    return RefusedError(BEGUN, "The wave has begun.", "It can be stopped.")


def _is_planned(days_before: int) -> RefusedError:
    told = f"{days_before} days before" if days_before > 0 else f"{-days_before} days after"
    return RefusedError(
        PLANNED, f"A wave {told} the go-live is planned already.", "Change that one."
    )


def _note(unit: Unit, desk: Desk, event: Event, wave: Wave) -> None:
    trail.record(
        unit,
        event,
        actor=desk.actor,
        court_id=desk.court.id,
        source=desk.source,
        wave=wave.id,
        days_before=wave.days_before,
        states=list(wave.states),
    )
