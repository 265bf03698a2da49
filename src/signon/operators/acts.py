"""What an operator does with an account: one list for the console and the REST interface.

None of it sets or shows a password, and each is audited with the operator as its actor. Operators
are holders to their own accounts, like everybody: another one has to act on them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from signon.accounts import directory, own_account, repudiation, search, status
from signon.accounts.directory import Account
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.profile import taking_back
from signon.recovery import starting
from signon.signin import factor_reset


class Act(StrEnum):
    """As addresses name it."""

    DISABLE = "disable"
    ENABLE = "enable"
    SIGN_OUT = "sign-out"
    RECOVER = "recover"
    RELEASE = "release"
    THAW = "thaw"
    TAKE_BACK = "take-back"
    RESET_FACTORS = "reset-factors"
    KEEP_FACTORS = "keep-factors"
    SEARCH_OFF = "search-off"
    SEARCH_ON = "search-on"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for; `actor` is the operator's account or client.

    `change` is the first one that the account's holder did not make.
    """

    number: str
    actor: str
    reason: str = ""
    change: str = ""


@dataclass(frozen=True, slots=True)
class Means:
    """What the acts work with."""

    settings: Settings
    ring: KeyRing


def do(unit: Unit, means: Means, act: Act, asked: Asked) -> Account:
    """Do it. Raises NotFoundError, InputError for the reason, RefusedError (`own_account`, …)."""
    account = directory.by_number(unit, asked.number)
    if account is None:
        raise directory.unknown_account(asked.number)
    own_account.require_another(asked.actor, account.id)
    return _ACTS[act](unit, means, asked)


def _disable(unit: Unit, _means: Means, asked: Asked) -> Account:
    return status.disable(unit, asked.number, reason=asked.reason, actor=asked.actor)


def _enable(unit: Unit, means: Means, asked: Asked) -> Account:
    return status.enable(unit, means.ring, asked.number, actor=asked.actor)


def _sign_out(unit: Unit, _means: Means, asked: Asked) -> Account:
    return status.sign_out(unit, asked.number, actor=asked.actor)


def _recover(unit: Unit, means: Means, asked: Asked) -> Account:
    return starting.start(unit, means.settings, asked.number, actor=asked.actor)


def _release(unit: Unit, _means: Means, asked: Asked) -> Account:
    return status.release(unit, asked.number, actor=asked.actor)


def _thaw(unit: Unit, _means: Means, asked: Asked) -> Account:
    return repudiation.thaw(unit, asked.number, actor=asked.actor)


def _take_back(unit: Unit, means: Means, asked: Asked) -> Account:
    work = taking_back.Means(means.settings, means.ring)
    return taking_back.take_back_for(unit, work, asked.number, asked.change, actor=asked.actor)


def _reset_factors(unit: Unit, means: Means, asked: Asked) -> Account:
    return factor_reset.ask(
        unit, means.settings, asked.number, reason=asked.reason, actor=asked.actor
    )


def _keep_factors(unit: Unit, means: Means, asked: Asked) -> Account:
    return factor_reset.stop_by_operator(unit, means.settings, asked.number, actor=asked.actor)


def _search_off(unit: Unit, _means: Means, asked: Asked) -> Account:
    return search.switch_off(unit, asked.number, reason=asked.reason, actor=asked.actor)


def _search_on(unit: Unit, _means: Means, asked: Asked) -> Account:
    return search.switch_on(unit, asked.number, actor=asked.actor)


_ACTS: Mapping[Act, Callable[[Unit, Means, Asked], Account]] = {
    Act.DISABLE: _disable,
    Act.ENABLE: _enable,
    Act.SIGN_OUT: _sign_out,
    Act.RECOVER: _recover,
    Act.RELEASE: _release,
    Act.THAW: _thaw,
    Act.TAKE_BACK: _take_back,
    Act.RESET_FACTORS: _reset_factors,
    Act.KEEP_FACTORS: _keep_factors,
    Act.SEARCH_OFF: _search_off,
    Act.SEARCH_ON: _search_on,
}
