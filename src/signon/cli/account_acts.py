"""`signon accounts`: what operators do with one account."""

from typing import Annotated, Any

import typer

from signon.accounts import directory, repudiation, search, status
from signon.accounts.directory import Account
from signon.audit.trail import COMMAND_LINE
from signon.cli.terminal import AsJson, say, show, workplace
from signon.profile import taking_back
from signon.recovery import starting
from signon.signin import factor_reset

commands = typer.Typer()

Number = Annotated[str, typer.Argument(metavar="N", help="The account number, 7 digits.")]


def summary(account: Account) -> dict[str, Any]:
    """An account as every command of the group shows it."""
    return {
        "account_number": account.number,
        "kind": account.kind.value,
        "username": account.username,
        "name": account.display_name,
        "status": account.status.value,
        "upgraded": account.is_upgraded,
    }


@commands.command()
def disable(
    number: Number,
    reason: Annotated[str, typer.Option(help="Why; it is kept in the audit trail.")],
    as_json: AsJson = False,
) -> None:
    """Close an account; whatever it is signed in to ends at once."""
    with workplace() as at, at.database.writing() as unit:
        account = status.disable(unit, number, reason=reason, actor=COMMAND_LINE)
    show(summary(account), as_json=as_json)


@commands.command()
def enable(number: Number, as_json: AsJson = False) -> None:
    """Open an account again and forget its failed sign-ins; what was ended stays ended."""
    with workplace() as at, at.database.writing() as unit:
        account = status.enable(unit, at.ring, number, actor=COMMAND_LINE)
    show(summary(account), as_json=as_json)


@commands.command()
def recover(number: Number, as_json: AsJson = False) -> None:
    """Mail the account's address a link to choose a new password; nobody else sees it."""
    with workplace() as at, at.database.writing() as unit:
        account = starting.start(unit, at.settings, number, actor=COMMAND_LINE)
    show(summary(account), as_json=as_json)
    say(f"A link to choose a password is mailed to {account.email}.")


@commands.command("sign-out")
def sign_out(number: Number, as_json: AsJson = False) -> None:
    """End every session and grant of an account; it may sign in again at once."""
    with workplace() as at, at.database.writing() as unit:
        account = status.sign_out(unit, number, actor=COMMAND_LINE)
    show(summary(account), as_json=as_json)


@commands.command()
def release(number: Number, as_json: AsJson = False) -> None:
    """End the review hold of a new account; its holder is told by mail."""
    with workplace() as at, at.database.writing() as unit:
        account = status.release(unit, number, actor=COMMAND_LINE)
    show(summary(account), as_json=as_json)


@commands.command()
def thaw(number: Number, as_json: AsJson = False) -> None:
    """Let an account be changed again after somebody said of a change that it was not theirs."""
    with workplace() as at, at.database.writing() as unit:
        account = repudiation.thaw(unit, number, actor=COMMAND_LINE)
    show(summary(account), as_json=as_json)


@commands.command("take-back")
def take_back(
    number: Number,
    change: Annotated[
        str, typer.Option(metavar="ID", help="The first change that its holder did not make.")
    ],
    as_json: AsJson = False,
) -> None:
    """Undo a change and all that came after it; `accounts history` shows them with their ids.

    The password is void, and a link to choose another is mailed to the address of before.
    """
    with workplace() as at, at.database.writing() as unit:
        means = taking_back.TakingBack(at.settings, at.ring)
        account = taking_back.take_back_for(unit, means, number, change, actor=COMMAND_LINE)
    show(summary(account), as_json=as_json)
    say(f"A link to choose a password is mailed to {account.email}.")


@commands.command("reset-factors")
def reset_factors(
    number: Number,
    reason: Annotated[str, typer.Option(help="How you know; it is kept in the audit trail.")],
    as_json: AsJson = False,
) -> None:
    """Have all second factors removed after a delay, in which the account's holder can stop it."""
    with workplace() as at, at.database.writing() as unit:
        account = factor_reset.ask(unit, at.settings, number, reason=reason, actor=COMMAND_LINE)
    show(summary(account) | {"factor_reset_due_at": account.factor_reset_due_at}, as_json=as_json)


@commands.command("keep-factors")
def keep_factors(number: Number, as_json: AsJson = False) -> None:
    """Stop the removal of an account's second factors."""
    with workplace() as at, at.database.writing() as unit:
        account = factor_reset.stop_by_operator(unit, at.settings, number, actor=COMMAND_LINE)
    show(summary(account), as_json=as_json)


@commands.command("search")
def search_status(
    number: Number,
    on: Annotated[bool, typer.Option("--on/--off", help="Whether the account may search.")],
    reason: Annotated[
        str, typer.Option(help="Why it is switched off; its holder is shown it.")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Switch an account's search on or off; filing does not depend on it."""
    with workplace() as at, at.database.writing() as unit:
        if on:
            account = search.switch_on(unit, number, actor=COMMAND_LINE)
        else:
            account = search.switch_off(unit, number, reason=reason, actor=COMMAND_LINE)
        shown = directory.details(unit, account.number)
    show(summary(account) | {"search_status": shown["search_status"]}, as_json=as_json)
