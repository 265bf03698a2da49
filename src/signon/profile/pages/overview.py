"""`/account`: everything at once; ending sessions, withdrawing what applications were allowed."""

from collections.abc import Callable, Sequence
from contextlib import suppress

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import email_changes, own_data, search
from signon.accounts.client_codes import RuleOf
from signon.accounts.models import SearchStatus
from signon.audit.activity import NEWEST
from signon.courts.registry import CourtRegistry
from signon.db import Unit
from signon.errors import NotFoundError
from signon.profile import activity
from signon.profile.overview import overview
from signon.profile.pages.holder import ACCOUNT, Holder
from signon.profile.pages.words import in_words
from signon.signin import factor_reset, known_devices, own_sessions
from signon.signin.session import Session
from signon.tokens import own_grants
from signon.web import parameters
from signon.web.parameters import Parameters
from signon.web.site import Visit

Act = Callable[[Unit, Session, Holder, Parameters, Visit], None]
"""What a button of the page does."""
ACTIVITY_LINES = 30
DONE = {
    "name": "Your name is changed.",
    "address": "Your postal address is changed.",
    "phone": "Your phone number is changed.",
    "client-code": "The rule for your client codes is changed. Your next sign-in follows it.",
    "username": "Your username is changed. Use the new one from now on.",
    "password": "Your password is changed. Every other session and every application was "
    "signed out; this browser stays signed in.",
    "nothing": "Nothing was different, so nothing was changed.",
    "asked": "A mail is on its way to the new address. It changes when you press the button that "
    "its link leads to.",
    "kept": "Your second factors stay as they are.",
    "cancelled": "The e-mail address stays as it is.",
    "session": "The session is ended.",
    "sessions": "Every other session is ended.",
    "search": "Your case search is active.",
    "withdrawn": "The application may do nothing for you any more.",
}
"""What the page says after something was done, by the name in its address."""


class OverviewPages:
    """The account's first page, and its activity."""

    def __init__(self, holder: Holder, courts: CourtRegistry, rule_of: RuleOf) -> None:
        self._rule_of = rule_of
        self._holder = holder
        self._site = holder.site
        self._settings = holder.settings
        self._database = holder.database
        self._courts = courts

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(ACCOUNT, self.show, methods=["GET"]),
            Route(f"{ACCOUNT}/activity", self.activity, methods=["GET"]),
            *(self._act(*act) for act in ACTS),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/account`."""
        visit = self._site.visit(request)
        session = await self._holder.session(visit)
        if session is None:
            return await self._holder.sign_in(ACCOUNT)
        seen = await self._database.read(
            overview, session, await self._courts.all(), self._settings, self._rule_of
        )
        return self._site.page(
            visit,
            "account.html",
            account=session.account,
            done=DONE.get(parameters.query(request).get("done") or ""),
            **in_words(seen, session),
        )

    async def activity(self, request: Request) -> Response:
        """GET `/account/activity`: the same list, further back."""
        visit = self._site.visit(request)
        session = await self._holder.session(visit)
        if session is None:
            return await self._holder.sign_in(f"{ACCOUNT}/activity")
        before = parameters.query(request).get("before") or ""
        found = await self._database.read(
            activity.lines,
            session.account.id,
            await self._courts.all(),
            before=parameters.number(before) or NEWEST,
            limit=ACTIVITY_LINES + 1,
        )
        shown = found[:ACTIVITY_LINES]
        return self._site.page(
            visit,
            "account_activity.html",
            account=session.account,
            activity=shown,
            older=shown[-1].seq if len(found) > ACTIVITY_LINES else None,
        )

    def _act(self, at: str, done: str, rule: Act) -> Route:
        """A button's route, which says what was done."""

        async def do(request: Request) -> Response:
            visit = self._site.visit(request)
            fields = await self._site.submitted(visit)
            await self._holder.act(visit, rule, self._holder, fields, visit)
            return self._site.go(f"{ACCOUNT}?done={done}")

        return self._holder.posted(f"{ACCOUNT}/{at}", do, back=ACCOUNT)


def _end_session(
    unit: Unit, session: Session, holder: Holder, fields: Parameters, visit: Visit
) -> None:
    """One of the person's own; this one too, which signs out here.

    What has ended by itself meanwhile is no error: the page shows what is left.
    """
    with suppress(NotFoundError):
        own_sessions.end_one(
            unit, session.account, fields.text("session"), holder.settings, source=visit.source
        )


def _end_others(
    unit: Unit, session: Session, holder: Holder, _fields: Parameters, visit: Visit
) -> None:
    own_sessions.end_others(unit, session.account, session.id, holder.settings, source=visit.source)
    known_devices.forget_others(unit, session.account.id, visit.device or "")


def _withdraw(
    unit: Unit, session: Session, _holder: Holder, fields: Parameters, visit: Visit
) -> None:
    with suppress(NotFoundError):
        own_grants.withdraw(unit, session.account.id, fields.text("client"), source=visit.source)


def _restore_search(
    unit: Unit, session: Session, _holder: Holder, _fields: Parameters, _visit: Visit
) -> None:
    """Pressed twice, the second time changes nothing."""
    if own_data.find(unit, session.account.id).search_status == SearchStatus.INACTIVE:
        search.restore(unit, session.account)


def _keep_factors(
    unit: Unit, session: Session, holder: Holder, _fields: Parameters, visit: Visit
) -> None:
    account_id = session.account.id
    factor_reset.stop(
        unit, holder.settings.issuer, account_id, actor=account_id, source=visit.source
    )


def _cancel_email(
    unit: Unit, session: Session, _holder: Holder, _fields: Parameters, _visit: Visit
) -> None:
    email_changes.forget(unit, session.account.id)


ACTS: Sequence[tuple[str, str, Act]] = (
    ("sessions/end", "session", _end_session),
    ("sessions/end-others", "sessions", _end_others),
    ("applications/withdraw", "withdrawn", _withdraw),
    ("search/restore", "search", _restore_search),
    ("factors/keep-now", "kept", _keep_factors),
    ("email/cancel", "cancelled", _cancel_email),
)
"""The page's buttons: below which address, what is said after it, and what it does."""
