"""What an account holder does, as PACER's own forms ask it ("User Type")."""

from collections.abc import Mapping

from signon.errors import InputError
from signon.words.sentences import _

USER_TYPES: Mapping[str, str] = {
    "individual": _("Individual"),
    "attorney": _("Attorney"),
    "law_firm_staff": _("Staff of a law firm"),
    "pro_se": _("Party without an attorney (pro se)"),
    "creditor": _("Creditor"),
    "trustee": _("Trustee"),
    "academic": _("Researcher or teacher"),
    "media": _("Press"),
    "business": _("Business"),
    "federal_government": _("Federal government"),
    "state_government": _("State government"),
    "local_government": _("Local government"),
}
"""Each with its name for people, in the order in which a form lists them. It grants nothing."""


def user_type(text: str) -> str:
    """One of `USER_TYPES`. Raises InputError."""
    if text not in USER_TYPES:
        raise InputError(_("Choose a user type from the list."), field="user_type")
    return text
