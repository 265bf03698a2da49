"""Filing roles: one table that everything else reads.

A role says which kinds of courts may give it, which filing categories it opens and whether it
is limited to named cases. Adding a role: a member of `Role`, its row in `ROLES`, a test row.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from signon.courts.registry import CourtType


class Role(StrEnum):
    """What a filer is at a court (claim ``ecf_roles``)."""

    ATTORNEY = "attorney"
    TRUSTEE = "trustee"
    US_TRUSTEE = "us_trustee"
    FILING_AGENT = "filing_agent"
    LIMITED_CREDITOR = "limited_creditor"
    COURSE_PROVIDER = "course_provider"
    COURT_REPORTER = "court_reporter"
    MEDIATOR = "mediator"
    AUDITOR = "auditor"
    PRO_SE = "pro_se"
    INTERESTED_PARTY = "interested_party"


class Permission(StrEnum):
    """A category of documents that may be filed (claim ``ecf_permissions``)."""

    ALL_DOCUMENTS = "all_documents"
    CLAIMS = "claims"
    CLAIM_TRANSFERS = "claim_transfers"
    REAFFIRMATION_AGREEMENTS = "reaffirmation_agreements"
    NOTICE_REQUESTS = "notice_requests"
    COURSE_CERTIFICATES = "course_certificates"
    TRANSCRIPTS = "transcripts"
    MEDIATION_REPORTS = "mediation_reports"
    AUDIT_REPORTS = "audit_reports"


class Admission(StrEnum):
    """How an attorney is admitted (claim ``ecf_admission``); nobody else has one."""

    FULL = "full"
    PRO_HAC_VICE = "pro_hac_vice"
    FEDERAL_ATTORNEY = "federal_attorney"


class CaseLimit(StrEnum):
    """Whether a role may or must be limited to named cases."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One row of the table; `label` is for people."""

    role: Role
    label: str
    courts: frozenset[CourtType]
    permissions: frozenset[Permission]
    cases: CaseLimit = CaseLimit.NONE


_ALL = frozenset(CourtType)
_BANKRUPTCY = frozenset({CourtType.BANKRUPTCY})
_ALL_DOCUMENTS = frozenset({Permission.ALL_DOCUMENTS})
_CREDITORS = frozenset(
    {
        Permission.CLAIMS,
        Permission.CLAIM_TRANSFERS,
        Permission.REAFFIRMATION_AGREEMENTS,
        Permission.NOTICE_REQUESTS,
    }
)

ROLES: Mapping[Role, RoleRow] = {
    row.role: row
    for row in (
        RoleRow(Role.ATTORNEY, "Attorney", _ALL, _ALL_DOCUMENTS, CaseLimit.OPTIONAL),
        RoleRow(Role.TRUSTEE, "Trustee", _BANKRUPTCY, _ALL_DOCUMENTS),
        RoleRow(Role.US_TRUSTEE, "U.S. Trustee", _BANKRUPTCY, _ALL_DOCUMENTS),
        # An agent files under a principal's permissions and has none of its own.
        RoleRow(Role.FILING_AGENT, "Filing agent", _BANKRUPTCY, frozenset()),
        RoleRow(Role.LIMITED_CREDITOR, "Limited creditor", _BANKRUPTCY, _CREDITORS),
        RoleRow(
            Role.COURSE_PROVIDER,
            "Course provider",
            _BANKRUPTCY,
            frozenset({Permission.COURSE_CERTIFICATES}),
        ),
        RoleRow(Role.COURT_REPORTER, "Court reporter", _ALL, frozenset({Permission.TRANSCRIPTS})),
        RoleRow(Role.MEDIATOR, "Mediator", _ALL, frozenset({Permission.MEDIATION_REPORTS})),
        RoleRow(Role.AUDITOR, "Auditor", _BANKRUPTCY, frozenset({Permission.AUDIT_REPORTS})),
        RoleRow(Role.PRO_SE, "Self-represented (pro se)", _ALL, _ALL_DOCUMENTS, CaseLimit.REQUIRED),
        RoleRow(
            Role.INTERESTED_PARTY,
            "Interested party",
            _ALL,
            frozenset({Permission.NOTICE_REQUESTS}),
        ),
    )
}
"""The whole catalogue, in the order in which roles and permissions are shown."""


def in_order(roles: Iterable[str]) -> tuple[Role, ...]:
    """Roles once each, in the table's order."""
    given = frozenset(roles)
    return tuple(role for role in ROLES if role in given)


def labels(roles: Iterable[str]) -> list[str]:
    """The roles' names for people."""
    return [ROLES[role].label for role in in_order(roles)]


def permissions_of(roles: Iterable[str]) -> tuple[Permission, ...]:
    """What the roles open together, each category once."""
    opened = {permission for role in in_order(roles) for permission in ROLES[role].permissions}
    return tuple(permission for permission in Permission if permission in opened)


def admission_of(roles: Iterable[str], cases: Iterable[str] | None) -> Admission | None:
    """The admission of somebody taken over from a court's own list: limited to cases means
    pro hac vice.
    """
    if Role.ATTORNEY not in frozenset(roles):
        return None
    return Admission.FULL if cases is None else Admission.PRO_HAC_VICE


def problem_with(roles: Iterable[Role], cases: Iterable[str] | None, court: CourtType) -> str:
    """Why these roles with these cases cannot be held at such a court; empty when they can."""
    for row in (ROLES[role] for role in roles):
        if court not in row.courts:
            return f"role {row.role} does not exist at a {court.replace('_', ' ')} court"
        if row.cases is CaseLimit.REQUIRED and cases is None:
            return f"role {row.role} needs at least one case number"
        if row.cases is CaseLimit.NONE and cases is not None:
            return f"role {row.role} is not limited to cases: leave the column empty"
    return ""
