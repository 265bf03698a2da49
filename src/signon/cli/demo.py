"""`signon demo`: the provider, two courts and a mailbox, for trying everything out."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from signon.cli.terminal import say

LAST_FIRST_PORT = 65_532


def demo(
    port: Annotated[
        int,
        typer.Option(
            min=1024,
            max=LAST_FIRST_PORT,
            help="The provider's; the courts and the mailbox take the next three.",
        ),
    ] = 8000,
    data_dir: Annotated[
        Path, typer.Option(metavar="DIR", help="Where its database, keys and mail are kept.")
    ] = Path(".demo"),
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget everything and start anew.")
    ] = False,
) -> None:
    """Serve a demonstration on this machine: the provider, two courts and a mailbox.

    The first start makes everything it needs in DIR; later ones keep it.
    """
    # to be stopped is what it is there for, also while it is still starting
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: sys.exit(0))
    say("Starting the demonstration …")
    # loaded here: other commands need none of it
    from signon.demo.demonstration import Demonstration

    Demonstration(data_dir, port).run(typer.echo, reset=reset)
