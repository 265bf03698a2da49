"""The signed-in home in words: what to do next, the courts as cards, security at a glance."""

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from signon.accounts import search
from signon.accounts.models import AccountKind
from signon.courts.registry import Court
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
    steps: list[tuple[str, str]]


def in_words(found: Home, session: Session, courts: Mapping[str, Court]) -> dict[str, Any]:
    """What the template `home.html` takes."""
    kind = found.seen.own.account.kind
    return {
        **words.of_account(found.seen, courts),
        **words.of_presence(found.presence, session),
        "may_file": kind is AccountKind.INDIVIDUAL,
        "is_operator": kind is AccountKind.OPERATOR,
        "desks": found.desks,
        "todo": list(_to_do(found)),
        "cards": court_cards(found.filing),
        "factors": found.factors,
        "activity": found.activity,
    }


def court_cards(found: Filing) -> list[Card]:
    """A card for each right, then for each registration at another court that is not over."""
    held = {right.court.id for right in found.rights}
    return [
        *(_of_right(right) for right in found.rights),
        *(
            _of_registration(court, one)
            for court, one in found.registrations
            if court.id not in held and one.state in OPEN
        ),
    ]


def _to_do(found: Home) -> Iterator[ToDo]:
    account, seen = found.seen.own.account, found.seen
    if account.is_legacy:
        text = "It searches and reads as ever. To file, or to change anything about it, upgrade it."
        yield ToDo("arrow", "Upgrade your account once", text, "/upgrade", "Upgrade my account")
    if found.filing.rights and not found.factors.is_enrolled:
        text = "Whoever holds filing rights needs one: a passkey or an app. It takes two minutes."
        yield ToDo("shield", "Set up a second factor", text, "/account/factors", "Set it up")
    elif found.factors.authenticators and found.factors.recovery_codes_left < FEW_CODES:
        left = {0: "None is", 1: "One is"}.get(found.factors.recovery_codes_left, "Two are")
        text = f"{left} left. Without your phone or a code, you cannot sign in."
        yield ToDo("key", "Make new recovery codes", text, "/account/factors", "Make codes")
    for court, one in found.filing.registrations:
        if one.state is State.RETURNED:
            here = f"/courts/{court.id}/register/status"
            heading = f"Correct your registration at the {court.name}"
            yield ToDo("court", heading, "The court has sent it back to you.", here, "Correct it")
    for offer in found.offers:
        member = "a member" if offer.makes_member else "an administrator"
        heading = f"{offer.firm.name} asks you to be {member}"
        text = f"Answer until {day_in_words(offer.expires_at)}."
        yield ToDo("firm", heading, text, "/firm-invitations", "Look at it")
    if found.pending_email:
        text = f"{found.pending_email.new_email} is not in use yet."
        yield ToDo("mail", "Finish the change of your e-mail", text, "/account/security", "See how")
    if search.may_restore(seen.own.search_status_reason):
        text = "Filing does not depend on it."
        yield ToDo("search", "Your case search is inactive", text, "/account", "Make it active")


def _of_right(right: OwnRight) -> Card:
    court, status = right.court, right.filing_status
    ready = (f"/courts/{court.id}/ready", "What you can file")
    kind, standing, steps = {
        EcfStatus.ACTIVE: ("good", "You can file", [(court.cmecf_url, "Open CM/ECF"), ready]),
        EcfStatus.PENDING: ("wait", "Waiting for the court", [(ready[0], "What is missing")]),
        EcfStatus.SUSPENDED: ("bad", "Suspended by the court", [(ready[0], "What you can do")]),
        EcfStatus.NOT_LIVE: ("plain", "Not live yet", [(ready[0], "What this court asks for")]),
    }.get(status.status, ("bad", "You cannot file now", [(ready[0], "What is missing")]))
    if status.status is EcfStatus.ACTIVE and not status.is_usable:
        kind, standing = "plain", "You file only for others"
    if SECOND_FACTOR in status.blocked_by:
        steps = [("/account/factors", "Set up a second factor"), *steps]
    roles = ", ".join(labels(status.roles))
    cases = f"Only in {', '.join(status.cases)}" if status.cases else "All cases"
    text = ". ".join(part for part in (roles, cases) if part) + "."
    since = f"{'Linked' if right.is_linked else 'Since'} {day_in_words(right.since)}"
    beside = f"{since}. Login {status.login}" if status.login else since
    return Card(court, kind, standing, text, beside, steps)


def _of_registration(court: Court, one: Registration) -> Card:
    kind, standing, label = {
        State.DRAFT: ("plain", "Not sent yet", "Go on with it"),
        State.RETURNED: ("warn", "Returned to you", "Correct it"),
    }.get(one.state, ("wait", "Waiting for the court", "See your request"))
    step = (f"/courts/{court.id}/register/status", label)
    text = "You asked to register for e-filing."
    return Card(court, kind, standing, text, REGISTRATION_TYPES[one.type].label, [step])
