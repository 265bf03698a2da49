"""The mail to the applicant at each step of a registration."""

from collections.abc import Mapping, Sequence

from signon.accounts.directory import Account
from signon.courts.registry import Court
from signon.db import Unit
from signon.filing.registrations.registrations import State
from signon.filing.rights.rights import Right
from signon.filing.roles import Role, labels
from signon.notices import mail
from signon.notices.registration_step import RegistrationStep
from signon.web.dates import day_in_words
from signon.words.sentences import _, listed, together

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
    headline: str | None = None,
) -> None:
    """Queue it; `message` is the court's own, `facts` are lines such as the roles given."""
    letter = RegistrationStep(
        headline=headline or HEADLINES[state],
        account_number=account.number,
        court=court.name,
        facts=facts or [],
        court_says=message.split("\n") if message else [],
        what_next=what_next or WHAT_NEXT[state],
        contact=court.policy.contact_text or "",
        status_url=f"{issuer}/courts/{court.id}/register/status",
    )
    mail.send(unit, letter, to=account.email, language=account.language)


def approved(
    unit: Unit,
    account: Account,
    court: Court,
    right: Right,
    lacking: Sequence[Role],
    *,
    issuer: str,
    message: str,
) -> None:
    """Queue what an approval gave; `lacking` are roles whose certificate is missing."""
    facts: list[str] = [_("Role: {roles}", roles=listed(labels(right.roles)))]
    if right.cases:
        facts.append(_("Only in {cases}", cases=", ".join(right.cases)))
    if right.conditions:
        facts.append(_("Condition: {conditions}", conditions=right.conditions))
    if right.last_day:
        facts.append(_("Last day: {day}", day=day_in_words(right.last_day)))
    what_next = None
    if lacking:
        training_url = court.policy.training_url
        what_next = together(
            _(
                "One thing is missing before you can file: the court’s certificate of training for "
                "{roles}.",
                roles=listed(labels(lacking)),
            ),
            _("The training is at {address}", address=training_url)
            if training_url
            else _("Ask the court."),
        )
    tell(
        unit,
        account,
        court,
        State.APPROVED,
        issuer=issuer,
        message=message or None,
        facts=facts,
        what_next=what_next,
    )
