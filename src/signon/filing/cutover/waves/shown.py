"""Waves as a court sees them: how each stands, and numbers where they tell nothing of accounts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.filing.cutover.waves import days, kept, sending
from signon.filing.cutover.waves.days import Stage
from signon.filing.cutover.waves.kept import Wave
from signon.outbox import events as outbox


@dataclass(frozen=True, slots=True)
class WaveFigures:
    """How far a wave is, in addresses: all of them, those whose mail has left and those whose mail
    waits, those that needed none any more, and of the mails those that did not arrive.
    """

    chosen: int
    mailed: int
    waiting: int
    spared: int
    bounced: int


@dataclass(frozen=True, slots=True)
class ShownWave:
    """`day` is by the court's calendar, None while there is no date; `progress` is None before it
    begins, and for ever where it would say who has an account. `words_fit`: its addresses are still
    the court's.
    """

    wave: Wave
    day: date | None
    stage: Stage
    progress: WaveFigures | None
    words_fit: bool


@dataclass(frozen=True, slots=True)
class Waves:
    """All of a court's, and how many addresses want none."""

    court: Court
    waves: Sequence[ShownWave]
    unsubscribed: int


def of(unit: Unit, court_id: str, issuer: str) -> Waves:
    """All of them, with the court's date as it stands in the database. Raises NotFoundError."""
    court = read_one(unit, court_id)
    every = kept.of_court(unit, court.id)
    return Waves(
        court,
        [_shown(unit, court, one, every, issuer) for one in every],
        kept.number_unsubscribed(unit, court.id) or 0,
    )


def one_of(unit: Unit, court_id: str, wave_id: str, issuer: str) -> ShownWave:
    """One of them. Raises NotFoundError."""
    court = read_one(unit, court_id)
    wave = kept.find(unit, court.id, wave_id)
    return _shown(unit, court, wave, kept.of_court(unit, court.id), issuer)


def _shown(unit: Unit, court: Court, wave: Wave, every: Sequence[Wave], issuer: str) -> ShownWave:
    return ShownWave(
        wave,
        days.day_of(court, wave.days_before),
        days.stage(court, wave, every, unit.now),
        _progress(unit, wave),
        sending.may_be_said(wave, court, issuer),
    )


def _progress(unit: Unit, wave: Wave) -> WaveFigures | None:
    if wave.begun_at is None or wave.by_account:
        return None
    found = kept.numbers(unit, wave.id, wave.begun_at)
    assert found is not None
    queued = outbox.waiting(unit, wave.lane) or 0
    return WaveFigures(
        found.chosen,
        found.mailed - queued,
        found.chosen - found.settled + queued,
        found.settled - found.mailed,
        found.bounced,
    )
