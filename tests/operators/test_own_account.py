"""Operators are holders to their own accounts: another one acts on them."""

import pytest

from signon.accounts.directory import Account
from signon.crypto import KeyRing
from signon.errors import RefusedError
from signon.operators import acts
from signon.operators.acts import Act, Asked
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.operators.conftest import SignIn


@pytest.mark.parametrize("act", list(Act))
@ON_ONE
def test_no_act_on_the_own_account(world: World, operator: Account, act: Act):
    """Whatever it is: disabling, thawing, removing factors, signing out, …"""
    means = acts.Means(world.settings, KeyRing(world.settings.key_bytes))
    with pytest.raises(RefusedError) as refused, world.database.writing() as unit:
        acts.do(unit, means, act, Asked(operator.number, operator.id, "why"))
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
    page = browser.get(f"/operators/accounts/{other.number}")
    done = browser.submit(page, "sign-out")
    assert done.location.endswith("?done=sign-out")
