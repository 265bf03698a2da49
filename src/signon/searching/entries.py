"""Writing entries: a feature does so in the unit that writes the row they are made of."""

import json
from collections.abc import Collection, Iterable, Iterator
from itertools import islice
from typing import NamedTuple

from sqlalchemy import Delete, Insert, Select, delete, select, text
from sqlalchemy.dialects.postgresql import insert

from signon.db import Unit
from signon.prepared import change, every, given
from signon.searching.models import entries

BATCH = 5000


_PUT = {
    "postgresql": text(
        "INSERT INTO search_entries (place, key, subject) SELECT row->>0, row->>1, row->>2"
        " FROM json_array_elements(CAST(:rows AS json)) AS row ON CONFLICT DO NOTHING"
    ),
    "sqlite": text(
        "INSERT INTO search_entries (place, key, subject) SELECT json_extract(value, '$[0]'),"
        " json_extract(value, '$[1]'), json_extract(value, '$[2]') FROM json_each(:rows)"
        " WHERE true ON CONFLICT DO NOTHING"
    ),
}
"""Of any number of rows by one statement: one for each row costs twenty times as much."""


class Entry(NamedTuple):
    """One key of a subject in a place."""

    place: str
    key: str
    subject: str


def put(unit: Unit, made: Iterable[Entry]) -> None:
    """Write entries, whichever of them are there already."""
    for some in _batched(made, BATCH):
        unit.execute(_PUT[unit.dialect], {"rows": json.dumps(some)})


def put_found(unit: Unit, there: Select[str, str, str]) -> None:
    """Write the entries that a statement finds: place, key and subject."""
    names = ["place", "key", "subject"]
    unit.execute(insert(entries).from_select(names, there).on_conflict_do_nothing())


def _batched(made: Iterable[Entry], size: int) -> Iterator[list[Entry]]:
    """So many at a time, the last ones fewer."""
    rest = iter(made)
    while some := list(islice(rest, size)):
        yield some


def renew(unit: Unit, subject: str, keys: dict[str, Collection[str]]) -> None:
    """Give a subject other keys in those kinds of places: `names` is also `names@casb`."""
    there = _of(unit, subject)
    for one in there:
        wanted = keys.get(one.place.partition("@")[0])
        if wanted is not None and one.key not in wanted:
            _drop(unit, *one)
    places = {one.place for one in there} | set(keys)
    put(
        unit,
        (
            Entry(place, key, subject)
            for place in sorted(places)
            for key in sorted(keys.get(place.partition("@")[0], ()))
        ),
    )


def forget(unit: Unit, subjects: Collection[str]) -> None:
    """Take away all entries of some subjects."""
    # a list of any length
    unit.execute(delete(entries).where(entries.c.subject.in_(subjects)))


def clear(unit: Unit, places: Collection[str]) -> None:
    """Take away all entries of some places."""
    # a list of any length
    unit.execute(delete(entries).where(entries.c.place.in_(places)))


def copy(unit: Unit, subject: str, place: str, to: str) -> None:
    """Let a subject be found in another place by what it is found by in that one."""
    _copy(unit, subject, place, to)


@every(Entry)
def _of(subject: str) -> Select[str, str, str]:
    return select(entries.c.place, entries.c.key, entries.c.subject).where(
        entries.c.subject == subject
    )


@change
def _drop(place: str, key: str, subject: str) -> Delete:
    return delete(entries).where(
        entries.c.place == place, entries.c.key == key, entries.c.subject == subject
    )


@change
def _copy(subject: str, place: str, to: str) -> Insert:
    there = select(given(to), entries.c.key, entries.c.subject).where(
        entries.c.subject == subject, entries.c.place == place
    )
    return insert(entries).from_select(["place", "key", "subject"], there).on_conflict_do_nothing()
