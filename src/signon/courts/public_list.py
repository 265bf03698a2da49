"""The public list: what is said of a court, and finding courts in it."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self, TypeVar

from signon.courts.places import CIRCUITS, STATES, cities
from signon.courts.registry import Court, CourtStatus, CourtType
from signon.errors import InputError
from signon.words.sentences import listed

LONGEST_QUESTION = 100
_Named = TypeVar("_Named", CourtType, CourtStatus)
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Search:
    """What to look for; None or empty is everything, but rehearsals, which have to be asked for."""

    words: str = ""
    type: CourtType | None = None
    status: CourtStatus | None = None
    rehearsals: bool = False

    @classmethod
    def of(cls, words: str, kind: str, status: str, *, rehearsals: bool = False) -> Self:
        """Read what was asked. Raises InputError for a type or status that there is none of."""
        return cls(
            words[:LONGEST_QUESTION],
            _member(CourtType, "type", kind) if kind else None,
            _member(CourtStatus, "status", status) if status else None,
            rehearsals,
        )

    def matches(self, court: Court, now: datetime) -> bool:
        """Whether the court is of the type and status and has, for each word, one that begins so."""
        if court.rehearsal_of and not self.rehearsals:
            return False
        if self.type not in {None, court.type} or self.status not in {None, court.status(now)}:
            return False
        told = _told_of(court)
        return all(any(word.startswith(asked) for word in told) for asked in _words(self.words))


def summary(court: Court, now: datetime) -> dict[str, Any]:
    """A court as programs read it; `go_live` is RFC 3339 in the court's offset, or None."""
    go_live = court.go_live_local
    return {
        "id": court.id,
        "psc_id": court.psc_id,
        "pcl_id": court.pcl_id,
        "name": court.name,
        "type": court.type,
        "circuit": court.circuit,
        "state": court.state,
        "status": court.status(now),
        "go_live": go_live.isoformat() if go_live else None,
        "cmecf_url": court.cmecf_url,
    }


def found(courts: Mapping[str, Court], search: Search, now: datetime) -> list[Court]:
    """The courts that a search finds, in the order of their ids."""
    return [court for court in courts.values() if search.matches(court, now)]


def place(court: Court) -> str:
    """Where it is: "9th Circuit, California"; empty for the one court without a circuit."""
    parts = [CIRCUITS.get(court.circuit), STATES.get(court.state)]
    return listed(part for part in parts if part)


def _told_of(court: Court) -> set[str]:
    texts: tuple[str, ...] = (
        court.id,
        court.psc_id,
        court.pcl_id,
        court.name,
        court.state,
        place(court),
    )
    texts = (*texts, *cities(court.id))
    return {word for text in texts for word in _words(text)}


def _words(text: str) -> Iterable[str]:
    return _WORD.findall(text.casefold())


def _member(kinds: type[_Named], name: str, text: str) -> _Named:
    try:
        return kinds(text)
    except ValueError:
        known = ", ".join(kinds)
        raise InputError(f"{name} must be one of {known}.", field=name) from None
