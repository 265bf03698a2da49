"""`/account`: everything at once; ending sessions, withdrawing what applications were allowed."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts.client_codes import RuleOf
from signon.audit.activity import NEWEST
from signon.courts.registry import Court, CourtRegistry
from signon.db import Unit
from signon.errors import NotFoundError, SignInFirstError
from signon.profile import activity
from signon.profile.changes import Asker
from signon.profile.overview import overview
from signon.profile.own_acts import (
    CANCEL_EMAIL,
    END_SESSION,
    FORGET_OTHERS,
    KEEP_FACTORS,
    WITHDRAW,
)
from signon.profile.pages import forms
from signon.profile.pages.holder import ACCOUNT, Holder
from signon.profile.pages.password import CHANGED
from signon.profile.pages.words import in_words
from signon.profile.patching import RESTORE_SEARCH
from signon.signin.session import Session
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import Visit

Sent = Callable[[Parameters, Visit], tuple[Any, ...]]
ACTIVITY_LINES = 30
BUTTONS: Sequence[tuple[str, Act[Asker, ..., None], Sent]] = (
    ("sessions/end", END_SESSION, lambda fields, _: (fields.text("session"),)),
    ("sessions/end-others", FORGET_OTHERS, lambda _, visit: (visit.device or "",)),
    ("applications/withdraw", WITHDRAW, lambda fields, _: (fields.text("client"),)),
    ("factors/keep-now", KEEP_FACTORS, lambda *_: ()),
    ("email/cancel", CANCEL_EMAIL, lambda *_: ()),
)
"""The page's buttons: below which address, what each does, and what it is told."""
DONE = {
    **forms.DONE,
    **{act.name: act.done for _, act, _ in BUTTONS},
    RESTORE_SEARCH.name: RESTORE_SEARCH.done,
    "password": CHANGED,
}
"""What the page says after something was done, by the name in its address."""


class OverviewPages:
    """The account's first page, and its activity."""

    def __init__(self, holder: Holder, courts: CourtRegistry, rule_of: RuleOf) -> None:
        self._rule_of = rule_of
        self._holder = holder
        self._site = holder.site
        self._settings = holder.settings
        self._courts = courts

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            Route(ACCOUNT, self.show, methods=["GET"]),
            Route(f"{ACCOUNT}/activity", self.activity, methods=["GET"]),
            self._button("search/restore", RESTORE_SEARCH, lambda *_: (self._rule_of,)),
            *(self._button(*button) for button in BUTTONS),
        ]

    async def show(self, request: Request) -> Response:
        """GET `/account`."""
        courts = await self._courts.all()
        try:
            seen, found = await self._holder.read(
                request, overview, courts, self._settings, self._rule_of
            )
        except SignInFirstError:
            return await self._holder.sign_in(ACCOUNT)
        return self._site.page(
            seen.visit,
            "account.html",
            account=seen.session.account,
            done=DONE.get(parameters.query(request).get("done") or ""),
            **in_words(found, seen.session),
        )

    async def activity(self, request: Request) -> Response:
        """GET `/account/activity`: the same list, further back."""
        before = parameters.query(request).get("before") or ""
        courts = await self._courts.all()
        try:
            seen, found = await self._holder.read(
                request, _activity, courts, parameters.number(before) or NEWEST
            )
        except SignInFirstError:
            return await self._holder.sign_in(f"{ACCOUNT}/activity")
        shown = found[:ACTIVITY_LINES]
        return self._site.page(
            seen.visit,
            "account_activity.html",
            account=seen.session.account,
            activity=shown,
            older=shown[-1].seq if len(found) > ACTIVITY_LINES else None,
        )

    def _button(self, at: str, act: Act[Asker, ..., Any], sent: Sent) -> Route:
        """A button's route, which says what was done."""

        async def pressed(request: Request) -> Response:
            visit = self._site.visit(request)
            fields = await self._site.submitted(visit)
            # what has ended by itself meanwhile is no error: the page shows what is left
            with suppress(NotFoundError):
                await self._holder.own.do(request, act, *sent(fields, visit))
            return self._site.go(f"{ACCOUNT}?done={act.name}")

        return self._holder.posted(f"{ACCOUNT}/{at}", pressed, back=ACCOUNT)


def _activity(
    unit: Unit, session: Session, courts: Mapping[str, Court], before: int
) -> list[activity.Line]:
    """One line more than a page has."""
    limit = ACTIVITY_LINES + 1
    return activity.lines(unit, session.account.id, courts, before=before, limit=limit)
