"""Who must have a second factor, and what happens until they do.

Operators, court staff and firm administrators always; whoever holds an active filing right,
where the deployment requires it: they may put it off so many times, with a mail each time, and
after that filing is blocked until they enrol. Searching goes on (domain facts 2).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, func, null, select

from signon.accounts import filing_block, telling
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, accounts
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.courts.models import courts, staff
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.models import rights
from signon.filing.rights import reductions
from signon.filing.rights.filing_status import RightStatus
from signon.notices import mail
from signon.notices.factor_due import FactorDue
from signon.prepared import one, value, values
from signon.signin import demands
from signon.signin.demands import POLICY, Asks, Known, Place
from signon.signin.session import AAL2, Session
from signon.web.visitor import Source
from signon.words.sentences import _

NAME = "second_factor"
FILER = _("You hold filing rights at a court.")
ALWAYS = {AccountKind.OPERATOR, AccountKind.FIRM}
"""These manage what is not their own alone."""
Manages = Callable[[ColumnElement[str]], ColumnElement[datetime]]
"""Since when the account of that id manages for others, or NULL."""


@dataclass(frozen=True, slots=True)
class Obligation:
    """Why an account must have a second factor, and how often it may still be put off.

    `since`: when that began; None: the account always had to.
    """

    reason: str
    skips_left: int
    blocks_filing_only: bool
    since: datetime | None = None

    @property
    def may_wait(self) -> bool:
        """Whether the person may go on without one, if only to search."""
        return self.blocks_filing_only


class SecondFactor:
    """The demand: enrol a factor first. Whoever has one was asked for it at the sign-in."""

    name = NAME
    path = demands.SECOND_FACTOR

    def __init__(self, settings: Settings, *, manages: Manages | None = None) -> None:
        """`manages` tells of features above this one."""
        self._settings = settings
        self.asks, self._held_since = _held_since(manages)

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """For whoever must, and for whoever comes from a client that wants aal/2."""
        if session.acr == AAL2:
            return False
        if place.wants_aal2 or (place.court_id and _is_demanded(known(POLICY))):
            return True
        if self.name in session.met:
            return False
        since = _Since._make(known(name) for name in _Since._fields)
        return self._duty(session.account, since) is not None

    def must_have(self, unit: Unit, account: Account) -> bool:
        """Whether the account may not be without one."""
        return self.obligation(unit, account) is not None

    def obligation(self, unit: Unit, account: Account) -> Obligation | None:
        """Why it must have one, or None when it need not."""
        is_person = account.kind is AccountKind.INDIVIDUAL
        found = self._held_since(unit, account.id) if is_person else None
        return self._duty(account, found or _Since(None, None, None))

    def _duty(self, account: Account, found: "_Since") -> Obligation | None:
        if account.kind in ALWAYS:
            return Obligation(_("This kind of account manages for others."), 0, False)
        if account.kind is not AccountKind.INDIVIDUAL:
            return None
        if found.manages_since:
            return Obligation(_("You manage a firm."), 0, False, found.manages_since)
        if found.staff_since:
            return Obligation(_("You work for a court here."), 0, False, found.staff_since)
        if not found.filer_since or self._settings.filer_second_factor != "required":
            return None
        return Obligation(FILER, _left(self._settings, account), True, found.filer_since)

    def put_off(self, unit: Unit, session: Session, *, source: Source) -> None:
        """Go on without one in this session. Raises RefusedError (`factor_due`): it cannot wait.

        Each time is counted and mailed; when none is left, filing is blocked, and every court
        where the person may file is told that the rights have shrunk.
        """
        account = session.account
        duty = self.obligation(unit, account)
        if duty is None or not duty.may_wait:
            raise RefusedError("factor_due", _("The second factor cannot wait: add one now."))
        most = self._settings.second_factor_skips
        skipped = filing_block.put_off(unit, account.id, most=most)
        if skipped:
            self._tell(unit, account, duty.skips_left - 1)
        else:
            _block(unit, session)
        demands.note_met(unit, session, NAME, "put off" if skipped else "blocked")
        trail.record(
            unit,
            Event.FACTOR_PUT_OFF,
            actor=account.id,
            account_id=account.id,
            source=source,
            left=max(0, duty.skips_left - 1),
        )

    def _tell(self, unit: Unit, account: Account, left: int) -> None:
        letter = FactorDue(
            account_number=account.number,
            skips_left=left,
            factors_url=f"{self._settings.issuer}/account/factors",
        )
        mail.send(unit, letter, to=account.email, language=account.language)


def announce(unit: Unit, settings: Settings, account: Account) -> None:
    """Tell somebody whose first filing right is active now that it needs a second factor.

    Whatever makes a right active calls this, after it. Nothing is mailed where none is required,
    to whoever has one, and to whoever could file elsewhere before.
    """
    if settings.filer_second_factor != "required" or account.has_factor:
        return
    if _number_held(unit, account.id) != 1:
        return
    left = _left(settings, account)
    telling.tell_second_factor_is_due(unit, account, FILER, skips_left=left, blocks_all=False)


def is_filer(unit: Unit, account_id: str) -> bool:
    """Whether the account holds an active filing right anywhere."""
    return bool(_number_held(unit, account_id))


def _left(settings: Settings, account: Account) -> int:
    return max(0, settings.second_factor_skips - account.factor_skips)


def is_wanted_at(unit: Unit, place: Place) -> bool:
    """Whether the client or its court wants two factors, of whomever it is: nothing is put off."""
    if place.wants_aal2 or place.court_id is None:
        return place.wants_aal2
    return _is_demanded(_policy(unit, place.court_id))


def _is_demanded(policy: Mapping[str, Any] | None) -> bool:
    return (policy or {}).get("sign_in_level") == "aal2"


def _block(unit: Unit, session: Session) -> None:
    account = session.account
    if filing_block.block(unit, account.id):
        for court_id in _courts_of(unit, account.id):
            reductions.announce(unit, court_id, [account.id], in_session=session.id)


class _Since(NamedTuple):
    filer_since: datetime | None
    staff_since: datetime | None
    manages_since: datetime | None


def _is_active(account_id: str | ColumnElement[str]) -> tuple[ColumnElement[bool], ...]:
    return (
        rights.c.account_id == account_id,
        rights.c.ended_at.is_(None),
        rights.c.status == RightStatus.ACTIVE.value,
    )


FILER_SINCE = (
    select(func.min(rights.c.created_at))
    .where(*_is_active(accounts.c.id))
    .correlate(accounts)
    .scalar_subquery()
    .label("filer_since")
)
"""Since when the account may file anywhere, or NULL; for demands."""


@cache
def _held_since(manages: Manages | None) -> tuple[Asks, Callable[[Unit, str], _Since | None]]:
    """All three for the demand, and in a statement of their own."""
    works = select(func.min(staff.c.added_at)).where(staff.c.account_id == accounts.c.id)
    also = manages(accounts.c.id) if manages else null()
    asks = (
        FILER_SINCE,
        works.correlate(accounts).scalar_subquery().label("staff_since"),
        also.label("manages_since"),
    )

    @one(_Since)
    def held_since(account_id: str) -> Select[datetime | None, datetime | None, datetime | None]:
        return select(*asks).select_from(accounts).where(accounts.c.id == account_id)

    return asks, held_since


@value
def _number_held(account_id: str) -> Select[int]:
    return select(func.count()).select_from(rights).where(*_is_active(account_id))


@value
def _policy(court_id: str) -> Select[dict[str, Any]]:
    return select(courts.c.policy).where(courts.c.id == court_id)


@values
def _courts_of(account_id: str) -> Select[str]:
    return select(rights.c.court_id).where(*_is_active(account_id))
