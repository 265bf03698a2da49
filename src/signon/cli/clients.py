"""`signon clients`: the relying parties and service clients."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from signon.cli import client_files
from signon.cli.client_files import server_of
from signon.cli.terminal import AsJson, say, show, show_all, workplace
from signon.clients import (
    changes,
    diagnosis,
    invitations,
    key_sets,
    life,
    reference,
    registration,
    secrets,
)
from signon.clients.application import DEFAULT_GRANTS, Application
from signon.clients.dynamic_registration import PATH as REGISTRATION_PATH
from signon.clients.invitations import Bounds
from signon.errors import InputError
from signon.tokens import stored_keys

commands = typer.Typer()

COLUMNS = ("client_id", "name", "court", "firm", "profile", "auth", "disabled_at")
REFUSED_COLUMNS = ("at", "request_id", "endpoint", "reason", "detail", "network")
LEARNT = "Running servers learn of it within a second."

Texts = Annotated[list[str] | None, typer.Option()]
JwksFile = Annotated[
    Path | None, typer.Option(help="A JWK Set with the client's public keys, for private_key_jwt.")
]
JwksUri = Annotated[
    str | None, typer.Option(help="The address of such a set, which we fetch when we need it.")
]


@commands.command()
def create(
    name: Annotated[str, typer.Option(help="What people see on pages.")],
    court: Annotated[str | None, typer.Option(help="The court it belongs to, as casb.")] = None,
    firm: Annotated[str | None, typer.Option(help="The firm account's 7-digit number.")] = None,
    redirect_uri: Texts = None,
    post_logout_redirect_uri: Texts = None,
    return_uri: Texts = None,
    backchannel_logout_uri: Annotated[
        str | None, typer.Option(help="Where we tell it that somebody signed out.")
    ] = None,
    auth: Annotated[
        str, typer.Option(help="client_secret_basic, client_secret_post, private_key_jwt or none.")
    ] = "client_secret_basic",
    jwks_file: JwksFile = None,
    jwks_uri: JwksUri = None,
    profile: Annotated[str, typer.Option(help="standard, basic, igov or fapi2.")] = "standard",
    id_token_alg: Annotated[
        str | None, typer.Option(help="Default: ES256; for the profiles basic and igov RS256.")
    ] = None,
    grant: Annotated[
        list[str] | None,
        typer.Option(help="Default: authorization_code and refresh_token."),
    ] = None,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="Default: all about a person; scopes of the API only when named."),
    ] = None,
    dpop: Annotated[
        str | None,
        typer.Option(help="required, optional or off. Default: optional; for fapi2 required."),
    ] = None,
    require_par: Annotated[
        bool, typer.Option("--require-par", help="Take pushed authorization requests only.")
    ] = False,
    require_signed_request: Annotated[
        bool, typer.Option("--require-signed-request", help="Take signed requests only.")
    ] = False,
    signed_userinfo: Annotated[
        bool, typer.Option("--signed-userinfo", help="Answer UserInfo as a JWT.")
    ] = False,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Never ask people for consent.")
    ] = False,
    refresh_grace_seconds: Annotated[int, typer.Option(help="0 to 10.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Register a client; prints its id and, this once, its secret."""
    application = Application(
        name=name,
        court=court,
        firm=firm,
        redirect_uris=redirect_uri or (),
        post_logout_redirect_uris=post_logout_redirect_uri or (),
        return_uris=return_uri or (),
        auth_method=auth,
        profile=profile,
        id_token_alg=id_token_alg,
        grants=_words(grant) or DEFAULT_GRANTS,
        scopes=_words(scope) or None,
        dpop=dpop,
        require_par=require_par,
        require_signed_request=require_signed_request,
        signed_userinfo=signed_userinfo,
        trusted=trusted,
        refresh_grace_seconds=refresh_grace_seconds,
        backchannel_logout_uri=backchannel_logout_uri,
        jwks=_jwks(jwks_file),
        jwks_uri=jwks_uri,
    )
    with workplace() as place, place.database.writing() as unit:
        made = registration.register(unit, application, server_of(place, unit))
    secret = {"client_secret": made.client_secret} if made.client_secret else {}
    show({"client_id": made.client_id, **secret}, as_json=as_json)
    if secret and not as_json:
        say("Only a digest of the secret is kept: it cannot be shown again.")


@commands.command()
def invite(
    host: Annotated[list[str], typer.Option(help="A host that its addresses may lie on.")],
    court: Annotated[str | None, typer.Option(help="The court it will belong to.")] = None,
    profile: Annotated[str, typer.Option(help="standard, basic, igov or fapi2.")] = "standard",
    scope: Annotated[
        list[str] | None, typer.Option(help="What it may hold. Default: all about a person.")
    ] = None,
    hours: Annotated[int, typer.Option(min=1, max=720, help="How long it holds.")] = 72,
    as_json: AsJson = False,
) -> None:
    """Print an initial access token, with which one client registers itself (RFC 7591).

    Hand it to whoever runs the client, on a way that nobody else reads.
    """
    bounds = Bounds(profile, tuple(host), court, tuple(_words(scope)) or None)
    with workplace() as place, place.database.writing() as unit:
        made = invitations.invite(unit, bounds, lasts=timedelta(hours=hours))
        address = place.settings.issuer + REGISTRATION_PATH
    show({**made._asdict(), "registration_endpoint": address}, as_json=as_json)
    if not as_json:
        say("Only a digest of the token is kept: it cannot be shown again.")


