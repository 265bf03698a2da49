"""`/courts/{court}/link/undo`: taking back a link within its first day."""

from datetime import timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError, SignInFirstError
from signon.filing.linking import folding, prepared_links, preparing
from signon.filing.linking.folding import Fold
from signon.filing.linking.prepared_links import Prepared
from signon.filing.rights import rights, unlinking
from signon.filing.rights.rights import Right
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.signin import acting
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.signin.wiring import Wiring
from signon.web import parameters
from signon.web.site import Visit
from signon.words.sentences import _


class Seen(NamedTuple):
    """Whoever is signed in, and what they have linked, folded in or prepared at the court."""

    session: Session | None
    right: Right | None = None
    fold: Fold | None = None
    prepared: Prepared | None = None


class UndoPages:
    """For whoever linked; the wrong login is nobody's fate."""

    def __init__(self, wiring: Wiring) -> None:
        self._site = wiring.site
        self._database = wiring.database
        self._courts = wiring.courts

    def routes(self) -> list[Route]:
        """GET asks, POST does it."""
        at = "/courts/{court}/link/undo"
        return [
            Route(at, self.show, methods=["GET"]),
            Route(at, self.undo, methods=["POST"]),
            Route(f"{at}/done", self.done, methods=["GET"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET: which link, and what undoing it means."""
        visit = self._site.visit(request)
        court = await self._courts.get(request.path_params["court"])
        session, right, fold, prepared = await self._look(visit, court)
        if session is None or not session.is_fresh(self._database.clock(), self._site.settings):
            return await self._sign_in(court)
        if prepared:
            return self._form(visit, session, court, prepared.login, day=preparing.day_of(court))
        if fold:
            return self._form(visit, session, court, fold.login, fold=fold)
        until = right and unlinking.undo_until(right, self._database.clock())
        if right is None or until is None:
            return await self._refused(visit, session, court)
        return self._form(visit, session, court, right.login)

    async def undo(self, request: Request) -> Response:
        """POST: end it."""
        visit = self._site.visit(request)
        await self._site.submitted(visit)
        court = await self._courts.get(request.path_params["court"])
        undo = acting.proving(_undo, visit.session_token, self._site.settings, fresh=True)
        try:
            is_over = await self._database.write(undo, visit, court)
        except SignInFirstError:
            return await self._sign_in(court)
        except RefusedError as error:
            session, *_unused = await self._look(visit, court)
            return self._page(visit, session, court, error)
        done = f"/courts/{court.id}/link/undo/done"
        return self._site.go(done if is_over else f"{done}?rights=1")

    async def done(self, request: Request) -> Response:
        """GET: it is undone."""
        court = await self._courts.get(request.path_params["court"])
        goes_on = parameters.query(request).get("rights") is not None
        return self._site.page(
            self._site.visit(request),
            "message.html",
            kind="success",
            heading=_("The link is undone"),
            paragraphs=[
                _("Your other login at {name} and its filing rights stay.", name=court.name)
                if goes_on
                else _("Your account files nothing at {name}.", name=court.name),
                folding.WORKS_AGAIN,
            ],
            actions=[
                {"label": _("Link another login"), "href": f"/courts/{court.id}/link"},
                {"label": _("Your account"), "href": "/account"},
            ],
        )

    def _form(
        self,
        visit: Visit,
        session: Session,
        court: Court,
        login: str | None,
        day: str | None = None,
        fold: Fold | None = None,
    ) -> Response:
        return self._site.page(
            visit,
            "link_undo.html",
            account=session.account,
            court=court,
            login=login,
            day=day,
            is_second=fold is not None,
        )

    async def _refused(self, visit: Visit, session: Session, court: Court) -> Response:
        try:
            await self._database.write(unlinking.undoable, session.account, court)
        except RefusedError as error:
            return self._page(visit, session, court, error)
        return self._site.go(f"/courts/{court.id}/link/undo")

    async def _look(self, visit: Visit, court: Court) -> Seen:
        return await self._database.read(_look, self._site.settings, visit.session_token, court)

    def _page(
        self, visit: Visit, session: Session | None, court: Court, refusal: RefusedError
    ) -> Response:
        return self._site.page(
            visit,
            "message.html",
            status=403,
            account=session and session.account,
            kind="warning",
            heading=_("Nothing was undone"),
            paragraphs=[refusal.sentence, refusal.next_step],
            actions=[{"label": _("What is needed to file"), "href": f"/courts/{court.id}/ready"}],
        )

    async def _sign_in(self, court: Court) -> Response:
        """A sign-in of just now is needed: whoever finds a browser open must not undo links."""
        journey = await self._database.write(
            store.start,
            JourneyKind.PAGE,
            lasts=timedelta(seconds=self._site.settings.journey_seconds),
            request={"path": f"/courts/{court.id}/link/undo", "fresh": True},
        )
        return self._site.go(f"/login?journey={journey.id}")


def _look(unit: Unit, settings: Settings, token: str | None, court: Court) -> Seen:
    session = sessions.current(unit, token, settings)
    if session is None:
        return Seen(None)
    found = rights.of_account(unit, session.account.id, court.id)
    prepared = _prepared(unit, session, court)
    return Seen(session, found, folding.undoable(unit, found), prepared)


def _prepared(unit: Unit, session: Session, court: Court) -> Prepared | None:
    is_live = court.is_live(unit.now)
    return None if is_live else prepared_links.find(unit, session.account.id, court.id)


def _undo(unit: Unit, session: Session, visit: Visit, court: Court) -> bool:
    """Whether nothing of the account's is left at the court."""
    if _prepared(unit, session, court):
        preparing.undo(unit, session.account, court, source=visit.source)
        return True
    left = folding.undo(unit, session.account, court, source=visit.source, proof=session.proof)
    return left.ended_at is not None
