"""`signon courts rehearse` and `signon courts mails`: playing a court's day through beforehand."""

import csv
import secrets
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlsplit

import typer

from signon.accounts.hashing import Hasher
from signon.cli.client_files import server_of
from signon.cli.terminal import AsJson, Workplace, progress, say, show, show_all, workplace
from signon.clients import registration
from signon.clients.application import Application
from signon.clients.registration import Registered
from signon.courts.registry import Court
from signon.errors import InputError
from signon.filing.cutover import checks, held_mails, inventing, rehearsing
from signon.filing.cutover.casting import Player
from signon.filing.cutover.inventing import Playing
from signon.filing.cutover.rehearsing import Plan

CourtId = Annotated[str, typer.Argument(metavar="COURT", help="The real court's id, as casd.")]
COLUMNS = ("name", "email", "username", "login", "state")


def rehearse(
    court: CourtId,
    go_live: Annotated[
        str,
        typer.Option(
            metavar="TIME", help="+30m, +1h or +2d from now, or the court's time: 2020-02-18T00:00."
        ),
    ] = "+1h",
    people: Annotated[
        int, typer.Option(help="How many are invented, at most.")
    ] = rehearsing.PEOPLE,
    redirect_uri: Annotated[
        list[str] | None,
        typer.Option(help="Where your test CM/ECF takes people back: registers it. Repeat it."),
    ] = None,
    people_file: Annotated[
        Path | None, typer.Option(metavar="OUT.csv", help="Write who is to be played there.")
    ] = None,
    replace: Annotated[
        bool, typer.Option("--replace", help="Begin anew: other people, the programs stay.")
    ] = False,
    remove: Annotated[
        bool, typer.Option("--remove", help="Take the rehearsal away, with its programs.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Copy a court to COURT-train with invented people, so that its day can be played through.

    As many of them are prepared, not prepared and so on as at the court. Their mails are kept
    (signon courts mails) and never leave. Everybody has the one password that is printed once.
    """
    if replace and remove:
        raise typer.BadParameter("--replace and --remove exclude each other.")
    with workplace() as place:
        if remove:
            show(_remove(place, court), as_json=as_json)
            return
        password = secrets.token_urlsafe(15)
        means = Playing(place.database, Hasher(place.settings), password)
        plan, old = _plan(place, court, go_live, people, replace=replace)
        if people_file:
            _write(people_file, plan.people)
        if old:
            rehearsing.clear(place.database, old)
        made, client = _stage(place, plan, redirect_uri or ())
        with progress("Inventing people", len(plan.people)) as advance:
            inventing.invent(means, made, plan.people, advance)
    show(_told(made, plan, client, password), as_json=as_json)


def mails(
    court: CourtId,
    mail: Annotated[str, typer.Option(help="Show this one whole, by its id.")] = "",
    to: Annotated[str, typer.Option(help="Only to this address.")] = "",
    as_json: AsJson = False,
) -> None:
    """Read the mails that a court's rehearsal has kept; they never leave."""
    with workplace() as place, place.database.reading() as unit:
        there = rehearsing.require(unit, court)
        if mail:
            one, text = held_mails.text_of(unit, there.id, mail)
            show({**one._asdict(), "text": text}, as_json=as_json)
            return
        rows = [one._asdict() for one in held_mails.newest(unit, there.id, to)]
    show_all(rows, held_mails.HeldMail._fields, as_json=as_json)


def _remove(place: Workplace, court_id: str) -> dict[str, Any]:
    with place.database.reading() as unit:
        there = rehearsing.require(unit, court_id)
    gone = rehearsing.clear(place.database, there, whole=True)
    return {"court": there.id, "removed_people": gone}


def _plan(
    place: Workplace, court_id: str, when: str, people: int, *, replace: bool
) -> tuple[Plan, Court | None]:
    """What is to be made, and the rehearsal that it takes the place of. Raises InputError."""
    with place.database.reading() as unit:
        plan = rehearsing.plan(unit, court_id, when, people)
        if not rehearsing.is_there(unit, court_id):
            return plan, None
        if not replace:
            raise InputError(
                f"There is a rehearsal {plan.court_id}: --replace begins it anew, --remove takes "
                "it away.",
                field="court",
            )
        return plan, rehearsing.require(unit, court_id)


def _stage(
    place: Workplace, plan: Plan, redirect_uris: Sequence[str]
) -> tuple[Court, Registered | None]:
    """The court, with its program if one is named and none is there."""
    address = _origin(redirect_uris[0]) if redirect_uris else None
    with place.database.writing() as unit:
        court = rehearsing.stage(unit, plan, address)
        if not redirect_uris:
            return court, None
        if checks.programs(unit, court.id):
            say(f"{court.id} keeps the program that it has: `signon clients list`.")
            return court, None
        application = Application(
            name="Rehearsal CM/ECF", court=court.id, redirect_uris=redirect_uris
        )
        return court, registration.register(unit, application, server_of(place, unit))


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"


def _told(court: Court, plan: Plan, client: Registered | None, password: str) -> dict[str, Any]:
    program = asdict(client) if client else {}
    return {
        "court": court.id,
        "name": court.name,
        "go_live": court.go_live_local,
        "people": len(plan.people),
        **{state.value: number for state, number in plan.shares.items() if number},
        "password": password,
        **program,
    }


def _write(path: Path, people: Sequence[Player]) -> None:
    """For whoever plays, and nobody else on the machine. Raises InputError."""
    try:
        path.touch(0o600)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            for one in people:
                name = f"{one.first_name} {one.last_name}"
                writer.writerow((name, one.email, one.username, one.login, one.state.value))
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error
