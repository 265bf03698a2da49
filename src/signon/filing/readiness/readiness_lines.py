"""The lines of the checklist of `filing.readiness`: one function, one line, in their order."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signon.accounts.directory import Account
from signon.accounts.models import AccountKind, AccountStatus
from signon.courts.registry import Court
from signon.filing.court.court_policy import help_desk, may_prepare
from signon.filing.rights import last_days, training
from signon.filing.rights.filing_status import FilingStatus
from signon.filing.rights.rights import LAST_DAY, Right
from signon.filing.roles import Role, labels
from signon.web.dates import day_in_words
from signon.words.sentences import _, capital, listed, together


class LineState(StrEnum):
    """How a line of the list stands; `advice` stands in nobody's way."""

    MET = "met"
    TO_DO = "todo"
    WAITING = "waiting"
    LATER = "later"
    ADVICE = "advice"


BLOCKING = frozenset({LineState.TO_DO, LineState.WAITING, LineState.LATER})


@dataclass(frozen=True, slots=True)
class ChecklistLine:
    """One line: `sentence` says how it is, `next_step` what to do, `address` where, if somewhere.

    An address is a path of ours or a page of the court's.
    """

    name: str
    state: LineState
    sentence: str
    next_step: str = ""
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What the lines are made of."""

    account: Account
    court: Court
    now: datetime
    filing_status: FilingStatus
    right: Right | None
    registration: str | None
    lacking: tuple[Role, ...]
    is_search_active: bool
    search_reason: str | None
    is_blocked: bool
    is_factor_required: bool
    prepared: str | None

    @property
    def may_hold_rights(self) -> bool:
        """Whether the account is one that filing rights can belong to."""
        return self.account.kind is AccountKind.INDIVIDUAL and self.account.is_upgraded

    @property
    def suspended_by(self) -> set[str]:
        """What suspends the right at this moment."""
        if self.right is None:
            return set()
        lapsed = training.has_lapsed(self.court, self.right.roles, self.right.certified, self.now)
        is_over = last_days.is_over(self.court, self.right.last_day, self.now)
        return {
            *self.right.suspended_by,
            *({training.CERTIFICATION} if lapsed else ()),
            *({LAST_DAY} if is_over else ()),
        }

    @property
    def is_live(self) -> bool:
        """Whether the court trusts central sign-on."""
        return self.court.is_live(self.now)


# ── The lines ────────────────────────────────────────────────────────────────


def _individual(facts: Facts) -> ChecklistLine:
    name = "individual_account"
    if facts.account.kind is AccountKind.INDIVIDUAL:
        return ChecklistLine(name, LineState.MET, _("This is an individual PACER account."))
    kinds = {
        AccountKind.FIRM: _("This is a firm’s administrative account."),
        AccountKind.SHARED: _("This is a shared account."),
    }
    kind = kinds.get(facts.account.kind, _("This is an operator’s account."))
    return ChecklistLine(
        name,
        LineState.TO_DO,
        together(kind, _("Filing rights belong to one person’s own account.")),
        _("Sign in with an individual PACER account, or register for one."),
        "/register",
    )


def _upgraded(facts: Facts) -> ChecklistLine:
    name = "upgraded"
    if facts.account.is_upgraded:
        return ChecklistLine(name, LineState.MET, _("The account is an upgraded one."))
    if facts.account.kind is not AccountKind.INDIVIDUAL:
        return ChecklistLine(name, LineState.LATER, _("An individual account is needed first."))
    return ChecklistLine(
        name,
        LineState.TO_DO,
        _("The account is a legacy PACER account. Only an upgraded one can hold filing rights."),
        _("Upgrade it: that takes a few minutes, once."),
        "/upgrade",
    )


def _account_active(facts: Facts) -> ChecklistLine:
    name, status = "account_active", facts.account.status
    if status is AccountStatus.ACTIVE:
        return ChecklistLine(name, LineState.MET, _("The account can sign in."))
    call = _("Call the PACER Service Center at (800) 676-6856.")
    if status is AccountStatus.HELD:
        return ChecklistLine(
            name, LineState.WAITING, _("The new account waits for its review."), call
        )
    return ChecklistLine(
        name, LineState.TO_DO, _("The account is disabled: nobody can sign in to it."), call
    )


def _second_factor(facts: Facts) -> ChecklistLine:
    name, address = "second_factor", "/account/factors"
    if facts.account.has_factor:
        return ChecklistLine(name, LineState.MET, _("The account has a second factor."))
    step = _("Set one up: an authenticator app or a passkey.")
    if facts.is_blocked:
        told = _("The account has no second factor, and it was put off as often as that goes.")
        return ChecklistLine(name, LineState.TO_DO, told, step, address)
    if facts.is_factor_required:
        told = _("The account has no second factor yet. Whoever files needs one soon.")
        return ChecklistLine(name, LineState.ADVICE, told, step, address)
    told = _("The account has no second factor. Filing does not need one here.")
    return ChecklistLine(name, LineState.ADVICE, told, _("Better set one up."), address)


def _court_live(facts: Facts) -> ChecklistLine:
    return live_line(facts.court, facts.now)


def live_line(court: Court, now: datetime) -> ChecklistLine:
    """Whether the court trusts central sign-on, and what to do until it does."""
    name = "court_live"
    if court.is_live(now):
        return ChecklistLine(
            name, LineState.MET, _("The {court} uses central sign-on for filing.", court=court.name)
        )
    when = court.go_live_local
    if when:
        told = _(
            "{court} uses central sign-on for filing from {day}, on.",
            court=court.name,
            day=day_in_words(when),
        )
    else:
        told = _(
            "The {court} uses central sign-on for filing later; no date is set.", court=court.name
        )
    return ChecklistLine(
        name,
        LineState.WAITING,
        told,
        _(
            "Until then, file at the court’s own site with the login that the court gave you, and "
            "keep its password at hand: it is needed once, to link. A forgotten password can be "
            "reset at the court."
        ),
        court.policy.reset_url or court.cmecf_url,
    )


def _linked(facts: Facts) -> ChecklistLine:
    name, court = "linked_or_registered", facts.court
    if facts.right and facts.right.legacy_login_id:
        return ChecklistLine(
            name, LineState.MET, _("The filing login {login} is linked.", login=facts.right.login)
        )
    if facts.right:
        return ChecklistLine(
            name, LineState.MET, _("The court has approved a registration for e-filing.")
        )
    if not facts.may_hold_rights:
        return ChecklistLine(
            name, LineState.LATER, _("An upgraded individual account is needed first.")
        )
    if not facts.is_live and may_prepare(court, facts.now):
        return _prepared(facts)
    if not facts.is_live:
        return ChecklistLine(
            name, LineState.LATER, _("This is possible once the court has gone live.")
        )
    told, state = _REGISTRATIONS.get(facts.registration or "", _NOTHING_YET)
    if state is LineState.WAITING:
        step = _(
            "Wait for the court’s answer: it comes by mail. {help_desk} knows more.",
            help_desk=capital(help_desk(court)),
        )
        return ChecklistLine(name, state, told, step, f"/courts/{court.id}/register")
    if facts.registration in {"draft", "returned"}:
        step = _("Go on with the registration and submit it.")
        return ChecklistLine(name, state, told, step, f"/courts/{court.id}/register")
    return ChecklistLine(
        name,
        state,
        told,
        _(
            "Whoever has filed here before links the login that the court gave them, with its "
            "password or by a mailed link; whoever has not registers for e-filing."
        ),
        f"/courts/{court.id}/link",
    )


def _prepared(facts: Facts) -> ChecklistLine:
    """Before the day: what was proved becomes the filing account on it."""
    name, court = "linked_or_registered", facts.court
    assert court.go_live_local is not None
    day = day_in_words(court.go_live_local)
    if facts.prepared:
        told = _(
            "The filing login {login} is ready: on {day} it becomes your filing account.",
            login=facts.prepared,
            day=day,
        )
        return ChecklistLine(name, LineState.MET, told)
    return ChecklistLine(
        name,
        LineState.TO_DO,
        _("No filing login is prepared for {day}.", day=day),
        _(
            "Prove the login that the court gave you now, with its password or by a mailed link: "
            "it is linked by itself on that day. Whoever has none registers for e-filing then."
        ),
        f"/courts/{court.id}/link",
    )


def _training(facts: Facts) -> ChecklistLine:
    name, roles = "training", facts.right.roles if facts.right else ()
    if facts.right is None:
        return ChecklistLine(
            name, LineState.LATER, _("Whether training is needed depends on the role.")
        )
    waits = training.CERTIFICATION in facts.right.pending_for
    suspended = training.CERTIFICATION in facts.suspended_by
    if waits or suspended:
        what = listed(labels(facts.lacking or roles))
        told = _(
            "The court wants a training certificate ({what}), and there is none that is valid.",
            what=what,
        )
        step = _("Take the court’s training. The court records the certificate.")
        return ChecklistLine(name, LineState.TO_DO, told, step, facts.court.policy.training_url)
    if facts.lacking or not training.wanted(facts.court, roles):
        return ChecklistLine(name, LineState.MET, _("No certificate is needed."))
    return ChecklistLine(
        name, LineState.MET, _("The training certificate that the court wants is there.")
    )


def _active(facts: Facts) -> ChecklistLine:
    name = "active"
    if facts.right is None:
        return ChecklistLine(name, LineState.LATER, _("There are no filing rights yet."))
    if "review" in facts.right.pending_for:
        return ChecklistLine(
            name,
            LineState.WAITING,
            _("The login’s name and the account’s differ, so the court looks at the link first."),
            _("Wait for the court’s answer, or ask {court}.", court=help_desk(facts.court)),
        )
    if facts.right.pending_for:
        return ChecklistLine(
            name, LineState.LATER, _("The filing rights come into force with the certificate.")
        )
    return ChecklistLine(
        name, LineState.MET, _("The role is {roles}.", roles=listed(labels(facts.right.roles)))
    )


def _not_suspended(facts: Facts) -> ChecklistLine:
    name = "not_suspended"
    if facts.right is None or not facts.suspended_by:
        return ChecklistLine(name, LineState.MET, _("The court has not suspended anything."))
    if facts.suspended_by == {training.CERTIFICATION}:
        told = _("The filing rights are on hold until there is a valid certificate.")
        return ChecklistLine(name, LineState.LATER, told)
    if LAST_DAY in facts.suspended_by and facts.right.last_day:
        told = _(
            "The filing rights ended with {day}, their last day.",
            day=day_in_words(facts.right.last_day),
        )
        return ChecklistLine(
            name, LineState.WAITING, told, _("Ask {court}.", court=help_desk(facts.court))
        )
    reason = facts.right.suspension_reason
    told = _("The court has suspended the filing rights.")
    if reason:
        told = _("The court has suspended the filing rights: {reason}", reason=reason)
    return ChecklistLine(
        name, LineState.WAITING, told, _("Ask {court}.", court=help_desk(facts.court))
    )


def _not_blocked(facts: Facts) -> ChecklistLine:
    name = "not_blocked"
    if not facts.is_blocked:
        return ChecklistLine(name, LineState.MET, _("Nothing blocks filing everywhere."))
    told = _("Filing is blocked at every court until the account has a second factor.")
    return ChecklistLine(name, LineState.TO_DO, told, _("Set one up."), "/account/factors")


def _search(facts: Facts) -> ChecklistLine:
    name = "search_active"
    if facts.is_search_active:
        return ChecklistLine(name, LineState.MET, _("Case search is active."))
    told = _("Case search is inactive. Filing works all the same.")
    if why := facts.search_reason:
        told = _("Case search is inactive ({why}). Filing works all the same.", why=why)
    return ChecklistLine(
        name, LineState.ADVICE, told, _("See the account’s page for what to do."), "/account"
    )


LINES: tuple[Callable[[Facts], ChecklistLine], ...] = (
    _individual,
    _upgraded,
    _account_active,
    _second_factor,
    _court_live,
    _linked,
    _training,
    _active,
    _not_suspended,
    _not_blocked,
    _search,
)
"""In the order in which people meet them."""


_NOTHING_YET = (_("No filing login is linked, and nothing was registered."), LineState.TO_DO)
_REGISTRATIONS: Mapping[str, tuple[str, LineState]] = {
    "draft": (_("A registration for e-filing was begun and not submitted."), LineState.TO_DO),
    "pending": (_("The court has the registration and has not decided yet."), LineState.WAITING),
    "returned": (_("The court has returned the registration and wants more."), LineState.TO_DO),
    "rejected": (_("The court has rejected the registration."), LineState.TO_DO),
    "withdrawn": (_("The registration was withdrawn."), LineState.TO_DO),
}
