"""`signon courts`: the registry, when courts go live, what they publish, who works for them."""

from collections.abc import Callable, Mapping, Sequence
from enum import StrEnum
from inspect import Parameter, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from signon.audit.trail import COMMAND_LINE
from signon.cli import rehearsals
from signon.cli.terminal import AsJson, Workplace, say, show, show_all, workplace
from signon.courts import go_live, loading, policy, public_list, registry, staff
from signon.courts.registry_file import RegistryFile, parse
from signon.courts.setting import Setting
from signon.courts.staff import StaffRole
from signon.errors import InputError
from signon.filing import catalogue
from signon.filing.court import court_policy
from signon.filing.court.desk import EVERY, Desk
from signon.filing.cutover import desk as cutover
from signon.filing.cutover import going_live
from signon.filing.cutover.waves import api as waves_api
from signon.filing.cutover.waves import planning, shown
from signon.web.acts import Act

commands = typer.Typer()
commands.command()(rehearsals.rehearse)
commands.command()(rehearsals.mails)

CourtId = Annotated[str, typer.Argument(metavar="ID", help="The court's id, such as casb.")]
COLUMNS = ("id", "name", "type", "status", "go_live", "cmecf_url")
WITHIN = f"Running servers show it within {registry.CACHE_SECONDS} seconds."


class StaffAction(StrEnum):
    """What to do with a member of staff."""

    ADD = "add"
    REMOVE = "remove"


