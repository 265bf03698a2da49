"""Where a court's notices go: of each right an address of its own, else the account's.

The filer asks for it, and whoever reads mail there says that it is right: until then nothing changes.
The court reads it as the claim ``ecf_notice_email``; both the account's address and the one before
are told, because whoever reads the notices reads the filer's cases.
"""

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Select, Update, select, update

from signon.accounts import addresses, checks, directory, history, mailed_links, repudiation
from signon.accounts.directory import Account
from signon.accounts.history import NO_PROOF, Proof
from signon.accounts.mailed_links import Purpose
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court, read_one
from signon.db import Unit
from signon.errors import BusyError, RefusedError
from signon.filing.models import rights as table
from signon.filing.rights import rights
from signon.filing.rights.rights import Right
from signon.limits import counters
from signon.notices import mail
from signon.notices.confirm_notices import ConfirmNotices
from signon.prepared import change as changes
from signon.prepared import value
from signon.web.visitor import Source
from signon.words.sentences import _

NOTICES = "notices"
"""Subject of the account's own history."""
CONFIRM_PATH = "/account/notices/confirm"
LASTS = timedelta(hours=24)
MAILS, MAILS_AN_HOUR = "notice_address_mails", 5
"""Bucket: mails to one address, and for one account, within an hour."""


class Became(StrEnum):
    """What became of a wish."""

    NOTHING = "nothing"
    ASKED = "notices-asked"
    CHANGED = "notices"


def of_account(unit: Unit, account_id: str, court_id: str) -> str | None:
    """The right's own address; None: the account's, or there is no right."""
    return _find(unit, account_id, court_id)


def waiting(unit: Unit, account_id: str, court_id: str) -> str | None:
    """The address that was asked for last and has not answered yet."""
    link = mailed_links.pending_at(unit, account_id, Purpose.CONFIRM_NOTICES, court_id)
    return link.email if link else None


def change(
    unit: Unit,
    account: Account,
    court: Court,
    typed: str,
    *,
    issuer: str,
    source: Source,
    proof: Proof,
) -> Became:
    """Let the notices of a right go there, once somebody has confirmed it by the mail to that address;
    at once to the account's own, which an empty text means too.

    Raises InputError, RefusedError (`frozen`, `no_right`), BusyError after several mails.
    """
    wanted = checks.email(typed.strip(), field="notice_email") if typed.strip() else None
    if wanted:
        addresses.require_same_side(account.email, wanted, field="notice_email")
    repudiation.require_unfrozen(account)
    right = _held(unit, account, court)
    # whoever wants one wants no other that still waits
    mailed_links.withdraw_at(unit, account.id, Purpose.CONFIRM_NOTICES, court.id)
    if of_account(unit, account.id, court.id) == wanted:
        return Became.NOTHING
    if wanted is None or wanted.casefold() == account.email.casefold():
        _change(unit, account, court, right, wanted, issuer=issuer, source=source, proof=proof)
        return Became.CHANGED
    _bound(unit, account.id, wanted)
    _ask(unit, account, court, wanted, issuer=issuer, proof=proof)
    trail.record(
        unit,
        Event.NOTICE_ADDRESS_ASKED,
        actor=account.id,
        account_id=account.id,
        court_id=court.id,
        source=source,
    )
    return Became.ASKED


def begin(
    unit: Unit, account: Account, court: Court, right: Right, wanted: str | None, *, issuer: str
) -> None:
    """The address that came with the registration of which a right has just been made: it has to
    answer like any other.
    """
    if wanted is None or wanted.casefold() == account.email.casefold():
        set_to(unit, right.id, wanted)
    else:
        _ask(unit, account, court, wanted, issuer=issuer, proof=NO_PROOF)


def confirm(unit: Unit, issuer: str, token: str | None, *, source: Source) -> None:
    """The address has answered: notices go there. Raises DeadLinkError, RefusedError."""
    link = mailed_links.spend(unit, Purpose.CONFIRM_NOTICES, token)
    account = directory.locked(unit, link.account_id or "")
    assert account is not None
    repudiation.require_unfrozen(account)
    court, said = read_one(unit, link.payload["court"]), link.payload
    since = said["factor_since"]
    proof = Proof(said["session_id"], datetime.fromisoformat(since) if since else None)
    right = _held(unit, account, court)
    _change(unit, account, court, right, link.email, issuer=issuer, source=source, proof=proof)


def _held(unit: Unit, account: Account, court: Court) -> Right:
    right = rights.held(unit, account.id, court.id)
    if right is None:
        raise RefusedError("no_right", _("You have no filing rights at {court}.", court=court.name))
    return right


def _change(
    unit: Unit,
    account: Account,
    court: Court,
    right: Right,
    wanted: str | None,
    *,
    issuer: str,
    source: Source,
    proof: Proof,
) -> None:
    before = of_account(unit, account.id, court.id)
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


def _ask(
    unit: Unit, account: Account, court: Court, wanted: str, *, issuer: str, proof: Proof
) -> None:
    since = proof.factor_since.isoformat() if proof.factor_since else None
    token = mailed_links.issue(
        unit,
        Purpose.CONFIRM_NOTICES,
        email=wanted,
        lasts=LASTS,
        account_id=account.id,
        payload={"court": court.id, "session_id": proof.session_id, "factor_since": since},
    )
    letter = ConfirmNotices(
        account_number=account.number,
        court=court.name,
        confirm_url=f"{issuer}{CONFIRM_PATH}?token={token}",
    )
    mail.send(unit, letter, to=wanted, language=account.language)


def _bound(unit: Unit, account_id: str, address: str) -> None:
    """Nobody is flooded through us."""
    for counted in (account_id, address.casefold()):
        found = counters.hit(unit, MAILS, counters.key(counted), window=timedelta(hours=1))
        if found.count > MAILS_AN_HOUR:
            assert found.ends_at is not None
            raise BusyError(
                _("Too many mails were sent for such a change. Try again in an hour."),
                retry_after=max(1, round((found.ends_at - unit.now).total_seconds())),
            )


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
