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
from signon.words.sentences import _, listed


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
    at = _(" at the {court}", court=court.name) if court else ""
    client = clients.get(one.client_id or "") or _("an application")
    why = _WHY.get(one.reason or "", "")
    sentence = SENTENCES.get(one.event, _OTHER)
    text = _(sentence, at=at, client=client, why=why, what=_what(one))
    return Line(
        seq=one.seq,
        at=one.at,
        event=one.event,
        text=_("{text}.", text=text),
        by_you=one.actor == account_id,
        is_failure=one.event in _FAILURES,
        address=one.address,
        browser=name_of(one.user_agent),
    )


def _what(one: Happened) -> str:
    """What was changed; the kind of a second factor."""
    named = (str(field) for field in one.detail.get("fields", ()))
    return listed(sorted({FIELDS[field] for field in named if field in FIELDS})) or _("your data")


_OTHER = _("Something about your account was written down{at}")
"""Of an event that an older or newer release knows: its name says nothing to people."""

SENTENCES: Mapping[str, str] = {
    Event.ACCOUNT_CREATED: _("Your account was created"),
    Event.ACCOUNT_DISABLED: _("Your account was disabled"),
    Event.ACCOUNT_ENABLED: _("Your account was enabled"),
    Event.ADDRESS_FAILS: _("Mail to your address came back"),
    Event.ACCOUNT_FROZEN: _(
        "Somebody who reads your mail said that a change was not yours. Changes are stopped"
    ),
    Event.ACCOUNT_THAWED: _("Changes to your account are possible again"),
    Event.ACCOUNT_RELEASED: _("Your account was reviewed and can be used"),
    Event.ACCOUNT_SIGNED_OUT: _("An operator signed you out everywhere"),
    Event.REGISTRATION_MAILED: _("A link to confirm your address was mailed to you"),
    Event.ACCOUNT_UPGRADED: _("You upgraded your account"),
    Event.REGISTRATION_COMPLETED: _("You registered"),
    Event.COURT_STAFF_ADDED: _("You were made a member of the staff{at}"),
    Event.COURT_STAFF_REMOVED: _("You are no longer a member of the staff{at}"),
    Event.SEARCH_SWITCHED_ON: _("Your case search became active"),
    Event.SEARCH_SWITCHED_OFF: _("Your case search became inactive"),
    Event.PASSWORD_CHANGED: _("Your password was changed"),
    Event.CONSENT_GIVEN: _("You allowed {client} to see your data"),
    Event.GRANTS_WITHDRAWN: _("You withdrew what {client} was allowed"),
    Event.REFRESH_TOKEN_REPLAYED: _("A used token of {client} came again, so it was signed out"),
    Event.CODE_REPLAYED: _("A used code of {client} came again, so it was signed out"),
    Event.ACCESS_DENIED: _("You did not go on to {client}"),
    Event.SIGN_IN_SUCCEEDED: _("You signed in{at}"),
    Event.SIGN_IN_REFUSED: _("A sign-in with your username failed{why}"),
    Event.CURRENT_PASSWORD_REFUSED: _("A change of password failed{why}"),
    Event.PASSWORD_CHANGE_PUT_OFF: _("You put off a change of password"),
    Event.FACTOR_ACCEPTED: _("You proved the sign-in with a second factor"),
    Event.FACTOR_REFUSED: _("The second step of a sign-in failed{why}"),
    Event.FACTOR_ADDED: _("You added a second factor ({what})"),
    Event.FACTOR_REMOVED: _("You removed a second factor ({what})"),
    Event.FACTOR_RESET_ASKED: _("The removal of your second factors was asked for"),
    Event.SPARE_DECLINED: _("You went on without recovery codes or another second factor"),
    Event.FACTOR_RESET_DONE: _("Your second factors were removed"),
    Event.FACTOR_RESET_STOPPED: _("The removal of your second factors was stopped{why}"),
    Event.FACTOR_RENAMED: _("You gave a second factor another name"),
    Event.FACTOR_PUT_OFF: _("You put off setting up a second factor"),
    Event.RECOVERY_CODE_USED: _("A recovery code was used"),
    Event.RECOVERY_CODES_MADE: _("You made new recovery codes"),
    Event.REDACTION_CONFIRMED: _("You confirmed the redaction rules"),
    Event.SESSION_ENDED: _("A session ended{why}"),
    Event.PROGRAM_SIGNED_IN: _("A program signed in with your password"),
    Event.PROGRAM_SIGNED_OUT: _("A program’s session ended{why}"),
    Event.PROGRAMS_ALLOWED: _("You allowed programs to sign in with your password"),
    Event.PROGRAMS_FORBIDDEN: _("You forbade programs to sign in with your password"),
    Event.RECOVERY_ASKED: _("Somebody asked for a link to choose a new password"),
    Event.RECOVERY_MAILED: _("A link to choose a new password was mailed to you"),
    Event.RECOVERY_STARTED: _("An operator had a link mailed to you to choose a new password"),
    Event.PASSWORD_RECOVERED: _("A new password was chosen by a mailed link"),
    Event.LINK_PROOF_ASKED: _("You asked for a mail to prove your filing login{at}"),
    Event.LINK_PROOF_MAILED: _("A link that proves your filing login was mailed{at}"),
    Event.LEGACY_LOGIN_SUSPECTED: _("Somebody went on guessing at your filing login{at}"),
    Event.LINK_PROVED: _("You proved that a filing login is yours{at}"),
    Event.LINK_REFUSED: _("Linking a filing login failed{at}"),
    Event.REGISTRATION_SUBMITTED: _("You sent the court your registration for e-filing{at}"),
    Event.REGISTRATION_REFUSED: _("Your registration for e-filing could not go on{at}"),
    Event.REGISTRATION_RETURNED: _("The court returned your registration for e-filing{at}"),
    Event.REGISTRATION_APPROVED: _("The court approved your registration for e-filing{at}"),
    Event.REGISTRATION_REJECTED: _("The court rejected your registration for e-filing{at}"),
    Event.REGISTRATION_LAPSED: _("Your registration for e-filing ended: it was not sent again{at}"),
    Event.REGISTRATION_WITHDRAWN: _("You withdrew your registration for e-filing{at}"),
    Event.RIGHT_GRANTED: _("The court gave you filing rights{at}"),
    Event.DOCUMENT_READ: _("The court read a document of your registration{at}"),
    Event.NOTICE_ADDRESS_ASKED: _("You asked that a court’s notices go to another address"),
    Event.NOTICE_ADDRESS_CHANGED: _("You changed where a court’s notices go"),
    Event.AGENT_NAMED: _("You named a filing agent{at}"),
    Event.AGENT_ACCEPTED: _("A filing agent accepted to file for an attorney or trustee{at}"),
    Event.AGENT_DECLINED: _("Filing for somebody as an agent was declined{at}"),
    Event.AGENT_BOUNDS_CHANGED: _("What a filing agent may do was changed{at}"),
    Event.AGENT_ENDED: _("A filing agency ended{at}"),
    Event.AGENT_CHOSEN: _("A filing agent began to act for an attorney or trustee{at}"),
    Event.AGENT_LINKED: _("An older pair of filer and filing agent was linked{at}"),
    Event.AGENTS_IMPORTED: _("Older pairs of filing agents were imported{at}"),
    Event.LINK_MADE: _("You linked a filing login{at}"),
    Event.LINK_PREPARED: _("You prepared the link of a filing login{at}"),
    Event.PREPARED_LINK_UNDONE: _("You undid the preparation of a filing login{at}"),
    Event.PREPARED_LINK_ENDED: _("The preparation of a filing login ended{at}"),
    Event.LOGIN_FOLDED: _("A further filing login of yours was proved or accepted{at}"),
    Event.LOGIN_UNFOLDED: _("A further filing login is yours no more{at}"),
    Event.FOLD_REJECTED: _("The court refused a further filing login{at}"),
    Event.LINK_UNDONE: _("You undid the link of a filing login{at}"),
    Event.LINK_ACCEPTED: _("The court accepted the link of a filing login{at}"),
    Event.LINK_REJECTED: _("The court refused the link of a filing login{at}"),
    Event.RIGHT_UNLINKED: _("The court ended your filing rights{at}"),
    Event.RIGHT_SUSPENDED: _("Your filing rights were suspended{at}"),
    Event.RIGHT_RESTORED: _("Your filing rights were restored{at}"),
    Event.RIGHT_CHANGED: _("Your filing rights were changed{at}"),
    Event.RIGHT_CERTIFIED: _("Your filing rights came into force with a certificate{at}"),
    Event.CERTIFICATE_RECORDED: _("The court recorded a training certificate of yours{at}"),
    Event.CERTIFICATE_WITHDRAWN: _("The court withdrew a training certificate of yours{at}"),
    Event.RIGHT_REFUSED: _("A change of your filing rights was refused{at}"),
    Event.DESK_SEARCHED: _("You looked for somebody at the court’s help desk{at}"),
    Event.REGISTRATION_ASSIGNED: _("A registration for e-filing was given to a colleague{at}"),
    Event.DESK_REFUSED: _("The court’s console refused you something{at}"),
    Event.STAFF_REQUEST_ASKED: _("You asked a colleague to confirm a request{at}"),
    Event.STAFF_REQUEST_CONFIRMED: _("A request of the staff was confirmed{at}"),
    Event.STAFF_REQUEST_WITHDRAWN: _("A request of the staff was withdrawn{at}"),
    Event.CERTIFICATES_IMPORTED: _("Training certificates were imported{at}"),
    Event.LEGACY_LOGINS_IMPORTED: _("Older logins were imported{at}"),
    Event.FIRM_INVITATION_ACCEPTED: _("You became a member of a firm"),
    Event.FIRM_INVITATION_DECLINED: _("You declined a firm’s invitation"),
    Event.FIRM_LEFT: _("You left a firm"),
    Event.FIRM_MEMBER_REMOVED: _("A firm removed you from its members"),
    Event.FIRM_MEMBERS_REMOVED: _("Members were removed"),
    Event.FIRM_MEMBER_CHANGED: _("Your firm put you into another cost center"),
    Event.FIRM_ADMINISTRATOR_ADDED: _("You became an administrator of a firm"),
    Event.FIRM_ADMINISTRATOR_REMOVED: _("You are no longer an administrator of a firm"),
    Event.FIRM_INVITED: _("An invitation was sent"),
    Event.FIRM_INVITED_MANY: _("Invitations were sent"),
    Event.FIRM_INVITED_AGAIN: _("An invitation was sent again"),
    Event.FIRM_INVITATION_WITHDRAWN: _("An invitation was withdrawn"),
    Event.FIRM_COST_CENTER_CHANGED: _("A cost center was changed"),
    Event.FIRM_CLIENT_CODES_CHANGED: _("The members’ rule for client codes was changed"),
    Event.FIRM_PROGRAMS_CHANGED: _("The members’ rule for programs was changed"),
    Event.FIRM_CLIENT_CHANGED: _("A program of the firm was changed"),
    Event.PROFILE_CHANGED: _("You changed {what}"),
    Event.USERNAME_CHANGED: _("You changed your username"),
    Event.EMAIL_CHANGE_ASKED: _("You asked for another e-mail address"),
    Event.EMAIL_CHANGED: _("Your e-mail address was changed"),
    "profile:email:restored": _("Your e-mail address was changed back from the old one"),
    Event.EMAIL_CHANGE_STOPPED: _("The change of your e-mail address was stopped from the old one"),
    Event.ACCOUNT_TAKEN_BACK: _("Your account was taken back, with a new password"),
}
"""What is said of each event; `at`, `client`, `why` and `what` stand for what it was about."""
_WHY: Mapping[str, str] = {
    "wrong_password": _(": the password was wrong"),
    "password_off": _(
        ": after too many wrong passwords yours counts only in browsers that you have used before"
    ),
    "programs_forbidden": _(": programs may not sign in to your account"),
    "no_code": _(": a program sent no code"),
    "wrong_totp": _(": the app’s code was wrong, or was used before"),
    "totp_clock": _(": the app’s code was of another time, so its clock may be wrong"),
    "wrong_recovery_code": _(": the recovery code was wrong, or was used before"),
    "no_such_code": _(": that was no code"),
    "changed_meanwhile": _(": your password was changed at the same moment"),
    "account_disabled": _(": your account is disabled"),
    "no_password": _(": your account has no password yet"),
    "signed_out": _(": you signed out"),
    "factor_used": _(": somebody signed in with one of them"),
    "stopped_by_mail": _(": somebody who reads your mail did it"),
    "ended_by_owner": _(": you ended it on your account’s page"),
    "replaced": _(": somebody else signed in with that browser"),
}
FIELDS: Mapping[str, str] = {
    **dict.fromkeys(("first_name", "middle_name", "last_name"), _("your name")),
    **dict.fromkeys(
        ("street", "city", "state", "postal_code", "county", "country"), _("your address")
    ),
    **dict.fromkeys(
        ("client_code_required", "client_code_pattern"), _("what sign-ins ask of client codes")
    ),
    "user_type": _("your user type"),
    "firm_name": _("the firm’s name"),
    "phone": _("your phone number"),
    "passkey": _("a passkey"),
    "app": _("an app"),
    "totp": _("an app"),
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
