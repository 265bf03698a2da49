"""A page for one act: its question, what will happen, what it must be told, and the way back.

The form goes to the page's own address.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from signon.firms.pages.shell import Console, Seen
from signon.web.site import FieldError


@dataclass(frozen=True, slots=True)
class Blank:
    """A field: one to type in, or with `options` (value, label) one to choose from."""

    name: str
    label: str
    value: str = ""
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """`button` is the button's name, `back` leads to `where` below the firm; `effects` are
    lists of an icon, a heading and a sentence; `carried` are values of the same name, sent along.
    """

    title: str
    button: str
    label: str
    back: str
    where: str
    effects: Sequence[tuple[str, str, str]]
    keep: str = "Change nothing"
    takes_away: bool = True
    field: Blank | None = None
    carried: tuple[str, Sequence[str]] = ("", ())


def ask(
    console: Console,
    seen: Seen,
    section: str,
    question: Question,
    errors: Sequence[FieldError] = (),
) -> Response:
    """The question as a page."""
    return console.page(
        seen,
        section,
        "firm_act.html",
        errors=errors,
        question=question,
        action=seen.visit.request.url.path,
    )
