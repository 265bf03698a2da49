"""Interface contract, section 5: which claims there are, whose they are and where they go."""

from datetime import UTC, date, datetime
from typing import Any

import pyotp
import pytest

from signon.accounts.models import AccountKind
from signon.filing.roles import ROLES, Role
from tests.infra.world import APP, PASSWORD, World
from tests.oidc.conftest import MakeParty
from tests.oidc.relying_party import RelyingParty

ALL_SCOPES = "openid profile email phone address pacer ecf"
ATTORNEY = {"ecf_roles": ["attorney"], "ecf_permissions": ["all_documents"]}
NOTHING: dict[str, list[str]] = {"ecf_roles": [], "ecf_permissions": []}


def ecf_of(claims: dict[str, Any]) -> dict[str, Any]:
    """The `ecf` claims alone."""
    return {name: value for name, value in claims.items() if name.startswith("ecf_")}


def told(rp: RelyingParty, username: str = "a.attorney", **typed: str) -> dict[str, Any]:
    """What a court is told of a person, the same in ID token, UserInfo and a refreshed token."""
    rp.begin()
    rp.browser.sign_in(username, PASSWORD, **typed)
    if "otp" in rp.browser.page.ids:
        rp.browser.submit(rp.browser.page.forms[0], otp=pyotp.TOTP(APP).at(rp.clock()))
    tokens = rp.tokens()
    ours = {n: v for n, v in tokens.claims.items() if n.startswith(("ecf_", "pacer_"))}
    info = rp.userinfo(tokens.access_token).json()
    assert ours == {n: v for n, v in info.items() if n.startswith(("ecf_", "pacer_"))}
    again = rp.checked(rp.refresh(tokens.refresh_token), nonce=None).claims
    assert ours == {n: v for n, v in again.items() if n.startswith(("ecf_", "pacer_"))}
    assert not {n for n in tokens.access_claims if n.startswith(("ecf_", "pacer_"))}
    return ours


# ── Where they go ────────────────────────────────────────────────────────────


def test_a_client_may_have_all_claims_in_its_id_tokens(world: World, party: MakeParty):
    """Some programs read nothing else; what UserInfo answers, of the scopes that were granted."""
    world.account()
    rp = party(claims_in_id_token=True, scope="openid profile email pacer")
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    info = rp.userinfo(tokens.access_token).json()
    assert info["name"] == "Ada Attorney"
    assert info.items() <= tokens.claims.items()
    assert "phone_number" not in tokens.claims
    again = rp.checked(rp.refresh(tokens.refresh_token), nonce=None).claims
    assert info.items() <= again.items()


def test_other_clients_id_tokens_stay_lean(party: MakeParty, world: World):
    """Contract 5: `profile` and `email` are UserInfo's, unless `claims` asks otherwise."""
    world.account()
    rp = party(scope=ALL_SCOPES)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    assert not {"name", "email", "address"} & rp.tokens().claims.keys()


# ── ecf ──────────────────────────────────────────────────────────────────────


def test_at_a_court_that_is_not_scheduled(world: World, party: MakeParty):
    """`not_live`, without a date; no right is told of, even if there is one."""
    world.right(world.account())
    world.go_live("casb", None)
    expected = {"ecf_court": "casb", "ecf_status": "not_live", **NOTHING}
    assert ecf_of(told(party())) == expected


def test_at_a_court_that_is_scheduled(world: World, party: MakeParty):
    """`not_live` with `ecf_go_live`, RFC 3339 with the court's own offset."""
    world.account()
    world.go_live("casb", datetime(2026, 7, 1, 7, 0, tzinfo=UTC))
    claims = ecf_of(told(party()))
    assert claims["ecf_status"] == "not_live"
    assert claims["ecf_go_live"] == "2026-07-01T00:00:00-07:00"
    assert claims["ecf_roles"] == claims["ecf_permissions"] == []


def test_a_court_goes_live_by_its_own_clock(world: World, party: MakeParty):
    """The moment decides, with nobody doing anything."""
    world.account()
    world.go_live("casb", world.clock.now.replace(minute=world.clock.now.minute + 1))
    rp = party()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    assert tokens.claims["ecf_status"] == "not_live"
    world.clock.advance(seconds=60)
    claims = ecf_of(rp.userinfo(tokens.access_token).json())
    assert claims == {"ecf_court": "casb", "ecf_status": "not_linked", **NOTHING}


