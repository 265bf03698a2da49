"""Values for every field of every message, and what stands in a mail's two parts, word for word."""

from collections.abc import Mapping
from dataclasses import fields
from email.message import EmailMessage
from html.parser import HTMLParser
from typing import Any

from signon.notices.message import Envelope, compose, kinds

OURS = "https://signon.example"
VALUES: Mapping[str, Any] = {
    "account_number": "1234567",
    "account_url": f"{OURS}/operators/accounts/1234567",
    "accounts": [
        ["ada.lovelace", "1234567", f"{OURS}/password?token={'t' * 43}", ""],
        ["ada2", "7654321", "", "This account is disabled."],
    ],
    "address": "203.0.113.9",
    "agree_url": f"{OURS}/account/email/agree?token={'a' * 43}",
    "asker": "1234567",
    "attempts": 10,
    "because": "You can file at a court now.",
    "blocks_all": False,
    "is_own": False,
    "browser": "Firefox on Windows",
    "change": "The password was changed.",
    "changed_at": "Mar 2, 2026, 3:00 PM UTC",
    "closing": ["Training is offered on Fridays."],
    "code": "123456",
    "confirm_url": f"{OURS}/account/email/confirm?token={'c' * 43}",
    "contact": "Weekdays 9 to 5.",
    "works_url": f"{OURS}/account/email/works?token={'w' * 43}",
    "court": "United States Bankruptcy Court for the Southern District of California",
    "court_id": "casb",
    "court_says": ["Your bar number cannot be read.", "", "Send it again."],
    "court_url": "https://ecf.casb.uscourts.gov",
    "day": "Mar 2, 2026",
    "is_moved": 1,
    "doing": "add an authenticator app",
    "due_at": "Mar 5, 2026, 3:00 PM UTC",
    "expires_on": "Mar 20, 2026",
    "factors_url": f"{OURS}/account/factors",
    "facts": ["You asked for: Attorney", "Case: 2:26-cv-04417"],
    "firm_number": "7654321",
    "forgot_password_url": f"{OURS}/forgot-password",
    "forgot_username_url": f"{OURS}/forgot-username",
    "further": 3,
    "guesses": 20,
    "headline": "The court returned your registration",
    "help_desk": "the court’s help desk, +1 619 555 0100, help@casb.uscourts.gov",
    "hours": 72,
    "invitation_url": f"{OURS}/invitation?token={'i' * 43}",
    "is_held": 1,
    "is_prepared": 0,
    "kind": "member",
    "knows_password": 0,
    "linked_at": "Mar 2, 2026, 7:00 AM PST",
    "login": "alovelace",
    "login_url": f"{OURS}/login",
    "logins": [
        ["alovelace", "Ada Lovelace", f"{OURS}/courts/casb/link/proof?token={'p' * 43}", ""],
        ["ada2", "Ada King", "", "It is linked already."],
    ],
    "may_exist": 1,
    "minutes": 30,
    "new_email": "a**@e******.com",
    "next_step": "Call the court’s help desk.",
    "not_me_url": f"{OURS}/account/not-me?token={'n' * 43}",
    "note": "Your searches are billed to the firm.",
    "old_username": "alovelace",
    "opening": ["Our help desk is open from 8 to 6.", "Call us before you are in a hurry."],
    "people": ["1234567", "7654321"],
    "reason": "The bar’s letter of Mar 1, 2026.",
    "remark": "Welcome.",
    "role": "Attorney",
    "roles": ["Attorney", "Trustee"],
    "signed_in_at": "Mar 2, 2026, 3:00 PM UTC",
    "since": "Mar 2, 2026",
    "skips_left": 2,
    "status_url": f"{OURS}/courts/casb/register/status",
    "stop_url": f"{OURS}/account/factors/stop?token={'s' * 43}",
    "token": "w" * 43,
    "training_url": "https://www.casb.uscourts.gov/training",
    "undo_until": "Mar 3, 2026, 7:00 AM PST",
    "url": f"{OURS}/password?token={'u' * 43}",
    "username": "ada.lovelace",
    "waits_for_review": 0,
    "what": "Your filing rights are suspended.",
    "what_next": "Mend it and send it again.",
}
OTHERWISE: Mapping[str, Any] = {
    "closing": [],
    "is_prepared": 1,
    "opening": [],
    "accounts": [["ada.lovelace", "1234567", f"{OURS}/password?token={'t' * 43}", ""]],
    "asker": "",
    "contact": "",
    "court_says": [],
    "facts": [],
    "further": 0,
    "is_held": 0,
    "kind": "prepared",
    "knows_password": 1,
    "logins": [["ada", "Ada King", f"{OURS}/courts/casb/link/proof?token={'p' * 43}", ""]],
    "may_exist": 0,
    "next_step": "",
    "not_me_url": "",
    "note": "",
    "reason": "",
    "remark": "",
    "roles": ["Attorney"],
    "skips_left": 0,
    "is_own": True,
    "training_url": "",
    "waits_for_review": 1,
}
"""The other case of whatever has two."""
UNSAID = {
    "login_attempts": {"account_number"},
    "staff_request": {"court_id"},
}
"""What a mail of `VALUES` does not tell in words, beside a choice and an address's part."""


def composed(name: str, envelope: Envelope, changes: Mapping[str, Any]) -> EmailMessage:
    """The mail of that name."""
    return compose(kinds()[name], values_of(name, changes), envelope)


def facts(name: str) -> list[str]:
    """Every text that such a mail was given and has to tell."""
    silent = {"kind", "court_id", *UNSAID.get(name, ())}
    given = {key: value for key, value in values_of(name, {}).items() if key not in silent}
    return [text for value in given.values() for text in _texts(value)]


def words_of_text(text: str) -> list[str]:
    """The words above the foot, without what only sets them apart."""
    return _words(text.partition("\n--\n")[0])


def words_of_html(html: str) -> list[str]:
    """The same of the HTML part; a link's address follows its words."""
    reader = _Reader()
    reader.feed(html.partition("<h1>")[2].partition('<tr class="end">')[0])
    return _words(" ".join(reader.found))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._address = ""

    def handle_data(self, data: str) -> None:
        glued = self.found and data[:1] in {".", ",", ";", ":"}
        self.found[-1:] = [self.found[-1] + data] if glued else [*self.found[-1:], data]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "a":
            self._address = dict(attrs)["href"] or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self.found.append(self._address)


def _words(text: str) -> list[str]:
    return [word for one in text.split() if (word := one.removesuffix(":")) not in {"-", ""}]


def values_of(name: str, changes: Mapping[str, Any] = {}) -> dict[str, Any]:
    """What a mail of that name is made of."""
    given = {**VALUES, **changes}
    values = {one.name: given[one.name] for one in fields(kinds()[name])}
    if name == "usernames":
        values["accounts"] = [[user, number, note] for user, number, _, note in values["accounts"]]
    return values


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [text for one in value for text in _texts(one)]
    return [" ".join(_words(value))] if isinstance(value, str) and value else []
