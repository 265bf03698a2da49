"""`signon doctor`: looks at everything that a server needs, and says how to mend it."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import typer
from sqlalchemy import Select, func, make_url, select

import signon
from signon import schema
from signon.audit import crowding
from signon.audit.models import events
from signon.cli.terminal import AsJson, read_settings, show_all
from signon.config import Settings
from signon.courts import registry
from signon.crypto import KeyRing, UnsealError
from signon.db import BULK, Database, Moment, Unit
from signon.errors import SignonError
from signon.notices.delivery import post_for
from signon.outbox.events import given_up
from signon.prepared import value
from signon.tables import SEALED, metadata
from signon.tokens import readiness, resealing, stored_keys
from signon.tokens.models import signing_keys
from signon.tokens.stored_keys import KeyState

CLOCK_MAY_DIFFER = timedelta(seconds=10)


class State(StrEnum):
    """How something stands; only `MEND` makes the exit status 1."""

    OK = "ok"
    SOON = "soon"
    MEND = "mend"


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it stands, what was found and what to do."""

    check: str
    state: State
    found: str
    mend: str = ""


def doctor(as_json: AsJson = False) -> None:
    """Examine what a server needs; exit status 1 if something must be mended.

    Sends no mail and changes nothing.
    """
    report(list(examine()), as_json=as_json)


def report(findings: Sequence[Finding], *, as_json: bool) -> None:
    """Print them; exit status 1 if one must be mended."""
    if as_json:
        show_all([asdict(finding) for finding in findings], (), as_json=True)
    else:
        for finding in findings:
            mend = f" → {finding.mend}" if finding.mend else ""
            typer.echo(f"{finding.state:<4}  {finding.check:<10}  {finding.found}{mend}")
    if any(finding.state is State.MEND for finding in findings):
        raise typer.Exit(1)


def examine() -> Iterator[Finding]:
    """Every finding; what stands on something that is broken cannot be looked at."""
    try:
        settings = read_settings()
    except SignonError as error:
        yield Finding("settings", State.MEND, error.sentence, "correct the environment")
        return
    yield Finding("settings", State.OK, f"issuer {settings.issuer}")
    yield _mail(settings)
    url = settings.database_url.get_secret_value()
    if (broken := migrations(url)).state is State.MEND:
        yield broken
        return
    yield broken
    ring = KeyRing(settings.key_bytes)
    database = Database(url, pool=1, timeouts=BULK, prepares=settings.database_prepared)
    try:
        for check in CHECKS:
            with database.reading() as unit:
                yield check(unit, ring)
    finally:
        database.close()


def _mail(settings: Settings) -> Finding:
    try:
        post_for(settings).check()
    except SignonError as error:
        return Finding("mail", State.MEND, error.sentence, "correct SIGNON_SMTP_URL, or the server")
    return Finding("mail", State.OK, f"can be handed in; it comes from {settings.sender}")


def migrations(url: str) -> Finding:
    """Whether the database is this program's."""
    kind = make_url(url).get_backend_name()
    try:
        schema.require_current(url)
        found = schema.differences(url, metadata)
    except SignonError as error:
        return Finding("database", State.MEND, error.sentence)
    if found:
        told = f"{kind} differs from the program: {'; '.join(found)}"
        return Finding("database", State.MEND, told, "restore a backup, or undo changes by hand")
    return Finding("database", State.OK, f"{kind}, at revision {schema.head()}")


def _keys(unit: Unit, ring: KeyRing) -> Finding:
    if reason := readiness.why_not_ready(unit):
        return Finding("keys", State.MEND, reason, "run `signon keys rotate`")
    stored = stored_keys.all_keys(unit)
    active = [key for key in stored if key.state(unit.now) is KeyState.ACTIVE]
    try:
        for key in active:
            sealed = _private(unit, key.kid)
            stored_keys.open_private(ring, key.kid, key.alg, sealed or b"")
    except UnsealError as error:
        return Finding("keys", State.MEND, error.sentence, "put the old key back into the ring")
    if due := readiness.due(stored, unit.now):
        told = f"{' and '.join(due)}: older than {readiness.DUE_AFTER.days} days"
        return Finding("keys", State.SOON, told, "run `signon keys rotate`")
    return Finding("keys", State.OK, f"active: {' and '.join(key.alg for key in active)}")


