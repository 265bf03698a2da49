"""How to come to each state of each page; the modules that look at them fill this in."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

import signon
from signon.web.site import TEMPLATES
from tests.demo.running import Running

FOLDERS = (*TEMPLATES, Path(signon.__file__).parent / "demo" / "templates")
PART = re.compile(r'{%-? (?:extends|include|from|import) "([^"]+)' + r"|\b((?:ui|forms)\.\w+)\(")
"""Where a template names what its pages are made of: a frame, a piece, a component."""

Way = Callable[[Page, Running], None]


@dataclass(frozen=True, slots=True)
class State:
    """A state of the page of a template, and the way to it."""

    template: str
    come: Way


STATES: dict[str, State] = {}
"""By the name of the function that leads there."""


def shows(template: str) -> Callable[[Way], Way]:
    """Note that a function leads to a state of this template."""

    def note(come: Way) -> Way:
        STATES[come.__name__] = State(template, come)
        return come

    return note


def of(module: str) -> list[str]:
    """All that a module has filled in."""
    return [name for name, state in STATES.items() if state.come.__module__ == module]


def telling(module: str) -> list[str]:
    """So many of them that each part of a page is among them: what `make test` looks at.

    Pages that consist of the same parts look alike; `make look` looks at every one.
    """
    richest = sorted(of(module), key=lambda name: len(parts(STATES[name].template)), reverse=True)
    seen: set[str] = set()
    found = []
    for name in richest:
        if new := parts(STATES[name].template) - seen:
            seen |= new
            found.append(name)
    return sorted(found, key=list(STATES).index)


@cache
def parts(template: str) -> frozenset[str]:
    """What a page of this template is made of."""
    (path,) = (folder / template for folder in FOLDERS if (folder / template).exists())
    return frozenset(file or component for file, component in PART.findall(path.read_text()))
