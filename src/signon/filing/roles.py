"""Filing roles: one table that everything else reads.

A role says which kinds of courts may give it, which filing categories it opens, whether it is
limited to named cases, by which form it is asked for, whether it is trained for and who may file
for whom. Adding a role: a member of `Role`, its row in `ROLES`, a test row. `docs/roles.md` is
printed from here (`filing.catalogue`).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from signon.courts.registry import CourtType
from signon.words.sentences import _


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


class Form(StrEnum):
    """The two forms of registration for e-filing (domain facts 6)."""

    ATTORNEY = "attorney"
    NON_ATTORNEY = "non_attorney"


@dataclass(frozen=True, slots=True)
class RoleRow:
    """One row of the table; `label` and `description` (one sentence) are for people.

    `training`: whether a court asks for a certificate as long as it has said nothing else.
    `needs_principal`: files only for somebody else; `may_be_principal`: such a one may file for
    the holder. Principals are attorneys and trustees only.
    """

    role: Role
    label: str
    description: str
    courts: frozenset[CourtType]
    permissions: frozenset[Permission]
    cases: CaseLimit = CaseLimit.NONE
    form: Form = Form.NON_ATTORNEY
    training: bool = True
    needs_principal: bool = False
    may_be_principal: bool = False


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
        RoleRow(
            Role.ATTORNEY,
            _("Attorney"),
            _(
                "Files every kind of document for clients, in all cases or, pro hac vice, in named "
                "ones."
            ),
            _ALL,
            _ALL_DOCUMENTS,
            CaseLimit.OPTIONAL,
            Form.ATTORNEY,
            may_be_principal=True,
        ),
        RoleRow(
            Role.TRUSTEE,
            _("Trustee"),
            _("Administers bankruptcy estates and files every kind of document in those cases."),
            _BANKRUPTCY,
            _ALL_DOCUMENTS,
            may_be_principal=True,
        ),
        RoleRow(
            Role.US_TRUSTEE,
            _("U.S. Trustee"),
            _("Files for the office of the United States Trustee or a bankruptcy administrator."),
            _BANKRUPTCY,
            _ALL_DOCUMENTS,
            training=False,
            may_be_principal=True,
        ),
        # An agent files under a principal's permissions and has none of its own.
        RoleRow(
            Role.FILING_AGENT,
            _("Filing agent"),
            _("Files on behalf of an attorney or trustee who has named the agent, never alone."),
            _BANKRUPTCY,
            frozenset(),
            needs_principal=True,
        ),
        RoleRow(
            Role.LIMITED_CREDITOR,
            _("Limited creditor"),
            _(
                "Files proofs and transfers of claims, reaffirmation agreements and requests for "
                "notice; for a proof of claim alone no login is needed (ePOC)."
            ),
            _BANKRUPTCY,
            _CREDITORS,
        ),
        RoleRow(
            Role.COURSE_PROVIDER,
            _("Course provider"),
            _("Files certificates that a debtor completed a financial management course."),
            _BANKRUPTCY,
            frozenset({Permission.COURSE_CERTIFICATES}),
        ),
        RoleRow(
            Role.COURT_REPORTER,
            _("Court reporter"),
            _("Files transcripts and what belongs to them."),
            _ALL,
            frozenset({Permission.TRANSCRIPTS}),
        ),
        RoleRow(
            Role.MEDIATOR,
            _("Mediator"),
            _("Files reports of mediations."),
            _ALL,
            frozenset({Permission.MEDIATION_REPORTS}),
            training=False,
        ),
        RoleRow(
            Role.AUDITOR,
            _("Auditor"),
            _("Files reports of audits of bankruptcy cases."),
            _BANKRUPTCY,
            frozenset({Permission.AUDIT_REPORTS}),
            training=False,
        ),
        RoleRow(
            Role.PRO_SE,
            _("Self-represented (pro se)"),
            _("Files every kind of document in their own cases, with the court’s permission."),
            _ALL,
            _ALL_DOCUMENTS,
            CaseLimit.REQUIRED,
            training=False,
        ),
        RoleRow(
            Role.INTERESTED_PARTY,
            _("Interested party"),
            _("Files requests to be told of what is filed."),
            _ALL,
            frozenset({Permission.NOTICE_REQUESTS}),
            training=False,
        ),
    )
}
"""The whole catalogue, in the order in which roles and permissions are shown."""


def in_order(roles: Iterable[str]) -> tuple[Role, ...]:
    """Roles once each, in the table's order."""
    return _in_order(frozenset(roles))


def labels(roles: Iterable[str]) -> list[str]:
    """The roles' names for people."""
    return [ROLES[role].label for role in in_order(roles)]


def permissions_of(roles: Iterable[str]) -> tuple[Permission, ...]:
    """What the roles open together, each category once."""
    return _permissions_of(frozenset(roles))


def of_court(court: CourtType) -> tuple[Role, ...]:
    """The roles that courts of this type may give."""
    return tuple(role for role, row in ROLES.items() if court in row.courts)


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


@lru_cache(maxsize=1000)
def _in_order(roles: frozenset[str]) -> tuple[Role, ...]:
    return tuple(role for role in ROLES if role in roles)


@lru_cache(maxsize=1000)
def _permissions_of(roles: frozenset[str]) -> tuple[Permission, ...]:
    opened = {permission for role in _in_order(roles) for permission in ROLES[role].permissions}
    return tuple(permission for permission in Permission if permission in opened)