def test_without_a_right_here(world: World, party: MakeParty):
    """`not_linked`, also for somebody who has a right elsewhere, or had one here."""
    account = world.account()
    world.right(account, "cacd")
    world.right(account, "casb", ended_at=world.clock())
    expected = {"ecf_court": "casb", "ecf_status": "not_linked", **NOTHING}
    assert ecf_of(told(party())) == expected


def test_with_an_active_right(world: World, party: MakeParty):
    """`active`: login, roles, permissions, admission; `ecf_cases` absent means not limited."""
    world.right(world.account())
    assert ecf_of(told(party())) == {
        "ecf_court": "casb",
        "ecf_status": "active",
        "ecf_login": "aattorney",
        "ecf_admission": "full",
        **ATTORNEY,
    }


def test_with_a_suspended_right(world: World, party: MakeParty):
    """`suspended`: who it is, and nothing that may be done."""
    world.right(world.account(), status="suspended")
    claims = ecf_of(told(party()))
    assert claims["ecf_status"] == "suspended"
    assert claims["ecf_roles"] == claims["ecf_permissions"] == []
    assert claims["ecf_login"] == "aattorney"


def test_with_cases(world: World, party: MakeParty):
    """Whoever is limited to cases is told so as a list."""
    account = world.account()
    world.right(account, roles=["pro_se"], cases=["3:26-cv-00001"], admission=None)
    claims = ecf_of(told(party()))
    assert claims["ecf_cases"] == ["3:26-cv-00001"]
    assert claims["ecf_roles"] == ["pro_se"]
    assert "ecf_admission" not in claims


def test_every_role_opens_what_the_table_says(world: World, party: MakeParty):
    """Contract 5: roles and permissions of one account, role by role, at UserInfo."""
    from sqlalchemy import update

    from signon.filing.models import rights

    expected = {
        "attorney": ["all_documents"],
        "trustee": ["all_documents"],
        "us_trustee": ["all_documents"],
        "filing_agent": [],
        "limited_creditor": [
            "claims",
            "claim_transfers",
            "reaffirmation_agreements",
            "notice_requests",
        ],
        "course_provider": ["course_certificates"],
        "auditor": ["audit_reports"],
        "court_reporter": ["transcripts"],
        "mediator": ["mediation_reports"],
        "pro_se": ["all_documents"],
        "interested_party": ["notice_requests"],
    }
    assert set(expected) == {role.value for role in Role} == {role.value for role in ROLES}
    right = world.right(world.account())
    rp = party()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    token = rp.tokens().access_token
    for role, permissions in expected.items():
        with world.database.writing() as unit:
            unit.execute(update(rights).where(rights.c.id == right).values(roles=[role]))
        info = rp.userinfo(token).json()
        assert info["ecf_roles"] == [role]
        assert info["ecf_permissions"] == permissions, role


def test_several_roles_open_all_that_each_does(world: World, party: MakeParty):
    """Each category once."""
    account = world.account()
    world.right(account, roles=["trustee", "attorney", "interested_party"])
    claims = ecf_of(told(party()))
    assert claims["ecf_roles"] == ["attorney", "trustee", "interested_party"]
    assert claims["ecf_permissions"] == ["all_documents", "notice_requests"]


@pytest.mark.parametrize(
    "wish",
    [
        {},
        {"scope": f"{ALL_SCOPES} cacd ecf:cacd"},
        {"court": "cacd", "ecf_court": "cacd", "court_id": "cacd"},
        {"claims": '{"id_token":{"ecf_court":{"value":"cacd"}},"userinfo":{"ecf_login":null}}'},
        {"resource": "http://localhost:8000/api/v1"},
    ],
)
def test_a_court_never_hears_of_another(world: World, party: MakeParty, wish: dict[str, str]):
    """Contract 5: whatever it asks for."""
    account = world.account()
    world.right(account, "cacd", login="secret-login", roles=["mediator"])
    rp = party()
    rp.begin(also=list(wish.items()), drop=list(wish))
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    refreshed = rp.refresh(tokens.refresh_token, **_at_the_token_endpoint(wish))
    renewed = rp.checked(refreshed, nonce=None)
    info = rp.userinfo(tokens.access_token)
    for claims in (tokens.claims, renewed.claims, info.json()):
        assert claims["ecf_court"] == "casb"
        assert claims["ecf_status"] == "not_linked"
    for text in (str(tokens.claims), str(renewed.claims), str(tokens.access_claims), info.text):
        assert "cacd" not in text
        assert "secret-login" not in text
        assert "mediator" not in text


