"""`signon keys`: the keys that sign, and the ring that seals."""

import base64
import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any

import typer

from signon.cli.terminal import AsJson, Workplace, progress, say, show, show_all, workplace
from signon.errors import RefusedError
from signon.tables import SEALED
from signon.tokens import resealing, rotation, stored_keys
from signon.tokens.stored_keys import StoredKey

commands = typer.Typer()

COLUMNS = ("kid", "alg", "state", "active_from", "retired_at", "published_until")


@commands.command("list")
def list_keys(as_json: AsJson = False) -> None:
    """Show every signing key and where it stands: next, active, retired or withdrawn."""
    with workplace() as place, place.database.reading() as unit:
        rows = [_row(key, unit.now) for key in stored_keys.all_keys(unit)]
    show_all(rows, COLUMNS, as_json=as_json)
    if not rows and not as_json:
        say("There are none yet: `signon keys rotate` makes the first.")


@commands.command()
def rotate(
    alg: Annotated[
        str | None,
        typer.Option(help=f"One of {', '.join(stored_keys.ALGORITHMS)}. Default: all in use."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make new keys: the first are active at once, later ones after the overlap."""
    with workplace() as place:
        made = rotation.rotate(place.database, place.ring, alg, overlap=_overlap(place))
        rows = [_row(key, place.database.clock()) for key in made]
    show_all(rows, COLUMNS, as_json=as_json)


# One key id in sixty-four begins with a hyphen, as base64url does.
@commands.command(context_settings={"ignore_unknown_options": True})
def retire(
    kid: str,
    now: Annotated[
        bool, typer.Option("--now", help="It is compromised: take it out of the JWKS too.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Take a key out of signing; it stays published until all that it signed has expired.

    Running servers learn of it within two seconds, without a database within 30 of its return.
    """
    with workplace() as place, place.database.writing() as unit:
        retired = rotation.retire(unit, kid, overlap=_overlap(place), withdraw=now)
        row = _row(retired, unit.now)
    show(row, as_json=as_json)
    if not as_json:
        say("Running servers learn of it within two seconds.")


@commands.command("new-secret")
def new_secret(as_json: AsJson = False) -> None:
    """Print a new value for SIGNON_SECRET_KEYS; it is kept nowhere else."""
    value = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
    if as_json:
        show({"secret_key": value}, as_json=True)
    else:
        typer.echo(value)


@commands.command()
def reencrypt(as_json: AsJson = False) -> None:
    """Seal every stored secret with the first of SIGNON_SECRET_KEYS, so that others may go."""
    with workplace() as place:
        with place.database.reading() as unit:
            total = resealing.count(unit, place.ring, SEALED).total
        with progress("Stored secrets", total) as advance:
            done = resealing.reencrypt(place.database, place.ring, SEALED, advance=advance)
        with place.database.reading() as unit:
            left = resealing.count(unit, place.ring, SEALED)
        is_alone = len(place.settings.secret_keys) == 1
    moved = sum(column["moved"] for column in done.values())
    spoilt = sum(column["spoilt"] for column in done.values())
    show({"looked_at": total, "moved": moved, "spoilt": spoilt}, as_json=as_json)
    if spoilt or left.unknown:
        raise RefusedError(
            "unsealed",
            f"{max(spoilt, left.unknown)} stored secrets open with no key of the ring: put the "
            "key that sealed them back at the end of SIGNON_SECRET_KEYS, and run this again.",
        )
    if not as_json:
        say(_verdict(left.older, is_alone=is_alone))


def _verdict(older: int, *, is_alone: bool) -> str:
    if older:
        return (
            f"{older} were written with an older key meanwhile: restart every server with the "
            "new key first, then run this again. No key may leave the ring yet."
        )
    if is_alone:
        return "Everything is sealed with the ring's only key."
    return (
        "Everything is sealed with the first key. The others may leave SIGNON_SECRET_KEYS once "
        "every server has been started with that key first, and this has been run after that."
    )


def _overlap(place: Workplace) -> timedelta:
    return timedelta(seconds=place.settings.key_overlap_seconds)


def _row(key: StoredKey, now: datetime) -> dict[str, Any]:
    return {
        "kid": key.kid,
        "alg": key.alg,
        "state": key.state(now).value,
        "created_at": key.created_at,
        "active_from": key.active_from,
        "retired_at": key.retired_at,
        "published_until": key.published_until,
    }
