"""Loading the registry: courts are added and corrected, what operators decided stays."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources
from operator import attrgetter
from typing import Any

from sqlalchemy import bindparam, case, update
from sqlalchemy.dialects.postgresql import insert

from signon.audit import trail
from signon.audit.events import Event
from signon.courts.models import courts
from signon.courts.registry import Court, read_all
from signon.courts.registry_file import Entry, RegistryFile, bad_lines, parse
from signon.db import Unit
from signon.rows import BadLine

_FIELDS = ("psc_id", "pcl_id", "name", "type", "circuit", "state", "time_zone", "cmecf_url")


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading did, in numbers of courts.

    `kept` are the courts whose file has another go-live date than an operator chose.
    """

    added: int
    corrected: int
    unchanged: int
    kept: Sequence[str]


@cache
def shipped() -> RegistryFile:
    """The registry of all CM/ECF courts that comes with the package."""
    file = resources.files("signon.courts") / "data" / "courts.csv"
    return parse("the registry", file.read_bytes())


def load(unit: Unit, file: RegistryFile, *, actor: str) -> Loaded:
    """Bring the courts of a file into the database; courts that it does not name stay.

    Never touches a policy, nor a go-live date that `courts set` chose. Raises InputError,
    with line numbers, when an id belongs to a court that the file does not name.
    """
    known = read_all(unit)
    if problems := list(_taken(known, file.entries)):
        raise bad_lines(file.name, problems)
    wanted = {entry.id: _row(entry, file, known.get(entry.id)) for entry in file.entries}
    changed = [row for court_id, row in wanted.items() if _differs(known.get(court_id), row)]
    _write(unit, known, changed)
    added = len(wanted.keys() - known.keys())
    done = Loaded(
        added=added,
        corrected=len(changed) - added,
        unchanged=len(wanted) - len(changed),
        kept=[entry.id for entry in file.entries if _is_kept(known.get(entry.id), entry, file)],
    )
    trail.record(
        unit,
        Event.COURTS_LOADED,
        actor=actor,
        added=done.added,
        corrected=done.corrected,
        unchanged=done.unchanged,
        sha256=file.sha256,
    )
    return done


def _taken(known: Mapping[str, Court], entries: Sequence[Entry]) -> Iterator[BadLine]:
    named = {entry.id for entry in entries}
    others = [court for court in known.values() if court.id not in named]
    for column in ("psc_id", "pcl_id"):
        value = attrgetter(column)
        owners = {value(court): court.id for court in others}
        for entry in entries:
            if owner := owners.get(value(entry)):
                yield BadLine(entry.line, f"{column} {value(entry)} is that of court {owner}")


def _row(entry: Entry, file: RegistryFile, known: Court | None) -> dict[str, Any]:
    row = {name: getattr(entry, name) for name in ("id", *_FIELDS)}
    is_file_silent = known is not None and (known.go_live_is_set or not file.has_go_live)
    return {**row, "go_live": known.go_live if known and is_file_silent else entry.go_live}


def _differs(known: Court | None, row: Mapping[str, Any]) -> bool:
    return known is None or any(getattr(known, name) != value for name, value in row.items())


def _is_kept(known: Court | None, entry: Entry, file: RegistryFile) -> bool:
    return bool(
        known and known.go_live_is_set and file.has_go_live and known.go_live != entry.go_live
    )


def _write(unit: Unit, known: Mapping[str, Court], rows: Sequence[Mapping[str, Any]]) -> None:
    if not rows:
        return
    _step_aside(unit, [row["id"] for row in rows if row["id"] in known])
    inserted = insert(courts)
    # guarded once more: an operator may set a date while this runs
    chosen = case((courts.c.go_live_is_set, courts.c.go_live), else_=inserted.excluded.go_live)
    corrected = {name: inserted.excluded[name] for name in _FIELDS} | {"go_live": chosen}
    statement = inserted.on_conflict_do_update(index_elements=["id"], set_=corrected)
    rows_in_order = sorted(rows, key=lambda row: str(row["id"]))
    unit.execute(
        statement, [{**row, "go_live_is_set": False, "policy": {}} for row in rows_in_order]
    )


def _step_aside(unit: Unit, court_ids: Sequence[str]) -> None:
    """Let two courts exchange ids: each first takes one that no checked line can have."""
    if court_ids:
        names = [
            {"court": court_id, "aside_psc": court_id, "aside_pcl": court_id.upper()}
            for court_id in sorted(court_ids)
        ]
        unit.execute(_STEP_ASIDE, names)


_STEP_ASIDE = (
    update(courts)
    .where(courts.c.id == bindparam("court"))
    .values(psc_id=bindparam("aside_psc"), pcl_id=bindparam("aside_pcl"))
)
