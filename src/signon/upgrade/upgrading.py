"""The last step: everything that was entered takes effect in one unit, or nothing does."""

from dataclasses import asdict, dataclass, replace
from datetime import date

from signon.accounts import (
    credentials,
    email_changes,
    history,
    mailed_links,
    repudiation,
    upgrading,
)
from signon.accounts.checks import Contact
from signon.accounts.directory import Account, by_id
from signon.accounts.mailed_links import Purpose
from signon.accounts.models import AccountKind
from signon.accounts.upgrading import Particulars
from signon.audit.events import Event
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.notices import mail
from signon.notices.account_upgraded import AccountUpgraded
from signon.signin import session as sessions
from signon.signin.session import Session
from signon.upgrade import conditions, entered
from signon.upgrade.entered import Entered, Step
from signon.web.visitor import Source
from signon.words.sentences import _

INCOMPLETE = "incomplete"


@dataclass(frozen=True, slots=True)
class Upgraded:
    """It is done: the session goes on under this cookie, and the person on this journey."""

    cookie: str
    journey_id: str | None


class Upgrading:
    """Finishing upgrades at one issuer."""

    def __init__(self, ring: KeyRing, settings: Settings) -> None:
        self._ring = ring
        self._settings = settings

    def finish(self, unit: Unit, session: Session, source: Source) -> Upgraded:
        """Make the account upgraded: of any number at once, one is told `Upgraded`.

        The old username and password stop working with the commit, every other session ends and
        so do all grants. Raises RefusedError: then nothing has happened.
        """
        held = entered.hold(unit, self._ring, session.account)
        account = by_id(unit, session.account.id)
        assert account is not None
        if refusal := conditions.refuse(account):
            raise refusal
        if held is None or held.next_step(account.kind) is not Step.CONFIRM:
            raise _incomplete()
        before = upgrading.particulars(unit, account.id)
        after = merged(before, held)
        if not upgrading.upgrade(unit, session.account, after):
            raise conditions.refuse(by_id(unit, account.id) or account) or _incomplete()
        entered.drop(unit, account.id)
        self._record(unit, session, before, after, source)
        self._replace_password(unit, account, session, held)
        mailed_links.withdraw(unit, account.id, Purpose.CHOOSE_PASSWORD)
        self._tell(unit, session, account, after.username, held, source)
        cookie = sessions.start(
            unit,
            account,
            settings=self._settings,
            previous=session,
            source=source,
            acr=session.acr,
            amr=session.amr,
            factor_since=session.factor_since,
            client_code=session.client_code,
        )
        return Upgraded(cookie, held.journey_id)

    def _replace_password(
        self, unit: Unit, account: Account, session: Session, held: Entered
    ) -> None:
        credentials.replace_password(
            unit,
            self._ring,
            account,
            held.parts[Step.SECURITY]["password_hash"],
            actor=account.id,
            proof=session.proof,
            keep_session=session.id,
        )

    @staticmethod
    def _record(
        unit: Unit, session: Session, before: Particulars, after: Particulars, source: Source
    ) -> None:
        """History with the fields that differ; the audit event holds their names only."""
        was, is_now = before.columns(), after.columns()
        differ = [name for name in was if was[name] != is_now[name]]
        account_id = session.account.id
        history.record(
            unit,
            account_id,
            "upgrade",
            Event.ACCOUNT_UPGRADED,
            actor=account_id,
            before={"upgraded_at": None, **{name: was[name] for name in differ}},
            after={"upgraded_at": unit.now, **{name: is_now[name] for name in differ}},
            source=source,
            proof=session.proof,
        )

    def _tell(
        self,
        unit: Unit,
        session: Session,
        account: Account,
        username: str,
        held: Entered,
        source: Source,
    ) -> None:
        """Mail to the address of the account and to a new one, which has to be confirmed."""
        issuer = self._settings.issuer
        new_email = wanted_email(account, held)
        others = [new_email] if new_email else []
        repudiation.tell(
            unit,
            issuer,
            account,
            _("The account was upgraded, with a username and a password chosen anew."),
            proof=session.proof,
            addresses=others,
        )
        # the usernames go to no address that has not answered
        letter = AccountUpgraded(
            account_number=account.number,
            username=username,
            old_username=account.username,
            login_url=f"{issuer}/login",
        )
        mail.send(unit, letter, to=account.email, language=account.language)
        if new_email:
            email_changes.ask(
                unit, self._settings, account, new_email, proof=session.proof, source=source
            )


def merged(before: Particulars, held: Entered) -> Particulars:
    """What the account says once everything that was entered is in it."""
    person = held.parts.get(Step.PERSON) or held.parts.get(Step.FIRM, {})
    place = held.parts.get(Step.ADDRESS) or held.parts.get(Step.FIRM, {})
    contact = {
        name: place.get(name, value) or None for name, value in asdict(before.contact).items()
    }
    names = ("first_name", "middle_name", "last_name", "user_type")
    born = person.get("date_of_birth")
    return replace(
        before,
        username=held.parts.get(Step.SECURITY, {}).get("username", before.username),
        date_of_birth=date.fromisoformat(born) if born else before.date_of_birth,
        contact=Contact(**contact),
        **{name: person.get(name, getattr(before, name)) or None for name in names},
    )


def wanted_email(account: Account, held: Entered) -> str | None:
    """The address that was entered, if it is not the account's already.

    It becomes the account's when it is confirmed: one that was mistyped must not get its mail.
    """
    if account.kind is not AccountKind.INDIVIDUAL:
        return None
    wanted: str = held.parts[Step.PERSON]["email"]
    return None if wanted.casefold() == account.email.casefold() else wanted


def _incomplete() -> RefusedError:
    return RefusedError(
        INCOMPLETE, _("Something is still missing."), _("Go on with the step that is shown.")
    )
