"""One account as an operator sees it: its facts, its sessions, its history. No secret is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signon.accounts import credentials, directory, history
from signon.accounts.history import Change
from signon.accounts.models import AccountStatus, SearchStatus
from signon.accounts.search import SEARCHING_KINDS
from signon.config import Settings
from signon.db import Unit
from signon.operators.acts import Act
from signon.profile import disputes
from signon.signin import session as sessions


@dataclass(frozen=True, slots=True)
class Overview:
    """`facts` are `directory.details`; `actors` names who made the
    changes; `disownable` are those of the holder that can be taken back; `acts` what may be done
    as things stand.
    """

    facts: Mapping[str, Any]
    sessions: int
    guesses_left: int
    changes: Sequence[Change]
    actors: Mapping[str, str]
    disownable: Sequence[Change]
    acts: frozenset[Act]


def of(unit: Unit, settings: Settings, number: str) -> Overview:
    """Everything about one account. Raises NotFoundError."""
    facts = directory.details(unit, number)
    changes = history.changes(unit, facts["sub"])
    account = directory.by_id(unit, facts["sub"])
    assert account is not None
    disownable = disputes.disownable(unit, account)
    return Overview(
        facts,
        sessions.living_count(unit, facts["sub"], settings),
        credentials.guesses_left(unit, facts["sub"], settings.login_failures_cap),
        changes,
        {one: _name(unit, one, facts["sub"]) for one in {change.actor for change in changes}},
        disownable,
        frozenset([*_possible(facts), *([Act.TAKE_BACK] if disownable else [])]),
    )


def _name(unit: Unit, actor: str, holder: str) -> str:
    """Who made a change, for people."""
    if actor == holder:
        return "the account’s holder"
    account = directory.by_id(unit, actor)
    return account.username if account else actor.replace("_", " ")


def _possible(facts: Mapping[str, Any]) -> list[Act]:
    found = [Act.SIGN_OUT]
    match facts["status"]:
        case AccountStatus.ACTIVE:
            found += [Act.DISABLE, Act.ENABLE]
            found += [] if facts["frozen_at"] else [Act.RECOVER]
        case AccountStatus.HELD:
            found += [Act.RELEASE, Act.DISABLE]
        case _:
            found += [Act.ENABLE]
    if facts["frozen_at"]:
        found.append(Act.THAW)
    if facts["factor_reset_due_at"]:
        found.append(Act.KEEP_FACTORS)
    elif facts["has_factor"] and facts["status"] == AccountStatus.ACTIVE and not facts["frozen_at"]:
        found.append(Act.RESET_FACTORS)
    if facts["kind"] in SEARCHING_KINDS:
        is_on = facts["search_status"] == SearchStatus.ACTIVE
        found.append(Act.SEARCH_OFF if is_on else Act.SEARCH_ON)
    return found
