"""What happened at a court in words for its staff, with the icon that stands beside them."""

from collections.abc import Mapping
from typing import NamedTuple

from signon.audit.events import Event


class Told(NamedTuple):
    """An event in words; `tone` is that of the timeline: good, bad or none."""

    text: str
    glyph: str = "info"
    tone: str = ""


def told(event: str) -> Told:
    """An event by its name in the trail; one without words of its own says what was done to what."""
    _, subject, verb = event.split(":")
    other = f"{subject.replace('_', ' ').capitalize()} {verb.replace('_', ' ')}"
    return _WORDS.get(event, Told(other))


def reason(name: str | None) -> str:
    """A stable reason in words; empty when there is none."""
    return _REASONS.get(name or "", (name or "").replace("_", " ").capitalize())


_WORDS: Mapping[str, Told] = {
    Event.SIGN_IN_SUCCEEDED: Told("Signed in on the way to the court", "check", "good"),
    Event.SIGN_IN_REFUSED: Told("A sign-in on the way to the court failed", "warning", "bad"),
    Event.REDACTION_CONFIRMED: Told("Redaction rules confirmed", "shield"),
    Event.ACCESS_DENIED: Told("Turned back before going on to the court", "warning"),
    Event.SESSION_ENDED: Told("Signed out", "lock"),
    Event.LINK_PROOF_ASKED: Told("Mail that proves an old login asked for", "mail"),
    Event.LINK_PROOF_MAILED: Told("Proof of an old login mailed to the address on file", "mail"),
    Event.LINK_PROVED: Told("Old login proved", "link"),
    Event.LINK_REFUSED: Told("Linking an old login failed", "warning", "bad"),
    Event.LINK_MADE: Told("Old login linked", "link", "good"),
    Event.LINK_UNDONE: Told("Link undone by the filer", "unlink"),
    Event.LINK_ACCEPTED: Told("Link under another name accepted", "check", "good"),
    Event.LINK_REJECTED: Told("Link under another name refused", "unlink", "bad"),
    Event.LEGACY_LOGIN_SUSPECTED: Told("An old login may be the applicant’s", "warning"),
    Event.LEGACY_LOGINS_IMPORTED: Told("Old logins loaded", "upload"),
    Event.RIGHT_GRANTED: Told("Filing rights given", "check", "good"),
    Event.RIGHT_CHANGED: Told("Roles, cases or conditions changed"),
    Event.RIGHT_SUSPENDED: Told("Filing rights suspended", "stop", "bad"),
    Event.RIGHT_RESTORED: Told("Filing rights restored", "check", "good"),
    Event.RIGHT_CERTIFIED: Told("Filing rights in force with a certificate", "check", "good"),
    Event.RIGHT_UNLINKED: Told("Filing rights ended", "unlink", "bad"),
    Event.RIGHT_REFUSED: Told("Undoing a link refused", "warning"),
    Event.CERTIFICATE_RECORDED: Told("Certificate recorded", "shield", "good"),
    Event.CERTIFICATE_WITHDRAWN: Told("Certificate withdrawn", "shield", "bad"),
    Event.CERTIFICATES_IMPORTED: Told("Certificates recorded from a list", "upload"),
    Event.REGISTRATION_SUBMITTED: Told("Registration for e-filing sent", "upload"),
    Event.REGISTRATION_REFUSED: Told("Registration for e-filing not possible", "warning"),
    Event.REGISTRATION_RETURNED: Told("Registration returned for correction", "arrow"),
    Event.REGISTRATION_APPROVED: Told("Registration approved", "check", "good"),
    Event.REGISTRATION_REJECTED: Told("Registration rejected", "stop", "bad"),
    Event.REGISTRATION_WITHDRAWN: Told("Registration withdrawn by the applicant", "unlink"),
    Event.DOCUMENT_READ: Told("Document of a registration opened", "download"),
    Event.DESK_REFUSED: Told("An act at this desk was refused", "warning", "bad"),
    Event.STAFF_REQUEST_ASKED: Told("A second member of the staff asked to confirm", "clock"),
    Event.STAFF_REQUEST_CONFIRMED: Told("Confirmed by a second member of the staff", "check"),
    Event.STAFF_REQUEST_WITHDRAWN: Told("Request to a second member withdrawn", "unlink"),
    Event.COURT_CHANGED: Told("Court’s policy or settings changed"),
    Event.COURT_STAFF_ADDED: Told("Role of the staff given", "person"),
    Event.COURT_STAFF_REMOVED: Told("Role of the staff taken away", "person"),
}
_REASONS: Mapping[str, str] = {
    "certification": "No valid certificate",
    "decided_meanwhile": "Somebody else was first",
    "not_permitted": "The role does not permit it",
    "own_account": "It is the own account",
    "own_registration": "It is the own registration",
}
