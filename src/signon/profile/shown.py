"""What the REST scope `account` answers, as models."""

from datetime import date, datetime

from signon.accounts.models import AccountKind, SearchStatus
from signon.profile.own_data import OwnData
from signon.web.json_bodies import Shown


class PostalAddress(Shown):
    """Where the person gets letters; `country` as ISO 3166-1 writes it."""

    street: str | None
    city: str | None
    state: str | None
    postal_code: str | None
    county: str | None
    country: str | None


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
    changes_stopped: bool
    password_changed_at: datetime | None
    created_on: date


def me(own: OwnData, *, pending_email: str | None) -> Me:
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
        changes_stopped=account.frozen_at is not None,
        password_changed_at=own.password_changed_at,
        created_on=own.created_on,
    )
