"""Where a court's notices go: of each right an address of its own, else the account's.

The filer changes it. The court reads it as the claim ``ecf_notice_email``; both the account's
address and the one before are told, because whoever reads the notices reads the filer's cases.
"""

from sqlalchemy import Select, Update, select, update

from signon.accounts import addresses, checks, history, repudiation
from signon.accounts.directory import Account
from signon.accounts.history import Proof
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.models import rights as table
from signon.filing.rights import rights
from signon.prepared import change as changes
from signon.prepared import value
from signon.web.visitor import Source
from signon.words.sentences import _

NOTICES = "notices"
"""Subject of the account's own history."""


def of_account(unit: Unit, account_id: str, court_id: str) -> str | None:
    """The right's own address; None: the account's, or there is no right."""
    return _find(unit, account_id, court_id)


def change(
    unit: Unit,
    account: Account,
    court: Court,
    typed: str,
    *,
    issuer: str,
    source: Source,
    proof: Proof,
) -> bool:
    """Let the notices of a right go there; empty: to the account's address. False: nothing new.

    Raises InputError, RefusedError (`frozen`, `no_right`).
    """
    wanted = checks.email(typed.strip(), field="notice_email") if typed.strip() else None
    if wanted:
        addresses.require_same_side(account.email, wanted, field="notice_email")
    repudiation.require_unfrozen(account)
    right = rights.held(unit, account.id, court.id)
    if right is None:
        raise RefusedError("no_right", _("You have no filing rights at {court}.", court=court.name))
    before = of_account(unit, account.id, court.id)
    if before == wanted:
        return False
    set_to(unit, right.id, wanted)
    history.record(
        unit,
        account.id,
        NOTICES,
        Event.NOTICE_ADDRESS_CHANGED,
        actor=account.id,
        before={"court": court.id, "notice_email": before},
        after={"court": court.id, "notice_email": wanted},
        source=source,
        proof=proof,
    )
    told = _("The address for notices of {court} was changed.", court=court.name)
    also = [before] if before else []
    repudiation.tell(unit, issuer, account, told, proof=proof, addresses=also)
    return True


@changes
def set_to(right_id: str, address: str | None) -> Update:
    """Write the address of a right that is `held`."""
    return update(table).where(table.c.id == right_id).values(notice_email=address)


@value
def _find(account_id: str, court_id: str) -> Select[str | None]:
    return select(table.c.notice_email).where(
        table.c.account_id == account_id,
        table.c.court_id == court_id,
        table.c.ended_at.is_(None),
    )
