"""What the REST scope `account` answers about filing, as models."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urljoin

from signon.filing.readiness.readiness import Readiness
from signon.filing.readiness.readiness_lines import LineState
from signon.filing.rights.own_rights import OwnRight
from signon.web.json_bodies import Shown


class OwnCourt(Shown):
    """A court, and what the person may file there; `status` as the claim `ecf_status`;
    `conditions` is the court's text.
    """

    id: str
    name: str
    cmecf_url: str
    status: str
    roles: list[str]
    admission: str | None
    permissions: list[str]
    cases: list[str] | None
    conditions: str | None


class OwnCourts(Shown):
    """Every court where the person has a filing right."""

    courts: list[OwnCourt]


class ReadinessLine(Shown):
    """One line of the checklist: how it stands, what to do next, and where, if somewhere."""

    name: str
    state: LineState
    sentence: str
    next_step: str | None
    address: str | None


class OwnReadiness(Shown):
    """What stands between the person and filing at a court; `status` as the claim `ecf_status`.

    Lines whose state is `met` or `advice` stand in nobody's way.
    """

    court: str
    ready: bool
    status: str
    lines: list[ReadinessLine]


class OwnLink(Shown):
    """A legacy filing login that was linked to the account; it may be undone until then."""

    id: str
    court_id: str
    login: str | None
    linked_at: datetime
    undo_until: datetime | None


class OwnLinks(Shown):
    """Every one of them."""

    links: list[OwnLink]


def courts(rights: Sequence[OwnRight]) -> OwnCourts:
    """The rights by court."""
    return OwnCourts(
        courts=[
            OwnCourt(
                id=right.court.id,
                name=right.court.name,
                cmecf_url=right.court.cmecf_url,
                status=right.filing_status.status,
                roles=list(right.filing_status.roles),
                admission=right.filing_status.admission,
                permissions=list(right.filing_status.permissions),
                cases=None
                if right.filing_status.cases is None
                else list(right.filing_status.cases),
                conditions=right.conditions,
            )
            for right in rights
        ]
    )


def readiness(found: Readiness, issuer: str) -> OwnReadiness:
    """The checklist as programs read it; our own addresses are absolute."""
    return OwnReadiness(
        court=found.court.id,
        ready=found.is_ready,
        status=found.status.value,
        lines=[
            ReadinessLine(
                name=line.name,
                state=line.state,
                sentence=line.sentence,
                next_step=line.next_step or None,
                address=urljoin(issuer, line.address) if line.address else None,
            )
            for line in found.lines
        ],
    )


def links(rights: Sequence[OwnRight]) -> OwnLinks:
    """Those rights that came with a legacy login."""
    return OwnLinks(
        links=[
            OwnLink(
                id=right.id,
                court_id=right.court.id,
                login=right.filing_status.login,
                linked_at=right.since,
                undo_until=right.undo_until,
            )
            for right in rights
            if right.is_linked
        ]
    )
