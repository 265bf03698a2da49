"""Reading entries: a page of what begins as somebody has typed, in the order of the keys."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

from sqlalchemy import Select, and_, false, func, or_, select, tuple_

from signon.db import Unit
from signon.errors import InputError
from signon.prepared import every, given
from signon.searching import words
from signon.searching.models import entries

R = TypeVar("R")

MOST = 5000
"""Entries that another list's rows are looked for among."""
WALKED = 2000
"""Entries whose rows are read for one page: more would let somebody wait."""
BLOCK, LARGEST = 100, 1000
LAST = "\U0010ffff"
BETWEEN = "\x1f"
"""Between the parts of a place in the list; no key has it in it."""


@dataclass(frozen=True, slots=True)
class Source(Generic[R]):
    """A place, the beginnings that are looked for there, and what makes rows of subjects: those
    that are left out are not wanted. `others` are what further words begin with.
    """

    place: str
    prefixes: Sequence[str]
    load: Callable[[Sequence[str]], Mapping[str, R]]
    others: Sequence[str] = ()


def named(
    place: str, typed: str, load: Callable[[Sequence[str]], Mapping[str, R]]
) -> list[Source[R]]:
    """Whose name goes on as was typed, and if that is nobody, who has all of the words."""
    sources = [Source(place, words.beginnings(typed), load)]
    if found := words.apart(typed):
        longest, others = found
        sources.append(Source(place, [longest], load, others))
    return sources


class Found(NamedTuple, Generic[R]):
    """A row and its place in the list."""

    row: R
    after: str


class _Hit(NamedTuple):
    key: str
    subject: str


def page(unit: Unit, sources: Sequence[Source[R]], *, after: str, limit: int) -> list[Found[R]]:
    """At most `limit` of the first source in which anything begins so.

    Raises InputError: the place is none, or too many begin so that are not wanted.
    """
    source = next((one for one in sources if _any(unit, one)), None)
    if source is None:
        return []
    found: list[Found[R]] = []
    walked, seen = 0, set()
    for number, block in _blocks(unit, source, after):
        walked += len(block)
        fresh = [
            hit for hit in block
            if hit.subject not in seen
            and words.has_all(hit.key, source.others)
            and not words.begins_earlier(hit.key, number, source.prefixes)
        ]  # fmt: skip
        rows = source.load([hit.subject for hit in fresh]) if fresh else {}
        for hit in fresh:
            if hit.subject in rows and hit.subject not in seen:
                place = BETWEEN.join((str(number), hit.key, hit.subject))
                found.append(Found(rows[hit.subject], place))
            seen.add(hit.subject)
        if len(found) >= limit:
            return found[:limit]
        if walked >= WALKED:
            raise too_many(WALKED)
    return found


def subjects(unit: Unit, place: str, prefixes: Sequence[str]) -> Select[str]:
    """All of a place that begin with one of those. Raises InputError: too many do."""
    begins = [and_(entries.c.key >= prefix, entries.c.key < prefix + LAST) for prefix in prefixes]
    found = select(entries.c.subject).where(entries.c.place == place, or_(false(), *begins))
    few = found.limit(MOST + 1).subquery()
    if (unit.scalar(select(func.count()).select_from(few)) or 0) > MOST:
        raise too_many(MOST)
    return found


def too_many(most: int) -> InputError:
    """What somebody is told who has to type more."""
    return InputError(
        f"More than {most:,} people are found by this, and few of them are what you look for: type "
        "more of the name, or another of its words.",
        field="q",
    )


def _any(unit: Unit, source: Source[R]) -> bool:
    return any(_next(unit, source.place, one, "", one + LAST, 1) for one in source.prefixes)


def _blocks(unit: Unit, source: Source[R], after: str) -> Iterator[tuple[int, list[_Hit]]]:
    first, key, subject = _place(after, source.prefixes)
    size = BLOCK
    for number in range(first, len(source.prefixes)):
        prefix = source.prefixes[number]
        if number > first or not after:
            key, subject = prefix, ""
        while block := _next(unit, source.place, key, subject, prefix + LAST, size):
            yield number, block
            if len(block) < size:
                break
            key, subject = block[-1]
            size = min(size * 2, LARGEST)


def _place(after: str, prefixes: Sequence[str]) -> tuple[int, str, str]:
    if not after:
        return 0, "", ""
    number, _, rest = after.partition(BETWEEN)
    key, between, subject = rest.partition(BETWEEN)
    at = next((one for one in range(len(prefixes)) if str(one) == number), None)
    if not between or at is None or not key.startswith(prefixes[at]):
        raise InputError("This cursor is of another list.", field="cursor")
    return at, key, subject


@every(_Hit)
def _next(place: str, key: str, subject: str, end: str, limit: int) -> Select[str, str]:
    here = tuple_(entries.c.key, entries.c.subject)
    return (
        select(entries.c.key, entries.c.subject)
        .where(
            entries.c.place == place,
            here > tuple_(given(key), given(subject)),
            entries.c.key < end,
        )
        .order_by(entries.c.key, entries.c.subject)
        .limit(limit)
    )
