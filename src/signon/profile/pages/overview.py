"""`/account` and its parts; ending sessions, withdrawing what applications were allowed."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signon.accounts import own_data
from signon.accounts.client_codes import RuleOf
from signon.accounts.own_data import OwnData
from signon.audit.activity import NEWEST
from signon.courts.registry import Court, CourtRegistry
from signon.courts.zones import zone_of_state
from signon.db import Unit
from signon.errors import NotFoundError, SignInFirstError
from signon.filing.rights.notice_addresses import Became
from signon.profile import activity, overview
from signon.profile.activity import Line
from signon.profile.changes import Asker
from signon.profile.overview import Overview
from signon.profile.own_acts import (
    CANCEL_EMAIL,
    CHANGE_NOTICES,
    END_SESSION,
    FORGET_OTHERS,
    KEEP_FACTORS,
    WITHDRAW,
)
from signon.profile.pages import forms, words
from signon.profile.pages.holder import ACCOUNT, APPS, SECURITY, Holder
from signon.profile.pages.notice_address import ASKED
from signon.profile.pages.password import CHANGED
from signon.profile.patching import RESTORE_SEARCH
from signon.profile.program_rule import SET as SET_PROGRAMS
from signon.signin.session import Session
from signon.web import parameters
from signon.web.acts import Act
from signon.web.parameters import Parameters
from signon.web.site import Visit

Known = Mapping[str, Court]
Values = Mapping[str, Any]
Shows = Callable[[Unit, Session, Overview, Known], Values]
"""What a part's template takes beside what all do."""
Sent = Callable[[Parameters, Visit], tuple[Any, ...]]
ACTIVITY_LINES = 30
BUTTONS: Sequence[tuple[str, str, Act[Asker, ..., None], Sent]] = (
    ("sessions/end", SECURITY, END_SESSION, lambda fields, _: (fields.text("session"),)),
    ("sessions/end-others", SECURITY, FORGET_OTHERS, lambda _, visit: (visit.device or "",)),
    ("applications/withdraw", APPS, WITHDRAW, lambda fields, _: (fields.text("client"),)),
    ("programs", SECURITY, SET_PROGRAMS, lambda fields, _: (fields.text("programs"),)),
    ("factors/keep-now", SECURITY, KEEP_FACTORS, lambda *_: ()),
    ("email/cancel", SECURITY, CANCEL_EMAIL, lambda *_: ()),
)
"""The parts' buttons: below which address, on which part, what each does, and what it is told."""
DONE = {
    **forms.DONE,
    **{act.name: act.done for _, _, act, _ in BUTTONS},
    RESTORE_SEARCH.name: RESTORE_SEARCH.done,
    "password": CHANGED,
    CHANGE_NOTICES.name: CHANGE_NOTICES.done,
    Became.ASKED.value: ASKED,
}
"""What a page says after something was done, by the name in its address."""


class OverviewPages:
    """The account's parts, and its activity."""

    def __init__(self, holder: Holder, courts: CourtRegistry, rule_of: RuleOf) -> None:
        self._rule_of = rule_of
        self._holder = holder
        self._site = holder.site
        self._settings = holder.settings
        self._courts = courts

    def routes(self) -> list[Route]:
        """Where they are."""
        return [
            self._part(ACCOUNT, "account.html", self._profile),
            self._part(f"{ACCOUNT}/courts", "account_courts.html", self._filing),
            self._part(SECURITY, "account_security.html", self._security),
            self._part(APPS, "account_apps.html", self._apps),
            Route(f"{ACCOUNT}/activity", self.activity, methods=["GET"]),
            self._button("search/restore", ACCOUNT, RESTORE_SEARCH, lambda *_: (self._rule_of,)),
            *(self._button(*button) for button in BUTTONS),
        ]

    def _part(self, at: str, template: str, shows: Shows) -> Route:
        """A part's route: it reads what it shows, and says what was just done."""

        def look(unit: Unit, session: Session, courts: Known) -> Values:
            seen = overview.overview(unit, session)
            return {**words.of_account(seen, courts), **shows(unit, session, seen, courts)}

        async def show(request: Request) -> Response:
            courts = await self._courts.all()
            try:
                seen, values = await self._holder.read(request, look, courts)
            except SignInFirstError:
                return await self._holder.sign_in(at)
            done = DONE.get(parameters.query(request).get("done") or "")
            account = seen.session.account
            return self._site.page(seen.visit, template, account=account, done=done, **values)

        return Route(at, show, methods=["GET"])

    def _profile(self, _unit: Unit, _session: Session, seen: Overview, _courts: Known) -> Values:
        return words.of_profile(seen)

    def _filing(self, unit: Unit, session: Session, _seen: Overview, courts: Known) -> Values:
        return words.of_filing(overview.filing(unit, session, courts))

    def _security(self, unit: Unit, session: Session, seen: Overview, _courts: Known) -> Values:
        found = overview.security(unit, session, self._settings, self._rule_of)
        takes_programs = self._settings.cso_api != "off"
        return {**words.of_security(seen, found, session), "takes_programs": takes_programs}

    def _apps(self, unit: Unit, session: Session, _seen: Overview, _courts: Known) -> Values:
        found = overview.applications(unit, session)
        return {"applications": [words.of_application(one) for one in found]}

    async def activity(self, request: Request) -> Response:
        """GET `/account/activity`: the same list, further back."""
        before = parameters.query(request).get("before") or ""
        courts = await self._courts.all()
        try:
            seen, (own, found) = await self._holder.read(
                request, _page_of_activity, courts, parameters.number(before) or NEWEST
            )
        except SignInFirstError:
            return await self._holder.sign_in(f"{ACCOUNT}/activity")
        shown = found[:ACTIVITY_LINES]
        return self._site.page(
            seen.visit,
            "account_activity.html",
            account=seen.session.account,
            activity=shown,
            zone=zone_of_state(own.state, courts),
            older=shown[-1].seq if len(found) > ACTIVITY_LINES else None,
        )

    def _button(self, at: str, part: str, act: Act[Asker, ..., Any], sent: Sent) -> Route:
        """A button's route; the part that it stands on says what was done."""

        async def pressed(request: Request) -> Response:
            visit = self._site.visit(request)
            fields = await self._site.submitted(visit)
            # what has ended by itself meanwhile is no error: the page shows what is left
            with suppress(NotFoundError):
                await self._holder.own.do(request, act, *sent(fields, visit))
            return self._site.go(f"{part}?done={act.name}")

        return self._holder.posted(f"{ACCOUNT}/{at}", pressed, back=part)


def _page_of_activity(
    unit: Unit, session: Session, courts: Mapping[str, Court], before: int
) -> tuple[OwnData, list[Line]]:
    """One line more than a page has."""
    account_id = session.account.id
    return own_data.find(unit, account_id), activity.lines(
        unit, account_id, courts, before=before, limit=ACTIVITY_LINES + 1
    )
