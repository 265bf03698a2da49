"""Acts: what somebody may do, said once.

An act is a value beside its rule; REST operation, console form and line of a file are handed it::

    SUSPEND = Act("suspend", suspend, needs=Power.FILERS, done="The filing rights are suspended.")

A REST route runs it by `rest.At.do`, a page by `signin.shell.Shell.do`. Both open the unit, prove
in it who is there and that they may, run the rule, and answer.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Concatenate, Generic, ParamSpec, TypeVar

from signon.db import Unit

Who = TypeVar("Who")
P = ParamSpec("P")
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Act(Generic[Who, P, Done]):
    """Something that may be done at a place.

    `name` is how addresses call it; `rule` takes the unit, who is there and what was sent;
    `needs` is what it takes to do it, in the words of the place (None: to be let in); `done` is
    what a page says afterwards.
    """

    name: str
    rule: Callable[Concatenate[Unit, Who, P], Done]
    needs: StrEnum | None = None
    done: str = ""
