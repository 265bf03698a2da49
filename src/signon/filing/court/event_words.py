"""What happened at a court in words for its staff, with the icon that stands beside them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from signon.audit.events import Event


class EventWords(NamedTuple):
    """An event in words; `tone` is that of the timeline: good, bad or none."""

    text: str
    glyph: str = "info"
    tone: str = ""


def told(event: str) -> EventWords:
    """An event by its name in the trail, which itself says nothing to people."""
    return _WORDS.get(event, EventWords("Something was written down"))


def reason(event: str, name: str | None, detail: Mapping[str, Any]) -> str:
    """Why something was refused, in words; empty when it was not, or there are none.

    Of a legacy login that was not proved, whether the court has it at all.
    """
    if event == Event.LINK_REFUSED and name == WRONG_LOGIN:
        return RIGHT_LOGIN if "legacy_login" in detail else UNKNOWN_LOGIN
    return REASONS.get(name or "", "")


WRONG_LOGIN = "wrong_login"
RIGHT_LOGIN = "The court has this login, but the password was wrong"
UNKNOWN_LOGIN = "The court has no such login"
_WORDS: Mapping[str, EventWords] = {
    Event.SIGN_IN_SUCCEEDED: EventWords("Signed in on the way to the court", "check", "good"),
    Event.SIGN_IN_REFUSED: EventWords("A sign-in on the way to the court failed", "warning", "bad"),
    Event.FACTOR_REFUSED: EventWords(
        "The password was right, the second factor was not", "warning", "bad"
    ),
    Event.CODE_REPLAYED: EventWords("Signed out: a code of the court’s program came twice", "lock"),
    Event.REFRESH_TOKEN_REPLAYED: EventWords(
        "Signed out: a token of the court’s program came twice", "lock"
    ),
    Event.RECOVERY_ASKED: EventWords("Password link mailed by the court’s desk", "mail"),
    Event.DESK_SEARCHED: EventWords("Somebody was looked for at this desk", "search"),
    Event.REDACTION_CONFIRMED: EventWords("Redaction rules confirmed", "shield"),
    Event.ACCESS_DENIED: EventWords("Turned back before going on to the court", "warning"),
    Event.SESSION_ENDED: EventWords("Signed out", "lock"),
    Event.LINK_PROOF_ASKED: EventWords("Mail that proves an old login asked for", "mail"),
    Event.LINK_PROOF_MAILED: EventWords(
        "Proof of an old login mailed to the address on file", "mail"
    ),
    Event.LINK_PROVED: EventWords("Old login proved", "link"),
    Event.LINK_REFUSED: EventWords("Linking an old login failed", "warning", "bad"),
    Event.LINK_MADE: EventWords("Old login linked", "link", "good"),
    Event.LINK_PREPARED: EventWords("Link of an old login prepared", "link", "good"),
    Event.PREPARED_LINK_UNDONE: EventWords("Prepared link undone by the filer", "unlink"),
    Event.PREPARED_LINK_ENDED: EventWords("Prepared link ended", "unlink", "bad"),
    Event.WAVE_PLANNED: EventWords("Wave of reminders planned", "mail"),
    Event.WAVE_CHANGED: EventWords("Planned wave of reminders changed", "mail"),
    Event.WAVE_REMOVED: EventWords("Planned wave of reminders taken away", "mail"),
    Event.WAVE_TRIED: EventWords("Wave of reminders mailed as a trial", "mail"),
    Event.WAVE_BEGUN: EventWords("Wave of reminders goes out", "mail"),
    Event.WAVE_STOPPED: EventWords("Wave of reminders stopped", "stop", "bad"),
    Event.WAVE_SENT: EventWords("Wave of reminders sent", "mail", "good"),
    Event.REMINDERS_ENDED: EventWords("An address wants no more reminders", "mail"),
    Event.LOGIN_FOLDED: EventWords("A further old login proved", "link"),
    Event.LOGIN_UNFOLDED: EventWords("A further old login taken back by the filer", "unlink"),
    Event.FOLD_REJECTED: EventWords("A further old login refused", "unlink", "bad"),
    Event.NOTICE_ADDRESS_ASKED: EventWords("Address for notices asked for by the filer", "mail"),
    Event.NOTICE_ADDRESS_CHANGED: EventWords("Address for notices changed by the filer", "mail"),
    Event.LINK_UNDONE: EventWords("Link undone by the filer", "unlink"),
    Event.LINK_ACCEPTED: EventWords("Link under another name accepted", "check", "good"),
    Event.LINK_REJECTED: EventWords("Link under another name refused", "unlink", "bad"),
    Event.LEGACY_LOGIN_SUSPECTED: EventWords("An old login may be the applicant’s", "warning"),
    Event.LEGACY_LOGINS_IMPORTED: EventWords("Old logins loaded", "upload"),
    Event.RIGHT_GRANTED: EventWords("Filing rights given", "check", "good"),
    Event.RIGHT_CHANGED: EventWords("Roles, cases or conditions changed"),
    Event.RIGHT_SUSPENDED: EventWords("Filing rights suspended", "stop", "bad"),
    Event.RIGHT_RESTORED: EventWords("Filing rights restored", "check", "good"),
    Event.RIGHT_CERTIFIED: EventWords("Filing rights in force with a certificate", "check", "good"),
    Event.RIGHT_UNLINKED: EventWords("Filing rights ended", "unlink", "bad"),
    Event.RIGHT_REFUSED: EventWords("Undoing a link refused", "warning"),
    Event.CERTIFICATE_RECORDED: EventWords("Certificate recorded", "shield", "good"),
    Event.CERTIFICATE_WITHDRAWN: EventWords("Certificate withdrawn", "shield", "bad"),
    Event.CERTIFICATES_IMPORTED: EventWords("Certificates recorded from a list", "upload"),
    Event.REGISTRATION_ASSIGNED: EventWords(
        "Registration given to somebody of the staff", "person"
    ),
    Event.REGISTRATION_SUBMITTED: EventWords("Registration for e-filing sent", "upload"),
    Event.REGISTRATION_REFUSED: EventWords("Registration for e-filing not possible", "warning"),
    Event.REGISTRATION_RETURNED: EventWords("Registration returned for correction", "arrow"),
    Event.REGISTRATION_APPROVED: EventWords("Registration approved", "check", "good"),
    Event.REGISTRATION_REJECTED: EventWords("Registration rejected", "stop", "bad"),
    Event.REGISTRATION_WITHDRAWN: EventWords("Registration withdrawn by the applicant", "unlink"),
    Event.REGISTRATION_LAPSED: EventWords("Returned registration not sent again in time", "clock"),
    Event.DOCUMENT_READ: EventWords("Document of a registration opened", "download"),
    Event.AGENT_NAMED: EventWords("Filing agent named", "person"),
    Event.AGENT_ACCEPTED: EventWords("Filing agency accepted", "check", "good"),
    Event.AGENT_DECLINED: EventWords("Filing agency declined", "unlink"),
    Event.AGENT_BOUNDS_CHANGED: EventWords("Bounds of a filing agent changed"),
    Event.AGENT_ENDED: EventWords("Filing agency ended", "unlink", "bad"),
    Event.AGENT_CHOSEN: EventWords("Filing agent began to act for somebody", "person"),
    Event.AGENT_LINKED: EventWords("Both sides of an older pair are linked", "link", "good"),
    Event.AGENTS_IMPORTED: EventWords("Older pairs of filing agents loaded", "upload"),
    Event.DESK_REFUSED: EventWords("An act at this desk was refused", "warning", "bad"),
    Event.STAFF_REQUEST_ASKED: EventWords("A second member of the staff asked to confirm", "clock"),
    Event.STAFF_REQUEST_CONFIRMED: EventWords("Confirmed by a second member of the staff", "check"),
    Event.STAFF_REQUEST_WITHDRAWN: EventWords("Request to a second member withdrawn", "unlink"),
    Event.COURT_CHANGED: EventWords("Court’s policy or settings changed"),
    Event.COURT_REHEARSED: EventWords("Rehearsal filled with invented people", "upload"),
    Event.CLIENT_INVITED: EventWords("A program of the court was invited to register", "key"),
    Event.CLIENT_INVITATION_WITHDRAWN: EventWords("Invitation of a program withdrawn", "unlink"),
    Event.CLIENT_REGISTERED_ITSELF: EventWords("A program of the court registered itself", "key"),
    Event.COURT_STAFF_ADDED: EventWords("Role of the staff given", "person"),
    Event.COURT_STAFF_REMOVED: EventWords("Role of the staff taken away", "person"),
}
REASONS: Mapping[str, str] = {
    "account_of_a_rehearsal": "The account is for a rehearsal",
    "account_not_individual": "Only individual accounts hold filing rights",
    "account_not_upgraded": "The account is not upgraded",
    "already_has_rights": "There are filing rights already",
    "already_linked": "The account has a login here already",
    "beyond_court": "It is the operators’ to give",
    "invitation_used": "A program has registered itself with it",
    "already_recorded": "It is recorded already",
    "already_suspended": "They are suspended already",
    "already_prepared": "The account has prepared a login here already",
    "asker_may_not": "Whoever asked for it may no more",
    "certificate_missing": "No valid certificate",
    "certificate_withdrawn": "It was withdrawn already",
    "certification": "No valid certificate",
    "changed_meanwhile": "Something changed meanwhile",
    "changed_since_asked": "Something changed since it was asked for",
    "court_not_live": "The court was not live",
    "decided_meanwhile": "Somebody else was first",
    "frozen": "Changes to the account are stopped",
    "half_gone": "The sign-in took too long",
    "last_administrator": "It is the last administrator",
    "link_of_another_account": "The link was asked for by another account",
    "login_changed": "The court changed the login meanwhile",
    "login_disabled": "The court’s list has the login as disabled",
    "login_imported_by_self": "It was imported by the same person",
    "login_locked": "The court’s list has the login as locked",
    "login_prepared": "Another account has prepared the login",
    "login_taken": "The login belongs to another account",
    "more_than_held": "The role can do more than the own one",
    "no_address_on_file": "The court has no address for it",
    "no_such_code": "It was no code of the account",
    "not_permitted": "The role does not permit it",
    "not_recoverable": "The account gets no link as it is",
    "not_suspended": "They are not suspended",
    "not_waiting_for_review": "It does not wait for a look",
    "own_account": "It is the own account",
    "own_registration": "It is the own registration",
    "password_off": "The password counts only in browsers used before",
    "proof_expired": "The page was open for too long",
    "registration_closed": "The court does not take such registrations",
    "registration_pending": "A registration waits for the court",
    "rights_would_shrink": "Filers would have lost rights",
    "sign_in_again": "The sign-in was too old",
    "too_many_attempts": "There were too many wrong tries",
    "too_many_proofs_asked": "Many mails were asked for",
    "undo_too_late": "It was too late",
    "account_disabled": "The account is disabled",
    "account_held": "The account waits for its review",
    WRONG_LOGIN: "The login or its password was wrong",
    "no_mailbox": "There was no mailbox to send it to",
    "wave_begun": "The wave had begun",
    "wave_not_under_way": "The wave was not under way",
    "wave_passed": "The wave’s day had gone by",
    "wave_planned": "There is a wave for that day",
    "wrong_password": "The password was wrong",
    "wrong_recovery_code": "The recovery code was wrong",
    "totp_clock": "The code of the app was of another time: the phone’s clock is off",
    "wrong_totp": "The code of the app was wrong, or was used before",
}
"""A reason that is not here is not shown: its name says nothing to people."""
