"""Registering a client: what may be asked for, checked in order, and what is then written."""

import unicodedata
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from signon import ids
from signon.accounts import directory
from signon.accounts.models import AccountKind
from signon.audit import trail
from signon.audit.events import Event
from signon.clients import redirect_uris, secrets
from signon.clients.authentication import METHODS
from signon.clients.models import clients
from signon.clients.profiles import LATER, RULES, Profile
from signon.clients.scopes import SCOPES, Holder, default_scopes
from signon.courts import registry as courts
from signon.db import Unit
from signon.errors import InputError, RefusedError

GRANTS = ("authorization_code", "refresh_token", "client_credentials")
DEFAULT_GRANTS = ("authorization_code", "refresh_token")
LATER_METHODS = ("private_key_jwt",)
LONGEST_NAME = 200
INVISIBLE = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Unicode's categories of what cannot be seen, or breaks a line."""
LONGEST_GRACE_SECONDS = 10


@dataclass(frozen=True, slots=True)
class Application:
    """What somebody asks to be registered; None and empty take the defaults.

    `court` is a CM/ECF id, `firm` a firm account's 7-digit number.
    """

    name: str
    court: str | None = None
    firm: str | None = None
    redirect_uris: Sequence[str] = ()
    post_logout_redirect_uris: Sequence[str] = ()
    return_uris: Sequence[str] = ()
    auth_method: str = "client_secret_basic"
    profile: str = Profile.STANDARD.value
    id_token_alg: str | None = None
    grants: Sequence[str] = DEFAULT_GRANTS
    scopes: Sequence[str] = ()
    trusted: bool = False
    refresh_grace_seconds: int = 0

    @property
    def is_public(self) -> bool:
        """Whether it would have no secret."""
        return self.auth_method == "none"

    @property
    def signs_people_in(self) -> bool:
        """Whether people would come from it to sign in."""
        return "authorization_code" in self.grants

    @property
    def holder(self) -> Holder:
        """What the table of scopes asks about."""
        return Holder(self.court, self.firm, self.signs_people_in)


@dataclass(frozen=True, slots=True)
class Server:
    """What a registration depends on beside the application."""

    is_https: bool
    algorithms: Collection[str]
    """Those that have an active signing key."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A new client; the secret exists nowhere else and is never shown again."""

    client_id: str
    client_secret: str | None


Check = Callable[[Application, Server], None]


def register(
    unit: Unit, application: Application, server: Server, *, actor: str = trail.COMMAND_LINE
) -> Registered:
    """Write down a new client.

    Raises InputError or RefusedError at the first check that fails, NotFoundError for a court
    or firm that does not exist; then nothing has changed.
    """
    for check in CHECKS:
        check(application, server)
    court_id = courts.read_one(unit, application.court).id if application.court else None
    firm_id = _firm_id(unit, application.firm) if application.firm else None
    # never the shape of an account's id: no client can pass for a person (RFC 9700 4.15)
    client_id = f"{court_id or 'client'}-{ids.new_id()}"
    unit.execute(insert(clients), _row(unit, client_id, court_id, firm_id, application))
    secret = None if application.is_public else secrets.issue(unit, client_id)
    trail.record(
        unit,
        Event.CLIENT_CREATED,
        actor=actor,
        client_id=client_id,
        court_id=court_id,
        account_id=firm_id,
        profile=application.profile,
        auth_method=application.auth_method,
        trusted=application.trusted,
    )
    return Registered(client_id, secret)


# ── The checks, in the order in which they are made ──────────────────────────


def check_name(application: Application, _: Server) -> None:
    """A name that people can read on a page."""
    name = application.name.strip()
    if not 1 <= len(name) <= LONGEST_NAME:
        raise InputError(f"The name must have 1 to {LONGEST_NAME} characters.", field="name")
    if any(unicodedata.category(character) in INVISIBLE for character in name):
        raise InputError("The name has characters that cannot be seen.", field="name")


def check_binding(application: Application, _: Server) -> None:
    """A court's or a firm's, not both."""
    if application.court and application.firm:
        raise InputError("A client belongs to a court or to a firm: name one of them.")


def check_profile(application: Application, _: Server) -> None:
    """A profile whose rules are kept here."""
    _choose("profile", application.profile, tuple(RULES), LATER)


def check_authentication(application: Application, _: Server) -> None:
    """A way of authentication that the token endpoint knows."""
    _choose("auth", application.auth_method, METHODS, LATER_METHODS)


