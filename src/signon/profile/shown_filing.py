"""What the REST scope `account` answers about filing, as models."""

from collections.abc import Sequence
from urllib.parse import urljoin

from pydantic import Field

from signon.filing.readiness.readiness import Readiness
from signon.filing.readiness.readiness_lines import LineState
from signon.filing.rights.own_rights import OwnRight
from signon.rest.values import (
    AttorneyAdmission,
    CaseNumbers,
    CourtKey,
    EcfStatus,
    Id,
    RoleNames,
    When,
)
from signon.web.json_bodies import Body, Shown


class OwnCourt(Shown):
    """A court, and what the person may file there."""

    id: CourtKey
    name: str
    """The court’s name for people."""
    cmecf_url: str
    """Where the court’s own filing system is."""
    status: EcfStatus
    roles: RoleNames
    """Filing roles in force (docs/roles.md lists them); empty unless `status` is `active`."""
    admission: AttorneyAdmission
    permissions: list[str]
    """Categories of documents that may be filed; empty unless `status` is `active`."""
    cases: CaseNumbers | None
    """The only cases to file in, by their numbers; null when you are not limited to cases."""
    conditions: str | None
    """What the court says beside the right, in its own words; null when it says nothing."""


class OwnCourts(Shown):
    """Every court where the person has a filing right."""

    courts: list[OwnCourt]
    """Courts at which you hold a filing right."""


class OwnNoticeAddress(Shown):
    """Where the notices of a court go."""

    notice_email: str | None
    """The address for this court alone; null when they go to the account’s."""
    waiting_for: str | None
    """An address that was asked for and has not answered our mail yet."""


class NoticeAddressChange(Body):
    """Where the notices of a court are to go."""

    notice_email: str | None = Field(examples=["docket@firm.example"])
    """An address for this court alone, which is mailed a link and counts once somebody has opened it;
    null for the account’s.
    """


class ReadinessLine(Shown):
    """One line of the checklist: how it stands, what to do next, and where, if somewhere."""

    name: str
    """Which condition it is: stable, to be compared by programs."""
    state: LineState
    """How it stands; `met` and `advice` stand in nobody’s way, `waiting` is somebody else’s turn,
    `later` comes after another line.
    """
    sentence: str
    """The same in a sentence for people."""
    next_step: str | None
    """What to do next, in a sentence; null when there is nothing to do."""
    address: str | None
    """Absolute address of the page where that is done; null when there is none."""


class OwnReadiness(Shown):
    """What stands between the person and filing at a court."""

    court: CourtKey
    ready: bool
    """Whether you can file at the court now."""
    status: EcfStatus
    lines: list[ReadinessLine]
    """The checklist, in the order in which to work it off."""


class OwnLink(Shown):
    """A legacy filing login that was linked to the account; it may be undone until then."""

    id: Id
    """Id of the filing right that came with the login."""
    court_id: CourtKey
    login: str | None
    """Name of the legacy login at that court; null when none is kept."""
    linked_at: When
    """When it was linked."""
    undo_until: When | None
    """Until when the link can be undone; null when it no longer can."""


class OwnLinks(Shown):
    """Every one of them."""

    links: list[OwnLink]
    """Legacy logins that you linked."""


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
