"""What the REST scope `account` answers, as models."""

from collections.abc import Sequence
from datetime import date, datetime

from signon.accounts.client_codes import ClientCodeRule
from signon.accounts.models import AccountKind, SearchStatus
from signon.accounts.own_data import OwnData
from signon.profile.activity import Line
from signon.signin import own_sessions
from signon.tokens.own_grants import Application
from signon.web.browsers import name_of
from signon.web.json_bodies import Shown


class PostalAddress(Shown):
    """Where the person gets letters; `country` as ISO 3166-1 writes it."""

    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    county: str | None
    country: str | None


class OwnClientCodeRule(Shown):
    """What sign-ins demand of client codes; `pattern` is a mask: `#` a digit, `A` a letter, `?`
    any character, `*` at the end the rest, a backslash before what is meant as it is.

    `set_by` names the firm that has set it for its members; null when it is one's own.
    """

    required: bool
    pattern: str | None
    set_by: str | None


class Me(Shown):
    """One's own account. `pending_email` has been asked for and waits for its confirmation."""

    sub: str
    account_number: str
    account_type: AccountKind
    upgraded: bool
    username: str
    first_name: str | None
    middle_name: str | None
    last_name: str | None
    firm_name: str | None
    user_type: str | None
    date_of_birth: date | None
    email: str
    email_verified: bool
    pending_email: str | None
    phone: str | None
    address: PostalAddress
    search_status: SearchStatus
    search_status_reason: str | None
    client_code_rule: OwnClientCodeRule
    changes_stopped: bool
    password_changed_at: datetime | None
    created_on: date


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
    """A living session; `current` if the token was obtained in it."""

    id: str
    browser: str
    since: datetime
    last_seen_at: datetime
    current: bool


class OwnSessions(Shown):
    """Every one of them."""

    sessions: list[OwnSession]


class OwnGrant(Shown):
    """What an application was allowed; `signed_in` while it has tokens that live."""

    client_id: str
    name: str
    court_id: str | None
    scopes: list[str]
    since: datetime
    signed_in: bool


class OwnGrants(Shown):
    """Every one of them."""

    grants: list[OwnGrant]


class OwnEvent(Shown):
    """An event; `event` is stable, `text` is for people. `failed`: somebody was refused."""

    at: datetime
    event: str
    text: str
    by_you: bool
    failed: bool
    address: str
    browser: str


class OwnActivity(Shown):
    """A page of them, newest first."""

    activity: list[OwnEvent]


def sessions(found: Sequence[own_sessions.OpenSession], current: str | None) -> OwnSessions:
    """The sessions."""
    return OwnSessions(
        sessions=[
            OwnSession(
                id=one.id,
                browser=name_of(one.user_agent),
                since=one.since,
                last_seen_at=one.last_seen_at,
                current=one.id == current,
            )
            for one in found
        ]
    )


def grants(found: Sequence[Application]) -> OwnGrants:
    """The applications."""
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
    """The events."""
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
