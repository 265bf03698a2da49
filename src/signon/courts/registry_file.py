"""The registry as a CSV file: every line is checked before any is used.

Columns: `id name type circuit state time_zone` are required. `psc_id`, `pcl_id` and `cmecf_url`
may be left out or empty, then the judiciary's naming rules yield them; without a column
`go_live` the file says nothing of dates. `courts_db_id` serves a test of ours.
"""

import re
import zoneinfo
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

from signon import rows
from signon.courts import addresses
from signon.courts.go_live import announced, moment_of
from signon.courts.places import CIRCUITS, STATES
from signon.courts.registry import CourtType
from signon.errors import InputError
from signon.rows import BadLine, Row

REQUIRED = ("id", "name", "type", "circuit", "state", "time_zone")
DERIVED = ("psc_id", "pcl_id", "cmecf_url")
OPTIONAL = (*DERIVED, "go_live", "courts_db_id")
UNIQUE = ("id", "psc_id", "pcl_id")
MOST_SHOWN = 50
_ENDINGS: Mapping[str, str] = {CourtType.DISTRICT: "dc", CourtType.BANKRUPTCY: "bk"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One court of the file, checked; `line` is where it stands."""

    line: int
    id: str
    psc_id: str
    pcl_id: str
    name: str
    type: str
    circuit: str
    state: str
    time_zone: str
    cmecf_url: str
    go_live: datetime | None


@dataclass(frozen=True, slots=True)
class RegistryFile:
    """A whole file without a bad line. `notes` are sentences about doubts that were settled."""

    name: str
    entries: Sequence[Entry]
    has_go_live: bool
    sha256: str
    notes: Sequence[str]


def parse(name: str, content: bytes) -> RegistryFile:
    """Read a file. Raises InputError that reports every bad line with its number."""
    problems: list[BadLine] = []
    notes: list[str] = []
    entries: list[Entry] = []
    has_go_live = False
    for row in rows.read(content, REQUIRED, OPTIONAL):
        if isinstance(row, BadLine):
            problems.append(row)
            continue
        has_go_live = "go_live" in row.cells
        found, reasons = _entry(row, notes)
        problems += [BadLine(row.line, reason) for reason in reasons]
        entries += [found] if found else []
    problems += _duplicates(entries)
    if problems:
        raise bad_lines(name, problems)
    if not entries:
        raise InputError(f"{name} holds no court.")
    return RegistryFile(name, entries, has_go_live, rows.digest(content), notes)


def bad_lines(name: str, problems: Sequence[BadLine]) -> InputError:
    """One refusal for all of a file's problems: one line if there is one, else a line each."""
    in_order = sorted(problems, key=lambda problem: problem.line)
    told = [f"line {problem.line}: {problem.reason}" for problem in in_order]
    if len(told) == 1:
        return InputError(f"{name}, {told[0]}. Nothing was changed.")
    left = len(told) - MOST_SHOWN
    shown = [*told[:MOST_SHOWN], *([f"and {left} more"] if left > 0 else [])]
    return InputError("\n  ".join([f"{name}: {len(told)} problems; nothing was changed.", *shown]))


def _entry(row: Row, notes: list[str]) -> tuple[Entry | None, list[str]]:
    given = row.cells
    values = _completed(given)
    if reasons := list(_wrong(given, values)):
        return None, reasons
    try:
        go_live = _go_live(row.line, values, notes)
    except InputError as error:
        return None, [error.sentence.rstrip(".")]
    texts = {column: values[column] for column in (*REQUIRED, *DERIVED)}
    return Entry(line=row.line, go_live=go_live, **texts), []


def _completed(values: Mapping[str, str]) -> dict[str, str]:
    """Fill in what the naming rules yield."""
    psc_id, pcl_id = values.get("psc_id", ""), values.get("pcl_id", "")
    pcl_id = pcl_id or psc_id.lower() or _pcl_id(values["id"], values["type"])
    cmecf_url = values.get("cmecf_url") or addresses.cmecf_url(values["id"])
    return {**values, "psc_id": psc_id or pcl_id.upper(), "pcl_id": pcl_id, "cmecf_url": cmecf_url}


def _pcl_id(court_id: str, kind: str) -> str:
    """`casd` is `casdc`, `casb` is `casbk`, `ca9` is `09ca`; any other is its own."""
    if numbered := re.fullmatch(r"(ca|bap)([0-9]{1,2})", court_id):
        return f"{int(numbered[2]):02}{numbered[1]}"
    ending = _ENDINGS.get(kind)
    if ending and re.fullmatch(rf"[a-z]{{2,3}}{ending[0]}", court_id):
        return court_id[:-1] + ending
    return court_id


def _wrong(given: Mapping[str, str], values: Mapping[str, str]) -> Iterator[str]:
    derives = _CHECKS["id"](values["id"]) is None
    for column, problem in _CHECKS.items():
        # what a wrong id yields is wrong too, but saying it twice helps nobody
        if (derives or given.get(column) or column in REQUIRED) and (
            wrong := problem(values[column])
        ):
            yield f"{column} {wrong} (not {values[column][:40]!r})"


def _go_live(line: int, values: Mapping[str, str], notes: list[str]) -> datetime | None:
    if not values.get("go_live"):
        return None
    found = moment_of(announced(values["go_live"]), values["time_zone"])
    notes += [f"Line {line}: {found.note}"] if found.note else []
    return found.moment


def _duplicates(entries: Sequence[Entry]) -> Iterator[BadLine]:
    for column in UNIQUE:
        first: dict[str, int] = {}
        for entry in entries:
            value = getattr(entry, column)
            if value in first:
                yield BadLine(entry.line, f"{column} {value} stands already on line {first[value]}")
            first.setdefault(value, entry.line)


def _form(pattern: str, wrong: str) -> Callable[[str], str | None]:
    form = re.compile(pattern)
    return lambda text: None if form.fullmatch(text) else wrong


def _one_of(values: Sequence[str]) -> Callable[[str], str | None]:
    named = ", ".join(value or "empty" for value in values)
    return lambda text: None if text in values else f"must be one of {named}"


# the whole tz database is read to answer this, so it is read once
_time_zones = cache(zoneinfo.available_timezones)


def _time_zone_problem(text: str) -> str | None:
    if text in _time_zones():
        return None
    return "must be a zone of the tz database, such as America/Los_Angeles"


_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    "id": _form(
        r"(?=.{2,16}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "must be lower-case letters, digits and hyphens, at most 16, such as casb or casb-train",
    ),
    "psc_id": _form(r"[A-Z0-9-]{2,16}", "must be capital letters, digits and hyphens, at most 16"),
    "pcl_id": _form(r"[a-z0-9-]{2,16}", "must be small letters, digits and hyphens, at most 16"),
    "name": _form(r"[^\x00-\x1f\x7f]{3,200}", "must be 3 to 200 characters"),
    "type": _one_of([kind.value for kind in CourtType]),
    "circuit": _one_of(["", *CIRCUITS]),
    "state": _form("|".join(["", *STATES]), "must be a state's two capital letters or empty"),
    "time_zone": _time_zone_problem,
    "cmecf_url": addresses.problem,
}
