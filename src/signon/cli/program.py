"""The program `signon`: what it can do, by name; a command is imported when it is called.

The whole product takes more than a second to import, which `--help` and a mistyped word
should not cost.
"""

from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup
from typer.main import get_group

SINGLE = {
    "demo": "Serve a demonstration on this machine: the provider, two courts and a mailbox.",
    "serve": "Serve until SIGTERM or Ctrl-C; requests that are running then are still answered.",
    "prune": "Remove what has expired, in small batches; a running server does the same by itself.",
    "doctor": "Examine what a server needs; exit status 1 if something must be mended.",
    "openapi": "Print what openapi/signon.json holds; needs neither settings nor a database.",
}
"""Commands, each a function of its own name, with the first paragraph of its docstring."""
GROUPS = {
    "db": "The database: migrate, look, back up.",
    "courts": "Courts: load, look, set, and their staff.",
    "accounts": "Accounts: find, show, create, import, and what operators do with them.",
    "keys": "Signing keys, and the secrets they rest under.",
    "clients": "Relying parties and service clients.",
    "ecf": "Legacy filer logins: import, list.",
    "audit": "The audit trail: look, export, verify.",
    "mail": "Delivery reports of mail that did not arrive.",
}
"""Groups, each the `commands` of its module."""
MODULES = {"db": "database", "serve": "serving"}
"""Where a module is not called what its command is."""


class Imported(TyperGroup):
    """Knows its commands by name, and imports the one that is called."""

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called; the other words are its own."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, imported(name) if name else None, rest


def imported(name: str) -> Any:
    """A command or a group as its module makes it."""
    module = import_module(f"signon.cli.{MODULES.get(name, name)}")
    whole = typer.Typer(pretty_exceptions_enable=False)
    if name in GROUPS:
        whole.add_typer(module.commands, name=name, help=GROUPS[name], no_args_is_help=True)
    else:
        whole.command(name)(getattr(module, name))
    return get_group(whole).commands[name]


def _only_named() -> None:
    """What stands for a command in the list of all of them; it is never run."""


program = typer.Typer(
    name="signon",
    cls=Imported,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@program.callback()
def _whose(
    demo: Annotated[
        bool, typer.Option("--demo", help="Work on the data of the demonstration, as `make demo`.")
    ] = False,
    demo_dir: Annotated[
        Path, typer.Option(metavar="DIR", help="With --demo: where they are.")
    ] = Path(".demo"),
) -> None:
    """Central sign-on for electronic filing in the US federal courts."""
    if demo:
        import_module("signon.demo.folder").DataFolder(demo_dir).become()


for _name, _help in (SINGLE | GROUPS).items():
    program.command(_name, help=_help)(_only_named)
