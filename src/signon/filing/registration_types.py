"""What somebody can register for at a court (domain facts 6), in one table like the roles."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from signon.filing.roles import Admission, CaseLimit, Form
from signon.words.sentences import _


class RegistrationType(StrEnum):
    """What somebody registers for; a court switches each on or off."""

    ADMISSION = "admission"
    E_FILE = "e_file"
    PRO_HAC_VICE = "pro_hac_vice"
    FEDERAL_ATTORNEY = "federal_attorney"
    NON_ATTORNEY = "non_attorney"


@dataclass(frozen=True, slots=True)
class TypeRow:
    """A registration type: its form, and the admission that it leads to."""

    type: RegistrationType
    label: str
    description: str
    form: Form
    admission: Admission | None = None
    cases: CaseLimit = CaseLimit.NONE


REGISTRATION_TYPES: Mapping[RegistrationType, TypeRow] = {
    row.type: row
    for row in (
        TypeRow(
            RegistrationType.ADMISSION,
            _("Attorney admission and e-filing"),
            _("You ask the court to admit you to its bar and to let you file."),
            Form.ATTORNEY,
            Admission.FULL,
        ),
        TypeRow(
            RegistrationType.E_FILE,
            _("E-filing for an attorney already admitted"),
            _("You are a member of this court’s bar and ask to file electronically."),
            Form.ATTORNEY,
            Admission.FULL,
        ),
        TypeRow(
            RegistrationType.PRO_HAC_VICE,
            _("Pro hac vice"),
            _("You are admitted elsewhere and ask to file in named cases of this court."),
            Form.ATTORNEY,
            Admission.PRO_HAC_VICE,
            CaseLimit.REQUIRED,
        ),
        TypeRow(
            RegistrationType.FEDERAL_ATTORNEY,
            _("Federal attorney"),
            _("You represent the United States or one of its agencies; no local bar is needed."),
            Form.ATTORNEY,
            Admission.FEDERAL_ATTORNEY,
        ),
        TypeRow(
            RegistrationType.NON_ATTORNEY,
            _("Filer who is not an attorney"),
            _("You file as a creditor, trustee, reporter, party or in another role of your own."),
            Form.NON_ATTORNEY,
        ),
    )
}
"""In the order in which forms list them."""