def check_grants(application: Application, _: Server) -> None:
    """Grants that go together, and with the client's authentication."""
    if not application.grants:
        raise InputError("A client needs a grant.", field="grant")
    for grant in application.grants:
        _choose("grant", grant, GRANTS, ())
    if "refresh_token" in application.grants and not application.signs_people_in:
        raise InputError(
            "The grant refresh_token needs authorization_code: refresh tokens come with a sign-in.",
            field="grant",
        )
    # RFC 6749 section 4.4: "MUST only be used by confidential clients"
    if "client_credentials" in application.grants and application.is_public:
        raise InputError(
            "The grant client_credentials needs a client with a secret: --auth none has none.",
            field="grant",
        )


def check_addresses(application: Application, server: Server) -> None:
    """Somewhere to send people back to, and only to addresses that are safe."""
    if application.signs_people_in and not application.redirect_uris:
        raise InputError(
            "The grant authorization_code needs at least one --redirect-uri.", field="redirect_uri"
        )
    others = (*application.post_logout_redirect_uris, *application.return_uris)
    for is_redirect, uris in ((True, application.redirect_uris), (False, others)):
        for uri in uris:
            redirect_uris.check(
                uri,
                is_public=application.is_public,
                issuer_is_https=server.is_https,
                is_redirect=is_redirect,
            )


def check_scopes(application: Application, _: Server) -> None:
    """Scopes that exist, and that this client may hold."""
    for name in application.scopes:
        if name not in SCOPES:
            raise InputError(
                f"There is no scope {name[:64]!r}: use {', '.join(SCOPES)}.", field="scope"
            )
        if not SCOPES[name].may_hold(application.holder):
            raise RefusedError(
                "scope", f"The scope {name} is only for {SCOPES[name].holders}: leave it out."
            )


def check_consent(application: Application, _: Server) -> None:
    """Nobody signs in to a stranger's client unasked, and asking is not built yet."""
    if application.signs_people_in and not application.court and not application.trusted:
        raise RefusedError(
            "consent",
            "Asking people for consent is not available in this version: a client that signs "
            "people in must be a court's (--court) or --trusted.",
        )


def check_grace(application: Application, _: Server) -> None:
    """A few seconds at most, in which a refresh may be repeated."""
    if not 0 <= application.refresh_grace_seconds <= LONGEST_GRACE_SECONDS:
        raise InputError(
            f"The refresh grace must be 0 to {LONGEST_GRACE_SECONDS} seconds.",
            field="refresh_grace_seconds",
        )


def check_id_token_alg(application: Application, server: Server) -> None:
    """An algorithm that a key of ours signs with now."""
    alg = application.id_token_alg
    if alg is not None and alg not in server.algorithms:
        active = ", ".join(server.algorithms) or "none"
        raise InputError(
            f"No active key signs {alg[:16]!r}: `signon keys rotate --alg` makes one. "
            f"Active now: {active}.",
            field="id_token_alg",
        )


CHECKS: tuple[Check, ...] = (
    check_name,
    check_binding,
    check_profile,
    check_authentication,
    check_grants,
    check_addresses,
    check_scopes,
    check_consent,
    check_grace,
    check_id_token_alg,
)


def _choose(option: str, value: str, choices: Sequence[str], later: Collection[str]) -> None:
    if value in later:
        raise RefusedError("not_available", f"--{option} {value} is not available in this version.")
    if value not in choices:
        raise InputError(
            f"--{option} {value[:32]!r} is unknown: use {', '.join(choices)}.", field=option
        )


def _firm_id(unit: Unit, number: str) -> str:
    firm = directory.by_number(unit, number)
    if firm is None or firm.kind is not AccountKind.FIRM or not firm.is_active:
        raise RefusedError(
            "firm", f"There is no active firm account {number[:16]!r}: see `signon accounts list`."
        )
    return firm.id


def _row(
    unit: Unit, client_id: str, court_id: str | None, firm_id: str | None, asked: Application
) -> dict[str, object]:
    return {
        "id": client_id,
        "name": asked.name.strip(),
        "court_id": court_id,
        "firm_id": firm_id,
        "profile": asked.profile,
        "auth_method": asked.auth_method,
        "grants": _once(asked.grants),
        "scopes": _once(asked.scopes or default_scopes(asked.holder)),
        "redirect_uris": _once(asked.redirect_uris),
        "post_logout_redirect_uris": _once(asked.post_logout_redirect_uris),
        "return_uris": _once(asked.return_uris),
        "id_token_alg": asked.id_token_alg or RULES[Profile(asked.profile)].id_token_alg,
        "refresh_grace_seconds": asked.refresh_grace_seconds,
        "trusted": asked.trusted,
        "created_at": unit.now,
    }


def _once(values: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(values))
