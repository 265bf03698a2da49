"""Everything that a person sees of their own account at once, in one unit."""

from collections.abc import Mapping
from dataclasses import dataclass

from signon.accounts import email_changes, own_data
from signon.accounts.client_codes import ClientCodeRule, RuleOf
from signon.accounts.email_changes import EmailChange
from signon.accounts.own_data import OwnData
from signon.config import Settings
from signon.courts import staff
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.registrations import registrations
from signon.filing.registrations.registrations import Registration
from signon.filing.rights import own_rights
from signon.filing.rights.own_rights import OwnRight
from signon.profile import activity, changes
from signon.profile.activity import Line
from signon.signin import attempts, own_sessions
from signon.signin.attempts import FailedSignIns
from signon.signin.own_sessions import OpenSession
from signon.signin.session import Session
from signon.tokens import own_grants
from signon.tokens.own_grants import Application

RECENT = 8
"""How many events stand on the first page."""


@dataclass(frozen=True, slots=True)
class Overview:
    """The account and what hangs on it; `refusal` says why nothing may be changed now; `desks` are
    the courts whose console is open to the person.
    """

    own: OwnData
    refusal: RefusedError | None
    pending_email: EmailChange | None
    client_code: ClientCodeRule
    rights: list[OwnRight]
    registrations: list[tuple[Court, Registration]]
    desks: list[Court]
    sessions: list[OpenSession]
    applications: list[Application]
    failed: FailedSignIns
    activity: list[Line]


def overview(
    unit: Unit,
    session: Session,
    courts: Mapping[str, Court],
    settings: Settings,
    rule_of: RuleOf,
) -> Overview:
    """What is there now, and what has failed since the person was last here."""
    account = session.account
    own = own_data.find(unit, account.id)
    sessions = own_sessions.open_sessions(unit, account, settings)
    began = next((one.since for one in sessions if one.id == session.id), session.auth_time)
    return Overview(
        own=own,
        refusal=changes.refuse(own),
        pending_email=email_changes.pending(unit, account.id),
        client_code=rule_of(unit, account),
        rights=own_rights.of_account(unit, account.id, courts),
        registrations=_registrations(unit, account.id, courts),
        desks=[courts[one] for one in staff.courts_of(unit, account.id) if one in courts],
        sessions=sessions,
        applications=own_grants.applications(unit, account.id),
        failed=attempts.since_last_sign_in(unit, account.id, began),
        activity=activity.lines(unit, account.id, courts, limit=RECENT),
    )


def _registrations(
    unit: Unit, account_id: str, courts: Mapping[str, Court]
) -> list[tuple[Court, Registration]]:
    """The latest registration at each court, newest first."""
    latest: dict[str, Registration] = {}
    for one in registrations.of_account(unit, account_id):
        latest.setdefault(one.court_id, one)
    return [(courts[court_id], one) for court_id, one in latest.items() if court_id in courts]
