"""Every kind of event, as `source:subject:action`. Retired ones stay here as comments."""

from enum import StrEnum


class Event(StrEnum):
    """What can stand in the audit trail."""

    ACCOUNT_CREATED = "accounts:account:created"
    ACCOUNT_DISABLED = "accounts:account:disabled"
    ACCOUNT_ENABLED = "accounts:account:enabled"
    ACCOUNT_FROZEN = "accounts:account:frozen"
    ACCOUNT_RELEASED = "accounts:account:released"
    ACCOUNT_SIGNED_OUT = "accounts:account:signed_out"
    ACCOUNT_THAWED = "accounts:account:thawed"
    ACCOUNT_UPGRADED = "accounts:account:upgraded"
    ACCOUNTS_IMPORTED = "accounts:accounts:imported"
    PASSWORD_CHANGED = "accounts:password:changed"
    SEARCH_SWITCHED_OFF = "accounts:search:switched_off"
    SEARCH_SWITCHED_ON = "accounts:search:switched_on"

    REGISTRATION_MAILED = "registration:link:mailed"
    REGISTRATION_COMPLETED = "registration:account:made"

    COURTS_LOADED = "courts:registry:loaded"
    COURT_CHANGED = "courts:court:changed"
    COURT_STAFF_ADDED = "courts:staff:added"
    COURT_STAFF_REMOVED = "courts:staff:removed"

    CLIENT_CREATED = "clients:client:created"
    CLIENT_CHANGED = "clients:client:changed"
    CLIENT_DISABLED = "clients:client:disabled"
    CLIENT_ENABLED = "clients:client:enabled"
    CLIENT_SECRET_ROTATED = "clients:secret:rotated"

    KEY_CREATED = "tokens:key:created"
    KEY_RETIRED = "tokens:key:retired"
    SECRETS_REENCRYPTED = "tokens:secrets:reencrypted"
    CONSENT_GIVEN = "tokens:consent:given"
    GRANTS_WITHDRAWN = "tokens:grants:withdrawn"
    REFRESH_TOKEN_REPLAYED = "tokens:refresh_token:replayed"

    SIGN_IN_SUCCEEDED = "signin:password:accepted"
    SIGN_IN_REFUSED = "signin:password:refused"
    FACTOR_ACCEPTED = "signin:factor:accepted"
    FACTOR_ADDED = "signin:factor:added"
    FACTOR_REMOVED = "signin:factor:removed"
    FACTOR_RENAMED = "signin:factor:renamed"
    FACTOR_PUT_OFF = "signin:factor:put_off"
    REDACTION_CONFIRMED = "signin:redaction:confirmed"
    FACTOR_REFUSED = "signin:factor:refused"
    RECOVERY_CODES_MADE = "signin:recovery_codes:made"
    RECOVERY_CODE_USED = "signin:recovery_code:used"
    SESSION_ENDED = "signin:session:ended"

    RECOVERY_ASKED = "recovery:link:asked"
    RECOVERY_MAILED = "recovery:link:mailed"
    RECOVERY_STARTED = "recovery:link:started"
    PASSWORD_RECOVERED = "recovery:password:chosen"

    LEGACY_LOGINS_IMPORTED = "filing:legacy_logins:imported"
    LINK_PROOF_ASKED = "filing:link_proof:asked"
    LINK_PROOF_MAILED = "filing:link_proof:mailed"
    LINK_PROVED = "filing:legacy_login:proved"
    LINK_REFUSED = "filing:legacy_login:refused"
    LINK_MADE = "filing:right:linked"

    PROFILE_CHANGED = "profile:person:changed"
    USERNAME_CHANGED = "profile:username:changed"
    EMAIL_CHANGE_ASKED = "profile:email:asked"
    EMAIL_CHANGED = "profile:email:changed"
    EMAIL_RESTORED = "profile:email:restored"
    PASSWORD_CHANGE_PUT_OFF = "profile:password:put_off"
    CURRENT_PASSWORD_REFUSED = "profile:password:refused"

    CODE_REPLAYED = "oidc:code:replayed"
    ACCESS_DENIED = "oidc:authorization:denied"
