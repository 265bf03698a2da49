"""`signon mail`: what a mail server on the same machine hands over."""

from pathlib import Path
from typing import Annotated

import typer

from signon.accounts import unreachable
from signon.cli.terminal import AsJson, say, show, workplace
from signon.errors import RefusedError
from signon.notices.reports import MOST_BYTES

commands = typer.Typer()


@commands.callback()
def _group() -> None:
    """Keep the command's name although it is the only one."""


@commands.command()
def report(
    file: Annotated[Path | None, typer.Argument(help="A mail. Default: stdin.")] = None,
    as_json: AsJson = False,
) -> None:
    """Take a delivery report (RFC 3464): mark the address that our mail did not reach."""
    try:
        raw = file.read_bytes() if file else typer.get_binary_stream("stdin").read(MOST_BYTES)
    except OSError as error:
        raise RefusedError(
            "cannot_read", f"{file} cannot be read: {error.strerror}. Name another file."
        ) from error
    with workplace() as place, place.database.writing() as unit:
        is_new = unreachable.take_report(unit, place.ring, raw)
    if as_json:
        show({"marked": is_new}, as_json=True)
    else:
        say("The address is marked." if is_new else "Nothing new: nothing was marked.")
