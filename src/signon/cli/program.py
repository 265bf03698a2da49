"""The program `signon`: every group of commands in one list."""

import typer

from signon.cli import (
    accounts,
    audit,
    clients,
    courts,
    database,
    demo,
    doctor,
    ecf,
    keys,
    openapi,
    prune,
    serving,
)

program = typer.Typer(
    name="signon",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Central sign-on for electronic filing in the US federal courts.",
)

program.add_typer(database.commands, name="db")
program.add_typer(courts.commands, name="courts")
program.add_typer(accounts.commands, name="accounts")
program.add_typer(keys.commands, name="keys")
program.add_typer(clients.commands, name="clients")
program.add_typer(ecf.commands, name="ecf")

program.add_typer(audit.commands, name="audit")
program.command("demo")(demo.demo)
program.command("serve")(serving.serve)
program.command("prune")(prune.prune)
program.command("doctor")(doctor.doctor)
program.command("openapi")(openapi.openapi)
