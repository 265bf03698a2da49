"""Who may act for a firm: its administrators, its own service clients, the service's operators.

A firm that is not the caller's looks like none at all.
"""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select

from signon.accounts import repudiation
from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, accounts
from signon.db import Unit
from signon.firms import directory
from signon.firms.directory import FIRM_COLUMNS, FIRMS, IS_FIRM, Firm
from signon.prepared import one
from signon.signin.session import AAL2, Session
from signon.tokens.bearer import Caller, insufficient_user_authentication, sign_in_again
from signon.web.acts import Act
from signon.web.problems import ApiError
from signon.web.visitor import Source

READ = ("firm:read", "admin")
MEMBERS = ("firm:members", "admin")
SETTINGS = ("firm:settings", "admin")
ADMIN = "admin"
NOWHERE = Source()


class ActedAs(StrEnum):
    """In what capacity something was done."""

    ADMINISTRATOR = "administrator"
    CLIENT = "client"
    OPERATOR = "operator"
    MEMBER = "member"


class Needs(StrEnum):
    """What an act takes beside being let in."""

    PERSON = "person"
    """Somebody signed in, who proved it just now (`Authority.require_person`)."""


@dataclass(frozen=True, slots=True)
class Authority:
    """A firm, and somebody who may act for it."""

    firm: Firm
    actor: str
    acted_as: ActedAs
    source: Source = NOWHERE
    proved_recently: bool = False

    def permit(self, act: Act["Authority", ..., Any] | None) -> None:
        """Raises as `require_person` does, for an act that needs one."""
        if act is not None and act.needs is Needs.PERSON:
            self.require_person()

    def require_person(self) -> None:
        """Raises ApiError unless an administrator or an operator acts in person and recently.

        A program that could make administrators or other programs could never be taken back.
        """
        if self.acted_as is ActedAs.CLIENT:
            raise ApiError(
                403,
                "administrator_needed",
                "Only a signed-in administrator of the firm may change this: a program of the "
                "firm cannot.",
            )
        if not self.proved_recently:
            raise sign_in_again(RECENT_SECONDS)


RECENT_SECONDS = 300
"""How long ago the sign-in behind a change of administrators or programs may be."""


def of_caller(
    unit: Unit, caller: Caller, number: str, *, source: Source = NOWHERE, locked: bool = False
) -> Authority:
    """The authority of a REST caller over a firm: one statement; `locked` until the unit's end.

    Raises NotFoundError, and ApiError for a firm of the caller's own that cannot be managed now.
    """
    firm, is_administrator = _find(unit, number, caller.account, locked=locked)
    is_recent = caller.auth_time is not None and unit.now - caller.auth_time <= timedelta(
        seconds=RECENT_SECONDS
    )
    if ADMIN in caller.scope and caller.firm_id is None and caller.court_id is None:
        if caller.account is not None and caller.account.kind is not AccountKind.OPERATOR:
            raise directory.unknown_firm()
        return Authority(firm, caller.actor, ActedAs.OPERATOR, source, proved_recently=True)
    if caller.firm_id != firm.id or (caller.account and not is_administrator):
        raise directory.unknown_firm()
    _require_usable(firm)
    if caller.account is None:
        return Authority(firm, caller.actor, ActedAs.CLIENT, source)
    if caller.acr != AAL2:
        raise insufficient_user_authentication(AAL2)
    if locked:
        repudiation.require_unfrozen(caller.account)
    return Authority(firm, caller.actor, ActedAs.ADMINISTRATOR, source, proved_recently=is_recent)


def of_session(
    unit: Unit,
    session: Session,
    number: str,
    *,
    source: Source = NOWHERE,
    locked: bool = False,
) -> Authority:
    """The authority of somebody at the console. Raises as `of_caller` does."""
    firm, is_administrator = _find(unit, number, session.account, locked=locked)
    is_recent = unit.now - session.auth_time <= timedelta(seconds=RECENT_SECONDS)
    if session.account.kind is AccountKind.OPERATOR:
        acted_as = ActedAs.OPERATOR
    elif is_administrator:
        _require_usable(firm)
        acted_as = ActedAs.ADMINISTRATOR
    else:
        raise directory.unknown_firm()
    if locked:
        repudiation.require_unfrozen(session.account)
    return Authority(firm, session.account.id, acted_as, source, proved_recently=is_recent)


def _find(unit: Unit, number: str, account: Account | None, *, locked: bool) -> tuple[Firm, bool]:
    found = (_lock if locked else _look)(unit, number, account.id if account else "")
    if found is None:
        raise directory.unknown_firm()
    return found


def _require_usable(firm: Firm) -> None:
    if not firm.is_active:
        raise ApiError(403, "firm_closed", "The firm’s account is closed: call the help desk.")
    if not firm.is_upgraded:
        raise ApiError(
            403,
            "firm_not_upgraded",
            "The firm has a legacy account: sign in with it and upgrade it, then manage the firm.",
        )


def _managed(is_administrator: int, *firm: Any) -> tuple[Firm, bool]:
    return directory.firm(*firm), is_administrator == 1


def _of(number: str, account_id: str) -> Select[Any]:
    is_administrator = directory.administers(account_id).label("is_administrator")
    return (
        select(is_administrator, *FIRM_COLUMNS)
        .select_from(FIRMS)
        .where(accounts.c.number == number, IS_FIRM)
    )


@one(_managed)
def _look(number: str, account_id: str) -> Select[Any]:
    return _of(number, account_id)


@one(_managed)
def _lock(number: str, account_id: str) -> Select[Any]:
    return _of(number, account_id).with_for_update(of=accounts, key_share=True)
