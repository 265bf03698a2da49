"""What an operator does with an account: one list for the console and the REST interface.

None of it sets or shows a password, and each is audited with the operator as its actor. Operators
are holders to their own accounts, like everybody: another one has to act on them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec

from signon.accounts import directory, own_account, own_data, repudiation, search, status
from signon.accounts.directory import Account
from signon.accounts.models import AccountStatus, SearchStatus
from signon.config import Settings
from signon.crypto import KeyRing
from signon.db import Unit
from signon.operators import overview
from signon.operators.overview import Seen
from signon.profile import taking_back
from signon.recovery import starting
from signon.signin import factor_reset
from signon.web.acts import Act

P = ParamSpec("P")


@dataclass(frozen=True, slots=True)
class Operator:
    """Somebody who runs the service, now. `actor` is what the audit trail names, `account` a
    person's; settings and ring are what the acts work with.
    """

    actor: str
    account: Account | None
    settings: Settings
    ring: KeyRing

    def permit(self, act: Act["Operator", ..., Any] | None) -> None:
        """Raises FrozenError: with a frozen account they only look."""
        if act and self.account:
            repudiation.require_unfrozen(self.account)


def version(unit: Unit, _operator: Operator, number: str) -> str:
    """Of an account, locked until the unit ends. Raises NotFoundError."""
    return own_data.lock(unit, directory.details(unit, number)["sub"]).version


def _act(
    name: str, rule: Callable[Concatenate[Unit, Operator, str, P], object], done: str
) -> Act[Operator, Concatenate[str, P], Seen]:
    """On another's account, which is seen as it is then.

    Raises NotFoundError, RefusedError (`own_account`) and what the rule raises.
    """

    def on_another(
        unit: Unit, operator: Operator, number: str, /, *args: P.args, **kwargs: P.kwargs
    ) -> Seen:
        account = directory.by_number(unit, number)
        if account is None:
            raise directory.unknown_account(number)
        own_account.require_another(operator.actor, account.id)
        rule(unit, operator, number, *args, **kwargs)
        return overview.seen(unit, operator.settings, number)

    return Act(name, on_another, done=done)


def _disable(unit: Unit, operator: Operator, number: str, reason: str) -> None:
    status.disable(unit, number, reason=reason, actor=operator.actor)


def _enable(unit: Unit, operator: Operator, number: str) -> None:
    status.enable(unit, operator.ring, number, actor=operator.actor)


def _sign_out(unit: Unit, operator: Operator, number: str) -> None:
    status.sign_out(unit, number, actor=operator.actor)


def _recover(unit: Unit, operator: Operator, number: str) -> None:
    starting.start(unit, operator.settings, number, actor=operator.actor)


def _release(unit: Unit, operator: Operator, number: str) -> None:
    status.release(unit, number, actor=operator.actor)


def _thaw(unit: Unit, operator: Operator, number: str) -> None:
    repudiation.thaw(unit, number, actor=operator.actor)


def _take_back(unit: Unit, operator: Operator, number: str, change: str) -> None:
    means = taking_back.TakingBack(operator.settings, operator.ring)
    taking_back.take_back_for(unit, means, number, change, actor=operator.actor)


def _reset_factors(unit: Unit, operator: Operator, number: str, reason: str) -> None:
    factor_reset.ask(unit, operator.settings, number, reason=reason, actor=operator.actor)


def _keep_factors(unit: Unit, operator: Operator, number: str) -> None:
    factor_reset.stop_by_operator(unit, operator.settings, number, actor=operator.actor)


def _search_off(unit: Unit, operator: Operator, number: str, reason: str) -> None:
    search.switch_off(unit, number, reason=reason, actor=operator.actor)


def _search_on(unit: Unit, operator: Operator, number: str) -> None:
    search.switch_on(unit, number, actor=operator.actor)


DISABLE = _act(
    "disable", _disable, "The account is disabled. Whatever it was signed in to has ended."
)
ENABLE = _act(
    "enable", _enable, "The account can sign in. Earlier wrong passwords do not count any more."
)
SIGN_OUT = _act("sign-out", _sign_out, "Every session and grant of the account has ended.")
RECOVER = _act(
    "recover",
    _recover,
    "A link to choose a password is on its way to the account’s address.",
)
RELEASE = _act(
    "release", _release, "The review hold has ended. The account’s holder is told by mail."
)
THAW = _act("thaw", _thaw, "The account may be changed again.")
TAKE_BACK = _act(
    "take-back",
    _take_back,
    "What was changed since is undone; a link to choose a password is on its way to the "
    "account’s address.",
)
RESET_FACTORS = _act(
    "reset-factors",
    _reset_factors,
    "The second factors go when the delay is over. The account’s holder is told by mail and can "
    "stop it.",
)
KEEP_FACTORS = _act(
    "keep-factors",
    _keep_factors,
    "The account keeps its second factors. Its holder is told by mail.",
)
SEARCH_OFF = _act("search-off", _search_off, "Case search is inactive.")
SEARCH_ON = _act("search-on", _search_on, "Case search is active.")
PLAIN: Mapping[str, Act[Operator, [str], Seen]] = {
    act.name: act for act in (ENABLE, SIGN_OUT, RECOVER, RELEASE, THAW, KEEP_FACTORS, SEARCH_ON)
}
WITH_WORDS: Mapping[str, tuple[Act[Operator, [str, str], Seen], str]] = {
    act.name: (act, field)
    for act, field in (
        (DISABLE, "disable_reason"),
        (RESET_FACTORS, "factors_reason"),
        (SEARCH_OFF, "search_reason"),
        (TAKE_BACK, "change"),
    )
}
"""Those that are told more, and which field of the page says it: why, or since which change."""
DONE = {
    **{name: act.done for name, act in PLAIN.items()},
    **{name: act.done for name, (act, _) in WITH_WORDS.items()},
}


def possible(facts: Mapping[str, Any], *, may_take_back: bool) -> set[str]:
    """What there is to do as things stand: `facts` are `directory.details`."""
    return {act.name for act in _possible(facts)} | ({TAKE_BACK.name} if may_take_back else set())


def _possible(facts: Mapping[str, Any]) -> list[Act[Operator, ..., Seen]]:
    found: list[Act[Operator, ..., Seen]] = [SIGN_OUT]
    match facts["status"]:
        case AccountStatus.ACTIVE:
            found += [DISABLE, ENABLE]
            found += [] if facts["frozen_at"] else [RECOVER]
        case AccountStatus.HELD:
            found += [RELEASE, DISABLE]
        case _:
            found += [ENABLE]
    if facts["frozen_at"]:
        found.append(THAW)
    if facts["factor_reset_due_at"]:
        found.append(KEEP_FACTORS)
    elif facts["has_factor"] and facts["status"] == AccountStatus.ACTIVE and not facts["frozen_at"]:
        found.append(RESET_FACTORS)
    if facts["kind"] in search.SEARCHING_KINDS:
        is_on = facts["search_status"] == SearchStatus.ACTIVE
        found.append(SEARCH_OFF if is_on else SEARCH_ON)
    return found
