"""Who is at the account's pages: a person with a session, or on the way to one.

A page looks at the session to show something, and acts by `Holder.act`, which asks for it again in
the unit that acts.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import ParamSpec, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.db import Database, Unit
from signon.errors import NotFoundError, RefusedError, SignInFirstError
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.profile import changes
from signon.signin import acting
from signon.signin import session as sessions
from signon.signin.acting import SessionRule
from signon.signin.session import Session
from signon.web.site import FieldError, Handler, Site, Visit

ACCOUNT = "/account"
TO_ACCOUNT = {"label": "Your account", "href": ACCOUNT}
TO_UPGRADE = {"label": "Upgrade my account", "href": "/upgrade"}
P = ParamSpec("P")
R = TypeVar("R")


class Holder:
    """What every page of the account begins with and may end with."""

    def __init__(self, site: Site, database: Database) -> None:
        self.site = site
        self.settings = site.settings
        self.database = database

    async def session(self, visit: Visit, *, fresh: bool = False) -> Session | None:
        """The session, noted as being in use; with `fresh` only when the sign-in is recent."""
        if visit.session_token is None:
            return None
        session, is_untouched = await self.database.read(self._look, visit.session_token)
        if session and is_untouched:
            await self.database.write(sessions.touch, session)
        if session and fresh and not session.is_fresh(self.database.clock(), self.settings):
            return None
        return session

    async def act(
        self, visit: Visit, rule: SessionRule[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """Run a rule of whoever is signed in and commit. Raises SignInFirstError."""
        proving = acting.proving(rule, visit.session_token, self.settings)
        return await self.database.write(proving, *args, **kwargs)

    async def act_freshly(
        self, visit: Visit, rule: SessionRule[P, R], /, *args: P.args, **kwargs: P.kwargs
    ) -> R:
        """The same after a recent sign-in only. Raises SignInFirstError."""
        proving = acting.proving(rule, visit.session_token, self.settings, fresh=True)
        return await self.database.write(proving, *args, **kwargs)

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
            heading="That cannot be changed now",
            paragraphs=[refusal.sentence, refusal.next_step],
            actions=[TO_UPGRADE, TO_ACCOUNT] if is_legacy else [TO_ACCOUNT],
        )

    def _look(self, unit: Unit, token: str) -> tuple[Session | None, bool]:
        session = sessions.current(unit, token, self.settings)
        return session, session is not None and sessions.is_untouched(unit, session)

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
