"""`signon clients`: the relying parties and service clients."""

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from signon.cli import client_files
from signon.cli.client_files import server_of
from signon.cli.terminal import AsJson, Workplace, say, show, show_all, workplace
from signon.clients import (
    changes,
    diagnosis,
    invitations,
    key_sets,
    life,
    presets,
    reference,
    registration,
    secrets,
)
from signon.clients.application import DEFAULT_GRANTS, Application
from signon.clients.dynamic_registration import PATH as REGISTRATION_PATH
from signon.clients.invitations import Bounds
from signon.clients.registration import Registered
from signon.errors import InputError
from signon.oidc import logout_notices
from signon.tokens import stored_keys

commands = typer.Typer()

COLUMNS = (
    "client_id",
    "name",
    "court",
    "firm",
    "profile",
    "auth",
    "registered_itself",
    "disabled_at",
)
LOGOUT_COLUMNS = ("client_id", "since", "attempts", "next_attempt_at", "given_up_at", "why")
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
    program: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="PROGRAM", help="What a known program needs: see `clients presets`."
        ),
    ] = None,
    redirect_uri: Texts = None,
    post_logout_redirect_uri: Texts = None,
    return_uri: Texts = None,
    backchannel_logout_uri: Annotated[
        str | None, typer.Option(help="Where we tell it that somebody signed out.")
    ] = None,
    auth: Annotated[
        str | None,
        typer.Option(
            help="client_secret_basic (the default), client_secret_post, private_key_jwt or none."
        ),
    ] = None,
    jwks_file: JwksFile = None,
    jwks_uri: JwksUri = None,
    profile: Annotated[
        str | None, typer.Option(help="standard (the default), basic, igov or fapi2.")
    ] = None,
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
    claims_in_id_token: Annotated[
        bool | None,
        typer.Option(
            "--claims-in-id-token", help="For programs that read names and address nowhere else."
        ),
    ] = None,
    trusted: Annotated[
        bool, typer.Option("--trusted", help="Never ask people for consent.")
    ] = False,
    refresh_grace_seconds: Annotated[int, typer.Option(help="0 to 10.")] = 0,
    cso_tokens: Annotated[
        bool,
        typer.Option(
            "--cso-tokens",
            help="Hand it new tokens of the PACER Authentication API: a court's client, or with "
            "neither court nor firm the PCL gateway's.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Register a client; prints its id and, this once, its secret.

    --for sets authentication, profile, algorithm and claims as a program needs them, unless you
    say otherwise, and prints that program's side of the configuration.
    """
    said: dict[str, Any] = {
        "auth_method": auth,
        "profile": profile,
        "id_token_alg": id_token_alg,
        "claims_in_id_token": claims_in_id_token,
    }
    said = {field: value for field, value in said.items() if value is not None}
    application = Application(
        name=name,
        court=court,
        firm=firm,
        redirect_uris=redirect_uri or (),
        post_logout_redirect_uris=post_logout_redirect_uri or (),
        return_uris=return_uri or (),
        grants=_words(grant) or DEFAULT_GRANTS,
        scopes=_words(scope) or None,
        dpop=dpop,
        require_par=require_par,
        require_signed_request=require_signed_request,
        signed_userinfo=signed_userinfo,
        trusted=trusted,
        refresh_grace_seconds=refresh_grace_seconds,
        cso_tokens=cso_tokens,
        backchannel_logout_uri=backchannel_logout_uri,
        jwks=_jwks(jwks_file),
        jwks_uri=jwks_uri,
        **said,
    )
    if program:
        application = presets.fitted(application, presets.preset(program), [*said])
    with workplace() as place:
        with place.database.writing() as unit:
            made = registration.register(unit, application, server_of(place, unit))
        _show_made(made, _configuration(place, program, made, application), as_json=as_json)


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


@commands.command("logouts")
def list_logouts(
    number: Annotated[int, typer.Option("-n", "--number", min=1, help="How many.")] = 100,
    as_json: AsJson = False,
) -> None:
    """List sign-outs that clients have not taken yet, and those that were given up, oldest first.

    Each is tried with growing pauses for as long as a session can live.
    """
    with workplace() as place, place.database.reading() as unit:
        found = logout_notices.outstanding(unit, limit=number)
    show_all([one._asdict() for one in found], LOGOUT_COLUMNS, as_json=as_json)


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


@commands.command("presets")
def list_presets(as_json: AsJson = False) -> None:
    """List the programs that `clients create --for` knows; this is in docs/clients.md."""
    if as_json:
        show_all(presets.rows(), (), as_json=True)
    else:
        typer.echo(presets.to_markdown(), nl=False)


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


def _configuration(
    place: Workplace, program: str | None, made: Registered, application: Application
) -> str | None:
    if program is None:
        return None
    return presets.configuration(
        program,
        application.settled(),
        issuer=place.settings.issuer,
        client_id=made.client_id,
        client_secret=made.client_secret,
    )


def _show_made(made: Registered, configuration: str | None, *, as_json: bool) -> None:
    shown = {"client_id": made.client_id}
    if made.client_secret:
        shown["client_secret"] = made.client_secret
    if configuration and as_json:
        shown["configuration"] = configuration
    show(shown, as_json=as_json)
    if configuration and not as_json:
        typer.echo(f"\n{configuration}", nl=False)
    if made.client_secret and not as_json:
        say("Only a digest of the secret is kept: it cannot be shown again.")


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
