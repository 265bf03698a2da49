"""Applying a file of clients: all of it or nothing, after showing what it would change.

The plan is made twice: once to be shown, and again in the unit that applies it. If they differ,
somebody changed a client in between, and nothing is applied that nobody has seen.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from signon.audit import trail
from signon.clients import changes, life, registration
from signon.clients.application import DEFAULT_GRANTS, FIELDS, Application, Server, differences
from signon.clients.checks import CHECKS
from signon.clients.registration_file import Entry, Problem
from signon.db import Unit
from signon.errors import InputError, RefusedError, SignonError

Differences = Mapping[str, tuple[Any, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """What happens to one client; a new one has nothing before."""

    client_id: str
    is_new: bool
    asked: Application = field(repr=False)
    fields: Differences
    """Old and new value of every field that changes, `disabled` among them."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What a file would do; nothing of it if there is a problem."""

    steps: Sequence[Step]
    unchanged: Sequence[str]
    problems: Sequence[Problem]


@dataclass(frozen=True, slots=True)
class Applied:
    """A client that was added or changed, with its secret if it got one now."""

    client_id: str
    client_secret: str | None


def plan(unit: Unit, entries: Sequence[Entry], server: Server) -> Plan:
    """Compare the file with what is registered, under the checks of a registration.

    In a writing unit the clients that exist are locked, so that the plan holds until it ends.
    """
    steps: list[Step] = []
    unchanged: list[str] = []
    problems: list[Problem] = []
    # in one order, so that of two imports one waits for the other
    for entry in sorted(entries, key=lambda entry: entry.client_id):
        found, step = _step(unit, entry, server)
        problems += found
        if step is None:
            continue
        if step.fields or step.is_new:
            steps.append(step)
        else:
            unchanged.append(step.client_id)
    return Plan(steps, unchanged, problems)


def apply(
    unit: Unit,
    entries: Sequence[Entry],
    server: Server,
    *,
    shown: Plan,
    actor: str = trail.COMMAND_LINE,
) -> list[Applied]:
    """Do what was shown. Raises RefusedError when it is no longer what would be done."""
    if shown.problems:
        raise InputError("A file with problems is not applied.")
    if plan(unit, entries, server) != shown:
        raise RefusedError(
            "changed_meanwhile",
            "Somebody changed a client in the meantime: nothing was applied, import it again.",
        )
    return [_apply(unit, step, server, actor) for step in shown.steps]


def _step(unit: Unit, entry: Entry, server: Server) -> tuple[list[Problem], Step | None]:
    row = (life.lock if unit.writes else life.find)(unit, entry.client_id)
    before = None if row is None else life.stored(unit, row)
    asked = entry.applied_to(before or Application("", grants=DEFAULT_GRANTS))
    if asked != before and (problems := list(_problems(unit, before, asked, server))):
        return [Problem(entry.client_id, *problem) for problem in problems], None
    after = asked if asked == before else registration.bound(unit, asked).settled()
    fields = differences(before, after) if before else dict(_new(after))
    was_disabled = row is not None and row.disabled_at is not None
    if (is_disabled := entry.is_disabled(otherwise=was_disabled)) != was_disabled:
        fields["disabled"] = (was_disabled, is_disabled)
    return [], Step(entry.client_id, before is None, asked, fields)


def _problems(
    unit: Unit, before: Application | None, asked: Application, server: Server
) -> Iterator[tuple[str, str]]:
    """Every rule that is broken, with its field."""
    checked = changes.new_in(asked, before) if before else asked
    for check, name in CHECKS.items():
        try:
            check(checked, server)
        except SignonError as error:
            yield getattr(error, "field", None) or name, error.sentence
    try:
        bound = registration.bound(unit, asked)
        if before:
            changes.require_binding(before, bound)
    except SignonError as error:
        yield "firm" if asked.firm else "court", error.sentence


def _new(asked: Application) -> Iterator[tuple[str, tuple[Any, Any]]]:
    for name, attribute in FIELDS.items():
        value = getattr(asked, attribute)
        if value not in (None, (), False, 0):
            yield name, (None, value)


def _apply(unit: Unit, step: Step, server: Server, actor: str) -> Applied:
    client_id = step.client_id
    if step.is_new:
        made = registration.register(unit, step.asked, server, client_id=client_id, actor=actor)
        secret = made.client_secret
    elif step.fields.keys() - {"disabled"}:
        secret = changes.change(unit, client_id, step.asked, server, actor=actor).client_secret
    else:
        secret = None
    was, is_now = step.fields.get("disabled", (None, None))
    if is_now:
        life.disable(unit, client_id, actor=actor)
    elif was:
        life.enable(unit, client_id, actor=actor)
    return Applied(client_id, secret)
