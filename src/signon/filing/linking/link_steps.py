"""What happens within one unit for each step of the linking pages."""

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from signon.config import Settings
from signon.courts.registry import Court, CourtStatus
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.linking import (
    conditions,
    linking,
    namesakes,
    prepared_links,
    preparing,
    proving,
)
from signon.filing.linking.folding import SECOND
from signon.filing.linking.linking import Linked
from signon.filing.linking.prepared_links import Prepared
from signon.filing.linking.proving import Attempt, Proof
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.web.site import Visit

LOGIN = "login"
"""Of a journey that a reminder began: the login that it was about, to stand in the form."""


@dataclass(frozen=True, slots=True)
class SeenLink:
    """What stands behind a page: who asks, on the way to what, and how far it went."""

    visit: Visit
    court: Court
    session: Session | None
    journey: Journey | None
    refusal: RefusedError | None
    wait_seconds: int = 0
    proof: Proof | None = None
    linked: Linked | None = None
    prepared: Prepared | None = None
    day: str | None = None
    """When a court goes live that is not live yet, in words: until then a link is prepared."""
    is_other_name: bool = False

    @property
    def return_url(self) -> str:
        """The verified address at the client, else the registry's for this court."""
        return (self.journey and self.journey.return_to) or self.court.cmecf_url

    @property
    def is_second(self) -> bool:
        """Whether the person says that the login is a second one."""
        return _is_second(self.journey)

    @property
    def login(self) -> str:
        """What the form begins with."""
        return str(self.journey.request.get(LOGIN, "")) if self.journey else ""

    @property
    def handle(self) -> str:
        """The journey's, for URLs and forms."""
        return self.journey.id if self.journey else ""


class LinkSteps:
    """The steps, each the body of one unit of work."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings

    def look(self, unit: Unit, visit: Visit, court: Court, handle: str | None) -> SeenLink:
        """Who asks and on the way to what, and the first reason to go no further."""
        session = sessions.current(unit, visit.session_token, self._settings)
        journey = store.find(unit, handle)
        if journey and (journey.kind is not JourneyKind.LINK or journey.court_id != court.id):
            journey = None
        if session is None:
            refusal = conditions.refuse_proving(court, unit.now)
            return SeenLink(visit, court, None, journey, refusal, day=_day(court, unit))
        second = _is_second(journey)
        refusal = conditions.refuse(unit, session, court, self._settings, second=second)
        day = _day(court, unit)
        prepared = prepared_links.find(unit, session.account.id, court.id) if day else None
        seen = SeenLink(visit, court, session, journey, refusal, prepared=prepared, day=day)
        if journey is None:
            return seen
        proof = proving.find_proof(unit, session, court, journey.id)
        return replace(
            seen,
            wait_seconds=proving.wait_seconds(unit, session, court),
            proof=proof,
            is_other_name=proof is not None
            and not namesakes.is_namesake(unit, session.account, proof.login),
            linked=linking.find_linked(unit, session, court, journey.id),
        )

    def begin(
        self, unit: Unit, visit: Visit, court: Court, handle: str | None, login: str
    ) -> tuple[SeenLink, Attempt | None]:
        """Count an attempt; None when there is nobody, or no journey, to count it for.

        Raises WaitError, RefusedError.
        """
        seen = self.look(unit, visit, court, handle)
        if seen.session is None or seen.journey is None:
            return seen, None
        sessions.touch(unit, seen.session)
        made = proving.attempt(
            unit,
            seen.session,
            court,
            login,
            ring=self._ring,
            settings=self._settings,
            source=visit.source,
            second=_is_second(seen.journey),
        )
        return seen, made

    def end(
        self, unit: Unit, seen: SeenLink, made: Attempt, *, matched: bool, password: str
    ) -> Journey | None:
        """Write down how the attempt ended; None when the session ended meanwhile.

        Raises RefusedError.
        """
        session = sessions.current(unit, seen.visit.session_token, self._settings)
        if session is None or seen.journey is None:
            return None
        how: dict[str, Any] = {
            "ring": self._ring, "settings": self._settings, "source": seen.visit.source
        }  # fmt: skip
        if not matched:
            proving.fail(unit, session, seen.court, made, **how)
        return proving.prove(
            unit, session, seen.court, made, journey=seen.journey, password=password, **how
        )

    def confirm(
        self, unit: Unit, visit: Visit, court: Court, handle: str | None
    ) -> tuple[SeenLink, Linked | Prepared | None]:
        """Link what was proved, or before the day prepare it; None when nobody is signed in or
        there is no journey.

        Raises RefusedError.
        """
        seen = self.look(unit, visit, court, handle)
        if seen.session is None or seen.journey is None:
            return seen, None
        sessions.touch(unit, seen.session)
        link = partial(linking.confirm, second=_is_second(seen.journey))
        rule = preparing.prepare if seen.day else link
        made = rule(
            unit,
            seen.session,
            court,
            seen.journey.id,
            settings=self._settings,
            source=visit.source,
        )
        return seen, made

    def cancel(self, unit: Unit, visit: Visit, court: Court, handle: str | None) -> SeenLink:
        """Let go of what was proved."""
        seen = self.look(unit, visit, court, handle)
        if seen.session and seen.journey:
            proving.drop_proof(unit, seen.session, court, seen.journey.id)
        return seen


def _day(court: Court, unit: Unit) -> str | None:
    is_scheduled = court.status(unit.now) is CourtStatus.SCHEDULED
    return preparing.day_of(court) if is_scheduled else None


def _is_second(journey: Journey | None) -> bool:
    return journey is not None and bool(journey.request.get(SECOND))
