"""Filling the demonstration's database: keys, courts, people, clients, legacy logins, links.

Every step looks first whether it was done, so that a start which was interrupted is finished
by the next one, and a second start changes nothing and takes no time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from signon.accounts import creation, passwords
from signon.accounts.directory import by_username
from signon.accounts.hashing import Hasher
from signon.config import Settings
from signon.courts import changes, loading, staff
from signon.courts.go_live import Announcement
from signon.courts.registry import Court, read_all, read_one
from signon.crypto import KeyRing
from signon.db import Database, Unit
from signon.demo import life
from signon.demo.links import Linker
from signon.demo.people import COURTS, PEOPLE, Person, legacy_logins_of
from signon.errors import InputError
from signon.filing.agents import answering, naming, pairs
from signon.filing.agents.naming import NewAgent
from signon.filing.agents.party import Party
from signon.filing.court import court_policy
from signon.filing.legacy_logins import importing, legacy_logins
from signon.signin import enrolment
from signon.tokens import rotation, stored_keys

ACTOR = "demo"
GOES_LIVE_LATER = "casd"
DAYS_UNTIL_LIVE = 90
POLICIES: Mapping[str, Mapping[str, str]] = {
    "casb": {
        "help_phone": "(619) 555-0199",
        "help_email": "help@casb.example",
        "training_url": "https://casb.example/training",
        "epoc_url": "https://casb.example/epoc",
        # this court takes nothing electronic from debtors without counsel
        "roles": "attorney,trustee,us_trustee,filing_agent,limited_creditor,course_provider,"
        "court_reporter,mediator,auditor,interested_party",
        "contact_text": "The clerk’s office looks at registrations every working morning.",
    },
    "cacd": {"help_phone": "(213) 555-0199", "help_email": "help@cacd.example"},
}
"""Invented: nobody who plays here shall ring a real clerk."""


@dataclass(frozen=True, slots=True)
class Filler:
    """What filling works with."""

    database: Database
    ring: KeyRing
    settings: Settings
    addresses: Mapping[str, str]
    """Where the courts that have a server here are, by their ids."""

    def fill(self) -> None:
        """Do whatever is still to be done. Raises SignonError."""
        self._make_keys()
        self._load_courts()
        for person in self._missing(PEOPLE):
            self._make(person)
        for court_id in COURTS:
            self._take_over_logins(court_id)
        self._link()
        for person in PEOPLE:
            for username in person.files_for:
                self._pair(username, person.username)
        with self.database.writing() as unit:
            life.enliven(unit, self.ring, self.settings)

    def courts(self) -> dict[str, Court]:
        """The courts that have a server here."""
        with self.database.reading() as unit:
            return {court_id: read_one(unit, court_id) for court_id in COURTS}

    def account_numbers(self) -> dict[str, str]:
        """Everybody's account number, by username."""
        with self.database.reading() as unit:
            found = {person.username: by_username(unit, person.username) for person in PEOPLE}
        return {name: account.number for name, account in found.items() if account}

    def _make_keys(self) -> None:
        with self.database.reading() as unit:
            if stored_keys.active_algorithms(unit):
                return
        overlap = timedelta(seconds=self.settings.key_overlap_seconds)
        rotation.rotate(self.database, self.ring, overlap=overlap, actor=ACTOR)

    def _load_courts(self) -> None:
        with self.database.writing() as unit:
            if not read_all(unit):
                loading.load(unit, loading.shipped(), actor=ACTOR)
                for court_id, values in POLICIES.items():
                    court_policy.change(unit, court_id, values=values, actor=ACTOR)
            court = read_one(unit, GOES_LIVE_LATER)
            if not court.go_live_is_set:
                day = (unit.now + timedelta(days=DAYS_UNTIL_LIVE)).astimezone(
                    ZoneInfo(court.time_zone)
                )
                # a court announces the day; it opens at its own midnight
                opening = Announcement(datetime.combine(day.date(), time()))
                changes.change(unit, court.id, go_live=opening, actor=ACTOR)

            self._point_here(unit)

    def _point_here(self, unit: Unit) -> None:
        """Links to a court's filing lead to its server here, never to a real court."""
        registry, known = loading.shipped(), read_all(unit)
        entries = [
            replace(entry, cmecf_url=self.addresses[entry.id])
            for entry in registry.entries
            if entry.id in self.addresses
        ]
        if any(known[entry.id].cmecf_url != entry.cmecf_url for entry in entries):
            loading.load(unit, replace(registry, entries=entries), actor=ACTOR)

    def _missing(self, people: Sequence[Person]) -> list[Person]:
        with self.database.reading() as unit:
            return [person for person in people if by_username(unit, person.username) is None]

    def _make(self, person: Person) -> None:
        passwords.require_acceptable(person.password, self.settings.password_policy)
        password_hash = Hasher(self.settings).hash(person.password)
        with self.database.writing() as unit:
            made = creation.create(
                unit, self.ring, person.account, password_hash=password_hash, actor=ACTOR
            )
            if person.totp_secret:
                enrolment.keep_app(
                    unit, self.ring, made.id, person.totp_secret, "The demonstration's app", None
                )
            if person.staff:
                court_id, role = person.staff
                staff.add(unit, court_id, person.username, role, actor=ACTOR)

    def _take_over_logins(self, court_id: str) -> None:
        with self.database.reading() as unit:
            if any(legacy_logins.listed(unit, court_id)):
                return
        means = importing.Means(
            self.database, self.ring, Hasher(self.settings), self.settings.hashing_threads
        )
        report = importing.run(means, court_id, legacy_logins_of(court_id))
        if report.bad_lines:
            raise InputError(f"The logins of {court_id}: {report.bad_lines[0].reason}.")

    def _link(self) -> None:
        linker = Linker(self.database, self.ring, self.settings)
        for person in PEOPLE:
            for ecf in person.ecf:
                if ecf.is_linked:
                    linker.link(person, ecf)

    def _pair(self, principal: str, agent: str) -> None:
        """One names the other, who accepts, unless they have done so."""
        with self.database.writing() as unit:
            by, whom = by_username(unit, principal), by_username(unit, agent)
            assert by is not None
            assert whom is not None
            if any(
                one.agent and one.agent.id == whom.id for one in pairs.of_principal(unit, by.id)
            ):
                return
            wanted = NewAgent(
                court="casb",
                account_number=whom.number,
                last_name=whom.last_name or "",
                may_pay=True,
            )
            named = naming.name(unit, Party(by), wanted)
            naming.deliver(unit, named.id)
            answering.accept(unit, Party(whom), named.id)
