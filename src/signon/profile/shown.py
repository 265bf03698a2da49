"""What the REST scope `account` answers, as models."""

from collections.abc import Sequence
from datetime import date

from signon.accounts.client_codes import ClientCodeRule
from signon.accounts.models import AccountKind, SearchStatus
from signon.accounts.own_data import OwnData
from signon.profile.activity import Line
from signon.rest.values import (
    Day,
    Email,
    EventName,
    Id,
    Mask,
    Number,
    ProgramId,
    SignInName,
    Sub,
    When,
)
from signon.signin import own_sessions
from signon.tokens.own_grants import Application
from signon.web.browsers import name_of
from signon.web.json_bodies import Shown


class PostalAddress(Shown):
    """Where the person gets letters."""

    street: str | None
    """House number and street; null when none is kept."""
    city: str | None
    """City or town; null when none is kept."""
    state: str | None
    """State or territory, as the post writes it (`CA`); null outside the United States or when none
    is kept.
    """
    postal_code: str | None
    """ZIP or other postal code; null when none is kept."""
    county: str | None
    """County, by which a person’s own courts are found; null when none is kept."""
    country: str | None
    """Country by ISO 3166-1 alpha-2 (`US`); null when no address is kept."""


class OwnClientCodeRule(Shown):
    """What sign-ins demand of client codes."""

    required: bool
    """Whether a sign-in asks for a client code and does not go on without one."""
    pattern: Mask
    set_by: str | None
    """Name of the firm that has set the rule for its members; null when it is one’s own."""


class Me(Shown):
    """One's own account."""

    sub: Sub
    account_number: Number
    account_type: AccountKind
    """What the account is for; only an `individual` one can hold filing rights."""
    upgraded: bool
    """Whether it is an upgraded account; a legacy one searches but cannot file."""
    username: SignInName
    """The name that you sign in with."""
    first_name: str | None
    """First name of a person; null for a firm’s account."""
    middle_name: str | None
    """Middle name or names; null when there is none."""
    last_name: str | None
    """Last name of a person; null for a firm’s account."""
    firm_name: str | None
    """Name of the firm, for a firm’s account; null for a person’s."""
    user_type: str | None
    """What the account is used for, as registering asks it (`attorney`, `media`, …); null when it
    was never said. It grants nothing.
    """
    date_of_birth: date | None
    """Date of birth, as registering asked it; null when none is kept. It cannot be changed here."""
    email: Email
    """Address that mails of the service go to."""
    email_verified: bool
    """Whether a mailed link has shown that the address is the holder’s."""
    pending_email: Email | None
    """New address that was asked for and waits for its confirmation by mail; null when there is
    none.
    """
    phone: str | None
    """Telephone number, as it is dialled; null when none is kept."""
    address: PostalAddress
    """Where you get letters."""
    search_status: SearchStatus
    """Whether cases may be searched with the account; filing does not depend on it."""
    search_status_reason: str | None
    """Why the search is inactive, in a sentence; null while it is active or nobody said why."""
    client_code_rule: OwnClientCodeRule
    """What your sign-ins demand of client codes, whoever has set it."""
    changes_stopped: bool
    """Whether nothing can be changed, because somebody who reads your mail said that a change was
    not yours.
    """
    password_changed_at: When | None
    """When the password was last chosen; null when none was chosen here yet."""
    created_on: Day
    """Day on which the account was made."""


