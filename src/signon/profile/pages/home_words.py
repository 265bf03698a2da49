"""The signed-in home in words: what to do next, the courts as cards, security at a glance."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from signon.accounts import search
from signon.accounts.models import AccountKind
from signon.courts.registry import Court
from signon.courts.zones import zone_of_state
from signon.filing.registration_types import REGISTRATION_TYPES
from signon.filing.registrations.registrations import OPEN, Registration, State
from signon.filing.rights.filing_status import SECOND_FACTOR, EcfStatus
from signon.filing.rights.own_rights import OwnRight
from signon.filing.roles import labels
from signon.profile.home import Home
from signon.profile.overview import Filing
from signon.profile.pages import words
from signon.signin.session import Session
from signon.web.dates import day_in_words
from signon.words.sentences import _, listed, together

FEW_CODES = 3
"""So few recovery codes are left that a new set is due."""


class ToDo(NamedTuple):
    """One thing to do: an icon, what, why, and where."""

    glyph: str
    heading: str
    text: str
    href: str
    label: str


class Card(NamedTuple):
    """A court: how the person stands there (a tag), in words, and the next step first."""

    court: Court
    kind: str
    standing: str
    text: str
    beside: str
    steps: Sequence[tuple[str, str]]


def in_words(found: Home, session: Session, courts: Mapping[str, Court]) -> dict[str, Any]:
    """What the template `home.html` takes."""
    kind, zone = found.seen.own.account.kind, zone_of_state(found.seen.own.state, courts)
    return {
        **words.of_account(found.seen, courts),
        **words.of_presence(found.presence, session),
        "may_file": kind is AccountKind.INDIVIDUAL,
        "is_operator": kind is AccountKind.OPERATOR,
        "desks": found.desks,
        "todo": list(_to_do(found, zone)),
        "cards": court_cards(found.filing, zone),
        "factors": found.factors,
        "activity": found.activity,
    }


def court_cards(found: Filing, zone: str | None) -> list[Card]:
    """A card for each right, then for each registration at another court that is not over.

    Days are those of the person's clock, `zone`, as in the list of what happened beside them.
    """
    held = {right.court.id for right in found.rights}
    return [
        *(_of_right(right, zone) for right in found.rights),
        *(
            _of_registration(court, one)
            for court, one in found.registrations
            if court.id not in held and one.state in OPEN
        ),
    ]


def _to_do(found: Home, zone: str | None) -> Iterator[ToDo]:
    account, seen = found.seen.own.account, found.seen
    if account.is_legacy:
        text = _(
            "It searches and reads as ever. To file, or to change anything about it, upgrade it."
        )
        yield ToDo(
            "arrow", _("Upgrade your account once"), text, "/upgrade", _("Upgrade my account")
        )
    if found.filing.rights and not found.factors.is_enrolled:
        text = _(
            "Whoever holds filing rights needs one: a passkey or an app. It takes two minutes."
        )
        yield ToDo("shield", _("Set up a second factor"), text, "/account/factors", _("Set it up"))
    elif found.factors.authenticators and found.factors.recovery_codes_left < FEW_CODES:
        left = {0: _("None is left."), 1: _("One is left.")}.get(
            found.factors.recovery_codes_left, _("Two are left.")
        )
        text = together(left, _("Without your phone or a code, you cannot sign in."))
        yield ToDo("key", _("Make new recovery codes"), text, "/account/factors", _("Make codes"))
    for court, one in found.filing.registrations:
        if one.state is State.RETURNED:
            here = f"/courts/{court.id}/register/status"
            heading = _("Correct your registration at the {name}", name=court.name)
            yield ToDo(
                "court", heading, _("The court has sent it back to you."), here, _("Correct it")
            )
    yield from _to_answer(found, zone)
    if found.pending_email:
        text = _("{new_email} is not in use yet.", new_email=found.pending_email.new_email)
        yield ToDo(
            "mail", _("Finish the change of your e-mail"), text, "/account/security", _("See how")
        )
    if search.may_restore(seen.own.search_status_reason):
        text = _("Filing does not depend on it.")
        yield ToDo(
            "search", _("Your case search is inactive"), text, "/account", _("Make it active")
        )


def _to_answer(found: Home, zone: str | None) -> Iterator[ToDo]:
    """What others have asked."""
    for offer in found.offers:
        if offer.makes_member:
            heading = _("{firm} asks you to be a member", firm=offer.firm.name)
        else:
            heading = _("{firm} asks you to be an administrator", firm=offer.firm.name)
        text = _("Answer until {expires_at}.", expires_at=day_in_words(offer.expires_at, zone))
        yield ToDo("firm", heading, text, "/firm-invitations", _("Look at it"))
    for pair in found.agencies:
        heading = _("{principal} asks you to file for them", principal=pair.principal_words)
        text = _("As a filing agent, with your own account.")
        yield ToDo("person", heading, text, "/account/agents", _("Look at it"))


def _of_right(right: OwnRight, zone: str | None) -> Card:
    court, status = right.court, right.filing_status
    ready = (f"/courts/{court.id}/ready", _("What you can file"))
    kind, standing, steps = {
        EcfStatus.ACTIVE: ("good", _("You can file"), [(court.cmecf_url, _("Open CM/ECF")), ready]),
        EcfStatus.PENDING: ("wait", _("Waiting for the court"), [(ready[0], _("What is missing"))]),
        EcfStatus.SUSPENDED: (
            "bad",
            _("Suspended by the court"),
            [(ready[0], _("What you can do"))],
        ),
        EcfStatus.NOT_LIVE: (
            "plain",
            _("Not live yet"),
            [(ready[0], _("What this court asks for"))],
        ),
    }.get(status.status, ("bad", _("You cannot file now"), [(ready[0], _("What is missing"))]))
    if status.status is EcfStatus.ACTIVE and not status.is_usable:
        kind, standing = (
            ("good", words.FOR_OTHERS) if right.is_usable else ("plain", words.FOR_NOBODY)
        )
    if SECOND_FACTOR in status.blocked_by:
        steps = [("/account/factors", _("Set up a second factor")), *steps]
    roles = listed(labels(status.roles))
    cases = _("Only in {cases}", cases=", ".join(status.cases)) if status.cases else _("All cases")
    text = _("{text}.", text=together(roles, cases, by=". "))
    since = _("Linked {day}") if right.is_linked else _("Since {day}")
    since = _(since, day=day_in_words(right.since, zone))
    beside = _("{since}. Login {login}", since=since, login=status.login) if status.login else since
    return Card(court, kind, standing, text, beside, steps)


def _of_registration(court: Court, one: Registration) -> Card:
    kind, standing, label = {
        State.DRAFT: ("plain", _("Not sent yet"), _("Go on with it")),
        State.RETURNED: ("warn", _("Returned to you"), _("Correct it")),
    }.get(one.state, ("wait", _("Waiting for the court"), _("See your request")))
    step = (f"/courts/{court.id}/register/status", label)
    text = _("You asked to register for e-filing.")
    return Card(court, kind, standing, text, REGISTRATION_TYPES[one.type].label, [step])
