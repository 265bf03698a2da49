"""Menus from rights, and what is said when rights change."""

from dataclasses import replace

import pytest

from signon.courts.registry import CourtType
from signon.demo.menus import filing_menus
from signon.demo.rights import Rights, changes
from signon.filing.roles import ROLES, Role, permissions_of

NOBODY = Rights.of({"sub": "somebody", "preferred_username": "uri", "ecf_status": "not_linked"})


def test_claims_become_rights():
    """Absent cases mean no limit; the name falls back to the username."""
    rights = Rights.of(
        {
            "sub": "s",
            "preferred_username": "uri",
            "pacer_search_status": "active",
            "ecf_status": "active",
            "ecf_roles": ["pro_se"],
            "ecf_permissions": ["all_documents"],
            "ecf_cases": ["2:26-cv-00417"],
        }
    )
    assert rights.name == "uri"
    assert rights.may_search
    assert rights.may_file
    assert rights.may_file_in("2:26-cv-00417")
    assert not rights.may_file_in("2:26-cv-00418")
    assert NOBODY.cases is None


@pytest.mark.parametrize(
    ("role", "court"),
    [
        (row.role, court)
        for row in ROLES.values()
        for court in (CourtType.BANKRUPTCY, CourtType.DISTRICT)
        if court in row.courts
    ],
)
def test_every_role_that_may_file_has_a_menu(role: Role, court: CourtType):
    """Whatever a role of the table opens can be found; a role without permissions opens nothing."""
    permissions = permissions_of([role])
    rights = replace(
        NOBODY, status="active", roles=(role,), permissions=frozenset(map(str, permissions))
    )
    menus = filing_menus(rights, court)
    opened = {str(entry.permission) for menu in menus for entry in menu.entries}
    assert opened == rights.permissions


def test_suspended_rights_open_nothing():
    """Only an active filing status has menus."""
    rights = replace(NOBODY, status="suspended", permissions=frozenset({"all_documents"}))
    assert filing_menus(rights, CourtType.DISTRICT) == []


def test_changes_are_said_in_sentences():
    """What came, what went, and nothing when nothing did."""
    linked = replace(
        NOBODY,
        status="active",
        login="unovak",
        roles=("attorney",),
        permissions=frozenset({"all_documents"}),
    )
    assert changes(NOBODY, NOBODY) == []
    assert changes(NOBODY, linked) == ["You can file here now. Login unovak, role: Attorney."]
    assert changes(linked, NOBODY) == ["You cannot file here any more."]
    assert changes(linked, replace(linked, roles=("mediator",))) == [
        "Your role here is now: Mediator."
    ]
    assert changes(linked, replace(linked, cases=("26-00318",))) == [
        "You may now file in: 26-00318."
    ]
    assert changes(linked, replace(linked, may_search=True)) == ["You can search now."]
