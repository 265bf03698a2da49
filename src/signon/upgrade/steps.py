"""What happens within one unit for each page of the upgrade."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from signon import opaque_tokens
from signon.accounts import upgrading as account_upgrading
from signon.accounts.upgrading import USERNAME_TAKEN, Particulars
from signon.clients.registry import Client
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin import known_devices
from signon.signin import session as sessions
from signon.signin.session import AAL2, Session
from signon.upgrade import conditions, entered
from signon.upgrade.entered import STEPS, Entered, Step
from signon.upgrade.upgrading import Upgraded, Upgrading, merged
from signon.web.site import Visit

PATH = "/upgrade"


@dataclass(frozen=True, slots=True)
class Seen:
    """What stands behind a page: who asks, on the way to what, and what was entered so far."""

    visit: Visit
    session: Session | None
    journey: Journey | None
    refusal: RefusedError | None = None
    is_fresh: bool = False
    entered: Entered = entered.NOTHING
    particulars: Particulars | None = None

    @property
    def handle(self) -> str | None:
        """The journey's, for URLs and forms."""
        return self.journey.id if self.journey else None

    @property
    def step(self) -> Step:
        """The first step that is still to be taken; asked only where nothing was refused."""
        assert self.session is not None
        return self.entered.next_step(self.session.account.kind)

    def may_show(self, step: Step) -> bool:
        """Whether every step before this one was taken."""
        assert self.session is not None
        pages = STEPS[self.session.account.kind]
        return step in pages and pages.index(step) <= pages.index(self.step)


class UpgradeSteps:
    """The steps, each the body of one unit of work."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings
        self._upgrading = Upgrading(ring, settings)
        self._lasts = timedelta(seconds=settings.upgrade_seconds)

    def look(self, unit: Unit, visit: Visit, handle: str | None) -> Seen:
        """Who asks, on the way to what, and how far the upgrade went, in whatever browser."""
        session = sessions.current(unit, visit.session_token, self._settings)
        journey = _journey(unit, handle)
        if session is None:
            return Seen(visit, None, journey)
        refusal = conditions.refuse(session.account)
        seen = Seen(visit, session, journey, refusal, session.is_fresh(unit.now, self._settings))
        if refusal:
            return seen
        found = entered.find(unit, self._ring, session.account) or entered.NOTHING
        before = account_upgrading.particulars(unit, session.account.id)
        return replace(
            seen,
            journey=journey or _journey(unit, found.journey_id),
            entered=found,
            particulars=merged(before, found),
        )

    def save(
        self,
        unit: Unit,
        visit: Visit,
        handle: str | None,
        step: Step,
        values: Mapping[str, Any],
    ) -> Seen:
        """Keep what was entered at a step, unless something has come in between."""
        seen = self.look(unit, visit, handle)
        if seen.session is None or seen.refusal or not seen.may_show(step):
            return seen
        account = seen.session.account
        sessions.touch(unit, seen.session)
        entered.begin(unit, account, lasts=self._lasts)
        held = entered.hold(unit, self._ring, account) or entered.NOTHING
        made = replace(held.with_part(step, values), journey_id=seen.handle)
        next_step = made.next_step(account.kind)
        entered.store(unit, self._ring, account.id, made, next_step, lasts=self._lasts)
        return replace(seen, entered=made)

    def finish(self, unit: Unit, visit: Visit, handle: str | None) -> tuple[Seen, Upgraded | None]:
        """Do it; None when the person must do something else first, which `Seen` tells."""
        seen = self.look(unit, visit, handle)
        if seen.session is None or seen.refusal or not seen.is_fresh:
            return seen, None
        try:
            made = self._upgrading.finish(unit, seen.session, visit.source)
        except RefusedError as error:
            if error.reason == USERNAME_TAKEN:
                raise
            # nothing was written, and the session is still the one that was looked at
            return replace(seen, refusal=error), None
        # the new password has made the account forget every browser: not the one of the upgrade
        device = opaque_tokens.digest(visit.device or "")
        with_factor = seen.session.acr == AAL2
        account = seen.session.account
        known_devices.remember(unit, account.id, device, self._settings, with_factor=with_factor)
        return seen, made

    def set_out(self, unit: Unit, client: Client | None, return_to: str | None) -> Journey:
        """Begin a journey with the way back, if the client may name it."""
        may = client is not None and return_to in client.may_return_to
        return store.start(
            unit,
            JourneyKind.PAGE,
            lasts=timedelta(seconds=self._settings.journey_seconds),
            client_id=client.id if client else None,
            court_id=client.court_id if client else None,
            request={"path": PATH, "fresh": True},
            return_to=return_to if may else None,
        )

    def to_sign_in(self, unit: Unit, journey: Journey | None, path: str) -> Journey:
        """Begin a journey through the sign-in page that ends at `path`, one of ours."""
        return store.start(
            unit,
            JourneyKind.PAGE,
            lasts=timedelta(seconds=self._settings.journey_seconds),
            client_id=journey.client_id if journey else None,
            court_id=journey.court_id if journey else None,
            request={"path": path, "fresh": True},
            return_to=journey.return_to if journey else None,
        )


def _journey(unit: Unit, handle: str | None) -> Journey | None:
    """A linking page's journey, a court page's or one of our own; no other leads through an
    upgrade.
    """
    journey = store.find(unit, handle)
    if journey is None or journey.kind in {JourneyKind.LINK, JourneyKind.BACK}:
        return journey
    is_own = journey.kind is JourneyKind.PAGE and (
        journey.request["path"] == PATH or leads_to_court(journey)
    )
    return journey if is_own else None


def leads_to_court(journey: Journey) -> bool:
    """Whether somebody came from a court's own page here, such as the registration for e-filing,
    or from a court whose request is not taken up again.
    """
    kinds = {JourneyKind.PAGE, JourneyKind.BACK}
    return journey.kind in kinds and journey.resume_path.startswith("/courts/")
