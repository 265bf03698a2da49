"""`/api/v1/me/authenticators`: the rules of the pages for programs."""

import pytest
from sqlalchemy import bindparam, select

from signon.accounts.directory import Account
from signon.config import Settings
from signon.signin import recovery_codes
from signon.signin.models import authenticators
from tests.infra.databases import ON_ONE
from tests.infra.world import PASSWORD, World
from tests.oidc.relying_party import RelyingParty
from tests.profile.conftest import CALLBACK, PROGRAM, Mailed, Program

LIST = "/me/authenticators"
_FOREIGN = select(authenticators.c.id).where(authenticators.c.account_id != bindparam("account"))


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Filers must have a second factor."""
    return settings.model_copy(update={"filer_second_factor": "required"})


@pytest.fixture
def person(world: World) -> Account:
    """`a.attorney`, with an app and recovery codes."""
    made = world.account()
    world.enrol("a.attorney")
    with world.database.writing() as unit:
        recovery_codes.keep(unit, made.id, recovery_codes.generate(world.settings))
    return made


@pytest.fixture
def program(world: World, person: Account) -> Program:
    """A program that the person has just allowed, with two factors."""
    secret = world.client("docket-watch", **{**PROGRAM, "trusted": True})
    party = RelyingParty(
        world.browser(), world.clock, "docket-watch", secret, CALLBACK, "openid account"
    )
    party.begin()
    party.browser.sign_in("a.attorney", PASSWORD)
    party.browser.submit(party.browser.page.forms[0], otp=world.code())
    return Program(party, party.tokens())


def test_they_are_listed_and_named_anew(world: World, person: Account, program: Program):
    """Kind, name, days; nothing that proves anything. A version guards the name."""
    listed = program.call("GET", LIST).json()
    (app,) = listed["authenticators"]
    assert (app["kind"], app["nickname"]) == ("totp", "Phone")
    assert set(app) == {"id", "kind", "nickname", "created_at", "last_used_at"}
    assert (listed["recovery_codes_left"], listed["required"]) == (10, False)
    one = program.call("GET", f"{LIST}/{app['id']}")
    renamed = program.call(
        "PATCH",
        f"{LIST}/{app['id']}",
        json={"nickname": " Old  phone "},
        headers={"if-match": one.headers["etag"]},
    )
    assert renamed.json()["nickname"] == "Old phone"
    stale = program.call("DELETE", f"{LIST}/{app['id']}", headers={"if-match": one.headers["etag"]})
    assert stale.status_code == 412
    assert program.call("PATCH", f"{LIST}/{app['id']}", json={"nickname": ""}).status_code == 422


def test_the_last_one_of_a_filer_stays(
    world: World, person: Account, program: Program, mailed: Mailed
):
    """A problem of its own type; without filing rights it goes, with the recovery codes."""
    right = world.right(person)
    app = program.call("GET", LIST).json()["authenticators"][0]["id"]
    assert program.call("GET", LIST).json()["required"] is True
    refused = program.call("DELETE", f"{LIST}/{app}")
    assert refused.status_code == 409
    assert refused.json()["type"] == "urn:signon:problem:last-factor"
    world.change_right(right, status="suspended")
    mailed()
    assert program.call("DELETE", f"{LIST}/{app}").status_code == 204
    assert [one.message for one in mailed()] == ["account_changed"]
    assert program.call("GET", LIST).json()["recovery_codes_left"] == 0
    assert not world.find("a.attorney").has_factor


@ON_ONE
def test_changing_one_needs_a_recent_sign_in(world: World, person: Account, program: Program):
    """RFC 9470, as on the pages; reading does not."""
    app = program.call("GET", LIST).json()["authenticators"][0]["id"]
    world.clock.advance(seconds=301)
    refreshed = program.party.refresh(program.tokens.refresh_token)
    program.tokens = program.party.checked(refreshed, nonce=None)
    for method, body in (("PATCH", {"nickname": "Mine"}), ("DELETE", None)):
        answer = program.call(method, f"{LIST}/{app}", **({"json": body} if body else {}))
        assert answer.status_code == 401
        assert 'max_age="300"' in answer.headers["www-authenticate"]
    assert program.call("GET", f"{LIST}/{app}").status_code == 200


@ON_ONE
def test_anothers_looks_like_none(world: World, person: Account, program: Program):
    """Unknown and foreign ids are the same 404; a frozen account is not changed."""
    world.account("someone.else", first_name="Other")
    world.enrol("someone.else")
    with world.database.reading() as unit:
        theirs = unit.execute(_FOREIGN, {"account": person.id}).scalar_one()
    answers = [
        program.call(method, f"{LIST}/{one}", **given)
        for one in (theirs, "no-such-factor")
        for method, given in (("GET", {}), ("PATCH", {"json": {"nickname": "x"}}), ("DELETE", {}))
    ]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    mine = program.call("GET", LIST).json()["authenticators"][0]["id"]
    world.change_account(person, frozen_at=world.clock())
    assert program.call("DELETE", f"{LIST}/{mine}").status_code == 403
