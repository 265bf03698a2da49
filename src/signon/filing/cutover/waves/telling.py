"""A court's day has moved: whoever a reminder told the old one is told the new one."""

from collections.abc import Sequence
from itertools import groupby

from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.filing.court.court_policy import help_desk
from signon.filing.cutover.waves import kept, recipients
from signon.filing.linking import preparing
from signon.notices import mail
from signon.notices.cutover_moved import CutoverMoved
from signon.words.language import ENGLISH

PART = 200
"""So many addresses are told in one unit."""


def reminded(unit: Unit, _after: str) -> Sequence[str]:
    """A part of those who were reminded (`cutover.moved.Tell`): who was told is found no more."""
    for wave in kept.outdated(unit, unit.now):
        court = read_one(unit, wave.court_id)
        addresses = kept.told_another(unit, wave.id, court.go_live, PART)
        if addresses:
            _tell(unit, court, kept.tell(unit, court.id, court.go_live, addresses))
            return addresses
        kept.all_told(unit, wave.id, court.go_live)
    return []


def _tell(unit: Unit, court: Court, addresses: Sequence[str]) -> None:
    letter = CutoverMoved(court.name, court.id, preparing.day_of(court), help_desk(court))
    told = [
        ((one.language or ENGLISH).tag, one)
        for one in recipients.unprepared(unit, court.id, addresses)
    ]
    for _, some in groupby(sorted(told, key=lambda each: each[0]), lambda each: each[0]):
        holders = [one for _, one in some]
        mails = [(one.address, letter) for one in holders]
        mail.send_many(unit, mails, language=holders[0].language or ENGLISH)
