"""An account's history and its sign-ins in sentences, for operators; nothing raw is shown."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from signon.accounts.history import Change
from signon.accounts.places import country_name
from signon.audit.activity import Happened
from signon.audit.events import Event
from signon.courts.registry import Court
from signon.filing.registrations.registrations import WORDS as STATES
from signon.filing.registrations.registrations import State
from signon.profile import disputes
from signon.web.browsers import name_of
from signon.web.dates import day_in_words

Courts = Mapping[str, Court]
Told = tuple[str, str, str]
"""An icon, a tone and a sentence, as `ui.timeline` takes them."""

KINDS = {
    "individual": "Individual account",
    "shared": "Shared account",
    "firm": "Firm",
    "operator": "Operator of this service",
}
STATUSES = {
    "active": ("good", "Active"),
    "held": ("wait", "On review hold"),
    "disabled": ("bad", "Disabled"),
}
SEARCH = {"active": ("good", "Case search active"), "inactive": ("warn", "Case search inactive")}
FIELDS = {
    "first_name": "first name",
    "middle_name": "middle name",
    "last_name": "last name",
    "generation": "generation",
    "street": "street",
    "city": "city",
    "state": "state",
    "postal_code": "ZIP code",
    "county": "county",
    "country": "country",
    "phone": "phone",
    "username": "username",
    "email": "e-mail address",
}
TRIES = {
    Event.SIGN_IN_SUCCEEDED: "Password right",
    Event.SIGN_IN_REFUSED: "Sign-in refused",
    Event.FACTOR_ACCEPTED: "Second factor right",
    Event.FACTOR_REFUSED: "Second factor refused",
    Event.RECOVERY_CODE_USED: "Used a recovery code",
    Event.PASSWORD_RECOVERED: "Chose a new password by mail",
}
WHY = {
    "wrong_password": "Wrong password",
    "password_off": "Password did not count: too many wrong ones",
    "wrong_totp": "Wrong code of the app, or one used before",
    "totp_clock": "The app’s code of another time: its clock may be wrong",
    "wrong_recovery_code": "Wrong recovery code, or one used before",
    "no_such_code": "Typed something that is no code",
    "changed_meanwhile": "Password was changed at that moment",
    "account_disabled": "Refused: the account is disabled",
    "no_password": "Refused: the account has no password yet",
}


def tried(happened: Sequence[Happened], courts: Courts) -> list[tuple[datetime, str, str, str]]:
    """The sign-ins among what happened: when, what, at which court, from where."""
    return [
        (
            one.at,
            WHY.get(one.reason or "") or TRIES[Event(one.event)],
            courts[one.court_id].name
            if one.court_id and one.court_id in courts
            else "This service",
            ", ".join(part for part in (name_of(one.user_agent), one.address) if part)
            or "Not known any more",
        )
        for one in happened
        if one.event in TRIES
    ]


def told(change: Change, courts: Courts) -> Told:
    """A change as a line of the timeline."""
    known = _SENTENCES.get(change.subject)
    return known(change, courts) if known else ("info", "", f"{_base(change)}.")


def _base(change: Change) -> str:
    return disputes.WORDS.get(change.subject, "The account was changed")


def _email(change: Change, _courts: Courts) -> Told:
    after = change.after.get("email")
    return "mail", "", f"The e-mail address was changed to {after}."


def _email_asked(change: Change, _courts: Courts) -> Told:
    return "mail", "", f"The e-mail address {change.after.get('wanted')} was asked for."


def _fields(glyph: str) -> Callable[[Change, Courts], Told]:
    """The values that are there now, by name."""

    def said(change: Change, _courts: Courts) -> Told:
        values = [f"{FIELDS[name]} {value}" for name, value in _named(change.after) if value]
        gone = [f"no {FIELDS[name]}" for name, value in _named(change.after) if not value]
        listed = ", ".join([*values, *gone])
        return glyph, "", f"{_base(change)}: {listed}." if listed else f"{_base(change)}."

    return said


def _named(values: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        (name, country_name(value) if name == "country" else value)
        for name, value in values.items()
        if name in FIELDS
    ]


def _client_code(change: Change, _courts: Courts) -> Told:
    rule = ""
    if "client_code_required" in change.after:
        is_needed = change.after["client_code_required"]
        rule = ": every sign-in needs one" if is_needed else ": none is needed"
    return "info", "", f"{_base(change)}{rule}."


def _password(_change: Change, _courts: Courts) -> Told:
    return "key", "", "The password was changed."


def _factor(change: Change, _courts: Courts) -> Told:
    what = {"app": "authenticator app", "totp": "authenticator app", "passkey": "passkey"}
    for values, verb in ((change.after, "added"), (change.before, "removed")):
        for name, label in what.items():
            if name in values:
                return "phone", "", f"The {label} “{values[name]}” was {verb}."
    if "recovery_codes" in change.after:
        return "phone", "", "New recovery codes were made."
    return "phone", "", "Second factors were changed."


def _factor_reset(change: Change, _courts: Courts) -> Told:
    if "factors" in change.before:
        return "phone", "bad", "All second factors were removed."
    if change.after:
        return "phone", "bad", "The removal of all second factors was asked for."
    return "phone", "good", "The removal of the second factors was stopped."


def _link(change: Change, courts: Courts) -> Told:
    court = _court(change.after or change.before, courts)
    if change.after:
        return "link", "good", f"Filing rights were linked at the {court}."
    return "unlink", "", f"The link at the {court} was undone."


def _fold(change: Change, courts: Courts) -> Told:
    court = _court(change.after or change.before, courts)
    if change.after:
        return "link", "good", f"A further old login was added to the filing rights at the {court}."
    return "unlink", "", f"A further old login was taken back at the {court}."


def _registration(change: Change, courts: Courts) -> Told:
    state = STATES[State(change.after["state"])]
    return "court", "", f"Registration for e-filing at the {_court(change.after, courts)}: {state}."


def _court(values: Mapping[str, Any], courts: Courts) -> str:
    found = courts.get(str(values.get("court", "")))
    return found.name if found else "court"


def _consent(change: Change, _courts: Courts) -> Told:
    given = change.after.get("scopes")
    return "external", "", f"{_base(change)}." if given else "An application’s access ended."


def _firm(change: Change, _courts: Courts) -> Told:
    payer = str(change.after.get("billing_account", ""))
    if payer.isdigit():
        return "firm", "", f"Searches are billed to account {payer} from then on."
    return "firm", "", "Membership in a firm ended; searches are billed to the account itself."


def _freeze(_change: Change, _courts: Courts) -> Told:
    return "stop", "bad", "Somebody followed the link “This was not me”: changes were stopped."


def _stood_by(_change: Change, _courts: Courts) -> Told:
    return "check", "good", "The holder confirmed the change that had been disowned."


def _dispute(_change: Change, _courts: Courts) -> Told:
    return "shield", "bad", "The account was taken back from whoever had changed it."


def _upgrade(_change: Change, _courts: Courts) -> Told:
    return "arrow", "good", "The account was upgraded."


def _status(change: Change, _courts: Courts) -> Told:
    reason = change.after.get("reason")
    match change.after.get("status"):
        case "disabled":
            return "stop", "bad", _ended("The account was disabled", reason)
        case "active" if change.before.get("status") == "held":
            return "check", "good", "The review hold was ended."
        case _:
            return "check", "good", "The account was enabled."


def _search(change: Change, _courts: Courts) -> Told:
    if change.after.get("search_status") == "active":
        return "search", "good", "Case search was made active."
    return "search", "bad", _ended("Case search was made inactive", change.after.get("reason"))


def _ended(sentence: str, reason: str | None) -> str:
    """With its reason, which somebody typed with a period or without."""
    return f"{sentence}: {reason.rstrip('.')}." if reason else f"{sentence}."


_SENTENCES: Mapping[str, Callable[[Change, Courts], Told]] = {
    "email": _email,
    "email_asked": _email_asked,
    "username": _fields("person"),
    "name": _fields("person"),
    "address": _fields("mail"),
    "phone": _fields("phone"),
    "client_code": _client_code,
    "password": _password,
    "factor": _factor,
    "factor_reset": _factor_reset,
    "link": _link,
    "fold": _fold,
    "registration": _registration,
    "consent": _consent,
    "firm": _firm,
    "freeze": _freeze,
    "stood_by": _stood_by,
    "dispute": _dispute,
    "upgrade": _upgrade,
    "status": _status,
    "search_status": _search,
}


def holder(facts: Mapping[str, Any]) -> str:
    """The person's or firm's name, else the username."""
    names = (facts["first_name"], facts["middle_name"], facts["last_name"])
    person = " ".join(name for name in names if name)
    return person or facts["firm_name"] or facts["username"]


def about(facts: Mapping[str, Any]) -> str:
    """The line below the name."""
    kind = KINDS[facts["kind"]]
    if facts["upgraded_at"]:
        kind = f"{kind}, upgraded"
    return f"Account {facts['account_number']}. {kind}, since {day_in_words(facts['created_on'])}."
