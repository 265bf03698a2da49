"""For whom a session's person acts, by court, as our pages say it: kept among what the session has met.

What may be filed is decided elsewhere, at each look (`filing.agents.acting`); this is what people see.
"""

from collections.abc import Mapping
from dataclasses import replace

from sqlalchemy import Select, Update, select, update

from signon.accounts.directory import Account
from signon.db import Unit
from signon.prepared import change, value
from signon.signin.models import sessions

_BEGINS = "filing_for:"


def met_key(court_id: str) -> str:
    """The name under which a session keeps whom it acts for at a court; nobody when it is empty."""
    return f"{_BEGINS}{court_id}"


def said(account: Account, met: Mapping[str, str]) -> Account:
    """The account with the courts at which the session acts for somebody, and for whom."""
    found = [(name, whom) for name, whom in met.items() if whom and name.startswith(_BEGINS)]
    if not found:
        return account
    named = tuple((name.removeprefix(_BEGINS), whom) for name, whom in sorted(found))
    return replace(account, filing_for=named)


def forget(unit: Unit, session_id: str, court_id: str) -> None:
    """The choice is gone: our pages do not say it any more, and the way to the court asks again."""
    met = _met(unit, session_id)
    if met and met_key(court_id) in met:
        kept = {name: how for name, how in met.items() if name != met_key(court_id)}
        _keep(unit, session_id, kept)


@value
def _met(session_id: str) -> Select[dict[str, str]]:
    return select(sessions.c.met).where(sessions.c.id == session_id).with_for_update()


@change
def _keep(session_id: str, met: Mapping[str, str]) -> Update:
    return update(sessions).where(sessions.c.id == session_id).values(met=met)
