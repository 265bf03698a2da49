"""What a court says about itself beside its place in the registry."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from signon.courts import addresses
from signon.errors import InputError

_PHONE = re.compile(r"([+(]?[0-9][0-9 ().-]{5,24}[0-9])(?: *(?:ext\.?|x) *([0-9]{1,6}))?")

_LIST = re.compile(r"[a-z_]+(?: *, *[a-z_]+)*")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f]")
LONGEST_TEXT = 1000


@dataclass(frozen=True, slots=True)
class Policy:
    """A court's own settings; None where it has said nothing.

    `reset_url` is where a forgotten password of the court's own, older login is reset;
    `epoc_url` takes electronic proofs of claim, which need no login. `redaction_notice` of `off`
    leaves the notice to the court's own pages; `sign_in_level` of `aal2` asks everybody who comes
    from this court for a second factor.

    What concerns filing rights is read by `filing.court.court_policy`, which knows the roles: `roles`
    and `registrations` that the court offers, `training` of the roles that need a certificate
    (each a list separated by commas, or `none`), `name_mismatch` of `link` or `review` when an
    account and a legacy login bear different names. `contact_text` stands where people register
    and in the mails about it. `second_staff` of `on` wants two members of staff for some acts
    (`filing.court.second_member`).
    """

    help_email: str | None = None
    help_phone: str | None = None
    training_url: str | None = None
    epoc_url: str | None = None
    reset_url: str | None = None
    redaction_notice: str | None = None
    sign_in_level: str | None = None
    roles: str | None = None
    registrations: str | None = None
    training: str | None = None
    name_mismatch: str | None = None
    contact_text: str | None = None
    second_staff: str | None = None

    @property
    def help_phone_link(self) -> str | None:
        """The help desk's number as a `tel:` address (RFC 3966)."""
        found = _PHONE.fullmatch(self.help_phone or "")
        if not found:
            return None
        digits = re.sub(r"[^0-9+]", "", found[1])
        return f"tel:{digits};ext={found[2]}" if found[2] else f"tel:{digits}"


NOTHING_SAID = Policy()
NAMES: tuple[str, ...] = Policy.__slots__


def read(stored: Mapping[str, Any]) -> Policy:
    """The policy in a court's row; keys of a newer release are left alone."""
    return Policy(**{name: stored[name] for name in NAMES if name in stored})


def changed(stored: Mapping[str, Any], values: Mapping[str, str]) -> dict[str, Any]:
    """The row's policy with `values` put in; an empty text takes a value away.

    Raises InputError for a value that is not fit for the public list.
    """
    merged = dict(stored)
    for name, text in values.items():
        if not text.strip():
            merged.pop(name, None)
            continue
        merged[name] = text.strip()
        if wrong := _CHECKS[name](merged[name]):
            raise InputError(f"{name.replace('_', '-')} {wrong}.", field=name)
    return merged


def _email_problem(text: str) -> str | None:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(text, check_deliverability=False)
    except EmailNotValidError:
        return "must be an e-mail address, such as help@casb.uscourts.gov"
    return None


def _phone_problem(text: str) -> str | None:
    if _PHONE.fullmatch(text):
        return None
    return "must be a phone number, such as 619-555-0100 or +1 619 555 0100 ext. 4"


def _one_of(*values: str) -> Callable[[str], str | None]:
    def problem(text: str) -> str | None:
        return None if text in values else f"must be {' or '.join(values)}"

    return problem


def _list_problem(text: str) -> str | None:
    return None if _LIST.fullmatch(text) else "must be names separated by commas, or none"


def _text_problem(text: str) -> str | None:
    if len(text) > LONGEST_TEXT or _CONTROL.search(text):
        return f"must be plain text of at most {LONGEST_TEXT} characters"
    return None


_CHECKS: Mapping[str, Callable[[str], str | None]] = {
    "help_email": _email_problem,
    "help_phone": _phone_problem,
    "training_url": addresses.problem,
    "epoc_url": addresses.problem,
    "reset_url": addresses.problem,
    "redaction_notice": _one_of("on", "off"),
    "sign_in_level": _one_of("aal1", "aal2"),
    "roles": _list_problem,
    "registrations": _list_problem,
    "training": _list_problem,
    "name_mismatch": _one_of("link", "review"),
    "contact_text": _text_problem,
    "second_staff": _one_of("on", "off"),
}
