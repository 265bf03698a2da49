"""The mail to the applicant at each step of a registration."""

from collections.abc import Mapping

from signon.accounts.directory import Account
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.registrations.registrations import State
from signon.notices import mail
from signon.notices.registration_step import RegistrationStep
from signon.words.sentences import _

HEADLINES: Mapping[State, str] = {
    State.PENDING: _("The court has your registration"),
    State.RETURNED: _("The court returned your registration"),
    State.APPROVED: _("The court approved your registration"),
    State.REJECTED: _("The court rejected your registration"),
    State.WITHDRAWN: _("You withdrew your registration"),
}
WHAT_NEXT: Mapping[State, str] = {
    State.PENDING: _(
        "You cannot file there before the court has decided. It answers by mail, and "
        "the page below shows how things stand."
    ),
    State.RETURNED: _(
        "Correct it on the page below and send it again. Nothing that you entered is lost."
    ),
    State.APPROVED: _("Sign in at the court with your PACER account to file."),
    State.REJECTED: _("You have no filing rights there from this registration."),
    State.WITHDRAWN: _("The court will not decide it. You may register again at any time."),
}


def tell(
    unit: Unit,
    account: Account,
    court: Court,
    state: State,
    *,
    issuer: str,
    message: str | None = None,
    facts: list[str] | None = None,
    what_next: str | None = None,
) -> None:
    """Queue it; `message` is the court's own, `facts` are lines such as the roles given."""
    letter = RegistrationStep(
        headline=HEADLINES[state],
        account_number=account.number,
        court=court.name,
        facts=facts or [],
        court_says=message.split("\n") if message else [],
        what_next=what_next or WHAT_NEXT[state],
        contact=court.policy.contact_text or "",
        status_url=f"{issuer}/courts/{court.id}/register/status",
    )
    mail.send(unit, letter, to=account.email, language=account.language)
