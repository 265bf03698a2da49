"""What a person sees of their own account: each part of it reads only what it shows, in one unit."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from signon.accounts import email_changes, own_data, programs, unreachable
from signon.accounts.client_codes import ClientCodeRule, RuleOf
from signon.accounts.email_changes import EmailChange
from signon.accounts.own_data import OwnData
from signon.accounts.unreachable import Unreachable
from signon.config import Settings
from signon.courts.registry import Court
from signon.db import Unit
from signon.errors import RefusedError
from signon.filing.agents import acting
from signon.filing.registrations import registrations
from signon.filing.registrations.registrations import Registration
from signon.filing.rights import own_rights
from signon.filing.rights.own_rights import OwnRight
from signon.profile import changes
from signon.signin import attempts, own_sessions
from signon.signin.attempts import FailedSignIns
from signon.signin.own_sessions import OpenSession
from signon.signin.session import Session
from signon.tokens import own_grants
from signon.tokens.own_grants import Application


@dataclass(frozen=True, slots=True)
class Overview:
    """The account itself; `refusal` says why nothing may be changed now."""

    own: OwnData
    refusal: RefusedError | None


@dataclass(frozen=True, slots=True)
class Filing:
    """Where somebody files, and the latest registration at each court, newest first."""

    rights: list[OwnRight]
    registrations: list[tuple[Court, Registration]]


@dataclass(frozen=True, slots=True)
class Presence:
    """Where somebody is signed in, and what has failed since they were last here."""

    sessions: list[OpenSession]
    failed: FailedSignIns


@dataclass(frozen=True, slots=True)
class Security:
    """How somebody signs in."""

    presence: Presence
    pending_email: EmailChange | None
    client_code: ClientCodeRule
    programs: programs.Rule
    unreachable: Unreachable | None


def overview(unit: Unit, session: Session) -> Overview:
    """What every part begins with."""
    own = own_data.find(unit, session.account.id)
    return Overview(own, changes.refuse(own))


def filing(unit: Unit, session: Session, courts: Mapping[str, Court]) -> Filing:
    """The rights and registrations at courts that are known."""
    account_id = session.account.id
    latest: dict[str, Registration] = {}
    for one in registrations.of_account(unit, account_id):
        latest.setdefault(one.court_id, one)
    return Filing(
        [
            _as_agent(unit, right, account_id)
            for right in own_rights.of_account(unit, account_id, courts)
        ],
        [(courts[court_id], one) for court_id, one in latest.items() if court_id in courts],
    )


def _as_agent(unit: Unit, right: OwnRight, account_id: str) -> OwnRight:
    """The same with for how many a filing agent may file; nobody else costs a statement."""
    if not acting.is_agent(right.filing_status):
        return right
    return replace(right, acts_for=len(acting.principals(unit, account_id, right.court, None)))


def presence(unit: Unit, session: Session, settings: Settings) -> Presence:
    """The sessions; failures count since the sign-in before this one."""
    sessions = own_sessions.open_sessions(unit, session.account, settings)
    began = next((one.since for one in sessions if one.id == session.id), session.auth_time)
    return Presence(sessions, attempts.since_last_sign_in(unit, session.account.id, began))


def security(unit: Unit, session: Session, settings: Settings, rule_of: RuleOf) -> Security:
    """The part of that name."""
    return Security(
        presence(unit, session, settings),
        email_changes.pending(unit, session.account.id),
        rule_of(unit, session.account),
        programs.rule_of(unit, session.account.id),
        unreachable.of(unit, session.account.email),
    )


def applications(unit: Unit, session: Session) -> list[Application]:
    """What applications were allowed."""
    return own_grants.applications(unit, session.account.id)
