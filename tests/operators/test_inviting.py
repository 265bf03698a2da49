"""Operators' invitations of clients, on the console; what came of them in the lists."""

import re
from typing import Any

from signon.accounts.directory import Account
from tests.infra.databases import ON_ONE
from tests.infra.world import World
from tests.operators.conftest import SignIn

HOST = "app.example.test"
AT = "/operators/invitations"


def register(world: World, token: str, **said: Any) -> dict[str, Any]:
    asked = {"client_name": "Calendar", "redirect_uris": [f"https://{HOST}/callback"], **said}
    bearer = {"authorization": f"Bearer {token}"}
    answer = world.http.post("/oauth2/register", json=asked, headers=bearer)
    assert answer.status_code == 201, answer.text
    made: dict[str, Any] = answer.json()
    return made


@ON_ONE
def test_invited_used_and_marked(world: World, person: Account, signed_in: SignIn):
    """The token once; the client is marked, with the statement that nobody has checked."""
    browser = signed_in("olive.operator")
    assert AT in browser.get("/operators/clients").html
    form = browser.get(f"{AT}/new")
    typed = {"hosts": f"{HOST}\nwww.{HOST}", "profile": "basic", "hours": "72", "scopes": "openid"}
    wrong = browser.submit(form, "invite", court="nowhere", **typed)
    assert "There is no court" in wrong.text
    made = browser.submit(wrong, "invite", court="", **typed)
    token = made.text.partition("shown this once: ")[2].partition(" ")[0]
    assert len(token) == 43
    client = register(world, token, software_statement="eyJhbGciOiJub25lIn0.e30.")
    listed = browser.get(AT).text
    assert f"Used Calendar {client['client_id']}" in listed
    assert "olive.operator" in listed
    assert token not in listed
    assert "Not reviewed" in browser.get("/operators/clients").text
    shown = browser.get(f"/operators/clients/{client['client_id']}").text
    assert "eyJhbGciOiJub25lIn0.e30." in shown
    assert "nobody has checked it" in shown


@ON_ONE
def test_withdrawn(world: World, person: Account, signed_in: SignIn):
    """After a page that asks; the token is worth nothing."""
    browser = signed_in("olive.operator")
    made = browser.submit(
        browser.get(f"{AT}/new"),
        "invite",
        court="casb",
        hosts=HOST,
        profile="fapi2",
        hours="24",
        scopes="openid",
    )
    [link] = re.findall(rf'href="({AT}/(?!new)[^"]+)"', made.html)
    asked = browser.get(link)
    assert HOST in asked.text
    done = browser.follow(browser.submit(asked, "withdraw"))
    assert "Nobody can use the invitation any more." in done.html
    assert "No program was invited" in done.text
    stranger = signed_in("a.attorney")
    assert stranger.get(AT).status == 404