def sealed_secrets(unit: Unit, ring: KeyRing) -> Finding:
    """Whether the ring has the key of every stored secret; the first bytes of each name it."""
    seals = resealing.count(unit, ring, SEALED)
    if seals.unknown:
        told = f"{seals.unknown} stored secrets were sealed with a key that is not in the ring"
        return Finding("key ring", State.MEND, told, "put the old key back at the ring's end")
    if seals.older:
        told = f"{seals.older} stored secrets are still sealed with an older key"
        return Finding("key ring", State.SOON, told, "run `signon keys reencrypt`")
    return Finding("key ring", State.OK, "opens every stored secret")


def _outbox(unit: Unit, _ring: KeyRing) -> Finding:
    if count := given_up(unit):
        told = f"{count} deliveries were given up in the last 30 days"
        return Finding("outbox", State.SOON, told, "look for `delivery failed` in the logs")
    return Finding("outbox", State.OK, "nothing was given up")


def _courts(unit: Unit, _ring: KeyRing) -> Finding:
    found = registry.read_all(unit)
    if not found:
        return Finding("courts", State.MEND, "none are loaded", "run `signon courts load`")
    live = sum(court.is_live(unit.now) for court in found.values())
    return Finding("courts", State.OK, f"{len(found)} loaded, {live} live")


def _proxies(unit: Unit, _ring: KeyRing) -> Finding:
    crowd = crowding.look(unit)
    if crowd.is_suspicious:
        told = f"{crowd.share:.0%} of the newest acts came from {crowd.address or 'no address'}"
        mend = (
            "if that is a proxy, name it in SIGNON_TRUSTED_PROXIES and let it set X-Forwarded-For"
        )
        return Finding("proxies", State.SOON, told, mend)
    return Finding("proxies", State.OK, "people come from more than one address, or are few")


def _time_zones(unit: Unit, _ring: KeyRing) -> Finding:
    unknown = set()
    for name in sorted({court.time_zone for court in registry.read_all(unit).values()} | {"UTC"}):
        try:
            ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError):
            unknown.add(name)
    if unknown:
        told = f"this machine does not know {', '.join(sorted(unknown))}"
        return Finding("time zones", State.MEND, told, "install the system's tzdata")
    return Finding("time zones", State.OK, "all known")


def _clock(unit: Unit, _ring: KeyRing) -> Finding:
    mend = "set this machine's clock (NTP)"
    installed = datetime.fromtimestamp(Path(signon.__file__).stat().st_mtime, UTC)
    newest = newest_record(unit)
    for what, moment in (("the program was installed", installed), ("the newest record", newest)):
        if moment and moment > unit.now + CLOCK_MAY_DIFFER:
            return Finding("clock", State.MEND, f"it is before {what}", mend)
    if unit.dialect == "postgresql":
        differs = (_database_time(unit) or unit.now) - unit.now
        if abs(differs) > CLOCK_MAY_DIFFER:
            told = f"{differs.total_seconds():+.0f} s from the database's"
            return Finding("clock", State.MEND, told, mend)
    return Finding("clock", State.OK, f"{unit.now:%Y-%m-%d %H:%M:%S} UTC")


CHECKS: tuple[Callable[[Unit, KeyRing], Finding], ...] = (
    _keys, sealed_secrets, _outbox, _courts, _proxies, _time_zones, _clock
)  # fmt: skip


@value
def _private(kid: str) -> Select[bytes]:
    return select(signing_keys.c.private).where(signing_keys.c.kid == kid)


@value
def newest_record() -> Select[datetime | None]:
    """When the newest event happened."""
    return select(func.max(events.c.at))


@value
def _database_time() -> Select[datetime]:
    """PostgreSQL's own clock."""
    return select(func.clock_timestamp(type_=Moment))
