"""What a court says about itself beside its place in the registry.

A setting is one field of `Policy`: from what is declared there come its check, the console's form,
the REST models and the options of `signon courts set`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

from signon.courts.setting import PHONE, Kind, Setting
from signon.errors import InputError


@dataclass(frozen=True, slots=True)
class Policy:
    """A court's own settings; None where it has said nothing. What concerns filing rights is read
    by `filing.court.court_policy`, which knows the roles.
    """

    help_email: str | None = Setting(
        Kind.EMAIL,
        "Help desk’s e-mail address",
        "The help desk’s address.",
        hint="Public",
        example="help@casb.uscourts.gov",
    ).field
    help_phone: str | None = Setting(
        Kind.PHONE,
        "Help desk’s phone",
        "The help desk’s telephone number.",
        hint="Public, such as 619-555-0100",
        example="+1 619 555 0100",
    ).field
    training_url: str | None = Setting(
        Kind.ADDRESS,
        "Training page",
        "Where filers are trained.",
        hint="An https address",
        example="https://www.casb.uscourts.gov/training",
    ).field
    epoc_url: str | None = Setting(
        Kind.ADDRESS,
        "Electronic proof of claim (ePOC)",
        "Where ePOC files proofs of claim.",
        hint="An https address; needs no login",
        example="https://www.casb.uscourts.gov/epoc",
    ).field
    reset_url: str | None = Setting(
        Kind.ADDRESS,
        "Where the court’s older logins get a new password",
        "Where a forgotten legacy password is mended.",
        hint="An https address",
        example="https://ecf.casb.uscourts.gov/reset",
    ).field
    redaction_notice: str | None = Setting(
        Kind.CHOICE,
        "Redaction notice",
        "Whether sign-ins must acknowledge the redaction rules.",
        choices={"on": "Shown by this service", "off": "Shown by the court’s own pages"},
        usual="on",
    ).field
    sign_in_level: str | None = Setting(
        Kind.CHOICE,
        "A sign-in from this court needs",
        "What filers must prove: `aal2` is a second factor.",
        choices={"aal1": "What the service asks for", "aal2": "Two factors from everybody"},
        usual="aal1",
    ).field
    roles: str | None = Setting(
        Kind.ROLES,
        "Roles that the court gives",
        "The filing roles that the court gives.",
        hint="Nothing else can be asked for or given",
    ).field
    registrations: str | None = Setting(
        Kind.REGISTRATIONS,
        "What people may register for",
        "The registrations for e-filing that the court takes.",
    ).field
    training: str | None = Setting(
        Kind.ROLES,
        "Roles that need a certificate",
        "The roles that need a training certificate.",
        hint="Before the right is in force",
        usual="training",
    ).field
    name_mismatch: str | None = Setting(
        Kind.CHOICE,
        "A login is linked under another name",
        "What becomes of a link under another name: made, or looked at first.",
        choices={"link": "Link it", "review": "Wait for the court’s review"},
        usual="link",
    ).field
    prepare: str | None = Setting(
        Kind.CHOICE,
        "Before the court goes live, filers may prepare",
        "Whether filers may prove their legacy login before the go-live; it is linked on the day.",
        choices={"on": "Prove their login; it is linked on the day", "off": "Nothing yet"},
        usual="on",
    ).field
    agents: str | None = Setting(
        Kind.CHOICE,
        "Filing agents",
        "Whether filers may name agents who file for them; bankruptcy courts only.",
        choices={"on": "Attorneys and trustees may name agents", "off": "Nobody files for others"},
        usual="on",
    ).field
    second_login: str | None = Setting(
        Kind.CHOICE,
        "Somebody proves a second login",
        "What becomes of a second login of one person: folded into the right, or looked at first.",
        choices={"fold": "Add its roles", "review": "Wait for the court’s review"},
        usual="fold",
    ).field
    contact_text: str | None = Setting(
        Kind.TEXT,
        "A word to whoever registers",
        "What people read beside the court’s contacts.",
        hint="On the page and in the mails about a registration",
        example="Weekdays 9 to 5.",
    ).field
    returned_days: str | None = Setting(
        Kind.CHOICE,
        "A registration that was returned is kept for",
        "For how many days a returned registration is kept that nobody sends again.",
        choices={"30": "30 days", "60": "60 days", "90": "90 days", "180": "180 days"},
        usual="60",
    ).field
    second_staff: str | None = Setting(
        Kind.CHOICE,
        "The role U.S. Trustee, imports, this policy and roles of the staff",
        "Whether a second member of the staff confirms what one asks for.",
        choices={"on": "A second member confirms", "off": "One member of the staff is enough"},
        usual="off",
    ).field

    intake_mail: str | None = Setting(
        Kind.CHOICE,
        "Mail to the staff about what waits",
        "When clerks and administrators are mailed what waits for the court.",
        choices={
            "each": "At once, for each registration",
            "daily": "Once a day, with ages",
            "off": "No mail",
        },
        usual="daily",
    ).field

    @property
    def help_phone_link(self) -> str | None:
        """The help desk's number as a `tel:` address (RFC 3966)."""
        found = PHONE.fullmatch(self.help_phone or "")
        if not found:
            return None
        digits = re.sub(r"[^0-9+]", "", found[1])
        return f"tel:{digits};ext={found[2]}" if found[2] else f"tel:{digits}"


NOTHING_SAID = Policy()
SETTINGS: Mapping[str, Setting] = {one.name: one.metadata["setting"] for one in fields(Policy)}
"""Every setting by its name, in the order in which programs and the command list them."""


def read(stored: Mapping[str, Any]) -> Policy:
    """The policy in a court's row; keys of a newer release are left alone."""
    return Policy(**{name: stored[name] for name in SETTINGS if name in stored})


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
        if wrong := SETTINGS[name].problem(merged[name]):
            raise InputError(f"{name.replace('_', '-')} {wrong}.", field=name)
    return merged
