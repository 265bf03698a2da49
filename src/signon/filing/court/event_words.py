"""What happened at a court in words for its staff, with the icon that stands beside them."""

from collections.abc import Mapping
from typing import NamedTuple

from signon.audit.events import Event


class EventWords(NamedTuple):
    """An event in words; `tone` is that of the timeline: good, bad or none."""

    text: str
    glyph: str = "info"
    tone: str = ""


def told(event: str) -> EventWords:
    """An event by its name in the trail; one without words of its own says what was done to what."""
    _, subject, verb = event.split(":")
    other = f"{subject.replace('_', ' ').capitalize()} {verb.replace('_', ' ')}"
    return _WORDS.get(event, EventWords(other))


def reason(name: str | None) -> str:
    """A stable reason in words; empty when there is none."""
    return _REASONS.get(name or "", (name or "").replace("_", " ").capitalize())


_WORDS: Mapping[str, EventWords] = {
    Event.SIGN_IN_SUCCEEDED: EventWords("Signed in on the way to the court", "check", "good"),
    Event.SIGN_IN_REFUSED: EventWords("A sign-in on the way to the court failed", "warning", "bad"),
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
    Event.LOGIN_FOLDED: EventWords("A further old login proved", "link"),
    Event.FOLD_REJECTED: EventWords("A further old login refused", "unlink", "bad"),
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
    Event.REGISTRATION_SUBMITTED: EventWords("Registration for e-filing sent", "upload"),
    Event.REGISTRATION_REFUSED: EventWords("Registration for e-filing not possible", "warning"),
    Event.REGISTRATION_RETURNED: EventWords("Registration returned for correction", "arrow"),
    Event.REGISTRATION_APPROVED: EventWords("Registration approved", "check", "good"),
    Event.REGISTRATION_REJECTED: EventWords("Registration rejected", "stop", "bad"),
    Event.REGISTRATION_WITHDRAWN: EventWords("Registration withdrawn by the applicant", "unlink"),
    Event.DOCUMENT_READ: EventWords("Document of a registration opened", "download"),
    Event.DESK_REFUSED: EventWords("An act at this desk was refused", "warning", "bad"),
    Event.STAFF_REQUEST_ASKED: EventWords("A second member of the staff asked to confirm", "clock"),
    Event.STAFF_REQUEST_CONFIRMED: EventWords("Confirmed by a second member of the staff", "check"),
    Event.STAFF_REQUEST_WITHDRAWN: EventWords("Request to a second member withdrawn", "unlink"),
    Event.COURT_CHANGED: EventWords("Court’s policy or settings changed"),
    Event.COURT_STAFF_ADDED: EventWords("Role of the staff given", "person"),
    Event.COURT_STAFF_REMOVED: EventWords("Role of the staff taken away", "person"),
}
_REASONS: Mapping[str, str] = {
    "certification": "No valid certificate",
    "decided_meanwhile": "Somebody else was first",
    "not_permitted": "The role does not permit it",
    "own_account": "It is the own account",
    "own_registration": "It is the own registration",
}