def me(own: OwnData, *, pending_email: str | None, rule: ClientCodeRule) -> Me:
    """The account as its holder reads it."""
    account = own.account
    return Me(
        sub=account.id,
        account_number=account.number,
        account_type=account.kind,
        upgraded=account.is_upgraded,
        username=account.username,
        first_name=account.first_name,
        middle_name=own.middle_name,
        last_name=account.last_name,
        firm_name=account.firm_name,
        user_type=own.user_type,
        date_of_birth=own.date_of_birth,
        email=account.email,
        email_verified=own.email_verified,
        pending_email=pending_email,
        phone=own.phone,
        address=PostalAddress(
            street=own.street,
            city=own.city,
            state=own.state,
            postal_code=own.postal_code,
            county=own.county,
            country=own.country,
        ),
        search_status=SearchStatus(own.search_status),
        search_status_reason=own.search_status_reason,
        client_code_rule=OwnClientCodeRule(
            required=rule.is_required, pattern=rule.pattern, set_by=rule.set_by
        ),
        changes_stopped=account.frozen_at is not None,
        password_changed_at=account.password_changed_at,
        created_on=own.created_on,
    )


class OwnSession(Shown):
    """A living session."""

    id: Id
    """What ends this session: `DELETE /api/v1/me/sessions/{id}`."""
    browser: str
    """Browser and system in words, as far as the browser said them; empty for a program."""
    address: str | None
    """Address that a program signed in from with your password; null for a browser."""
    since: When
    """When you signed in."""
    last_seen_at: When
    """When the session was last used."""
    current: bool
    """Whether the token of this call was obtained in this session."""


class OwnSessions(Shown):
    """Every one of them."""

    sessions: list[OwnSession]
    """Your living sessions."""


class OwnProgramRule(Shown):
    """Whether programs may sign in with the account’s username and password."""

    allowed: bool
    """What the holder of the account says."""
    allowed_by_firm: bool
    """What the firm says that the account is a member of; true where it is in none."""


class OwnGrant(Shown):
    """What an application was allowed."""

    client_id: ProgramId
    """The application’s id; withdraw what it was allowed under `/api/v1/me/grants/{client_id}`."""
    name: str
    """What the application calls itself."""
    court_id: str | None
    """Id of the court whose own system it is; null for any other application."""
    scopes: list[str]
    """Scopes that it was allowed or holds tokens for."""
    since: When
    """When you first allowed it something or signed in to it."""
    signed_in: bool
    """Whether it has tokens of yours that live."""


class OwnGrants(Shown):
    """Every one of them."""

    grants: list[OwnGrant]
    """The applications, by their names."""


class OwnEvent(Shown):
    """An event of the account."""

    at: When
    """When it happened."""
    event: EventName
    """What happened, as a stable `source:subject:action` to be compared by programs."""
    text: str
    """The same in a sentence for people; it may be worded anew."""
    by_you: bool
    """Whether you did it yourself; false for operators and for the service itself."""
    failed: bool
    """Whether somebody was refused something, as with a wrong password."""
    address: str
    """IP address that it came from; empty when none is known or it is no longer kept."""
    browser: str
    """Browser and system in words; empty when unknown or no longer kept."""


class OwnActivity(Shown):
    """A page of them, newest first."""

    activity: list[OwnEvent]
    """Events of this page, newest first."""


def sessions(found: Sequence[own_sessions.OpenSession], current: str | None) -> OwnSessions:
    """Where somebody is signed in, as programs read it."""
    return OwnSessions(
        sessions=[
            OwnSession(
                id=one.id,
                browser=name_of(one.user_agent),
                address=one.address,
                since=one.since,
                last_seen_at=one.last_seen_at,
                current=one.id == current,
            )
            for one in found
        ]
    )


def grants(found: Sequence[Application]) -> OwnGrants:
    """The applications that somebody let in, as programs read them."""
    return OwnGrants(
        grants=[
            OwnGrant(
                client_id=one.client_id,
                name=one.name,
                court_id=one.court_id,
                scopes=list(one.scopes),
                since=one.since,
                signed_in=one.signed_in,
            )
            for one in found
        ]
    )


def activity(found: Sequence[Line]) -> OwnActivity:
    """A page of events, as programs read it."""
    return OwnActivity(
        activity=[
            OwnEvent(
                at=line.at,
                event=line.event,
                text=line.text,
                by_you=line.by_you,
                failed=line.is_failure,
                address=line.address,
                browser=line.browser,
            )
            for line in found
        ]
    )
