"""The role table is the contract's, and everything about roles follows from it."""

import pytest

from signon.courts.registry import CourtType
from signon.filing.roles import (
    ROLES,
    CaseLimit,
    Permission,
    Role,
    admission_of,
    in_order,
    permissions_of,
    problem_with,
)

CREDITOR = "claims claim_transfers reaffirmation_agreements notice_requests"
# The table of the interface contract, section 5.
CONTRACT = [
    ("attorney", "all", "all_documents", "optional"),
    ("trustee", "bankruptcy", "all_documents", "none"),
    ("us_trustee", "bankruptcy", "all_documents", "none"),
    ("filing_agent", "bankruptcy", "", "none"),
    ("limited_creditor", "bankruptcy", CREDITOR, "none"),
    ("course_provider", "bankruptcy", "course_certificates", "none"),
    ("auditor", "bankruptcy", "audit_reports", "none"),
    ("court_reporter", "all", "transcripts", "none"),
    ("mediator", "all", "mediation_reports", "none"),
    ("pro_se", "all", "all_documents", "required"),
    ("interested_party", "all", "notice_requests", "none"),
]


@pytest.mark.parametrize(("role", "courts", "permissions", "cases"), CONTRACT)
def test_the_table_is_the_contracts(role: str, courts: str, permissions: str, cases: str):
    """A role's court types, permissions and case limit are those of the contract."""
    row = ROLES[Role(role)]
    everywhere = set(CourtType) if courts == "all" else {CourtType.BANKRUPTCY}
    assert row.courts == everywhere
    assert " ".join(permissions_of([role])) == permissions
    assert row.cases == CaseLimit(cases)


def test_the_table_is_whole():
    """Every role has a row, every permission belongs to a role, every label is its own."""
    assert set(ROLES) == set(Role) == {Role(role) for role, *_ in CONTRACT}
    assert set(permissions_of(Role)) == set(Permission)
    assert len({row.label for row in ROLES.values()}) == len(ROLES)


def test_several_roles_open_each_category_once_and_in_order():
    """Roles given twice or in another order are the same roles."""
    assert in_order(["mediator", "attorney", "mediator"]) == (Role.ATTORNEY, Role.MEDIATOR)
    assert permissions_of(["mediator", "limited_creditor", "interested_party"]) == (
        *(Permission(name) for name in CREDITOR.split()),
        Permission.MEDIATION_REPORTS,
    )


def test_only_attorneys_are_admitted():
    """An attorney is admitted in full, with cases pro hac vice; nobody else is admitted."""
    assert admission_of(["attorney"], None) == "full"
    assert admission_of(["attorney"], ["3:20-cv-01234"]) == "pro_hac_vice"
    assert admission_of(["pro_se"], ["3:20-cv-01234"]) is None


@pytest.mark.parametrize(
    ("roles", "cases", "court", "problem"),
    [
        ([Role.TRUSTEE], None, CourtType.DISTRICT, "does not exist at a district court"),
        ([Role.TRUSTEE], None, CourtType.BANKRUPTCY, ""),
        ([Role.PRO_SE], None, CourtType.DISTRICT, "needs at least one case"),
        ([Role.PRO_SE], ["3:20-cv-01234"], CourtType.DISTRICT, ""),
        ([Role.ATTORNEY], ["3:20-cv-01234"], CourtType.DISTRICT, ""),
        ([Role.MEDIATOR], ["3:20-cv-01234"], CourtType.DISTRICT, "not limited to cases"),
    ],
)
def test_a_court_cannot_give_what_its_type_does_not_have(
    roles: list[Role], cases: list[str] | None, court: CourtType, problem: str
):
    """Court type and case limit decide whether roles can be held."""
    found = problem_with(roles, cases, court)
    assert problem in found
    assert bool(problem) == bool(found)