def _at_the_token_endpoint(wish: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in wish.items() if name != "scope"}


def test_a_client_of_no_court_hears_of_none(world: World, party: MakeParty):
    """Contract 5: `ecf` is for clients bound to a court, even if another were to hold it."""
    account = world.account()
    world.right(account)
    rp = party("portal", court_id=None, trusted=True)
    assert ecf_of(told(rp)) == {}


def test_nobody_hears_of_filing_without_asking(world: World, party: MakeParty):
    """The scope `ecf` brings the claims, the client's court alone does not."""
    world.right(world.account())
    assert ecf_of(told(party(scope="openid pacer"))) == {}


# ── pacer ────────────────────────────────────────────────────────────────────


def test_pacer_claims_of_an_individual(world: World, party: MakeParty):
    """Strings but for the one flag; the account number is never the `sub`."""
    account = world.account()
    rp = party()
    claims = told(rp, client_code="ab-17")
    assert {n: v for n, v in claims.items() if n.startswith("pacer_")} == {
        "pacer_account_number": account.number,
        "pacer_account_type": "individual",
        "pacer_upgraded": True,
        "pacer_search_status": "active",
        "pacer_client_code": "ab-17",
        "pacer_billing_account": account.number,
    }
    assert account.id != account.number


@pytest.mark.parametrize(
    ("kind", "created_on", "upgraded"),
    [
        (AccountKind.INDIVIDUAL, date(2014, 8, 10), False),
        (AccountKind.INDIVIDUAL, date(2014, 8, 11), True),
        (AccountKind.SHARED, None, False),
        (AccountKind.OPERATOR, None, True),
    ],
)
def test_pacer_upgraded(
    world: World, party: MakeParty, kind: AccountKind, created_on: date | None, upgraded: bool
):
    """Domain 1: legacy accounts are those from before 2014-08-11; shared ones never upgrade."""
    world.account(kind=kind, created_on=created_on)
    if kind is AccountKind.OPERATOR:
        world.enrol("a.attorney")
    claims = told(party())
    assert claims["pacer_upgraded"] is upgraded
    assert claims["pacer_account_type"] == kind.value
    assert "pacer_client_code" not in claims


# ── The person ───────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("openid", set()),
        (
            "openid profile",
            {"name", "given_name", "family_name", "preferred_username", "updated_at"},
        ),
        ("openid email", {"email", "email_verified"}),
        ("openid phone", {"phone_number"}),
        ("openid address", {"address"}),
    ],
)
def test_each_scope_brings_its_own_claims_to_userinfo(
    world: World, party: MakeParty, scope: str, expected: set[str]
):
    """Core 5.4: at UserInfo; the ID token is the same whatever of these was asked."""
    world.change_account(world.account(), phone="+16195550100", street="1 A", city="B")
    rp = party(scope=scope)
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    tokens = rp.tokens()
    assert set(rp.userinfo(tokens.access_token).json()) == {"sub", *expected}
    assert set(tokens.claims) == {
        *("sub", "iss", "aud", "exp", "iat", "jti", "auth_time"),
        *("nonce", "acr", "amr", "sid", "at_hash"),
    }


def test_what_is_not_known_is_absent(world: World, party: MakeParty):
    """Core 5.3.2: a claim that is not returned is omitted, never null or empty."""
    world.account()
    rp = party()
    rp.begin()
    rp.browser.sign_in("a.attorney", PASSWORD)
    info = rp.userinfo(rp.tokens().access_token).json()
    assert not {"phone_number", "address", "middle_name", "pacer_client_code"} & set(info)
    assert all(value not in (None, "") for value in info.values())


def test_the_subject_is_stable_and_opaque(world: World, party: MakeParty):
    """Contract 5: the same at every court and at every sign-in; at most 255 ASCII characters."""
    account = world.account()
    subjects = set()
    for number in range(3):
        rp = party(f"client-{number}", court_id=["casb", "cacd", "cacb"][number])
        rp.begin()
        rp.browser.sign_in("a.attorney", PASSWORD)
        subjects.add(rp.tokens().claims["sub"])
        world.clock.advance(seconds=1)
    (subject,) = subjects
    assert subject.isascii()
    assert len(subject) <= 255
    for known in (account.number, account.username, "casb"):
        assert known not in subject
