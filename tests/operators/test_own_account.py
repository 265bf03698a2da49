"""Operators are holders to their own accounts: another one acts on them."""

import pytest

from signon.accounts.directory import Account
from signon.crypto import KeyRing
from signon.db import Unit
from signon.errors import RefusedError
from signon.operators.acts import PLAIN, WITH_WORDS, Operator
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.operators.conftest import SignIn


def _do(unit: Unit, who: Operator, name: str, number: str) -> None:
    if name in PLAIN:
        PLAIN[name].rule(unit, who, number)
    else:
        WITH_WORDS[name][0].rule(unit, who, number, "why")


@pytest.mark.parametrize("name", [*PLAIN, *WITH_WORDS])
@ON_ONE
def test_no_act_on_the_own_account(world: World, operator: Account, name: str):
    """Whatever it is: disabling, thawing, removing factors, signing out, …"""
    who = Operator(operator.id, operator, world.settings, KeyRing(world.settings.key_bytes))
    with pytest.raises(RefusedError) as refused, world.database.writing() as unit:
        _do(unit, who, name, operator.number)
    assert refused.value.reason == "own_account"


@ON_ONE
def test_another_operator_does_it(world: World, operator: Account, signed_in: SignIn):
    """On the page: the own account has no buttons, a colleague's has."""
    other = world.account("otto.operator", operator.kind)
    browser = signed_in("olive.operator")
    own = browser.get(f"/operators/accounts/{operator.number}")
    assert "This is your own account" in own.text
    assert not own.forms
    token = browser.get("/logout").forms[0].fields["csrf_token"]
    refused = browser.post(f"/operators/accounts/{operator.number}/sign-out", {"csrf_token": token})
    assert (refused.status, "somebody else has to do it" in refused.text) == (400, True)
    assert browser.get(f"/operators/accounts/{operator.number}/sign-out").status == 303
    page = browser.get(f"/operators/accounts/{other.number}/sign-out")
    done = browser.submit(page, "sign-out")
    assert done.location.endswith("?done=sign-out")