@commands.command("list")
def list_clients(as_json: AsJson = False) -> None:
    """Show every client, also those that are disabled."""
    with workplace() as place, place.database.reading() as unit:
        rows = life.all_clients(unit)
    show_all(rows, COLUMNS, as_json=as_json)


@commands.command("show")
def show_client(client_id: str, as_json: AsJson = False) -> None:
    """Show one client's registration."""
    with workplace() as place, place.database.reading() as unit:
        found = life.show(unit, client_id)
    if not as_json:
        found["secrets"] = [_of_secret(secret) for secret in found["secrets"]]
        found["jwks"] = _kids(found["jwks"])
    show(found, as_json=as_json)


@commands.command("diagnose")
def diagnose_client(
    client_id: str,
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="How many.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Show why requests of a client were refused, the newest first.

    REQUEST ID is the number that the error page, the header X-Request-Id or the error_description
    showed to whoever asks.
    """
    with workplace() as place, place.database.reading() as unit:
        found = diagnosis.diagnose(unit, client_id, limit=number)
    if as_json:
        show(found, as_json=True)
        return
    show_all(found["refused"], REFUSED_COLUMNS, as_json=False)
    kept = found["counts"]
    for reason, meaning in found["meanings"].items():
        say(f"{reason}{f' ({kept[reason]} lately)' if reason in kept else ''}: {meaning}")
    if not found["registered"]:
        say(f"No client has the id {client_id}.")
    elif found["disabled_at"]:
        say(f"{client_id} is disabled: `signon clients enable` opens it.")


@commands.command("rotate-secret")
def rotate_secret(
    client_id: str,
    overlap_hours: Annotated[
        int,
        typer.Option(min=0, max=720, help="How long the old secret goes on beside the new one."),
    ] = 24,
    as_json: AsJson = False,
) -> None:
    """Print a new secret; the one before it ends after the overlap, older ones at once."""
    overlap = timedelta(hours=overlap_hours)
    with workplace() as place, place.database.writing() as unit:
        secret = secrets.rotate(unit, client_id, overlap=overlap)
        old_until = unit.now + overlap
    show(
        {"client_id": client_id, "client_secret": secret, "old_secret_until": old_until},
        as_json=as_json,
    )


@commands.command()
def profiles(as_json: AsJson = False) -> None:
    """Say what each profile, authentication and kind of client allows; this is docs/profiles.md."""
    described = reference.describe(stored_keys.ALGORITHMS)
    if as_json:
        show(described, as_json=True)
    else:
        typer.echo(reference.to_markdown(described), nl=False)


@commands.command("set-jwks")
def set_jwks(
    client_id: str,
    jwks_file: JwksFile = None,
    jwks_uri: JwksUri = None,
    as_json: AsJson = False,
) -> None:
    """Replace the public keys of a client that signs with its own.

    To rotate them: set the old and the new key together, let the client sign with the new one,
    then set the new one alone.
    """
    if (jwks_file is None) == (jwks_uri is None):
        raise typer.BadParameter("Name the keys: --jwks-file or --jwks-uri.")
    jwks = _jwks(jwks_file)
    with workplace() as place, place.database.writing() as unit:
        changes.set_keys(unit, client_id, server_of(place, unit), jwks=jwks, jwks_uri=jwks_uri)
        now = life.show(unit, client_id)
    kids, address = _kids(now["jwks"]), now["jwks_uri"]
    show({"client_id": client_id, "kids": kids, "jwks_uri": address}, as_json=as_json)
    if not as_json:
        say(LEARNT)


@commands.command()
def disable(client_id: str, as_json: AsJson = False) -> None:
    """Close a client: within a second it is nobody, and its tokens are worth nothing."""
    with workplace() as place, place.database.writing() as unit:
        at = life.disable(unit, client_id)
    show({"client_id": client_id, "disabled_at": at}, as_json=as_json)


@commands.command()
def enable(client_id: str, as_json: AsJson = False) -> None:
    """Open a disabled client again; its old tokens stay worthless, its secrets are as they were."""
    with workplace() as place, place.database.writing() as unit:
        life.enable(unit, client_id)
    show({"client_id": client_id, "disabled_at": None}, as_json=as_json)


def _jwks(path: Path | None) -> Mapping[str, Any] | None:
    if path is None:
        return None
    try:
        return key_sets.checked(json.loads(path.read_bytes()))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path} is not JSON.") from error


def _words(values: Sequence[str] | None) -> list[str]:
    """Options may be repeated, or hold several words as scopes do on the wire."""
    return [word for value in values or () for word in value.split()]


def _kids(jwks: Mapping[str, Any] | None) -> list[str | None] | None:
    return None if jwks is None else [key.get("kid") for key in jwks["keys"]]


def _of_secret(secret: dict[str, object]) -> str:
    until = secret["expires_at"]
    return f"since {secret['created_at']:%Y-%m-%d %H:%M}" + (
        f" until {until:%Y-%m-%d %H:%M}" if until else ""
    )


commands.command("export")(client_files.export)
commands.command("import")(client_files.import_)
