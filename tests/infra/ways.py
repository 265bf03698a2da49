"""A request's way: which of our functions lie between its route and a statement.

What opens units and sends statements (`db`, `units`, `prepared`, `drivers`) is the same for all and does not
count; neither does a comprehension.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from fnmatch import fnmatch
from threading import local
from types import FrameType
from typing import Any

import pytest

from signon import db
from signon.prepared import Declared

ENGINE = {"signon.db", "signon.units", "signon.prepared", "signon.drivers", "signon.engines"}
ROUTES = ("*.api", "*.api.*", "*.pages", "*.pages.*")


@dataclass
class Ways:
    """Every statement since `clear`, with the functions from the route to it, the route first."""

    taken: list[tuple[str, list[str]]] = field(default_factory=list)

    def clear(self) -> None:
        """Forget those of before."""
        self.taken.clear()

    def to(self, rule: str) -> list[int]:
        """How many functions lead to each statement that is reached through this function."""
        return [len(way) for _, way in self.taken if any(one.endswith(rule) for one in way)]


def watching(monkeypatch: pytest.MonkeyPatch) -> Ways:
    """Watch every statement from now on."""
    ways, outer, hop, run = Ways(), local(), db._hop, Declared.run

    async def watched(kind: str, executor: Any, opened: Any, rule: Callable[[Any], Any]) -> Any:
        above = _functions(sys._getframe(1))

        def inside(unit: Any) -> Any:
            outer.functions = above
            return rule(unit)

        return await hop(kind, executor, opened, inside)

    def ran(self: Declared, *given: Any) -> Any:
        way = [*getattr(outer, "functions", []), *_functions(sys._getframe(1))]
        while way and not any(fnmatch(way[0].partition(":")[0], route) for route in ROUTES):
            del way[0]
        ways.taken.append((repr(self), way))
        return run(self, *given)

    monkeypatch.setattr(db, "_hop", watched)
    monkeypatch.setattr(Declared, "run", ran)
    return ways


def _functions(frame: FrameType | None) -> list[str]:
    """Ours, the outermost first, as `module:name`."""
    found = []
    while frame is not None:
        module, name = frame.f_globals.get("__name__", ""), frame.f_code.co_name
        if module.startswith("signon.") and module not in ENGINE and not name.startswith("<"):
            found.append(f"{module}:{name}")
        frame = frame.f_back
    return found[::-1]
