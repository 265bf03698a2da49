"""Removing the second factors of accounts whose delay is over (`signon.signin.factor_reset`)."""

from signon.accounts import history, mailed_links, repudiation, second_factors, sign_outs
from signon.accounts.directory import by_id
from signon.accounts.mailed_links import Purpose
from signon.accounts.models import AccountStatus
from signon.audit import trail
from signon.audit.events import Event
from signon.config import Settings
from signon.db import Database, Unit
from signon.signin import factor_reset, factor_tries, factors, half_sign_ins
from signon.words.sentences import _

BATCH = 100
DONE = _(
    "All second factors were removed: authenticator apps, passkeys and recovery codes. Your "
    "password alone signs in until you set up a new one."
)


async def carry_out(database: Database, settings: Settings) -> int:
    """Carry out what is due, each account in a unit of its own; answers how many lost theirs."""
    done = 0
    for account_id in await database.read(second_factors.due_removals, BATCH):
        done += await database.write(reset, settings, account_id)
    return done


def reset(unit: Unit, settings: Settings, account_id: str) -> bool:
    """Remove every factor of an account if it is due, and sign it out everywhere.

    Somebody who stops it at the same moment wins or comes too late: one statement decides.
    An account that was disabled meanwhile keeps them.
    """
    if not second_factors.take_removal(unit, account_id):
        return False
    account = by_id(unit, account_id)
    assert account is not None
    mailed_links.withdraw(unit, account_id, Purpose.KEEP_FACTORS)
    if account.status is not AccountStatus.ACTIVE:
        trail.record(
            unit,
            Event.FACTOR_RESET_STOPPED,
            actor=trail.SYSTEM,
            account_id=account_id,
            reason="not_active",
        )
        return False
    removed = factors.remove_all(unit, account_id)
    half_sign_ins.use_all(unit, account_id)
    factor_tries.forgive(unit, account_id)
    sign_outs.sign_out_everywhere(unit, account_id)
    history.record(
        unit,
        account_id,
        factor_reset.SUBJECT,
        Event.FACTOR_RESET_DONE,
        actor=trail.SYSTEM,
        before={"factors": [one.nickname for one in removed]},
    )
    others = repudiation.addresses_of(unit, account)
    repudiation.tell(unit, settings.issuer, account, DONE, addresses=others)
    return True
