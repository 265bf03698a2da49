"""What the applicant's pages show of a registration."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode
from zoneinfo import ZoneInfo

from starlette.responses import Response

from signon.accounts.directory import Account
from signon.audit import trail
from signon.courts.registry import Court
from signon.filing.court.court_policy import epoc_url, help_desk
from signon.filing.linking.conditions import NOT_UPGRADED
from signon.filing.registration_types import REGISTRATION_TYPES, RegistrationType
from signon.filing.registrations import answers, applying, conditions, lapsing
from signon.filing.registrations.answers import LABELS, Look, Page
from signon.filing.registrations.applying import ACKNOWLEDGEMENTS
from signon.filing.registrations.documents import MOST, TYPE, Document
from signon.filing.registrations.registrations import HEADINGS, Registration, State, Step
from signon.filing.registrations.telling import WHAT_NEXT
from signon.filing.roles import ROLES, Role, of_court
from signon.web.dates import moment_in
from signon.words.sentences import _

KINDS: Mapping[State, str] = {
    State.DRAFT: "info",
    State.PENDING: "info",
    State.RETURNED: "warning",
    State.APPROVED: "success",
    State.REJECTED: "error",
    State.WITHDRAWN: "info",
}
ON_PAGE: Mapping[State, str] = {
    **WHAT_NEXT,
    State.DRAFT: _("The court sees nothing before you send it."),
    State.PENDING: _(
        "You cannot file there before the court has decided. It answers by mail, and "
        "here you see how things stand."
    ),
    State.RETURNED: _("Correct it and send it again. Nothing that you entered is lost."),
    State.APPROVED: _(
        "The court gave you filing rights. Whether anything is still missing, such as "
        "a certificate of training, stands in the list of what filing there needs."
    ),
}


def next_page(there: Registration, court: Court) -> Page:
    """Where somebody goes on who comes back."""
    return answers.missing(applying.asked(there), court.type, there.answers) or Page.CHECK


def what(there: Registration | None, court: Court) -> dict[str, Any]:
    """The first step."""
    choices = answers.choices(court)
    chosen = ""
    if there is not None and there.is_editable:
        asked = applying.asked(there)
        chosen = next((name for name, one in choices.items() if one == asked), "")
    return {
        "options": [("", _("Choose one")), *((name, one.label) for name, one in choices.items())],
        "details": [(one.label, _described(one.type, one.role)) for one in choices.values()],
        "chosen": chosen,
        "lacking": lacking(court),
        "epoc_url": epoc_url(court),
        "contact": court.policy.contact_text,
        "ready_url": f"/courts/{court.id}/ready",
        "link_url": f"/courts/{court.id}/link",
    }


def lacking(court: Court) -> list[tuple[str, str]]:
    """Roles that courts of this type may give and this one does not, and what to do instead."""
    offered = {one.role for one in answers.choices(court).values()}
    return [
        (ROLES[role].label, _instead(court, role))
        for role in of_court(court.type)
        if role not in offered
    ]


def _instead(court: Court, role: Role) -> str:
    if role is Role.PRO_SE:
        return _(
            "Nobody files electronically here without an attorney. File on paper, at the "
            "counter of the clerk’s office or by mail; ask there how notices reach you."
        )
    if role is Role.LIMITED_CREDITOR and (address := epoc_url(court)):
        return _(
            "File proofs of claim without a login: {address}. All else on paper.", address=address
        )
    return _("Not given here. File on paper, or ask {court}.", court=help_desk(court))


def step(
    there: Registration,
    court: Court,
    page: Page,
    account: Account,
    typed: Mapping[str, str] | None,
) -> dict[str, Any]:
    """A step with fields: what was sent, else what was answered before, else what is likely."""
    asked = applying.asked(there)
    fields = answers.fields(page, asked, court.type)
    likely = {"notice_email": account.email, "notice_frequency": "each", "notice_format": "html"}
    values = {
        one.name: typed.get(one.name, "")
        if typed is not None
        else _text(there.answers.get(one.name, likely.get(one.name, "")))
        for one in fields
    }
    return {
        "page": page.value,
        "heading": LABELS[page],
        "asked": asked.label,
        "fields": [
            {
                "name": one.name,
                "label": one.label,
                "hint": one.hint or None,
                "is_required": one.is_required,
                "look": one.look.value,
                "options": _options(one),
                "autocomplete": one.autocomplete,
            }
            for one in fields
        ],
        "values": values,
    }


def listed(
    there: Registration, court: Court, documents: Sequence[Document], limit: int
) -> dict[str, Any]:
    """The step with the documents, each of at most `limit` bytes."""
    return {
        "asked": applying.asked(there).label,
        "documents": documents,
        "most": MOST,
        "limit_mib": limit // 1024 // 1024,
        "next_url": _path(court, Page.CHECK),
    }


def check(
    there: Registration, court: Court, documents: Sequence[Document], ticked: Sequence[str]
) -> dict[str, Any]:
    """The last step."""
    return {
        "rows": answers.shown(applying.asked(there), court.type, there.answers),
        "documents": documents,
        "statements": list(ACKNOWLEDGEMENTS.items()),
        "ticked": ticked,
        "pages": [(LABELS[page], _path(court, page)) for page in list(Page)[:-1]],
    }


def status(
    there: Registration, court: Court, steps: Sequence[Step], *, draft_days: int
) -> dict[str, Any]:
    """How a registration stands, for its applicant; the court's people have no names here.

    One that was never sent goes when it was left alone for `draft_days` (`pruning`).
    """
    zone = ZoneInfo(court.time_zone)
    told = [one.message for one in steps if one.message and one.to_state is there.state]
    return {
        "state": there.state.value,
        "state_label": HEADINGS[there.state],
        "kind": KINDS[there.state],
        "what_next": ON_PAGE[there.state],
        "kept_until": _kept_until(there, court, draft_days),
        "message": told[-1] if told else None,
        "rows": answers.shown(applying.asked(there), court.type, there.answers),
        "steps": [
            {
                "at": moment_in(one.at, zone.key),
                "state": one.to_state.value,
                "what": _("Sent to the court")
                if one.to_state is State.PENDING
                else HEADINGS[one.to_state],
                "who": _who(one, there),
                "message": one.message,
            }
            for one in steps
        ],
        "is_editable": there.is_editable,
        "is_open": there.is_open,
    }


def _kept_until(there: Registration, court: Court, draft_days: int) -> date | None:
    if there.state is State.RETURNED:
        return lapsing.last_day(court, there.updated_at)
    if there.submitted_at is None and there.state is State.DRAFT:
        until = there.updated_at + timedelta(days=draft_days)
        return until.astimezone(ZoneInfo(court.time_zone)).date()
    return None


def _who(one: Step, there: Registration) -> str:
    if one.actor == trail.SYSTEM:
        return _("Nobody sent it again in time")
    return _("You") if one.actor == there.account_id else _("The court")


def document(found: Document, content: bytes) -> Response:
    """A PDF, to be saved and never drawn within our own site."""
    name = quote(found.name)
    headers = {
        "cache-control": "no-store",
        "content-disposition": f"attachment; filename*=UTF-8''{name}",
        "content-security-policy": "default-src 'none'; sandbox",
        "x-content-type-options": "nosniff",
    }
    return Response(content, media_type=TYPE, headers=headers)


def ways_on(court: Court, reason: str, handle: str | None) -> list[dict[str, str]]:
    """What leads on from a refusal."""
    if reason == NOT_UPGRADED:
        query = f"?{urlencode({'journey': handle})}" if handle else ""
        return [{"label": _("Upgrade my account"), "href": f"/upgrade{query}"}]
    if reason == conditions.NOT_INDIVIDUAL:
        return [{"label": _("Register an account of your own"), "href": "/register"}]
    if reason in {conditions.NOT_LIVE, conditions.ALREADY}:
        href = f"/courts/{court.id}/ready"
        return [{"label": _("What stands between you and filing here"), "href": href}]
    return []


def without_login(court: Court) -> str:
    """Where a creditor files without any of this, for whoever is refused."""
    address = epoc_url(court)
    return (
        _("A proof of claim needs no login and no registration: {address}", address=address)
        if address
        else ""
    )


def _described(kind: RegistrationType, role: Role) -> str:
    if kind is RegistrationType.NON_ATTORNEY:
        return ROLES[role].description
    return REGISTRATION_TYPES[kind].description


def _options(one: answers.Field) -> list[tuple[str, str]]:
    return list(one.options) if one.look is Look.CHOICE else []


def _text(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value)


def _path(court: Court, page: Page) -> str:
    return f"/courts/{court.id}/register/{page}"
