"""Sending: a wave begins on its day, and its mails go into the outbox part by part.

Whoever it goes to is written down when it begins, an address once by the table's key. Each part
settles some of them and queues their mails in one unit, so that a process that dies has done a part
wholly or not at all. No more is queued than the outbox soon delivers: what is not queued can be
stopped, and whoever has done it meanwhile is not reminded.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from signon import opaque_tokens
from signon.audit import trail
from signon.audit.events import Event
from signon.courts import holding
from signon.courts.registry import Court, read_all, read_one
from signon.db import Database, Unit
from signon.filing.cutover.waves import days, kept, letters, recipients, words
from signon.filing.cutover.waves.kept import ToDo, Wave
from signon.filing.cutover.waves.recipients import Holder
from signon.filing.rights import training
from signon.notices import mail
from signon.notices.message import address as address_of
from signon.outbox import events as outbox
from signon.words.language import ENGLISH, Language

PART = 200
ROOM = 1000
"""Mails of a wave that may wait in the outbox."""


async def look(database: Database, issuer: str) -> int:
    """Begin what is due and go on with what has begun; answers how many mails were queued."""
    queued = 0
    for court_id, wave_id in await database.read(_ready, issuer):
        if not await database.write(begin, court_id, wave_id, issuer):
            continue
        while (await database.read(_waiting, wave_id) or 0) < ROOM:
            done = await database.write(send_part, wave_id)
            if done is None:
                break
            queued += done
    return queued


def begin(unit: Unit, court_id: str, wave_id: str, issuer: str) -> bool:
    """Choose whom it goes to, once; False when it is not to be sent now after all."""
    holding.hold(unit, court_id)
    court = read_one(unit, court_id)
    every = kept.of_court(unit, court.id)
    wave = next((one for one in every if one.id == wave_id), None)
    if wave is None or not wave.is_open:
        return False
    if wave.begun_at:
        return days.may_send(court, wave, unit.now)
    if _next(court, every, unit.now, issuer) != wave:
        return False
    chosen = recipients.many_enough(unit, wave)
    kept.begin(unit, wave.id, chosen, training.today(court, unit.now), unit.now)
    kept.all_told(unit, wave.id, court.go_live)
    recipients.choose(unit, wave, chosen)
    _note(unit, Event.WAVE_BEGUN, wave)
    return True


def send_part(unit: Unit, wave_id: str) -> int | None:
    """Queue the next mails; None when there is nothing more to do now."""
    wave = kept.hold(unit, wave_id)
    if wave is None or wave.begun_at is None or not wave.is_open:
        return None
    court = read_one(unit, wave.court_id)
    if not days.may_send(court, wave, unit.now):
        return None
    addresses = kept.to_do(unit, wave.id, PART)
    if not addresses:
        kept.finish(unit, wave.id, unit.now)
        _note(unit, Event.WAVE_SENT, wave)
        return None
    found = recipients.holders(unit, wave, wave.chosen or (), addresses)
    told = [found[one] for one in addresses if one in found and _is_mailable(one)]
    done = _queue(unit, wave, court, told)
    mailed = {one.address for one in done}
    done += [ToDo(one) for one in addresses if one not in mailed]
    kept.settle(unit, wave.id, court.go_live, done)
    return len(mailed)


def _queue(unit: Unit, wave: Wave, court: Court, told: Sequence[Holder]) -> list[ToDo]:
    """Those who read the same language in one go."""
    done = []
    for language, some in groupby(sorted(told, key=_tag), _language):
        holders = list(some)
        tokens = [opaque_tokens.new_token() for _ in holders]
        mails = [
            (
                one.address,
                letters.letter(wave, court, one.logins, is_prepared=one.is_prepared, token=token),
            )
            for one, token in zip(holders, tokens, strict=True)
        ]
        sent = mail.send_many(unit, mails, language=language, lane=wave.lane)
        done += [
            ToDo(one.address, mail_id, opaque_tokens.digest(token))
            for one, mail_id, token in zip(holders, sent, tokens, strict=True)
        ]
    return done


def _language(holder: Holder) -> Language:
    return holder.language or ENGLISH


def _tag(holder: Holder) -> str:
    return _language(holder).tag


def _is_mailable(address: str) -> bool:
    """One of a court's own list that is none must not keep the others waiting."""
    try:
        address_of(address)
    except ValueError:
        return False
    return True


def _waiting(unit: Unit, wave_id: str) -> int | None:
    return outbox.waiting(unit, f"wave:{wave_id}")


def _ready(unit: Unit, issuer: str) -> list[tuple[str, str]]:
    """Court and wave of what is to be looked at, at most one of each court."""
    known, found = read_all(unit), []
    for court_id, some in groupby(kept.unfinished(unit), lambda one: one.court_id):
        waves = list(some)
        court = known[court_id]
        under_way = [one for one in waves if one.begun_at and days.may_send(court, one, unit.now)]
        if under_way:
            found += [(court_id, one.id) for one in under_way]
        elif first := _next(court, kept.of_court(unit, court_id), unit.now, issuer):
            found.append((court_id, first.id))
    return found


def _next(court: Court, every: Sequence[Wave], now: datetime, issuer: str) -> Wave | None:
    """What begins now, if its words are still such that may be sent."""
    fit = [one for one in every if may_be_said(one, court, issuer)]
    return days.due(court, fit, every, now)


def may_be_said(wave: Wave, court: Court, issuer: str) -> bool:
    """Whether the court still has registered what its words name."""
    texts = (wave.opening, wave.closing)
    return not any(text and words.problem(text, court, issuer=issuer) for text in texts)


def _note(unit: Unit, event: Event, wave: Wave) -> None:
    trail.record(
        unit,
        event,
        actor=trail.SYSTEM,
        court_id=wave.court_id,
        wave=wave.id,
        days_before=wave.days_before,
        states=list(wave.states),
    )
