"""What a court itself has to have done before its day: each check is green, or says the mend.

Whether the addresses that the court registered answer is looked at every hour, without a
connection to the database held meanwhile, and kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Insert, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from signon.clients.models import clients
from signon.courts import staff
from signon.courts.registry import Court, read_all
from signon.db import Database, Unit
from signon.errors import SignonError
from signon.filing.court import kept_counts
from signon.filing.court.court_policy import needs_training, offered_roles
from signon.filing.court.kept_counts import CountKind
from signon.filing.cutover import points, states
from signon.filing.cutover.models import cutover_reached as table
from signon.filing.models import legacy_logins
from signon.outbound import Outbound
from signon.prepared import change, every, one
from signon.web.dates import moment_in_words

STALE = timedelta(days=7)
"""A list that is older is not what holds on the day."""
TRAIN = "-train"
"""A court's rehearsal has its id with this behind it (`cutover.rehearsing`)."""


class Check(NamedTuple):
    """`is_met`, or `mend` says what to do; `so` is how it stands, in a sentence."""

    name: str
    label: str
    is_met: bool
    so: str
    mend: str = ""


class Program(NamedTuple):
    """A program of the court's, by where people and sign-outs go."""

    id: str
    redirect_uris: Sequence[str]
    backchannel_logout_uri: str | None


def of(unit: Unit, court: Court) -> list[Check]:
    """All of them, in the order in which a court gets ready."""
    known = programs(unit, court.id)
    reached = _reached(unit, court.id) or _Reached({}, None)
    return [
        _client(known),
        _redirect(known, reached),
        _backchannel(known, reached),
        _list(unit, court),
        _staff(unit, court),
        _help_desk(court),
        _training(court),
        _rehearsal(unit, court),
    ]


def _client(known: Sequence[Program]) -> Check:
    names = ", ".join(one.id for one in known)
    return Check(
        "client",
        "Program registered",
        bool(known),
        f"Your CM/ECF is registered as {names}." if known else "No program of yours is registered.",
        "" if known else "Ask the service’s operators: `signon clients create --court …`.",
    )


def _redirect(known: Sequence[Program], reached: "_Reached") -> Check:
    wanted = [address for one in known for address in one.redirect_uris]
    return _answers("redirect", "Redirect address answers", wanted, reached, "where filers return")


def _backchannel(known: Sequence[Program], reached: "_Reached") -> Check:
    label, wanted = "Back-channel address reachable", _backchannels(known)
    if not wanted:
        told = "None is registered, so sessions at your court outlive a sign-out here."
        mend = "Register `backchannel_logout_uri` (docs/clients.md)."
        return Check("backchannel", label, False, told, mend)
    return _answers("backchannel", label, wanted, reached, "where sign-outs are told")


def _answers(name: str, label: str, wanted: Sequence[str], reached: "_Reached", what: str) -> Check:
    if not wanted:
        return Check(name, label, False, "There is no address yet.", "Register the program first.")
    unknown = [address for address in wanted if address not in reached.answers]
    if unknown:
        return Check(name, label, False, "Not looked at yet.", "It is looked at within the hour.")
    silent = [address for address in wanted if reached.answers[address]]
    if silent:
        told = f"{silent[0]} did not answer: {reached.answers[silent[0]]}"
        mend = f"Let our network reach the address {what}, with a valid certificate."
        return Check(name, label, False, told, mend)
    return Check(name, label, True, f"{len(wanted)} answered within the last hour.")


def _list(unit: Unit, court: Court) -> Check:
    counts = kept_counts.told(unit, court, LIST).counts
    number, last = counts["number"], counts["last"] and datetime.fromisoformat(counts["last"])
    label, mend = "Legacy logins loaded", "Load the list under “Legacy logins”."
    if not number or last is None:
        return Check("list", label, False, "No list was loaded.", mend)
    when = moment_in_words(last, court.time_zone)
    told = f"{number:,} logins; the last list came {when}."
    is_late = court.go_live is not None and unit.now < court.go_live
    if is_late and last < unit.now - STALE:
        return Check("list", label, False, told, f"Older than {STALE.days} days. {mend}")
    return Check("list", label, True, told)


def _staff(unit: Unit, court: Court) -> Check:
    label, people = "Staff with second factors", staff.members(unit, court.id)
    bare = [one.account.username for one in people if not one.account.has_factor]
    if not people:
        return Check("staff", label, False, "Nobody is staff here.", "Add people under “Staff”.")
    if bare:
        told = f"{len(bare)} of {len(people)} have none: {', '.join(bare[:5])}."
        mend = "Ask them to sign in and set one up; without it they cannot come in here."
        return Check("staff", label, False, told, mend)
    return Check("staff", label, True, f"All {len(people)} have one.")


