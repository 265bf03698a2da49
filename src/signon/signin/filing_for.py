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


def shown(whom: str, court_name: str) -> str:
    """What a session keeps there, so that no page asks the registry: a line each."""
    return f"{whom}\n{court_name}"


def said(account: Account, met: Mapping[str, str]) -> Account:
    """The account with the courts at which the session acts for somebody, and for whom."""
    found = [(name, text) for name, text in met.items() if text and name.startswith(_BEGINS)]
    if not found:
        return account
    return replace(account, filing_for=tuple(_acting(*one) for one in sorted(found)))


def forget(unit: Unit, session_id: str, court_id: str) -> None:
    """The choice is gone: our pages do not say it any more, and the way to the court asks again."""
    met = _met(unit, session_id)
    if met and met_key(court_id) in met:
        kept = {name: how for name, how in met.items() if name != met_key(court_id)}
        _keep(unit, session_id, kept)


def _acting(name: str, text: str) -> tuple[str, str, str]:
    court_id = name.removeprefix(_BEGINS)
    whom, _end, court_name = text.partition("\n")
    # a session of before keeps no court's name
    return court_id, court_name or court_id, whom


@value
def _met(session_id: str) -> Select[dict[str, str]]:
    return select(sessions.c.met).where(sessions.c.id == session_id).with_for_update()


@change
def _keep(session_id: str, met: Mapping[str, str]) -> Update:
    return update(sessions).where(sessions.c.id == session_id).values(met=met)
