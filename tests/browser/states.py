"""How to come to each state of each page; the modules that look at them fill this in."""

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import Page

from tests.demo.running import Running

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
    """The states that a module has noted, in its order."""
    return [name for name, state in STATES.items() if state.come.__module__ == module]
