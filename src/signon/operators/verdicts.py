"""Whether somebody can sign in with an account, and if not why: the answer an operator came for."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from signon.accounts.models import AccountStatus
from signon.operators.overview import Seen
from signon.web.dates import moment_in_words


@dataclass(frozen=True, slots=True)
class Verdict:
    """`kind` is good, no or wait; `act` is the one that changes it, or empty."""

    kind: str
    heading: str
    text: str
    act: str = ""


def of(there: Seen, may: Collection[str], zone: str | None = None) -> Verdict:
    """As things stand; `may` are the acts that are possible now."""
    found = _found(there, zone)
    if found.act in may:
        return found
    return Verdict(found.kind, found.heading, found.text)


def _found(there: Seen, zone: str | None) -> Verdict:
    facts = there.facts
    match facts["status"]:
        case AccountStatus.DISABLED:
            reason = facts["status_reason"]
            told = f"It is disabled: {reason.rstrip('.')}." if reason else "It is disabled."
            return Verdict("no", "This account cannot sign in", told, "enable")
        case AccountStatus.HELD:
            told = "It is on review hold: nobody has looked at this new account yet."
            return Verdict("no", "This account cannot sign in yet", told, "release")
    if facts["password_changed_at"] is None:
        told = "It has no password yet. Its holder chooses one by a link in the mail."
        return Verdict("no", "This account cannot sign in yet", told, "recover")
    if facts["frozen_at"]:
        return Verdict(
            "wait",
            "This account can sign in, but changes are stopped",
            "Somebody followed the link “This was not me” after a change. Nothing about it can be "
            "changed and nothing is filed with it. Talk to its holder first.",
            "thaw",
        )
    if not there.guesses_left:
        return Verdict(
            "wait",
            "The password counts only in browsers used before",
            "There were too many wrong passwords. A passkey works everywhere; so does a new "
            "password by mail.",
            "enable",
        )
    return Verdict("good", "This account can sign in", _last(facts, zone))


def _last(facts: Any, zone: str | None) -> str:
    if facts["last_signed_in_at"] is None:
        return "It never has."
    return f"Last success: {moment_in_words(facts['last_signed_in_at'], zone)}."
