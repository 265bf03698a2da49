"""What a person answers a firm: a mailed invitation, all that are open, and leaving."""

from collections.abc import Sequence
from datetime import timedelta
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.config import Settings
from signon.courts.registry import CourtRegistry
from signon.db import Database, Unit
from signon.errors import InputError, NotFoundError, RefusedError, SignInFirstError
from signon.filing.rights import own_rights
from signon.firms import answering, membership, parting
from signon.firms.answering import Offer
from signon.firms.client_codes import rule_of
from signon.firms.delivery import PATH
from signon.firms.directory import Firm
from signon.firms.models import InvitationKind
from signon.journeys import store
from signon.journeys.store import JourneyKind
from signon.signin import acting
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.signin.shell import problem
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.problems import ApiError
from signon.web.site import FieldError, Site, Visit
from signon.web.visitor import Source
from signon.words.sentences import _

DONE = {
    "member": _("You are a member of the firm now."),
    "administrator": _("You are an administrator of the firm now."),
    "declined": _("You declined. Nothing has changed."),
    "left": _("You left the firm. Your case search is inactive until you make it active again."),
}


class OfferPages:
    """`/firm-invitations`: for the person who is asked."""

    def __init__(self, site: Site, database: Database, courts: CourtRegistry) -> None:
        self._site = site
        self._settings = site.settings
        self._database = database
        self._courts = courts

    def routes(self) -> list[Route]:
        """What is open, each answer, and leaving."""
        return [
            Route(PATH, self.show, methods=["GET"]),
            Route(f"{PATH}/leave", self.show, methods=["GET"]),
            Route(f"{PATH}/leave", self.leave, methods=["POST"]),
            Route(f"{PATH}/{{id}}", self.show, methods=["GET"]),
            Route(f"{PATH}/{{id}}", self.answer, methods=["POST"]),
        ]

    async def show(self, request: Request) -> Response:
        """GET: by a mailed link the one that it is for, else all that can be answered."""
        visit = self._site.visit(request)
        query = parameters.query(request)
        token = query.get("token")
        session, mailed = await self._database.read(_arrived, visit, self._settings, token)
        if session is None:
            return await self._stranger(visit, token, mailed)
        return await self._page(visit, session, token, done=DONE.get(query.text("done"), ""))

    async def answer(self, request: Request) -> Response:
        """POST: accept or decline one."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        token = fields.get("token")
        session, _unused = await self._database.read(_arrived, visit, self._settings, None)
        if session is None:
            return await self._sign_in(token)
        answer = acting.proving(_answer, visit.session_token, self._settings)
        invitation_id = request.path_params["id"]
        try:
            done = await self._database.write(answer, invitation_id, fields, visit.source)
        except SignInFirstError:
            return await self._sign_in(token)
        except NotFoundError:
            return self._over(visit, session)
        except (RefusedError, ApiError) as error:
            return await self._page(visit, session, token, errors=[problem(error)])
        return self._site.go(f"{PATH}?done={done}")

    async def leave(self, request: Request) -> Response:
        """POST: with a remark."""
        visit = self._site.visit(request)
        fields = await self._site.submitted(visit)
        session, _unused = await self._database.read(_arrived, visit, self._settings, None)
        if session is None:
            return await self._sign_in(None)
        remark = fields.get("remark") or ""
        try:
            leave = acting.proving(_leave, visit.session_token, self._settings)
            await self._database.write(leave, remark, visit.source)
        except SignInFirstError:
            return await self._sign_in(None)
        except (InputError, RefusedError) as error:
            return await self._page(visit, session, None, errors=[problem(error)], remark=remark)
        return self._site.go(f"{PATH}?done=left")

    async def _page(
        self,
        visit: Visit,
        session: Session,
        token: str | None,
        *,
        errors: Sequence[FieldError] = (),
        done: str = "",
        remark: str = "",
    ) -> Response:
        firm, offers, rule, mailed = await self._database.read(_seen, session, token)
        courts = await self._courts.all()
        readers = await self._database.read(own_rights.courts_of, session.account.id, courts)
        if token and mailed is None and not errors:
            return self._over(visit, session)
        if mailed and mailed.kind is InvitationKind.PREPARED:
            offers = [mailed, *offers]
        return self._site.page(
            visit,
            "firm_offers.html",
            status=400 if errors else 200,
            account=session.account,
            errors=errors,
            done=done,
            firm=firm,
            rule=rule,
            readers=readers,
            offers=offers,
            is_of_another=mailed is not None and mailed.id not in {one.id for one in offers},
            token=token or "",
            remark=remark,
        )

    async def _stranger(self, visit: Visit, token: str | None, mailed: Offer | None) -> Response:
        """Somebody who is not signed in: whoever has no account yet may make one first."""
        if token and mailed is None:
            return self._over(visit, None)
        if mailed is None or mailed.kind is not InvitationKind.PREPARED:
            return await self._sign_in(token)
        handle = await self._set_out(token)
        known = {
            "journey": handle,
            "first_name": mailed.first_name or "",
            "last_name": mailed.last_name,
            "email": mailed.email or "",
        }
        return self._site.page(
            visit,
            "message.html",
            kind="info",
            heading=_("{name} has prepared an account for you", name=mailed.firm.name),
            paragraphs=[
                _(
                    "You complete it and choose its password; it is yours. Afterwards you decide "
                    "whether to become a member of the firm."
                ),
                _("The firm says: {remark}", remark=mailed.remark),
            ],
            actions=[
                {"label": _("Complete my account"), "href": f"/register?{urlencode(known)}"},
                {"label": _("I have an account"), "href": f"/login?journey={handle}"},
            ],
        )

    def _over(self, visit: Visit, session: Session | None) -> Response:
        return self._site.page(
            visit,
            "message.html",
            status=404,
            account=session and session.account,
            kind="warning",
            heading=_("This invitation is over"),
            paragraphs=[
                _(
                    "It was answered, withdrawn, sent again with another link, or more than 72 hours "
                    "have passed."
                ),
                _("Ask the firm for another one if you want to accept it."),
            ],
            actions=[{"label": _("Your account"), "href": "/account"}],
        )

    async def _sign_in(self, token: str | None) -> Response:
        return self._site.go(f"/login?journey={await self._set_out(token)}")

    async def _set_out(self, token: str | None) -> str:
        path = f"{PATH}?{urlencode({'token': token})}" if token else PATH
        return await self._database.write(_start, path, self._settings.journey_seconds)


def _answer(
    unit: Unit, session: Session, invitation_id: str, fields: Parameters, source: Source
) -> str:
    """Accept or decline; answers what is said of it."""
    account, token = session.account, fields.get("token")
    if fields.get("accept") is None:
        tells = fields.get("tell_firm") is not None
        answering.decline(
            unit, account, invitation_id, tells_firm=tells, source=source, token=token
        )
        return "declined"
    leaves = fields.get("leaves")
    offer = answering.accept(
        unit, account, invitation_id, leaves=leaves, source=source, token=token
    )
    return "member" if offer.makes_member else "administrator"


def _leave(unit: Unit, session: Session, remark: str, source: Source) -> None:
    parting.leave(unit, session.account, remark, source=source)


def _arrived(
    unit: Unit, visit: Visit, settings: Settings, token: str | None
) -> tuple[Session | None, Offer | None]:
    session = sessions.current(unit, visit.session_token, settings)
    return session, answering.by_token(unit, token) if token else None


def _seen(
    unit: Unit, session: Session, token: str | None
) -> tuple[Firm | None, list[Offer], str, Offer | None]:
    account = session.account
    rule = rule_of(unit, account)
    return (
        membership.of_account(unit, account),
        answering.offers(unit, account),
        rule.words if rule.set_by else "",
        answering.by_token(unit, token) if token else None,
    )


def _start(unit: Unit, path: str, seconds: int) -> str:
    request = {"path": path, "fresh": False}
    lasts = timedelta(seconds=seconds)
    return store.start(unit, JourneyKind.PAGE, lasts=lasts, request=request).id
