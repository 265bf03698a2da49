"""One filer as a clerk reads it: can they file and if not why, what they hold, what happened."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from starlette.responses import Response

from signon.accounts import unreachable
from signon.accounts.directory import Account
from signon.accounts.unreachable import Unreachable
from signon.config import Settings
from signon.db import Unit
from signon.filing.callers import passwords, sign_in_state
from signon.filing.callers.sign_in_state import SignInState
from signon.filing.court import court_activity
from signon.filing.court.court_activity import ActivityLine
from signon.filing.court.desk import Desk, Power
from signon.filing.court.pages.shell import Console, Seen
from signon.filing.filers import verdicts, words
from signon.filing.filers.acts import CONFIRMED, possible
from signon.filing.linking import folding
from signon.filing.readiness import readiness
from signon.filing.readiness.readiness import Readiness
from signon.filing.readiness.readiness_lines import BLOCKING
from signon.filing.registrations import matches, registrations
from signon.filing.registrations.matches import Match
from signon.filing.registrations.registrations import Registration
from signon.filing.rights import filers, notice_addresses, rights
from signon.filing.rights.rights import Right
from signon.web.dates import moment_in
from signon.web.site import FieldError

EVENTS = 20


@dataclass(frozen=True, slots=True)
class Whole:
    """Everything about one filer."""

    account: Account
    right: Right | None
    readiness: Readiness
    registration: Registration | None
    history: Sequence[Mapping[str, Any]]
    events: Sequence[ActivityLine]
    sign_in: SignInState
    matches: Sequence[Match]
    unreachable: Unreachable | None
    notice_email: str | None
    waiting_login: str | None


def whole(unit: Unit, desk: Desk, settings: Settings, number: str) -> Whole:
    """What the page shows. Raises NotFoundError."""
    account = filers.known(unit, desk.court, number)
    court_id = desk.court.id
    right = rights.of_account(unit, account.id, court_id)
    return Whole(
        account,
        right,
        readiness.of(unit, settings, account.id, desk.court),
        registrations.open_one(unit, account.id, court_id),
        rights.history(unit, account.id, court_id),
        court_activity.lines(unit, desk, account_id=account.id, limit=EVENTS),
        sign_in_state.of(unit, settings, account),
        [] if right and right.login else matches.of_account(unit, court_id, account),
        unreachable.of(unit, account.email),
        notice_addresses.of_account(unit, account.id, court_id),
        folding.waiting(unit, right),
    )


def acts_of(seen: Seen, found: Whole) -> set[str]:
    """What the reader may do as things stand; nothing about oneself."""
    may = seen.who.may(Power.FILERS) and seen.who.actor != found.account.id
    return possible(found.right, found.waiting_login) if may else set()


def page(
    console: Console,
    seen: Seen,
    found: Whole,
    *,
    done: str = "",
    errors: Sequence[FieldError] = (),
) -> Response:
    """The filer's page."""
    zone, acts, account = ZoneInfo(seen.who.court.time_zone), acts_of(seen, found), found.account
    lines = found.readiness.lines
    name = account.display_name
    verdict = verdicts.of(name, found.readiness, found.registration, acts, seen.who)
    return console.page(
        seen,
        "filers",
        "court_filer.html",
        errors=errors,
        done=done,
        number=account.number,
        name=name,
        tags=words.tags(account, found.right, found.unreachable, zone),
        verdict=verdict,
        held=words.held(found.right, found.waiting_login, zone) if found.right else [],
        reach=[
            ("E-mail", account.email),
            ("Notices go to", found.notice_email),
            ("Username", account.username),
        ],
        lines=lines,
        passed=sum(line.state not in BLOCKING for line in lines),
        is_own=seen.who.actor == account.id,
        acts=acts,
        dangers=[(act, one.label) for act, one in CONFIRMED.items() if act in acts],
        buttons=[
            (act.name, label)
            for act, label in verdicts.ACTS.values()
            if act.name in acts and act.name != verdict.act
        ],
        sign_in=found.sign_in,
        sign_in_until=moment_in(found.sign_in.until, zone.key) if found.sign_in.until else "",
        password_link=passwords.SEND.name,
        may_mail=seen.who.may(Power.MAIL_PROOFS) and seen.who.actor != account.id,
        matches=[
            (one.login.id, one.login.login, one.login.name, one.login.status, one.in_words)
            for one in found.matches
            if not one.login.is_linked
        ],
        history=[words.changed(one, zone) for one in found.history],
        events=[happened(one, account, zone.key) for one in found.events],
    )


def happened(one: ActivityLine, account: Account, zone: str) -> tuple[str, str, str, list[Any]]:
    """A line of the timeline: icon, tone, sentence, and when, by whom and why."""
    by = "" if one.actor == account.username else f"by {one.actor}"
    through = f"with {one.client}" if one.client else ""
    below = [moment_in(one.at, zone), by, through, one.reason]
    return one.told.glyph, one.told.tone, f"{one.told.text}.", [part for part in below if part]
