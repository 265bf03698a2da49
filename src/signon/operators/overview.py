"""One account as an operator sees it: its facts, its sessions, its history. No secret is in it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from signon.accounts import credentials, directory, history, own_data, unreachable
from signon.accounts.history import Change
from signon.accounts.unreachable import Unreachable
from signon.audit import activity
from signon.audit.activity import Happened
from signon.config import Settings
from signon.db import Unit
from signon.profile import disputes
from signon.signin import session as sessions

EVENTS = 60
"""The latest are read for the sign-ins among them."""


@dataclass(frozen=True, slots=True)
class Seen:
    """An account as things stand: `facts` are `directory.details`; of its sessions, those that
    live.
    """

    facts: Mapping[str, Any]
    sessions: int
    guesses_left: int
    version: str
    unreachable: Unreachable | None


@dataclass(frozen=True, slots=True)
class Past:
    """What was changed of an account; `actors` names who did it, `disownable` are those of its
    holder that can be taken back, `happened` are its latest events.
    """

    changes: Sequence[Change]
    actors: Mapping[str, str]
    disownable: Sequence[Change]
    happened: Sequence[Happened]


def seen(unit: Unit, settings: Settings, number: str) -> Seen:
    """One account. Raises NotFoundError."""
    facts = directory.details(unit, number)
    return Seen(
        facts,
        sessions.living_count(unit, facts["sub"], settings),
        credentials.guesses_left(unit, facts["sub"], settings.login_failures_cap),
        own_data.find(unit, facts["sub"]).version,
        unreachable.of(unit, facts["email"]),
    )


def past(unit: Unit, account_id: str) -> Past:
    """Its history, newest first."""
    changes = history.changes(unit, account_id)
    account = directory.by_id(unit, account_id)
    assert account is not None
    return Past(
        changes,
        {one: _name(unit, one, account_id) for one in {change.actor for change in changes}},
        disputes.disownable(unit, account),
        activity.of_account(unit, account_id, limit=EVENTS),
    )


def _name(unit: Unit, actor: str, holder: str) -> str:
    """Who made a change, for people."""
    if actor == holder:
        return "the account’s holder"
    account = directory.by_id(unit, actor)
    return account.username if account else actor.replace("_", " ")