@commands.command()
def load(
    file: Annotated[
        Path | None, typer.Argument(help="A CSV file; without one, the registry that we ship.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add and correct courts; go-live dates and policies set by `set` stay."""
    source = _file(file) if file else loading.shipped()
    with workplace() as place, place.database.writing() as unit:
        done = loading.load(unit, source, actor=COMMAND_LINE)
    for note in source.notes:
        say(note)
    if done.kept:
        say(f"Kept the go-live that `courts set` chose: {', '.join(done.kept)}.")
    numbers = {"added": done.added, "corrected": done.corrected, "unchanged": done.unchanged}
    show({**numbers, "kept_go_live": list(done.kept)}, as_json=as_json)


@commands.command("list")
def list_(as_json: AsJson = False) -> None:
    """Show every court with its status."""
    with workplace() as place, place.database.reading() as unit:
        rows = [public_list.summary(court, unit.now) for court in registry.read_all(unit).values()]
    show_all(rows, COLUMNS, as_json=as_json)


@commands.command("show")
def show_(court: CourtId, as_json: AsJson = False) -> None:
    """Show a court with its policy and staff."""
    with workplace() as place:
        _show(place, court, as_json=as_json)


def options(settings: Mapping[str, Setting]) -> list[Parameter]:
    """An option of a command for each setting."""
    return [
        Parameter(
            name,
            Parameter.KEYWORD_ONLY,
            default=None,
            annotation=Annotated[
                str | None,
                typer.Option(
                    metavar="LIST" if one.is_list else "|".join(one.choices) or None,
                    help=_help(one),
                ),
            ],
        )
        for name, one in settings.items()
    ]


def _help(setting: Setting) -> str:
    if setting.is_list:
        return f"{setting.description} With commas, or none."
    return f"{setting.description} Else {setting.usual}." if setting.usual else setting.description


def _with_settings(command: Callable[..., None]) -> Callable[..., None]:
    """The command with an option for every setting in place of its `**said`."""
    said = signature(command)
    *own, last, _ = said.parameters.values()
    parameters = [*own, *options(policy.SETTINGS), last]
    # what typer reads (PEP 362)
    command.__dict__["__signature__"] = said.replace(parameters=parameters)
    return command


@commands.command("set")
@_with_settings
def set_(
    court: CourtId,
    *,
    go_live_text: Annotated[
        str | None,
        typer.Option("--go-live", metavar="TIME", help="The court's local time: 2020-02-18T00:00."),
    ] = None,
    not_scheduled: Annotated[bool, typer.Option(help="There is no date yet.")] = False,
    as_json: AsJson = False,
    **said: str | None,
) -> None:
    """Set a court's go-live and policy; an empty text takes a value of the policy away."""
    values = {name: text for name, text in said.items() if text is not None}
    if go_live_text is not None and not_scheduled:
        raise typer.BadParameter("--go-live and --not-scheduled exclude each other.")
    if go_live_text is None and not not_scheduled and not values:
        raise typer.BadParameter("Say what to set; --help lists it.")
    announcement = go_live.announced(go_live_text) if go_live_text is not None else None
    if not_scheduled:
        announcement = go_live.Announcement(None)
    with workplace() as place:
        with place.database.writing() as unit:
            done = court_policy.change(
                unit, court, actor=COMMAND_LINE, go_live=announcement, values=values
            )
        if done.note:
            say(done.note)
        say(f"Set {', '.join(done.fields)}. {WITHIN}" if done.fields else "It was so already.")
        _show(place, done.court.id, as_json=as_json)


@commands.command("cutover")
def cutover_(
    court: CourtId,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Also say what would happen if the day were now.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Say how ready a court is for its day, and what it has to do itself."""
    with workplace() as place, place.database.reading() as unit:
        found = cutover.of(unit, court)
        told = going_live.foretell(unit, found.court) if dry_run else None
    values: dict[str, Any] = {
        "court": found.court.id,
        "go_live": public_list.summary(found.court, found.now)["go_live"],
        "days_left": found.days_left,
        "counted_at": found.counted_at,
        **{one.value: number for one, number in found.standings.items()},
        **{one.value: "hidden" if n is None else n for one, n in found.why.items()},
    }
    if day := found.today:
        values |= {
            "linked_today": sum(one.links for one in day.hours),
            **{f"refused_today_{reason}": n for reason, n in day.refused.items()},
            "not_linked_today": day.not_linked,
            "links_waiting": found.waiting.filers,
            "registrations_waiting": found.waiting.registrations,
        }
    if told:
        values |= {"rights_now": told.rights, "reviews_now": told.reviews}
        values |= {f"refused_now_{reason}": n for reason, n in sorted(told.refused.items())}
    rows = [one._asdict() for one in found.checks]
    if as_json:
        show({**values, "checks": rows}, as_json=True)
        return
    show(values, as_json=False)
    show_all(rows, ("name", "is_met", "so", "mend"), as_json=False)


class WaveAction(StrEnum):
    """What to do with a court's reminders."""

    LIST = "list"
    PLAN = "plan"
    REMOVE = "remove"
    STOP = "stop"
    TRY = "try"


WAVE_ACTS: Mapping[WaveAction, Act[Desk, [str], Any]] = {
    WaveAction.REMOVE: planning.REMOVE,
    WaveAction.STOP: planning.STOP,
    WaveAction.TRY: planning.TRY,
}


@commands.command("waves")
def waves_(
    court: CourtId,
    action: Annotated[
        WaveAction, typer.Argument(help="list, plan, remove, stop or try")
    ] = WaveAction.LIST,
    days: Annotated[
        int | None,
        typer.Argument(
            help="Which wave: days before the go-live; negative (after --): after it. Planning "
            "without it plans the usual ones."
        ),
    ] = None,
    states: Annotated[
        list[str] | None,
        typer.Option("--to", metavar="STATE", help="Whom it is for; may be repeated."),
    ] = None,
    opening: Annotated[str, typer.Option(help="The court's own words at the beginning.")] = "",
    closing: Annotated[str, typer.Option(help="The same at the end.")] = "",
    as_json: AsJson = False,
) -> None:
    """Plan, try and stop a court's reminders in waves, and say how they stand."""
    if action in WAVE_ACTS and days is None:
        raise typer.BadParameter(f"{action} needs the wave's days before the go-live.")
    with workplace() as place:
        settings = place.settings
        if action is not WaveAction.LIST:
            with place.database.writing() as unit:
                at = registry.read_one(unit, court)
                desk = Desk(at, COMMAND_LINE, EVERY, settings)
                if act := WAVE_ACTS.get(action):
                    done = act.rule(unit, desk, planning.on_day(unit, at, days or 0).id)
                    say(f"It is on its way to {done}." if act is planning.TRY else act.done)
                else:
                    wanted = planning.Outline(days, states, opening, closing)
                    plan = planning.PLAN_USUAL if days is None else planning.PLAN
                    plan.rule(unit, desk, wanted)
        with place.database.reading() as unit:
            found = shown.of(unit, court, settings.issuer)
    rows = [waves_api.answer(one).model_dump(mode="json") for one in found.waves]
    columns = ("days_before", "day", "states", "stage", "progress")
    show_all(rows, columns, as_json=as_json)


@commands.command("roles")
def roles_(as_json: AsJson = False) -> None:
    """Say which filing roles there are and what each brings; this is docs/roles.md."""
    described = catalogue.describe()
    if as_json:
        show(described, as_json=True)
    else:
        typer.echo(catalogue.to_markdown(described), nl=False)


@commands.command("staff")
def staff_(
    court: Annotated[str, typer.Argument(metavar="COURT", help="The court's id.")],
    action: Annotated[StaffAction, typer.Argument(help="add or remove")],
    username: Annotated[str, typer.Argument(help="An upgraded individual's username.")],
    role: Annotated[
        StaffRole | None, typer.Option(help="What they may do; each has one role at a court.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Add or remove a court's staff; adding again changes the role."""
    if action is StaffAction.ADD and role is None:
        raise typer.BadParameter(f"add needs --role: {', '.join(StaffRole)}.")
    with workplace() as place, place.database.writing() as unit:
        if action is StaffAction.REMOVE:
            role = staff.remove(unit, court, username, role, actor=COMMAND_LINE)
            say(f"{username} is no longer {role} of {court}.")
        elif role and staff.add(unit, court, username, role, actor=COMMAND_LINE):
            say(f"{username} is now {role} of {court}.")
        else:
            say(f"{username} is {role} of {court} already.")
        rows = _staff(staff.members(unit, registry.read_one(unit, court).id))
    show_all(rows, ("username", "name", "role"), as_json=as_json)


def _file(path: Path) -> RegistryFile:
    try:
        return parse(path.name, path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error


def _show(place: Workplace, court_id: str, *, as_json: bool) -> None:
    with place.database.reading() as unit:
        court = registry.read_one(unit, court_id)
        rows = _staff(staff.members(unit, court.id))
        values: dict[str, Any] = {
            **public_list.summary(court, unit.now),
            "time_zone": court.time_zone,
            "go_live_is_set": court.go_live_is_set,
            **{name: getattr(court.policy, name) for name in policy.SETTINGS},
        }
    people = rows if as_json else [f"{row['username']} ({row['role']})" for row in rows]
    show({**values, "staff": people}, as_json=as_json)


def _staff(members: Sequence[staff.Member]) -> list[dict[str, str]]:
    return [
        {
            "username": member.account.username,
            "name": member.account.display_name,
            "role": member.role,
        }
        for member in members
    ]
