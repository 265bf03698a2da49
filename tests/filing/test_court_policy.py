"""What courts choose about filing rights, and the page that prints the table of roles."""

from dataclasses import replace

import pytest

from signon.courts.policy import Policy
from signon.courts.registry import CourtType
from signon.errors import InputError
from signon.filing.court import court_policy
from signon.filing.registration_types import RegistrationType
from signon.filing.roles import ROLES, Form, Role, of_court
from tests.filing.conftest import House
from tests.filing.test_standing import court
from tests.infra.command_line import CommandLine
from tests.infra.databases import ON_ONE


@ON_ONE
def test_the_roles_page_is_made_from_the_table(signon: CommandLine, pytestconfig: pytest.Config):
    """docs/roles.md is what `signon courts roles` prints; make it again after a change."""
    page = pytestconfig.rootpath / "docs" / "roles.md"
    assert signon("courts", "roles").out == page.read_text()


def test_a_court_gives_the_roles_of_its_type_unless_it_named_some():
    """A name of another type of court means nothing."""
    bankruptcy = court()
    assert court_policy.offered_roles(bankruptcy) == tuple(Role)
    some = replace(bankruptcy, policy=Policy(roles="limited_creditor, attorney"))
    assert court_policy.offered_roles(some) == (Role.ATTORNEY, Role.LIMITED_CREDITOR)
    assert court_policy.asked_by(some, Form.NON_ATTORNEY) == (Role.LIMITED_CREDITOR,)
    district = replace(some, type=CourtType.DISTRICT)
    assert court_policy.offered_roles(district) == (Role.ATTORNEY,)
    assert RegistrationType.NON_ATTORNEY not in court_policy.offered_types(district)


def test_registration_types_are_switched_on_and_off():
    """Unset: all of them; `none`: none."""
    assert court_policy.offered_types(court()) == tuple(RegistrationType)
    phv = replace(court(), policy=Policy(registrations="pro_hac_vice"))
    assert court_policy.offered_types(phv) == (RegistrationType.PRO_HAC_VICE,)
    assert court_policy.offered_types(replace(court(), policy=Policy(registrations="none"))) == ()


def test_training_follows_the_table_until_the_court_says_which_roles():
    """Trained in San Diego, not in every court."""
    assert court_policy.needs_training(court(), Role.LIMITED_CREDITOR)
    assert not court_policy.needs_training(court(), Role.PRO_SE)
    other = replace(court(), policy=Policy(training="pro_se"))
    assert court_policy.needs_training(other, Role.PRO_SE)
    assert not court_policy.needs_training(other, Role.LIMITED_CREDITOR)


@pytest.mark.parametrize(
    "values", [{"roles": "trustee"}, {"training": "juror"}, {"registrations": "election"}]
)
def test_a_name_that_the_court_cannot_have_is_refused(house: House, values: dict[str, str]):
    """A district court gives no trustee's role."""
    with house.database.writing() as unit, pytest.raises(InputError, match="none of this court"):
        court_policy.change(unit, "cacd", actor="system", values=values)


def test_a_policy_of_rights_is_set_like_any_other(house: House):
    """And taken away by an empty text."""
    given = {"roles": "attorney,pro_se", "name_mismatch": "review", "contact_text": "Ring twice."}
    with house.database.writing() as unit:
        done = court_policy.change(unit, "cacd", actor="system", values=given)
        assert done.fields == sorted(given)
        assert court_policy.reviews_names(done.court)
        empty = dict.fromkeys(given, "")
        assert (
            court_policy.change(unit, "cacd", actor="system", values=empty).court.policy == Policy()
        )


def test_principals_are_attorneys_and_trustees():
    """Nobody needs a principal and may be one; only agents need one."""
    assert [role for role, row in ROLES.items() if row.may_be_principal] == [
        Role.ATTORNEY,
        Role.TRUSTEE,
        Role.US_TRUSTEE,
    ]
    assert [role for role, row in ROLES.items() if row.needs_principal] == [Role.FILING_AGENT]
    assert Role.FILING_AGENT not in of_court(CourtType.DISTRICT)
