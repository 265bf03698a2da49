"""Who is at the account's pages: a person with a session, or on the way to one.

A page looks at the session to show something, and acts by `Holder.do` or `Holder.own.do`, which ask
for it again in the unit that acts.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import Settings
from signon.db import Database, Unit
from signon.errors import NotFoundError, RefusedError, SignInFirstError
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.profile import changes
from signon.profile.changes import Asker
from signon.signin.acting import Needs
from signon.signin.session import Session
from signon.signin.shell import Shell, SomeAct
from signon.web.acts import Act
from signon.web.site import FieldError, Handler, Site, Visit
from signon.words.sentences import _

ACCOUNT = "/account"
SECURITY, APPS = f"{ACCOUNT}/security", f"{ACCOUNT}/apps"
TO_ACCOUNT = {"label": _("Your account"), "href": ACCOUNT}
TO_UPGRADE = {"label": _("Upgrade my account"), "href": "/upgrade"}


class _Own(Shell[Asker]):
    """Where acts are done that programs may do too."""

    is_translated = True

    def enter(
        self, unit: Unit, session: Session, visit: Visit, act: SomeAct[Asker] | None
    ) -> Asker:
        """As `Holder` does."""
        _require(unit, session, self.settings, act)
        return Asker(session.account, self.settings, session.proof, visit.source)


class Holder(Shell[Session]):
    """What every page of the account begins with and may end with."""

    path = ACCOUNT
    is_translated = True

    def __init__(self, site: Site, database: Database) -> None:
        super().__init__(site, database)
        self.own = _Own(site, database)

    def enter(
        self, unit: Unit, session: Session, visit: Visit, act: SomeAct[Session] | None
    ) -> Session:
        """Whoever is signed in, and has just done so where the act needs it."""
        _require(unit, session, self.settings, act)
        return session

    async def session(self, visit: Visit, *, fresh: bool = False) -> Session | None:
        """The session, noted as being in use; with `fresh` only when the sign-in is recent."""
        if visit.session_token is None:
            return None
        try:
            seen, _unused = await self.read(visit.request, _nothing)
        except SignInFirstError:
            return None
        is_old = fresh and not seen.session.is_fresh(self.database.clock(), self.settings)
        return None if is_old else seen.session

    def posted(
        self,
        path: str,
        handler: Handler,
        *,
        back: str,
    ) -> Route:
        """The route of a form that acts; whose session has ended signs in and comes `back`."""

        async def guarded(request: Request) -> Response:
            try:
                return await handler(request)
            except SignInFirstError:
                return await self.sign_in(back, fresh=True)

        return Route(path, guarded, methods=["POST"])

    def changing(self, path: str, handler: Handler, *, back: str) -> Route:
        """The same for a form that changes the account: what it refuses has a page."""

        async def telling(request: Request) -> Response:
            try:
                return await handler(request)
            except NotFoundError:
                raise
            except RefusedError as error:
                visit = self.site.visit(request)
                return self.refused(visit, await self.session(visit), error)

        return self.posted(path, telling, back=back)

    async def sign_in(
        self,
        path: str,
        *,
        fresh: bool = False,
        account_id: str | None = None,
        typed: Mapping[str, str] | None = None,
    ) -> Response:
        """To the sign-in and back to `path`, where what was typed is found again."""
        handle = await self.database.write(self._set_out, path, fresh, account_id, typed)
        return self.site.go(f"/login?journey={handle}")

    async def typed(self, session: Session, handle: str | None) -> dict[str, str]:
        """What this person had typed before they were asked for their password."""
        if handle is None:
            return {}
        journey = await self.database.read(store.find, handle)
        if journey is None or journey.request.get("account") != session.account.id:
            return {}
        return dict(journey.request.get("typed") or {})

    def refused(self, visit: Visit, session: Session | None, refusal: RefusedError) -> Response:
        """One page that says why, and what to do next."""
        is_legacy = refusal.reason == changes.LEGACY
        return self.site.page(
            visit,
            "message.html",
            status=403,
            account=session and session.account,
            kind="warning",
            heading=_("That cannot be changed now"),
            paragraphs=[refusal.sentence, refusal.next_step],
            actions=[TO_UPGRADE, TO_ACCOUNT] if is_legacy else [TO_ACCOUNT],
        )

    def _set_out(
        self,
        unit: Unit,
        path: str,
        fresh: bool,
        account_id: str | None,
        typed: Mapping[str, str] | None,
    ) -> str:
        lasts = timedelta(seconds=self.settings.journey_seconds)
        back = path
        if typed and account_id:
            kept = {"path": path, "fresh": fresh, "account": account_id, "typed": dict(typed)}
            keeping = store.start(unit, JourneyKind.PAGE, lasts=lasts, request=kept)
            back = f"{path}?typed={keeping.id}"
        request = {"path": back, "fresh": fresh}
        return store.start(unit, JourneyKind.PAGE, lasts=lasts, request=request).id


def field_errors(refusal: RefusedError) -> list[FieldError]:
    """A refusal in the summary of a form."""
    return [FieldError(None, refusal.told)]


def _require(
    unit: Unit, session: Session, settings: Settings, act: Act[Any, ..., Any] | None
) -> None:
    if act and act.needs is Needs.FRESH and not session.is_fresh(unit.now, settings):
        raise SignInFirstError(is_old=True)


def _nothing(_unit: Unit, _session: Session) -> None:
    return None
