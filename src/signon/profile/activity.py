"""What happened to an account, in its holder's words: what went wrong too."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from signon.audit import activity
from signon.audit.activity import NEWEST, Happened
from signon.audit.events import Event
from signon.clients import registry
from signon.courts.registry import Court
from signon.db import Unit
from signon.web.browsers import name_of


@dataclass(frozen=True, slots=True)
class Line:
    """One event in words; `by_you` is false for operators and for the service itself.

    `is_failure`: somebody was refused something. `address` and `browser` are empty when unknown.
    """

    seq: int
    at: datetime
    event: str
    text: str
    by_you: bool
    is_failure: bool
    address: str
    browser: str


def lines(
    unit: Unit,
    account_id: str,
    courts: Mapping[str, Court],
    *,
    before: int = NEWEST,
    limit: int = 20,
) -> list[Line]:
    """The account's latest events, newest first."""
    happened = activity.of_account(unit, account_id, before=before, limit=limit)
    names = registry.names(unit, {one.client_id for one in happened if one.client_id})
    return [_line(one, account_id, courts, names) for one in happened]


def _line(
    one: Happened, account_id: str, courts: Mapping[str, Court], clients: Mapping[str, str]
) -> Line:
    court = courts.get(one.court_id or "")
    at = f" at the {court.name}" if court else ""
    client = clients.get(one.client_id or "", "an application")
    text = SENTENCES.get(one.event, _OTHER).format(
        at=at, client=client, why=_WHY.get(one.reason or "", ""), what=_what(one)
    )
    return Line(
        seq=one.seq,
        at=one.at,
        event=one.event,
        text=f"{text}.",
        by_you=one.actor == account_id,
        is_failure=one.event in _FAILURES,
        address=one.address,
        browser=name_of(one.user_agent),
    )


def _what(one: Happened) -> str:
    """What was changed; the kind of a second factor."""
    named = (str(field) for field in one.detail.get("fields", ()))
    return ", ".join(sorted({FIELDS[field] for field in named if field in FIELDS})) or "your data"


_OTHER = "Something about your account was written down{at}"
"""Of an event that an older or newer release knows: its name says nothing to people."""

