"""Using a mailed link that proves a legacy login: for linking only, once, by whoever asked for it.

The link belongs to an account and a court, not to a browser: it works wherever that account is
signed in. Opening it looks; a journey then keeps the link's digest, so that a sign-in on the way
loses nothing and the token leaves the address bar. The button spends it.
"""

from datetime import timedelta

from signon import opaque_tokens
from signon.accounts import mailed_links
from signon.accounts.mailed_links import Purpose
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.legacy_logins import legacy_logins
from signon.filing.legacy_logins.legacy_logins import LegacyLogin
from signon.filing.linking import conditions, proving
from signon.filing.linking.folding import SECOND
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin.session import Session
from signon.web.visitor import Source
from signon.words.sentences import _

LINK = "mailed_link"
"""In the journey's request: the digest of the link that it came with."""


def set_out(unit: Unit, court: Court, token: str | None, *, settings: Settings) -> Journey:
    """Begin a journey for a link that still works; nothing is used up. Raises DeadLinkError."""
    link = mailed_links.look(unit, Purpose.PROVE_LOGIN, token)
    if link.payload["court"] != court.id:
        raise mailed_links.refusal(mailed_links.UNKNOWN)
    return store.start(
        unit,
        JourneyKind.LINK,
        lasts=timedelta(seconds=settings.journey_seconds),
        client_id=link.payload["client"],
        court_id=court.id,
        request={
            LINK: opaque_tokens.digest(token or "").hex(),
            SECOND: bool(link.payload.get(SECOND)),
        },
        return_to=link.payload["return_to"],
    )


def look(unit: Unit, session: Session, court: Court, journey: Journey) -> LegacyLogin:
    """Which login the journey's link proves. Raises RefusedError: to this person it proves nothing."""
    link = mailed_links.look_at(unit, Purpose.PROVE_LOGIN, _digest(journey))
    if link.account_id not in {None, session.account.id}:
        raise RefusedError("link_of_another_account", *_OF_ANOTHER)
    login = legacy_logins.by_id(unit, link.payload["login"])
    if login is None or login.email.casefold() != link.email.casefold():
        raise RefusedError("link_moved", *_MOVED)
    # a link from before links knew the version is from before it ever grew
    version = link.payload.get("version", 1)
    if refusal := (
        conditions.refuse_login(login, court, session.account)
        or conditions.refuse_outdated(login, version)
    ):
        raise refusal
    return login


def prove(
    unit: Unit,
    session: Session,
    court: Court,
    journey: Journey,
    *,
    settings: Settings,
    source: Source,
) -> Journey:
    """Spend the link: the login is proved, and the journey that is answered confirms it.

    Raises RefusedError.
    """
    try:
        second = bool(journey.request.get(SECOND))
        if refusal := conditions.refuse(unit, session, court, settings, second=second):
            raise refusal
        login = look(unit, session, court, journey)
        mailed_links.spend_of(unit, Purpose.PROVE_LOGIN, _digest(journey))
    except RefusedError as error:
        raise proving.noted(unit, error, session, court, source=source) from None
    return proving.keep(
        unit,
        session,
        login,
        journey=journey,
        settings=settings,
        source=source,
        means=proving.MAIL,
    )


def _digest(journey: Journey) -> bytes:
    return bytes.fromhex(journey.request.get(LINK, ""))


_OF_ANOTHER = (
    _("This link was asked for by another PACER account than the one that you are signed in with."),
    _(
        "Sign out, sign in with the account that the mail names, and open the link again. Or ask for "
        "a new one with this account."
    ),
)
_MOVED = (
    _("The court has another e-mail address on file for this login now."),
    _("Ask for a new link; it goes to that address."),
)
