"""Linking a legacy login without a browser: the steps of `filing.linking.pages`, one after the other.

Nothing is written past the rules: the login's password is proved, the proof is spent, and the
mail goes out, as if the person had sat at the keyboard.
"""

from datetime import timedelta

from signon.accounts.directory import Account, by_username
from signon.accounts.hashing import Hasher
from signon.config import Settings
from signon.courts.registry import Court, read_one
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.demo.people import Ecf, Person
from signon.errors import RefusedError
from signon.filing.linking import linking, proving
from signon.filing.linking.proving import Attempt
from signon.filing.rights import filing_status
from signon.filing.rights.filing_status import EcfStatus
from signon.journeys import store
from signon.journeys.store import Journey, JourneyKind
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.web.visitor import Source

NOWHERE = Source(user_agent="signon demo")


class Linker:
    """Links what the demonstration's people have linked before anybody comes."""

    def __init__(self, database: Database, ring: KeyRing, settings: Settings) -> None:
        self._database = database
        self._ring = ring
        self._settings = settings
        self._hasher = Hasher(settings)

    def link(self, person: Person, ecf: Ecf) -> None:
        """Link one login, unless it is linked already. Raises RefusedError."""
        with self._database.writing() as unit:
            account, court = by_username(unit, person.username), read_one(unit, ecf.court)
            assert account is not None
            if filing_status.find(unit, account.id, court).status is not EcfStatus.NOT_LINKED:
                return
            session = self._sign_in(unit, account)
            journey = store.start(
                unit, JourneyKind.LINK, lasts=timedelta(minutes=5), court_id=court.id
            )
            attempt = proving.attempt(
                unit,
                session,
                court,
                ecf.login,
                ring=self._ring,
                settings=self._settings,
                source=NOWHERE,
            )
        is_right = proving.matches(attempt, ecf.password, self._ring, self._hasher)
        if not is_right:
            raise RefusedError("wrong_login", f"Login {ecf.login} of {ecf.court} does not match.")
        with self._database.writing() as unit:
            self._confirm(unit, session, court, attempt, journey)

    def _confirm(
        self, unit: Unit, session: Session, court: Court, attempt: Attempt, journey: Journey
    ) -> None:
        proved = proving.prove(
            unit,
            session,
            court,
            attempt,
            journey=journey,
            ring=self._ring,
            settings=self._settings,
            source=NOWHERE,
        )
        linking.confirm(unit, session, court, proved.id, settings=self._settings, source=NOWHERE)
        sessions.end(unit, session, reason="signed_out", source=NOWHERE)

    def _sign_in(self, unit: Unit, account: Account) -> Session:
        token = sessions.start(
            unit, account, settings=self._settings, previous=None, source=NOWHERE
        )
        session = sessions.current(unit, token, self._settings)
        assert session is not None
        return session
