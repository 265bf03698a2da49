"""Every message there is, by its name. A new one: a module, two templates, a line here."""

from signon.notices import (
    account_changed,
    account_frozen,
    account_held,
    account_released,
    account_upgraded,
    choose_password,
    confirm_email,
    email_changed,
    factor_code,
    factor_due,
    factor_required,
    factor_reset,
    filing_right,
    firm_invitation,
    firm_membership,
    firm_notice,
    link_made,
    link_proof,
    new_device,
    password_links,
    registration_confirm,
    registration_exists,
    sign_in_attempts,
    usernames,
)
from signon.notices.message import Message

MESSAGES: dict[str, Message] = {
    message.name: message
    for message in (
        account_changed.MESSAGE,
        account_frozen.MESSAGE,
        factor_code.MESSAGE,
        factor_due.MESSAGE,
        factor_required.MESSAGE,
        filing_right.MESSAGE,
        factor_reset.MESSAGE,
        firm_invitation.MESSAGE,
        firm_membership.MESSAGE,
        firm_notice.MESSAGE,
        account_held.MESSAGE,
        account_upgraded.MESSAGE,
        account_released.MESSAGE,
        choose_password.MESSAGE,
        confirm_email.MESSAGE,
        email_changed.MESSAGE,
        link_made.MESSAGE,
        link_proof.MESSAGE,
        new_device.MESSAGE,
        password_links.MESSAGE,
        registration_confirm.MESSAGE,
        registration_exists.MESSAGE,
        sign_in_attempts.MESSAGE,
        usernames.MESSAGE,
    )
}  # fmt: skip
