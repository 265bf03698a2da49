"""Operators' invitations of clients, on the console and by REST; what came of them in the lists."""

from typing import Any

from signon.accounts.directory import Account
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.operators.conftest import SignIn
from tests.operators.test_registers import call, token  # noqa: F401  # a fixture

HOST = "app.example.test"


def register(world: World, token: str, **said: Any) -> dict[str, Any]:
    asked = {"client_name": "Calendar", "redirect_uris": [f"https://{HOST}/callback"], **said}
    bearer = {"authorization": f"Bearer {token}"}
    answer = world.http.post("/oauth2/register", json=asked, headers=bearer)
    made: dict[str, Any] = answer.json()
    return made


@ON_ONE
def test_on_the_console(world: World, person: Account, signed_in: SignIn):
    """Invited, used, marked in the list, with the statement that nobody has checked."""
    browser = signed_in("olive.operator")
    browser.get("/operators/clients")
    assert "/operators/invitations" in browser.page.html
