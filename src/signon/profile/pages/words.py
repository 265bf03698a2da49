"""The account's parts in words: what their templates take."""

from collections.abc import Mapping
from typing import Any

from signon.accounts import repudiation, search
from signon.accounts.client_codes import ClientCodeRule
from signon.accounts.directory import Account
from signon.accounts.email_changes import EmailChange
from signon.accounts.models import AccountKind
from signon.accounts.own_data import OwnData
from signon.accounts.places import country_name
from signon.accounts.user_types import USER_TYPES
from signon.clients.scopes import SCOPES
from signon.courts.registry import Court
from signon.courts.zones import zone_of_state
from signon.filing.registrations.registrations import HEADINGS
from signon.filing.rights.filing_status import FROZEN, SECOND_FACTOR, EcfStatus
from signon.filing.rights.own_rights import OwnRight
from signon.filing.roles import labels
from signon.profile.overview import Filing, Overview, Presence, Security
from signon.signin.own_sessions import OpenSession
from signon.signin.session import Session
from signon.tokens.own_grants import Application
from signon.web.browsers import name_of
from signon.words.sentences import _, together

STANDINGS = {
    EcfStatus.ACTIVE: _("You can file here"),
    EcfStatus.PENDING: _("The court has not finished with your request yet"),
    EcfStatus.BLOCKED: _("You cannot file at present"),
    EcfStatus.SUSPENDED: _("The court has suspended your filing rights"),
    EcfStatus.NOT_LIVE: _("The court does not use central sign-on for filing yet"),
    EcfStatus.NOT_LINKED: _("Not linked"),
}
BLOCKED = {
    SECOND_FACTOR: _("You cannot file until you have a second factor"),
    FROZEN: _("You cannot file while your account is stopped"),
}
FOR_OTHERS = _("You file only for those who have named you their agent")
FOR_NOBODY = _("You file only for others, and nobody has named you their agent")
SCOPE_WORDS = {
    "openid": _("who you are"),
    "profile": _("your name"),
    "email": _("your e-mail address"),
    "phone": _("your phone number"),
    "address": _("your postal address"),
    "pacer": _("your PACER account"),
    "ecf": _("your filing rights at that court"),
    "account": _("your account, to read and change it"),
}


def of_account(seen: Overview, courts: Mapping[str, Court]) -> dict[str, Any]:
    """What every part of the account takes."""
    own = seen.own
    return {
        "own": own,
        "zone": zone_of_state(own.state, courts),
        "refusal": seen.refusal,
        "may_upgrade": own.account.is_legacy,
        "searches": own.account.kind in search.SEARCHING_KINDS,
    }


def of_profile(seen: Overview) -> dict[str, Any]:
    """Who somebody is to the courts."""
    own = seen.own
    return {
        "kind": _kind(own.account),
        "user_type": USER_TYPES.get(own.user_type or "", own.user_type),
        "address": _address(own),
        "may_restore": search.may_restore(own.search_status_reason),
    }


def of_filing(filing: Filing) -> dict[str, Any]:
    """Where somebody files."""
    return {
        "rights": [_right(right) for right in filing.rights],
        "registrations": [
            {"court": court, "state": HEADINGS[one.state]} for court, one in filing.registrations
        ],
    }


def of_security(seen: Overview, found: Security, session: Session) -> dict[str, Any]:
    """How somebody signs in."""
    return {
        **of_presence(found.presence, session),
        "unreachable": found.unreachable,
        "pending_email": _pending_email(found.pending_email),
        "programs": found.programs,
        "client_code": _client_code(found.client_code),
        "may_set_client_code": seen.refusal is None and found.client_code.set_by is None,
    }


def of_presence(found: Presence, session: Session) -> dict[str, Any]:
    """Where somebody is signed in, and what has failed."""
    return {
        "sessions": [
            {
                "id": one.id,
                "browser": _browser(one),
                "since": one.since,
                "last_seen_at": one.last_seen_at,
                "is_this": one.id == session.id,
            }
            for one in found.sessions
        ],
        "failed": found.failed,
    }


def of_application(one: Application) -> dict[str, Any]:
    """An application, and what it sees."""
    return {
        "client_id": one.client_id,
        "name": one.name,
        "sees": [SCOPE_WORDS.get(scope, scope) for scope in SCOPES if scope in one.scopes],
        "since": one.since,
        "signed_in": one.signed_in,
    }


def _browser(one: OpenSession) -> str:
    if one.address is not None:
        return _("A program at {address}", address=one.address or _("an unknown address"))
    return name_of(one.user_agent) or _("A browser")


def _kind(account: Account) -> str:
    kinds = {
        AccountKind.INDIVIDUAL: _("Upgraded individual account"),
        AccountKind.SHARED: _("Shared account, for reading"),
        AccountKind.FIRM: _("Administrative account of a firm"),
        AccountKind.OPERATOR: _("Account of an operator of this service"),
    }
    is_individual = account.kind is AccountKind.INDIVIDUAL
    return (
        _("Legacy individual account")
        if account.is_legacy and is_individual
        else kinds[account.kind]
    )


def _client_code(rule: ClientCodeRule) -> str:
    whose = _("{set_by} asks:", set_by=rule.set_by) if rule.set_by else ""
    return together(whose, rule.words) if rule.words else _("Optional, and of any form")


def _address(own: OwnData) -> list[str]:
    city = " ".join(part for part in (own.state, own.postal_code) if part)
    lines = [own.street, ", ".join(part for part in (own.city, city) if part)]
    lines.append(_("County: {county}", county=own.county) if own.county else None)
    return [line for line in (*lines, country_name(own.country)) if line]


def _right(right: OwnRight) -> dict[str, Any]:
    return {
        "court": right.court,
        "login": right.filing_status.login,
        "other_logins": right.filing_status.other_logins,
        "roles": labels(right.filing_status.roles),
        "status": _status(right),
        "is_usable": right.is_usable,
        "conditions": right.conditions,
        "cases": right.filing_status.cases,
        "undo_until": right.undo_until,
        "since": right.since,
    }


def _status(right: OwnRight) -> str:
    filing_status = right.filing_status
    if filing_status.blocked_by:
        return BLOCKED[filing_status.blocked_by[-1]]
    if filing_status.status is EcfStatus.ACTIVE and not filing_status.is_usable:
        return FOR_OTHERS if right.acts_for else FOR_NOBODY
    return STANDINGS[filing_status.status]


def _pending_email(waiting: EmailChange | None) -> dict[str, Any] | None:
    """What is still to be done for a new address."""
    if waiting is None:
        return None
    steps = []
    if not waiting.confirmed_at:
        steps.append(_("press the button of the mail to {email}", email=waiting.new_email))
    if waiting.waits_for_agreement:
        due = repudiation.in_words(waiting.due_at)
        steps.append(
            _("agree by the mail to {email}, or wait until {due}", email=waiting.old_email, due=due)
        )
    return {"address": waiting.new_email, "steps": steps}
