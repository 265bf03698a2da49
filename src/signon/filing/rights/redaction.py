"""The redaction notice: whoever may file confirms the rules once in a session (domain facts 4.2).

Until then the session's tokens permit nothing, however late the right came into being in it: the
way to a court asks, and so does the page that links.

The text is versioned, and each confirmation is an audit event with the version, so that it can
be said later what exactly a filer agreed to.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from signon.accounts.directory import Account
from signon.audit import trail
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.rights.second_factor import FILER_SINCE
from signon.signin import demands
from signon.signin.demands import POLICY, Asks, Known, Place
from signon.signin.session import Session
from signon.web.visitor import Source

NAME = "redaction"
PATH = "/login/redaction"
VERSION = "2025-05"
"""Of the text below: the PACER Authentication API's of May 2025."""
NOTICE = (
    "All filers must redact: Social Security or taxpayer identification numbers; dates of birth; "
    "names of minor children; financial account numbers; and in criminal cases, home addresses "
    "in compliance with Fed. R. App. P. 25(a)(5), Fed. R. Civ. P. 5.2, Fed. R. Crim. P. 49.1, "
    "Fed. R. Bankr. P. 9037. This requirement applies to all documents, including attachments. "
    "Please verify that you have read and will comply with the redaction rules."
)


class Redaction:
    """The demand: confirm the rules on the way to a court."""

    name = NAME
    path = PATH
    asks: Asks = (FILER_SINCE,)

    def is_due(self, now: datetime, session: Session, place: Place, known: Known) -> bool:
        """For holders of an active right anywhere, unless this court has switched it off."""
        if place.court_id is None or self.name in session.met or known(FILER_SINCE.name) is None:
            return False
        policy = known(POLICY)
        return policy is not None and policy.get("redaction_notice") != "off"


def is_owed(court: Court, met: Mapping[str, str]) -> bool:
    """Whether a session that has met so much still owes the confirmation before anything is filed
    there: also when the right came into being in it, after the sign-in.
    """
    return NAME not in met and court.policy.redaction_notice != "off"


def until_confirmed(
    court: Court, met: Mapping[str, str] | None, claims: Mapping[str, Any]
) -> dict[str, Any]:
    """The ``ecf_`` claims for a session that has met so much: a right stays `active`, and permits
    nothing until the rules are confirmed; `ecf_redaction_due` says why.
    """
    if not claims["ecf_permissions"] or not is_owed(court, met or {}):
        return dict(claims)
    return {**claims, "ecf_permissions": [], "ecf_redaction_due": True}


def address(journey_id: str) -> str:
    """The notice's page on the way of a journey."""
    return f"{PATH}?journey={journey_id}"


def confirm(unit: Unit, session: Session, *, source: Source) -> None:
    """Write down that this person confirmed this version."""
    demands.note_met(unit, session, NAME, VERSION)
    record(unit, session.account, source=source)


def record(unit: Unit, account: Account, *, source: Source) -> None:
    """The audit event, also of whoever confirms it without a page."""
    trail.record(
        unit,
        Event.REDACTION_CONFIRMED,
        actor=account.id,
        account_id=account.id,
        source=source,
        version=VERSION,
    )