def _help_desk(court: Court) -> Check:
    label, policy = "Help desk on the public list", court.policy
    ways = [way for way in (policy.help_phone, policy.help_email) if way]
    if not ways:
        told, mend = "Filers see no phone and no address.", "Set them under “Policy”."
        return Check("help_desk", label, False, told, mend)
    return Check("help_desk", label, True, ", ".join(ways))


def _training(court: Court) -> Check:
    wanted = [role for role in offered_roles(court) if needs_training(court, role)]
    if not wanted:
        return Check("training", "Training decided", True, "Off: no role needs a certificate.")
    names = ", ".join(role.value.replace("_", " ") for role in wanted)
    told = f"On: {names} need a certificate."
    if court.policy.training_url is None:
        mend = "Say under “Policy” where filers are trained, or that no role needs it."
        return Check("training", "Training decided", False, told, mend)
    return Check("training", "Training decided", True, told)


def _rehearsal(unit: Unit, court: Court) -> Check:
    label, name = "Rehearsal court", f"{court.id}{TRAIN}"
    if court.rehearsal_of or court.id.endswith(TRAIN):
        return Check("rehearsal", label, True, "This is one.")
    if name not in read_all(unit):
        mend = f"Ask the service’s operators: `signon courts rehearse {court.id}`."
        return Check("rehearsal", label, False, f"There is no {name}.", mend)
    if not programs(unit, name):
        mend = f"Have your test CM/ECF registered for {name}."
        return Check("rehearsal", label, False, f"{name} has no program.", mend)
    return Check("rehearsal", label, True, f"{name} has its program.")


# ── What every hour looks at ─────────────────────────────────────────────────


async def look(database: Database, outbound: Outbound) -> int:
    """Call what courts with a day have registered; answers how many addresses were called."""
    courts = await database.read(read_all)
    called = 0
    for court in courts.values():
        if points.is_watched(court, database.clock()):
            answers = {
                one: await _call(outbound, one) for one in await database.read(_addresses, court)
            }
            await database.write(_keep_answers, court.id, answers)
            called += len(answers)
    return called


async def _call(outbound: Outbound, address: str) -> str:
    """Whatever it answers, it is there."""
    try:
        await outbound.get(address)
    except SignonError as error:
        return str(error.sentence)[:200]
    return ""


def _addresses(unit: Unit, court: Court) -> list[str]:
    known = programs(unit, court.id)
    redirects: Iterator[str] = (address for one in known for address in one.redirect_uris)
    return list(dict.fromkeys([*redirects, *_backchannels(known)]))


def _backchannels(known: Sequence[Program]) -> list[str]:
    return [one.backchannel_logout_uri for one in known if one.backchannel_logout_uri]


def _keep_answers(unit: Unit, court_id: str, answers: Mapping[str, str]) -> None:
    _set_reached(unit, court_id, unit.now, answers)


class _Reached(NamedTuple):
    answers: Mapping[str, str]
    looked_at: datetime | None


class _Imported(NamedTuple):
    number: int
    last: datetime | None


@every(Program)
def programs(court_id: str) -> Select[str, list[str], str | None]:
    """A court's programs that are not switched off."""
    return (
        select(clients.c.id, clients.c.redirect_uris, clients.c.backchannel_logout_uri)
        .where(clients.c.court_id == court_id, clients.c.disabled_at.is_(None))
        .order_by(clients.c.id)
    )


@one(_Reached)
def _reached(court_id: str) -> Select[dict[str, str], datetime]:
    return select(table.c.answers, table.c.looked_at).where(table.c.court_id == court_id)


@change
def _set_reached(court_id: str, now: datetime, answers: Mapping[str, str]) -> Insert:
    new = insert(table).values(court_id=court_id, looked_at=now, answers=answers)
    return new.on_conflict_do_update(
        index_elements=["court_id"],
        set_={"looked_at": new.excluded.looked_at, "answers": new.excluded.answers},
    )


def _counted(unit: Unit, court: Court) -> Mapping[str, Any]:
    found = _imported(unit, court.id) or _Imported(0, None)
    return {"number": found.number, "last": found.last and found.last.isoformat()}


LIST = CountKind("list", states.are_many, _counted, states.counts_last)


@one(_Imported)
def _imported(court_id: str) -> Select[int, datetime]:
    return select(
        func.count().label("number"), func.max(legacy_logins.c.imported_at).label("last")
    ).where(legacy_logins.c.court_id == court_id)