SENTENCES: Mapping[str, str] = {
    Event.ACCOUNT_CREATED: "Your account was created",
    Event.ACCOUNT_DISABLED: "Your account was disabled",
    Event.ACCOUNT_ENABLED: "Your account was enabled",
    Event.ADDRESS_FAILS: "Mail to your address came back",
    Event.ACCOUNT_FROZEN: "Somebody who reads your mail said that a change was not yours. "
    "Changes are stopped",
    Event.ACCOUNT_THAWED: "Changes to your account are possible again",
    Event.ACCOUNT_RELEASED: "Your account was reviewed and can be used",
    Event.ACCOUNT_SIGNED_OUT: "An operator signed you out everywhere",
    Event.REGISTRATION_MAILED: "A link to confirm your address was mailed to you",
    Event.ACCOUNT_UPGRADED: "You upgraded your account",
    Event.REGISTRATION_COMPLETED: "You registered",
    Event.COURT_STAFF_ADDED: "You were made a member of the staff{at}",
    Event.COURT_STAFF_REMOVED: "You are no longer a member of the staff{at}",
    Event.SEARCH_SWITCHED_ON: "Your case search became active",
    Event.SEARCH_SWITCHED_OFF: "Your case search became inactive",
    Event.PASSWORD_CHANGED: "Your password was changed",
    Event.CONSENT_GIVEN: "You allowed {client} to see your data",
    Event.GRANTS_WITHDRAWN: "You withdrew what {client} was allowed",
    Event.REFRESH_TOKEN_REPLAYED: "A used token of {client} came again, so it was signed out",
    Event.CODE_REPLAYED: "A used code of {client} came again, so it was signed out",
    Event.ACCESS_DENIED: "You did not go on to {client}",
    Event.SIGN_IN_SUCCEEDED: "You signed in{at}",
    Event.SIGN_IN_REFUSED: "A sign-in with your username failed{why}",
    Event.CURRENT_PASSWORD_REFUSED: "A change of password failed{why}",
    Event.PASSWORD_CHANGE_PUT_OFF: "You put off a change of password",
    Event.FACTOR_ACCEPTED: "You proved the sign-in with a second factor",
    Event.FACTOR_REFUSED: "The second step of a sign-in failed{why}",
    Event.FACTOR_ADDED: "You added a second factor ({what})",
    Event.FACTOR_REMOVED: "You removed a second factor ({what})",
    Event.FACTOR_RESET_ASKED: "An operator was asked to remove your second factors",
    Event.FACTOR_RESET_DONE: "Your second factors were removed",
    Event.FACTOR_RESET_STOPPED: "The removal of your second factors was stopped{why}",
    Event.FACTOR_RENAMED: "You gave a second factor another name",
    Event.FACTOR_PUT_OFF: "You put off setting up a second factor",
    Event.RECOVERY_CODE_USED: "A recovery code was used",
    Event.RECOVERY_CODES_MADE: "You made new recovery codes",
    Event.REDACTION_CONFIRMED: "You confirmed the redaction rules",
    Event.SESSION_ENDED: "A session ended{why}",
    Event.RECOVERY_ASKED: "Somebody asked for a link to choose a new password",
    Event.RECOVERY_MAILED: "A link to choose a new password was mailed to you",
    Event.RECOVERY_STARTED: "An operator had a link mailed to you to choose a new password",
    Event.PASSWORD_RECOVERED: "A new password was chosen by a mailed link",
    Event.LINK_PROOF_ASKED: "You asked for a mail to prove your filing login{at}",
    Event.LINK_PROOF_MAILED: "A link that proves your filing login was mailed{at}",
    Event.LEGACY_LOGIN_SUSPECTED: "Somebody went on guessing at your filing login{at}",
    Event.LINK_PROVED: "You proved that a filing login is yours{at}",
    Event.LINK_REFUSED: "Linking a filing login failed{at}",
    Event.REGISTRATION_SUBMITTED: "You sent the court your registration for e-filing{at}",
    Event.REGISTRATION_REFUSED: "Your registration for e-filing could not go on{at}",
    Event.REGISTRATION_RETURNED: "The court returned your registration for e-filing{at}",
    Event.REGISTRATION_APPROVED: "The court approved your registration for e-filing{at}",
    Event.REGISTRATION_REJECTED: "The court rejected your registration for e-filing{at}",
    Event.REGISTRATION_WITHDRAWN: "You withdrew your registration for e-filing{at}",
    Event.RIGHT_GRANTED: "The court gave you filing rights{at}",
    Event.DOCUMENT_READ: "The court read a document of your registration{at}",
    Event.NOTICE_ADDRESS_CHANGED: "You changed where a court’s notices go",
    Event.LINK_MADE: "You linked a filing login{at}",
    Event.LOGIN_FOLDED: "A further filing login of yours was proved or accepted{at}",
    Event.FOLD_REJECTED: "The court refused a further filing login{at}",
    Event.LINK_UNDONE: "You undid the link of a filing login{at}",
    Event.LINK_ACCEPTED: "The court accepted the link of a filing login{at}",
    Event.LINK_REJECTED: "The court refused the link of a filing login{at}",
    Event.RIGHT_UNLINKED: "The court ended your filing rights{at}",
    Event.RIGHT_SUSPENDED: "Your filing rights were suspended{at}",
    Event.RIGHT_RESTORED: "Your filing rights were restored{at}",
    Event.RIGHT_CHANGED: "Your filing rights were changed{at}",
    Event.RIGHT_CERTIFIED: "Your filing rights came into force with a certificate{at}",
    Event.CERTIFICATE_RECORDED: "The court recorded a training certificate of yours{at}",
    Event.CERTIFICATE_WITHDRAWN: "The court withdrew a training certificate of yours{at}",
    Event.RIGHT_REFUSED: "A change of your filing rights was refused{at}",
    Event.DESK_REFUSED: "The court’s console refused you something{at}",
    Event.STAFF_REQUEST_ASKED: "You asked a colleague to confirm a request{at}",
    Event.STAFF_REQUEST_CONFIRMED: "A request of the staff was confirmed{at}",
    Event.STAFF_REQUEST_WITHDRAWN: "A request of the staff was withdrawn{at}",
    Event.CERTIFICATES_IMPORTED: "Training certificates were imported{at}",
    Event.LEGACY_LOGINS_IMPORTED: "Older logins were imported{at}",
    Event.FIRM_INVITATION_ACCEPTED: "You became a member of a firm",
    Event.FIRM_INVITATION_DECLINED: "You declined a firm’s invitation",
    Event.FIRM_LEFT: "You left a firm",
    Event.FIRM_MEMBER_REMOVED: "A firm removed you from its members",
    Event.FIRM_MEMBERS_REMOVED: "Members were removed",
    Event.FIRM_MEMBER_CHANGED: "Your firm put you into another cost center",
    Event.FIRM_ADMINISTRATOR_ADDED: "You became an administrator of a firm",
    Event.FIRM_ADMINISTRATOR_REMOVED: "You are no longer an administrator of a firm",
    Event.FIRM_INVITED: "An invitation was sent",
    Event.FIRM_INVITED_MANY: "Invitations were sent",
    Event.FIRM_INVITED_AGAIN: "An invitation was sent again",
    Event.FIRM_INVITATION_WITHDRAWN: "An invitation was withdrawn",
    Event.FIRM_COST_CENTER_CHANGED: "A cost center was changed",
    Event.FIRM_CLIENT_CODES_CHANGED: "The members’ rule for client codes was changed",
    Event.FIRM_CLIENT_CHANGED: "A program of the firm was changed",
    Event.PROFILE_CHANGED: "You changed {what}",
    Event.USERNAME_CHANGED: "You changed your username",
    Event.EMAIL_CHANGE_ASKED: "You asked for another e-mail address",
    Event.EMAIL_CHANGED: "Your e-mail address was changed",
    "profile:email:restored": "Your e-mail address was changed back from the old one",
    Event.EMAIL_CHANGE_STOPPED: "The change of your e-mail address was stopped from the old one",
    Event.ACCOUNT_TAKEN_BACK: "Your account was taken back, with a new password",
}
"""What is said of each event; `at`, `client`, `why` and `what` stand for what it was about."""
_WHY: Mapping[str, str] = {
    "wrong_password": ": the password was wrong",
    "password_off": ": after too many wrong passwords yours counts only in browsers that you have "
    "used before",
    "wrong_totp": ": the app’s code was wrong, or was used before",
    "wrong_recovery_code": ": the recovery code was wrong, or was used before",
    "no_such_code": ": that was no code",
    "changed_meanwhile": ": your password was changed at the same moment",
    "account_disabled": ": your account is disabled",
    "no_password": ": your account has no password yet",
    "signed_out": ": you signed out",
    "factor_used": ": somebody signed in with one of them",
    "stopped_by_mail": ": somebody who reads your mail did it",
    "ended_by_owner": ": you ended it on your account’s page",
    "replaced": ": somebody else signed in with that browser",
}
FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("first_name", "middle_name", "last_name"), "your name"),
    **dict.fromkeys(
        ("street", "city", "state", "postal_code", "county", "country"), "your address"
    ),
    **dict.fromkeys(
        ("client_code_required", "client_code_pattern"), "what sign-ins ask of client codes"
    ),
    "user_type": "your user type",
    "firm_name": "the firm’s name",
    "phone": "your phone number",
    "passkey": "a passkey",
    "app": "an app",
    "totp": "an app",
}
"""What was changed, by the names of the columns; others are told as "your data"."""
_FAILURES = {
    Event.SIGN_IN_REFUSED,
    Event.FACTOR_REFUSED,
    Event.CURRENT_PASSWORD_REFUSED,
    Event.LINK_REFUSED,
    Event.REGISTRATION_REFUSED,
    Event.REFRESH_TOKEN_REPLAYED,
    Event.CODE_REPLAYED,
}
