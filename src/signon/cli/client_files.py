"""`signon clients export` and `import`: clients as a file that can be applied again and again."""

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from signon.cli.terminal import AsJson, Workplace, say, show, show_all, workplace
from signon.clients import importing, life, registration_file
from signon.clients.application import Server
from signon.clients.importing import Applied, Plan, Step
from signon.clients.registration_file import Problem
from signon.db import Unit
from signon.errors import InputError, RefusedError
from signon.tokens import stored_keys


def server_of(place: Workplace, unit: Unit) -> Server:
    """What a registration depends on here."""
    return Server(place.settings.is_https, stored_keys.active_algorithms(unit))


def export(
    ids: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]…", help="Default: every client.")
    ] = None,
    file: Annotated[Path | None, typer.Option(help="Default: standard output.")] = None,
) -> None:
    """Write clients as JSON that `clients import` takes; secrets are never in it."""
    with workplace() as place, place.database.reading() as unit:
        found = [life.show(unit, client_id) for client_id in ids] if ids else life.all_clients(unit)
    text = registration_file.write(found)
    if file is None:
        typer.echo(text, nl=False)
        return
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{file} cannot be written: {error.strerror}.") from error
    say(f"Wrote {len(found)} clients to {file}.")


def import_(
    file: Annotated[Path, typer.Argument(metavar="FILE.json", help="As `export` writes it.")],
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Show the changes and make none.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Apply without asking.")] = False,
    as_json: AsJson = False,
) -> None:
    """Add and change clients until they are as the file says: all of them or none.

    Shows what changes before it asks. Ids are kept; clients and fields that the file does not
    name stay as they are; nothing is deleted. A new client with a secret gets one, shown once.
    """
    entries, problems = registration_file.read(_read(file))
    with workplace() as place:
        with place.database.reading() as unit:
            plan = importing.plan(unit, entries, server_of(place, unit))
        _refuse([*problems, *plan.problems], as_json=as_json)
        is_asked = bool(plan.steps) and not yes and not dry_run
        _tell(plan, to_stderr=as_json, is_quiet=as_json and not is_asked)
        if is_asked:
            _ask(len(plan.steps))
        applied: list[Applied] = []
        if plan.steps and not dry_run:
            with place.database.writing() as unit:
                applied = importing.apply(unit, entries, server_of(place, unit), shown=plan)
    if as_json:
        show(_report(plan, applied), as_json=True)
    else:
        _tell_secrets(applied)
        say(_summary(plan, is_done=bool(applied)))


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _refuse(problems: Sequence[Problem], *, as_json: bool) -> None:
    """Name every problem, and stop at one."""
    if not problems:
        return
    rows = [
        {"client_id": found.client_id, "field": found.field, "problem": found.problem}
        for found in problems
    ]
    if as_json:
        show({"applied": False, "problems": rows}, as_json=True)
    for row in [] if as_json else rows:
        typer.echo(f"{row['client_id']}: {row['field']}: {row['problem']}")
    raise InputError(
        f"The file has {len(problems)} problems, so nothing was changed: correct them and "
        "import it again."
    )


def _ask(count: int) -> None:
    if not sys.stdin.isatty():
        raise RefusedError("not_agreed", "Nothing was changed: --yes applies it without asking.")
    if not typer.confirm(f"Change {count} clients?", err=True):
        raise RefusedError("not_agreed", "Nothing was changed.")


# ── The diff ─────────────────────────────────────────────────────────────────


def _tell(plan: Plan, *, to_stderr: bool, is_quiet: bool) -> None:
    for line in [] if is_quiet else _lines(plan):
        typer.echo(line, err=to_stderr)


def _lines(plan: Plan) -> list[str]:
    lines = []
    for step in plan.steps:
        lines.append(f"{'+' if step.is_new else '~'} {step.client_id}")
        lines += [f"    {name}: {_change(step, *pair)}" for name, pair in step.fields.items()]
    return lines


def _change(step: Step, old: Any, new: Any) -> str:
    if step.is_new:
        return _value(new)
    if isinstance(old, tuple) and isinstance(new, tuple) and set(old) != set(new):
        gone = [f"- {value}" for value in old if value not in new]
        return "  ".join([*gone, *(f"+ {value}" for value in new if value not in old)])
    return f"{_value(old)} → {_value(new)}"


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return f"keys {', '.join(str(key.get('kid', '(no kid)')) for key in value['keys'])}"
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)


def _tell_secrets(applied: Sequence[Applied]) -> None:
    rows = [
        {"client_id": done.client_id, "client_secret": done.client_secret}
        for done in applied
        if done.client_secret
    ]
    if rows:
        show_all(rows, ("client_id", "client_secret"), as_json=False)
        say("Only digests of the secrets are kept: they cannot be shown again.")


def _summary(plan: Plan, *, is_done: bool) -> str:
    added = sum(step.is_new for step in plan.steps)
    counted = f"{added} added, {len(plan.steps) - added} changed, {len(plan.unchanged)} unchanged"
    return (
        f"{counted}." if is_done or not plan.steps else f"Nothing was changed; would be {counted}."
    )


def _report(plan: Plan, applied: Sequence[Applied]) -> dict[str, Any]:
    made = {done.client_id: done.client_secret for done in applied if done.client_secret}

    def told(step: Step) -> dict[str, Any]:
        fields = {name: {"old": old, "new": new} for name, (old, new) in step.fields.items()}
        secret = {"client_secret": made[step.client_id]} if step.client_id in made else {}
        return {"client_id": step.client_id, "fields": fields, **secret}

    return {
        "applied": bool(applied),
        "added": [told(step) for step in plan.steps if step.is_new],
        "changed": [told(step) for step in plan.steps if not step.is_new],
        "unchanged": list(plan.unchanged),
    }
